//! By hand: an invoice, a transfer, cash at the door. Staff takes the money and gives it back, and says so; nothing moves it here.

use async_trait::async_trait;
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Currency, Money, Timestamp};

/// Paid by hand, in whatever currency.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

impl Offline {
    /// Its name in paths and records.
    pub const NAME: &'static str = "offline";
}

#[async_trait]
impl PaymentProvider for Offline {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: true, callbacks: false, by_hand: true }
    }

    fn supports(&self, _: Currency) -> bool {
        true
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        Ok(Charge {
            reference: request.payment_id.to_string(),
            transaction: None,
            status: ChargeStatus::Pending,
            amount: request.amount,
            refunded: Money::new(0, request.amount.currency),
            fee: None,
            redirect_url: None,
            failure: None,
        })
    }

    async fn status(&self, _: &ChargeKey) -> Result<Charge, ProviderError> {
        Err(ProviderError::Refused("paid by hand: only staff knows how it stands".into()))
    }

    fn parse_callback(&self, _: &ProviderCallback, _: Timestamp) -> Result<CallbackNews, ProviderError> {
        Err(ProviderError::NotGenuine)
    }

    fn answer_callback(&self, _: &ProviderCallback, _: &Verdict) -> CallbackAnswer {
        CallbackAnswer {
            status: 404,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: b"nobody calls here".to_vec(),
        }
    }

    async fn refund(&self, _: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        Err(ProviderError::Refused("paid by hand: staff gives it back, and says so".into()))
    }
}
