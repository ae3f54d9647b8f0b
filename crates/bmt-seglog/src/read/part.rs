//! Reads and checks one part.

use super::window::Window;
use crate::error::LogError;
use crate::faults::Faults;
use crate::format::part::{PART_HEADER_BYTES, PartHeader};
use crate::format::{BLOCK_BYTES, FORMAT_VERSION, NotAHeader};
use crate::segment::block_of;
use bmt_io::{File, checksum};

/// How parts of one log are told from everything else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seal {
    /// The seed of checksums.
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
}

/// What lies at a place.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// A valid part, its chain value and payload.
    Part { header: PartHeader, chain: u64, payload: &'a [u8] },
    /// A valid header whose payload is not what was written.
    Torn,
    /// No part.
    Nothing(&'static str),
}

/// Reads the part at `offset_bytes` of a segment file that ends at `end_bytes`.
///
/// Errors: storage errors, and a version or flags that this build does not know.
pub(crate) fn read_part<'w>(
    window: &'w mut Window,
    file: &dyn File,
    end_bytes: u64,
    offset_bytes: u64,
    seal: Seal,
) -> Result<Found<'w>, LogError> {
    let check = !seal.faults.ignores_checksum();
    let block = window.block(file, end_bytes, offset_bytes)?;
    let (header, chain) = match PartHeader::decode(block, seal.seed, check) {
        Ok(decoded) => decoded,
        Err(NotAHeader::NoMagic | NotAHeader::OtherSalt) => {
            return Ok(Found::Nothing("no record"));
        }
        Err(NotAHeader::Checksum) => return Ok(Found::Nothing("a header that does not check")),
        Err(NotAHeader::Field(_)) => return Ok(Found::Nothing("a header out of range")),
        Err(other) => return Err(unsupported(file, offset_bytes, other)),
    };
    if u64::from(header.block) * BLOCK_BYTES != offset_bytes {
        return Ok(Found::Nothing("a record that belongs to another place"));
    }
    let len_bytes = PART_HEADER_BYTES + u64::from(header.part_bytes);
    let Some(bytes) = window.get(file, end_bytes, offset_bytes, len_bytes)? else {
        return Ok(Found::Nothing("a record that reaches past its segment"));
    };
    let payload = &bytes[crate::format::part::PART_HEADER_LEN..];
    if check && checksum(seal.seed, payload) != header.payload_checksum {
        return Ok(Found::Torn);
    }
    Ok(Found::Part { header, chain, payload })
}

/// The error for a valid header that this build can't read.
pub(crate) fn unsupported(file: &dyn File, offset_bytes: u64, why: NotAHeader) -> LogError {
    let file = file.name().to_owned();
    match why {
        NotAHeader::Version(found) => {
            LogError::UnsupportedVersion { file, offset_bytes, found, supported: FORMAT_VERSION }
        }
        NotAHeader::Flags(found) => LogError::UnsupportedFlags { file, offset_bytes, found },
        NotAHeader::NoMagic
        | NotAHeader::OtherSalt
        | NotAHeader::Checksum
        | NotAHeader::Field(_) => unreachable!("only a valid header is unsupported"),
    }
}

/// Whether a part that was found at a place of a segment belongs there.
pub(crate) fn belongs(header: &PartHeader, ordinal: u64, offset_bytes: u64) -> bool {
    header.ordinal == ordinal && header.block == block_of(offset_bytes)
}
