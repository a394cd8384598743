//! Which store the tests run over: a program whose name ends in `_postgres` runs them over databases.

use std::collections::BTreeMap;
use std::sync::Mutex;

use eventify_store_postgres::testing::{Database, Server};

/// Where the stores of a test are.
pub enum Backend {
    /// In the test's directory.
    Files,
    /// On the server that the whole program shares; made when they are named first.
    Databases(Mutex<BTreeMap<String, Database>>),
}

impl Backend {
    pub fn new() -> Self {
        if is_postgres() { Self::Databases(Mutex::default()) } else { Self::Files }
    }

    /// The store that every command uses unless it is told otherwise; `None` leaves it to the command itself.
    pub fn default_store(&self) -> Option<String> {
        matches!(self, Self::Databases(_)).then(|| self.store("default"))
    }

    /// Another store.
    pub fn store(&self, name: &str) -> String {
        match self {
            Self::Files => format!("redb:{name}.redb"),
            Self::Databases(made) => {
                let mut made = made.lock().unwrap();
                made.entry(name.to_owned()).or_insert_with(database).url().to_owned()
            }
        }
    }
}

/// Whether the tests of this program run over databases.
pub fn is_postgres() -> bool {
    env!("CARGO_CRATE_NAME").ends_with("_postgres")
}

/// A new database, with its schema.
pub fn database() -> Database {
    wait(async { Server::shared().database().await })
}

/// Waits for what only runs on a runtime.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
