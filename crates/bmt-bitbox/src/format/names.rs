//! What a manifest keeps of the tables: [`TableNames`], a [`SwitchName`] for each.

use super::{put, u32_at, u64_at};
use crate::error::TableError;

/// Bytes of [`TableNames`] in a manifest.
pub const TABLE_NAMES_BYTES: usize = 2 * NAME_BYTES;

const NAME_BYTES: usize = 32;
/// In the place of an area: the table has no record yet.
const NO_AREA: u32 = 2;

/// One table, and the switch record of it that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SwitchName {
    /// The table's number, from 1.
    pub table: u64,
    /// The record's batch; 0 if the table has no record yet.
    pub batch: u64,
    /// The record's checksum; 0 if there is none.
    pub checksum: u64,
    /// The record's area, 0 or 1; `None` if there is none.
    pub area: Option<u32>,
}

impl SwitchName {
    /// A table that has no record yet.
    pub(crate) const fn fresh(table: u64) -> Self {
        Self { table, batch: 0, checksum: 0, area: None }
    }

    /// The area that the next record goes to.
    pub(crate) const fn other_area(&self) -> u32 {
        match self.area {
            Some(0) => 1,
            _ => 0,
        }
    }

    fn encode(&self, bytes: &mut [u8]) {
        put(bytes, 0, self.table.to_le_bytes());
        put(bytes, 8, self.batch.to_le_bytes());
        put(bytes, 16, self.checksum.to_le_bytes());
        put(bytes, 24, self.area.unwrap_or(NO_AREA).to_le_bytes());
    }

    /// The name in these bytes; `None` if they are zeros.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, &'static str> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let area = match u32_at(bytes, 24) {
            area @ (0 | 1) => Some(area),
            NO_AREA => None,
            _ => return Err("the area is none of two"),
        };
        let name = Self {
            table: u64_at(bytes, 0),
            batch: u64_at(bytes, 8),
            checksum: u64_at(bytes, 16),
            area,
        };
        if name.table == 0 {
            return Err("tables are numbered from 1");
        }
        if u32_at(bytes, 28) != 0 {
            return Err("bytes that should be zero are not");
        }
        if area.is_none() && name != Self::fresh(name.table) {
            return Err("a table without a record has a batch or a checksum");
        }
        Ok(Some(name))
    }
}

/// The tables that a manifest names: what [`crate::Table::recover`] needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableNames {
    /// The table that pages are written to.
    pub target: SwitchName,
    /// The table that it takes over from, while it does.
    pub source: Option<SwitchName>,
}

impl TableNames {
    /// The bytes for a manifest.
    #[must_use]
    pub fn encode(&self) -> [u8; TABLE_NAMES_BYTES] {
        let mut bytes = [0; TABLE_NAMES_BYTES];
        self.target.encode(&mut bytes[..NAME_BYTES]);
        if let Some(source) = &self.source {
            source.encode(&mut bytes[NAME_BYTES..]);
        }
        bytes
    }

    /// The names in a manifest.
    ///
    /// # Errors
    /// [`TableError::InvalidNames`] if the bytes are none that [`TableNames::encode`] makes.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let invalid = |reason| TableError::InvalidNames { reason };
        if bytes.len() != TABLE_NAMES_BYTES {
            return Err(invalid("the length is not 64"));
        }
        let target = SwitchName::decode(&bytes[..NAME_BYTES]).map_err(invalid)?;
        let target = target.ok_or_else(|| invalid("no table is named"))?;
        let source = SwitchName::decode(&bytes[NAME_BYTES..]).map_err(invalid)?;
        if source.is_some_and(|source| source.table == target.table) {
            return Err(invalid("one table is named twice"));
        }
        Ok(Self { target, source })
    }

    /// The newest batch that these names show.
    pub(crate) fn batch(&self) -> u64 {
        self.target.batch.max(self.source.map_or(0, |source| source.batch))
    }

    /// Target, then source.
    pub(crate) fn each(&self) -> impl Iterator<Item = SwitchName> {
        core::iter::once(self.target).chain(self.source)
    }
}
