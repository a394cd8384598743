//! `/api/events`: events from draft to done.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::event::{CancelEvent, CreateEvent, EventFilter, EventStatus, EventView, UpdateEvent};
use eventify_core::{EventId, Listing, PageRequest, Timestamp, UserId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Json, Nothing, OptionalJson, Query, Somebody, Viewer, parsed, text};
use crate::openapi::{IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list, create), routes!(show, update, delete), routes!(publish), routes!(cancel)]
}

/// Which events, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Words that begin words of the title, description, tags or venue.
    #[serde(deserialize_with = "text")]
    q: Option<String>,
    /// The name of a category.
    #[serde(deserialize_with = "text")]
    category: Option<String>,
    /// A tag.
    #[serde(deserialize_with = "text")]
    tag: Option<String>,
    /// A city.
    #[serde(deserialize_with = "text")]
    city: Option<String>,
    /// Starting at this instant or later; now if absent, for published events.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Starting before this instant.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// `published` if absent; drafts are only shown to their organizer and to admins.
    #[serde(deserialize_with = "parsed")]
    #[param(inline)]
    status: Option<EventStatus>,
    /// By this organizer.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Uuid)]
    organizer: Option<UserId>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

impl EventsQuery {
    fn split(self) -> (EventFilter, PageRequest) {
        let filter = EventFilter {
            q: self.q,
            category: self.category,
            tag: self.tag,
            city: self.city,
            from: self.from,
            to: self.to,
            status: self.status,
            organizer: self.organizer,
        };
        let page = PageRequest { limit: self.limit, cursor: self.cursor };
        (filter, page)
    }
}

/// Events by their start: the published ones that are still to come, unless asked otherwise.
#[utoipa::path(
    get, path = "/api/events", tag = "events",
    security((), ("bearer" = [])),
    params(EventsQuery),
    responses(
        (status = 200, description = "A page of events", body = Listing<EventView>),
        (status = 403, description = "`not_allowed`: somebody else's drafts"),
    ),
)]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(query): Query<EventsQuery>,
) -> Result<Response> {
    let (filter, page) = query.split();
    Ok(reply::public(app.events().list(&actor, &filter, &page).await?))
}

/// Make a draft. For organizers.
#[utoipa::path(
    post, path = "/api/events", tag = "events",
    security(("bearer" = [])),
    request_body(content = CreateEvent, example = json!({
        "title": "Kazakh Jazz Night", "description": "Three bands, one night.", "category": "Music", "tags": ["jazz"],
        "venue": "Palace of the Republic", "city": "Almaty", "starts_at": "2027-05-01T13:00:00Z",
        "ends_at": "2027-05-01T18:00:00Z", "time_zone": "Asia/Almaty", "capacity": 500
    })),
    responses(
        (status = 201, description = "The draft", body = EventView),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn create(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<CreateEvent>,
) -> Result<Response> {
    let event = app.events().create(&actor, body).await?;
    let place = app.place(format_args!("/api/events/{}", event.id));
    Ok(reply::created_tagged(place, event))
}

/// One event.
#[utoipa::path(
    get, path = "/api/events/{id}", tag = "events",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The event", body = EventView)),
)]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.events().get(&actor, id).await?, Cache::Revalidate))
}

/// Change an event; absent fields stay as they are, `null` clears one that may be empty. For its organizer.
#[utoipa::path(
    put, path = "/api/events/{id}", tag = "events",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = UpdateEvent, example = json!({"title": "Kazakh Jazz Night, second edition"})),
    responses(
        (status = 200, description = "The event", body = EventView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_cancelled`, `event_not_published`, `event_already_started`, `schedule_conflict`, `quantity_below_sold`"),
        (status = 429, description = "`too_many_announcements`, with `per_day_max`: another time or place, told to those who have tickets, too often within 24 hours"),
    ),
)]
async fn update(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Seen(seen): Seen,
    Json(body): Json<UpdateEvent>,
) -> Result<Response> {
    Ok(reply::changed(app.events().update(&actor, id, body, seen).await?))
}

/// Delete a draft. For its organizer.
#[utoipa::path(
    delete, path = "/api/events/{id}", tag = "events",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_not_draft`"),
    ),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
) -> Result<StatusCode> {
    app.events().delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a draft on sale. For its organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/publish", tag = "events",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The published event", body = EventView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_not_draft`, `event_cancelled`, `event_already_started`"),
        (status = 422, description = "`invalid_value`: what publishing needs and the draft lacks"),
    ),
)]
async fn publish(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::changed(app.events().publish(&actor, id).await?))
}

/// Call an event off: every ticket is invalid at once. For its organizer.
#[utoipa::path(
    post, path = "/api/events/{id}/cancel", tag = "events",
    security(("bearer" = [])),
    request_body(content = Option<CancelEvent>, example = json!({"reason": "The hall has burst a pipe."})),
    responses(
        (status = 200, description = "The cancelled event", body = EventView),
        (status = 403, description = "`not_event_owner`"),
        (status = 409, description = "`event_not_published`, `event_cancelled`"),
    ),
)]
async fn cancel(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    OptionalJson(body): OptionalJson<CancelEvent>,
) -> Result<Response> {
    Ok(reply::changed(app.events().cancel(&actor, id, body).await?))
}
