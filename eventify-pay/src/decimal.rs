//! Amounts as decimal numbers, as FreedomPay writes them.

use eventify_core::{Currency, Money};

/// Digits of a whole amount at most: no sum of them leaves 64 bits.
const DIGITS_MAX: usize = 15;

/// `4500.00` for 450000 tiyn.
pub(crate) fn format(money: Money) -> String {
    let decimals = usize::from(money.currency.decimals());
    let digits = format!("{:0width$}", money.amount_minor.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// The money of a decimal number: `4500`, `4500.0` and `4500.0000` are the same. `None` for anything that is no exact number of minor units.
pub(crate) fn parse(text: &str, currency: Currency) -> Option<Money> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = usize::from(currency.decimals());
    let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > DIGITS_MAX || !numeric(whole) || !numeric(fraction) {
        return None;
    }
    let beyond = fraction.get(decimals..).unwrap_or_default();
    if beyond.bytes().any(|b| b != b'0') || digits.ends_with('.') {
        return None;
    }
    let minor = fraction.get(..decimals).unwrap_or(fraction);
    let amount: i64 = format!("{whole}{minor:0<decimals$}").parse().ok()?;
    Some(Money::new(if negative { -amount } else { amount }, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_by_the_currency_s_decimals() {
        let cases = [
            (450_000, "KZT", "4500.00"),
            (5, "KZT", "0.05"),
            (-1_000, "KZT", "-10.00"),
            (4500, "JPY", "4500"),
            (0, "KWD", "0.000"),
            (1, "KWD", "0.001"),
        ];
        for (minor, code, text) in cases {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(format(money), text);
            assert_eq!(parse(text, money.currency), Some(money), "{text}");
        }
    }

    #[test]
    fn only_an_exact_number_of_minor_units_is_an_amount() {
        let kzt = "KZT".parse().unwrap();
        for (text, minor) in
            [("25", 2_500), ("1.0000", 100), ("2121.5", 212_150), ("-10", -1_000), ("007", 700)]
        {
            assert_eq!(parse(text, kzt), Some(Money::new(minor, kzt)), "{text}");
        }
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1,00",
            "1.001",
            "1e3",
            "+1",
            " 1",
            "1 ",
            "--1",
            "1.2.3",
            "9999999999999999",
            "١",
        ] {
            assert_eq!(parse(text, kzt), None, "{text}");
        }
    }
}
