//! How long a text message is: in segments, as networks count (3GPP TS 23.038).

use unicode_segmentation::UnicodeSegmentation;

/// Septets of a message in the basic alphabet, alone and as part of several.
const BASIC: (usize, usize) = (160, 153);
/// Units of UTF-16 of any other message.
const WIDE: (usize, usize) = (70, 67);

/// What costs one septet, beside ASCII's letters and digits.
const ONE: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// What costs two.
const TWO: &str = "^{}\\[~]|€\u{c}";

fn septets(c: char) -> Option<usize> {
    match c {
        _ if c.is_ascii_alphanumeric() || ONE.contains(c) => Some(1),
        _ if TWO.contains(c) => Some(2),
        _ => None,
    }
}

/// The units of a text and how many of them a message and a part of several have.
fn measure(text: &str) -> (usize, (usize, usize)) {
    match text.chars().map(septets).sum::<Option<usize>>() {
        Some(units) => (units, BASIC),
        None => (text.encode_utf16().count(), WIDE),
    }
}

/// How many segments a text takes.
pub(super) fn segments(text: &str) -> usize {
    let (units, (alone, part)) = measure(text);
    if units <= alone { 1 } else { units.div_ceil(part) }
}

/// A text that takes at most so many segments: cut between characters that people see, with dots at the end, if it is longer.
pub(super) fn fit(text: &str, segments_max: usize) -> String {
    if segments(text) <= segments_max {
        return text.to_owned();
    }
    // The dots are in the basic alphabet, so that they make nothing longer.
    let with_dots = |end: usize| format!("{}...", text.get(..end).unwrap_or_default().trim_end());
    let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
    // A longer beginning never takes fewer segments.
    let good = ends.partition_point(|end| segments(&with_dots(*end)) <= segments_max);
    with_dots(good.checked_sub(1).and_then(|last| ends.get(last).copied()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_networks_do() {
        for (text, expected) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ñ".repeat(160), 1),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("ж".repeat(134), 2),
            ("ж".repeat(135), 3),
            ("🎷".repeat(35), 1),
            ("🎷".repeat(36), 2),
            (format!("{}ж", "a".repeat(69)), 1),
            (format!("{}ж", "a".repeat(70)), 2),
            ("`".to_owned(), 1),
            ("`".repeat(71), 2),
        ] {
            assert_eq!(segments(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        assert_eq!(fit("short", 1), "short");
        assert_eq!(fit(&"a".repeat(161), 1), format!("{}...", "a".repeat(157)));
        assert_eq!(fit(&"a".repeat(400), 2), format!("{}...", "a".repeat(303)));
        assert_eq!(fit(&"ж".repeat(71), 1), format!("{}...", "ж".repeat(67)));
        // A family is one character of many units.
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(family.encode_utf16().count(), 11);
        assert_eq!(fit(&family.repeat(7), 1), format!("{}...", family.repeat(6)));
        assert_eq!(
            fit(&format!("{} {}", "a".repeat(156), "b".repeat(9)), 1),
            format!("{}...", "a".repeat(156))
        );
    }
}
