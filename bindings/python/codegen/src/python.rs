//! Core's types in Python.

use std::collections::BTreeSet;

use eventify_surface::{Declared, Field, Shape, Type};

use crate::plan::Plan;

/// Names that Python may not use.
const KEYWORDS: &[&str] =
    &["from", "class", "in", "is", "not", "pass", "global", "import", "async", "await", "def"];

/// Whether a type of core is one that Python has.
pub(crate) fn is_builtin(name: &str) -> bool {
    matches!(name, "Timestamp" | "SecretText" | "PromoText" | "OneTimeToken" | "PageRequest" | "Money")
}

/// A name as Python can write it.
pub(crate) fn name(of: &str) -> String {
    if KEYWORDS.contains(&of) { format!("{of}_") } else { of.to_owned() }
}

/// `BookingView` as `booking_view`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    for (nth, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && nth > 0 {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `IN_APP` for `InApp`.
pub(crate) fn shout(name: &str) -> String {
    snake(name).to_uppercase()
}

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    In,
    Out,
}

impl Plan<'_> {
    /// The annotation of a type; the names that it uses are added.
    pub(crate) fn annotation(&self, ty: &Type, side: Side, used: &mut BTreeSet<String>) -> String {
        if is_bytes(ty) {
            return "bytes".to_owned();
        }
        let of: Vec<String> = ty.of.iter().map(|of| self.annotation(of, side, used)).collect();
        let first = of.first().cloned().unwrap_or_default();
        match (ty.name.as_str(), side) {
            ("()", _) => "None".to_owned(),
            ("bool", _) => "bool".to_owned(),
            ("f64", _) => "float".to_owned(),
            ("str" | "String" | "SecretText" | "PromoText" | "OneTimeToken", _) => "str".to_owned(),
            ("i64" | "i32" | "u8" | "u16" | "u32" | "u64" | "usize", _) => "int".to_owned(),
            ("Timestamp", _) => "datetime".to_owned(),
            ("Duration", _) => "timedelta".to_owned(),
            ("Option", _) => {
                if first.ends_with("| None") {
                    first
                } else {
                    format!("{first} | None")
                }
            }
            ("Vec", Side::In) => format!("Sequence[{first}]"),
            ("Vec", Side::Out) => format!("tuple[{first}, ...]"),
            ("BTreeSet", Side::In) => format!("Collection[{first}]"),
            ("BTreeSet", Side::Out) => format!("frozenset[{first}]"),
            ("BTreeMap", _) => format!("Mapping[{}]", of.join(", ")),
            ("tuple", _) => format!("tuple[{}]", of.join(", ")),
            ("Actor", _) => "Actor".to_owned(),
            (name, _) => self.named(name, used),
        }
    }

    fn named(&self, name: &str, used: &mut BTreeSet<String>) -> String {
        match self.surface.types.get(name).map(|declared| &declared.shape) {
            Some(Shape::Opaque) | None => "Any".to_owned(),
            Some(_) => {
                used.insert(name.to_owned());
                name.to_owned()
            }
        }
    }

    /// Python that turns the value in an answer into the type's.
    pub(crate) fn decode(&self, ty: &Type, from: &str, depth: usize) -> String {
        let item = format!("x{depth}");
        if is_bytes(ty) {
            return format!("bytes({from})");
        }
        if self.is_as_in_json(ty) {
            return from.to_owned();
        }
        let inner = |nth: usize, from: &str| {
            ty.of.get(nth).map_or_else(|| from.to_owned(), |of| self.decode(of, from, depth + 1))
        };
        let each = |nth: usize| {
            let decoded = inner(nth, &item);
            if decoded == item { from.to_owned() } else { format!("[{decoded} for {item} in {from}]") }
        };
        match ty.name.as_str() {
            "Timestamp" => format!("instant({from})"),
            "Duration" => format!("span({from})"),
            "Option" => format!("None if {from} is None else {}", inner(0, from)),
            "Vec" => format!("tuple({})", each(0)),
            "BTreeSet" => format!("frozenset({})", each(0)),
            "BTreeMap" => format!(
                "Frozen({{{}: {} for k{depth}, {item} in {from}.items()}})",
                inner(0, &format!("k{depth}")),
                inner(1, &item)
            ),
            "tuple" => {
                let parts: Vec<String> =
                    (0..ty.of.len()).map(|nth| inner(nth, &format!("{from}[{nth}]"))).collect();
                format!("({})", parts.join(", "))
            }
            name => self.decode_named(name, from),
        }
    }

    fn decode_named(&self, name: &str, from: &str) -> String {
        match self.surface.types.get(name) {
            Some(Declared { shape: Shape::Words(_), noun, .. }) => {
                format!("_{noun}.{}[{from}]", snake(name))
            }
            Some(Declared { shape: Shape::Record(_), .. }) if name == "Money" => format!("money({from})"),
            Some(Declared { shape: Shape::Record(_), noun, .. }) => {
                format!("_{noun}.{}({from})", snake(name))
            }
            _ => from.to_owned(),
        }
    }

    /// Whether a value is in Python what its JSON is.
    fn is_as_in_json(&self, ty: &Type) -> bool {
        match ty.name.as_str() {
            "Timestamp" | "Duration" | "Vec" | "BTreeSet" | "BTreeMap" | "tuple" => false,
            "Option" => ty.of.first().is_none_or(|of| self.is_as_in_json(of)),
            name => !matches!(
                self.surface.types.get(name).map(|d| &d.shape),
                Some(Shape::Words(_) | Shape::Record(_))
            ),
        }
    }

    /// Whether whoever prints a record should not see the field.
    pub(crate) fn is_secret(&self, of: &Declared, field: &Field) -> bool {
        let mut inner = &field.ty;
        while let Some(next) = inner.inside("Option").or_else(|| inner.inside("Vec")) {
            inner = next;
        }
        let names_itself = matches!(
            inner.name.as_str(),
            "DeviceKey" | "OneTimeToken" | "Phone" | "PromoText" | "SecretText"
        );
        let hides = |d: &Declared| match d.shape {
            Shape::Newtype(_) => !d.shows_itself,
            // Whatever is in it is shown, names and all.
            Shape::Opaque => true,
            Shape::Record(_) | Shape::Words(_) | Shape::Id => false,
        };
        let is_text = matches!(inner.name.as_str(), "String" | "Value" | "u8")
            || self.surface.types.get(&inner.name).is_some_and(hides);
        names_itself || !of.shows_itself && is_text && !inner.name.contains("Timestamp")
    }
}

/// Bytes come as numbers.
pub(crate) fn is_bytes(ty: &Type) -> bool {
    ty.name == "Vec" && ty.of.first().is_some_and(|of| of.name == "u8")
}
