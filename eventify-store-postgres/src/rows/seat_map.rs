//! Seat maps.

use eventify_core::seat_map::{
    BookedSeat, Room, RowSummary, SeatBlock, SeatId, SeatMap, SeatRow, SeatSection, SectionSummary,
};
use eventify_core::store::{SeatRowKey, SeatSectionKey};

use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, documents, group, table};

documents! { Vec<BookedSeat>, Vec<Room>, Vec<RowSummary>, Vec<SeatBlock>, Vec<u16> }

/// A ticket's seat, if it has one.
impl Columns for Option<BookedSeat> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.extend(["seat_section", "seat_row", "seat_number"].map(Spec::nullable::<u16>));
        to.extend(["seat_section_name", "seat_row_label"].map(Spec::nullable::<String>));
    }
    fn put(&self, row: &mut Batch) {
        let seat = self.as_ref();
        row.put_option(seat.map(|seat| &seat.seat.section));
        row.put_option(seat.map(|seat| &seat.seat.row));
        row.put_option(seat.map(|seat| &seat.seat.number));
        row.put_option(seat.map(|seat| &seat.section));
        row.put_option(seat.map(|seat| &seat.row));
    }
    fn take(cells: &mut Cells<'_>) -> Result<Self, Bad> {
        let (section, row, number) = (Columns::take(cells)?, Columns::take(cells)?, Columns::take(cells)?);
        let (name, label) = (Columns::take(cells)?, Columns::take(cells)?);
        match (section, row, number, name, label) {
            (Some(section), Some(row), Some(number), Some(name), Some(label)) => {
                Ok(Some(BookedSeat { seat: SeatId { section, row, number }, section: name, row: label }))
            }
            (None, None, None, None, None) => Ok(None),
            _ => Err(Bad::new("a seat in part")),
        }
    }
}

group! {
    SectionSummary: section, rooms;
}

table! {
    SeatMap: event_id;
    fields no_single_gaps, seats;
    list sections in "seat_map_sections" by event_id;
}

group! {
    SeatSectionKey: event_id, section;
}

table! {
    SeatSection: key;
    fields name, rows;
}

group! {
    SeatRowKey: event_id, section, row;
}

table! {
    SeatRow: key;
    fields label, blocks, accessible;
}
