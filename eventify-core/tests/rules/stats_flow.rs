//! What happens is counted as it happens: to the ticket, the quarter of an hour and the minor unit.

use std::time::Duration;

use eventify_core::event::CreateEvent;
use eventify_core::promo_code::CreatePromoCode;
use eventify_core::stats::{Bucket, CurveRequest, EventDay, EventStats, StatsPeriod, TakingsView};
use eventify_core::ticket::{Direction, OfflineScan, Scan, UploadScans};
use eventify_core::ticket_type::{CreateTicketType, ReEntry, UpdateTicketType};
use eventify_core::{EventId, Money, TicketTypeId, Timestamp};

use crate::common::*;

async fn stats(w: &World, e: EventId) -> EventStats {
    w.eventify.stats().of_event(&organizer(), e, &CurveRequest::default()).await.unwrap()
}

/// The parts of the curve in which something happened: when, sold, cancelled, checked in.
async fn happened(w: &World, e: EventId, bucket: Bucket) -> Vec<(String, [u32; 3])> {
    let request = CurveRequest { bucket, ..CurveRequest::default() };
    let found = w.eventify.stats().of_event(&organizer(), e, &request).await.unwrap();
    let counts = found.curve.iter().map(|p| (p.starts_at.to_string(), [p.sold, p.cancelled, p.checked_in]));
    counts.filter(|(_, counts)| *counts != [0; 3]).collect()
}

/// Currency, gross, refunds due, revenue.
fn money(takings: &[TakingsView]) -> Vec<(String, [i64; 3])> {
    let line = |t: &TakingsView| {
        let amounts = [t.gross, t.refunds_due, t.revenue].map(|money| money.amount_minor);
        (t.gross.currency.to_string(), amounts)
    };
    takings.iter().map(line).collect()
}

fn in_tenge(amounts: [i64; 3]) -> Vec<(String, [i64; 3])> {
    vec![("KZT".to_owned(), amounts)]
}

fn part(at: &str, counts: [u32; 3]) -> (String, [u32; 3]) {
    (at.to_owned(), counts)
}

async fn let_in(w: &World, code: &str) {
    w.eventify.tickets().check_in(&organizer(), code, Scan::default()).await.unwrap();
}

async fn upload(w: &World, e: EventId, scans: &[(&str, &str, Timestamp)]) {
    let scan = |&(id, code, at): &(&str, &str, Timestamp)| OfflineScan {
        scan_id: id.to_owned(),
        code: code.to_owned(),
        scanned_at: at,
        direction: Direction::In,
        gate: None,
        device: None,
    };
    let scans = UploadScans { scans: scans.iter().map(scan).collect() };
    w.eventify.tickets().upload_scans(&organizer(), e, scans).await.unwrap();
}

#[tokio::test]
async fn sales_are_counted_when_they_are_confirmed_and_refunds_when_they_are_cancelled() {
    let w = World::new().await;
    let e = w.published().await;
    let (paid, free) = (w.paid(e, 10, 1_000).await, w.free(e, 10).await);
    let tenth = CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of("TENTH") };
    w.eventify.promo_codes().create(&organizer(), e, tenth).await.unwrap();
    let full = w.hold(&attendee(), e, paid, 2).await;
    let mut cheap = lines(e, &[(paid, 3), (free, 1)]);
    cheap.promo_code = Some("tenth".into());
    let cheap = w.eventify.bookings().hold(&other_attendee(), cheap).await.unwrap();
    let found = stats(&w, e).await;
    assert_eq!((found.sold, found.held, found.available), (0, 6, 14));
    assert!(found.takings.is_empty() && happened(&w, e, Bucket::Day).await.is_empty(), "holds sell nothing");

    w.eventify.bookings().confirm(&organizer(), full.id).await.unwrap();
    w.eventify.bookings().confirm(&organizer(), cheap.id).await.unwrap();
    w.buy(&other_attendee(), e, free, 2).await;
    let found = stats(&w, e).await;
    assert_eq!((found.sold, found.held, found.available), (8, 0, 12));
    assert_eq!(money(&found.takings), in_tenge([4_700, 0, 4_700]), "what promo codes take off is not taken");
    assert_eq!(found.types.len(), 2);
    let of = |id| found.types.iter().find(|of| of.ticket_type_id == id).unwrap();
    let (of_paid, of_free) = (of(paid), of(free));
    assert_eq!((of_paid.sold, of_paid.quantity), (5, 10));
    assert_eq!(of_paid.takings, found.takings);
    assert_eq!((of_free.sold, of_free.takings.len()), (3, 0));

    w.clock.advance(HOUR);
    w.eventify.bookings().cancel(&organizer(), cheap.id).await.unwrap();
    let found = stats(&w, e).await;
    assert_eq!(found.sold, 4);
    assert_eq!(money(&found.takings), in_tenge([4_700, 2_700, 2_000]));
    let hours = [part("2026-11-21T09:00:00Z", [8, 0, 0]), part("2026-11-21T10:00:00Z", [0, 4, 0])];
    assert_eq!(happened(&w, e, Bucket::Hour).await, hours);
    assert_eq!(happened(&w, e, Bucket::Day).await, [part("2026-11-21T00:00:00Z", [8, 4, 0])]);
    assert_eq!(money(&found.curve[0].takings), in_tenge([4_700, 2_700, 2_000]));
    w.assert_sound("after sales").await;
}

#[tokio::test]
async fn each_currency_has_its_own_sum() {
    let w = World::new().await;
    let e = w.published().await;
    let t = w.paid(e, 10, 1_000).await;
    for (code, amount) in [("KZT", 1_000), ("EUR", 7), ("KZT", 2_000)] {
        let price = Some(Money::new(amount, code.parse().unwrap()));
        w.change_type(e, t, UpdateTicketType { price, ..UpdateTicketType::default() }).await;
        let held = w.hold(&attendee(), e, t, 1).await;
        w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    }
    let sums = vec![("EUR".to_owned(), [7, 0, 7]), ("KZT".to_owned(), [3_000, 0, 3_000])];
    assert_eq!(money(&stats(&w, e).await.takings), sums);
    let all = w.eventify.stats().of_organizer(&organizer(), StatsPeriod::default()).await.unwrap();
    assert_eq!(money(&all.takings), sums);
    w.assert_sound("after sales in two currencies").await;
}

#[tokio::test]
async fn the_door_counts_who_came_when_they_came_first() {
    let w = World::new().await;
    let e = w.published().await;
    let open = w.type_of(e, CreateTicketType { re_entry: ReEntry::InOut, ..seats(5) }).await;
    let bought = w.buy(&attendee(), e, open, 3).await;
    let [one, two, _] = &bought.tickets[..] else { panic!("three tickets") };
    w.clock.advance(HOUR);
    let_in(&w, &one.code).await;
    let_in(&w, &two.code).await;
    let seen = |found: &EventStats| (found.checked_in, found.inside, found.types[0].inside);
    assert_eq!(seen(&stats(&w, e).await), (2, 2, 2));
    w.clock.advance(HOUR);
    w.eventify.tickets().check_out(&organizer(), &one.code, Scan::default()).await.unwrap();
    assert_eq!(seen(&stats(&w, e).await), (2, 1, 1));
    w.clock.advance(HOUR);
    let_in(&w, &one.code).await;
    assert_eq!(seen(&stats(&w, e).await), (2, 2, 2));
    let hours = [part("2026-11-21T09:00:00Z", [3, 0, 0]), part("2026-11-21T10:00:00Z", [0, 0, 2])];
    assert_eq!(happened(&w, e, Bucket::Hour).await, hours, "coming again is not coming");
    w.eventify.tickets().undo_check_in(&organizer(), &two.code).await.unwrap();
    assert_eq!(seen(&stats(&w, e).await), (1, 1, 1));
    for inside in [0, 1, 0] {
        w.eventify.tickets().undo_check_in(&organizer(), &one.code).await.unwrap();
        assert_eq!(stats(&w, e).await.inside, inside);
    }
    assert_eq!(stats(&w, e).await.checked_in, 0);
    assert_eq!(happened(&w, e, Bucket::Hour).await, hours[..1], "as if nobody had come");
    w.assert_sound("after undoing").await;
}

#[tokio::test]
async fn scans_that_become_known_late_count_when_they_were_made() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.ticket(e, t).await;
    let other = w.buy(&other_attendee(), e, t, 1).await.tickets[0].code.clone();
    let [early, late] = ["2026-11-22T23:50:00Z", "2026-11-23T00:10:00Z"].map(|at| at.parse().unwrap());
    w.clock.set(late);
    let_in(&w, &code).await;
    w.clock.advance(2 * DAY);
    upload(&w, e, &[("1", &code, early), ("2", &other, late), ("3", &other, w.now())]).await;
    let days = [
        part("2026-11-21T00:00:00Z", [2, 0, 0]),
        part("2026-11-22T00:00:00Z", [0, 0, 1]),
        part("2026-11-23T00:00:00Z", [0, 0, 1]),
    ];
    assert_eq!(happened(&w, e, Bucket::Day).await, days, "duplicates do not count");
    let found = stats(&w, e).await;
    assert_eq!((found.checked_in, found.inside), (2, 2));
    w.eventify.tickets().undo_check_in(&organizer(), &code).await.unwrap();
    assert_eq!(happened(&w, e, Bucket::Day).await, [&days[..1], &days[2..]].concat());
    assert_eq!(w.everything().await.of::<EventDay>().count(), 1, "a day on which nothing is left is gone");
    w.assert_sound("after late scans").await;
}

#[tokio::test]
async fn days_go_by_and_clocks_go_back() {
    let w = World::new().await;
    let (e, t) = w.sale(20).await;
    let begun = w.now();
    for day in [0, 1, 3, 2, 0, 3] {
        w.clock.set(begun.plus(day * DAY));
        let who = someone(u16::try_from(day).unwrap());
        w.buy(&who, e, t, 1).await;
        w.assert_sound("while days go by").await;
    }
    w.clock.set(begun.plus(3 * DAY));
    let days: Vec<[u32; 3]> =
        happened(&w, e, Bucket::Day).await.into_iter().map(|(_, counts)| counts).collect();
    assert_eq!(days, [[2, 0, 0], [1, 0, 0], [1, 0, 0], [2, 0, 0]]);
    assert_eq!(w.everything().await.of::<EventDay>().count(), 3, "the newest is in the event's own record");
    let request =
        CurveRequest { from: Some(begun.plus(DAY)), to: Some(begun.plus(2 * DAY)), ..Default::default() };
    let found = w.eventify.stats().of_event(&organizer(), e, &request).await.unwrap();
    assert_eq!(found.curve.iter().map(|day| day.sold).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(found.sold, 6, "the sums are of all times");
}

#[tokio::test]
async fn hours_and_days_are_the_events_also_when_it_moves_to_another_zone() {
    let w = World::new().await;
    let zone = |name: &str| Some(name.parse().unwrap());
    let e = w.draft_of(CreateEvent { time_zone: zone("Asia/Kathmandu"), ..w.concert() }).await;
    w.publish(e).await;
    let t = w.free(e, 9).await;
    for at in ["2026-11-21T18:14:00Z", "2026-11-21T18:15:00Z"] {
        w.clock.set(at.parse().unwrap());
        w.buy(&attendee(), e, t, 1).await;
    }
    let days = [part("2026-11-20T18:15:00Z", [1, 0, 0]), part("2026-11-21T18:15:00Z", [1, 0, 0])];
    assert_eq!(happened(&w, e, Bucket::Day).await, days, "midnight is at a quarter past");
    assert_eq!(stats(&w, e).await.time_zone.as_str(), "Asia/Kathmandu");
    let moved = eventify_core::event::UpdateEvent { time_zone: zone("UTC"), ..Default::default() };
    w.update_event(e, moved).await;
    assert_eq!(happened(&w, e, Bucket::Day).await, [part("2026-11-21T00:00:00Z", [2, 0, 0])]);
}

#[tokio::test]
async fn who_did_not_come_is_known_when_the_event_is_over() {
    let w = World::new().await;
    let (e, t) = w.sale(20).await;
    let bought = w.buy(&attendee(), e, t, 4).await;
    w.clock.advance(10 * DAY + HOUR);
    let_in(&w, &bought.tickets[0].code).await;
    assert_eq!(stats(&w, e).await.no_show_rate, None, "they may still come");
    w.pass(2 * HOUR).await;
    let found = stats(&w, e).await;
    assert_eq!((found.no_show_rate, found.types[0].no_show_rate), (Some(0.75), Some(0.75)));
    let unsold = w.completed().await;
    assert_eq!(stats(&w, unsold).await.no_show_rate, None);
}

#[tokio::test]
async fn a_cancelled_event_gives_everything_back_also_what_was_used() {
    let w = World::new().await;
    let e = w.published().await;
    let t = w.paid(e, 9, 500).await;
    for (who, seats) in [(attendee(), 2), (other_attendee(), 3)] {
        let held = w.hold(&who, e, t, seats).await;
        let sold = w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
        let_in(&w, &sold.tickets[0].code).await;
    }
    w.cancel_event(e).await;
    w.run_jobs().await;
    let found = stats(&w, e).await;
    assert_eq!((found.sold, found.checked_in, found.no_show_rate), (2, 2, None));
    assert_eq!(money(&found.takings), in_tenge([2_500, 2_500, 0]));
    assert_eq!(found.types[0].takings, found.takings);
    assert_eq!((found.curve[0].cancelled, &found.curve[0].takings), (3, &found.takings));
    w.assert_sound("after cancelling an event").await;
}

#[tokio::test]
async fn what_a_policy_keeps_is_not_due_and_odd_units_are_some_lines() {
    let w = World::new().await;
    let half = serde_json::from_str(r#"{"refund": [{"until": "PT0S", "percent": 50}]}"#).unwrap();
    let e = w.draft_of(CreateEvent { cancellation: Some(half), ..w.concert() }).await;
    w.publish(e).await;
    let (one, two) = (w.paid(e, 9, 333).await, w.paid(e, 9, 101).await);
    let held = w.eventify.bookings().hold(&attendee(), lines(e, &[(one, 1), (two, 2)])).await.unwrap();
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    w.clock.advance(HOUR);
    let cancelled = w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
    assert_eq!(cancelled.refund, Some(tenge(268)), "half of 535, rounded up");
    let found = stats(&w, e).await;
    assert_eq!(money(&found.takings), in_tenge([535, 268, 267]));
    assert_eq!(money(&found.curve[0].takings), in_tenge([535, 268, 267]));
    let of = |id| &found.types.iter().find(|of| of.ticket_type_id == id).unwrap().takings;
    assert_eq!(money(of(one)), in_tenge([333, 166, 167]));
    assert_eq!(money(of(two)), in_tenge([202, 102, 100]));
    let mut export = w.eventify.exports().bookings(&organizer(), e).await.unwrap();
    let rows = w.eventify.exports().next_bookings(&mut export).await.unwrap().unwrap();
    let parts: Vec<_> = rows[0].lines.iter().map(|line| line.refund).collect();
    assert_eq!((rows[0].refund, parts), (Some(tenge(268)), vec![Some(tenge(166)), Some(tenge(102))]));
    w.assert_sound("after a refund in part").await;
}

#[tokio::test]
async fn what_comes_back_not_at_all_is_no_refund() {
    let w = World::new().await;
    let nothing = serde_json::from_str(r#"{"refund": []}"#).unwrap();
    let e = w.draft_of(CreateEvent { cancellation: Some(nothing), ..w.concert() }).await;
    w.publish(e).await;
    let t = w.paid(e, 9, 333).await;
    let held = w.hold(&attendee(), e, t, 2).await;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    w.clock.advance(DAY);
    w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
    let found = stats(&w, e).await;
    assert_eq!((found.sold, money(&found.takings)), (0, in_tenge([666, 0, 666])));
    let days = [part("2026-11-21T00:00:00Z", [2, 0, 0]), part("2026-11-22T00:00:00Z", [0, 2, 0])];
    assert_eq!(happened(&w, e, Bucket::Day).await, days);
    w.assert_sound("after giving nothing back").await;
}

async fn sell(w: &World, e: EventId, t: TicketTypeId, seats: u32) -> String {
    let held = w.hold(&attendee(), e, t, seats).await;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap().tickets[0].code.clone()
}

#[tokio::test]
async fn an_organizers_sums_are_those_of_their_events() {
    let w = World::new().await;
    let over = w.published().await;
    let paid = w.paid(over, 9, 100).await;
    let code = sell(&w, over, paid, 4).await;
    w.clock.advance(10 * DAY + HOUR);
    let_in(&w, &code).await;
    w.pass(2 * HOUR).await;
    let ahead = w.published().await;
    let other = w.paid(ahead, 9, 10).await;
    sell(&w, ahead, other, 2).await;
    w.hold(&attendee(), ahead, other, 3).await;
    w.cancelled().await;
    w.draft().await;
    let theirs = w.eventify.events().create(&other_organizer(), w.concert()).await.unwrap().id;
    w.eventify.events().publish(&other_organizer(), theirs).await.unwrap();

    let (stats, organizer) = (w.eventify.stats(), organizer());
    let sums = |from, to| stats.of_organizer(&organizer, StatsPeriod { from, to });
    let all = sums(None, None).await.unwrap();
    assert_eq!((all.events.published, all.events.completed, all.events.cancelled), (1, 1, 1));
    assert_eq!((all.sold, all.held, all.checked_in), (6, 3, 1));
    assert_eq!(all.no_show_rate, Some(0.75), "of what is over");
    assert_eq!(money(&all.takings), in_tenge([420, 0, 420]));
    let of_ahead = sums(Some(w.now()), None).await.unwrap();
    assert_eq!((of_ahead.sold, of_ahead.no_show_rate), (2, None));
    let of_over = sums(None, Some(w.now())).await.unwrap();
    assert_eq!((of_over.sold, of_over.events.published), (4, 0));
    let none = w.eventify.stats().of_organizer(&other_organizer(), StatsPeriod::default()).await.unwrap();
    assert_eq!((none.sold, none.events.published), (0, 1));
}

#[tokio::test]
async fn many_events_are_summed_up_page_by_page() {
    let w = World::new().await;
    let times = w.concert();
    for nth in 0..130 {
        let e = w.draft_of(CreateEvent { title: Some(format!("No. {nth}")), ..times.clone() }).await;
        w.eventify.events().publish(&organizer(), e).await.unwrap();
        let t = w.eventify.ticket_types().create(&organizer(), e, seats(9)).await.unwrap().id;
        w.eventify.bookings().buy(&attendee(), lines(e, &[(t, 2)])).await.unwrap();
    }
    let all = w.eventify.stats().of_organizer(&organizer(), StatsPeriod::default()).await.unwrap();
    assert_eq!((all.events.published, all.sold), (130, 260));
}

#[tokio::test]
async fn transfers_and_new_codes_move_no_counter() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.ticket(e, t).await;
    let before = stats(&w, e).await;
    w.eventify.tickets().reissue(&organizer(), &code).await.unwrap();
    w.clock.advance(Duration::from_secs(1));
    let after = stats(&w, e).await;
    assert_eq!(EventStats { as_of: before.as_of, ..after }, before);
}
