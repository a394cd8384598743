//! A server that databases are made on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::OnceCell;

use super::database::{Database, create, fresh_name};
use super::process::Process;

/// A Postgres server: one of our own, started from its binaries, or the one that `DATABASE_URL` names.
///
/// One of our own lives in a temporary directory, listens on a socket there and on a port of 127.0.0.1, syncs what it
/// writes, and is gone when the last handle or the program is, however that ends.
#[derive(Debug)]
pub struct Server {
    own: Option<Mutex<Process>>,
    base: Base,
    template: OnceCell<String>,
}

/// How addresses on the server are made.
#[derive(Debug)]
enum Base {
    Own { dir: PathBuf, port: u16 },
    Given(String),
}

impl Server {
    /// Starts a server of our own, whatever `DATABASE_URL` says: for tests that stop it. Blocks while it does.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same with further lines of configuration, such as `max_connections = 10`.
    #[must_use]
    pub fn start_with(settings: &str) -> Self {
        Self::of(Process::start(settings))
    }

    /// Starts a streaming replica of this server, which has to be ours. Blocks while it does. Its databases are those
    /// of this one, under the same names.
    #[must_use]
    pub fn replicate(&self) -> Self {
        Self::of(self.own().replicate())
    }

    fn of(process: Process) -> Self {
        let base = Base::Own { dir: process.dir().to_path_buf(), port: process.port() };
        Self { own: Some(Mutex::new(process)), base, template: OnceCell::new() }
    }

    /// The server that a whole test program shares.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
        let make = || match std::env::var("DATABASE_URL") {
            Ok(url) => Self { own: None, base: Base::Given(url), template: OnceCell::new() },
            Err(_) => Self::start(),
        };
        SHARED.get_or_init(|| Arc::new(make())).clone()
    }

    /// A new database with the newest schema and no records; dropped when the handle is.
    pub async fn database(&self) -> Database {
        if self.own.is_none() {
            let database = self.empty_database().await;
            crate::migrations::up(database.url()).await.expect("the schema is made");
            return database;
        }
        let template = self.template.get_or_init(|| async {
            let name = fresh_name();
            create(&self.url("postgres"), &name, None).await;
            crate::migrations::up(&self.url(&name)).await.expect("the schema is made");
            name
        });
        let template = template.await;
        let name = fresh_name();
        create(&self.url("postgres"), &name, Some(template)).await;
        Database::new(self.url("postgres"), self.url(&name), name)
    }

    /// A new database with nothing in it at all.
    pub async fn empty_database(&self) -> Database {
        let name = fresh_name();
        create(&self.url("postgres"), &name, None).await;
        Database::new(self.url("postgres"), self.url(&name), name)
    }

    /// The address of a database on this server: over its socket when it is ours.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.base {
            Base::Own { dir, port } => {
                format!("postgres://eventify@localhost:{port}/{database}?host={}", dir.display())
            }
            Base::Given(url) => with_database(url, database),
        }
    }

    /// The same over TCP.
    #[must_use]
    pub fn tcp_url(&self, database: &str) -> String {
        match &self.base {
            Base::Own { port, .. } => format!("postgres://eventify@127.0.0.1:{port}/{database}"),
            Base::Given(url) => with_database(url, database),
        }
    }

    /// Whether the server is ours, so that it can be stopped.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// The directory of a server of ours; its settings and its log are there.
    #[must_use]
    pub fn dir(&self) -> Option<PathBuf> {
        match &self.base {
            Base::Own { dir, .. } => Some(dir.clone()),
            Base::Given(_) => None,
        }
    }

    /// Stops it: every session ends, everything committed stays. Blocks while it does.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts it again after [`Server::stop`] or [`Server::kill`]. Blocks until it serves.
    pub fn start_again(&self) {
        self.order("start");
    }

    /// Stops it and starts it again.
    pub fn restart(&self) {
        self.stop();
        self.start_again();
    }

    /// Kills it as a power cut would.
    pub fn kill(&self) {
        self.order("kill");
    }

    fn order(&self, word: &str) {
        self.own().order(word);
    }

    fn own(&self) -> MutexGuard<'_, Process> {
        let own = self.own.as_ref().expect("a server of our own");
        own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same address with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, p)| (a, Some(p)));
    let scheme_end = address.find("://").map_or(0, |at| at + 3);
    let path =
        address.get(scheme_end..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| scheme_end + at);
    let address = address.get(..path).unwrap_or(address);
    match parameters {
        Some(parameters) => format!("{address}/{database}?{parameters}"),
        None => format!("{address}/{database}"),
    }
}
