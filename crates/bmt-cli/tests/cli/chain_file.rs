//! Chain files made for tests: a model of all states, each with the reference root.

use crate::random::Random;
use bmt_core::{GrayPaper, Hash, StateKey, reference};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(crate) type State = BTreeMap<StateKey, Vec<u8>>;

/// A chain file under construction: its text, and the state after each of its lines.
pub(crate) struct ChainFile {
    pub(crate) text: String,
    /// The states after line 2, line 3 and so on: the first line of the file has none.
    pub(crate) states: Vec<State>,
}

impl ChainFile {
    pub(crate) fn new() -> Self {
        let text = "{\"source\":\"test\",\"gp\":\"0.7.2\"}\n".to_owned();
        Self { text, states: Vec::new() }
    }

    /// Adds a line that gives a whole state.
    pub(crate) fn whole_state(&mut self, state: State) {
        let (at, set) = (self.states.len(), pairs(&state));
        let root = hex::encode(root(&state));
        writeln!(self.text, "{{\"at\":\"{at}\",\"root\":\"{root}\",\"set\":{set}}}").unwrap();
        self.states.push(state);
    }

    /// Adds a line that changes the state after line `parent`, counted as in `states`.
    pub(crate) fn change(&mut self, parent: usize, set: State, del: &[StateKey]) {
        let mut state = self.states[parent].clone();
        let parent = self.root(parent);
        del.iter().for_each(|key| drop(state.remove(key)));
        state.extend(set.clone());
        let (at, root, set) = (self.states.len(), hex::encode(root(&state)), pairs(&set));
        let del: Vec<_> = del.iter().map(|key| format!("\"{key}\"")).collect();
        let del = del.join(",");
        writeln!(
            self.text,
            "{{\"at\":\"{at}\",\"parent\":\"{parent}\",\"root\":\"{root}\",\
             \"set\":{set},\"del\":[{del}]}}"
        )
        .unwrap();
        self.states.push(state);
    }

    /// The root of one of the states, in hexadecimal.
    pub(crate) fn root(&self, at: usize) -> String {
        hex::encode(root(&self.states[at]))
    }

    /// What `bmt apply` prints for all lines.
    pub(crate) fn acknowledgements(&self) -> String {
        let line = |at: usize| format!("{} {}\n", at + 2, self.root(at));
        (0..self.states.len()).map(line).collect()
    }
}

/// A file of `line_count` lines after the first: changes of the newest state, forks from any
/// earlier one, whole states, lines that change nothing; now and then a value of 150 KB.
pub(crate) fn generate(line_count: usize, seed: u64) -> ChainFile {
    let mut random = Random::new(seed);
    let mut file = ChainFile::new();
    let genesis = (0..40).map(|_| entry(&mut random)).collect();
    file.whole_state(genesis);
    while file.states.len() < line_count {
        let newest = file.states.len() - 1;
        match random.below(20) {
            0 => {
                let state = (0..30).map(|_| entry(&mut random)).collect();
                file.whole_state(state);
            }
            1 => file.change(newest, State::new(), &[]),
            2..=5 => {
                let parent = random.below(file.states.len());
                add_change(&mut file, parent, &mut random);
            }
            _ => add_change(&mut file, newest, &mut random),
        }
    }
    file
}

fn add_change(file: &mut ChainFile, parent: usize, random: &mut Random) {
    let mut set: State = (0..random.below(8)).map(|_| entry(random)).collect();
    let absent_or_not = random_key(random);
    let mut del = vec![absent_or_not];
    let present = file.states[parent].keys().filter(|key| **key != absent_or_not);
    del.extend(present.filter(|_| random.below(10) == 0));
    set.retain(|key, _| !del.contains(key));
    file.change(parent, set, &del);
}

fn entry(random: &mut Random) -> (StateKey, Vec<u8>) {
    let length_bytes = match random.below(150) {
        0 => 150_000,
        1..=20 => 33 + random.below(500),
        _ => random.below(40),
    };
    (random_key(random), random.bytes(length_bytes))
}

/// Few keys share many first bits, so that keys meet and paths are long.
fn random_key(random: &mut Random) -> StateKey {
    let mut bytes = [0x55; 31];
    let first = random.below(2) * 29;
    bytes[first] = u8::try_from(random.below(100)).unwrap();
    StateKey::new(bytes)
}

fn pairs(state: &State) -> String {
    let pair =
        |(key, value): (&StateKey, &Vec<u8>)| format!("\"{key}\":\"{}\"", hex::encode(value));
    format!("{{{}}}", state.iter().map(pair).collect::<Vec<_>>().join(","))
}

pub(crate) fn root(state: &State) -> Hash {
    let entries: Vec<_> = state.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}
