//! Which part of a booking's refund is which line's.

use crate::booking::BookingLine;
use crate::money::Money;

/// What is given back of each line: in proportion to what was to be paid for them. What a line and those before it come to
/// is rounded down to the minor unit, so the parts are exactly the refund, and none is more than its line.
pub(crate) fn spread(lines: &[BookingLine], refund: Money) -> Vec<Money> {
    // A line whose sum cannot be formed is no booking's.
    let dues = lines.iter().map(|line| line.due().map_or(0, |due| i128::from(due.amount_minor)));
    let total = dues.clone().sum::<i128>().max(1);
    let (mut due, mut given) = (0, 0);
    let part = |more| {
        due += more;
        let until = i128::from(refund.amount_minor).saturating_mul(due).div_euclid(total);
        let part = i64::try_from(until - given).unwrap_or(0);
        given = until;
        Money::new(part, refund.currency)
    };
    dues.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;
    use crate::booking::BookingLine;
    use crate::id::TicketTypeId;
    use crate::money::{Currency, Money};

    /// Lines as quantity, price and discount; the refund; its parts.
    type Case = (&'static [(u32, i64, i64)], i64, &'static [i64]);

    fn line(quantity: u32, price: i64, off: i64, currency: Currency) -> BookingLine {
        BookingLine {
            ticket_type_id: TicketTypeId::from_uuid(uuid::Uuid::from_u128(1)),
            quantity,
            unit_price: Money::new(price, currency),
            unit_discount: (off > 0).then(|| Money::new(off, currency)),
            seats: Vec::new(),
        }
    }

    #[test]
    fn parts_are_the_refund_and_none_is_more_than_its_line() {
        let cents: Currency = "EUR".parse().unwrap_or_else(|_| unreachable!());
        let table: [Case; 9] = [
            (&[(1, 333, 0), (1, 333, 0)], 333, &[166, 167]),
            (&[(3, 333, 0), (2, 101, 1)], 600, &[499, 101]),
            (&[(1, 1, 0), (1, 1, 0), (1, 1, 0)], 1, &[0, 0, 1]),
            (&[(1, 1, 0), (1, 1, 0), (1, 1, 0)], 2, &[0, 1, 1]),
            (&[(2, 0, 0), (1, 99, 0), (1, 50, 50)], 50, &[0, 50, 0]),
            (&[(2, 250, 0), (1, 77, 0)], 577, &[500, 77]),
            (&[(2, 250, 0), (1, 77, 0)], 0, &[0, 0]),
            (&[(4, 0, 0)], 0, &[0]),
            (&[(1, i64::MAX - 1, 0), (1, 1, 0)], i64::MAX, &[i64::MAX - 1, 1]),
        ];
        for (lines, refund, expected) in table {
            let lines: Vec<_> = lines.iter().map(|(n, price, off)| line(*n, *price, *off, cents)).collect();
            let parts = spread(&lines, Money::new(refund, cents));
            assert_eq!(parts.iter().map(|part| part.amount_minor).collect::<Vec<_>>(), expected, "{lines:?}");
            let fits = |(line, part): (&BookingLine, &Money)| {
                line.due().is_ok_and(|due| (0..=due.amount_minor).contains(&part.amount_minor))
            };
            assert!(lines.iter().zip(&parts).all(fits), "{lines:?}");
        }
    }
}
