//! Whose payment it is, and who else may see to it.

use std::sync::Arc;

use super::model::Payment;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{self, Event, Standing};
use crate::id::PaymentId;
use crate::work::{Decision, Work};

/// As whom an actor meets a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// The person who pays.
    Payer,
    /// Whoever manages the event: sees it, and takes money by hand.
    Manager,
    /// The organizer, an admin or the app itself: also gives money back.
    Owner,
}

/// As whom an actor of this standing at the event meets the payment. Their own payment is not theirs to manage, unless the
/// event is.
///
/// # Errors
/// `not_authenticated`; `payment_not_found` for a stranger, to whom it does not exist.
pub(super) fn of(actor: &Actor, payment: &Payment, standing: Standing) -> Result<Access, Error> {
    if standing == Standing::Owner {
        return Ok(Access::Owner);
    }
    actor.require_somebody()?;
    if actor.user_id() == Some(payment.user_id) {
        return Ok(Access::Payer);
    }
    if standing == Standing::Manager { Ok(Access::Manager) } else { Err(not_found()) }
}

/// The payment and its event, for a decision by this actor, who has to be at least so much.
///
/// # Errors
/// As [`of`], and `not_event_owner`.
pub(super) fn find(
    work: &mut Work,
    actor: &Actor,
    id: PaymentId,
    least: Access,
) -> Decision<(Arc<Payment>, Arc<Event>)> {
    let payment = work.find::<Payment>(&id)?.ok_or_else(not_found)?;
    let event = event::find(work, payment.event_id)?;
    let standing = event::standing(work, actor, &event)?;
    if of(actor, &payment, standing)? < least {
        let sentence = match least {
            Access::Payer | Access::Manager => "Only those who manage the event may do this.",
            Access::Owner => "Only the event's organizer may do this.",
        };
        return Err(Error::new(Reason::NotEventOwner, sentence).into());
    }
    Ok((payment, event))
}

pub(super) fn not_found() -> Error {
    Error::new(Reason::PaymentNotFound, "There is no such payment.")
}
