//! How a method is called.

use std::collections::BTreeSet;

use eventify_surface::{Field, Operation, Param, Type};

use super::Manner;
use crate::plan::{FEEDS, PIECES, Plan};
use crate::python::{Side, name};
use crate::text::{docstring, one_line, prose, raises, with_example};

/// A method's parameters in Python, and how each of core's is written into the call.
#[derive(Debug, Default)]
pub(crate) struct Signature {
    positional: Vec<String>,
    keywords: Vec<String>,
    about: Vec<(String, String)>,
    /// What is written for each parameter of core's, in order.
    pub(crate) written: Vec<String>,
    pub(crate) has_actor: bool,
    pub(crate) has_key: bool,
    pub(crate) has_page: bool,
    pub(crate) returned: String,
}

impl Signature {
    pub(crate) fn of(
        plan: &Plan<'_>,
        operation: &Operation,
        used: &mut BTreeSet<String>,
    ) -> Result<Self, String> {
        let mut signature = Self::default();
        for param in &operation.params {
            if signature.has_page {
                return Err("the page is not the last parameter".to_owned());
            }
            signature.add(plan, param, used);
        }
        if signature.has_key {
            signature.keywords.push("idempotency_key: str | None = None".to_owned());
            signature.about.push((
                "idempotency_key".to_owned(),
                "The same key with the same request happens once, and gets the first answer again."
                    .to_owned(),
            ));
        }
        let names = signature.positional.iter().chain(&signature.keywords);
        let names: Vec<&str> = names.map(|declared| declared.split(':').next().unwrap_or_default()).collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        if distinct.len() != names.len() {
            return Err(format!("two parameters have one name: {names:?}"));
        }
        signature.returned = returned(plan, &operation.answer, used);
        Ok(signature)
    }

    fn add(&mut self, plan: &Plan<'_>, param: &Param, used: &mut BTreeSet<String>) {
        let called = name(&param.name);
        match param.ty.name.as_str() {
            "Actor" | "Call" => {
                self.has_actor = true;
                self.has_key = param.ty.name == "Call";
                self.positional.push("actor: Actor".to_owned());
            }
            "PageRequest" => {
                self.has_page = true;
                self.keywords.push("page_size: int | None = None".to_owned());
                self.keywords.push("cursor: str | None = None".to_owned());
                self.about.push((
                    "page_size".to_owned(),
                    "How many entries are fetched at a time: 1 to 100, 20 when ``None``.".to_owned(),
                ));
                self.about.push((
                    "cursor".to_owned(),
                    "The ``next_cursor`` of a page, to go on behind it.".to_owned(),
                ));
            }
            "IfMatch" => {
                self.keywords.push(format!("{called}: int | None = None"));
                self.about.push((called.clone(), "The ``version`` that was seen: changed in between, it is refused (``precondition_failed``).".to_owned()));
                self.written.push(format!("_value({called})"));
            }
            "Option" | "bool" => {
                let annotation = plan.annotation(&param.ty, Side::In, used);
                let default = if param.ty.name == "bool" { "False" } else { "None" };
                self.keywords.push(format!("{called}: {annotation} = {default}"));
                self.written.push(format!("_value({called})"));
            }
            _ => self.add_value(plan, param, &called, used),
        }
    }

    fn add_value(&mut self, plan: &Plan<'_>, param: &Param, called: &str, used: &mut BTreeSet<String>) {
        if let Some(record) = plan.record(param) {
            let members: Vec<String> = record
                .fields()
                .iter()
                .filter(|f| !f.is_hidden)
                .map(|f| self.keyword(plan, f, used))
                .collect();
            self.written.push(if members.is_empty() {
                "\"{}\"".to_owned()
            } else {
                format!("_request({{{}}})", members.join(", "))
            });
            return;
        }
        self.positional.push(format!("{called}: {}", plan.annotation(&param.ty, Side::In, used)));
        let is_text = param.ty.of.is_empty()
            && (param.ty.name == "str" || !param.ty.name.starts_with(char::is_lowercase));
        self.written.push(if is_text { format!("_text({called})") } else { format!("_value({called})") });
    }

    /// A keyword for a field of a request; answers how it is written.
    fn keyword(&mut self, plan: &Plan<'_>, field: &Field, used: &mut BTreeSet<String>) -> String {
        let called = name(&field.name);
        // Absent and null are told apart by a value of their own, not by an option in an option.
        let ty = field.ty.inside("Option").filter(|of| of.name == "Option").unwrap_or(&field.ty);
        let annotation = plan.annotation(ty, Side::In, used);
        let optional =
            if annotation.ends_with("| None") { annotation.clone() } else { format!("{annotation} | None") };
        self.keywords.push(match (field.may_be_absent || field.is_flat, field.null_is_a_value) {
            (false, _) => format!("{called}: {annotation}"),
            (true, true) => format!("{called}: {optional} | Unset = UNSET"),
            (true, false) => format!("{called}: {optional} = None"),
        });
        self.about.push((called.clone(), one_line(&field.docs)));
        if field.is_flat {
            return format!("**_flat({called})");
        }
        let null = field.null_is_a_value;
        format!("\"{}\": {}", field.wire, if null { format!("_null({called})") } else { called })
    }
}

fn returned(plan: &Plan<'_>, answer: &Type, used: &mut BTreeSet<String>) -> String {
    if let Some((_, _, piece)) = PIECES.iter().find(|(name, ..)| *name == answer.name) {
        let kind = if *piece == "str" { "Feed" } else { "Export" };
        return format!("{kind}[{}]", plan.annotation(&Type::plain(piece), Side::Out, used));
    }
    if let Some((_, item)) = FEEDS.iter().find(|(name, _)| *name == answer.name) {
        return format!("Feed[{}]", plan.annotation(&Type::plain(item), Side::Out, used));
    }
    if let Some(of) = answer.inside("Listing") {
        return format!("Pages[{}]", plan.annotation(of, Side::Out, used));
    }
    let answer = answer.inside("Fetched").or_else(|| answer.inside("Answer")).unwrap_or(answer);
    plan.annotation(answer, Side::Out, used)
}

/// The first lines of a method: its signature and its documentation.
pub(crate) fn method(of: &Signature, operation: &Operation, example: Option<&str>, manner: Manner) -> String {
    let is_lazy = of.returned.starts_with("Pages[") || of.returned.starts_with("Export[");
    let word = if manner == Manner::Async && !is_lazy { "async def" } else { "def" };
    let mut params: Vec<String> = vec!["self".to_owned()];
    params.extend(of.positional.iter().cloned());
    if !of.keywords.is_empty() {
        params.push("*".to_owned());
        // What has to be given comes first.
        params.extend(of.keywords.iter().filter(|keyword| !keyword.contains(" = ")).cloned());
        params.extend(of.keywords.iter().filter(|keyword| keyword.contains(" = ")).cloned());
    }
    let called = name(&operation.name);
    let line = format!("    {word} {called}({}) -> {}:\n", params.join(", "), of.returned);
    let line = if line.chars().count() <= 100 {
        line
    } else {
        let each: Vec<String> = params.iter().map(|param| format!("        {param},\n")).collect();
        format!("    {word} {called}(\n{}    ) -> {}:\n", each.concat(), of.returned)
    };
    let mut parts = vec![("Args", of.about.clone())];
    if let Some(codes) = raises(&operation.docs) {
        parts.push(("Raises", vec![("EventifyError".to_owned(), codes)]));
    }
    let docs = docstring(&prose(&operation.docs), &parts, 8);
    format!("{line}{}", example.map_or_else(|| docs.clone(), |example| with_example(&docs, example, 8)))
}
