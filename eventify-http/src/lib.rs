//! Eventify over HTTP: [`router`] turns an engine into an [`axum::Router`] that a host mounts in its own service, or
//! that the `eventify` binary serves.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::{Eventify, store::MemoryStore};
//! use eventify_http::{Config, router};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! let app: axum::Router = axum::Router::new()
//!     .route("/hello", axum::routing::get(|| async { "the host's own route" }))
//!     .merge(router(eventify, Config::default()));
//! # drop(app);
//! # Ok::<(), eventify_core::Error>(()) }).map_err(|e| e.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | where | what |
//! |---|---|
//! | [`router`] | puts everything together |
//! | [`Config`] | what a host decides |
//! | `envelope` | what every request goes through: its id, limits, headers, panics, numbers |
//! | `extract` | what handlers take: who asks, ids, bodies, queries – or a refusal |
//! | `reply`, `conditional` | what handlers give: resources with tags and places |
//! | `live` | answers that go on: feeds as Server-Sent Events and over WebSockets |
//! | `error` | a refusal as `application/problem+json` (RFC 9457) |
//! | `routes` | one file per noun, one thin handler per route; rules live in the core |
//! | `openapi`, `docs` | the contract, generated from the handlers, and Swagger UI over it |
//!
//! # Mounting it
//!
//! - A host with a login of its own puts an [`eventify_core::Actor`] into the request's extensions before the router
//!   sees it; that person acts, and no access token is looked for.
//! - The address of a client comes from axum's `ConnectInfo<SocketAddr>`: serve with
//!   `into_make_service_with_connect_info`. Behind proxies, set [`Config::proxy_hops_trusted`].
//! - Unknown paths are answered in JSON. A host that has a fallback of its own merges
//!   `router(…).reset_fallback()`; unknown paths under `/api/` are answered in JSON even so.
//! - Nested under a prefix, the router is told it by [`Config::base_path`], for `Location` and the documentation.
//! - Feeds end with the engine: [`Eventify::close_feeds`](eventify_core::Eventify::close_feeds) before the server is
//!   asked to finish what is under way, or it waits for them. Whoever does not read is the server's to cut off: by [`patient`], as
//!   the `eventify` service does after 30 seconds; over a WebSocket the router does it.
//! - No recorder, subscriber, panic hook or runtime is installed.

mod app;
mod backlog;
mod client;
mod conditional;
mod config;
mod docs;
mod envelope;
mod error;
mod extract;
mod html;
mod json;
mod live;
mod metrics;
mod openapi;
mod patient;
mod rate;
mod reply;
mod router;
mod routes;
mod sheet;

pub use config::{AuthRate, Config, Feeds, MetricsText};
pub use patient::{Patient, PatientListener, Patiently, patient};
pub use router::{openapi, router};
