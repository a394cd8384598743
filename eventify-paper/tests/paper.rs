//! What is on the paper, as other programs see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use eventify_core::ticket::TicketPaper;
use eventify_core::{Money, TimeZoneName};
use eventify_paper::ticket_pdf;
use proptest::prelude::*;
use support::{CODE, Printed, TAGS, at, speaker, ticket};

fn print(ticket: &TicketPaper, tag: &str) -> Printed {
    Printed::new(&ticket_pdf(ticket, speaker(tag)).unwrap())
}

#[test]
fn a_scanner_reads_the_code_from_the_page() {
    let printed = print(&ticket(), "en");
    // As a screen, an office printer and a poor one have it.
    for dots_per_inch in [96, 150, 300] {
        assert_eq!(printed.scanned(dots_per_inch), [CODE], "{dots_per_inch} dots per inch");
    }
}

#[test]
fn there_is_light_around_the_code() {
    // Four pixels are a point.
    let (width, height, pixels) = print(&ticket(), "en").picture(4 * 72);
    let dark = |x: usize, y: usize| pixels[y * width + x] < 128;
    // The right column – 210 points, up to 56 from the edge – below the line that is drawn across the page.
    let columns = 1_318..2_156;
    let across = |y: &usize| columns.clone().all(|x| dark(x, *y));
    let line = (0..height).filter(across).min().unwrap();
    let below = (line..height).find(|y| !across(y)).unwrap();
    let top = (below..height).find(|y| columns.clone().any(|x| dark(x, *y))).unwrap();
    let left = columns.clone().find(|x| dark(*x, top)).unwrap();
    let right = columns.clone().rev().find(|x| dark(*x, top)).unwrap();
    // The top row begins with the side of a finder pattern: seven modules.
    let module = (left..right).take_while(|x| dark(*x, top)).count() as f32 / 7.0;
    let bottom = (top..height).take_while(|y| (left..right).any(|x| dark(x, *y))).last().unwrap();
    assert!((bottom - top).abs_diff(right - left) <= 4, "it is a square");
    let quiet = 4.0 * module - 2.0;
    for (side, light) in
        [("left", left - columns.start), ("right", columns.end - right), ("top", top - below)]
    {
        assert!(light as f32 >= quiet, "{side}: {light} pixels of light, and a module is {module}");
    }
    let says = (bottom + 1..height).find(|y| columns.clone().any(|x| dark(x, *y))).unwrap();
    assert!((says - bottom) as f32 >= quiet, "below");
}

#[test]
fn the_text_is_there_in_every_language() {
    let common = ["Қазақ джаз түні: Әсел, Ғани және Öykü Łukasz", "Дворец Республики, Алматы", "Партер"];
    let common = common.into_iter().chain(["Шәкәрім Құдайбердіұлы", "4500.00 KZT", "7KQ2-M4XB-09TZ"]);
    let common: Vec<&str> = common.collect();
    let zone = "(Asia/Almaty, UTC+05:00)";
    for (language, own) in [
        ("en", ["Saturday, 1 May 2027, 18:00 – 21:30", "Doors open 17:15", "Балкон, row C, seat 12"]),
        ("ru", ["суббота, 1 мая 2027 г., 18:00 – 21:30", "Вход открыт с 17:15", "Балкон, ряд C, место 12"]),
        (
            "kk",
            ["2027 жылғы 1 мамыр, сенбі, 18:00 – 21:30", "Есік ашылады 17:15", "Балкон, C-қатар, 12-орын"],
        ),
        // As a host says it, and in English what the host does not say.
        ("de", ["Samstag, 1. Mai 2027, 18:00 – 21:30", "Doors open 17:15", "Балкон, Reihe C, Platz 12"]),
    ] {
        let printed = print(&ticket(), language);
        let text = printed.text();
        for words in common.iter().chain(&own).chain(&[zone]) {
            assert!(text.contains(words), "{words:?} is not in {text:?}");
        }
        assert!(!text.contains(CODE), "what the picture says is not written out");
        assert_eq!(printed.info("Title"), ticket().title);
        assert_eq!(printed.info("Tagged"), "yes");
        assert_eq!(
            (printed.info("Pages"), printed.info("Page size")),
            ("1".to_owned(), "595.276 x 841.89 pts (A4)".to_owned())
        );
    }
}

#[test]
fn a_screen_reader_finds_a_heading_and_a_described_picture() {
    let structure = print(&ticket(), "ru").structure();
    assert!(structure.contains("H1"), "{structure}");
    assert!(structure.contains("Figure"), "{structure}");
}

#[test]
fn what_a_ticket_does_not_have_is_not_there() {
    let mut bare = ticket();
    (bare.venue, bare.city, bare.doors_at, bare.holder, bare.price) = (None, None, None, None, None);
    bare.ticket.seat = None;
    let text = print(&bare, "en").text();
    for label in ["Place", "Doors", "Name", "Price", "Seat"] {
        assert!(!text.contains(label), "{label} in {text}");
    }
    bare.price = Some(Money::new(0, "KZT".parse().unwrap()));
    assert!(print(&bare, "kk").text().contains("Тегін"));
}

#[test]
fn characters_that_the_fonts_lack_are_marks_and_the_rest_is_there() {
    let mut odd = ticket();
    odd.title = "Jazz 🎷 Night 東京 مساء".to_owned();
    odd.venue = Some("\u{202E}Hall\u{200D}\u{FE0F}".to_owned());
    odd.holder = Some("👩‍👩‍👧".to_owned());
    let printed = print(&odd, "en");
    assert_eq!(printed.info("Title"), odd.title);
    assert_eq!(printed.info("Pages"), "1");
    let text = printed.text();
    assert!(text.contains("Jazz") && text.contains("Night") && text.contains("Hall, Алматы"), "{text}");
    assert_eq!(printed.scanned(150), [CODE]);
    odd.title = String::new();
    assert_eq!(print(&odd, "en").info("Title"), "Ticket");
}

#[test]
fn the_same_ticket_gives_the_same_bytes() {
    for language in ["en", "ru", "kk", "de"] {
        assert_eq!(
            ticket_pdf(&ticket(), speaker(language)).unwrap(),
            ticket_pdf(&ticket(), speaker(language)).unwrap()
        );
    }
    let pdf = ticket_pdf(&ticket(), speaker("en")).unwrap();
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
}

#[test]
fn times_are_those_of_the_place() {
    let mut night = ticket();
    (night.starts_at, night.ends_at) = (at("2027-10-30T23:30:00Z"), at("2027-10-31T02:30:00Z"));
    night.time_zone = "Europe/Berlin".parse().unwrap();
    let text = print(&night, "en").text();
    // The clocks go back at three: it begins in summer time.
    assert!(text.contains("Sunday, 31 October 2027, 01:30 – 03:30 (Europe/Berlin, UTC+02:00)"), "{text}");
    night.time_zone = TimeZoneName::utc();
    let text = print(&night, "en").text();
    assert!(
        text.contains("Saturday, 30 October 2027, 23:30 – Sunday, 31 October 2027, 02:30 (UTC)"),
        "{text}"
    );
}

/// Texts as long as the engine allows, and of anything.
fn text(chars_max: usize) -> impl Strategy<Value = String> {
    let mixed = proptest::collection::vec(any::<char>(), 0..chars_max);
    let words =
        "[\\PC ]{0,300}".prop_map(move |text: String| text.chars().take(chars_max).collect::<String>());
    let wide = (0..chars_max, any::<char>()).prop_map(|(count, c)| c.to_string().repeat(count));
    prop_oneof![mixed.prop_map(|chars| chars.into_iter().collect()), words, wide]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_texts_are_it_is_one_page(
        title in text(200), venue in text(200), city in text(100), kind in text(100), holder in text(100),
        section in text(100), row in text(20), minor in any::<i64>(), language in 0..4_usize,
    ) {
        let mut odd = ticket();
        (odd.title, odd.ticket_type, odd.holder) = (title, kind, Some(holder));
        (odd.venue, odd.city, odd.price) = (Some(venue), Some(city), Some(Money::new(minor, "KZT".parse().unwrap())));
        let seat = odd.ticket.seat.as_mut().unwrap();
        (seat.section, seat.row) = (section, row);
        let pdf = ticket_pdf(&odd, speaker(TAGS[language].tag())).unwrap();
        let pages = b"/Type/Pages/Count 1/";
        prop_assert!(pdf.windows(pages.len()).any(|window| window == pages));
    }
}

#[test]
fn the_longest_texts_are_cut_and_the_code_stays_readable() {
    let mut long = ticket();
    long.title = "Ш".repeat(200);
    long.venue = Some("Щ".repeat(200));
    long.city = Some("Ы ".repeat(50));
    long.ticket_type = "W".repeat(100);
    long.holder = Some("М".repeat(100));
    long.ends_at = at("2027-05-03T16:30:00Z");
    let seat = long.ticket.seat.as_mut().unwrap();
    (seat.section, seat.row) = ("Ж".repeat(100), "Ф".repeat(20));
    for language in ["en", "ru", "kk", "de"] {
        let printed = print(&long, language);
        assert_eq!(printed.info("Pages"), "1");
        assert_eq!(printed.scanned(150), [CODE]);
        let (width, height, pixels) = printed.picture(72);
        let lowest = pixels.chunks(width).rposition(|row| row.iter().any(|pixel| *pixel < 128)).unwrap();
        assert!(lowest < height - 50, "nothing runs off the page: {lowest} of {height}");
        let rightmost = (0..width).rev().find(|x| pixels.chunks(width).any(|row| row[*x] < 128)).unwrap();
        assert!(rightmost < width - 50, "{rightmost} of {width}");
    }
}
