//! Beginning to pay for a hold.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::access::Access;
use super::model::{BookingPayments, PAYMENTS_OF_BOOKING_MAX, Payment, PaymentState};
use super::places::{Entry, Turn};
use super::port::{ChargeRequest, ProviderError};
use super::providers::{CALL_MAX, ask, sound, words};
use super::settle::{Heard, Report, Settle};
use super::view::PaymentView;
use super::{Payments, access, watch};
use crate::actor::Actor;
use crate::audit;
use crate::booking::{self, Booking, BookingState};
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::{Context, PaymentPolicy};
use crate::error::{Error, Reason};
use crate::event::{self, Event};
use crate::eventify::Engine;
use crate::id::{BookingId, EventId, JobId, PaymentId, UserId};
use crate::scope::Scope;
use crate::store::Key;
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A wish to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct StartPayment {
    /// What is paid for: a hold of the caller's.
    pub booking_id: BookingId,
    /// The name of one of [`Payments::methods`]; the first one when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub payment_method: Option<String>,
    /// Where the payer's browser goes afterwards: an `https` or `http` address of at most 2,048 characters.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub return_url: Option<String>,
}

const RETURN_URL_CHARS_MAX: usize = 2_048;
const DESCRIPTION_CHARS_MAX: usize = 200;

impl Payments<'_> {
    /// Begins to pay for a hold of the caller's, and says where the payer has to go. The hold lasts at least as long as the
    /// payment does ([`Settings::payment_for`](crate::Settings::payment_for), by hand
    /// [`Settings::payment_by_hand_for`](crate::Settings::payment_by_hand_for), but not for what a waitlist offered).
    /// A payment of the booking with the same provider that is still
    /// open is the answer to a second start: however often and from wherever it is asked for, there is one charge.
    ///
    /// When the provider cannot be reached the payment stays begun, and asking again goes on with it.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `booking_not_found` also for somebody else's, `booking_expired`, `booking_not_held`,
    /// `event_cancelled`, `event_not_published`, `payment_not_needed`, `payment_method_unknown`, `currency_not_supported`,
    /// `too_many_payments`, `payment_refused`, `payment_provider_unavailable`, `overloaded` while too many begin to pay this way, `invalid_value`
    /// (`return_url`), `idempotency_key_reused`.
    pub async fn start(
        &self,
        call: impl Into<Call>,
        request: StartPayment,
    ) -> Result<Answer<PaymentView>, Error> {
        let call = call.into().within(Scope::PaymentsWrite)?;
        let user_id = call.actor().require_user()?;
        check(&request)?;
        let booking = self.engine.load::<Booking>(&request.booking_id).await?;
        let booking = booking.filter(|booking| booking.user_id == user_id).ok_or_else(booking::not_found)?;
        let begin = Begin { actor: call.actor().clone(), user_id, event_id: booking.event_id, request };
        let begun = self.engine.executor.submit(&call, begin).await?;
        let payment = go_on(self.engine, *begun).await?;
        let view = PaymentView::new(&payment, Access::Payer, true);
        Ok(begun.map(|_| view))
    }
}

fn check(request: &StartPayment) -> Result<(), Error> {
    let mut check = Check::new();
    if let Some(url) = &request.return_url {
        check.line("return_url", url, RETURN_URL_CHARS_MAX);
        let web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        check.require(web, "return_url", "must begin with https:// or http://");
    }
    check.finish()
}

/// The payment, once the provider has made its charge. Of all who ask for it at the same time one has it made; the others wait for that.
async fn go_on(engine: &Arc<Engine>, id: PaymentId) -> Result<Arc<Payment>, Error> {
    let load = async || engine.load::<Payment>(&id).await?.ok_or_else(access::not_found);
    let payment = load().await?;
    if !payment.is_untold() || payment.expires_at <= engine.core().clock.now() {
        return Ok(payment);
    }
    match engine.core().providers.places().enter(&payment.provider, id) {
        Entry::First(turn) => begin(engine, payment, turn).await?,
        Entry::Second(mut over) => drop(over.changed().await),
        Entry::Full => {
            let sentence = "Too many begin to pay this way right now; try again in a moment.";
            return Err(Error::new(Reason::Overloaded, sentence).with("payment_id", id));
        }
    }
    let payment = load().await?;
    let (reason, sentence) = match payment.state {
        // Whoever had it made: that is the charge.
        _ if payment.reference.is_some() => return Ok(payment),
        PaymentState::Failed { .. } => {
            (Reason::PaymentRefused, "The payment provider refuses this payment; try another way to pay.")
        }
        _ => (
            Reason::PaymentProviderUnavailable,
            "The payment provider does not answer; try again in a moment.",
        ),
    };
    Err(Error::new(reason, sentence).with("payment_id", id))
}

/// Has the provider make a charge that it was not told of yet. In a task of its own: who does not wait for the answer does not take the charge
/// with them.
async fn begin(engine: &Arc<Engine>, payment: Arc<Payment>, turn: Turn) -> Result<(), Error> {
    let own = engine.clone();
    let begun = engine.executor.runtime().spawn(async move {
        let made = create(&own, &payment, CALL_MAX).await;
        drop(turn);
        made
    });
    let made = begun.await.map_err(|e| Error::internal(format!("a payment was not begun: {e}")))?;
    made.map(drop)
}

/// Has the provider make a charge, and takes in how it stands. Doing so twice is the same charge.
pub(super) async fn create(
    engine: &Engine,
    payment: &Payment,
    patience: Duration,
) -> Result<Result<(), ProviderError>, Error> {
    let Some(provider) = engine.core().providers.find(&payment.provider) else {
        return Ok(Err(watch::missing(engine, payment).await?));
    };
    let request = ChargeRequest {
        payment_id: payment.id,
        booking_id: payment.booking_id,
        amount: payment.amount,
        description: payment.description.clone(),
        return_url: payment.return_url.clone(),
        expires_at: payment.expires_at,
    };
    let made = ask(provider.create(&request), patience).await.and_then(sound);
    let report = match &made {
        Ok(charge) => Report::Charge(charge.clone(), Heard::Begun),
        Err(ProviderError::Refused(error)) => Report::Refused(words(error)),
        Err(error) => {
            tracing::warn!(provider = payment.provider, payment = %payment.id, %error, "a payment cannot be begun");
            return Ok(Err(error.clone()));
        }
    };
    engine.executor.decide(Settle::new(payment, report)).await?;
    Ok(made.map(drop))
}

#[derive(Serialize)]
struct Begin {
    #[serde(skip)]
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
    request: StartPayment,
}

impl Command for Begin {
    type Reply = PaymentId;
    const NAME: &'static str = "start_payment";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.request.booking_id;
        keys.extend([Key::Booking(id), Key::Event(self.event_id), Key::BookingPayments(id)]);
        keys.insert(Key::Job(JobId::from_uuid(id.uuid())));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<PaymentId> {
        let found = work.find::<Booking>(&self.request.booking_id)?;
        let booking =
            found.filter(|booking| booking.user_id == self.user_id).ok_or_else(booking::not_found)?;
        let event = event::find(work, booking.event_id)?;
        event.state.require_published()?;
        let held_until = payable(&booking, cx)?;
        let provider = cx.providers.choose(self.request.payment_method.as_deref())?;
        let list = work.find::<BookingPayments>(&booking.id)?;
        let mut payments = list.map_or_else(Vec::new, |list| list.payments.clone());
        work.need(payments.iter().copied().map(Key::Payment))?;
        for id in &payments {
            let open =
                |p: &Payment| p.state.is_open() && p.expires_at > cx.now && p.provider == provider.name();
            if work.find::<Payment>(id)?.is_some_and(|payment| open(&payment)) {
                return Ok(*id);
            }
        }
        if payments.len() >= PAYMENTS_OF_BOOKING_MAX {
            let sentence = format!("A booking may be tried to be paid {PAYMENTS_OF_BOOKING_MAX} times.");
            return Err(Error::new(Reason::TooManyPayments, sentence).into());
        }
        if !provider.supports(booking.total.currency) {
            let sentence = format!("{} cannot be paid this way.", booking.total.currency);
            return Err(Error::new(Reason::CurrencyNotSupported, sentence).into());
        }
        let by_hand = provider.capabilities().by_hand;
        // An offer has its own time, and others wait for its seats.
        let has_days = by_hand && !booking.from_waitlist;
        let may_take = if has_days { cx.settings.payment_by_hand_for } else { cx.settings.payment_for };
        let expires_at = held_until.max(last_instant(&booking, &event, (cx, may_take)));
        let begun = begun(cx, (&booking, &event), provider.name(), by_hand, expires_at);
        // Asked for again it has to be the same charge, wherever the provider would have a payer go by then.
        let own = || provider.return_url().map(|page| page.replace("{payment_id}", &begun.id.to_string()));
        let return_url = self.request.return_url.clone().or_else(own);
        let payment = Payment { return_url, ..begun };
        payments.push(payment.id);
        work.put(BookingPayments { booking_id: booking.id, event_id: event.id, payments });
        booking::hold_until(work, &booking, expires_at)?;
        watch::begin(work, cx, &payment);
        let act = audit::Act::new("payment.started", "payment", payment.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        let id = payment.id;
        work.put(payment);
        Ok(id)
    }
}

/// Until when a booking is held that can be paid now.
///
/// # Errors
/// `payment_not_needed`, `booking_expired`, `booking_not_held`.
pub(super) fn payable(booking: &Booking, cx: &Context<'_>) -> Result<Timestamp, Error> {
    if booking.total.is_zero() || cx.settings.payments == PaymentPolicy::Off {
        return Err(Error::new(Reason::PaymentNotNeeded, "Nothing is to be paid here."));
    }
    match booking.state {
        BookingState::Held { expires_at } if expires_at > cx.now => Ok(expires_at),
        BookingState::Held { .. } | BookingState::Expired { .. } => {
            Err(Error::new(Reason::BookingExpired, "The hold is over; book anew."))
        }
        BookingState::Confirmed { .. } | BookingState::Cancelled { .. } => {
            let error = Error::new(Reason::BookingNotHeld, "The booking is not held any more.");
            Err(error.with("booking_status", booking.state.status()))
        }
    }
}

/// How long a payment may hold the seats: a while from now, within a bound from when they were taken, and not beyond the
/// event's start, or its end once it has started.
fn last_instant(booking: &Booking, event: &Event, (cx, may_take): (&Context<'_>, Duration)) -> Timestamp {
    let soon = cx.now.plus(may_take);
    let bound = booking.created_at.plus(cx.settings.hold_for).plus(may_take);
    let start = event.starts_at.filter(|start| *start > cx.now);
    start.or(event.ends_at).into_iter().fold(soon.min(bound), Timestamp::min)
}

/// A payment of which nobody outside knows yet.
pub(super) fn begun(
    cx: &Context<'_>,
    (booking, event): (&Booking, &Event),
    provider: &str,
    by_hand: bool,
    expires_at: Timestamp,
) -> Payment {
    Payment {
        id: PaymentId::from_uuid(cx.new_uuid()),
        booking_id: booking.id,
        event_id: booking.event_id,
        user_id: booking.user_id,
        provider: provider.to_owned(),
        by_hand,
        amount: booking.total,
        double_of: None,
        state: PaymentState::Created,
        reference: None,
        other: None,
        transaction: None,
        redirect_url: None,
        return_url: None,
        description: event.title.chars().take(DESCRIPTION_CHARS_MAX).collect(),
        fee: None,
        refunds: Vec::new(),
        disputes: Vec::new(),
        attention: BTreeSet::new(),
        failure: None,
        last_error: None,
        expires_at,
        created_at: cx.now,
        updated_at: cx.now,
    }
}
