//! The exceptions: a class for each kind of refusal, and the codes.

use std::fmt::Write as _;

use eventify_surface::Surface;

use crate::python::shout;
use crate::text::{docstring, one_line, prose};
use crate::{Error, HEAD};

/// `_kinds.py`.
pub(crate) fn file(surface: &Surface) -> Result<String, Error> {
    let mut out = format!(
        "{HEAD}\"\"\"The kinds of refusals, and their codes.\"\"\"\n\nfrom __future__ import annotations\n\nfrom enum import StrEnum\n\nfrom ._error import EventifyError\n"
    );
    let kinds = surface.categories();
    if kinds.is_empty() {
        return Err("core has no categories of refusals".into());
    }
    let names: Vec<String> = kinds.iter().map(|kind| format!("    \"{}Error\",\n", kind.name)).collect();
    let _ = write!(out, "\n__all__ = [\n{}    \"Reason\",\n]\n", names.concat());
    for kind in kinds {
        let _ = write!(
            out,
            "\n\nclass {}Error(EventifyError):\n{}",
            kind.name,
            docstring(&words(&prose(&kind.docs)), &[], 4)
        );
    }
    out.push_str("\n\nKINDS: dict[str, type[EventifyError]] = {\n");
    for kind in kinds {
        let _ = writeln!(out, "    \"{0}\": {0}Error,", kind.name);
    }
    out.push_str("}\n\n\nclass Reason(StrEnum):\n    \"\"\"The stable code of a refusal or failure: the same in Rust, HTTP, Python, Swift and Kotlin.\"\"\"\n\n");
    for reason in &surface.reasons {
        let camel: String = reason.code.split('_').map(capitalised).collect();
        let _ = writeln!(
            out,
            "    {} = \"{}\"\n    \"\"\"{}\"\"\"",
            shout(&camel),
            reason.code,
            words(&one_line(&reason.docs))
        );
    }
    Ok(out)
}

/// Rust's `Error` is an `EventifyError` here.
fn words(text: &str) -> String {
    text.replace("`Error.", ":attr:`EventifyError.")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
