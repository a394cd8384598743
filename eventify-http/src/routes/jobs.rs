//! `/api/jobs`: what happens later, and what was given up.

use std::str::FromStr;

use axum::extract::State;
use eventify_core::job::{JobClass, JobView, PurgeJobs, Purged};
use eventify_core::{JobId, Listing, PageRequest};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, Nothing, OptionalJson, Query, Somebody, parsed, text};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(list), routes!(purge), routes!(retry)]
}

/// Which jobs.
#[derive(Debug, Clone, Copy, Default, ToSchema)]
#[schema(rename_all = "snake_case")]
enum Which {
    /// Those of the engine itself that wait or run: holds that expire, events that end.
    #[default]
    Waiting,
    /// Messages and facts on their way out.
    Delivering,
    /// What webhooks are to be told.
    Webhooks,
    /// The dead letters.
    Dead,
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "waiting" => Ok(Self::Waiting),
            "delivering" => Ok(Self::Delivering),
            "webhooks" => Ok(Self::Webhooks),
            "dead" => Ok(Self::Dead),
            _ => Err("must be waiting, delivering, webhooks or dead"),
        }
    }
}

/// Which jobs, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// `waiting` if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(inline)]
    state: Option<Which>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// The jobs that wait or run, or the dead letters. For admins.
#[utoipa::path(
    get, path = "/api/jobs", tag = "jobs",
    security(("bearer" = [])),
    params(JobsQuery),
    responses(
        (status = 200, description = "A page of jobs", body = Listing<JobView>),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn list(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(query): Query<JobsQuery>,
) -> Result<Json<Listing<JobView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = match query.state.unwrap_or_default() {
        Which::Waiting => app.jobs().waiting(&actor, JobClass::Inside, &page).await?,
        Which::Delivering => app.jobs().waiting(&actor, JobClass::Outside, &page).await?,
        Which::Webhooks => app.jobs().waiting(&actor, JobClass::Webhook, &page).await?,
        Which::Dead => app.jobs().dead(&actor, &page).await?,
    };
    Ok(Json(found))
}

/// Throw dead letters away that were to leave the house, the oldest first: messages and facts. What the engine itself gave up
/// stays, to be retried. For admins.
#[utoipa::path(
    post, path = "/api/jobs/purge", tag = "jobs",
    security(("bearer" = [])),
    request_body(content = PurgeJobs, example = json!({"work": "publish", "before": "2027-01-31T00:00:00Z"})),
    responses(
        (status = 200, description = "How many, and where to go on", body = Purged),
        (status = 400, description = "`malformed`"),
        (status = 403, description = "`not_allowed`"),
        (status = 422, description = "`invalid_value`"),
    ),
)]
async fn purge(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<PurgeJobs>,
) -> Result<Json<Purged>> {
    Ok(Json(app.jobs().purge(&actor, body).await?))
}

/// Give a dead letter another life. For admins.
#[utoipa::path(
    post, path = "/api/jobs/{id}/retry", tag = "jobs",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The job", body = JobView),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`job_not_dead`"),
    ),
)]
async fn retry(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<JobId>,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Json<JobView>> {
    Ok(Json(app.jobs().retry(&actor, id).await?))
}
