//! The nomt side: a database of its own in a temporary directory.

use crate::sets::{Changes, Key, Set};
use bmt_core::nomt_compat::{Blake3, NomtCompat, Sha256};
use bmt_core::{Hash, Scheme, Trie};
use nomt::hasher::{Blake3Hasher, Sha2Hasher};
use nomt::proof::PathProof;
use nomt::{HashAlgorithm, KeyReadWrite, Nomt, Options, SessionParams, Witness, WitnessMode};
use nomt_core::trie_pos::TriePosition;
use tempfile::TempDir;

/// The same hash function on both sides.
pub trait Pair {
    /// Our scheme.
    type Ours: Scheme<Key = Key>;
    /// nomt's hasher.
    type Theirs: HashAlgorithm;
}

/// BLAKE3 on both sides.
pub struct WithBlake3;

impl Pair for WithBlake3 {
    type Ours = NomtCompat<Blake3>;
    type Theirs = Blake3Hasher;
}

/// SHA-256 on both sides.
pub struct WithSha256;

impl Pair for WithSha256 {
    type Ours = NomtCompat<Sha256>;
    type Theirs = Sha2Hasher;
}

/// A nomt database, removed when dropped.
pub struct Peer<P: Pair> {
    // Before the directory, so that it is closed before that is removed.
    nomt: Nomt<P::Theirs>,
    _dir: TempDir,
}

impl<P: Pair> Peer<P> {
    /// An empty database.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = Options::new();
        options.path(dir.path().join("nomt"));
        options.bitbox_seed([7; 16]);
        options.hashtable_buckets(8_192);
        options.preallocate_ht(false);
        options.page_cache_size(16);
        options.leaf_cache_size(16);
        options.commit_concurrency(2);
        Self { nomt: Nomt::open(options).unwrap(), _dir: dir }
    }

    /// A database with these entries, and our trie with the same.
    pub fn with(set: &Set) -> (Self, Trie<P::Ours>) {
        let peer = Self::new();
        peer.commit(&set.iter().map(|(key, value)| (*key, Some(value.clone()))).collect());
        let mut trie: Trie<P::Ours> = set.iter().map(|(key, value)| (*key, &value[..])).collect();
        assert_eq!(trie.root(), peer.root());
        (peer, trie)
    }

    /// The root of what is committed.
    pub fn root(&self) -> Hash {
        self.nomt.root().into_inner()
    }

    /// Commits the changes.
    pub fn commit(&self, changes: &Changes) {
        let write =
            |(key, value): (&Key, &Option<Vec<u8>>)| (*key, KeyReadWrite::Write(value.clone()));
        let session = self.nomt.begin_session(SessionParams::default());
        let finished = session.finish(changes.iter().map(write).collect()).unwrap();
        finished.commit(&self.nomt).unwrap();
    }

    /// Commits the accesses, which are sorted by key, and returns their witness.
    pub fn commit_with_witness(&self, accesses: Vec<(Key, KeyReadWrite)>) -> Witness {
        let params = SessionParams::default().witness_mode(WitnessMode::read_write());
        let mut finished = self.nomt.begin_session(params).finish(accesses).unwrap();
        let witness = finished.take_witness().unwrap();
        finished.commit(&self.nomt).unwrap();
        witness
    }

    /// Proofs of the keys in their order.
    pub fn prove(&self, keys: &[Key]) -> Vec<PathProof> {
        let session = self.nomt.begin_session(SessionParams::default());
        keys.iter().map(|key| session.prove(*key).unwrap()).collect()
    }
}

/// A key with all its bits as a path, as nomt's verifier takes it.
pub fn whole_path(key: &Key) -> TriePosition {
    TriePosition::from_path_and_depth(*key, 256)
}
