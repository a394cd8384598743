//! Promo codes: a discount, or the key to hidden ticket types, for those who know the word.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{HoldTickets, LineRequest};
//! use eventify_core::promo_code::CreatePromoCode;
//! use eventify_core::{Actor, Eventify, Money, Role, store::MemoryStore};
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
//! # let price = Some(Money::new(150_000, "KZT".parse()?));
//! # let stalls = CreateTicketType { name: "Stalls".into(), price, quantity: 120, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let spring = CreatePromoCode { percent_off: Some(10), uses_max: Some(50), ..CreatePromoCode::of("SPRING-10") };
//! eventify.promo_codes().create(&organizer, event_id, spring).await?;
//!
//! let line = LineRequest { ticket_type_id: stalls.id, quantity: 2 };
//! let request = HoldTickets { promo_code: Some("spring-10".into()), ..HoldTickets::new(event_id, vec![line]) };
//! let held = eventify.bookings().hold(&bob, request).await?;
//! assert_eq!(held.total.amount_minor, 270_000);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod count;
mod delete;
mod model;
mod put;
mod view;

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, PromoCodeId};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key};

pub use check::CheckPromoCode;
pub(crate) use check::GUESS;
pub(crate) use count::{count, reads, redeem, require_open};
pub(crate) use delete::delete_with_event;
pub use model::{Discount, PromoCode, PromoTerms, PromoText, PromoUse};
pub use put::{CreatePromoCode, UpdatePromoCode};
pub use view::{PromoCheck, PromoCodeView, PromoPrice};

/// What can be done with promo codes. From [`Eventify::promo_codes`](crate::Eventify::promo_codes).
#[derive(Debug, Clone, Copy)]
pub struct PromoCodes<'a> {
    pub(crate) engine: &'a Engine,
}

impl PromoCodes<'_> {
    /// The promo codes of an event, in the order they were made. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<PromoCodeView>, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_manager(actor, &event).await?;
        let codes = self.engine.list::<PromoCode>(Index::PromoCodesOfEvent(event_id), false, page).await?;
        Ok(codes.map(|promo| PromoCodeView::from(&*promo)))
    }

    /// One promo code. For the event's organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `promo_unknown`.
    pub async fn get(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: PromoCodeId,
    ) -> Result<Fetched<PromoCodeView>, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        let loaded = self.engine.load_all([Key::Event(event_id), Key::PromoCode(id)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_manager(actor, event).await?;
        let found = of_kind::<PromoCode>(&loaded).next().filter(|p| p.event_id == event_id);
        let found = found.ok_or_else(not_found)?;
        let version = loaded.iter().find(|v| v.key == Key::PromoCode(id)).map(|v| v.version);
        Ok(Fetched::new(PromoCodeView::from(&**found), version.unwrap_or(crate::store::Version::ABSENT)))
    }
}

fn not_found() -> Error {
    Error::new(Reason::PromoUnknown, "The event has no such promo code.")
}
