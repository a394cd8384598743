//! What people do about refunds that failed: while everything else goes on, and once it is over.

use std::sync::Arc;

use super::plan::Op;
use super::run::{Run, organizer, pick};
use crate::error::{Error, Reason};
use crate::eventify::Eventify;
use crate::id::{PaymentId, RefundId};
use crate::payment::{Payment, Refund, RefundState, SettleByHand};
use crate::store::Kind;
use crate::testing::model::Snapshot;

/// Money that somebody is about to pay out, and says so: it may be in the books, or not.
#[derive(Debug, Clone)]
pub(super) struct PayingOut {
    payment_id: PaymentId,
    /// What the bank calls the charge.
    charge: Option<String>,
    refund: Refund,
}

impl Run {
    /// Somebody sees to a refund that failed, beside whatever jobs and others do.
    pub(super) async fn see_to_one(&self, engine: &Eventify, op: Op) {
        let Ok(all) = Snapshot::of_kinds(&*self.truth, &[Kind::Payment]).await else { return };
        let failed: Vec<(&Arc<Payment>, &Refund)> = all.of::<Payment>().flat_map(of_failed).collect();
        let (Op::Retry { refund: nth } | Op::PayOut { refund: nth }) = op else { return };
        let Some((payment, refund)) = pick(nth, &failed) else { return };
        if matches!(op, Op::Retry { .. }) {
            let tried = engine.payments().retry_refund(&organizer(), payment.id, refund.id).await;
            self.tried().retried += u32::from(tried.is_ok());
        } else {
            self.begin_to_pay_out(payment, refund);
            self.say_paid_out(engine, refund.id).await;
        }
    }

    /// Whoever pays out looks at the bank's own pages before: what went back there is not paid.
    fn begin_to_pay_out(&self, payment: &Payment, refund: &Refund) {
        let charge = payment.reference.clone();
        // They know of each other.
        let is_known = self.tried().paying_out.contains_key(&refund.id);
        if is_known || !self.banks.iter().any(|bank| bank.pay_out(charge.as_deref(), refund.amount)) {
            return;
        }
        let paying = PayingOut { payment_id: payment.id, charge, refund: refund.clone() };
        self.tried().paying_out.insert(refund.id, Some(paying));
    }

    /// They say so before they do, and do not when they are refused. Who hears nothing does not know.
    async fn say_paid_out(&self, engine: &Eventify, id: RefundId) {
        let Some(paying) = self.tried().paying_out.get(&id).cloned().flatten() else { return };
        let settled = SettleByHand { refund_id: Some(id) };
        match engine.payments().settle_by_hand(&organizer(), paying.payment_id, settled).await {
            Ok(_) => drop(self.tried().paying_out.insert(id, None)),
            Err(error) if error.is_retryable() => {}
            Err(_) => self.do_not_pay_out(&paying),
        }
    }

    fn do_not_pay_out(&self, paying: &PayingOut) {
        self.tried().paying_out.remove(&paying.refund.id);
        self.banks.iter().for_each(|bank| bank.keep(paying.charge.as_deref(), paying.refund.amount));
    }

    /// Those who heard nothing ask again, unless the bank's pages say by now that it gave the money back itself.
    pub(super) async fn end_paying_out(&self) {
        let open: Vec<PayingOut> = self.tried().paying_out.values().flatten().cloned().collect();
        for paying in open {
            if self.banks.iter().any(|bank| bank.has_too_little(paying.charge.as_deref())) {
                self.do_not_pay_out(&paying);
            } else {
                self.say_paid_out(&self.engines[0], paying.refund.id).await;
            }
        }
    }

    /// What is left to people in the end: refunds that failed, and money that is paid out by hand.
    pub(super) async fn see_to_all(&self) -> Result<(), Error> {
        let engine = &self.engines[0];
        let all = Snapshot::of_kinds(&*self.truth, &[Kind::Payment]).await?;
        for payment in all.of::<Payment>() {
            for refund in &payment.refunds {
                let settled = SettleByHand { refund_id: Some(refund.id) };
                match refund.state {
                    RefundState::Due if payment.by_hand => {
                        engine.payments().settle_by_hand(&organizer(), payment.id, settled).await?;
                    }
                    RefundState::Failed { .. } => {
                        let tried = engine.payments().retry_refund(&organizer(), payment.id, refund.id).await;
                        match tried {
                            // A bank that gives no parts back leaves them to people.
                            Err(error) if error.reason() == Reason::PartialRefundNotSupported => {
                                self.begin_to_pay_out(payment, refund);
                                self.say_paid_out(engine, refund.id).await;
                            }
                            tried => drop(tried?),
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn of_failed(payment: &Arc<Payment>) -> impl Iterator<Item = (&Arc<Payment>, &Refund)> {
    let failed = |refund: &&Refund| matches!(refund.state, RefundState::Failed { .. });
    payment.refunds.iter().filter(failed).map(move |refund| (payment, refund))
}
