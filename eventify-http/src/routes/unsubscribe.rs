//! `/api/notifications/unsubscribe`: the link in messages that ends messages of a kind, for browsers and mail programs.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use eventify_core::account::SecretText;
use eventify_core::notification::Unsubscription;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Query, Visitor, text};
use crate::html::{self, Policy};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(ask, unsubscribe)]
}

/// The link's token. Whatever else mail programs and trackers write into a link (`utm_source`) is not looked at.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct LinkQuery {
    /// As the message has it.
    #[serde(deserialize_with = "text")]
    #[param(required)]
    token: Option<String>,
}

impl LinkQuery {
    fn token(self) -> SecretText {
        SecretText::new(self.token.unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct Page<'a> {
    lang: &'a str,
    title: &'a str,
    words: &'a str,
    button: Option<&'a str>,
}

/// A page that asks whether to end messages of a kind, in their person's language. It changes nothing: programs look at links, too.
#[utoipa::path(
    get, path = "/api/notifications/unsubscribe", tag = "notifications",
    params(LinkQuery),
    responses(
        (status = 200, description = "The page, with a button", body = String, content_type = "text/html"),
        (status = 401, description = "`invalid_token`"),
    ),
)]
async fn ask(State(app): State<App>, Query(query): Query<LinkQuery>) -> Result<Response> {
    let asked = app.notifications().unsubscription(&query.token()).await?;
    page(&asked, true)
}

/// End messages of a kind, as the button does, and mail programs by themselves (RFC 8058). No login is asked for: the token
/// is the proof. A body is not looked at. Doing so again changes nothing.
#[utoipa::path(
    post, path = "/api/notifications/unsubscribe", tag = "notifications",
    params(LinkQuery),
    responses(
        (status = 200, description = "A page that says so", body = String, content_type = "text/html"),
        (status = 401, description = "`invalid_token`"),
    ),
)]
async fn unsubscribe(
    State(app): State<App>,
    Visitor(actor): Visitor,
    Query(query): Query<LinkQuery>,
) -> Result<Response> {
    let done = app.notifications().unsubscribe(&actor, &query.token()).await?;
    page(&done, false)
}

fn page(said: &Unsubscription, asks: bool) -> Result<Response> {
    let Unsubscription { language, title, body, button, .. } = said;
    let page = Page { lang: language, title, words: body, button: asks.then_some(button) };
    html::page(&page, &Policy::default())
}
