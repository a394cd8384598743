//! Looking whether the records of a store agree with each other: every rule that no single record can show.
//!
//! For operators (`eventify check`) and for tests: whatever a workload did, nothing is found afterwards.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::{check::check, store::MemoryStore};
//!
//! let report = check(&MemoryStore::new()).await?;
//! assert!(report.is_clean());
//! # Ok::<(), eventify_core::store::StoreError>(()) }).map_err(|e| e.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activity;
mod claims;
mod digests;
mod events;
mod payments;
mod promo;
mod report;
mod reviews;
mod sales;
mod seats;
mod stats;
#[cfg(test)]
mod tests;
mod transfers;
mod waitlists;
mod walk;
mod webhooks;

pub use activity::Activity;
pub use report::{CheckReport, Finding};

use crate::copy;
use crate::store::{Key, Store, StoreError};
use walk::Walk;

/// Findings that a report spells out.
pub const FINDINGS_MAX: usize = 100;

/// Compares every record with those that it must agree with.
///
/// - Counters: `sold + held ≤ quantity` per ticket type and `≤ capacity` per event; sold is the number of valid
///   tickets, held the sum over held bookings; an event's inventory is the sum of its types; a person's allowance is
///   what they hold and have.
/// - Bookings: one ticket per seat once confirmed, none before; a hold has the job that ends it.
/// - The store is no half-copied one ([`crate::copy`]).
/// - Seats: every named seat is held or sold by just the booking or ticket that names it; rows, sections and maps agree; a
///   ticket type that is sold by seat has as many as the map says.
/// - Waitlists: everybody who waits has one number, and is counted.
/// - Promo codes: in use as often as open bookings name them, by everybody and by each person.
/// - Statistics: what is counted of events, by ticket type and by quarters of an hour, is what follows from tickets, their
///   bookings and their scans.
/// - Transfers: an open offer and its ticket name each other, and the offer has the job that ends it.
/// - Payments: what was sold for money was paid; money that came became tickets or goes back, never more than came; what is due or open has
///   the job that sees to it; the ledger says just what payments and refunds say.
/// - Webhooks: an owner's list names their webhooks and no others; what waits for one has the job that sees to it.
/// - Digests: what waits for one has the job that sends it.
/// - Claims (e-mail addresses, category names, short codes) and what they stand for name each other.
/// - Accounts: what belongs to one has it, and nothing is left of those that were erased; an organizer's open events
///   are counted.
/// - Events: complete when published, with the job that completes them; jobs that remind do so of their present start, if
///   that is wanted; announcements have their event; schedules lie within them, and nothing
///   overlaps in a room.
/// - Reviews: an event's counters are its approved reviews.
///
/// Reads page by page, so the store must rest ([`Activity`] tells): check a copy of one that is in use. Takes memory for every person and
/// ticket type with a valid ticket or a hold (about 60 bytes), and for every quarter of an hour in which an event sold or let in (about
/// 100 bytes), otherwise for a page.
///
/// # Errors
/// [`StoreError`] when the store cannot be read; what can be read and is wrong is a finding.
pub async fn check(store: &dyn Store) -> Result<CheckReport, StoreError> {
    let mut report = records(store).await?;
    let is_whole = !copy::is_unfinished(store).await?;
    report.require(is_whole, "copy_unfinished", Key::Keyring(()), || {
        "the store is the rest of a copy that was interrupted, and not whole".to_owned()
    });
    Ok(report)
}

/// The same for a store that is being copied into.
pub(crate) async fn records(store: &dyn Store) -> Result<CheckReport, StoreError> {
    let mut walk = Walk::new(store);
    claims::check(&mut walk).await?;
    events::check(&mut walk).await?;
    sales::check(&mut walk).await?;
    reviews::check(&mut walk).await?;
    transfers::check(&mut walk).await?;
    payments::check(&mut walk).await?;
    webhooks::check(&mut walk).await?;
    digests::check(&mut walk).await?;
    Ok(walk.report)
}
