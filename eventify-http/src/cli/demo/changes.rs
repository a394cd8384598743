//! Who comes too late and waits, who gives tickets back, and who gives them to somebody else.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::error::Reason;
use eventify_core::ticket::{AttendeeView, TicketStatus};
use eventify_core::ticket_type::TicketTypeView;
use eventify_core::transfer::OfferTicket;
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{Actor, EventId, PageRequest, Role, UserId};

use super::fill::{Filling, Made};
use super::people::{ATTENDEES, Person};
use super::season::{Fate, Show};
use crate::cli::exit::Failure;

/// So many wait for each type that is sold out.
const WAITING: usize = 3;
/// The show that somebody cannot come to after all: the next in line is offered what they had.
const GIVEN_BACK: &str = "Rust & Friends: autumn meetup";
/// Shows of which somebody offers their ticket to one of the attendees, and whether that one has taken it by now.
const GIVEN: [(&str, usize, bool); 3] =
    [("Rooftop Poetry Slam", 0, false), ("Noite de Fado em Alfama", 1, true), ("Samba na Praça", 2, false)];

const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3_600)
}

impl Filling {
    /// What changes about an upcoming show in its last hours.
    pub(super) async fn change_hands(
        &self,
        show: &Show,
        event: EventId,
        organizer: &Actor,
        attendees: &[UserId],
        made: &mut Made,
    ) -> Result<(), Failure> {
        if show.fate == Fate::Draft {
            return Ok(());
        }
        self.go_to(self.now.minus(hours(4)));
        let all = PageRequest::first(100);
        let types = self.engine.ticket_types().list(organizer, event, &all).await?.data;
        let came = self.engine.tickets().attendees(organizer, event, &all).await?.data;
        for of in types.iter().filter(|of| of.sold == of.quantity) {
            self.wait(event, of, &came, attendees, made).await?;
        }
        let good: Vec<&AttendeeView> = came.iter().filter(|t| t.status == TicketStatus::Active).collect();
        let gives = GIVEN.iter().find(|(title, ..)| *title == show.title);
        if let Some((ticket, (_, nth, taken))) = good.first().zip(gives)
            && let (Some(to), Some(id)) = (ATTENDEES.get(*nth), attendees.get(*nth))
        {
            self.give(ticket, (to, *id), *taken, made).await?;
        }
        if let Some(ticket) = good.last().filter(|_| show.title == GIVEN_BACK) {
            self.go_to(self.now.minus(hours(3)));
            let person = Actor::user(ticket.user_id, Role::Attendee);
            self.engine.bookings().cancel(&person, ticket.booking_id).await?;
            while self.engine.jobs().run_due().await? > 0 {}
        }
        Ok(())
    }

    /// The first of those who have no ticket wait for one.
    async fn wait(
        &self,
        event: EventId,
        of: &TicketTypeView,
        came: &[AttendeeView],
        attendees: &[UserId],
        made: &mut Made,
    ) -> Result<(), Failure> {
        let have: BTreeSet<UserId> = came.iter().map(|ticket| ticket.user_id).collect();
        for id in attendees.iter().filter(|id| !have.contains(id)).take(WAITING) {
            let person = Actor::user(*id, Role::Attendee);
            let one = JoinWaitlist { quantity: 1 };
            match self.engine.waitlists().join(&person, event, of.id, one).await {
                Ok(_) => made.waiting += 1,
                // Nobody waits for what is no longer sold.
                Err(error) if error.reason() == Reason::SalesEnded => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn give(
        &self,
        ticket: &AttendeeView,
        (to, id): (&Person, UserId),
        taken: bool,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let transfers = self.engine.transfers();
        let from = Actor::user(ticket.user_id, Role::Attendee);
        let offer = OfferTicket { email: to.email.to_owned() };
        let offered = transfers.offer(&from, &ticket.short_code, offer).await?.id;
        made.transfers += 1;
        if taken {
            self.go_to(self.now.minus(hours(2)));
            transfers.accept(&Actor::user(id, Role::Attendee), offered).await?;
        }
        Ok(())
    }
}
