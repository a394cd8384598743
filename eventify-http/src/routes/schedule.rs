//! `/api/events/{id}/schedule`: what happens when and where.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::event::{PutScheduleItem, ScheduleItemView};
use eventify_core::{EventId, Listing, ScheduleItemId};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Query, Somebody, Viewer};
use crate::openapi::{IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list, create), routes!(show, update, delete)]
}

/// The schedule, by start.
#[utoipa::path(
    get, path = "/api/events/{id}/schedule", tag = "schedule",
    security((), ("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of the schedule", body = Listing<ScheduleItemView>)),
)]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Response> {
    Ok(reply::public(app.events().schedule(&actor, id, &page.into()).await?))
}

/// Add an entry. For the event's organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/schedule", tag = "schedule",
    security(("bearer" = [])),
    request_body(content = PutScheduleItem, example = json!({
        "activity_name": "Opening", "speaker": "Ada Lovelace", "starts_at": "2027-05-01T13:00:00Z",
        "ends_at": "2027-05-01T13:30:00Z", "room": "Hall 1"
    })),
    responses(
        (status = 201, description = "The entry", body = ScheduleItemView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`schedule_conflict`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<PutScheduleItem>,
) -> Result<Response> {
    let item = app.events().add_schedule_item(&actor, id, body).await?;
    let place = app.place(format_args!("/api/events/{id}/schedule/{}", item.id));
    Ok(reply::created(place, item))
}

/// One entry.
#[utoipa::path(
    get, path = "/api/events/{id}/schedule/{item}", tag = "schedule",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The entry", body = ScheduleItemView)),
)]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Ids(id, item): Ids<EventId, ScheduleItemId>,
    known: Known,
) -> Result<Response> {
    let item = app.events().schedule_item(&actor, id, item).await?;
    Ok(known.show(item, Cache::Revalidate))
}

/// Replace an entry. For the event's organizer.
#[utoipa::path(
    put, path = "/api/events/{id}/schedule/{item}", tag = "schedule",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body = PutScheduleItem,
    responses(
        (status = 200, description = "The entry", body = ScheduleItemView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`schedule_conflict`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn update(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, item): Ids<EventId, ScheduleItemId>,
    Seen(seen): Seen,
    Json(body): Json<PutScheduleItem>,
) -> Result<Json<ScheduleItemView>> {
    let events = app.events();
    let item = events.update_schedule_item(&actor, id, item, body, seen).await?;
    Ok(Json(item))
}

/// Take an entry away. For the event's organizer.
#[utoipa::path(
    delete, path = "/api/events/{id}/schedule/{item}", tag = "schedule",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_cancelled`, `event_not_published`"),
    ),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, item): Ids<EventId, ScheduleItemId>,
) -> Result<StatusCode> {
    app.events().remove_schedule_item(&actor, id, item).await?;
    Ok(StatusCode::NO_CONTENT)
}
