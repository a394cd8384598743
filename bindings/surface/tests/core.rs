//! The reader, on the core that it is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use eventify_surface::{ErrorCodes, Shape, Surface, without_examples};

fn surface() -> Surface {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../eventify-core/src");
    Surface::read(&core).unwrap()
}

#[test]
fn every_noun_is_found_with_what_can_be_done() {
    let surface = surface();
    let empty: Vec<&str> = surface
        .nouns
        .iter()
        .filter(|noun| noun.operations.is_empty())
        .map(|noun| noun.name.as_str())
        .collect();
    assert!(empty.is_empty(), "nouns without operations: {empty:?}");
    assert!(surface.nouns.len() >= 20 && surface.paths().count() >= 150, "{}", surface.paths().count());
    let staff = surface.nouns.iter().find(|noun| noun.name == "staff").unwrap();
    assert_eq!(staff.params[0].ty.name, "EventId");
    let check_in = surface.operation("tickets.check_in").unwrap();
    let params: Vec<String> =
        check_in.params.iter().map(|param| format!("{}: {}", param.name, param.ty)).collect();
    assert_eq!(params, ["call: Call", "code: str", "scan: Scan"]);
}

#[test]
fn what_a_host_may_choose_is_found() {
    let options = surface().options;
    for known in ["clock", "notifier", "payment_provider", "settings", "without_worker"] {
        assert!(options.iter().any(|option| option == known), "{known}: {options:?}");
    }
    assert!(!options.iter().any(|option| option == "start"));
}

#[test]
fn every_operation_is_documented_with_its_refusals() {
    let surface = surface();
    for noun in &surface.nouns {
        for operation in &noun.operations {
            let place = format!("{}.{}", noun.name, operation.name);
            assert!(!without_examples(&operation.docs).is_empty(), "{place} says nothing");
            assert!(
                !operation.is_fallible || !operation.docs.errors_text().is_empty(),
                "{place} names no refusals"
            );
        }
    }
}

#[test]
fn whatever_goes_in_or_comes_out_is_declared_once() {
    let surface = surface();
    // What Rust has, what crosses in a way of its own, and what is only held on to.
    let given = [
        "()",
        "Actor",
        "Answer",
        "Archive",
        "AttendeeExport",
        "BTreeMap",
        "BTreeSet",
        "BookingExport",
        "Call",
        "Duration",
        "Fetched",
        "IfMatch",
        "LedgerExport",
        "Option",
        "String",
        "Value",
        "Vec",
        "bool",
        "f64",
        "i32",
        "i64",
        "str",
        "tuple",
        "u16",
        "u32",
        "u64",
        "u8",
        "usize",
        "Listing",
        "Version",
        "Uuid",
        "Parts",
    ];
    let mut named = BTreeSet::new();
    let signatures = surface.nouns.iter().flat_map(|noun| &noun.operations);
    for operation in signatures {
        operation.params.iter().for_each(|param| names(&surface, &param.ty, &mut named));
        names(&surface, &operation.answer, &mut named);
    }
    let unknown: Vec<&String> = named
        .iter()
        .filter(|name| !surface.types.contains_key(*name) && !given.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not declared: {unknown:?}");
}

fn names(surface: &Surface, ty: &eventify_surface::Type, found: &mut BTreeSet<String>) {
    ty.of.iter().for_each(|of| names(surface, of, found));
    if found.insert(ty.name.clone()) {
        let fields = surface.types.get(&ty.name).into_iter().flat_map(|declared| declared.fields());
        fields.filter(|field| !field.is_hidden).for_each(|field| names(surface, &field.ty, found));
    }
}

#[test]
fn words_are_as_json_has_them() {
    let surface = surface();
    for (name, expected) in
        [("BookingStatus", "held"), ("Scope", "account:read"), ("FactName", "ticket.purchased")]
    {
        let Shape::Words(words) = &surface.types[name].shape else { panic!("{name} is no set of words") };
        assert!(words.iter().any(|word| word.wire == expected), "{name}: {words:?}");
        assert!(!surface.types[name].docs.is_empty(), "{name} says nothing");
    }
    assert!(surface.categories().iter().any(|word| word.name == "Rule"));
    assert!(surface.reasons.iter().any(|reason| reason.code == "sold_out" && reason.category == "Rule"));
}

#[test]
fn fields_know_whether_they_may_be_absent() {
    let surface = surface();
    let field =
        |of: &str, name: &str| surface.types[of].fields().iter().find(|f| f.name == name).unwrap().clone();
    for (of, name, may_be_absent) in [
        ("HoldTickets", "event_id", false),
        ("HoldTickets", "lines", true),
        ("UpdateEvent", "city", true),
        ("UpdateEvent", "title", true),
        ("PutScheduleItem", "activity_name", false),
        ("PutScheduleItem", "room", true),
    ] {
        assert_eq!(field(of, name).may_be_absent, may_be_absent, "{of}.{name}");
    }
    assert_eq!(field("UpdateEvent", "city").ty.to_string(), "Option<Option<String>>");
    assert!(field("UpdateEvent", "city").null_is_a_value && !field("UpdateEvent", "title").null_is_a_value);
    assert!(field("PutCancellation", "until").null_is_a_value);
    assert_eq!(field("WebPushSubscription", "expiration_time").wire, "expirationTime");
    assert!(field("WebhookSecret", "webhook").is_flat);
}
