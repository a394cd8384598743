//! Payments: from a hold to its money, and back.
//!
//! A provider says how charges stand ([`PaymentProvider`]); every rule of money is here. Money that comes becomes tickets, or goes back
//! whole: however often, how late and in which order it is reported. Every movement is an entry of the ledger.
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{BookingStatus, HoldTickets};
//! use eventify_core::payment::{ChargeStatus, PaymentStatus, RefundPayment, StartPayment};
//! use eventify_core::testing::MemoryProvider;
//! use eventify_core::{Actor, Eventify, Money, Reason, Role, store::MemoryStore};
//!
//! let bank = MemoryProvider::default();
//! let builder = Eventify::builder(MemoryStore::new()).payment_provider(bank.clone());
//! let eventify = builder.without_worker().start().await?;
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
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: Some(Money::new(450_000, "KZT".parse()?)), quantity: 120, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let held = eventify.bookings().buy(&bob, HoldTickets::only(event_id, 2)).await?.booking.clone();
//! assert_eq!(held.status, BookingStatus::Held); // there is something to pay
//!
//! let wish = StartPayment { booking_id: held.id, payment_method: None, return_url: None };
//! let payment = eventify.payments().start(&bob, wish).await?;
//! assert!(payment.redirect_url.is_some()); // that is where Bob pays
//!
//! bank.settle(payment.id, ChargeStatus::Succeeded);
//! eventify.payments().callback("memory", MemoryProvider::callback(payment.id)).await?;
//! let paid = eventify.payments().get(&bob, payment.id).await?;
//! assert_eq!(paid.status, PaymentStatus::Succeeded);
//! assert_eq!(eventify.bookings().get(&bob, held.id).await?.tickets.len(), 2);
//!
//! // Money that is given back goes by a job.
//! eventify.payments().refund(&organizer, payment.id, RefundPayment::default()).await?;
//! while eventify.jobs().run_due().await? > 0 {}
//! assert_eq!(eventify.payments().get(&bob, payment.id).await?.refunded, held.total);
//!
//! // Nobody says themselves that they paid; the box office, which took the money, may.
//! let two = eventify.bookings().buy(&bob, HoldTickets::only(event_id, 2)).await?.booking.clone();
//! let refused = eventify.bookings().confirm(&bob, two.id).await;
//! assert_eq!(refused.unwrap_err().reason(), Reason::PaymentRequired);
//! assert_eq!(eventify.bookings().confirm(&organizer, two.id).await?.tickets.len(), 2);
//! assert_eq!(eventify.payments().of_booking(&bob, two.id).await?[0].provider, "offline");
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod again;
mod by_hand;
mod callback;
mod dispute;
mod disputed;
mod give_back;
mod instead;
mod ledger;
mod missing;
mod model;
mod outside;
mod owe;
mod personal;
mod places;
mod port;
mod providers;
mod refund;
mod report;
mod settle;
mod standing;
mod start;
mod stray;
mod tell;
mod view;
mod watch;

use std::sync::Arc;
use std::time::Duration;

#[cfg(any(test, feature = "testing"))]
pub(crate) use again::id_of as double_id;
pub use by_hand::SettleByHand;
pub(crate) use by_hand::taken_with_booking;
pub use dispute::Dispute;
pub use ledger::{LedgerEntry, LedgerKind, LedgerPeriod};
pub(crate) use ledger::{Of, entry_id};
pub use missing::MissingProvider;
pub(crate) use missing::warn as warn_of_missing;
pub use model::{
    Attention, BookingPayments, DISPUTES_MAX, OtherCharge, PAYMENTS_OF_BOOKING_MAX, Payment, PaymentState,
    PaymentStatus, REFUNDS_ASKED_MAX, REFUNDS_MAX, Refund, RefundCause, RefundState, RefundStatus,
};
pub(crate) use owe::{need_of_booking, owe_booking, reads_of_booking, refund_job, rest_of_booking};
pub(crate) use personal::PERSONAL;
pub use port::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeDispute, ChargeKey, ChargeRequest,
    ChargeStatus, DisputeStatus, PaymentProvider, ProviderCallback, ProviderError, ReceiptStatus,
    RefundReceipt, RefundRequest, Verdict,
};
pub(crate) use providers::Providers;
pub use refund::RefundPayment;
pub use report::{PaymentReport, PaymentSum};
pub use standing::PaymentStanding;
pub use start::StartPayment;
pub use stray::StrayDispute;
pub use view::{DisputeView, LedgerEntryView, PaymentView, RefundView};
pub(crate) use watch::job_id as watch_job;

use access::Access;
use callback::Deaf;

use crate::actor::Actor;
use crate::booking::{self, Booking};
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::{BookingId, EventId, PaymentId};
use crate::job::{Job, JobWork};
use crate::money::Currency;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, Version};
use crate::work::{Decision, Work};

/// What can be done with payments. From [`Eventify::payments`](crate::Eventify::payments).
#[derive(Debug, Clone, Copy)]
pub struct Payments<'a> {
    pub(crate) engine: &'a Arc<Engine>,
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PaymentMethod {
    /// The provider's name: what [`StartPayment::payment_method`] takes.
    pub name: String,
    /// Whether staff takes the money and says so.
    pub by_hand: bool,
}

impl Payments<'_> {
    /// The ways to pay in a currency, the first one being what is taken when nobody chooses; without a currency all of them.
    #[must_use]
    pub fn methods(&self, currency: Option<Currency>) -> Vec<PaymentMethod> {
        let takes = |p: &&Arc<dyn PaymentProvider>| currency.is_none_or(|currency| p.supports(currency));
        let method = |p: &Arc<dyn PaymentProvider>| PaymentMethod {
            name: p.name().to_owned(),
            by_hand: p.capabilities().by_hand,
        };
        self.engine.core().providers.iter().filter(takes).map(method).collect()
    }

    /// A payment: the caller's own, or one of an event that they manage.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`.
    pub async fn get(&self, actor: &Actor, id: PaymentId) -> Result<Fetched<PaymentView>, Error> {
        self.view(&*actor.within(Scope::PaymentsRead)?, id).await
    }

    /// The payments of a booking, oldest first: for whoever booked, and those who manage the event. There are few.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `booking_not_found`.
    pub async fn of_booking(&self, actor: &Actor, id: BookingId) -> Result<Vec<PaymentView>, Error> {
        let actor = &*actor.within(Scope::PaymentsRead)?;
        actor.require_somebody()?;
        let booking = self.engine.load::<Booking>(&id).await?.ok_or_else(booking::not_found)?;
        let event = self.engine.load::<Event>(&booking.event_id).await?.ok_or_else(event_not_found)?;
        let standing = self.engine.standing(actor, &event).await?;
        let list = self.engine.load::<BookingPayments>(&id).await?;
        let ids = list.map_or_else(Vec::new, |list| list.payments.clone());
        let loaded = self.engine.load_all(ids.iter().copied().map(Key::Payment)).await?;
        let own = actor.user_id() == Some(booking.user_id);
        if !own && standing < crate::event::Standing::Manager {
            return Err(booking::not_found());
        }
        let mut payments: Vec<&Arc<Payment>> = of_kind::<Payment>(&loaded).collect();
        payments.sort_by_key(|payment| ids.iter().position(|id| *id == payment.id));
        let view = |payment: &&Arc<Payment>| {
            Ok(PaymentView::new(payment, access::of(actor, payment, standing)?, own))
        };
        payments.iter().map(view).collect()
    }

    /// The payments of an event, newest first: for its organizer, those who manage it, and admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<PaymentView>, Error> {
        self.managed(actor, event_id, Index::PaymentsOfEvent(event_id), page).await
    }

    /// The payments of an event that somebody has to look at, longest waiting first: for its organizer, those who manage it, and
    /// admins.
    ///
    /// # Errors
    /// As [`Payments::of_event`].
    pub async fn attention_of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<PaymentView>, Error> {
        self.managed(actor, event_id, Index::PaymentsAttentionOfEvent(event_id), page).await
    }

    /// All payments that somebody has to look at, longest waiting first: for admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn attention(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<PaymentView>, Error> {
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        let found = self.engine.list::<Payment>(Index::PaymentsAttention, false, page).await?;
        Ok(found.map(|payment| PaymentView::new(&payment, Access::Owner, false)))
    }

    async fn managed(
        &self,
        actor: &Actor,
        event_id: EventId,
        index: Index,
        page: &PageRequest,
    ) -> Result<Listing<PaymentView>, Error> {
        let actor = &*actor.within(Scope::PaymentsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_manager(actor, &event).await?;
        let descending = matches!(index, Index::PaymentsOfEvent(_));
        let found = self.engine.list::<Payment>(index, descending, page).await?;
        let pays = |payment: &Payment| actor.user_id() == Some(payment.user_id);
        Ok(found.map(|payment| PaymentView::new(&payment, Access::Manager, pays(&payment))))
    }

    /// The payment, for an actor who may know of it.
    async fn seen(&self, actor: &Actor, id: PaymentId) -> Result<Arc<Payment>, Error> {
        self.met(actor, id).await.map(|(payment, ..)| payment)
    }

    async fn view(&self, actor: &Actor, id: PaymentId) -> Result<Fetched<PaymentView>, Error> {
        let (payment, version, access) = self.met(actor, id).await?;
        let pays = actor.user_id() == Some(payment.user_id);
        Ok(Fetched::new(PaymentView::new(&payment, access, pays), version))
    }

    async fn met(&self, actor: &Actor, id: PaymentId) -> Result<(Arc<Payment>, Version, Access), Error> {
        // Nobody has to log in first, and does not learn which payments there are.
        actor.require_somebody()?;
        let found = self.engine.fetch::<Payment>(&id).await?;
        let (payment, version) = found.ok_or_else(access::not_found)?;
        let event = self.engine.load::<Event>(&payment.event_id).await?.ok_or_else(event_not_found)?;
        let standing = self.engine.standing(actor, &event).await?;
        let access = access::of(actor, &payment, standing)?;
        Ok((payment, version, access))
    }
}

/// What becomes of a job about money after an attempt.
#[derive(Debug)]
pub(crate) enum After {
    /// It is over.
    Done,
    /// It comes again after a while, however often; with what went wrong, if anything did.
    Again(Duration, Option<String>),
    /// It failed, and is tried again as jobs are.
    Failed(String),
    /// The same, but not before so long: nobody knows whether it was done.
    Unanswered(Duration, String),
}

/// Does a job that needs a provider; `None` for any other job.
pub(crate) async fn errand(engine: &Engine, job: &Job) -> Option<Result<After, Error>> {
    match job.work {
        JobWork::RefundPayment { payment_id, refund_id, .. } => {
            Some(give_back::make(engine, job, (payment_id, refund_id)).await)
        }
        JobWork::WatchPayment { payment_id, .. } => Some(watch::look(engine, payment_id).await),
        JobWork::FindDisputed { ref provider, ref reports } => {
            Some(disputed::find(engine, (job.id, provider), reports).await)
        }
        _ => None,
    }
}

/// How long a job rests whose worker stopped in the middle of it, when it may have moved money: whoever was asked may still be about it, and
/// hears that it was asked before. `None` for any other job.
pub(crate) const fn rests_once_begun(what: &JobWork) -> Option<Duration> {
    match what {
        JobWork::RefundPayment { .. } => Some(give_back::UNANSWERED_PAUSE),
        _ => None,
    }
}

/// Writes down that a job about money is given up, for those who see to payments. Answers whether nothing is left of it to be tried
/// again as a job: a refund is tried again where it is listed.
pub(crate) fn given_up(work: &mut Work, cx: &Context<'_>, job: &Job, error: &str) -> Decision<bool> {
    match &job.work {
        JobWork::RefundPayment { payment_id, refund_id, .. } => {
            give_back::given_up(work, cx, (*payment_id, *refund_id, job.id), error)
        }
        JobWork::WatchPayment { payment_id, .. } => {
            watch::given_up(work, cx, *payment_id, error)?;
            Ok(false)
        }
        _ => Ok(false),
    }
}
