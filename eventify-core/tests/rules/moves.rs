//! Events that are moved to and fro: those who have tickets hear of it, and not as often as somebody likes.

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CancelEvent, UpdateEvent};
use eventify_core::notification::FactName;
use eventify_core::{Change, Error, EventId, IfMatch, Reason};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn moving() -> Vec<Row> {
    often().into_iter().chain(beside_announcements()).collect()
}

fn often() -> Vec<Row> {
    rows! {
        "a twentieth time within a day" => [] |w| moves(w, 20).await;
        "a twenty-first time within a day" => [TooManyAnnouncements] |w| moves(w, 21).await;
        "a twenty-first time when the first is a day old" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            w.pass(DAY).await;
            to(w, id, 20).await
        };
        "to the same place a twenty-first time" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            to(w, id, 19).await
        };
        "under another title after twenty times" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            let title = UpdateEvent { title: Some("Another".to_owned()), ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), id, title, IfMatch::Any).await.map(drop)
        };
        "called off after twenty times" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            w.eventify.events().cancel(&organizer(), id, CancelEvent::default()).await.map(drop)
        };
        "by an admin after twenty times" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            by_admin(w, id, 20).await
        };
        "by its organizer after twenty times and an admin's" => [TooManyAnnouncements] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                to(w, id, nth).await?;
            }
            by_admin(w, id, 20).await?;
            w.mark().await;
            to(w, id, 21).await
        };
        "by its organizer after twenty times by an admin" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..20 {
                by_admin(w, id, nth).await?;
            }
            to(w, id, 20).await
        };
        "as often as one likes while nobody has a ticket" => [] |w| {
            let (id, _) = w.sale(5).await;
            for nth in 0..30 {
                to(w, id, nth).await?;
            }
            Ok::<_, Error>(())
        };
    }
}

fn beside_announcements() -> Vec<Row> {
    rows! {
        "after ten announcements" => [] |w| {
            let id = with_a_ticket(w).await;
            for _ in 0..10 {
                announce(w, id).await?;
            }
            to(w, id, 0).await
        };
        "after ten announcements for the eleventh time" => [TooManyAnnouncements] |w| {
            let id = with_a_ticket(w).await;
            for _ in 0..10 {
                announce(w, id).await?;
            }
            for nth in 0..10 {
                to(w, id, nth).await?;
            }
            w.mark().await;
            to(w, id, 10).await
        };
        "an announcement after nine times" => [] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..9 {
                to(w, id, nth).await?;
            }
            announce(w, id).await
        };
        "an announcement after ten times" => [TooManyAnnouncements] |w| {
            let id = with_a_ticket(w).await;
            for nth in 0..10 {
                to(w, id, nth).await?;
            }
            w.mark().await;
            announce(w, id).await
        };
    }
}

fn elsewhere(nth: usize) -> UpdateEvent {
    UpdateEvent { venue: Some(Change::To(format!("Hall {nth}"))), ..UpdateEvent::default() }
}

async fn to(w: &World, id: EventId, nth: usize) -> Result<(), Error> {
    w.eventify.events().update(&organizer(), id, elsewhere(nth), IfMatch::Any).await.map(drop)
}

async fn by_admin(w: &World, id: EventId, nth: usize) -> Result<(), Error> {
    w.eventify.events().update(&admin(), id, elsewhere(nth), IfMatch::Any).await.map(drop)
}

async fn announce(w: &World, id: EventId) -> Result<(), Error> {
    let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
    w.eventify.announcements().make(&organizer(), id, words).await.map(drop)
}

async fn with_a_ticket(w: &World) -> EventId {
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 1).await;
    e
}

async fn moves(w: &World, count: usize) -> Result<(), Error> {
    let id = with_a_ticket(w).await;
    for nth in 1..count {
        to(w, id, nth).await?;
    }
    w.mark().await;
    to(w, id, 0).await
}

#[tokio::test]
async fn moving_has_rules() {
    run(moving()).await;
}

#[tokio::test]
async fn whoever_has_a_ticket_hears_of_each_move_and_who_moves_too_often_when_to_come_back() {
    let w = World::new().await;
    let id = with_a_ticket(&w).await;
    to(&w, id, 1).await.unwrap();
    w.clock.advance(HOUR);
    for nth in 2..=20 {
        to(&w, id, nth).await.unwrap();
    }
    let error = to(&w, id, 21).await.unwrap_err();
    assert_eq!((error.reason(), error.retry_after()), (Reason::TooManyAnnouncements, Some(23 * HOUR)));
    assert_eq!(error.details()["per_day_max"], 20);
    w.run_jobs().await;
    let told = w.told(&attendee()).await;
    assert_eq!(told.iter().filter(|told| told.fact == FactName::EventUpdated).count(), 20);
    w.clock.advance(23 * HOUR);
    to(&w, id, 21).await.unwrap();
    assert_eq!(to(&w, id, 22).await.unwrap_err().retry_after(), Some(HOUR), "one place came back");
    w.assert_sound("moved").await;
}
