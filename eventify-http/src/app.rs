//! What every handler can reach.

use std::fmt::Display;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use eventify_core::Eventify;
use eventify_core::job::Backlog;

use crate::backlog::KnownBacklog;
use crate::config::Config;
use crate::live::Places;
use crate::metrics::Metrics;
use crate::rate::Rate;
use crate::router::document;

/// The router's state. Cheap to clone; derefs to the engine.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    eventify: Eventify,
    config: Config,
    metrics: Metrics,
    auth_rate: Option<Rate>,
    places: Places,
    backlog: KnownBacklog,
    document: OnceLock<Bytes>,
}

impl App {
    pub(crate) fn new(eventify: Eventify, config: Config, metrics: Metrics) -> Self {
        let auth_rate = config.auth_rate.map(Rate::new);
        let places = Places::new(&config.feeds);
        let backlog = KnownBacklog::default();
        let document = OnceLock::new();
        Self(Arc::new(Inner { eventify, config, metrics, auth_rate, places, backlog, document }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn auth_rate(&self) -> Option<&Rate> {
        self.0.auth_rate.as_ref()
    }

    /// Where feeds are open.
    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    /// How much is to be done; `None` when the store does not say.
    pub(crate) async fn backlog(&self) -> Option<Backlog> {
        self.0.backlog.get(&self.0.eventify).await
    }

    /// The contract in OpenAPI. Takes a moment the first time.
    pub(crate) fn document(&self) -> Bytes {
        let made = || Bytes::from(document(self.config()).to_json().unwrap_or_default());
        self.0.document.get_or_init(made).clone()
    }

    /// Where a resource of this router is found.
    pub(crate) fn place(&self, path: impl Display) -> String {
        format!("{}{path}", self.0.config.base_path)
    }
}

impl Deref for App {
    type Target = Eventify;

    fn deref(&self) -> &Eventify {
        &self.0.eventify
    }
}
