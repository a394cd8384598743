//! Where small worlds are kept: in memory.

use std::sync::Arc;

use eventify_core::store::{MemoryStore, Store};

/// What has to be there as long as the store.
pub type Place = ();

pub async fn place() -> (Place, Arc<dyn Store>) {
    ((), Arc::new(MemoryStore::new()))
}
