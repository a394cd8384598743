//! What a bank does when it is called, and what goes wrong with that.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::account::{Account, Given};
use super::bank::{Bank, Books, Said};
use crate::money::{Currency, Money};
use crate::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, ReceiptStatus, RefundReceipt, RefundRequest, Verdict,
};
use crate::testing::provider::answer_to;
use crate::time::Timestamp;

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
            16 if self.0.hangs => Mishap::Hangs(false),
            17..=18 if self.0.hangs => Mishap::Hangs(true),
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

    fn tells_fees_later(&self) -> bool {
        self.0.parts
    }

    fn tells_of_refunds(&self) -> bool {
        !self.0.is_quiet
    }

    fn return_url(&self) -> Option<String> {
        Some(format!("https://{}.example/{}/{{payment_id}}", self.0.name, self.books().pages))
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
        let id = self.named(charge);
        let stale = self.0.dice.chance(100);
        let found = self.answer(|books| {
            let account = books.accounts.get(&id).ok_or(ProviderError::Unknown)?;
            let past = account.before().filter(|_| stale && books.is_bad);
            Ok(past.unwrap_or_else(|| account.status()))
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
        let said = self.books().sent.get(number).cloned().ok_or_else(odd)?;
        Ok(match said {
            Said::Dispute(news) => CallbackNews::Dispute(news),
            Said::Refund(id, key, receipt) => CallbackNews::Refund(id, key, receipt),
            Said::Outside(_, Charge { transaction: Some(money), .. }) if Self::only_names_money(number) => {
                CallbackNews::Moved(money)
            }
            // Of what was asked for.
            Said::Charge(id, charge) | Said::Outside(id, charge)
                if Self::only_looks(number) && !charge.reference.contains("again") =>
            {
                CallbackNews::Look(id)
            }
            Said::Charge(id, charge) | Said::Outside(id, charge) => CallbackNews::Charge(id, charge),
        })
    }

    fn answer_callback(&self, _: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        answer_to(verdict)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.answer(|books| self.give_back(books, request)).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let id = self.named(&request.charge);
        let asked = self.answer(|books| {
            let account = books.accounts.get(&id).ok_or(ProviderError::Unknown)?;
            let given = account.refunds.get(&request.idempotency_key).ok_or(ProviderError::Unknown)?;
            let receipt = self.receipt(&request.idempotency_key, given.status);
            if request.reference != receipt.reference {
                let named = format!("{:?}, not {:?}", request.reference, receipt.reference);
                books.wrong.push(format!("refund {} is asked about as {named}", request.idempotency_key));
            }
            Ok(receipt)
        });
        asked.await
    }
}

impl Bank {
    fn begin(&self, books: &mut Books, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        let id = request.payment_id;
        if books.refused.contains(&id) {
            return Err(ProviderError::Refused("not today".to_owned()));
        }
        if let Some(known) = books.accounts.get(&id).cloned() {
            if known.request != *request {
                let was = &known.request;
                books.wrong.push(format!("{id} is begun again as another charge: {request:?}, not {was:?}"));
            }
            return Ok(known.charge());
        }
        let account = Account {
            booking_id: request.booking_id,
            order: id,
            reference: format!("{}-{id}", self.0.name),
            asked: request.amount,
            request: request.clone(),
            has_fee: self.0.parts,
            expires_at: request.expires_at,
            status: ChargeStatus::Pending,
            captured: None,
            refunds: BTreeMap::new(),
            paid_out: Vec::new(),
            outside: Vec::new(),
            dispute: None,
            past: Vec::new(),
        };
        let charge = account.charge();
        books.accounts.insert(id, account);
        Self::say(books, id);
        Ok(charge)
    }

    fn give_back(&self, books: &mut Books, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        let (id, key) = (self.named(&request.charge), &request.idempotency_key);
        let Some(account) = books.accounts.get(&id) else {
            books.wrong.push(format!("{id} is given back and was never begun"));
            return Err(ProviderError::Unknown);
        };
        let (captured, returned, accepted) = (account.captured, account.returned(), account.accepted());
        let (disputed, is_outside) = (account.disputed(), !account.outside.is_empty());
        if account.refunds.contains_key(key) && !request.asked_before {
            books.wrong.push(format!("refund {key} is asked for again as if for the first time"));
        }
        match account.refunds.get(key) {
            Some(known) if known.amount == request.amount => return Ok(self.receipt(key, known.status)),
            Some(Given { amount, .. }) => {
                let wrong = format!("refund {key} of {amount:?} is asked for again as {:?}", request.amount);
                books.wrong.push(wrong);
                return Err(ProviderError::Refused("it was another amount".to_owned()));
            }
            None => {}
        }
        let left = captured.map_or(0, |captured| captured.amount_minor - returned);
        let is_of = captured.is_some_and(|captured| captured.currency == request.amount.currency);
        let fits = is_of && (1..=left).contains(&request.amount.amount_minor);
        let is_unheard = fits && left - disputed < request.amount.amount_minor;
        if is_unheard || !fits && is_outside && is_of {
            // Nobody here may have heard of the dispute, or of what was given back on the bank's own pages, yet.
            return Err(ProviderError::Refused("there is not as much any more".to_owned()));
        }
        let whole = captured == Some(request.amount);
        if !fits || !(whole || self.0.parts) || request.refunded_before.amount_minor > accepted {
            let came = (captured, returned);
            books.wrong.push(format!("{request:?} is asked for of {came:?}"));
            return Err(ProviderError::Refused("there is not as much".to_owned()));
        }
        let status = match self.0.dice.below(10) {
            0..=2 if !books.is_final => ReceiptStatus::Pending,
            3 if !books.is_final => ReceiptStatus::Failed,
            _ => ReceiptStatus::Done,
        };
        books.accepted_only += u32::from(status != ReceiptStatus::Done);
        if let Some(account) = books.accounts.get_mut(&id) {
            account.past.push(account.charge());
            account.refunds.insert(key.clone(), Given { amount: request.amount, status });
            let reference = account.reference.clone();
            Self::will_be_asked(books, &reference);
        }
        Self::say(books, id);
        Ok(self.receipt(key, status))
    }
}
