//! An operator's own words to a person.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Notifications;
use super::model::{FactName, Notification};
use super::tell::{Notice, fact, reads, tell};
use super::view::NotificationView;
use super::words::Words;
use crate::account::User;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{EventId, FactId, UserId};
use crate::scope::Scope;
use crate::store::Key;
use crate::text::Said;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A message to one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct SendNotification {
    /// To whom.
    pub user_id: UserId,
    /// One line; 1 to 200 characters.
    pub title: String,
    /// At most 2,000 characters.
    #[serde(default)]
    pub body: String,
    /// The event that it is about.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub event_id: Option<EventId>,
}

impl Notifications<'_> {
    /// Sends a person a message by every channel that they allow. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value`, `user_not_found`, `idempotency_key_reused`.
    pub async fn send(
        &self,
        call: impl Into<Call>,
        request: SendNotification,
    ) -> Result<Answer<NotificationView>, Error> {
        let call = call.into().within(Scope::Admin)?;
        call.actor().require_admin()?;
        let mut check = Check::new();
        let title = check.line("title", &request.title, 200);
        let body = check.text("body", &request.body, 2_000);
        check.finish()?;
        let (actor, request) = (call.actor().clone(), SendNotification { title, body, ..request });
        let sent = self.engine.executor.submit(&call, Send { actor, request: request.clone() }).await?;
        // The stored answer to a repeated request has no words; the request has them.
        let SendNotification { title, body, .. } = request;
        let view = NotificationView::new(&sent, Said { title, body });
        Ok(sent.map(|_| view))
    }
}

#[derive(Serialize)]
struct Send {
    #[serde(skip)]
    actor: Actor,
    request: SendNotification,
}

impl Command for Send {
    /// Without the words.
    type Reply = Notification;
    const NAME: &'static str = "send_notification";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.request.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::User(self.request.user_id), reads(self.request.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Notification> {
        self.actor.require_admin()?;
        let request = &self.request;
        let user_id = request.user_id;
        if work.find::<User>(&user_id)?.is_none() {
            return Err(Error::new(Reason::UserNotFound, "There is no such user.").into());
        }
        let id = FactId::from_uuid(cx.new_uuid());
        let data = serde_json::json!({ "user_id": user_id, "title": request.title, "body": request.body });
        let fact = fact(cx, FactName::Announcement, id, request.event_id, &data);
        let words = Words::Announcement { title: request.title.clone(), body: request.body.clone() };
        let told = tell(work, cx, &fact, &Notice::new(user_id, &words))?;
        let act = audit::Act::new("notification.sent", "notification", told.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(Notification { words: None, ..told })
    }
}
