//! What a request's body says.

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use eventify_core::{Error, Reason};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::app::App;
use crate::envelope::drain_body;
use crate::error::Problem;

/// A body in JSON.
///
/// What is no JSON, or nested deeper than 128 levels, is 400; what is JSON and not what the route wants is 422 and
/// names the field.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A body in JSON, or none at all.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// What a route takes that takes nothing: no body, or an empty object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let bytes = read(request.into_body(), app.config().body_bytes_max, app).await?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let json = require_json(request.headers());
        let bytes = read(request.into_body(), app.config().body_bytes_max, app).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        json?;
        if bytes == b"null" {
            return Ok(Self(T::default()));
        }
        parse(&bytes).map(Self)
    }
}

/// `application/json`, or a type that is JSON by its suffix, whatever its parameters.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(|e| e.trim().to_ascii_lowercase());
    let json = essence
        .is_some_and(|e| e == "application/json" || (e.starts_with("application/") && e.ends_with("+json")));
    if json { Ok(()) } else { Err(Problem::unsupported_media_type()) }
}

/// The whole body, up to a bound.
pub(super) async fn read(mut body: Body, bytes_max: usize, app: &App) -> Result<Vec<u8>, Problem> {
    let collected = collect(&mut body, bytes_max);
    match tokio::time::timeout(app.config().body_timeout, collected).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => {
            drain_body(body).await;
            Err(Problem::payload_too_large(bytes_max))
        }
        Ok(Err(_)) => Err(malformed("The body broke off.")),
        Err(_) => Err(Problem::body_timeout()),
    }
}

/// The whole body; `None` as soon as it is larger than allowed.
async fn collect(body: &mut Body, bytes_max: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(bytes_max);
    let mut bytes = Vec::with_capacity(declared.min(bytes_max));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}

fn malformed(sentence: impl Into<String>) -> Problem {
    Error::new(Reason::Malformed, sentence).into()
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8."))?;
    // First whether it is JSON at all: a fault further on must not hide behind a wrong field.
    match serde_json::from_str::<Syntax>(text) {
        Err(error) if !error.is_data() && !is_number(&error) => {
            return Err(malformed(format!("The body is not JSON: {error}.")));
        }
        _ => {}
    }
    // Serde would take an array for a struct, field by field.
    if !text.trim_start().starts_with('{') {
        return Err(Error::invalid("body", "must be a JSON object").into());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner().to_string();
        refusal(&error.path().to_string(), without_place(&inner))
    })
}

/// A number too large to be any: right as JSON, wrong as a value.
fn is_number(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// " at line 1 column 2" tells a person nothing who knows the field.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").and_then(|end| message.get(..end)).unwrap_or(message)
}

const SHOWN_CHARS_MAX: usize = 200;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What serde says of a value, as a refusal that names the field.
pub(super) fn refusal(path: &str, message: &str) -> Problem {
    let named = |kind: &str| {
        let rest = message.strip_prefix(kind)?.strip_prefix(" `")?;
        let end = rest.find("`, expected").or_else(|| rest.rfind('`'))?;
        rest.get(..end)
    };
    let (name, said) = if let Some(name) = named("missing field") {
        (Some(name), "is required".to_owned())
    } else if let Some(name) = named("unknown field") {
        (Some(name), "is not known here".to_owned())
    } else if let Some(name) = named("duplicate field") {
        (Some(name), "is given twice".to_owned())
    } else {
        (None, shortened(message))
    };
    Error::invalid(shortened(&field(path, name)), said).into()
}

/// The field's path. serde_path_to_error has an unknown field's name at the path's end already, a missing one's not.
fn field(path: &str, name: Option<&str>) -> String {
    let root = path.is_empty() || path == ".";
    match name {
        None if root => "body".to_owned(),
        None => path.to_owned(),
        Some(name) if root || path == name => name.to_owned(),
        Some(name) if path.ends_with(&format!(".{name}")) => path.to_owned(),
        Some(name) => format!("{path}.{name}"),
    }
}

/// Any JSON: walks it and keeps nothing, within the parser's limit of depth.
struct Syntax;

impl<'de> Deserialize<'de> for Syntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Syntax;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_str<E>(self, _: &str) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_unit<E>(self) -> Result<Syntax, E> {
        Ok(Syntax)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Syntax, A::Error> {
        while seq.next_element::<Syntax>()?.is_some() {}
        Ok(Syntax)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Syntax, A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value::<Syntax>()?;
        }
        Ok(Syntax)
    }
}
