//! What others see of a seat map.

use serde::{Deserialize, Serialize};

use super::model::{SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::id::{EventId, TicketTypeId};

/// The seat map of an event: its sections. The seats are in the rows of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SeatMapView {
    /// The event.
    pub event_id: EventId,
    /// Whether a booking may leave no free seat without a free neighbour.
    pub no_single_gaps: bool,
    /// How many seats there are, blocked ones among them.
    pub seats: u32,
    /// The sections; the best ones first.
    pub sections: Vec<SectionView>,
}

/// A section of a seat map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SectionView {
    /// Its number.
    pub section: u16,
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u32,
    /// How many of its seats are free.
    pub free: u32,
}

impl SeatMapView {
    pub(super) fn new<'s>(map: &SeatMap, sections: impl Iterator<Item = &'s SeatSection>) -> Self {
        Self {
            event_id: map.event_id,
            no_single_gaps: map.no_single_gaps,
            seats: map.seats,
            sections: sections.map(SectionView::from).collect(),
        }
    }
}

impl From<&SeatSection> for SectionView {
    fn from(section: &SeatSection) -> Self {
        Self {
            section: section.key.section,
            name: section.name.clone(),
            rows: u32::try_from(section.rows.len()).unwrap_or(u32::MAX),
            free: section.rows.iter().map(|row| u32::from(row.free)).sum(),
        }
    }
}

/// A row of a section, with what every seat of it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SeatRowView {
    /// The section's number.
    pub section: u16,
    /// The row's place in it, from 1.
    pub row: u16,
    /// What is written at its end.
    pub label: String,
    /// Its blocks; an aisle is between two.
    pub blocks: Vec<SeatBlockView>,
    /// The numbers of seats for wheelchairs or with easy access.
    pub accessible: Vec<u16>,
}

/// Neighbouring seats of one ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SeatBlockView {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The number of the first seat; the others follow.
    pub from: u16,
    /// What each seat is, by number.
    pub seats: Vec<SeatStatus>,
}

impl From<&SeatRow> for SeatRowView {
    fn from(row: &SeatRow) -> Self {
        let block = |block: &super::model::SeatBlock| SeatBlockView {
            ticket_type_id: block.ticket_type_id,
            from: block.first,
            seats: block.seats.clone(),
        };
        Self {
            section: row.key.section,
            row: row.key.row,
            label: row.label.clone(),
            blocks: row.blocks.iter().map(block).collect(),
            accessible: row.accessible.clone(),
        }
    }
}
