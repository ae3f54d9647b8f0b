//! Every proof goes through every codec, as its canonical bytes.
#![cfg(all(feature = "serde", feature = "scale", feature = "borsh"))]

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::state_request::StateRequest;
use crate::trie::Trie;
use alloc::vec;
use borsh::{BorshDeserialize, BorshSerialize};
use parity_scale_codec::{Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn goes_through<T>(proof: &T)
where
    T: Canonical + PartialEq + fmt::Debug,
    T: Serialize + DeserializeOwned + Encode + Decode + BorshSerialize + BorshDeserialize,
{
    let bytes = proof.to_bytes();
    let json = serde_json::to_string(proof).unwrap();
    assert_eq!(json, serde_json::to_string(&bytes).unwrap());
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), proof);

    let scale = proof.encode();
    assert_eq!(scale, bytes.encode());
    assert_eq!(T::decode(&mut &scale[..]).as_ref(), Ok(proof));

    let borsh = borsh::to_vec(proof).unwrap();
    assert_eq!(borsh, borsh::to_vec(&bytes).unwrap());
    assert_eq!(&borsh::from_slice::<T>(&borsh).unwrap(), proof);

    let longer = [&bytes[..], &[0xff]].concat();
    assert!(serde_json::from_str::<T>(&serde_json::to_string(&longer).unwrap()).is_err());
    assert!(T::decode(&mut &longer.encode()[..]).is_err());
    assert!(borsh::from_slice::<T>(&borsh::to_vec(&longer).unwrap()).is_err());
}

#[test]
fn every_proof_goes_through_every_codec() {
    let keys: Vec<StateKey> =
        (0_u8..20).map(|n| StateKey::service_storage(u32::from(n % 2), &[n])).collect();
    let mut trie: Trie<GrayPaper> = keys.iter().map(|key| (*key, vec![7; 40])).collect();
    goes_through(&trie.prove(&keys[3]));
    goes_through(&trie.prove_many(keys[..5].iter().copied()));
    goes_through(&trie.prove_range(&keys[2].min(keys[3]), &keys[2].max(keys[3]), 500).proof);
    goes_through(&trie.witness([keys[0]], [(keys[1], None::<&[u8]>)]));
    goes_through(&trie.serve_state(&StateRequest::new(StateKey::MIN, StateKey::MAX, 900)));
    #[cfg(feature = "unstable")]
    {
        let mut asked = keys[..5].to_vec();
        asked.sort();
        let query = crate::compact_proof::Query::new(asked, &[]).unwrap();
        goes_through(&trie.prove_compact(&query).0);
    }
}
