//! `/api/audit`: who did what, when and from where.

use axum::extract::State;
use eventify_core::audit::AuditEntry;
use eventify_core::{EventId, Listing, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, Query, Somebody, parsed, text};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list)]
}

/// Which part of the trail.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// What was done to this event and what belongs to it.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Uuid)]
    event_id: Option<EventId>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// The trail, newest first: all of it for admins, an event's for its organizer.
#[utoipa::path(
    get, path = "/api/audit", tag = "audit",
    security(("bearer" = [])),
    params(AuditQuery),
    responses(
        (status = 200, description = "A page of the trail", body = Listing<AuditEntry>),
        (status = 403, description = "`not_allowed`, `not_event_owner`"),
        (status = 404, description = "`event_not_found`"),
    ),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Listing<AuditEntry>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = match query.event_id {
        Some(event_id) => app.audit().of_event(&actor, event_id, &page).await?,
        None => app.audit().all(&actor, &page).await?,
    };
    Ok(Json(found))
}
