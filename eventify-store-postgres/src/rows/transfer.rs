//! Transfers.

use eventify_core::transfer::{Transfer, TransferState};
use eventify_core::{Timestamp, UserId};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, table};

impl Columns for TransferState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("expires_at"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        to.push(Spec::nullable::<UserId>("to_user_id"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, until, since, user_id) = match self {
            Self::Offered { expires_at } => ("offered", Some(expires_at), None, None),
            Self::Accepted { at, user_id } => ("accepted", None, Some(at), Some(user_id)),
            Self::Withdrawn { at } => ("withdrawn", None, Some(at), None),
            Self::Expired { at } => ("expired", None, Some(at), None),
        };
        row.put(&Word(status));
        row.put_option(until);
        row.put_option(since);
        row.put_option(user_id);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (until, since) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), until, since, Columns::take(row)?) {
            ("offered", Some(expires_at), None, None) => Ok(Self::Offered { expires_at }),
            ("accepted", None, Some(at), Some(user_id)) => Ok(Self::Accepted { at, user_id }),
            ("withdrawn", None, Some(at), None) => Ok(Self::Withdrawn { at }),
            ("expired", None, Some(at), None) => Ok(Self::Expired { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

table! {
    Transfer: id;
    fields ticket_id, event_id, from_user_id, to_email, to_hash, state, created_at;
}
