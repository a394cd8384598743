//! What core declares by macros of its own: ids, closed sets of words, the codes of refusals.

use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, Item, LitStr, Token, braced};

use crate::Reason;
use crate::declared::{Declared, Shape, Word};
use crate::docs;

/// What the macros of a file declare.
#[derive(Debug, Default)]
pub(crate) struct Own {
    pub(crate) declared: Vec<Declared>,
    pub(crate) reasons: Vec<Reason>,
}

/// A line such as `/// … Name = "code", Kind;`.
struct Line {
    docs: String,
    name: Ident,
    code: Option<LitStr>,
    kind: Option<Ident>,
}

impl Parse for Line {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let docs = docs::of(&input.call(Attribute::parse_outer)?);
        let name = input.parse()?;
        let code = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        let kind = if input.peek(Token![,]) && input.peek2(Ident) && code.is_some() {
            input.parse::<Token![,]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { docs, name, code, kind })
    }
}

impl Line {
    fn word(&self) -> Word {
        let wire = self.code.as_ref().map(LitStr::value).unwrap_or_default();
        Word { name: self.name.to_string(), wire, docs: self.docs.clone() }
    }
}

fn lines(input: ParseStream<'_>) -> syn::Result<Vec<Line>> {
    let lines = input.parse_terminated(Line::parse, Token![;])?;
    Ok(lines.into_iter().collect())
}

/// `/// … Name { /// … Variant = "code", }`.
fn named(input: ParseStream<'_>) -> syn::Result<(String, String, Vec<Word>)> {
    let docs = docs::of(&input.call(Attribute::parse_outer)?);
    let name: Ident = input.parse()?;
    let inside;
    braced!(inside in input);
    let mut words = Vec::new();
    while !inside.is_empty() {
        let docs = docs::of(&inside.call(Attribute::parse_outer)?);
        let name: Ident = inside.parse()?;
        inside.parse::<Token![=]>()?;
        let wire = inside.parse::<LitStr>()?.value();
        inside.parse::<Token![,]>()?;
        words.push(Word { name: name.to_string(), wire, docs });
    }
    Ok((name.to_string(), docs, words))
}

pub(crate) fn of_file(file: &syn::File, text: &str, noun: &str) -> syn::Result<Own> {
    let mut own = Own::default();
    let invoked = file.items.iter().filter_map(|item| match item {
        Item::Macro(of) if of.ident.is_none() => Some(&of.mac),
        _ => None,
    });
    for mac in invoked {
        let name = mac.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let tokens = mac.tokens.clone();
        let declare = |name: String, docs, shape| Declared {
            name,
            noun: noun.to_owned(),
            docs,
            shape,
            shows_itself: true,
        };
        match name.as_str() {
            "ids" => {
                let lines = lines.parse2(tokens)?;
                own.declared
                    .extend(lines.into_iter().map(|l| declare(l.name.to_string(), l.docs, Shape::Id)));
            }
            "scopes" => {
                let words = lines.parse2(tokens)?.iter().map(Line::word).collect();
                own.declared.push(declare(
                    "Scope".into(),
                    docs_above(text, "pub enum Scope"),
                    Shape::Words(words),
                ));
            }
            "named" => {
                let (name, docs, words) = named.parse2(tokens)?;
                own.declared.push(declare(name, docs, Shape::Words(words)));
            }
            "reasons" => own.reasons.extend(lines.parse2(tokens)?.into_iter().map(reason)),
            _ => {}
        }
    }
    Ok(own)
}

fn reason(line: Line) -> Reason {
    let code = line.code.map(|code| code.value()).unwrap_or_default();
    Reason { code, category: line.kind.map(|kind| kind.to_string()).unwrap_or_default(), docs: line.docs }
}

/// The documentation above a declaration inside of a macro, which has no attributes to read.
fn docs_above(text: &str, declaration: &str) -> String {
    let before: Vec<&str> =
        text.lines().take_while(|line| !line.trim_start().starts_with(declaration)).collect();
    let above = before.iter().rev().map(|line| line.trim());
    let mut docs: Vec<&str> = above
        .skip_while(|line| line.starts_with("#["))
        .take_while(|line| line.starts_with("///"))
        .map(|line| line.trim_start_matches("///").trim())
        .collect();
    docs.reverse();
    docs.join("\n")
}
