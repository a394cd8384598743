//! Where a command's words go: the terminal, or the command that asked a running service.

use std::fmt;
use std::io::Write;
use std::sync::Mutex;

/// Takes a command's words, line by line.
pub(crate) trait Out: fmt::Debug + Send + Sync {
    /// A line of what was asked for.
    fn line(&self, text: &str);
    /// A line about what was asked for: a warning, a reason.
    fn note(&self, text: &str);
}

/// The process's own stdout and stderr. Nobody reading them any more is no reason to stop.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Out for Terminal {
    fn line(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{}", shown(text));
        let _ = stdout.flush();
    }

    fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}", shown(text));
    }
}

/// Writes text exactly as it is: for what is no message but a file.
pub(crate) fn raw(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Keeps lines for whoever forwards them.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Vec<Line>>);

/// One line, and which of the two streams it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// Of [`Out::line`].
    Out(String),
    /// Of [`Out::note`].
    Note(String),
}

impl Kept {
    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn push(&self, line: Line) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line);
    }
}

impl Out for Kept {
    fn line(&self, text: &str) {
        self.push(Line::Out(text.to_owned()));
    }

    fn note(&self, text: &str) {
        self.push(Line::Note(text.to_owned()));
    }
}

/// Titles and names come from strangers: nothing in them may move the cursor, colour the terminal, reverse the text or
/// pretend to be another line.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == '\t' || !is_unsafe(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    out
}

/// The same for a word inside of a line: no line breaks either.
pub(crate) fn inline(text: &str) -> String {
    shown(text).replace(['\n', '\t'], " ")
}

/// Control characters, and what reorders text (Unicode's bidirectional controls, UAX #9).
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_steers_the_terminal() {
        assert_eq!(shown("a\u{1b}[31mb\r\u{202e}c\nd"), "a\\u{1b}[31mb\\u{d}\\u{202e}c\nd");
        assert_eq!(inline("a\nb\tc"), "a b c");
        assert_eq!(shown("Қазақ ñ 日本 🎟"), "Қазақ ñ 日本 🎟");
    }
}
