//! The door: validation, check-in and check-out.

use axum::extract::State;
use axum::response::Response;
use eventify_core::ticket::{Scan, TicketView, Validation};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Code, Once, OptionalJson, Somebody};
use crate::openapi::IdempotencyKeyHeader;
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(validate), routes!(check_in), routes!(check_out), routes!(undo)]
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
) -> Result<axum::Json<Validation>> {
    Ok(axum::Json(app.tickets().validate(&actor, &code, scan).await?))
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
) -> Result<axum::Json<TicketView>> {
    Ok(axum::Json(app.tickets().undo_check_in(&actor, &code).await?))
}
