//! Who looks after a payment, until when, and what ends that too early.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventify_core::job::Job;
use eventify_core::payment::{
    Attention, ChargeStatus, PaymentStatus, PaymentView, ProviderError, ReceiptStatus, RefundPayment,
    RefundStatus,
};
use eventify_core::store::{ChangeSet, Commit, Key, Page, Record, Scan, Store, StoreError, Versioned};
use eventify_core::testing::{MemoryProvider, SeededEntropy};
use eventify_core::{Eventify, PaymentId, Settings};

use crate::common::*;

const ALL: i64 = 2 * PRICE;

/// Another process over a world's store, which counts its commits that come too late.
#[derive(Debug)]
struct Process {
    within: Arc<dyn Store>,
    refused: AtomicUsize,
    /// What the first one hears of the provider just before this one writes a payment.
    overtaken: Mutex<Option<(Eventify, String)>>,
}

#[async_trait]
impl Store for Process {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.within.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.within.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        if set.writes.iter().any(|write| matches!(write.key, Key::Payment(_))) {
            let overtaken = self.overtaken.lock().unwrap().take();
            if let Some((first, name)) = overtaken {
                hear(&first, &name).await;
            }
        }
        let done = self.within.commit(set).await?;
        if matches!(done, Commit::Conflict(_)) {
            self.refused.fetch_add(1, Ordering::SeqCst);
        }
        Ok(done)
    }
}

async fn process(w: &World) -> (Arc<Process>, Eventify) {
    let within = w.store.clone();
    let store = Arc::new(Process { within, refused: AtomicUsize::new(0), overtaken: Mutex::default() });
    let builder = Eventify::builder_over(store.clone()).clock(w.clock.clone()).entropy(SeededEntropy::new(2));
    let builder = builder.payment_provider(w.bank.card.clone()).without_worker();
    (store, builder.start().await.unwrap())
}

impl Process {
    fn assert_alone(&self, situation: &str) {
        assert_eq!(self.refused.load(Ordering::SeqCst), 0, "{situation}: nobody else wrote anything");
    }
}

async fn ask_back(w: &World, id: PaymentId, minor: i64) {
    let request = RefundPayment { amount: Some(tenge(minor)), reason: None };
    w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
}

fn states(payment: &PaymentView) -> Vec<(RefundStatus, i64)> {
    payment.refunds.iter().map(|refund| (refund.status, refund.amount.amount_minor)).collect()
}

/// What the provider calls the last refund of a payment.
async fn last_key(w: &World, id: PaymentId) -> String {
    w.payment(id).await.refunds.last().unwrap().id.to_string()
}

async fn hear(eventify: &Eventify, name: &str) {
    let callback = MemoryProvider::callback_of(name);
    assert_eq!(eventify.payments().callback("memory", callback).await.unwrap().status, 200);
}

/// The jobs of this work have been begun so often.
async fn begun(w: &World, work: &str, attempts: u32) {
    for job in w.jobs(work).await {
        let begun = Record::Job(Arc::new(Job { attempts, ..job.clone() }));
        w.rewrite(Key::Job(job.id), |_| begun).await;
    }
}

/// However a refund ends: that the payment is looked after already is in nobody's way.
#[tokio::test]
async fn who_ends_a_refund_of_a_payment_that_is_watched_is_not_too_late() {
    let (done, returned, failed) = (RefundStatus::Done, RefundStatus::Returned, RefundStatus::Failed);
    let w = World::new().await;
    w.bank.card.tell_of_refunds_no_more();
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let (store, other) = process(&w).await;
    let watched = async |situation: &str, after: &[(RefundStatus, i64)]| {
        assert_eq!(states(&w.payment(paid.id).await), after, "{situation}");
        assert_eq!(w.jobs("watch_payment").await.len(), 1, "{situation}");
        store.assert_alone(situation);
    };
    ask_back(&w, paid.id, 100).await;
    while other.jobs().run_due().await.unwrap() > 0 {}
    watched("made", &[(done, 100)]).await;
    let name = last_key(&w, paid.id).await;
    w.bank.card.end_refund(&name, ReceiptStatus::Failed);
    hear(&other, &name).await;
    watched("came back", &[(returned, 100), (failed, 100)]).await;
    ask_back(&w, paid.id, 50).await;
    begun(&w, "refund_payment", Settings::default().job_attempts_max).await;
    while other.jobs().run_due().await.unwrap() > 0 {}
    watched("given up", &[(returned, 100), (failed, 100), (failed, 50)]).await;
    w.assert_sound("watched").await;
    other.shut_down().await;
}

/// The provider speaks of the first payment, and it is the second that is looked after.
#[tokio::test]
async fn who_hears_of_a_second_charge_that_is_watched_is_not_too_late() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let (store, other) = process(&w).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Failed);
    let second = w.bank.card.charge_again(paid.id).unwrap();
    hear(&other, &second).await;
    while other.jobs().run_due().await.unwrap() > 0 {}
    assert_eq!(w.jobs("watch_payment").await.len(), 1, "the refund of it came back");
    w.bank.card.change_double(&second, |charge| charge.refunded = tenge(100));
    hear(&other, &second).await;
    store.assert_alone("the second charge");
    w.pass(HOUR).await;
    let all = w.eventify.payments().of_booking(&organizer(), paid.booking_id).await.unwrap();
    assert_eq!((all[0].refunded, all[1].refunded), (tenge(0), tenge(100)));
    w.assert_sound("the second charge").await;
    other.shut_down().await;
}

/// Cancelling an event asks nothing of those who got everything back from us.
#[tokio::test]
async fn what_goes_back_wholly_is_asked_about_only_where_others_gave_a_part_back() {
    for outside in [0, 100] {
        let w = World::new().await;
        w.bank.card.tell_of_refunds_no_more();
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        w.bank.card.change(paid.id, |charge| charge.refunded = tenge(outside));
        w.call_back(paid.id).await;
        w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
        w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
        w.run_jobs().await;
        w.pass(DAY).await;
        assert!(w.jobs("watch_payment").await.is_empty(), "while it is on its way there is nothing to ask");
        let name = last_key(&w, paid.id).await;
        w.bank.card.end_refund(&name, ReceiptStatus::Done);
        hear(&w.eventify, &name).await;
        assert_eq!(w.payment(paid.id).await.refunded, tenge(ALL), "{outside} outside");
        assert_eq!(w.jobs("watch_payment").await.len(), usize::from(outside > 0), "{outside} outside");
        w.assert_sound("wholly").await;
    }
}

/// A payer who failed may try another card on the same page, as long as its time lasts.
#[tokio::test]
async fn what_may_still_be_paid_is_not_let_go() {
    for pays in [true, false] {
        let w = World::new().await;
        let (_, _, held) = w.unpaid(&attendee()).await;
        let payment = w.pay(&attendee(), held.id, "memory").await;
        w.card(payment.id, ChargeStatus::Failed).await;
        let calls = w.bank.card.calls();
        w.pass(HOUR / 8).await;
        assert!(w.bank.card.calls() > calls, "it is looked at");
        assert!(w.bank.card.released().is_empty(), "it may still be paid");
        if pays {
            w.card(payment.id, ChargeStatus::Succeeded).await;
        }
        w.pass(HOUR).await;
        let (status, released) = match pays {
            true => (PaymentStatus::Succeeded, vec![]),
            false => (PaymentStatus::Failed, vec![payment.id]),
        };
        assert_eq!((w.payment(payment.id).await.status, w.bank.card.released()), (status, released));
        w.assert_sound("let go in time").await;
    }
}

/// The last attempt hears no answer, and while it writes that down the provider says by itself that it accepted the refund.
#[tokio::test]
async fn an_attempt_that_failed_says_nothing_of_what_was_accepted_meanwhile() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    ask_back(&w, paid.id, 100).await;
    let name = last_key(&w, paid.id).await;
    begun(&w, "refund_payment", Settings::default().job_attempts_max - 1).await;
    w.bank.card.lose_next(1);
    let (store, other) = process(&w).await;
    *store.overtaken.lock().unwrap() = Some((w.eventify.clone(), name.clone()));
    while other.jobs().run_due().await.unwrap() > 0 {}
    assert!(store.overtaken.lock().unwrap().is_none(), "the provider was heard in between");
    assert_eq!(states(&w.payment(paid.id).await), [(RefundStatus::Sent, 100)]);
    assert_eq!(w.jobs("refund_payment").await.len(), 1, "it is asked for on");
    w.bank.card.end_refund(&name, ReceiptStatus::Done);
    w.pass(HOUR).await;
    let made = w.payment(paid.id).await;
    assert_eq!((states(&made), made.attention), (vec![(RefundStatus::Done, 100)], vec![]));
    assert!(w.jobs("refund_payment").await.is_empty());
    w.assert_sound("overtaken").await;
    other.shut_down().await;
}

/// Six hours pass in which the provider refuses so many questions.
async fn refuses(w: &World, questions: usize) {
    w.bank.card.fail_next((0..questions).map(|_| ProviderError::Refused("no".to_owned())));
    w.pass(6 * HOUR).await;
}

/// Why somebody has to look at a payment, and in which words.
async fn why(w: &World, id: PaymentId) -> (Vec<Attention>, Option<String>) {
    let payment = w.payment(id).await;
    (payment.attention, payment.last_error)
}

async fn assert_listed(w: &World, id: PaymentId, words: &str) {
    let (attention, error) = why(w, id).await;
    assert_eq!(attention, [Attention::Unwatched]);
    assert!(error.as_ref().is_some_and(|error| error.starts_with(words)), "{error:?}");
}

/// A payment whose money came by a second charge, and of which the provider does not say how the first stands, nor how it does itself, for
/// longer than money may be late.
async fn other_unheard(w: &World) -> (PaymentId, String) {
    let (_, _, held) = w.unpaid(&attendee()).await;
    let id = w.pay(&attendee(), held.id, "memory").await.id;
    let second = w.bank.card.charge_again(id).unwrap();
    hear(&w.eventify, &second).await;
    for _ in 0..32 {
        refuses(w, 2).await;
    }
    assert_listed(w, id, "nobody knows how it stands").await;
    (id, second)
}

/// The provider makes a refund, which is an answer, and not to what it was asked.
#[tokio::test]
async fn a_charge_beside_that_nobody_hears_of_is_listed_anew_after_a_refund() {
    let w = World::new().await;
    let (id, _) = other_unheard(&w).await;
    ask_back(&w, id, 100).await;
    w.run_jobs().await;
    assert_eq!(why(&w, id).await, (vec![], None), "it answered");
    for _ in 0..3 {
        refuses(&w, 2).await;
        assert_listed(&w, id, "nobody knows how it stands").await;
        assert!(w.stored_payment(id).await.other.is_some() && w.jobs("watch_payment").await.len() == 1);
    }
    w.assert_sound("listed anew").await;
}

#[tokio::test]
async fn what_is_held_and_not_let_go_is_listed_anew_after_a_callback() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let id = w.pay(&attendee(), held.id, "memory").await.id;
    w.bank.card.keep_held(true);
    for _ in 0..32 {
        w.pass(6 * HOUR).await;
    }
    assert_listed(&w, id, "nobody knows how it stands").await;
    w.call_back(id).await;
    assert_eq!(why(&w, id).await, (vec![], None), "it answered");
    w.pass(6 * HOUR).await;
    assert_listed(&w, id, "nobody knows how it stands").await;
    w.bank.card.keep_held(false);
    w.pass(6 * HOUR).await;
    assert_eq!((why(&w, id).await, w.bank.card.released()), ((vec![], None), vec![id]));
    w.assert_sound("let go").await;
}

#[tokio::test]
async fn a_refund_that_never_arrives_is_listed_anew_after_a_callback() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    ask_back(&w, paid.id, 100).await;
    for _ in 0..4 * 31 {
        w.pass(6 * HOUR).await;
    }
    let words = format!("nobody knows whether the refund of {} arrived", tenge(100));
    assert_listed(&w, paid.id, &words).await;
    w.call_back(paid.id).await;
    assert_eq!(why(&w, paid.id).await, (vec![], None), "it answered");
    w.pass(6 * HOUR).await;
    assert_listed(&w, paid.id, &words).await;
    // Who saw to it is not asked anew, whatever the provider says of the charge.
    w.dismiss(paid.id).await;
    w.call_back(paid.id).await;
    w.pass(6 * HOUR).await;
    assert_eq!(why(&w, paid.id).await, (vec![], Some(words)));
    w.assert_sound("for ever").await;
}

/// Somebody saw to the other charge, and what goes back without a word is looked for all the same.
#[tokio::test]
async fn who_saw_to_the_charge_beside_did_not_see_to_what_goes_back() {
    for tells in [false, true] {
        let w = World::new().await;
        if !tells {
            w.bank.card.tell_of_refunds_no_more();
        }
        let (id, second) = other_unheard(&w).await;
        w.dismiss(id).await;
        refuses(&w, 2).await;
        assert!(w.payment(id).await.attention.is_empty(), "somebody saw to it");
        assert_eq!(w.jobs("watch_payment").await.len(), usize::from(!tells), "tells: {tells}");
        w.bank.card.change_double(&second, |charge| charge.refunded = tenge(100));
        for _ in 0..20 {
            w.pass(DAY).await;
        }
        let found = if tells { tenge(0) } else { tenge(100) };
        assert_eq!(w.payment(id).await.refunded, found, "tells: {tells}");
        w.assert_sound("seen to").await;
    }
}
