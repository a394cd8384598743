//! Transfers: an open offer and its ticket name each other, and a job ends it.

use super::walk::{Pages, Walk};
use crate::id::JobId;
use crate::job::Job;
use crate::store::{Key, Recorded, StoreError};
use crate::ticket::Ticket;
use crate::transfer::{Transfer, TransferState};

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    offers(walk).await?;
    tickets(walk).await
}

/// The job that ends an offer has the transfer's id.
const fn expiry_job(transfer: &Transfer) -> JobId {
    JobId::from_uuid(transfer.id.uuid())
}

const fn is_open(transfer: &Transfer) -> bool {
    matches!(transfer.state, TransferState::Offered { .. })
}

async fn offers(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Transfer>::new();
    while let Some(page) = pages.next(walk).await? {
        let related_to = |t: &Transfer| [Key::Ticket(t.ticket_id), Key::Job(expiry_job(t))];
        let related = walk.load(page.iter().flat_map(|t| related_to(t)).collect()).await?;
        for transfer in page {
            let ticket = related.get::<Ticket>(&transfer.ticket_id);
            let there = ticket.is_some_and(|ticket| ticket.event_id == transfer.event_id);
            let report = &mut walk.report;
            report.require(there, "transfer_ticket", transfer.key(), || {
                "its ticket is not there, or is another event's".to_owned()
            });
            let ended = !is_open(&transfer) || related.has::<Job>(&expiry_job(&transfer));
            report
                .require(ended, "transfer_expiry", transfer.key(), || "no job will end the offer".to_owned());
        }
    }
    Ok(())
}

async fn tickets(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Ticket>::new();
    while let Some(page) = pages.next(walk).await? {
        let offers = page.iter().filter_map(|ticket| ticket.transfer.map(Key::Transfer));
        let related = walk.load(offers.collect()).await?;
        for ticket in page {
            let Some(id) = ticket.transfer else { continue };
            let offer = related.get::<Transfer>(&id);
            let agrees = offer.is_some_and(|offer| offer.ticket_id == ticket.id && is_open(offer));
            walk.report.require(agrees, "transfer_ticket", ticket.key(), || {
                "it is on offer, but the offer is not there, is over or is of another ticket".to_owned()
            });
        }
    }
    Ok(())
}
