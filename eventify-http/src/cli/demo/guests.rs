//! Who works at the events, and what those who were there say afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::event::{PutCancellation, RefundStep};
use eventify_core::review::{ReplyToReview, ReviewOrder, ReviewPolicy, SubmitReview};
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::ticket::TicketStatus;
use eventify_core::{Actor, EventId, IfMatch, LeadTime, PageRequest, Role, Timestamp, UserId};

use super::fill::{Filling, Made};
use super::season::Show;
use crate::cli::exit::Failure;

/// What people say, in the order in which they get round to it.
const WORDS: [(i64, &str); 9] = [
    (5, "Приду ещё раз и приведу друзей."),
    (4, "Lovely, but bring cash: the card readers gave up at noon."),
    (5, "Өте жақсы ұйымдастырылған!"),
    (3, "Schön, nur etwas voll."),
    (5, ""),
    (2, "The queue for coffee was longer than the programme."),
    (4, "Uma tarde bem passada."),
    (5, "また来ます。"),
    (1, "Wrong weather. Otherwise fine."),
];

/// Those who moderate have got to the first ones.
const APPROVED: usize = 6;

impl Show {
    /// Where it is crowded, somebody looks first.
    pub(super) fn review_policy(&self) -> ReviewPolicy {
        if self.category == "Food" { ReviewPolicy::AfterApproval } else { ReviewPolicy::AtOnce }
    }

    /// Who gives a concert's ticket back late gets less for it.
    pub(super) fn cancellation(&self) -> Result<Option<PutCancellation>, Failure> {
        if self.category != "Concert" {
            return Ok(None);
        }
        let before = |days| LeadTime::days(days).map_err(|e| Failure::refused(e.to_string()));
        let steps = vec![
            RefundStep { until: before(7)?, percent: 100 },
            RefundStep { until: before(1)?, percent: 50 },
        ];
        Ok(Some(PutCancellation { until: Some(before(1)?), refund: Some(steps) }))
    }
}

impl Filling {
    /// One of the guests helps at the door, and another one runs the place.
    pub(super) async fn take_on(
        &self,
        event: EventId,
        organizer: &Actor,
        attendees: &[UserId],
    ) -> Result<(), Failure> {
        let rights = [StaffRight::Scanner, StaffRight::Manager];
        for (user_id, right) in attendees.iter().rev().copied().zip(rights) {
            let grant = GrantStaff { user_id: Some(user_id), email: None, right };
            self.engine.staff(event).grant(organizer, grant).await?;
        }
        Ok(())
    }

    /// Some of those who were let in write a review, and the organizer answers the first one.
    pub(super) async fn look_back(
        &self,
        event: EventId,
        start: Timestamp,
        organizer: &Actor,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let all = PageRequest::first(100);
        let found = self.engine.tickets().attendees(organizer, event, &all).await?;
        let came = found.data.iter().filter(|attendee| attendee.status == TicketStatus::Used);
        let guests: BTreeSet<UserId> = came.map(|attendee| attendee.user_id).collect();
        let reviews = self.engine.reviews();
        for (nth, (user_id, (rating, words))) in guests.into_iter().zip(WORDS).enumerate() {
            self.go_to(start.plus(Duration::from_secs(3_600) * u32::try_from(nth + 2).unwrap_or(0)));
            let request = SubmitReview { event_id: event, rating, comment: words.to_owned() };
            let review = reviews.submit(&Actor::user(user_id, Role::Attendee), request).await?;
            made.reviews += 1;
            if nth < APPROVED {
                reviews.approve(&Actor::system(), review.id, IfMatch::Any).await?;
            }
        }
        let worst = reviews.of_event(organizer, event, ReviewOrder::Worst, &PageRequest::first(1)).await?;
        for review in worst.data {
            let answer = ReplyToReview { text: "Thank you for saying so: we will do better.".to_owned() };
            reviews.reply(organizer, event, review.id, answer).await?;
        }
        Ok(())
    }
}
