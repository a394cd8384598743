//! What the documentation of methods shows. The tests of Python run it.

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::{Error, binding};

/// Lines of doctest by operation, from `examples.txt`.
pub(crate) type Examples = BTreeMap<String, String>;

/// # Errors
/// When the file cannot be read, shows an operation that there is not, or nothing of a noun.
pub(crate) fn examples(plan: &Plan<'_>) -> Result<Examples, Error> {
    let text = std::fs::read_to_string(binding().join("codegen/examples.txt"))?;
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.starts_with('#'));
    let examples: Examples = parts
        .filter_map(|part| part.split_once('\n'))
        .map(|(of, lines)| (of.to_owned(), lines.to_owned()))
        .collect();
    let mut unknown: Vec<&str> = examples.keys().map(String::as_str).collect();
    for noun in &plan.nouns {
        let path = |name: &str| format!("{}.{name}", noun.name);
        if !noun.operations.iter().any(|of| examples.contains_key(&path(&of.name))) {
            return Err(format!("examples.txt: nothing is shown of {}", noun.name).into());
        }
        unknown.retain(|shown| !noun.operations.iter().any(|of| path(&of.name) == **shown));
    }
    if unknown.is_empty() {
        Ok(examples)
    } else {
        Err(format!("examples.txt: there is no {unknown:?}").into())
    }
}
