//! What operators and tools ask the service itself.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use eventify_core::Error;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::Config;
use crate::error::Result;
use crate::extract::Json;
use crate::reply::Cache;

pub(super) fn routes(config: &Config) -> Vec<UtoipaMethodRouter<App>> {
    let mut all = vec![routes!(healthz), routes!(readyz), routes!(openapi_json)];
    if config.metrics {
        all.push(routes!(metrics));
    }
    all
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok` or `ready`.
    status: &'static str,
}

/// Whether the process answers.
#[utoipa::path(
    get, path = "/healthz", tag = "service",
    responses((status = 200, description = "It does", body = Health)),
)]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the service can serve: its store answers.
#[utoipa::path(
    get, path = "/readyz", tag = "service",
    responses((status = 200, description = "It can", body = Health)),
)]
async fn readyz(State(app): State<App>) -> Result<Json<Health>> {
    app.ping().await?;
    Ok(Json(Health { status: "ready" }))
}

/// The service's numbers in Prometheus' text format: requests by route, deliveries by channel and publisher, jobs that are due, and what the host adds.
#[utoipa::path(
    get, path = "/metrics", tag = "service",
    responses((status = 200, description = "The numbers", body = String, content_type = "text/plain")),
)]
async fn metrics(State(app): State<App>) -> Response {
    let mut text = app.metrics().render();
    let open = app.places().open();
    text.push_str(
        "# HELP eventify_http_feeds_open Feeds that are open.\n# TYPE eventify_http_feeds_open gauge\n",
    );
    text.push_str(&format!("eventify_http_feeds_open {open}\n"));
    crate::metrics::render_deliveries(&app.jobs().deliveries(), &mut text);
    // Without the store there are still the numbers of the process.
    if let Some(backlog) = app.backlog().await {
        crate::metrics::render_backlog(&backlog, &mut text);
    }
    if let Some(more) = &app.config().metrics_more {
        text.push_str(&more.render());
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// This contract.
#[utoipa::path(
    get, path = "/openapi.json", tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
)]
async fn openapi_json(State(app): State<App>) -> Result<Response> {
    let made = tokio::task::spawn_blocking(move || app.document()).await;
    let document = made.map_err(|_| Error::internal("the contract cannot be made"))?;
    let head = [(header::CONTENT_TYPE, "application/json")];
    Ok((Cache::Revalidate, head, document).into_response())
}
