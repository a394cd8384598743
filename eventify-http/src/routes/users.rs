//! `/api/users`: profiles, passwords and roles.

use axum::extract::State;
use axum::response::Response;
use eventify_core::UserId;
use eventify_core::account::{
    ChangePassword, PublicProfile, SetRole, UpdateProfile, UserView, UserWithTokens,
};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Json, Nothing, OptionalJson, Somebody, Viewer, Visitor};
use crate::openapi::{IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(show_me, update_me),
        routes!(change_password),
        routes!(become_organizer),
        routes!(show),
        routes!(set_role),
    ]
}

/// One's own account.
#[utoipa::path(
    get, path = "/api/users/me", tag = "users",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The account", body = UserView)),
)]
async fn show_me(State(app): State<App>, Somebody(actor): Somebody, known: Known) -> Result<Response> {
    Ok(known.show(app.accounts().me(&actor).await?, Cache::Never))
}

/// Change one's own profile; absent fields stay as they are. Another address needs `current_password`, and `code` or
/// `recovery_code` where there is a second factor.
#[utoipa::path(
    put, path = "/api/users/me", tag = "users",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = UpdateProfile, example = json!({"name": "Ada Lovelace"})),
    responses(
        (status = 200, description = "The account", body = UserView),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, `invalid_code`, or not logged in"),
        (status = 403, description = "`password_required` for another address"),
        (status = 409, description = "`email_taken`"),
        (status = 429, description = "`too_many_attempts`"),
    ),
)]
async fn update_me(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Seen(seen): Seen,
    Json(body): Json<UpdateProfile>,
) -> Result<Response> {
    Ok(reply::changed(app.accounts().update_me(&actor, body, seen).await?))
}

/// Change one's own password. Every session ends; the caller gets a new one.
#[utoipa::path(
    post, path = "/api/users/me/password", tag = "users",
    security(("bearer" = [])),
    request_body(content = ChangePassword, example = json!({"current_password": "a long secret", "new_password": "a longer secret"})),
    responses(
        (status = 200, description = "The account with fresh tokens", body = UserWithTokens),
        (status = 401, description = "`invalid_credentials`, or not logged in"),
        (status = 422, description = "`invalid_value`, `weak_password`"),
        (status = 429, description = "`rate_limited`"),
    ),
)]
async fn change_password(
    State(app): State<App>,
    _: Visitor,
    Somebody(actor): Somebody,
    Json(body): Json<ChangePassword>,
) -> Result<Json<UserWithTokens>> {
    Ok(Json(app.accounts().change_password(&actor, body).await?))
}

/// Become an organizer, by one's own word. Other sessions end; this one gets fresh tokens.
#[utoipa::path(
    post, path = "/api/users/me/become-organizer", tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The account with fresh tokens", body = UserWithTokens)),
)]
async fn become_organizer(
    State(app): State<App>,
    Somebody(actor): Somebody,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Json<UserWithTokens>> {
    Ok(Json(app.accounts().become_organizer(&actor).await?))
}

/// Somebody's public profile. The e-mail address is only there for the person and for admins.
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "users",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The profile", body = PublicProfile)),
)]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<UserId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.accounts().profile(&actor, id).await?, Cache::Never))
}

/// Give a person a role. For admins. The person's sessions end.
#[utoipa::path(
    put, path = "/api/users/{id}/role", tag = "users",
    security(("bearer" = [])),
    request_body(content = SetRole, example = json!({"role": "organizer"})),
    responses(
        (status = 200, description = "The account, and fresh tokens for the caller's session", body = UserWithTokens),
        (status = 403, description = "`not_allowed`"),
        (status = 409, description = "`last_admin`"),
    ),
)]
async fn set_role(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<UserId>,
    Json(body): Json<SetRole>,
) -> Result<Json<UserWithTokens>> {
    Ok(Json(app.accounts().set_role(&actor, id, body).await?))
}
