//! Plans against a list of the states there were, over random commits and rollbacks.

use super::{PlanError, RecordSource, UndoStep, plan, plan_to};
use crate::window::Window;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use std::collections::BTreeMap;
use std::sync::Arc;

type State = BTreeMap<u8, Arc<[u8]>>;

/// Records in a map, by sequence.
#[derive(Default)]
struct Records(BTreeMap<u64, UndoStep<u8>>);

impl RecordSource<u8> for Records {
    type Error = u64;

    fn undo_step(&self, sequence: u64) -> Result<UndoStep<u8>, u64> {
        self.0.get(&sequence).cloned().ok_or(sequence)
    }
}

#[derive(Debug, Clone)]
enum Call {
    Commit(Vec<(u8, Option<u8>)>),
    Rollback(usize),
    /// The manifest was stored, and the database opened again.
    Reopen,
}

impl Arbitrary for Call {
    fn arbitrary(g: &mut Gen) -> Self {
        match u8::arbitrary(g) % 8 {
            0..=4 => Self::Commit(Vec::arbitrary(g)),
            5..=6 => Self::Rollback(usize::arbitrary(g) % 5),
            _ => Self::Reopen,
        }
    }
}

/// A log of commits and rollbacks.
struct World {
    records: Records,
    window: Window,
    sequence: u64,
    state: State,
    root: [u8; 32],
    /// The states that can be restored, oldest first, with their roots and steps.
    undoable: Vec<(State, [u8; 32], u64)>,
}

const COMMITS_MAX: usize = 6;

impl World {
    /// A root that no other step has.
    fn next_root(&mut self) -> [u8; 32] {
        self.sequence += 1;
        let mut root = [0xaa; 32];
        root[..8].copy_from_slice(&self.sequence.to_le_bytes());
        root
    }

    fn commit(&mut self, changes: Vec<(u8, Option<u8>)>) {
        let head = self.window.head();
        self.undoable.push((self.state.clone(), self.root, head));
        let mut step = UndoStep::new(head, self.root);
        let changes: BTreeMap<_, _> = changes.into_iter().collect();
        for (key, value) in changes {
            let before = match value {
                Some(value) => self.state.insert(key, Arc::from([value])),
                None => self.state.remove(&key),
            };
            step.replaced.push((key, before));
        }
        self.root = self.next_root();
        self.records.0.insert(self.sequence, step);
        let known =
            self.sequence.is_multiple_of(2).then_some(self.undoable[self.undoable.len() - 1].1);
        self.window.push(self.sequence, 10, known);
        let left = self.undoable.len().saturating_sub(COMMITS_MAX);
        self.undoable.drain(..left);
    }

    fn rollback(&mut self, count: usize) {
        let held = self.undoable.len();
        match plan(&self.window, &self.records, count) {
            Err(PlanError::TooShort { asked, held: found }) => {
                assert!(count > held);
                assert_eq!((asked, found), (count, held));
            }
            Err(error) => panic!("{error}"),
            Ok(plan) => {
                assert_eq!((plan.count, plan.head), (count, self.window.head()));
                if count == 0 {
                    assert!(plan.changes.is_empty());
                    return;
                }
                let (state, root, step) = self.undoable.remove(held - count);
                self.undoable.truncate(held - count);
                assert_eq!((plan.root, plan.restored), (root, step));
                for (key, value) in plan.changes {
                    match value {
                        Some(value) => self.state.insert(key, value),
                        None => self.state.remove(&key),
                    };
                }
                assert_eq!(self.state, state);
                self.root = root;
                self.sequence += 1;
                self.window.rewind(plan.restored, 10);
            }
        }
    }

    fn check_old_roots(&self) {
        for (state, root, step) in &self.undoable {
            let plan = plan_to(&self.window, &self.records, self.root, root, u64::MAX).unwrap();
            let mut found = self.state.clone();
            for (key, value) in plan.changes {
                match value {
                    Some(value) => found.insert(key, value),
                    None => found.remove(&key),
                };
            }
            // With equal roots the newest state counts: roots differ here.
            assert_eq!((&found, plan.restored), (state, *step));
        }
        let unknown = plan_to(&self.window, &self.records, self.root, &[9; 32], u64::MAX);
        assert_eq!(unknown, Err(PlanError::UnknownRoot { held: self.undoable.len() }));
    }
}

fn agrees(calls: Vec<Call>) -> bool {
    let mut world = World {
        records: Records::default(),
        window: Window::new(COMMITS_MAX, 1 << 40),
        sequence: 0,
        state: State::new(),
        root: [0; 32],
        undoable: Vec::new(),
    };
    for call in calls {
        match call {
            Call::Commit(changes) => world.commit(changes),
            Call::Rollback(count) => world.rollback(count),
            Call::Reopen => {
                let (window, fresh) = (&world.window, Window::new(COMMITS_MAX, 1 << 40));
                let back = fresh.decode(window.head(), window.bytes(), &window.encode());
                world.window = back.unwrap();
            }
        }
        assert_eq!(world.window.len(), world.undoable.len());
        world.check_old_roots();
    }
    true
}

#[test]
fn plans_restore_the_states_of_a_model() {
    QuickCheck::new().tests(300).quickcheck(agrees as fn(Vec<Call>) -> bool);
}

#[test]
fn too_much_to_read_back_is_refused_with_the_figures() {
    let mut window = Window::new(9, 1 << 20);
    let mut records = Records::default();
    for sequence in 1..=3 {
        let mut step = UndoStep::new(sequence - 1, [u8::try_from(sequence).unwrap(); 32]);
        step.replaced.push((1, Some(Arc::from([0; 99]))));
        records.0.insert(sequence, step);
        window.push(sequence, 10, None);
    }
    let to = |bytes_max| plan_to(&window, &records, [9; 32], &[2; 32], bytes_max).map(|_| ());
    assert_eq!(to(200), Ok(()));
    assert_eq!(to(199), Err(PlanError::TooLarge { bytes: 200, bytes_max: 199 }));
}

/// A loaded window has no roots; after they were learnt, what is not there is known without reading.
#[test]
fn a_root_that_is_not_there_is_unknown_however_much_has_changed() {
    let mut window = Window::new(9, 1 << 20);
    let mut records = Records::default();
    for sequence in 1..=4 {
        let mut step = UndoStep::new(sequence - 1, [u8::try_from(sequence).unwrap(); 32]);
        step.replaced.push((1, Some(Arc::from([0; 99]))));
        records.0.insert(sequence, step);
        window.push(sequence, 10, None);
    }
    let too_large = PlanError::TooLarge { bytes: 200, bytes_max: 150 };
    let to = |window: &Window, records: &Records, root| {
        plan_to(window, records, [9; 32], &[root; 32], 150).map(|plan| plan.count)
    };
    assert_eq!(to(&window, &records, 4), Ok(1));
    assert_eq!(to(&window, &records, 3), Err(too_large.clone()));
    assert_eq!(to(&window, &records, 1), Err(too_large.clone()));
    assert_eq!(to(&window, &records, 5), Err(PlanError::UnknownRoot { held: 4 }));
    for (sequence, step) in &records.0 {
        window.learn(*sequence, step.previous_root);
    }
    window.learn(7, [5; 32]);
    records.0.retain(|sequence, _| *sequence > 2);
    assert_eq!(to(&window, &records, 1), Err(too_large));
    assert_eq!(to(&window, &Records::default(), 5), Err(PlanError::UnknownRoot { held: 4 }));
}

#[test]
fn a_record_that_cannot_be_read_is_told() {
    let mut window = Window::new(9, 1 << 20);
    window.push(1, 10, None);
    let none = Records::default();
    assert_eq!(plan(&window, &none, 1), Err(PlanError::Source(1)));
    let found = plan_to(&window, &none, [1; 32], &[2; 32], 1000);
    assert_eq!(found, Err(PlanError::Source(1)));
    // What the window knows not to be there is not read.
    let mut window = Window::new(9, 1 << 20);
    window.push(1, 10, Some([3; 32]));
    let found = plan_to(&window, &none, [1; 32], &[2; 32], 1000);
    assert_eq!(found, Err(PlanError::UnknownRoot { held: 1 }));
}
