//! What the organizer does, and what people choose for themselves.

use super::{Answer, Ask, Event, ORGANIZER, State, Verdict, no};
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::time::Timestamp;

impl State {
    pub(super) fn manage(&mut self, ask: &Ask, now: Timestamp) -> Verdict<Answer> {
        match ask {
            Ask::Resize { ticket_type, quantity } => self.resize(*ticket_type, *quantity),
            Ask::Limit { ticket_type, per_person_max } => self.limit(*ticket_type, *per_person_max),
            Ask::Uses { event, promo, uses_max } => self.limit_uses(*event, promo, *uses_max),
            Ask::Capacity { event, capacity } => self.set_capacity(*event, *capacity),
            Ask::Terms { event, terms } => self.edit(*event, |e| e.terms.clone_from(terms)),
            Ask::Move { event, venue } => self.edit(*event, |e| e.venue.clone_from(venue)),
            Ask::Publish { event } => self.publish(*event, now),
            Ask::CancelEvent { event } => {
                self.published(*event)?;
                self.edit(*event, |e| e.status = EventStatus::Cancelled)
            }
            Ask::Grant { event, user } => self.staff(*event, *user, true),
            Ask::Revoke { event, user } => self.staff(*event, *user, false),
            Ask::Choose { user, kind, channel, on } => {
                let off = self.off.entry(*user).or_default();
                if *on {
                    off.remove(&(*kind, *channel));
                } else {
                    off.insert((*kind, *channel));
                }
                Ok(Answer::Done)
            }
            Ask::Register { email } if !self.emails.insert(email.clone()) => no(Reason::EmailTaken),
            _ => Ok(Answer::Done),
        }
    }

    pub(super) fn published(&self, event: EventId) -> Verdict<()> {
        match self.events[&event].status {
            EventStatus::Published => Ok(()),
            EventStatus::Cancelled => no(Reason::EventCancelled),
            EventStatus::Draft | EventStatus::Completed => no(Reason::EventNotPublished),
        }
    }

    /// Whether somebody lets people in there.
    pub(super) fn at_door(&self, event: EventId, who: UserId) -> Verdict<()> {
        let may = who == ORGANIZER || self.events[&event].staff.contains(&who);
        if may { Ok(()) } else { no(Reason::NotEventStaff) }
    }

    fn edit(&mut self, id: EventId, change: impl FnOnce(&mut Event)) -> Verdict<Answer> {
        if self.events[&id].status != EventStatus::Draft {
            self.published(id)?;
        }
        if let Some(event) = self.events.get_mut(&id) {
            change(event);
        }
        Ok(Answer::Done)
    }

    fn publish(&mut self, id: EventId, now: Timestamp) -> Verdict<Answer> {
        let event = &self.events[&id];
        match event.status {
            EventStatus::Draft if event.starts_at <= now => no(Reason::EventAlreadyStarted),
            EventStatus::Draft => self.edit(id, |e| e.status = EventStatus::Published),
            EventStatus::Cancelled => no(Reason::EventCancelled),
            EventStatus::Published | EventStatus::Completed => no(Reason::EventNotDraft),
        }
    }

    fn staff(&mut self, id: EventId, who: UserId, on: bool) -> Verdict<Answer> {
        let Some(event) = self.events.get_mut(&id) else { return no(Reason::EventNotFound) };
        match (on, event.staff.contains(&who)) {
            (true, true) => return no(Reason::GrantExists),
            (false, false) => return no(Reason::GrantNotFound),
            (true, false) => drop(event.staff.insert(who)),
            (false, true) => drop(event.staff.remove(&who)),
        }
        Ok(Answer::Done)
    }

    fn resize(&mut self, id: TicketTypeId, quantity: u32) -> Verdict<Answer> {
        self.edit(self.types[&id].event, |_| ())?;
        if self.types[&id].seated && quantity != self.types[&id].quantity {
            return no(Reason::InvalidValue);
        }
        let (sold, held) = self.taken(|_, of| of == id);
        if quantity < sold + held {
            return Err(Answer::Refused(Reason::QuantityBelowSold, [None, Some(held), Some(sold)]));
        }
        if let Some(found) = self.types.get_mut(&id) {
            found.quantity = quantity;
        }
        Ok(Answer::Done)
    }

    fn limit(&mut self, id: TicketTypeId, per_person_max: Option<u32>) -> Verdict<Answer> {
        self.edit(self.types[&id].event, |_| ())?;
        if let Some(found) = self.types.get_mut(&id) {
            found.per_person_max = per_person_max;
        }
        Ok(Answer::Done)
    }

    fn limit_uses(&mut self, event: EventId, promo: &str, uses_max: Option<u32>) -> Verdict<Answer> {
        self.edit(event, |_| ())?;
        if let Some(found) = self.promos.get_mut(&(event, promo.to_owned())) {
            found.uses_max = uses_max;
        }
        Ok(Answer::Done)
    }

    fn set_capacity(&mut self, id: EventId, capacity: Option<u32>) -> Verdict<Answer> {
        self.edit(id, |_| ())?;
        let (sold, held) = self.taken(|b, _| b.event == id);
        if capacity.is_some_and(|capacity| capacity < sold + held) {
            return Err(Answer::Refused(Reason::QuantityBelowSold, [None, Some(held), Some(sold)]));
        }
        self.edit(id, |e| e.capacity = capacity)
    }

    // What happens by itself: whether it does.

    /// The event is over.
    pub(in super::super) fn complete(&mut self, id: EventId, now: Timestamp) -> bool {
        let Some(event) = self.events.get_mut(&id) else { return false };
        let over = event.status == EventStatus::Published && event.ends_at <= now;
        if over {
            event.status = EventStatus::Completed;
        }
        over
    }
}
