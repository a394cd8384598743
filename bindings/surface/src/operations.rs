//! The nouns and what can be done with them.

use syn::{FnArg, ImplItem, Item, Pat, ReturnType, Visibility};

use crate::docs;
use crate::ty::Type;

/// One of the engine's nouns: what an accessor of `Eventify` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// The accessor's name, such as `bookings`.
    pub name: String,
    /// The handle's type, such as `Bookings`.
    pub handle: String,
    /// What the accessor asks for, such as the event whose staff it is.
    pub params: Vec<Param>,
    /// The accessor's documentation.
    pub docs: String,
    /// What can be done.
    pub operations: Vec<Operation>,
}

/// A public method of a noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: String,
    /// Whether it is awaited.
    pub is_async: bool,
    /// What it asks for, in order.
    pub params: Vec<Param>,
    /// What it answers; of a `Result` the good half.
    pub answer: Type,
    /// Whether it can be refused.
    pub is_fallible: bool,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it is borrowed.
    pub by_ref: bool,
}

/// The accessors of `impl Eventify` that give a noun.
pub(crate) fn nouns_of_file(file: &syn::File) -> Vec<Noun> {
    let of_eventify = methods(file, "Eventify");
    let nouns = of_eventify.into_iter().filter_map(|method| {
        let ReturnType::Type(_, returned) = &method.sig.output else { return None };
        let syn::Type::Path(path) = &**returned else { return None };
        let last = path.path.segments.last()?;
        // A handle borrows the engine: `Bookings<'_>`.
        let borrows = matches!(&last.arguments, syn::PathArguments::AngleBracketed(of) if of.args.iter().all(|a| matches!(a, syn::GenericArgument::Lifetime(_))));
        borrows.then(|| Noun {
            name: method.sig.ident.to_string(),
            handle: last.ident.to_string(),
            params: params(method),
            docs: docs::of(&method.attrs),
            operations: Vec::new(),
        })
    });
    nouns.collect()
}

/// The methods of `impl Builder` that give it back changed.
pub(crate) fn options_of_file(file: &syn::File) -> Vec<String> {
    let gives_itself = |method: &&syn::ImplItemFn| matches!(&method.sig.output, ReturnType::Type(_, ty) if matches!(&**ty, syn::Type::Path(path) if path.path.is_ident("Self")));
    let takes_itself =
        |method: &&syn::ImplItemFn| matches!(method.sig.inputs.first(), Some(FnArg::Receiver(_)));
    let options = methods(file, "Builder").into_iter().filter(gives_itself).filter(takes_itself);
    options.map(|method| method.sig.ident.to_string()).collect()
}

/// The public methods of the nouns' handles.
pub(crate) fn add_of_file(file: &syn::File, nouns: &mut [Noun]) -> Result<(), String> {
    for noun in nouns {
        for method in methods(file, &noun.handle) {
            if !method.sig.inputs.iter().any(|input| matches!(input, FnArg::Receiver(_))) {
                continue;
            }
            let (answer, is_fallible) = answer(&method.sig.output);
            let name = method.sig.ident.to_string();
            if noun.operations.iter().any(|of| of.name == name) {
                return Err(format!("{}.{name} is there twice", noun.name));
            }
            noun.operations.push(Operation {
                name,
                docs: docs::of(&method.attrs),
                is_async: method.sig.asyncness.is_some(),
                params: params(method),
                answer,
                is_fallible,
            });
        }
    }
    Ok(())
}

/// The public methods in `impl Handle` blocks that are part of every build.
fn methods<'f>(file: &'f syn::File, handle: &str) -> Vec<&'f syn::ImplItemFn> {
    let blocks = file.items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && Type::parse(&block.self_ty).name == handle => {
            Some(block)
        }
        _ => None,
    });
    let items = blocks.flat_map(|block| &block.items);
    let public = items.filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => Some(method),
        _ => None,
    });
    public.filter(|method| !method.attrs.iter().any(|attr| attr.path().is_ident("cfg"))).collect()
}

fn params(method: &syn::ImplItemFn) -> Vec<Param> {
    let typed = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let params = typed.map(|typed| {
        let name = match &*typed.pat {
            Pat::Ident(name) => name.ident.to_string(),
            _ => "_".to_owned(),
        };
        Param { name, ty: Type::parse(&typed.ty), by_ref: matches!(&*typed.ty, syn::Type::Reference(_)) }
    });
    params.collect()
}

fn answer(output: &ReturnType) -> (Type, bool) {
    let ReturnType::Type(_, ty) = output else { return (Type::plain("()"), false) };
    let ty = Type::parse(ty);
    match ty.inside("Result") {
        Some(good) => (good.clone(), true),
        None => (ty, false),
    }
}
