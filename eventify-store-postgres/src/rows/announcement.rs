//! What organizers tell those who have tickets.

use eventify_core::Timestamp;
use eventify_core::announcement::{Announcement, AnnouncementLog};

use crate::columns::{documents, table};

documents! { Vec<Timestamp> }

table! {
    Announcement: id;
    fields event_id, title, body, ticket_type_id, created_at;
}

table! {
    AnnouncementLog: event_id;
    fields recent;
}
