//! From an answer's values to the dataclasses.
//!
//! A record comes as the list of its fields' values; one in which another record's fields stand, as a map: `src/positions.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use eventify_surface::{Declared, Field, Shape};

use crate::plan::Plan;
use crate::python::{name, snake};
use crate::{Error, HEAD, PACKAGE};

/// A file for each directory of core that anything comes out of.
pub(crate) fn files(plan: &Plan<'_>, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for (group, declared) in plan.types_by_group() {
        let read: Vec<&Declared> = declared.into_iter().filter(|of| is_read(plan, of)).collect();
        if !read.is_empty() {
            files.insert(format!("{PACKAGE}/_wire/{group}.py"), file(plan, group, &read)?);
        }
    }
    files.insert(format!("{PACKAGE}/_wire/__init__.py"), HEAD.to_owned());
    Ok(())
}

/// Whether it comes out, as a record or as one of some words.
pub(crate) fn is_read(plan: &Plan<'_>, of: &Declared) -> bool {
    plan.outputs.contains(&of.name)
        && matches!(of.shape, Shape::Record(_) | Shape::Words(_))
        && of.name != "Money"
}

fn file(plan: &Plan<'_>, group: &str, read: &[&Declared]) -> Result<String, Error> {
    let (mut tables, mut blanks, mut functions) = (String::new(), String::new(), String::new());
    for of in read {
        if let Shape::Words(_) = of.shape {
            let _ = writeln!(tables, "{} = Words({})", snake(&of.name), of.name);
        } else {
            let _ = writeln!(blanks, "_{0} = blank({0})", of.name);
            let _ = write!(functions, "\n\n{}", decoder(plan, of)?);
        }
    }
    let body = format!("\n{tables}{blanks}{functions}");
    let names: BTreeSet<&str> = read.iter().map(|of| of.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let mut imports = format!("from .._types.{group} import {}\n", names.join(", "));
    let helpers: Vec<&str> = ["Frozen", "Words", "blank", "instant", "money", "span"]
        .into_iter()
        .filter(|h| body.contains(&format!("{h}(")))
        .collect();
    let _ = writeln!(imports, "from .._values import {}", helpers.join(", "));
    let groups = plan.types_by_group();
    let others: Vec<String> = groups
        .keys()
        .filter(|other| **other != group && body.contains(&format!("_{other}.")))
        .map(|other| format!("from . import {other} as _{other}\n"))
        .collect();
    let any = if functions.is_empty() { "" } else { "from typing import Any\n\n" };
    let body = body.replace(&format!("_{group}."), "");
    Ok(format!("{HEAD}from __future__ import annotations\n\n{any}{imports}{}{body}", others.concat()))
}

/// The function that makes a record: the fields' values are unpacked into it, and those that are something else in Python follow.
fn decoder(plan: &Plan<'_>, of: &Declared) -> Result<String, Error> {
    let written: Vec<&Field> = of.fields().iter().filter(|field| field.is_written).collect();
    let is_map = written.iter().any(|field| field.is_flat);
    let (mut targets, mut lines, mut extra) = (Vec::new(), String::new(), String::new());
    for field in written {
        let called = name(&field.name);
        if field.is_hidden {
            targets.push("_".to_owned());
            continue;
        }
        let from = if is_map { gotten(field) } else { format!("{called}_") };
        let made = value(plan, of, field, &from)?;
        if made == from && !is_map {
            targets.push(format!("o.{called}"));
        } else {
            let _ = writeln!(lines, "    o.{called} = {made}");
            targets.push(from);
        }
    }
    for (set, name, ty, default) in
        [(&plan.versioned, "version", "int | None", "None"), (&plan.replayed, "replayed", "bool", "False")]
    {
        if set.contains(&of.name) {
            let _ = write!(extra, ", {name}: {ty} = {default}");
            let _ = writeln!(lines, "    o.{name} = {name}");
        }
    }
    let unpacked = if is_map { String::new() } else { unpacked(&targets) };
    Ok(format!(
        "def {0}(v: Any{extra}) -> {1}:\n    o = _{1}()\n{unpacked}{lines}    o.__class__ = {1}\n    made: {1} = o\n    return made\n",
        snake(&of.name),
        of.name
    ))
}

/// An assignment of all values at once, in lines that one can read.
fn unpacked(targets: &[String]) -> String {
    let line = format!("    {}, = v\n", targets.join(", "));
    if targets.len() == 1 {
        return line;
    }
    let line = line.replace(", = v", " = v");
    if line.chars().count() <= 120 {
        return line;
    }
    let each: String = targets.iter().map(|target| format!("        {target},\n")).collect();
    format!("    (\n{each}    ) = v\n")
}

/// A member of a map.
fn gotten(field: &Field) -> String {
    if field.may_be_left_out {
        format!("v.get(\"{}\")", field.wire)
    } else {
        format!("v[\"{}\"]", field.wire)
    }
}

fn value(plan: &Plan<'_>, of: &Declared, field: &Field, from: &str) -> Result<String, Error> {
    if field.is_flat {
        return flat(plan, of, field);
    }
    if !field.may_be_left_out {
        return Ok(plan.decode(&field.ty, from, 0));
    }
    // Absent and null are the same to whoever reads.
    let ty = field.ty.inside("Option").and_then(|of| of.inside("Option").map(|_| of)).unwrap_or(&field.ty);
    match ty.name.as_str() {
        "Option" => Ok(plan.decode(ty, from, 0)),
        "Vec" => Ok(plan.decode(ty, &format!("({from} or ())"), 0)),
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
    let fields = plan.surface.types.get(&inner.name).map(Declared::fields).unwrap_or_default();
    let first = fields.first();
    if fields.iter().any(|field| field.is_flat) {
        return Err(format!("{}.{} is flat, and so is something in it", of.name, field.name).into());
    }
    // As the list that it would be by itself.
    let values: Vec<String> = fields.iter().filter(|field| field.is_written).map(gotten).collect();
    let decoded = plan.decode(inner, &format!("[{}]", values.join(", ")), 0);
    match (field.ty.name == "Option", first) {
        (false, _) => Ok(decoded),
        (true, Some(first)) => Ok(format!("{decoded} if \"{}\" in v else None", first.wire)),
        (true, None) => Err(format!("{}.{} has no field to be known by", of.name, field.name).into()),
    }
}
