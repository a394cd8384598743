//! What a method does: one call, and its answer as Python's types.

use eventify_surface::{Noun, Operation, Type};

use super::Manner;
use super::signature::Signature;
use crate::plan::{FEEDS, PIECES, Plan};

/// The body of a method.
pub(crate) fn of(
    plan: &Plan<'_>,
    noun: &Noun,
    operation: &Operation,
    signature: &Signature,
    manner: Manner,
) -> String {
    let number = plan.number(noun, operation);
    let actor = if signature.has_actor { "actor" } else { "None" };
    let key = if signature.has_key { "idempotency_key" } else { "None" };
    let mut written = signature.written.clone();
    if !noun.params.is_empty() {
        written.insert(0, "self._of".to_owned());
    }
    let arguments = match written.as_slice() {
        [] => "\"\"".to_owned(),
        [one] => one.clone(),
        several => format!("_lines({})", several.join(", ")),
    };
    let link = if manner == Manner::Sync { "self._call" } else { "self._ask" };
    if signature.has_page {
        let decode = plan_item(plan, operation.answer.of.first());
        return folded(&format!(
            "        return Pages(self._engine, {number}, {actor}, {arguments}, {decode}, page_size, cursor)\n"
        ));
    }
    if let Some((_, _, piece)) =
        PIECES.iter().find(|(name, _, piece)| *name == operation.answer.name && *piece != "str")
    {
        let decode = plan_item(plan, Some(&Type::plain(piece)));
        return format!("        return Export(self._engine, {number}, {actor}, {arguments}, {decode})\n");
    }
    let awaited = if manner == Manner::Sync { "" } else { "await " };
    let call = format!("{awaited}{link}({number}, {actor}, {key}, {arguments})");
    let answer = &operation.answer;
    let line = if PIECES.iter().any(|(name, ..)| *name == answer.name) {
        format!("return Feed(self._engine, {call}, str)")
    } else if let Some((_, item)) = FEEDS.iter().find(|(name, _)| *name == answer.name) {
        format!("return Feed(self._engine, {call}, {})", plan_item(plan, Some(&Type::plain(item))))
    } else if let Some(of) = answer.inside("Fetched") {
        format!("return _versioned({}, {call})", plan_item(plan, Some(of)))
    } else if let Some(of) = answer.inside("Answer") {
        format!("return _replayed({}, {call})", plan_item(plan, Some(of)))
    } else if answer.name == "()" {
        call
    } else if answer.name == "Actor" || crate::python::is_bytes(answer) {
        format!("answer: {} = {call}\n        return answer", signature.returned)
    } else {
        plain(plan, answer, &call, &signature.returned)
    };
    folded(&format!("        {line}\n"))
}

/// The members of a request, one a line, where they are too many for one.
fn folded(lines: &str) -> String {
    if lines.lines().all(|line| line.chars().count() <= 120) {
        return lines.to_owned();
    }
    let Some((before, rest)) = lines.split_once("_request({") else { return lines.to_owned() };
    let Some((members, behind)) = rest.split_once("})") else { return lines.to_owned() };
    let each: Vec<String> = members.split(", ").map(|member| format!("            {member},\n")).collect();
    format!("{before}_request({{\n{}        }}){behind}", each.concat())
}

fn plain(plan: &Plan<'_>, answer: &Type, call: &str, returned: &str) -> String {
    let decoded = plan.decode(answer, "v", 0);
    if decoded == "v" {
        return format!("v: {returned} = _loads({call})\n        return v");
    }
    match decoded.strip_suffix("(v)") {
        Some(function) if function.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') => {
            format!("return {function}(_loads({call}))")
        }
        _ => format!("v = _loads({call})\n        return {decoded}"),
    }
}

/// The function that makes one entry.
fn plan_item(plan: &Plan<'_>, of: Option<&Type>) -> String {
    let decoded = of.map(|of| plan.decode(of, "v", 0)).unwrap_or_default();
    match decoded.strip_suffix("(v)") {
        Some(function) => function.to_owned(),
        None => format!("lambda v: {decoded}"),
    }
}
