//! A provider that moves no money: a page with “pay” and “decline”, for trying everything without an account.
//!
//! It remembers nothing. What it has to know of a charge – how much, until when, where the payer goes then – stands in the charge's
//! name and in the page's address, signed by [`TestProvider`]'s key; so it works the same after a restart and in several processes
//! that share the key. Only the engine remembers that somebody paid: [`status`](PaymentProvider::status) never says so by itself.
//!
//! Whoever can reach the page gets tickets for nothing. So it is made with a [`Sandbox`] only, which a program should hand out where it was
//! asked for a demonstration, and nowhere else.

mod seal;

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Clock, Currency, Money, PaymentId, SystemClock, Timestamp};
use form_urlencoded::Serializer;
use url::Url;

use self::seal::Seal;
use crate::SetupError;

/// The header field of a callback that carries its signature.
const SIGNATURE: &str = "test-signature";
/// Seconds by which a callback may be old.
const TOLERANCE: i64 = 300;

/// The word that this deployment is for trying things out.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox(());

impl Sandbox {
    /// Everybody may get everything for nothing here.
    #[must_use]
    pub const fn no_money_moves() -> Self {
        Self(())
    }
}

/// The provider without money. Clones are the same one: one for the engine, one for the page.
#[derive(Debug, Clone)]
pub struct TestProvider {
    page_url: Url,
    seal: Seal,
    clock: Arc<dyn Clock>,
}

/// A charge, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCharge {
    /// Which payment.
    pub payment_id: PaymentId,
    /// How much.
    pub amount: Money,
    /// The last instant at which it can be paid.
    pub expires_at: Timestamp,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    reference: String,
}

/// What the payer presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// “Pay”.
    Pay,
    /// “Decline”.
    Decline,
}

impl TestProvider {
    /// Its name in paths and records.
    pub const NAME: &'static str = "test";

    /// A provider whose page is at `page_url`. Processes that serve the same payments need the same key of 32 random bytes.
    ///
    /// # Errors
    /// [`SetupError`], for an address that is none.
    pub fn new(_: Sandbox, page_url: &str, key: &[u8; 32]) -> Result<Self, SetupError> {
        let page_url = Url::parse(page_url).map_err(|_| SetupError::new("page_url", "is no URL"))?;
        if !["http", "https"].contains(&page_url.scheme()) || page_url.query().is_some() {
            return Err(SetupError::new(
                "page_url",
                "must begin with http:// or https://, and have no query",
            ));
        }
        Ok(Self { page_url, seal: Seal::new(key), clock: Arc::new(SystemClock) })
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// What a page shows, by the query of its address; `None` unless this provider wrote it.
    #[must_use]
    pub fn page(&self, query: &str) -> Option<TestCharge> {
        let field = |name: &str| {
            let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| own == name);
            named.next().map(|(_, value)| value.into_owned())
        };
        let (reference, return_url) = (field("charge")?, field("return").unwrap_or_default());
        if !self.seal.holds("page", &[&reference, &return_url], &field("seal")?) {
            return None;
        }
        let mut charge = self.charge(&reference)?;
        charge.return_url = Some(return_url).filter(|url| !url.is_empty());
        Some(charge)
    }

    /// The callback that a choice causes.
    #[must_use]
    pub fn callback(&self, charge: &TestCharge, choice: Choice) -> ProviderCallback {
        let outcome = if choice == Choice::Pay { "paid" } else { "declined" };
        let now = self.clock.now().as_seconds().to_string();
        let fields = [("charge", charge.reference.as_str()), ("outcome", outcome), ("at", &now)];
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let signature = self.seal.of("callback", &[&body]);
        ProviderCallback {
            path: format!("/api/payments/webhooks/{}", Self::NAME),
            query: String::new(),
            headers: [(SIGNATURE.to_owned(), signature)].into(),
            body: body.into_bytes(),
        }
    }

    /// A charge by its name: what it is about, and a seal over that.
    fn charge(&self, reference: &str) -> Option<TestCharge> {
        let (told, seal) = reference.rsplit_once('.')?;
        if !self.seal.holds("charge", &[told], seal) {
            return None;
        }
        let mut parts = told.split('.');
        let payment_id = parts.next()?.parse().ok()?;
        let (amount, currency) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let expires_at = Timestamp::from_micros(parts.next()?.parse().ok()?).ok()?;
        let amount = Money::new(amount, currency);
        Some(TestCharge { payment_id, amount, expires_at, return_url: None, reference: reference.to_owned() })
    }

    fn told(&self, charge: &TestCharge, status: ChargeStatus) -> Charge {
        Charge {
            reference: charge.reference.clone(),
            transaction: None,
            status,
            amount: charge.amount,
            refunded: Money::new(0, charge.amount.currency),
            fee: None,
            redirect_url: (status == ChargeStatus::Pending).then(|| self.address(charge)),
            failure: (status == ChargeStatus::Failed).then(|| "You pressed “decline”.".to_owned()),
        }
    }

    fn address(&self, charge: &TestCharge) -> String {
        let return_url = charge.return_url.as_deref().unwrap_or_default();
        let seal = self.seal.of("page", &[&charge.reference, return_url]);
        let mut address = self.page_url.clone();
        let fields = [("charge", charge.reference.as_str()), ("return", return_url), ("seal", &seal)];
        address.query_pairs_mut().extend_pairs(fields);
        address.into()
    }

    fn known(&self, key: &ChargeKey) -> Result<TestCharge, ProviderError> {
        let charge = key.reference.as_deref().and_then(|reference| self.charge(reference));
        charge.filter(|charge| charge.payment_id == key.payment_id).ok_or(ProviderError::Unknown)
    }
}

#[async_trait]
impl PaymentProvider for TestProvider {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: true, callbacks: true, by_hand: false }
    }

    fn supports(&self, _: Currency) -> bool {
        true
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let Money { amount_minor, currency } = request.amount;
        let told =
            format!("{}.{amount_minor}.{currency}.{}", request.payment_id, request.expires_at.as_micros());
        let charge = TestCharge {
            payment_id: request.payment_id,
            amount: request.amount,
            expires_at: request.expires_at,
            return_url: request.return_url.clone(),
            reference: format!("{told}.{}", self.seal.of("charge", &[&told])),
        };
        Ok(self.told(&charge, ChargeStatus::Pending))
    }

    async fn status(&self, key: &ChargeKey) -> Result<Charge, ProviderError> {
        let charge = self.known(key)?;
        let late = self.clock.now() > charge.expires_at;
        let mut told = self.told(&charge, if late { ChargeStatus::Expired } else { ChargeStatus::Pending });
        // Where the payer goes then is not known here, so neither is the page's address.
        told.redirect_url = None;
        Ok(told)
    }

    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        now: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        let signature = callback.headers.get(SIGNATURE).ok_or(ProviderError::NotGenuine)?;
        let body = std::str::from_utf8(&callback.body).map_err(|_| ProviderError::NotGenuine)?;
        if !self.seal.holds("callback", &[body], signature) {
            return Err(ProviderError::NotGenuine);
        }
        let field = |name: &str| form_urlencoded::parse(body.as_bytes()).find(|(own, _)| own == name);
        let at: Option<i64> = field("at").and_then(|(_, at)| at.parse().ok());
        if at.is_none_or(|at| at.abs_diff(now.as_seconds()) > TOLERANCE.unsigned_abs()) {
            return Err(ProviderError::NotGenuine);
        }
        let charge = field("charge").and_then(|(_, reference)| self.charge(&reference));
        let charge = charge.ok_or(ProviderError::NotGenuine)?;
        let paid = field("outcome").is_some_and(|(_, outcome)| outcome == "paid");
        let status = if paid { ChargeStatus::Succeeded } else { ChargeStatus::Failed };
        Ok(CallbackNews::Charge(charge.payment_id, self.told(&charge, status)))
    }

    fn answer_callback(&self, _: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        let (status, body) = match verdict {
            Verdict::Accepted => (200, "ok".to_owned()),
            Verdict::Refused(why) => (409, why.clone()),
            Verdict::NotGenuine => (403, "the signature is not genuine".to_owned()),
            Verdict::TryAgain => (503, "try again".to_owned()),
        };
        CallbackAnswer {
            status,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: body.into_bytes(),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.known(&request.charge)?;
        Ok(RefundReceipt::done(Some(request.idempotency_key.chars().take(255).collect())))
    }
}
