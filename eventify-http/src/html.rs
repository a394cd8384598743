//! Pages for browsers. Nothing in them is from elsewhere, and what is filled in is no markup.

use askama::Template;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use eventify_core::Error;

use crate::error::Result;

/// What a browser lets a page do: be looked at, and have forms that lead back to us.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    forms_to: Option<String>,
    script: bool,
}

impl Policy {
    /// Its forms may lead on to the origin of this address: a browser follows the answer to a form only to where forms may lead.
    pub(crate) fn forms_to(url: Option<&str>) -> Self {
        Self { forms_to: url.and_then(origin), script: false }
    }

    /// It may run our own script.
    pub(crate) const fn with_script() -> Self {
        Self { forms_to: None, script: true }
    }

    fn header(&self) -> String {
        let to = self.forms_to.as_ref().map_or_else(String::new, |origin| format!(" {origin}"));
        let script = if self.script { " script-src 'self';" } else { "" };
        format!(
            "default-src 'none';{script} style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{to}"
        )
    }
}

/// A page as an answer.
pub(crate) fn page(template: &impl Template, policy: &Policy) -> Result<Response> {
    let html = template.render().map_err(|error| Error::internal(error.to_string()))?;
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy.header()),
    ];
    Ok((head, html).into_response())
}

/// The origin of an address, if it is one that a policy can name.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let web = ["http", "https"].contains(&scheme) && authority.as_str().chars().all(plain);
    web.then(|| format!("{scheme}://{authority}"))
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
        #[derive(Template)]
        #[template(path = "unsubscribe.html")]
        struct Hostile<'a> {
            lang: &'a str,
            title: &'a str,
            words: &'a str,
            button: Option<&'a str>,
        }
        let hostile = "<a href=\"'&\">";
        let page = Hostile { lang: hostile, title: hostile, words: hostile, button: Some(hostile) };
        let html = page.render().unwrap_or_default();
        assert!(html.contains("<form ") && !html.contains("<a "), "{html}");
        assert!(!html.contains("\"'&"), "{html}");
    }
}
