//! The indexes.

use std::sync::Arc;
use std::time::Duration;

use super::keeper::{Keeper, page};
use crate::booking::{Booking, BookingState};
use crate::event::{Event, EventState, EventStatus};
use crate::job::{Job, JobClass, JobLine, JobState};
use crate::notification::{Notification, Words};
use crate::payment::LedgerPeriod;
use crate::review::{Review, ReviewState};
use crate::store::{EventQuery, Index, Kind, Record, Recorded, Scan, SeatSectionKey, Store};
use crate::testing::sample;
use crate::ticket::Ticket;

/// Every index there is, for the owners that the samples have.
pub(super) fn every_index() -> Vec<Index> {
    let mut indexes: Vec<Index> = Kind::ALL.iter().map(|kind| Index::All(*kind)).collect();
    for status in [EventStatus::Draft, EventStatus::Published, EventStatus::Cancelled, EventStatus::Completed]
    {
        indexes.push(Index::Events(EventQuery::with_status(status)));
    }
    for n in 0..3 {
        let (user, event) = (sample::user_id(n), sample::event_id(n));
        indexes.extend([
            Index::TicketTypesOfEvent(event),
            Index::BookingsOfUser(user),
            Index::OpenBookingsOfEvent(event),
            Index::BookingsOfEvent(event),
            Index::TicketsOfUser(user),
            Index::TicketsOfEvent(event),
            Index::ScansOfEvent(event),
            Index::ScanConflictsOfEvent(event),
            Index::TransfersOfUser(user),
            Index::OffersToEmail(sample::email(n)),
            Index::NotificationsOfUser(user),
            Index::UnreadOfUser(user),
            Index::ReviewsOfEvent(event),
            Index::ReviewsByRating(event),
            Index::ReviewsOfUser(user),
            Index::WaitlistsOfUser(user),
            Index::StaffOfUser(user),
            Index::SessionsOfUser(user),
            Index::TokensOfSession(sample::session_id(n)),
            Index::AuditOfEvent(event),
            Index::PromoCodesOfEvent(event),
            Index::PaymentsOfEvent(event),
            Index::PaymentsOfUser(user),
            Index::PaymentsAttentionOfEvent(event),
            Index::LedgerOfEvent(event, LedgerPeriod::WHOLE),
            Index::SeatRowsOfSection(SeatSectionKey { event_id: event, section: 1 }),
            Index::AuditOfActor(user),
            Index::WebhooksOf(sample::webhook_owner(n)),
            Index::DeliveriesOfWebhook(sample::webhook_id(n)),
        ]);
    }
    indexes.extend([JobClass::Inside, JobClass::Outside, JobClass::Webhook].map(Index::JobsDue));
    let publisher = JobLine::Publisher(sample::text(1));
    let lines = [
        JobLine::Payments,
        JobLine::Email,
        JobLine::EmailNews,
        JobLine::EmailLater,
        JobLine::Sms,
        JobLine::SmsLater,
        JobLine::Push,
        JobLine::PushLater,
        publisher,
    ];
    indexes.extend(lines.map(Index::JobsInLine));
    indexes.extend([Index::JobsDead, Index::Expiring, Index::ReviewsPending]);
    indexes.extend([Index::PaymentsAttention, Index::PaymentsOpen]);
    indexes
}

async fn filled(store: &dyn Store, samples: u32) -> Keeper<'_> {
    let mut keeper = Keeper::new(store);
    let numbers = 0..samples;
    keeper.put(numbers.flat_map(|n| Kind::ALL.iter().map(move |kind| sample::record(*kind, n)))).await;
    keeper
}

/// By instant, then by key; first to last and last to first.
pub async fn every_index_lists_its_records_in_order(store: &dyn Store) {
    let keeper = filled(store, 32).await;
    for index in every_index() {
        assert!(!keeper.listed(&index, false).is_empty(), "the samples have something for {index:?}");
        keeper.check_index(&index, false, 10_000).await;
        keeper.check_index(&index, true, 10_000).await;
    }
}

/// Whatever the size of the pages, together they are the whole index.
pub async fn every_index_pages_with_every_limit_in_both_directions(store: &dyn Store) {
    let keeper = filled(store, 12).await;
    for index in every_index() {
        let count = keeper.listed(&index, false).len();
        for limit in 1..=count + 1 {
            keeper.check_index(&index, false, limit).await;
            keeper.check_index(&index, true, limit).await;
        }
    }
}

/// A record that changes its place in an index is at the new one only.
pub async fn an_update_moves_a_record_within_its_indexes(store: &dyn Store) {
    let mut keeper = filled(store, 13).await;
    let held: Vec<Record> = keeper.held.values().map(|(_, record)| record.clone()).collect();
    let changed: Vec<Record> = held.iter().filter_map(changed).collect();
    keeper.put(changed).await;
    for index in every_index() {
        keeper.check_index(&index, false, 7).await;
    }
    keeper.check([]).await;
}

/// The same record elsewhere in its indexes.
fn changed(record: &Record) -> Option<Record> {
    let later = Duration::from_secs(3);
    Some(match record {
        Record::Event(event) => Event::wrap(Arc::new(Event {
            title: "Changed".to_owned(),
            tags: vec!["new".to_owned()],
            city: Some("Алматы".to_owned()),
            category_id: None,
            state: EventState::Published { at: event.created_at },
            starts_at: Some(event.created_at.plus(later)),
            ..(**event).clone()
        })),
        Record::Booking(booking) => Booking::wrap(Arc::new(Booking {
            state: BookingState::Expired { at: booking.created_at },
            ..(**booking).clone()
        })),
        Record::Notification(notification) => Notification::wrap(Arc::new(Notification {
            read_at: Some(notification.created_at),
            ..(**notification).clone()
        })),
        Record::Review(review) => Review::wrap(Arc::new(Review {
            rating: 6 - review.rating,
            state: ReviewState::Approved { at: review.updated_at },
            ..(**review).clone()
        })),
        Record::Ticket(ticket) => Ticket::wrap(Arc::new(Ticket {
            user_id: sample::user_id(u32::from(ticket.issue) + 1),
            ..(**ticket).clone()
        })),
        Record::Job(job) => Job::wrap(Arc::new(Job {
            due_at: job.due_at.plus(later),
            state: if matches!(job.state, JobState::Waiting) {
                JobState::Dead { at: job.due_at }
            } else {
                JobState::Waiting
            },
            ..(**job).clone()
        })),
        _ => return None,
    })
}

/// No index lists what was deleted.
pub async fn a_deleted_record_leaves_its_indexes(store: &dyn Store) {
    let mut keeper = filled(store, 13).await;
    let every_other: Vec<_> = keeper.held.keys().step_by(2).cloned().collect();
    keeper.delete(every_other).await;
    for index in every_index() {
        keeper.check_index(&index, true, 3).await;
    }
    let rest: Vec<_> = keeper.held.keys().cloned().collect();
    keeper.delete(rest).await;
    for index in every_index() {
        keeper.check_index(&index, false, 3).await;
    }
}

/// `next` is there exactly when more follows: also when the page is full and the index ends with it.
pub async fn a_page_that_ends_with_the_index_has_no_next(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put((0..6).map(|n| sample::record(Kind::Category, n))).await;
    for (limit, goes_on) in [(5, true), (6, false), (7, false)] {
        for descending in [false, true] {
            let scan = Scan { descending, ..Scan::first(Index::All(Kind::Category), limit) };
            let page = page(store, &scan).await;
            assert_eq!(page.items.len(), limit.min(6));
            assert_eq!(page.next.is_some(), goes_on, "{limit} of 6");
        }
    }
}

/// A page goes on strictly behind a position, even when the record there was deleted.
pub async fn a_position_outlives_its_record(store: &dyn Store) {
    for (kind, index) in [
        (Kind::Ticket, Index::TicketsOfEvent(sample::event_id(1))),
        (Kind::User, Index::All(Kind::User)),
        (Kind::Event, Index::Events(EventQuery::with_status(EventStatus::Draft))),
    ] {
        for descending in [false, true] {
            let mut keeper = Keeper::new(store);
            let records: Vec<Record> = (0..30).map(|n| sample::record(kind, n)).collect();
            keeper.put(records).await;
            let all = keeper.listed(&index, descending);
            let mut scan = Scan { descending, ..Scan::first(index.clone(), 3) };
            scan.after = page(store, &scan).await.next;
            assert!(scan.after.is_some(), "there are more than three: {index:?}");
            keeper.delete([all[2].key.clone(), all[3].key.clone()]).await;
            let second = page(store, &scan).await;
            assert_eq!(second.items, all[4..7], "behind the deleted ones: {index:?}");
            let rest: Vec<_> = keeper.held.keys().cloned().collect();
            keeper.delete(rest).await;
        }
    }
}

/// What comes in before and behind a position neither repeats nor hides the others.
pub async fn inserts_between_pages_shift_nothing(store: &dyn Store) {
    let index = Index::TicketsOfEvent(sample::event_id(0));
    for descending in [false, true] {
        let mut keeper = Keeper::new(store);
        keeper.put((0..40).step_by(2).map(|n| sample::record(Kind::Ticket, n))).await;
        let before = keeper.listed(&index, descending);
        let mut scan = Scan { descending, ..Scan::first(index.clone(), 3) };
        let first = page(store, &scan).await;
        assert_eq!(first.items, before[..3]);
        scan.after = first.next;
        keeper.put((1..40).step_by(2).map(|n| sample::record(Kind::Ticket, n))).await;
        let now = keeper.listed(&index, descending);
        let seen = now.iter().position(|v| v.key == before[2].key).expect("it is still there");
        scan.limit = 1_000;
        assert_eq!(page(store, &scan).await.items, now[seen + 1..]);
        let keys: Vec<_> = keeper.held.keys().cloned().collect();
        keeper.delete(keys).await;
    }
}

/// A scan answers records as they are in the state that its index entries are of.
pub async fn a_record_and_its_index_entry_change_together(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let index = Index::NotificationsOfUser(sample::user_id(1));
    for round in 0..4 {
        keeper.put((0..12).map(|n| retitled(n, round))).await;
        keeper.check_index(&index, false, 5).await;
    }
}

fn retitled(n: u32, round: u32) -> Record {
    let record = sample::record(Kind::Notification, n);
    match Notification::unwrap(&record) {
        Some(notification) => Notification::wrap(Arc::new(Notification {
            words: Some(Words::ReviewPublished { event: format!("round {round}") }),
            ..(**notification).clone()
        })),
        None => record,
    }
}
