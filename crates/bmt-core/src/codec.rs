//! Proofs in serde, SCALE and borsh: each behind a feature, each a byte string of the one canonical
//! encoding, so that there is one form to check and to document.
//!
//! Reading refuses what the type's own `decode` refuses.

#[cfg(feature = "borsh")]
mod borsh_bytes;
#[cfg(feature = "scale")]
mod scale_bytes;
#[cfg(feature = "serde")]
mod serde_bytes;

use crate::multiproof::MultiProof;
use crate::proof::PathProof;
use crate::range_proof::RangeProof;
use crate::scheme::Scheme;
use crate::state_request::StateResponse;
use crate::witness::Witness;
use alloc::vec::Vec;
use core::fmt;

/// What has one canonical encoding.
trait Canonical: Sized {
    type Error: fmt::Display;

    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Result<Self, Self::Error>;
}

/// For each type: it is [`Canonical`], and has what each of the three crates asks for.
macro_rules! through_bytes {
    ($type:ty, $error:ty $(, $scheme:ident)?) => {
        impl$(<$scheme: Scheme>)? Canonical for $type {
            type Error = $error;

            fn to_bytes(&self) -> Vec<u8> {
                self.encode()
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, $error> {
                Self::decode(bytes)
            }
        }

        #[cfg(feature = "serde")]
        impl$(<$scheme: Scheme>)? serde::Serialize for $type {
            fn serialize<Z: serde::Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
                serde_bytes::write(self, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de $(, $scheme: Scheme)?> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_bytes::read(deserializer)
            }
        }

        #[cfg(feature = "scale")]
        impl$(<$scheme: Scheme>)? parity_scale_codec::Encode for $type {
            fn encode_to<O: parity_scale_codec::Output + ?Sized>(&self, output: &mut O) {
                scale_bytes::write(self, output);
            }
        }

        #[cfg(feature = "scale")]
        impl$(<$scheme: Scheme>)? parity_scale_codec::Decode for $type {
            fn decode<I: parity_scale_codec::Input>(
                input: &mut I,
            ) -> Result<Self, parity_scale_codec::Error> {
                scale_bytes::read(input)
            }
        }

        #[cfg(feature = "borsh")]
        impl$(<$scheme: Scheme>)? borsh::BorshSerialize for $type {
            fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
                borsh_bytes::write(self, writer)
            }
        }

        #[cfg(feature = "borsh")]
        impl$(<$scheme: Scheme>)? borsh::BorshDeserialize for $type {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                borsh_bytes::read(reader)
            }
        }
    };
}

through_bytes!(PathProof<S>, crate::proof::ProofError, S);
through_bytes!(MultiProof<S>, crate::outline::OutlineError, S);
through_bytes!(RangeProof<S>, crate::range_proof::RangeProofError, S);
through_bytes!(Witness<S>, crate::witness::WitnessError, S);
through_bytes!(StateResponse, crate::state_request::StateResponseError);
#[cfg(feature = "unstable")]
through_bytes!(crate::compact_proof::CompactProof, crate::compact_proof::CompactProofError);

#[cfg(test)]
mod tests;
