//! Puts everything together.

use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::IntoResponse;
use axum::routing::any;
use axum::{Router, middleware};
use eventify_core::{Error, Eventify, Reason};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::openapi::{OpenApi, PathItem};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::config::Config;
use crate::error::Problem;
use crate::metrics::Metrics;
use crate::openapi::complete;
use crate::{docs, envelope, routes};

/// The whole API over an engine, to serve or to mount.
///
/// Holds a handle of the engine; shutting the engine down is the host's to do, after the last request.
pub fn router(eventify: Eventify, config: Config) -> Router {
    let (router, operations) = served(&config);
    let cors = cors(&config);
    let router = docs::assets(&config, router)
        .route("/api/{*rest}", any(not_found))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    let router = match cors {
        Some(cors) => router.layer(cors),
        None => router,
    };
    let app = App::new(eventify, config, Metrics::new(operations));
    router.layer(middleware::from_fn_with_state(app.clone(), envelope::wrap)).with_state(app)
}

/// The contract that [`router`] serves at `/openapi.json`, in JSON: for tools that generate clients.
#[must_use]
pub fn openapi(config: &Config) -> String {
    document(config).to_pretty_json().unwrap_or_default()
}

/// The contract. Takes ten megabytes while it is there, so it is made when somebody asks.
pub(crate) fn document(config: &Config) -> OpenApi {
    let described = routes::all(config).fold(OpenApiRouter::default(), OpenApiRouter::routes);
    complete(described.into_openapi(), config)
}

/// Every route, tolerating a slash at its end, and every path and method. A twin of each route, rather than a layer that
/// rewrites paths, so that what comes out is still a router that can be merged into another.
fn served(config: &Config) -> (Router<App>, Vec<(String, Method)>) {
    let (mut router, mut operations) = (Router::new(), Vec::new());
    for (_, described, methods) in routes::all(config) {
        for (path, item) in described.paths {
            let twin = format!("{path}/");
            router = router.route(&path, methods.clone()).route(&twin, methods.clone());
            operations.extend(operations_at(&path, &item));
        }
    }
    (router, operations)
}

fn operations_at(path: &str, item: &PathItem) -> impl Iterator<Item = (String, Method)> {
    let methods = [
        (item.get.is_some(), Method::GET),
        (item.put.is_some(), Method::PUT),
        (item.post.is_some(), Method::POST),
        (item.delete.is_some(), Method::DELETE),
    ];
    let path = path.to_owned();
    methods.into_iter().filter(|(served, _)| *served).map(move |(_, method)| (path.clone(), method))
}

async fn not_found() -> impl IntoResponse {
    Problem::from(Error::new(Reason::NotFound, "There is nothing at this path."))
}

async fn method_not_allowed() -> impl IntoResponse {
    Problem::method_not_allowed()
}

/// Lets pages of other origins call the API. Tokens travel in a header, so no credentials of the browser's are sent.
fn cors(config: &Config) -> Option<CorsLayer> {
    if config.cors_origins.is_empty() {
        return None;
    }
    let allowed = if config.cors_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(config.cors_origins.iter().filter_map(|o| HeaderValue::from_str(o).ok()))
    };
    let named = HeaderName::from_static;
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            named("idempotency-key"),
            named("last-event-id"),
            named("x-request-id"),
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            named("idempotency-replayed"),
            named("x-request-id"),
        ]);
    Some(layer)
}
