//! Until when people may cancel, and what comes back to them.

use eventify_core::booking::BookingStatus;
use eventify_core::event::{CancellationPolicy, CreateEvent, PutCancellation, RefundStep, UpdateEvent};
use eventify_core::{
    Actor, BookingId, Error, EventId, LeadTime, PageRequest, Reason, TimeZoneName, Timestamp,
};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn making() -> Vec<Row> {
    rows! {
        "nothing said" => [] |w| make(w, "{}").await;
        "never" => [] |w| make(w, r#"{"until": null}"#).await;
        "until a year before" => [] |w| make(w, r#"{"until": "P366D"}"#).await;
        "nothing comes back" => [] |w| make(w, r#"{"until": "P1D", "refund": []}"#).await;
        "two steps" => [] |w| make(w, &steps("P1D", &[("P7D", 100), ("P1D", 50)])).await;
        "five steps" => [] |w| make(w, &steps("PT0S", &FIVE)).await;
        "six steps" => [InvalidValue] |w| {
            make(w, &steps("PT0S", &[FIVE.as_slice(), &[("PT0S", 1)]].concat())).await
        };
        "a step of 1 percent" => [] |w| make(w, &steps("PT0S", &[("P7D", 1)])).await;
        "a step of nothing" => [InvalidValue] |w| make(w, &steps("PT0S", &[("P7D", 0)])).await;
        "a step of 101 percent" => [InvalidValue] |w| make(w, &steps("PT0S", &[("P7D", 101)])).await;
        "steps of one time" => [InvalidValue] |w| make(w, &steps("PT0S", &[("P1D", 50), ("PT24H", 20)])).await;
        "steps that go back" => [InvalidValue] |w| make(w, &steps("PT0S", &[("P1D", 50), ("P2D", 20)])).await;
        "steps of one part" => [InvalidValue] |w| make(w, &steps("PT0S", &[("P2D", 50), ("P1D", 50)])).await;
        "steps that give more later" => [InvalidValue] |w| {
            make(w, &steps("PT0S", &[("P2D", 20), ("P1D", 50)])).await
        };
        "a step at the end" => [] |w| make(w, &steps("P1D", &[("P1D", 50)])).await;
        "a step after the end" => [InvalidValue] |w| make(w, &steps("P1D", &[("PT23H59M", 50)])).await;
        "a step where nobody may cancel" => [InvalidValue] |w| {
            make(w, r#"{"until": null, "refund": [{"until": "P1D", "percent": 50}]}"#).await
        };
        "a published event's" => [] |w| {
            let id = w.published().await;
            let request = UpdateEvent { cancellation: Some(read(r#"{"until": "P1D"}"#)), ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), id, request, eventify_core::IfMatch::Any).await
        };
        "a published event's, badly" => [InvalidValue] |w| {
            let id = w.published().await;
            let bad = read(&steps("PT0S", &[("P7D", 0)]));
            let request = UpdateEvent { cancellation: Some(bad), ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), id, request, eventify_core::IfMatch::Any).await
        };
        "another organizer's" => [NotEventOwner] |w| {
            let id = w.published().await;
            let request = UpdateEvent { cancellation: Some(read("{}")), ..UpdateEvent::default() };
            w.eventify.events().update(&other_organizer(), id, request, eventify_core::IfMatch::Any).await
        };
        "a person cancels where nobody may" => [CancellationClosed] |w| {
            let (_, id) = sold(w, r#"{"until": null}"#).await;
            w.eventify.bookings().cancel(&attendee(), id).await
        };
        "a hold where nobody may cancel" => [] |w| {
            let e = w.draft_of(CreateEvent { cancellation: Some(read(r#"{"until": null}"#)), ..w.concert() }).await;
            w.publish(e).await;
            let t = w.paid(e, 10, 333).await;
            let held = w.hold(&attendee(), e, t, 1).await.id;
            w.eventify.bookings().cancel(&attendee(), held).await
        };
    }
}

const FIVE: [(&str, u8); 5] = [("P9D", 90), ("P7D", 70), ("P5D", 50), ("P3D", 30), ("P1D", 10)];

#[tokio::test]
async fn policies_make_sense() {
    run(making()).await;
}

fn steps(until: &str, steps: &[(&str, u8)]) -> String {
    let step = |(until, percent): &(&str, u8)| format!(r#"{{"until": "{until}", "percent": {percent}}}"#);
    let refund: Vec<String> = steps.iter().map(step).collect();
    format!(r#"{{"until": "{until}", "refund": [{}]}}"#, refund.join(", "))
}

fn read(policy: &str) -> PutCancellation {
    serde_json::from_str(policy).unwrap()
}

async fn make(w: &World, policy: &str) -> Result<(), Error> {
    let draft = CreateEvent { cancellation: Some(read(policy)), ..w.concert() };
    w.eventify.events().create(&organizer(), draft).await.map(drop)
}

/// A paid booking of 999 tiyn, of an event with this policy that starts in ten days.
async fn sold(w: &World, policy: &str) -> (EventId, BookingId) {
    let e = w.draft_of(CreateEvent { cancellation: Some(read(policy)), ..w.concert() }).await;
    w.publish(e).await;
    let t = w.paid(e, 10, 333).await;
    let held = w.hold(&attendee(), e, t, 3).await.id;
    w.eventify.bookings().confirm(&organizer(), held).await.unwrap();
    w.mark().await;
    (e, held)
}

type Comes = Result<i64, Reason>;

async fn cancelled(w: &World, who: &Actor, id: BookingId) -> Comes {
    let done = w.eventify.bookings().cancel(who, id).await.map_err(|error| error.reason())?;
    assert_eq!(done.status, BookingStatus::Cancelled);
    Ok(done.refund.unwrap().amount_minor)
}

#[tokio::test]
async fn what_comes_back_depends_on_when() {
    let stepwise = steps("PT12H", &[("P7D", 100), ("P1D", 50)]);
    let (closed, stepwise) = (Err(Reason::CancellationClosed), stepwise.as_str());
    let final_sale = r#"{"until": null}"#;
    let table: [(&str, std::time::Duration, bool, Comes); 16] = [
        (stepwise, DAY, false, Ok(999)),
        (stepwise, 3 * DAY - TICK, false, Ok(999)),
        (stepwise, 3 * DAY, false, Ok(500)),
        (stepwise, 9 * DAY - TICK, false, Ok(500)),
        (stepwise, 9 * DAY, false, Ok(0)),
        (stepwise, 9 * DAY + 12 * HOUR - TICK, false, Ok(0)),
        (stepwise, 9 * DAY + 12 * HOUR, false, closed),
        (stepwise, 9 * DAY + 12 * HOUR, true, Ok(999)),
        (stepwise, 11 * DAY, true, Ok(999)),
        (final_sale, DAY, false, closed),
        (final_sale, DAY, true, Ok(999)),
        (r#"{"refund": []}"#, DAY, false, Ok(0)),
        (r#"{"refund": []}"#, DAY, true, Ok(999)),
        ("{}", 10 * DAY - TICK, false, Ok(999)),
        ("{}", 10 * DAY, false, closed),
        ("{}", 10 * DAY, true, Ok(999)),
    ];
    for (policy, after, by_organizer, expected) in table {
        let w = World::new().await;
        let (_, id) = sold(&w, policy).await;
        w.pass(after).await;
        let who = if by_organizer { organizer() } else { attendee() };
        let situation = format!("{policy} after {after:?}, by the organizer: {by_organizer}");
        let comes = cancelled(&w, &who, id).await;
        assert_eq!(comes, expected, "{situation}");
        w.assert_sound(&situation).await;
    }
}

#[tokio::test]
async fn a_refusal_says_until_when() {
    let w = World::new().await;
    let (e, id) = sold(&w, r#"{"until": "P2D"}"#).await;
    let start = w.event(e).await.starts_at.unwrap();
    assert_eq!(w.event(e).await.cancellable_until, Some(start.minus(2 * DAY)));
    w.pass(8 * DAY).await;
    let error = w.eventify.bookings().cancel(&attendee(), id).await.unwrap_err();
    assert_eq!(error.reason(), Reason::CancellationClosed);
    assert_eq!(error.details()["cancellable_until"], serde_json::json!(start.minus(2 * DAY)));
}

#[tokio::test]
async fn a_booking_keeps_what_was_better() {
    let better = steps("PT0S", &[("P1D", 80)]);
    let worse = r#"{"until": null}"#;
    for (first, then, expected) in [(better.as_str(), worse, Ok(800)), (worse, better.as_str(), Ok(800))] {
        let w = World::new().await;
        let (e, id) = sold(&w, first).await;
        w.update_event(e, UpdateEvent { cancellation: Some(read(then)), ..UpdateEvent::default() }).await;
        let seen = w.eventify.bookings().get(&attendee(), id).await.unwrap();
        assert_eq!(seen.cancellation.until.is_some(), first != worse, "as it was when it was booked");
        assert_eq!(cancelled(&w, &attendee(), id).await, expected, "{first}, then {then}");
        w.assert_sound(then).await;
    }
    let w = World::new().await;
    let (e, _) = sold(&w, &better).await;
    w.update_event(e, UpdateEvent { cancellation: Some(read(worse)), ..UpdateEvent::default() }).await;
    let t = w.paid(e, 5, 500).await;
    let later = w.hold(&other_attendee(), e, t, 1).await.id;
    w.eventify.bookings().confirm(&organizer(), later).await.unwrap();
    w.mark().await;
    let closed = Err(Reason::CancellationClosed);
    assert_eq!(cancelled(&w, &other_attendee(), later).await, closed, "who books later has the new terms");
}

#[tokio::test]
async fn the_times_move_with_the_event() {
    let w = World::new().await;
    let (e, id) = sold(&w, r#"{"until": "P2D"}"#).await;
    w.pass(8 * DAY).await;
    assert_eq!(cancelled(&w, &attendee(), id).await, Err(Reason::CancellationClosed));
    let (starts_at, ends_at) = (Some(w.now().plus(5 * DAY)), Some(w.now().plus(6 * DAY)));
    w.update_event(e, UpdateEvent { starts_at, ends_at, ..UpdateEvent::default() }).await;
    assert_eq!(cancelled(&w, &attendee(), id).await, Ok(999));
}

#[tokio::test]
async fn an_event_that_is_cancelled_gives_everything_back() {
    let w = World::new().await;
    let (e, id) = sold(&w, r#"{"until": "P9D", "refund": []}"#).await;
    let tickets = w.eventify.bookings().get(&attendee(), id).await.unwrap().tickets.clone();
    let scan = eventify_core::ticket::Scan::default();
    w.eventify.tickets().check_in(&organizer(), &tickets[0].code, scan).await.unwrap();
    let t = w.free(e, 10).await;
    let held = w.hold(&attendee(), e, t, 1).await.id;
    w.cancel_event(e).await;
    w.run_jobs().await;
    let seen = w.eventify.bookings().get(&attendee(), id).await.unwrap();
    assert_eq!(seen.refund, Some(tenge(999)), "for the used one, too");
    assert_eq!(w.eventify.bookings().get(&attendee(), held).await.unwrap().refund, None);
    w.assert_sound("cancelled").await;
}

#[tokio::test]
async fn a_day_is_a_day_of_the_place() {
    let w = World::new().await;
    let zone: TimeZoneName = "Europe/Berlin".parse().unwrap();
    let policy = CancellationPolicy {
        until: Some(LeadTime::ZERO),
        refund: vec![RefundStep { until: LeadTime::days(1).unwrap(), percent: 50 }],
    };
    // Ten in the morning of the day on which the clocks go forward, and of the one before.
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (start, day_before) = (at("2027-03-28T08:00:00Z"), at("2027-03-27T09:00:00Z"));
    assert_eq!(policy.percent_at(day_before.minus(TICK), start, &zone), 50);
    assert_eq!(policy.percent_at(day_before, start, &zone), 0);
    let draft = CreateEvent {
        cancellation: Some(read(r#"{"until": "P1D"}"#)),
        starts_at: Some(start),
        ends_at: Some(start.plus(HOUR)),
        time_zone: Some(zone),
        ..w.concert()
    };
    let id = w.draft_of(draft).await;
    assert_eq!(w.event(id).await.cancellable_until, Some(day_before));
}

#[tokio::test]
async fn what_is_to_be_given_back_is_seen_in_the_booking() {
    let w = World::new().await;
    let (_, id) = sold(&w, &steps("PT0S", &[("P1D", 10)])).await;
    assert_eq!(cancelled(&w, &attendee(), id).await, Ok(100));
    let seen = w.eventify.bookings().mine(&attendee(), &PageRequest::first(1)).await.unwrap();
    assert_eq!(seen.data[0].refund, Some(tenge(100)));
}

const TICK: std::time::Duration = std::time::Duration::from_micros(1);
