//! `/api/events/{id}/announcements`: an organizer's words to everybody who has a ticket.

use axum::extract::State;
use axum::response::Response;
use eventify_core::announcement::{AnnouncementView, MakeAnnouncement};
use eventify_core::{AnnouncementId, EventId, Listing};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Once, Query, Somebody};
use crate::openapi::{IdempotencyKeyHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list, make), routes!(show)]
}

/// What those who have tickets were told, newest first. For those who manage the event.
#[utoipa::path(
    get, path = "/api/events/{id}/announcements", tag = "announcements",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of announcements", body = Listing<AnnouncementView>),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<AnnouncementView>>> {
    Ok(Json(app.announcements().list(&actor, id, &page.into()).await?))
}

/// Tell everybody who has a ticket, or one of a type, something. For those who manage the event; at most 10 within 24 hours.
#[utoipa::path(
    post, path = "/api/events/{id}/announcements", tag = "announcements",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = MakeAnnouncement, example = json!({
        "title": "Doors open late", "body": "At eight, not at seven. The cloakroom is on the left."
    })),
    responses(
        (status = 201, description = "The announcement; it is on its way", body = AnnouncementView),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `ticket_type_not_found`"),
        (status = 409, description = "`event_not_published`: a draft"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
        (status = 429, description = "`too_many_announcements`, with `per_day_max`"),
    ),
)]
async fn make(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<EventId>,
    Json(body): Json<MakeAnnouncement>,
) -> Result<Response> {
    let made = app.announcements().make(call, id, body).await?;
    let place = app.place(format_args!("/api/events/{id}/announcements/{}", made.id));
    Ok(reply::created_once(place, made))
}

/// One announcement. For those who manage the event.
#[utoipa::path(
    get, path = "/api/events/{id}/announcements/{announcement}", tag = "announcements",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The announcement", body = AnnouncementView),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, announcement): Ids<EventId, AnnouncementId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.announcements().get(&actor, id, announcement).await?, Cache::Never))
}
