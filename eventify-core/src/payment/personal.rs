//! What payments keep about people.

use super::access::Access;
use super::model::Payment;
use super::view::PaymentView;
use crate::account::Personal;
use crate::store::{Index, Recorded};

/// A payment names its person by id only, and the accounts rest on it: it stays.
pub(crate) const PERSONAL: Personal = Personal {
    number: 100,
    name: "payments",
    find: |whom| Index::PaymentsOfUser(whom.user_id),
    show: Some(|_, _, record| {
        serde_json::to_value(PaymentView::new(Payment::unwrap(record)?, Access::Payer, true)).ok()
    }),
    forget: None,
};
