//! Sessions in a workload: transactions, chains of overlays, and forks beside them.

use super::{
    Changes, Fork, Maker, Point, State, Step, Way, Workload, changed, changes, root_of,
    some_changes,
};
use crate::profile::{Profile, Shape};
use crate::random::Random;
use std::sync::Arc;

const WAYS: [Way; 5] = [Way::Commit, Way::Witness, Way::Accesses, Way::Try, Way::Async];

impl Workload {
    pub(super) fn bulk_load(&mut self, profile: &Profile, random: &mut Random, count: u64) {
        let mut entries = changes(profile, random, count);
        // Never nothing: the state differs from the empty one.
        entries.extend(changes(profile, random, 801).into_iter().take(1));
        entries.retain(|(_, value)| value.is_some());
        let state = changed(&self.newest().state, &entries);
        let entries = state.iter().map(|(key, value)| (*key, Some(Arc::clone(value)))).collect();
        self.steps.push(Step::BulkLoad(entries));
        let (root, undoable, next_step) = (root_of(&state), Arc::default(), self.steps.len());
        let (state, maker) = (Arc::new(state), Maker::Simple);
        self.points.push(Point { sequence: 0, maker, state, root, undoable, next_step });
    }

    /// A transaction.
    pub(super) fn session(&mut self, profile: &Profile, random: &mut Random) {
        let changes = some_changes(profile, random);
        let state = changed(&self.newest().state, &changes);
        self.steps.push(Step::Session(changes, random.pick(&WAYS)));
        self.committed(profile, state, Maker::Session);
    }

    /// A few overlays, each on the one before, committed in their order, with forks beside them.
    pub(super) fn chain(&mut self, profile: &Profile, random: &mut Random) {
        let length = 1 + random.index(4);
        let first = self.points.len();
        let mut staged: Vec<(Changes, State)> = Vec::new();
        let mut forks = 0;
        while self.points.len() < first + length {
            let made = self.points.len() - first;
            if staged.len() < length && (staged.len() == made || random.percent(60)) {
                let parent = match staged.last() {
                    Some((_, state)) if staged.len() > made => state.clone(),
                    _ => State::clone(&self.newest().state),
                };
                if random.percent(50) {
                    self.fork(profile, random, first + staged.len() - 1, &parent);
                    forks += 1;
                }
                let changes = some_changes(profile, random);
                let state = changed(&parent, &changes);
                let point = first + staged.len();
                self.steps.push(Step::Stage { point, changes: changes.clone() });
                staged.push((changes, state));
                continue;
            }
            match random.below(10) {
                0 => self.steps.push(Step::Flush),
                1 => self.steps.push(Step::Hold),
                2..5 => self.steps.push(Step::LookStaged),
                5 if forks > 0 => self.end_fork(&mut forks),
                _ => {}
            }
            let (changes, state) = staged[made].clone();
            let is_tight = profile.shape == Shape::Full && random.percent(60);
            let free_bytes = is_tight.then(|| random.below(30_000));
            self.steps.push(Step::CommitStaged { changes, free_bytes });
            self.committed(profile, state, Maker::Overlay);
        }
        while forks > 0 {
            self.end_fork(&mut forks);
        }
    }

    fn fork(&mut self, profile: &Profile, random: &mut Random, parent: usize, on: &State) {
        let changes = some_changes(profile, random);
        let state = changed(on, &changes);
        let (root, undoable) = (root_of(&state), Arc::default());
        let (state, maker) = (Arc::new(state), Maker::Overlay);
        let point = Point { sequence: 0, maker, state, root, undoable, next_step: 0 };
        self.steps.push(Step::Fork(Arc::new(Fork { parent, changes, point })));
    }

    fn end_fork(&mut self, forks: &mut u32) {
        *forks -= 1;
        self.steps.push(Step::EndFork);
    }
}
