//! Who buys what in the season, and who comes.

use std::time::Duration;

use eventify_core::booking::{BookingStatus, HoldTickets, LineRequest};
use eventify_core::ticket::{Scan, TicketStatus};
use eventify_core::ticket_type::{ReEntry, TicketTypeView};
use eventify_core::{Actor, EventId, PageRequest, Role, TicketTypeId, Timestamp, UserId};

use super::fill::{Filling, Made};
use super::season::{Fate, Sales, Show, Type};
use crate::cli::exit::Failure;

/// How many come together, over and over.
const PARTIES: [u32; 4] = [2, 1, 3, 2];
/// The same where one person may not have more than two.
const SMALL_PARTIES: [u32; 4] = [2, 1, 2, 2];

/// One purchase of the story.
struct Buy {
    buyer: UserId,
    quantity: u32,
    at: Timestamp,
    then: Then,
}

/// What becomes of a purchase.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is paid.
    Paid,
    /// It waits to be paid.
    Open,
    /// The buyer thinks better of it.
    Cancelled,
}

impl Filling {
    /// Sells what is wanted of a show, over the weeks since it was published.
    pub(super) async fn sell(
        &self,
        nth: usize,
        show: &Show,
        event: EventId,
        organizer: &Actor,
        attendees: &[UserId],
        made: &mut Made,
    ) -> Result<(), Failure> {
        if show.fate == Fate::Draft {
            return Ok(());
        }
        let types = self.engine.ticket_types().list(organizer, event, &PageRequest::first(100)).await?.data;
        let starts_at = self.engine.events().get(organizer, event).await?.starts_at.unwrap_or(self.now);
        for (kind_nth, kind) in show.types.iter().enumerate() {
            let Some(of) = types.iter().find(|of| of.name == kind.name) else { continue };
            for buy in self.story(nth + kind_nth * 5, show, kind, starts_at, attendees) {
                self.buy(event, of, organizer, &buy, made).await?;
            }
        }
        Ok(())
    }

    /// Who buys, how many, and when: always the same, seen from the present.
    fn story(
        &self,
        seed: usize,
        show: &Show,
        kind: &Type,
        starts_at: Timestamp,
        attendees: &[UserId],
    ) -> Vec<Buy> {
        let from = self.began().plus(Duration::from_secs(20 * 24 * 3_600));
        let until = match kind.sales {
            Sales::EndedDaysAgo(days) => self.now.minus(Duration::from_secs((days * 24 + 2) * 3_600)),
            Sales::Open | Sales::BeginInDays(_) => self.now.minus(Duration::from_secs(6 * 3_600)),
        };
        let until = until.min(starts_at.minus(Duration::from_secs(3_600)));
        let sizes = if kind.per_person_max == Some(2) { SMALL_PARTIES } else { PARTIES };
        let mut left = kind.wanted;
        let mut buys = Vec::new();
        for nth in 0..attendees.len() {
            if left == 0 {
                break;
            }
            // Seven has no divisor in common with the number of attendees, so nobody comes twice.
            let buyer = attendees.get((seed * 5 + nth * 7 + 1) % attendees.len()).copied();
            let Some(buyer) = buyer else { break };
            let size = sizes.get(nth % sizes.len()).copied().unwrap_or(1);
            let quantity = size.min(kind.per_person_max.unwrap_or(u32::MAX)).min(left);
            left -= quantity;
            let share = u32::try_from(nth + 1).unwrap_or(1);
            let at = from.plus(until.since(from) / 26 * share);
            buys.push(Buy { buyer, quantity, at, then: Then::Paid });
        }
        let ahead = starts_at > self.now && matches!(kind.sales, Sales::Open) && kind.wanted < kind.quantity;
        if ahead && show.fate == Fate::Published {
            if let Some(last) = buys.last_mut().filter(|_| kind.price.0 > 0) {
                last.then = Then::Open;
                last.at = self.now.minus(Duration::from_secs(5 * 3_600));
            }
            if let Some(some) = buys.get_mut(5) {
                some.then = Then::Cancelled;
            }
        }
        buys
    }

    async fn buy(
        &self,
        event: EventId,
        of: &TicketTypeView,
        organizer: &Actor,
        buy: &Buy,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let buyer = Actor::user(buy.buyer, Role::Attendee);
        let bookings = self.engine.bookings();
        self.go_to(buy.at);
        let line = LineRequest { ticket_type_id: of.id, quantity: buy.quantity };
        let request = HoldTickets::new(event, vec![line]);
        let booking = bookings.buy(&buyer, request).await?.into_inner().booking;
        made.bookings += 1;
        if buy.then == Then::Open {
            return Ok(());
        }
        self.go_to(buy.at.plus(Duration::from_secs(600)));
        let booking = if booking.status == BookingStatus::Held {
            bookings.confirm(organizer, booking.id).await?.into_inner()
        } else {
            booking
        };
        made.tickets += buy.quantity;
        if buy.then == Then::Cancelled {
            self.go_to(buy.at.plus(Duration::from_secs(36 * 3_600)));
            bookings.cancel(&buyer, booking.id).await?;
        }
        Ok(())
    }

    /// Lets most of those in who have tickets: one in six does not come.
    pub(super) async fn admit(
        &self,
        event: EventId,
        start: Timestamp,
        organizer: &Actor,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let types = self.engine.ticket_types().list(organizer, event, &PageRequest::first(100)).await?.data;
        let open = types.iter().filter(|of| of.re_entry == ReEntry::InOut).map(|of| of.id);
        let open: Vec<TicketTypeId> = open.collect();
        let mut page = PageRequest::first(100);
        let mut nth: u64 = 0;
        loop {
            let found = self.engine.tickets().attendees(organizer, event, &page).await?;
            for attendee in &found.data {
                nth += 1;
                if attendee.status != TicketStatus::Active || nth.is_multiple_of(6) {
                    continue;
                }
                self.go_to(start.plus(Duration::from_secs(nth * 75)));
                let scan = Scan {
                    event_id: Some(event),
                    gate: Some(if nth.is_multiple_of(2) { "Main gate" } else { "Side gate" }.to_owned()),
                    device: Some(format!("scanner-{}", nth % 3 + 1)),
                    scan_id: Some(format!("demo-{nth}")),
                };
                self.engine.tickets().check_in(organizer, &attendee.short_code, scan.clone()).await?;
                made.check_ins += 1;
                let comes_and_goes = open.contains(&attendee.ticket_type_id);
                if comes_and_goes && nth.is_multiple_of(5) {
                    self.go_to(start.plus(Duration::from_secs(nth * 75 + 3_000)));
                    self.engine.tickets().check_out(organizer, &attendee.short_code, scan).await?;
                }
            }
            match found.next_cursor {
                Some(cursor) => page = PageRequest::after(cursor, 100),
                None => return Ok(()),
            }
        }
    }
}
