//! From JSON's values to the dataclasses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use eventify_surface::{Declared, Field, Shape};

use crate::plan::Plan;
use crate::python::{name, snake};
use crate::{Error, HEAD, PACKAGE};

/// A file for each directory of core that anything comes out of.
pub(crate) fn files(plan: &Plan<'_>, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for (group, declared) in plan.types_by_group() {
        let records: Vec<&Declared> = declared.into_iter().filter(|of| is_read(plan, of)).collect();
        if !records.is_empty() {
            files.insert(format!("{PACKAGE}/_wire/{group}.py"), file(plan, group, &records)?);
        }
    }
    files.insert(format!("{PACKAGE}/_wire/__init__.py"), HEAD.to_owned());
    Ok(())
}

/// Whether it comes out, as a record.
pub(crate) fn is_read(plan: &Plan<'_>, of: &Declared) -> bool {
    plan.outputs.contains(&of.name) && matches!(of.shape, Shape::Record(_)) && of.name != "Money"
}

fn file(plan: &Plan<'_>, group: &str, records: &[&Declared]) -> Result<String, Error> {
    let mut body = String::new();
    for of in records {
        let _ = write!(body, "\n\n{}", decoder(plan, group, of)?);
    }
    let words = plan.types_by_group();
    let mut imports = String::new();
    for (of, declared) in &words {
        let is_used = |d: &&&Declared| match d.shape {
            Shape::Words(_) => body.contains(&format!("{}(", d.name)),
            Shape::Record(_) => *of == group && records.iter().any(|record| record.name == d.name),
            _ => false,
        };
        let names: BTreeSet<&str> = declared.iter().filter(is_used).map(|d| d.name.as_str()).collect();
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().collect();
            let _ = writeln!(imports, "from .._types.{of} import {}", names.join(", "));
        }
    }
    let helpers: Vec<&str> = ["Frozen", "instant", "money", "span"]
        .into_iter()
        .filter(|h| body.contains(&format!("{h}(")))
        .collect();
    if !helpers.is_empty() {
        let _ = writeln!(imports, "from .._values import {}", helpers.join(", "));
    }
    let others: Vec<String> = words
        .keys()
        .filter(|other| **other != group && body.contains(&format!("_{other}.")))
        .map(|other| format!("from . import {other} as _{other}\n"))
        .collect();
    let own = format!("_{group}.");
    let body = body.replace(&own, "");
    Ok(format!(
        "{HEAD}from __future__ import annotations\n\nfrom typing import Any\n\n{imports}{}{body}",
        others.concat()
    ))
}

fn decoder(plan: &Plan<'_>, group: &str, of: &Declared) -> Result<String, Error> {
    let _ = group;
    let shown: Vec<&Field> = of.fields().iter().filter(|field| !field.is_hidden).collect();
    let mut extra = String::new();
    let mut lines = String::new();
    for field in &shown {
        let _ = writeln!(lines, "        {}={},", name(&field.name), value(plan, of, field)?);
    }
    for (set, name, ty, default) in
        [(&plan.versioned, "version", "int | None", "None"), (&plan.replayed, "replayed", "bool", "False")]
    {
        if set.contains(&of.name) {
            let _ = write!(extra, ", {name}: {ty} = {default}");
            let _ = writeln!(lines, "        {name}={name},");
        }
    }
    Ok(format!(
        "def {}(v: Any{extra}) -> {}:\n    return {}(\n{lines}    )\n",
        snake(&of.name),
        of.name,
        of.name
    ))
}

fn value(plan: &Plan<'_>, of: &Declared, field: &Field) -> Result<String, Error> {
    if field.is_flat {
        return flat(plan, of, field);
    }
    let plain = format!("v[\"{}\"]", field.wire);
    if !field.may_be_left_out {
        return Ok(plan.decode(&field.ty, &plain, 0));
    }
    let gotten = format!("v.get(\"{}\")", field.wire);
    // Absent and null are the same to whoever reads.
    let ty = field.ty.inside("Option").and_then(|of| of.inside("Option").map(|_| of)).unwrap_or(&field.ty);
    match ty.name.as_str() {
        "Option" => Ok(plan.decode(ty, &gotten, 0)),
        "Vec" => Ok(plan.decode(ty, &format!("v.get(\"{}\", ())", field.wire), 0)),
        _ => Err(format!("{}.{} may be left out, and is no option", of.name, field.name).into()),
    }
}

/// A field whose own fields stand in its place.
fn flat(plan: &Plan<'_>, of: &Declared, field: &Field) -> Result<String, Error> {
    if field.ty.name == "BTreeMap" {
        let others: Vec<String> =
            of.fields().iter().filter(|f| !f.is_flat).map(|f| format!("\"{}\"", f.wire)).collect();
        let rest = format!("{{k: x for k, x in v.items() if k not in ({},)}}", others.join(", "));
        return Ok(plan.decode(&field.ty, &rest, 0));
    }
    let inner = field.ty.inside("Option").unwrap_or(&field.ty);
    let decoded = plan.decode(inner, "v", 0);
    let first = plan.surface.types.get(&inner.name).and_then(|of| of.fields().first());
    match (field.ty.name == "Option", first) {
        (false, _) => Ok(decoded),
        (true, Some(first)) => Ok(format!("{decoded} if \"{}\" in v else None", first.wire)),
        (true, None) => Err(format!("{}.{} has no field to be known by", of.name, field.name).into()),
    }
}
