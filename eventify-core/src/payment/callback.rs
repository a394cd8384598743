//! What providers say by themselves.

use std::sync::Arc;

use futures_util::future::join_all;

use super::access;
use super::give_back::{self, Hear};
use super::model::{BookingPayments, Payment};
use super::port::{
    CallbackAnswer, CallbackNews, Charge, ProviderCallback, ProviderError, RefundReceipt, Verdict,
};
use super::providers::{CALL_MAX, ask, sound};
use super::settle::{Heard, Report, Settle};
use super::{PaymentProvider, Payments};
use super::{dispute, disputed};
use crate::booking::{Booking, BookingState};
use crate::error::Error;
use crate::event::{Event, EventStatus};
use crate::eventify::{Engine, of_kind};
use crate::id::{PaymentId, RefundId};
use crate::money::Money;
use crate::store::Key;

impl Payments<'_> {
    /// Takes in a provider's callback, as it arrived, and gives the answer in the provider's own format. One that is not
    /// genuine, or about a payment that is not there or another provider's, is refused in that format too. When the answer asks
    /// for a repetition nothing was lost, and a repetition changes nothing. One that is not genuine is no success to a provider
    /// either: after a secret was replaced on one side only, it says everything again, and its own pages show that nobody listens.
    ///
    /// # Errors
    /// `not_found` when no provider of this name is attached.
    pub async fn callback(
        &self,
        provider: &str,
        callback: ProviderCallback,
    ) -> Result<CallbackAnswer, Error> {
        let provider = self.engine.core().providers.called(provider)?;
        let now = self.engine.core().clock.now();
        let verdict = match provider.parse_callback(&callback, now) {
            Ok(news) => self.hear(&**provider, news).await,
            Err(error) => Err(error.into()),
        };
        let verdict = match verdict {
            Ok(()) => Verdict::Accepted,
            Err(deaf) => {
                self.warn(provider.name(), &deaf);
                deaf.verdict()
            }
        };
        Ok(provider.answer_callback(&callback, &verdict))
    }

    /// Says so in the log: of each kind and provider once a minute, and how many there were meanwhile. Anybody can call.
    fn warn(&self, provider: &str, deaf: &Deaf) {
        let core = self.engine.core();
        let kind = deaf.kind();
        let Some(more) = core.providers.quiet().may_say((provider, kind), core.clock.now()) else { return };
        let why = deaf.why();
        tracing::warn!(provider, why, more, "a callback {kind}");
    }

    async fn hear(&self, provider: &dyn PaymentProvider, news: CallbackNews) -> Result<(), Deaf> {
        match news {
            CallbackNews::Nothing => Ok(()),
            CallbackNews::Charge(id, charge) => {
                let payment = payment_of(self.engine, provider, id).await?;
                take_in(self.engine, &payment, (sound(charge)?, Heard::Said)).await
            }
            CallbackNews::Dispute(news) => {
                disputed::heard(self.engine, provider, dispute::sound(news)?).await
            }
            CallbackNews::Refund(id, key, receipt) => {
                let payment = payment_of(self.engine, provider, id).await?;
                self.take_refund(provider, payment, (&key, give_back::sound(receipt))).await
            }
            CallbackNews::Look(id) => {
                let payment = payment_of(self.engine, provider, id).await?;
                self.look_at_all(provider, &self.of_number(payment).await?).await
            }
            CallbackNews::Moved(transaction) => {
                match disputed::of_transaction(self.engine, provider.name(), &transaction).await? {
                    Some(payment) => look(self.engine, provider, &payment).await,
                    None => Ok(()),
                }
            }
            CallbackNews::Check(id, amount) => {
                let payment = payment_of(self.engine, provider, id).await?;
                self.may_be_paid(&payment, amount).await
            }
        }
    }

    /// The refund may be of another charge under the same number. One that is nobody's here is in the sums.
    async fn take_refund(
        &self,
        provider: &dyn PaymentProvider,
        payment: Payment,
        (key, receipt): (&str, RefundReceipt),
    ) -> Result<(), Deaf> {
        let all = self.of_number(payment).await?;
        if let Ok(refund_id) = key.parse::<RefundId>() {
            for found in &all {
                let heard = Hear { payment: (**found).clone(), refund_id, receipt: receipt.clone() };
                if self.engine.executor.decide(heard).await? {
                    return Ok(());
                }
            }
        }
        self.look_at_all(provider, &all).await
    }

    /// A payment and those of other charges that the provider made under its number.
    async fn of_number(&self, payment: Payment) -> Result<Vec<Arc<Payment>>, Error> {
        let list = self.engine.load::<BookingPayments>(&payment.booking_id).await?;
        let ids = list.map_or_else(Vec::new, |list| list.payments.clone());
        let loaded = self.engine.load_all(ids.into_iter().map(Key::Payment)).await?;
        let is_double = |found: &&Arc<Payment>| found.double_of == Some(payment.id);
        let doubles: Vec<_> = of_kind::<Payment>(&loaded).filter(is_double).cloned().collect();
        Ok(std::iter::once(Arc::new(payment)).chain(doubles).collect())
    }

    /// Who says no more than a number says nothing of which charge under it has news. One that cannot be asked about keeps none of the others.
    async fn look_at_all(&self, provider: &dyn PaymentProvider, all: &[Arc<Payment>]) -> Result<(), Deaf> {
        let looks = all.iter().map(|payment| look(self.engine, provider, payment));
        join_all(looks).await.into_iter().collect()
    }

    /// Before the charge is made: whether the seats are still there for it.
    async fn may_be_paid(&self, payment: &Payment, amount: Money) -> Result<(), Deaf> {
        let refused = |why: &str| Err(Deaf::Refused(why.to_owned()));
        if !payment.state.is_open() || payment.expires_at <= self.engine.core().clock.now() {
            return refused("the payment is over");
        }
        if payment.amount != amount {
            return refused("the amount is another one");
        }
        let booking = self.engine.load::<Booking>(&payment.booking_id).await?;
        if !booking.is_some_and(|booking| matches!(booking.state, BookingState::Held { .. })) {
            return refused("the booking is not held any more");
        }
        let event = self.engine.load::<Event>(&payment.event_id).await?;
        if event.is_some_and(|event| event.state.status() == EventStatus::Published) {
            return Ok(());
        }
        refused("the event is not on sale")
    }
}

/// Whoever signs for one provider says nothing of another's payments.
pub(super) async fn payment_of(
    engine: &Engine,
    provider: &dyn PaymentProvider,
    id: PaymentId,
) -> Result<Payment, Deaf> {
    let found = engine.load::<Payment>(&id).await?;
    let payment = found.filter(|payment| payment.provider == provider.name());
    Ok((*payment.ok_or_else(access::not_found)?).clone())
}

/// Asks how a charge stands. Whatever goes wrong with that may go well the next time: only what a callback says itself is refused.
pub(super) async fn look(
    engine: &Engine,
    provider: &dyn PaymentProvider,
    payment: &Payment,
) -> Result<(), Deaf> {
    // Those that wait here are as many as callbacks that are answered at once.
    let place = engine.core().providers.places().look(provider.name()).await;
    let _place = place.ok_or_else(|| Deaf::Later("too much is asked at once".to_owned()))?;
    for key in [Some(payment.charge_key()), payment.other_key()].into_iter().flatten() {
        let heard = Heard::Asked { at: engine.core().clock.now() };
        let asked = ask(provider.status(&key), CALL_MAX).await.and_then(sound);
        let charge = asked.map_err(|error| Deaf::Later(error.to_string()))?;
        take_in(engine, payment, (charge, heard)).await?;
    }
    Ok(())
}

async fn take_in(engine: &Engine, payment: &Payment, (charge, heard): (Charge, Heard)) -> Result<(), Deaf> {
    engine.executor.decide(Settle::new(payment, Report::Charge(charge, heard))).await?;
    Ok(())
}

/// Why a callback was not taken in.
pub(super) enum Deaf {
    /// Nobody knows who said it.
    NotGenuine,
    /// It never will be.
    Refused(String),
    /// It may be the next time.
    Later(String),
}

impl Deaf {
    const fn kind(&self) -> &'static str {
        match self {
            Self::NotGenuine => "is not genuine",
            Self::Refused(_) => "is refused",
            Self::Later(_) => "has to come again",
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::NotGenuine => "the signature is another one",
            Self::Refused(why) | Self::Later(why) => why,
        }
    }

    fn verdict(self) -> Verdict {
        match self {
            Self::NotGenuine => Verdict::NotGenuine,
            Self::Refused(why) => Verdict::Refused(why),
            Self::Later(_) => Verdict::TryAgain,
        }
    }
}

impl From<Error> for Deaf {
    fn from(error: Error) -> Self {
        match error.category() {
            crate::Category::NotFound => Self::Refused(error.message().to_owned()),
            _ => Self::Later(error.to_string()),
        }
    }
}

impl From<ProviderError> for Deaf {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Refused(_) | ProviderError::Unknown => Self::Refused(error.to_string()),
            ProviderError::NotGenuine => Self::NotGenuine,
            ProviderError::Unreachable(_) => Self::Later(error.to_string()),
        }
    }
}
