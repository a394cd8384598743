//! Promo codes.

use eventify_core::Money;
use eventify_core::promo_code::{Discount, PromoCode, PromoTerms, PromoText, PromoUse};
use eventify_core::store::PromoUseKey;

use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, group, table, values};

values! {
    PromoText: String = |text, out| out.extend_from_slice(text.as_str().as_bytes()), |text| Ok(Self::new(text));
}

impl Columns for Option<Discount> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<u8>("discount_percent"));
        <Option<Money> as Columns>::list("discount", to);
    }
    fn put(&self, row: &mut Batch) {
        let (percent, amount) = match self {
            None => (None, None),
            Some(Discount::Percent(percent)) => (Some(percent), None),
            Some(Discount::Amount(amount)) => (None, Some(*amount)),
        };
        row.put_option(percent);
        amount.put(row);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let percent: Option<u8> = Columns::take(row)?;
        let amount: Option<Money> = Columns::take(row)?;
        Ok(percent.map(Discount::Percent).or(amount.map(Discount::Amount)))
    }
}

group! {
    PromoTerms: discount, ticket_type_ids, starts_at, ends_at, uses_max, per_person_max;
}

table! {
    PromoCode: id;
    fields event_id, code, terms, used, created_at;
}

group! {
    PromoUseKey: promo_code_id, user_id;
}

table! {
    PromoUse: key;
    fields event_id, taken;
}
