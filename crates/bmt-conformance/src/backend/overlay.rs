//! The database by way of overlays: each commit is a chain of three, read while it is not committed.
//!
//! The next commit, not the reopening, makes the chain durable: what is closed and opened is the state before,
//! and the chain is built on it again.

use super::db::{Opened, listed, shared};
use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt::{GrayPaper, Hash, Overlay, StateKey, WriteOptions};

/// Chains of [`bmt::Overlay`].
#[derive(Debug, Clone, Copy, Default)]
pub struct OverlayLayer;

/// Overlays that a commit is made of.
const LINKS: usize = 3;

impl BackendFactory for OverlayLayer {
    fn name(&self) -> &str {
        "overlay"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        let opened = Opened::new()?;
        Ok(Box::new(OverlayBackend { chain: Vec::new(), ops: Vec::new(), opened }))
    }
}

struct OverlayBackend {
    /// Of the newest state, the oldest first; dropped before the database is closed.
    chain: Vec<Overlay<GrayPaper>>,
    /// What the chain changes.
    ops: Vec<Op>,
    opened: Opened,
}

impl OverlayBackend {
    fn tip(&self) -> Result<&Overlay<GrayPaper>, BackendError> {
        self.chain.last().ok_or_else(|| BackendError::new("there was no commit"))
    }

    /// A chain of overlays on the committed state, which changes what `self.ops` say.
    fn build(&mut self) -> Result<Hash, BackendError> {
        let db = self.opened.db()?;
        for link in 0..LINKS {
            let options = WriteOptions::new();
            let options = match self.chain.last() {
                Some(parent) => options.on(parent),
                None => options,
            };
            let mut session = db.begin_write_with(&options).map_err(BackendError::new)?;
            for (key, change) in self.ops.iter().skip(link).step_by(LINKS) {
                match change {
                    Some(value) => {
                        session.insert(*key, &**value).map_err(BackendError::new)?;
                    }
                    None => session.delete(key),
                }
            }
            self.chain.push(session.prepare().map_err(BackendError::new)?.into_overlay());
        }
        Ok(self.tip()?.root())
    }

    /// Commits the chain.
    fn settle(&mut self) -> Result<(), BackendError> {
        for overlay in self.chain.drain(..) {
            let commit = overlay.commit().map_err(BackendError::new)?;
            if commit.root != overlay.root() {
                return Err(BackendError::new("an overlay was committed with another root"));
            }
        }
        Ok(())
    }
}

impl Backend for OverlayBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        self.settle()?;
        self.ops = ops.to_vec();
        self.build()
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        let committed = self.opened.db()?.root();
        self.chain.clear();
        if self.opened.reopen()? != committed {
            return Err(BackendError::new("the committed root is another one after reopening"));
        }
        self.build()
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        Ok(shared(self.tip()?.get(key).map_err(BackendError::new)?))
    }

    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(Some(self.tip()?.prove(key).map_err(BackendError::new)?.encode()))
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        listed(self.tip()?.range(..).map_err(BackendError::new)?)
    }
}
