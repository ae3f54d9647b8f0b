//! A light client: it has a root that it trusts, and bytes from somebody that it does not.
//!
//! The module `client` uses nothing but `core` and this crate, which builds without the standard library.
//!
//! Prints:
//! ```text
//! alice has 10
//! mallory has nothing
//! a proof of … bytes with any bit changed shows nothing else
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt_core::{GrayPaper, StateKey, Trie};

/// What runs on the device.
mod client {
    use bmt_core::{GrayPaper, Hash, PathProof, StateKey};

    /// Whether the key has this value, or none, in the state of this root.
    pub(crate) fn is_shown(
        root: &Hash,
        key: &StateKey,
        value: Option<&[u8]>,
        proof: &[u8],
    ) -> bool {
        let Ok(proof) = PathProof::<GrayPaper>::decode(proof) else { return false };
        match value {
            Some(value) => proof.verify_present(root, key, value).is_ok(),
            None => proof.verify_absent(root, key).is_ok(),
        }
    }
}

fn main() {
    let name = |name: &str| StateKey::service_storage(7, name.as_bytes());
    let mut trie: Trie<GrayPaper> = (0..1000_u32)
        .map(|n| (StateKey::service_storage(7, &n.to_le_bytes()), vec![1; 20]))
        .collect();
    trie.insert(name("alice"), b"10".as_slice());
    let root = trie.root();

    let proof = trie.prove(&name("alice")).encode();
    assert!(client::is_shown(&root, &name("alice"), Some(b"10"), &proof));
    assert!(!client::is_shown(&root, &name("alice"), Some(b"11"), &proof));
    println!("alice has 10");

    let absence = trie.prove(&name("mallory")).encode();
    assert!(client::is_shown(&root, &name("mallory"), None, &absence));
    println!("mallory has nothing");

    for bit in 0..8 * proof.len() {
        let mut changed = proof.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!client::is_shown(&root, &name("alice"), Some(b"10"), &changed), "bit {bit}");
    }
    println!("a proof of {} bytes with any bit changed shows nothing else", proof.len());
}
