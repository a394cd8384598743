//! What happens, as it happens: waited for, and taken. Kotlin's `next` and `Flow` and Swift's `next` and `AsyncSequence` are made of it
//! beside this crate.
//!
//! Two steps, because a coroutine that is cancelled while an answer is on its way gives the answer up, and nobody hears of it. Waiting answers
//! nothing that could be lost; taking suspends nobody.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use eventify_core::ffi::Refusal;
use eventify_core::notification::{Feed, NotificationView};
use eventify_core::stats::{LiveFeed, LiveView};
use eventify_core::{Error, NotificationId};
use futures_util::future::{Either, select};
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;

/// What a person is told, as it happens.
#[derive(Debug, uniffi::Object)]
pub struct NotificationFeed {
    seen: NotificationId,
    feed: Stoppable<Feed, NotificationView>,
}

#[uniffi::export(async_runtime = "tokio")]
impl NotificationFeed {
    /// What it comes behind: a feed that breaks off before anything came is resumed behind this.
    pub fn seen(&self) -> NotificationId {
        self.seen
    }

    /// Waits until there is a notification to be taken; false when none comes any more. `next` waits and takes.
    pub async fn ready(&self) -> bool {
        self.feed.ready().await
    }

    /// The notification that is there; nothing when somebody else took it.
    ///
    /// # Errors
    /// `session_revoked`; `invalid_token` and `token_expired` of an API key. Nothing comes behind an error.
    pub fn take(&self) -> Result<Option<NotificationView>, Refusal> {
        self.feed.take()
    }

    /// Ends it: whoever waits for the next notification hears at once that there is none.
    pub fn stop(&self) {
        self.feed.stop();
    }
}

/// What an event comes to, as it changes.
#[derive(Debug, uniffi::Object)]
pub struct StatsFeed {
    feed: Stoppable<LiveFeed, LiveView>,
}

#[uniffi::export(async_runtime = "tokio")]
impl StatsFeed {
    /// Waits until there is something to be taken: what the event comes to now, or when it changes; false when nothing comes any more. `next`
    /// waits and takes.
    pub async fn ready(&self) -> bool {
        self.feed.ready().await
    }

    /// What is there; nothing when somebody else took it.
    ///
    /// # Errors
    /// `session_revoked`, `device_revoked`, and what `Stats.watch` refuses. Nothing comes behind an error.
    pub fn take(&self) -> Result<Option<LiveView>, Refusal> {
        self.feed.take()
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

/// A feed that keeps what came until it is taken, and can be ended while somebody waits: Swift's tasks cannot give up a call.
#[derive(Debug)]
struct Stoppable<F, T> {
    /// `None` once it is over.
    feed: tokio::sync::Mutex<Option<F>>,
    /// What came and was not taken yet. Filled only by whoever has the feed, and only when it is empty.
    came: Mutex<Option<Result<T, Error>>>,
    is_stopped: watch::Sender<bool>,
}

impl<T, F: Stream<Item = Result<T, Error>> + Unpin> Stoppable<F, T> {
    fn new(feed: F) -> Self {
        Self {
            feed: tokio::sync::Mutex::new(Some(feed)),
            came: Mutex::new(None),
            is_stopped: watch::Sender::new(false),
        }
    }

    async fn ready(&self) -> bool {
        let is_there = self.came_or_stopped().await;
        // Who stopped it while somebody waited could not let go of it.
        if *self.is_stopped.borrow() {
            self.let_go();
            return false;
        }
        is_there
    }

    async fn came_or_stopped(&self) -> bool {
        let mut stopped = self.is_stopped.subscribe();
        let mut feed = self.feed.lock().await;
        if self.came().is_some() {
            return true;
        }
        let Some(open) = feed.as_mut() else { return false };
        let stop = pin!(stopped.wait_for(|is_stopped| *is_stopped));
        let Either::Right((Some(told), _)) = select(stop, open.next()).await else {
            *feed = None;
            return false;
        };
        *self.came() = Some(told);
        true
    }

    fn take(&self) -> Result<Option<T>, Refusal> {
        Ok(self.came().take().transpose()?)
    }

    fn stop(&self) {
        self.is_stopped.send_replace(true);
        self.let_go();
    }

    fn let_go(&self) {
        self.came().take();
        if let Ok(mut feed) = self.feed.try_lock() {
            *feed = None;
        }
    }

    fn came(&self) -> std::sync::MutexGuard<'_, Option<Result<T, Error>>> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A feed for the other side.
pub(crate) fn opened<F, O: From<F>>(feed: F) -> Arc<O> {
    Arc::new(feed.into())
}
