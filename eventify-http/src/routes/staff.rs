//! `/api/events/{id}/staff` and `/devices`: who works at an event.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::staff::{AddDevice, DeviceView, GrantStaff, StaffView};
use eventify_core::{DeviceId, EventId, Listing, UserId};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Query, Somebody};
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(list, grant),
        routes!(show, revoke),
        routes!(devices, add_device),
        routes!(device, revoke_device),
    ]
}

/// The people who scan or manage, by id. For the event's organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/staff", tag = "staff",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of the staff", body = Listing<StaffView>),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<StaffView>>> {
    Ok(Json(app.staff(id).list(&actor, &page.into()).await?))
}

/// Take a person on, by e-mail address or id. For the event's organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/staff", tag = "staff",
    security(("bearer" = [])),
    request_body(content = GrantStaff, example = json!({"email": "bob@example.org", "right": "scanner"})),
    responses(
        (status = 201, description = "The person and the right", body = StaffView),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `user_not_found`"),
        (status = 409, description = "`grant_exists`"),
    ),
)]
async fn grant(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<GrantStaff>,
) -> Result<Response> {
    let granted = app.staff(id).grant(&actor, body).await?;
    let place = app.place(format_args!("/api/events/{id}/staff/{}", granted.user_id));
    Ok(reply::created(place, granted))
}

/// One of the people. For the event's organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/staff/{user}", tag = "staff",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The person and the right", body = StaffView),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `grant_not_found`"),
    ),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, user): Ids<EventId, UserId>,
) -> Result<Json<StaffView>> {
    Ok(Json(app.staff(id).get(&actor, user).await?))
}

/// Let a person go, at once. For the event's organizer.
#[utoipa::path(
    delete, path = "/api/events/{id}/staff/{user}", tag = "staff",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "They are gone"),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `grant_not_found`"),
    ),
)]
async fn revoke(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, user): Ids<EventId, UserId>,
) -> Result<StatusCode> {
    app.staff(id).revoke(&actor, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices at the door, the revoked ones among them. For the event's organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/devices", tag = "staff",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of devices, without keys", body = Listing<DeviceView>),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn devices(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<DeviceView>>> {
    Ok(Json(app.staff(id).devices(&actor, &page.into()).await?))
}

/// Make a key for a device: it is in this answer only. The device shows it as a bearer's token, and may then scan at
/// this event. For the event's organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/devices", tag = "staff",
    security(("bearer" = [])),
    request_body(content = AddDevice, example = json!({"name": "North gate"})),
    responses(
        (status = 201, description = "The device, with its key", body = DeviceView),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn add_device(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<AddDevice>,
) -> Result<Response> {
    let device = app.staff(id).add_device(&actor, body).await?;
    let place = app.place(format_args!("/api/events/{id}/devices/{}", device.id));
    Ok(reply::created(place, device))
}

/// One of the devices. For the event's organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/devices/{device}", tag = "staff",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The device, without its key", body = DeviceView),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `device_not_found`"),
    ),
)]
async fn device(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, device): Ids<EventId, DeviceId>,
) -> Result<Json<DeviceView>> {
    Ok(Json(app.staff(id).device(&actor, device).await?))
}

/// Revoke a device's key, at once. For the event's organizer.
#[utoipa::path(
    delete, path = "/api/events/{id}/devices/{device}", tag = "staff",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "The key is worthless"),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `device_not_found`"),
    ),
)]
async fn revoke_device(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, device): Ids<EventId, DeviceId>,
) -> Result<StatusCode> {
    app.staff(id).revoke_device(&actor, device).await?;
    Ok(StatusCode::NO_CONTENT)
}
