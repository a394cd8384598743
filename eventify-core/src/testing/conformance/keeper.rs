//! A store and, beside it, what it should hold: too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::Running;
use crate::booking::Booking;
use crate::id::EventId;
use crate::job::{Job, JobState};
use crate::payment::{LedgerEntry, LedgerPeriod, Payment};
use crate::review::ReviewStatus;
use crate::store::{
    ChangeSet, Commit, EventQuery, Expectation, Expires as _, Index, Key, Page, Record, Scan, Store, Version,
    Versioned, Write, fold, words,
};
use crate::time::Timestamp;

/// A store and what it should hold.
pub(super) struct Keeper<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) held: BTreeMap<Key, (Version, Record)>,
    stamps: u64,
}

impl<'a> Keeper<'a> {
    pub(super) const fn new(store: &'a dyn Store) -> Self {
        Self { store, held: BTreeMap::new(), stamps: 0 }
    }

    /// A version that was never used.
    pub(super) fn stamp(&mut self) -> Version {
        self.stamps += 1;
        // The high bit is set in every other one: versions are numbers of 64 bits, not of 63.
        Version::new(self.stamps.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A change set that expects what is held.
    pub(super) fn set(&mut self, writes: impl IntoIterator<Item = (Key, Option<Record>)>) -> ChangeSet {
        let mut set = ChangeSet { stamp: self.stamp(), expectations: Vec::new(), writes: Vec::new() };
        let writes: BTreeMap<Key, Option<Record>> = writes.into_iter().collect();
        for (key, after) in writes {
            let before = self.held.get(&key);
            set.expectations.push(Expectation {
                key: key.clone(),
                version: before.map_or(Version::ABSENT, |(version, _)| *version),
            });
            set.writes.push(Write { key, before: before.map(|(_, record)| record.clone()), after });
        }
        set
    }

    /// Commits and remembers.
    pub(super) async fn apply(&mut self, set: &ChangeSet) {
        let done = self.store.commit(set).await.expect("a commit");
        assert_eq!(done, Commit::Applied, "every expectation holds");
        self.remember(set);
    }

    pub(super) fn remember(&mut self, set: &ChangeSet) {
        for write in &set.writes {
            match &write.after {
                Some(record) => self.held.insert(write.key.clone(), (set.stamp, record.clone())),
                None => self.held.remove(&write.key),
            };
        }
    }

    // These two are no `async fn`, because what they are given need not live until they are done.

    pub(super) fn put(&mut self, records: impl IntoIterator<Item = Record>) -> Running<'_> {
        let set = self.set(records.into_iter().map(|r| (r.key(), Some(r))));
        Box::pin(async move { self.apply(&set).await })
    }

    pub(super) fn delete(&mut self, keys: impl IntoIterator<Item = Key>) -> Running<'_> {
        let set = self.set(keys.into_iter().map(|key| (key, None)));
        Box::pin(async move { self.apply(&set).await })
    }

    /// What a load of these keys should answer.
    pub(super) fn expected(&self, keys: &BTreeSet<Key>) -> Vec<Versioned> {
        keys.iter().map(|key| self.versioned(key)).collect()
    }

    fn versioned(&self, key: &Key) -> Versioned {
        match self.held.get(key) {
            Some((version, record)) => {
                Versioned { key: key.clone(), version: *version, record: Some(record.clone()) }
            }
            None => Versioned::absent(key.clone()),
        }
    }

    /// Loads these keys and everything that is held, and compares.
    pub(super) async fn check(&self, others: impl IntoIterator<Item = Key>) {
        let keys: BTreeSet<Key> = self.held.keys().cloned().chain(others).collect();
        let found = self.store.load(&keys).await.expect("a load");
        assert_eq!(found, self.expected(&keys));
    }

    /// What an index should list.
    pub(super) fn listed(&self, index: &Index, descending: bool) -> Vec<Versioned> {
        let mut found: Vec<(Timestamp, &Key)> = self
            .held
            .iter()
            .filter_map(|(key, (_, record))| place(index, record).map(|at| (at, key)))
            .collect();
        found.sort_unstable();
        if descending {
            found.reverse();
        }
        found.into_iter().map(|(_, key)| self.versioned(key)).collect()
    }

    /// Pages through an index and compares with what it should list.
    pub(super) async fn check_index(&self, index: &Index, descending: bool, limit: usize) {
        let expected = self.listed(index, descending);
        let found = pages(self.store, index, descending, limit).await;
        assert_eq!(found, expected, "{index:?}, descending: {descending}, pages of {limit}");
    }
}

/// One page.
pub(super) async fn page(store: &dyn Store, scan: &Scan) -> Page<Versioned> {
    let page = store.scan(scan).await.expect("a scan");
    assert!(page.items.len() <= scan.limit, "no more than asked for: {scan:?}");
    if page.next.is_some() {
        assert!(!page.items.is_empty(), "a page that goes on holds something: {scan:?}");
    }
    page
}

/// Everything that an index lists, page by page.
pub(super) async fn pages(
    store: &dyn Store,
    index: &Index,
    descending: bool,
    limit: usize,
) -> Vec<Versioned> {
    let mut scan = Scan { descending, ..Scan::first(index.clone(), limit) };
    let mut found = Vec::new();
    loop {
        let page = page(store, &scan).await;
        found.extend(page.items);
        assert!(found.len() < 100_000, "the pages come to an end: {scan:?}");
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return found,
        }
    }
}

/// The instant by which an index sorts a record; `None` when the record is not in it.
fn place(index: &Index, record: &Record) -> Option<Timestamp> {
    match (index, record) {
        (Index::All(kind), record) => (record.kind() == *kind).then_some(Timestamp::MIN),
        (Index::Events(query), Record::Event(event)) => {
            answers(query, event).then(|| event.starts_at.unwrap_or(Timestamp::MIN))
        }
        (Index::TicketTypesOfEvent(id), Record::TicketType(t)) => (t.event_id == *id).then_some(t.created_at),
        (Index::BookingsOfUser(id), Record::Booking(b)) => (b.user_id == *id).then_some(b.created_at),
        (Index::OpenBookingsOfEvent(id), Record::Booking(b)) => {
            (b.event_id == *id && is_open(b)).then_some(b.created_at)
        }
        (Index::BookingsOfEvent(id), Record::Booking(b)) => (b.event_id == *id).then_some(b.created_at),
        (Index::TicketsOfUser(id), Record::Ticket(t)) => (t.user_id == *id).then_some(t.purchased_at),
        (Index::TicketsOfEvent(id), Record::Ticket(t)) => (t.event_id == *id).then_some(t.purchased_at),
        (Index::ScansOfEvent(id), Record::GateScan(s)) => (s.event_id == *id).then_some(s.at),
        (Index::ScanConflictsOfEvent(id), Record::GateScan(s)) => {
            (s.event_id == *id && s.is_conflict()).then_some(s.at)
        }
        (Index::TransfersOfUser(id), Record::Transfer(t)) => (t.from_user_id == *id).then_some(t.created_at),
        // Whatever is over has no address.
        (Index::OffersToEmail(email), Record::Transfer(t)) => {
            (t.to_email.as_ref() == Some(email)).then_some(t.created_at)
        }
        (Index::NotificationsOfUser(id), Record::Notification(n)) => {
            (n.user_id == *id && n.shown).then_some(n.created_at)
        }
        (Index::UnreadOfUser(id), Record::Notification(n)) => {
            (n.user_id == *id && n.shown && n.read_at.is_none()).then_some(n.created_at)
        }
        (Index::ReviewsOfEvent(id), Record::Review(r)) => {
            (r.event_id == *id && r.state.status() == ReviewStatus::Approved).then_some(r.created_at)
        }
        (Index::ReviewsByRating(id), Record::Review(r)) => {
            (r.event_id == *id && r.state.status() == ReviewStatus::Approved).then(|| r.ranked_at())
        }
        (Index::ReviewsPending, Record::Review(r)) => {
            (r.state.status() == ReviewStatus::Pending).then_some(r.updated_at)
        }
        (Index::ReviewsOfUser(id), Record::Review(r)) => {
            let there = r.state.status() != ReviewStatus::Withdrawn;
            (r.user_id == *id && there).then_some(r.created_at)
        }
        (Index::WaitlistsOfUser(id), Record::WaitlistEntry(e)) => (e.user_id == *id).then_some(e.joined_at),
        (Index::StaffOfUser(id), Record::Staff(s)) => s.right_of(*id).map(|_| Timestamp::MIN),
        (Index::SessionsOfUser(id), Record::Session(s)) => (s.user_id == *id).then_some(s.created_at),
        (Index::TokensOfSession(id), Record::RefreshToken(t)) => (t.session_id == *id).then_some(t.issued_at),
        (Index::AuditOfEvent(id), Record::AuditEntry(a)) => (a.event_id == Some(*id)).then_some(a.at),
        (Index::PromoCodesOfEvent(id), Record::PromoCode(p)) => (p.event_id == *id).then_some(p.created_at),
        (Index::SeatRowsOfSection(key), Record::SeatRow(row)) => {
            ((row.key.event_id, row.key.section) == (key.event_id, key.section)).then_some(Timestamp::MIN)
        }
        (Index::AuditOfActor(id), Record::AuditEntry(a)) => {
            (a.actor == id.to_string() && a.origin.is_some()).then_some(a.at)
        }
        (Index::JobsDue(class), Record::Job(job)) if job.work.class() == *class => due_at(job),
        (Index::JobsInLine(line), Record::Job(job)) if job.work.line().as_ref() == Some(line) => due_at(job),
        (Index::WebhooksOf(owner), Record::Webhook(w)) => (w.owner == *owner).then_some(w.created_at),
        (Index::DeliveriesOfWebhook(id), Record::WebhookDelivery(d)) => {
            (d.webhook_id == *id).then_some(d.created_at)
        }
        (Index::JobsDead, Record::Job(job)) => match job.state {
            JobState::Dead { at } => Some(at),
            JobState::Waiting | JobState::Leased { .. } => None,
        },
        (Index::Expiring, record) => expiry(record),
        (_, Record::Payment(payment)) => place_of_payment(index, payment),
        (Index::LedgerOfEvent(id, period), Record::LedgerEntry(e)) => moved_at(e, *id, *period),
        _ => None,
    }
}

fn moved_at(entry: &LedgerEntry, id: EventId, period: LedgerPeriod) -> Option<Timestamp> {
    (entry.event_id == id && period.has(entry.at)).then_some(entry.at)
}

fn place_of_payment(index: &Index, payment: &Payment) -> Option<Timestamp> {
    let needed = (!payment.attention.is_empty()).then_some(payment.updated_at);
    match index {
        Index::PaymentsOfEvent(id) => (payment.event_id == *id).then_some(payment.created_at),
        Index::PaymentsOfUser(id) => (payment.user_id == *id).then_some(payment.created_at),
        Index::PaymentsAttention => needed,
        Index::PaymentsOpen => payment.state.is_open().then_some(payment.created_at),
        Index::PaymentsOfTransaction(provider, name) => (payment.provider == *provider
            && payment.transaction.as_ref() == Some(name))
        .then_some(payment.created_at),
        Index::PaymentsAttentionOfEvent(id) => needed.filter(|_| payment.event_id == *id),
        _ => None,
    }
}

fn due_at(job: &Job) -> Option<Timestamp> {
    match job.state {
        JobState::Waiting => Some(job.due_at),
        JobState::Leased { until } => Some(until),
        JobState::Dead { .. } => None,
    }
}

/// When a record may be swept.
fn expiry(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Session(s) => s.expires_at(),
        Record::RefreshToken(t) => t.expires_at(),
        Record::IdempotentReply(r) => r.expires_at(),
        Record::Throttle(t) => t.expires_at(),
        Record::MailTokens(t) => t.expires_at(),
        Record::WebhookDelivery(d) => d.expires_at(),
        _ => None,
    }
}

fn is_open(booking: &Booking) -> bool {
    use crate::booking::BookingStatus;
    matches!(booking.state.status(), BookingStatus::Held | BookingStatus::Confirmed)
}

/// Whether an event is an answer to a query.
fn answers(query: &EventQuery, event: &crate::event::Event) -> bool {
    let there = words(&event.searchable_text(), 2_000);
    let start = event.starts_at.unwrap_or(Timestamp::MIN);
    query.status == event.state.status()
        && query.words.iter().all(|w| there.iter().any(|t| t.starts_with(w.as_str())))
        && query.category.is_none_or(|id| event.category_id == Some(id))
        && query.organizer.is_none_or(|id| event.organizer_id == id)
        && query.tag.as_ref().is_none_or(|tag| event.tags.iter().any(|t| fold(t) == *tag))
        && query.city.as_ref().is_none_or(|city| event.city.as_deref().map(fold).as_ref() == Some(city))
        && query.from.is_none_or(|from| start >= from)
        && query.to.is_none_or(|to| start < to)
}
