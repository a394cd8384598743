//! TLS between us and the server, with certificates of our own making.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use eventify_core::store::Store;
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use support::Stranger;

/// Somebody who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }
}

/// A server whose certificate is good for `localhost` and nothing else.
struct Guarded {
    server: Server,
    right: PathBuf,
    wrong: PathBuf,
}

impl Guarded {
    async fn start() -> Self {
        let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
        let dir = server.dir().unwrap();
        let (right, wrong) = (Authority::new(), Authority::new());
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &right.issuer).unwrap();
        put(&dir.join("data/server.crt"), &certificate.pem());
        put(&dir.join("data/server.key"), &key.serialize_pem());
        let mut settings = OpenOptions::new().append(true).open(dir.join("data/postgresql.conf")).unwrap();
        settings.write_all(b"ssl = on\n").unwrap();
        let guarded = Self { server, right: dir.join("right.crt"), wrong: dir.join("wrong.crt") };
        put(&guarded.right, &right.pem);
        put(&guarded.wrong, &wrong.pem);
        guarded.server.restart();
        guarded
    }
}

/// A file that the server may read and nobody else.
fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    let owner = fs::metadata(path.parent().unwrap()).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

#[tokio::test]
async fn a_server_is_trusted_as_far_as_was_asked_for() {
    let guarded = Guarded::start().await;
    let database = guarded.server.database().await;
    let mut stranger = Stranger::at(database.url()).await;
    let tcp = guarded.server.tcp_url(database.name());
    let (right, wrong) = (guarded.right.display(), guarded.wrong.display());
    // What is asked for, whether by the name in the certificate, and whether the session is encrypted then.
    let cases = [
        ("sslmode=disable".to_owned(), false, Some(false)),
        ("sslmode=prefer".to_owned(), false, Some(true)),
        ("sslmode=require".to_owned(), false, Some(true)),
        (format!("sslmode=verify-ca&sslrootcert={right}"), false, Some(true)),
        (format!("sslmode=verify-full&sslrootcert={right}"), true, Some(true)),
        (format!("sslmode=verify-full&sslrootcert={right}"), false, None),
        (format!("sslmode=verify-ca&sslrootcert={wrong}"), true, None),
        (format!("sslmode=verify-full&sslrootcert={wrong}"), true, None),
        // Nobody whom the world trusts has signed it.
        ("sslmode=verify-full".to_owned(), true, None),
    ];
    for (asked, by_name, expected) in cases {
        let situation = format!("{asked}, by name: {by_name}");
        let address = if by_name { tcp.replace("127.0.0.1", "localhost") } else { tcp.clone() };
        let url = format!("{}?{asked}", address.replace("eventify@", "eventify:a-secret@"));
        match (PostgresStore::connect(&url).await, expected) {
            (Ok(store), Some(encrypted)) => {
                store.ping().await.unwrap();
                let sessions = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                                WHERE application_name = 'eventify' AND ssl = ";
                assert_eq!(stranger.number(&format!("{sessions}{encrypted}")).await, 1, "{situation}");
                store.close().await;
                stranger.until(0, "true").await;
            }
            (Err(error), None) => {
                assert!(matches!(error, OpenError::Refused { .. }), "{situation}: {error:?}");
                assert!(!format!("{error} {error:?}").contains("a-secret"), "{situation}: {error:?}");
            }
            (result, _) => panic!("{situation}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_named() {
    let url =
        "postgres://eventify:a-secret@localhost/eventify?sslmode=verify-full&sslrootcert=/no/such/ca.crt";
    let error = PostgresStore::connect(url).await.unwrap_err();
    assert!(matches!(error, OpenError::Address(_)), "{error:?}");
    assert!(error.to_string().contains("sslrootcert: /no/such/ca.crt cannot be read"), "{error}");
    assert!(!format!("{error} {error:?}").contains("a-secret"), "{error:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_was_required() {
    let database = support::server().database().await;
    let tcp = support::server().tcp_url(database.name());
    for asked in ["require", "verify-ca", "verify-full"] {
        let error = PostgresStore::connect(format!("{tcp}?sslmode={asked}")).await.unwrap_err();
        assert!(matches!(error, OpenError::Refused { .. }), "{asked}: {error:?}");
    }
    PostgresStore::connect(format!("{tcp}?sslmode=prefer")).await.unwrap().ping().await.unwrap();
}
