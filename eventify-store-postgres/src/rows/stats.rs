//! Statistics of events.

use std::collections::BTreeMap;

use eventify_core::TicketTypeId;
use eventify_core::stats::{EventDay, EventTally, Quarter, TypeTally};
use eventify_core::store::EventDayKey;

use crate::columns::{documents, group, table};

documents! { BTreeMap<TicketTypeId, TypeTally>, BTreeMap<u8, Quarter> }

table! {
    EventTally: event_id;
    fields types, day, quarters;
}

group! {
    EventDayKey: event_id, day;
}

table! {
    EventDay: key;
    fields quarters;
}
