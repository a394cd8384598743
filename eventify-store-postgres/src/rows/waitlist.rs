//! Waitlists.

use eventify_core::store::WaitlistKey;
use eventify_core::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};

use crate::columns::{group, table};

table! {
    Waitlist: ticket_type_id;
    fields event_id, head, tail;
}

group! {
    WaitlistKey: ticket_type_id, number;
}

table! {
    WaitlistEntry: key;
    fields event_id, user_id, quantity, joined_at;
}

table! {
    WaitlistPlace: key;
    fields event_id, number;
}
