//! Pages for browsers around a payment: how it stands when the payer comes back, and the page of the provider for trying.

use std::fmt::Write;

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use eventify_core::payment::{PaymentStanding, PaymentStatus};
use eventify_core::{Error, PaymentId, Reason};
use eventify_pay::test_provider::{Choice, TestCharge, TestProvider};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::Config;
use crate::error::{Problem, Result};
use crate::extract::{Form, Id};

pub(super) fn routes(config: &Config) -> Vec<UtoipaMethodRouter<App>> {
    let mut all = vec![routes!(standing)];
    if config.test_payments.is_some() {
        all.push(routes!(test_page, test_choice));
    }
    all
}

/// How a payment stands, for the browser that comes back from its provider: nothing but that. It looks again by itself until it is known.
#[utoipa::path(
    get, path = "/payments/{id}", tag = "payments",
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
)]
async fn standing(State(app): State<App>, Id(id): Id<PaymentId>) -> Result<Response> {
    let PaymentStanding { status, is_given_back } = app.payments().standing(id).await?;
    let (title, words) = match status {
        PaymentStatus::Succeeded if is_given_back => {
            ("Given back", "Your money came too late for your seats, and goes back to you.")
        }
        PaymentStatus::Succeeded => ("Paid", "Thank you. Your tickets are in your account."),
        PaymentStatus::Failed => {
            ("Not paid", "The payment failed. While your seats are held you can try again.")
        }
        PaymentStatus::Expired => {
            ("Too late", "The time for this payment is over. What is paid late goes back to you.")
        }
        _ => ("One moment", "The payment is not confirmed yet. This page looks again by itself."),
    };
    let open = matches!(status, PaymentStatus::Created | PaymentStatus::Pending);
    let again = if open { "<meta http-equiv=\"refresh\" content=\"3\">" } else { "" };
    Ok(html(StatusCode::OK, again, title, &format!("<p>{words}</p>"), None))
}

/// The page of the provider for trying everything: `charge`, `return` and `seal` come with its address.
#[utoipa::path(
    get, path = "/pay/test", tag = "payments",
    responses((status = 200, description = "A page with “pay” and “decline”", body = String, content_type = "text/html")),
)]
async fn test_page(State(app): State<App>, OriginalUri(uri): OriginalUri) -> Result<Response> {
    let (_, charge) = charge(&app, &uri)?;
    let amount = escaped(&charge.amount.to_string());
    let body = format!(
        "<p>This is a rehearsal: no money moves.</p><p><strong>{amount}</strong></p><form method=\"post\">\
         <button name=\"choice\" value=\"pay\">Pay</button> <button name=\"choice\" value=\"decline\">Decline</button></form>"
    );
    Ok(html(StatusCode::OK, "", "Pay for your tickets", &body, charge.return_url.as_deref()))
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

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}\
    button{font:inherit;padding:.4rem 1.2rem}";

/// A page of ours: no script, nothing from elsewhere, and forms that lead to where the payer goes next only.
fn html(status: StatusCode, head: &str, title: &str, body: &str, next: Option<&str>) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         {head}<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    );
    let mut policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; \
                      form-action 'self'"
            .to_owned();
    // A browser follows the answer to a form only to where forms may lead.
    if let Some(origin) = next.and_then(origin) {
        let _ = write!(policy, " {origin}");
    }
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (status, head, page).into_response()
}

/// The origin of an address, if it is one that a policy can name.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let web = ["http", "https"].contains(&scheme) && authority.as_str().chars().all(plain);
    web.then(|| format!("{scheme}://{authority}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_origins_are_named_in_the_policy() {
        for (url, expected) in [
            ("https://tickets.example/x?y", Some("https://tickets.example")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("https://a;b/", None),
            ("https://user@tickets.example/", None),
            ("javascript:alert(1)", None),
            ("/payments", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn what_is_shown_is_no_markup() {
        assert_eq!(escaped("<a href=\"'&\">"), "&lt;a href=&quot;&#39;&amp;&quot;&gt;");
    }
}
