//! Mail through a real server, read by another program's parser.
#![cfg(feature = "email")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod arriving;
mod engine;
mod failing;
#[path = "../house/mod.rs"]
mod house;
#[path = "../samples/mod.rs"]
mod samples;
mod server;

use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};
use eventify_notify::email::{MailSettings, Mailer, Security};
use server::Server;

/// To a server without TLS, which is this machine's own.
fn plain(server: &Server) -> MailSettings {
    MailSettings {
        port: Some(server.port),
        security: Security::None,
        public_url: Some("https://tickets.example.org".parse().unwrap()),
        ..MailSettings::new("localhost", "Касса «Арена» <tickets@example.org>")
    }
}

/// To one with.
fn guarded(server: &Server, security: Security) -> MailSettings {
    MailSettings { security, authorities: vec![server.authority.clone()], ..plain(server) }
}

async fn send(mailer: &Mailer, to: &Recipient, message: &Message) -> Result<Delivered, DeliveryError> {
    mailer.deliver(Channel::Email, to, message).await
}
