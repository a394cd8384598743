//! `/api/events/{id}/ticket-types`: what may be sold of an event, and what is left.

use axum::extract::State;
use axum::response::Response;
use eventify_core::ticket_type::{CreateTicketType, TicketTypeView, UpdateTicketType};
use eventify_core::{EventId, Listing, TicketTypeId};
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
    vec![routes!(list, create), routes!(show, update)]
}

/// The ticket types of an event, in the order they were made.
#[utoipa::path(
    get, path = "/api/events/{id}/ticket-types", tag = "ticket types",
    security((), ("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of ticket types", body = Listing<TicketTypeView>)),
)]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Response> {
    Ok(reply::public(app.ticket_types().list(&actor, id, &page.into()).await?))
}

/// Add a ticket type to a draft or a published event. For its organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/ticket-types", tag = "ticket types",
    security(("bearer" = [])),
    request_body(content = CreateTicketType, example = json!({
        "name": "Stalls", "price": {"amount_minor": 150_000, "currency": "KZT"}, "quantity": 300, "per_person_max": 4
    })),
    responses(
        (status = 201, description = "The ticket type", body = TicketTypeView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_cancelled`, `event_not_published`, `too_many_ticket_types`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<CreateTicketType>,
) -> Result<Response> {
    let made = app.ticket_types().create(&actor, id, body).await?;
    let place = app.place(format_args!("/api/events/{id}/ticket-types/{}", made.id));
    Ok(reply::created(place, made))
}

/// One ticket type.
#[utoipa::path(
    get, path = "/api/events/{id}/ticket-types/{type}", tag = "ticket types",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The ticket type", body = TicketTypeView)),
)]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Ids(id, of): Ids<EventId, TicketTypeId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.ticket_types().get(&actor, id, of).await?, Cache::Revalidate))
}

/// Change a ticket type; absent fields stay as they are, `null` clears one that may be empty. A price changes later
/// bookings only. For the event's organizer.
#[utoipa::path(
    put, path = "/api/events/{id}/ticket-types/{type}", tag = "ticket types",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = UpdateTicketType, example = json!({"quantity": 350})),
    responses(
        (status = 200, description = "The ticket type", body = TicketTypeView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`quantity_below_sold`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn update(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, of): Ids<EventId, TicketTypeId>,
    Seen(seen): Seen,
    Json(body): Json<UpdateTicketType>,
) -> Result<Response> {
    let types = app.ticket_types();
    Ok(reply::changed(types.update(&actor, id, of, body, seen).await?))
}
