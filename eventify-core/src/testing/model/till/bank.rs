//! A bank: a provider that keeps its own books right, and does everything else badly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::plan::How;
use crate::id::{BookingId, PaymentId};
use crate::money::{Currency, Money};
use crate::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use crate::testing::SeededEntropy;
use crate::time::Timestamp;

/// What it takes after the last instant at which it should.
pub(super) const LATE_FOR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Clones are the same bank.
#[derive(Clone)]
pub(super) struct Bank(Arc<Inner>);

struct Inner {
    name: &'static str,
    parts: bool,
    dice: SeededEntropy,
    books: Mutex<Books>,
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bank").field(&self.0.name).finish()
    }
}

/// What it knows, and what it did.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) accounts: BTreeMap<PaymentId, Account>,
    /// What it will not begin.
    refused: BTreeSet<PaymentId>,
    /// Every callback that it ever signed.
    sent: Vec<(PaymentId, Charge)>,
    /// Those that have not arrived, by their place there.
    waiting: Vec<usize>,
    is_bad: bool,
    is_away: bool,
    /// What nobody may ask of a bank.
    pub(super) wrong: Vec<String>,
    pub(super) late: u32,
    pub(super) odd: u32,
    pub(super) repeated: u32,
    pub(super) lost: u32,
    pub(super) failed_calls: u32,
    pub(super) done_unsaid: u32,
}

/// A charge in the bank's own books.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) booking_id: BookingId,
    asked: Money,
    expires_at: Timestamp,
    status: ChargeStatus,
    pub(super) captured: Option<Money>,
    pub(super) refunds: BTreeMap<String, Money>,
    /// What it said before.
    past: Vec<Charge>,
}

impl Account {
    /// How much went back, in minor units.
    pub(super) fn returned(&self) -> i64 {
        self.refunds.values().map(|refund| refund.amount_minor).sum()
    }

    fn charge(&self, name: &str, id: PaymentId) -> Charge {
        let amount = self.captured.unwrap_or(self.asked);
        Charge {
            reference: format!("{name}-{id}"),
            transaction: Some(format!("{name}-money-{id}")),
            status: self.status,
            amount,
            refunded: Money::new(self.returned(), amount.currency),
            fee: None,
            redirect_url: (self.status == ChargeStatus::Pending)
                .then(|| format!("https://{name}.example/{id}")),
            failure: (self.status == ChargeStatus::Failed).then(|| "no funds".to_owned()),
        }
    }
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    None,
    /// It did not happen.
    Before,
    /// It happened, and the answer is lost.
    After,
    /// The line hangs, before or after.
    Hangs(bool),
    Refused,
}

impl Bank {
    pub(super) fn new(name: &'static str, parts: bool, seed: u64) -> Self {
        let dice = SeededEntropy::new(seed ^ 0xBA4C ^ u64::from(parts));
        Self(Arc::new(Inner { name, parts, dice, books: Mutex::default() }))
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn behave(&self, well: bool) {
        let mut books = self.books();
        books.is_bad = !well;
        books.is_away &= !well;
    }

    pub(super) fn go_away(&self, away: bool) {
        let mut books = self.books();
        books.is_away = away && books.is_bad;
    }

    /// A charge by number: of those that nobody paid yet, or of the others.
    pub(super) fn nth(&self, nth: u8, is_paid: bool) -> Option<PaymentId> {
        let books = self.books();
        let of = books.accounts.iter().filter(|(_, account)| account.captured.is_some() == is_paid);
        let ids: Vec<PaymentId> = of.map(|(id, _)| *id).collect();
        ids.get(usize::from(nth).checked_rem(ids.len())?).copied()
    }

    /// What is still to be paid, for a bank that asks whether it may first.
    pub(super) fn question(&self, id: PaymentId) -> Option<ProviderCallback> {
        let books = self.books();
        let asked = books.accounts.get(&id)?.asked;
        Some(self.signed(format!("check {id} {} {}", asked.amount_minor, asked.currency)))
    }

    /// The payer does something. Money is taken while there is anything to pay, and for a while longer than it should be.
    pub(super) fn pay(&self, id: PaymentId, how: How, now: Timestamp) {
        let mut books = self.books();
        let Some(account) = books.accounts.get_mut(&id) else { return };
        if account.captured.is_some() || now > account.expires_at.plus(LATE_FOR) {
            return;
        }
        let asked = account.asked;
        let foreign = if asked.currency.code() == "KZT" { "USD" } else { "KZT" };
        let (captured, status) = match how {
            How::Whole => (Some(asked), ChargeStatus::Succeeded),
            How::Less => (Some(Money::new(asked.amount_minor - 1, asked.currency)), ChargeStatus::Succeeded),
            How::More => (Some(Money::new(asked.amount_minor + 7, asked.currency)), ChargeStatus::Succeeded),
            How::Foreign => match foreign.parse() {
                Ok(currency) => (Some(Money::new(asked.amount_minor, currency)), ChargeStatus::Succeeded),
                Err(_) => return,
            },
            How::Decline => (None, ChargeStatus::Failed),
            How::GiveUp => (None, ChargeStatus::Expired),
        };
        let said = account.charge(self.0.name, id);
        account.past.push(said);
        account.captured = captured;
        account.status = status;
        let (late, odd) =
            (captured.is_some() && now > account.expires_at, captured.is_some_and(|c| c != asked));
        books.late += u32::from(late);
        books.odd += u32::from(odd);
        self.say(&mut books, id);
    }

    /// Signs a callback, which is then on its way.
    fn say(&self, books: &mut Books, id: PaymentId) {
        let Some(charge) = books.accounts.get(&id).map(|account| account.charge(self.0.name, id)) else {
            return;
        };
        books.waiting.push(books.sent.len());
        books.sent.push((id, charge));
    }

    fn signed(&self, body: String) -> ProviderCallback {
        ProviderCallback {
            path: format!("/{}", self.0.name),
            query: String::new(),
            headers: BTreeMap::from([("signature".to_owned(), self.0.name.to_owned())]),
            body: body.into_bytes(),
        }
    }

    /// A callback on its way, which is so no more.
    pub(super) fn take(&self, nth: u8) -> Option<(usize, ProviderCallback)> {
        let mut books = self.books();
        let place = usize::from(nth).checked_rem(books.waiting.len())?;
        let number = books.waiting.remove(place);
        Some((number, self.signed(number.to_string())))
    }

    /// It was not taken in: it is said again.
    pub(super) fn put_back(&self, number: usize) {
        self.books().waiting.push(number);
    }

    /// One that was said at any time.
    pub(super) fn old(&self, nth: u8) -> Option<ProviderCallback> {
        let mut books = self.books();
        let number = usize::from(nth).checked_rem(books.sent.len())?;
        books.repeated += 1;
        Some(self.signed(number.to_string()))
    }

    /// The same without a signature that is worth anything: as if everybody had paid.
    pub(super) fn forged(&self, nth: u8) -> Option<ProviderCallback> {
        let callback = self.old(nth)?;
        let headers = BTreeMap::from([("signature".to_owned(), "forged".to_owned())]);
        Some(ProviderCallback { headers, ..callback })
    }

    pub(super) fn lose(&self, nth: u8) {
        if self.take(nth).is_some() {
            self.books().lost += 1;
        }
    }

    fn mishap(&self) -> Mishap {
        let books = self.books();
        if books.is_away {
            return Mishap::Before;
        }
        if !books.is_bad {
            return Mishap::None;
        }
        match self.0.dice.below(100) {
            0..=6 => Mishap::Before,
            7..=15 => Mishap::After,
            16 => Mishap::Hangs(false),
            17..=18 => Mishap::Hangs(true),
            19..=20 => Mishap::Refused,
            _ => Mishap::None,
        }
    }

    /// Makes a call, or does not, and says so, or does not.
    async fn answer<T>(
        &self,
        call: impl FnOnce(&mut Books) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        for _ in 0..self.0.dice.below(3) {
            tokio::task::yield_now().await;
        }
        let mishap = self.mishap();
        let answer = match mishap {
            Mishap::None => return call(&mut self.books()),
            Mishap::After | Mishap::Hangs(true) => call(&mut self.books()).map(drop),
            Mishap::Before | Mishap::Hangs(false) | Mishap::Refused => Ok(()),
        };
        {
            let mut books = self.books();
            books.failed_calls += 1;
            books.done_unsaid += u32::from(matches!(mishap, Mishap::After | Mishap::Hangs(true)));
        }
        answer?;
        match mishap {
            Mishap::Hangs(_) => std::future::pending().await,
            Mishap::Refused => Err(ProviderError::Refused("not today".to_owned())),
            _ => Err(ProviderError::Unreachable("502".to_owned())),
        }
    }
}

#[async_trait]
impl PaymentProvider for Bank {
    fn name(&self) -> &str {
        self.0.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { partial_refunds: self.0.parts, callbacks: true, by_hand: false }
    }

    fn supports(&self, currency: Currency) -> bool {
        currency.code() == "KZT"
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let made = self.answer(|books| self.begin(books, request)).await;
        if matches!(made, Err(ProviderError::Refused(_))) {
            let mut books = self.books();
            // It said no, and will again.
            if !books.accounts.contains_key(&request.payment_id) {
                books.refused.insert(request.payment_id);
            }
        }
        made
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError> {
        let id = charge.payment_id;
        let stale = self.0.dice.chance(100);
        let found = self.answer(|books| {
            let account = books.accounts.get(&id).ok_or(ProviderError::Unknown)?;
            let past = account.past.last().filter(|_| stale && books.is_bad).cloned();
            Ok(past.unwrap_or_else(|| account.charge(self.0.name, id)))
        });
        found.await
    }

    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        _: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        if callback.headers.get("signature").map(String::as_str) != Some(self.0.name) {
            return Err(ProviderError::NotGenuine);
        }
        let odd = || ProviderError::Refused("it cannot be read".to_owned());
        let body = std::str::from_utf8(&callback.body).map_err(|_| odd())?;
        if let Some(question) = body.strip_prefix("check ") {
            let words: Vec<&str> = question.split(' ').collect();
            let [id, amount, currency] = words[..] else { return Err(odd()) };
            let currency = currency.parse().map_err(|_| odd())?;
            let amount = Money::new(amount.parse().map_err(|_| odd())?, currency);
            return Ok(CallbackNews::Check(id.parse().map_err(|_| odd())?, amount));
        }
        let number: usize = body.parse().map_err(|_| odd())?;
        let (id, charge) = self.books().sent.get(number).cloned().ok_or_else(odd)?;
        // Some say no more than that there is something to be looked at.
        Ok(if number.is_multiple_of(4) { CallbackNews::Look(id) } else { CallbackNews::Charge(id, charge) })
    }

    fn answer_callback(&self, _: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        let status = match verdict {
            Verdict::Accepted => 200,
            Verdict::Refused(_) => 400,
            Verdict::NotGenuine => 403,
            Verdict::TryAgain => 503,
        };
        CallbackAnswer { status, content_type: "text/plain", body: Vec::new() }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.answer(|books| self.give_back(books, request)).await
    }
}

impl Bank {
    fn begin(&self, books: &mut Books, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let id = request.payment_id;
        if books.refused.contains(&id) {
            return Err(ProviderError::Refused("not today".to_owned()));
        }
        if let Some(known) = books.accounts.get(&id).cloned() {
            if (known.asked, known.booking_id) != (request.amount, request.booking_id) {
                books.wrong.push(format!("{id} is begun again as another charge: {request:?}"));
            }
            return Ok(known.charge(self.0.name, id));
        }
        let account = Account {
            booking_id: request.booking_id,
            asked: request.amount,
            expires_at: request.expires_at,
            status: ChargeStatus::Pending,
            captured: None,
            refunds: BTreeMap::new(),
            past: Vec::new(),
        };
        let charge = account.charge(self.0.name, id);
        books.accounts.insert(id, account);
        self.say(books, id);
        Ok(charge)
    }

    fn give_back(&self, books: &mut Books, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let (id, key) = (request.charge.payment_id, &request.idempotency_key);
        let Some(account) = books.accounts.get(&id) else {
            books.wrong.push(format!("{id} is given back and was never begun"));
            return Err(ProviderError::Unknown);
        };
        let receipt = RefundReceipt { reference: Some(format!("{}-{key}", self.0.name)) };
        let (captured, returned) = (account.captured, account.returned());
        match account.refunds.get(key) {
            Some(known) if *known == request.amount => return Ok(receipt),
            Some(known) => {
                books
                    .wrong
                    .push(format!("refund {key} of {known:?} is asked for again as {:?}", request.amount));
                return Err(ProviderError::Refused("it was another amount".to_owned()));
            }
            None => {}
        }
        let fits = captured.is_some_and(|captured| {
            let left = captured.amount_minor - returned;
            captured.currency == request.amount.currency && (1..=left).contains(&request.amount.amount_minor)
        });
        let whole = captured == Some(request.amount);
        if !fits || !(whole || self.0.parts) || request.refunded_before.amount_minor > returned {
            let came = (captured, returned);
            books.wrong.push(format!("{request:?} is asked for of {came:?}"));
            return Err(ProviderError::Refused("there is not as much".to_owned()));
        }
        if let Some(account) = books.accounts.get_mut(&id) {
            let said = account.charge(self.0.name, id);
            account.past.push(said);
            account.refunds.insert(key.clone(), request.amount);
        }
        self.say(books, id);
        Ok(receipt)
    }
}
