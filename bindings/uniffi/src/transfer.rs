//! Transfers: tickets offered to somebody else.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::ticket::TicketView;
use eventify_core::transfer::{OfferTicket, TransferView};
use eventify_core::{PageRequest, TransferId};

use crate::actor::Actor;
use crate::page::TransferPage;
use crate::shared::Shared;

/// Transfers: tickets offered to somebody else.
#[derive(Debug, uniffi::Object)]
pub struct Transfers(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Transfers {
    /// Takes over a ticket that is offered to the address of the caller's account. It gets new codes; the old ones are
    /// refused from now on.
    ///
    /// # Errors
    /// `not_authenticated`; `transfer_not_found` for everybody else; `email_not_verified`; `transfer_closed`, `ticket_already_used`,
    /// `cancelled`, `event_cancelled`, `event_not_published` and `expired` when it is over, `already_reviewed` when its giver
    /// has reviewed the event meanwhile, `too_many_issues`,
    /// `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn accept(
        &self,
        actor: &Actor,
        id: TransferId,
        idempotency_key: Option<String>,
    ) -> Result<TicketView, Refusal> {
        Ok(self.0.engine()?.transfers().accept(actor.call(idempotency_key), id).await?.into_inner())
    }

    /// Takes an offer back. For whoever made it.
    ///
    /// # Errors
    /// `not_authenticated`, `transfer_not_found` for everybody else, `transfer_closed`.
    pub async fn withdraw(&self, actor: &Actor, id: TransferId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.transfers().withdraw(actor, id).await?)
    }

    /// What the caller offered to others, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn mine(&self, actor: &Actor, page: PageRequest) -> Result<TransferPage, Refusal> {
        Ok(self.0.engine()?.transfers().mine(actor, &page).await?.into())
    }

    /// What is offered to the address of the caller's account, newest first.
    ///
    /// # Errors
    /// As `Transfers::mine`, and `email_not_verified`.
    #[uniffi::method(default(page))]
    pub async fn to_me(&self, actor: &Actor, page: PageRequest) -> Result<TransferPage, Refusal> {
        Ok(self.0.engine()?.transfers().to_me(actor, &page).await?.into())
    }

    /// One transfer: for who offers and for whom it is offered to.
    ///
    /// # Errors
    /// `not_authenticated`, `transfer_not_found`, `email_not_verified`.
    pub async fn get(&self, actor: &Actor, id: TransferId) -> Result<TransferView, Refusal> {
        Ok(self.0.engine()?.transfers().get(actor, id).await?)
    }

    /// Offers a ticket to the person of an e-mail address: they have three days, at most until the event ends, to
    /// accept. Until then it stays the caller's, who can use it. For the ticket's person. Whether somebody has an
    /// account of this address is not said.
    ///
    /// # Errors
    /// `not_authenticated`; `ticket_not_found` for a code that is none, is old, or is somebody else's;
    /// `invalid_value` (no address, or one's own), `ticket_already_used`, `cancelled`, `event_cancelled`,
    /// `event_not_published` and `expired` when it is over, `already_reviewed`, `transfer_pending`,
    /// `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn offer(
        &self,
        actor: &Actor,
        code: String,
        request: OfferTicket,
        idempotency_key: Option<String>,
    ) -> Result<TransferView, Refusal> {
        Ok(self
            .0
            .engine()?
            .transfers()
            .offer(actor.call(idempotency_key), &code, request)
            .await?
            .into_inner())
    }
}
