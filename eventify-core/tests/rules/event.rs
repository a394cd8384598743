//! Events: who may do what in which state, and what their fields accept.

use eventify_core::event::{CancelEvent, CreateEvent, EventFilter, EventStatus, UpdateEvent};
use eventify_core::{EventId, IfMatch, PageRequest, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn creation() -> Vec<Row> {
    rows! {
        "nobody makes an event" => [NotAuthenticated] |w| {
            w.eventify.events().create(&anonymous(), w.concert()).await
        };
        "an attendee makes an event" => [NotAllowed] |w| {
            w.eventify.events().create(&attendee(), w.concert()).await
        };
        "an organizer makes an event" => [] |w| w.eventify.events().create(&organizer(), w.concert()).await;
        "an admin makes an event" => [] |w| w.eventify.events().create(&admin(), w.concert()).await;
        "the app makes an event of its own" => [NotAuthenticated] |w| {
            w.eventify.events().create(&system(), w.concert()).await
        };
        "the app makes an event for somebody" => [] |w| {
            w.eventify.events().create_for(&system(), id_of(&organizer()), w.concert()).await
        };
        "an organizer makes an event for somebody else" => [NotAllowed] |w| {
            w.eventify.events().create_for(&other_organizer(), id_of(&organizer()), w.concert()).await
        };
        "an empty draft" => [] |w| w.eventify.events().create(&organizer(), CreateEvent::default()).await;
        "a title of 200 characters" => [] |w| create(w, |e| e.title = Some("é".repeat(200))).await;
        "a title of 201 characters" => [InvalidValue] |w| create(w, |e| e.title = Some("é".repeat(201))).await;
        "a title of spaces" => [InvalidValue] |w| create(w, |e| e.title = Some("  ".to_owned())).await;
        "a description of 20,000 characters" => [] |w| {
            create(w, |e| e.description = Some("я".repeat(20_000))).await
        };
        "a description of 20,001 characters" => [InvalidValue] |w| {
            create(w, |e| e.description = Some("я".repeat(20_001))).await
        };
        "20 tags" => [] |w| create(w, |e| e.tags = Some((0..20).map(|n| format!("tag {n}")).collect())).await;
        "21 tags" => [InvalidValue] |w| {
            create(w, |e| e.tags = Some((0..21).map(|n| format!("tag {n}")).collect())).await
        };
        "a tag of 50 characters" => [] |w| create(w, |e| e.tags = Some(vec!["t".repeat(50)])).await;
        "a tag of 51 characters" => [InvalidValue] |w| create(w, |e| e.tags = Some(vec!["t".repeat(51)])).await;
        "an empty tag" => [InvalidValue] |w| create(w, |e| e.tags = Some(vec![String::new()])).await;
        "a venue of 200 characters" => [] |w| create(w, |e| e.venue = Some("v".repeat(200))).await;
        "a venue of 201 characters" => [InvalidValue] |w| create(w, |e| e.venue = Some("v".repeat(201))).await;
        "a city of 100 characters" => [] |w| create(w, |e| e.city = Some("c".repeat(100))).await;
        "a city of 101 characters" => [InvalidValue] |w| create(w, |e| e.city = Some("c".repeat(101))).await;
        "a category of 100 characters" => [] |w| create(w, |e| e.category = Some("c".repeat(100))).await;
        "a category of 101 characters" => [InvalidValue] |w| create(w, |e| e.category = Some("c".repeat(101))).await;
        "a capacity of 0" => [InvalidValue] |w| create(w, |e| e.capacity = Some(0)).await;
        "a capacity of 1" => [] |w| create(w, |e| e.capacity = Some(1)).await;
        "a capacity of a million" => [] |w| create(w, |e| e.capacity = Some(1_000_000)).await;
        "a capacity of a million and one" => [InvalidValue] |w| create(w, |e| e.capacity = Some(1_000_001)).await;
        "an end at the start" => [InvalidValue] |w| create(w, |e| e.ends_at = e.starts_at).await;
        "an end a microsecond after the start" => [] |w| {
            create(w, |e| e.ends_at = e.starts_at.map(|at| at.plus(TICK))).await
        };
        "the whole range of time" => [] |w| {
            create(w, |e| (e.starts_at, e.ends_at) = (Some(Timestamp::MIN), Some(Timestamp::MAX))).await
        };
    }
}

pub fn announcing() -> Vec<Row> {
    rows! {
        "a published one" => [] |w| { let id = w.published().await; w.eventify.events().announced(&anonymous(), id).await };
        "a cancelled one" => [] |w| { let id = w.cancelled().await; w.eventify.events().announced(&anonymous(), id).await };
        "one that is over" => [] |w| { let id = w.completed().await; w.eventify.events().announced(&anonymous(), id).await };
        "one's own draft" => [EventNotPublished] |w| {
            let id = w.draft().await;
            w.eventify.events().announced(&organizer(), id).await
        };
        "somebody else's draft" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().announced(&other_organizer(), id).await
        };
        "nobody's" => [EventNotFound] |w| {
            w.eventify.events().announced(&organizer(), EventId::from_bytes([9; 16])).await
        };
    }
}

pub fn publishing() -> Vec<Row> {
    rows! {
        "an event that is not there" => [EventNotFound] |w| {
            w.eventify.events().publish(&organizer(), EventId::from_bytes([9; 16])).await
        };
        "somebody else's draft is no business of an organizer" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().publish(&other_organizer(), id).await
        };
        "somebody else's draft is no business of nobody" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().publish(&anonymous(), id).await
        };
        "a draft without a title" => [InvalidValue] |w| publish(w, |e| e.title = None).await;
        "a draft without a start" => [InvalidValue] |w| publish(w, |e| e.starts_at = None).await;
        "a draft without an end" => [InvalidValue] |w| publish(w, |e| e.ends_at = None).await;
        "a draft that starts now" => [EventAlreadyStarted] |w| {
            let now = w.now();
            publish(w, |e| e.starts_at = Some(now)).await
        };
        "a draft that starts in a microsecond" => [] |w| {
            let soon = w.now().plus(TICK);
            publish(w, |e| e.starts_at = Some(soon)).await
        };
        "an admin publishes" => [] |w| {
            let id = w.draft().await;
            w.eventify.events().publish(&admin(), id).await
        };
        "the app publishes" => [] |w| {
            let id = w.draft().await;
            w.eventify.events().publish(&system(), id).await
        };
        "a published event" => [EventNotDraft] |w| {
            let id = w.published().await;
            w.eventify.events().publish(&organizer(), id).await
        };
        "a cancelled event" => [EventCancelled] |w| {
            let id = w.cancelled().await;
            w.eventify.events().publish(&organizer(), id).await
        };
        "a completed event" => [EventNotDraft] |w| {
            let id = w.completed().await;
            w.eventify.events().publish(&organizer(), id).await
        };
    }
}

pub fn cancelling() -> Vec<Row> {
    rows! {
        "a draft is cancelled" => [EventNotPublished] |w| {
            let id = w.draft().await;
            w.eventify.events().cancel(&organizer(), id, CancelEvent::default()).await
        };
        "a cancelled event is cancelled" => [EventCancelled] |w| {
            let id = w.cancelled().await;
            w.eventify.events().cancel(&organizer(), id, CancelEvent::default()).await
        };
        "a completed event is cancelled" => [EventNotPublished] |w| {
            let id = w.completed().await;
            w.eventify.events().cancel(&organizer(), id, CancelEvent::default()).await
        };
        "another organizer cancels" => [NotEventOwner] |w| {
            let id = w.published().await;
            w.eventify.events().cancel(&other_organizer(), id, CancelEvent::default()).await
        };
        "nobody cancels" => [NotAuthenticated] |w| {
            let id = w.published().await;
            w.eventify.events().cancel(&anonymous(), id, CancelEvent::default()).await
        };
        "an admin cancels" => [] |w| {
            let id = w.published().await;
            w.eventify.events().cancel(&admin(), id, CancelEvent::default()).await
        };
        "a reason of 1,000 characters" => [] |w| cancel(w, &"r".repeat(1_000)).await;
        "a reason of 1,001 characters" => [InvalidValue] |w| cancel(w, &"r".repeat(1_001)).await;
        "a reason with a NUL" => [InvalidValue] |w| cancel(w, "a\0b").await;
    }
}

pub fn deleting() -> Vec<Row> {
    rows! {
        "a draft is deleted" => [] |w| {
            let id = w.draft_of(CreateEvent { category: Some("Rock".to_owned()), ..w.concert() }).await;
            w.free(id, 5).await;
            w.eventify.events().delete(&organizer(), id).await
        };
        "an event that is not there is deleted" => [EventNotFound] |w| {
            w.eventify.events().delete(&organizer(), EventId::from_bytes([9; 16])).await
        };
        "somebody else's draft is deleted" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().delete(&other_organizer(), id).await
        };
        "an admin deletes a draft" => [] |w| {
            let id = w.draft().await;
            w.eventify.events().delete(&admin(), id).await
        };
        "a published event is deleted" => [EventNotDraft] |w| {
            let id = w.published().await;
            w.eventify.events().delete(&organizer(), id).await
        };
        "a cancelled event is deleted" => [EventNotDraft] |w| {
            let id = w.cancelled().await;
            w.eventify.events().delete(&organizer(), id).await
        };
        "a deleted draft is gone" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().delete(&organizer(), id).await?;
            w.mark().await;
            w.eventify.events().get(&organizer(), id).await
        };
    }
}

pub fn updating() -> Vec<Row> {
    changes_by_state().into_iter().chain(moves_and_capacity()).collect()
}

fn changes_by_state() -> Vec<Row> {
    rows! {
        "a draft changes" => [] |w| { let id = w.draft().await; update(w, id, title("New")).await };
        "a published event changes" => [] |w| { let id = w.published().await; update(w, id, title("New")).await };
        "a cancelled event changes" => [EventCancelled] |w| {
            let id = w.cancelled().await;
            update(w, id, title("New")).await
        };
        "a completed event changes" => [EventNotPublished] |w| {
            let id = w.completed().await;
            update(w, id, title("New")).await
        };
        "another organizer changes it" => [NotEventOwner] |w| {
            let id = w.published().await;
            w.eventify.events().update(&other_organizer(), id, title("New"), IfMatch::Any).await
        };
        "a title is taken away" => [InvalidValue] |w| { let id = w.draft().await; update(w, id, title(" ")).await };
        "it changed since it was read" => [PreconditionFailed] |w| {
            let id = w.draft().await;
            let seen = w.eventify.events().get(&organizer(), id).await?.version();
            w.update_event(id, title("First")).await;
            let request = title("Second");
            w.eventify.events().update(&organizer(), id, request, IfMatch::Version(seen)).await
        };
        "it is as it was read" => [] |w| {
            let id = w.draft().await;
            let seen = w.eventify.events().get(&organizer(), id).await?.version();
            w.eventify.events().update(&organizer(), id, title("New"), IfMatch::Version(seen)).await
        };
        "an end before the start" => [InvalidValue] |w| {
            let id = w.draft().await;
            let ends_at = Some(w.now().plus(DAY));
            update(w, id, UpdateEvent { ends_at, ..UpdateEvent::default() }).await
        };
        "a published event moves into the past" => [EventAlreadyStarted] |w| {
            let id = w.published().await;
            let starts_at = Some(w.now());
            update(w, id, UpdateEvent { starts_at, ..UpdateEvent::default() }).await
        };
    }
}

fn moves_and_capacity() -> Vec<Row> {
    rows! {
        "a draft moves into the past" => [] |w| {
            let id = w.draft().await;
            let starts_at = Some(w.now());
            update(w, id, UpdateEvent { starts_at, ..UpdateEvent::default() }).await
        };
        "a running event's start moves" => [EventAlreadyStarted] |w| {
            let id = w.published().await;
            w.pass(10 * DAY).await;
            let starts_at = Some(w.now().plus(HOUR));
            update(w, id, UpdateEvent { starts_at, ..UpdateEvent::default() }).await
        };
        "a running event is prolonged" => [] |w| {
            let id = w.published().await;
            w.pass(10 * DAY).await;
            let ends_at = Some(w.now().plus(9 * HOUR));
            update(w, id, UpdateEvent { ends_at, ..UpdateEvent::default() }).await
        };
        "a capacity below what is taken" => [QuantityBelowSold] |w| {
            let (id, of) = w.sale(10).await;
            w.buy(&attendee(), id, of, 2).await;
            w.hold(&attendee(), id, of, 1).await;
            update(w, id, capacity(Some(2))).await
        };
        "a capacity of what is taken" => [] |w| {
            let (id, of) = w.sale(10).await;
            w.buy(&attendee(), id, of, 2).await;
            w.hold(&attendee(), id, of, 1).await;
            update(w, id, capacity(Some(3))).await
        };
        "no capacity any more" => [] |w| {
            let id = w.draft_of(CreateEvent { capacity: Some(1), ..w.concert() }).await;
            update(w, id, capacity(None)).await
        };
        "a capacity of 0 in a change" => [InvalidValue] |w| {
            let id = w.draft().await;
            update(w, id, capacity(Some(0))).await
        };
    }
}

pub fn reading() -> Vec<Row> {
    rows! {
        "a published event" => [] |w| { let id = w.published().await; w.eventify.events().get(&anonymous(), id).await };
        "somebody's draft" => [EventNotFound] |w| {
            let id = w.draft().await;
            w.eventify.events().get(&attendee(), id).await
        };
        "an admin sees drafts" => [] |w| { let id = w.draft().await; w.eventify.events().get(&admin(), id).await };
        "nobody lists drafts" => [NotAuthenticated] |w| list(w, &anonymous(), drafts(None)).await;
        "an organizer lists the own drafts" => [] |w| list(w, &organizer(), drafts(None)).await;
        "an organizer lists another's drafts" => [NotAllowed] |w| {
            list(w, &organizer(), drafts(Some(id_of(&other_organizer())))).await
        };
        "an admin lists drafts" => [] |w| list(w, &admin(), drafts(None)).await;
        "a search of 200 characters" => [] |w| list(w, &anonymous(), search(&"q".repeat(200))).await;
        "a search of 201 characters" => [InvalidValue] |w| list(w, &anonymous(), search(&"q".repeat(201))).await;
        "a search with a NUL" => [InvalidValue] |w| list(w, &anonymous(), search("a\0b")).await;
        "a page of 0" => [InvalidValue] |w| page(w, PageRequest::first(0)).await;
        "a page of 1" => [] |w| page(w, PageRequest::first(1)).await;
        "a page of 100" => [] |w| page(w, PageRequest::first(100)).await;
        "a page of 101" => [InvalidValue] |w| page(w, PageRequest::first(101)).await;
        "a cursor that is none" => [Malformed] |w| page(w, PageRequest::after("nonsense", 10)).await;
        "an empty cursor" => [Malformed] |w| page(w, PageRequest::after("", 10)).await;
        "a cursor of a megabyte" => [Malformed] |w| page(w, PageRequest::after("A".repeat(1_000_000), 10)).await;
    }
}

const TICK: std::time::Duration = std::time::Duration::from_micros(1);
type Seen = Result<eventify_core::Fetched<eventify_core::event::EventView>, eventify_core::Error>;
type Listed = Result<eventify_core::Listing<eventify_core::event::EventView>, eventify_core::Error>;

async fn create(w: &World, change: impl FnOnce(&mut CreateEvent)) -> Seen {
    let mut request = w.concert();
    change(&mut request);
    w.mark().await;
    w.eventify.events().create(&organizer(), request).await
}

async fn publish(w: &World, change: impl FnOnce(&mut CreateEvent)) -> Seen {
    let mut request = w.concert();
    change(&mut request);
    let id = w.draft_of(request).await;
    w.eventify.events().publish(&organizer(), id).await
}

async fn cancel(w: &World, reason: &str) -> Seen {
    let id = w.published().await;
    let request = CancelEvent { reason: reason.to_owned() };
    w.eventify.events().cancel(&organizer(), id, request).await
}

async fn update(w: &World, id: EventId, request: UpdateEvent) -> Seen {
    w.eventify.events().update(&organizer(), id, request, IfMatch::Any).await
}

async fn list(w: &World, who: &eventify_core::Actor, filter: EventFilter) -> Listed {
    w.eventify.events().list(who, &filter, &PageRequest::default()).await
}

async fn page(w: &World, page: PageRequest) -> Listed {
    w.eventify.events().list(&anonymous(), &EventFilter::default(), &page).await
}

fn title(title: &str) -> UpdateEvent {
    UpdateEvent { title: Some(title.to_owned()), ..UpdateEvent::default() }
}

fn capacity(capacity: Option<u32>) -> UpdateEvent {
    UpdateEvent { capacity: Some(capacity.into()), ..UpdateEvent::default() }
}

fn drafts(organizer: Option<eventify_core::UserId>) -> EventFilter {
    EventFilter { status: Some(EventStatus::Draft), organizer, ..EventFilter::default() }
}

fn search(q: &str) -> EventFilter {
    EventFilter { q: Some(q.to_owned()), ..EventFilter::default() }
}

#[tokio::test]
async fn making_an_event_has_rules() {
    run(creation()).await;
}

#[tokio::test]
async fn publishing_has_rules() {
    run(publishing()).await;
    run(announcing()).await;
}

#[tokio::test]
async fn cancelling_an_event_has_rules() {
    run(cancelling()).await;
}

#[tokio::test]
async fn deleting_a_draft_has_rules() {
    run(deleting()).await;
}

#[tokio::test]
async fn changing_an_event_has_rules() {
    run(updating()).await;
}

#[tokio::test]
async fn reading_events_has_rules() {
    run(reading()).await;
}
