//! A feed over a WebSocket (RFC 6455).

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use eventify_core::account::Bearer;
use eventify_core::notification::{Feed, NotificationView};
use eventify_core::{Category, NotificationId, Reason};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, timeout};
use tungstenite::error::{CapacityError, ProtocolError};

use super::sitting::{Closing, Said};
use super::{Place, Sitting, Stranger};
use crate::app::App;
use crate::client::Client;
use crate::extract::bearer;

/// How long a client may take to say who it is.
const INTRODUCED_WITHIN: Duration = Duration::from_secs(10);
/// How long a client may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);
/// What a client may say at once: a token is shorter.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;
/// Messages that a client may send in the time of a heartbeat.
const MESSAGES_PER_BEAT_MAX: u32 = 10;

/// Try again later.
const OVERLOADED: u16 = 1013;
// Codes of our own, after the status that a request would have got.
const UNAUTHENTICATED: u16 = 4401;
const SLOW: u16 = 4408;
const TOO_MANY: u16 = 4429;

/// What a client may say.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    /// Who it is: first of all if no header said so, and again with a newer token before the old one ends.
    Authenticate { token: String },
}

/// Why a socket is closed, as its code and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Code(u16, &'static str);

impl From<Closing> for Code {
    fn from(closing: Closing) -> Self {
        let code = match closing.category {
            Category::Unauthenticated => UNAUTHENTICATED,
            Category::Forbidden => 4403,
            Category::NotFound => 4404,
            Category::Unavailable if closing.reason == Reason::ShuttingDown.code() => 1001,
            Category::Unavailable => OVERLOADED,
            _ => 1011,
        };
        Self(code, closing.reason)
    }
}

/// Who listens, and to what.
pub(crate) struct Listener {
    pub(crate) app: App,
    pub(crate) client: Client,
    /// Who the handshake said it is; nobody if it said nothing.
    pub(crate) bearer: Bearer,
    pub(crate) last: Option<NotificationId>,
    pub(crate) entrance: Entrance,
}

/// What a socket takes up.
pub(crate) enum Entrance {
    /// The client is known.
    Feed(Place),
    /// It has yet to say who it is.
    Stranger { _place: Stranger },
}

/// Agrees to talk.
pub(crate) fn answer(upgrade: WebSocketUpgrade, listener: Listener) -> Response {
    let upgrade = upgrade.read_buffer_size(1024).write_buffer_size(0);
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    upgrade.on_upgrade(move |mut socket| async move {
        // In a box: what is needed to begin is not kept for as long as somebody listens.
        let ended = Box::pin(listener.serve(&mut socket)).await;
        let goodbye = async {
            if let Err(Code(code, reason)) = ended {
                let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
                if socket.send(close).await.is_err() {
                    return;
                }
            }
            // Reading on also sends what is still to be said: the answer to a goodbye.
            while let Some(Ok(_)) = socket.recv().await {}
        };
        let _ = timeout(GOODBYE_WITHIN, goodbye).await;
    })
}

impl Listener {
    /// Talks until the client has gone.
    ///
    /// # Errors
    /// Why it has to go.
    async fn serve(mut self, socket: &mut WebSocket) -> Result<(), Code> {
        if matches!(self.entrance, Entrance::Stranger { .. }) {
            let Ok(introduced) = timeout(INTRODUCED_WITHIN, self.introduced(socket)).await else {
                return Err(Code(UNAUTHENTICATED, Reason::NotAuthenticated.code()));
            };
            let Some(bearer) = introduced? else { return Ok(()) };
            self.bearer = bearer;
            let full = |_| Code(OVERLOADED, Reason::Overloaded.code());
            self.entrance = Entrance::Feed(self.app.places().enter().map_err(full)?);
        }
        let actor = &self.bearer.actor;
        if let Entrance::Feed(place) = &mut self.entrance {
            place.take_for(actor.owner_id()).map_err(|_| Code(TOO_MANY, "too_many_feeds"))?;
        }
        let opened = super::open(&self.app, actor, self.last).await;
        let (feed, opening) = opened.map_err(|error| Code::from(Closing::from(&error)))?;
        let first = json!({
            "type": opening.name(), "last_event_id": opening.last_event_id, "reason": opening.reason,
        });
        let feeds = &self.app.config().feeds;
        say(socket, &first, feeds.read_within).await?;
        let sitting = Sitting::new(feed, self.bearer.good_for, feeds);
        let now = Instant::now();
        Talk { listener: self, sitting, heard_at: now, counted_from: now, messages: 0 }.go_on(socket).await
    }

    /// Who the first message says that it is; `None` if the client left.
    async fn introduced(&self, socket: &mut WebSocket) -> Result<Option<Bearer>, Code> {
        loop {
            match said(socket.recv().await)? {
                Some(Heard::Text(text)) => return self.examine(&text).await.map(Some),
                Some(Heard::Life) => {}
                None => return Ok(None),
            }
        }
    }

    async fn examine(&self, text: &str) -> Result<Bearer, Code> {
        let Ok(Asked::Authenticate { token }) = serde_json::from_str(text) else {
            return Err(Code(1008, Reason::Malformed.code()));
        };
        let shown = bearer(&self.app, self.client, &token).await;
        shown.map_err(|error| Code::from(Closing::from(&error)))
    }
}

/// A conversation that goes on.
struct Talk {
    listener: Listener,
    sitting: Sitting<Feed>,
    heard_at: Instant,
    /// Since when messages are counted.
    counted_from: Instant,
    messages: u32,
}

impl Talk {
    async fn go_on(mut self, socket: &mut WebSocket) -> Result<(), Code> {
        loop {
            tokio::select! {
                said = self.sitting.next() => match said {
                    Some(said) => self.tell(socket, said).await?,
                    None => return Ok(()),
                },
                heard = socket.recv() => match said(heard)? {
                    Some(heard) => self.hear(heard).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    async fn tell(&mut self, socket: &mut WebSocket, said: Said<NotificationView>) -> Result<(), Code> {
        let feeds = &self.listener.app.config().feeds;
        let within = feeds.read_within;
        match said {
            Said::News(news) => {
                say(socket, &json!({"type": "notification", "notification": news}), within).await
            }
            Said::Beat => {
                // Whoever lives has answered the last ping by now.
                if self.heard_at.elapsed() > feeds.heartbeat * 2 {
                    return Err(Code(SLOW, "no_pong"));
                }
                send(socket, Message::Ping(Vec::new().into()), within).await
            }
            Said::Expiring(after) => {
                let seconds = after.as_secs();
                let said = json!({"type": "expiring", "reason": "token_expired", "closes_in_s": seconds});
                say(socket, &said, within).await
            }
            Said::Closed(closing) => Err(closing.into()),
        }
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), Code> {
        self.heard_at = Instant::now();
        let Heard::Text(text) = heard else { return Ok(()) };
        if self.counted_from.elapsed() >= self.listener.app.config().feeds.heartbeat {
            (self.counted_from, self.messages) = (self.heard_at, 0);
        }
        self.messages += 1;
        if self.messages > MESSAGES_PER_BEAT_MAX {
            return Err(Code(TOO_MANY, "too_many_messages"));
        }
        let bearer = self.listener.examine(&text).await?;
        let (known, shown) = (&self.listener.bearer.actor, &bearer.actor);
        // The feed is somebody's by the session that it was opened with.
        if (known.owner_id(), known.session_id(), known.api_key_id())
            != (shown.owner_id(), shown.session_id(), shown.api_key_id())
        {
            return Err(Code(UNAUTHENTICATED, Reason::InvalidToken.code()));
        }
        self.sitting.renew(bearer.good_for);
        Ok(())
    }
}

/// What a client let us hear.
enum Heard {
    Text(String),
    /// That it lives.
    Life,
}

/// `None` when the client has gone.
fn said(heard: Option<Result<Message, axum::Error>>) -> Result<Option<Heard>, Code> {
    match heard {
        None | Some(Ok(Message::Close(_))) => Ok(None),
        Some(Ok(Message::Text(text))) => Ok(Some(Heard::Text(text.as_str().to_owned()))),
        Some(Ok(Message::Binary(_))) => Err(Code(1003, "text_only")),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Some(Heard::Life)),
        Some(Err(error)) => broken(error).map_or(Ok(None), Err),
    }
}

/// What was wrong with what a client sent; nothing if it is gone.
fn broken(error: axum::Error) -> Option<Code> {
    match error.into_inner().downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => {
            Some(Code(1009, "message_too_long"))
        }
        Some(tungstenite::Error::Utf8(_)) => Some(Code(1007, "not_utf8")),
        Some(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => None,
        Some(tungstenite::Error::Protocol(_)) => Some(Code(1002, "protocol_error")),
        _ => None,
    }
}

async fn say(socket: &mut WebSocket, what: &serde_json::Value, within: Duration) -> Result<(), Code> {
    send(socket, Message::Text(what.to_string().into()), within).await
}

async fn send(socket: &mut WebSocket, message: Message, within: Duration) -> Result<(), Code> {
    match timeout(within, socket.send(message)).await {
        // One that is gone is found out when it is listened to.
        Ok(_) => Ok(()),
        Err(_) => Err(Code(SLOW, "slow_consumer")),
    }
}
