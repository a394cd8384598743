//! `/api/webhooks`: addresses of other systems that are told of facts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::webhook::{
    CreateWebhook, RotateWebhookSecret, UpdateWebhook, WebhookDeliveryView, WebhookSecret, WebhookView,
};
use eventify_core::{Listing, WebhookDeliveryId, WebhookId};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Nothing, Once, OptionalJson, Query, Somebody};
use crate::openapi::{IdempotencyKeyHeader, IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(list, create),
        routes!(show, update, delete),
        routes!(rotate_secret),
        routes!(test),
        routes!(enable),
        routes!(deliveries),
        routes!(redeliver),
    ]
}

/// One's webhooks, oldest first; for an admin everybody's, by id.
#[utoipa::path(
    get, path = "/api/webhooks", tag = "webhooks",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of webhooks", body = Listing<WebhookView>)),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<WebhookView>>> {
    Ok(Json(app.webhooks().list(&actor, &page.into()).await?))
}

/// Have an address told of what happens at one's events. The secret that everything is signed with is shown here and never
/// again. For organizers; `deployment`, all events, for admins. Not for API keys.
#[utoipa::path(
    post, path = "/api/webhooks", tag = "webhooks",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = CreateWebhook, example = json!({
        "url": "https://shop.example.org/hooks", "facts": ["ticket.purchased", "booking.cancelled"]
    })),
    responses(
        (status = 201, description = "The webhook and its secret", body = WebhookSecret),
        (status = 403, description = "`not_allowed`, `insufficient_scope`"),
        (status = 409, description = "`too_many_webhooks`, `webhooks_off`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Once(call): Once,
    Json(body): Json<CreateWebhook>,
) -> Result<Response> {
    let made = app.webhooks().create(call, body).await?;
    let place = app.place(format_args!("/api/webhooks/{}", made.webhook.id));
    Ok(reply::created_once(place, made))
}

/// One webhook. For its owner.
#[utoipa::path(
    get, path = "/api/webhooks/{id}", tag = "webhooks",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The webhook", body = WebhookView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<WebhookId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.webhooks().get(&actor, id).await?, Cache::Never))
}

/// Change where to and of what; absent fields stay as they are, `facts: null` is all. What waits goes to the new address.
/// For its owner.
#[utoipa::path(
    put, path = "/api/webhooks/{id}", tag = "webhooks",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = UpdateWebhook, example = json!({"facts": null})),
    responses(
        (status = 200, description = "The webhook", body = WebhookView),
        (status = 409, description = "`webhooks_off`, for another address"),
    ),
)]
async fn update(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<WebhookId>,
    Seen(seen): Seen,
    Json(body): Json<UpdateWebhook>,
) -> Result<Response> {
    Ok(reply::changed(app.webhooks().update(&actor, id, body, seen).await?))
}

/// Delete a webhook: what waits for it is not sent any more. For its owner.
#[utoipa::path(
    delete, path = "/api/webhooks/{id}", tag = "webhooks",
    security(("bearer" = [])),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<WebhookId>,
) -> Result<StatusCode> {
    app.webhooks().delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make another secret, shown here and never again. For a while everything is signed with both. For its owner.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/rotate-secret", tag = "webhooks",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = Option<RotateWebhookSecret>, example = json!({"overlap_hours": 24})),
    responses(
        (status = 200, description = "The webhook and its new secret", body = WebhookSecret),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn rotate_secret(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<WebhookId>,
    OptionalJson(body): OptionalJson<RotateWebhookSecret>,
) -> Result<Response> {
    Ok(reply::done_once(app.webhooks().rotate_secret(call, id, body).await?))
}

/// Send `webhook.test`, once. What came of it is in the deliveries. For its owner.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/test", tag = "webhooks",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The delivery; it is on its way", body = WebhookDeliveryView),
        (status = 409, description = "`webhooks_off`"),
    ),
)]
async fn test(
    State(app): State<App>,
    Once(call): Once,
    Id(id): Id<WebhookId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::done_once(app.webhooks().test(call, id).await?))
}

/// Tell a webhook of facts again that was disabled. For its owner.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/enable", tag = "webhooks",
    security(("bearer" = [])),
    responses((status = 200, description = "The webhook", body = WebhookView)),
)]
async fn enable(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<WebhookId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::changed(app.webhooks().enable(&actor, id).await?))
}

/// What a webhook was told lately, newest first: the status of each answer, how long it took, what went wrong. For its
/// owner.
#[utoipa::path(
    get, path = "/api/webhooks/{id}/deliveries", tag = "webhooks",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of deliveries", body = Listing<WebhookDeliveryView>)),
)]
async fn deliveries(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<WebhookId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<WebhookDeliveryView>>> {
    Ok(Json(app.webhooks().deliveries(&actor, id, &page.into()).await?))
}

/// Send something again that arrived or was given up: the same text under the same `webhook-id`. For its owner.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/deliveries/{delivery}/redeliver", tag = "webhooks",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The delivery; it is on its way", body = WebhookDeliveryView),
        (status = 409, description = "`webhook_disabled`, `webhook_delivery_waiting`, `webhooks_off`"),
    ),
)]
async fn redeliver(
    State(app): State<App>,
    Once(call): Once,
    Ids(id, delivery): Ids<WebhookId, WebhookDeliveryId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::done_once(app.webhooks().redeliver(call, id, delivery).await?))
}
