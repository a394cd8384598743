//! Tickets.

use eventify_core::Timestamp;
use eventify_core::ticket::{
    CheckIn, Direction, GateScan, Passage, Passages, ScanOutcome, ShortCodeClaim, Ticket, TicketState,
};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, group, table, words};

impl Columns for TicketState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("used_at"));
        to.extend(["gate", "device", "scan_id"].map(Spec::nullable::<String>));
        to.push(Spec::nullable::<Timestamp>("left_at"));
        to.push(Spec::nullable::<Timestamp>("cancelled_at"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, left, cancelled) = match self {
            Self::Active => ("active", None, None),
            Self::Used(_) => ("used", None, None),
            Self::Left { at, .. } => ("left", Some(at), None),
            Self::Cancelled { at } => ("cancelled", None, Some(at)),
        };
        let entry = self.check_in();
        row.put(&Word(status));
        row.put_option(entry.map(|entry| &entry.at));
        row.put_option(entry.and_then(|entry| entry.gate.as_ref()));
        row.put_option(entry.and_then(|entry| entry.device.as_ref()));
        row.put_option(entry.and_then(|entry| entry.scan_id.as_ref()));
        row.put_option(left);
        row.put_option(cancelled);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let used: Option<Timestamp> = Columns::take(row)?;
        let (gate, device, scan_id) = (Columns::take(row)?, Columns::take(row)?, Columns::take(row)?);
        let check_in = used.map(|at| CheckIn { at, gate, device, scan_id });
        match (status.as_str(), check_in, Columns::take(row)?, Columns::take(row)?) {
            ("active", None, None, None) => Ok(Self::Active),
            ("used", Some(check_in), None, None) => Ok(Self::Used(check_in)),
            ("left", Some(check_in), Some(at), None) => Ok(Self::Left { check_in, at }),
            ("cancelled", None, None, Some(at)) => Ok(Self::Cancelled { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

table! {
    Ticket: id;
    fields event_id, ticket_type_id, booking_id, user_id, short_code, issue, state, purchased_at,
    seat, transfer;
}

table! {
    ShortCodeClaim: short_code;
    fields ticket_id, event_id, issue;
}

words! {
    Direction: In = "in", Out = "out";
    ScanOutcome: Accepted = "accepted", Duplicate = "duplicate", Undone = "undone", Cancelled = "cancelled",
        EventCancelled = "event_cancelled", WrongEvent = "wrong_event", NotYetValid = "not_yet_valid",
        Expired = "expired", Unknown = "unknown", BadSignature = "bad_signature", Reissued = "reissued",
        NoReEntry = "no_re_entry", TooManyPassages = "too_many_passages";
}

group! {
    CheckIn: at, gate, device, scan_id;
}

group! {
    Passage: direction, scan, undone;
}

table! {
    Passages: ticket_id;
    fields event_id;
    list list in "passage_scans" by ticket_id carrying event_id;
}

table! {
    GateScan: id;
    fields event_id, scan_id, ticket_id, direction, at, gate, device, outcome, uploaded_at;
}
