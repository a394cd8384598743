//! Finding events.

use std::sync::Arc;
use std::time::Duration;

use super::keeper::Keeper;
use crate::event::{Event, EventState, EventStatus};
use crate::id::EventId;
use crate::store::{EventQuery, Index, Record, Recorded, Store, fold, words};
use crate::testing::sample;
use crate::time::Timestamp;

const PUBLISHED: EventQuery = EventQuery::with_status(EventStatus::Published);

fn start(hour: u64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000)
        .unwrap_or(Timestamp::MIN)
        .plus(Duration::from_secs(3_600 * hour))
}

/// A published event: its number decides category, organizer, tags, city and start.
fn published(n: u32, title: &str, description: &str) -> Event {
    Event {
        id: EventId::from_uuid(sample::uuid(n)),
        organizer_id: sample::user_id(n),
        title: title.to_owned(),
        description: description.to_owned(),
        state: EventState::Published { at: start(0) },
        category_id: (!n.is_multiple_of(4)).then(|| sample::category_id(n)),
        tags: [vec!["Jazz".to_owned()], vec!["jazzy".to_owned(), "ЛЁД".to_owned()], vec![]]
            [usize::try_from(n % 3).unwrap_or(0)]
        .clone(),
        venue: n.is_multiple_of(2).then(|| "Salle Étoile".to_owned()),
        city: [Some("Žilina"), Some("Žilina nad Nisou"), Some("Алматы"), None]
            [usize::try_from(n % 4).unwrap_or(0)]
        .map(str::to_owned),
        // Two start together.
        starts_at: Some(start(u64::from(n / 2))),
        ends_at: Some(start(u64::from(n / 2) + 2)),
        ..sample::event(n)
    }
}

async fn season(store: &dyn Store) -> Keeper<'_> {
    let mut keeper = Keeper::new(store);
    let events = (0..24).map(|n| published(n, &sample::text(n), &sample::text(n / 2 + 3)));
    keeper.put(events.map(|event| Event::wrap(Arc::new(event)))).await;
    keeper
}

async fn check(keeper: &Keeper<'_>, query: EventQuery) -> usize {
    let index = Index::Events(query);
    let count = keeper.listed(&index, false).len();
    for limit in [1, 3, 100] {
        keeper.check_index(&index, false, limit).await;
        keeper.check_index(&index, true, limit).await;
    }
    count
}

/// By category, tag, city and organizer, alone and together; a value is whole, not a beginning.
pub async fn events_are_found_by_every_facet(store: &dyn Store) {
    let keeper = season(store).await;
    let mut found = 0;
    for category in [None, Some(sample::category_id(1)), Some(sample::category_id(2))] {
        for tag in [None, Some("jazz"), Some("jazzy"), Some("jaz"), Some("лед")] {
            for city in [None, Some("zilina"), Some("алматы"), Some("nowhere")] {
                for organizer in [None, Some(sample::user_id(0)), Some(sample::user_id(1))] {
                    let query = EventQuery {
                        category,
                        tag: tag.map(str::to_owned),
                        city: city.map(str::to_owned),
                        organizer,
                        ..PUBLISHED
                    };
                    found += check(&keeper, query).await;
                }
            }
        }
    }
    assert!(found > 50, "the queries find something");
}

async fn find(store: &dyn Store, text: &str) -> Vec<EventId> {
    let query = EventQuery { words: words(text, 10), ..PUBLISHED };
    let found = super::keeper::pages(store, &Index::Events(query), false, 2).await;
    found.iter().filter_map(|v| v.record.as_ref().and_then(Event::unwrap)).map(|event| event.id).collect()
}

async fn put_titles(store: &dyn Store, titles: &[&str]) -> Vec<EventId> {
    let mut keeper = Keeper::new(store);
    let mut ids = Vec::new();
    for (n, title) in (1u32..).zip(titles) {
        let event = Event { tags: Vec::new(), venue: None, ..published(n * 2, title, "") };
        ids.push(event.id);
        keeper.put([Event::wrap(Arc::new(event))]).await;
    }
    ids
}

/// A word is found by its beginning, not by its middle.
pub async fn events_are_found_by_beginnings_of_words(store: &dyn Store) {
    let ids = put_titles(store, &["Jazz night", "Jazzy days", "Not all that jazz", "Acid"]).await;
    assert_eq!(find(store, "jazz").await, ids[..3]);
    assert_eq!(find(store, "j").await, ids[..3]);
    assert_eq!(find(store, "jazzy").await, ids[1..2]);
    assert!(find(store, "azz").await.is_empty());
    assert!(find(store, "jazzyy").await.is_empty());
}

/// `"zizkov"` finds `"Žižkov"` and the other way round, in every script.
pub async fn events_are_found_without_case_and_diacritics(store: &dyn Store) {
    let titles =
        ["Žižkov Café", "ЁЛКА зимой", "渋谷 音楽祭", "Party 🎉 İstanbul", "ﬁnale Ⅳ", "e\u{301}te\u{301}"];
    let ids = put_titles(store, &titles).await;
    for (asked, n) in [
        ("zizkov", 0),
        ("ŽIŽKOV", 0),
        ("CAFÉ", 0),
        ("елка", 1),
        ("Ёлк", 1),
        ("ЗИМ", 1),
        ("渋", 2),
        ("音", 2),
        ("istanbul", 3),
        ("İSTANBUL", 3),
        ("final", 4),
        ("iv", 4),
        ("ÉTÉ", 5),
        ("ete", 5),
    ] {
        assert_eq!(find(store, asked).await, [ids[n]], "{asked:?}");
    }
}

/// Every word must be there, wherever it stands.
pub async fn events_are_found_by_several_words_at_once(store: &dyn Store) {
    let ids = put_titles(store, &["jazz in the park", "rock in the park", "jazz in the dark"]).await;
    assert_eq!(find(store, "park jazz").await, [ids[0]]);
    assert_eq!(find(store, "in par").await, ids[..2]);
    assert_eq!(find(store, "in the").await, ids);
    assert!(find(store, "rock dark").await.is_empty());
}

/// Words and facets narrow each other down.
pub async fn events_are_found_by_words_and_facets_together(store: &dyn Store) {
    let keeper = season(store).await;
    let mut found = 0;
    for asked in ["cafe jazz", "о да", "s", "etoile s"] {
        for city in [None, Some(fold("Žilina"))] {
            for category in [None, Some(sample::category_id(2))] {
                let query = EventQuery { words: words(asked, 10), city: city.clone(), category, ..PUBLISHED };
                found += check(&keeper, query).await;
            }
        }
    }
    assert!(found > 10, "the queries find something");
}

/// From an instant on, and before another; an event without a start lies before all others.
pub async fn events_are_found_between_two_instants(store: &dyn Store) {
    let mut keeper = season(store).await;
    let undated = Event { starts_at: None, ..published(99, "Jazz somewhen", "") };
    keeper.put([Event::wrap(Arc::new(undated))]).await;
    let edges =
        [None, Some(Timestamp::MIN), Some(start(0)), Some(start(5)), Some(start(50)), Some(Timestamp::MAX)];
    for from in edges {
        for to in edges {
            for (words_asked, tag) in [(vec![], None), (words("jazz", 1), None), (vec![], Some("jazz"))] {
                let query =
                    EventQuery { words: words_asked, tag: tag.map(str::to_owned), from, to, ..PUBLISHED };
                check(&keeper, query).await;
            }
        }
    }
}

/// Each state is a list of its own.
pub async fn events_are_found_only_in_the_state_asked_for(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put((0..20).map(|n| Event::wrap(Arc::new(sample::event(n))))).await;
    for status in [EventStatus::Draft, EventStatus::Published, EventStatus::Cancelled, EventStatus::Completed]
    {
        for asked in [vec![], words("jazz", 1), words("x", 1)] {
            let query = EventQuery { words: asked, ..EventQuery::with_status(status) };
            check(&keeper, query).await;
        }
    }
    let moved: Vec<Record> = (0..20).map(|n| completed(&sample::event(n))).collect();
    keeper.put(moved).await;
    for status in [EventStatus::Draft, EventStatus::Published, EventStatus::Completed] {
        check(&keeper, EventQuery::with_status(status)).await;
    }
}

fn completed(event: &Event) -> Record {
    Event::wrap(Arc::new(Event { state: EventState::Completed { at: event.created_at }, ..event.clone() }))
}

/// Pages of a query behave as pages of any other index.
pub async fn found_events_page_in_both_directions(store: &dyn Store) {
    let keeper = season(store).await;
    for query in [
        PUBLISHED,
        EventQuery { words: words("s", 1), ..PUBLISHED },
        EventQuery { organizer: Some(sample::user_id(1)), from: Some(start(1)), ..PUBLISHED },
    ] {
        let index = Index::Events(query);
        let count = keeper.listed(&index, false).len();
        assert!(count > 2, "there is something to page through: {index:?}");
        for limit in 1..=count + 1 {
            keeper.check_index(&index, false, limit).await;
            keeper.check_index(&index, true, limit).await;
        }
    }
}
