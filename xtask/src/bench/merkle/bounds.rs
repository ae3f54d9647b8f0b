//! The bounds that figures of the suite `merkle` are held to.

use crate::failure::Failure;

/// The whole process, with a trie of 1e8 keys.
pub(super) const PEAK_MEMORY_BYTES_MAX: f64 = 4e9;
/// Hashes, by those that the entries alone say are needed.
const HASHES_BY_NEEDED_MAX: f64 = 1.02;
const HASHES_IN_FULL_LANES_MIN: f64 = 0.85;

/// What is held to bounds of the figures of one trie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) update_ns_min: f64,
    pub(super) hashes_by_needed: f64,
    pub(super) hashes_in_full_lanes: f64,
    pub(super) entries_per_page: f64,
}

/// Which bounds were missed.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    missed: Vec<String>,
}

impl Bounds {
    /// The bounds that hold for every trie.
    pub(super) fn counts(&mut self, name: &str, measured: &Measured) {
        let Measured { hashes_by_needed, hashes_in_full_lanes, .. } = *measured;
        self.at_most(&format!("{name}_hashes_by_needed"), hashes_by_needed, HASHES_BY_NEEDED_MAX);
        let name = format!("{name}_hashes_in_full_lanes");
        self.at_least(&name, hashes_in_full_lanes, HASHES_IN_FULL_LANES_MIN);
    }

    pub(super) fn at_most(&mut self, name: &str, value: f64, bound: f64) {
        if value > bound {
            self.miss(format!("{name} is {value}, at most {bound}"));
        }
    }

    pub(super) fn at_least(&mut self, name: &str, value: f64, bound: f64) {
        if value < bound {
            self.miss(format!("{name} is {value}, at least {bound}"));
        }
    }

    fn miss(&mut self, what: String) {
        println!("missed {what}");
        self.missed.push(what);
    }

    /// # Errors
    /// When a bound was missed.
    pub(super) fn outcome(self) -> Result<(), Failure> {
        match self.missed.is_empty() {
            true => Ok(()),
            false => Err(Failure::Failed(format!("missed: {}", self.missed.join("; ")))),
        }
    }
}

/// Tells the best time for an update beside the prototype's. One that is missed is no failure.
pub(super) fn tell_time(name: &str, update_ns_min: f64, prototype_ns: f64) {
    let word = if update_ns_min > prototype_ns { "missed" } else { "kept" };
    println!("{word} {name}_update best {update_ns_min:.0} ns, at most {prototype_ns:.0}");
}

#[cfg(test)]
mod tests;
