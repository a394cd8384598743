//! Tickets and what becomes of them, for tests of stores.

use super::{email, event_id, hash, instant, short_code, some, text, user_id, uuid, wrap};
use crate::id::{BookingId, ScanId, TicketId, TicketTypeId, TransferId};
use crate::store::{Kind, Record, TokenHash};
use crate::ticket::{CheckIn, Direction, GateScan, Passage, Passages, ScanOutcome, Ticket, TicketState};
use crate::transfer::{Transfer, TransferState};

/// A record of one of these kinds.
pub(super) fn record(kind: Kind, n: u32) -> Record {
    match kind {
        Kind::Passages => wrap(passages(n)),
        Kind::GateScan => wrap(gate_scan(n)),
        _ => wrap(transfer(n)),
    }
}

fn check_in(n: u32) -> CheckIn {
    CheckIn {
        at: instant(n),
        gate: some(n, text(n)),
        device: some(n + 1, text(n)),
        scan_id: some(n, format!("{n}")),
    }
}

fn passages(n: u32) -> Passages {
    let direction = |i: u32| [Direction::In, Direction::Out][usize::try_from(i % 2).unwrap_or(0)];
    let passage = |i: u32| Passage { direction: direction(i), scan: check_in(i), undone: i == 1 };
    Passages {
        ticket_id: TicketId::from_uuid(uuid(n)),
        event_id: event_id(n),
        list: (0..n % 4).map(passage).collect(),
    }
}

fn transfer(n: u32) -> Transfer {
    Transfer {
        id: TransferId::from_uuid(uuid(n)),
        ticket_id: TicketId::from_uuid(uuid(n + 1)),
        event_id: event_id(n),
        from_user_id: user_id(n / 2),
        to_email: n.is_multiple_of(4).then(|| email(n / 4)),
        to_hash: TokenHash::new(hash(n)),
        state: match n % 4 {
            0 => TransferState::Offered { expires_at: instant(n + 3) },
            1 => TransferState::Accepted { at: instant(n), user_id: user_id(n) },
            2 => TransferState::Withdrawn { at: instant(n) },
            _ => TransferState::Expired { at: instant(n) },
        },
        created_at: instant(n),
    }
}

pub(super) fn ticket(n: u32) -> Ticket {
    Ticket {
        id: TicketId::from_uuid(uuid(n)),
        event_id: event_id(n),
        ticket_type_id: TicketTypeId::from_uuid(uuid(n)),
        seat: some(n, super::sale::booked_seat(n)),
        booking_id: BookingId::from_uuid(uuid(n)),
        user_id: user_id(n / 2),
        short_code: short_code(n),
        issue: u16::MAX,
        transfer: some(n, TransferId::from_uuid(uuid(n))),
        state: match n % 4 {
            0 => TicketState::Active,
            1 => TicketState::Used(check_in(n)),
            2 => TicketState::Left { check_in: check_in(n), at: instant(n + 1) },
            _ => TicketState::Cancelled { at: instant(n) },
        },
        purchased_at: instant(n),
    }
}

fn gate_scan(n: u32) -> GateScan {
    let outcomes = [ScanOutcome::Accepted, ScanOutcome::Duplicate, ScanOutcome::Undone, ScanOutcome::Unknown];
    GateScan {
        id: ScanId::from_uuid(uuid(n)),
        event_id: event_id(n),
        scan_id: format!("{n}"),
        ticket_id: some(n, TicketId::from_uuid(uuid(n))),
        direction: [Direction::In, Direction::Out][usize::try_from(n % 2).unwrap_or(0)],
        at: instant(n),
        gate: some(n, text(n)),
        device: some(n + 1, text(n)),
        outcome: outcomes[usize::try_from(n % 4).unwrap_or(0)],
        uploaded_at: instant(n + 1),
    }
}
