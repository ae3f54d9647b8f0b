//! Where pages begin: children that have become small are taken back, a full page gives parts away.

use super::Builder;
use super::element::{self, Content, Element, sizes, splits};
use crate::bits::Prefix;
use crate::error::MerkleError;
use crate::page::cost::{BUILD_BYTES_MAX, ITEMS_BYTES_MAX, JOIN_BYTES_MAX, SECOND_BYTES_MIN};
use crate::page::draft::ChildDraft;
use crate::page::outline::{Side, SplitTree};
use bmt_core::Key;

impl<K: Key> Builder<'_, K> {
    /// Opens children that would fit into one page with what is beside them, and the only child of the
    /// root.
    pub(super) fn take_back(
        &mut self,
        prefix: Prefix<K>,
        mut elements: Vec<Element<K>>,
    ) -> Result<Vec<Element<K>>, MerkleError> {
        loop {
            let mut opened = vec![false; elements.len()];
            if prefix.bits() == 0 && elements.len() == 1 {
                opened[0] = matches!(elements[0].content, Content::Page { .. });
            } else if elements.len() > 1 {
                let tree = SplitTree::new(splits(&elements));
                let sizes = sizes(prefix.bits(), &elements);
                let mut joint = Joint { tree: &tree, sizes: &sizes, elements: &elements, opened };
                joint.side(tree.root());
                opened = joint.opened;
            }
            if !opened.contains(&true) {
                return Ok(elements);
            }
            let mut out = Vec::with_capacity(2 * elements.len());
            for (element, is_opened) in elements.into_iter().zip(opened) {
                match element.content {
                    Content::Page { child, .. } if is_opened => {
                        self.open(child, element.branch, &mut out)?;
                    }
                    _ => out.push(element),
                }
            }
            elements = out;
        }
    }

    /// Makes pages of parts, until the rest fits a page.
    pub(super) fn give_away(
        &mut self,
        prefix: Prefix<K>,
        elements: Vec<Element<K>>,
    ) -> Vec<Element<K>> {
        let sizes = sizes(prefix.bits(), &elements);
        let total: usize = sizes.iter().sum();
        if total <= ITEMS_BYTES_MAX {
            return elements;
        }
        let bytes_max =
            if total <= 2 * ITEMS_BYTES_MAX { ITEMS_BYTES_MAX } else { BUILD_BYTES_MAX };
        let tree = SplitTree::new(splits(&elements));
        let mut giver = Giver {
            builder: self,
            tree,
            page_bits: prefix.bits(),
            bytes_max,
            sizes,
            elements: elements.into_iter(),
            out: Vec::new(),
        };
        let root = giver.tree.root();
        giver.side(root);
        giver.out
    }

    /// A page of its own, as an element of its parent.
    fn page_of(&mut self, top: usize, mut elements: Vec<Element<K>>) -> Option<Element<K>> {
        let first = elements.first_mut()?;
        let branch = first.branch.take();
        let prefix = Prefix::new(first.prefix.first_key(), top);
        let draft = element::into_draft(prefix, elements);
        let items_bytes = draft.items_bytes;
        let child = ChildDraft::New(self.push(draft));
        let content = Content::Page { child, items_bytes, known: None };
        Some(Element { prefix, content, was_there: false, branch })
    }
}

/// Finds the children that are to be opened.
struct Joint<'a, K> {
    tree: &'a SplitTree,
    sizes: &'a [usize],
    elements: &'a [Element<K>],
    opened: Vec<bool>,
}

/// One side of a branch, as it will be.
enum Extent {
    /// A single child.
    Page { element: usize, items_bytes: usize },
    /// Anything else: bytes in this page.
    Items(usize),
}

impl<K: Key> Joint<'_, K> {
    fn side(&mut self, side: Side) -> Extent {
        let inner = match side {
            Side::Inner(inner) => inner,
            Side::Item(element) => {
                return match &self.elements[element].content {
                    Content::Page { items_bytes, .. } => {
                        Extent::Page { element, items_bytes: usize::from(*items_bytes) }
                    }
                    _ => Extent::Items(self.sizes[element]),
                };
            }
        };
        let both = self.tree.sides(inner).map(|side| self.side(side));
        let opened_bytes: usize = both.iter().map(Extent::bytes_opened).sum();
        let is_any_page = both.iter().any(|extent| matches!(extent, Extent::Page { .. }));
        if is_any_page && opened_bytes <= JOIN_BYTES_MAX {
            for extent in both {
                if let Extent::Page { element, .. } = extent {
                    self.opened[element] = true;
                }
            }
            return Extent::Items(opened_bytes);
        }
        Extent::Items(both.iter().map(|extent| extent.bytes_closed(self.sizes)).sum())
    }
}

impl Extent {
    fn bytes_opened(&self) -> usize {
        match self {
            Self::Page { items_bytes, .. } => *items_bytes,
            Self::Items(bytes) => *bytes,
        }
    }

    fn bytes_closed(&self, sizes: &[usize]) -> usize {
        match self {
            Self::Page { element, .. } => sizes[*element],
            Self::Items(bytes) => *bytes,
        }
    }
}

/// Makes pages of the parts of a full one, from the bottom up.
struct Giver<'b, 'a, K: Key> {
    builder: &'b mut Builder<'a, K>,
    tree: SplitTree,
    page_bits: usize,
    bytes_max: usize,
    sizes: Vec<usize>,
    elements: std::vec::IntoIter<Element<K>>,
    out: Vec<Element<K>>,
}

impl<K: Key> Giver<'_, '_, K> {
    /// Takes the elements of a side, the next ones, over to the output; the bytes they take there.
    fn side(&mut self, side: Side) -> usize {
        let inner = match side {
            Side::Inner(inner) => inner,
            Side::Item(element) => {
                self.out.extend(self.elements.next());
                return self.sizes[element];
            }
        };
        let below = self.tree.split(inner) + 1;
        let [left, right] = self.tree.sides(inner);
        let left_at = self.out.len();
        let left_bytes = self.side(left);
        let right_at = self.out.len();
        let right_bytes = self.side(right);
        if left_bytes + right_bytes <= self.bytes_max {
            return left_bytes + right_bytes;
        }
        let is_given = [left_bytes >= right_bytes, right_bytes > left_bytes];
        let second = |given: bool, bytes: usize| given || bytes >= SECOND_BYTES_MIN;
        let right = self.out.split_off(right_at);
        let left = self.out.split_off(left_at);
        self.put(below, left, left_bytes, second(is_given[0], left_bytes))
            + self.put(below, right, right_bytes, second(is_given[1], right_bytes))
    }

    /// Puts a side into the output, as a page if it is `given` away.
    fn put(&mut self, top: usize, elements: Vec<Element<K>>, bytes: usize, given: bool) -> usize {
        if !given {
            self.out.extend(elements);
            return bytes;
        }
        let page = self.builder.page_of(top, elements);
        let before = self.out.last();
        let bytes = page.as_ref().map_or(0, |page| page.bytes(self.page_bits, before));
        self.out.extend(page);
        bytes
    }
}
