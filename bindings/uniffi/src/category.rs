//! Categories of events.

use std::sync::Arc;

use eventify_core::event::{CategoryView, CreateCategory};
use eventify_core::ffi::Refusal;
use eventify_core::{CategoryId, PageRequest};

use crate::actor::Actor;
use crate::page::CategoryPage;
use crate::shared::Shared;

/// Categories of events.
#[derive(Debug, uniffi::Object)]
pub struct Categories(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Categories {
    /// All categories, by name.
    ///
    /// # Errors
    /// `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(&self, page: PageRequest) -> Result<CategoryPage, Refusal> {
        Ok(self.0.engine()?.categories().list(&page).await?.into())
    }

    /// One category.
    ///
    /// # Errors
    /// `category_not_found`.
    pub async fn get(&self, id: CategoryId) -> Result<CategoryView, Refusal> {
        Ok(self.0.engine()?.categories().get(id).await?.into_inner())
    }

    /// Makes a category. For organizers.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value`, `category_exists`.
    pub async fn create(&self, actor: &Actor, request: CreateCategory) -> Result<CategoryView, Refusal> {
        Ok(self.0.engine()?.categories().create(actor, request).await?)
    }

    /// Deletes a category that no event is in. For organizers.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `category_not_found`, `category_in_use`.
    pub async fn delete(&self, actor: &Actor, id: CategoryId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.categories().delete(actor, id).await?)
    }
}
