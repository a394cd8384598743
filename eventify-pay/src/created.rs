//! What a payment's id tells.

use eventify_core::PaymentId;

/// Seconds since 1970 at which an id of version 7 was made; `None` for another one.
///
/// Providers reckon a charge's time from it, not from now: so the same charge asked for again is the same request, which is what their
/// idempotency keys insist on.
pub(crate) fn created_at(id: PaymentId) -> Option<i64> {
    let (seconds, _) = id.uuid().get_timestamp()?.to_unix();
    i64::try_from(seconds).ok()
}

/// Where the payer goes afterwards: where the payment says, or to the deployment's own page of it.
pub(crate) fn place(wanted: Option<&str>, page: &str, id: PaymentId) -> String {
    wanted.map_or_else(|| page.replace("{payment_id}", &id.to_string()), str::to_owned)
}
