//! Who asks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use eventify_core::account::Bearer;
use eventify_core::staff::DeviceKey;
use eventify_core::{Actor, Call, Error};

use crate::app::App;
use crate::client::Client;
use crate::error::Problem;

/// Anybody; a token that is shown must be good all the same.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) Actor);

/// Somebody who is logged in, or a device with its key: refused before the body is looked at.
#[derive(Debug)]
pub(crate) struct Somebody(pub(crate) Actor);

/// Somebody who is logged in, and whose request happens once however often it is repeated with one
/// `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct Once(pub(crate) Call);

/// Anybody, on the way in: no token is looked at, and there may be a limit on how often.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) Actor);

/// Anybody, with how long what they show is good: for answers that go on.
#[derive(Debug)]
pub(crate) struct Staying {
    pub(crate) bearer: Bearer,
    pub(crate) client: Client,
}

impl Staying {
    /// # Errors
    /// 401 `not_authenticated`.
    pub(crate) fn require_somebody(&self) -> Result<(), Problem> {
        if self.bearer.actor.is_anonymous() {
            self.bearer.actor.require_somebody()?;
        }
        Ok(())
    }
}

impl FromRequestParts<App> for Staying {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let client = client(parts);
        // A host with a login of its own has said who it is.
        if let Some(actor) = parts.extensions.get::<Actor>() {
            let known = actor.origin().is_some();
            let actor = actor.clone();
            let actor = if known { actor } else { client.sign(actor) };
            return Ok(Self { bearer: Bearer { actor, good_for: None }, client });
        }
        let Some(shown) = parts.headers.get(header::AUTHORIZATION) else {
            let actor = client.sign(Actor::anonymous());
            return Ok(Self { bearer: Bearer { actor, good_for: None }, client });
        };
        let token = shown.to_str().ok().and_then(token).unwrap_or("");
        Ok(Self { bearer: bearer(app, client, token).await?, client })
    }
}

/// Who shows a token, or a device's key.
pub(crate) async fn bearer(app: &App, client: Client, token: &str) -> Result<Bearer, Error> {
    let Bearer { actor, good_for } = if DeviceKey::is_form_of(token) {
        Bearer { actor: app.authenticate_device(token).await?, good_for: None }
    } else {
        app.accounts().examine(token).await?
    };
    Ok(Bearer { actor: client.sign(actor), good_for })
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staying = Staying::from_request_parts(parts, app).await?;
        Ok(Self(staying.bearer.actor))
    }
}

/// RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1).
fn token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<App> for Somebody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Viewer(actor) = Viewer::from_request_parts(parts, app).await?;
        if actor.is_anonymous() {
            actor.require_somebody()?;
        }
        Ok(Self(actor))
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl FromRequestParts<App> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Somebody(actor) = Somebody::from_request_parts(parts, app).await?;
        let Some(key) = parts.headers.get(IDEMPOTENCY_KEY) else {
            return Ok(Self(Call::from(actor)));
        };
        let key = key.to_str().map_err(|_| Error::invalid("idempotency_key", "must be printable ASCII"))?;
        Ok(Self(actor.with_idempotency_key(key)))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let client = client(parts);
        if let Some(rate) = app.auth_rate() {
            rate.check(client)?;
        }
        Ok(Self(client.sign(Actor::anonymous())))
    }
}

fn client(parts: &Parts) -> Client {
    // The envelope has put it there; without it the address is not known.
    let known = parts.extensions.get::<Client>().copied();
    known.unwrap_or_else(|| Client::of(&parts.extensions, &parts.headers, 0))
}
