//! Checking an answer to a state request.
#![deny(clippy::indexing_slicing)]

use super::{StateRequest, StateResponse, StateResponseError};
use crate::bits::bit_at;
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::outline::{Position, subtrie_root};
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// What a checked response proves: its pairs are exactly those from the start asked for through
/// `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The last key that the response speaks of.
    pub through: StateKey,
    /// Whether this is all that was asked for. When it is not, and `through` is the key that was
    /// started from, the response does not tell whether more can be had: ask with
    /// [`StateRequest::end_path`].
    pub is_complete: bool,
}

impl Coverage {
    /// The key to ask from next, or `None` when the answer is complete.
    #[must_use]
    pub fn next_key(&self) -> Option<StateKey> {
        let mut bytes = self.through.to_bytes();
        let wrapped = step(&mut bytes, |byte| byte.overflowing_add(1));
        (!self.is_complete && !wrapped).then(|| StateKey::new(bytes))
    }
}

/// Adds or subtracts one, and tells whether it wrapped around.
fn step(bytes: &mut [u8; 31], one: impl Fn(u8) -> (u8, bool)) -> bool {
    bytes.iter_mut().rev().all(|byte| {
        let (stepped, wrapped) = one(*byte);
        *byte = stepped;
        wrapped
    })
}

impl StateResponse {
    /// Checks the response against the root of the state and what was asked for. One hash for each
    /// boundary node and for each node that the pairs rebuild; allocates less than the response's
    /// length.
    ///
    /// # Errors
    /// A [`StateResponseError`] that says why the response is not one that shows this.
    pub fn check(
        &self,
        root: &Hash,
        request: &StateRequest,
    ) -> Result<Coverage, StateResponseError> {
        if request.start > request.end {
            return Err(StateResponseError::EmptyRange);
        }
        let mut pairs = self.pairs.iter().zip(self.pairs.iter().skip(1));
        if let Some(at) = pairs.position(|((key, _), (next, _))| key >= next) {
            return Err(StateResponseError::Unsorted { index: at + 1 });
        }
        let is_outside = |key: &StateKey| *key < request.start || *key > request.end;
        if let Some(index) = self.pairs.iter().position(|(key, _)| is_outside(key)) {
            return Err(StateResponseError::OutOfRange { index });
        }
        let mut checker = Checker {
            response: self,
            request,
            last: self.pairs.last().map_or(request.start, |(key, _)| *key),
            index: NodeIndex::of(&self.nodes)?,
            is_used: vec![false; self.nodes.len()],
            hidden: None,
        };
        checker.visit(Position::TOP, root, None, 0..self.pairs.len())?;
        if let Some(index) = checker.is_used.iter().position(|is_used| !is_used) {
            return Err(StateResponseError::NotOnPath { index });
        }
        Ok(checker.coverage())
    }
}

/// Nodes by their hashes.
struct NodeIndex {
    /// Without the bit that a parent of a left child does not commit to.
    hashes: Vec<Hash>,
    first_bits: Vec<bool>,
    /// Places of the nodes, in the order of their hashes.
    order: Vec<u32>,
}

impl NodeIndex {
    fn of(nodes: &[[u8; 64]]) -> Result<Self, StateResponseError> {
        let mut hashes = vec![EMPTY_ROOT; nodes.len()];
        GrayPaper::hash64_many(nodes, &mut hashes);
        let first_bits = hashes.iter().map(|hash| bit_at(hash, 0)).collect();
        hashes.iter_mut().for_each(|hash| *hash = as_left(hash));
        let mut order: Vec<u32> = (0_u32..).take(nodes.len()).collect();
        let hash_at = |place: &u32| hashes.get(*place as usize);
        order.sort_unstable_by(|a, b| hash_at(a).cmp(&hash_at(b)));
        let mut neighbours = order.iter().zip(order.iter().skip(1));
        match neighbours.find(|(a, b)| hash_at(a) == hash_at(b)) {
            Some((_, place)) => Err(StateResponseError::DuplicateNode { index: *place as usize }),
            None => Ok(Self { hashes, first_bits, order }),
        }
    }

    /// The place of the node with this hash; of a left child, its first bit is not known.
    fn find(&self, hash: &Hash, is_left: bool) -> Option<usize> {
        let wanted = as_left(hash);
        let hash_at = |place: &u32| self.hashes.get(*place as usize);
        let found = self.order.binary_search_by(|place| hash_at(place).cmp(&Some(&wanted))).ok()?;
        let place = *self.order.get(found)? as usize;
        let same_bit = self.first_bits.get(place) == Some(&bit_at(hash, 0));
        (is_left || same_bit).then_some(place)
    }
}

/// What a branch keeps of its left child's hash.
fn as_left(hash: &Hash) -> Hash {
    let mut hash = *hash;
    if let Some(first) = hash.first_mut() {
        *first &= GrayPaper::LEFT_FIRST_BYTE_MASK;
    }
    hash
}

struct Checker<'a> {
    response: &'a StateResponse,
    request: &'a StateRequest,
    /// The last key returned, or the first one asked for.
    last: StateKey,
    index: NodeIndex,
    is_used: Vec<bool>,
    /// The least key, after the last one, that may be present.
    hidden: Option<StateKey>,
}

impl Checker<'_> {
    /// Checks the subtrie at `position`, whose hash its parent says is `hash`, and which the pairs
    /// of `span` would be in.
    fn visit(
        &mut self,
        position: Position,
        hash: &Hash,
        parent: Option<usize>,
        span: Range<usize>,
    ) -> Result<(), StateResponseError> {
        if position.is_before(&self.request.start) {
            return Ok(());
        }
        let is_after = position.cmp_key(self.last.as_bytes()).is_gt();
        let to_end = self.request.end_path && position.covers(&self.request.end);
        if is_after && !to_end {
            if *hash != EMPTY_ROOT {
                self.hide(key_of(&position.low()));
            }
            return Ok(());
        }
        let differ = StateResponseError::PairsDiffer { depth: position.depth(), index: span.start };
        let to_last = !self.response.pairs.is_empty() && position.covers(&self.last);
        if !(position.covers(&self.request.start) || to_last || to_end) {
            let pairs = self.response.pairs.get(span).unwrap_or_default();
            let rebuilt = subtrie_root::<GrayPaper, _>(pairs, position.depth());
            let rebuilt = if position.is_left() { as_left(&rebuilt) } else { rebuilt };
            return if rebuilt == *hash { Ok(()) } else { Err(differ) };
        }
        if *hash == EMPTY_ROOT {
            return if span.is_empty() { Ok(()) } else { Err(differ) };
        }
        let missing = StateResponseError::MissingNode { depth: position.depth() };
        let index = self.index.find(hash, position.is_left()).ok_or(missing)?;
        if parent.is_some_and(|parent| index <= parent) {
            return Err(StateResponseError::BeforeParent { index });
        }
        if let Some(is_used) = self.is_used.get_mut(index) {
            *is_used = true;
        }
        let node = *self.response.nodes.get(index).ok_or(missing)?;
        let [first, ..] = node;
        if first & 0x80 != 0 {
            return self.visit_leaf(&position, index, &node, span);
        }
        if position.depth() >= 8 * StateKey::LEN {
            return Err(StateResponseError::TooDeep { index });
        }
        let (mut left, mut right) = (EMPTY_ROOT, EMPTY_ROOT);
        let halves = node.split_first_chunk::<32>();
        left.copy_from_slice(halves.map_or(&EMPTY_ROOT, |(left, _)| left));
        right.iter_mut().zip(node.iter().skip(32)).for_each(|(to, from)| *to = *from);
        let pairs = self.response.pairs.get(span.clone()).unwrap_or_default();
        let is_zero = |(key, _): &(StateKey, Vec<u8>)| !bit_at(key.as_bytes(), position.depth());
        let middle = span.start + pairs.partition_point(is_zero);
        self.visit(position.left(), &left, Some(index), span.start..middle)?;
        self.visit(position.right(), &right, Some(index), middle..span.end)
    }

    fn visit_leaf(
        &mut self,
        position: &Position,
        index: usize,
        node: &[u8; 64],
        span: Range<usize>,
    ) -> Result<(), StateResponseError> {
        let key = GrayPaper::parse_leaf(node).ok_or(StateResponseError::NotALeaf { index })?;
        if !position.covers(&key) {
            return Err(StateResponseError::LeafOffPath { index });
        }
        let differ = StateResponseError::PairsDiffer { depth: position.depth(), index: span.start };
        let agrees = match self.response.pairs.get(span).unwrap_or_default() {
            [] => !(self.request.start..=self.last).contains(&key),
            [(own, value)] => {
                *own == key && GrayPaper::leaf_preimage(&key, LeafValue::Bytes(value)) == *node
            }
            _ => false,
        };
        if key > self.last {
            self.hide(key);
        }
        if agrees { Ok(()) } else { Err(differ) }
    }

    fn hide(&mut self, key: StateKey) {
        self.hidden = Some(self.hidden.map_or(key, |least| least.min(key)));
    }

    fn coverage(&self) -> Coverage {
        match self.hidden {
            Some(hidden) if hidden <= self.request.end => {
                let mut before = hidden.to_bytes();
                let wrapped = step(&mut before, |byte| byte.overflowing_sub(1));
                let before = if wrapped { StateKey::MIN } else { StateKey::new(before) };
                Coverage { through: before.max(self.last), is_complete: false }
            }
            _ => Coverage { through: self.request.end, is_complete: true },
        }
    }
}

fn key_of(low: &[u8; 32]) -> StateKey {
    StateKey::truncate(*low)
}
