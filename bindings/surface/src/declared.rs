//! Public structs and enums, as serde writes them.

use syn::{Attribute, Expr, Fields, Item, Lit, Visibility};

use crate::docs;
use crate::ty::Type;

/// A public type of a noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// The directory of core that it is in, such as `booking`.
    pub noun: String,
    /// Its documentation.
    pub docs: String,
    /// What it is made of.
    pub shape: Shape,
    /// Whether it shows all of itself to whoever debugs: `Debug` is derived. What writes its own has something to hide, or
    /// writes itself as text.
    pub shows_itself: bool,
}

/// What a type is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A struct with named fields.
    Record(Vec<Field>),
    /// An enum without data: a closed set of words.
    Words(Vec<Word>),
    /// A struct around one value, written as that value, or as text by an implementation of its own.
    Newtype(Type),
    /// A UUID of a noun.
    Id,
    /// An enum with data, or a struct that shows nothing.
    Opaque,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in Rust.
    pub name: String,
    /// Its name in JSON.
    pub wire: String,
    /// Its documentation.
    pub docs: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be absent when it comes in.
    pub may_be_absent: bool,
    /// Whether `null` is something else than absent when it comes in.
    pub null_is_a_value: bool,
    /// Whether it may be absent when it goes out.
    pub may_be_left_out: bool,
    /// Whether its own fields stand in its place.
    pub is_flat: bool,
    /// Whether it is private, or kept out of JSON.
    pub is_hidden: bool,
    /// Whether it has a place in JSON, also a private one.
    pub is_written: bool,
}

/// One of a closed set of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its name in Rust.
    pub name: String,
    /// The word in JSON.
    pub wire: String,
    /// What it means.
    pub docs: String,
}

impl Declared {
    /// The fields of a record; none of anything else.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.shape {
            Shape::Record(fields) => fields,
            _ => &[],
        }
    }
}

/// The public types of a file.
pub(crate) fn of_file(file: &syn::File, noun: &str) -> syn::Result<Vec<Declared>> {
    let mut found = Vec::new();
    for item in &file.items {
        let declared = match item {
            Item::Struct(of) if is_public(&of.vis) && of.generics.params.is_empty() => {
                let serde = Serde::of(&of.attrs)?;
                Some((&of.ident, &of.attrs, shape_of_struct(&of.fields, &serde)?))
            }
            Item::Enum(of) if is_public(&of.vis) && of.generics.params.is_empty() => {
                let serde = Serde::of(&of.attrs)?;
                Some((&of.ident, &of.attrs, shape_of_enum(of, &serde)?))
            }
            _ => None,
        };
        if let Some((name, attrs, shape)) = declared {
            let (name, noun) = (name.to_string(), noun.to_owned());
            found.push(Declared {
                name,
                noun,
                docs: docs::of(attrs),
                shape,
                shows_itself: derives_debug(attrs),
            });
        }
    }
    Ok(found)
}

fn derives_debug(attrs: &[Attribute]) -> bool {
    let mut derives = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        // What a derive holds is a list of paths; anything else the compiler refuses.
        let _ = attr.parse_nested_meta(|meta| {
            derives |= meta.path.is_ident("Debug");
            Ok(())
        });
    }
    derives
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn shape_of_struct(fields: &Fields, of: &Serde) -> syn::Result<Shape> {
    match fields {
        Fields::Named(named) => {
            let fields =
                named.named.iter().map(|field| field_of(field, of)).collect::<syn::Result<Vec<_>>>()?;
            let shows_nothing = fields.iter().all(|field| field.is_hidden);
            Ok(if shows_nothing { Shape::Opaque } else { Shape::Record(fields) })
        }
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            Ok(unnamed.unnamed.first().map_or(Shape::Opaque, |field| Shape::Newtype(Type::parse(&field.ty))))
        }
        Fields::Unnamed(_) | Fields::Unit => Ok(Shape::Opaque),
    }
}

fn field_of(field: &syn::Field, of: &Serde) -> syn::Result<Field> {
    let serde = Serde::of(&field.attrs)?;
    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let wire = serde.rename.clone().unwrap_or_else(|| of.case(&name));
    let ty = Type::parse(&field.ty);
    // An absent `Option` is `None`, unless something else reads it.
    let is_option = ty.name == "Option" && !serde.reads_by_itself;
    Ok(Field {
        wire,
        docs: docs::of(&field.attrs),
        may_be_absent: is_option || serde.default || of.default,
        null_is_a_value: ty
            .inside("Option")
            .is_some_and(|of| of.name == "Option" || serde.default_is_its_own),
        may_be_left_out: serde.may_be_left_out,
        is_flat: serde.flatten,
        is_hidden: serde.skip || !is_public(&field.vis),
        is_written: !serde.skip,
        name,
        ty,
    })
}

fn shape_of_enum(of: &syn::ItemEnum, serde: &Serde) -> syn::Result<Shape> {
    if of.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit)) {
        return Ok(Shape::Opaque);
    }
    let words = of.variants.iter().map(|variant| {
        let name = variant.ident.to_string();
        let wire = Serde::of(&variant.attrs)?.rename.unwrap_or_else(|| serde.case(&name));
        Ok(Word { wire, docs: docs::of(&variant.attrs), name })
    });
    words.collect::<syn::Result<_>>().map(Shape::Words)
}

/// What serde's attributes say.
#[derive(Debug, Default)]
struct Serde {
    rename: Option<String>,
    rename_all: Option<String>,
    default: bool,
    default_is_its_own: bool,
    reads_by_itself: bool,
    may_be_left_out: bool,
    flatten: bool,
    skip: bool,
}

impl Serde {
    fn of(attrs: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
            attr.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let text = if meta.input.peek(syn::Token![=]) { text(&meta.value()?.parse()?) } else { None };
                match name.as_str() {
                    "rename" => found.rename = text,
                    "rename_all" => found.rename_all = text,
                    "default" => {
                        found.default = true;
                        found.default_is_its_own = text.is_some();
                    }
                    "deserialize_with" => found.reads_by_itself = true,
                    "skip_serializing_if" => found.may_be_left_out = true,
                    "flatten" => found.flatten = true,
                    "skip" => found.skip = true,
                    "deny_unknown_fields" | "transparent" | "into" | "try_from" => {}
                    _ => return Err(meta.error(format!("serde's {name} is not understood here yet"))),
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    fn case(&self, name: &str) -> String {
        match self.rename_all.as_deref() {
            Some("snake_case") => snake(name),
            Some("camelCase") => camel(name),
            _ => name.to_owned(),
        }
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(of) => match &of.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// `InApp` as `in_app`.
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

/// `expiration_time` as `expirationTime`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(letters.as_str());
    }
    out
}
