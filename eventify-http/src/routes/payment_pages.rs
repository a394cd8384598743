//! Pages for browsers around a payment: how it stands when the payer comes back, and the page of the provider for trying.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use eventify_core::text::{PageText, Said};
use eventify_core::{Error, Language, PaymentId, Reason};
use eventify_pay::test_provider::{Choice, TestCharge, TestProvider};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::Config;
use crate::error::{Problem, Result};
use crate::extract::{Form, Id};
use crate::html::{self, Policy};

pub(super) fn routes(config: &Config) -> Vec<UtoipaMethodRouter<App>> {
    let mut all = vec![routes!(standing)];
    if config.test_payments.is_some() {
        all.push(routes!(test_page, test_choice));
    }
    all
}

#[derive(Template)]
#[template(path = "payment.html")]
struct StandingPage<'a> {
    lang: &'a str,
    title: &'a str,
    words: &'a str,
    /// Whether to look again.
    again: bool,
}

#[derive(Template)]
#[template(path = "test_payment.html")]
struct TestPage<'a> {
    lang: &'a str,
    title: &'a str,
    words: &'a str,
    amount: &'a str,
    pay: &'a str,
    decline: &'a str,
}

/// How a payment stands, for the browser that comes back from its provider: nothing but that. It looks again by itself until it is known.
#[utoipa::path(
    get, path = "/payments/{id}", tag = "payments",
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
)]
async fn standing(State(app): State<App>, headers: HeaderMap, Id(id): Id<PaymentId>) -> Result<Response> {
    let standing = app.payments().standing(id).await?;
    let language = accepted(&app, &headers);
    let Said { title, body } = app.texts().of_page(&language, standing.words());
    let page = StandingPage { lang: language.tag(), title: &title, words: &body, again: standing.is_open() };
    Ok((by_language(&language), html::page(&page, &Policy::default())?).into_response())
}

/// The page of the provider for trying everything: `charge`, `return` and `seal` come with its address.
#[utoipa::path(
    get, path = "/pay/test", tag = "payments",
    responses((status = 200, description = "A page with “pay” and “decline”", body = String, content_type = "text/html")),
)]
async fn test_page(
    State(app): State<App>,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
) -> Result<Response> {
    let (_, charge) = charge(&app, &uri)?;
    let language = accepted(&app, &headers);
    let say = |text| app.texts().of_page(&language, text);
    let Said { title, body } = say(PageText::Rehearsal);
    let [pay, decline] = [PageText::RehearsalPay, PageText::RehearsalDecline].map(|text| say(text).title);
    let amount = charge.amount.to_string();
    let page = TestPage {
        lang: language.tag(),
        title: &title,
        words: &body,
        amount: &amount,
        pay: &pay,
        decline: &decline,
    };
    let policy = Policy::forms_to(charge.return_url.as_deref());
    Ok((by_language(&language), html::page(&page, &policy)?).into_response())
}

/// What the payer presses there.
#[utoipa::path(
    post, path = "/pay/test", tag = "payments",
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`choice`: `pay` or `decline`"),
    responses((status = 303, description = "To where the payment says, or to how it stands")),
)]
async fn test_choice(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Form(form): Form,
) -> Result<Response> {
    let (provider, charge) = charge(&app, &uri)?;
    let chosen = form_urlencoded::parse(&form).find(|(name, _)| name == "choice").map(|(_, value)| value);
    let choice = match chosen.as_deref() {
        Some("pay") => Choice::Pay,
        Some("decline") => Choice::Decline,
        _ => return Err(Error::invalid("choice", "must be pay or decline").into()),
    };
    let answer = app.payments().callback(TestProvider::NAME, provider.callback(&charge, choice)).await?;
    if answer.status != 200 {
        let sentence = "It could not be taken in now; go back and press again.";
        return Err(Error::new(Reason::PaymentProviderUnavailable, sentence).into());
    }
    let own = app.place(format_args!("/payments/{}", charge.payment_id));
    let place = HeaderValue::try_from(charge.return_url.unwrap_or(own)).map_err(|_| nothing())?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
}

fn charge(app: &App, uri: &Uri) -> Result<(TestProvider, TestCharge)> {
    let provider = app.config().test_payments.clone().ok_or_else(nothing)?;
    let charge = provider.page(uri.query().unwrap_or_default()).ok_or_else(nothing)?;
    Ok((provider, charge))
}

fn nothing() -> Problem {
    Error::new(Reason::NotFound, "There is nothing at this address.").into()
}

/// The language that a browser likes best of those that there are words in.
fn accepted(app: &App, headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    app.texts().preferred(accepted.unwrap_or_default()).unwrap_or_default()
}

fn by_language(language: &Language) -> [(header::HeaderName, String); 2] {
    [(header::CONTENT_LANGUAGE, language.tag().to_owned()), (header::VARY, "accept-language".to_owned())]
}
