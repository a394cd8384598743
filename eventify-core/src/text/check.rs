//! Reading a file of texts: what would fail when somebody is to be told something is refused beforehand.

use std::collections::BTreeSet;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};

use super::known::{self, Known};

/// What is wrong with a file of texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {problem}", line.map_or_else(String::new, |line| format!(":{line}")))]
pub struct BadText {
    /// Which file.
    pub file: String,
    /// Which line, counted from 1; `None` for the file as such.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl BadText {
    pub(super) fn of_file(file: &str, problem: String) -> Self {
        Self { file: file.to_owned(), line: None, problem }
    }
}

/// Reads and checks.
pub(super) fn read(file: &str, source: &str) -> Result<FluentResource, BadText> {
    let at = |place: usize, problem: String| {
        let before = source.get(..place.min(source.len())).unwrap_or(source);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        BadText { file: file.to_owned(), line: Some(line), problem }
    };
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
        let first = errors.into_iter().next();
        first.map_or_else(
            || BadText::of_file(file, "cannot be read".to_owned()),
            |error| at(error.pos.start, error.kind.to_string()),
        )
    })?;
    let mut names = BTreeSet::new();
    for entry in resource.entries() {
        if let Entry::Message(message) = entry {
            let name = message.id.name;
            if !names.insert(name) {
                let again = places_of(source, name).last().unwrap_or_default();
                return Err(at(again, format!("{name} is there twice")));
            }
            check(message).map_err(|problem| at(place_of(source, name), problem))?;
        }
    }
    let terms: BTreeSet<&str> = resource.entries().filter_map(term).collect();
    for entry in resource.entries() {
        let (name, used) = match entry {
            Entry::Message(message) => (message.id.name, Used::by(message)),
            Entry::Term(term) => {
                let mut used = Used::default();
                used.pattern(&term.value);
                (term.id.name, used)
            }
            _ => continue,
        };
        if let Some(missing) = used.terms.iter().find(|term| !terms.contains(*term)) {
            let line = place_of(source, name);
            return Err(at(line, format!("{name} uses -{missing}, which this file has not")));
        }
    }
    Ok(resource)
}

fn term<'a>(entry: &'a Entry<&'a str>) -> Option<&'a str> {
    match entry {
        Entry::Term(term) => Some(term.id.name),
        _ => None,
    }
}

/// Where an entry begins: in the first column, with its name.
fn place_of(source: &str, name: &str) -> usize {
    places_of(source, name).next().unwrap_or_default()
}

fn places_of(source: &str, name: &str) -> impl Iterator<Item = usize> {
    let lines = source.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some((start, line))
    });
    let begins = move |line: &str| {
        let rest = line.strip_prefix('-').unwrap_or(line).strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    lines.filter(move |(_, line)| begins(line)).map(|(start, _)| start)
}

fn check(message: &Message<&str>) -> Result<(), String> {
    let name = message.id.name;
    let known = known::find(name).ok_or_else(|| format!("nobody asks for {name}"))?;
    if message.value.is_none() {
        return Err(format!("{name} has no words of its own"));
    }
    let attributes: Vec<&str> = message.attributes.iter().map(|attribute| attribute.id.name).collect();
    let expected: &[&str] = if known.has_body { &["body"] } else { &[] };
    if attributes != expected {
        let wants = if known.has_body { "exactly one attribute, .body" } else { "no attributes" };
        return Err(format!("{name} needs {wants}"));
    }
    let used = Used::by(message);
    if let Some(other) = used.others.first() {
        return Err(format!("{name} uses {other}; only arguments, numbers, texts and terms are there"));
    }
    match used.variables.iter().find(|variable| !known.arguments.contains(variable)) {
        Some(variable) => Err(format!("{name} has no ${variable}; it has {}", arguments_of(known))),
        None => Ok(()),
    }
}

fn arguments_of(known: Known) -> String {
    let named: Vec<String> = known.arguments.iter().map(|argument| format!("${argument}")).collect();
    if named.is_empty() { "nothing to fill in".to_owned() } else { named.join(", ") }
}

/// What a text makes use of.
#[derive(Debug, Default)]
pub(super) struct Used<'a> {
    pub(super) variables: BTreeSet<&'a str>,
    terms: BTreeSet<&'a str>,
    /// What is not there: functions, and other messages.
    others: Vec<String>,
}

impl<'a> Used<'a> {
    pub(super) fn by(message: &'a Message<&'a str>) -> Self {
        let mut used = Self::default();
        let attributes = message.attributes.iter().map(|attribute| &attribute.value);
        for pattern in message.value.iter().chain(attributes) {
            used.pattern(pattern);
        }
        used
    }

    fn pattern(&mut self, pattern: &'a Pattern<&'a str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &'a Expression<&'a str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &'a InlineExpression<&'a str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            InlineExpression::TermReference { id, attribute: None, arguments } => {
                self.terms.insert(id.name);
                for argument in arguments.iter().flat_map(|a| &a.positional) {
                    self.inline(argument);
                }
                for argument in arguments.iter().flat_map(|a| &a.named) {
                    self.inline(&argument.value);
                }
            }
            InlineExpression::TermReference { id, attribute: Some(attribute), .. } => {
                self.others.push(format!("-{}.{}", id.name, attribute.name));
            }
            InlineExpression::FunctionReference { id, .. } => self.others.push(format!("{}()", id.name)),
            InlineExpression::MessageReference { id, .. } => self.others.push(id.name.to_owned()),
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }
}
