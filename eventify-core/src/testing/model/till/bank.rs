//! A bank: a provider that keeps its own books right, and does everything else badly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::Account;
use super::plan::How;
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::{
    Charge, ChargeDispute, ChargeKey, ChargeStatus, ProviderCallback, ReceiptStatus, RefundReceipt, double_id,
};
use crate::testing::SeededEntropy;
use crate::time::Timestamp;

/// What it takes after the last instant at which it should.
pub(super) const LATE_FOR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Clones are the same bank.
#[derive(Clone)]
pub(super) struct Bank(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) name: &'static str,
    pub(super) parts: bool,
    /// Whether it may be silent: where time does not pass by itself nobody waits long for that.
    pub(super) hangs: bool,
    /// Whether it tells nobody what is given back on its own pages, and what comes back of that.
    pub(super) is_quiet: bool,
    pub(super) dice: SeededEntropy,
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
    pub(super) refused: BTreeSet<PaymentId>,
    /// Every callback that it ever signed.
    pub(super) sent: Vec<Said>,
    /// Those that have not arrived, by their place there.
    waiting: Vec<usize>,
    /// Those of what was given back on its own pages that never arrived, with its name of the charge: it says them again, unless it was asked
    /// about the charge for another reason meanwhile.
    unsaid: Vec<(usize, String)>,
    /// How often its page for payers who come back was moved.
    pub(super) pages: u32,
    pub(super) is_bad: bool,
    pub(super) is_away: bool,
    /// Whether what it accepts is made at once.
    pub(super) is_final: bool,
    /// What nobody may ask of a bank.
    pub(super) wrong: Vec<String>,
    pub(super) late: u32,
    pub(super) odd: u32,
    pub(super) repeated: u32,
    pub(super) lost: u32,
    pub(super) failed_calls: u32,
    pub(super) done_unsaid: u32,
    pub(super) disputes: u32,
    pub(super) doubles: u32,
    pub(super) accepted_only: u32,
    pub(super) failed_late: u32,
    pub(super) outside: u32,
    pub(super) outside_failed: u32,
    pub(super) outside_unsaid: u32,
}

/// What a callback says.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Charge(PaymentId, Charge),
    Dispute(ChargeDispute),
    Refund(PaymentId, String, RefundReceipt),
    /// A charge of which something was given back on the bank's own pages.
    Outside(PaymentId, Charge),
}

impl Bank {
    pub(super) fn new(name: &'static str, (parts, hangs): (bool, bool), seed: u64) -> Self {
        let dice = SeededEntropy::new(seed ^ 0xBA4C ^ u64::from(parts));
        // One of the two, or neither.
        let is_quiet = seed % 3 == u64::from(parts);
        Self(Arc::new(Inner { name, parts, hangs, is_quiet, dice, books: Mutex::default() }))
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

    /// A charge by number: of those that can still be paid, or of those that were.
    pub(super) fn nth(&self, nth: u8, is_paid: bool, now: Timestamp) -> Option<PaymentId> {
        let books = self.books();
        let is_of = |account: &Account| match account.captured {
            Some(_) => is_paid,
            None => !is_paid && now <= account.expires_at.plus(LATE_FOR),
        };
        let of = books.accounts.iter().filter(|(_, account)| is_of(account));
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
        account.past.push(account.charge());
        account.captured = captured;
        account.status = status;
        let (late, odd) =
            (captured.is_some() && now > account.expires_at, captured.is_some_and(|c| c != asked));
        books.late += u32::from(late);
        books.odd += u32::from(odd);
        Self::say(&mut books, id);
    }

    /// Signs a callback, which is then on its way.
    pub(super) fn say(books: &mut Books, id: PaymentId) {
        let Some(account) = books.accounts.get(&id) else { return };
        let said = Said::Charge(account.order, account.charge());
        Self::send(books, said);
    }

    /// The payer of a charge has their own bank take the money back, or that bank decides.
    pub(super) fn contest(&self, id: PaymentId, won: bool) {
        let mut books = self.books();
        let Some(account) = books.accounts.get_mut(&id) else { return };
        if !account.contest(won) {
            return;
        }
        let Some(news) = account.news() else { return };
        books.disputes += 1;
        Self::send(&mut books, Said::Dispute(news));
    }

    /// Money of a charge is given back on the bank's own pages.
    pub(super) fn give_back_outside(&self, id: PaymentId, part: bool) {
        let mut books = self.books();
        let Some(account) = books.accounts.get_mut(&id) else { return };
        if !account.give_back_outside(part) {
            return;
        }
        let said = Said::Outside(account.order, account.charge());
        books.outside += 1;
        if !self.0.is_quiet {
            Self::send(&mut books, said);
        }
    }

    fn send(books: &mut Books, said: Said) {
        let place = books.sent.len();
        books.waiting.push(place);
        books.sent.push(said);
    }

    /// Nothing stays unsaid that nobody can find out.
    pub(super) fn say_again(&self) {
        let mut books = self.books();
        let unsaid = std::mem::take(&mut books.unsaid);
        books.waiting.extend(unsaid.into_iter().map(|(number, _)| number));
    }

    /// A refund of ours of a charge is accepted: whoever ends it asks what else went back.
    pub(super) fn will_be_asked(books: &mut Books, reference: &str) {
        books.unsaid.retain(|(_, of)| of != reference);
    }

    /// Charges once more what was paid.
    pub(super) fn pay_again(&self, id: PaymentId) {
        let mut books = self.books();
        let Some(account) = books.accounts.get(&id) else { return };
        let (order, doubles) =
            (account.order, books.accounts.values().filter(|a| a.order == account.order).count());
        if account.captured != Some(account.asked) || doubles > 3 {
            return;
        }
        let reference = format!("{}-{order}-again{doubles}", self.0.name);
        let again = Account {
            reference: reference.clone(),
            refunds: BTreeMap::new(),
            paid_out: Vec::new(),
            outside: Vec::new(),
            dispute: None,
            past: Vec::new(),
            ..account.clone()
        };
        let id = double_id(order, &reference);
        books.accounts.insert(id, again);
        books.doubles += 1;
        Self::say(&mut books, id);
    }

    /// People pay out what it does not give back, unless they see on its pages that somebody had it give that back already, which it may not
    /// have told anybody yet. Answers whether they do.
    pub(super) fn pay_out(&self, reference: Option<&str>, amount: Money) -> bool {
        let mut books = self.books();
        let mut accounts = books.accounts.values_mut();
        let account = accounts.find(|account| Some(account.reference.as_str()) == reference);
        let Some(account) = account.filter(|account| account.left() >= amount.amount_minor) else {
            return false;
        };
        account.paid_out.push(amount);
        true
    }

    /// People do not pay it out after all.
    pub(super) fn keep(&self, reference: Option<&str>, amount: Money) {
        let mut books = self.books();
        for account in books.accounts.values_mut().filter(|a| Some(a.reference.as_str()) == reference) {
            if let Some(place) = account.paid_out.iter().rposition(|paid| *paid == amount) {
                account.paid_out.remove(place);
            }
        }
    }

    /// Whether more of a charge went back than came, with what people are about to pay out.
    pub(super) fn has_too_little(&self, reference: Option<&str>) -> bool {
        let books = self.books();
        books.accounts.values().any(|a| Some(a.reference.as_str()) == reference && a.left() < 0)
    }

    /// What it accepted is made or fails; in a storm some of it, and what was made may fail, too. Then all of what is not final.
    pub(super) fn end_refunds(&self, all: bool) {
        let mut books = self.books();
        let is_final = books.is_final;
        let (mut ended, mut said, mut failed) = (Vec::new(), Vec::new(), 0);
        for account in books.accounts.values_mut() {
            let (before, count) = (account.charge(), ended.len());
            for (key, given) in &mut account.refunds {
                let status = match given.status {
                    ReceiptStatus::Pending if all || self.0.dice.chance(300) => {
                        let fails = !is_final && self.0.dice.chance(400);
                        if fails { ReceiptStatus::Failed } else { ReceiptStatus::Done }
                    }
                    ReceiptStatus::Done if !all && self.0.dice.chance(60) => ReceiptStatus::Failed,
                    _ => continue,
                };
                given.status = status;
                ended.push((account.order, key.clone(), self.receipt(key, status)));
            }
            let mut fails = false;
            for given in &mut account.outside {
                if given.status == ReceiptStatus::Done && !is_final && self.0.dice.chance(120) {
                    given.status = ReceiptStatus::Failed;
                    (fails, failed) = (true, failed + 1);
                }
            }
            if fails && !self.0.is_quiet {
                said.push(Said::Outside(account.order, account.charge()));
            }
            if fails || ended.len() > count {
                account.past.push(before);
            }
        }
        books.outside_failed += failed;
        said.into_iter().for_each(|said| Self::send(&mut books, said));
        for (order, key, receipt) in ended {
            books.failed_late += u32::from(receipt.status == ReceiptStatus::Failed);
            Self::send(&mut books, Said::Refund(order, key, receipt));
        }
    }

    pub(super) fn receipt(&self, key: &str, status: ReceiptStatus) -> RefundReceipt {
        let failure = (status == ReceiptStatus::Failed).then(|| "the card is gone".to_owned());
        RefundReceipt { reference: Some(format!("{}-{key}", self.0.name)), status, failure }
    }

    /// The number that a charge was asked for under.
    pub(super) fn order_of(&self, id: PaymentId) -> Option<PaymentId> {
        self.books().accounts.get(&id).map(|account| account.order)
    }

    /// Which of its charges is asked about.
    pub(super) fn named(&self, key: &ChargeKey) -> PaymentId {
        let first = format!("{}-{}", self.0.name, key.payment_id);
        match key.reference.as_deref() {
            Some(reference) if reference != first => double_id(key.payment_id, reference),
            _ => key.payment_id,
        }
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

    /// Some say no more than that there is something to be looked at.
    pub(super) const fn only_looks(number: usize) -> bool {
        number.is_multiple_of(4)
    }

    /// And some name only the money.
    pub(super) const fn only_names_money(number: usize) -> bool {
        number % 4 == 1
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

    /// It never arrives. Of disputes and of what failed after it was made nothing can be asked, so a bank that could not tell of one goes on
    /// trying.
    pub(super) fn lose(&self, nth: u8) {
        let Some((number, _)) = self.take(nth) else { return };
        let mut books = self.books();
        let is_kept = match books.sent.get(number) {
            Some(Said::Charge(_, charge)) => charge.reference.contains("again"),
            Some(Said::Outside(_, charge)) => {
                let reference = charge.reference.clone();
                books.unsaid.push((number, reference));
                books.outside_unsaid += 1;
                false
            }
            Some(Said::Dispute(_) | Said::Refund(..)) | None => true,
        };
        if is_kept {
            books.waiting.push(number);
        } else {
            books.lost += 1;
        }
    }
}
