//! How rows are drawn: blocks of numbered seats, within bounds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::{SeatBlock, SeatRow, SeatSection, SeatStatus};
use crate::error::Error;
use crate::id::TicketTypeId;
use crate::store::{SeatRowKey, SeatSectionKey};
use crate::validate::Check;

/// A row of a section, with everything that is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct PutRow {
    /// What is written at its end; 1 to 20 characters.
    pub label: String,
    /// Its seats, in blocks of one ticket type, by number; an aisle is between two blocks. At most 200 seats.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub blocks: Vec<PutBlock>,
    /// The numbers of seats for wheelchairs or with easy access.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub accessible: Vec<u16>,
    /// The numbers of seats that are not for sale.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub blocked: Vec<u16>,
}

/// Neighbouring seats of one ticket type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct PutBlock {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The number of the first seat, from 1.
    pub from: u16,
    /// The number of the last seat.
    pub to: u16,
}

const BLOCKS_MAX: usize = 20;
const NUMBER_MAX: u16 = 10_000;
/// Ticket types in one section: so many records one change of it writes besides the rows.
const TYPES_MAX: usize = 20;

/// The rows as they are drawn, nothing taken of them.
///
/// # Errors
/// `invalid_value`.
pub(super) fn drawn(rows: &[PutRow], key: SeatSectionKey) -> Result<Vec<SeatRow>, Error> {
    let mut check = Check::new();
    let many = SeatSection::ROWS_MAX;
    check.require(rows.len() <= many, "rows", &format!("must be at most {many}"));
    let mut drawn = Vec::with_capacity(rows.len().min(many));
    for (nth, row) in rows.iter().take(many).enumerate() {
        let place = u16::try_from(nth + 1).unwrap_or(u16::MAX);
        let key = SeatRowKey { event_id: key.event_id, section: key.section, row: place };
        drawn.push(one(&mut check, row, key, &format!("rows[{nth}]")));
    }
    let seats: usize = drawn.iter().map(|row| row.seats().count()).sum();
    let most = SeatSection::SEATS_MAX;
    check.require(seats <= most, "rows", &format!("must have at most {most} seats together"));
    let types: BTreeSet<TicketTypeId> =
        drawn.iter().flat_map(|row| row.blocks.iter().map(|b| b.ticket_type_id)).collect();
    check.require(types.len() <= TYPES_MAX, "rows", "must be of at most 20 ticket types");
    check.finish()?;
    Ok(drawn)
}

fn one(check: &mut Check, row: &PutRow, key: SeatRowKey, field: &str) -> SeatRow {
    let label = check.line(&format!("{field}.label"), &row.label, 20);
    let few = row.blocks.len() <= BLOCKS_MAX;
    check.require(few, &format!("{field}.blocks"), "must be at most 20");
    let mut blocks: Vec<SeatBlock> = Vec::new();
    let (mut after, mut count) = (0, 0);
    for (nth, block) in row.blocks.iter().take(BLOCKS_MAX).enumerate() {
        let field = format!("{field}.blocks[{nth}]");
        let ordered = block.from > after && block.to >= block.from && block.to <= NUMBER_MAX;
        let words = "must go on behind the block before, up from 1 to at most 10000";
        check.require(ordered, &field, words);
        after = block.to.max(after);
        let length = usize::from(block.to.saturating_sub(block.from)) + 1;
        count += length;
        if ordered && count <= SeatRow::SEATS_MAX {
            let seats = vec![SeatStatus::Free; length];
            blocks.push(SeatBlock { ticket_type_id: block.ticket_type_id, first: block.from, seats });
        }
    }
    let most = SeatRow::SEATS_MAX;
    check.require(count <= most, &format!("{field}.blocks"), &format!("must have at most {most} seats"));
    let mut drawn = SeatRow { key, label, blocks, accessible: row.accessible.clone() };
    drawn.accessible.sort_unstable();
    drawn.accessible.dedup();
    let known = |number: &u16| drawn.seat(*number).is_some();
    check.require(
        drawn.accessible.iter().all(known),
        &format!("{field}.accessible"),
        "must be seats of the row",
    );
    check.require(row.blocked.iter().all(known), &format!("{field}.blocked"), "must be seats of the row");
    for number in &row.blocked {
        drawn.set(*number, SeatStatus::Blocked);
    }
    drawn
}

/// How many seats of each ticket type are for sale, taken or not.
pub(super) fn for_sale<'r>(rows: impl Iterator<Item = &'r SeatRow>) -> BTreeMap<TicketTypeId, u32> {
    let mut counts = BTreeMap::new();
    for (_, of, status) in rows.flat_map(SeatRow::seats) {
        let count: &mut u32 = counts.entry(of).or_default();
        *count += u32::from(status != SeatStatus::Blocked);
    }
    counts
}
