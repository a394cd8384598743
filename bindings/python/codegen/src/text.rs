//! Documentation, from Rust's into Python's.

use eventify_surface::{ErrorCodes, without_examples};

const COLUMNS: usize = 100;

/// The prose of a documentation: links are names, `null` is `None`.
pub(crate) fn prose(docs: &str) -> String {
    let text = without_examples(docs);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find('[') {
        out.push_str(&rest[..start]);
        let behind = &rest[start + 1..];
        let Some(end) = behind.find(']') else {
            out.push('[');
            rest = behind;
            continue;
        };
        let (name, after) = (&behind[..end], &behind[end + 1..]);
        if !name.starts_with('`') {
            out.push('[');
            rest = behind;
            continue;
        }
        out.push_str(&name.replace("Self::", "").replace("::", "."));
        rest = match after.strip_prefix('(').and_then(|link| link.find(')').map(|end| &link[end + 1..])) {
            Some(beyond) => beyond,
            None => after,
        };
    }
    out.push_str(rest);
    dotted(&out)
        .replace("`null`", "``None``")
        .replace("`None`", "``None``")
        .replace("```", "``")
        .replace('\\', "\\\\")
        .replace("\"\"\"", "'''")
}

/// `Settings.hold_for`, where Rust writes `Settings::hold_for`.
fn dotted(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive("::") {
        let is_name = out.ends_with("::")
            && out.trim_end_matches(':').ends_with(char::is_alphanumeric)
            && part.starts_with(char::is_alphabetic);
        if is_name {
            out.truncate(out.len() - "::".len());
            out.push('.');
        }
        out.push_str(part);
    }
    out
}

/// The first sentence or lines as one line.
pub(crate) fn one_line(docs: &str) -> String {
    prose(docs).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is raised, by code.
pub(crate) fn raises(docs: &str) -> Option<String> {
    let text = docs.errors_text();
    let text = prose(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Paragraphs, wrapped and indented.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| fill(paragraph, indent, indent));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// One paragraph; lines after the first are indented further.
pub(crate) fn fill(paragraph: &str, first: usize, others: usize) -> String {
    let (mut lines, mut line) = (Vec::new(), " ".repeat(first));
    let mut is_empty = true;
    for word in paragraph.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(std::mem::replace(&mut line, " ".repeat(others)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines.join("\n")
}

/// A docstring: the prose, then named parts with an entry a line.
pub(crate) fn docstring(prose: &str, parts: &[(&str, Vec<(String, String)>)], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let body = wrapped(prose, indent);
    let mut out = format!("{pad}\"\"\"{}", body.trim_start());
    for (title, entries) in parts.iter().filter(|(_, entries)| !entries.is_empty()) {
        out.push_str(&format!("\n\n{pad}{title}:"));
        for (name, about) in entries {
            out.push('\n');
            out.push_str(&fill(&format!("{name}: {about}"), indent + 4, indent + 8));
        }
    }
    if out.contains('\n') { format!("{out}\n{pad}\"\"\"\n") } else { format!("{out}\"\"\"\n") }
}

/// A docstring that ends with lines of doctest.
pub(crate) fn with_example(docstring: &str, lines: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let prose = docstring.trim_end().trim_end_matches("\"\"\"").trim_end();
    let lines: Vec<String> = lines.lines().map(|line| format!("{pad}{line}")).collect();
    format!("{prose}\n\n{}\n{pad}\"\"\"\n", lines.join("\n"))
}
