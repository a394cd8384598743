//! The door: validation, check-in and check-out.

use axum::extract::State;
use axum::response::Response;
use eventify_core::ticket::{DoorTicket, GateScanView, Scan, TicketView, UploadScans, Validation};
use eventify_core::{EventId, Listing, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Code, Id, Json, Once, OptionalJson, Query, Somebody, parsed, text};
use crate::openapi::IdempotencyKeyHeader;
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(validate),
        routes!(check_in),
        routes!(check_out),
        routes!(undo),
        routes!(door_list),
        routes!(scans, upload),
    ]
}

/// Whether a ticket would be let in now. Changes nothing.
#[utoipa::path(
    post, path = "/api/tickets/{code}/validate", tag = "door",
    security(("bearer" = [])),
    request_body(content = Option<Scan>, example = json!({"event_id": "01920000-0000-7000-8000-000000000000", "gate": "North"})),
    responses((status = 200, description = "Whether, and why not", body = Validation)),
)]
async fn validate(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Code(code): Code,
    OptionalJson(scan): OptionalJson<Scan>,
) -> Result<Json<Validation>> {
    Ok(Json(app.tickets().validate(&actor, &code, scan).await?))
}

/// Let the ticket's person in: once, or again after each check-out, as its type says. For the event's staff and devices.
#[utoipa::path(
    post, path = "/api/tickets/{code}/checkin", tag = "door",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = Option<Scan>, example = json!({"gate": "North", "device": "scanner-7", "scan_id": "7-000123"})),
    responses(
        (status = 200, description = "The used ticket", body = TicketView),
        (status = 403, description = "`not_event_staff`"),
        (status = 404, description = "`unknown`"),
        (status = 409, description = "`already_used` (with `used_at`, `gate` and `device` of the last entry), `cancelled`, `event_cancelled`, `wrong_event`, `not_yet_valid` (with `doors_at`), `expired`, `bad_signature`, `reissued`, `too_many_passages`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn check_in(
    State(app): State<App>,
    Once(call): Once,
    Code(code): Code,
    OptionalJson(scan): OptionalJson<Scan>,
) -> Result<Response> {
    Ok(reply::done_once(app.tickets().check_in(call, &code, scan).await?))
}

/// Let the ticket's person out, to come in again. For the event's staff and devices.
#[utoipa::path(
    post, path = "/api/tickets/{code}/checkout", tag = "door",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = Option<Scan>, example = json!({"gate": "North", "device": "scanner-7", "scan_id": "7-000124"})),
    responses(
        (status = 200, description = "The ticket", body = TicketView),
        (status = 403, description = "`not_event_staff`"),
        (status = 404, description = "`unknown`"),
        (status = 409, description = "`not_checked_in`, `no_re_entry`, `cancelled`, `wrong_event`, `bad_signature`, `reissued`, `too_many_passages`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn check_out(
    State(app): State<App>,
    Once(call): Once,
    Code(code): Code,
    OptionalJson(scan): OptionalJson<Scan>,
) -> Result<Response> {
    Ok(reply::done_once(app.tickets().check_out(call, &code, scan).await?))
}

/// Take the last check-in or check-out back. For the event's staff and devices.
#[utoipa::path(
    post, path = "/api/tickets/{code}/checkin/undo", tag = "door",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The ticket", body = TicketView),
        (status = 403, description = "`not_event_staff`"),
        (status = 404, description = "`unknown`"),
        (status = 409, description = "`not_checked_in`, `cancelled`, `bad_signature`, `reissued`"),
    ),
)]
async fn undo(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Code(code): Code,
) -> Result<Json<TicketView>> {
    Ok(Json(app.tickets().undo_check_in(&actor, &code).await?))
}

/// What a device needs to check tickets without network, by purchase. For the event's staff and devices.
#[utoipa::path(
    get, path = "/api/events/{id}/door-list", tag = "door",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of tickets", body = Listing<DoorTicket>),
        (status = 403, description = "`not_event_staff`"),
    ),
)]
async fn door_list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<DoorTicket>>> {
    Ok(Json(app.tickets().door_list(&actor, id, &page.into()).await?))
}

/// Take in what a device scanned without network. Each scan is kept once; the answer says what each came to, by time.
#[utoipa::path(
    post, path = "/api/events/{id}/scans", tag = "door",
    security(("bearer" = [])),
    request_body(content = UploadScans, example = json!({"scans": [{"scan_id": "7-000125", "code": "0000-0000-0000", "scanned_at": "2026-12-21T13:05:00Z", "gate": "North"}]})),
    responses(
        (status = 200, description = "The scans, as far as is known now", body = Listing<GateScanView>),
        (status = 403, description = "`not_event_staff`"),
    ),
)]
async fn upload(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<UploadScans>,
) -> Result<Json<Listing<GateScanView>>> {
    let data = app.tickets().upload_scans(&actor, id, body).await?;
    Ok(Json(Listing { data, next_cursor: None }))
}

/// Which scans are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ScanQuery {
    /// Only those that somebody has to look at.
    #[serde(deserialize_with = "parsed")]
    conflicts: Option<bool>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// The scans that were made without network, by time. For the event's staff and devices.
#[utoipa::path(
    get, path = "/api/events/{id}/scans", tag = "door",
    security(("bearer" = [])),
    params(ScanQuery),
    responses(
        (status = 200, description = "A page of scans", body = Listing<GateScanView>),
        (status = 403, description = "`not_event_staff`"),
    ),
)]
async fn scans(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<ScanQuery>,
) -> Result<Json<Listing<GateScanView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let conflicts = query.conflicts.unwrap_or(false);
    Ok(Json(app.tickets().scans(&actor, id, conflicts, &page).await?))
}
