//! The rules of waiting in line.

use super::booking::Purpose;
use super::{Answer, Booking, HOLD, LINE_MAX, OFFER, ROW_MAX, State, Verdict, Waiting, no};
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::{BookingId, EventId, TicketTypeId, UserId};
use crate::notification::FactName;
use crate::time::Timestamp;

impl State {
    fn left_of_type(&self, of: TicketTypeId) -> u32 {
        let (sold, held) = self.taken(|_, kind| kind == of);
        self.types[&of].quantity - sold - held
    }

    pub(super) fn left_of_event(&self, event: EventId) -> u32 {
        let (sold, held) = self.taken(|b, _| b.event == event);
        self.events[&event].capacity.unwrap_or(u32::MAX) - sold - held
    }

    /// How many of a type are free, of its own and of the event's.
    pub(in super::super) fn free(&self, of: TicketTypeId) -> u32 {
        self.left_of_type(of).min(self.left_of_event(self.types[&of].event))
    }

    /// What of an event's capacity belongs to those of its lists whose first is one of these.
    pub(super) fn owed(&self, event: EventId, these: impl Fn(TicketTypeId, &Waiting) -> bool) -> u32 {
        let lists = self.lines.iter().filter(|(of, line)| {
            self.types[of].event == event && line.first().is_some_and(|first| these(**of, first))
        });
        let owed = lists.map(|(of, _)| self.left_of_type(*of)).sum();
        if self.events[&event].capacity.is_some() { owed } else { 0 }
    }

    pub(super) fn join(
        &mut self,
        user: UserId,
        event: EventId,
        (of, quantity): (TicketTypeId, u32),
        now: Timestamp,
    ) -> Verdict<Answer> {
        self.published(event)?;
        if self.types[&of].hidden {
            return no(Reason::TicketTypeNotFound);
        }
        if now >= self.events[&event].ends_at {
            return no(Reason::SalesEnded);
        }
        if quantity > self.most_together(of) {
            return no(Reason::InvalidValue);
        }
        if !self.may_have(user, of, quantity) {
            return no(Reason::PerPersonLimit);
        }
        let line = self.lines.get(&of);
        if line.is_some_and(|line| line.iter().any(|waiting| waiting.user == user)) {
            return no(Reason::AlreadyWaiting);
        }
        // What is free of a type that somebody waits for is theirs, and so is the room that it takes.
        let room = self.left_of_event(event).saturating_sub(self.owed(event, |_, _| true));
        let available = if line.is_some() { 0 } else { self.left_of_type(of).min(room) };
        if quantity <= available {
            return Err(Answer::Refused(Reason::WaitlistNotNeeded, [Some(available), None, None]));
        }
        if line.is_some_and(|line| line.len() >= LINE_MAX) {
            return no(Reason::WaitlistFull);
        }
        self.lines.entry(of).or_default().push(Waiting { user, quantity, since: now });
        Ok(Answer::Done)
    }

    pub(super) fn leave(&mut self, user: UserId, of: TicketTypeId) -> Verdict<Answer> {
        if self.step_out(user, of).is_some() { Ok(Answer::Done) } else { no(Reason::NotWaiting) }
    }

    fn step_out(&mut self, user: UserId, of: TicketTypeId) -> Option<u32> {
        let line = self.lines.get_mut(&of)?;
        let at = line.iter().position(|waiting| waiting.user == user)?;
        let Waiting { quantity, .. } = line.remove(at);
        if line.is_empty() {
            self.lines.remove(&of);
        }
        Some(quantity)
    }

    /// How many of a type one person can ever be offered together.
    fn most_together(&self, of: TicketTypeId) -> u32 {
        let kind = &self.types[&of];
        let most = kind.quantity.min(self.events[&kind.event].capacity.unwrap_or(u32::MAX));
        if kind.seated { most.min(ROW_MAX) } else { most }
    }

    /// Whether there is as much as somebody waits for, beside what is owed to those who wait longer for another type.
    fn fits(&self, of: TicketTypeId, waiting: &Waiting) -> bool {
        let event = self.types[&of].event;
        let longer = |other: TicketTypeId, first: &Waiting| (first.since, other) < (waiting.since, of);
        let owed = self.owed(event, |other, first| other != of && longer(other, first));
        let free = self.left_of_type(of).min(self.left_of_event(event).saturating_sub(owed));
        let seats = || self.best_seats(event, waiting.quantity, &[], true).is_ok();
        waiting.quantity <= free && (!self.types[&of].seated || seats())
    }

    /// Whether it is this person's turn: nobody is before them, but those who do not fit where these are passed.
    fn turn_of(&self, user: UserId, of: TicketTypeId) -> Option<&Waiting> {
        let mut line = self.lines.get(&of).into_iter().flatten();
        let skips = self.types[&of].skips;
        let next = line.find(|waiting| waiting.user == user || !skips || self.fits(of, waiting));
        next.filter(|waiting| waiting.user == user)
    }

    /// Whether nobody will ever be able to offer somebody so many.
    fn is_too_much(&self, of: TicketTypeId, waiting: &Waiting) -> bool {
        let most = self.most_together(of).min(self.types[&of].per_person_max.unwrap_or(u32::MAX));
        waiting.quantity > most
    }

    /// Lists that stand still although something is to be done about them.
    pub(in super::super) fn stuck(&self, now: Timestamp) -> Vec<(TicketTypeId, UserId)> {
        let on_sale = |of: &TicketTypeId| {
            let event = &self.events[&self.types[of].event];
            event.status == EventStatus::Published && now < event.ends_at
        };
        let lists = self.lines.iter().filter(|(of, _)| on_sale(of));
        let all = lists.flat_map(|(of, line)| line.iter().map(move |waiting| (*of, waiting)));
        let moves = |(of, waiting): &(TicketTypeId, &Waiting)| {
            self.turn_of(waiting.user, *of).is_some()
                && (self.is_too_much(*of, waiting) || self.fits(*of, waiting))
        };
        all.filter(moves).map(|(of, waiting)| (of, waiting.user)).collect()
    }

    // What happens by itself: whether it does.

    /// What came back is offered to somebody.
    pub(in super::super) fn offer(&mut self, id: BookingId, made: &Booking, now: Timestamp) -> bool {
        let ([(of, quantity)], user) = (made.lines.as_slice(), made.user) else { return false };
        let (of, quantity, event_id) = (*of, *quantity, made.event);
        let event = &self.events[&event_id];
        let on_sale = event.status == EventStatus::Published && now < event.ends_at;
        let lasts = (event.starts_at.since(now) / 4).min(OFFER).max(HOLD);
        let room = self.room(user, event_id, &made.lines, Purpose::Offer).is_ok();
        let next = self.turn_of(user, of);
        let serves = next.is_some_and(|next| !self.is_too_much(of, next) && self.fits(of, next));
        if !on_sale || !room || !serves {
            return false;
        }
        // Who waits takes what comes back, also if one stays alone beside it.
        let seats = if self.types[&of].seated {
            let Ok(seats) = self.best_seats(event_id, quantity, &[], true) else { return false };
            seats
        } else {
            Vec::new()
        };
        if self.step_out(user, of) != Some(quantity) {
            return false;
        }
        let offer = Booking {
            event: event_id,
            user,
            lines: made.lines.clone(),
            total: self.types[&of].price * i64::from(quantity),
            promo: None,
            from_waitlist: true,
            seats,
            status: BookingStatus::Held,
            terms: self.events[&event_id].terms.clone(),
            refund: None,
            deadline: Some(now.plus(lasts)),
            tickets: Vec::new(),
        };
        self.keep(id, offer);
        self.tell(user, FactName::WaitlistOffered);
        true
    }

    /// Somebody waits no more: the event is over; or it is their turn, and they wait for more than can ever be theirs, or
    /// have all that they may.
    pub(in super::super) fn drop_from_line(
        &mut self,
        user: UserId,
        of: TicketTypeId,
        now: Timestamp,
    ) -> bool {
        let event = &self.events[&self.types[&of].event];
        let (status, on_sale) = (event.status, now < event.ends_at);
        let in_vain = |waiting: &Waiting| {
            self.is_too_much(of, waiting)
                || self.fits(of, waiting) && !self.may_have(user, of, waiting.quantity)
        };
        let gives_up = match status {
            EventStatus::Published => on_sale && self.turn_of(user, of).is_some_and(in_vain),
            _ => true,
        };
        if !gives_up || self.step_out(user, of).is_none() {
            return false;
        }
        // An event that is simply over is not worth a word.
        if status != EventStatus::Completed {
            self.tell(user, FactName::WaitlistEnded);
        }
        true
    }
}
