//! Walking a version from its root, for proofs and witnesses: [`VersionView`].

mod bottom;

use crate::bits::{Prefix, bit_at};
use crate::error::MerkleError;
use crate::frontier::FrontierEntry;
use crate::load::Loader;
use crate::merkle::Merkle;
use crate::page::body::Body;
use crate::page::cost::Item;
use crate::page::outline::Side;
use crate::source::{LeafSource, PageSource};
use crate::update::locate::locate;
use crate::version::Version;
use bmt_core::view::{Opened, TrieView};
use bmt_core::{EMPTY_ROOT, Hash, Key, Scheme};
use bottom::Bottom;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Bottom subtries by prefix.
type Bottoms<S> = HashMap<Prefix<<S as Scheme>::Key>, Arc<Bottom<S>>>;

/// A version that is walked from its root, with the leaf source that presents its entries.
///
/// It keeps the bottom subtries that it read, and checks each against its frontier entry.
pub struct VersionView<'a, S: Scheme, P, L> {
    loader: Loader<'a, S, P>,
    version: &'a Version<S>,
    leaves: &'a L,
    bottoms: Mutex<Bottoms<S>>,
    values: Mutex<HashMap<S::Key, Arc<[u8]>>>,
}

/// A non-empty subtrie of a version.
#[derive(Debug)]
pub struct ViewNode<S: Scheme> {
    at: At<S>,
    depth: usize,
}

#[derive(Debug)]
enum At<S: Scheme> {
    /// On a page; `top` is right below the branch above.
    Page { body: Arc<Body<S::Key>>, side: Side, top: usize },
    /// In a bottom subtrie.
    Bottom { bottom: Arc<Bottom<S>>, leaves: Range<usize> },
}

impl<S: Scheme> Merkle<S> {
    /// A view of a version; `leaves` presents its entries.
    pub fn view<'a, P: PageSource, L: LeafSource<S::Key>>(
        &'a self,
        version: &'a Version<S>,
        pages: &'a P,
        leaves: &'a L,
    ) -> VersionView<'a, S, P, L> {
        VersionView {
            loader: self.loader(pages),
            version,
            leaves,
            bottoms: Mutex::default(),
            values: Mutex::default(),
        }
    }
}

impl<S: Scheme, P: PageSource, L: LeafSource<S::Key>> VersionView<'_, S, P, L> {
    /// Reads what walks to these keys need: pages in one batch a level, leaves in one batch.
    ///
    /// # Errors
    /// Those of the sources, and damaged pages.
    pub fn prefetch(&self, keys: impl IntoIterator<Item = S::Key>) -> Result<(), MerkleError> {
        let mut keys: Vec<S::Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let regions = locate(&self.loader, &self.version.root, &keys)?;
        let entries: Vec<_> = regions.iter().filter_map(|region| region.old).collect();
        for bottom in bottom::read::<S, L>(self.leaves, &entries)? {
            self.bottoms.lock().insert(bottom.entry.prefix, Arc::new(bottom));
        }
        Ok(())
    }

    /// Reads the values of these keys in one batch.
    ///
    /// # Errors
    /// Those of the leaf source.
    pub fn prefetch_values(&self, keys: &[S::Key]) -> Result<(), MerkleError> {
        let values = self.leaves.values(keys).map_err(MerkleError::Leaves)?;
        let mut kept = self.values.lock();
        for (key, value) in keys.iter().zip(values) {
            kept.extend(value.map(|value| (*key, value)));
        }
        Ok(())
    }

    fn bottom(&self, entry: &FrontierEntry<S::Key>) -> Result<Arc<Bottom<S>>, MerkleError> {
        if let Some(bottom) = self.bottoms.lock().get(&entry.prefix) {
            return Ok(Arc::clone(bottom));
        }
        match bottom::read::<S, L>(self.leaves, std::slice::from_ref(entry))?.pop() {
            Some(bottom) => {
                let bottom = Arc::new(bottom);
                self.bottoms.lock().insert(entry.prefix, Arc::clone(&bottom));
                Ok(bottom)
            }
            None => unreachable!("one entry was asked for"),
        }
    }

    /// The node at `depth` of an item whose top is at that depth or above.
    fn open_item(
        &self,
        body: &Arc<Body<S::Key>>,
        item: usize,
        at: (usize, usize),
    ) -> Result<Opened<S::Key, ViewNode<S>>, MerkleError> {
        let (top, depth) = at;
        let Item::Entry { kind, weight } = body.items[item] else {
            let Some(child) = body.child(item) else { unreachable!("a page has its children") };
            if depth < child.prefix().bits() {
                let page = At::Page { body: Arc::clone(body), side: Side::Item(item), top };
                return Ok(one_sided(&body.outline.keys[item], page, depth));
            }
            let body = self.loader.body(child)?;
            let side = body.outline.tree.root();
            return self.open(&ViewNode { at: At::Page { body, side, top: depth }, depth });
        };
        let entry =
            FrontierEntry { prefix: body.prefix(item), kind, weight, hash: body.hashes[item] };
        let bottom = self.bottom(&entry)?;
        let leaves = 0..bottom.leaf_count();
        Ok(open_bottom(bottom, leaves, depth))
    }
}

/// The branch at `depth` that has the same subtrie below it, on the side of `key`.
fn one_sided<S: Scheme>(key: &S::Key, at: At<S>, depth: usize) -> Opened<S::Key, ViewNode<S>> {
    let node = Some(ViewNode { at, depth: depth + 1 });
    match bit_at(key.as_bytes(), depth) {
        false => Opened::Branch { left: node, right: None },
        true => Opened::Branch { left: None, right: node },
    }
}

fn open_bottom<S: Scheme>(
    bottom: Arc<Bottom<S>>,
    leaves: Range<usize>,
    depth: usize,
) -> Opened<S::Key, ViewNode<S>> {
    let key = *bottom.key(leaves.start);
    let Some((split, middle)) = bottom.split(&leaves) else { return Opened::Leaf(key) };
    if depth < split {
        return one_sided(&key, At::Bottom { bottom, leaves }, depth);
    }
    let side = |leaves| {
        let at = At::Bottom { bottom: Arc::clone(&bottom), leaves };
        Some(ViewNode { at, depth: depth + 1 })
    };
    Opened::Branch { left: side(leaves.start..middle), right: side(middle..leaves.end) }
}

impl<S: Scheme, P: PageSource, L: LeafSource<S::Key>> TrieView for VersionView<'_, S, P, L> {
    type Scheme = S;
    type Node = ViewNode<S>;
    type Error = MerkleError;

    fn top(&self) -> Result<Option<ViewNode<S>>, MerkleError> {
        let body = self.loader.body(&self.version.root)?;
        if body.items.is_empty() {
            return Ok(None);
        }
        let side = body.outline.tree.root();
        Ok(Some(ViewNode { at: At::Page { body, side, top: 0 }, depth: 0 }))
    }

    fn open(&self, node: &ViewNode<S>) -> Result<Opened<S::Key, ViewNode<S>>, MerkleError> {
        let depth = node.depth;
        match &node.at {
            At::Bottom { bottom, leaves } => {
                Ok(open_bottom(Arc::clone(bottom), leaves.clone(), depth))
            }
            At::Page { body, side: Side::Item(item), top } => {
                self.open_item(body, *item, (*top, depth))
            }
            At::Page { body, side: Side::Inner(inner), top } => {
                let page = |side, top| At::Page { body: Arc::clone(body), side, top };
                if depth < body.outline.tree.split(*inner) {
                    let key = &body.outline.keys[*inner];
                    return Ok(one_sided(key, page(Side::Inner(*inner), *top), depth));
                }
                let sides = body.outline.tree.sides(*inner);
                let [left, right] = sides
                    .map(|side| Some(ViewNode { at: page(side, depth + 1), depth: depth + 1 }));
                Ok(Opened::Branch { left, right })
            }
        }
    }

    fn hash(&self, node: &ViewNode<S>) -> Result<Hash, MerkleError> {
        let depth = node.depth;
        match &node.at {
            At::Bottom { bottom, leaves } => Ok(bottom.hash(leaves.clone(), depth)),
            At::Page { body, side, top } if *top == depth => Ok(*body.hash_of(*side)),
            // In the middle of a run of one-sided branches.
            At::Page { .. } => match self.open(node)? {
                Opened::Branch { left, right } => {
                    let hash = |side: Option<ViewNode<S>>| match side {
                        Some(node) => self.hash(&node),
                        None => Ok(EMPTY_ROOT),
                    };
                    Ok(S::hash_branch(&hash(left)?, &hash(right)?))
                }
                Opened::Leaf(_) => {
                    Ok(S::hash_node(bmt_core::NodeKind::Leaf, &self.leaf_preimage(node)?))
                }
            },
        }
    }

    fn leaf_preimage(&self, leaf: &ViewNode<S>) -> Result<[u8; 64], MerkleError> {
        let (bottom, at) = self.leaf(leaf)?;
        Ok(*bottom.preimage(at))
    }

    fn leaf_value(&self, leaf: &ViewNode<S>) -> Result<Arc<[u8]>, MerkleError> {
        let (bottom, at) = self.leaf(leaf)?;
        let key = *bottom.key(at);
        let known = self.values.lock().get(&key).cloned();
        if let Some(value) = known {
            return Ok(value);
        }
        self.prefetch_values(&[key])?;
        let value = self.values.lock().get(&key).cloned();
        value.ok_or_else(|| bottom.mismatch())
    }
}

impl<S: Scheme, P: PageSource, L: LeafSource<S::Key>> VersionView<'_, S, P, L> {
    /// The leaf that a node is.
    fn leaf(&self, node: &ViewNode<S>) -> Result<(Arc<Bottom<S>>, usize), MerkleError> {
        match &node.at {
            At::Bottom { bottom, leaves } => Ok((Arc::clone(bottom), leaves.start)),
            At::Page { body, side: Side::Item(item), .. } => {
                let Item::Entry { kind, weight } = body.items[*item] else {
                    unreachable!("a page is not a leaf")
                };
                let (prefix, hash) = (body.prefix(*item), body.hashes[*item]);
                Ok((self.bottom(&FrontierEntry { prefix, kind, weight, hash })?, 0))
            }
            At::Page { .. } => unreachable!("a branch is not a leaf"),
        }
    }
}

impl<S: Scheme, P, L> fmt::Debug for VersionView<'_, S, P, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VersionView").field("version", &self.version).finish_non_exhaustive()
    }
}
