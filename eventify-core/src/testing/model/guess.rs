//! What nobody was told: what new things are called, and what may have happened by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::explain::{Hidden, Told};
use super::oracle::{Answer, Ask, Name, State};
use super::run::Run;
use crate::booking::BookingStatus;
use crate::event::EventStatus;
use crate::id::{BookingId, TicketTypeId, TransferId, UserId};
use crate::store::IdempotencyHash;
use crate::transfer::TransferStatus;

impl Run {
    /// Finds out what bookings and transfers are called that nobody was told of.
    pub(super) fn name_what_is_new(&self, told: &mut [Told], end: &State) {
        let mut by_key: BTreeMap<IdempotencyHash, Name> = BTreeMap::new();
        let mut unknown: Vec<Name> = self.new_bookings(end).map(|id| Name(id.uuid())).collect();
        unknown.extend(self.new_transfers(end).map(|id| Name(id.uuid())));
        for told in told.iter_mut() {
            let name = match &told.answer {
                Some(Answer::Booking { id, .. }) if matches!(told.ask, Ask::Reserve { .. }) => {
                    Name(id.uuid())
                }
                Some(Answer::Given { id, .. }) => Name(id.uuid()),
                _ => continue,
            };
            told.name = Some(name);
            unknown.retain(|other| *other != name);
            by_key.extend(told.key.map(|key| (key, name)));
        }
        for told in told.iter_mut().filter(|told| told.answer.is_none() && told.ask.makes_something()) {
            let named = told.key.as_ref().and_then(|key| by_key.get(key).copied());
            let found = unknown.iter().position(|name| was_made(&told.ask, *name, end));
            told.name = named.or_else(|| found.map(|at| unknown.remove(at)));
            by_key.extend(told.key.zip(told.name));
        }
    }

    fn new_bookings(&self, end: &State) -> impl Iterator<Item = BookingId> {
        end.bookings.keys().filter(|id| !self.state.bookings.contains_key(id)).copied()
    }

    fn new_transfers(&self, end: &State) -> impl Iterator<Item = TransferId> {
        end.transfers.keys().filter(|id| !self.state.transfers.contains_key(id)).copied()
    }

    /// What jobs may have done.
    pub(super) fn hidden(&self, told: &[Told], end: &State) -> Vec<Hidden> {
        let now = self.stage.now();
        let over = self.state.events.iter().filter(|(_, event)| event.ends_at <= now);
        let mut hidden: Vec<Hidden> = over
            .filter(|(_, event)| event.status == EventStatus::Published)
            .map(|(id, _)| Hidden::Complete(*id))
            .collect();
        // Also one that is confirmed in the end: its seats may have been taken anew.
        let due = self.state.bookings.iter().filter(|(_, b)| b.deadline.is_some_and(|at| at <= now));
        hidden.extend(due.map(|(id, _)| Hidden::Expire(*id)));
        let ended = self.state.transfers.iter().filter(|(id, before)| {
            before.deadline.is_some_and(|at| at <= now) && end.transfers[id].status == TransferStatus::Expired
        });
        hidden.extend(ended.map(|(id, _)| Hidden::EndOffer(*id)));
        for (id, after) in &end.bookings {
            let called_off = end.events[&after.event].status == EventStatus::Cancelled;
            let before = self.state.bookings.get(id);
            if called_off
                && after.status == BookingStatus::Cancelled
                && before.is_none_or(|b| b.status != BookingStatus::Cancelled)
            {
                hidden.push(Hidden::Sweep(*id));
            }
        }
        hidden.extend(self.hidden_in_line(told, end));
        hidden
    }

    /// What jobs may have done for those who wait, or taken from them.
    fn hidden_in_line(&self, told: &[Told], end: &State) -> Vec<Hidden> {
        let offers = self.new_bookings(end).filter(|id| end.bookings[id].from_waitlist);
        let mut hidden: Vec<Hidden> = offers.map(Hidden::Offer).collect();
        let waited: BTreeSet<(UserId, TicketTypeId)> =
            self.state.lines.iter().flat_map(|(kind, line)| line.iter().map(|w| (w.user, *kind))).collect();
        let joined = told.iter().filter_map(|told| match told.ask {
            Ask::Join { user, ticket_type, .. } => Some((user, ticket_type)),
            _ => None,
        });
        let joined: BTreeSet<(UserId, TicketTypeId)> = joined.collect();
        let gone = |(user, kind): &(UserId, TicketTypeId)| {
            !end.lines.get(kind).is_some_and(|line| line.iter().any(|w| w.user == *user))
        };
        // Who is there in the end may have come back.
        let back = |one: &(UserId, TicketTypeId)| waited.contains(one) && joined.contains(one);
        let gone: Vec<_> = waited.union(&joined).filter(|one| gone(one) || back(one)).copied().collect();
        hidden.extend(gone.into_iter().map(|(user, kind)| Hidden::Drop(user, kind)));
        hidden
    }
}

/// Whether what is there in the end can be what was asked for.
fn was_made(ask: &Ask, name: Name, end: &State) -> bool {
    match ask {
        Ask::Reserve { user, event, wish, at_once } => {
            let Some(made) = end.bookings.get(&name.booking()) else { return false };
            let sold_at_once = *at_once && made.total == 0;
            let same =
                if wish.seats.is_empty() { made.lines == wish.lines } else { made.seats == wish.seats };
            same && !made.from_waitlist
                && (made.user, made.event, &made.promo) == (*user, *event, &wish.promo)
                && made.tickets.is_empty() != sold_at_once
        }
        Ask::Give { from, code, to } => {
            let made = end.transfers.get(&name.transfer());
            made.is_some_and(|made| (made.from, made.place, &made.to) == (*from, code.place, to))
        }
        _ => false,
    }
}

impl Ask {
    /// Whether a yes is a new booking or a new transfer.
    pub(super) const fn makes_something(&self) -> bool {
        matches!(self, Self::Reserve { .. } | Self::Give { .. })
    }
}
