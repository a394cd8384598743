//! Payments, their refunds, and the ledger.

use std::collections::BTreeSet;

use eventify_core::payment::{
    Attention, BookingPayments, Dispute, DisputeStatus, LedgerEntry, LedgerKind, OtherCharge, Payment,
    PaymentState, Refund, RefundCause, RefundState,
};
use eventify_core::{Money, Timestamp};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells, SqlType, Value, elements};
use crate::columns::{Batch, Columns, Spec, group, table, words};

words! {
    Attention: AmountMismatch = "amount_mismatch", RefundFailed = "refund_failed", RefundedOutside = "refunded_outside",
        PayOut = "pay_out", ChargedTwice = "charged_twice", Disputed = "disputed", ProviderMissing = "provider_missing",
        Unwatched = "unwatched";
    RefundCause: BookingCancelled = "booking_cancelled", EventCancelled = "event_cancelled", TooLate = "too_late",
        PaidTwice = "paid_twice", AmountMismatch = "amount_mismatch", Requested = "requested", Outside = "outside";
    LedgerKind: Charge = "charge", Refund = "refund", Fee = "fee", Chargeback = "chargeback",
        ChargebackReturned = "chargeback_returned", RefundReturned = "refund_returned";
    DisputeStatus: Open = "open", Won = "won", Lost = "lost";
}

impl Value for BTreeSet<Attention> {
    const TYPE: SqlType = SqlType::Texts;
    fn encode(&self, out: &mut Vec<u8>) {
        let words = self.iter().map(|why| {
            let mut word = Vec::new();
            why.encode(&mut word);
            String::from_utf8(word).unwrap_or_default()
        });
        words.collect::<Vec<String>>().encode(out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        elements(bytes)?.into_iter().map(|word| Attention::decode(word.unwrap_or(&[]))).collect()
    }
}

impl Columns for PaymentState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        <Option<Money> as Columns>::list("received", to);
    }
    fn put(&self, row: &mut Batch) {
        let (status, since) = match self {
            Self::Created => ("created", None),
            Self::Pending => ("pending", None),
            Self::Succeeded { at, .. } => ("succeeded", Some(at)),
            Self::Failed { at } => ("failed", Some(at)),
            Self::Expired { at } => ("expired", Some(at)),
        };
        row.put(&Word(status));
        row.put_option(since);
        Columns::put(&self.received(), row);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let since = Columns::take(row)?;
        match (status.as_str(), since, Columns::take(row)?) {
            ("created", None, None) => Ok(Self::Created),
            ("pending", None, None) => Ok(Self::Pending),
            ("succeeded", Some(at), Some(received)) => Ok(Self::Succeeded { at, received }),
            ("failed", Some(at), None) => Ok(Self::Failed { at }),
            ("expired", Some(at), None) => Ok(Self::Expired { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

impl Columns for RefundState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        to.push(Spec::nullable::<String>("error"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, since, error) = match self {
            Self::Due => ("due", None, None),
            Self::Sent { at } => ("sent", Some(at), None),
            Self::Done { at } => ("done", Some(at), None),
            Self::Failed { at, error } => ("failed", Some(at), Some(error)),
            Self::Superseded { at } => ("superseded", Some(at), None),
            Self::Returned { at, error } => ("returned", Some(at), Some(error)),
        };
        row.put(&Word(status));
        row.put_option(since);
        row.put_option(error);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let since = Columns::take(row)?;
        match (status.as_str(), since, Columns::take(row)?) {
            ("due", None, None) => Ok(Self::Due),
            ("sent", Some(at), None) => Ok(Self::Sent { at }),
            ("done", Some(at), None) => Ok(Self::Done { at }),
            ("failed", Some(at), Some(error)) => Ok(Self::Failed { at, error }),
            ("superseded", Some(at), None) => Ok(Self::Superseded { at }),
            ("returned", Some(at), Some(error)) => Ok(Self::Returned { at, error }),
            _ => Err(odd_state(&status)),
        }
    }
}

/// One column: nothing, no name, or the name.
impl Columns for Option<OtherCharge> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<String>("other_charge"));
    }
    fn put(&self, row: &mut Batch) {
        let name = self.as_ref().map(|other| match other {
            OtherCharge::Unnamed => String::new(),
            OtherCharge::Named(name) => name.clone(),
        });
        row.put_option(name.as_ref());
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let name: Option<String> = Columns::take(row)?;
        let named =
            |name: String| if name.is_empty() { OtherCharge::Unnamed } else { OtherCharge::Named(name) };
        Ok(name.map(named))
    }
}

group! {
    Refund: id, amount, cause, reason, state, reference, by_hand, retries, created_at;
}

group! {
    Dispute: id, reference, amount, reason, status, moves, taken, returned, created_at;
}

table! {
    Payment: id;
    fields double_of, booking_id, event_id, user_id, provider, by_hand, amount, state, reference, other, transaction, redirect_url,
        return_url, description, fee, attention, failure, last_error, expires_at, created_at, updated_at;
    list refunds in "payment_refunds" by payment_id carrying event_id;
    list disputes in "payment_disputes" by payment_id carrying event_id;
}

table! {
    BookingPayments: booking_id;
    fields event_id, payments;
}

table! {
    LedgerEntry: id;
    fields event_id, booking_id, payment_id, refund_id, dispute_id, provider, kind, amount, at;
}
