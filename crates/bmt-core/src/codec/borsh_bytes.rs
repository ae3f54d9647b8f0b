//! borsh: a `Vec<u8>`, so a length of four bytes and the bytes.

use super::Canonical;
use alloc::string::ToString;
use alloc::vec::Vec;
use borsh::io::{Error, ErrorKind, Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};

pub(super) fn write<T: Canonical, W: Write>(it: &T, writer: &mut W) -> Result<()> {
    it.to_bytes().serialize(writer)
}

pub(super) fn read<T: Canonical, R: Read>(reader: &mut R) -> Result<T> {
    let bytes = Vec::<u8>::deserialize_reader(reader)?;
    T::from_bytes(&bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error.to_string()))
}
