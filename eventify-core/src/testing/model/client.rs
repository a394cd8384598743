//! Asking an engine, as a client does.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::explain::Told;
use super::oracle::{Answer, Ask, ORGANIZER, Terms, Wish};
use crate::account::Register;
use crate::actor::{Actor, Role};
use crate::booking::{BookingStatus, BookingView, HoldTickets, LineRequest};
use crate::change::Change;
use crate::error::{Error, Reason};
use crate::etag::IfMatch;
use crate::event::{CancelEvent, PutCancellation, RefundStep, UpdateEvent};
use crate::eventify::Eventify;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::lead_time::LeadTime;
use crate::notification::PreferencesView;
use crate::promo_code::{PromoText, UpdatePromoCode};
use crate::seat_map::SeatId;
use crate::staff::{GrantStaff, StaffRight};
use crate::store::IdempotencyHash;
use crate::ticket::Scan;
use crate::ticket_type::UpdateTicketType;
use crate::transfer::OfferTicket;
use crate::waitlist::JoinWaitlist;

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

fn actor(id: UserId) -> Actor {
    Actor::user(id, if id == ORGANIZER { Role::Organizer } else { Role::Attendee })
}

impl Request {
    pub(super) fn told(self, answer: Option<Answer>) -> Told {
        Told { key: self.kept_under(), ask: self.ask, answer, name: None }
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
            Ask::Reserve { user, event, wish, at_once } => {
                self.reserve(engine, (*user, *event), wish, *at_once).await
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
            Ask::Join { user, event, ticket_type, quantity } => {
                let request = JoinWaitlist { quantity: *quantity };
                engine.waitlists().join(&actor(*user), *event, *ticket_type, request).await?;
                Ok(Answer::Done)
            }
            Ask::Leave { user, event, ticket_type } => {
                engine.waitlists().leave(&actor(*user), *event, *ticket_type).await?;
                Ok(Answer::Done)
            }
            Ask::Pass { .. } | Ask::Undo { .. } | Ask::Reissue { .. } => self.show(engine).await,
            Ask::Give { .. } | Ask::Accept { .. } | Ask::Withdraw { .. } => self.hand_over(engine).await,
            _ => self.manage(engine).await.map(|()| Answer::Done),
        }
    }

    async fn reserve(
        &self,
        engine: &Eventify,
        (user, event_id): (UserId, EventId),
        wish: &Wish,
        at_once: bool,
    ) -> Result<Answer, Error> {
        let line =
            |&(ticket_type_id, quantity): &(TicketTypeId, u32)| LineRequest { ticket_type_id, quantity };
        let seat = |seat: &u16| SeatId { section: 1, row: seat / 10, number: seat % 10 };
        let request = HoldTickets {
            lines: if wish.seats.is_empty() { wish.lines.iter().map(line).collect() } else { Vec::new() },
            seat_ids: wish.seats.iter().map(seat).collect(),
            promo_code: wish.promo.as_deref().map(PromoText::from),
            ..HoldTickets::new(event_id, Vec::new())
        };
        let call = self.call(actor(user));
        if at_once {
            let done = engine.bookings().buy(call, request).await?;
            Ok(shown(&done.booking, done.is_replayed()))
        } else {
            let done = engine.bookings().hold(call, request).await?;
            Ok(shown(&done, done.is_replayed()))
        }
    }

    /// Shows the code of a ticket.
    async fn show(&self, engine: &Eventify) -> Result<Answer, Error> {
        let tickets = engine.tickets();
        let done = match &self.ask {
            Ask::Pass { by, scan, out, .. } => {
                let scan = Scan { scan_id: Some(scan.clone()), ..Scan::default() };
                let call = self.call(actor(*by));
                let passing = if *out {
                    tickets.check_out(call, &self.code, scan).await
                } else {
                    tickets.check_in(call, &self.code, scan).await
                };
                passing?
            }
            Ask::Reissue { by, .. } => tickets.reissue(self.call(actor(*by)), &self.code).await?,
            Ask::Undo { by, .. } => {
                let done = tickets.undo_check_in(&actor(*by), &self.code).await?;
                return Ok(Answer::Ticket { owner: done.user_id, status: done.status, replayed: false });
            }
            _ => return Ok(Answer::Done),
        };
        Ok(Answer::Ticket { owner: done.user_id, status: done.status, replayed: done.is_replayed() })
    }

    async fn hand_over(&self, engine: &Eventify) -> Result<Answer, Error> {
        let transfers = engine.transfers();
        match &self.ask {
            Ask::Give { from, to, .. } => {
                let request = OfferTicket { email: to.clone() };
                let done = transfers.offer(self.call(actor(*from)), &self.code, request).await?;
                Ok(Answer::Given { id: done.id, replayed: done.is_replayed() })
            }
            Ask::Accept { by, transfer } => {
                let done = transfers.accept(self.call(actor(*by)), *transfer).await?;
                Ok(Answer::Ticket { owner: done.user_id, status: done.status, replayed: done.is_replayed() })
            }
            Ask::Withdraw { by, transfer } => {
                transfers.withdraw(&actor(*by), *transfer).await.map(|()| Answer::Done)
            }
            _ => Ok(Answer::Done),
        }
    }

    /// What the event's organizer does, and what people choose for themselves.
    async fn manage(&self, engine: &Eventify) -> Result<(), Error> {
        let (events, who) = (engine.events(), actor(ORGANIZER));
        match &self.ask {
            Ask::Capacity { event, capacity } => {
                let change = UpdateEvent { capacity: Some((*capacity).into()), ..UpdateEvent::default() };
                events.update(&who, *event, change, IfMatch::Any).await.map(drop)
            }
            Ask::Move { event, venue } => {
                let change = UpdateEvent { venue: Some(Change::To(venue.clone())), ..UpdateEvent::default() };
                events.update(&who, *event, change, IfMatch::Any).await.map(drop)
            }
            Ask::Terms { event, terms } => {
                let change = UpdateEvent { cancellation: Some(promised(terms)?), ..UpdateEvent::default() };
                events.update(&who, *event, change, IfMatch::Any).await.map(drop)
            }
            Ask::Publish { event } => events.publish(&who, *event).await.map(drop),
            Ask::CancelEvent { event } => events.cancel(&who, *event, CancelEvent::default()).await.map(drop),
            Ask::Resize { ticket_type, quantity } => {
                let change = UpdateTicketType { quantity: Some(*quantity), ..UpdateTicketType::default() };
                self.change_type(engine, *ticket_type, change).await
            }
            Ask::Limit { ticket_type, per_person_max } => {
                let per_person_max = Some((*per_person_max).into());
                let change = UpdateTicketType { per_person_max, ..UpdateTicketType::default() };
                self.change_type(engine, *ticket_type, change).await
            }
            Ask::Uses { event, promo, uses_max } => {
                let id = PromoText::new(promo.as_str()).id(*event);
                let change =
                    UpdatePromoCode { uses_max: Some((*uses_max).into()), ..UpdatePromoCode::default() };
                engine.promo_codes().update(&who, *event, id, change, IfMatch::Any).await.map(drop)
            }
            Ask::Grant { event, user } => {
                let (user_id, right) = (Some(*user), StaffRight::Scanner);
                let request = GrantStaff { user_id, email: None, right };
                engine.staff(*event).grant(&who, request).await.map(drop)
            }
            Ask::Revoke { event, user } => engine.staff(*event).revoke(&who, *user).await,
            Ask::Choose { user, kind, channel, on } => {
                let change = PreferencesView::of([(*kind, [(*channel, *on)].into())]);
                engine.notifications().set_preferences(&actor(*user), change).await.map(drop)
            }
            Ask::Register { email } => {
                let (name, password) = ("Somebody", "a long secret");
                let request = Register::new(name, email.clone(), password);
                engine.accounts().register(&Actor::anonymous(), request).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn change_type(
        &self,
        engine: &Eventify,
        id: TicketTypeId,
        change: UpdateTicketType,
    ) -> Result<(), Error> {
        let types = engine.ticket_types();
        types.update(&actor(ORGANIZER), self.event, id, change, IfMatch::Any).await.map(drop)
    }

    /// What the store keeps the answer under: the hash of who asks and of their key.
    pub(super) fn kept_under(&self) -> Option<IdempotencyHash> {
        let key = self.key.as_ref()?;
        let who = match &self.ask {
            Ask::Reserve { user: by, .. }
            | Ask::Pass { by, .. }
            | Ask::Reissue { by, .. }
            | Ask::Give { from: by, .. }
            | Ask::Accept { by, .. } => actor(*by),
            Ask::Confirm { by_organizer, .. } => self.who(*by_organizer),
            _ => actor(ORGANIZER),
        };
        let hash = Sha256::digest(format!("{}\0{key}", who.label()).as_bytes());
        Some(IdempotencyHash::new(hash.into()))
    }

    fn who(&self, by_organizer: bool) -> Actor {
        actor(if by_organizer { ORGANIZER } else { self.owner })
    }

    fn call(&self, who: Actor) -> crate::Call {
        match &self.key {
            Some(key) => who.with_idempotency_key(key),
            None => who.into(),
        }
    }
}

fn promised(terms: &Terms) -> Result<PutCancellation, Error> {
    let before = |time: Duration| {
        let minutes = u32::try_from(time.as_secs() / 60).unwrap_or(u32::MAX);
        LeadTime::minutes(minutes).map_err(|_| Error::internal("times before a start are short"))
    };
    let step =
        |(until, percent): &(Duration, u8)| Ok(RefundStep { until: before(*until)?, percent: *percent });
    let refund = terms.refund.iter().map(step).collect::<Result<_, Error>>()?;
    Ok(PutCancellation { until: terms.until.map(before).transpose()?, refund: Some(refund) })
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
