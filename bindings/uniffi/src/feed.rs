//! What happens, as it happens: asked for one by one. Kotlin's `Flow` and Swift's `AsyncSequence` are made of it beside this crate.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::notification::{Feed, NotificationView};
use eventify_core::stats::{LiveFeed, LiveView};
use eventify_core::{Error, NotificationId};
use futures_util::{Stream, StreamExt};
use tokio::sync::Mutex;

/// What a person is told, as it happens.
#[derive(Debug, uniffi::Object)]
pub struct NotificationFeed {
    seen: NotificationId,
    feed: Mutex<Feed>,
}

#[uniffi::export(async_runtime = "tokio")]
impl NotificationFeed {
    /// What it comes behind: a feed that breaks off before anything came is resumed behind this.
    pub fn seen(&self) -> NotificationId {
        self.seen
    }

    /// The next notification; nothing when the engine has ended. Giving up waiting loses none.
    ///
    /// # Errors
    /// `session_revoked`; `invalid_token` and `token_expired` of an API key. Nothing comes behind an error.
    pub async fn next(&self) -> Result<Option<NotificationView>, Refusal> {
        next(&self.feed).await
    }
}

/// What an event comes to, as it changes.
#[derive(Debug, uniffi::Object)]
pub struct StatsFeed {
    feed: Mutex<LiveFeed>,
}

#[uniffi::export(async_runtime = "tokio")]
impl StatsFeed {
    /// What the event comes to now, or when it changes; nothing when the engine has ended.
    ///
    /// # Errors
    /// `session_revoked`, `device_revoked`, and what `Stats.watch` refuses. Nothing comes behind an error.
    pub async fn next(&self) -> Result<Option<LiveView>, Refusal> {
        next(&self.feed).await
    }
}

impl From<Feed> for NotificationFeed {
    fn from(feed: Feed) -> Self {
        Self { seen: feed.seen(), feed: Mutex::new(feed) }
    }
}

impl From<LiveFeed> for StatsFeed {
    fn from(feed: LiveFeed) -> Self {
        Self { feed: Mutex::new(feed) }
    }
}

async fn next<T>(feed: &Mutex<impl Stream<Item = Result<T, Error>> + Unpin>) -> Result<Option<T>, Refusal> {
    Ok(feed.lock().await.next().await.transpose()?)
}

/// A feed for the other side.
pub(crate) fn opened<F, O: From<F>>(feed: F) -> Arc<O> {
    Arc::new(feed.into())
}
