//! What makes commands happen once.

use eventify_core::{IdempotentReply, LaneMark};

use crate::columns::table;

table! {
    IdempotentReply: hash;
    fields fingerprint, reply, forget_at;
    expires "forget_at";
}

table! {
    LaneMark: lane_id;
    fields at;
}
