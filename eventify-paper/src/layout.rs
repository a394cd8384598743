//! Lines: where texts break, shrink, and end.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::face::Face;

/// A text that has its place: drawable lines of one size.
pub(crate) struct Fitted {
    pub(crate) lines: Vec<String>,
    pub(crate) size: f32,
    /// Whether something of the text is not there.
    pub(crate) cut: bool,
}

/// Breaks a text into lines of at most this width, in points, between words or, where a word alone is too wide, within it.
/// What does not fit on so many lines is cut, with an ellipsis.
pub(crate) fn fit(face: &Face, text: &str, size: f32, width: f32, lines_max: usize) -> Fitted {
    let drawable = face.drawable(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut cut = false;
    'words: for word in drawable.split_whitespace() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if face.width(&joined, size) <= width {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for piece in word.graphemes(true) {
            if lines.len() >= lines_max {
                cut = true;
                break 'words;
            }
            if !line.is_empty() && face.width(&line, size) + face.width(piece, size) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > lines_max {
        cut = true;
        lines.truncate(lines_max);
    }
    if cut && let Some(last) = lines.last_mut() {
        *last = with_ellipsis(face, last, size, width);
    }
    Fitted { lines, size, cut }
}

/// The same in the first of these sizes in which nothing has to be cut, or else in the last.
pub(crate) fn shrink(face: &Face, text: &str, sizes: &[f32], width: f32, lines_max: usize) -> Fitted {
    let mut fitted = Fitted { lines: Vec::new(), size: 0.0, cut: false };
    for &size in sizes {
        fitted = fit(face, text, size, width, lines_max);
        if !fitted.cut {
            break;
        }
    }
    fitted
}

fn with_ellipsis(face: &Face, line: &str, size: f32, width: f32) -> String {
    let mut pieces: Vec<&str> = line.graphemes(true).collect();
    loop {
        let cut = format!("{}…", pieces.concat().trim_end());
        if pieces.is_empty() || face.width(&cut, size) <= width {
            return cut;
        }
        pieces.pop();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{fit, shrink};
    use crate::face::Faces;

    #[test]
    fn texts_break_between_words_and_within_what_is_too_wide() {
        let face = &Faces::get().unwrap().regular;
        let lines = |text: &str, lines_max| {
            let fitted = fit(face, text, 10.0, 60.0, lines_max);
            assert!(fitted.lines.iter().all(|line| face.width(line, 10.0) <= 60.0), "{text}");
            assert!(fitted.lines.len() <= lines_max, "{text}");
            (fitted.lines, fitted.cut)
        };
        let text = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(lines("one two three four", 9), (text(&["one two", "three four"]), false));
        assert_eq!(lines("one two three four", 1), (text(&["one two…"]), true));
        assert_eq!(lines(" one\n\ttwo ", 9), (text(&["one two"]), false));
        assert_eq!(lines("", 9), (Vec::new(), false));
        let (broken, cut) = lines(&"я".repeat(25), 9);
        assert_eq!((broken.concat(), cut), ("я".repeat(25), false));
        let (broken, cut) = lines(&"я".repeat(1_000), 2);
        assert_eq!((broken.len(), cut, broken.concat().ends_with('…')), (2, true, true));
    }

    #[test]
    fn texts_shrink_before_they_are_cut() {
        let face = &Faces::get().unwrap().bold;
        let size = |chars: usize| shrink(face, &"W".repeat(chars), &[30.0, 20.0, 10.0], 200.0, 1).size;
        assert_eq!([size(1), size(10), size(15), size(500)], [30.0, 20.0, 10.0, 10.0]);
    }
}
