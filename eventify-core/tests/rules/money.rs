//! The rules of payments that hold over every store: for its own tests, whose roots have `common`, `place` and `table`.

mod payment;
mod payment_again;
mod payment_back;
mod payment_crowd;
mod payment_desk;
mod payment_dispute;
mod payment_disputed;
mod payment_flow;
mod payment_other;
mod payment_outside;
mod payment_returned;
mod payment_sent;
mod payment_sums;
mod payment_watched;
