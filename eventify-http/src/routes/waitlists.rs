//! `/api/events/{id}/ticket-types/{type}/waitlist`: one's place in line.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::waitlist::{JoinWaitlist, WaitlistView};
use eventify_core::{EventId, TicketTypeId};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Ids, Json, Somebody};
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(mine, join, leave)]
}

/// One's own place on the waitlist of a ticket type.
#[utoipa::path(
    get, path = "/api/events/{id}/ticket-types/{type}/waitlist", tag = "waitlists",
    security(("bearer" = [])),
    responses((status = 200, description = "The place", body = WaitlistView)),
)]
async fn mine(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, of): Ids<EventId, TicketTypeId>,
) -> Result<Json<WaitlistView>> {
    Ok(Json(app.waitlists().mine(&actor, id, of).await?))
}

/// Get in line for tickets that are not to be had now. What comes back is offered in order, as a held booking.
#[utoipa::path(
    post, path = "/api/events/{id}/ticket-types/{type}/waitlist", tag = "waitlists",
    security(("bearer" = [])),
    request_body(content = JoinWaitlist, example = json!({"quantity": 2})),
    responses(
        (status = 201, description = "The place", body = WaitlistView),
        (status = 409, description = "`waitlist_not_needed`, `already_waiting`, `per_person_limit`, `sales_not_started`, `sales_ended`, `event_not_published`, `event_cancelled`"),
    ),
)]
async fn join(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, of): Ids<EventId, TicketTypeId>,
    Json(body): Json<JoinWaitlist>,
) -> Result<Response> {
    let place = app.waitlists().join(&actor, id, of, body).await?;
    Ok(reply::created(app.place(format_args!("/api/events/{id}/ticket-types/{of}/waitlist")), place))
}

/// Give one's place in line up.
#[utoipa::path(
    delete, path = "/api/events/{id}/ticket-types/{type}/waitlist", tag = "waitlists",
    security(("bearer" = [])),
    responses((status = 204, description = "It is given up")),
)]
async fn leave(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, of): Ids<EventId, TicketTypeId>,
) -> Result<StatusCode> {
    app.waitlists().leave(&actor, id, of).await?;
    Ok(StatusCode::NO_CONTENT)
}
