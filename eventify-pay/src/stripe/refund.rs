//! Giving money back by Stripe.

use eventify_core::payment::{ProviderError, ReceiptStatus, RefundReceipt, RefundRequest};

use super::currency::to_stripe;
use super::model::{List, RefundObject};
use super::{Declined, Stripe, name};
use crate::client::words;

/// The field of a refund's metadata that names our refund: it outlives the idempotency key, which Stripe forgets.
const REFUND_MARK: &str = "eventify_refund_key";
/// Refunds of one charge that are looked through; the engine makes twenty at most.
const PAGES_MAX: usize = 5;

impl Stripe {
    pub(super) async fn give_back(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let amount = to_stripe(request.amount).ok_or_else(|| {
            ProviderError::Refused(format!("Stripe cannot give back exactly {}", request.amount))
        })?;
        let session = self.look(&request.charge).await?;
        let Some(intent) = session.payment_intent.as_ref().map(|intent| intent.id().to_owned()) else {
            return Err(ProviderError::Refused("nothing was paid by this session".into()));
        };
        if let Some(made) = self.made_before(&intent, &request.idempotency_key).await? {
            return Ok(receipt(made));
        }
        let (payment_id, amount) = (request.charge.payment_id.to_string(), amount.to_string());
        let fields = [
            ("payment_intent", intent.as_str()),
            ("amount", &amount),
            ("metadata[eventify_payment_id]", &payment_id),
            ("metadata[eventify_refund_key]", &request.idempotency_key),
        ];
        let made = self.send("/v1/refunds", &request.idempotency_key, &fields).await;
        Ok(receipt(made.map_err(Declined::into_error)?))
    }

    /// How a refund stands that was accepted.
    pub(super) async fn given_back(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let session = self.look(&request.charge).await?;
        let intent = session.payment_intent.as_ref().ok_or(ProviderError::Unknown)?.id();
        let made = self.made_before(intent, &request.idempotency_key).await?;
        made.map(receipt).ok_or(ProviderError::Unknown)
    }

    /// The refund of this key, if Stripe has it: whatever became of it.
    async fn made_before(&self, intent: &str, key: &str) -> Result<Option<RefundObject>, ProviderError> {
        let ours = |refund: &RefundObject| refund.metadata.get(REFUND_MARK).is_some_and(|own| own == key);
        Ok(self.refunds(intent, ours).await?.pop().filter(ours))
    }

    /// The refunds of a charge, newest first, as far as one that is looked for.
    pub(super) async fn refunds(
        &self,
        intent: &str,
        is_it: impl Fn(&RefundObject) -> bool + Send + Sync,
    ) -> Result<Vec<RefundObject>, ProviderError> {
        let mut found: Vec<RefundObject> = Vec::new();
        for _ in 0..PAGES_MAX {
            let after = found.last().map(|last| last.id.clone());
            let mut query = vec![("payment_intent", name(intent)?), ("limit", "100")];
            query.extend(after.as_deref().map(|id| ("starting_after", id)));
            let page: List<RefundObject> = self.fetch("/v1/refunds", &query).await?;
            for refund in page.data {
                found.push(refund);
                if found.last().is_some_and(&is_it) {
                    return Ok(found);
                }
            }
            if !page.has_more {
                break;
            }
        }
        Ok(found)
    }
}

/// Our refund of whose object it is, and how it stands.
pub(super) fn told(refund: RefundObject) -> Option<(String, RefundReceipt)> {
    let key = refund.metadata.get(REFUND_MARK).cloned()?;
    Some((key, receipt(refund)))
}

fn receipt(refund: RefundObject) -> RefundReceipt {
    let status = match refund.status.as_deref() {
        _ if refund.has_failed() => ReceiptStatus::Failed,
        Some("succeeded") => ReceiptStatus::Done,
        _ => ReceiptStatus::Pending,
    };
    let failure = (status == ReceiptStatus::Failed).then(|| {
        let why = refund.failure_reason.unwrap_or_default();
        words(&format!("Stripe could not give it back: {why}"), 300)
    });
    RefundReceipt { reference: Some(words(&refund.id, 255)), status, failure }
}
