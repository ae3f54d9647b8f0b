//! commonware-storage: qmdb `current`, unordered and ordered, over an append-only log and a
//! Merkle mountain belt. It has a root, which depends on the order of all writes ever made.
//!
//! Configured as in its own largest benchmark: keys of 32 bytes in an `EightCap` index, SHA-256,
//! the proportional floor policy, fixed-size operations where all values have 32 bytes. Each batch
//! is applied and committed (durable); `flush` is `sync` and then `prune` to the sync boundary,
//! without which its log would keep everything for ever. The index of all keys is in memory; the
//! page cache takes a quarter of the limit.

use crate::engine::{Committed, Engine, EngineKind, Outcome, Setup};
use crate::workload::{Batch, Key, OpKind, ValueShape};
use commonware_cryptography::sha256::{Digest, Sha256};
use commonware_parallel::Rayon;
use commonware_runtime::buffer::paged::{CacheRef, page_size};
use commonware_runtime::tokio::{Config as RuntimeConfig, Context, Runner};
use commonware_runtime::{BLOB_PAGE_SIZE, Runner as _, Strategizer as _, Supervisor as _};
use commonware_storage::journal::contiguous::{fixed, variable};
use commonware_storage::merkle::{full, mmb};
use commonware_storage::qmdb::current::{self, FixedConfig, VariableConfig, ordered, unordered};
use commonware_storage::qmdb::floor::Proportional;
use commonware_storage::translator::EightCap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Operations in one file of the log, which is what pruning can drop.
const OPS_PER_BLOB: NonZeroU64 = NonZeroU64::new(500_000).unwrap();
/// Its benchmarks' write and replay buffers, in bytes.
const BUFFER_BYTES: NonZeroUsize = NonZeroUsize::new(2 << 20).unwrap();
/// Its benchmarks' cache for rebuilding the index at open, in entries.
const INIT_CACHE: Option<NonZeroUsize> = NonZeroUsize::new(1 << 18);
/// Bytes of a chunk of the activity bitmap.
const CHUNK: usize = 32;

type UnorderedFixed =
    unordered::fixed::Db<mmb::Family, Context, Digest, Digest, Sha256, EightCap, CHUNK, Rayon>;
type OrderedFixed =
    ordered::fixed::Db<mmb::Family, Context, Digest, Digest, Sha256, EightCap, CHUNK, Rayon>;
type UnorderedVariable =
    unordered::variable::Db<mmb::Family, Context, Digest, Vec<u8>, Sha256, EightCap, CHUNK, Rayon>;
type OrderedVariable =
    ordered::variable::Db<mmb::Family, Context, Digest, Vec<u8>, Sha256, EightCap, CHUNK, Rayon>;

/// The engine's own runtime, kept alive by a thread that waits for [`Runtime::stop`].
struct Runtime {
    handle: Handle,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Runtime {
    fn start(setup: &Setup<'_>) -> Outcome<(Self, Context)> {
        let config = RuntimeConfig::default()
            .with_worker_threads(setup.core_count)
            .with_storage_directory(setup.dir);
        let (started, context) = mpsc::channel();
        let (end, ended) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            Runner::new(config).start(|context| async move {
                let sent = started.send((context, Handle::current()));
                if sent.is_ok() {
                    // An error means that the sender is gone, which is an end as well.
                    ended.await.unwrap_or(());
                }
            });
        });
        let (context, handle) = context.recv()?;
        Ok((Self { handle, end, thread }, context))
    }

    fn stop(self) -> Outcome<()> {
        self.end.send(()).map_err(|()| "the runtime has ended by itself")?;
        self.thread.join().map_err(|_| "the runtime's thread panicked".into())
    }
}

/// Opens the store in the directory.
///
/// # Errors
/// The store's.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let fixed = matches!(setup.dataset.values, ValueShape::Fixed(32));
    match (kind == EngineKind::CommonwareOrdered, fixed) {
        (false, true) => UnorderedFixedEngine::open(setup),
        (true, true) => OrderedFixedEngine::open(setup),
        (false, false) => UnorderedVariableEngine::open(setup),
        (true, false) => OrderedVariableEngine::open(setup),
    }
}

fn cache(setup: &Setup<'_>) -> CacheRef {
    let page_count = (setup.memory_bytes / 4 / u64::from(BLOB_PAGE_SIZE)) as usize;
    let page_count = NonZeroUsize::new(page_count).unwrap_or(NonZeroUsize::MIN);
    CacheRef::new(page_size(BLOB_PAGE_SIZE), page_count)
}

fn config<J>(
    context: &Context,
    setup: &Setup<'_>,
    page_cache: CacheRef,
    journal_config: J,
) -> current::Config<EightCap, J, Rayon> {
    let cores = NonZeroUsize::new(setup.core_count).unwrap_or(NonZeroUsize::MIN);
    current::Config {
        merkle_config: full::Config {
            journal_partition: "merkle-journal".into(),
            metadata_partition: "merkle-nodes".into(),
            items_per_blob: OPS_PER_BLOB,
            write_buffer: BUFFER_BYTES,
            replay_buffer: BUFFER_BYTES,
            strategy: context.strategy(cores),
            page_cache,
        },
        journal_config,
        grafted_metadata_partition: "grafted-metadata".into(),
        translator: EightCap,
        init_cache: INIT_CACHE,
        init_buffer: BUFFER_BYTES,
        init_concurrency: (),
    }
}

fn fixed_config(context: &Context, setup: &Setup<'_>) -> FixedConfig<EightCap, Rayon> {
    let page_cache = cache(setup);
    let journal = fixed::Config {
        partition: "operations".into(),
        items_per_blob: OPS_PER_BLOB,
        page_cache: page_cache.clone(),
        write_buffer: BUFFER_BYTES,
        replay_buffer: BUFFER_BYTES,
    };
    config(context, setup, page_cache, journal)
}

type ValueCodec = ((), (commonware_codec::RangeCfg<usize>, ()));

fn variable_config(
    context: &Context,
    setup: &Setup<'_>,
) -> VariableConfig<EightCap, ValueCodec, Rayon> {
    let page_cache = cache(setup);
    let journal = variable::Config {
        partition: "operations".into(),
        items_per_section: OPS_PER_BLOB,
        compression: None,
        codec_config: ((), ((0..=1 << 20).into(), ())),
        page_cache: page_cache.clone(),
        write_buffer: BUFFER_BYTES,
        replay_buffer: BUFFER_BYTES,
    };
    config(context, setup, page_cache, journal)
}

fn fixed_value(bytes: &[u8]) -> Digest {
    let mut value = [0; 32];
    value.copy_from_slice(bytes);
    Digest::from(value)
}

/// The four kinds of database have the same methods and no trait in common.
macro_rules! engine {
    ($engine:ident, $db:ty, $config:ident, $value:expr) => {
        struct $engine {
            // `None` only while an operation that consumes the handle is under way.
            db: Option<$db>,
            runtime: Runtime,
            cache_mib: u64,
        }

        impl $engine {
            fn open(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
                let (runtime, context) = Runtime::start(setup)?;
                let config = $config(&context, setup);
                let opening = <$db>::init(context.child("db"), config, None);
                let db = Some(runtime.handle.block_on(opening)?);
                let cache_mib = setup.memory_bytes / 4 >> 20;
                Ok(Box::new(Self { db, runtime, cache_mib }))
            }
        }

        impl Engine for $engine {
            fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
                let db = self.db.take().ok_or("an earlier operation failed")?;
                let handle = self.runtime.handle.clone();
                let (db, found_count) = handle.block_on(async {
                    let keys: Vec<Digest> = batch
                        .ops()
                        .iter()
                        .filter(|op| op.kind == OpKind::Read)
                        .map(|op| Digest::from(op.key))
                        .collect();
                    let mut changes = db.new_batch();
                    let found = changes.get_many(&keys.iter().collect::<Vec<_>>(), &db).await?;
                    for op in batch.ops() {
                        let key = Digest::from(op.key);
                        changes = match op.kind {
                            OpKind::Read => changes,
                            OpKind::Put => changes.write(key, Some($value(batch.value(op)))),
                            OpKind::Delete => changes.write(key, None),
                        };
                    }
                    let merkleized = changes.merkleize(&db, None, &mut Proportional).await?;
                    let db = db.apply_batch(merkleized).await?.commit().await?;
                    Outcome::Ok((db, found.iter().flatten().count() as u64))
                })?;
                self.db = Some(db);
                Ok(Committed { found_count, witness_bytes: None })
            }

            fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
                let db = self.db.as_ref().ok_or("an earlier operation failed")?;
                let key = Digest::from(*key);
                Ok(self.runtime.handle.block_on(db.get(&key))?.map(|value| value.to_vec()))
            }

            fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
                let db = self.db.as_ref().ok_or("an earlier operation failed")?;
                let keys: Vec<Digest> = keys.iter().map(|key| Digest::from(*key)).collect();
                let keys: Vec<&Digest> = keys.iter().collect();
                let values = self.runtime.handle.block_on(db.get_many(&keys))?;
                Ok(values.into_iter().map(|value| value.map(|value| value.to_vec())).collect())
            }

            fn prove(&mut self, keys: &[Key]) -> Outcome<Option<u64>> {
                let db = self.db.as_ref().ok_or("an earlier operation failed")?;
                self.runtime.handle.block_on(async {
                    for key in keys {
                        let proof = db.key_value_proof(Digest::from(*key)).await?;
                        std::hint::black_box(proof);
                    }
                    Ok(Some(keys.len() as u64))
                })
            }

            fn flush(&mut self) -> Outcome<()> {
                let db = self.db.take().ok_or("an earlier operation failed")?;
                let db = self.runtime.handle.block_on(async {
                    let db = db.sync().await?;
                    let boundary = db.sync_boundary();
                    Outcome::Ok(db.prune(boundary).await?)
                })?;
                self.db = Some(db);
                Ok(())
            }

            fn close(self: Box<Self>) -> Outcome<()> {
                drop(self.db);
                self.runtime.stop()
            }

            fn notes(&self) -> String {
                format!("page cache {} MiB, index in memory, SHA-256", self.cache_mib)
            }
        }
    };
}

engine!(UnorderedFixedEngine, UnorderedFixed, fixed_config, fixed_value);
engine!(OrderedFixedEngine, OrderedFixed, fixed_config, fixed_value);
engine!(UnorderedVariableEngine, UnorderedVariable, variable_config, <[u8]>::to_vec);
engine!(OrderedVariableEngine, OrderedVariable, variable_config, <[u8]>::to_vec);
