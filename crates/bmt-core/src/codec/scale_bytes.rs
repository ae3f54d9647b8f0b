//! SCALE: a `Vec<u8>`, so a compact length and the bytes.

use super::Canonical;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, Encode, Error, Input, Output};

pub(super) fn write<T: Canonical, O: Output + ?Sized>(it: &T, output: &mut O) {
    it.to_bytes().encode_to(output);
}

pub(super) fn read<T: Canonical, I: Input>(input: &mut I) -> Result<T, Error> {
    let bytes = Vec::<u8>::decode(input)?;
    T::from_bytes(&bytes).map_err(|_| Error::from("not the canonical bytes of a proof"))
}
