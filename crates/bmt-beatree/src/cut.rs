//! Where a sorted list is cut into pages (INV-BT-07).
//!
//! A list that is a little too long for a page is cut within its middle half, at the shortest separator there.
//! The window is at least half a page of pieces wide. A subtrie that is no larger cannot contain the whole
//! window without an end of it, and the separator at either of its ends is shorter than any within it: so it
//! is never cut.
//!
//! A page at the front of a longer list is filled as far as no subtrie of a third of a page is cut, if the
//! pieces say so ([`Pieces::WHOLE_BYTES`]): leaves do. Else it ends at the shortest separator within the last
//! half of what it has room for.

use crate::page::NODE_ROOM_BYTES;
use core::ops::RangeInclusive;

/// A sorted list of things that go into pages with a common prefix each.
pub(crate) trait Pieces {
    /// Things in the list.
    fn count(&self) -> usize;

    /// Bytes that one takes in a page without a prefix.
    fn bytes(&self, index: usize) -> usize;

    /// The longest prefix that its page may have, in bytes.
    fn prefix_max(&self, index: usize) -> usize;

    /// Bytes that it shares with the one before it; `index` is at least 1.
    fn shared_bytes(&self, index: usize) -> usize;

    /// Bytes that all of them from `start` on take in one page, with its prefix, if that is known without
    /// looking at each.
    fn page_bytes_from(&self, _start: usize) -> Option<usize> {
        None
    }

    /// Bits of the separator that a cut before it would make; `index` is at least 1.
    fn boundary_bits(&self, index: usize) -> u16;

    /// The largest weight, in bytes without a prefix, of a subtrie that no cut should fall into if its page can be
    /// filled further than to the shortest separator of a window. `None` for what is never filled.
    const WHOLE_BYTES: Option<usize> = None;
}

/// The bytes of a growing page: a prefix, and things without it.
#[derive(Debug, Clone, Copy)]
struct Growth {
    count: usize,
    full_bytes: usize,
    prefix: usize,
}

impl Growth {
    fn new() -> Self {
        Self { count: 0, full_bytes: 0, prefix: 32 }
    }

    fn add(&mut self, pieces: &impl Pieces, index: usize) {
        let shared = if self.count == 0 { 32 } else { pieces.shared_bytes(index) };
        self.prefix = self.prefix.min(shared).min(pieces.prefix_max(index));
        self.full_bytes += pieces.bytes(index);
        self.count += 1;
    }

    fn page_bytes(&self) -> usize {
        self.full_bytes - self.count * self.prefix + self.prefix
    }
}

/// Bytes that the pieces from `start` on take, as far as that is at most `limit`; `None` if it is
/// more.
pub(crate) fn bytes_up_to(pieces: &impl Pieces, start: usize, limit: usize) -> Option<usize> {
    if let Some(bytes) = pieces.page_bytes_from(start) {
        return (bytes <= limit).then_some(bytes);
    }
    let mut growth = Growth::new();
    for index in start..pieces.count() {
        growth.add(pieces, index);
        if growth.page_bytes() > limit {
            return None;
        }
    }
    Some(if growth.count == 0 { 0 } else { growth.page_bytes() })
}

/// The end of the page that starts at `start`: the index of the first piece that is not in it.
///
/// # Panics
/// When there is nothing at `start`, or one piece alone is too large.
pub(crate) fn page_end(pieces: &impl Pieces, start: usize) -> usize {
    // Three quarters of it, and the whole prefix, fit a page.
    const LONG: usize = NODE_ROOM_BYTES + NODE_ROOM_BYTES / 3 - 11;
    assert!(start < pieces.count(), "something to cut");
    if pieces.page_bytes_from(start).is_some_and(|bytes| bytes <= NODE_ROOM_BYTES) {
        return pieces.count();
    }
    let mut growth = Growth::new();
    // The first piece that does not fit, and the prefix with it.
    let mut overflow = None;
    for index in start..pieces.count() {
        growth.add(pieces, index);
        let bytes = growth.page_bytes();
        if bytes > NODE_ROOM_BYTES {
            overflow.get_or_insert((index, growth.prefix));
        }
        if let Some((first_out, prefix)) = overflow
            && bytes > LONG
        {
            return fullest(pieces, start, first_out)
                .unwrap_or_else(|| shortest(pieces, last_half(pieces, start, first_out, prefix)));
        }
    }
    match overflow {
        None => pieces.count(),
        Some(_) => shortest(pieces, middle_half(pieces, start, growth)),
    }
}

/// The cuts from which on half a page of bytes at most lie up to and with the piece that does not fit.
fn last_half(
    pieces: &impl Pieces,
    start: usize,
    first_out: usize,
    prefix: usize,
) -> RangeInclusive<usize> {
    let mut after = pieces.bytes(first_out) - prefix;
    let mut first = first_out;
    while first > start + 1 {
        after += pieces.bytes(first - 1) - prefix;
        if after > NODE_ROOM_BYTES / 2 {
            break;
        }
        first -= 1;
    }
    first..=first_out
}

/// The cuts that leave a quarter of the bytes at least on either side.
fn middle_half(pieces: &impl Pieces, start: usize, whole: Growth) -> RangeInclusive<usize> {
    let total = whole.full_bytes - whole.count * whole.prefix;
    let mut before = 0;
    let (mut first, mut last) = (start + 1, start + 1);
    for index in start..pieces.count() {
        before += pieces.bytes(index) - whole.prefix;
        if before < total.div_ceil(4) {
            first = index + 2;
        }
        if before <= total - total.div_ceil(4) {
            last = index + 1;
        }
    }
    first..=last
}

/// The last cut up to `first_out` that falls into no subtrie that should stay whole, if the page can be filled so.
///
/// A run of cuts that fall into such subtries lies within one of them, which two thirds of a page hold: so there is
/// one behind the first third.
fn fullest<P: Pieces>(pieces: &P, start: usize, first_out: usize) -> Option<usize> {
    let whole_bytes = P::WHOLE_BYTES?;
    (start + 1..=first_out).rev().find(|cut| is_between_subtries(pieces, start, *cut, whole_bytes))
}

/// Whether the least subtrie with both neighbours of the cut in it is larger than `whole_bytes`, as far as the list
/// from `start` on tells.
fn is_between_subtries(pieces: &impl Pieces, start: usize, cut: usize, whole_bytes: usize) -> bool {
    let bits = pieces.boundary_bits(cut);
    let mut bytes = pieces.bytes(cut - 1) + pieces.bytes(cut);
    let mut left = cut - 1;
    while bytes <= whole_bytes && left > start && pieces.boundary_bits(left) > bits {
        left -= 1;
        bytes += pieces.bytes(left);
    }
    let mut right = cut + 1;
    while bytes <= whole_bytes && right < pieces.count() && pieces.boundary_bits(right) > bits {
        bytes += pieces.bytes(right);
        right += 1;
    }
    bytes > whole_bytes
}

/// The cut with the shortest separator; there is only one among sorted keys.
fn shortest(pieces: &impl Pieces, window: RangeInclusive<usize>) -> usize {
    let best = window.min_by_key(|index| pieces.boundary_bits(*index));
    let Some(best) = best else { unreachable!("a piece is at most a third of a page") };
    best
}

#[cfg(test)]
mod tests;
