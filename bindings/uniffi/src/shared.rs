//! The engine as all of its parts share it, until it is closed for all of them at once.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use eventify_core::ffi::Refusal;
use eventify_core::{Error, Eventify, Reason};
use eventify_store_redb::RedbStore;
use tokio::sync::Mutex;

/// What every noun holds. Whoever still holds one when the engine is closed holds no file.
pub(crate) struct Shared {
    /// `None` once it is closed.
    eventify: RwLock<Option<Eventify>>,
    /// Whoever closes it waits for one who does already.
    closing: Mutex<()>,
    /// `None` for an engine in memory.
    file: Option<Arc<RedbStore>>,
}

impl Shared {
    pub(crate) const fn new(eventify: Eventify, file: Option<Arc<RedbStore>>) -> Self {
        Self { eventify: RwLock::new(Some(eventify)), closing: Mutex::const_new(()), file }
    }

    /// The engine, for one call.
    ///
    /// # Errors
    /// `closed`.
    pub(crate) fn engine(&self) -> Result<Eventify, Refusal> {
        let held = self.eventify.read().unwrap_or_else(PoisonError::into_inner);
        Ok(held.clone().ok_or_else(|| Error::new(Reason::Closed, "The engine is closed."))?)
    }

    /// Finishes what was accepted, and lets go of everything, also when whoever asked gives up waiting. Doing it twice is doing it once.
    pub(crate) async fn close(self: Arc<Self>) {
        // A task that panics is a bug which the runtime has told of.
        let _ = tokio::spawn(async move { self.let_go().await }).await;
    }

    async fn let_go(&self) {
        let _closing = self.closing.lock().await;
        let Ok(eventify) = self.engine() else { return };
        eventify.shut_down().await;
        self.eventify.write().unwrap_or_else(PoisonError::into_inner).take();
        // Calls that are under way hold the engine a little longer; the file waits for none of them.
        if let Some(file) = &self.file {
            file.close();
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("is_closed", &self.engine().is_err()).finish_non_exhaustive()
    }
}
