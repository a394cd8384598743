//! iCalendar's lowest level, the content line: `NAME;PARAM=value:VALUE`, folded over several lines of text
//! ([RFC 5545 section 3.1](https://www.rfc-editor.org/rfc/rfc5545#section-3.1)).
//!
//! The line's grammar is the `icalendar` crate's. Its reader of whole files is not used: it recurses without a bound,
//! gives up on the first bad line, and forgets where a line stood.

use icalendar::parser::Property;

/// An unfolded line.
pub(crate) struct ContentLine {
    /// The number of its first line in the file, from 1.
    pub(crate) line: usize,
    /// Not yet known to be UTF-8: some writers fold in the middle of a character, so it can only be told now.
    pub(crate) bytes: Vec<u8>,
}

/// Unfolds a file. Line ends may be CRLF, as the RFC wants it, or LF.
pub(crate) fn unfold(bytes: &[u8]) -> impl Iterator<Item = ContentLine> + '_ {
    let physical = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut physical = physical.enumerate().peekable();
    std::iter::from_fn(move || {
        let (index, first) = physical.next()?;
        let mut content = first.to_vec();
        while let Some((_, next)) = physical.next_if(|(_, next)| matches!(next.first(), Some(b' ' | b'\t'))) {
            content.extend_from_slice(next.get(1..).unwrap_or_default());
        }
        Some(ContentLine { line: index + 1, bytes: content })
    })
}

/// The upper-case name that a line begins with; `None` when it is no content line.
pub(crate) fn name_of(line: &str) -> Option<String> {
    let end = line.find([':', ';'])?;
    let name = line.get(..end)?.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_name.then(|| name.to_ascii_uppercase())
}

/// A content line taken apart.
pub(crate) struct Line {
    /// The value, without escapes where the property is a text.
    pub(crate) value: String,
    parameters: Vec<(String, String)>,
}

impl Line {
    /// `None` when the line cannot be read.
    pub(crate) fn parse(name: &str, line: &str) -> Option<Self> {
        let rest = line.get(line.find([':', ';'])?..)?;
        // The crate decides by the upper-case name whether the value is a text.
        let line = format!("{name}{rest}");
        let property = Property::try_from(line.as_str()).ok()?;
        let has_value = !property.val.as_str().is_empty() || line.ends_with(':');
        if !has_value {
            // The crate takes a line whose parameters it cannot read as a name without a value.
            return None;
        }
        // RFC 7986's NAME is a text that the crate does not know.
        let value = if name == "NAME" { property.val.unescape_text() } else { property.val };
        let parameters = property.params.iter();
        let parameters = parameters
            .filter_map(|parameter| Some((parameter.key.to_string(), parameter.val.as_ref()?.to_string())));
        Some(Self { value: value.to_string(), parameters: parameters.collect() })
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let parameter = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        parameter.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn lines_are_unfolded_and_counted() {
        let lines: Vec<_> = unfold(b"A:1\r\nB:two\r\n  words\n\tX\r\n\r\nC:3").collect();
        let lines: Vec<_> = lines.iter().map(|line| (line.line, line.bytes.as_slice())).collect();
        let expected: [(usize, &[u8]); 4] = [(1, b"A:1"), (2, b"B:two wordsX"), (5, b""), (6, b"C:3")];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_character_folded_in_its_middle_is_restored() {
        let folded = [b"SUMMARY:Gr\xC3".as_slice(), b"\r\n \xB6\xC3\x9Fe".as_slice()].concat();
        let line = unfold(&folded).next().unwrap();
        assert_eq!(String::from_utf8(line.bytes).unwrap(), "SUMMARY:Größe");
    }

    #[test]
    fn names() {
        assert_eq!(name_of("dtstart;TZID=Europe/Berlin:2026"), Some("DTSTART".to_owned()));
        assert_eq!(name_of("X-WR-CALNAME:Camp"), Some("X-WR-CALNAME".to_owned()));
        for line in ["", "no colon", ":value", "spaced name:x", "ümlaut:x"] {
            assert_eq!(name_of(line), None, "{line}");
        }
    }

    #[test]
    fn values_and_parameters() {
        let line =
            Line::parse("SUMMARY", r#"Summary;LANGUAGE=en;ALTREP="http://a;b:c":A\, B\; C\nD \\n E: F"#)
                .unwrap();
        assert_eq!(line.value, "A, B; C\nD \\n E: F");
        assert_eq!(line.parameter("language"), Some("en"));
        assert_eq!(line.parameter("ALTREP"), Some("http://a;b:c"));
        assert_eq!(line.parameter("TZID"), None);
        assert_eq!(Line::parse("NAME", r"NAME:Q\, A").unwrap().value, "Q, A");
        assert_eq!(Line::parse("SUMMARY", "SUMMARY:").unwrap().value, "");
        assert!(Line::parse("SUMMARY", "SUMMARY;X=1").is_none());
    }
}
