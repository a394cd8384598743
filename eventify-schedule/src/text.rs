//! Texts from strangers, made fit to keep: bounded, no control characters.

/// A text within its bound.
pub(crate) struct Bounded {
    pub(crate) text: String,
    /// Whether something of it was cut off.
    pub(crate) is_cut: bool,
}

/// A name or title: one line, runs of whitespace and control characters become one space.
pub(crate) fn one_line(raw: &str, chars_max: usize) -> Bounded {
    let mut text = String::new();
    let mut chars = 0;
    let mut is_space_due = false;
    for c in raw.chars() {
        if c.is_whitespace() || c.is_control() {
            is_space_due = !text.is_empty();
            continue;
        }
        let needed = if is_space_due { 2 } else { 1 };
        if chars + needed > chars_max {
            return Bounded { text, is_cut: true };
        }
        if is_space_due {
            text.push(' ');
            is_space_due = false;
        }
        text.push(c);
        chars += needed;
    }
    Bounded { text, is_cut: false }
}

/// A longer text: keeps its lines (line ends become `\n`) and tabs, without blank space around the whole.
pub(crate) fn block(raw: &str, chars_max: usize) -> Bounded {
    let raw = raw.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let mut text = String::new();
    let mut chars = 0;
    let mut previous = '\0';
    for c in raw.chars() {
        let kept = match c {
            '\n' if previous == '\r' => None,
            '\r' => Some('\n'),
            '\n' | '\t' => Some(c),
            c if c.is_control() => None,
            c => Some(c),
        };
        previous = c;
        if let Some(c) = kept {
            if chars == chars_max {
                return Bounded { text, is_cut: true };
            }
            text.push(c);
            chars += 1;
        }
    }
    Bounded { text, is_cut: false }
}

/// A place in a text, moved forward only. Line and column come at the price of one walk over the whole text, however
/// many positions are asked for, and whatever the length of its lines.
pub(crate) struct LineCursor<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: usize,
    column: usize,
}

impl<'a> LineCursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, line: 1, column: 1 }
    }

    /// Line and column of a byte offset; of the furthest one so far when it lies behind.
    pub(crate) fn at(&mut self, offset: usize) -> crate::Position {
        let passed = self.bytes.get(self.offset..offset).unwrap_or_default();
        for &byte in passed {
            if byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else if byte & 0xC0 != 0x80 {
                // Not a continuation byte: a character starts here.
                self.column += 1;
            }
        }
        self.offset += passed.len();
        crate::Position::Line { line: self.line, column: self.column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

    #[test]
    fn one_line_joins_and_cuts() {
        for (raw, chars_max, text, is_cut) in [
            ("  Saal\n\t 1 ", 10, "Saal 1", false),
            ("Größe", 5, "Größe", false),
            ("Größer", 5, "Größe", true),
            ("ab cd", 3, "ab", true),
            ("a\0b", 9, "a b", false),
            (" \u{7} ", 9, "", false),
            ("👩‍🚀 مرحبا", 20, "👩‍🚀 مرحبا", false),
        ] {
            let bounded = one_line(raw, chars_max);
            assert_eq!((bounded.text.as_str(), bounded.is_cut), (text, is_cut), "{raw:?}");
        }
    }

    #[test]
    fn block_keeps_lines() {
        for (raw, chars_max, text, is_cut) in
            [("\r\na\r\nb\rc\n\nd\t\u{1b}\n ", 20, "a\nb\nc\n\nd", false), ("ä\nö\nü", 3, "ä\nö", true)]
        {
            let bounded = block(raw, chars_max);
            assert_eq!((bounded.text.as_str(), bounded.is_cut), (text, is_cut), "{raw:?}");
        }
    }

    #[test]
    fn cursor_counts_characters() {
        let text = "ab\näö c\n";
        let mut cursor = LineCursor::new(text.as_bytes());
        assert_eq!(cursor.at(1), Position::Line { line: 1, column: 2 });
        assert_eq!(cursor.at(8), Position::Line { line: 2, column: 4 });
        assert_eq!(cursor.at(3), Position::Line { line: 2, column: 4 }, "never goes back");
        assert_eq!(cursor.at(text.len()), Position::Line { line: 3, column: 1 });
        assert_eq!(cursor.at(99), Position::Line { line: 3, column: 1 }, "never leaves the text");
    }
}
