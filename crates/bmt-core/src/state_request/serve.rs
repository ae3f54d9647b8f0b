//! Answering a state request.

use super::message::pair_size;
use super::{NODE_SIZE, StateRequest, StateResponse};
use crate::bits::{bit_at, shared_prefix_bits};
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::scheme::{EMPTY_ROOT, Hash, NodeKind, Scheme};
use crate::trie::Trie;
use crate::view::{Opened, Scan, TrieView};
use alloc::vec::Vec;

impl StateResponse {
    /// The greatest run of pairs whose response fits, at least one pair if there is any in the
    /// range, and the nodes on its boundaries.
    ///
    /// Opens the nodes on the way to the pairs and reads their values.
    ///
    /// # Errors
    /// Those of the view.
    pub fn serve<V>(view: &V, request: &StateRequest) -> Result<Self, V::Error>
    where
        V: TrieView<Scheme = GrayPaper>,
    {
        let start_path = Path::to(view, request.start)?;
        let end_path = match request.end_path {
            true => Some(Path::to(view, request.end)?),
            false => None,
        };
        let (pairs_max, mut nodes) = (request.bytes_max as usize, start_path.nodes.clone());
        let (mut pairs, mut size, mut fitting) = (Vec::new(), 0_usize, 1);
        let mut scan = Scan::new(view, request.start)?;
        while let Some(found) = scan.next_leaf()?.filter(|found| found.key <= request.end) {
            let value = view.leaf_value(&found.leaf)?;
            size = size.saturating_add(pair_size(value.len()));
            pairs.push((found.key, value.to_vec()));
            let last = Trace { key: found.key, node_count: found.depth + 1 };
            let traces = [Some(start_path.trace()), Some(last), end_path.as_ref().map(Path::trace)];
            if size.saturating_add(NODE_SIZE * union_size(&traces)) <= pairs_max {
                fitting = pairs.len();
            }
            if size > pairs_max {
                break;
            }
        }
        pairs.truncate(fitting);
        let mut sent = alloc::vec![start_path.trace()];
        let last_path = match pairs.last() {
            Some((last, _)) => Some(Path::to(view, *last)?),
            None => None,
        };
        for path in last_path.into_iter().chain(end_path) {
            let trace = path.trace();
            let known = sent.iter().map(|earlier| earlier.shared_with(&trace)).max();
            nodes.extend_from_slice(path.nodes.get(known.unwrap_or(0)..).unwrap_or_default());
            sent.push(trace);
        }
        Ok(Self { nodes, pairs })
    }
}

impl Trie<GrayPaper> {
    /// The answer to a state request; see [`StateResponse::serve`].
    ///
    /// Hashes what changed since the last root and keeps the hashes.
    pub fn serve_state(&mut self, request: &StateRequest) -> StateResponse {
        self.root();
        let Ok(response) = StateResponse::serve(&&*self, request);
        response
    }
}

/// The nodes from the root to where a key's path ends.
struct Path {
    key: StateKey,
    nodes: Vec<[u8; 64]>,
}

/// How far a key's path goes.
#[derive(Clone, Copy)]
struct Trace {
    key: StateKey,
    node_count: usize,
}

impl Path {
    fn to<V: TrieView<Scheme = GrayPaper>>(view: &V, key: StateKey) -> Result<Self, V::Error> {
        let mut nodes = Vec::new();
        if let Some(top) = view.top()? {
            collect(view, &top, &key, &mut nodes)?;
        }
        Ok(Self { key, nodes })
    }

    fn trace(&self) -> Trace {
        Trace { key: self.key, node_count: self.nodes.len() }
    }
}

impl Trace {
    /// How many nodes two paths have in common.
    fn shared_with(&self, other: &Self) -> usize {
        let forked_at = shared_prefix_bits(self.key.as_bytes(), other.key.as_bytes());
        (forked_at + 1).min(self.node_count).min(other.node_count)
    }
}

/// How many nodes there are on some paths whose keys ascend.
fn union_size(traces: &[Option<Trace>]) -> usize {
    let mut sent: Vec<Trace> = Vec::with_capacity(traces.len());
    let mut count = 0;
    for trace in traces.iter().flatten() {
        let known = sent.iter().map(|earlier| earlier.shared_with(trace)).max();
        count += trace.node_count - known.unwrap_or(0);
        sent.push(*trace);
    }
    count
}

/// Appends the nodes on `key`'s path from `node` on, and returns the hash of `node`. Hashes every
/// node once, also on long one-sided paths.
fn collect<V: TrieView<Scheme = GrayPaper>>(
    view: &V,
    node: &V::Node,
    key: &StateKey,
    nodes: &mut Vec<[u8; 64]>,
) -> Result<Hash, V::Error> {
    let (index, depth) = (nodes.len(), nodes.len());
    let (kind, preimage) = match view.open(node)? {
        Opened::Leaf(_) => {
            let preimage = view.leaf_preimage(node)?;
            nodes.push(preimage);
            (NodeKind::Leaf, preimage)
        }
        Opened::Branch { left, right } => {
            nodes.push([0; 64]);
            let goes_right = bit_at(key.as_bytes(), depth);
            let (on_path, beside) = if goes_right { (right, left) } else { (left, right) };
            let on_path = match on_path {
                Some(child) => collect(view, &child, key, nodes)?,
                None => EMPTY_ROOT,
            };
            let beside = match beside {
                Some(child) => view.hash(&child)?,
                None => EMPTY_ROOT,
            };
            let (left, right) = if goes_right { (beside, on_path) } else { (on_path, beside) };
            let preimage = GrayPaper::branch_preimage(&left, &right);
            nodes[index] = preimage;
            (NodeKind::Branch, preimage)
        }
    };
    Ok(GrayPaper::hash_node(kind, &preimage))
}
