//! Asking an engine, as a client does.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use sha2::{Digest as _, Sha256};

use super::explain::Told;
use super::oracle::{Answer, Ask};
use crate::account::Register;
use crate::actor::{Actor, Role};
use crate::booking::{BookingStatus, BookingView, HoldTickets, LineRequest};
use crate::error::{Error, Reason};
use crate::etag::IfMatch;
use crate::event::{CancelEvent, UpdateEvent};
use crate::eventify::Eventify;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::notification::PreferencesView;
use crate::store::IdempotencyHash;
use crate::ticket::Scan;
use crate::ticket_type::UpdateTicketType;

/// Who publishes everything.
pub(super) const ORGANIZER: UserId = UserId::from_bytes([0xEE; 16]);

/// Everything that is needed to ask.
pub(super) struct Request {
    pub(super) ask: Ask,
    pub(super) key: Option<String>,
    /// Whose booking it is about.
    pub(super) owner: UserId,
    /// The event of the ticket type that it is about.
    pub(super) event: EventId,
    /// The ticket's code.
    pub(super) code: String,
}

fn organizer() -> Actor {
    Actor::user(ORGANIZER, Role::Organizer)
}

fn person(id: UserId) -> Actor {
    Actor::user(id, Role::Attendee)
}

impl Request {
    pub(super) fn told(self, answer: Option<Answer>) -> Told {
        Told { key: self.kept_under(), ask: self.ask, answer, id: None }
    }

    /// The answer; `None` when nobody can know what became of it.
    pub(super) async fn put(&self, engine: &Eventify) -> Option<Answer> {
        match self.try_put(engine).await {
            Ok(answer) => Some(answer),
            Err(error) if matches!(error.reason(), Reason::StoreUnavailable | Reason::Contention) => None,
            Err(error) => Some(refused(&error)),
        }
    }

    async fn try_put(&self, engine: &Eventify) -> Result<Answer, Error> {
        match &self.ask {
            Ask::Reserve { user, event, lines, at_once } => {
                self.reserve(engine, (*user, *event), lines, *at_once).await
            }
            Ask::Confirm { booking, by_organizer } => {
                let call = self.call(self.who(*by_organizer));
                let done = engine.bookings().confirm(call, *booking).await?;
                Ok(shown(&done, done.is_replayed()))
            }
            Ask::Cancel { booking, by_organizer } => {
                let done = engine.bookings().cancel(&self.who(*by_organizer), *booking).await?;
                // Anything else is what no order of events explains.
                let cancelled = done.status == BookingStatus::Cancelled;
                Ok(if cancelled { Answer::Done } else { shown(&done, false) })
            }
            Ask::CheckIn { scan, .. } => {
                let scan = Scan { scan_id: Some(scan.clone()), ..Scan::default() };
                let done = engine.tickets().check_in(self.call(organizer()), &self.code, scan).await?;
                Ok(Answer::CheckedIn { replayed: done.is_replayed() })
            }
            Ask::Resize { ticket_type, quantity } => {
                let request = UpdateTicketType { quantity: Some(*quantity), ..UpdateTicketType::default() };
                let types = engine.ticket_types();
                types.update(&organizer(), self.event, *ticket_type, request, IfMatch::Any).await?;
                Ok(Answer::Done)
            }
            Ask::Choose { user, kind, channel, on } => {
                let change = PreferencesView::of([(*kind, [(*channel, *on)].into())]);
                engine.notifications().set_preferences(&person(*user), change).await?;
                Ok(Answer::Done)
            }
            Ask::Register { email } => {
                let request = Register {
                    name: "Somebody".into(),
                    email: email.clone(),
                    password: "a long secret".into(),
                };
                engine.accounts().register(&Actor::anonymous(), request).await?;
                Ok(Answer::Done)
            }
            Ask::Capacity { .. } | Ask::Move { .. } | Ask::Publish { .. } | Ask::CancelEvent { .. } => {
                self.manage(engine).await
            }
        }
    }

    /// What only the event's organizer does.
    async fn manage(&self, engine: &Eventify) -> Result<Answer, Error> {
        let (events, who) = (engine.events(), organizer());
        match &self.ask {
            Ask::Capacity { event, capacity } => {
                let change = UpdateEvent { capacity: Some(*capacity), ..UpdateEvent::default() };
                events.update(&who, *event, change, IfMatch::Any).await?;
            }
            Ask::Move { event, venue } => {
                let change = UpdateEvent { venue: Some(Some(venue.clone())), ..UpdateEvent::default() };
                events.update(&who, *event, change, IfMatch::Any).await?;
            }
            Ask::Publish { event } => drop(events.publish(&who, *event).await?),
            Ask::CancelEvent { event } => {
                events.cancel(&who, *event, CancelEvent::default()).await?;
            }
            _ => {}
        }
        Ok(Answer::Done)
    }

    async fn reserve(
        &self,
        engine: &Eventify,
        (user, event_id): (UserId, EventId),
        lines: &[(TicketTypeId, u32)],
        at_once: bool,
    ) -> Result<Answer, Error> {
        let line =
            |&(ticket_type_id, quantity): &(TicketTypeId, u32)| LineRequest { ticket_type_id, quantity };
        let request = HoldTickets::new(event_id, lines.iter().map(line).collect());
        let call = self.call(person(user));
        if at_once {
            let done = engine.bookings().buy(call, request).await?;
            Ok(shown(&done.booking, done.is_replayed()))
        } else {
            let done = engine.bookings().hold(call, request).await?;
            Ok(shown(&done, done.is_replayed()))
        }
    }

    /// What the store keeps the answer under: the hash of who asks and of their key.
    pub(super) fn kept_under(&self) -> Option<IdempotencyHash> {
        let key = self.key.as_ref()?;
        let who = match &self.ask {
            Ask::Reserve { user, .. } => person(*user),
            Ask::Confirm { by_organizer, .. } => self.who(*by_organizer),
            _ => organizer(),
        };
        let hash = Sha256::digest(format!("{}\0{key}", who.label()).as_bytes());
        Some(IdempotencyHash::new(hash.into()))
    }

    fn who(&self, by_organizer: bool) -> Actor {
        if by_organizer { organizer() } else { person(self.owner) }
    }

    fn call(&self, who: Actor) -> crate::Call {
        match &self.key {
            Some(key) => who.with_idempotency_key(key),
            None => who.into(),
        }
    }
}

fn shown(booking: &BookingView, replayed: bool) -> Answer {
    Answer::Booking { id: booking.id, status: booking.status, tickets: booking.tickets.len(), replayed }
}

fn refused(error: &Error) -> Answer {
    let number = |name: &str| {
        let value = error.details().get(name).and_then(serde_json::Value::as_u64);
        value.and_then(|value| u32::try_from(value).ok())
    };
    Answer::Refused(error.reason(), ["available", "held", "sold"].map(number))
}

/// Looks for the answer so often, then goes away.
pub(super) async fn leave_after<T>(looks: u8, asking: impl Future<Output = T>) -> Option<T> {
    let mut asking = pin!(asking);
    let mut left = looks;
    std::future::poll_fn(|cx| {
        if let Poll::Ready(answer) = Pin::as_mut(&mut asking).poll(cx) {
            return Poll::Ready(Some(answer));
        }
        left = left.saturating_sub(1);
        if left == 0 {
            return Poll::Ready(None);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
