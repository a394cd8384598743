//! `/api/events/{id}/attendees/export`, `/api/events/{id}/bookings/export` and `/api/events/{id}/ledger/export`: lists for other programs.

use axum::extract::State;
use axum::response::Response;
use eventify_core::EventId;
use eventify_core::booking::Booking;
use eventify_core::export::{AttendeeExport, BookingExport, ExportedAttendee, ExportedBooking, LedgerExport};
use eventify_core::payment::{LedgerEntry, LedgerEntryView};
use eventify_core::seat_map::BookedSeat;
use eventify_core::ticket::Ticket;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Query, Somebody, parsed};
use crate::sheet::{self, Document, Format, Listed, Piece, Rows};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<App>> {
    vec![routes!(attendees), routes!(bookings), routes!(ledger)]
}

/// As what a list is taken out.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `json` if absent, or `csv`.
    #[serde(deserialize_with = "parsed")]
    #[param(inline)]
    format: Option<Format>,
}

/// Every ticket of an event with whose it is, by purchase, streamed; cancelled ones too. Who manages the event without
/// owning it sees no e-mail addresses.
#[utoipa::path(
    get, path = "/api/events/{id}/attendees/export", tag = "exports",
    security(("bearer" = [])),
    params(ExportQuery),
    responses(
        (status = 200, description = "The list; in CSV a row per ticket", content((Document<ExportedAttendee> = "application/json"), (String = "text/csv"))),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn attendees(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let export = app.exports().attendees(&actor, id).await?;
    Ok(sheet::send(app, export, query.format.unwrap_or_default()))
}

/// Every booking of an event with what was to be paid, by creation, streamed; those that are over too. Who manages the
/// event without owning it sees no e-mail addresses.
#[utoipa::path(
    get, path = "/api/events/{id}/bookings/export", tag = "exports",
    security(("bearer" = [])),
    params(ExportQuery),
    responses(
        (status = 200, description = "The list; in CSV a row per line of a booking", content((Document<ExportedBooking> = "application/json"), (String = "text/csv"))),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn bookings(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let export = app.exports().bookings(&actor, id).await?;
    Ok(sheet::send(app, export, query.format.unwrap_or_default()))
}

/// Every movement of an event's money, oldest first, streamed: charges, refunds and what providers kept.
#[utoipa::path(
    get, path = "/api/events/{id}/ledger/export", tag = "exports",
    security(("bearer" = [])),
    params(ExportQuery),
    responses(
        (status = 200, description = "The list; in CSV a row per movement", content((Document<LedgerEntryView> = "application/json"), (String = "text/csv"))),
        (status = 403, description = "`not_event_owner`, `insufficient_scope`"),
    ),
)]
async fn ledger(
    State(app): State<App>,
    Somebody(actor): Somebody,
    Id(id): Id<EventId>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let export = app.exports().ledger(&actor, id).await?;
    Ok(sheet::send(app, export, query.format.unwrap_or_default()))
}

impl Listed for Ticket {
    type Row = ExportedAttendee;
    const NAME: &'static str = "attendees";

    async fn next(export: &mut AttendeeExport, app: &App) -> Piece<ExportedAttendee> {
        app.exports().next_attendees(export).await
    }
}

impl Listed for Booking {
    type Row = ExportedBooking;
    const NAME: &'static str = "bookings";

    async fn next(export: &mut BookingExport, app: &App) -> Piece<ExportedBooking> {
        app.exports().next_bookings(export).await
    }
}

impl Listed for LedgerEntry {
    type Row = LedgerEntryView;
    const NAME: &'static str = "ledger";

    async fn next(export: &mut LedgerExport, app: &App) -> Piece<LedgerEntryView> {
        app.exports().next_ledger(export).await
    }
}

impl Rows for ExportedAttendee {
    const COLUMNS: &'static [&'static str] = &[
        "ticket_id",
        "booking_id",
        "ticket_type_id",
        "ticket_type",
        "seat_section",
        "seat_row",
        "seat_number",
        "status",
        "purchased_at",
        "used_at",
        "user_id",
        "name",
        "email",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let seat = self.seat.as_ref();
        vec![vec![
            self.ticket_id.to_string(),
            self.booking_id.to_string(),
            self.ticket_type_id.to_string(),
            self.ticket_type.clone(),
            seat.map(|seat| seat.section.clone()).unwrap_or_default(),
            seat.map(|seat| seat.row.clone()).unwrap_or_default(),
            or_empty(seat.map(|seat| seat.seat.number)),
            word(&self.status),
            self.purchased_at.to_string(),
            or_empty(self.used_at),
            self.user_id.to_string(),
            self.name.clone(),
            self.email.clone().unwrap_or_default(),
        ]]
    }
}

impl Rows for ExportedBooking {
    const COLUMNS: &'static [&'static str] = &[
        "booking_id",
        "status",
        "status_at",
        "created_at",
        "ticket_type_id",
        "ticket_type",
        "quantity",
        "currency",
        "unit_price_minor",
        "unit_discount_minor",
        "amount_minor",
        "refund_minor",
        "seats",
        "promo_code_id",
        "from_waitlist",
        "user_id",
        "name",
        "email",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |line: &eventify_core::export::ExportedLine| {
            vec![
                self.booking_id.to_string(),
                word(&self.status),
                self.status_at.to_string(),
                self.created_at.to_string(),
                line.ticket_type_id.to_string(),
                line.ticket_type.clone(),
                line.quantity.to_string(),
                line.unit_price.currency.to_string(),
                line.unit_price.amount_minor.to_string(),
                line.unit_discount.map_or(0, |off| off.amount_minor).to_string(),
                line.amount.amount_minor.to_string(),
                or_empty(line.refund.map(|refund| refund.amount_minor)),
                line.seats.iter().map(seat).collect::<Vec<_>>().join("; "),
                or_empty(self.promo_code_id),
                self.from_waitlist.to_string(),
                self.user_id.to_string(),
                self.name.clone(),
                self.email.clone().unwrap_or_default(),
            ]
        };
        self.lines.iter().map(row).collect()
    }
}

impl Rows for LedgerEntryView {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "at",
        "kind",
        "currency",
        "amount_minor",
        "provider",
        "payment_id",
        "refund_id",
        "dispute_id",
        "booking_id",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.id.to_string(),
            self.at.to_string(),
            word(&self.kind),
            self.amount.currency.to_string(),
            self.amount.amount_minor.to_string(),
            self.provider.clone(),
            self.payment_id.to_string(),
            or_empty(self.refund_id),
            or_empty(self.dispute_id),
            self.booking_id.to_string(),
        ]]
    }
}

/// A closed set's word, as in JSON.
fn word(of: &impl Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn seat(seat: &BookedSeat) -> String {
    format!("{} {} {}", seat.section, seat.row, seat.seat.number)
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
