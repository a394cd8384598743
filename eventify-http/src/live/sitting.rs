//! What somebody who listens is told, and when it ends.

use std::time::Duration;

use eventify_core::{Category, Error, Reason};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, sleep_until};

use crate::config::Feeds;

/// Somebody who listens to news, for as long as what they showed is good.
#[derive(Debug)]
pub(crate) struct Sitting<S> {
    news: S,
    /// When what they showed is good no more; when they are sent away, once they were warned.
    ends_at: Option<Instant>,
    is_warned: bool,
    is_over: bool,
    beat_at: Instant,
    heartbeat: Duration,
    grace: Duration,
}

/// What there is to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said<T> {
    News(T),
    /// Nothing, for a while.
    Beat,
    /// What they showed is good no more: they are sent away after this time.
    Expiring(Duration),
    /// It is over.
    Closed(Closing),
}

/// Why a feed ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) reason: &'static str,
    pub(crate) category: Category,
}

impl Closing {
    pub(crate) const fn of(reason: Reason) -> Self {
        Self { reason: reason.code(), category: reason.category() }
    }
}

impl From<&Error> for Closing {
    fn from(error: &Error) -> Self {
        if error.category() == Category::Internal {
            tracing::error!(%error, "a feed failed");
            return Self::of(Reason::Internal);
        }
        Self::of(error.reason())
    }
}

impl<T, S: Stream<Item = Result<T, Error>> + Unpin> Sitting<S> {
    pub(crate) fn new(news: S, good_for: Option<Duration>, feeds: &Feeds) -> Self {
        let now = Instant::now();
        Self {
            news,
            ends_at: good_for.map(|good_for| now + good_for),
            is_warned: false,
            is_over: false,
            beat_at: now + feeds.heartbeat,
            heartbeat: feeds.heartbeat,
            grace: feeds.grace,
        }
    }

    /// They showed something that is good for longer.
    pub(crate) fn renew(&mut self, good_for: Option<Duration>) {
        self.ends_at = good_for.map(|good_for| Instant::now() + good_for);
        self.is_warned = false;
    }

    /// What comes next; `None` behind the end. Nothing is lost when it is not waited for.
    pub(crate) async fn next(&mut self) -> Option<Said<T>> {
        if self.is_over {
            return None;
        }
        let until = self.ends_at.map_or(self.beat_at, |ends_at| ends_at.min(self.beat_at));
        let said = tokio::select! {
            biased;
            () = sleep_until(until) => self.time_is_up(),
            news = self.news.next() => self.heard(news),
        };
        self.is_over = matches!(said, Said::Closed(_));
        Some(said)
    }

    fn time_is_up(&mut self) -> Said<T> {
        let now = Instant::now();
        match self.ends_at {
            Some(ends_at) if ends_at <= now && self.is_warned => {
                Said::Closed(Closing::of(Reason::TokenExpired))
            }
            Some(ends_at) if ends_at <= now => {
                self.is_warned = true;
                self.ends_at = Some(now + self.grace);
                Said::Expiring(self.grace)
            }
            _ => {
                self.beat_at = now + self.heartbeat;
                Said::Beat
            }
        }
    }

    fn heard(&mut self, news: Option<Result<T, Error>>) -> Said<T> {
        self.beat_at = Instant::now() + self.heartbeat;
        match news {
            Some(Ok(news)) => Said::News(news),
            Some(Err(error)) => Said::Closed(Closing::from(&error)),
            // The engine ends its feeds first.
            None => Said::Closed(Closing::of(Reason::ShuttingDown)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use futures_util::stream;
    use tokio::sync::mpsc;

    use super::*;

    fn feeds() -> Feeds {
        Feeds::default()
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_new_is_a_beat_now_and_then_and_news_put_it_off() {
        let (tell, told) = mpsc::channel::<u8>(1);
        let news = stream::unfold(told, |mut told| async { told.recv().await.map(|n| (Ok(n), told)) });
        let mut sitting = Sitting::new(Box::pin(news), None, &feeds());
        let start = Instant::now();
        assert_eq!(sitting.next().await, Some(Said::Beat));
        assert_eq!(start.elapsed(), feeds().heartbeat);
        tokio::time::advance(feeds().heartbeat / 2).await;
        tell.send(7).await.unwrap();
        assert_eq!(sitting.next().await, Some(Said::News(7)));
        let heard = Instant::now();
        assert_eq!(sitting.next().await, Some(Said::Beat));
        assert_eq!(heard.elapsed(), feeds().heartbeat);
        drop(tell);
        assert_eq!(sitting.next().await, Some(Said::Closed(Closing::of(Reason::ShuttingDown))));
        assert_eq!(sitting.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn whose_token_ends_is_warned_and_sent_away_unless_they_show_another() {
        let mut sitting =
            Sitting::new(stream::pending::<Result<u8, Error>>(), Some(Duration::from_secs(5)), &feeds());
        let start = Instant::now();
        assert_eq!(sitting.next().await, Some(Said::Expiring(feeds().grace)));
        assert_eq!(start.elapsed(), Duration::from_secs(5));
        sitting.renew(Some(Duration::from_secs(5)));
        assert_eq!(sitting.next().await, Some(Said::Expiring(feeds().grace)));
        assert_eq!(start.elapsed(), Duration::from_secs(10));
        let closed = loop {
            match sitting.next().await.unwrap() {
                Said::Beat => {}
                other => break other,
            }
        };
        assert_eq!(closed, Said::Closed(Closing::of(Reason::TokenExpired)));
        assert_eq!(start.elapsed(), Duration::from_secs(10) + feeds().grace);
    }
}
