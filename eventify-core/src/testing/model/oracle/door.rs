//! The rules of the door: who comes in, goes out, and with which code.

use super::{Answer, Code, ORGANIZER, State, Ticket, Verdict, no};
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::UserId;
use crate::notification::FactName;
use crate::ticket::TicketStatus;
use crate::time::Timestamp;

impl Ticket {
    pub(super) const fn shown(&self, status: TicketStatus) -> Answer {
        Answer::Ticket { owner: self.owner, status, replayed: false }
    }

    /// Whether somebody came in with it.
    pub(in super::super) const fn is_used(&self) -> bool {
        matches!(self.status, TicketStatus::Used | TicketStatus::Left)
    }

    /// Whether its person is in, has gone, or was never in: what was undone has not been.
    fn follow_passes(&mut self) {
        self.status = match self.passes.iter().rfind(|pass| !pass.undone) {
            Some(last) if last.out => TicketStatus::Left,
            Some(_) => TicketStatus::Used,
            None => TicketStatus::Active,
        };
    }
}

impl State {
    pub(super) fn pass(
        &mut self,
        by: UserId,
        Code { place: (id, nth), issue }: Code,
        (scan, out): (&str, bool),
        now: Timestamp,
    ) -> Verdict<Answer> {
        let mut booking = self.copy(id);
        let event = &self.events[&booking.event];
        let ticket = &mut booking.tickets[nth];
        self.at_door(booking.event, by)?;
        if ticket.passes.iter().any(|pass| pass.out == out && pass.scan == scan) {
            // The same scan again: the same answer again.
            return Ok(ticket.shown(if out { TicketStatus::Left } else { TicketStatus::Used }));
        }
        if issue != ticket.issue {
            return no(Reason::Reissued);
        }
        let re_entry = self.types[&ticket.of].re_entry;
        let before = ticket.status;
        match before {
            TicketStatus::Cancelled if out => return no(Reason::TicketCancelled),
            _ if out && !re_entry => return no(Reason::NoReEntry),
            TicketStatus::Used if out => {}
            _ if out => return no(Reason::NotCheckedIn),
            _ if event.status == EventStatus::Cancelled => return no(Reason::EventCancelled),
            TicketStatus::Cancelled => return no(Reason::TicketCancelled),
            TicketStatus::Used => return no(Reason::AlreadyUsed),
            _ if now >= event.ends_at => return no(Reason::Expired),
            TicketStatus::Active | TicketStatus::Left => {}
        }
        ticket.passes.push(super::Pass { out, scan: scan.to_owned(), undone: false });
        ticket.follow_passes();
        let (owner, answer) = (ticket.owner, ticket.shown(ticket.status));
        self.keep(id, booking);
        if before == TicketStatus::Active {
            self.tell(owner, FactName::TicketCheckin);
        }
        Ok(answer)
    }

    pub(super) fn undo(&mut self, by: UserId, Code { place: (id, nth), issue }: Code) -> Verdict<Answer> {
        let mut booking = self.copy(id);
        let ticket = &mut booking.tickets[nth];
        self.at_door(booking.event, by)?;
        if issue != ticket.issue {
            return no(Reason::Reissued);
        }
        if self.events[&booking.event].status == EventStatus::Cancelled {
            return no(Reason::EventCancelled);
        }
        if ticket.status == TicketStatus::Cancelled {
            return no(Reason::TicketCancelled);
        }
        let Some(last) = ticket.passes.iter_mut().rfind(|pass| !pass.undone) else {
            return no(Reason::NotCheckedIn);
        };
        last.undone = true;
        ticket.follow_passes();
        let answer = ticket.shown(ticket.status);
        self.keep(id, booking);
        Ok(answer)
    }

    pub(super) fn reissue(&mut self, by: UserId, Code { place: (id, nth), issue }: Code) -> Verdict<Answer> {
        let mut booking = self.copy(id);
        let ticket = &mut booking.tickets[nth];
        let owner = ticket.owner;
        // An old code is nothing, and so is somebody else's.
        if issue != ticket.issue || (by != owner && by != ORGANIZER) {
            return no(Reason::TicketNotFound);
        }
        self.published(booking.event)?;
        if ticket.status == TicketStatus::Cancelled {
            return no(Reason::TicketCancelled);
        }
        ticket.issue += 1;
        let answer = ticket.shown(ticket.status);
        self.keep(id, booking);
        if by != owner {
            self.tell(owner, FactName::TicketReissued);
        }
        Ok(answer)
    }
}
