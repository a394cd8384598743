//! `/api/events/{id}/stats` and `/api/users/me/stats`: what came of events, in numbers.

use axum::extract::State;
use eventify_core::stats::{Bucket, CurveRequest, EventStats, OrganizerStats, StatsPeriod};
use eventify_core::{EventId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, Query, Somebody, parsed};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(of_event), routes!(of_organizer)]
}

/// Which part of what happened, and how finely.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct CurveQuery {
    /// Hours or days of the event's time zone; `day` if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(inline)]
    bucket: Option<Bucket>,
    /// From the hour or day of this instant on: at most 31 days before `to` by hours, 366 by days. If absent, from the
    /// event's making on, as far as that allows.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// To this instant; now if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// What came of an event so far: in all, by ticket type, and by hours or days.
#[utoipa::path(
    get, path = "/api/events/{id}/stats", tag = "stats",
    security(("bearer" = [])),
    params(CurveQuery),
    responses(
        (status = 200, description = "The numbers, of one instant", body = EventStats),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn of_event(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<CurveQuery>,
) -> Result<Json<EventStats>> {
    let bucket = query.bucket.unwrap_or_default();
    let request = CurveRequest { from: query.from, to: query.to, bucket };
    Ok(Json(app.stats().of_event(&actor, id, &request).await?))
}

/// Which events are summed up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// Those that start at this instant or later.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Those that start before this instant.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// What came of one's own events so far, summed up; at most 10,000 events.
#[utoipa::path(
    get, path = "/api/users/me/stats", tag = "stats",
    security(("bearer" = [])),
    params(PeriodQuery),
    responses(
        (status = 200, description = "The sums", body = OrganizerStats),
        (status = 403, description = "`not_allowed` for an attendee, `insufficient_scope`"),
    ),
)]
async fn of_organizer(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(query): Query<PeriodQuery>,
) -> Result<Json<OrganizerStats>> {
    let period = StatsPeriod { from: query.from, to: query.to };
    Ok(Json(app.stats().of_organizer(&actor, period).await?))
}
