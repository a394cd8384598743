//! Calls to addresses that somebody else chose, to a real server.
#![cfg(feature = "outgoing")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod web;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::{get, post};
use eventify_notify::outgoing::{Answer, Call, Lookup, Outgoing, OutgoingError, OutgoingSettings, Reach};
use reqwest::Method;
use tokio::net::TcpListener;
use web::Server;

/// Answers with these addresses, one list after another, and the last one for ever.
#[derive(Debug)]
struct Told {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Told {
    async fn addresses(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        Ok(self.answers[nth].clone())
    }
}

fn told(answers: &[&[&str]]) -> Arc<Told> {
    let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
    Arc::new(Told { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
}

async fn call(settings: OutgoingSettings, url: &str) -> Result<Answer, OutgoingError> {
    let outgoing = Outgoing::new(settings).unwrap();
    outgoing.call(Call { method: Method::POST, url, headers: Vec::new(), body: b"hello".to_vec() }).await
}

fn loopback() -> OutgoingSettings {
    OutgoingSettings { reach: Reach::PublicAndLoopback, ..OutgoingSettings::default() }
}

fn refused(outcome: Result<Answer, OutgoingError>) -> String {
    match outcome {
        Err(OutgoingError::Refused(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_however_they_are_written() {
    for url in [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://a.localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://１２７.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://[64:ff9b::a00:1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
    ] {
        let why = refused(call(OutgoingSettings::default(), url).await);
        assert_eq!(why, "the address's host is not of the public internet", "{url}");
    }
    let nowhere = OutgoingSettings { lookup: told(&[&["10.0.0.1"]]), ..loopback() };
    for (url, part) in [
        ("http://example.org/", "https:"),
        ("ftp://example.org/", "https:"),
        ("https://me:secret@example.org/", "user or password"),
        ("https:///", "not a URL"),
        ("mailto:a@example.org", "no host"),
        ("", "not a URL"),
        (&format!("https://example.org/{}", "x".repeat(2_048)), "2048"),
    ] {
        let why = refused(call(nowhere.clone(), url).await);
        assert!(why.contains(part) && !why.contains("secret"), "{url}: {why}");
    }
}

#[tokio::test]
async fn every_address_of_a_name_is_looked_at() {
    for answers in [&["10.0.0.7"][..], &["8.8.8.8", "169.254.169.254"], &["8.8.8.8", "::ffff:127.0.0.1"]] {
        let settings = OutgoingSettings { lookup: told(&[answers]), ..OutgoingSettings::default() };
        let why = refused(call(settings, "https://example.org/secret-path").await);
        assert_eq!(why, "example.org: is not an address of the public internet");
    }
}

#[tokio::test]
async fn what_was_checked_is_what_is_connected_to() {
    let server = Server::with(Router::new().route("/", post(async || "here"))).await;
    // The name leads to this machine once, and elsewhere ever after.
    let lookup = told(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let settings = OutgoingSettings { lookup: lookup.clone(), reach: Reach::Anywhere, ..loopback() };
    let url = format!("http://example.org:{}/", server.at.port());
    let outgoing = Outgoing::new(settings).unwrap();
    let hello = || Call { method: Method::POST, url: &url, headers: Vec::new(), body: Vec::new() };
    assert_eq!(outgoing.call(hello()).await.unwrap().body, b"here");
    assert_eq!(lookup.asked.load(Ordering::SeqCst), 1, "the address was looked up once and used");

    // A guarded client looks again for its own connection, and finds the other one.
    let guarded = OutgoingSettings { lookup, ..OutgoingSettings::default() };
    refused(call(guarded, "https://example.org/").await);
}

#[tokio::test]
async fn redirects_are_answers_and_large_ones_are_cut() {
    let router = Router::new()
        .route("/away", post(async || (StatusCode::FOUND, [(header::LOCATION, "/here")])))
        .route("/here", get(async || "followed").post(async || "followed"))
        .route("/large", post(async || "x".repeat(1 << 20)))
        .route("/busy", post(async || (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")])));
    let server = Server::with(router).await;
    let away = call(loopback(), &server.url("/away")).await.unwrap();
    assert_eq!((away.status, away.body.len()), (302, 0));
    let large = call(loopback(), &server.url("/large")).await.unwrap();
    assert_eq!((large.status, large.body.len()), (200, 16 * 1_024));
    let busy = call(loopback(), &server.url("/busy")).await.unwrap();
    assert_eq!((busy.status, busy.retry_after), (429, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn silence_and_closed_doors_are_failures() {
    let hung = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = hung.local_addr().unwrap();
    let settings = OutgoingSettings { timeout: Duration::from_millis(200), ..loopback() };
    let silent = call(settings, &format!("http://{at}/token-in-path")).await;
    assert_eq!(silent, Err(OutgoingError::Failed("127.0.0.1: no answer in time".into())));
    drop(hung);
    let closed = call(loopback(), &format!("http://{at}/token-in-path")).await.unwrap_err();
    let text = closed.to_string();
    assert!(matches!(closed, OutgoingError::Away(_)) && text.contains("refused"), "{text}");
    assert!(!text.contains("token-in-path"), "{text}");
}
