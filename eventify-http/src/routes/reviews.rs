//! `/api/reviews` and `/api/moderation/reviews`: what those who were there think.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use eventify_core::review::{
    EditReview, RatingView, RejectReview, ReplyToReview, ReviewOrder, ReviewView, SubmitReview,
};
use eventify_core::{EventId, Listing, PageRequest, ReviewId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::page::PageQuery;
use crate::app::App;
use crate::conditional::{Known, Seen};
use crate::error::Result;
use crate::extract::{Id, Ids, Json, Nothing, OptionalJson, Query, Somebody, Viewer, parsed, text};
use crate::openapi::{IfMatchHeader, IfNoneMatchHeader};
use crate::reply::{self, Cache};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(all_mine, submit),
        routes!(list, edit, delete),
        routes!(mine),
        routes!(rating),
        routes!(answer),
        routes!(pending),
        routes!(show),
        routes!(approve),
        routes!(reject),
    ]
}

/// In which order, and which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ReviewsQuery {
    /// `newest` if absent; `best` or `worst` first.
    #[serde(deserialize_with = "parsed")]
    #[param(inline)]
    sort: Option<ReviewOrder>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// One's own reviews in whatever state, newest first.
#[utoipa::path(
    get, path = "/api/reviews", tag = "reviews",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of reviews", body = Listing<ReviewView>)),
)]
async fn all_mine(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<ReviewView>>> {
    Ok(Json(app.reviews().all_mine(&actor, &page.into()).await?))
}

/// Say what one thinks of an event, once, with a ticket that was used, or a valid one once the event has started.
#[utoipa::path(
    post, path = "/api/reviews", tag = "reviews",
    security(("bearer" = [])),
    request_body(content = SubmitReview, example = json!({
        "event_id": "01920000-0000-7000-8000-000000000000", "rating": 5, "comment": "Encore!"
    })),
    responses(
        (status = 201, description = "The review: shown at once or after approval, by the event's policy", body = ReviewView),
        (status = 403, description = "`not_an_attendee`"),
        (status = 404, description = "`event_not_found`"),
        (status = 409, description = "`already_reviewed`, `event_not_started`, `event_cancelled`"),
        (status = 422, description = "`rating_out_of_range`, `invalid_value`"),
    ),
)]
async fn submit(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Json(body): Json<SubmitReview>,
) -> Result<Response> {
    let review = app.reviews().submit(&actor, body).await?;
    let place = app.place(format_args!("/api/reviews/{}/mine", review.event_id));
    Ok(reply::created_tagged(place, review))
}

/// The approved reviews of an event.
#[utoipa::path(
    get, path = "/api/reviews/{event_id}", tag = "reviews",
    security((), ("bearer" = [])),
    params(ReviewsQuery),
    responses((status = 200, description = "A page of reviews", body = Listing<ReviewView>)),
)]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Id(id): Id<EventId>,
    Query(query): Query<ReviewsQuery>,
) -> Result<Response> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let order = query.sort.unwrap_or_default();
    Ok(reply::public(app.reviews().of_event(&actor, id, order, &page).await?))
}

/// Change one's own review of an event; absent fields stay as they are.
#[utoipa::path(
    put, path = "/api/reviews/{event_id}", tag = "reviews",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = EditReview, example = json!({"rating": 4})),
    responses(
        (status = 200, description = "The review", body = ReviewView),
        (status = 404, description = "`review_not_found`"),
        (status = 422, description = "`rating_out_of_range`, `invalid_value`"),
    ),
)]
async fn edit(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Seen(seen): Seen,
    Json(body): Json<EditReview>,
) -> Result<Response> {
    Ok(reply::changed(app.reviews().edit(&actor, id, body, seen).await?))
}

/// Take one's own review of an event back.
#[utoipa::path(
    delete, path = "/api/reviews/{event_id}", tag = "reviews",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "`review_not_found`"),
    ),
)]
async fn delete(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
) -> Result<StatusCode> {
    app.reviews().delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own review of an event, in whatever state.
#[utoipa::path(
    get, path = "/api/reviews/{event_id}/mine", tag = "reviews",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The review", body = ReviewView),
        (status = 404, description = "`review_not_found`"),
    ),
)]
async fn mine(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.reviews().mine(&actor, id).await?, Cache::Never))
}

/// What the approved reviews of an event come to.
#[utoipa::path(
    get, path = "/api/reviews/{event_id}/rating", tag = "reviews",
    security((), ("bearer" = [])),
    responses((status = 200, description = "The mean, and how often each rating was given", body = RatingView)),
)]
async fn rating(State(app): State<App>, Viewer(actor): Viewer, Id(id): Id<EventId>) -> Result<Response> {
    Ok(reply::public(app.reviews().rating(&actor, id).await?))
}

/// Answer a review, once. For those who manage the event.
#[utoipa::path(
    post, path = "/api/reviews/{event_id}/{review}/reply", tag = "reviews",
    security(("bearer" = [])),
    request_body(content = ReplyToReview, example = json!({"text": "Thank you, and see you next spring."})),
    responses(
        (status = 200, description = "The review with its answer", body = ReviewView),
        (status = 403, description = "`not_event_owner`"),
        (status = 404, description = "`event_not_found`, `review_not_found`"),
        (status = 409, description = "`already_replied`"),
    ),
)]
async fn answer(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Ids(event, review): Ids<EventId, ReviewId>,
    Json(body): Json<ReplyToReview>,
) -> Result<Response> {
    Ok(reply::changed(app.reviews().reply(&actor, event, review, body).await?))
}

/// What waits for approval, oldest first. For admins.
#[utoipa::path(
    get, path = "/api/moderation/reviews", tag = "moderation",
    security(("bearer" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of reviews", body = Listing<ReviewView>),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn pending(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Query(page): Query<PageQuery>,
) -> Result<Json<Listing<ReviewView>>> {
    Ok(Json(app.reviews().pending(&actor, &page.into()).await?))
}

/// A review in whatever state. For admins.
#[utoipa::path(
    get, path = "/api/moderation/reviews/{id}", tag = "moderation",
    security(("bearer" = [])),
    params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The review", body = ReviewView),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn show(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<ReviewId>,
    known: Known,
) -> Result<Response> {
    Ok(known.show(app.reviews().get(&actor, id).await?, Cache::Never))
}

/// Show a review to everybody, and count it. With `If-Match`, only as it was read. For admins.
#[utoipa::path(
    post, path = "/api/moderation/reviews/{id}/approve", tag = "moderation",
    security(("bearer" = [])),
    params(IfMatchHeader),
    responses(
        (status = 200, description = "The approved review", body = ReviewView),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn approve(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<ReviewId>,
    Seen(seen): Seen,
    OptionalJson(Nothing {}): OptionalJson<Nothing>,
) -> Result<Response> {
    Ok(reply::changed(app.reviews().approve(&actor, id, seen).await?))
}

/// Hide a review, also an approved one, and tell its author why. For admins.
#[utoipa::path(
    post, path = "/api/moderation/reviews/{id}/reject", tag = "moderation",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body(content = RejectReview, example = json!({"reason": "Please leave names out of it."})),
    responses(
        (status = 200, description = "The rejected review", body = ReviewView),
        (status = 403, description = "`not_allowed`"),
    ),
)]
async fn reject(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<ReviewId>,
    Seen(seen): Seen,
    Json(body): Json<RejectReview>,
) -> Result<Response> {
    Ok(reply::changed(app.reviews().reject(&actor, id, body, seen).await?))
}
