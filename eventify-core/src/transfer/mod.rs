//! Transfers: giving a ticket to somebody else, who takes it over by their own word.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::transfer::OfferTicket;
//! use eventify_core::{Actor, Eventify, PageRequest, Role, booking::HoldTickets, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: None, quantity: 120, ..Default::default() };
//! # eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! # let one = HoldTickets { seats: Some(1), ..HoldTickets::new(event_id, vec![]) };
//! let ticket = eventify.bookings().buy(&bob, one).await?.tickets[0].clone();
//! eventify.transfers().offer(&bob, &ticket.code, OfferTicket { email: "ada@example.org".into() }).await?;
//!
//! // Ada proves that the address is hers (`accounts().verify_email`), finds the offer with `to_me` and takes it with
//! // `accept`; from then on the old code lets nobody in any more.
//! let offered = eventify.transfers().mine(&bob, &PageRequest::default()).await?;
//! assert_eq!(offered.data[0].ticket_id, ticket.id);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accept;
mod end;
mod model;
mod offer;
mod personal;
mod view;

use std::sync::Arc;

pub(crate) use end::expire;
pub use model::{Transfer, TransferState, TransferStatus};
pub use offer::OfferTicket;
pub(crate) use personal::{OFFERED, RECEIVED};
pub use view::TransferView;

use crate::account::User;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::eventify::Engine;
use crate::id::{JobId, TransferId};
use crate::keyring::Keyring;
use crate::page::{Listing, PageRequest, keyed_hash};
use crate::scope::Scope;
use crate::store::{EmailKey, Index, TokenHash};

/// What can be done with transfers. From [`Eventify::transfers`](crate::Eventify::transfers).
#[derive(Debug, Clone, Copy)]
pub struct Transfers<'a> {
    pub(crate) engine: &'a Engine,
}

impl Transfers<'_> {
    /// What the caller offered to others, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn mine(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<TransferView>, Error> {
        let user_id = actor.within(Scope::BookingsRead)?.require_user()?;
        let found = self.engine.list::<Transfer>(Index::TransfersOfUser(user_id), true, page).await?;
        Ok(found.map(|transfer| TransferView::from(&*transfer)))
    }

    /// What is offered to the address of the caller's account, newest first.
    ///
    /// # Errors
    /// As [`Transfers::mine`], and `email_not_verified`.
    pub async fn to_me(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<TransferView>, Error> {
        let user_id = actor.within(Scope::BookingsRead)?.require_user()?;
        let Some(user) = self.engine.load::<User>(&user_id).await? else {
            return Ok(Listing { data: Vec::new(), next_cursor: None });
        };
        check_verified(&user)?;
        let index = Index::OffersToEmail(EmailKey::new(&user.email));
        let found = self.engine.list::<Transfer>(index, true, page).await?;
        Ok(found.map(|transfer| TransferView::from(&*transfer)))
    }

    /// One transfer: for who offers and for whom it is offered to.
    ///
    /// # Errors
    /// `not_authenticated`, `transfer_not_found`, `email_not_verified`.
    pub async fn get(&self, actor: &Actor, id: TransferId) -> Result<TransferView, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let transfer = self.find(actor, id).await?;
        let user_id = actor.require_user()?;
        if transfer.from_user_id != user_id {
            let user = self.engine.load::<User>(&user_id).await?;
            transfer.check_recipient(user.as_deref(), &self.engine.core().keyring())?;
        }
        Ok(TransferView::from(&*transfer))
    }

    async fn find(&self, actor: &Actor, id: TransferId) -> Result<Arc<Transfer>, Error> {
        // Nobody has to log in first, and does not learn which transfers there are.
        actor.require_user()?;
        self.engine.load::<Transfer>(&id).await?.ok_or_else(not_found)
    }
}

impl Transfer {
    /// The person of this account, if it is offered to their address and the address is surely theirs.
    ///
    /// # Errors
    /// `transfer_not_found`, `email_not_verified`.
    fn check_recipient<'u>(&self, user: Option<&'u User>, keyring: &Keyring) -> Result<&'u User, Error> {
        let is_theirs = |user: &&User| hash_of(keyring, &EmailKey::new(&user.email)) == self.to_hash;
        let user = user.filter(is_theirs).ok_or_else(not_found)?;
        check_verified(user).map(|()| user)
    }
}

/// Anybody can register with somebody else's address: what is offered to it is for who has its mail.
fn check_verified(user: &User) -> Result<(), Error> {
    let unproven = || Error::new(Reason::EmailNotVerified, "Verify the address of your account first.");
    user.email_verified_at.map(drop).ok_or_else(unproven)
}

/// What is kept of an address for good.
pub(crate) fn hash_of(keyring: &Keyring, email: &EmailKey) -> TokenHash {
    TokenHash::new(keyed_hash(&keyring.account_key, &[b"transfer", email.as_str().as_bytes()]))
}

fn not_found() -> Error {
    Error::new(Reason::TransferNotFound, "There is no such transfer.")
}

/// The ticket was offered anew since.
fn superseded(transfer: &Transfer) -> Error {
    let error = Error::new(Reason::TransferClosed, "The ticket was offered anew.");
    error.with("transfer_status", transfer.state.status())
}

/// The job that ends an offer.
const fn expiry_job(id: TransferId) -> JobId {
    JobId::from_uuid(id.uuid())
}
