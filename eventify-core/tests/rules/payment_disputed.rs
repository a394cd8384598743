//! Disputes of money that nobody here knows, or not yet.

use eventify_core::job::PurgeJobs;
use eventify_core::payment::{
    Attention, ChargeDispute, ChargeStatus, DisputeStatus, LedgerEntry, LedgerKind, PaymentStatus,
    ProviderError,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{PageRequest, PaymentId, Reason};

use crate::common::*;

const ALL: i64 = 2 * PRICE;

async fn ledger(w: &World) -> Vec<(LedgerKind, i64)> {
    let all = w.everything().await;
    let mut entries: Vec<_> = all.of::<LedgerEntry>().map(|e| (e.kind, e.amount.amount_minor)).collect();
    entries.sort_unstable();
    entries
}

/// What is said of a dispute of the money of this name.
fn of_money(transaction: &str, status: DisputeStatus, moves: u8, taken: i64) -> ChargeDispute {
    ChargeDispute {
        reference: "dp-1".to_owned(),
        transaction: transaction.to_owned(),
        amount: tenge(ALL),
        reason: None,
        status,
        moves,
        taken: tenge(taken),
    }
}

async fn told(w: &World, news: ChargeDispute) -> u16 {
    let callback = MemoryProvider::callback_of(&news.reference);
    w.bank.card.dispute(news);
    w.callback("memory", callback).await
}

/// The bank takes the money, and gives it back.
async fn all_of_it(w: &World, transaction: &str) {
    for (status, moves, taken) in
        [(DisputeStatus::Open, 0, 0), (DisputeStatus::Open, 1, ALL), (DisputeStatus::Won, 2, 0)]
    {
        for _ in 0..2 {
            assert_eq!(told(w, of_money(transaction, status, moves, taken)).await, 200);
        }
    }
}

const BOTH_WAYS: [(LedgerKind, i64); 3] =
    [(LedgerKind::Charge, ALL), (LedgerKind::Chargeback, ALL), (LedgerKind::ChargebackReturned, ALL)];

/// A payment whose answer was lost, so that nobody here knows what its money is called.
async fn unnamed(w: &World) -> PaymentId {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(1);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    w.bank.card.charges()[0].0
}

#[tokio::test]
async fn a_dispute_is_kept_until_its_money_is_known() {
    for by_callback in [false, true] {
        let w = World::new().await;
        let id = unnamed(&w).await;
        w.bank.card.settle(id, ChargeStatus::Succeeded);
        all_of_it(&w, &format!("money-{id}")).await;
        assert_eq!((w.jobs("find_disputed").await.len(), w.actions("dispute.kept").await), (1, 3));
        if by_callback {
            w.call_back(id).await;
            w.run_jobs().await;
        } else {
            for _ in 0..2 {
                w.pass(HOUR).await;
            }
        }
        let found = w.payment(id).await;
        assert_eq!((found.status, found.attention), (PaymentStatus::Succeeded, vec![Attention::Disputed]));
        assert_eq!(ledger(&w).await, BOTH_WAYS);
        assert!(w.jobs("find_disputed").await.is_empty());
        w.assert_sound(&format!("by callback: {by_callback}")).await;
    }
}

#[tokio::test]
async fn a_second_charge_may_be_disputed_before_it_is_told() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let second = w.bank.card.charge_again(paid.id).unwrap();
    all_of_it(&w, &format!("money-{second}")).await;
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&second)).await, 200);
    w.run_jobs().await;
    let all = w.eventify.payments().of_booking(&organizer(), paid.booking_id).await.unwrap();
    assert_eq!((all[0].disputes.len(), all[1].disputes.len()), (0, 1));
    assert_eq!(all[1].attention, [Attention::ChargedTwice, Attention::Disputed]);
    w.assert_sound("the second one's").await;
}

/// The event is cancelled, its bookings are not yet: what the bank took of the one payment is not what goes back of the other.
#[tokio::test]
async fn who_paid_twice_for_a_cancelled_event_gets_both_back() {
    let w = World::new().await;
    let (e, _, held) = w.unpaid(&attendee()).await;
    let card = w.pay(&attendee(), held.id, "memory").await.id;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    w.cancel_event(e).await;
    w.card(card, ChargeStatus::Succeeded).await;
    let taken = of_money(&format!("money-{card}"), DisputeStatus::Lost, 1, ALL);
    assert_eq!(told(&w, taken).await, 200);
    w.run_jobs().await;
    let all = w.eventify.payments().of_booking(&organizer(), held.id).await.unwrap();
    let cash = all.iter().find(|payment| payment.provider == "offline").unwrap();
    assert_eq!((cash.refunds[0].amount, cash.attention.clone()), (tenge(ALL), vec![Attention::PayOut]));
    w.assert_sound("both").await;
}

#[tokio::test]
async fn what_nobody_knows_is_left_to_people_and_found_whenever_it_is_known() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let id = w.pay(&attendee(), held.id, "memory").await.id;
    w.bank.card.fail_next((0..200).map(|_| ProviderError::Unreachable("away".to_owned())));
    w.bank.card.change(id, |charge| charge.transaction = Some("another".to_owned()));
    all_of_it(&w, "another").await;
    for _ in 0..30 {
        w.pass(HOUR).await;
    }
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!(dead.iter().map(|job| job.work.as_str()).collect::<Vec<_>>(), ["find_disputed"]);
    let why = dead[0].last_error.clone().unwrap();
    assert!(
        why.contains("dp-1") && why.contains("another of memory") && why.contains("9000.00 KZT"),
        "{why}"
    );
    let stray = w.eventify.payments().stray_disputes(&admin(), &PageRequest::default()).await.unwrap();
    let listed: Vec<_> = stray.data.iter().map(|of| (of.job_id, of.status, of.amount, of.taken)).collect();
    assert_eq!(listed, [(dead[0].id, DisputeStatus::Won, tenge(ALL), tenge(0))], "what was said last");
    assert_eq!((stray.data[0].transaction.as_str(), stray.next_cursor.is_none()), ("another", true));
    // Purging what was to leave the house leaves it alone.
    assert_eq!(w.eventify.jobs().purge(&admin(), PurgeJobs::default()).await.unwrap().purged, 0);
    // The money comes late, and is found to be what was disputed.
    w.card(id, ChargeStatus::Succeeded).await;
    w.run_jobs().await;
    assert_eq!(w.payment(id).await.disputes.len(), 1);
    assert_eq!(ledger(&w).await, BOTH_WAYS);
    assert!(w.jobs("find_disputed").await.is_empty());
    let stray = w.eventify.payments().stray_disputes(&admin(), &PageRequest::default()).await.unwrap();
    assert!(stray.data.is_empty());
    w.assert_sound("found at last").await;
}

#[tokio::test]
async fn a_dispute_of_other_money_is_thrown_away_by_name() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let before = w.stored_payment(paid.id).await;
    assert_eq!(told(&w, of_money("other", DisputeStatus::Lost, 1, ALL)).await, 200);
    for _ in 0..30 {
        w.pass(HOUR).await;
    }
    let named = PurgeJobs { work: Some("find_disputed".to_owned()), ..PurgeJobs::default() };
    let refused = w.eventify.jobs().purge(&organizer(), named.clone()).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::NotAllowed);
    assert_eq!(w.eventify.jobs().purge(&admin(), named).await.unwrap().purged, 1);
    assert!(w.jobs("find_disputed").await.is_empty());
    assert_eq!(w.stored_payment(paid.id).await, before);
    w.assert_sound("not ours").await;
}

#[tokio::test]
async fn so_much_is_kept_of_one_movement_of_money() {
    let w = World::new().await;
    w.paid_by_card(&attendee()).await;
    for n in 0..91 {
        let news = of_money("other", DisputeStatus::Open, 0, 0);
        let answer = told(&w, ChargeDispute { reference: format!("dp-{n}"), ..news }).await;
        assert_eq!(answer, if n < 90 { 200 } else { 400 }, "{n}");
    }
    assert_eq!(w.jobs("find_disputed").await.len(), 1);
    w.assert_sound("ninety").await;
    for _ in 0..30 {
        w.pass(HOUR).await;
    }
    let stray = w.eventify.payments().stray_disputes(&admin(), &PageRequest::first(1)).await.unwrap();
    assert_eq!(stray.data.len(), 90, "all of one movement");
}
