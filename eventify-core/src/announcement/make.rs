//! Telling everybody who has a ticket something.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Announcements;
use super::count::count;
use super::model::{Announcement, AnnouncementLog};
use super::view::AnnouncementView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::{self, EventState};
use crate::id::{AnnouncementId, EventId, JobId, TicketTypeId};
use crate::job::{self, JobWork, Sweep, Telling};
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Words to those who have tickets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct MakeAnnouncement {
    /// One line, at most 120 characters; the event's title when `None`.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub title: Option<String>,
    /// 1 to 2,000 characters.
    pub body: String,
    /// Only to those who have tickets of this type; to everybody when `None`.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ticket_type_id: Option<TicketTypeId>,
}

const TITLE_CHARS_MAX: usize = 120;
const BODY_CHARS_MAX: usize = 2_000;

impl Announcements<'_> {
    /// Tells everybody who has a ticket, or one of a type, by every channel that they allow: each once, by a job that goes
    /// on where it was interrupted. For those who manage the event; of a cancelled event it reaches those who had a ticket
    /// until then. At most [`AnnouncementLog::PER_DAY_MAX`] within 24 hours, counting other times and places of the event.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_not_published` for a draft,
    /// `ticket_type_not_found`, `invalid_value`, `too_many_announcements` with the time to wait,
    /// `idempotency_key_reused`.
    pub async fn make(
        &self,
        call: impl Into<Call>,
        event_id: EventId,
        request: MakeAnnouncement,
    ) -> Result<Answer<AnnouncementView>, Error> {
        let call = call.into().within(Scope::AnnouncementsWrite)?;
        let mut check = Check::new();
        let title = request.title.map(|title| check.line("title", &title, TITLE_CHARS_MAX));
        let body = check.text("body", request.body.trim(), BODY_CHARS_MAX);
        check.require(!body.is_empty(), "body", "must not be empty");
        check.finish()?;
        let request = MakeAnnouncement { title, body, ..request };
        let command = Make { actor: call.actor().clone(), event_id, request: request.clone() };
        let made = self.engine.executor.submit(&call, command).await?;
        // The stored answer to a repeated request has no words; the request has them.
        let title = request.title.unwrap_or_else(|| made.title.clone());
        let view = AnnouncementView::from(&Announcement { title, body: request.body, ..(*made).clone() });
        Ok(made.map(|_| view))
    }
}

#[derive(Serialize)]
struct Make {
    #[serde(skip)]
    actor: Actor,
    event_id: EventId,
    request: MakeAnnouncement,
}

impl Command for Make {
    /// Without the caller's words.
    type Reply = Announcement;
    const NAME: &'static str = "make_announcement";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::AnnouncementLog(self.event_id)]);
        keys.extend(self.request.ticket_type_id.map(Key::TicketType));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Announcement> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        if matches!(event.state, EventState::Draft) {
            // Nobody has a ticket of it.
            event.state.require_published()?;
        }
        if let Some(id) = self.request.ticket_type_id {
            ticket_type::find(work, self.event_id, id)?;
        }
        count(work, cx, self.event_id, AnnouncementLog::PER_DAY_MAX)?;
        let id = AnnouncementId::from_uuid(cx.new_uuid());
        let made = Announcement {
            id,
            event_id: self.event_id,
            title: self.request.title.clone().unwrap_or_else(|| event.title.clone()),
            body: self.request.body.clone(),
            ticket_type_id: self.request.ticket_type_id,
            created_at: cx.now,
        };
        work.put(made.clone());
        let telling = Telling::Announcement(id);
        let tell = JobWork::TellHolders { event_id: self.event_id, telling, sweep: Sweep::default() };
        job::schedule(work, cx, JobId::from_uuid(id.uuid()), tell, cx.now);
        let act = audit::Act::new("announcement.made", "announcement", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        let title = if self.request.title.is_some() { String::new() } else { made.title };
        Ok(Announcement { title, body: String::new(), ..made })
    }
}
