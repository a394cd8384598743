//! What of payments waits for people.

use eventify_core::payment::{PaymentView, StrayDispute};
use eventify_core::{Actor, Eventify, PageRequest};
use serde::Serialize;

use super::exit::Failure;
use super::out::{Out, inline};

/// Payments, and then disputes, that are shown at most.
const SHOWN_MAX: usize = 1_000;

/// One line per payment that somebody has to look at, one per dispute of money that no payment is known by, then how many there were.
pub(crate) async fn attention(eventify: &Eventify, out: &dyn Out) -> Result<(), Failure> {
    let (payments, actor) = (eventify.payments(), Actor::system());
    let (mut page, mut shown) = (PageRequest::first(100), 0);
    loop {
        let found = payments.attention(&actor, &page).await?;
        found.data.iter().for_each(|payment| out.line(&line(payment)));
        shown += found.data.len();
        page.cursor = found.next_cursor.filter(|_| shown < SHOWN_MAX);
        if page.cursor.is_none() {
            break;
        }
    }
    let (mut page, mut stray) = (PageRequest::first(100), 0);
    loop {
        let found = payments.stray_disputes(&actor, &page).await?;
        found.data.iter().for_each(|dispute| out.line(&line_of_dispute(dispute)));
        stray += found.data.len();
        page.cursor = found.next_cursor.filter(|_| stray < SHOWN_MAX);
        if page.cursor.is_none() {
            break;
        }
    }
    out.note(&format!("{shown} payments, {stray} disputes of money that no payment is known by"));
    Ok(())
}

fn line(payment: &PaymentView) -> String {
    let PaymentView { id, event_id, provider, amount, .. } = payment;
    let why: Vec<String> = payment.attention.iter().map(word).collect();
    let error = payment.last_error.as_deref();
    let error = error.map_or_else(String::new, |error| format!(" error={:?}", inline(error)));
    format!(
        "{id} event={event_id} provider={provider} status={} amount={:?} attention={}{error}",
        word(&payment.status),
        amount.to_string(),
        why.join(",")
    )
}

fn line_of_dispute(of: &StrayDispute) -> String {
    format!(
        "job={} provider={} dispute={:?} transaction={:?} amount={:?} status={}",
        of.job_id,
        of.provider,
        inline(&of.reference),
        inline(&of.transaction),
        of.amount.to_string(),
        word(&of.status)
    )
}

/// A closed set's word, as it is in JSON.
fn word(of: &impl Serialize) -> String {
    let word = serde_json::to_value(of).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}
