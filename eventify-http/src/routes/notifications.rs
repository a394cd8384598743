//! `/api/notifications`: what people are told, and what they want to be told.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::notification::{
    AddPushSubscription, NotificationView, PreferencesView, PushSubscriptionView, SendNotification,
};
use eventify_core::{Error, Listing, NotificationId, PageRequest, PushSubscriptionId, Reason};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::Known;
use crate::error::Result;
use crate::extract::{Id, Json, Nothing, Once, OptionalJson, Query, Somebody, parsed, text};
use crate::openapi::{IdempotencyKeyHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(list, send),
        routes!(read_all),
        routes!(preferences, set_preferences),
        routes!(push_subscriptions, add_push_subscription),
        routes!(remove_push_subscription),
        routes!(push_key),
        routes!(show),
        routes!(read),
    ]
}

/// Which notifications, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct NotificationsQuery {
    /// Only what is not read yet.
    #[serde(deserialize_with = "parsed")]
    unread: Option<bool>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// How many notifications were marked.
#[derive(Debug, Serialize, ToSchema)]
struct Marked {
    /// Those that were not read before.
    marked: u64,
}

/// One's own notifications, newest first.
#[utoipa::path(
    get, path = "/api/notifications", tag = "notifications",
    security(("bearer" = [])),
    params(NotificationsQuery),
    responses((status = 200, description = "A page of notifications", body = Listing<NotificationView>)),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(query): Query<NotificationsQuery>,
) -> Result<Json<Listing<NotificationView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let unread = query.unread.unwrap_or_default();
    Ok(Json(app.notifications().list(&actor, unread, &page).await?))
}

/// Send a person a message. For admins.
#[utoipa::path(
    post, path = "/api/notifications", tag = "notifications",
    security(("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = SendNotification, example = json!({
        "user_id": "01920000-0000-7000-8000-000000000000", "title": "Doors open late", "body": "At eight, not at seven."
    })),
    responses(
        (status = 201, description = "The notification", body = NotificationView),
        (status = 403, description = "`not_allowed`"),
        (status = 404, description = "`user_not_found`"),
        (status = 422, description = "`invalid_value`, `idempotency_key_reused`"),
    ),
)]
async fn send(
    State(app): State<App>,
    Once(call): Once,
    Json(body): Json<SendNotification>,
) -> Result<Response> {
    let sent = app.notifications().send(call, body).await?;
    let place = app.place(format_args!("/api/notifications/{}", sent.id));
    Ok(reply::created_once(place, sent))
}

/// Mark everything as read that is there now.
#[utoipa::path(
    put, path = "/api/notifications/read", tag = "notifications",
    security(("bearer" = [])),
    responses((status = 200, description = "How many were not read before", body = Marked)),
)]
async fn read_all(
    State(app): State<App>,
    Somebody(actor): Somebody,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Json<Marked>> {
    let marked = app.notifications().mark_all_read(&actor).await?;
    Ok(Json(Marked { marked }))
}

/// What one wants to be told, and how.
#[utoipa::path(
    get, path = "/api/notifications/preferences", tag = "notifications",
    security(("bearer" = [])),
    responses((status = 200, description = "By kind and channel", body = PreferencesView)),
)]
async fn preferences(State(app): State<App>, Somebody(actor): Somebody) -> Result<Json<PreferencesView>> {
    Ok(Json(app.notifications().preferences(&actor).await?))
}

/// Change what one wants to be told; kinds and channels that are not named stay as they are.
#[utoipa::path(
    put, path = "/api/notifications/preferences", tag = "notifications",
    security(("bearer" = [])),
    request_body(content = PreferencesView, example = json!({"reminder": {"email": false}})),
    responses((status = 200, description = "By kind and channel", body = PreferencesView)),
)]
async fn set_preferences(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<PreferencesView>,
) -> Result<Json<PreferencesView>> {
    let chosen = app.notifications().set_preferences(&actor, body).await?;
    Ok(Json(chosen))
}

/// The browsers and phones that take one's push messages, oldest first.
#[utoipa::path(
    get, path = "/api/notifications/push-subscriptions", tag = "notifications",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of them", body = Listing<PushSubscriptionView>)),
)]
async fn push_subscriptions(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<PushSubscriptionView>>> {
    Ok(Json(app.notifications().push_subscriptions(&actor, &page.into()).await?))
}

/// Have a browser or phone take one's push messages, and nobody else's any more. Of more than ten the oldest goes.
#[utoipa::path(
    post, path = "/api/notifications/push-subscriptions", tag = "notifications",
    security(("bearer" = [])),
    request_body(content = AddPushSubscription, example = json!({"fcm": {"token": "cR4x:APA91bH"}})),
    responses(
        (status = 201, description = "The browser or phone", body = PushSubscriptionView),
        (status = 422, description = "`invalid_value`"),
    ),
)]
async fn add_push_subscription(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<AddPushSubscription>,
) -> Result<Response> {
    let added = app.notifications().add_push_subscription(&actor, body).await?;
    Ok(reply::created(app.place("/api/notifications/push-subscriptions"), added))
}

/// Have a browser or phone take no more of one's push messages.
#[utoipa::path(
    delete, path = "/api/notifications/push-subscriptions/{id}", tag = "notifications",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 404, description = "`push_subscription_not_found`"),
    ),
)]
async fn remove_push_subscription(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<PushSubscriptionId>,
) -> Result<StatusCode> {
    app.notifications().remove_push_subscription(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What browsers subscribe to push messages with.
#[derive(Debug, Serialize, ToSchema)]
struct PushKey {
    /// The `applicationServerKey`, in base64url.
    public_key: String,
}

/// The key that browsers subscribe to push messages with.
#[utoipa::path(
    get, path = "/api/notifications/push-key", tag = "notifications",
    responses(
        (status = 200, description = "The public key (VAPID)", body = PushKey),
        (status = 404, description = "`not_found`: browsers get no push messages here"),
    ),
)]
async fn push_key(State(app): State<App>) -> Result<Json<PushKey>> {
    let key = app.config().push_key.clone();
    let public_key = key.ok_or_else(|| Error::new(Reason::NotFound, "browsers get no push messages here"))?;
    Ok(Json(PushKey { public_key }))
}

/// One of one's own notifications.
#[utoipa::path(
    get, path = "/api/notifications/{id}", tag = "notifications",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The notification", body = NotificationView)),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<NotificationId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.notifications().get(&actor, id).await?, Cache::Never))
}

/// Mark one as read; once read it stays so.
#[utoipa::path(
    put, path = "/api/notifications/{id}/read", tag = "notifications",
    security(("bearer" = [])),
    responses((status = 200, description = "The notification", body = NotificationView)),
)]
async fn read(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<NotificationId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Json<NotificationView>> {
    Ok(Json(app.notifications().mark_read(&actor, id).await?))
}
