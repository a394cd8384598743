//! How a charge stands, read from FreedomPay's answers and callbacks.

use eventify_core::payment::{Charge, ChargeStatus, ProviderError, ReceiptStatus, RefundReceipt};
use eventify_core::{Currency, Money};

use super::message::Message;
use crate::client::{unreachable, words};
use crate::decimal;

/// A charge's status, with what is known of money given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) charge: Charge,
    pub(crate) returns: Returns,
    /// Whether the payer's bank holds the money, and it was not taken.
    pub(crate) is_held: bool,
}

/// Money given back, or on its way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Returns {
    /// Minor units that are back.
    pub(crate) done: i64,
    /// Every attempt that is listed, whoever asked for it.
    pub(crate) attempts: Vec<Attempt>,
}

/// One attempt to give money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Its own number.
    pub(crate) id: Option<String>,
    /// Minor units.
    pub(crate) amount: i64,
    /// How it stands.
    pub(crate) stands: ReceiptStatus,
}

impl Returns {
    /// How the refund stands with which so many minor units are given back: as the attempt of its name does. Where none is listed under that, the
    /// sums say so: without a name it has failed when nothing that is on its way covers it any more, and more attempts have failed than did `before`
    /// it. One with a name may be listed yet: those that failed are others.
    pub(crate) fn receipt(&self, wanted: i64, before: Option<usize>, name: Option<&str>) -> RefundReceipt {
        let has_failed = before.is_some_and(|before| self.failed() > before);
        let status = match self.attempt(name) {
            Some(attempt) => attempt.stands,
            None if self.done >= wanted => ReceiptStatus::Done,
            None if name.is_none() && self.asked() < wanted && has_failed => ReceiptStatus::Failed,
            None => ReceiptStatus::Pending,
        };
        RefundReceipt { reference: None, status, failure: None }
    }

    /// Whether a refund of this amount, with which so many minor units are given back, may be there already. Each is listed with its amount, so
    /// one of another amount is somebody else's; what is in the sum and not in the list may be anybody's.
    /// What is known by its name is none of it.
    pub(crate) fn may_have(&self, amount: i64, wanted: i64, others: &[String]) -> bool {
        self.has_unlisted(wanted) || self.like(amount, wanted, others).next().is_some()
    }

    /// The name of the one attempt that may be that refund, if there is one alone.
    pub(crate) fn only(&self, amount: i64, wanted: i64, others: &[String]) -> Option<&str> {
        let mut like = self.like(amount, wanted, others).filter(|_| !self.has_unlisted(wanted));
        like.next().filter(|_| like.next().is_none())?.id.as_deref()
    }

    fn like<'a>(&'a self, amount: i64, wanted: i64, others: &[String]) -> impl Iterator<Item = &'a Attempt> {
        let is_other = |attempt: &&Attempt| attempt.id.as_ref().is_some_and(|id| others.contains(id));
        let attempts = self.attempts.iter().filter(move |attempt| !is_other(attempt));
        attempts.filter(move |attempt| match attempt.stands {
            // Nothing of zero is given back: that one cannot be read.
            ReceiptStatus::Pending => attempt.amount == amount || attempt.amount == 0,
            ReceiptStatus::Done => self.done >= wanted && attempt.amount == amount,
            ReceiptStatus::Failed => false,
        })
    }

    fn has_unlisted(&self, wanted: i64) -> bool {
        self.done >= wanted && self.done > self.listed(ReceiptStatus::Done)
    }

    /// The one that is new since then and of this amount, if there is one alone.
    pub(crate) fn new_since(&self, before: &Self, amount: i64) -> Option<&str> {
        let is_known = |id: &str| before.attempt(Some(id)).is_some();
        let of_amount = self.attempts.iter().filter(|attempt| attempt.amount == amount);
        let mut new = of_amount.filter_map(|attempt| attempt.id.as_deref()).filter(|id| !is_known(id));
        new.next().filter(|_| new.next().is_none())
    }

    pub(crate) fn attempt(&self, name: Option<&str>) -> Option<&Attempt> {
        let name = name?;
        self.attempts.iter().find(|attempt| attempt.id.as_deref() == Some(name))
    }

    /// How many attempts failed.
    pub(crate) fn failed(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.stands == ReceiptStatus::Failed).count()
    }

    /// Minor units that are back or on their way: refunds that were asked for and did not fail.
    pub(crate) fn asked(&self) -> i64 {
        self.done.saturating_add(self.listed(ReceiptStatus::Pending))
    }

    fn listed(&self, stands: ReceiptStatus) -> i64 {
        let these = self.attempts.iter().filter(|attempt| attempt.stands == stands);
        these.map(|attempt| attempt.amount).fold(0, i64::saturating_add)
    }
}

/// Reads an answer to `get_status3.php` whose signature was checked.
pub(crate) fn status(answer: &Message) -> Result<Status, ProviderError> {
    let currency = currency(answer).ok_or_else(|| unreachable("its status names no currency"))?;
    let amount =
        amount(answer, "pg_amount", currency).ok_or_else(|| unreachable("its status names no amount"))?;
    if amount.amount_minor < 0 {
        // Asked by order, it answers the order's last movement.
        return Err(ProviderError::Refused(
            "the order's last movement is a refund: ask by the payment".into(),
        ));
    }
    let mut returns = returns(answer, currency);
    let state = answer.get("pg_payment_status").or_else(|| answer.get("pg_transaction_status"));
    let state = state.unwrap_or_default();
    let went = matches!(state, "refunded" | "revoked" | "canceled" | "cancelled");
    if went && returns.asked() == 0 && answer.get("pg_captured") == Some("1") {
        // It was taken, and is not there any more, without a word of how much: all of it.
        returns = Returns { done: amount.amount_minor, ..returns };
    }
    let is_held = matches!(state, "success" | "ok") && answer.get("pg_captured") == Some("0");
    let status = match state {
        _ if is_held => ChargeStatus::Pending,
        "success" | "ok" => ChargeStatus::Succeeded,
        // Money that came and went came; one that was let go before it was taken never did.
        _ if went && returns.done > 0 => ChargeStatus::Succeeded,
        "refunded" | "revoked" | "canceled" | "cancelled" | "failed" | "error" | "rejected" => {
            ChargeStatus::Failed
        }
        "incomplete" => ChargeStatus::Expired,
        _ => ChargeStatus::Pending,
    };
    let charge = Charge {
        reference: reference(answer).ok_or_else(|| unreachable("its status names no payment"))?,
        transaction: None,
        status,
        amount,
        refunded: Money::new(returns.done.min(amount.amount_minor), currency),
        fee: fee(answer, amount),
        redirect_url: None,
        failure: failure(answer),
    };
    Ok(Status { charge, returns, is_held })
}

/// FreedomPay's name of a payment: a number.
pub(crate) fn reference(message: &Message) -> Option<String> {
    let id = message.get("pg_payment_id")?;
    let number = !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_digit());
    number.then(|| id.to_owned())
}

pub(crate) fn currency(message: &Message) -> Option<Currency> {
    match message.get("pg_currency")? {
        // Its name until 1998, which older installations still use.
        "RUR" => "RUB".parse().ok(),
        code => code.parse().ok(),
    }
}

pub(crate) fn amount(message: &Message, field: &str, currency: Currency) -> Option<Money> {
    decimal::parse(message.get(field)?, currency)
}

/// What FreedomPay keeps: the amount without what the merchant gets.
pub(crate) fn fee(message: &Message, amount: Money) -> Option<Money> {
    let net = self::amount(message, "pg_net_amount", amount.currency)?;
    let kept = amount.amount_minor.checked_sub(net.amount_minor)?;
    (kept >= 0 && net.amount_minor >= 0).then(|| Money::new(kept, amount.currency))
}

pub(crate) fn failure(message: &Message) -> Option<String> {
    let why = message.get("pg_failure_description").or_else(|| message.get("pg_error_description"))?;
    Some(words(why, 500)).filter(|why| !why.is_empty())
}

/// Sums what was given back: each attempt is a payment of its own with a negative amount; the sum beside them counts those that are done.
fn returns(answer: &Message, currency: Currency) -> Returns {
    let lists = ["pg_refund_payments", "pg_revoked_payments"];
    let attempts = lists.into_iter().flat_map(|list| answer.nested(list)).flat_map(Message::parts);
    let attempt = |attempt: &Message| Attempt {
        id: reference(attempt),
        amount: amount(attempt, "pg_amount", currency).map_or(0, |m| m.amount_minor.saturating_abs()),
        stands: match attempt.get("pg_payment_status").unwrap_or_default() {
            "success" | "ok" => ReceiptStatus::Done,
            "error" | "failed" | "rejected" | "revoked" => ReceiptStatus::Failed,
            _ => ReceiptStatus::Pending,
        },
    };
    let returns = Returns { done: 0, attempts: attempts.map(attempt).collect() };
    let sums = ["pg_refund_amount", "pg_revoke_amount", "pg_revoked_amount"];
    let told = sums.into_iter().filter_map(|field| amount(answer, field, currency));
    let told = told.map(|sum| sum.amount_minor.saturating_abs()).max().unwrap_or(0);
    Returns { done: returns.listed(ReceiptStatus::Done).max(told), ..returns }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &str) -> Result<Status, ProviderError> {
        let xml = format!(
            "<response><pg_payment_id>7</pg_payment_id><pg_currency>KZT</pg_currency>{fields}</response>"
        );
        status(&Message::from_xml(&xml).unwrap())
    }

    #[test]
    fn every_word_for_a_status_is_known() {
        let cases = [
            ("success", "", ChargeStatus::Succeeded),
            ("ok", "", ChargeStatus::Succeeded),
            ("success", "<pg_captured>1</pg_captured>", ChargeStatus::Succeeded),
            ("success", "<pg_captured>0</pg_captured>", ChargeStatus::Pending),
            ("new", "", ChargeStatus::Pending),
            ("process", "", ChargeStatus::Pending),
            ("partial", "", ChargeStatus::Pending),
            ("a word of tomorrow", "", ChargeStatus::Pending),
            ("failed", "", ChargeStatus::Failed),
            ("error", "", ChargeStatus::Failed),
            ("revoked", "", ChargeStatus::Failed),
            ("revoked", "<pg_captured>0</pg_captured>", ChargeStatus::Failed),
            ("revoked", "<pg_captured>1</pg_captured>", ChargeStatus::Succeeded),
            ("canceled", "<pg_captured>1</pg_captured>", ChargeStatus::Succeeded),
            ("revoked", "<pg_revoked_amount>-10</pg_revoked_amount>", ChargeStatus::Succeeded),
            ("refunded", "<pg_refund_amount>-10</pg_refund_amount>", ChargeStatus::Succeeded),
            ("incomplete", "", ChargeStatus::Expired),
        ];
        for (word, more, expected) in cases {
            let fields =
                format!("<pg_amount>10</pg_amount><pg_payment_status>{word}</pg_payment_status>{more}");
            assert_eq!(read(&fields).unwrap().charge.status, expected, "{word} {more}");
        }
    }

    /// The answer of the documentation.
    #[test]
    fn refunds_are_summed_by_how_they_went() {
        let entry = |status: &str, amount: &str| {
            format!(
                "<pg_refund_payment><pg_payment_status>{status}</pg_payment_status>\
                 <pg_amount>{amount}</pg_amount></pg_refund_payment>"
            )
        };
        let list = [entry("success", "-2.50"), entry("process", "-3"), entry("error", "-4")].concat();
        let told = read(&format!(
            "<pg_amount>10</pg_amount><pg_payment_status>success</pg_payment_status>\
             <pg_refund_payments>{list}</pg_refund_payments><pg_refund_amount>-2.5</pg_refund_amount>"
        ));
        let told = told.unwrap();
        assert_eq!((told.returns.done, told.returns.asked(), told.returns.failed()), (250, 550, 1));
        assert_eq!(told.charge.refunded.amount_minor, 250);
    }

    #[test]
    fn what_was_taken_and_revoked_without_sums_went_back_whole() {
        for (more, back) in [("", 1_000), ("<pg_refund_amount>-4</pg_refund_amount>", 400)] {
            let fields = format!(
                "<pg_amount>10</pg_amount><pg_payment_status>revoked</pg_payment_status><pg_captured>1</pg_captured>{more}"
            );
            assert_eq!(read(&fields).unwrap().charge.refunded.amount_minor, back, "{more}");
        }
    }

    #[test]
    fn what_says_too_little_is_not_guessed() {
        for fields in ["", "<pg_amount>x</pg_amount>", "<pg_amount>1.001</pg_amount>"] {
            assert!(matches!(read(fields), Err(ProviderError::Unreachable(_))), "{fields}");
        }
        assert!(matches!(read("<pg_amount>-10</pg_amount>"), Err(ProviderError::Refused(_))));
    }

    #[test]
    fn the_fee_is_what_the_merchant_does_not_get() {
        let net = |text: &str| {
            let fields = format!("<pg_amount>2121.00</pg_amount><pg_net_amount>{text}</pg_net_amount>");
            read(&fields).unwrap().charge.fee.map(|fee| fee.amount_minor)
        };
        assert_eq!((net("2067.97"), net("2121"), net("3000"), net("x")), (Some(5_303), Some(0), None, None));
    }
}
