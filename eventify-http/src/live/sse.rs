//! A feed as Server-Sent Events.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use eventify_core::Error;
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::json;

use super::sitting::Said;
use super::{Place, Sitting};

/// When a client that was cut off comes back.
const RETRY: Duration = Duration::from_secs(3);

/// An event with a name and some JSON.
pub(crate) fn event(name: &str, data: &impl Serialize) -> Event {
    // Text in JSON has no line ends, which are all that an event's data may not have.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}

/// Everything that is said, for as long as the client listens.
pub(crate) fn answer<T, S>(
    first: Option<Event>,
    sitting: Sitting<S>,
    place: Place,
    show: fn(&T) -> Event,
) -> Response
where
    T: Send + 'static,
    S: Stream<Item = Result<T, Error>> + Unpin + Send + 'static,
{
    let first = first.unwrap_or_default().retry(RETRY);
    let rest = stream::unfold((sitting, place), move |(mut sitting, place)| async move {
        let said = sitting.next().await?;
        Some((written(&said, show), (sitting, place)))
    });
    let events = stream::once(std::future::ready(first)).chain(rest).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx and those who copied it: what is collected until a buffer is full comes late.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn written<T>(said: &Said<T>, show: fn(&T) -> Event) -> Event {
    match said {
        Said::News(news) => show(news),
        Said::Beat => Event::default().comment(""),
        Said::Expiring(after) => {
            event("expiring", &json!({"reason": "token_expired", "closes_in_s": after.as_secs()}))
        }
        Said::Closed(closing) => event("close", &json!({"reason": closing.reason})),
    }
}
