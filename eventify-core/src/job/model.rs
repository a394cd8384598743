//! The record of work that must happen later.

use serde::{Deserialize, Serialize};

use crate::account::MailPurpose;
use crate::command::LaneKey;
use crate::id::{
    AnnouncementId, BookingId, EventId, JobId, PaymentId, RefundId, TicketTypeId, TransferId, UserId,
    WebhookDeliveryId, WebhookId,
};
use crate::keyring::Secret;
use crate::lead_time::LeadTime;
use crate::notification::{Channel, Draft, Fact, Urgent};
use crate::payment::ChargeDispute;
use crate::store::EmailKey;
use crate::time::Timestamp;
use crate::webhook::WebhookOwner;

/// Work that must happen later: written in the change set that makes it necessary, gone in the one that does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub work: JobWork,
    /// Not before this.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it waits, runs or was given up.
    pub state: JobState,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether a job waits, runs or was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobState {
    /// Waits for its time.
    Waiting,
    /// A worker runs it; another may take over when the lease is over.
    Leased {
        /// The end of the lease.
        until: Timestamp,
    },
    /// A dead letter: tried as often as allowed.
    Dead {
        /// Since when.
        at: Timestamp,
    },
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobWork {
    /// Give the seats of a hold back when its deadline has passed.
    ExpireHold(BookingId, EventId),
    /// End an offer that nobody accepted.
    ExpireTransfer(TransferId, EventId),
    /// Complete an event that is over.
    CompleteEvent(EventId),
    /// Cancel the next bookings of a cancelled event, and tell their holders.
    SweepCancelledEvent {
        /// The event.
        event_id: EventId,
        /// Where it stands.
        sweep: Sweep,
    },
    /// Offer what is free to the next of those who wait for a ticket type.
    ServeWaitlist {
        /// The event.
        event_id: EventId,
        /// The ticket type.
        ticket_type_id: TicketTypeId,
        /// Those up to this number were seen already.
        after: u32,
    },
    /// Delete the next records of an event that is gone.
    SweepDeletedEvent(EventId),
    /// Tell the next holders of an event something.
    TellHolders {
        /// The event.
        event_id: EventId,
        /// What they are told.
        telling: Telling,
        /// Where it stands.
        sweep: Sweep,
    },
    /// Bring a message to a person by an outside channel.
    Deliver {
        /// The channel.
        channel: Channel,
        /// To whom.
        user_id: UserId,
        /// Where, when it is not wherever the account is reached now: an e-mail address that it had before; of its browsers and
        /// phones the ids of those that are left, with commas between them.
        address: Option<String>,
        /// What.
        message: Box<Draft>,
    },
    /// Tell another system of a fact.
    Publish {
        /// The name of its publisher.
        publisher: String,
        /// What happened.
        fact: Box<Fact>,
    },
    /// Mail a token for a new password to whoever has an address, if anybody has.
    MailReset {
        /// The address that somebody named.
        email: EmailKey,
        /// Where they asked from.
        origin: Option<String>,
    },
    /// Bring a token to a person's mailbox; only the seed is kept that it follows from.
    DeliverToken {
        /// Whose mailbox.
        user_id: UserId,
        /// What the token is for.
        purpose: MailPurpose,
        /// From which it follows.
        seed: Secret,
    },
    /// Have a provider give money back.
    RefundPayment {
        /// The payment.
        payment_id: PaymentId,
        /// The refund.
        refund_id: RefundId,
        /// The payment's event.
        event_id: EventId,
    },
    /// Ask a provider how a payment stands of which nobody calls back.
    WatchPayment {
        /// The payment.
        payment_id: PaymentId,
        /// The payment's event.
        event_id: EventId,
    },
    /// Forget the next part of what is kept about a person whose account was erased.
    EraseUser {
        /// The person.
        user_id: UserId,
        /// The address that the account had, until nothing is left to be found by it.
        email: EmailKey,
        /// The part: the number of a noun's step.
        step: u8,
        /// The records of the part that were seen already: the last one's position.
        after: Option<Vec<u8>>,
    },
    /// Find out which webhooks want to be told of facts.
    FanOut {
        /// The event that they are about.
        event_id: Option<EventId>,
        /// Those that are left; at least one.
        facts: Vec<Fact>,
    },
    /// Tell a webhook of a fact.
    DeliverWebhook {
        /// Whose it is.
        owner: WebhookOwner,
        /// The webhook.
        webhook_id: WebhookId,
        /// The fact on its way.
        delivery_id: WebhookDeliveryId,
    },
    /// Send what waits for a person's digest.
    EmptyDigest(UserId),
    /// Bring a digest to a person's mailbox.
    DeliverDigest {
        /// To whom.
        user_id: UserId,
        /// What it says, at least one.
        drafts: Vec<Draft>,
    },
    /// Look for the money that is disputed at a provider, and that no payment is known by yet.
    FindDisputed {
        /// The provider's name.
        provider: String,
        /// What it said, as it came; at least one, all of one movement of money.
        reports: Vec<ChargeDispute>,
    },
    /// Look after what is held back for a webhook at which nothing arrives.
    WatchWebhook {
        /// Whose it is.
        owner: WebhookOwner,
        /// The webhook.
        webhook_id: WebhookId,
        /// What it was told up to here was seen already: the last one's position.
        after: Option<Vec<u8>>,
    },
}

/// Where a walk through many records stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// What was seen already: the last one's position.
    pub after: Option<Vec<u8>>,
    /// How many were left out because something about them cannot be read.
    pub left_out: u32,
}

/// What the holders of an event are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Telling {
    /// That it was changed.
    Change {
        /// The fact.
        fact: Box<Fact>,
        /// When it could not wait, before it was moved.
        was: Option<Urgent>,
    },
    /// That it begins soon.
    Reminder {
        /// How long before the start.
        lead: LeadTime,
        /// The start that they are reminded of.
        starts_at: Timestamp,
    },
    /// What the organizer says.
    Announcement(AnnouncementId),
}

/// Who is needed for a job. They wait in lines of their own: a mail server that is down holds up no seats, and an
/// organizer's own server no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum JobClass {
    /// The engine alone.
    Inside,
    /// Somebody outside: a notifier, a publisher or a payment provider.
    Outside,
    /// A system that an organizer or admin named.
    Webhook,
}

impl JobClass {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Inside, Self::Outside, Self::Webhook];

    /// Its name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Webhook => "webhook",
        }
    }

    /// Its number in index entries; stored, so never changed.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Inside => 1,
            Self::Outside => 2,
            Self::Webhook => 3,
        }
    }
}

impl JobWork {
    /// Who is needed for it.
    #[must_use]
    pub fn class(&self) -> JobClass {
        match self {
            Self::DeliverWebhook { .. } => JobClass::Webhook,
            _ if self.line().is_some() => JobClass::Outside,
            _ => JobClass::Inside,
        }
    }

    /// Whether it may be of very many, and goes on step by step until it has seen to all of them.
    pub(super) const fn is_long(&self) -> bool {
        matches!(
            self,
            Self::SweepCancelledEvent { .. }
                | Self::SweepDeletedEvent(_)
                | Self::TellHolders { .. }
                | Self::EraseUser { .. }
        )
    }

    /// The lane in which its outcome is decided.
    #[must_use]
    pub const fn lane(&self) -> LaneKey {
        match self {
            Self::ExpireHold(_, event_id)
            | Self::ExpireTransfer(_, event_id)
            | Self::CompleteEvent(event_id)
            | Self::SweepCancelledEvent { event_id, .. }
            | Self::SweepDeletedEvent(event_id)
            | Self::ServeWaitlist { event_id, .. }
            | Self::RefundPayment { event_id, .. }
            | Self::WatchPayment { event_id, .. }
            | Self::TellHolders { event_id, .. } => LaneKey::Event(*event_id),
            Self::Deliver { user_id, .. }
            | Self::DeliverToken { user_id, .. }
            | Self::DeliverDigest { user_id, .. }
            | Self::EmptyDigest(user_id)
            | Self::EraseUser { user_id, .. } => LaneKey::User(*user_id),
            Self::MailReset { .. } | Self::FindDisputed { .. } => LaneKey::Deployment,
            Self::Publish { fact, .. } => of_event(fact.event_id),
            Self::FanOut { event_id, .. } => of_event(*event_id),
            Self::DeliverWebhook { owner, .. } | Self::WatchWebhook { owner, .. } => owner.lane(),
        }
    }

    /// The event that it belongs to.
    #[must_use]
    pub const fn event_id(&self) -> Option<EventId> {
        match self.lane() {
            LaneKey::Event(event_id) => Some(event_id),
            LaneKey::User(_) | LaneKey::Deployment => None,
        }
    }

    /// Its name, for operators.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExpireHold(..) => "expire_hold",
            Self::ExpireTransfer(..) => "expire_transfer",
            Self::CompleteEvent(_) => "complete_event",
            Self::SweepCancelledEvent { .. } => "sweep_cancelled_event",
            Self::ServeWaitlist { .. } => "serve_waitlist",
            Self::SweepDeletedEvent(_) => "sweep_deleted_event",
            Self::TellHolders { telling: Telling::Change { .. }, .. } => "tell_of_change",
            Self::TellHolders { telling: Telling::Reminder { .. }, .. } => "tell_of_start",
            Self::TellHolders { telling: Telling::Announcement(_), .. } => "tell_of_announcement",
            Self::Deliver { .. } => "deliver",
            Self::Publish { .. } => "publish",
            Self::MailReset { .. } => "mail_reset",
            Self::DeliverToken { .. } => "deliver_token",
            Self::EraseUser { .. } => "erase_user",
            Self::RefundPayment { .. } => "refund_payment",
            Self::WatchPayment { .. } => "watch_payment",
            Self::FanOut { .. } => "fan_out",
            Self::DeliverWebhook { .. } => "deliver_webhook",
            Self::WatchWebhook { .. } => "watch_webhook",
            Self::EmptyDigest(_) => "empty_digest",
            Self::DeliverDigest { .. } => "deliver_digest",
            Self::FindDisputed { .. } => "find_disputed",
        }
    }
}

const fn of_event(event_id: Option<EventId>) -> LaneKey {
    match event_id {
        Some(event_id) => LaneKey::Event(event_id),
        None => LaneKey::Deployment,
    }
}

impl Job {
    /// When a worker has to look at it next.
    #[must_use]
    pub const fn next_at(&self) -> Timestamp {
        match self.state {
            JobState::Leased { until } => until,
            JobState::Waiting | JobState::Dead { .. } => self.due_at,
        }
    }

    /// The same job behind a position, `left_out` records later, and at its end `None`. When some were left out the end is a
    /// dead letter: all the rest is done, somebody has to see to those, and it can be tried anew from the beginning.
    pub(super) fn behind(&self, next: Option<&Vec<u8>>, left_out: u32, now: Timestamp) -> Option<Self> {
        let mut rest = Self { attempts: 0, last_error: None, ..self.clone() };
        let (JobWork::SweepCancelledEvent { sweep, .. } | JobWork::TellHolders { sweep, .. }) =
            &mut rest.work
        else {
            return None;
        };
        let left_out = sweep.left_out.saturating_add(left_out);
        *sweep = Sweep { after: next.cloned(), left_out };
        if next.is_none() {
            if left_out == 0 {
                return None;
            }
            *sweep = Sweep::default();
            rest.state = JobState::Dead { at: now };
            rest.last_error =
                Some(format!("done, but for {left_out} records of which something cannot be read"));
        }
        Some(rest)
    }

    /// When it was given up, if it was.
    pub(super) const fn dead_since(&self) -> Option<Timestamp> {
        match self.state {
            JobState::Dead { at } => Some(at),
            JobState::Waiting | JobState::Leased { .. } => None,
        }
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        !matches!(self.state, JobState::Dead { .. }) && self.next_at() <= now
    }
}

/// A job as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What it does, such as `deliver`.
    pub work: String,
    /// `waiting`, `leased` or `dead`.
    pub state: String,
    /// Not before this.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let state = match job.state {
            JobState::Waiting => "waiting",
            JobState::Leased { .. } => "leased",
            JobState::Dead { .. } => "dead",
        };
        Self {
            id: job.id,
            work: job.work.name().to_owned(),
            state: state.to_owned(),
            due_at: job.due_at,
            attempts: job.attempts,
            last_error: job.last_error.clone(),
            created_at: job.created_at,
        }
    }
}
