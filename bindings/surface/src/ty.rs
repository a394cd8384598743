//! A type as it is written in a signature or a field.

use std::fmt;

use syn::{GenericArgument, PathArguments, TypeParamBound};

/// A type by its last name and what it is made of: `Option<Vec<EventId>>`. References and lifetimes are left out; a tuple
/// is called `tuple`, nothing `()`, a slice `Vec`, `impl Into<Call>` is `Call`, `Change<T>` is `Option<T>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub of: Vec<Self>,
}

impl Type {
    /// A type without parameters.
    #[must_use]
    pub fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), of: Vec::new() }
    }

    /// The only parameter, when the type is of this name.
    #[must_use]
    pub fn inside(&self, name: &str) -> Option<&Self> {
        (self.name == name).then(|| self.of.first()).flatten()
    }

    pub(crate) fn parse(ty: &syn::Type) -> Self {
        match ty {
            syn::Type::Reference(reference) => Self::parse(&reference.elem),
            syn::Type::Paren(inner) => Self::parse(&inner.elem),
            syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Self::plain("()"),
            syn::Type::Tuple(tuple) => {
                Self { name: "tuple".to_owned(), of: tuple.elems.iter().map(Self::parse).collect() }
            }
            syn::Type::Slice(slice) => Self { name: "Vec".to_owned(), of: vec![Self::parse(&slice.elem)] },
            syn::Type::Array(array) => Self { name: "Vec".to_owned(), of: vec![Self::parse(&array.elem)] },
            syn::Type::Path(path) => Self::parse_path(&path.path),
            syn::Type::ImplTrait(bounds) => {
                let first = bounds.bounds.iter().find_map(|bound| match bound {
                    TypeParamBound::Trait(of) => Some(&of.path),
                    _ => None,
                });
                let parsed = first.map_or_else(|| Self::plain("_"), Self::parse_path);
                parsed.inside("Into").cloned().unwrap_or(parsed)
            }
            _ => Self::plain("_"),
        }
    }

    fn parse_path(path: &syn::Path) -> Self {
        let Some(last) = path.segments.last() else { return Self::plain("_") };
        let of = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                let types = arguments.args.iter().filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(Self::parse(ty)),
                    _ => None,
                });
                types.collect()
            }
            _ => Vec::new(),
        };
        // What becomes of a value is, in JSON, the value or `null`.
        let name = if last.ident == "Change" { "Option".to_owned() } else { last.ident.to_string() };
        Self { name, of }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.of.is_empty() {
            let of: Vec<String> = self.of.iter().map(Self::to_string).collect();
            write!(f, "<{}>", of.join(", "))?;
        }
        Ok(())
    }
}
