//! `/api/categories`: what kinds of events there are.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::event::{CategoryView, CreateCategory};
use eventify_core::{CategoryId, Listing};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::Result;
use crate::extract::{Id, Json, Query, Somebody};
use crate::openapi::IfNoneMatchHeader;
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list, create), routes!(show, delete)]
}

/// All categories, by name.
#[utoipa::path(
    get, path = "/api/categories", tag = "categories",
    params(PageQuery),
    responses((status = 200, description = "A page of categories", body = Listing<CategoryView>)),
)]
async fn list(State(app): State<App>, Query(page): Query<PageQuery>) -> Result<Response> {
    Ok(reply::public(app.categories().list(&page.into()).await?))
}

/// Make a category. For organizers.
#[utoipa::path(
    post, path = "/api/categories", tag = "categories",
    security(("bearer" = [])),
    request_body(content = CreateCategory, example = json!({"name": "Music"})),
    responses(
        (status = 201, description = "The category", body = CategoryView),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`category_exists`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<CreateCategory>,
) -> Result<Response> {
    let category = app.categories().create(&actor, body).await?;
    let place = app.place(format_args!("/api/categories/{}", category.id));
    Ok(reply::created(place, category))
}

/// One category.
#[utoipa::path(
    get, path = "/api/categories/{id}", tag = "categories",
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The category", body = CategoryView)),
)]
async fn show(State(app): State<App>, Id(id): Id<CategoryId>, known: Known) -> Result<Response> {
    Ok(known.show(app.categories().get(id).await?, Cache::Revalidate))
}

/// Delete a category that no event is in. For organizers.
#[utoipa::path(
    delete, path = "/api/categories/{id}", tag = "categories",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`category_in_use`"),
    ),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<CategoryId>,
) -> Result<StatusCode> {
    app.categories().delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
