//! Counting what was hashed.

/// How many hashes a wave took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashCounts {
    /// Nodes hashed.
    pub nodes: u64,
    /// Those of them that shared a full group of lanes.
    pub nodes_in_full_lanes: u64,
    /// Values hashed.
    pub values: u64,
}

impl HashCounts {
    pub(super) fn add_nodes(&mut self, count: usize, lane_count: usize) {
        self.nodes += count as u64;
        self.nodes_in_full_lanes += (count - count % lane_count.max(1)) as u64;
    }

    pub(super) fn add_values(&mut self, count: usize) {
        self.values += count as u64;
    }
}

impl core::ops::AddAssign for HashCounts {
    fn add_assign(&mut self, other: Self) {
        self.nodes += other.nodes;
        self.nodes_in_full_lanes += other.nodes_in_full_lanes;
        self.values += other.values;
    }
}
