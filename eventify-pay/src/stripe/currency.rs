//! Stripe's minor units, which are not always those of ISO 4217.

use eventify_core::{Currency, Money};

/// Currencies that Stripe charges in whole units.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies with three decimals, of which the last has to be zero.
const THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// The others that Stripe charges, with two decimals – ISK and UGX, too, whose decimals have to be zero.
const TWO_DECIMALS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP \
    CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP \
    LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD \
    SCR SEK SGD SHP SLE SOS SRD STN SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD YER ZAR ZMW";

/// The decimals that Stripe counts in; `None` for a currency that it does not charge.
fn decimals(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if WHOLE.contains(&code) {
        return Some(0);
    }
    if THREE_DECIMALS.contains(&code) {
        return Some(3);
    }
    TWO_DECIMALS.split_whitespace().any(|other| other == code).then_some(2)
}

/// Whether Stripe charges in it.
pub(crate) fn supports(currency: Currency) -> bool {
    decimals(currency).is_some()
}

/// An amount as Stripe counts it; `None` when it cannot charge exactly that.
pub(crate) fn to_stripe(money: Money) -> Option<i64> {
    let theirs = decimals(money.currency)?;
    let amount = rescale(money.amount_minor, u32::from(money.currency.decimals()), theirs)?;
    let round = match money.currency.code() {
        "ISK" | "UGX" => 100,
        _ if theirs == 3 => 10,
        _ => 1,
    };
    (amount % round == 0).then_some(amount)
}

/// An amount that Stripe counted; its currencies are in lower case.
pub(crate) fn from_stripe(amount: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    let amount = rescale(amount, decimals(currency)?, u32::from(currency.decimals()))?;
    Some(Money::new(amount, currency))
}

/// Only exact.
fn rescale(amount: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return amount.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let by = 10_i64.checked_pow(from - to)?;
    (amount % by == 0).then_some(amount / by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_as_stripe_counts_them() {
        let cases = [
            (450_000, "KZT", Some(450_000)),
            (1_099, "USD", Some(1_099)),
            (500, "JPY", Some(500)),
            // Two decimals of ISO, none of Stripe.
            (500, "MGA", Some(5)),
            (501, "MGA", None),
            // No decimals of ISO, two of Stripe.
            (500, "ISK", Some(50_000)),
            (7, "UGX", Some(700)),
            // Three decimals, the last one zero.
            (5_120, "KWD", Some(5_120)),
            (5_124, "KWD", None),
            (100, "XAU", None),
            (i64::MAX, "ISK", None),
        ];
        for (minor, code, theirs) in cases {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(to_stripe(money), theirs, "{minor} {code}");
            if let Some(amount) = theirs {
                assert_eq!(from_stripe(amount, &code.to_lowercase()), Some(money));
            }
        }
    }

    #[test]
    fn every_listed_currency_is_one() {
        let two = TWO_DECIMALS.split_whitespace();
        let unknown = two.chain(WHOLE).chain(THREE_DECIMALS).filter(|code| code.parse::<Currency>().is_err());
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
