//! Text: what is kept exactly, and what is refused with its limit.

use eventify_core::event::{CreateEvent, EventFilter};
use eventify_core::{PageRequest, Reason};

use crate::common::*;

/// Right-to-left, emoji with joiners, combining marks, markup, quotes, and the odd end of Unicode.
const KEPT: &[&str] = &[
    "مهرجان الجاز في ألماتي",
    "\u{202e}txet sdrawkcab\u{202c}",
    "👩‍👩‍👧‍👦 Family day 🇰🇿",
    "Z\u{0351}\u{036b}\u{0343}a\u{0321}l\u{035b}g\u{0321}o",
    "<script>alert('x')</script>",
    "'; DROP TABLE events; --",
    "%s%n {{7*7}} ${jndi:ldap://x}",
    "\u{10ffff}\u{fffd}",
    "Қазақстан ұлттық кітапханасы",
    "e\u{0301}",
];

fn titled(w: &World, title: &str) -> CreateEvent {
    CreateEvent { title: Some(title.to_owned()), description: Some(title.to_owned()), ..w.concert() }
}

#[tokio::test]
async fn every_script_is_kept_exactly_and_found_again() {
    let w = World::new().await;
    for title in KEPT {
        let id = w.draft_of(titled(&w, title)).await;
        w.publish(id).await;
        let seen = w.event(id).await;
        assert_eq!((seen.title.as_str(), seen.description.as_str()), (*title, *title));
    }
    for (q, title) in [("مهرجان", KEPT[0]), ("script", KEPT[4]), ("ҚАЗАҚСТАН", KEPT[8]), ("family", KEPT[2])]
    {
        let filter = EventFilter { q: Some(q.to_owned()), ..EventFilter::default() };
        let found =
            w.eventify.events().list(&anonymous(), &filter, &PageRequest::default()).await.unwrap().data;
        assert_eq!(found.iter().map(|e| e.title.as_str()).collect::<Vec<_>>(), [title], "{q}");
    }
}

#[tokio::test]
async fn one_line_has_no_control_characters() {
    let w = World::new().await;
    w.mark().await;
    for c in (0..32u8).chain(127..160).map(char::from) {
        let request = CreateEvent { title: Some(format!("a{c}b")), ..w.concert() };
        let error = w.eventify.events().create(&organizer(), request).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidValue, "{c:?}");
        assert_eq!(error.fields()[0].field, "title");
    }
    w.assert_unchanged("control characters").await;
}

#[tokio::test]
async fn a_description_has_lines_and_tabs_and_no_other_control_characters() {
    let w = World::new().await;
    for c in (0..32u8).chain(127..160).map(char::from) {
        let request = CreateEvent { description: Some(format!("a{c}b")), ..w.concert() };
        let made = w.eventify.events().create(&organizer(), request).await;
        match made {
            Ok(_) => assert!(matches!(c, '\n' | '\r' | '\t'), "{c:?}"),
            Err(error) => assert_eq!(error.reason(), Reason::InvalidValue, "{c:?}"),
        }
    }
}

#[tokio::test]
async fn a_megabyte_is_refused_with_the_limit_and_without_the_megabyte() {
    let w = World::new().await;
    w.mark().await;
    let megabyte = "ö".repeat(500_000);
    let requests = [
        ("title", "200", CreateEvent { title: Some(megabyte.clone()), ..w.concert() }),
        ("description", "20000", CreateEvent { description: Some(megabyte.clone()), ..w.concert() }),
        ("venue", "200", CreateEvent { venue: Some(megabyte.clone()), ..w.concert() }),
        ("city", "100", CreateEvent { city: Some(megabyte.clone()), ..w.concert() }),
        ("category", "100", CreateEvent { category: Some(megabyte.clone()), ..w.concert() }),
        ("tags[0]", "50", CreateEvent { tags: Some(vec![megabyte.clone()]), ..w.concert() }),
    ];
    for (field, limit, request) in requests {
        let error = w.eventify.events().create(&organizer(), request).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field);
        assert!(error.fields()[0].message.contains(limit), "{error}");
        assert!(error.to_string().len() < 1_000);
    }
    let error = w.eventify.tickets().check_in(&organizer(), &megabyte, Default::default()).await.unwrap_err();
    assert!(error.to_string().len() < 1_000);
    w.assert_unchanged("a megabyte").await;
}

#[tokio::test]
async fn one_answer_names_every_field_that_is_wrong() {
    let w = World::new().await;
    let request = CreateEvent {
        title: Some(" ".to_owned()),
        city: Some("c".repeat(101)),
        capacity: Some(0),
        tags: Some(vec!["ok".to_owned(), "\0".to_owned()]),
        ..w.concert()
    };
    let error = w.eventify.events().create(&organizer(), request).await.unwrap_err();
    let mut fields: Vec<&str> = error.fields().iter().map(|f| f.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["capacity", "city", "tags[1]", "title"]);
}

#[tokio::test]
async fn tags_are_folded_and_not_repeated() {
    let w = World::new().await;
    let tags = [" Jazz ", "JAZZ", "Ёлка", "jazz"].map(str::to_owned).to_vec();
    let id = w.draft_of(CreateEvent { tags: Some(tags), ..w.concert() }).await;
    assert_eq!(w.event(id).await.tags, ["jazz", "ёлка"]);
    w.publish(id).await;
    let filter = EventFilter { tag: Some("елка".to_owned()), ..EventFilter::default() };
    let found = w.eventify.events().list(&anonymous(), &filter, &PageRequest::default()).await.unwrap();
    assert_eq!(found.data.len(), 1);
}

#[tokio::test]
async fn a_search_of_marks_only_finds_nothing_and_no_error() {
    let w = World::new().await;
    w.published().await;
    for q in ["!!!", "   ", "\u{0301}", "🎷"] {
        let filter = EventFilter { q: Some(q.to_owned()), ..EventFilter::default() };
        let found = w.eventify.events().list(&anonymous(), &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(found.data.is_empty(), !q.trim().is_empty(), "{q:?}");
    }
}
