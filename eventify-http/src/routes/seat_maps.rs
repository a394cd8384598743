//! `/api/events/{id}/seat-map`: sections, rows and numbered seats.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::seat_map::{PutSeatMap, PutSection, SeatMapView, SeatRowView, SectionView};
use eventify_core::{EventId, Listing};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Query, SectionNumber, Somebody, Viewer};
use crate::openapi::IfNoneMatchHeader;
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(show, put), routes!(rows, put_section, delete_section)]
}

/// The seat map of an event: its sections, and how many seats of each are free.
#[utoipa::path(
    get, path = "/api/events/{id}/seat-map", tag = "seat maps",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The seat map", body = SeatMapView)),
)]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.seat_maps().get(&actor, id).await?, Cache::Revalidate))
}

/// Make the event's seat map, or change what holds for all of it. For those who manage the event.
#[utoipa::path(
    put, path = "/api/events/{id}/seat-map", tag = "seat maps",
    security(("bearer" = [])),
    request_body(content = PutSeatMap, example = json!({"no_single_gaps": true})),
    responses(
        (status = 200, description = "The seat map", body = SeatMapView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_cancelled`, `event_not_published`"),
    ),
)]
async fn put(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<PutSeatMap>,
) -> Result<Response> {
    Ok(reply::changed(app.seat_maps().put(&actor, id, body).await?))
}

/// The rows of a section, in order, with what every seat of them is.
#[utoipa::path(
    get, path = "/api/events/{id}/seat-map/sections/{section}", tag = "seat maps",
    security((), ("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of rows", body = Listing<SeatRowView>)),
)]
async fn rows(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Ids(id, SectionNumber(section)): Ids<EventId, SectionNumber>,
    Query(page): Query<PageQuery>,
) -> Result<Response> {
    Ok(reply::public(app.seat_maps().rows(&actor, id, section, &page.into()).await?))
}

/// Draw a section, or draw it anew, with all of its rows. A row of which seats are taken stays as it is drawn; what is
/// free in it may be blocked. Its ticket types are sold by seat from then on. For those who manage the event.
#[utoipa::path(
    put, path = "/api/events/{id}/seat-map/sections/{section}", tag = "seat maps",
    security(("bearer" = [])),
    request_body(content = PutSection, example = json!({
        "name": "Stalls",
        "rows": [{
            "label": "A", "accessible": [1], "blocked": [],
            "blocks": [{"ticket_type_id": "01920000-0000-7000-8000-000000000000", "from": 1, "to": 20}]
        }]
    })),
    responses(
        (status = 200, description = "The section", body = SectionView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`seat_taken`, `quantity_below_sold`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn put_section(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, SectionNumber(section)): Ids<EventId, SectionNumber>,
    Json(body): Json<PutSection>,
) -> Result<Json<SectionView>> {
    Ok(Json(app.seat_maps().put_section(&actor, id, section, body).await?))
}

/// Take a section out of the map, if none of its seats is taken. For those who manage the event.
#[utoipa::path(
    delete, path = "/api/events/{id}/seat-map/sections/{section}", tag = "seat maps",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`seat_taken`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn delete_section(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, SectionNumber(section)): Ids<EventId, SectionNumber>,
) -> Result<StatusCode> {
    app.seat_maps().delete_section(&actor, id, section).await?;
    Ok(StatusCode::NO_CONTENT)
}
