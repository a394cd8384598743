//! Documentation comments.

use syn::{Attribute, Expr, Lit, Meta};

/// The text of the documentation comments, without the space that every line begins with.
pub(crate) fn of(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(of) => match &of.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// Documentation without its examples, which are in Rust, and without the `# Errors` section.
#[must_use]
pub fn without_examples(docs: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let (mut in_code, mut in_errors) = (false, false);
    for line in docs.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if line.starts_with("# ") {
            in_errors = matches!(line, "# Errors" | "# Panics" | "# Examples");
        } else if !(in_code || in_errors || line.is_empty() && kept.last().is_none_or(|last| last.is_empty()))
        {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

/// What the `# Errors` section of a documentation says.
pub trait ErrorCodes {
    /// The section's text; empty when there is none.
    fn errors_text(&self) -> String;
}

impl ErrorCodes for str {
    fn errors_text(&self) -> String {
        let inside = self.lines().skip_while(|line| *line != "# Errors").skip(1);
        let text: Vec<&str> = inside.take_while(|line| !line.starts_with("# ")).collect();
        text.join("\n").trim().to_owned()
    }
}
