//! Joining frontier entries: bottom subtries are as large as their weight allows.

use super::Builder;
use super::element::{Content, Element, splits};
use crate::bits::Prefix;
use crate::page::draft::Part;
use crate::page::outline::{Side, SplitTree};
use bmt_core::{Key, NodeKind};
use std::ops::RangeInclusive;

/// Heavier than any subtrie without pages.
const PAGE_WEIGHT: u64 = 1 << 48;

impl<K: Key> Builder<'_, K> {
    /// Joins what is light enough, and lets entries that lost their neighbour rise. `top` is the depth
    /// of the page that the elements are all of.
    pub(super) fn join(&mut self, top: usize, elements: Vec<Element<K>>) -> Vec<Element<K>> {
        let Some(last) = elements.len().checked_sub(1) else { return elements };
        let tree = SplitTree::new(splits(&elements));
        let mut weight = 0;
        let mut weights = Vec::with_capacity(elements.len() + 1);
        weights.push(0);
        for element in &elements {
            weight += match &element.content {
                Content::Entry { weight, .. } | Content::Merged { weight, .. } => {
                    u64::from(*weight)
                }
                Content::Page { .. } => PAGE_WEIGHT,
            };
            weights.push(weight);
        }
        let mut joiner = Joiner {
            tree,
            weights,
            weight_max: self.shape.weight_max(),
            out: Vec::with_capacity(elements.len()),
            removed: &mut self.removed,
            elements: elements.into_iter(),
        };
        let root = joiner.tree.root();
        joiner.side(root, top, 0..=last);
        joiner.out
    }
}

struct Joiner<'a, K> {
    tree: SplitTree,
    /// Of the elements before each one, and of all.
    weights: Vec<u64>,
    weight_max: u32,
    elements: std::vec::IntoIter<Element<K>>,
    out: Vec<Element<K>>,
    removed: &'a mut Vec<Prefix<K>>,
}

impl<K: Key> Joiner<'_, K> {
    /// Takes the elements of `range`, the next ones, over to the output.
    fn side(&mut self, side: Side, top: usize, range: RangeInclusive<usize>) {
        let (first, last) = (*range.start(), *range.end());
        let weight = self.weights[last + 1] - self.weights[first];
        match side {
            Side::Item(_) => {
                if let Some(element) = self.elements.next() {
                    let element = self.raise(element, top);
                    self.out.push(element);
                }
            }
            Side::Inner(_) if weight <= u64::from(self.weight_max) => {
                let element = self.merge(last + 1 - first, top, weight);
                self.out.extend(element);
            }
            Side::Inner(inner) => {
                let below = self.tree.split(inner) + 1;
                let [left, right] = self.tree.sides(inner);
                self.side(left, below, first..=inner);
                self.side(right, below, inner + 1..=last);
            }
        }
    }

    fn raise(&mut self, element: Element<K>, top: usize) -> Element<K> {
        if matches!(element.content, Content::Page { .. }) || element.prefix.bits() == top {
            return element;
        }
        let prefix = Prefix::new(element.prefix.first_key(), top);
        let branch = element.branch;
        let (was_there, old) = (element.was_there, element.prefix);
        if was_there {
            self.removed.push(old);
        }
        let content = match element.content {
            Content::Entry { kind: NodeKind::Branch, weight, hash, .. } => {
                let part = Part { prefix: old, kind: NodeKind::Branch, hash };
                Content::Merged { weight, parts: vec![part] }
            }
            Content::Entry { kind, weight, hash, .. } => {
                Content::Entry { kind, weight, hash, is_dirty: true }
            }
            content => content,
        };
        Element { prefix, content, was_there: false, branch }
    }

    /// One entry of the next `count` elements.
    fn merge(&mut self, count: usize, top: usize, weight: u64) -> Option<Element<K>> {
        let mut parts = Vec::with_capacity(count);
        let mut head = None;
        for element in self.elements.by_ref().take(count) {
            head = head.or(Some((*element.prefix.first_key(), element.branch)));
            if element.was_there {
                self.removed.push(element.prefix);
            }
            match element.content {
                Content::Entry { kind, hash, .. } => {
                    parts.push(Part { prefix: element.prefix, kind, hash });
                }
                Content::Merged { parts: more, .. } => parts.extend(more),
                Content::Page { .. } => unreachable!("pages are too heavy to be merged"),
            }
        }
        let (key, branch) = head?;
        let weight = match u32::try_from(weight) {
            Ok(weight) => weight,
            Err(_) => unreachable!("what is merged weighs little"),
        };
        let content = Content::Merged { weight, parts };
        Some(Element { prefix: Prefix::new(&key, top), content, was_there: false, branch })
    }
}
