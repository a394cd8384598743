//! What transfers keep about people: of who offers, and of whom something is offered to.

use super::end::close;
use super::expiry_job;
use super::model::{Transfer, TransferState};
use super::view::TransferView;
use crate::account::{Personal, Whom};
use crate::actor::Actor;
use crate::context::Context;
use crate::job::Job;
use crate::notification::Voice;
use crate::store::{Index, Key, Record, Recorded};
use crate::work::{Decision, Work};

/// What somebody offered names them by id, and another person by address while it is open: then it ends.
pub(crate) const OFFERED: Personal = Personal {
    number: 10,
    name: "transfers",
    find: |whom| Index::TransfersOfUser(whom.user_id),
    show: Some(shown),
    forget: Some(|work, cx, whom, key| end(work, cx, key, |transfer| transfer.from_user_id == whom.user_id)),
};

/// What is offered to somebody's address ends.
pub(crate) const RECEIVED: Personal = Personal {
    number: 11,
    name: "offers",
    find: |whom| Index::OffersToEmail(whom.email.clone()),
    show: Some(shown),
    forget: Some(|work, cx, whom, key| {
        end(work, cx, key, |transfer| transfer.to_email.as_ref() == Some(&whom.email))
    }),
};

fn shown(_: &Whom, _: &Voice<'_>, record: &Record) -> Option<serde_json::Value> {
    serde_json::to_value(TransferView::from(&**Transfer::unwrap(record)?)).ok()
}

fn end(work: &mut Work, cx: &Context<'_>, key: &Key, concerns: impl Fn(&Transfer) -> bool) -> Decision<()> {
    let Key::Transfer(id) = key else { return Ok(()) };
    let open = |transfer: &Transfer| matches!(transfer.state, TransferState::Offered { .. });
    let found = work.find::<Transfer>(id)?.filter(|transfer| open(transfer) && concerns(transfer));
    let Some(transfer) = found else { return Ok(()) };
    work.need([Key::Ticket(transfer.ticket_id), Key::Job(expiry_job(*id))])?;
    if work.find::<Job>(&expiry_job(*id))?.is_some() {
        work.delete::<Job>(&expiry_job(*id));
    }
    let state = transfer.state.withdraw(cx.now)?;
    close(work, cx, &transfer, state, &Actor::system(), "transfer.withdrawn")
}
