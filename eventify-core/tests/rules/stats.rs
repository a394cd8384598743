//! What may be asked in numbers.

use eventify_core::stats::{Bucket, CurveRequest, EventStats, EventTally, StatsPeriod, Takings};
use eventify_core::store::{ChangeSet, Expectation, Key, Record, Version, Write};
use eventify_core::{Actor, Error, EventId, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn reading() -> Vec<Row> {
    rows! {
        "of a draft" => [] |w| { let e = w.draft().await; stats(w, &organizer(), e).await };
        "of an event that was cancelled" => [] |w| { let e = w.cancelled().await; stats(w, &organizer(), e).await };
        "by a stranger" => [NotEventOwner] |w| { let e = w.published().await; stats(w, &attendee(), e).await };
        "of no event" => [EventNotFound] |w| stats(w, &organizer(), EventId::from_bytes([9; 16])).await;
        "31 days by hours" => [] |w| curve(w, Bucket::Hour, 31 * DAY).await;
        "31 days and a moment by hours" => [InvalidValue] |w| curve(w, Bucket::Hour, 31 * DAY + MOMENT).await;
        "366 days by days" => [] |w| curve(w, Bucket::Day, 366 * DAY).await;
        "366 days and a moment by days" => [InvalidValue] |w| curve(w, Bucket::Day, 366 * DAY + MOMENT).await;
        "no time at all" => [InvalidValue] |w| curve(w, Bucket::Day, std::time::Duration::ZERO).await;
        "from the future" => [InvalidValue] |w| {
            let e = w.published().await;
            let request = CurveRequest { from: Some(w.now().plus(DAY)), ..CurveRequest::default() };
            w.eventify.stats().of_event(&organizer(), e, &request).await
        };
        "sums of all of one's events" => [] |w| sums(w, None, None).await;
        "sums of a period" => [] |w| sums(w, Some(w.now()), Some(w.now().plus(DAY))).await;
        "sums of a period that is none" => [InvalidValue] |w| sums(w, Some(w.now()), Some(w.now())).await;
        "a sale up to what can be counted" => [] |w| sell_beyond(w, i64::MAX - 200).await;
        "a sale beyond what can be counted" => [InvalidValue] |w| sell_beyond(w, i64::MAX - 199).await;
    }
}

const MOMENT: std::time::Duration = std::time::Duration::from_micros(1);

async fn stats(w: &World, who: &Actor, e: EventId) -> Result<EventStats, Error> {
    w.eventify.stats().of_event(who, e, &CurveRequest::default()).await
}

async fn curve(w: &World, bucket: Bucket, span: std::time::Duration) -> Result<EventStats, Error> {
    let e = w.published().await;
    let request = CurveRequest { from: Some(w.now().minus(span)), to: Some(w.now()), bucket };
    w.eventify.stats().of_event(&organizer(), e, &request).await
}

async fn sums(w: &World, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), Error> {
    w.published().await;
    w.eventify.stats().of_organizer(&organizer(), StatsPeriod { from, to }).await.map(drop)
}

/// Two tickets at 100, when so much was taken with other types.
async fn sell_beyond(w: &World, taken: i64) -> Result<(), Error> {
    let e = w.published().await;
    let (other, t) = (w.paid(e, 5, 1).await, w.paid(e, 5, 100).await);
    w.hold(&attendee(), e, other, 1).await;
    let held = w.hold(&attendee(), e, t, 2).await;
    let mut tally = EventTally::none(e, 0);
    let sum = Takings { currency: tenge(0).currency, gross_minor: taken, refunds_due_minor: 0 };
    tally.types.entry(other).or_default().takings.push(sum);
    let key = Key::EventTally(e);
    let put = |stamp, version, before, after| ChangeSet {
        stamp: Version::new(stamp),
        expectations: vec![Expectation { key: key.clone(), version }],
        writes: vec![Write { key: key.clone(), before, after }],
    };
    let made = Record::EventTally(tally.into());
    w.store.commit(&put(5, Version::ABSENT, None, Some(made.clone()))).await.unwrap();
    w.mark().await;
    let answer = w.eventify.bookings().confirm(&organizer(), held.id).await;
    if answer.is_err() {
        w.assert_unchanged("a sale beyond what can be counted").await;
    }
    // What was taken behind the engine's back goes again, and with it what was sold beside it.
    if let Ok(confirmed) = &answer {
        let taken = w.eventify.stats().of_event(&organizer(), e, &CurveRequest::default()).await.unwrap();
        assert_eq!(taken.takings[0].gross.amount_minor, i64::MAX);
        assert_eq!(confirmed.tickets.len(), 2);
    }
    let found = w.store.load(&[key.clone()].into()).await.unwrap().remove(0);
    let Some(Record::EventTally(now)) = &found.record else { panic!("no statistics") };
    let mut right = (**now).clone();
    right.types.remove(&other);
    let right = Some(Record::EventTally(right.into())).filter(|_| answer.is_ok());
    w.store.commit(&put(6, found.version, found.record.clone(), right)).await.unwrap();
    answer.map(drop)
}

#[tokio::test]
async fn reading_numbers_has_rules() {
    run(reading()).await;
}
