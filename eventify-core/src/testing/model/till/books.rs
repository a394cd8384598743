//! Whether the books agree: the banks' own, which are right, and what the store came to.

use std::collections::BTreeMap;

use super::bank::Account;
use super::run::{CAPACITY, PRICE, Run, SEATS};
use crate::booking::{Booking, BookingState};
use crate::event::{Event, EventState};
use crate::id::{BookingId, EventId, PaymentId};
use crate::job::{Job, JobWork};
use crate::money::Money;
use crate::payment::{LedgerEntry, LedgerKind, Payment};
use crate::testing::model::{Snapshot, violations};
use crate::ticket::{Ticket, TicketState};

/// Everything that is wrong once nothing moves any more.
pub(super) async fn disagreements(run: &mut Run) -> Vec<String> {
    let all = match Snapshot::take(&*run.truth).await {
        Ok(all) => all,
        Err(error) => return vec![format!("the store cannot be read: {error}")],
    };
    let mut wrong = violations(&all);
    match crate::check::check(&*run.truth).await {
        Ok(report) if report.is_clean() => {}
        other => wrong.push(format!("{other:?}")),
    }
    let mut accounts: BTreeMap<PaymentId, Account> = BTreeMap::new();
    for bank in &run.banks {
        let mut books = bank.books();
        wrong.append(&mut books.wrong);
        accounts.extend(books.accounts.iter().map(|(id, account)| (*id, account.clone())));
    }
    wrong.extend(seats(run, &all));
    wrong.extend(ledger(&all, &accounts));
    wrong.extend(left_open(&all));
    let (mut kept, mut returned) = (0, 0);
    for booking in all.of::<Booking>() {
        let own: Vec<(&PaymentId, &Account)> =
            accounts.iter().filter(|(_, account)| account.booking_id == booking.id).collect();
        wrong.extend(money_of(run, &all, booking, &own));
        let came =
            own.iter().filter_map(|(_, account)| Some((account.captured?.amount_minor, account.returned())));
        for (came, back) in came {
            if came == back { returned += 1 } else { kept += 1 }
        }
    }
    (run.report.kept, run.report.returned) = (kept, returned);
    let cash = run.tried().cash.len();
    run.report.cash = u32::try_from(cash).unwrap_or(u32::MAX);
    wrong
}

/// What a booking costs, by what it holds: there are no discounts here.
fn price(run: &Run, booking: &Booking) -> i64 {
    let types = run.events.iter().find(|(id, _)| *id == booking.event_id).map(|(_, types)| *types);
    let each = |id| if types.is_some_and(|[_, dear]| dear == id) { 3 * PRICE } else { PRICE };
    booking.lines.iter().map(|line| i64::from(line.quantity) * each(line.ticket_type_id)).sum()
}

fn is_called_off(all: &Snapshot, id: EventId) -> bool {
    all.of::<Event>().any(|event| event.id == id && matches!(event.state, EventState::Cancelled { .. }))
}

/// Money that came is in a confirmed booking, or went back; and who has tickets has paid.
fn money_of(run: &Run, all: &Snapshot, booking: &Booking, own: &[(&PaymentId, &Account)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let id = booking.id;
    let is_sold =
        matches!(booking.state, BookingState::Confirmed { .. }) && !is_called_off(all, booking.event_id);
    let total = price(run, booking);
    // What the box office keeps of it; nobody else's books have that.
    let cash = in_hand(all, id);
    let mut kept = usize::from(cash != 0);
    let mut paid = cash != 0;
    for (payment, account) in own {
        let Some(captured) = account.captured else { continue };
        let left = captured.amount_minor - account.returned();
        let asked_back = run.tried().refunds.contains(payment);
        let is_price = captured.currency.code() == "KZT" && captured.amount_minor == total;
        paid |= is_price && (left > 0 || asked_back);
        if left == 0 {
            continue;
        }
        kept += 1;
        if !is_sold {
            wrong.push(format!("{left} of {payment} are kept for {id:?}, which is {:?}", booking.state));
        } else if !is_price {
            wrong.push(format!("{captured:?} of {payment} are kept for {id:?}, which costs {total}"));
        } else if account.returned() > 0 && !asked_back {
            wrong.push(format!("{} of {payment} went back, and nobody asked for it", account.returned()));
        }
    }
    if kept > 1 {
        wrong.push(format!("{id:?} is paid {kept} times"));
    }
    let cash_asked_back = run.tried().cash.contains(&id);
    if is_sold && !paid && !cash_asked_back {
        wrong.push(format!("{id:?} has tickets, and nobody paid"));
    }
    if cash != 0 && (!run.tried().cash.contains(&id) || !is_sold || cash != total) {
        wrong.push(format!("{cash} in cash are kept for {id:?}, which costs {total}"));
    }
    wrong
}

/// What the ledger says that the box office has of a booking.
fn in_hand(all: &Snapshot, id: BookingId) -> i64 {
    let of = all.of::<LedgerEntry>().filter(|entry| entry.booking_id == id && entry.provider == "offline");
    of.map(|entry| signed(entry)).sum()
}

fn signed(entry: &LedgerEntry) -> i64 {
    match entry.kind {
        LedgerKind::Charge | LedgerKind::ChargebackReturned => entry.amount.amount_minor,
        LedgerKind::Refund | LedgerKind::Chargeback => -entry.amount.amount_minor,
        LedgerKind::Fee => 0,
    }
}

/// The ledger has what the banks have, to the last minor unit, and nothing else.
fn ledger(all: &Snapshot, accounts: &BTreeMap<PaymentId, Account>) -> Vec<String> {
    let mut written: BTreeMap<PaymentId, (Vec<Money>, Vec<Money>)> = BTreeMap::new();
    for entry in all.of::<LedgerEntry>().filter(|entry| entry.provider != "offline") {
        let (charges, refunds) = written.entry(entry.payment_id).or_default();
        match entry.kind {
            LedgerKind::Charge => charges.push(entry.amount),
            LedgerKind::Refund => refunds.push(entry.amount),
            LedgerKind::Fee | LedgerKind::Chargeback | LedgerKind::ChargebackReturned => {}
        }
    }
    let mut known: BTreeMap<PaymentId, (Vec<Money>, Vec<Money>)> = BTreeMap::new();
    for (id, account) in accounts.iter().filter(|(_, account)| account.captured.is_some()) {
        known.insert(
            *id,
            (account.captured.into_iter().collect(), account.refunds.values().copied().collect()),
        );
    }
    for (charges, refunds) in written.values_mut().chain(known.values_mut()) {
        for list in [charges, refunds] {
            list.sort_by(|a, b| {
                (a.amount_minor, a.currency.code()).cmp(&(b.amount_minor, b.currency.code()))
            });
        }
    }
    let ids: std::collections::BTreeSet<_> = written.keys().chain(known.keys()).copied().collect();
    let differ = ids.into_iter().filter(|id| written.get(id) != known.get(id));
    differ
        .map(|id| format!("the ledger has {:?} of {id}, the bank {:?}", written.get(&id), known.get(&id)))
        .collect()
}

/// Never more tickets than seats, and each booking its own.
fn seats(run: &Run, all: &Snapshot) -> Vec<String> {
    let mut wrong = Vec::new();
    let valid = |ticket: &&std::sync::Arc<Ticket>| !matches!(ticket.state, TicketState::Cancelled { .. });
    for (event, types) in &run.events {
        let of_event = all.of::<Ticket>().filter(|t| t.event_id == *event).filter(valid).count();
        if of_event > usize::try_from(CAPACITY).unwrap_or(0) {
            wrong.push(format!("{event:?} has {of_event} tickets"));
        }
        for of in types {
            let sold = all.of::<Ticket>().filter(|t| t.ticket_type_id == *of).filter(valid).count();
            if sold > usize::try_from(SEATS).unwrap_or(0) {
                wrong.push(format!("{of:?} has {sold} tickets"));
            }
        }
    }
    for booking in all.of::<Booking>() {
        let confirmed = matches!(booking.state, BookingState::Confirmed { .. });
        let due: u32 = if confirmed { booking.lines.iter().map(|line| line.quantity).sum() } else { 0 };
        let has = all.of::<Ticket>().filter(|t| t.booking_id == booking.id).filter(valid).count();
        if u32::try_from(has) != Ok(due) {
            wrong.push(format!("{:?} has {has} tickets of {due}", booking.id));
        }
    }
    wrong
}

/// Nothing is held, pending, owed or to be done any more.
fn left_open(all: &Snapshot) -> Vec<String> {
    let held = all.of::<Booking>().filter(|b| matches!(b.state, BookingState::Held { .. }));
    let held = held.map(|booking| format!("{:?} is held for ever", booking.id));
    let open = all.of::<Payment>().filter(|payment| payment.state.is_open());
    let open = open.map(|payment| format!("{:?} is open for ever", payment.id));
    let owed = all.of::<Payment>().filter(|payment| payment.booked() != payment.refunded());
    let owed = owed.map(|payment| format!("{payment:?} is owed for ever"));
    let money = |work: &JobWork| matches!(work, JobWork::RefundPayment { .. } | JobWork::WatchPayment { .. });
    let jobs = all.of::<Job>().filter(|job| money(&job.work));
    let jobs = jobs.map(|job| format!("left to do: {job:?}"));
    held.chain(open).chain(owed).chain(jobs).collect()
}
