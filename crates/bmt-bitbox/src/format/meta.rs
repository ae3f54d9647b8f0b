//! Meta pages: one byte for each bucket.

use super::{CONTENT_BYTES, Damage, PREFIX_BYTES, check_zeros, put, seal, start, u32_at, u64_at};
use super::{checksum_of, verify};

/// Nothing was ever in the bucket: a search ends here.
pub(crate) const EMPTY: u8 = 0;
/// Something was in the bucket: a search goes on.
pub(crate) const TOMBSTONE: u8 = 1;
/// Set in the byte of a live bucket, whose other bits are the tag.
pub(crate) const LIVE: u8 = 0x80;

const MAGIC: [u8; 8] = *b"bmt.meta";

/// Whether a meta byte says that the bucket is live.
pub(crate) const fn is_live(byte: u8) -> bool {
    byte & LIVE != 0
}

/// Makes a meta page around bytes that are in place already; its checksum.
pub(crate) fn seal_page(page: &mut [u8], salt: u64, number: u64, index: u32) -> u64 {
    page[..PREFIX_BYTES].fill(0);
    start(page, MAGIC);
    put(page, 24, number.to_le_bytes());
    put(page, 32, index.to_le_bytes());
    seal(page, salt)
}

/// The checksum of a meta page of these meta bytes.
pub(crate) fn page_checksum(bytes: &[u8], salt: u64, number: u64, index: u32) -> u64 {
    let mut page = [0; bmt_io::PAGE_SIZE];
    page[PREFIX_BYTES..].copy_from_slice(&bytes[..CONTENT_BYTES]);
    seal_page(&mut page, salt, number, index)
}

/// Checks a meta page and says which one it is.
pub(crate) fn decode(
    page: &[u8],
    salt: u64,
    number: u64,
    ignore_checksum: bool,
) -> Result<u32, Damage> {
    verify(page, MAGIC, salt, ignore_checksum)?;
    if u64_at(page, 24) != number {
        return Err(Damage::Invalid("a meta page of another table"));
    }
    check_zeros(&page[36..PREFIX_BYTES])?;
    Ok(u32_at(page, 32))
}

/// The meta bytes of a page, each checked to mean something.
pub(crate) fn bytes_of(page: &[u8]) -> Result<&[u8], Damage> {
    let bytes = &page[PREFIX_BYTES..PREFIX_BYTES + CONTENT_BYTES];
    match bytes.iter().all(|byte| *byte <= TOMBSTONE || is_live(*byte)) {
        true => Ok(bytes),
        false => Err(Damage::Invalid("a meta byte has no meaning")),
    }
}

/// The checksum that stands in a meta page.
pub(crate) fn stored_checksum(page: &[u8]) -> u64 {
    checksum_of(page)
}
