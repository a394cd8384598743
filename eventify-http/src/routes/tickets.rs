//! `/api/tickets`, and who has tickets of an event.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use eventify_core::ticket::{AttendeeView, TicketKey, TicketView};
use eventify_core::{EventId, Listing, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::Result;
use crate::extract::{Code, Id, Json, Once, Query, Somebody, Viewer, parsed, text};
use crate::openapi::{IdempotencyKeyHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(list),
        routes!(show),
        routes!(qr_svg),
        routes!(qr_png),
        routes!(reissue),
        routes!(attendees),
        routes!(keys),
    ]
}

/// One's own tickets, newest first.
#[utoipa::path(
    get, path = "/api/tickets", tag = "tickets",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of tickets", body = Listing<TicketView>)),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<TicketView>>> {
    Ok(Json(app.tickets().mine(&actor, &page.into()).await?))
}

/// The ticket of a code, signed or short: for its person, and for the event's staff.
#[utoipa::path(
    get, path = "/api/tickets/{code}", tag = "tickets",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The ticket", body = TicketView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Code(code): Code,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.tickets().get(&actor, &code).await?, Cache::Never))
}

/// The code as a picture in SVG.
#[utoipa::path(
    get, path = "/api/tickets/{code}/qr.svg", tag = "tickets",
    security(("bearer" = [])),
    responses((status = 200, description = "The picture", body = String, content_type = "image/svg+xml")),
)]
async fn qr_svg(State(app): State<App>, Somebody(actor): Somebody, Code(code): Code) -> Result<Response> {
    let picture = app.tickets().qr_svg(&actor, &code).await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

/// A picture's bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Picture(#[allow(dead_code, reason = "describes a body")] Vec<u8>);

/// The code as a picture in PNG.
#[utoipa::path(
    get, path = "/api/tickets/{code}/qr.png", tag = "tickets",
    security(("bearer" = [])),
    responses((status = 200, description = "The picture", body = Picture, content_type = "image/png")),
)]
async fn qr_png(State(app): State<App>, Somebody(actor): Somebody, Code(code): Code) -> Result<Response> {
    let picture = app.tickets().qr_png(&actor, &code).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
}

/// New codes for a ticket; the old ones are refused from now on. For its person, and for those who manage
/// the event.
#[utoipa::path(
    post, path = "/api/tickets/{code}/reissue", tag = "tickets",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The ticket with its new codes", body = TicketView),
        (status = 409, description = "`cancelled`, `event_cancelled`, `event_not_published`, `too_many_issues`"),
        (status = 422, description = "`idempotency_key_reused`"),
    ),
)]
async fn reissue(State(app): State<App>, Once(call): Once, Code(code): Code) -> Result<Response> {
    Ok(reply::done_once(app.tickets().reissue(call, &code).await?))
}

/// Which attendees are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AttendeeQuery {
    /// Beginnings of words of the name, or of the short code (4 characters at least); at most 100 characters.
    #[serde(deserialize_with = "text")]
    q: Option<String>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// Who has tickets of an event, by purchase. For its staff and devices. A page of a search may have few entries, or
/// none, and a `next_cursor` all the same: it looks at 5,000 tickets at most.
#[utoipa::path(
    get, path = "/api/events/{id}/attendees", tag = "tickets",
    security(("bearer" = [])),
    params(AttendeeQuery),
    responses(
        (status = 200, description = "A page of attendees", body = Listing<AttendeeView>),
        (status = 403, description = "`not_event_staff`"),
    ),
)]
async fn attendees(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<AttendeeQuery>,
) -> Result<Json<Listing<AttendeeView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = match &query.q {
        Some(q) => app.tickets().find_attendees(&actor, id, q, &page).await?,
        None => app.tickets().attendees(&actor, id, &page).await?,
    };
    Ok(Json(found))
}

/// The public keys that verify an event's codes without network, for door devices. All of them, newest last.
#[utoipa::path(
    get, path = "/api/events/{id}/ticket-keys", tag = "tickets",
    security((), ("bearer" = [])),
    responses((status = 200, description = "The keys", body = Listing<TicketKey>)),
)]
async fn keys(State(app): State<App>, Viewer(actor): Viewer, Id(id): Id<EventId>) -> Result<Response> {
    let data = app.tickets().public_keys(&actor, id).await?;
    let all = Listing { data, next_cursor: None };
    Ok(reply::public(all))
}
