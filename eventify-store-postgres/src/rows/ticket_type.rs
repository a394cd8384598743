//! Ticket types and inventory.

use eventify_core::booking::Allowance;
use eventify_core::store::AllowanceKey;
use eventify_core::ticket_type::{Inventory, ReEntry, Seats, TicketType};

use crate::columns::{group, table, words};

words! {
    ReEntry: Once = "once", InOut = "in_out";
}

group! {
    Seats: quantity, sold, held;
}

table! {
    TicketType: id;
    fields event_id, name, price, seats, sales_start, sales_end, per_person_max, hidden, seated, waiting, waitlist_skips, doors_at, re_entry,
    created_at;
    counts "sold", "held";
}

table! {
    Inventory: event_id;
    fields capacity, sold, held, types, promo_codes, waiting;
    counts "sold", "held";
}

group! {
    AllowanceKey: ticket_type_id, user_id;
}

table! {
    Allowance: key;
    fields event_id, taken;
}
