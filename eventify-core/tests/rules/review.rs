//! Reviews: who may write, change, moderate and answer them, and that the counters are what is approved.

use eventify_core::event::UpdateEvent;
use eventify_core::review::{
    EditReview, RejectReview, ReplyToReview, Review, ReviewPolicy, ReviewStatus, ReviewView, SubmitReview,
};
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::ticket::Scan;
use eventify_core::{Actor, Error, EventId, Fetched, IfMatch, PageRequest, ReviewId, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn submitting() -> Vec<Row> {
    with_which_ticket().into_iter().chain(by_whom_and_what()).collect()
}

fn with_which_ticket() -> Vec<Row> {
    rows! {
        "with a used ticket before the start" => [] |w| { let e = attended(w).await; review(w, &attendee(), e, 5).await };
        "with a valid ticket once it has started" => [] |w| {
            let e = held_ticket(w).await;
            w.clock.advance(10 * DAY);
            review(w, &attendee(), e, 5).await
        };
        "with a valid ticket a moment before" => [EventNotStarted] |w| {
            let e = held_ticket(w).await;
            w.clock.advance(10 * DAY - HOUR / 3600);
            review(w, &attendee(), e, 5).await
        };
        "with a valid ticket after the end" => [] |w| {
            let e = held_ticket(w).await;
            w.pass(11 * DAY).await;
            review(w, &attendee(), e, 5).await
        };
        "with a ticket of a cancelled event" => [EventCancelled] |w| {
            let e = held_ticket(w).await;
            w.cancel_event(e).await;
            w.clock.advance(10 * DAY);
            review(w, &attendee(), e, 5).await
        };
        "with a ticket of a cancelled event that is void by now" => [NotAnAttendee] |w| {
            let e = held_ticket(w).await;
            w.cancel_event(e).await;
            w.pass(10 * DAY).await;
            review(w, &attendee(), e, 5).await
        };
        "with a used ticket of an event that was broken off" => [] |w| {
            let e = attended(w).await;
            w.cancel_event(e).await;
            w.pass(DAY).await;
            review(w, &attendee(), e, 1).await
        };
        "with a ticket that was given back" => [NotAnAttendee] |w| {
            let (e, t) = w.sale(5).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.pass(11 * DAY).await;
            review(w, &attendee(), e, 5).await
        };
        "with a hold" => [NotAnAttendee] |w| {
            let e = w.published().await;
            let t = w.paid(e, 5, 100).await;
            w.clock.advance(10 * DAY - HOUR / 60);
            w.hold(&attendee(), e, t, 1).await;
            w.clock.advance(HOUR / 60);
            review(w, &attendee(), e, 5).await
        };
        "with somebody else's ticket" => [NotAnAttendee] |w| {
            let e = attended(w).await;
            review(w, &other_attendee(), e, 5).await
        };
        "with a ticket of another event" => [NotAnAttendee] |w| {
            attended(w).await;
            let other = w.published().await;
            w.clock.advance(10 * DAY);
            review(w, &attendee(), other, 5).await
        };
    }
}

fn by_whom_and_what() -> Vec<Row> {
    rows! {
        "nobody" => [NotAuthenticated] |w| { let e = attended(w).await; review(w, &anonymous(), e, 5).await };
        "the app" => [NotAuthenticated] |w| { let e = attended(w).await; review(w, &system(), e, 5).await };
        "of nothing" => [EventNotFound] |w| review(w, &attendee(), EventId::from_bytes([9; 16]), 5).await;
        "of somebody's draft" => [EventNotFound] |w| { let e = w.draft().await; review(w, &attendee(), e, 5).await };
        "of one's own draft" => [NotAnAttendee] |w| { let e = w.draft().await; review(w, &organizer(), e, 5).await };
        "twice" => [AlreadyReviewed] |w| { let e = reviewed(w).await; review(w, &attendee(), e, 4).await };
        "again after taking it back" => [] |w| {
            let e = reviewed(w).await;
            w.eventify.reviews().delete(&attendee(), e).await.unwrap();
            review(w, &attendee(), e, 4).await
        };
        "a rating of 0" => [RatingOutOfRange] |w| { let e = attended(w).await; review(w, &attendee(), e, 0).await };
        "a rating of 1" => [] |w| { let e = attended(w).await; review(w, &attendee(), e, 1).await };
        "a rating of 6" => [RatingOutOfRange] |w| { let e = attended(w).await; review(w, &attendee(), e, 6).await };
        "a rating below everything" => [RatingOutOfRange] |w| {
            let e = attended(w).await;
            review(w, &attendee(), e, i64::MIN).await
        };
        "a comment of 5,000 characters" => [] |w| { let e = attended(w).await; comment(w, e, &"ё".repeat(5_000)).await };
        "a comment of 5,001 characters" => [InvalidValue] |w| {
            let e = attended(w).await;
            comment(w, e, &"ё".repeat(5_001)).await
        };
        "a comment with a bell" => [InvalidValue] |w| { let e = attended(w).await; comment(w, e, "\u{7}").await };
    }
}

pub fn changing() -> Vec<Row> {
    rows! {
        "one's own" => [] |w| { let e = reviewed(w).await; edit(w, &attendee(), e, Some(1)).await };
        "nothing of it" => [] |w| { let e = reviewed(w).await; edit(w, &attendee(), e, None).await };
        "by nobody" => [NotAuthenticated] |w| { let e = reviewed(w).await; edit(w, &anonymous(), e, Some(1)).await };
        "one that is not there" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            edit(w, &other_attendee(), e, Some(1)).await
        };
        "the organizer, somebody else's" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            edit(w, &organizer(), e, Some(1)).await
        };
        "to a rating of 6" => [RatingOutOfRange] |w| { let e = reviewed(w).await; edit(w, &attendee(), e, Some(6)).await };
        "to a long comment" => [InvalidValue] |w| {
            let e = reviewed(w).await;
            let request = EditReview { rating: None, comment: Some("x".repeat(5_001)) };
            w.eventify.reviews().edit(&attendee(), e, request, IfMatch::Any).await
        };
        "as it was read" => [] |w| {
            let e = reviewed(w).await;
            let seen = w.eventify.reviews().mine(&attendee(), e).await.unwrap().version();
            let request = EditReview { rating: Some(2), comment: None };
            w.eventify.reviews().edit(&attendee(), e, request, IfMatch::Version(seen)).await
        };
        "not as it was read" => [PreconditionFailed] |w| {
            let e = reviewed(w).await;
            let seen = w.eventify.reviews().mine(&attendee(), e).await.unwrap().version();
            edit(w, &attendee(), e, Some(1)).await.unwrap();
            w.mark().await;
            let request = EditReview { rating: Some(2), comment: None };
            w.eventify.reviews().edit(&attendee(), e, request, IfMatch::Version(seen)).await
        };
        "taking it back" => [] |w| { let e = reviewed(w).await; w.eventify.reviews().delete(&attendee(), e).await };
        "taking back what is not there" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            w.eventify.reviews().delete(&other_attendee(), e).await
        };
        "taking it back twice" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            w.eventify.reviews().delete(&attendee(), e).await.unwrap();
            w.mark().await;
            w.eventify.reviews().delete(&attendee(), e).await
        };
        "taking back a refused one twice" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            reject(w, &admin(), e).await.unwrap();
            w.eventify.reviews().delete(&attendee(), e).await.unwrap();
            w.mark().await;
            w.eventify.reviews().delete(&attendee(), e).await
        };
        "nobody's own" => [NotAuthenticated] |w| {
            let e = reviewed(w).await;
            w.eventify.reviews().mine(&anonymous(), e).await
        };
        "the list of an event that is not there" => [EventNotFound] |w| {
            let nowhere = EventId::from_bytes([9; 16]);
            w.eventify.reviews().of_event(&attendee(), nowhere, Default::default(), &PageRequest::default()).await
        };
        "the rating of somebody's draft" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.reviews().rating(&attendee(), e).await
        };
    }
}

pub fn moderating() -> Vec<Row> {
    rows! {
        "approving" => [] |w| { let e = waiting(w).await; approve(w, &admin(), e).await };
        "approving, by the app" => [] |w| { let e = waiting(w).await; approve(w, &system(), e).await };
        "approving, by the organizer" => [NotAllowed] |w| { let e = waiting(w).await; approve(w, &organizer(), e).await };
        "approving, by the author" => [NotAllowed] |w| { let e = waiting(w).await; approve(w, &attendee(), e).await };
        "approving, by nobody" => [NotAuthenticated] |w| { let e = waiting(w).await; approve(w, &anonymous(), e).await };
        "approving twice" => [] |w| {
            let e = waiting(w).await;
            approve(w, &admin(), e).await.unwrap();
            approve(w, &admin(), e).await
        };
        "approving what is not there" => [ReviewNotFound] |w| {
            w.eventify.reviews().approve(&admin(), ReviewId::from_bytes([9; 16]), IfMatch::Any).await
        };
        "approving what its author changed meanwhile" => [PreconditionFailed] |w| {
            let e = waiting(w).await;
            let (id, seen) = seen(w, e).await;
            edit(w, &attendee(), e, Some(1)).await.unwrap();
            w.mark().await;
            w.eventify.reviews().approve(&admin(), id, IfMatch::Version(seen)).await
        };
        "approving what its author took back" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            let (id, _) = seen(w, e).await;
            reject(w, &admin(), e).await.unwrap();
            w.eventify.reviews().delete(&attendee(), e).await.unwrap();
            w.mark().await;
            w.eventify.reviews().approve(&admin(), id, IfMatch::Any).await
        };
        "refusing after approving" => [] |w| { let e = reviewed(w).await; reject(w, &admin(), e).await };
        "refusing, by the organizer" => [NotAllowed] |w| { let e = reviewed(w).await; reject(w, &organizer(), e).await };
        "refusing, by nobody" => [NotAuthenticated] |w| { let e = reviewed(w).await; reject(w, &anonymous(), e).await };
        "refusing without a reason" => [InvalidValue] |w| {
            let e = reviewed(w).await;
            let (id, _) = seen(w, e).await;
            w.eventify.reviews().reject(&admin(), id, RejectReview { reason: " ".to_owned() }, IfMatch::Any).await
        };
        "refusing at length" => [InvalidValue] |w| {
            let e = reviewed(w).await;
            let (id, _) = seen(w, e).await;
            let reason = "x".repeat(1_001);
            w.eventify.reviews().reject(&admin(), id, RejectReview { reason }, IfMatch::Any).await
        };
        "seeing what waits" => [] |w| w.eventify.reviews().pending(&admin(), &PageRequest::default()).await;
        "the organizer, seeing what waits" => [NotAllowed] |w| {
            w.eventify.reviews().pending(&organizer(), &PageRequest::default()).await
        };
        "the organizer, seeing one that waits" => [NotAllowed] |w| {
            let e = waiting(w).await;
            let (id, _) = seen(w, e).await;
            w.eventify.reviews().get(&organizer(), id).await
        };
    }
}

pub fn replying() -> Vec<Row> {
    rows! {
        "by the organizer" => [] |w| { let e = reviewed(w).await; reply(w, &organizer(), e, "Thanks.").await };
        "by an admin" => [] |w| { let e = reviewed(w).await; reply(w, &admin(), e, "Thanks.").await };
        "by a manager" => [] |w| {
            let e = reviewed(w).await;
            take_on(w, e, StaffRight::Manager).await;
            reply(w, &other_attendee(), e, "Thanks.").await
        };
        "by a scanner" => [NotEventOwner] |w| {
            let e = reviewed(w).await;
            take_on(w, e, StaffRight::Scanner).await;
            reply(w, &other_attendee(), e, "Thanks.").await
        };
        "by another organizer" => [NotEventOwner] |w| {
            let e = reviewed(w).await;
            reply(w, &other_organizer(), e, "Thanks.").await
        };
        "by nobody" => [NotAuthenticated] |w| { let e = reviewed(w).await; reply(w, &anonymous(), e, "Thanks.").await };
        "twice" => [AlreadyReplied] |w| {
            let e = reviewed(w).await;
            reply(w, &organizer(), e, "Thanks.").await.unwrap();
            w.mark().await;
            reply(w, &organizer(), e, "Thanks again.").await
        };
        "with nothing" => [InvalidValue] |w| { let e = reviewed(w).await; reply(w, &organizer(), e, " ").await };
        "with 5,001 characters" => [InvalidValue] |w| {
            let e = reviewed(w).await;
            reply(w, &organizer(), e, &"x".repeat(5_001)).await
        };
        "to what is not shown yet" => [ReviewNotFound] |w| { let e = waiting(w).await; reply(w, &organizer(), e, "No.").await };
        "to a review of another event" => [ReviewNotFound] |w| {
            let e = reviewed(w).await;
            let (id, _) = seen(w, e).await;
            let other = w.published().await;
            let text = ReplyToReview { text: "Thanks.".to_owned() };
            w.eventify.reviews().reply(&organizer(), other, id, text).await
        };
    }
}

/// An event at which the attendee was let in.
pub async fn attended(w: &World) -> EventId {
    let (e, t) = w.sale(50).await;
    w.used(e, t).await;
    e
}

async fn held_ticket(w: &World) -> EventId {
    let (e, t): (EventId, TicketTypeId) = w.sale(5).await;
    w.ticket(e, t).await;
    e
}

pub async fn review(
    w: &World,
    who: &Actor,
    event_id: EventId,
    rating: i64,
) -> Result<Fetched<ReviewView>, Error> {
    let request = SubmitReview { event_id, rating, comment: "So it was.".to_owned() };
    w.eventify.reviews().submit(who, request).await
}

async fn comment(w: &World, event_id: EventId, text: &str) -> Result<Fetched<ReviewView>, Error> {
    let request = SubmitReview { event_id, rating: 3, comment: text.to_owned() };
    w.eventify.reviews().submit(&attendee(), request).await
}

/// An event that the attendee has reviewed.
async fn reviewed(w: &World) -> EventId {
    let e = attended(w).await;
    review(w, &attendee(), e, 5).await.unwrap();
    w.mark().await;
    e
}

/// The same where reviews wait for approval.
pub async fn waiting(w: &World) -> EventId {
    let e = attended(w).await;
    let review_policy = Some(ReviewPolicy::AfterApproval);
    w.update_event(e, UpdateEvent { review_policy, ..UpdateEvent::default() }).await;
    review(w, &attendee(), e, 5).await.unwrap();
    w.mark().await;
    e
}

pub async fn edit(
    w: &World,
    who: &Actor,
    e: EventId,
    rating: Option<i64>,
) -> Result<Fetched<ReviewView>, Error> {
    w.eventify.reviews().edit(who, e, EditReview { rating, comment: None }, IfMatch::Any).await
}

/// The attendee's review, as a moderator has it.
async fn seen(w: &World, e: EventId) -> (ReviewId, eventify_core::store::Version) {
    let all = w.everything().await;
    let found = all.of::<Review>().find(|r| r.event_id == e && r.user_id == id_of(&attendee())).unwrap().id;
    (found, w.eventify.reviews().get(&admin(), found).await.unwrap().version())
}

pub async fn approve(w: &World, who: &Actor, e: EventId) -> Result<Fetched<ReviewView>, Error> {
    let (id, _) = seen(w, e).await;
    w.eventify.reviews().approve(who, id, IfMatch::Any).await
}

pub async fn reject(w: &World, who: &Actor, e: EventId) -> Result<Fetched<ReviewView>, Error> {
    let (id, _) = seen(w, e).await;
    w.eventify.reviews().reject(who, id, RejectReview { reason: "Rude.".to_owned() }, IfMatch::Any).await
}

pub async fn reply(w: &World, who: &Actor, e: EventId, text: &str) -> Result<Fetched<ReviewView>, Error> {
    let (id, _) = seen(w, e).await;
    w.eventify.reviews().reply(who, e, id, ReplyToReview { text: text.to_owned() }).await
}

async fn take_on(w: &World, e: EventId, right: StaffRight) {
    let request = GrantStaff { user_id: other_attendee().user_id(), email: None, right };
    w.eventify.staff(e).grant(&organizer(), request).await.unwrap();
    w.mark().await;
}

pub async fn let_in(w: &World, who: &Actor, e: EventId) {
    let types = w.eventify.ticket_types().list(who, e, &PageRequest::first(1)).await.unwrap();
    let code = w.buy(who, e, types.data[0].id, 1).await.tickets[0].code.clone();
    w.eventify.tickets().check_in(&organizer(), &code, Scan::default()).await.unwrap();
}

#[tokio::test]
async fn writing_has_its_rules() {
    run(submitting()).await;
}

#[tokio::test]
async fn changing_has_its_rules() {
    run(changing()).await;
}

#[tokio::test]
async fn moderating_has_its_rules() {
    run(moderating()).await;
}

#[tokio::test]
async fn replying_has_its_rules() {
    run(replying()).await;
}

#[tokio::test]
async fn taking_a_refused_review_back_is_no_way_around_the_moderator() {
    let w = World::new().await;
    let e = reviewed(&w).await;
    reject(&w, &admin(), e).await.unwrap();
    assert_eq!(edit(&w, &attendee(), e, Some(4)).await.unwrap().status, ReviewStatus::Pending);
    w.eventify.reviews().delete(&attendee(), e).await.unwrap();
    let left = w.everything().await;
    let left = left.of::<Review>().next().unwrap();
    assert_eq!((left.comment.as_str(), left.state.status()), ("", ReviewStatus::Withdrawn));
    assert_eq!(review(&w, &attendee(), e, 5).await.unwrap().status, ReviewStatus::Pending, "looked at first");
    assert_eq!(w.event(e).await.rating.count, 0);
    approve(&w, &admin(), e).await.unwrap();
    assert_eq!(
        edit(&w, &attendee(), e, Some(2)).await.unwrap().status,
        ReviewStatus::Approved,
        "trusted again"
    );
    assert_eq!(w.event(e).await.rating.average, Some(2.0));
    w.assert_sound("in the end").await;
}
