//! Reviews over time: counters, orders, who is told, and what a crowd comes to.

use eventify_core::event::UpdateEvent;
use eventify_core::review::{RejectReview, ReviewOrder, ReviewPolicy, ReviewStatus};
use eventify_core::{Actor, EventId, Eventify, IfMatch, PageRequest, Role};
use futures_util::future::join_all;

use crate::common::*;
use crate::review::{approve, attended, edit, let_in, reject, reply, review, waiting};

#[tokio::test]
async fn counters_follow_writing_editing_moderating_and_taking_back() {
    let w = World::new().await;
    let e = attended(&w).await;
    let rating = async || w.eventify.reviews().rating(&anonymous(), e).await.unwrap();
    assert_eq!((rating().await.average, rating().await.count), (None, 0));
    review(&w, &attendee(), e, 5).await.unwrap();
    let_in(&w, &other_attendee(), e).await;
    review(&w, &other_attendee(), e, 2).await.unwrap();
    assert_eq!(rating().await.histogram, [0, 1, 0, 0, 1]);
    assert_eq!(w.event(e).await.rating.average, Some(3.5));
    edit(&w, &attendee(), e, Some(4)).await.unwrap();
    assert_eq!(rating().await.histogram, [0, 1, 0, 1, 0]);
    reject(&w, &admin(), e).await.unwrap();
    assert_eq!((rating().await.histogram, rating().await.average), ([0, 1, 0, 0, 0], Some(2.0)));
    edit(&w, &attendee(), e, Some(1)).await.unwrap();
    assert_eq!(rating().await.count, 1, "a refused one waits");
    approve(&w, &admin(), e).await.unwrap();
    assert_eq!(rating().await.histogram, [1, 1, 0, 0, 0]);
    w.eventify.reviews().delete(&attendee(), e).await.unwrap();
    assert_eq!(rating().await.histogram, [0, 1, 0, 0, 0]);
    w.assert_sound("in the end").await;
}

#[tokio::test]
async fn an_events_rating_is_seen_and_refuses_no_edit() {
    let w = World::new().await;
    let e = attended(&w).await;
    let before = w.eventify.events().get(&organizer(), e).await.unwrap();
    review(&w, &attendee(), e, 5).await.unwrap();
    let after = w.eventify.events().get(&organizer(), e).await.unwrap();
    assert_eq!(before.version(), after.version());
    assert_ne!(before.beside(), after.beside());
    let seen = eventify_core::IfMatch::Version(before.version());
    w.eventify.events().update(&organizer(), e, UpdateEvent::default(), seen).await.unwrap();
    let stale = w.eventify.events().update(&organizer(), e, UpdateEvent::default(), seen).await;
    assert_eq!(stale.unwrap_err().reason(), eventify_core::Reason::PreconditionFailed);
}

#[tokio::test]
async fn lists_are_by_time_or_by_rating_and_paged() {
    let w = World::new().await;
    let (e, _) = w.sale(50).await;
    for (n, rating) in [(20, 3), (21, 5), (22, 1), (23, 5), (24, 3)] {
        let who = person(n, Role::Attendee);
        let_in(&w, &who, e).await;
        review(&w, &who, e, rating).await.unwrap();
        w.clock.advance(HOUR);
    }
    let list = async |order| {
        let (mut found, mut page) = (Vec::new(), PageRequest::first(2));
        loop {
            let next = w.eventify.reviews().of_event(&anonymous(), e, order, &page).await.unwrap();
            found.extend(next.data.iter().map(|r| (r.rating, r.user_id.as_bytes()[0])));
            match next.next_cursor {
                Some(cursor) => page = PageRequest::after(cursor, 2),
                None => return found,
            }
        }
    };
    assert_eq!(list(ReviewOrder::Newest).await, [(3, 24), (5, 23), (1, 22), (5, 21), (3, 20)]);
    assert_eq!(list(ReviewOrder::Best).await, [(5, 23), (5, 21), (3, 24), (3, 20), (1, 22)]);
    assert_eq!(list(ReviewOrder::Worst).await, [(1, 22), (3, 20), (3, 24), (5, 21), (5, 23)]);
}

#[tokio::test]
async fn what_waits_is_seen_by_its_author_and_moderators_only() {
    let w = World::new().await;
    let e = waiting(&w).await;
    let reviews = w.eventify.reviews();
    let shown =
        reviews.of_event(&organizer(), e, ReviewOrder::Newest, &PageRequest::default()).await.unwrap();
    assert!(shown.data.is_empty());
    let mine = reviews.all_mine(&attendee(), &PageRequest::default()).await.unwrap();
    assert_eq!(mine.data[0].status, ReviewStatus::Pending);
    let queue = reviews.pending(&admin(), &PageRequest::default()).await.unwrap();
    assert_eq!(queue.data, mine.data);
    approve(&w, &admin(), e).await.unwrap();
    assert!(reviews.pending(&admin(), &PageRequest::default()).await.unwrap().data.is_empty());
    assert_eq!(edit(&w, &attendee(), e, Some(1)).await.unwrap().status, ReviewStatus::Pending, "waits anew");
    let at_once = UpdateEvent { review_policy: Some(ReviewPolicy::AtOnce), ..UpdateEvent::default() };
    w.update_event(e, at_once).await;
    assert_eq!(reviews.mine(&attendee(), e).await.unwrap().status, ReviewStatus::Pending, "goes on waiting");
    assert_eq!(edit(&w, &attendee(), e, Some(2)).await.unwrap().status, ReviewStatus::Approved);
}

#[tokio::test]
async fn organizer_and_author_are_told_and_other_systems_too() {
    let w = World::connected().await;
    let e = waiting(&w).await;
    let about = async |who: &Actor| {
        let mut told = w.told(who).await;
        told.retain(|n| n.fact.as_str().starts_with("review."));
        told.sort_by_key(|n| n.created_at);
        told.iter().map(|n| n.fact.as_str()).collect::<Vec<_>>()
    };
    assert!(about(&organizer()).await.is_empty(), "nobody sees it yet");
    for step in 0..3 {
        w.clock.advance(HOUR);
        match step {
            0 => drop(approve(&w, &admin(), e).await.unwrap()),
            1 => drop(reply(&w, &organizer(), e, "Thanks.").await.unwrap()),
            _ => drop(reject(&w, &admin(), e).await.unwrap()),
        }
    }
    assert_eq!(about(&organizer()).await, ["review.approved"]);
    assert_eq!(about(&attendee()).await, ["review.approved", "review.replied", "review.rejected"]);
    let why = w.told(&attendee()).await.into_iter().find(|n| n.fact.as_str() == "review.rejected").unwrap();
    assert_eq!(why.body, "Rude.");
    w.run_jobs().await;
    let sent = w.wire.sent();
    let facts = sent.iter().map(|f| f.event.as_str()).filter(|f| f.starts_with("review."));
    assert_eq!(facts.collect::<Vec<_>>(), ["review.submitted", "review.approved"]);
    for action in ["review.submitted", "review.approved", "review.replied", "review.rejected"] {
        assert_eq!(w.actions(action).await, 1, "{action}");
    }
}

/// Forty people write, change and take back while moderators of another process go through it: the counters are what is
/// approved in the end.
#[tokio::test]
async fn a_crowd_counts_exactly() {
    let w = World::new().await;
    let builder = Eventify::builder_over(w.store.clone()).clock(w.clock.clone()).without_worker();
    let other = builder.start().await.unwrap();
    let (e, _) = w.sale(100).await;
    let people: Vec<Actor> = (30..70).map(|n| person(n, Role::Attendee)).collect();
    for who in &people {
        let_in(&w, who, e).await;
    }
    join_all(people.iter().enumerate().map(|(nth, who)| live(&w, &other, e, who, nth))).await;
    w.assert_sound("a crowd").await;
    let rating = w.eventify.reviews().rating(&anonymous(), e).await.unwrap();
    let all = PageRequest::first(100);
    let shown = w.eventify.reviews().of_event(&anonymous(), e, ReviewOrder::Best, &all).await.unwrap().data;
    let count = |stars: u8| u32::try_from(shown.iter().filter(|r| r.rating == stars).count()).unwrap();
    assert_eq!(rating.histogram, [1, 2, 3, 4, 5].map(count));
    assert!(rating.count > 10, "{rating:?}");
    other.shut_down().await;
}

async fn live(w: &World, other: &Eventify, e: EventId, who: &Actor, nth: usize) {
    let n = i64::try_from(nth).unwrap();
    let id = review(w, who, e, n % 5 + 1).await.unwrap().id;
    let moderated = async {
        if nth.is_multiple_of(3) {
            let verdict = RejectReview { reason: "No.".to_owned() };
            other.reviews().reject(&admin(), id, verdict, IfMatch::Any).await
        } else {
            other.reviews().approve(&admin(), id, IfMatch::Any).await
        }
    };
    let (edited, moderated) = tokio::join!(edit(w, who, e, Some(n / 5 % 5 + 1)), moderated);
    edited.unwrap();
    moderated.unwrap();
    if nth.is_multiple_of(4) {
        w.eventify.reviews().delete(who, e).await.unwrap();
    }
}
