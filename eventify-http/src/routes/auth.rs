//! `/api/auth`: registering, logging in and staying logged in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::account::{Login, Refresh, Register, Tokens, UserView};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, Somebody, Visitor};
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(register), routes!(login), routes!(refresh), routes!(logout)]
}

/// Make an account.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "auth",
    request_body(content = Register, example = json!({"name": "Ada", "email": "ada@example.org", "password": "a long secret"})),
    responses(
        (status = 201, description = "The account", body = UserView),
        (status = 409, description = "`email_taken`"),
        (status = 422, description = "`invalid_value`, `weak_password`"),
        (status = 429, description = "`rate_limited`"),
    ),
)]
async fn register(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<Register>,
) -> Result<Response> {
    let user = app.accounts().register(&actor, body).await?;
    let place = app.place(format_args!("/api/users/{}", user.id));
    Ok(reply::created(place, user))
}

/// Open a session.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "auth",
    request_body(content = Login, example = json!({"email": "ada@example.org", "password": "a long secret"})),
    responses(
        (status = 200, description = "The session's tokens", body = Tokens),
        (status = 401, description = "`invalid_credentials`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn login(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<Login>,
) -> Result<axum::Json<Tokens>> {
    Ok(axum::Json(app.accounts().login(&actor, body).await?))
}

/// Exchange a refresh token for the next pair. Using one again ends the session.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, description = "The next tokens", body = Tokens),
        (status = 401, description = "`invalid_token`, `token_expired`, `session_revoked`"),
        (status = 429, description = "`rate_limited`"),
    ),
)]
async fn refresh(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<Refresh>,
) -> Result<axum::Json<Tokens>> {
    Ok(axum::Json(app.accounts().refresh(&actor, body).await?))
}

/// End the session of the access token. A body is not looked at.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "auth",
    security(("bearer" = [])),
    responses((status = 204, description = "The session's tokens are dead")),
)]
async fn logout(State(app): State<App>, Somebody(actor): Somebody) -> Result<StatusCode> {
    app.accounts().logout(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
