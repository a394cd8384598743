//! Pages that messages lead to, in the language that the browser asks for: an event, proving an address, a new password.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use eventify_core::account::{Password, ResetPassword, SecretText, VerifyEmail};
use eventify_core::event::EventStatus;
use eventify_core::text::{Moment, PageText, Said, Texts};
use eventify_core::{Actor, Category, Error, EventId, Language};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Form, Id, Visitor};
use crate::html::{self, Policy};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(event),
        routes!(ask_address, prove_address),
        routes!(ask_password, set_password),
        routes!(script),
    ]
}

#[derive(Template)]
#[template(path = "event.html")]
struct EventPage<'a> {
    lang: &'a str,
    title: &'a str,
    cancelled: Option<String>,
    start: String,
    place: Option<String>,
    description: &'a str,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    lang: &'a str,
    title: &'a str,
    said: &'a Said,
    script: String,
    problem: Option<&'a str>,
    code: String,
    password: Option<String>,
    button: String,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage<'a> {
    lang: &'a str,
    title: &'a str,
    words: &'a str,
}

/// Words in the language that a browser likes best.
struct Speaker<'a> {
    texts: &'a Texts,
    language: Language,
}

impl<'a> Speaker<'a> {
    fn to(app: &'a App, headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = accepted.and_then(|accepted| app.texts().preferred(accepted)).unwrap_or_default();
        Self { texts: app.texts(), language }
    }

    fn say(&self, text: PageText) -> Said {
        self.texts.of_page(&self.language, text)
    }

    fn label(&self, text: PageText) -> String {
        self.say(text).title
    }
}

/// A published event, for people.
#[utoipa::path(
    get, path = "/events/{id}", tag = "pages",
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
)]
async fn event(State(app): State<App>, Id(id): Id<EventId>, headers: HeaderMap) -> Result<Response> {
    let event = app.events().get(&Actor::anonymous(), id).await?.into_inner();
    let speaker = Speaker::to(&app, &headers);
    let start = Moment { at: event.starts_at, time_zone: event.time_zone };
    let place: Vec<String> = [event.venue, event.city].into_iter().flatten().collect();
    let page = EventPage {
        lang: speaker.language.tag(),
        title: &event.title,
        cancelled: (event.status == EventStatus::Cancelled).then(|| speaker.label(PageText::EventCancelled)),
        start: speaker.texts.moment(&speaker.language, &start),
        place: (!place.is_empty()).then(|| place.join(", ")),
        description: &event.description,
    };
    html::page(&page, &Policy::default())
}

/// What a form asks for, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Address,
    Password,
}

/// A page that proves an address with the code of a mail, which its link has behind `#`.
#[utoipa::path(
    get, path = "/verify-email", tag = "pages",
    responses((status = 200, description = "A page with a form", body = String, content_type = "text/html")),
)]
async fn ask_address(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    asked(&app, &headers, Purpose::Address, None)
}

/// What its form sends.
#[utoipa::path(
    post, path = "/verify-email", tag = "pages",
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`token`"),
    responses(
        (status = 200, description = "A page that says so, or has the form again and says what is wrong", body = String, content_type = "text/html"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn prove_address(
    State(app): State<App>,
    Visitor(actor): Visitor,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let done = app.accounts().verify_email(&actor, VerifyEmail { token: token(&form) }).await;
    answer(&app, &headers, Purpose::Address, done.map(drop))
}

/// A page that sets a new password with the code of a mail, which its link has behind `#`.
#[utoipa::path(
    get, path = "/reset-password", tag = "pages",
    responses((status = 200, description = "A page with a form", body = String, content_type = "text/html")),
)]
async fn ask_password(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    asked(&app, &headers, Purpose::Password, None)
}

/// What its form sends.
#[utoipa::path(
    post, path = "/reset-password", tag = "pages",
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded", description = "`token` and `new_password`"
    ),
    responses(
        (status = 200, description = "A page that says so, or has the form again and says what is wrong", body = String, content_type = "text/html"),
        (status = 429, description = "`too_many_attempts`, `rate_limited`"),
    ),
)]
async fn set_password(
    State(app): State<App>,
    Visitor(actor): Visitor,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let new_password = Password::from(field(&form, "new_password").as_str());
    let request = ResetPassword { token: token(&form), new_password };
    let done = app.accounts().reset_password(&actor, request).await;
    answer(&app, &headers, Purpose::Password, done.map(drop))
}

/// What puts the code of a link into the form.
#[utoipa::path(
    get, path = "/pages.js", tag = "pages",
    responses((status = 200, description = "A script of the pages", body = String, content_type = "text/javascript")),
)]
async fn script() -> Response {
    let head =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (head, include_str!("../../templates/pages.js")).into_response()
}

fn field(form: &[u8], name: &str) -> String {
    let found = form_urlencoded::parse(form).find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn token(form: &[u8]) -> SecretText {
    SecretText::new(field(form, "token").trim())
}

/// Says that it is done, or asks again and says why. That is no refusal of the API's: a person reads it.
fn answer(
    app: &App,
    headers: &HeaderMap,
    purpose: Purpose,
    done: std::result::Result<(), Error>,
) -> Result<Response> {
    let speaker = Speaker::to(app, headers);
    let said = speaker.say(match purpose {
        Purpose::Address => PageText::AddressProven,
        Purpose::Password => PageText::PasswordSet,
    });
    match done {
        Ok(()) => {
            let page = DonePage { lang: speaker.language.tag(), title: &said.title, words: &said.body };
            html::page(&page, &Policy::default())
        }
        Err(error) if error.category() == Category::Unauthenticated => {
            asked(app, headers, purpose, Some(&speaker.label(PageText::CodeNoGood)))
        }
        Err(error) if error.category() == Category::Invalid => {
            asked(app, headers, purpose, Some(error.message()))
        }
        Err(error) => Err(error.into()),
    }
}

fn asked(app: &App, headers: &HeaderMap, purpose: Purpose, problem: Option<&str>) -> Result<Response> {
    let speaker = Speaker::to(app, headers);
    let asks_password = purpose == Purpose::Password;
    let said = speaker.say(if asks_password { PageText::SetPassword } else { PageText::ProveAddress });
    let page = CodePage {
        lang: speaker.language.tag(),
        title: &said.title,
        said: &said,
        script: app.place(format_args!("/pages.js")),
        problem,
        code: speaker.label(PageText::Code),
        password: asks_password.then(|| speaker.label(PageText::NewPassword)),
        button: speaker.label(PageText::GoOn),
    };
    html::page(&page, &Policy::with_script())
}
