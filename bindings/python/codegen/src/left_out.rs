//! What of core Python does not have, and why.

use crate::{Error, binding};

/// Something of core that Python does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// An operation (`jobs.sweep`), a field (`Message.tickets`) or an option (`Builder.clock`).
    pub what: String,
    /// Why.
    pub why: String,
}

/// Reads `left-out.txt`: a line for each, `what: why`.
///
/// # Errors
/// When it cannot be read, or a line gives no reason.
pub fn left_out() -> Result<Vec<LeftOut>, Error> {
    let text = std::fs::read_to_string(binding().join("left-out.txt"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(parse).collect()
}

fn parse(line: &str) -> Result<LeftOut, Error> {
    match line.split_once(": ") {
        Some((what, why)) if !why.trim().is_empty() => {
            Ok(LeftOut { what: what.to_owned(), why: why.to_owned() })
        }
        _ => Err(format!("left-out.txt: {line:?} gives no reason").into()),
    }
}
