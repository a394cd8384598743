//! The rules of booking.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Booking, HOLD, State, Ticket, Verdict, Wish, no};
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::id::{BookingId, EventId, TicketTypeId, UserId};
use crate::notification::FactName;
use crate::ticket::TicketStatus;
use crate::time::Timestamp;

/// For which purpose seats are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Hold,
    /// To hold them for somebody who waited.
    Offer,
    Sell,
}

impl State {
    /// Sold and held among the bookings that `counts` picks lines and tickets of.
    pub(super) fn taken(&self, counts: impl Fn(&Booking, TicketTypeId) -> bool) -> (u32, u32) {
        let (mut sold, mut held) = (0, 0);
        for booking in self.bookings.values() {
            for ticket in &booking.tickets {
                if ticket.status != TicketStatus::Cancelled && counts(booking, ticket.of) {
                    sold += 1;
                }
            }
            if booking.status == BookingStatus::Held {
                for (of, quantity) in &booking.lines {
                    if counts(booking, *of) {
                        held += quantity;
                    }
                }
            }
        }
        (sold, held)
    }

    /// Whether somebody may have so many more of a type.
    pub(super) fn may_have(&self, user: UserId, of: TicketTypeId, more: u32) -> bool {
        let (sold, held) = self.taken(|b, kind| kind == of && b.user == user);
        self.types[&of].per_person_max.is_none_or(|max| sold + held + more <= max)
    }

    /// Whether the seats of these lines are free, for this person.
    pub(super) fn room(
        &self,
        user: UserId,
        event: EventId,
        lines: &[(TicketTypeId, u32)],
        purpose: Purpose,
    ) -> Verdict<()> {
        let mut per_type: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for (of, quantity) in lines {
            *per_type.entry(*of).or_default() += quantity;
        }
        let (mut event_sold, mut event_held) = self.taken(|b, _| b.event == event);
        let owed = if purpose == Purpose::Offer { 0 } else { self.owed(event, |_, _| true) };
        let mut left = self.left_of_event(event).saturating_sub(owed);
        for (of, wanted) in per_type {
            let (sold, held) = self.taken(|_, kind| kind == of);
            // What is free is for those who wait.
            if purpose != Purpose::Offer && self.lines.contains_key(&of) {
                return Err(Answer::Refused(Reason::NotEnoughLeft, [Some(0), Some(held), None]));
            }
            if !self.may_have(user, of, wanted) {
                return no(Reason::PerPersonLimit);
            }
            fits(wanted, self.types[&of].quantity, sold, held)?;
            if owed > 0 && wanted > left {
                return Err(Answer::Refused(Reason::NotEnoughLeft, [Some(left), Some(event_held), None]));
            }
            left = left.saturating_sub(wanted);
            let capacity = self.events[&event].capacity.unwrap_or(u32::MAX);
            fits(wanted, capacity, event_sold, event_held)?;
            *(if purpose == Purpose::Sell { &mut event_sold } else { &mut event_held }) += wanted;
        }
        Ok(())
    }

    pub(super) fn reserve(
        &mut self,
        (id, user, event): (BookingId, UserId, EventId),
        wish: &Wish,
        at_once: bool,
        now: Timestamp,
    ) -> Verdict<Answer> {
        self.published(event)?;
        let promo = self.promo_of(event, wish, now)?;
        let named = !wish.seats.is_empty();
        let lines = if named { self.named(event, &wish.seats)? } else { wish.lines.clone() };
        let mut seats = wish.seats.clone();
        let (mut total, mut useful) = (0, promo.is_none());
        for (of, quantity) in &lines {
            let Some((price, used)) = self.price(*of, promo) else { return no(Reason::TicketTypeNotFound) };
            if now >= self.events[&event].ends_at {
                return no(Reason::SalesEnded);
            }
            total += price * i64::from(*quantity);
            useful |= used;
            let (sold, held) = self.taken(|_, kind| kind == *of);
            // Where fewer are left than are wanted, that is said.
            if self.types[of].seated && !named && *quantity <= self.types[of].quantity - sold - held {
                let best = self.best_seats(event, *quantity, &seats, false)?;
                seats.extend(best);
            }
        }
        if !useful {
            return no(Reason::PromoNotApplicable);
        }
        if let Some(text) = &wish.promo {
            self.promo_left(user, event, text)?;
        }
        let sells = at_once && total == 0;
        self.room(user, event, &lines, if sells { Purpose::Sell } else { Purpose::Hold })?;
        if named && self.leaves_one_alone(event, &seats) {
            return no(Reason::LeavesSingleSeat);
        }
        let mut booking = Booking {
            event,
            user,
            lines,
            total,
            promo: wish.promo.clone(),
            from_waitlist: false,
            seats,
            status: BookingStatus::Held,
            terms: self.events[&event].terms.clone(),
            refund: None,
            deadline: Some(now.plus(HOLD)),
            tickets: Vec::new(),
        };
        if sells {
            self.issue(&mut booking);
        }
        let answer = booking.shown(id);
        self.keep(id, booking);
        Ok(answer)
    }

    fn issue(&mut self, booking: &mut Booking) {
        booking.status = BookingStatus::Confirmed;
        booking.deadline = None;
        let mut seats = booking.seats.iter().copied();
        for (of, quantity) in &booking.lines {
            for _ in 0..*quantity {
                booking.tickets.push(Ticket {
                    of: *of,
                    seat: if self.types[of].seated { seats.next() } else { None },
                    owner: booking.user,
                    issue: 0,
                    status: TicketStatus::Active,
                    passes: Vec::new(),
                    offered: None,
                });
            }
        }
        self.tell(booking.user, FactName::TicketPurchased);
    }

    pub(super) fn confirm(&mut self, id: BookingId, by_organizer: bool, now: Timestamp) -> Verdict<Answer> {
        let mut booking = self.copy(id);
        self.published(booking.event)?;
        match booking.status {
            BookingStatus::Confirmed | BookingStatus::Cancelled => return no(Reason::BookingNotHeld),
            BookingStatus::Expired if booking.from_waitlist => return no(Reason::OfferExpired),
            _ if booking.total > 0 && !by_organizer => return no(Reason::PaymentRequired),
            BookingStatus::Held => {}
            BookingStatus::Expired if now >= self.events[&booking.event].ends_at => {
                return no(Reason::SalesEnded);
            }
            BookingStatus::Expired if self.can_be_had_again(&booking, now) => {}
            BookingStatus::Expired => return no(Reason::BookingExpired),
        }
        self.issue(&mut booking);
        let answer = booking.shown(id);
        self.keep(id, booking);
        Ok(answer)
    }

    /// A hold that is over is a new purchase of the same seats under the same code.
    fn can_be_had_again(&self, booking: &Booking, now: Timestamp) -> bool {
        let promo = booking.promo.as_ref().is_none_or(|text| {
            let promo = self.promos.get(&(booking.event, text.clone()));
            let open = promo.is_some_and(|promo| promo.ends_at.is_none_or(|end| now < end));
            open && self.promo_left(booking.user, booking.event, text).is_ok()
        });
        let taken = self.taken_seats(booking.event);
        promo
            && self.room(booking.user, booking.event, &booking.lines, Purpose::Sell).is_ok()
            && !booking.seats.iter().any(|seat| taken.contains(seat))
    }

    // What happens by itself: whether it does.

    /// The hold's deadline has passed.
    pub(in super::super) fn expire(&mut self, id: BookingId, now: Timestamp) -> bool {
        let mut booking = self.copy(id);
        let over = booking.status == BookingStatus::Held && booking.deadline.is_some_and(|at| at <= now);
        if over {
            booking.end(BookingStatus::Expired);
            self.keep(id, booking);
        }
        over
    }
}

fn fits(wanted: u32, quantity: u32, sold: u32, held: u32) -> Verdict<()> {
    let available = quantity - sold - held;
    if wanted <= available {
        Ok(())
    } else if available == 0 && held == 0 {
        no(Reason::SoldOut)
    } else {
        Err(Answer::Refused(Reason::NotEnoughLeft, [Some(available), Some(held), None]))
    }
}

impl Booking {
    /// Who booked, and who has a ticket of it.
    pub(super) fn holders(&self) -> BTreeSet<UserId> {
        self.tickets.iter().map(|t| t.owner).chain([self.user]).collect()
    }

    pub(super) fn has_used_ticket(&self) -> bool {
        self.tickets.iter().any(Ticket::is_used)
    }

    pub(super) fn end(&mut self, status: BookingStatus) {
        self.status = status;
        self.deadline = None;
        for ticket in self.tickets.iter_mut().filter(|t| t.status == TicketStatus::Active) {
            ticket.status = TicketStatus::Cancelled;
        }
    }

    fn shown(&self, id: BookingId) -> Answer {
        Answer::Booking { id, status: self.status, tickets: self.tickets.len(), replayed: false }
    }
}
