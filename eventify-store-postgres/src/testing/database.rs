//! One database of a test.

use std::hash::{BuildHasher, RandomState};

use sqlx::{AssertSqlSafe, Connection, Executor};

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
