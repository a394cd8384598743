//! Every text, in every language that is built in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::Entry;

use super::check::{self, Used};
use super::{Argument, BUNDLED, Moment, Said, Texts, known};
use crate::language::Language;
use crate::notification::Words;

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

fn utc(at: &str, zone: &str) -> Moment {
    Moment { at: Some(at.parse().unwrap()), time_zone: zone.parse().unwrap() }
}

/// Which arguments each text of a file uses.
fn used(file: &str, source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = check::read(file, source).unwrap_or_else(|error| panic!("{error}"));
    let messages = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    });
    let of = |message| Used::by(message).variables.into_iter().map(str::to_owned).collect();
    messages.map(|message| (message.id.name.to_owned(), of(message))).collect()
}

#[test]
fn every_language_has_every_text_and_fills_in_everything() {
    for (tag, file, source) in BUNDLED {
        let used = used(file, source);
        let names: BTreeSet<&str> = used.keys().map(String::as_str).collect();
        let asked: BTreeSet<&str> = known::all().map(|known| known.name).collect();
        assert_eq!(names, asked, "{tag}");
        for known in known::all() {
            let filled: BTreeSet<&str> = used[known.name].iter().map(String::as_str).collect();
            assert_eq!(filled, known.arguments.iter().copied().collect(), "{tag}: {}", known.name);
        }
    }
}

/// Words are made from each text by whatever numbers and gaps there may be: none falls back to another language.
#[test]
fn every_text_can_be_said_with_whatever_is_filled_in() {
    let texts = Texts::bundled();
    let moments = [
        utc("2027-05-01T13:00:00Z", "Asia/Almaty"),
        Moment { at: None, ..utc("2027-05-01T13:00:00Z", "UTC") },
    ];
    for (tag, _, _) in BUNDLED {
        let bundle = &texts.bundles[&language(tag)];
        for known in known::all() {
            for n in [0, 1, 2, 5, 11, 21, 100] {
                for moment in &moments {
                    let with = |name: &&'static str| {
                        let argument = match *name {
                            "start" | "until" => Argument::Moment(moment),
                            "tickets" | "rating" | "wanted" | "most" | "left" | "minutes" => {
                                Argument::Count(n)
                            }
                            "gate" | "place" | "reason" if n == 0 => Argument::Absent,
                            _ => Argument::Text("{ $x } <b>"),
                        };
                        (*name, argument)
                    };
                    let arguments: Vec<_> = known.arguments.iter().map(with).collect();
                    let said = bundle.say(known.name, &arguments);
                    let said = said.unwrap_or_else(|| panic!("{tag}: {} with {n}", known.name));
                    assert!(!said.title.is_empty() && (said.body.is_empty() != known.has_body), "{said:?}");
                    let shown = format!("{}{}", said.title, said.body);
                    assert!(!shown.contains(['\u{2068}', '\u{2069}']), "no marks: {tag} {}", known.name);
                }
            }
        }
    }
}

#[test]
fn numbers_have_their_plurals_and_instants_their_place() {
    let texts = Texts::bundled();
    let bought = |tickets| Words::TicketsBought {
        tickets,
        event: "Джаз".to_owned(),
        start: utc("2027-05-01T13:00:00Z", "Asia/Almaty"),
    };
    for (tag, tickets, title) in [
        ("en", 1, "Your ticket for Джаз"),
        ("en", 2, "Your 2 tickets for Джаз"),
        ("ru", 1, "Ваш билет на «Джаз»"),
        ("ru", 3, "3 билета на «Джаз» – ваши"),
        ("ru", 5, "5 билетов на «Джаз» – ваши"),
        ("ru", 11, "11 билетов на «Джаз» – ваши"),
        ("ru", 21, "21 билет на «Джаз» – ваш"),
        ("kk", 4, "«Джаз»: 4 билетіңіз"),
        ("pt-br", 1, "Your ticket for Джаз"),
        ("ru-kz", 2, "2 билета на «Джаз» – ваши"),
    ] {
        assert_eq!(texts.say(&language(tag), &bought(tickets)).title, title, "{tag} {tickets}");
    }
    for (tag, body) in [
        ("en", "See you on Saturday, 1 May 2027, 18:00 (Asia/Almaty)."),
        ("ru", "Ждём вас: суббота, 1 мая 2027 г., 18:00 (Asia/Almaty)."),
        ("kk", "Күтеміз: 2027 жылғы 1 мамыр, сенбі, 18:00 (Asia/Almaty)."),
    ] {
        assert_eq!(texts.say(&language(tag), &bought(1)).body, body);
    }
    // The hour that comes twice, and the one that does not come, are the zone's business.
    let night = |at: &str| {
        let words = Words::TicketGiven { event: String::new(), start: utc(at, "Europe/Berlin") };
        texts.say(&Language::english(), &words).body
    };
    assert_eq!(night("2027-03-28T01:00:00Z"), "See you on Sunday, 28 March 2027, 03:00 (Europe/Berlin).");
    assert_eq!(night("2027-10-31T01:00:00Z"), "See you on Sunday, 31 October 2027, 02:00 (Europe/Berlin).");
}

#[test]
fn what_people_wrote_is_said_as_they_wrote_it() {
    let texts = Texts::bundled();
    let odd = "{ $x } { -was-it-you } <b>\u{202e}\n\"0\"".to_owned();
    for tag in ["en", "ru", "kk"] {
        let words = Words::Announcement { title: odd.clone(), body: odd.clone() };
        let said = texts.say(&language(tag), &words);
        assert_eq!(said, Said { title: odd.clone(), body: odd.clone() });
        let words = Words::EventCancelled { event: String::new(), reason: Some("0".to_owned()) };
        assert_eq!(texts.say(&language(tag), &words).body, "0", "a text is no number");
    }
}

#[test]
fn a_host_says_things_in_its_own_way_and_in_other_languages() {
    let own = "review-published = Danke für { $event }\n    .body = Bis bald.\n";
    let texts = Texts::bundled().with("de", "de.ftl", own).unwrap().with("ru", "ru.ftl", own).unwrap();
    let published = Words::ReviewPublished { event: "X".to_owned() };
    let refused = Words::ReviewRefused { event: "X".to_owned(), reason: "Y".to_owned() };
    for (tag, words, title) in [
        ("de", &published, "Danke für X"),
        ("de-at", &published, "Danke für X"),
        ("de", &refused, "Your review of X is not published"),
        ("ru", &published, "Danke für X"),
        ("ru", &refused, "Ваш отзыв о «X» не опубликован"),
        ("en", &published, "Your review of X is published"),
    ] {
        assert_eq!(texts.say(&language(tag), words).title, title, "{tag}");
    }
    assert_eq!(texts.preferred("fr, de-AT;q=0.9, ru;q=0.8"), Some(language("de")));
    assert_eq!(texts.preferred("fr"), None);
    let german =
        Words::EventSoon { event: "X".to_owned(), start: utc("2027-05-01T13:00:00Z", "UTC"), place: None };
    let texts =
        texts.with("de", "de.ftl", "event-soon = { $event }\n    .body = { $start }{ $place }\n").unwrap();
    let said = texts.say(&language("de"), &german).body;
    assert!(said.starts_with("2027-05-01, 13:00"), "{said}: without names of months it is digits");
}

#[test]
fn what_is_wrong_is_named_by_file_and_line() {
    for (source, shown) in [
        ("review-publshed = X\n", "x.ftl:1: nobody asks for review-publshed"),
        ("\n\nreview-published = X\n", "x.ftl:3: review-published needs exactly one attribute, .body"),
        ("start = X\n    .body = Y\n", "x.ftl:1: start needs no attributes"),
        ("review-published =\n    .body = Y\n", "x.ftl:1: review-published has no words of its own"),
        (
            "# x\nreview-published = { $evnt }\n    .body = Y\n",
            "x.ftl:2: review-published has no $evnt; it has $event",
        ),
        (
            "review-published = { $event ->\n    [0] { $x }\n   *[other] Y\n    }\n    .body = Y\n",
            "x.ftl:1: review-published has no $x; it has $event",
        ),
        ("start-open = { $x }\n", "x.ftl:1: start-open has no $x; it has nothing to fill in"),
        ("start-open = { -brand }\n", "x.ftl:1: start-open uses -brand, which this file has not"),
        (
            "start-open = { NUMBER(1) }\n",
            "x.ftl:1: start-open uses NUMBER(); only arguments, numbers, texts and terms are there",
        ),
        (
            "start-open = { month-1 }\n",
            "x.ftl:1: start-open uses month-1; only arguments, numbers, texts and terms are there",
        ),
        ("month-1 = A\nmonth-1 = B\n", "x.ftl:2: month-1 is there twice"),
    ] {
        let wrong = Texts::bundled().with("en", "x.ftl", source).unwrap_err();
        assert_eq!(wrong.to_string(), shown, "{source}");
    }
    let broken = Texts::bundled().with("en", "x.ftl", "month-1 = A\nmonth-2 = { $\n").unwrap_err();
    assert!(broken.to_string().starts_with("x.ftl:"), "{broken}");
    assert!(broken.line >= Some(2), "{broken}");
    for tag in ["", "x", "русский", "en us"] {
        let wrong = Texts::bundled().with(tag, "x.ftl", "").unwrap_err();
        assert!(wrong.to_string().starts_with("x.ftl: is named after no language"), "{wrong}");
    }
}
