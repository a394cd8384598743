//! Stripe Checkout: a page of Stripe takes the card or the wallet, a webhook says how it went.
//!
//! | call of the port | what is sent |
//! |---|---|
//! | [`create`](PaymentProvider::create) | `POST /v1/checkout/sessions`; the idempotency key is the payment's id |
//! | [`status`](PaymentProvider::status) | `GET /v1/checkout/sessions/{id}`, with the payment, its charge, its fee and its refunds |
//! | [`refund`](PaymentProvider::refund) | the status, `GET /v1/refunds`, then `POST /v1/refunds` with the refund's key unless it is among them |
//!
//! The endpoint in Stripe's settings has to be sent `checkout.session.completed`, `checkout.session.async_payment_succeeded`,
//! `checkout.session.async_payment_failed`, `checkout.session.expired`, `charge.refunded`, `refund.updated`, `refund.failed`, and of disputes
//! `charge.dispute.created`, `charge.dispute.updated`, `charge.dispute.closed`, `charge.dispute.funds_withdrawn` and
//! `charge.dispute.funds_reinstated`. A restricted key needs to write Checkout Sessions and Refunds, and to read Payment Intents, Charges and Balance Transactions.
//!
//! # The signature
//!
//! `Stripe-Signature: t=<seconds>,v1=<hex>,…`: one of the `v1` is the HMAC-SHA256 of `<seconds>.<body>` by the endpoint's secret, and the
//! seconds are within five minutes of now. While a secret is replaced, Stripe signs with both, and [`Settings::webhook_secrets`] may hold both.
//! The vector of the tests is that of Stripe's client for .NET (`event_test_signature.json`, secret `webhook_secret`):
//! `t=1533204620,v1=f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f7899c124c51b39405fa36613`.
//!
//! # Refunds
//!
//! A refund that is not `succeeded` may still fail, and one that was may, too: its events name our refund by a mark of ours. A failed one
//! is found under its own key for ever; what is owed then is asked for under another. What a charge has given back is the sum of its refunds that
//! did not fail: whether the charge's own sum falls when one fails Stripe's documentation does not say.
//!
//! # Disputes
//!
//! A dispute carries no mark of ours, only the name of the payment intent that its money came by, which every charge tells
//! ([`Charge::transaction`]). What it has taken stands in its balance transactions: none, one that takes, one that gives back. Stripe's own
//! fee for a dispute is not in the books.
//!
//! # Times
//!
//! A session is open for 30 minutes at least and 24 hours at most. A payment that has to be paid sooner is taken late, and the
//! engine deals with late money.

mod callback;
mod currency;
mod model;
mod refund;
pub(crate) mod signature;

use async_trait::async_trait;
use eventify_core::account::SecretText;
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Currency, Money, Timestamp};
use form_urlencoded::Serializer;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;

use self::currency::{from_stripe, to_stripe};
use self::model::{ApiError, ApiProblem, ChargeObject, List, PaymentIntent, Session};
use crate::client::{Answer, Client, public_url, unreachable, words};
use crate::created::{created_at, place};
use crate::{SetupError, Timeouts};

/// The edition of Stripe's interface that is spoken: answers stay as they are, whatever the account's own edition.
pub const VERSION: &str = "2025-09-30.clover";
/// The field of an object's metadata that names our payment.
pub(crate) const MARK: &str = "eventify_payment_id";
/// Keys under which one thing is asked for: as many as an engine tries a job, and some for people.
const KEYS_MAX: u32 = 40;
/// Seconds after a payment's making at which its session ends: at least – five minutes of them for a repeat –, at most.
const LIFETIME: (i64, i64) = (35 * 60, 24 * 3_600 - 600);

/// How Stripe is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The secret key, or better a restricted one.
    pub secret_key: SecretText,
    /// The webhook endpoint's signing secret, and the one that it replaces or is replaced by; one or two.
    pub webhook_secrets: Vec<SecretText>,
    /// Stripe's server: [`Stripe::API_URL`].
    pub api_url: String,
    /// Where the payer goes afterwards when a payment names no place; `{payment_id}` in it is replaced.
    pub return_url: String,
    /// How long Stripe is waited for.
    pub timeouts: Timeouts,
}

/// Stripe as a payment provider.
#[derive(Debug)]
pub struct Stripe {
    webhook_secrets: Vec<SecretText>,
    return_url: String,
    is_live: bool,
    client: Client,
}

impl Stripe {
    /// Its name in paths and records.
    pub const NAME: &'static str = "stripe";
    /// Its server.
    pub const API_URL: &'static str = "https://api.stripe.com";

    /// A provider of these settings; it does not call Stripe yet.
    ///
    /// # Errors
    /// [`SetupError`], for a key or secret that is none, or an address that is not HTTPS.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", settings.secret_key.expose()))
            .map_err(|_| SetupError::new("secret_key", "must be letters, digits and underscores"))?;
        authorization.set_sensitive(true);
        if settings.secret_key.is_blank() {
            return Err(SetupError::new("secret_key", "must not be empty"));
        }
        let secrets = &settings.webhook_secrets;
        if !(1..=2).contains(&secrets.len()) || secrets.iter().any(SecretText::is_blank) {
            return Err(SetupError::new("webhook_secrets", "must be one or two, none of them empty"));
        }
        public_url("return_url", &settings.return_url)?;
        let key = settings.secret_key.expose();
        let is_live = ["sk_live_", "rk_live_"].iter().any(|live| key.starts_with(live));
        let mut headers = HeaderMap::new();
        headers.insert("authorization", authorization);
        headers.insert("stripe-version", HeaderValue::from_static(VERSION));
        let client = Client::new(&settings.api_url, headers, settings.timeouts)?;
        Ok(Self {
            webhook_secrets: settings.webhook_secrets,
            return_url: settings.return_url,
            is_live,
            client,
        })
    }

    /// Whether its key charges real cards: one that begins with `sk_live_` or `rk_live_`, as opposed to those for trials.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.is_live
    }

    async fn fetch<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        read(&self.client.get(path, &form(query)).await?).map_err(Declined::into_error)
    }

    /// Has something made once. Stripe keeps what it answered to a key for a day, failures of its own too, and says it again to
    /// whoever comes with that key. So a failure that is said again is asked for by the next key: whoever calls this has looked
    /// whether it was made all the same, or does not mind.
    async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        fields: &[(&str, &str)],
    ) -> Result<T, Declined> {
        let mut nth = 0;
        loop {
            let key = if nth == 0 { key.to_owned() } else { format!("{key}-{nth}") };
            let key = HeaderValue::from_str(&key)
                .map_err(|_| Declined::Error(unreachable("the key is no header")))?;
            let headers = HeaderMap::from_iter([(HeaderName::from_static("idempotency-key"), key)]);
            let answer = self.client.post(path, headers, form(fields)).await.map_err(Declined::Error)?;
            let is_over = answer.is_replay && answer.status != 200;
            nth += 1;
            if !is_over || nth == KEYS_MAX {
                return read(&answer);
            }
        }
    }

    async fn open(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let amount = to_stripe(request.amount).ok_or_else(|| {
            ProviderError::Refused(format!("Stripe cannot charge exactly {}", request.amount))
        })?;
        let (payment_id, booking_id) = (request.payment_id.to_string(), request.booking_id.to_string());
        let place = place(request.return_url.as_deref(), &self.return_url, request.payment_id);
        let description = words(&request.description, 200);
        let (currency, amount) = (request.amount.currency.code().to_lowercase(), amount.to_string());
        let fields = [
            ("mode", "payment"),
            // Nothing but the price in its own currency: what came is compared with it.
            ("adaptive_pricing[enabled]", "false"),
            ("client_reference_id", payment_id.as_str()),
            ("success_url", &place),
            ("cancel_url", &place),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", &currency),
            ("line_items[0][price_data][unit_amount]", &amount),
            ("line_items[0][price_data][product_data][name]", &description),
            ("metadata[eventify_payment_id]", &payment_id),
            ("metadata[eventify_booking_id]", &booking_id),
            ("payment_intent_data[description]", &description),
            ("payment_intent_data[metadata][eventify_payment_id]", &payment_id),
            ("payment_intent_data[metadata][eventify_booking_id]", &booking_id),
        ];
        let session = self.session(&payment_id, &fields, expires_at(request)).await?;
        charge_of(&session).ok_or_else(|| unreachable("its session names no amount"))
    }

    /// Makes the session of a key once; one that came too late for its end is made without one, and then ends after a day.
    async fn session(
        &self,
        key: &str,
        fields: &[(&str, &str)],
        expires_at: Option<i64>,
    ) -> Result<Session, ProviderError> {
        let path = "/v1/checkout/sessions";
        if let Some(end) = expires_at {
            let end = end.to_string();
            let timed = [fields, &[("expires_at", end.as_str())]].concat();
            match self.send(path, key, &timed).await {
                Err(Declined::Problem(problem, _)) if problem.param.as_deref() == Some("expires_at") => {}
                made => return made.map_err(Declined::into_error),
            }
        }
        self.send(path, &format!("{key}-open"), fields).await.map_err(Declined::into_error)
    }

    /// The session of a charge, with everything in it that matters.
    async fn look(&self, key: &ChargeKey) -> Result<Session, ProviderError> {
        let expand = [
            ("expand[]", "payment_intent.latest_charge.balance_transaction"),
            ("expand[]", "payment_intent.latest_charge.refunds"),
        ];
        let mut session: Session = match &key.reference {
            Some(id) => self.fetch(&format!("/v1/checkout/sessions/{}", name(id)?), &expand).await?,
            None => {
                // Nobody kept the session's name. One that was paid is found by its payment; one that was not is made again.
                let query = format!("metadata['{MARK}']:'{}'", key.payment_id);
                let found: List<PaymentIntent> =
                    self.fetch("/v1/payment_intents/search", &[("query", &query), ("limit", "1")]).await?;
                let intent = found.data.first().ok_or(ProviderError::Unknown)?;
                let by = [("payment_intent", intent.id.as_str()), ("limit", "1")];
                let found: List<Session> = self.fetch("/v1/checkout/sessions", &by).await?;
                let id = &found.data.first().ok_or(ProviderError::Unknown)?.id;
                self.fetch(&format!("/v1/checkout/sessions/{}", name(id)?), &expand).await?
            }
        };
        if callback::payment(&session.metadata) != Some(key.payment_id) {
            return Err(ProviderError::Refused("the session is of another payment".into()));
        }
        let has_more = |charge: &ChargeObject| charge.refunds.as_ref().is_some_and(|list| list.has_more);
        let intent = session.payment_intent.as_ref().map(|intent| intent.id().to_owned());
        if let Some(intent) = intent.filter(|_| session.charge().is_some_and(has_more)) {
            let data = self.refunds(&intent, |_| false).await?;
            let all = Some(List { data, has_more: false });
            session.charge_mut().into_iter().for_each(|charge| charge.refunds = all.clone());
        }
        Ok(session)
    }
}

/// The same for the same payment, however often it is asked for; `None` when its id does not tell when it was made.
fn expires_at(request: &ChargeRequest) -> Option<i64> {
    let created = created_at(request.payment_id)?;
    let (shortest, longest) = LIFETIME;
    Some(request.expires_at.as_seconds().clamp(created + shortest, created + longest))
}

/// An object's name, as a part of a path.
fn name(id: &str) -> Result<&str, ProviderError> {
    let plain =
        !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { Ok(id) } else { Err(ProviderError::Unknown) }
}

/// A charge as a session has it; `None` without an amount that is known.
pub(crate) fn charge_of(session: &Session) -> Option<Charge> {
    let amount = from_stripe(session.amount_total?, session.currency.as_deref()?)?;
    let intent = session.payment_intent.as_ref().and_then(|intent| intent.object());
    let charge = session.charge();
    let status = status_of(session, intent);
    let refunded = charge.and_then(refunded_of).filter(|refunded| refunded.currency == amount.currency);
    let problem = intent.and_then(|intent| intent.last_payment_error.as_ref());
    let failure =
        problem.filter(|_| status == ChargeStatus::Failed).and_then(|problem| problem.message.as_deref());
    Some(Charge {
        reference: name(&session.id).ok()?.to_owned(),
        transaction: session
            .payment_intent
            .as_ref()
            .and_then(|intent| name(intent.id()).ok())
            .map(str::to_owned),
        status,
        amount,
        refunded: refunded.unwrap_or(Money::new(0, amount.currency)),
        fee: charge.and_then(fee_of).filter(|fee| fee.currency == amount.currency),
        redirect_url: session.url.clone().filter(|_| status == ChargeStatus::Pending),
        failure: failure.map(|why| words(why, 500)),
    })
}

fn status_of(session: &Session, intent: Option<&PaymentIntent>) -> ChargeStatus {
    let intent = intent.and_then(|intent| intent.status.as_deref());
    match (session.status.as_deref(), session.payment_status.as_deref(), intent) {
        (_, Some("paid" | "no_payment_required"), _) => ChargeStatus::Succeeded,
        (Some("expired"), _, _) => ChargeStatus::Expired,
        // The payer is done, and what they began with has not come: by bank transfer that takes days.
        (Some("complete"), _, Some("canceled" | "requires_payment_method")) => ChargeStatus::Failed,
        _ => ChargeStatus::Pending,
    }
}

/// What is given back now: of its refunds those that did not fail. The sum that Stripe keeps need not fall when one does.
fn refunded_of(charge: &ChargeObject) -> Option<Money> {
    let listed = charge.refunds.as_ref().map(|list| {
        let gone = list.data.iter().filter(|refund| !refund.has_failed());
        gone.filter_map(|refund| refund.amount).fold(0, i64::saturating_add)
    });
    from_stripe(listed.or(charge.amount_refunded)?, charge.currency.as_deref()?)
}

fn fee_of(charge: &ChargeObject) -> Option<Money> {
    let booked = charge.balance_transaction.as_ref()?.object()?;
    from_stripe(booked.fee, &booked.currency).filter(|fee| fee.amount_minor >= 0)
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Why an answer is not the object that was asked for.
enum Declined {
    /// Stripe said why, with this HTTP status.
    Problem(ApiProblem, u16),
    Error(ProviderError),
}

impl Declined {
    fn into_error(self) -> ProviderError {
        let (problem, status) = match self {
            Self::Error(error) => return error,
            Self::Problem(problem, status) => (problem, status),
        };
        let code = problem.code.or(problem.kind).unwrap_or_default();
        match (status, code.as_str()) {
            (404, "resource_missing") => ProviderError::Unknown,
            // The deployment's fault, and mended soon: it says nothing of the payment. Stripe's words repeat a part of the key.
            (401 | 403, _) => unreachable(format!("Stripe does not accept the key (HTTP {status})")),
            _ => {
                let why = problem.message.unwrap_or_default();
                ProviderError::Refused(words(&format!("Stripe refused: {code} {why}"), 300))
            }
        }
    }
}

/// Reads an answer: an object, or why there is none.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Declined> {
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_err(|_| Declined::Error(unreachable("its answer is not the object that was asked for"))),
        // The same key is being worked on, too many requests, or an outage: nobody knows, and again is right.
        status @ (409 | 429 | 500..) => {
            Err(Declined::Error(unreachable(format!("Stripe answered HTTP {status}"))))
        }
        status => match serde_json::from_slice::<ApiError>(&answer.body) {
            Ok(told) => Err(Declined::Problem(told.error, status)),
            Err(_) => {
                Err(Declined::Error(unreachable(format!("Stripe answered HTTP {status} without saying why"))))
            }
        },
    }
}

#[async_trait]
impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: true, callbacks: true, by_hand: false }
    }

    fn supports(&self, currency: Currency) -> bool {
        currency::supports(currency)
    }

    /// It stands in the balance, which no event tells.
    fn tells_fees_later(&self) -> bool {
        true
    }

    fn return_url(&self) -> Option<String> {
        Some(self.return_url.clone())
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        self.client.within(self.open(request)).await
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError> {
        let looked = async {
            let session = self.look(charge).await?;
            charge_of(&session).ok_or_else(|| unreachable("its session names no amount"))
        };
        self.client.within(looked).await
    }

    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        now: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        callback::news(callback::genuine(callback, &self.webhook_secrets, now.as_seconds())?)
    }

    /// Stripe reads the status alone: anything but 2xx is sent again, for three days.
    fn answer_callback(&self, _: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        let (status, body) = match verdict {
            Verdict::Accepted => (200, "{\"received\":true}"),
            // Saying it again would not help.
            Verdict::Refused(_) => (200, "{\"received\":true,\"used\":false}"),
            Verdict::NotGenuine => (403, "{\"received\":false}"),
            Verdict::TryAgain => (503, "{\"received\":false}"),
        };
        CallbackAnswer { status, content_type: "application/json".to_owned(), body: body.as_bytes().to_vec() }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.client.within(self.give_back(request)).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.client.within(self.given_back(request)).await
    }
}
