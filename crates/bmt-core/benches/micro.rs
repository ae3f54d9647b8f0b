//! Micro-benchmarks: `cargo bench -p bmt-core`. What is quoted comes from `cargo xtask bench`.

use bmt_core::{EMPTY_ROOT, GrayPaper, PathProof, Scheme, StateKey, Trie};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn key(n: u32) -> StateKey {
    StateKey::service_storage(7, &n.to_le_bytes())
}

fn filled(count: u32) -> Trie<GrayPaper> {
    (0..count).map(|n| (key(n), vec![7; 32])).collect()
}

fn hashing(criterion: &mut Criterion) {
    let nodes = vec![[5; 64]; 1024];
    let mut hashes = vec![EMPTY_ROOT; 1024];
    criterion.bench_function("hash64_many, 1,024 nodes", |bencher| {
        bencher.iter(|| GrayPaper::hash64_many(black_box(&nodes), &mut hashes));
    });
}

fn updating(criterion: &mut Criterion) {
    let mut trie = filled(100_000);
    trie.root();
    let mut round = 0_u8;
    criterion.bench_function("100 updates and the root of 100,000 keys", |bencher| {
        bencher.iter(|| {
            round = round.wrapping_add(1);
            for n in 0..100 {
                trie.insert(key(n * 997), vec![round; 32]);
            }
            trie.root()
        });
    });
}

fn proving(criterion: &mut Criterion) {
    let mut trie = filled(100_000);
    let (root, value) = (trie.root(), [7; 32]);
    let bytes = trie.prove(&key(5)).encode();
    criterion.bench_function("path proof of 100,000 keys: make", |bencher| {
        bencher.iter(|| trie.prove_hashed(black_box(&key(5))));
    });
    criterion.bench_function("path proof of 100,000 keys: decode and verify", |bencher| {
        bencher.iter(|| {
            let proof = PathProof::<GrayPaper>::decode(black_box(&bytes));
            proof.map(|proof| proof.verify_present(&root, &key(5), &value))
        });
    });
}

criterion_group!(benches, hashing, updating, proving);
criterion_main!(benches);
