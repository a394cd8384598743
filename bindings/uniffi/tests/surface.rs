//! What core offers is here, or listed with its reason; and what is written by hand in three languages is the same in all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use eventify_surface::{ErrorCodes, Surface};

/// What of core is not in this binding, and why. The one place where something may be missing.
const LEFT_OUT: &[(&str, &str)] = &[
    ("accounts.examine", "how long a token is good concerns who keeps connections open: a server"),
    (
        "events.import_schedule",
        "programmes come as files, which eventify-schedule reads; a phone imports none",
    ),
    ("jobs.backlog", "gauges for a service's metrics"),
    ("jobs.deliveries", "counters for a service's metrics"),
    (
        "payments.missing_providers",
        "providers come and go at a service; an app says which one it has when it opens the engine",
    ),
    ("webhooks.create", WEBHOOKS),
    ("webhooks.delete", WEBHOOKS),
    ("webhooks.deliveries", WEBHOOKS),
    ("webhooks.enable", WEBHOOKS),
    ("webhooks.get", WEBHOOKS),
    ("webhooks.list", WEBHOOKS),
    ("webhooks.redeliver", WEBHOOKS),
    ("webhooks.rotate_secret", WEBHOOKS),
    ("webhooks.test", WEBHOOKS),
    ("webhooks.update", WEBHOOKS),
];
const WEBHOOKS: &str = "who tells other systems runs all the time and has a sender: a server";

/// What a host may choose in core and not here, and why.
const OPTIONS_LEFT_OUT: LeftOut = &[
    ("entropy", "the operating system's randomness is good; another one is for tests in Rust"),
    ("publisher", "who tells Kafka, RabbitMQ or NATS runs all the time: a server"),
    ("texts", "an app shows words of its own, and mails go out from a server"),
    ("webhooks", WEBHOOKS),
];

/// What is not said here, and why.
type LeftOut = &'static [(&'static str, &'static str)];

/// What core says around a value, by its type and file; and what of it is not said here, and why.
const AROUND: &[(&str, &str, &[&str], LeftOut)] = &[
    (
        "Fetched",
        "etag.rs",
        &["into_inner", "version"],
        &[("beside", "it makes an ETag of HTTP's differ; no change is refused for it")],
    ),
    (
        "Answer",
        "command/call.rs",
        &["into_inner"],
        &[("is_replayed", "a header of HTTP's; whoever asks again with a key wants what came of it")],
    ),
];

/// Given piece by piece by an object of its own, whose macro names the operation.
const BY_MACRO: &[&str] = &["exports.next_attendees", "exports.next_bookings", "exports.next_ledger"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn surface() -> Surface {
    Surface::read(&root().join("eventify-core/src")).unwrap()
}

/// The operations that a method's body passes on to, with the method's documentation.
fn bound() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("bindings/uniffi/src")).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = unbroken(&text);
        let (mut docs, mut ended) = (String::new(), false);
        for line in text.lines().map(str::trim) {
            if let Some(doc) = line.strip_prefix("///") {
                if std::mem::take(&mut ended) {
                    docs.clear();
                }
                docs.push_str(doc.strip_prefix(' ').unwrap_or(doc));
                docs.push('\n');
            } else {
                ended = true;
                found.extend(passed_on(line).map(|path| (path, docs.clone())));
            }
        }
    }
    assert!(found.len() > 100, "the methods were not found");
    found
}

/// Chains of calls, each on one line.
fn unbroken(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let goes_on = line.trim_start().starts_with('.');
        out.push_str(if goes_on { "" } else { "\n" });
        out.push_str(if goes_on { line.trim_start() } else { line });
        out
    })
}

/// `self.0.engine()?.bookings().hold(…` is `bookings.hold`.
fn passed_on(line: &str) -> Option<String> {
    let (_, call) = line.split_once(".engine()?.")?;
    let (noun, rest) = call.split_once('(')?;
    let (_, rest) = rest.split_once(").")?;
    let (name, _) = rest.split_once('(')?;
    Some(format!("{noun}.{name}"))
}

/// The codes that a documentation names as errors.
fn codes(docs: &str, known: &BTreeSet<&str>) -> BTreeSet<String> {
    let errors = docs.errors_text();
    let quoted = errors.split('`').skip(1).step_by(2);
    quoted.filter(|code| known.contains(code)).map(str::to_owned).collect()
}

#[test]
fn every_operation_of_core_is_here_or_listed() {
    let (surface, bound) = (surface(), bound());
    let here = bound.keys().map(String::as_str).chain(BY_MACRO.iter().copied());
    let missing = surface.missing(here, LEFT_OUT.iter().copied());
    assert!(missing.is_empty(), "neither here nor listed with a reason: {missing:?}");
    let paths: BTreeSet<String> = surface.paths().collect();
    for (path, _) in LEFT_OUT {
        assert!(paths.contains(*path), "{path} is listed, and core has no such operation");
        assert!(!bound.contains_key(*path), "{path} is listed as left out, and is here");
    }
}

#[test]
fn every_option_of_the_engine_is_here_or_listed() {
    let starts = read("bindings/uniffi/src/eventify.rs");
    for option in surface().options {
        let here = starts.contains(&format!(".{option}("));
        let listed = OPTIONS_LEFT_OUT.iter().any(|(name, _)| *name == option);
        assert!(here != listed, "{option} is neither here nor listed, or both");
    }
    for (option, _) in OPTIONS_LEFT_OUT {
        assert!(
            surface().options.iter().any(|of| of == option),
            "{option} is listed, and core has no such option"
        );
    }
}

/// What lies between the braces behind a head.
fn block<'t>(text: &'t str, head: &str) -> &'t str {
    let (_, rest) = text.split_once(head).unwrap_or_else(|| panic!("{head} is not found"));
    rest.split_once("\n}").unwrap().0
}

/// Names at the beginning of the lines of a block: variants of an enum, or functions.
fn names(block: &str, before: &str) -> BTreeSet<String> {
    let lines = block.lines().filter_map(|line| line.strip_prefix("    ")?.strip_prefix(before));
    let names =
        lines.map(|line| line.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn hosts_can_say_everything_that_cores_ports_can() {
    let core = |file: &str| read(&format!("eventify-core/src/{file}/port.rs"));
    let here = |file: &str| read(&format!("bindings/uniffi/src/{file}.rs"));
    for (port, file, name) in [
        ("payment", "payment_callbacks", "CallbackNews"),
        ("payment", "payment_provider", "ProviderError"),
        ("notification", "notifier", "DeliveryError"),
    ] {
        let head = format!("pub enum {name} {{");
        let there = names(block(&core(port), &head), "");
        assert!(there.len() > 2, "{name}: {there:?}");
        assert_eq!(names(block(&here(file), &head), ""), there, "{name}");
    }
    for (port, file, name) in
        [("payment", "payment_provider", "PaymentProvider"), ("notification", "notifier", "Notifier")]
    {
        let asked = core(port);
        let asked = block(&asked, &format!("pub trait {name}: Debug"));
        let passed_on = here(file);
        let passed_on = block(&passed_on, &format!("{port}::{name} for Host{name} {{"));
        let functions =
            |of| -> BTreeSet<String> { names(of, "fn ").into_iter().chain(names(of, "async fn ")).collect() };
        assert!(functions(asked).contains(if port == "payment" { "refund_status" } else { "deliver" }));
        assert_eq!(functions(passed_on), functions(asked), "{name}");
    }
}

#[test]
fn what_core_says_around_a_value_is_said_or_listed() {
    for (name, file, here, left_out) in AROUND {
        let text = read(&format!("eventify-core/src/{file}"));
        let methods = block(&text, &format!("impl<T> {name}<T> {{"));
        let mut there = names(methods, "pub fn ");
        there.extend(names(methods, "pub const fn "));
        let said = here.iter().copied().chain(left_out.iter().map(|(method, _)| *method));
        assert_eq!(there, said.map(str::to_owned).collect(), "{name}");
    }
}

/// Swift has nobody to tell of a text that is not of its form where nothing can be thrown: the app ends. Kotlin throws what nobody declared.
#[test]
fn whatever_takes_a_text_of_a_form_of_its_own_can_refuse_it() {
    let ffi = read("eventify-core/src/ffi/mod.rs");
    let texts = ffi.split_once("\ntexts! {").unwrap().1.split_once('}').unwrap().0;
    let surface = read("bindings/uniffi/swift/surface.txt");
    let asked = |line: &str| {
        let params = line.split_once('(')?.1.rsplit_once(')')?.0.to_owned();
        Some(
            texts
                .split_whitespace()
                .any(|text| params.split([',', ':']).any(|part| part.trim().trim_end_matches('?') == text)),
        )
    };
    // What makes a record in Swift asks the library for nothing.
    let functions =
        surface.lines().filter(|line| line.contains(" func ") || line.contains("convenience init"));
    let functions: Vec<&str> = functions.filter(|line| asked(line) == Some(true)).collect();
    assert!(functions.len() > 50, "the functions were not found");
    let silent: Vec<&&str> = functions.iter().filter(|line| !line.contains("throws")).collect();
    assert!(silent.is_empty(), "these cannot refuse what they are given: {silent:#?}");
}

#[test]
fn every_operation_names_the_codes_that_core_names() {
    let surface = surface();
    let known: BTreeSet<&str> = surface.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let mut differ = Vec::new();
    for (path, docs) in bound() {
        let Some(operation) = surface.operation(&path) else { continue };
        let (mut here, there) = (codes(&docs, &known), codes(&operation.docs, &known));
        // The binding's own, which all of them may give.
        here.remove("closed");
        if here != there {
            differ.push(format!("{path}: here {here:?}, in core {there:?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn what_is_named_for_kotlin_and_swift_is_written_there() {
    let ffi = read("eventify-core/src/ffi/mod.rs");
    let listed = ffi.split_once("\ntexts! {").unwrap().1.split_once('}').unwrap().0;
    let mut texts: BTreeSet<&str> = listed.split_whitespace().collect();
    texts.extend(["OneTimeToken", "Version"]);
    let changes = ffi.split_once("\nchanges! {").unwrap().1.split_once('}').unwrap().0;
    let changes = changes.lines().filter_map(|line| line.trim().split_once(" of ")).map(|(name, _)| name);
    let config = read("eventify-core/uniffi.toml");
    let (kotlin, swift) = config.split_once("[bindings.swift.custom_types]").unwrap();
    let (in_kotlin, in_swift) = (
        read("bindings/uniffi/kotlin/eventify/src/main/kotlin/eventify/Values.kt"),
        read("bindings/uniffi/swift/Sources/Eventify/Values.swift"),
    );
    for name in texts.into_iter().chain(changes) {
        for (config, source) in [(kotlin, &in_kotlin), (swift, &in_swift)] {
            let line = config.lines().find(|line| line.starts_with(&format!("{name} = ")));
            let line = line.unwrap_or_else(|| panic!("uniffi.toml does not name {name}"));
            let called = line.split('"').nth(1).unwrap();
            let class = called.split('<').next().unwrap().rsplit('.').next().unwrap();
            let declared = ["class ", "struct ", "enum ", "interface "].iter().any(|word| {
                let declared = format!("{word}{class}");
                let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
                source.match_indices(&declared).any(|(at, _)| ends(&source[at + declared.len()..]))
            });
            assert!(declared, "{class} is not written by hand");
        }
    }
}

#[test]
fn the_readme_names_every_kind_of_refusal_and_shows_all_in_twenty_lines() {
    let readme = read("bindings/uniffi/README.md");
    let table = readme.split_once("## Errors").unwrap().1.split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let named: BTreeSet<&str> =
        rows.flat_map(|row| row.trim().split("`, `")).map(|name| name.trim_matches('`')).collect();
    let sealed = read("eventify-core/src/ffi/error.rs");
    let sealed = sealed.split_once("pub enum Refusal {").unwrap().1.split_once("\n}").unwrap().0;
    let kinds: BTreeSet<&str> =
        sealed.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {")).collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    assert_eq!(named, kinds);
    let program = readme.split_once("```kotlin\n").unwrap().1.split_once("```").unwrap().0;
    let lines = program.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("import "));
    assert!(lines.count() <= 20, "the life cycle is 20 lines");
}
