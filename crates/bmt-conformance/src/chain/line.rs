//! One line of a chain file: parsed, checked and sorted.

use super::error::{ChainError, ChainFault};
use super::object;
use super::reader::ChainOptions;
use super::{Op, Value};
use bmt_core::{Hash, Key, StateKey};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// One line of a chain file: one atomic commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLine {
    /// The file, as it was named to the reader.
    pub file: Arc<str>,
    /// The line's number, the first line of the file being 1.
    pub line_number: usize,
    /// The line's label.
    pub at: String,
    /// The root of the state that this line changes; `None` when it gives a whole state.
    pub parent: Option<Hash>,
    /// The root after the line.
    pub root: Hash,
    /// Keys with their new values, ascending by key.
    pub set: Vec<(StateKey, Value)>,
    /// Deleted keys, ascending; none of them is in `set`.
    pub del: Vec<StateKey>,
    /// Whether `set` is the whole state, so that every other key is gone.
    pub replace_all: bool,
}

impl ChainLine {
    /// The line's own changes, ascending by key, without what a fork or a whole state adds to them.
    pub fn ops(&self) -> impl Iterator<Item = Op> + '_ {
        let mut set = self.set.iter().peekable();
        let mut del = self.del.iter().peekable();
        std::iter::from_fn(move || {
            let deletes_next = match (set.peek(), del.peek()) {
                (Some((put, _)), Some(gone)) => *gone < put,
                (None, Some(_)) => true,
                _ => false,
            };
            if deletes_next {
                del.next().map(|key| (*key, None))
            } else {
                set.next().map(|(key, value)| (*key, Some(Arc::clone(value))))
            }
        })
    }

    /// Compares the root of the state after this line with the line's.
    ///
    /// # Errors
    /// [`ChainFault::WrongRoot`] at this line.
    pub fn check_root(&self, found: Hash) -> Result<(), ChainError> {
        match self.root {
            expected if expected == found => Ok(()),
            expected => Err(self.error(ChainFault::WrongRoot { expected, found })),
        }
    }

    /// An error at this line.
    #[must_use]
    pub fn error(&self, fault: ChainFault) -> ChainError {
        ChainError { file: Arc::clone(&self.file), line_number: self.line_number, fault }
    }
}

/// A line as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine {
    at: String,
    #[serde(default, deserialize_with = "object::given")]
    parent: Option<String>,
    root: String,
    #[serde(default, deserialize_with = "object::given")]
    set: Option<Pairs>,
    #[serde(default, deserialize_with = "object::given")]
    del: Option<Vec<String>>,
}

/// A JSON object as its pairs, so that a key given twice is seen.
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of hexadecimal keys and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// Reads one line, which is not the first of its file.
pub(super) fn parse(
    text: &[u8],
    file: &Arc<str>,
    line_number: usize,
    options: ChainOptions,
) -> Result<ChainLine, ChainFault> {
    let raw: RawLine = object::parse(text)?;
    let replace_all = raw.parent.is_none();
    let deletes = raw.del.as_ref().is_some_and(|del| !del.is_empty());
    if replace_all && deletes {
        return Err(ChainFault::DeleteWithoutParent);
    }
    if replace_all && raw.set.is_none() {
        return Err(ChainFault::NoChange);
    }
    let parent = raw.parent.map(|text| parse_root("parent", &text)).transpose()?;
    let root = parse_root("root", &raw.root)?;
    let pairs = raw.set.map_or_else(Vec::new, |pairs| pairs.0);
    let set = parse_entries(pairs, options.truncate_keys)?;
    let del = raw.del.unwrap_or_default().into_iter().map(|key| (key, ()));
    let del = sorted_keys("del", del.collect(), options.truncate_keys)?;
    let del: Vec<_> = del.into_iter().map(|(key, ())| key).collect();
    if let Some(key) = first_common(&set, &del) {
        return Err(ChainFault::SetAndDeleted { key });
    }
    let file = Arc::clone(file);
    Ok(ChainLine { file, line_number, at: raw.at, parent, root, set, del, replace_all })
}

/// The entries of an object, sorted by key.
pub(crate) fn parse_entries(
    pairs: Vec<(String, String)>,
    truncate_keys: bool,
) -> Result<Vec<(StateKey, Value)>, ChainFault> {
    let entries = sorted_keys("set", pairs, truncate_keys)?;
    let decode = |(key, value): (StateKey, String)| Ok((key, parse_hex("value", &value)?.into()));
    entries.into_iter().map(decode).collect()
}

/// The first key that stands in both of two ascending lists.
fn first_common(set: &[(StateKey, Value)], del: &[StateKey]) -> Option<StateKey> {
    del.iter().find(|key| set.binary_search_by_key(*key, |(put, _)| *put).is_ok()).copied()
}

/// Decodes the keys and sorts by them; a key that comes twice is an error.
fn sorted_keys<T>(
    field: &'static str,
    items: Vec<(String, T)>,
    truncate_keys: bool,
) -> Result<Vec<(StateKey, T)>, ChainFault> {
    let mut keyed = Vec::with_capacity(items.len());
    for (text, item) in items {
        let (key, cut_off) = parse_key(&text, truncate_keys)?;
        keyed.push((key, cut_off, item));
    }
    keyed.sort_by_key(|(key, cut_off, _)| (*key, *cut_off));
    for pair in keyed.windows(2) {
        let [(key, first, _), (next, second, _)] = pair else { continue };
        match (key == next, first == second) {
            (false, _) => {}
            (true, true) => return Err(ChainFault::DuplicateKey { key: *key, field }),
            (true, false) => {
                let (first, second) = (whole_key(key, *first), whole_key(key, *second));
                return Err(ChainFault::EqualWhenCut { first, second });
            }
        }
    }
    Ok(keyed.into_iter().map(|(key, _, item)| (key, item)).collect())
}

fn whole_key(key: &StateKey, cut_off: Option<u8>) -> String {
    cut_off.map_or_else(|| key.to_string(), |last| format!("{key}{last:02x}"))
}

/// A key, and the byte that was cut off it.
pub(crate) fn parse_key(
    text: &str,
    truncate_keys: bool,
) -> Result<(StateKey, Option<u8>), ChainFault> {
    let bytes = parse_hex("key", text)?;
    let (kept, cut_off) = match (bytes.split_last(), bytes.len()) {
        (Some((last, kept)), 32) if truncate_keys => (kept, Some(*last)),
        _ => (bytes.as_slice(), None),
    };
    let found = bytes.len();
    let key = StateKey::from_slice(kept)
        .map_err(|_| ChainFault::KeyLength { key: object::shown(text), found })?;
    Ok((key, cut_off))
}

pub(crate) fn parse_root(field: &'static str, text: &str) -> Result<Hash, ChainFault> {
    let bytes = parse_hex(field, text)?;
    let found = bytes.len();
    Hash::try_from(bytes).map_err(|_| ChainFault::RootLength { field, found })
}

pub(crate) fn parse_hex(field: &'static str, text: &str) -> Result<Vec<u8>, ChainFault> {
    hex::decode(text).map_err(|_| ChainFault::NotHex { field, text: object::shown(text) })
}
