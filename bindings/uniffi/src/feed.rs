//! What happens, as it happens: asked for one by one. Kotlin's `Flow` and Swift's `AsyncSequence` are made of it beside this crate.

use std::pin::pin;
use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::notification::{Feed, NotificationView};
use eventify_core::stats::{LiveFeed, LiveView};
use eventify_core::{Error, NotificationId};
use futures_util::future::{Either, select};
use futures_util::{Stream, StreamExt};
use tokio::sync::{Mutex, watch};

/// What a person is told, as it happens.
#[derive(Debug, uniffi::Object)]
pub struct NotificationFeed {
    seen: NotificationId,
    feed: Stoppable<Feed>,
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
        self.feed.next().await
    }

    /// Ends it: whoever waits for the next notification hears at once that there is none.
    pub fn stop(&self) {
        self.feed.stop();
    }
}

/// What an event comes to, as it changes.
#[derive(Debug, uniffi::Object)]
pub struct StatsFeed {
    feed: Stoppable<LiveFeed>,
}

#[uniffi::export(async_runtime = "tokio")]
impl StatsFeed {
    /// What the event comes to now, or when it changes; nothing when the engine has ended.
    ///
    /// # Errors
    /// `session_revoked`, `device_revoked`, and what `Stats.watch` refuses. Nothing comes behind an error.
    pub async fn next(&self) -> Result<Option<LiveView>, Refusal> {
        self.feed.next().await
    }

    /// Ends it: whoever waits for a change hears at once that there is none.
    pub fn stop(&self) {
        self.feed.stop();
    }
}

impl From<Feed> for NotificationFeed {
    fn from(feed: Feed) -> Self {
        Self { seen: feed.seen(), feed: Stoppable::new(feed) }
    }
}

impl From<LiveFeed> for StatsFeed {
    fn from(feed: LiveFeed) -> Self {
        Self { feed: Stoppable::new(feed) }
    }
}

/// A feed that can be ended while somebody waits for what is next: Swift's tasks cannot give up a call.
#[derive(Debug)]
struct Stoppable<F> {
    /// `None` once it is over.
    feed: Mutex<Option<F>>,
    is_stopped: watch::Sender<bool>,
}

impl<T, F: Stream<Item = Result<T, Error>> + Unpin> Stoppable<F> {
    fn new(feed: F) -> Self {
        Self { feed: Mutex::new(Some(feed)), is_stopped: watch::Sender::new(false) }
    }

    async fn next(&self) -> Result<Option<T>, Refusal> {
        let told = self.next_or_stop().await;
        // Who stopped it while somebody waited could not let go of it.
        if *self.is_stopped.borrow() {
            self.let_go();
        }
        Ok(told.transpose()?)
    }

    async fn next_or_stop(&self) -> Option<Result<T, Error>> {
        let mut stopped = self.is_stopped.subscribe();
        let mut feed = self.feed.lock().await;
        let stop = pin!(stopped.wait_for(|is_stopped| *is_stopped));
        match select(stop, feed.as_mut()?.next()).await {
            Either::Left(_) => None,
            Either::Right((told, _)) => told,
        }
    }

    fn stop(&self) {
        self.is_stopped.send_replace(true);
        self.let_go();
    }

    fn let_go(&self) {
        if let Ok(mut feed) = self.feed.try_lock() {
            *feed = None;
        }
    }
}

/// A feed for the other side.
pub(crate) fn opened<F, O: From<F>>(feed: F) -> Arc<O> {
    Arc::new(feed.into())
}
