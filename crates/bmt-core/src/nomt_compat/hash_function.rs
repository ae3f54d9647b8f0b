//! Hash functions to choose from: Blake2b-256, BLAKE3 and SHA-256.

use crate::lanes;
use crate::scheme::Hash;
use core::fmt;

/// A hash function with 32 bytes of output.
pub trait HashFunction: Copy + Default + Eq + fmt::Debug + Send + Sync + 'static {
    /// Tells functions apart in stored scheme identifiers. Up to 127 are this crate's.
    const ID: u8;
    /// The name of [`super::NomtCompat`] over this function.
    const NOMT_NAME: &'static str;

    /// The hash of a message of any length.
    fn hash(message: &[u8]) -> Hash;

    /// The hash of each message into the place of the same index.
    ///
    /// # Panics
    /// When the slices differ in length.
    fn hash_many(messages: &[&[u8]], hashes: &mut [Hash]) {
        assert_eq!(messages.len(), hashes.len(), "one place for each hash");
        messages.iter().zip(hashes).for_each(|(message, hash)| *hash = Self::hash(message));
    }

    /// The hash of each node into the place of the same index.
    ///
    /// # Panics
    /// When the slices differ in length.
    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        assert_eq!(preimages.len(), hashes.len(), "one place for each hash");
        preimages.iter().zip(hashes).for_each(|(node, hash)| *hash = Self::hash(node));
    }

    /// How many nodes [`HashFunction::hash64_many`] hashes side by side.
    #[must_use]
    fn lane_count() -> usize {
        1
    }
}

/// Blake2b with 32 bytes of output, unkeyed (RFC 7693), in [lanes](crate::lanes).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Blake2b256;

impl HashFunction for Blake2b256 {
    const ID: u8 = 1;
    const NOMT_NAME: &'static str = "nomt-blake2b";

    fn hash(message: &[u8]) -> Hash {
        lanes::hash_one(message)
    }

    fn hash_many(messages: &[&[u8]], hashes: &mut [Hash]) {
        lanes::hash_values_many(messages, hashes);
    }

    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        lanes::hash64_many(preimages, hashes);
    }

    fn lane_count() -> usize {
        lanes::Backend::best().lanes()
    }
}

/// BLAKE3, unkeyed.
#[cfg(feature = "nomt-blake3")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Blake3;

#[cfg(feature = "nomt-blake3")]
impl HashFunction for Blake3 {
    const ID: u8 = 2;
    const NOMT_NAME: &'static str = "nomt-blake3";

    fn hash(message: &[u8]) -> Hash {
        *blake3::hash(message).as_bytes()
    }
}

/// SHA-256 (FIPS 180-4).
#[cfg(feature = "nomt-sha2")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sha256;

#[cfg(feature = "nomt-sha2")]
impl HashFunction for Sha256 {
    const ID: u8 = 3;
    const NOMT_NAME: &'static str = "nomt-sha2";

    fn hash(message: &[u8]) -> Hash {
        use sha2::Digest;
        sha2::Sha256::digest(message).into()
    }
}
