//! Page images: what a live bucket holds.

use super::{CONTENT_BYTES, Damage, PREFIX_BYTES, put, seal, start, u32_at, verify};
use crate::units::{index, to_u32, to_u64};
use crate::{PAYLOAD_BYTES_MAX, PageId};
use bmt_io::PAGE_SIZE;

const MAGIC: [u8; 8] = *b"bmt.page";
/// Fixed, so that an image is the same in every table, and is copied as it is.
const SEED: u64 = 0x7061_6765_0000_0001;
const ID_AT: usize = 32;

const _: () = assert!(PAYLOAD_BYTES_MAX == CONTENT_BYTES && ID_AT + 32 == PREFIX_BYTES);

/// A page image that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageHeader {
    pub(crate) id: PageId,
    pub(crate) payload_bytes: usize,
    pub(crate) checksum: u64,
}

/// Writes the image of a page into `page`; its checksum.
///
/// # Panics
/// When the payload is longer than [`PAYLOAD_BYTES_MAX`], or `page` is not a page.
pub(crate) fn encode(page: &mut [u8], id: &PageId, payload: &[u8]) -> u64 {
    assert!(payload.len() <= PAYLOAD_BYTES_MAX, "batches refuse longer payloads");
    assert_eq!(page.len(), PAGE_SIZE, "an image is a page");
    page[..PREFIX_BYTES].fill(0);
    start(page, MAGIC);
    put(page, 24, to_u32(to_u64(payload.len())).to_le_bytes());
    put(page, ID_AT, *id);
    let end = PREFIX_BYTES + payload.len();
    page[PREFIX_BYTES..end].copy_from_slice(payload);
    page[end..].fill(0);
    seal(page, SEED)
}

/// Checks an image.
pub(crate) fn decode(page: &[u8], ignore_checksum: bool) -> Result<ImageHeader, Damage> {
    let checksum = verify(page, MAGIC, SEED, ignore_checksum)?;
    let payload_bytes = index(u32_at(page, 24));
    if payload_bytes > PAYLOAD_BYTES_MAX {
        return Err(Damage::Invalid("the payload is longer than a page"));
    }
    Ok(ImageHeader { id: id_of(page), payload_bytes, checksum })
}

/// The id in an image, checked or not.
pub(crate) fn id_of(page: &[u8]) -> PageId {
    core::array::from_fn(|at| page[ID_AT + at])
}

/// The payload of an image that was checked.
pub(crate) fn payload(page: &[u8], payload_bytes: usize) -> &[u8] {
    &page[PREFIX_BYTES..PREFIX_BYTES + payload_bytes]
}
