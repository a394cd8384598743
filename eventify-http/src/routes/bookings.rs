//! `/api/bookings`, and buying tickets at `/api/events/{id}/tickets`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::booking::{BookingView, BuyTickets, HoldTickets, Purchase};
use eventify_core::{BookingId, EventId, Listing};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::{Problem, Result};
use crate::extract::{Id, Json, Nothing, Once, OptionalJson, Query, Somebody};
use crate::openapi::{IdempotencyKeyHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(buy), routes!(list, hold), routes!(show, cancel), routes!(confirm)]
}

/// Buy tickets, so many of a type or the very seats: issued at once when nothing is to be paid, held otherwise.
#[utoipa::path(
    post, path = "/api/events/{id}/tickets", tag = "bookings",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = BuyTickets, example = json!({"ticket_type_id": "01920000-0000-7000-8000-000000000000", "quantity": 2})),
    responses(
        (status = 201, description = "The booking, and its tickets if it is confirmed", body = Purchase),
        (status = 409, description = "`sold_out`, `not_enough_left`, `per_person_limit`, `sales_not_started`, `sales_ended`, `event_not_published`, `event_cancelled`, `promo_expired`, `promo_used_up`, `promo_not_applicable`, `seat_taken`, `seats_not_together`, `leaves_single_seat`"),
        (status = 422, description = "`invalid_value`, `too_many_lines`, `idempotency_key_reused`"),
    ),
)]
async fn buy(
    State(app): State<App>,
    Once(call): Once,
    Id(event_id): Id<EventId>,
    Json(line): Json<BuyTickets>,
) -> Result<Response> {
    let request = line.of(event_id)?;
    // The core speaks of the one line that this route's body is.
    let bought = app.bookings().buy(call, request).await;
    let bought = bought.map_err(|error| Problem::from(error).within("lines[0]."))?;
    let place = app.place(format_args!("/api/bookings/{}", bought.booking.id));
    Ok(reply::created_once(place, bought))
}

/// Reserve seats for a while: all of the lines or none. `seats` instead of `lines` for an event with one ticket type,
/// `seat_ids` for the very seats of a seat map; lines of a ticket type that is sold by seat get the best ones together.
#[utoipa::path(
    post, path = "/api/bookings", tag = "bookings",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = HoldTickets, example = json!({
        "event_id": "01920000-0000-7000-8000-000000000000",
        "lines": [{"ticket_type_id": "01920000-0000-7000-8000-000000000001", "quantity": 2}]
    })),
    responses(
        (status = 201, description = "The held booking", body = BookingView),
        (status = 404, description = "`event_not_found`, `ticket_type_not_found`, `promo_unknown`, `seat_unknown`"),
        (status = 409, description = "`sold_out`, `not_enough_left`, `per_person_limit`, `sales_not_started`, `sales_ended`, `event_not_published`, `event_cancelled`, `promo_expired`, `promo_used_up`, `promo_not_applicable`, `seat_taken`, `seats_not_together`, `leaves_single_seat`"),
        (status = 422, description = "`invalid_value`, `empty_booking`, `too_many_lines`, `idempotency_key_reused`"),
    ),
)]
async fn hold(State(app): State<App>, Once(call): Once, Json(body): Json<HoldTickets>) -> Result<Response> {
    let held = app.bookings().hold(call, body).await?;
    let place = app.place(format_args!("/api/bookings/{}", held.id));
    Ok(reply::created_once(place, held))
}

/// One's own bookings, newest first.
#[utoipa::path(
    get, path = "/api/bookings", tag = "bookings",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of bookings", body = Listing<BookingView>)),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<BookingView>>> {
    Ok(Json(app.bookings().mine(&actor, &page.into()).await?))
}

/// A booking of one's own, or of an event that one organizes.
#[utoipa::path(
    get, path = "/api/bookings/{id}", tag = "bookings",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The booking", body = BookingView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<BookingId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.bookings().get(&actor, id).await?, Cache::Never))
}

/// Turn a hold into tickets: the person themselves when nothing is to be paid; for a paid booking the event's
/// organizer or an admin, who thereby marks it paid.
#[utoipa::path(
    post, path = "/api/bookings/{id}/confirm", tag = "bookings",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The confirmed booking", body = BookingView),
        (status = 409, description = "`booking_not_held`, `booking_expired`, `offer_expired`, `payment_required`, `event_cancelled`, `event_not_published`"),
        (status = 422, description = "`idempotency_key_reused`"),
    ),
)]
async fn confirm(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<BookingId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::done_once(app.bookings().confirm(call, id).await?))
}

/// Cancel a booking: its seats come back, its tickets are void, and what its policy says is to be given back: the
/// booking's `refund`.
#[utoipa::path(
    delete, path = "/api/bookings/{id}", tag = "bookings",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is cancelled"),
        (status = 403, description = "`not_event_owner`: a manager, where money is to be given back; `insufficient_scope`"),
        (status = 409, description = "`booking_not_held`, `cancellation_closed`, `ticket_already_used`, `ticket_transferred`, `event_cancelled`"),
    ),
)]
async fn cancel(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<BookingId>,
) -> Result<StatusCode> {
    app.bookings().cancel(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
