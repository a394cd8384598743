//! Turning a hold into tickets.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Bookings;
use super::access::{self, Access};
use super::model::{Booking, BookingState};
use super::seats::{self, Move, check_sales, move_seats};
use super::view::BookingView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::{Context, PaymentPolicy};
use crate::error::{Error, Reason};
use crate::event::{self, Event};
use crate::id::{BookingId, EventId, JobId, TicketId, TicketTypeId};
use crate::job::{Job, JobState};
use crate::notification::{self, Attached, Fact, FactName, Notice, Words};
use crate::payment;
use crate::promo_code;
use crate::scope::Scope;
use crate::seat_map::{self, BookedSeat};
use crate::stats;
use crate::store::{Key, ShortCode};
use crate::ticket::{ShortCodeClaim, Ticket, TicketState};
use crate::ticket_type;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A booking and the tickets that it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Issued {
    pub(super) booking: Booking,
    pub(super) tickets: Vec<Ticket>,
}

impl Bookings<'_> {
    /// Turns a hold into tickets. The person themselves may when nothing is to be paid; for a paid booking the
    /// event's organizer or an admin does, and thereby marks it paid.
    ///
    /// A hold whose deadline has passed takes its seats anew, if they are still there.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`, `booking_not_held`, `payment_required`, `booking_expired`, `offer_expired`,
    /// `sales_ended` for an expired one, `event_cancelled`, `event_not_published`, `idempotency_key_reused`.
    pub async fn confirm(&self, call: impl Into<Call>, id: BookingId) -> Result<Answer<BookingView>, Error> {
        let call = call.into().within(Scope::BookingsWrite)?;
        let seen = self.find(call.actor(), id).await?;
        let command = Confirm { actor: call.actor().clone(), id, event_id: seen.event_id };
        let done = self.engine.executor.submit(&call, command).await?;
        self.view_issued(done)
    }
}

#[derive(Serialize)]
struct Confirm {
    #[serde(skip, default = "Actor::anonymous")]
    actor: Actor,
    id: BookingId,
    event_id: EventId,
}

impl Command for Confirm {
    type Reply = Issued;
    const NAME: &'static str = "confirm";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Booking(self.id), Key::Event(self.event_id), Key::Inventory(self.event_id)]);
        keys.extend([Key::Job(expiry_job(self.id)), stats::reads(self.event_id)]);
        keys.insert(payment::reads_of_booking(self.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Issued> {
        let (booking, event, access) = access::find(work, &self.actor, self.id)?;
        event.state.require_published()?;
        booking.state.confirm(cx.now)?;
        require_offered(&booking)?;
        let on = cx.settings.payments == PaymentPolicy::On;
        let unpaid = !booking.total.is_zero() && on;
        if unpaid && access == Access::Own {
            let sentence = format!("{} are to be paid first.", booking.total);
            return Err(Error::new(Reason::PaymentRequired, sentence).with("total", booking.total).into());
        }
        let booking = Booking { paid_elsewhere: !booking.total.is_zero() && !on, ..(*booking).clone() };
        let issued = sell(work, cx, &event, &booking, &self.actor)?;
        if unpaid {
            payment::taken_with_booking(work, cx, &event, &booking)?;
        }
        Ok(issued)
    }
}

/// # Errors
/// `offer_expired` for one of somebody who waited, when its time is over.
fn require_offered(booking: &Booking) -> Result<(), Error> {
    if booking.from_waitlist && matches!(booking.state, BookingState::Expired { .. }) {
        let sentence = "The offer is over; its seats went to the next in line.";
        return Err(Error::new(Reason::OfferExpired, sentence));
    }
    Ok(())
}

/// Turns a hold that is paid, or costs nothing, into tickets; one that is over takes its seats anew. The event is on sale.
///
/// # Errors
/// `booking_not_held`, `booking_expired`, `offer_expired`, `sales_ended` for an expired one.
pub(crate) fn sell(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
    actor: &Actor,
) -> Decision<Issued> {
    let job = expiry_job(booking.id);
    work.need(seats::reads(booking).chain([notification::reads(booking.user_id), Key::Job(job)]))?;
    booking.state.confirm(cx.now)?;
    require_offered(booking)?;
    let held = matches!(booking.state, BookingState::Held { .. });
    let how = if held { Move::SellHeld } else { Move::Sell };
    if !held {
        require_to_be_had_again(work, cx, event, booking)?;
    }
    move_seats(work, cx, booking, how).map_err(gone_meanwhile)?;
    if work.find::<Job>(&job)?.is_some() {
        work.delete::<Job>(&job);
    }
    issue(work, cx, event, booking.clone(), actor)
}

/// Holds the seats of a booking until then, if that is later than it is held anyway.
pub(crate) fn hold_until(work: &mut Work, booking: &Booking, until: Timestamp) -> Decision<()> {
    let BookingState::Held { expires_at } = booking.state else { return Ok(()) };
    if until <= expires_at {
        return Ok(());
    }
    let job = work.find::<Job>(&expiry_job(booking.id))?;
    if let Some(job) = job {
        work.put(Job { due_at: until, attempts: 0, state: JobState::Waiting, ..(*job).clone() });
    }
    work.put(Booking { state: BookingState::Held { expires_at: until }, ..booking.clone() });
    Ok(())
}

/// A hold that is over is a new purchase of the very same: only while it is on sale, and is what it was.
fn require_to_be_had_again(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
) -> Decision<()> {
    for line in &booking.lines {
        let of = ticket_type::find(work, booking.event_id, line.ticket_type_id)?;
        check_sales(event, &of, cx)?;
        if of.seated == line.seats.is_empty() {
            let how = if of.seated { "is sold by seat now" } else { "is not sold by seat any more" };
            let sentence =
                format!("The hold is over, and cannot be had again: its ticket type {how}. Book anew.");
            let error = Error::new(Reason::BookingExpired, sentence);
            return Err(error.with("ticket_type_id", of.id).into());
        }
        seat_map::require_as_booked(work, event.id, of.id, &line.seats).map_err(gone_meanwhile)?;
    }
    match booking.promo_code_id {
        Some(id) => promo_code::require_open(work, cx, id, booking.created_at).map_err(gone_meanwhile),
        None => Ok(()),
    }
}

/// Seats, or a price, that an expired hold does not get back.
fn gone_meanwhile(halt: crate::work::Halt) -> crate::work::Halt {
    match halt {
        crate::work::Halt::Rejected(error)
            if matches!(
                error.reason(),
                Reason::SoldOut
                    | Reason::NotEnoughLeft
                    | Reason::PerPersonLimit
                    | Reason::PromoExpired
                    | Reason::PromoNotApplicable
                    | Reason::PromoUsedUp
                    | Reason::PromoUnknown
                    | Reason::SeatTaken
                    | Reason::SeatUnknown
            ) =>
        {
            let sentence = format!("The hold is over, and cannot be had again: {}", error.message());
            crate::work::Halt::Rejected(Error::new(Reason::BookingExpired, sentence))
        }
        other => other,
    }
}

/// The job that gives a hold's seats back.
pub(super) fn expiry_job(id: BookingId) -> JobId {
    JobId::from_uuid(id.uuid())
}

/// Issues one ticket per seat of a booking whose seats are sold, and tells its person.
pub(super) fn issue(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    mut booking: Booking,
    actor: &Actor,
) -> Decision<Issued> {
    let state = booking.state.confirm(cx.now)?;
    let mut tickets = Vec::new();
    for line in &booking.lines {
        let mut seats = line.seats.iter().cloned();
        for _ in 0..line.quantity {
            tickets.push(ticket(cx, &booking, line.ticket_type_id, seats.next()));
        }
    }
    for ticket in &tickets {
        // Nobody has the code but by a chance of one in 2⁴⁰ for each ticket of the same sixteenth of a second; then the commit fails and another is drawn.
        work.put(ShortCodeClaim::of(ticket));
        work.put(ticket.clone());
    }
    booking.state = state;
    booking.tickets = tickets.iter().map(|ticket| ticket.id).collect();
    tell(work, cx, event, &booking, &tickets)?;
    let act = audit::Act::new("booking.confirmed", "booking", booking.id).of_event(event.id);
    audit::record(work, cx, actor, &act);
    work.put(booking.clone());
    Ok(Issued { booking, tickets })
}

fn ticket(
    cx: &Context<'_>,
    booking: &Booking,
    ticket_type_id: TicketTypeId,
    seat: Option<BookedSeat>,
) -> Ticket {
    Ticket {
        id: TicketId::from_uuid(cx.new_uuid()),
        event_id: booking.event_id,
        ticket_type_id,
        seat,
        booking_id: booking.id,
        user_id: booking.user_id,
        short_code: ShortCode::draw(cx.now, cx.random::<8>()),
        issue: 0,
        transfer: None,
        state: TicketState::Active,
        purchased_at: cx.now,
    }
}

fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
    tickets: &[Ticket],
) -> Decision<()> {
    if cx.outlets.publish() {
        let bought = tickets.iter().map(|ticket| purchased(cx, ticket));
        let facts: Vec<Fact> =
            [super::fact(cx, FactName::BookingConfirmed, booking)].into_iter().chain(bought).collect();
        notification::publish_all(work, cx, &facts);
    }
    // One purchase is one thing to a person, however many tickets it has.
    let id = notification::fact_id(FactName::TicketPurchased, booking.id.uuid(), 0);
    let fact = notification::fact(cx, FactName::TicketPurchased, id, Some(event.id), &json!({}));
    let words = Words::TicketsBought {
        tickets: u32::try_from(tickets.len()).unwrap_or(u32::MAX),
        event: event.title.clone(),
        start: event::start(event),
    };
    let attached = Attached::TicketsOf(booking.id);
    notification::tell(work, cx, &fact, &Notice { attached, ..Notice::new(booking.user_id, &words) })
        .map(drop)
}

/// What other systems are told of a ticket that was bought.
fn purchased(cx: &Context<'_>, ticket: &Ticket) -> Fact {
    let id = notification::fact_id(FactName::TicketPurchased, ticket.id.uuid(), 0);
    let data = json!({
        "ticket_id": ticket.id, "event_id": ticket.event_id, "ticket_type_id": ticket.ticket_type_id,
        "booking_id": ticket.booking_id, "user_id": ticket.user_id, "code": ticket.short_code.to_string(),
        "seat": ticket.seat,
        "status": ticket.state.status(), "purchased_at": ticket.purchased_at,
    });
    notification::fact(cx, FactName::TicketPurchased, id, Some(ticket.event_id), &data)
}
