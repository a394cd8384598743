//! Holding seats, and buying at once: hold and confirmation in one decision.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Bookings;
use super::confirm::{self, Issued};
use super::model::{Booking, BookingState};
use super::price::{self, Wish};
use super::request::{HoldTickets, LineRequest, check_lines, check_seats};
use super::seats::{Move, move_seats};
use super::view::{BookingView, Purchase};
use crate::account::probe;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::{Context, PaymentPolicy};
use crate::error::Error;
use crate::event;
use crate::id::{BookingId, JobId, UserId};
use crate::job::{self, JobWork};
use crate::notification::{self, FactName};
use crate::page::PageRequest;
use crate::promo_code;
use crate::scope::Scope;
use crate::seat_map;
use crate::stats;
use crate::store::{AllowanceKey, Index, Key};
use crate::ticket_type::{self, Inventory, TicketType};
use crate::work::{Decision, Work};

impl Bookings<'_> {
    /// Reserves seats for a while: all of the lines or none. Confirm before `expires_at`.
    ///
    /// # Errors
    /// `not_authenticated`, `empty_booking`, `too_many_lines`, `invalid_value`, `event_not_found`,
    /// `event_not_published`, `event_cancelled`, `ticket_type_not_found`, `sales_not_started`, `sales_ended`,
    /// `per_person_limit`, `sold_out`, `not_enough_left`, `promo_unknown`, `promo_expired`, `promo_used_up`,
    /// `promo_not_applicable`, `too_many_attempts` after ten promo codes that are none, `seat_unknown`, `seat_taken`,
    /// `seats_not_together`, `leaves_single_seat`, `idempotency_key_reused`.
    pub async fn hold(
        &self,
        call: impl Into<Call>,
        request: HoldTickets,
    ) -> Result<Answer<BookingView>, Error> {
        let done = self.reserve(call.into(), request, false).await?;
        self.view_issued(done)
    }

    /// Buys tickets: when nothing is to be paid they are issued at once, otherwise the seats are held.
    ///
    /// # Errors
    /// As [`Bookings::hold`].
    pub async fn buy(&self, call: impl Into<Call>, request: HoldTickets) -> Result<Answer<Purchase>, Error> {
        let done = self.reserve(call.into(), request, true).await?;
        let booking = self.view_issued(done)?;
        Ok(booking.map(|booking| Purchase { tickets: booking.tickets.clone(), booking }))
    }

    async fn reserve(
        &self,
        call: Call,
        request: HoldTickets,
        at_once: bool,
    ) -> Result<Answer<Issued>, Error> {
        let call = call.within(Scope::BookingsWrite)?;
        let user_id = call.actor().require_user()?;
        let lines = if request.seat_ids.is_empty() {
            let lines = match request.seats {
                Some(seats) => self.lines_of(&request, seats).await?,
                None => Ok(request.lines.clone()),
            };
            lines.as_ref().map_or(Ok(()), |lines| check_lines(lines))?;
            lines
        } else {
            check_seats(&request)?;
            Ok(Vec::new())
        };
        let guesses = request.promo_code.is_some();
        let command = Reserve { actor: call.actor().clone(), user_id, request, lines, at_once };
        let decided = self.engine.executor.submit(&call, command);
        if guesses {
            probe(self.engine, promo_code::GUESS, call.actor(), decided).await
        } else {
            decided.await
        }
    }

    /// So many of the event's only ticket type; or why that says nothing, which is for the decision to answer: a
    /// repeated request is told what the first one was, whatever became of the ticket types since.
    async fn lines_of(&self, request: &HoldTickets, seats: u32) -> Result<Lines, Error> {
        if !request.lines.is_empty() {
            return Err(Error::invalid("seats", "must not be given together with lines"));
        }
        if seats == 0 {
            return Err(Error::invalid("seats", "must be at least 1"));
        }
        let page = PageRequest::first(2);
        let index = Index::TicketTypesOfEvent(request.event_id);
        let types = self.engine.list::<TicketType>(index, false, &page).await?;
        Ok(match types.data.as_slice() {
            [only] => Ok(vec![LineRequest { ticket_type_id: only.id, quantity: seats }]),
            [] => Err(ticket_type::not_found()),
            _ => Err(several_types()),
        })
    }
}

fn several_types() -> Error {
    Error::invalid("lines", "must say which ticket types: the event has several")
}

#[derive(Serialize)]
struct Reserve {
    user_id: UserId,
    #[serde(skip)]
    actor: Actor,
    /// As it was sent.
    request: HoldTickets,
    /// What it comes to.
    #[serde(skip)]
    lines: Lines,
    at_once: bool,
}

type Lines = Result<Vec<LineRequest>, Error>;

impl Command for Reserve {
    type Reply = Issued;
    const NAME: &'static str = "reserve";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.request.event_id)
    }

    fn weight(&self) -> u32 {
        let named = u32::try_from(self.request.seat_ids.len()).unwrap_or(u32::MAX);
        self.lines.iter().flatten().map(|line| line.quantity).fold(named.max(1), u32::saturating_add)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let event_id = self.request.event_id;
        keys.extend([Key::Event(event_id), Key::Inventory(event_id)]);
        for line in self.lines.iter().flatten() {
            let key = AllowanceKey { ticket_type_id: line.ticket_type_id, user_id: self.user_id };
            keys.extend([Key::TicketType(line.ticket_type_id), Key::Allowance(key)]);
        }
        keys.extend(seat_map::reads(event_id, self.request.seat_ids.iter().copied()));
        let promo = self.request.promo_code.as_ref().map(|text| text.id(event_id));
        keys.extend(promo.into_iter().flat_map(|id| promo_code::reads(id, self.user_id)));
        if self.at_once {
            keys.extend([notification::reads(self.user_id), stats::reads(event_id)]);
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Issued> {
        let event = event::find(work, self.request.event_id)?;
        event.state.require_published()?;
        let wanted = self.lines.as_ref().map_err(Clone::clone)?;
        if self.request.seats.is_some() {
            // The only type was found by a scan; that it still is the only one rests on the event's own count.
            let inventory = work.find::<Inventory>(&event.id)?.ok_or_else(event::event_not_found)?;
            if inventory.types != 1 {
                return Err(several_types().into());
            }
        }
        let promo = match &self.request.promo_code {
            Some(text) => Some(promo_code::redeem(work, cx, event.id, text)?),
            None => None,
        };
        let wanted = match self.request.seat_ids.as_slice() {
            [] => wanted.iter().map(Wish::from).collect(),
            seats => price::named(work, event.id, seats)?,
        };
        let lines = price::lines(work, cx, &event, wanted, promo.as_ref())?;
        let total = price::total(&lines)?;
        let id = BookingId::from_uuid(cx.new_uuid());
        let expires_at = cx.now.plus(cx.settings.hold_for);
        let booking = Booking {
            id,
            event_id: event.id,
            user_id: self.user_id,
            state: BookingState::Held { expires_at },
            lines,
            total,
            cancellation: event.cancellation.clone(),
            promo_code_id: promo.map(|promo| promo.id),
            from_waitlist: false,
            paid_elsewhere: false,
            created_at: cx.now,
            tickets: Vec::new(),
        };
        if self.at_once && (total.is_zero() || cx.settings.payments == PaymentPolicy::Off) {
            self.take(work, cx, &booking, Move::Sell)?;
            let booking = Booking { paid_elsewhere: !total.is_zero(), ..booking };
            return confirm::issue(work, cx, &event, booking, &self.actor);
        }
        self.take(work, cx, &booking, Move::Hold)?;
        job::schedule(work, cx, JobId::from_uuid(id.uuid()), JobWork::ExpireHold(id, event.id), expires_at);
        super::publish(work, cx, FactName::BookingHeld, &booking);
        audit::record(
            work,
            cx,
            &self.actor,
            &audit::Act::new("booking.held", "booking", id).of_event(event.id),
        );
        work.put(booking.clone());
        Ok(Issued { booking, tickets: Vec::new() })
    }
}

impl Reserve {
    fn take(&self, work: &mut Work, cx: &Context<'_>, booking: &Booking, how: Move) -> Decision<()> {
        move_seats(work, cx, booking, how)?;
        match self.request.seat_ids.as_slice() {
            [] => Ok(()),
            seats => seat_map::require_no_gaps(work, booking.event_id, seats),
        }
    }
}
