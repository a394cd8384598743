//! The HTTP contract over Postgres: every test of `http_contract`, over databases.

#[path = "http_contract/main.rs"]
mod http_contract;

use http_contract::support;
