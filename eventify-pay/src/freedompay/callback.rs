//! What FreedomPay tells us by itself, and what it is answered.

use eventify_core::account::SecretText;
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Charge, ChargeStatus, ProviderCallback, ProviderError, Verdict,
};
use eventify_core::{Money, PaymentId};

use super::charge::{amount, currency, failure, fee, reference};
use super::message::Message;
use super::signature::{is_genuine, script, sign};
use crate::client::words;

/// The message of a genuine callback: signed for the script that they were told to call, whatever address it came to.
pub(crate) fn genuine(
    callback: &ProviderCallback,
    (own, secret): (&str, &SecretText),
) -> Result<Message, ProviderError> {
    if script(&callback.path) != own {
        return Err(ProviderError::NotGenuine);
    }
    // It calls with a form, or with a query where a merchant's settings say so.
    let form = if callback.body.is_empty() { callback.query.as_bytes() } else { &callback.body };
    let message = Message::from_form(form).ok_or(ProviderError::NotGenuine)?;
    // Or with a form whose only field is XML.
    let message = match message.get("pg_xml") {
        Some(xml) if message.0.len() == 1 => Message::from_xml(xml).ok_or(ProviderError::NotGenuine)?,
        _ => message,
    };
    if secret.is_blank() || !is_genuine(own, &message, secret) {
        return Err(ProviderError::NotGenuine);
    }
    Ok(message)
}

/// What a genuine callback says: a result, or the question whether there may be one.
pub(crate) fn news(message: &Message) -> Result<CallbackNews, ProviderError> {
    let order = message.get("pg_order_id").and_then(|id| id.parse::<PaymentId>().ok());
    let payment_id = order.ok_or_else(|| unreadable("pg_order_id is no payment of ours"))?;
    let currency = currency(message).ok_or_else(|| unreadable("pg_currency is no currency"))?;
    let amount =
        amount(message, "pg_amount", currency).ok_or_else(|| unreadable("pg_amount is no amount"))?;
    let reference = reference(message).ok_or_else(|| unreadable("pg_payment_id is no number"))?;
    let status = match (message.get("pg_result"), message.get("pg_captured")) {
        // The only one without a result is the one that is sent before it.
        (None, _) => return Ok(CallbackNews::Check(payment_id, amount)),
        (Some("1"), Some("0")) => ChargeStatus::Pending,
        (Some("1"), _) => ChargeStatus::Succeeded,
        (Some("0"), _) => ChargeStatus::Failed,
        _ => return Ok(CallbackNews::Look(payment_id)),
    };
    let charge = Charge {
        reference,
        transaction: None,
        status,
        amount,
        refunded: Money::new(0, currency),
        fee: fee(message, amount),
        redirect_url: None,
        failure: failure(message).filter(|_| status == ChargeStatus::Failed),
    };
    Ok(CallbackNews::Charge(payment_id, charge))
}

/// The answer, signed as the question was. Who cannot sign is answered nothing that is signed.
pub(crate) fn answer(
    callback: &ProviderCallback,
    verdict: &Verdict,
    (own, secret): (&str, &SecretText),
) -> CallbackAnswer {
    let stranger = || {
        let body = b"the signature is not genuine".to_vec();
        CallbackAnswer { status: 403, content_type: "text/plain; charset=utf-8".to_owned(), body }
    };
    let Ok(message) = genuine(callback, (own, secret)) else { return stranger() };
    // A result that can no longer be rejected is a fact: saying so again would change nothing.
    let can_reject = message.get("pg_result").is_none() || message.get("pg_can_reject") == Some("1");
    let (http, status, description) = match verdict {
        Verdict::Accepted => (200, "ok", ""),
        Verdict::Refused(why) if can_reject => (200, "rejected", why.as_str()),
        Verdict::Refused(why) => (200, "error", why.as_str()),
        // Anything but 200 is repeated.
        Verdict::TryAgain => (503, "error", "try again"),
        Verdict::NotGenuine => return stranger(),
    };
    let mut answer = Message::of(&[("pg_status", status)]);
    if !description.is_empty() {
        let name = if status == "error" { "pg_error_description" } else { "pg_description" };
        // A semicolon would be taken for the border of a field in what is signed.
        answer.push(name, words(&description.replace(';', ","), 200));
    }
    let answer = sign(own, answer, secret);
    CallbackAnswer {
        status: http,
        content_type: "application/xml; charset=utf-8".to_owned(),
        body: answer.to_xml().into_bytes(),
    }
}

fn unreadable(why: &str) -> ProviderError {
    ProviderError::Refused(why.to_owned())
}
