//! serde: a byte string; formats without byte strings, as JSON, have a sequence of numbers.

use super::Canonical;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

/// A sequence may claim any length: no more than this is allocated ahead.
const AHEAD_MAX: usize = 4096;

pub(super) fn write<T: Canonical, Z: Serializer>(it: &T, serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.serialize_bytes(&it.to_bytes())
}

pub(super) fn read<'de, T: Canonical, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_bytes(BytesVisitor(PhantomData))
}

struct BytesVisitor<T>(PhantomData<T>);

impl<'de, T: Canonical> Visitor<'de> for BytesVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes of a proof")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        T::from_bytes(bytes).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<T, A::Error> {
        let ahead = sequence.size_hint().unwrap_or(0).min(AHEAD_MAX);
        let mut bytes: Vec<u8> = Vec::with_capacity(ahead);
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
