//! The outside world in memory: it remembers what it was told, and fails when it is asked to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::money::Money;
use crate::notification::{Channel, DeliveryError, Envelope, Message, Notifier, Publisher, Recipient};
use crate::payment::{
    Capabilities, Charge, ChargeRequest, ChargeStatus, PaymentProvider, ProviderCallback, ProviderError,
    RefundRequest,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A notifier that keeps every message. Clones share what they keep.
#[derive(Debug, Clone)]
pub struct MemoryNotifier {
    channels: BTreeSet<Channel>,
    delivered: Arc<Mutex<Vec<(Channel, Recipient, Message)>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
}

impl MemoryNotifier {
    /// Serves these channels.
    pub fn new(channels: impl IntoIterator<Item = Channel>) -> Self {
        let channels = channels.into_iter().collect();
        Self { channels, delivered: Arc::default(), failures: Arc::default() }
    }

    /// The next deliveries fail like this, one after another.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        lock(&self.failures).extend(failures);
    }

    /// What was delivered so far.
    #[must_use]
    pub fn delivered(&self) -> Vec<(Channel, Recipient, Message)> {
        lock(&self.delivered).clone()
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    fn channels(&self) -> BTreeSet<Channel> {
        self.channels.clone()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<(), DeliveryError> {
        if let Some(failure) = lock(&self.failures).pop_front() {
            return Err(failure);
        }
        lock(&self.delivered).push((channel, to.clone(), message.clone()));
        Ok(())
    }
}

/// A publisher that keeps every fact. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryPublisher {
    published: Arc<Mutex<Vec<Envelope>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
}

impl MemoryPublisher {
    /// The next facts fail like this, one after another.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        lock(&self.failures).extend(failures);
    }

    /// What was published so far.
    #[must_use]
    pub fn published(&self) -> Vec<Envelope> {
        lock(&self.published).clone()
    }
}

#[async_trait]
impl Publisher for MemoryPublisher {
    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        if let Some(failure) = lock(&self.failures).pop_front() {
            return Err(failure);
        }
        lock(&self.published).push(envelope.clone());
        Ok(())
    }
}

/// A payment provider whose payers do what the test says. Clones share their charges.
#[derive(Debug, Clone, Default)]
pub struct MemoryProvider {
    charges: Arc<Mutex<BTreeMap<String, Charge>>>,
    refunds: Arc<Mutex<BTreeMap<String, Money>>>,
}

impl MemoryProvider {
    /// The payer of a charge did this.
    pub fn settle(&self, reference: &str, status: ChargeStatus) {
        if let Some(charge) = lock(&self.charges).get_mut(reference) {
            charge.status = status;
        }
    }

    fn charge(&self, reference: &str) -> Result<Charge, ProviderError> {
        let unknown = || ProviderError::Refused("there is no such charge".to_owned());
        lock(&self.charges).get(reference).cloned().ok_or_else(unknown)
    }
}

#[async_trait]
impl PaymentProvider for MemoryProvider {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: true, callbacks: true }
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let charge = || Charge {
            reference: request.idempotency_key.clone(),
            status: ChargeStatus::Pending,
            amount: request.amount,
            redirect_url: Some(format!("memory:{}", request.idempotency_key)),
        };
        Ok(lock(&self.charges).entry(request.idempotency_key.clone()).or_insert_with(charge).clone())
    }

    async fn status(&self, reference: &str) -> Result<Charge, ProviderError> {
        self.charge(reference)
    }

    /// The body is a reference; a genuine callback has the header `signature: memory`.
    fn parse_callback(&self, callback: &ProviderCallback) -> Result<Charge, ProviderError> {
        if callback.headers.get("signature").map(String::as_str) != Some("memory") {
            return Err(ProviderError::NotGenuine);
        }
        let reference = std::str::from_utf8(&callback.body).map_err(|_| ProviderError::NotGenuine)?;
        self.charge(reference)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Charge, ProviderError> {
        let charge = self.charge(&request.reference)?;
        let mut refunds = lock(&self.refunds);
        let given: i64 = refunds
            .iter()
            .filter(|(key, _)| key.starts_with(&format!("{}/", request.reference)))
            .map(|(_, amount)| amount.amount_minor)
            .sum();
        let key = format!("{}/{}", request.reference, request.idempotency_key);
        if refunds.contains_key(&key) {
            return Ok(charge);
        }
        if charge.status != ChargeStatus::Succeeded
            || given + request.amount.amount_minor > charge.amount.amount_minor
        {
            return Err(ProviderError::Refused("more than is there to give back".to_owned()));
        }
        refunds.insert(key, request.amount);
        drop(refunds);
        if given + request.amount.amount_minor == charge.amount.amount_minor {
            self.settle(&request.reference, ChargeStatus::Refunded);
        }
        self.charge(&request.reference)
    }
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
        let request = ChargeRequest {
            idempotency_key: "order-1".to_owned(),
            booking_id: BookingId::from_uuid(uuid::Uuid::nil()),
            amount: eur(1_000),
            description: "Two seats".to_owned(),
            return_url: None,
        };
        let charge = provider.create(&request).await.unwrap();
        assert_eq!(provider.create(&request).await.unwrap(), charge);
        let refund = |key: &str, minor| RefundRequest {
            idempotency_key: key.to_owned(),
            reference: charge.reference.clone(),
            amount: eur(minor),
        };
        assert!(provider.refund(&refund("a", 1)).await.is_err(), "nothing was paid yet");
        provider.settle(&charge.reference, ChargeStatus::Succeeded);
        let callback = |signature: &str| ProviderCallback {
            headers: BTreeMap::from([("signature".to_owned(), signature.to_owned())]),
            body: charge.reference.clone().into_bytes(),
        };
        assert_eq!(provider.parse_callback(&callback("memory")).unwrap().status, ChargeStatus::Succeeded);
        assert_eq!(provider.parse_callback(&callback("forged")), Err(ProviderError::NotGenuine));
        provider.refund(&refund("a", 400)).await.unwrap();
        provider.refund(&refund("a", 400)).await.unwrap();
        assert!(provider.refund(&refund("b", 601)).await.is_err());
        assert_eq!(provider.refund(&refund("b", 600)).await.unwrap().status, ChargeStatus::Refunded);
    }
}
