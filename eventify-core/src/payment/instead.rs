//! Refunds that a provider accepted and did not make, so that people paid them out instead.

use super::model::{Attention, Payment, Refund, RefundState};
use super::port::{ReceiptStatus, RefundReceipt};
use super::{give_back, outside, owe, refund, watch};
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::id::RefundId;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

impl Refund {
    /// Whether people paid it out after the provider had accepted it. The provider may count it on, and may make it after all; once it says that
    /// it failed it loses its name, and is one that people paid out and nothing else.
    pub(super) fn is_paid_out_instead(&self) -> bool {
        self.by_hand && self.reference.is_some() && self.state.is_gone()
    }

    /// Since when the provider is asked for it: it accepted it, or people paid it out instead.
    pub(super) fn followed_since(&self) -> Option<Timestamp> {
        match self.state {
            RefundState::Sent { at } => Some(at),
            RefundState::Done { at } if self.is_paid_out_instead() => Some(at),
            _ => None,
        }
    }
}

impl Payment {
    /// How much of what people paid out the provider may have in its sum, in minor units: nobody can tell by that whether it was made.
    pub(super) fn paid_out_instead_minor(&self) -> i64 {
        let these = self.refunds.iter().filter(|refund| refund.is_paid_out_instead());
        these.map(|refund| refund.amount.amount_minor).fold(0, i64::saturating_add)
    }
}

/// Whether nobody can wait on for a refund that the provider accepted then: it had its time, or nobody can ask it. One process without the provider
/// may be older or newer than the others: whoever was to ask it has to have missed it, too, and nobody to have had an answer since.
pub(super) fn is_overdue(cx: &Context<'_>, payment: &Payment, since: Timestamp) -> bool {
    let is_missed = payment.attention.contains(&Attention::ProviderMissing);
    let is_missing = is_missed && cx.providers.find(&payment.provider).is_none();
    is_missing || cx.now.since(since) >= give_back::SENT_FOR_MAX
}

/// People paid out what the provider had accepted, which is in the ledger already. Whoever waited for it is next; the provider is asked for it
/// for a while, should it make it all the same.
pub(super) fn paid_out(work: &mut Work, cx: &Context<'_>, payment: &mut Payment) -> Decision<()> {
    watch::arrived(payment);
    if give_back::may_hide(cx, payment) {
        watch::begin_anew(work, cx, payment)?;
    }
    if let Some(due) = payment.under_way() {
        owe::send(work, cx, payment, due);
    }
    Ok(())
}

/// What the provider says of such a refund. If it made it the payer has it twice, which somebody has to look at; if it failed it is in no sum any
/// more, and what went back outside is not hidden behind it.
pub(super) fn heard(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    (refund_id, receipt): (RefundId, &RefundReceipt),
) -> Decision<()> {
    let mut next = payment.clone();
    let refund = refund::find(&mut next, refund_id)?;
    match receipt.status {
        ReceiptStatus::Pending => return Ok(()),
        ReceiptStatus::Done => {
            let why = format!("the provider made the refund of {} that was paid out by hand", refund.amount);
            outside::look_at(&mut next, &format!("{why}: {refund_id}"));
        }
        ReceiptStatus::Failed => {
            refund.reference = None;
            if give_back::may_hide(cx, &next) {
                watch::begin_anew(work, cx, &next)?;
            }
        }
    }
    if next == *payment {
        return Ok(());
    }
    next.updated_at = cx.now;
    work.put(next);
    let act = audit::Act::new("payment.updated", "payment", payment.id).of_event(payment.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(())
}
