//! One database of a test.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::connect::Address;

/// A database that is dropped with this handle.
#[derive(Debug)]
pub struct Database {
    admin: String,
    url: String,
    name: String,
}

impl Database {
    pub(super) const fn new(admin: String, url: String, name: String) -> Self {
        Self { admin, url, name }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements in it, on a connection of their own.
    pub async fn execute(&self, script: &str) {
        run(&self.url, script).await.unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    /// A transaction of somebody else that has run these statements, such as `LOCK TABLE …`, and stays open.
    pub async fn hold(&self, script: &str) -> Held {
        let mut db = Address::parse(&self.url).expect("an address").connect().await.expect("a connection");
        let script = format!("BEGIN; {script}");
        db.execute(sqlx::raw_sql(AssertSqlSafe(script))).await.expect("statements that can be run");
        Held { db }
    }

    /// Ends every session in it, as an operator or a failover would.
    pub async fn terminate_sessions(&self) {
        let script = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
             WHERE datname = '{}' AND pid <> pg_backend_pid()",
            self.name
        );
        run(&self.admin, &script).await.unwrap_or_else(|error| panic!("{script}: {error}"));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, script) = (self.admin.clone(), format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name));
        // A thread of its own: whoever drops this may stand inside of a runtime. A server that is gone took it along.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&admin, &script)))
        });
        let _ = dropped.join();
    }
}

/// A transaction that is open until this is dropped. Belongs to the runtime that it was begun on.
#[derive(Debug)]
pub struct Held {
    db: PgConnection,
}

impl Held {
    /// Waits until so many other sessions of the database wait for a lock.
    ///
    /// # Panics
    /// When they do not within two minutes.
    pub async fn until_blocked(&mut self, sessions: i64) {
        let blocked = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = async {
            loop {
                // What others do is shown as it was at a transaction's first look: forget that one.
                self.db.execute("SELECT pg_stat_clear_snapshot()").await.expect("an answer");
                let found = sqlx::query(blocked).fetch_one(&mut self.db).await.expect("an answer");
                if found.get::<i64, _>(0) >= sessions {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), waiting).await.expect("sessions wait for a lock");
    }

    /// Ends it; nothing of it stays.
    pub async fn release(self) {
        self.db.close().await.expect("the session ends");
    }
}

/// A name that no other test has.
pub(super) fn fresh_name() -> String {
    format!("eventify_test_{:016x}", RandomState::new().hash_one(std::process::id()))
}

pub(super) async fn create(admin: &str, name: &str, template: Option<&str>) {
    let template = template.map_or_else(String::new, |template| format!(" TEMPLATE \"{template}\""));
    let script = format!("CREATE DATABASE \"{name}\"{template}");
    run(admin, &script).await.unwrap_or_else(|error| panic!("{script}: {error}"));
}

async fn run(url: &str, script: &str) -> Result<(), String> {
    let mut db =
        Address::parse(url).map_err(|e| e.to_string())?.connect().await.map_err(|e| e.to_string())?;
    db.execute(sqlx::raw_sql(AssertSqlSafe(script.to_owned()))).await.map_err(|e| e.to_string())?;
    db.close().await.map_err(|e| e.to_string())
}
