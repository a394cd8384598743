//! `/api/notifications/stream`, `/api/notifications/ws` and `/api/events/{id}/live`: what goes on, as it does.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventify_core::notification::NotificationView;
use eventify_core::stats::LiveView;
use eventify_core::{Error, EventId, NotificationId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{Problem, Result};
use crate::extract::{Id, Query, Staying, parsed};
use crate::live::socket::Entrance;
use crate::live::{self, Sitting, socket, sse};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(stream), routes!(web_socket), routes!(live)]
}

/// Where a feed goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// The id of the last event that was seen, for those who cannot send the header `Last-Event-ID`, which wins. From
    /// now on if both are absent; zeros stand before everything.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Uuid)]
    last_event_id: Option<NotificationId>,
}

/// One's own notifications as they come, as Server-Sent Events: `open` or `reset` first, then one event for each, named
/// by its kind, with its id. `expiring` warns that the access token has ended, `close` says why the feed ends.
#[utoipa::path(
    get, path = "/api/notifications/stream", tag = "notifications",
    security(("bearer" = [])),
    params(FeedQuery),
    responses(
        (status = 200, description = "Events, each with a notification", body = NotificationView, content_type = "text/event-stream"),
        (status = 403, description = "`insufficient_scope`"),
        (status = 429, description = "`too_many_feeds`"),
    ),
)]
async fn stream(
    State(app): State<App>,
    staying: Staying,
    headers: HeaderMap,
    Query(query): Query<FeedQuery>,
) -> Result<Response> {
    staying.require_somebody()?;
    let last = last_event_id(&headers)?.or(query.last_event_id);
    let mut place = app.places().enter()?;
    place.take_for(staying.bearer.actor.owner_id())?;
    let (feed, opening) = live::open(&app, &staying.bearer.actor, last).await?;
    let first = sse::event(opening.name(), &opening).id(opening.last_event_id.to_string());
    let sitting = Sitting::new(feed, staying.bearer.good_for, &app.config().feeds);
    let show = |told: &NotificationView| sse::event(told.kind.as_str(), told).id(told.id.to_string());
    Ok(sse::answer(Some(first), sitting, place, show))
}

/// What the client heard last; what came with a `reset` may be empty.
fn last_event_id(headers: &HeaderMap) -> Result<Option<NotificationId>> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    let bad = || Error::invalid("Last-Event-ID", "must be the id of an event of this feed");
    Ok(Some(id.ok_or_else(bad)?))
}

/// The same over a WebSocket, in JSON. Who cannot send a header with the handshake says who they are in the first message:
/// `{"type": "authenticate", "token": "…"}`.
#[utoipa::path(
    get, path = "/api/notifications/ws", tag = "notifications",
    security((), ("bearer" = [])),
    params(FeedQuery),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 426, description = "`upgrade_required`: it is no handshake of a WebSocket"),
    ),
)]
async fn web_socket(
    State(app): State<App>,
    staying: Staying,
    Query(query): Query<FeedQuery>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let Ok(upgrade) = upgrade else {
        let detail = "Only WebSockets (version 13) are spoken here; /api/notifications/stream needs none.";
        let refused = Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail);
        let upgrade = [(header::UPGRADE, HeaderValue::from_static("websocket"))];
        return Ok((upgrade, refused).into_response());
    };
    let Staying { bearer, client } = staying;
    let entrance = if bearer.actor.is_anonymous() {
        Entrance::Stranger { _place: app.places().wait()? }
    } else {
        Entrance::Feed(app.places().enter()?)
    };
    let listener = socket::Listener { app, client, bearer, last: query.last_event_id, entrance };
    Ok(socket::answer(upgrade, listener))
}

/// An event's sales and who comes in, as Server-Sent Events named `snapshot`: now, and whenever they change, at most twice
/// a second.
#[utoipa::path(
    get, path = "/api/events/{id}/live", tag = "stats",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Events, each with everything as it is then", body = LiveView, content_type = "text/event-stream"),
        (status = 403, description = "`not_event_staff`, `insufficient_scope`"),
        (status = 429, description = "`too_many_feeds`"),
    ),
)]
async fn live(State(app): State<App>, staying: Staying, Id(id): Id<EventId>) -> Result<Response> {
    staying.require_somebody()?;
    let mut place = app.places().enter()?;
    place.take_for(staying.bearer.actor.owner_id())?;
    let views = app.stats().watch(&staying.bearer.actor, id).await?;
    let sitting = Sitting::new(views, staying.bearer.good_for, &app.config().feeds);
    Ok(sse::answer(None, sitting, place, |view: &LiveView| sse::event("snapshot", view)))
}
