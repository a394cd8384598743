//! When something is, as people write it.

use std::fmt::Write as _;

use eventify_core::text::Speaker;
use jiff::Zoned;

/// From when to when, in the zone of both, which is named.
pub(crate) fn period(speaker: Speaker<'_>, start: &Zoned, end: &Zoned) -> String {
    let mut text = format!("{}, {}", speaker.date(start.date()), clock(start));
    if start.date() == end.date() {
        let _ = write!(text, " – {}", clock(end));
    } else {
        let _ = write!(text, " – {}, {}", speaker.date(end.date()), clock(end));
    }
    // Clocks that change meanwhile are the zone's business: the offset is that of the start.
    let zone = start.time_zone().iana_name().unwrap_or("UTC");
    match zone {
        "UTC" => text.push_str(" (UTC)"),
        zone => {
            let _ = write!(text, " ({zone}, UTC{})", start.strftime("%:z"));
        }
    }
    text
}

/// An instant of the day on which something starts, or with its own date.
pub(crate) fn instant(speaker: Speaker<'_>, at: &Zoned, start: &Zoned) -> String {
    if at.date() == start.date() { clock(at) } else { format!("{}, {}", speaker.date(at.date()), clock(at)) }
}

fn clock(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use eventify_core::Language;
    use eventify_core::text::Texts;

    use super::*;

    #[test]
    fn dates_are_written_as_people_write_them() {
        let at = |text: &str| {
            let instant: jiff::Timestamp = text.parse().unwrap();
            instant.in_tz("Asia/Almaty").unwrap()
        };
        let texts = Texts::bundled();
        let (start, end) = (at("2027-05-01T13:00:00Z"), at("2027-05-01T16:30:00Z"));
        let [english, russian, kazakh] =
            ["en", "ru", "kk-Cyrl-KZ"].map(|tag| tag.parse::<Language>().unwrap());
        for (language, text) in [
            (&english, "Saturday, 1 May 2027, 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
            (&russian, "суббота, 1 мая 2027 г., 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
            (&kazakh, "2027 жылғы 1 мамыр, сенбі, 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
        ] {
            assert_eq!(period(texts.in_language(language), &start, &end), text);
        }
        let speaker = texts.in_language(&english);
        let night = period(speaker, &start, &at("2027-05-01T20:00:00Z"));
        assert_eq!(night, "Saturday, 1 May 2027, 18:00 – Sunday, 2 May 2027, 01:00 (Asia/Almaty, UTC+05:00)");
        assert_eq!(instant(speaker, &at("2027-05-01T12:15:00Z"), &start), "17:15");
        assert_eq!(texts.in_language(&kazakh).seat("Балкон", "B", 7), "Балкон, B-қатар, 7-орын");
    }
}
