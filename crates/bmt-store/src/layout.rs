//! Names and constants of a database's files.

/// The ordered store's page file.
pub(crate) const TREE_FILE: &str = "beatree.pages";
/// The name under which errors speak of the log as a whole.
pub(crate) const LOG: &str = "log";
/// The only trie of a database; records and the manifest name it.
pub(crate) const TRIE_ID: u32 = 0;
/// The greatest weight of a bottom subtrie of several entries: sixteen entries with values of 32 bytes.
/// Under a third of a leaf page, so that the end of one cuts none (`docs/adr/0052`, `docs/adr/0055`).
pub(crate) const WEIGHT_MAX: u32 = 1056;
const _: () = assert!(WEIGHT_MAX <= bmt_beatree::LEAF_WEIGHT_MAX / 3);

/// The salt of one of the files of a database with this salt.
pub(crate) fn salt_of(salt: u64, part: Part) -> u64 {
    let constant = match part {
        Part::Log => 0,
        Part::Tree => 0x7472_6565_0000_0001,
        Part::Table => 0x7461_626c_6500_0001,
    };
    salt ^ constant
}

/// A part of a database that seeds its checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Log,
    Tree,
    Table,
}
