//! A copy is whole or of no use, whatever goes wrong in the middle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{CopyError, CopyFailure, CopyReport, Progress, RECORDS_MAX, Stage, copy, is_unfinished};
use crate::account::{Login, Register};
use crate::booking::{HoldTickets, LineRequest};
use crate::check::check;
use crate::event::CreateEvent;
use crate::store::{
    ChangeSet, Commit, Expectation, Index, Key, Kind, MemoryStore, Page, Record, Scan, Store, StoreError,
    Version, Versioned, Write,
};
use crate::testing::{Fault, FaultPlan, FaultStore, sample};
use crate::ticket_type::CreateTicketType;
use crate::{Actor, Eventify, Role};
use std::sync::Arc;

const PASSWORD: &str = "a long secret";

/// A store with a little of everything, and more answers to idempotency keys than two pages hold.
async fn source() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let eventify = Eventify::builder_over(store.clone()).without_worker().start().await.unwrap();
    let ada = Register::new("Ada", "ada@example.org", PASSWORD);
    let ada = eventify.accounts().register(&Actor::anonymous(), ada).await.unwrap();
    let ada = Actor::user(ada.id, Role::Organizer);
    for nth in 0..45 {
        let event = CreateEvent {
            title: Some(format!("Jazz {nth}")),
            category: Some("Concert".into()),
            starts_at: Some("2099-01-01T18:00:00Z".parse().unwrap()),
            ends_at: Some("2099-01-01T22:00:00Z".parse().unwrap()),
            ..CreateEvent::default()
        };
        let event_id = eventify.events().create(&ada, event).await.unwrap().id;
        let seats = CreateTicketType { name: "Seat".into(), quantity: 5, ..CreateTicketType::default() };
        let ticket_type_id = eventify.ticket_types().create(&ada, event_id, seats).await.unwrap().id;
        eventify.events().publish(&ada, event_id).await.unwrap();
        let lines = vec![LineRequest { ticket_type_id, quantity: 2 }];
        eventify.bookings().buy(&ada, HoldTickets::new(event_id, lines)).await.unwrap();
    }
    eventify.shut_down().await;
    put(&*store, sample::record(Kind::LaneMark, 3)).await;
    for n in 0..u32::try_from(2 * RECORDS_MAX).unwrap() + 1 {
        put(&*store, sample::record(Kind::IdempotentReply, n)).await;
    }
    store
}

async fn put(store: &dyn Store, record: Record) {
    put_as(store, record, 77).await;
}

async fn put_as(store: &dyn Store, record: Record, stamp: u64) {
    let found = store.load(&BTreeSet::from([record.key()])).await.unwrap().remove(0);
    let set = ChangeSet {
        stamp: Version::new(stamp),
        expectations: vec![Expectation { key: found.key.clone(), version: found.version }],
        writes: vec![Write { key: found.key, before: found.record, after: Some(record) }],
    };
    assert_eq!(store.commit(&set).await.unwrap(), Commit::Applied);
}

async fn all(store: &dyn Store, kind: Kind) -> Vec<(Key, Option<Record>)> {
    let scan = Scan::first(Index::All(kind), 10_000);
    store.scan(&scan).await.unwrap().items.into_iter().map(|found| (found.key, found.record)).collect()
}

async fn silently(from: &dyn Store, to: &dyn Store) -> Result<CopyReport, CopyError> {
    copy(from, to, &mut |_| {}).await
}

fn calm() -> FaultStore<MemoryStore> {
    FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE)
}

/// That a store is recognised as half-copied: by engines, by further copies in both directions, by a check.
async fn assert_useless(store: Arc<dyn Store>) {
    assert!(is_unfinished(&*store).await.unwrap());
    let refused = Eventify::builder_over(store.clone()).start().await.unwrap_err();
    assert!(refused.message().contains("not whole"), "{refused}");
    let onto = silently(&*source().await, &*store).await.unwrap_err();
    assert!(matches!(onto.failure, CopyFailure::TargetUnfinished) && !onto.is_begun, "{onto}");
    let from = silently(&*store, &MemoryStore::new()).await.unwrap_err();
    assert!(matches!(from.failure, CopyFailure::SourceUnfinished) && !from.is_begun, "{from}");
    let report = check(&*store).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.rule == "copy_unfinished"), "{report:?}");
}

#[tokio::test]
async fn everything_arrives_and_goes_on_working() {
    let from = source().await;
    let to = Arc::new(MemoryStore::new());
    let mut told: Vec<Progress> = Vec::new();
    let report = copy(&*from, &*to, &mut |progress| told.push(progress)).await.unwrap();
    for &kind in Kind::ALL {
        let (sent, found) = (all(&*from, kind).await, all(&*to, kind).await);
        if kind == Kind::LaneMark {
            assert!(sent.len() == 1 && found.is_empty());
            continue;
        }
        assert_eq!(sent, found);
        let counted = report.kinds.iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| *count);
        assert_eq!(counted, u64::try_from(sent.len()).unwrap(), "{kind:?}");
    }
    let records = report.records() - 1;
    let end_of = |stage| told.iter().filter(|told| told.stage == stage).map(|told| told.records).max();
    assert_eq!((end_of(Stage::Copy), end_of(Stage::Compare)), (Some(records), Some(records)));
    assert!(told.iter().all(|told| told.records_total.is_none_or(|total| total == records)));
    assert_eq!(told.last().map(|told| told.stage), Some(Stage::Check));
    assert!(check(&*to).await.unwrap().is_clean());
    let eventify = Eventify::builder_over(to).without_worker().start().await.unwrap();
    let login = Login::new("ada@example.org", PASSWORD);
    eventify.accounts().login(&Actor::anonymous(), login).await.unwrap();
}

#[tokio::test]
async fn change_sets_are_bounded() {
    #[derive(Debug, Default)]
    struct Bounded(MemoryStore);
    #[async_trait]
    impl Store for Bounded {
        async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
            self.0.load(keys).await
        }
        async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
            assert!(scan.limit <= RECORDS_MAX);
            self.0.scan(scan).await
        }
        async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
            assert!(!set.writes.is_empty() && set.writes.len() <= RECORDS_MAX);
            let events = set.writes.iter().filter(|write| write.key.kind() == Kind::Event).count();
            assert!(events <= 20, "events have many index entries");
            self.0.commit(set).await
        }
    }
    silently(&*source().await, &Bounded::default()).await.unwrap();
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_nothing_that_looks_whole() {
    let from = source().await;
    let counting = calm();
    silently(&*from, &counting).await.unwrap();
    let commits = usize::try_from(counting.counts().commits).unwrap();
    assert!(commits > 10);
    for fault in [Fault::Unavailable, Fault::Conflict, Fault::LostNotApplied] {
        for nth in [0, 1, 2, commits / 2, commits - 2, commits - 1] {
            let to = Arc::new(calm());
            to.script(std::iter::repeat_n(Fault::None, nth).chain([fault]));
            let failed = silently(&*from, &*to).await.unwrap_err();
            let of_target = matches!(failed.failure, CopyFailure::Target(_) | CopyFailure::TargetChanged(_));
            assert!(of_target, "{failed}");
            assert_eq!(failed.is_begun, nth > 0 || fault == Fault::LostNotApplied, "{fault:?} {nth}");
            if nth > 0 {
                assert_useless(to).await;
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_to_what_happened_is_no_failure() {
    let from = source().await;
    let to = calm();
    to.set_plan(FaultPlan { lost_applied: 500, ..FaultPlan::NONE });
    silently(&*from, &to).await.unwrap();
    assert!(to.counts().lost_applied > 5);
    assert!(check(to.inner()).await.unwrap().is_clean());
}

#[tokio::test]
async fn a_source_that_fails_leaves_nothing_that_looks_whole() {
    let from = FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE);
    silently(&*source().await, &from).await.unwrap();
    let to = Arc::new(MemoryStore::new());
    let fail = FaultPlan { reads_unavailable: 1_000, ..FaultPlan::NONE };
    let mut fail_at_events = |progress: Progress| {
        if progress.kind == Kind::Event {
            from.set_plan(fail);
        }
    };
    let failed = copy(&from, &*to, &mut fail_at_events).await.unwrap_err();
    assert!(matches!(failed.failure, CopyFailure::Source(_)) && failed.is_begun, "{failed}");
    assert_useless(to).await;
}

#[tokio::test]
async fn a_source_in_use_is_noticed() {
    let throttle = |n| sample::record(Kind::Throttle, n);
    // A record more, the same record written again, other keys.
    for written in [throttle(1), throttle(0), sample::record(Kind::Keyring, 1)] {
        let from = source().await;
        put_as(&*from, throttle(0), 1).await;
        let to = Arc::new(MemoryStore::new());
        let mut write_meanwhile = |progress: Progress| {
            if progress.stage == Stage::Copy && progress.kind == Kind::Booking {
                put_as(&*from, written.clone(), 2).now_or_never().unwrap();
            }
        };
        let failed = copy(&*from, &*to, &mut write_meanwhile).await.unwrap_err();
        assert!(matches!(failed.failure, CopyFailure::SourceChanged) && failed.is_begun, "{failed}");
        assert_useless(to).await;
    }
}

#[tokio::test]
async fn only_an_empty_target_is_written_to() {
    let from = source().await;
    for &kind in Kind::ALL {
        let to = MemoryStore::new();
        put(&to, sample::record(kind, 3)).await;
        let refused = silently(&*from, &to).await.unwrap_err();
        assert!(matches!(refused.failure, CopyFailure::TargetNotEmpty(of) if of == kind), "{refused}");
        assert!(!refused.is_begun);
        assert_eq!(all(&to, kind).await, [(sample::record(kind, 3).key(), Some(sample::record(kind, 3)))]);
    }
    let refused = silently(&MemoryStore::new(), &MemoryStore::new()).await.unwrap_err();
    assert!(matches!(refused.failure, CopyFailure::SourceEmpty) && !refused.is_begun);
}

/// Loses the records of a kind, or stores other ones.
#[derive(Debug)]
struct Careless {
    inner: MemoryStore,
    of: Kind,
    loses: bool,
}

#[async_trait]
impl Store for Careless {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.inner.load(keys).await
    }
    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.inner.scan(scan).await
    }
    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let mut set = set.clone();
        let spoilt = set.writes.iter().position(|write| write.key.kind() == self.of);
        if let Some(at) = spoilt.filter(|_| self.loses) {
            set.writes.remove(at);
        } else if let (Some(at), Some(Record::Notification(told))) =
            (spoilt, spoilt.and_then(|at| set.writes[at].after.clone()))
        {
            let mut other = (*told).clone();
            other.user_id = sample::user_id(1);
            set.writes[at].after = Some(Record::Notification(Arc::new(other)));
        }
        self.inner.commit(&set).await
    }
}

#[tokio::test]
async fn what_is_lost_or_changed_on_the_way_is_noticed() {
    let from = source().await;
    for (of, loses) in [(Kind::Notification, false), (Kind::Notification, true), (Kind::Ticket, true)] {
        let to = Arc::new(Careless { inner: MemoryStore::new(), of, loses });
        let failed = silently(&*from, &*to).await.unwrap_err();
        let CopyFailure::Differs { kind, sent, found } = failed.failure else { panic!("{failed}") };
        assert_eq!((kind, sent == found), (of, !loses));
        assert_useless(to).await;
    }
}

#[tokio::test]
async fn a_source_that_breaks_rules_is_not_passed_on() {
    let from = source().await;
    put(&*from, sample::record(Kind::Session, 3)).await;
    let to = Arc::new(MemoryStore::new());
    let failed = silently(&*from, &*to).await.unwrap_err();
    let CopyFailure::Unsound(report) = &failed.failure else { panic!("{failed}") };
    assert_eq!(report.findings[0].rule, "session_user");
    assert_useless(to).await;
}
