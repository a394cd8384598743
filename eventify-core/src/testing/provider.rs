//! A payment provider in memory, which does what a test says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::id::PaymentId;
use crate::money::{Currency, Money};
use crate::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeDispute, ChargeKey, ChargeRequest,
    ChargeStatus, PaymentProvider, ProviderCallback, ProviderError, ReceiptStatus, RefundReceipt,
    RefundRequest, Verdict,
};
use crate::time::Timestamp;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Money that is given back: of which charge, how much, and how it stands.
type Given = (ChargeKey, Money, ReceiptStatus);

/// A payment provider whose payers do what the test says. Clones share their charges.
#[derive(Debug, Clone)]
pub struct MemoryProvider {
    name: &'static str,
    capabilities: Capabilities,
    /// The only currency that it takes.
    only: Option<Currency>,
    charges: Arc<Mutex<BTreeMap<PaymentId, Charge>>>,
    /// What they were begun with.
    asked: Arc<Mutex<BTreeMap<PaymentId, ChargeRequest>>>,
    /// While there is something, nobody who begins a charge is answered before they are let through; and how many came.
    held: Arc<Mutex<Option<Arc<Semaphore>>>>,
    came: Arc<Mutex<usize>>,
    /// Whether nobody who asks how something stands is answered.
    is_silent: Arc<Mutex<bool>>,
    released: Arc<Mutex<Vec<PaymentId>>>,
    keeps_held: Arc<Mutex<bool>>,
    /// Those that were made once more, by their own names.
    doubles: Arc<Mutex<BTreeMap<String, (PaymentId, Charge)>>>,
    disputes: Arc<Mutex<BTreeMap<String, ChargeDispute>>>,
    /// By idempotency key: of which charge, how much, and how it stands.
    refunds: Arc<Mutex<BTreeMap<String, Given>>>,
    /// How the next ones stand when they are accepted.
    accepted_as: Arc<Mutex<ReceiptStatus>>,
    failures: Arc<Mutex<VecDeque<(ProviderError, bool)>>>,
    calls: Arc<Mutex<usize>>,
    /// Whether nobody calls back when money went back.
    is_quiet: Arc<Mutex<bool>>,
    /// Whether it makes another charge whenever it is asked for one.
    is_keyless: Arc<Mutex<bool>>,
    /// Where payers go afterwards of whom nobody says where.
    page: Arc<Mutex<Option<String>>>,
}

impl Default for MemoryProvider {
    fn default() -> Self {
        Self::named("memory")
    }
}

impl MemoryProvider {
    /// One of another name.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self {
            name,
            capabilities: Capabilities { partial_refunds: true, callbacks: true, by_hand: false },
            only: None,
            charges: Arc::default(),
            asked: Arc::default(),
            held: Arc::default(),
            came: Arc::default(),
            is_silent: Arc::default(),
            released: Arc::default(),
            keeps_held: Arc::default(),
            doubles: Arc::default(),
            disputes: Arc::default(),
            refunds: Arc::default(),
            accepted_as: Arc::default(),
            failures: Arc::default(),
            calls: Arc::default(),
            is_quiet: Arc::default(),
            is_keyless: Arc::default(),
            page: Arc::default(),
        }
    }

    /// From now on it does not tell what goes back.
    pub fn tell_of_refunds_no_more(&self) {
        *lock(&self.is_quiet) = true;
    }

    /// From now on it makes another charge whenever it is asked for one, as those do that know no keys.
    pub fn know_no_keys(&self) {
        *lock(&self.is_keyless) = true;
    }

    /// From now on payers go there afterwards of whom nobody says where.
    pub fn send_payers_to(&self, page: &str) {
        *lock(&self.page) = Some(page.to_owned());
    }

    /// The same that can do this and no more.
    #[must_use]
    pub const fn able_to(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The same for one currency.
    #[must_use]
    pub const fn only(mut self, currency: Currency) -> Self {
        self.only = Some(currency);
        self
    }

    /// The next calls fail like this, one after another, and do nothing.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = ProviderError>) {
        lock(&self.failures).extend(failures.into_iter().map(|error| (error, false)));
    }

    /// The next calls do what they should, and their answers are lost.
    pub fn lose_next(&self, count: usize) {
        let lost = || (ProviderError::Unreachable("the answer was lost".to_owned()), true);
        lock(&self.failures).extend(std::iter::repeat_with(lost).take(count));
    }

    /// From now on nobody who asks how a charge stands, or has it let go, is ever answered, or is again.
    pub fn be_silent(&self, silent: bool) {
        *lock(&self.is_silent) = silent;
    }

    async fn while_silent(&self) {
        let is_silent = *lock(&self.is_silent);
        if is_silent {
            *lock(&self.calls) += 1;
            std::future::pending::<()>().await;
        }
    }

    /// From now on nobody who begins a charge is answered before they are let through.
    pub fn hold(&self) {
        *lock(&self.held) = Some(Arc::new(Semaphore::new(0)));
    }

    /// Lets so many of those through who begin a charge, in the order in which they came.
    pub fn let_through(&self, count: usize) {
        lock(&self.held).iter().for_each(|held| held.add_permits(count));
    }

    /// How many came to begin a charge, whether they were let through or not.
    #[must_use]
    pub fn came(&self) -> usize {
        *lock(&self.came)
    }

    /// The charges that it was to let go, each as often as it was asked to.
    #[must_use]
    pub fn released(&self) -> Vec<PaymentId> {
        lock(&self.released).clone()
    }

    /// From now on it refuses to let go of what it holds, or does so again.
    pub fn keep_held(&self, keeps: bool) {
        *lock(&self.keeps_held) = keeps;
    }

    /// How often it was asked for anything.
    #[must_use]
    pub fn calls(&self) -> usize {
        *lock(&self.calls)
    }

    /// Every charge.
    #[must_use]
    pub fn charges(&self) -> Vec<(PaymentId, Charge)> {
        lock(&self.charges).iter().map(|(id, charge)| (*id, charge.clone())).collect()
    }

    /// Knows of a charge that was made elsewhere.
    pub fn adopt(&self, payment_id: PaymentId, charge: Charge) {
        lock(&self.charges).insert(payment_id, charge);
    }

    /// Changes what it says of a charge: another amount, a fee, what was given back behind everybody's back.
    pub fn change(&self, payment_id: PaymentId, change: impl FnOnce(&mut Charge)) {
        if let Some(charge) = lock(&self.charges).get_mut(&payment_id) {
            change(charge);
        }
    }

    /// Charges a payment once more, which nobody asked for; answers what it calls that charge.
    #[must_use]
    pub fn charge_again(&self, payment_id: PaymentId) -> Option<String> {
        let charge = self.charge(payment_id)?;
        let mut doubles = lock(&self.doubles);
        let reference = format!("memory-{payment_id}-{}", doubles.len());
        let refunded = Money::new(0, charge.amount.currency);
        let (transaction, status) = (Some(format!("money-{reference}")), ChargeStatus::Succeeded);
        let double = Charge { reference: reference.clone(), transaction, status, refunded, ..charge };
        doubles.insert(reference.clone(), (payment_id, double));
        Some(reference)
    }

    /// Such a charge as it stands.
    #[must_use]
    pub fn double(&self, reference: &str) -> Option<Charge> {
        lock(&self.doubles).get(reference).map(|(_, charge)| charge.clone())
    }

    /// Changes what it says of such a charge.
    pub fn change_double(&self, reference: &str, change: impl FnOnce(&mut Charge)) {
        if let Some((_, charge)) = lock(&self.doubles).get_mut(reference) {
            change(charge);
        }
    }

    /// Hears how a dispute stands.
    pub fn dispute(&self, dispute: ChargeDispute) {
        lock(&self.disputes).insert(dispute.reference.clone(), dispute);
    }

    /// The refunds from now on stand like this when they are accepted.
    pub fn accept_refunds_as(&self, status: ReceiptStatus) {
        *lock(&self.accepted_as) = status;
    }

    /// Every refund, by its key, and how it stands.
    #[must_use]
    pub fn refunds(&self) -> Vec<(String, Money, ReceiptStatus)> {
        lock(&self.refunds).iter().map(|(key, (_, amount, status))| (key.clone(), *amount, *status)).collect()
    }

    /// A refund of a charge that was asked for once ends like this; what failed is there again.
    pub fn end_refund(&self, key: &str, status: ReceiptStatus) {
        let mut refunds = lock(&self.refunds);
        let Some((of, amount, known)) = refunds.get_mut(key) else { return };
        if status == ReceiptStatus::Failed && *known != status {
            let back = |charge: &mut Charge| charge.refunded.amount_minor -= amount.amount_minor;
            match of.reference.as_deref().filter(|reference| self.double(reference).is_some()) {
                Some(reference) => self.change_double(reference, back),
                None => self.change(of.payment_id, back),
            }
        }
        *known = status;
    }

    /// Does a call, unless it is one that fails; the answer may be lost all the same.
    fn answer<T>(&self, call: impl FnOnce() -> Result<T, ProviderError>) -> Result<T, ProviderError> {
        *lock(&self.calls) += 1;
        match lock(&self.failures).pop_front() {
            None => call(),
            Some((error, happens)) => {
                if happens {
                    call()?;
                }
                Err(error)
            }
        }
    }

    /// The payer of a charge did this.
    pub fn settle(&self, payment_id: PaymentId, status: ChargeStatus) {
        if let Some(charge) = lock(&self.charges).get_mut(&payment_id) {
            charge.status = status;
        }
    }

    /// A charge as it stands.
    #[must_use]
    pub fn charge(&self, payment_id: PaymentId) -> Option<Charge> {
        lock(&self.charges).get(&payment_id).cloned()
    }

    /// The genuine callback that says how a charge stands.
    #[must_use]
    pub fn callback(payment_id: PaymentId) -> ProviderCallback {
        Self::callback_of(&payment_id.to_string())
    }

    /// The genuine callback with this body, which is what [`PaymentProvider::parse_callback`] here reads.
    #[must_use]
    pub fn callback_of(reference: &str) -> ProviderCallback {
        ProviderCallback {
            path: "/memory".to_owned(),
            query: String::new(),
            headers: BTreeMap::from([("signature".to_owned(), "memory".to_owned())]),
            body: reference.as_bytes().to_vec(),
        }
    }
}

#[async_trait]
impl PaymentProvider for MemoryProvider {
    fn name(&self) -> &str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn supports(&self, currency: Currency) -> bool {
        self.only.is_none_or(|only| only == currency)
    }

    fn tells_of_refunds(&self) -> bool {
        !*lock(&self.is_quiet)
    }

    fn return_url(&self) -> Option<String> {
        lock(&self.page).clone()
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let charge = || Charge {
            reference: format!("memory-{}", request.payment_id),
            transaction: Some(format!("money-{}", request.payment_id)),
            status: ChargeStatus::Pending,
            amount: request.amount,
            refunded: Money::new(0, request.amount.currency),
            fee: None,
            redirect_url: Some(format!("memory:{}", request.payment_id)),
            failure: None,
        };
        *lock(&self.came) += 1;
        let held = lock(&self.held).clone();
        if let Some(held) = held
            && let Ok(place) = held.acquire().await
        {
            place.forget();
        }
        self.answer(|| {
            let mut asked = lock(&self.asked);
            if asked.entry(request.payment_id).or_insert_with(|| request.clone()) != request {
                return Err(ProviderError::Refused("it was asked for as another charge before".to_owned()));
            }
            if *lock(&self.is_keyless)
                && let Some(another) = self.charge_again(request.payment_id)
            {
                self.change_double(&another, |charge| charge.status = ChargeStatus::Pending);
                return self.double(&another).ok_or(ProviderError::Unknown);
            }
            Ok(lock(&self.charges).entry(request.payment_id).or_insert_with(charge).clone())
        })
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError> {
        self.while_silent().await;
        let double = charge.reference.as_deref().and_then(|reference| self.double(reference));
        self.answer(|| double.or_else(|| self.charge(charge.payment_id)).ok_or(ProviderError::Unknown))
    }

    async fn release(&self, charge: &ChargeKey) -> Result<(), ProviderError> {
        self.while_silent().await;
        self.answer(|| {
            if *lock(&self.keeps_held) {
                return Err(ProviderError::Refused("it stays held".to_owned()));
            }
            lock(&self.released).push(charge.payment_id);
            Ok(())
        })
    }

    /// The body is a payment's id; `look ID` of one under whose number something moved; or the name of a dispute, a refund, a charge that was
    /// made once more, or money that moved. A genuine callback has the header `signature: memory`.
    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        _: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        if callback.headers.get("signature").map(String::as_str) != Some("memory") {
            return Err(ProviderError::NotGenuine);
        }
        let text = std::str::from_utf8(&callback.body).map_err(|_| ProviderError::NotGenuine)?;
        if let Some(dispute) = lock(&self.disputes).get(text) {
            return Ok(CallbackNews::Dispute(dispute.clone()));
        }
        if let Some((of, _, status)) = lock(&self.refunds).get(text) {
            return Ok(CallbackNews::Refund(of.payment_id, text.to_owned(), receipt(text, *status)));
        }
        if let Some((payment_id, charge)) = lock(&self.doubles).get(text) {
            return Ok(CallbackNews::Charge(*payment_id, charge.clone()));
        }
        if text.starts_with("money-") {
            return Ok(CallbackNews::Moved(text.to_owned()));
        }
        let odd = |_| ProviderError::Refused("no payment's id".to_owned());
        if let Some(payment_id) = text.strip_prefix("look ") {
            return Ok(CallbackNews::Look(payment_id.parse().map_err(odd)?));
        }
        let payment_id = text.parse().map_err(odd)?;
        let charge = self.charge(payment_id);
        Ok(charge.map_or(CallbackNews::Nothing, |charge| CallbackNews::Charge(payment_id, charge)))
    }

    fn answer_callback(&self, _: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        answer_to(verdict)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.answer(|| self.give_back(request))
    }
}

impl MemoryProvider {
    fn give_back(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let (mut charges, mut doubles) = (lock(&self.charges), lock(&self.doubles));
        let named = request.charge.reference.as_deref().and_then(|reference| doubles.get_mut(reference));
        let charge = named.map(|(_, charge)| charge);
        let charge = charge.or_else(|| charges.get_mut(&request.charge.payment_id));
        let charge = charge.ok_or(ProviderError::Unknown)?;
        let mut refunds = lock(&self.refunds);
        if let Some((_, _, status)) = refunds.get(&request.idempotency_key) {
            return Ok(receipt(&request.idempotency_key, *status));
        }
        let given = charge.refunded.plus(request.amount).ok();
        let given = given.filter(|given| given.amount_minor <= charge.amount.amount_minor);
        let Some(given) = given.filter(|_| charge.status == ChargeStatus::Succeeded) else {
            return Err(ProviderError::Refused("more than is there to give back".to_owned()));
        };
        let status = *lock(&self.accepted_as);
        let about = (request.charge.clone(), request.amount, status);
        refunds.insert(request.idempotency_key.clone(), about);
        if status != ReceiptStatus::Failed {
            charge.refunded = given;
        }
        Ok(receipt(&request.idempotency_key, status))
    }
}

fn receipt(key: &str, status: ReceiptStatus) -> RefundReceipt {
    let failure = (status == ReceiptStatus::Failed).then(|| "the account is closed".to_owned());
    RefundReceipt { reference: Some(key.to_owned()), status, failure }
}

/// What a provider that exists in tests alone answers to a callback.
pub(super) fn answer_to(verdict: &Verdict) -> CallbackAnswer {
    let status = match verdict {
        Verdict::Accepted => 200,
        Verdict::Refused(_) => 400,
        Verdict::NotGenuine => 403,
        Verdict::TryAgain => 503,
    };
    CallbackAnswer { status, content_type: "text/plain".to_owned(), body: Vec::new() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::id::BookingId;

    #[tokio::test]
    async fn a_charge_happens_once_and_gives_back_no_more_than_was_paid() {
        let provider = MemoryProvider::default();
        let eur = |minor| Money::new(minor, "EUR".parse().unwrap());
        let payment_id = PaymentId::from_uuid(uuid::Uuid::from_u128(7));
        let request = ChargeRequest {
            payment_id,
            booking_id: BookingId::from_uuid(uuid::Uuid::nil()),
            amount: eur(1_000),
            description: "Two seats".to_owned(),
            return_url: None,
            expires_at: Timestamp::MAX,
        };
        let charge = provider.create(&request).await.unwrap();
        assert_eq!(provider.create(&request).await.unwrap(), charge);
        let key = ChargeKey { payment_id, reference: Some(charge.reference) };
        let refund = |name: &str, minor| RefundRequest {
            idempotency_key: name.to_owned(),
            charge: key.clone(),
            charged: eur(1_000),
            amount: eur(minor),
            refunded_before: eur(0),
            others: Vec::new(),
            failed_before: 0,
            asked_before: false,
            reference: None,
            description: String::new(),
        };
        assert!(provider.refund(&refund("a", 1)).await.is_err(), "nothing was paid yet");
        provider.settle(payment_id, ChargeStatus::Succeeded);
        let genuine = MemoryProvider::callback(payment_id);
        let forged = ProviderCallback { headers: BTreeMap::new(), ..genuine.clone() };
        let (paid, now) = (provider.charge(payment_id).unwrap(), Timestamp::MAX);
        assert_eq!(provider.parse_callback(&genuine, now), Ok(CallbackNews::Charge(payment_id, paid)));
        assert_eq!(provider.parse_callback(&forged, now), Err(ProviderError::NotGenuine));
        provider.refund(&refund("a", 400)).await.unwrap();
        provider.refund(&refund("a", 400)).await.unwrap();
        assert!(provider.refund(&refund("b", 601)).await.is_err());
        provider.refund(&refund("b", 600)).await.unwrap();
        assert_eq!(provider.status(&key).await.unwrap().refunded, eur(1_000));
    }
}
