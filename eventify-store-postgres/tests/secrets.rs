//! Doors that stay shut say why, and neither errors nor logs repeat a secret.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use eventify_core::store::Store;
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore, migrations};
use support::Stranger;
use tracing_subscriber::filter::LevelFilter;

/// Everything that anybody logs on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let all = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
        tracing::subscriber::set_default(all.with_writer(move || log.clone()).finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A server that asks this person for a password.
async fn guarded() -> Server {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let mut admin = Stranger::at(&server.url("postgres")).await;
    admin.run("CREATE ROLE guarded LOGIN PASSWORD 'the-right-one'").await;
    let rules = server.dir().unwrap().join("data/pg_hba.conf");
    let before = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("host all guarded 127.0.0.1/32 scram-sha-256\n{before}")).unwrap();
    server.restart();
    server
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_why_without_the_password() {
    let server = guarded().await;
    let database = server.empty_database().await;
    let log = Log::default();
    let _logging = log.begin();
    let tcp = server.tcp_url(database.name());
    let right = tcp.replace("eventify@", "guarded:the-right-one@");
    migrations::up(&tcp).await.unwrap();
    database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guarded").await;
    let store = PostgresStore::connect(&right).await.unwrap();
    store.ping().await.unwrap();
    store.close().await;

    let cases = [
        (right.replace("right", "wrong"), "password authentication failed for user \"guarded\" (28P01)"),
        (tcp.replace("eventify@", "nobody:the-wrong-one@"), "role \"nobody\" does not exist (28000)"),
        (right.replace(database.name(), "elsewhere"), "database \"elsewhere\" does not exist (3D000)"),
    ];
    for (url, words) in cases {
        let error = PostgresStore::connect(&url).await.unwrap_err();
        assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
        let shown = format!("{error} {error:?} {:?}", PostgresStore::builder(&url));
        assert!(shown.contains(&words.replace('"', "\\\"")) || shown.contains(words), "{shown}");
        assert!(shown.contains("127.0.0.1:"), "{shown}");
        assert!(!shown.contains("-one"), "the password is shown: {shown}");
    }
    let unreadable = tcp.replace("eventify@", "guarded:the-wrong-one@").replace("127.0.0.1:", "127.0.0.1:x");
    let error = PostgresStore::connect(&unreadable).await.unwrap_err();
    assert!(matches!(error, OpenError::Address(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("-one"), "{error:?}");

    server.stop();
    let error = PostgresStore::connect(&right).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("-one"), "{error:?}");

    let said = log.text();
    assert!(said.contains("applied"), "nothing was logged: {said}");
    assert!(!said.contains("-one"), "{said}");
}

#[tokio::test]
async fn parameters_that_nobody_heeds_are_refused_without_their_values() {
    let log = Log::default();
    let _logging = log.begin();
    let cases = [
        ("?pasword=s3cret", "the parameter pasword is not one of application_name, "),
        ("?sslmode=require&sslpassword=s3cret", "the parameter sslpassword is not one of "),
        ("?options[search_path=s3cret", "a parameter that is unknown"),
        // What is not encoded in a password looks like a parameter.
        ("?password=a&s3cret=b", "a parameter that is unknown"),
        ("?password=a&s3cret", "a parameter that is unknown"),
        ("?s3cret@db/eventify", "a parameter that is unknown"),
        ("?port=s3cret", "invalid digit"),
    ];
    for (parameters, words) in cases {
        let url = format!("postgres://eventify@127.0.0.1:1/eventify{parameters}");
        let error = PostgresStore::connect(&url).await.unwrap_err();
        assert!(matches!(error, OpenError::Address(_)), "{parameters}: {error:?}");
        assert!(error.to_string().contains(words), "{parameters}: {error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
    let said = log.text();
    assert!(!said.contains("s3cret"), "{said}");
}
