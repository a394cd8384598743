//! What a payment provider sends: its own protocol, byte for byte.

use axum::extract::{FromRequest, OriginalUri, Request};
use eventify_core::payment::ProviderCallback;

use super::body::read;
use crate::app::App;
use crate::error::Problem;

/// Bytes of a callback; providers send a few thousand.
const CALLBACK_BYTES_MAX: usize = 64 * 1024;

/// A callback as it arrived. No media type is asked for, and nothing in it is known or unknown here: its provider reads it.
#[derive(Debug)]
pub(crate) struct Callback(pub(crate) ProviderCallback);

/// A small form, as a page of ours sends it.
#[derive(Debug)]
pub(crate) struct Form(pub(crate) Vec<u8>);

impl FromRequest<App> for Callback {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let original = request.extensions().get::<OriginalUri>().map(|OriginalUri(uri)| uri.clone());
        let uri = original.unwrap_or_else(|| request.uri().clone());
        // Names are in lower case already; what is no text is no signature.
        let texts = request.headers().iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
        let headers = texts.map(|(name, value)| (name.as_str().to_owned(), value.to_owned())).collect();
        let body = read(request.into_body(), CALLBACK_BYTES_MAX, app).await?;
        let query = uri.query().unwrap_or_default().to_owned();
        Ok(Self(ProviderCallback { path: uri.path().to_owned(), query, headers, body }))
    }
}

impl FromRequest<App> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        read(request.into_body(), CALLBACK_BYTES_MAX, app).await.map(Self)
    }
}
