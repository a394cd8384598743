//! Feeds: answers that go on for as long as somebody listens.
//!
//! `sitting` is what all have in common: news, heartbeats, and an end that is said. `sse` and `socket` are the two ways
//! to hear it. A feed costs its connection and nothing more: no task, channel or buffer of its own.

mod places;
mod sitting;
pub(crate) mod socket;
pub(crate) mod sse;

use eventify_core::notification::Feed;
use eventify_core::{Actor, Error, NotificationId, Reason};
use serde::Serialize;

use crate::app::App;

pub(crate) use places::{Place, Places, Stranger};
pub(crate) use sitting::Sitting;

/// What a feed begins with: `open`, or `reset` when it could not go on where the client wanted.
#[derive(Debug, Serialize)]
pub(crate) struct Opening {
    /// Where to go on if nothing else comes.
    pub(crate) last_event_id: NotificationId,
    /// Why what came before is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
}

impl Opening {
    pub(crate) const fn name(&self) -> &'static str {
        if self.reason.is_some() { "reset" } else { "open" }
    }
}

/// A person's feed behind what they saw last, or from now on when that is gone or too long ago.
pub(crate) async fn open(
    app: &App,
    actor: &Actor,
    last: Option<NotificationId>,
) -> Result<(Feed, Opening), Error> {
    let notifications = app.notifications();
    let (feed, reason) = match notifications.listen(actor, last).await {
        Err(error)
            if last.is_some()
                && matches!(error.reason(), Reason::TooFarBehind | Reason::NotificationNotFound) =>
        {
            (notifications.listen(actor, None).await?, Some(error.reason().code()))
        }
        feed => (feed?, None),
    };
    let opening = Opening { last_event_id: feed.seen(), reason };
    Ok((feed, opening))
}
