//! `/api/auth`: registering, logging in and staying logged in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use eventify_core::Language;
use eventify_core::account::{
    Login, Refresh, Register, RequestPasswordReset, ResetPassword, Tokens, UserView, VerifyEmail,
};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, Somebody, Visitor};
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(register),
        routes!(login),
        routes!(refresh),
        routes!(logout),
        routes!(request_password_reset),
        routes!(reset_password),
        routes!(verify_email),
    ]
}

/// The language that a request likes best of those that there are words in.
fn accepted(app: &App, headers: &HeaderMap) -> Option<Language> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    app.texts().preferred(accepted?)
}

/// Make an account. Without `language` it is the one that `Accept-Language` likes best of those that there are words in.
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
    headers: HeaderMap,
    Json(mut body): Json<Register>,
) -> Result<Response> {
    if body.language.is_none() {
        body.language = accepted(&app, &headers);
    }
    let user = app.accounts().register(&actor, body).await?;
    let place = app.place(format_args!("/api/users/{}", user.id));
    Ok(reply::created(place, user))
}

/// Open a session. For an account with a second factor, a code of the app or a recovery code is needed too: 401
/// `second_factor_required` says so once the password is right; send all of it then.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "auth",
    request_body(content = Login, example = json!({"email": "ada@example.org", "password": "a long secret"})),
    responses(
        (status = 200, description = "The session's tokens", body = Tokens),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn login(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<Login>,
) -> Result<Json<Tokens>> {
    Ok(Json(app.accounts().login(&actor, body).await?))
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
) -> Result<Json<Tokens>> {
    Ok(Json(app.accounts().refresh(&actor, body).await?))
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

/// Have a token mailed that sets a new password. The answer is the same whether or not anybody has the address.
#[utoipa::path(
    post, path = "/api/auth/password-reset", tag = "auth",
    request_body(content = RequestPasswordReset, example = json!({"email": "ada@example.org"})),
    responses(
        (status = 202, description = "If somebody has the address, a token is on its way"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn request_password_reset(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<RequestPasswordReset>,
) -> Result<StatusCode> {
    app.accounts().request_password_reset(&actor, body).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password with the token that was mailed. Every session ends; nobody is logged in.
#[utoipa::path(
    post, path = "/api/auth/password-reset/confirm", tag = "auth",
    request_body(content = ResetPassword, example = json!({"token": "…", "new_password": "a longer secret"})),
    responses(
        (status = 204, description = "The new password is set"),
        (status = 401, description = "`invalid_token`, `token_expired`"),
        (status = 422, description = "`invalid_value`, `weak_password`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn reset_password(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<ResetPassword>,
) -> Result<StatusCode> {
    app.accounts().reset_password(&actor, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prove an e-mail address with the token that was mailed to it.
#[utoipa::path(
    post, path = "/api/auth/verify-email", tag = "auth",
    request_body(content = VerifyEmail, example = json!({"token": "…"})),
    responses(
        (status = 204, description = "The address is proven"),
        (status = 401, description = "`invalid_token`, `token_expired`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn verify_email(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Json(body): Json<VerifyEmail>,
) -> Result<StatusCode> {
    app.accounts().verify_email(&actor, body).await?;
    Ok(StatusCode::NO_CONTENT)
}
