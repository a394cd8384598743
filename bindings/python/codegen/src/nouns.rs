//! The clients: a class for each noun, once for sync code and once for asyncio.

mod body;
mod signature;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use eventify_surface::Noun;

use crate::examples::Examples;
use crate::plan::Plan;
use crate::text::{docstring, prose};
use crate::{Error, HEAD, PACKAGE};

/// Whether a client waits by blocking or by awaiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Sync,
    Async,
}

impl Manner {
    /// The directory of its package.
    const fn dir(self) -> &'static str {
        match self {
            Self::Sync => "",
            Self::Async => "/aio",
        }
    }

    /// From a module of the nouns to the package itself.
    const fn up(self) -> &'static str {
        match self {
            Self::Sync => "..",
            Self::Async => "...",
        }
    }
}

/// A file for each noun and manner, and one with all accessors.
pub(crate) fn files(
    plan: &Plan<'_>,
    examples: &Examples,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    for manner in [Manner::Sync, Manner::Async] {
        let dir = format!("{PACKAGE}{}/_nouns", manner.dir());
        for noun in &plan.nouns {
            files.insert(format!("{dir}/{}.py", noun.name), file(plan, noun, examples, manner)?);
        }
        files.insert(format!("{dir}/__init__.py"), accessors(plan, manner));
    }
    Ok(())
}

fn file(plan: &Plan<'_>, noun: &Noun, examples: &Examples, manner: Manner) -> Result<String, Error> {
    let mut used = BTreeSet::new();
    let mut body = format!("class {}:\n{}\n", noun.handle, docstring(&prose(&noun.docs), &[], 4));
    body.push_str(&constructor(noun, manner));
    for operation in &noun.operations {
        let place = format!("{}.{}", noun.name, operation.name);
        let signature =
            signature::Signature::of(plan, operation, &mut used).map_err(|e| format!("{place}: {e}"))?;
        // The same, awaited, needs no second showing.
        let example = examples.get(&place).filter(|_| manner == Manner::Sync).map(String::as_str);
        let _ = write!(body, "\n{}", signature::method(&signature, operation, example, manner));
        body.push_str(&body::of(plan, noun, operation, &signature, manner));
    }
    Ok(format!("{}\n\n{body}", imports(plan, &body, &used, manner)))
}

fn constructor(noun: &Noun, manner: Manner) -> String {
    let link = match manner {
        Manner::Sync => "call",
        Manner::Async => "ask",
    };
    if noun.params.is_empty() {
        return format!(
            "    __slots__ = (\"_{link}\", \"_engine\")\n\n    def __init__(self, engine: Engine) -> None:\n        self._engine = engine\n        self._{link} = engine.{link}\n"
        );
    }
    format!(
        "    __slots__ = (\"_{link}\", \"_engine\", \"_of\")\n\n    def __init__(self, engine: Engine, event_id: EventId) -> None:\n        self._engine = engine\n        self._{link} = engine.{link}\n        self._of = _text(event_id)\n"
    )
}

fn imports(plan: &Plan<'_>, body: &str, used: &BTreeSet<String>, manner: Manner) -> String {
    let up = manner.up();
    let mut head = format!("{HEAD}from __future__ import annotations\n\n");
    let has = |word: &str| body.contains(word);
    let abc: Vec<&str> =
        ["Collection", "Mapping", "Sequence"].into_iter().filter(|word| has(&format!("{word}["))).collect();
    if !abc.is_empty() {
        let _ = writeln!(head, "from collections.abc import {}", abc.join(", "));
    }
    let times: Vec<&str> = ["datetime", "timedelta"].into_iter().filter(|word| has(word)).collect();
    if !times.is_empty() {
        let _ = writeln!(head, "from datetime import {}", times.join(", "));
    }
    head.push('\n');
    if has("Actor") {
        let _ = writeln!(head, "from {up}_eventify import Actor");
    }
    if used.contains("Money") {
        let _ = writeln!(head, "from {up}_money import Money");
    }
    let mut names: BTreeSet<&str> = used.iter().map(String::as_str).filter(|name| *name != "Money").collect();
    if has("event_id: EventId") {
        names.insert("EventId");
    }
    if !names.is_empty() {
        let names: Vec<&str> = names.into_iter().collect();
        let _ = writeln!(head, "from {up}_types import {}", names.join(", "));
    }
    if has("UNSET") {
        let _ = writeln!(head, "from {up}_unset import UNSET, Unset");
    }
    // By names that no field has.
    let values = ["flat", "lines", "loads", "null", "replayed", "request", "text", "value", "versioned"];
    let values =
        values.into_iter().filter(|word| has(&format!("_{word}("))).map(|word| format!("{word} as _{word}"));
    let values: Vec<String> = values.collect();
    if !values.is_empty() {
        let _ = writeln!(head, "from {up}_values import {}", values.join(", "));
    }
    for group in plan.types_by_group().keys().filter(|group| has(&format!("_{group}."))) {
        let _ = writeln!(head, "from {up}_wire import {group} as _{group}");
    }
    let _ = writeln!(head, "from .._engine import Engine");
    let streams: Vec<&str> =
        ["Export", "Feed", "Pages"].into_iter().filter(|word| has(&format!("{word}("))).collect();
    if !streams.is_empty() {
        let _ = writeln!(head, "from .._pages import {}", streams.join(", "));
    }
    head
}

fn accessors(plan: &Plan<'_>, manner: Manner) -> String {
    let mut head = format!("{HEAD}\"\"\"The engine's nouns.\"\"\"\n\nfrom __future__ import annotations\n\n");
    let mut body = String::new();
    let up = manner.up();
    for noun in &plan.nouns {
        let _ = writeln!(head, "from .{} import {}", noun.name, noun.handle);
        let docs = docstring(&prose(&noun.docs), &[], 8);
        let (decorator, params, given) = if noun.params.is_empty() {
            ("    @property\n", "", "")
        } else {
            ("", ", event_id: EventId", ", event_id")
        };
        let _ = write!(
            body,
            "\n{decorator}    def {0}(self{params}) -> {1}:\n{docs}        return {1}(self._engine{given})\n",
            noun.name, noun.handle
        );
    }
    let (word, ask) = match manner {
        Manner::Sync => ("def", "self._engine.call"),
        Manner::Async => ("async def", "await self._engine.ask"),
    };
    let number = plan.nouns.iter().map(|noun| noun.operations.len()).sum::<usize>();
    let _ = write!(
        body,
        "\n    {word} ping(self) -> None:\n        \"\"\"Answers when the store can serve.\n\n        Raises:\n            EventifyError: `store_unavailable`.\n        \"\"\"\n        {ask}({number}, None, None, \"\")\n"
    );
    let _ = write!(head, "from {up}_types import EventId\nfrom .._engine import Engine\n");
    let handles: Vec<String> = plan.nouns.iter().map(|noun| format!("    \"{}\",\n", noun.handle)).collect();
    format!(
        "{head}\n__all__ = [\n    \"Nouns\",\n{}]\n\n\nclass Nouns:\n    \"\"\"What an engine can be asked, noun by noun.\n\n    In the examples ``box`` is an engine, ``ada`` an organizer whose published ``event`` sells a hundred free ``seats``, and\n    ``bob`` somebody with an account.\n    \"\"\"\n\n    _engine: Engine\n{body}",
        handles.concat()
    )
}
