//! Real brokers for tests, what lies between them and us, and facts to tell.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses what it needs; a test fails by panicking"
)]

pub mod absence;
pub mod certificates;
pub mod facts;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "nats")]
pub mod nats;
pub mod proxy;
#[cfg(feature = "rabbitmq")]
pub mod rabbitmq;
pub mod server;
