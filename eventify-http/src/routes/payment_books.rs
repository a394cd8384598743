//! `/api/events/{id}/payments` and `/api/events/{id}/ledger`: an event's money.

use axum::extract::State;
use eventify_core::payment::{LedgerEntryView, LedgerPeriod, PaymentReport, PaymentView};
use eventify_core::{EventId, Listing, PageRequest, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, Query, Somebody, parsed, text};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(payments), routes!(report), routes!(ledger)]
}

/// Which payments.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct PaymentsQuery {
    /// `true`: only those that somebody has to look at, longest waiting first.
    #[serde(deserialize_with = "parsed")]
    attention: Option<bool>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// An event's payments, newest first. For those who manage it.
#[utoipa::path(
    get, path = "/api/events/{id}/payments", tag = "payments",
    security(("bearer" = [])),
    params(PaymentsQuery),
    responses(
        (status = 200, description = "A page of payments", body = Listing<PaymentView>),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn payments(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<PaymentsQuery>,
) -> Result<Json<Listing<PaymentView>>> {
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = match query.attention {
        Some(true) => app.payments().attention_of_event(&actor, id, &page).await?,
        _ => app.payments().of_event(&actor, id, &page).await?,
    };
    Ok(Json(found))
}

/// Which period.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// From this instant on; from the beginning if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this instant; without an end if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// What came and went for an event in a period, by currency and provider. For its organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/payments/report", tag = "payments",
    security(("bearer" = [])),
    params(ReportQuery),
    responses(
        (status = 200, description = "The sums", body = PaymentReport),
        (status = 422, description = "`invalid_value`: the period ends before it begins, or has more than 200,000 movements"),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn report(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<PaymentReport>> {
    let period = LedgerPeriod { from: query.from, to: query.to };
    Ok(Json(app.payments().report(&actor, id, period).await?))
}

/// Which movements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// From this instant on; from the beginning if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this instant; without an end if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// How many entries at most; 1 to 100, 20 if absent.
    #[serde(deserialize_with = "parsed")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// Every movement of an event's money, newest first. For its organizer.
#[utoipa::path(
    get, path = "/api/events/{id}/ledger", tag = "payments",
    security(("bearer" = [])),
    params(LedgerQuery),
    responses(
        (status = 200, description = "A page of movements", body = Listing<LedgerEntryView>),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn ledger(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<Listing<LedgerEntryView>>> {
    let period = LedgerPeriod { from: query.from, to: query.to };
    let page = PageRequest { limit: query.limit, cursor: query.cursor };
    Ok(Json(app.payments().ledger(&actor, id, period, &page).await?))
}
