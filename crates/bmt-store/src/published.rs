//! The newest version, behind one pointer: [`Published`].

use super::sync::{ArcSwap, Mutex};
use std::ops::Deref;
use std::sync::Arc;

/// What readers take without a lock, and commits and checkpoints change, each from what is there then.
pub(crate) struct Published<V> {
    current: Arc<ArcSwap<V>>,
    /// Held while `current` is changed.
    publishing: Mutex<()>,
}

impl<V> Published<V> {
    pub(crate) fn new(first: V) -> Self {
        Self { current: Arc::new(ArcSwap::from_pointee(first)), publishing: Mutex::new(()) }
    }

    pub(crate) fn load(&self) -> impl Deref<Target = Arc<V>> + '_ {
        self.current.load()
    }

    pub(crate) fn load_full(&self) -> Arc<V> {
        self.current.load_full()
    }

    /// The pointer itself, for whoever looks at it later.
    pub(crate) fn pointer(&self) -> Arc<ArcSwap<V>> {
        Arc::clone(&self.current)
    }

    /// Puts another in its place; the only way to do that.
    pub(crate) fn publish(&self, change: impl FnOnce(&V) -> V) -> Arc<V> {
        let _publishing = self.publishing.lock();
        let next = Arc::new(change(&self.current.load_full()));
        self.current.store(Arc::clone(&next));
        next
    }
}
