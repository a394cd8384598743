//! The table of operations, in Rust.

use std::fmt::Write as _;

use eventify_surface::{Noun, Operation, Param};

use crate::plan::{FEEDS, PIECES, Plan};

/// `src/operations.rs`.
pub(crate) fn file(plan: &Plan<'_>) -> String {
    let mut out = format!(
        "//! Written by eventify-python-codegen from eventify-core; do not edit. Every operation, one line each.\n\
         \n\
         use crate::call::{{Operation, actor, bytes, feed, fetched, operation, pieces, plain, replayed}};\n\
         \n\
         /// Both sides have to be of one version: the front says which one it was written with.\n\
         pub(crate) const FINGERPRINT: &str = \"{}\";\n\
         \n\
         /// Every operation by its number.\n\
         pub(crate) static OPERATIONS: &[(&str, Operation)] = &[\n",
        plan.fingerprint()
    );
    for noun in &plan.nouns {
        for operation in &noun.operations {
            let path = format!("{}.{}", noun.name, operation.name);
            let _ = writeln!(out, "    (\"{path}\", operation!(e, who, a => {})),", line(noun, operation));
        }
    }
    out.push_str("    (\"ping\", operation!(e, who, a => plain(e.ping().await?))),\n];\n");
    out
}

fn line(noun: &Noun, operation: &Operation) -> String {
    let of: Vec<String> = noun.params.iter().map(argument).collect();
    let arguments: Vec<String> = operation.params.iter().map(argument).collect();
    let awaited = if operation.is_async { ".await" } else { "" };
    let tried = if operation.is_fallible { "?" } else { "" };
    let call = format!(
        "e.{}({}).{}({}){awaited}{tried}",
        noun.name,
        of.join(", "),
        operation.name,
        arguments.join(", ")
    );
    if let Some((_, next, _)) = PIECES.iter().find(|(name, ..)| *name == operation.answer.name) {
        let (noun, next) = next.split_once('.').unwrap_or_default();
        return format!("pieces!(e, x, {call}, e.{noun}().{next}(&mut x))");
    }
    let kind = match operation.answer.name.as_str() {
        "Fetched" => "fetched",
        "Answer" => "replayed",
        "Actor" => "actor",
        "Vec" if crate::python::is_bytes(&operation.answer) => "bytes",
        name if FEEDS.iter().any(|(feed, _)| *feed == name) => "feed",
        _ => "plain",
    };
    format!("{kind}({call})")
}

fn argument(param: &Param) -> String {
    match param.ty.name.as_str() {
        "Actor" => "&who.actor".to_owned(),
        "Call" => "who.call()".to_owned(),
        "IfMatch" => "a.if_match()?".to_owned(),
        "str" => "&a.value::<String>()?".to_owned(),
        _ if param.by_ref => "&a.value()?".to_owned(),
        _ => "a.value()?".to_owned(),
    }
}
