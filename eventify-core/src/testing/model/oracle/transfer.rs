//! The rules of giving a ticket to somebody else.

use super::{Answer, Booking, Code, GIFT, State, Ticket, Transfer, USERS, Verdict, no, owner_of};
use super::{address, is_verified, user};
use crate::error::Reason;
use crate::id::{TransferId, UserId};
use crate::notification::FactName;
use crate::ticket::TicketStatus;
use crate::time::Timestamp;
use crate::transfer::TransferStatus;

impl State {
    pub(super) fn give(
        &mut self,
        (id, from): (TransferId, UserId),
        Code { place, issue }: Code,
        to: &str,
        now: Timestamp,
    ) -> Verdict<Answer> {
        let mut booking = self.copy(place.0);
        let ticket = &booking.tickets[place.1];
        if ticket.owner != from || issue != ticket.issue {
            return no(Reason::TicketNotFound);
        }
        if owner_of(to) == Some(from) {
            return no(Reason::InvalidValue);
        }
        self.may_change_hands(&booking, ticket, now)?;
        let is_open = |id: TransferId| {
            let before = &self.transfers[&id];
            before.status == TransferStatus::Offered && before.deadline.is_some_and(|end| now < end)
        };
        if ticket.offered.is_some_and(is_open) {
            return no(Reason::TransferPending);
        }
        booking.tickets[place.1].offered = Some(id);
        let event = booking.event;
        let deadline = now.plus(GIFT).min(self.events[&event].ends_at);
        let (to, status) = (to.to_owned(), TransferStatus::Offered);
        if let Some(somebody) = owner_of(&to) {
            self.tell(somebody, FactName::TicketOffered);
        }
        let deadline = Some(deadline);
        self.transfers.insert(id, Transfer { event, place, from, to, status, deadline, taken_by: None });
        self.keep(place.0, booking);
        Ok(Answer::Given { id, replayed: false })
    }

    fn may_change_hands(&self, booking: &Booking, ticket: &Ticket, now: Timestamp) -> Verdict<()> {
        self.published(booking.event)?;
        match ticket.status {
            TicketStatus::Used | TicketStatus::Left => no(Reason::TicketAlreadyUsed),
            TicketStatus::Cancelled => no(Reason::TicketCancelled),
            TicketStatus::Active if now >= self.events[&booking.event].ends_at => no(Reason::Expired),
            TicketStatus::Active => Ok(()),
        }
    }

    pub(super) fn accept(&mut self, by: UserId, id: TransferId, now: Timestamp) -> Verdict<Answer> {
        let mut transfer = self.transfers[&id].clone();
        let Some(taker) = (0..USERS).find(|n| user(*n) == by && address(*n) == transfer.to) else {
            return no(Reason::TransferNotFound);
        };
        if !is_verified(taker) {
            return no(Reason::EmailNotVerified);
        }
        if transfer.status != TransferStatus::Offered || transfer.deadline.is_none_or(|end| now >= end) {
            return no(Reason::TransferClosed);
        }
        let (of, nth) = transfer.place;
        let mut booking = self.copy(of);
        self.may_change_hands(&booking, &booking.tickets[nth], now)?;
        let ticket = &mut booking.tickets[nth];
        if ticket.offered != Some(id) {
            return no(Reason::TransferClosed);
        }
        ticket.owner = by;
        ticket.issue += 1;
        ticket.offered = None;
        let answer = ticket.shown(ticket.status);
        self.keep(of, booking);
        self.tell(transfer.from, FactName::TicketTransferred);
        self.tell(by, FactName::TicketTransferred);
        transfer.taken_by = Some(by);
        self.close(id, transfer, TransferStatus::Accepted);
        Ok(answer)
    }

    pub(super) fn withdraw(&mut self, by: UserId, id: TransferId) -> Verdict<Answer> {
        let transfer = self.transfers[&id].clone();
        if transfer.from != by {
            return no(Reason::TransferNotFound);
        }
        if transfer.status != TransferStatus::Offered {
            return no(Reason::TransferClosed);
        }
        self.close(id, transfer, TransferStatus::Withdrawn);
        Ok(Answer::Done)
    }

    fn close(&mut self, id: TransferId, mut transfer: Transfer, status: TransferStatus) {
        let (of, nth) = transfer.place;
        let mut booking = self.copy(of);
        // It may be offered anew by now.
        if booking.tickets[nth].offered == Some(id) {
            booking.tickets[nth].offered = None;
            self.keep(of, booking);
        }
        transfer.status = status;
        transfer.deadline = None;
        self.transfers.insert(id, transfer);
    }

    // What happens by itself: whether it does.

    /// The deadline of an offer has passed.
    pub(in super::super) fn end_offer(&mut self, id: TransferId, now: Timestamp) -> bool {
        let Some(transfer) = self.transfers.get(&id).cloned() else { return false };
        let over =
            transfer.status == TransferStatus::Offered && transfer.deadline.is_some_and(|at| at <= now);
        if over {
            self.close(id, transfer, TransferStatus::Expired);
        }
        over
    }
}
