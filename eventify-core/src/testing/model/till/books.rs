//! Whether the books agree: the banks' own, which are right, and what the store came to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::account::{Account, Disputed};
use super::run::{CAPACITY, PRICE, Run, SEATS};
use crate::audit::AuditEntry;
use crate::booking::{Booking, BookingState};
use crate::context::Clock;
use crate::event::{Event, EventState};
use crate::id::{BookingId, EventId, PaymentId};
use crate::job::{Job, JobState, JobWork};
use crate::money::Money;
use crate::payment::{
    Attention, DisputeStatus, LedgerEntry, LedgerKind, Payment, ReceiptStatus, Refund, RefundCause,
};
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
    wrong.extend(left_open(run, &all));
    wrong.extend(alarms(&all, &accounts));
    let (mut kept, mut returned, mut halves) = (0, 0, 0);
    for booking in all.of::<Booking>() {
        let own: Vec<(&PaymentId, &Account)> =
            accounts.iter().filter(|(_, account)| account.booking_id == booking.id).collect();
        wrong.extend(money_of(run, &all, booking, &own));
        for (_, account) in own.iter().filter(|(_, account)| account.captured.is_some()) {
            if account.left() <= 0 { returned += 1 } else { kept += 1 }
        }
        let half = kept_for_cancelling(run, booking);
        halves += u32::from(half > 0 && own.iter().any(|(_, account)| account.left() == half));
    }
    run.report.halves = halves;
    let is_late = |refund: &Refund| refund.cause == RefundCause::TooLate;
    let too_late = all.of::<Payment>().filter(|payment| payment.refunds.iter().any(is_late)).count();
    run.report.too_late = u32::try_from(too_late).unwrap_or(u32::MAX);
    let told_early = all.of::<AuditEntry>().filter(|entry| entry.action == "dispute.kept").count();
    run.report.told_early = u32::try_from(told_early).unwrap_or(u32::MAX);
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

/// What is kept of a booking that whoever booked cancelled, where the event gives half back.
fn kept_for_cancelling(run: &Run, booking: &Booking) -> i64 {
    let place = run.events.iter().position(|(id, _)| *id == booking.event_id);
    let halves = place.is_some_and(|place| place.is_multiple_of(2));
    let cancelled = matches!(booking.state, BookingState::Cancelled { .. });
    let by_payer = run.tried().cancelled.contains(&booking.id);
    if halves && cancelled && by_payer { price(run, booking) / 2 } else { 0 }
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
    let fee = kept_for_cancelling(run, booking);
    for (payment, account) in own {
        let Some(captured) = account.captured else { continue };
        let left = account.left();
        let asked_back = run.tried().refunds.contains(&account.order);
        let is_price = captured.currency.code() == "KZT" && captured.amount_minor == total;
        paid |= is_price && (left > 0 || asked_back || account.dispute.is_some());
        if left <= 0 {
            continue;
        }
        kept += 1;
        let is_fee = fee > 0 && is_price && (left == fee || left < fee && asked_back);
        if !is_sold && !is_fee {
            wrong.push(format!("{left} of {payment} are kept for {id:?}, which is {:?}", booking.state));
        } else if !is_price {
            wrong.push(format!("{captured:?} of {payment} are kept for {id:?}, which costs {total}"));
        } else if is_sold && account.returned() > 0 && !asked_back {
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
    let right = if is_sold { total } else { fee };
    if cash != 0 && (!run.tried().cash.contains(&id) || cash != right) {
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
        LedgerKind::Charge | LedgerKind::ChargebackReturned | LedgerKind::RefundReturned => {
            entry.amount.amount_minor
        }
        LedgerKind::Refund | LedgerKind::Chargeback => -entry.amount.amount_minor,
        LedgerKind::Fee => 0,
    }
}

/// The ledger has what the banks have, to the last minor unit, and nothing else: by the banks' names, for which of two charges under one
/// number is the second one they do not say.
fn ledger(all: &Snapshot, accounts: &BTreeMap<PaymentId, Account>) -> Vec<String> {
    type Moved = BTreeMap<(String, LedgerKind), Vec<Money>>;
    let names: BTreeMap<PaymentId, String> =
        all.of::<Payment>().filter_map(|payment| Some((payment.id, payment.reference.clone()?))).collect();
    let mut written = Moved::new();
    for entry in all.of::<LedgerEntry>().filter(|entry| entry.provider != "offline") {
        let name = names.get(&entry.payment_id).cloned().unwrap_or_else(|| entry.payment_id.to_string());
        written.entry((name, entry.kind)).or_default().push(entry.amount);
    }
    let mut known = Moved::new();
    for account in accounts.values() {
        let name = &account.reference;
        let has = |kind| written.contains_key(&(name.clone(), kind));
        let told = has(LedgerKind::Chargeback);
        let mut add = |kind, amount: Money| known.entry((name.clone(), kind)).or_default().push(amount);
        account.captured.into_iter().for_each(|amount| add(LedgerKind::Charge, amount));
        account.fee().into_iter().for_each(|fee| add(LedgerKind::Fee, fee));
        for given in account.refunds.values().chain(&account.outside) {
            add(LedgerKind::Refund, given.amount);
            if given.status == ReceiptStatus::Failed {
                add(LedgerKind::RefundReturned, given.amount);
            }
        }
        account.paid_out.iter().for_each(|amount| add(LedgerKind::Refund, *amount));
        match account.dispute {
            // One that is told only when it is over moved nothing that anybody saw.
            Some(Disputed { status: DisputeStatus::Won, .. }) if !told => {}
            Some(Disputed { taken, status: DisputeStatus::Won }) => {
                add(LedgerKind::Chargeback, taken);
                add(LedgerKind::ChargebackReturned, taken);
            }
            Some(Disputed { taken, .. }) => add(LedgerKind::Chargeback, taken),
            None => {}
        }
    }
    for account in accounts.values().filter(|account| !account.outside.is_empty()) {
        // What was owed and went back on the bank's own pages is written as what was owed: in how many parts the sum went is not compared, nor
        // what went and came back before anybody heard of it.
        let of = |kind| (account.reference.clone(), kind);
        for moved in [&mut written, &mut known] {
            let back = moved.remove(&of(LedgerKind::RefundReturned)).unwrap_or_default();
            let Some(gone) = moved.get_mut(&of(LedgerKind::Refund)) else { continue };
            let sum = |list: &[Money]| list.iter().map(|money| money.amount_minor).sum::<i64>();
            let net = sum(gone) - sum(&back);
            gone.truncate(1);
            gone.iter_mut().for_each(|first| first.amount_minor = net);
            if net == 0 {
                moved.remove(&of(LedgerKind::Refund));
            }
        }
    }
    for list in written.values_mut().chain(known.values_mut()) {
        list.sort_by_key(|money| (money.amount_minor, money.currency.code().to_owned()));
    }
    let movements: BTreeSet<_> = written.keys().chain(known.keys()).cloned().collect();
    let differ = movements.into_iter().filter(|of| written.get(of) != known.get(of));
    let told = |of: (String, LedgerKind)| {
        let payment = all.of::<Payment>().find(|payment| payment.reference.as_ref() == Some(&of.0));
        format!("the ledger has {:?} of {of:?}, the bank {:?}: {payment:?}", written.get(&of), known.get(&of))
    };
    differ.map(told).collect()
}

/// Nobody is asked to look at money that went back outside where none ever did.
fn alarms(all: &Snapshot, accounts: &BTreeMap<PaymentId, Account>) -> Vec<String> {
    let names: BTreeSet<&str> = accounts
        .values()
        .filter(|account| !account.outside.is_empty())
        .map(|account| account.reference.as_str())
        .collect();
    let is_false = |payment: &&Arc<Payment>| {
        let is_known = payment.reference.as_deref().is_some_and(|name| names.contains(name));
        payment.attention.contains(&Attention::RefundedOutside) && !is_known
    };
    let alarmed = all.of::<Payment>().filter(is_false);
    alarmed.map(|payment| format!("nothing went back outside of {payment:?}")).collect()
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
fn left_open(run: &Run, all: &Snapshot) -> Vec<String> {
    let held = all.of::<Booking>().filter(|b| matches!(b.state, BookingState::Held { .. }));
    let held = held.map(|booking| format!("{:?} is held for ever", booking.id));
    let open = all.of::<Payment>().filter(|payment| payment.state.is_open());
    let open = open.map(|payment| format!("{:?} is open for ever", payment.id));
    let owed = all.of::<Payment>().filter(|payment| payment.booked() != payment.refunded());
    let owed = owed.map(|payment| format!("{payment:?} is owed for ever"));
    let money = |work: &JobWork| {
        use JobWork::{FindDisputed, RefundPayment, WatchPayment};
        matches!(work, RefundPayment { .. } | WatchPayment { .. } | FindDisputed { .. })
    };
    // A bank that tells nothing is asked for four months.
    let is_quiet = |id: &PaymentId| {
        let of = |payment: &&Arc<Payment>| payment.id == *id;
        let provider = all.of::<Payment>().find(of).map(|payment| payment.provider.as_str());
        run.banks.iter().any(|bank| bank.0.is_quiet && Some(bank.0.name) == provider)
    };
    let waits = |job: &&Arc<Job>| {
        let is_later = job.state == JobState::Waiting && job.due_at > run.clock.now();
        matches!(&job.work, JobWork::WatchPayment { payment_id, .. } if is_later && is_quiet(payment_id))
    };
    let jobs = all.of::<Job>().filter(|job| money(&job.work) && !waits(job));
    let jobs = jobs.map(|job| format!("left to do: {job:?}"));
    held.chain(open).chain(owed).chain(jobs).collect()
}
