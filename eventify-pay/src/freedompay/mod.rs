//! FreedomPay, formerly PayBox: a page of theirs takes the card, a callback says how it went.
//!
//! | call of the port | what is sent |
//! |---|---|
//! | [`create`](PaymentProvider::create) | `init_payment.php`, one-step (`pg_auto_clearing=1`), with `pg_idempotency_key` |
//! | [`status`](PaymentProvider::status) | `get_status3.php` |
//! | [`release`](PaymentProvider::release) | `get_status3.php`, and `cancel.php` where the money is held and not taken (`pg_captured` 0) |
//! | [`refund`](PaymentProvider::refund) | `get_status3.php`, then `revoke.php` unless it happened already, then `get_status3.php` |
//!
//! Their callbacks come to [`Settings::callback_url`]: the result of a payment, and – with [`Settings::check`] – the question whether there may
//! be one. The answer is `ok`, `rejected` (they give the money back) or `error`; one that was not HTTP 200 is repeated for two hours.
//!
//! # The signature
//!
//! Every message, either way, carries `pg_salt` and `pg_sig`: the MD5, in lower-case hex, of the name of the called script (what stands
//! behind the last slash of the address), all values sorted by the names of their fields, nested ones in the place of their parent, and
//! the secret key, joined by semicolons. The example of their documentation
//! (<https://paybox.money/us_en/dev/merchant-to-paybox>):
//!
//! ```text
//! script.php;value1;value2;9imM909TH820jwk387;value3;subvalue1;subvalue2;mypasskey
//!     → a8a4d5a9188f24038a14a4d65c387bf7    (the digest: the tests of the Ruby client paybox_money)
//! ```
//!
//! and of a request (<https://docs.freedompay.kz>, with the merchant 123456 and the secret `test_secret_key` put in):
//!
//! ```text
//! init_payment.php;25;Order description;123456;23;some_random_string;test_secret_key
//!     → 1d602ce1af2d04738e5840ff8562963f
//! ```
//!
//! The names of fields are not signed, only the order of their values. So nobody else may get a message signed for the callback's script. They
//! sign the payer's return, too, for the script of its address, and the payer sees that. A callback is therefore believed only if it is signed
//! for the script of [`Settings::callback_url`], not of the address that somebody called; and a return address in which that script's name
//! occurs anywhere, however it is written, is not passed on: such a payer comes back to [`Settings::return_url`].
//!
//! # Money that is held
//!
//! Charges are one-step; where an installation holds the money first all the same, it takes it by itself after five days. So what is held for a
//! payment that is over is let go (`cancel.php`, <https://docs.freedompay.kg/doc-833002>).
//!
//! # Refunds
//!
//! A repeated `revoke.php` is a second refund where an installation does not know `pg_idempotency_key`. So where a refund may have been asked for
//! before ([`RefundRequest::asked_before`]) the status is looked at: an attempt of just its amount that is on its way, or in what went back beyond
//! [`RefundRequest::refunded_before`], *is* this refund. The engine asks what went back just before it asks for a refund for the first time, so that
//! what the merchant gave back by their own hand, or what of that came back, is in the books by then; and what is on its way by their hand is theirs.
//! Only where an answer was lost is an attempt of theirs of the same amount taken for it: the payer has that, and nobody gives it twice. What is given back
//! from the merchant's cabinet no callback tells: a charge that was paid is looked at again after a day, and ever more rarely.
//! Their interface says nothing of disputes; the merchant hears of them by mail.
//!
//! What is accepted is made later (`process`), and can fail. Each attempt is listed with a number of its own, by which it is followed: the one that the answer
//! names, or the one of its amount that was not there before it was asked for. Where neither is known the sums say how it stands: it is made once what is
//! done has it, and it has failed once one more attempt did and nothing that is on its way covers it. So do they where the known number is not listed, but that never says that it failed.

mod callback;
mod charge;
pub(crate) mod message;
pub(crate) mod signature;

use async_trait::async_trait;
use eventify_core::account::SecretText;
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Currency, Money, Timestamp};
use reqwest::header::HeaderMap;

use self::charge::{Returns, Status};
use self::message::Message;
use self::signature::{is_genuine, names, script, sign};
use crate::client::{Client, public_url, unreachable, words};
use crate::created::{created_at, place};
use crate::{SetupError, Timeouts, decimal};

/// Codes by which it says that it has no such payment.
const UNKNOWN_CODES: [&str; 2] = ["340", "11068"];
/// Seconds for which a payment page stays open: at least, at most.
const LIFETIME: (i64, i64) = (300, 604_800);

/// How FreedomPay is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The merchant's number.
    pub merchant_id: String,
    /// The secret key for accepting payments.
    pub secret_key: SecretText,
    /// Their server: `https://api.freedompay.kz`, `…kg`, `…uz`, `https://api.paybox.money`; `https://test-api.freedompay.kz` for tests.
    pub api_url: String,
    /// Where they tell results, such as `https://tickets.example/api/payments/webhooks/freedompay`. They sign for its last part, which
    /// therefore has to reach us as it is.
    pub callback_url: String,
    /// Where the payer goes afterwards when a payment names no place, or one that is not passed on; `{payment_id}` in it is replaced.
    pub return_url: String,
    /// The currencies that the merchant's contract covers.
    pub currencies: Vec<Currency>,
    /// Whether they ask before they take money; their support has to allow it.
    pub check: bool,
    /// Whether no money moves, on their production server too.
    pub testing: bool,
    /// How long they are waited for.
    pub timeouts: Timeouts,
}

/// FreedomPay as a payment provider.
#[derive(Debug)]
pub struct FreedomPay {
    settings: Settings,
    client: Client,
}

impl FreedomPay {
    /// Its name in paths and records.
    pub const NAME: &'static str = "freedompay";
    /// Their server in Kazakhstan.
    pub const API_URL: &'static str = "https://api.freedompay.kz";

    /// A provider of these settings; it does not call them yet.
    ///
    /// # Errors
    /// [`SetupError`], for a merchant or secret that is none, an address that is not HTTPS, or no currency.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let merchant = &settings.merchant_id;
        if merchant.is_empty() || !merchant.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SetupError::new("merchant_id", "must be a number"));
        }
        if settings.secret_key.is_blank() {
            return Err(SetupError::new("secret_key", "must not be empty"));
        }
        if settings.currencies.is_empty() || settings.currencies.iter().any(|c| c.decimals() > 2) {
            return Err(SetupError::new("currencies", "must be at least one, none with three decimals"));
        }
        public_url("callback_url", &settings.callback_url)?;
        public_url("return_url", &settings.return_url)?;
        let own = script(&settings.callback_url);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if own.is_empty() || !own.bytes().all(plain) {
            let why = "must end with a name of letters, digits, points, hyphens and underscores";
            return Err(SetupError::new("callback_url", why));
        }
        if names(&settings.return_url.replace("{payment_id}", ""), own) {
            return Err(SetupError::new(
                "return_url",
                "must not contain the last part of the callback's address",
            ));
        }
        let client = Client::new(&settings.api_url, HeaderMap::new(), settings.timeouts)?;
        Ok(Self { settings, client })
    }

    /// Signs a question, sends it, and believes the answer only with a signature.
    async fn call(&self, script: &str, mut question: Message, asks: bool) -> Result<Message, ProviderError> {
        question.push("pg_merchant_id", self.settings.merchant_id.as_str());
        let form = sign(script, question, &self.settings.secret_key).to_form();
        let sent = if asks {
            self.client.ask(script, form).await
        } else {
            self.client.post(script, HeaderMap::new(), form).await
        };
        let answer = sent?;
        if answer.status != 200 {
            return Err(unreachable(format!("it answered HTTP {}", answer.status)));
        }
        let xml = String::from_utf8(answer.body).map_err(|_| unreachable("its answer is no text"))?;
        let answer = Message::from_xml(&xml)
            .ok_or_else(|| unreachable("its answer is not the XML of its protocol"))?;
        if is_genuine(script, &answer, &self.settings.secret_key) {
            return checked(answer);
        }
        // It cannot sign for a merchant that it does not know: the deployment's fault, which says nothing of the payment.
        if answer.get("pg_status") == Some("error") && answer.get("pg_sig").is_none() {
            return Err(unreachable(said("it does not know the merchant", &answer)));
        }
        Err(unreachable("its answer is not signed by it"))
    }

    async fn look(&self, key: &ChargeKey) -> Result<Status, ProviderError> {
        let by = match &key.reference {
            Some(reference) => Message::of(&[("pg_payment_id", reference)]),
            None => Message::of(&[("pg_order_id", &key.payment_id.to_string())]),
        };
        charge::status(&self.call("get_status3.php", by, true).await?)
    }

    /// What a callback is signed with: the script that they were told to call, and the secret.
    fn own(&self) -> (&str, &SecretText) {
        (script(&self.settings.callback_url), &self.settings.secret_key)
    }

    fn opening(&self, request: &ChargeRequest) -> Message {
        let wanted = request.return_url.as_deref().filter(|url| !names(url, self.own().0));
        let place = place(wanted, &self.settings.return_url, request.payment_id);
        let (shortest, longest) = LIFETIME;
        let created = created_at(request.payment_id).unwrap_or_else(|| request.expires_at.as_seconds());
        let lifetime = (request.expires_at.as_seconds() - created).clamp(shortest, longest);
        let payment_id = request.payment_id.to_string();
        let mut opening = Message::of(&[
            ("pg_order_id", &payment_id),
            ("pg_idempotency_key", &payment_id),
            ("pg_amount", &decimal::format(request.amount)),
            ("pg_currency", request.amount.currency.code()),
            ("pg_description", &words(&request.description, 200)),
            ("pg_lifetime", &lifetime.to_string()),
            ("pg_auto_clearing", "1"),
            ("pg_request_method", "POST"),
            ("pg_result_url", &self.settings.callback_url),
            ("pg_success_url", &place),
            ("pg_failure_url", &place),
            ("pg_success_url_method", "GET"),
            ("pg_failure_url_method", "GET"),
        ]);
        if self.settings.check {
            opening.push("pg_check_url", self.settings.callback_url.as_str());
        }
        if self.settings.testing {
            opening.push("pg_testing_mode", "1");
        }
        opening
    }

    async fn open(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let opened = match self.call("init_payment.php", self.opening(request), false).await {
            // A repeat may be refused because the first one went through.
            Err(ProviderError::Refused(why)) => {
                let key = ChargeKey { payment_id: request.payment_id, reference: None };
                return match self.look(&key).await {
                    Ok(status) => Ok(status.charge),
                    Err(ProviderError::Unreachable(why)) => Err(unreachable(why)),
                    Err(_) => Err(ProviderError::Refused(why)),
                };
            }
            opened => opened?,
        };
        let redirect_url =
            opened.get("pg_redirect_url").filter(|url| public_url("pg_redirect_url", url).is_ok());
        Ok(Charge {
            reference: charge::reference(&opened)
                .ok_or_else(|| unreachable("it opened a payment without a number"))?,
            transaction: None,
            status: ChargeStatus::Pending,
            amount: request.amount,
            refunded: Money::new(0, request.amount.currency),
            fee: None,
            redirect_url: Some(
                redirect_url.ok_or_else(|| unreachable("it opened a payment without a page"))?.to_owned(),
            ),
            failure: None,
        })
    }

    async fn let_go(&self, charge: &ChargeKey) -> Result<(), ProviderError> {
        let stands = self.look(charge).await?;
        if stands.is_held {
            let question = Message::of(&[("pg_payment_id", &stands.charge.reference)]);
            self.call("cancel.php", question, false).await?;
        }
        Ok(())
    }

    async fn give_back(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let before = self.look(&request.charge).await?;
        let (amount, wanted) = (request.amount.amount_minor, wanted(request));
        if request.asked_before && before.returns.may_have(amount, wanted, &request.others) {
            // Followed by its name, it is told from whatever else the merchant begins.
            let name = before.returns.only(amount, wanted, &request.others);
            let reference = name.map(str::to_owned);
            return Ok(RefundReceipt { reference, ..before.returns.receipt(wanted, None, name) });
        }
        let payment = before.charge.reference.clone();
        let question = Message::of(&[
            ("pg_payment_id", &payment),
            ("pg_refund_amount", &decimal::format(request.amount)),
            ("pg_idempotency_key", &request.idempotency_key),
        ]);
        let answer = self.call("revoke.php", question, false).await?;
        // It accepts first, and makes it or fails afterwards: where that is seen at once, it is said at once.
        let key = ChargeKey { payment_id: request.charge.payment_id, reference: Some(payment) };
        let after = self.look(&key).await.map_or_else(|_| Returns::default(), |after| after.returns);
        let named = ["pg_refund_id", "pg_revoke_payment_id", "pg_payment_refund_id"];
        let told = named.into_iter().find_map(|field| answer.get(field)).map(|id| words(id, 255));
        // What is listed under no name that was told is the one that was not listed before.
        let is_listed = after.attempt(told.as_deref()).is_some();
        let found = after.new_since(&before.returns, amount).filter(|_| !is_listed);
        let reference = found.map(str::to_owned).or(told);
        let receipt = after.receipt(wanted, Some(before.returns.failed()), reference.as_deref());
        Ok(RefundReceipt { reference, ..receipt })
    }

    /// How an accepted refund stands: by its name, or by the sums where none is known.
    async fn given_back(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let failed_before = usize::try_from(request.failed_before).unwrap_or(usize::MAX);
        let returns = self.look(&request.charge).await?.returns;
        Ok(returns.receipt(wanted(request), Some(failed_before), request.reference.as_deref()))
    }
}

/// What is given back, in minor units, once a refund is made.
const fn wanted(request: &RefundRequest) -> i64 {
    request.refunded_before.amount_minor.saturating_add(request.amount.amount_minor)
}

/// An answer that says yes.
fn checked(answer: Message) -> Result<Message, ProviderError> {
    match answer.get("pg_status") {
        Some("error" | "rejected") => match answer.get("pg_error_code") {
            Some(code) if UNKNOWN_CODES.contains(&code) => Err(ProviderError::Unknown),
            _ => Err(refused("it refused", &answer)),
        },
        Some(_) => Ok(answer),
        None => Err(unreachable("its answer says neither yes nor no")),
    }
}

fn refused(what: &str, answer: &Message) -> ProviderError {
    ProviderError::Refused(said(what, answer))
}

fn said(what: &str, answer: &Message) -> String {
    let code = answer.get("pg_error_code").unwrap_or("without a code");
    let why = answer
        .get("pg_error_description")
        .or_else(|| answer.get("pg_failure_description"))
        .unwrap_or_default();
    words(&format!("{what}: {code} {why}"), 300)
}

#[async_trait]
impl PaymentProvider for FreedomPay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: true, callbacks: true, by_hand: false }
    }

    fn supports(&self, currency: Currency) -> bool {
        self.settings.currencies.contains(&currency)
    }

    /// Its status has what went back from the merchant's cabinet; no callback tells it.
    fn tells_of_refunds(&self) -> bool {
        false
    }

    fn return_url(&self) -> Option<String> {
        Some(self.settings.return_url.clone())
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        self.client.within(self.open(request)).await
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError> {
        self.client.within(async { Ok(self.look(charge).await?.charge) }).await
    }

    async fn release(&self, charge: &ChargeKey) -> Result<(), ProviderError> {
        self.client.within(self.let_go(charge)).await
    }

    /// It has no instant that is signed, so an old callback is as good as a new one: a repeat changes nothing, and a charge never goes back.
    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        _: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        let message = callback::genuine(callback, self.own())?;
        if message.get("pg_merchant_id").is_some_and(|own| own != self.settings.merchant_id) {
            return Err(ProviderError::NotGenuine);
        }
        callback::news(&message)
    }

    fn answer_callback(&self, callback: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        callback::answer(callback, verdict, self.own())
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.client.within(self.give_back(request)).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.client.within(self.given_back(request)).await
    }
}
