//! A scheme of one's own: 32-byte keys, every value hashed, a node's kind in its hash's lowest bit.
//! Whatever this crate can do with a trie works under it.

use bmt_core::{Hash, LeafValue, NodeKind, Scheme, Trie, lanes, reference, root_sorted};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ledger;

impl Scheme for Ledger {
    type Key = [u8; 32];
    const ID: u32 = 0x4c45_4447;
    const NAME: &'static str = "ledger";
    const LEFT_FIRST_BYTE_MASK: u8 = 0xff;
    const LEAF_KEY_OFFSET: usize = 0;

    fn value_is_hashed(_length_bytes: usize) -> bool {
        true
    }
    fn hash_value(value: &[u8]) -> Hash {
        lanes::hash_one(value)
    }
    fn leaf_preimage(key: &[u8; 32], value: LeafValue<'_>) -> [u8; 64] {
        let hash = match value {
            LeafValue::Bytes(bytes) => Self::hash_value(bytes),
            LeafValue::Hashed(hash) => *hash,
        };
        let mut node = [0; 64];
        node[..32].copy_from_slice(key);
        node[32..].copy_from_slice(&hash);
        node
    }
    fn parse_leaf(node: &[u8; 64]) -> Option<[u8; 32]> {
        node.first_chunk().copied()
    }
    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        lanes::hash64_many(preimages, hashes);
    }
    fn label(kind: NodeKind, mut hash: Hash) -> Hash {
        hash[31] = hash[31] & 0xfe | u8::from(kind == NodeKind::Leaf);
        hash
    }
}

fn main() {
    let entries = [([1; 32], "ten"), ([2; 32], "three")];
    let mut trie: Trie<Ledger> =
        entries.iter().map(|(key, text)| (*key, text.as_bytes())).collect();
    let root = trie.root();
    assert_eq!(root, root_sorted::<Ledger, _>(&entries));
    assert_eq!(root, reference::root::<Ledger, _>(&entries));
    let proof = trie.prove(&entries[0].0);
    assert_eq!(proof.verify_present(&root, &entries[0].0, b"ten"), Ok(()));
}

#[test]
fn the_example_runs() {
    main();
}
