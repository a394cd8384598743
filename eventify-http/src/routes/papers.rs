//! What people take along: calendars and tickets on paper.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use eventify_core::{Error, EventId, Language, Reason};
use eventify_paper::ticket_pdf;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::conditional::{Known, etag};
use crate::error::Result;
use crate::extract::{Code, Id, Query, Somebody, Viewer, parsed};
use crate::openapi::IfNoneMatchHeader;
use crate::reply::Cache;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(event_ics), routes!(ticket_ics), routes!(ticket_page)]
}

/// In which language.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct LanguageQuery {
    /// One that there are words in, such as `en`, `ru` or `kk`; what `Accept-Language` likes best of them if absent, and English if it likes none.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>)]
    language: Option<Language>,
}

impl LanguageQuery {
    /// # Errors
    /// `invalid_value`.
    fn choose(&self, app: &App, headers: &HeaderMap) -> Result<Language> {
        if let Some(asked) = &self.language {
            return Ok(app.texts().preferred(asked.tag()).ok_or_else(|| {
                let known: Vec<&str> = app.texts().languages().map(Language::tag).collect();
                let sentence = format!("The language must be one of {}.", known.join(", "));
                Error::new(Reason::InvalidValue, sentence).at_field("language")
            })?);
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(accepted.and_then(|accepted| app.texts().preferred(accepted)).unwrap_or_default())
    }
}

const CALENDAR: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH");
const BY_LANGUAGE: [(header::HeaderName, HeaderValue); 1] =
    [(header::VARY, HeaderValue::from_static("accept-language"))];

/// A published event as a calendar (iCalendar), also when it is over or was called off.
#[utoipa::path(
    get, path = "/api/events/{id}/event.ics", tag = "events",
    security((), ("bearer" = [])),
    params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The calendar", body = String, content_type = "text/calendar"),
        (status = 409, description = "`event_not_published`: a draft of one's own"),
    ),
)]
async fn event_ics(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    known: Known,
) -> Result<Response> {
    let event = app.events().announced(&actor, id).await?;
    let calendar =
        eventify_paper::event_ics(&event).ok_or_else(|| broken("a published event has no times"))?;
    let named = [(header::CONTENT_DISPOSITION, "attachment; filename=\"event.ics\"")];
    let body = ([(header::CONTENT_TYPE, CALENDAR)], named, calendar);
    Ok(known.show_as(etag(&event), Cache::Revalidate, body))
}

/// A ticket as a calendar (iCalendar), without its codes: for its person, and for the event's staff. One that is void is
/// an entry that is cancelled.
#[utoipa::path(
    get, path = "/api/tickets/{code}/ticket.ics", tag = "tickets",
    security(("bearer" = [])),
    params(LanguageQuery),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar")),
)]
async fn ticket_ics(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Code(code): Code,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let language = query.choose(&app, &headers)?;
    let paper = app.tickets().paper(&actor, &code).await?;
    let calendar = eventify_paper::ticket_ics(&paper, app.texts().in_language(&language));
    let named = [(header::CONTENT_DISPOSITION, "attachment; filename=\"ticket.ics\"")];
    Ok((BY_LANGUAGE, [(header::CONTENT_TYPE, CALENDAR)], named, calendar).into_response())
}

/// A document's bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Document(#[allow(dead_code, reason = "describes a body")] Vec<u8>);

/// A ticket on a page to print (PDF), with its code as a picture: for its person, and for the event's staff. A void one is
/// refused.
#[utoipa::path(
    get, path = "/api/tickets/{code}/ticket.pdf", tag = "tickets",
    security(("bearer" = [])),
    params(LanguageQuery),
    responses(
        (status = 200, description = "The page", body = Document, content_type = "application/pdf"),
        (status = 409, description = "`cancelled`, `event_cancelled`"),
    ),
)]
async fn ticket_page(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Code(code): Code,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let language = query.choose(&app, &headers)?;
    let paper = app.tickets().printed(&actor, &code).await?;
    // Drawing computes for milliseconds: not on the threads that answer everybody.
    let draw = move || ticket_pdf(&paper, app.texts().in_language(&language));
    let drawn = tokio::task::spawn_blocking(draw).await;
    let pdf = drawn.map_err(|e| broken(e.to_string()))?.map_err(|e| broken(e.to_string()))?;
    let named = [(header::CONTENT_DISPOSITION, "inline; filename=\"ticket.pdf\"")];
    Ok((BY_LANGUAGE, [(header::CONTENT_TYPE, "application/pdf")], named, pdf).into_response())
}

fn broken(what: impl Into<String>) -> Error {
    Error::internal(what)
}
