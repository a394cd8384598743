//! `/api/payments`: paying for a hold, giving money back, and what providers say.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventify_core::payment::{
    CallbackAnswer, PaymentMethod, PaymentView, RefundPayment, SettleByHand, StartPayment, StrayDispute,
};
use eventify_core::{BookingId, Currency, Listing, PaymentId, RefundId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::{Problem, Result};
use crate::extract::{
    Callback, Id, Ids, Json, Nothing, Once, OptionalJson, ProviderName, Query, Somebody, parsed,
};
use crate::openapi::{IdempotencyKeyHeader, IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(start),
        routes!(methods),
        routes!(attention),
        routes!(stray_disputes),
        routes!(show),
        routes!(of_booking),
        routes!(refund),
        routes!(retry_refund),
        routes!(settle),
        routes!(dismiss),
        routes!(told, asked),
    ]
}

/// Begin to pay for a hold of one's own: `redirect_url` is where to go. The hold lasts as long as the payment does. Asked for again, with
/// whatever key, it is the same payment as long as that one is open.
#[utoipa::path(
    post, path = "/api/payments", tag = "payments",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = StartPayment, example = json!({"booking_id": "01920000-0000-7000-8000-000000000000", "payment_method": "stripe"})),
    responses(
        (status = 201, description = "The payment", body = PaymentView),
        (status = 404, description = "`booking_not_found`"),
        (status = 409, description = "`booking_expired`, `booking_not_held`, `payment_not_needed`, `currency_not_supported`, `too_many_payments`, `payment_refused`, `event_cancelled`, `event_not_published`"),
        (status = 422, description = "`invalid_value`, `payment_method_unknown`, `idempotency_key_reused`"),
        (status = 503, description = "`payment_provider_unavailable`, `overloaded`: asking again, after `Retry-After`, goes on with the same payment"),
    ),
)]
async fn start(State(app): State<App>, Once(call): Once, Json(body): Json<StartPayment>) -> Result<Response> {
    let begun = app.payments().start(call, body).await?;
    let place = app.place(format_args!("/api/payments/{}", begun.id));
    Ok(reply::created_once(place, begun))
}

/// In what is to be paid.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct MethodQuery {
    /// An ISO 4217 code: only ways that take it.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>)]
    currency: Option<Currency>,
}

/// The ways to pay here; the first one is what is taken when nobody chooses.
#[utoipa::path(
    get, path = "/api/payments/methods", tag = "payments",
    params(MethodQuery),
    responses((status = 200, description = "All of them", body = Listing<PaymentMethod>)),
)]
async fn methods(State(app): State<App>, Query(query): Query<MethodQuery>) -> Response {
    reply::public(Listing { data: app.payments().methods(query.currency), next_cursor: None })
}

/// All payments that somebody has to look at, longest waiting first. For admins.
#[utoipa::path(
    get, path = "/api/payments/attention", tag = "payments",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of payments", body = Listing<PaymentView>),
        (status = 403, description = "`not_allowed`, `insufficient_scope`"),
    ),
)]
async fn attention(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<PaymentView>>> {
    Ok(Json(app.payments().attention(&actor, &page.into()).await?))
}

/// Disputes of money that no payment is known by, though it was looked for: somebody has to find out whose it is. For admins.
#[utoipa::path(
    get, path = "/api/payments/attention/disputes", tag = "payments",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of disputes", body = Listing<StrayDispute>),
        (status = 403, description = "`not_allowed`, `insufficient_scope`"),
    ),
)]
async fn stray_disputes(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<StrayDispute>>> {
    Ok(Json(app.payments().stray_disputes(&actor, &page.into()).await?))
}

/// A payment: one's own, or of an event that one manages.
#[utoipa::path(
    get, path = "/api/payments/{id}", tag = "payments",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The payment", body = PaymentView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<PaymentId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.payments().get(&actor, id).await?, Cache::Never))
}

/// The payments of a booking, oldest first; all on one page.
#[utoipa::path(
    get, path = "/api/bookings/{id}/payments", tag = "payments",
    security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Listing<PaymentView>)),
)]
async fn of_booking(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<BookingId>,
) -> Result<Json<Listing<PaymentView>>> {
    let data = app.payments().of_booking(&actor, id).await?;
    Ok(Json(Listing { data, next_cursor: None }))
}

/// Give a part of a payment back, or all that is left. The booking stays: cancel it to take its tickets back. For the event's organizer.
#[utoipa::path(
    post, path = "/api/payments/{id}/refunds", tag = "payments",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = RefundPayment, example = json!({"amount": {"amount_minor": 150_000, "currency": "KZT"}, "reason": "The seat was broken"})),
    responses(
        (status = 201, description = "The payment with its refunds; the provider is told of the new one", body = PaymentView),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
        (status = 409, description = "`payment_not_succeeded`, `refund_too_large` with `left`, `refund_under_way`, `partial_refund_not_supported`, `too_many_refunds`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn refund(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<PaymentId>,
    OptionalJson(body): OptionalJson<RefundPayment>,
) -> Result<Response> {
    let asked = app.payments().refund(call, id, body).await?;
    let place = app.place(format_args!("/api/payments/{id}"));
    Ok(reply::created_once(place, asked))
}

/// Have the provider try a refund again that failed. For the event's organizer.
#[utoipa::path(
    post, path = "/api/payments/{id}/refunds/{refund}/retry", tag = "payments",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The payment", body = PaymentView),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
        (status = 404, description = "`payment_not_found`, `refund_not_found`"),
        (status = 409, description = "`refund_not_failed`, `partial_refund_not_supported`"),
    ),
)]
async fn retry_refund(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, refund): Ids<PaymentId, RefundId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Json<PaymentView>> {
    Ok(Json(app.payments().retry_refund(&actor, id, refund).await?))
}

/// Say that the money of a payment by hand is there, which issues the tickets; or, with `refund_id`, that a refund was paid out by hand.
#[utoipa::path(
    post, path = "/api/payments/{id}/settle", tag = "payments",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = SettleByHand, example = json!({})),
    responses(
        (status = 200, description = "The payment", body = PaymentView),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
        (status = 404, description = "`payment_not_found`, `refund_not_found`"),
        (status = 409, description = "`payment_not_by_hand`, `booking_not_held`, `refund_under_way`, `refund_not_failed`, `event_cancelled`, `event_not_published`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn settle(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<PaymentId>,
    OptionalJson(body): OptionalJson<SettleByHand>,
) -> Result<Response> {
    Ok(reply::done_once(app.payments().settle_by_hand(call, id, body).await?))
}

/// Say that what a payment needed attention for was seen to. With `If-Match`, only as it was read. For the event's organizer.
#[utoipa::path(
    post, path = "/api/payments/{id}/dismiss", tag = "payments",
    security(("bearer" = [])),
    params(IfMatchHeader),
    responses(
        (status = 200, description = "The payment", body = PaymentView),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
        (status = 409, description = "`refund_under_way`"),
    ),
)]
async fn dismiss(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<PaymentId>,
    Seen(seen): Seen,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::changed(app.payments().dismiss(&actor, id, seen).await?))
}

/// For a payment provider to say how a charge stands: its own body, of at most 64 KiB, signed its own way, and answered in its own format.
#[utoipa::path(
    post, path = "/api/payments/webhooks/{provider}", tag = "payments",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Taken in, now or before", body = String, content_type = "*/*"),
        (status = 403, description = "Not genuine; the body is the provider's", body = String, content_type = "*/*"),
        (status = 404, description = "`not_found`: no provider of this name is attached"),
    ),
)]
async fn told(
    State(app): State<App>,
    Id(ProviderName(provider)): Id<ProviderName>,
    Callback(callback): Callback,
) -> Result<Response> {
    answer(app.payments().callback(&provider, callback).await?)
}

/// The same for a provider that calls with a query.
#[utoipa::path(
    get, path = "/api/payments/webhooks/{provider}", tag = "payments",
    responses(
        (status = 200, description = "Taken in, now or before", body = String, content_type = "*/*"),
        (status = 403, description = "Not genuine; the body is the provider's", body = String, content_type = "*/*"),
        (status = 404, description = "`not_found`: no provider of this name is attached"),
    ),
)]
async fn asked(
    State(app): State<App>,
    Id(ProviderName(provider)): Id<ProviderName>,
    Callback(callback): Callback,
) -> Result<Response> {
    answer(app.payments().callback(&provider, callback).await?)
}

fn answer(answer: CallbackAnswer) -> Result<Response> {
    let broken = |_| Problem::from(eventify_core::Error::internal("a provider's answer has no such status"));
    let status = StatusCode::from_u16(answer.status).map_err(broken)?;
    Ok((status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}
