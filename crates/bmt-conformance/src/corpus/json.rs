//! Reading typed fields, keys, values and roots out of a JSON document.

use super::CorpusError;
use crate::chain::line::{parse_entries, parse_hex, parse_key, parse_root};
use crate::chain::{ChainFault, Value};
use bmt_core::{Hash, StateKey};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::path::Path;

/// A JSON file of test vectors. Keys of 32 bytes in it are cut to 31.
pub(super) struct Document<'a> {
    pub(super) path: &'a Path,
    pub(super) folder: &'a str,
    pub(super) json: Json,
}

impl Document<'_> {
    /// The part of the document at a JSON pointer, as a typed value.
    pub(super) fn part<T: DeserializeOwned>(&self, pointer: &str) -> Result<T, CorpusError> {
        let part = self.json.pointer(pointer).unwrap_or(&Json::Null);
        T::deserialize(part).map_err(|error| self.wrong(format!("at `{pointer}`: {error}")))
    }

    /// The file's name and a case's name in it.
    pub(super) fn case_name(&self, name: &str) -> String {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{file}: {name}")
    }

    pub(super) fn entries(
        &self,
        place: &str,
        pairs: Vec<(String, String)>,
    ) -> Result<Vec<(StateKey, Value)>, CorpusError> {
        parse_entries(pairs, true).map_err(|fault| self.malformed(place, fault))
    }

    pub(super) fn key(&self, place: &str, text: &str) -> Result<StateKey, CorpusError> {
        match parse_key(text, true) {
            Ok((key, _)) => Ok(key),
            Err(fault) => Err(self.malformed(place, fault)),
        }
    }

    pub(super) fn value(&self, place: &str, text: &str) -> Result<Value, CorpusError> {
        let bytes = parse_hex("value", text).map_err(|fault| self.malformed(place, fault))?;
        Ok(bytes.into())
    }

    pub(super) fn root(&self, place: &str, text: &str) -> Result<Hash, CorpusError> {
        parse_root("root", text).map_err(|fault| self.malformed(place, fault))
    }

    pub(super) fn hashes(&self, place: &str, texts: &[String]) -> Result<Vec<Hash>, CorpusError> {
        texts.iter().map(|text| self.root(place, text)).collect()
    }

    /// The file is not what its format says.
    pub(super) fn wrong(&self, message: String) -> CorpusError {
        CorpusError::Json { path: self.path.to_owned(), message }
    }

    pub(super) fn malformed(&self, place: &str, fault: ChainFault) -> CorpusError {
        CorpusError::Malformed { path: self.path.to_owned(), place: place.to_owned(), fault }
    }
}
