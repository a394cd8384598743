//! What handlers take. Everything that a client sends is read here, or refused.

mod actor;
mod body;
mod id;
mod query;
mod raw;

pub(crate) use actor::{Once, Somebody, Staying, Viewer, Visitor, bearer};
pub(crate) use body::{Json, Nothing, OptionalJson};
pub(crate) use id::{Code, Id, Ids, ProviderName, SectionNumber};
pub(crate) use query::{Query, parsed, text};
pub(crate) use raw::{Callback, Form};
