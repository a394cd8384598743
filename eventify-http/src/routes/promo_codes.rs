//! `/api/events/{id}/promo-codes`: discounts, and keys to hidden ticket types.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::promo_code::{
    CheckPromoCode, CreatePromoCode, PromoCheck, PromoCodeView, UpdatePromoCode,
};
use eventify_core::{EventId, Listing, PromoCodeId};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Query, Somebody};
use crate::openapi::{IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list, create), routes!(show, update, delete), routes!(check)]
}

/// The promo codes of an event, in the order they were made. For its organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/promo-codes", tag = "promo codes",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of promo codes", body = Listing<PromoCodeView>),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<PromoCodeView>>> {
    Ok(Json(app.promo_codes().list(&actor, id, &page.into()).await?))
}

/// Add a promo code: something off each ticket, the key to hidden ticket types, or both. For the event's organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/promo-codes", tag = "promo codes",
    security(("bearer" = [])),
    request_body(content = CreatePromoCode, example = json!({"code": "SPRING-10", "percent_off": 10, "uses_max": 50})),
    responses(
        (status = 201, description = "The promo code", body = PromoCodeView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`promo_exists`, `too_many_promo_codes`, `event_cancelled`, `event_not_published`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<CreatePromoCode>,
) -> Result<Response> {
    let made = app.promo_codes().create(&actor, id, body).await?;
    let place = app.place(format_args!("/api/events/{id}/promo-codes/{}", made.id));
    Ok(reply::created(place, made))
}

/// One promo code. For the event's organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/promo-codes/{promo}", tag = "promo codes",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The promo code", body = PromoCodeView),
        (status = 403, description = "`not_event_owner`"),
    ),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, promo): Ids<EventId, PromoCodeId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.promo_codes().get(&actor, id, promo).await?, Cache::Never))
}

/// Change a promo code for later bookings; absent fields stay as they are, `null` clears one that may be empty. For the
/// event's organizer.
#[utoipa::path(
    put, path = "/api/events/{id}/promo-codes/{promo}", tag = "promo codes",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = UpdatePromoCode, example = json!({"uses_max": 100})),
    responses(
        (status = 200, description = "The promo code", body = PromoCodeView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_cancelled`, `event_not_published`"),
    ),
)]
async fn update(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, promo): Ids<EventId, PromoCodeId>,
    Seen(seen): Seen,
    Json(body): Json<UpdatePromoCode>,
) -> Result<Response> {
    Ok(reply::changed(app.promo_codes().update(&actor, id, promo, body, seen).await?))
}

/// Delete a promo code that no open booking uses; end one that some do by its `ends_at`. For the event's organizer.
#[utoipa::path(
    delete, path = "/api/events/{id}/promo-codes/{promo}", tag = "promo codes",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`promo_in_use`"),
    ),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(id, promo): Ids<EventId, PromoCodeId>,
) -> Result<StatusCode> {
    app.promo_codes().delete(&actor, id, promo).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a promo code is good for: the ticket types that it is for, hidden ones among them, and what it takes off each.
/// The code travels in the body, so that no log of addresses has it.
#[utoipa::path(
    post, path = "/api/events/{id}/promo-codes/check", tag = "promo codes",
    security(("bearer" = [])),
    request_body(content = CheckPromoCode, example = json!({"code": "spring-10"})),
    responses(
        (status = 200, description = "What it is good for", body = PromoCheck),
        (status = 409, description = "`promo_expired`, `promo_used_up`, `promo_not_applicable`"),
    ),
)]
async fn check(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Json(body): Json<CheckPromoCode>,
) -> Result<Json<PromoCheck>> {
    Ok(Json(app.promo_codes().check(&actor, id, &body).await?))
}
