//! Categories: named once, counted, and only deleted when nothing is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::CATEGORY_CHARS_MAX;
use super::model::{Category, CategoryName};
use super::view::CategoryView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::eventify::{Engine, of_kind};
use crate::id::CategoryId;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{CategoryNameKey, Index, Key, Kind};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// What can be done with categories. From [`Eventify::categories`](crate::Eventify::categories).
#[derive(Debug, Clone, Copy)]
pub struct Categories<'a> {
    pub(crate) engine: &'a Engine,
}

/// A new category.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    /// 1 to 100 characters; unique without regard to case and diacritics.
    pub name: String,
}

impl Categories<'_> {
    /// All categories, by name.
    ///
    /// # Errors
    /// `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(&self, page: &PageRequest) -> Result<Listing<CategoryView>, Error> {
        let names = self.engine.list::<CategoryName>(Index::All(Kind::CategoryName), false, page).await?;
        let keys = names.data.iter().map(|name| Key::Category(name.category_id));
        let loaded = self.engine.load_all(keys).await?;
        let by_id: BTreeMap<CategoryId, _> = of_kind::<Category>(&loaded).map(|c| (c.id, c)).collect();
        let data = names.data.iter().filter_map(|name| by_id.get(&name.category_id));
        let data = data.map(|c| CategoryView::from(&***c)).collect();
        Ok(Listing { data, next_cursor: names.next_cursor })
    }

    /// One category.
    ///
    /// # Errors
    /// `category_not_found`.
    pub async fn get(&self, id: CategoryId) -> Result<Fetched<CategoryView>, Error> {
        let found = self.engine.fetch::<Category>(&id).await?;
        let (category, version) = found.ok_or_else(category_not_found)?;
        Ok(Fetched::new(CategoryView::from(&*category), version))
    }

    /// Makes a category. For organizers.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value`, `category_exists`.
    pub async fn create(&self, actor: &Actor, request: CreateCategory) -> Result<CategoryView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        actor.require_organizer()?;
        let mut check = Check::new();
        let name = check.line("name", &request.name, CATEGORY_CHARS_MAX);
        check.finish()?;
        let made = self.engine.executor.decide(MakeCategory { actor: actor.clone(), name }).await?;
        Ok(CategoryView::from(&made))
    }

    /// Deletes a category that no event is in. For organizers.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `category_not_found`, `category_in_use`.
    pub async fn delete(&self, actor: &Actor, id: CategoryId) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(DeleteCategory { actor: actor.clone(), id }).await
    }
}

impl From<&Category> for CategoryView {
    fn from(category: &Category) -> Self {
        Self { id: category.id, name: category.name.clone(), events: category.events }
    }
}

pub(super) fn name_key(name: &str) -> Key {
    Key::CategoryName(CategoryNameKey::new(name))
}

fn category_not_found() -> Error {
    Error::new(Reason::CategoryNotFound, "There is no such category.")
}

/// Counts one more event in the category of this name; makes the category if there is none.
pub(super) fn join(work: &mut Work, cx: &Context<'_>, actor: &Actor, name: &str) -> Decision<CategoryId> {
    let category = match work.find::<CategoryName>(&CategoryNameKey::new(name))? {
        Some(claim) => (*work.find::<Category>(&claim.category_id)?.ok_or_else(category_not_found)?).clone(),
        None => make(work, cx, actor, name),
    };
    let id = category.id;
    work.put(Category { events: category.events.saturating_add(1), ..category });
    Ok(id)
}

/// Whether a category is the one of this name: then nothing of it has to be written.
pub(super) fn is_named(work: &mut Work, id: CategoryId, name: &str) -> Decision<bool> {
    Ok(work.find::<CategoryName>(&CategoryNameKey::new(name))?.is_some_and(|claim| claim.category_id == id))
}

/// Counts one event less.
pub(super) fn leave(work: &mut Work, id: CategoryId) -> Decision<()> {
    if let Some(category) = work.find::<Category>(&id)? {
        work.put(Category { events: category.events.saturating_sub(1), ..(*category).clone() });
    }
    Ok(())
}

fn make(work: &mut Work, cx: &Context<'_>, actor: &Actor, name: &str) -> Category {
    let id = CategoryId::from_uuid(cx.new_uuid());
    let category = Category { id, name: name.to_owned(), events: 0, created_at: cx.now };
    work.put(category.clone());
    work.put(CategoryName { name: CategoryNameKey::new(name), category_id: id });
    audit::record(work, cx, actor, &audit::Act::new("category.created", "category", id));
    category
}

struct MakeCategory {
    actor: Actor,
    name: String,
}

impl Command for MakeCategory {
    type Reply = Category;
    const NAME: &'static str = "create_category";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(name_key(&self.name));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Category> {
        if work.find::<CategoryName>(&CategoryNameKey::new(&self.name))?.is_some() {
            let exists = Error::new(Reason::CategoryExists, "There is a category of this name.");
            return Err(exists.at_field("name").into());
        }
        Ok(make(work, cx, &self.actor, &self.name))
    }
}

struct DeleteCategory {
    actor: Actor,
    id: CategoryId,
}

impl Command for DeleteCategory {
    type Reply = ();
    const NAME: &'static str = "delete_category";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Category(self.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        self.actor.require_organizer()?;
        let category = work.find::<Category>(&self.id)?.ok_or_else(category_not_found)?;
        if category.events > 0 {
            let sentence = format!("{} events are in this category.", category.events);
            return Err(Error::new(Reason::CategoryInUse, sentence).with("events", category.events).into());
        }
        let name = CategoryNameKey::new(&category.name);
        work.find::<CategoryName>(&name)?;
        work.delete::<CategoryName>(&name);
        work.delete::<Category>(&self.id);
        audit::record(work, cx, &self.actor, &audit::Act::new("category.deleted", "category", self.id));
        Ok(())
    }
}
