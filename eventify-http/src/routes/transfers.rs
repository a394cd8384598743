//! `/api/transfers`: tickets offered to somebody else.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::ticket::TicketView;
use eventify_core::transfer::{OfferTicket, TransferView};
use eventify_core::{Listing, PageRequest, TransferId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Code, Id, Json, Once, Query, Somebody, parsed, text};
use crate::openapi::IdempotencyKeyHeader;
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(offer), routes!(list), routes!(show, withdraw), routes!(accept)]
}

/// Offer a ticket to the person of an e-mail address. For the ticket's person, who can use it until it is accepted.
#[utoipa::path(
    post, path = "/api/tickets/{code}/transfer", tag = "transfers",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = OfferTicket, example = json!({"email": "ada@example.org"})),
    responses(
        (status = 201, description = "The offer", body = TransferView),
        (status = 409, description = "`transfer_pending`, `ticket_already_used`, `cancelled`, `event_cancelled`, `event_not_published`, `expired`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn offer(
    State(app): State<App>,
    Once(call): Once,
    Code(code): Code,
    Json(body): Json<OfferTicket>,
) -> Result<Response> {
    let offered = app.transfers().offer(call, &code, body).await?;
    let place = app.place(format_args!("/api/transfers/{}", offered.id));
    Ok(reply::created_once(place, offered))
}

/// Which transfers are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct TransferQuery {
    /// What is offered to the caller, instead of what the caller offered.
    #[serde(deserialize_with = "parsed")]
    incoming: Option<bool>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// What the caller offered, or what is offered to the caller; newest first.
#[utoipa::path(
    get, path = "/api/transfers", tag = "transfers",
    security(("bearer" = [])),
    params(TransferQuery),
    responses((status = 200, description = "A page of transfers", body = Listing<TransferView>)),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(query): Query<TransferQuery>,
) -> Result<Json<Listing<TransferView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = match query.incoming {
        Some(true) => app.transfers().to_me(&actor, &page).await?,
        _ => app.transfers().mine(&actor, &page).await?,
    };
    Ok(Json(found))
}

/// One transfer: for who offers and for whom it is offered to.
#[utoipa::path(
    get, path = "/api/transfers/{id}", tag = "transfers",
    security(("bearer" = [])),
    responses((status = 200, description = "The transfer", body = TransferView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<TransferId>,
) -> Result<Json<TransferView>> {
    Ok(Json(app.transfers().get(&actor, id).await?))
}

/// Take an offer back. For whoever made it.
#[utoipa::path(
    delete, path = "/api/transfers/{id}", tag = "transfers",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is withdrawn"),
        (status = 409, description = "`transfer_closed` (with `transfer_status`)"),
    ),
)]
async fn withdraw(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<TransferId>,
) -> Result<StatusCode> {
    app.transfers().withdraw(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the ticket over. For the person of the address. It gets new codes; the old ones are refused from now on.
#[utoipa::path(
    post, path = "/api/transfers/{id}/accept", tag = "transfers",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The ticket, which is the caller's now", body = TicketView),
        (status = 409, description = "`transfer_closed` (with `transfer_status`), `ticket_already_used`, `cancelled`, `event_cancelled`, `event_not_published`, `expired`, `too_many_issues`"),
        (status = 422, description = "`idempotency_key_reused`"),
    ),
)]
async fn accept(State(app): State<App>, Once(call): Once, Id(id): Id<TransferId>) -> Result<Response> {
    Ok(reply::done_once(app.transfers().accept(call, id).await?))
}
