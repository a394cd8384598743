//! Tickets: codes, validation, check-in.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::ticket::{
    GateScanView, Scan, TicketKey, TicketPaper, TicketView, UploadScans, Validation,
};
use eventify_core::{EventId, PageRequest};

use crate::actor::Actor;
use crate::page::{AttendeePage, DoorTicketPage, GateScanPage, TicketPage};
use crate::shared::Shared;

/// Tickets: codes, validation, check-in.
#[derive(Debug, uniffi::Object)]
pub struct Tickets(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Tickets {
    /// Who has tickets of an event, by purchase. For its staff; of short codes, those at the door see the end only.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn attendees(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<AttendeePage, Refusal> {
        Ok(self.0.engine()?.tickets().attendees(actor, event_id, &page).await?.into())
    }

    /// Those whose name has words that begin like these, whatever the case and the diacritics, or whose short code
    /// begins like this (four characters at least; at the door, only a whole code). For the event's staff. One page looks at 5,000 tickets at most, so
    /// that one with a `next_cursor` may have few entries, or none.
    ///
    /// # Errors
    /// As `Tickets::attendees`, and `invalid_value` for a search of no letter and no digit, or of more than 100
    /// characters.
    #[uniffi::method(default(page))]
    pub async fn find_attendees(
        &self,
        actor: &Actor,
        event_id: EventId,
        search: String,
        page: PageRequest,
    ) -> Result<AttendeePage, Refusal> {
        Ok(self.0.engine()?.tickets().find_attendees(actor, event_id, &search, &page).await?.into())
    }

    /// What a device at the door needs to know of the tickets to check them without network, with the event's
    /// `public_keys` and its ticket types. For the event's staff.
    ///
    /// # Errors
    /// As `Tickets::attendees`.
    #[uniffi::method(default(page))]
    pub async fn door_list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<DoorTicketPage, Refusal> {
        Ok(self.0.engine()?.tickets().door_list(actor, event_id, &page).await?.into())
    }

    /// Lets a ticket's person in: once, or once after each check-out, as its type says. For the event's staff. The
    /// same scan again gets the first answer again.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `already_used` (with the last
    /// entry's `used_at`, `gate` and `device`), `cancelled`, `event_cancelled`, `wrong_event`, `not_yet_valid` (with
    /// `doors_at`), `expired`, `too_many_passages`, `event_not_found` (of the door), `invalid_value`.
    #[uniffi::method(default(scan), default(idempotency_key))]
    pub async fn check_in(
        &self,
        actor: &Actor,
        code: String,
        scan: Scan,
        idempotency_key: Option<String>,
    ) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.tickets().check_in(actor.call(idempotency_key), &code, scan).await?.into_inner())
    }

    /// Lets a ticket's person out, to come in again. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `not_checked_in`,
    /// `no_re_entry` when its type lets in once, `cancelled`, `wrong_event`, `too_many_passages`, `event_not_found`
    /// (of the door), `invalid_value`.
    #[uniffi::method(default(scan), default(idempotency_key))]
    pub async fn check_out(
        &self,
        actor: &Actor,
        code: String,
        scan: Scan,
        idempotency_key: Option<String>,
    ) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.tickets().check_out(actor.call(idempotency_key), &code, scan).await?.into_inner())
    }

    /// The caller's tickets, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn mine(&self, actor: &Actor, page: PageRequest) -> Result<TicketPage, Refusal> {
        Ok(self.0.engine()?.tickets().mine(actor, &page).await?.into())
    }

    /// The ticket of a code, signed or short: for its person, and for the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for strangers, and for a code that is none or was replaced.
    pub async fn get(&self, actor: &Actor, code: String) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.tickets().get(actor, &code).await?.into_inner())
    }

    /// The code of a ticket as an SVG picture.
    ///
    /// # Errors
    /// As `Tickets::get`.
    pub async fn qr_svg(&self, actor: &Actor, code: String) -> Result<String, Refusal> {
        Ok(self.0.engine()?.tickets().qr_svg(actor, &code).await?)
    }

    /// The code of a ticket as a PNG picture.
    ///
    /// # Errors
    /// As `Tickets::get`.
    pub async fn qr_png(&self, actor: &Actor, code: String) -> Result<Vec<u8>, Refusal> {
        Ok(self.0.engine()?.tickets().qr_png(actor, &code).await?)
    }

    /// The public keys that verify an event's codes without network: give them to door devices.
    ///
    /// # Errors
    /// `event_not_found`.
    pub async fn public_keys(&self, actor: &Actor, event_id: EventId) -> Result<Vec<TicketKey>, Refusal> {
        Ok(self.0.engine()?.tickets().public_keys(actor, event_id).await?)
    }

    /// What a ticket says, for a calendar; also of one that is void. For whom `Tickets::get` shows it.
    ///
    /// # Errors
    /// As `Tickets::get`.
    pub async fn paper(&self, actor: &Actor, code: String) -> Result<TicketPaper, Refusal> {
        Ok(self.0.engine()?.tickets().paper(actor, &code).await?)
    }

    /// What a ticket says, to be printed: a void one is refused, since paper cannot be called back. One that was used is
    /// printed as it was.
    ///
    /// # Errors
    /// As `Tickets::get`; `cancelled`, `event_cancelled`.
    pub async fn printed(&self, actor: &Actor, code: String) -> Result<TicketPaper, Refusal> {
        Ok(self.0.engine()?.tickets().printed(actor, &code).await?)
    }

    /// Gives a ticket new codes; the old ones are refused from now on (`reissued`). For its person, and for
    /// those who manage the event; the person is told when it was somebody else.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for strangers, and for a code that is none or was replaced;
    /// `event_cancelled`, `event_not_published` when it is over, `cancelled`, `too_many_issues`,
    /// `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn reissue(
        &self,
        actor: &Actor,
        code: String,
        idempotency_key: Option<String>,
    ) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.tickets().reissue(actor.call(idempotency_key), &code).await?.into_inner())
    }

    /// Signs codes and access tokens with new keys from now on; what the old ones signed stays good. For admins.
    /// Other processes over the same store take the keys up when they hear of them, or meet something signed with one.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`.
    pub async fn rotate_keys(&self, actor: &Actor) -> Result<(), Refusal> {
        Ok(self.0.engine()?.tickets().rotate_keys(actor).await?)
    }

    /// Takes the last check-in or check-out back, as if it had not been. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `not_event_staff`, `unknown`, `bad_signature`, `reissued`, `cancelled`, `event_cancelled`,
    /// `not_checked_in`.
    pub async fn undo_check_in(&self, actor: &Actor, code: String) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.tickets().undo_check_in(actor, &code).await?)
    }

    /// Takes in what a device scanned without network. Every scan is kept: of several that let the same person in, the
    /// earliest counts, and the others are duplicates, whichever arrives first. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value`.
    pub async fn upload_scans(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: UploadScans,
    ) -> Result<Vec<GateScanView>, Refusal> {
        Ok(self.0.engine()?.tickets().upload_scans(actor, event_id, request).await?)
    }

    /// The scans that were made without network at an event, by time; only those that somebody has to look at when
    /// `conflicts`. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn scans(
        &self,
        actor: &Actor,
        event_id: EventId,
        conflicts: bool,
        page: PageRequest,
    ) -> Result<GateScanPage, Refusal> {
        Ok(self.0.engine()?.tickets().scans(actor, event_id, conflicts, &page).await?.into())
    }

    /// Whether a ticket would be let in now. Changes nothing. For everybody who is logged in; only its person and
    /// the event's staff see the ticket itself.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`.
    #[uniffi::method(default(scan))]
    pub async fn validate(&self, actor: &Actor, code: String, scan: Scan) -> Result<Validation, Refusal> {
        Ok(self.0.engine()?.tickets().validate(actor, &code, scan).await?)
    }
}
