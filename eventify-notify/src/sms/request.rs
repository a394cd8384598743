//! What the gateway is asked, from templates that were looked at beforehand.

use std::collections::BTreeMap;

use eventify_core::account::SecretText;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use url::{Host, Url};

use super::SmsError;
use super::settings::{SmsBody, SmsMethod, SmsSettings};
use super::template::{Template, Values, as_is, for_url};
use crate::outgoing::{Call, URL_CHARS_MAX};

/// A request with places.
#[derive(Debug)]
pub(super) struct Request {
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Empty,
    Form(Vec<(String, Template)>),
    Json(Json),
}

/// JSON whose texts have places.
#[derive(Debug)]
enum Json {
    Text(Template),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    Other(Value),
}

impl Request {
    /// Reads the templates.
    ///
    /// # Errors
    /// [`SmsError`] naming the setting.
    pub(super) fn new(settings: &SmsSettings) -> Result<Self, SmsError> {
        let secrets = &settings.secrets;
        let read = |text: &str, what: &str| {
            Template::parse(text, secrets).map_err(|why| SmsError::Settings(format!("{what}: {why}")))
        };
        let mut headers = Vec::new();
        for (name, value) in &settings.headers {
            let what = format!("the header {name}");
            let template = read(value, &what)?;
            let name = HeaderName::from_bytes(name.as_bytes());
            let name = name.map_err(|_| SmsError::Settings(format!("{what}: this is no header's name")))?;
            if template.has_text() {
                return Err(SmsError::Settings(format!("{what}: people's words are not for headers")));
            }
            headers.push((name, template));
        }
        let body = match &settings.body {
            SmsBody::Empty => Body::Empty,
            SmsBody::Form(fields) => {
                let field = |(name, value): (&String, &String)| {
                    Ok((name.clone(), read(value, &format!("the field {name}"))?))
                };
                Body::Form(fields.iter().map(field).collect::<Result<_, SmsError>>()?)
            }
            SmsBody::Json(value) => Body::Json(Json::read(value, secrets).map_err(SmsError::Settings)?),
        };
        let method = match settings.method {
            SmsMethod::Get => Method::GET,
            SmsMethod::Post => Method::POST,
            SmsMethod::Put => Method::PUT,
        };
        let request = Self { method, url: read(&settings.url, "the address")?, headers, body };
        request.check_address(settings)?;
        Ok(request)
    }

    /// The host is the operator's choice alone, and the way there is protected.
    fn check_address(&self, settings: &SmsSettings) -> Result<(), SmsError> {
        let refused = |why: &str| Err(SmsError::Settings(format!("the address {why}")));
        let with = |value: &str| {
            let secrets =
                settings.secrets.keys().map(|name| (name.clone(), SecretText::new(value))).collect();
            let values = Values { phone: value, text: value, id: value, secrets: &secrets };
            Url::parse(&self.url.fill(&values, for_url)).ok()
        };
        let (Some(one), Some(other)) = (with("1"), with("2")) else { return refused("is not a URL") };
        if one.origin() != other.origin() || one.port() != other.port() {
            return refused("must have no places before its path");
        }
        if one.username() != "" || one.password().is_some() {
            return refused("must have no user or password: use a header");
        }
        let is_own = match one.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(v4)) => v4.is_loopback(),
            Some(Host::Ipv6(v6)) => v6.is_loopback(),
            None => false,
        };
        match one.scheme() {
            "https" => Ok(()),
            "http" if is_own || settings.allow_plain => Ok(()),
            _ => refused("must begin with https:"),
        }
    }

    /// The request for one message, and its address.
    ///
    /// # Errors
    /// When a secret does not fit a header.
    pub(super) fn fill(&self, values: &Values<'_>) -> Result<Filled, String> {
        let mut headers = Vec::new();
        for (name, template) in &self.headers {
            let value = HeaderValue::try_from(template.fill(values, as_is));
            let mut value =
                value.map_err(|_| format!("the header {name} would have other than visible characters"))?;
            value.set_sensitive(true);
            headers.push((name.clone(), value));
        }
        let (kind, body) = match &self.body {
            Body::Empty => (None, Vec::new()),
            Body::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, template) in fields {
                    form.append_pair(name, &template.fill(values, as_is));
                }
                (Some("application/x-www-form-urlencoded"), form.finish().into_bytes())
            }
            Body::Json(json) => (Some("application/json"), json.fill(values).to_string().into_bytes()),
        };
        if let Some(kind) = kind.filter(|_| !headers.iter().any(|(name, _)| name == CONTENT_TYPE)) {
            headers.push((CONTENT_TYPE, HeaderValue::from_static(kind)));
        }
        Ok(Filled { method: self.method.clone(), url: self.url.fill(values, for_url), headers, body })
    }
}

/// A request for one message.
pub(super) struct Filled {
    method: Method,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Filled {
    /// Whether its address has more characters than one may have.
    pub(super) fn is_too_long(&self) -> bool {
        self.url.len() > URL_CHARS_MAX
    }

    pub(super) fn call(&self) -> Call<'_> {
        let Self { method, url, headers, body } = self;
        Call { method: method.clone(), url, headers: headers.clone(), body: body.clone() }
    }
}

impl Json {
    fn read(value: &Value, secrets: &BTreeMap<String, SecretText>) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => {
                Self::Text(Template::parse(text, secrets).map_err(|why| format!("the body: {why}"))?)
            }
            Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::read(item, secrets)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let field =
                    |(name, value): (&String, &Value)| Ok((name.clone(), Self::read(value, secrets)?));
                Self::Object(fields.iter().map(field).collect::<Result<_, String>>()?)
            }
            other => Self::Other(other.clone()),
        })
    }

    fn fill(&self, values: &Values<'_>) -> Value {
        match self {
            Self::Text(template) => Value::String(template.fill(values, as_is)),
            Self::List(items) => items.iter().map(|item| item.fill(values)).collect(),
            Self::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), value.fill(values))).collect()
            }
            Self::Other(value) => value.clone(),
        }
    }
}
