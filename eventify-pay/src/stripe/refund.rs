//! Giving money back by Stripe.

use eventify_core::payment::{ProviderError, RefundReceipt, RefundRequest};

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
            return receipt(made);
        }
        let (payment_id, amount) = (request.charge.payment_id.to_string(), amount.to_string());
        let fields = [
            ("payment_intent", intent.as_str()),
            ("amount", &amount),
            ("metadata[eventify_payment_id]", &payment_id),
            ("metadata[eventify_refund_key]", &request.idempotency_key),
        ];
        receipt(
            self.send("/v1/refunds", &request.idempotency_key, &fields)
                .await
                .map_err(Declined::into_error)?,
        )
    }

    /// The refund of this key, if Stripe has it: whatever became of it.
    async fn made_before(&self, intent: &str, key: &str) -> Result<Option<RefundObject>, ProviderError> {
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut query = vec![("payment_intent", name(intent)?), ("limit", "100")];
            query.extend(after.as_deref().map(|id| ("starting_after", id)));
            let page: List<RefundObject> = self.fetch("/v1/refunds", &query).await?;
            let more = page.has_more;
            after = page.data.last().map(|last| last.id.clone());
            let ours = |refund: &RefundObject| refund.metadata.get(REFUND_MARK).is_some_and(|own| own == key);
            if let Some(found) = page.data.into_iter().find(ours) {
                return Ok(Some(found));
            }
            if !more {
                break;
            }
        }
        Ok(None)
    }
}

fn receipt(refund: RefundObject) -> Result<RefundReceipt, ProviderError> {
    match refund.status.as_deref() {
        Some("failed" | "canceled") => {
            let why = refund.failure_reason.unwrap_or_default();
            Err(ProviderError::Refused(words(&format!("Stripe could not give it back: {why}"), 300)))
        }
        _ => Ok(RefundReceipt { reference: Some(words(&refund.id, 255)) }),
    }
}
