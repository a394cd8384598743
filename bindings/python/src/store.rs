//! Where an engine keeps its records, by the name of the place.

use std::sync::Arc;

use eventify_core::Error;
use eventify_core::error::Reason;
use eventify_core::store::{MemoryStore, Store};
use eventify_store_postgres::{PostgresStore, migrations};
use eventify_store_redb::RedbStore;

/// Opens `redb:PATH`, `postgres://…` or `memory:`, and names the file if it is one. A database is brought to this version first when `migrate`
/// says so.
pub(crate) async fn open(
    url: &str,
    migrate: bool,
) -> Result<(Arc<dyn Store>, Option<Arc<RedbStore>>), Error> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok((Arc::new(MemoryStore::new()), None)),
        Some(("redb", path)) if !path.is_empty() => {
            // Blocks for a moment, before anything else runs on these threads.
            let file = Arc::new(RedbStore::open(path).map_err(|e| not_opened(&e))?);
            Ok((file.clone(), Some(file)))
        }
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            if migrate {
                migrations::up(url).await.map_err(|e| not_opened(&e))?;
            }
            Ok((Arc::new(PostgresStore::connect(url).await.map_err(|e| not_opened(&e))?), None))
        }
        // The text may hold a password, so it is not repeated.
        _ => Err(Error::invalid("url", "must be redb:PATH, postgres://USER@HOST/DATABASE or memory:")),
    }
}

/// Whether the store is behind sockets.
pub(crate) fn has_sockets(url: &str) -> bool {
    matches!(url.split_once(':'), Some(("postgres" | "postgresql", _)))
}

fn not_opened(error: &dyn std::error::Error) -> Error {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !sentence.contains(&cause_text) {
            sentence = format!("{sentence}: {cause_text}");
        }
        source = cause.source();
    }
    Error::new(Reason::StoreUnavailable, sentence)
}
