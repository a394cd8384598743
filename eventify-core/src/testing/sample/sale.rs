//! Records of the sale tools.

use std::collections::BTreeMap;

use super::{currency, event_id, instant, money, some, text, uuid, wrap};
use crate::id::{EventId, PromoCodeId, TicketTypeId, UserId};
use crate::promo_code::{Discount, PromoCode, PromoTerms, PromoText, PromoUse};
use crate::seat_map::{BookedSeat, SeatBlock, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::stats::{EventDay, EventTally, Quarter, Takings, TypeTally};
use crate::store::{
    AllowanceKey, EventDayKey, Kind, PromoUseKey, Record, SeatRowKey, SeatSectionKey, WaitlistKey,
};
use crate::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};

/// A record of one of these kinds.
pub(super) fn record(kind: Kind, n: u32) -> Record {
    match kind {
        Kind::PromoUse => wrap(promo_use(n)),
        Kind::SeatMap => wrap(seat_map(n)),
        Kind::SeatSection => wrap(seat_section(n)),
        Kind::SeatRow => wrap(seat_row(n)),
        _ => wrap(promo_code(n)),
    }
}

fn promo_code(n: u32) -> PromoCode {
    let discounts = [Some(Discount::Percent(100)), Some(Discount::Amount(money(n))), None];
    PromoCode {
        id: PromoCodeId::from_uuid(uuid(n)),
        event_id: event_id(n),
        code: PromoText::new(text(n)),
        terms: PromoTerms {
            discount: discounts[usize::try_from(n % 3).unwrap_or(0)],
            ticket_type_ids: (0..n % 3).map(|i| TicketTypeId::from_uuid(uuid(i))).collect(),
            starts_at: some(n, instant(n)),
            ends_at: some(n + 1, instant(n + 3)),
            uses_max: some(n, u32::MAX),
            per_person_max: some(n + 1, 1),
        },
        used: u32::MAX - n,
        created_at: instant(n),
    }
}

fn promo_use(n: u32) -> PromoUse {
    let key = PromoUseKey {
        promo_code_id: PromoCodeId::from_uuid(uuid(n / 2)),
        user_id: UserId::from_uuid(uuid(n % 2)),
    };
    PromoUse { key, event_id: event_id(n), taken: u32::MAX - n }
}

fn small(n: u32) -> u16 {
    u16::try_from(n % 60_000).unwrap_or(0)
}

pub(super) fn booked_seat(n: u32) -> BookedSeat {
    let seat = SeatId { section: small(n), row: u16::MAX, number: small(n) };
    BookedSeat { seat, section: text(n), row: text(n + 1) }
}

fn seat_map(n: u32) -> SeatMap {
    SeatMap {
        event_id: EventId::from_uuid(uuid(n)),
        no_single_gaps: n.is_multiple_of(2),
        seats: u32::MAX - n,
        sections: (0..n % 4).map(|i| seat_section(i).summary()).collect(),
    }
}

fn seat_section(n: u32) -> SeatSection {
    SeatSection {
        key: SeatSectionKey { event_id: event_id(n), section: small(n) },
        name: text(n),
        rows: (0..n % 5).map(|i| seat_row(i).summary()).collect(),
    }
}

/// Rows of a few sections, some of them with places beyond one byte.
fn seat_row(n: u32) -> SeatRow {
    let all = [SeatStatus::Free, SeatStatus::Held, SeatStatus::Sold, SeatStatus::Blocked];
    let seats = |i: u32| all.into_iter().cycle().skip(usize::try_from(i).unwrap_or(0)).take(5).collect();
    let block = |i: u32| SeatBlock {
        ticket_type_id: TicketTypeId::from_uuid(uuid(i)),
        first: small(i * 10),
        seats: seats(i),
    };
    SeatRow {
        key: SeatRowKey { event_id: event_id(n), section: 1, row: small(n * 100) },
        label: text(n),
        blocks: (0..n % 3).map(block).collect(),
        accessible: (0..small(n % 4)).collect(),
    }
}

/// A record of one of these kinds.
pub(super) fn waiting(kind: Kind, n: u32) -> Record {
    match kind {
        Kind::WaitlistEntry => wrap(waitlist_entry(n)),
        Kind::WaitlistPlace => wrap(waitlist_place(n)),
        _ => wrap(waitlist(n)),
    }
}

fn waitlist(n: u32) -> Waitlist {
    Waitlist {
        ticket_type_id: TicketTypeId::from_uuid(uuid(n)),
        event_id: event_id(n),
        head: n,
        tail: u32::MAX - n,
    }
}

fn waitlist_entry(n: u32) -> WaitlistEntry {
    WaitlistEntry {
        key: WaitlistKey { ticket_type_id: TicketTypeId::from_uuid(uuid(n / 3)), number: n << 20 },
        event_id: event_id(n),
        user_id: super::user_id(n),
        quantity: u32::MAX - n,
        joined_at: instant(n),
    }
}

fn waitlist_place(n: u32) -> WaitlistPlace {
    let key = AllowanceKey {
        ticket_type_id: TicketTypeId::from_uuid(uuid(n / 2)),
        user_id: UserId::from_uuid(uuid(n % 2)),
    };
    WaitlistPlace { key, event_id: event_id(n), number: u32::MAX - n }
}

fn takings(n: u32) -> Vec<Takings> {
    let line = |i: u32| Takings {
        currency: currency(i),
        gross_minor: money(n + i).amount_minor,
        refunds_due_minor: money(i).amount_minor,
    };
    (0..n % 3).map(line).collect()
}

fn quarters(n: u32) -> BTreeMap<u8, Quarter> {
    let quarter =
        |i: u32| Quarter { sold: n, cancelled: i, checked_in: u32::MAX - n, takings: takings(n + i) };
    [(0, quarter(0)), (95, quarter(1))].into_iter().take(usize::try_from(n % 3).unwrap_or(0)).collect()
}

pub(super) fn event_tally(n: u32) -> EventTally {
    let of_type = |i: u32| TypeTally { checked_in: n, inside: u32::MAX - i, takings: takings(n + i) };
    EventTally {
        event_id: EventId::from_uuid(uuid(n)),
        types: (0..n % 4).map(|i| (TicketTypeId::from_uuid(uuid(i)), of_type(i))).collect(),
        day: [20_000, -719_162, 2_932_896][usize::try_from(n % 3).unwrap_or(0)],
        quarters: quarters(n),
    }
}

pub(super) fn event_day(n: u32) -> EventDay {
    let day = i32::try_from(n / 3).unwrap_or(0) - 4;
    EventDay { key: EventDayKey { event_id: event_id(n), day }, quarters: quarters(n + 1) }
}
