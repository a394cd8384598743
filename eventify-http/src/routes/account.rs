//! `/api/users/me/…`: what people do about their own accounts, and what admins do about others'.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventify_core::account::{
    ApiKeyView, BeginSecondFactor, ConfirmSecondFactor, CreateApiKey, CreatedApiKey, Enrolment, EraseAccount,
    ProveSecondFactor, RecoveryCodes, SecondFactorView, SessionView,
};
use eventify_core::{ApiKeyId, Listing, SessionId, UserId};
use futures_util::stream;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, Nothing, OptionalJson, Query, Somebody, Visitor};
use crate::reply;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(request_verification),
        routes!(list_sessions, end_other_sessions),
        routes!(end_session),
        routes!(show_second_factor, begin_second_factor),
        routes!(confirm_second_factor),
        routes!(disable_second_factor),
        routes!(renew_recovery_codes),
        routes!(list_api_keys, create_api_key),
        routes!(revoke_api_key),
        routes!(export),
        routes!(erase_me),
        routes!(remove_second_factor),
        routes!(erase),
    ]
}

/// Have a token mailed that proves one's e-mail address. Nothing is sent when it is proven already.
#[utoipa::path(
    post, path = "/api/users/me/verification", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 202, description = "It is on its way"),
        (status = 429, description = "`too_many_attempts`: three messages went out, `rate_limited`"),
    ),
)]
async fn request_verification(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<StatusCode> {
    app.accounts().request_verification(&actor).await?;
    Ok(StatusCode::ACCEPTED)
}

/// One's own sessions that are still good, newest first. A page may have fewer than it could.
#[utoipa::path(
    get, path = "/api/users/me/sessions", tag = "account",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of sessions", body = Listing<SessionView>)),
)]
async fn list_sessions(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<SessionView>>> {
    Ok(Json(app.accounts().sessions(&actor, &page.into()).await?))
}

/// End all of one's sessions but this one.
#[utoipa::path(
    delete, path = "/api/users/me/sessions", tag = "account",
    security(("bearer" = [])),
    responses((status = 204, description = "Their tokens are dead")),
)]
async fn end_other_sessions(State(app): State<App>, Somebody(actor): Somebody) -> Result<StatusCode> {
    app.accounts().end_other_sessions(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one of one's sessions.
#[utoipa::path(
    delete, path = "/api/users/me/sessions/{session}", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Its tokens are dead"),
        (status = 404, description = "`session_not_found`"),
    ),
)]
async fn end_session(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<SessionId>,
) -> Result<StatusCode> {
    app.accounts().end_session(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether logins ask for a code of an authenticator app.
#[utoipa::path(
    get, path = "/api/users/me/second-factor", tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "The second factor", body = SecondFactorView)),
)]
async fn show_second_factor(
    State(app): State<App>,
    Somebody(actor): Somebody,
) -> Result<Json<SecondFactorView>> {
    Ok(Json(app.accounts().second_factor(&actor).await?))
}

/// Begin with an authenticator app: its secret, shown once. Logins ask for codes once one has confirmed it.
#[utoipa::path(
    post, path = "/api/users/me/second-factor", tag = "account",
    security(("bearer" = [])),
    request_body(content = BeginSecondFactor, example = json!({"password": "a long secret"})),
    responses(
        (status = 200, description = "What goes into the app", body = Enrolment),
        (status = 401, description = "`invalid_credentials`, or not logged in"),
        (status = 409, description = "`second_factor_on`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn begin_second_factor(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<BeginSecondFactor>,
) -> Result<Json<Enrolment>> {
    Ok(Json(app.accounts().begin_second_factor(&actor, body).await?))
}

/// Turn the second factor on with a first code. Answers recovery codes, shown once.
#[utoipa::path(
    post, path = "/api/users/me/second-factor/confirm", tag = "account",
    security(("bearer" = [])),
    request_body(content = ConfirmSecondFactor, example = json!({"code": "287082"})),
    responses(
        (status = 200, description = "Ten recovery codes", body = RecoveryCodes),
        (status = 401, description = "`invalid_code`, or not logged in"),
        (status = 409, description = "`second_factor_off`: begin first; `second_factor_on`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn confirm_second_factor(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<ConfirmSecondFactor>,
) -> Result<Json<RecoveryCodes>> {
    Ok(Json(app.accounts().confirm_second_factor(&actor, body).await?))
}

/// Turn the second factor off. Takes both factors.
#[utoipa::path(
    post, path = "/api/users/me/second-factor/disable", tag = "account",
    security(("bearer" = [])),
    request_body(content = ProveSecondFactor, example = json!({"password": "a long secret", "code": "287082"})),
    responses(
        (status = 204, description = "Logins ask for the password alone"),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`, or not logged in"),
        (status = 409, description = "`second_factor_off`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn disable_second_factor(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<ProveSecondFactor>,
) -> Result<StatusCode> {
    app.accounts().disable_second_factor(&actor, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// New recovery codes, shown once; the old ones are void. Takes both factors.
#[utoipa::path(
    post, path = "/api/users/me/second-factor/recovery-codes", tag = "account",
    security(("bearer" = [])),
    request_body(content = ProveSecondFactor, example = json!({"password": "a long secret", "code": "287082"})),
    responses(
        (status = 200, description = "Ten recovery codes", body = RecoveryCodes),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`, or not logged in"),
        (status = 409, description = "`second_factor_off`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn renew_recovery_codes(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<ProveSecondFactor>,
) -> Result<Json<RecoveryCodes>> {
    Ok(Json(app.accounts().renew_recovery_codes(&actor, body).await?))
}

/// One's API keys, oldest first, without the keys themselves.
#[utoipa::path(
    get, path = "/api/users/me/api-keys", tag = "account",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of keys", body = Listing<ApiKeyView>)),
)]
async fn list_api_keys(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<ApiKeyView>>> {
    Ok(Json(app.accounts().api_keys(&actor, &page.into()).await?))
}

/// Make an API key for a program that acts for one. The key is shown once.
#[utoipa::path(
    post, path = "/api/users/me/api-keys", tag = "account",
    security(("bearer" = [])),
    request_body(content = CreateApiKey, example = json!({"name": "The shop's till", "scopes": ["bookings:read"], "expires_at": "2027-01-31T00:00:00Z", "current_password": "a long secret"})),
    responses(
        (status = 201, description = "The key", body = CreatedApiKey),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`, or not logged in"),
        (status = 403, description = "`not_allowed`: a scope above one's role"),
        (status = 409, description = "`too_many_api_keys`"),
        (status = 429, description = "`too_many_attempts`"),
    ),
)]
async fn create_api_key(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<CreateApiKey>,
) -> Result<Response> {
    let made = app.accounts().create_api_key(&actor, body).await?;
    let place = app.place(format_args!("/api/users/me/api-keys/{}", made.api_key.id));
    Ok(reply::created(place, made))
}

/// Revoke one of one's API keys: it is refused from now on.
#[utoipa::path(
    delete, path = "/api/users/me/api-keys/{key}", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is refused"),
        (status = 404, description = "`api_key_not_found`"),
    ),
)]
async fn revoke_api_key(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode> {
    app.accounts().revoke_api_key(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everything that is known of one, as one JSON archive. It is whole when its last member is `"complete": true`.
#[utoipa::path(
    get, path = "/api/users/me/export", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The archive, streamed", body = serde_json::Value),
        (status = 429, description = "`rate_limited`"),
    ),
)]
async fn export(State(app): State<App>, _: Visitor, Somebody(actor): Somebody) -> Result<Response> {
    let archive = app.accounts().archive(&actor).await?;
    // Read as fast as the client takes it, a page at a time. What fails half way ends without `complete`.
    let pieces = stream::try_unfold((app, archive), |(app, mut archive)| async move {
        let piece = app.accounts().read_archive(&mut archive).await?;
        Ok::<_, eventify_core::Error>(piece.map(|piece| (piece, (app, archive))))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderValue::from_static("attachment; filename=\"eventify-account.json\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// End one's account for good. Name, address, password and all that opens the account are gone at once, the rest of
/// what names one within minutes. Tickets stay good.
#[utoipa::path(
    post, path = "/api/users/me/erase", tag = "account",
    security(("bearer" = [])),
    request_body(content = EraseAccount, example = json!({"password": "a long secret"})),
    responses(
        (status = 204, description = "The account is gone"),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`, or not logged in"),
        (status = 409, description = "`has_open_events`, `last_admin`"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn erase_me(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<EraseAccount>,
) -> Result<StatusCode> {
    app.accounts().erase_me(&actor, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the second factor from somebody who lost the app and the recovery codes. For admins.
#[utoipa::path(
    delete, path = "/api/users/{id}/second-factor", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Logins ask for the password alone"),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`second_factor_off`"),
    ),
)]
async fn remove_second_factor(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<UserId>,
) -> Result<StatusCode> {
    app.accounts().remove_second_factor(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End somebody's account for good, at their wish. For admins.
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "account",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "The account is gone"),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`has_open_events`, `last_admin`"),
    ),
)]
async fn erase(State(app): State<App>, Somebody(actor): Somebody, Id(id): Id<UserId>) -> Result<StatusCode> {
    app.accounts().erase(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
