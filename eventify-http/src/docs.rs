//! Swagger UI over the contract, from files that are part of the program: nothing is loaded from elsewhere.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use eventify_core::{Error, Reason};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config as SwaggerConfig, serve};

use crate::app::App;
use crate::config::Config;
use crate::error::{Problem, Result};

/// The page's own scripts and styles, the pictures inside of them, and the contract from here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes(config: &Config) -> Vec<UtoipaMethodRouter<App>> {
    if config.docs { vec![routes!(page)] } else { Vec::new() }
}

/// What the page loads; no part of the contract.
pub(crate) fn assets(config: &Config, router: axum::Router<App>) -> axum::Router<App> {
    if config.docs { router.route("/docs/{file}", get(asset)) } else { router }
}

/// This contract to read and to try out.
#[utoipa::path(
    get, path = "/docs", tag = "service",
    responses((status = 200, description = "Swagger UI", body = String, content_type = "text/html")),
)]
async fn page(State(app): State<App>, OriginalUri(uri): OriginalUri) -> Result<Response> {
    let (html, kind) = file(&app, "index.html")?;
    let mut html = String::from_utf8_lossy(&html).into_owned();
    if !uri.path().ends_with('/') {
        // The page names its files relative to "/docs/".
        html = html.replacen("<head>", "<head><base href=\"docs/\">", 1);
    }
    Ok((head(kind), html).into_response())
}

async fn asset(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let (bytes, kind) = file(&app, &name)?;
    Ok((head(kind), bytes).into_response())
}

fn head(kind: String) -> [(HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ]
}

fn file(app: &App, name: &str) -> Result<(Vec<u8>, String)> {
    let absent = || Problem::from(Error::new(Reason::NotFound, "There is nothing at this path."));
    let config =
        SwaggerConfig::new([app.place("/openapi.json")]).persist_authorization(false).validator_url("none");
    let found = serve(name, Arc::new(config)).map_err(|_| absent())?;
    let found = found.ok_or_else(absent)?;
    Ok((found.bytes.into_owned(), found.content_type))
}
