//! The dataclasses, enums and ids.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use eventify_surface::{Declared, Field, Shape, Word};

use crate::plan::Plan;
use crate::python::{Side, name, shout};
use crate::text::{docstring, one_line, prose};
use crate::{Error, HEAD, PACKAGE};

/// A file for each directory of core, and one that has all of them.
pub(crate) fn files(plan: &Plan<'_>, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let groups = plan.types_by_group();
    let mut all = format!("{HEAD}\"\"\"Everything that goes in and comes out.\"\"\"\n\n");
    let mut names = Vec::new();
    for (group, declared) in &groups {
        files.insert(format!("{PACKAGE}/_types/{group}.py"), file(plan, group, declared)?);
        let mut here: Vec<&str> = declared.iter().map(|of| of.name.as_str()).collect();
        here.sort_unstable();
        let _ = writeln!(all, "from .{group} import {}", here.join(", "));
        names.extend(here);
    }
    names.sort_unstable();
    let quoted: Vec<String> = names.iter().map(|name| format!("    \"{name}\",\n")).collect();
    let _ = write!(all, "\n__all__ = [\n{}]\n", quoted.concat());
    files.insert(format!("{PACKAGE}/_types/__init__.py"), all);
    Ok(())
}

fn file(plan: &Plan<'_>, group: &str, declared: &[&Declared]) -> Result<String, Error> {
    let (mut body, mut used) = (String::new(), BTreeSet::new());
    for of in declared {
        let _ = write!(body, "\n\n{}", class(plan, of, &mut used)?);
    }
    let has = |word: &str| body.contains(word);
    let mut head = format!("{HEAD}from __future__ import annotations\n\n");
    if has("(StrEnum)") {
        head.push_str("from enum import StrEnum\n");
    }
    let typing: Vec<&str> = ["Any", "NewType", "TypeAlias"].into_iter().filter(|word| has(word)).collect();
    let collections: Vec<&str> =
        ["Collection", "Mapping", "Sequence"].into_iter().filter(|word| has(&format!("{word}["))).collect();
    for (module, names) in [("collections.abc", collections), ("typing", typing)] {
        if !names.is_empty() {
            let _ = writeln!(head, "from {module} import {}", names.join(", "));
        }
    }
    if has("@dataclass") {
        head.push_str("from dataclasses import dataclass, field\n");
    }
    let times: Vec<&str> = ["datetime", "timedelta"].into_iter().filter(|word| has(word)).collect();
    if !times.is_empty() {
        let _ = writeln!(head, "from datetime import {}", times.join(", "));
    }
    if has("UNSET") {
        head.push_str("\nfrom .._unset import UNSET, Unset\n");
    }
    if used.contains("Money") {
        head.push_str("\nfrom .._money import Money\n");
    }
    if has("_null(") {
        head.push_str("\nfrom .._values import null as _null\n");
    }
    Ok(format!("{head}{body}{}", imports_behind(plan, group, &used)))
}

/// Types name each other across files, in circles too: so they are brought in when those of this file are there.
fn imports_behind(plan: &Plan<'_>, group: &str, used: &BTreeSet<String>) -> String {
    let mut by_group: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in used.iter().filter(|name| *name != "Money") {
        let Some(declared) = plan.surface.types.get(name) else { continue };
        if declared.noun != group {
            by_group.entry(declared.noun.as_str()).or_default().push(name);
        }
    }
    let lines = by_group
        .iter()
        .map(|(group, names)| format!("from .{group} import {}  # noqa: E402\n", names.join(", ")));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\n\n# Types of different nouns name each other.\n{lines}") }
}

fn class(plan: &Plan<'_>, of: &Declared, used: &mut BTreeSet<String>) -> Result<String, Error> {
    let docs = prose(&of.docs);
    match &of.shape {
        Shape::Id => Ok(format!(
            "{0} = NewType(\"{0}\", str)\n\"\"\"{1} A UUID as text.\"\"\"\n",
            of.name,
            one_line(&of.docs)
        )),
        Shape::Newtype(_) => {
            Ok(format!("{}: TypeAlias = str\n\"\"\"{}\"\"\"\n", of.name, one_line(&of.docs)))
        }
        Shape::Words(words) => Ok(enumeration(of, &docs, words)),
        Shape::Record(fields) => record(plan, of, fields, used),
        Shape::Opaque => Err(format!("{} has no Python", of.name).into()),
    }
}

fn enumeration(of: &Declared, docs: &str, words: &[Word]) -> String {
    let entries = words.iter().map(|word| (format!("``{}``", word.wire), one_line(&word.docs))).collect();
    let mut out = format!("class {}(StrEnum):\n{}\n", of.name, docstring(docs, &[("Words", entries)], 4));
    for word in words {
        let _ = writeln!(out, "    {} = \"{}\"", shout(&word.name), word.wire);
    }
    out
}

fn record(
    plan: &Plan<'_>,
    of: &Declared,
    fields: &[Field],
    used: &mut BTreeSet<String>,
) -> Result<String, Error> {
    let comes_in = plan.inputs.contains(&of.name);
    let side = if comes_in { Side::In } else { Side::Out };
    let shown: Vec<&Field> = fields.iter().filter(|field| !field.is_hidden).collect();
    let mut entries: Vec<(String, String)> =
        shown.iter().map(|f| (name(&f.name), one_line(&f.docs))).collect();
    let mut lines = String::new();
    for field in &shown {
        let annotation = plan.annotation(&field.ty, side, used);
        let is_secret = plan.is_secret(of, field);
        let _ = writeln!(
            lines,
            "    {}: {}",
            name(&field.name),
            declaration(field, &annotation, comes_in, is_secret)
        );
    }
    if plan.versioned.contains(&of.name) {
        entries.push((
            "version".into(),
            "Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not read alone."
                .into(),
        ));
        lines.push_str("    version: int | None = field(default=None, compare=False, repr=False)\n");
    }
    if plan.replayed.contains(&of.name) {
        entries.push((
            "replayed".into(),
            "Whether this is the stored answer to an earlier call with the same idempotency key.".into(),
        ));
        lines.push_str("    replayed: bool = field(default=False, compare=False, repr=False)\n");
    }
    let docs = docstring(&prose(&of.docs), &[("Attributes", entries)], 4);
    let mut out =
        format!("@dataclass(frozen=True, kw_only=True, slots=True)\nclass {}:\n{docs}\n{lines}", of.name);
    if comes_in {
        out.push_str(&members(&shown)?);
    }
    Ok(out)
}

fn declaration(field: &Field, annotation: &str, comes_in: bool, is_secret: bool) -> String {
    let default = match (comes_in && field.may_be_absent, field.null_is_a_value) {
        (false, _) => None,
        (true, true) => Some("UNSET"),
        (true, false) => Some("None"),
    };
    let annotation = match default {
        Some("UNSET") => format!("{annotation} | Unset"),
        Some(_) if !annotation.ends_with("| None") => format!("{annotation} | None"),
        _ => annotation.to_owned(),
    };
    match (default, is_secret) {
        (None, false) => annotation,
        (None, true) => format!("{annotation} = field(repr=False)"),
        (Some(default), false) => format!("{annotation} = {default}"),
        (Some(default), true) => format!("{annotation} = field(default={default}, repr=False)"),
    }
}

/// The members in JSON, for what goes in.
fn members(fields: &[&Field]) -> Result<String, Error> {
    if let Some(flat) = fields.iter().find(|field| field.is_flat) {
        return Err(format!("{} stands in place of its fields, and goes in", flat.name).into());
    }
    let member = |f: &&Field| {
        let value = format!("self.{}", name(&f.name));
        let value = if f.null_is_a_value { format!("_null({value})") } else { value };
        format!("            \"{}\": {value},\n", f.wire)
    };
    Ok(format!(
        "\n    def _wire(self) -> dict[str, object]:\n        return {{\n{}        }}\n",
        fields.iter().map(member).collect::<String>()
    ))
}
