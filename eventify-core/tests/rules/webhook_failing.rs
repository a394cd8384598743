//! Webhooks at which nothing arrives: tried patiently, one delivery at a time, disturbing nobody, and in the end disabled.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::event::Event;
use eventify_core::notification::{DeliveryError, FactName};
use eventify_core::store::{ChangeSet, Expectation, Key, Record, Version, Write};
use eventify_core::webhook::{
    DisabledWhy, Webhook, WebhookDeliveryStatus, WebhookDeliveryView, WebhookStatus, WebhookView,
};
use eventify_core::{PageRequest, Reason, Settings, UserId, WebhookId};

use crate::common::*;
use crate::webhook_flow::{hook, log_of, told};

const URL: &str = "https://own";

fn transient() -> Result<u16, DeliveryError> {
    Err(DeliveryError::Transient("no answer".to_owned()))
}

fn down(times: usize) -> Vec<Result<u16, DeliveryError>> {
    (0..times).map(|_| transient()).collect()
}

async fn view(w: &World, id: WebhookId) -> WebhookView {
    w.eventify.webhooks().get(&admin(), id).await.unwrap().into_inner()
}

/// A world with a webhook, and an event that it hears of.
async fn world() -> (World, WebhookId) {
    let w = World::hooked().await;
    let id = hook(&w, &organizer(), URL).await.webhook.id;
    (w, id)
}

fn statuses(log: &[WebhookDeliveryView]) -> Vec<WebhookDeliveryStatus> {
    log.iter().map(|delivery| delivery.status).collect()
}

#[tokio::test]
async fn what_fails_is_tried_again_under_the_same_id_until_it_arrives() {
    let (w, id) = world().await;
    // An answer that was lost looks the same as none: at least once, and recognisable.
    w.hooks.answer_next(URL, [transient(), Ok(500), Ok(302), Ok(404), Ok(204)]);
    w.published().await;
    w.run_jobs().await;
    let failing = view(&w, id).await;
    assert_eq!((failing.status, failing.failing_since), (WebhookStatus::Active, Some(w.now())));
    w.pass(HOUR).await;
    w.pass(HOUR).await;
    w.pass(HOUR).await;
    w.pass(HOUR).await;
    let sent = w.hooks.sent();
    assert_eq!(sent.len(), 5);
    let same: BTreeSet<_> = sent.iter().map(|r| (r.body.clone(), r.headers[1].clone())).collect();
    assert_eq!(same.len(), 1, "the same text under the same id");
    let log = log_of(&w, id).await;
    let attempts: Vec<_> = log[0].newest_attempts.iter().map(|a| (a.status, a.error.as_deref())).collect();
    assert_eq!(
        attempts,
        [
            (None, Some("no answer")),
            (Some(500), Some("it answered 500")),
            (Some(302), Some("it answered 302")),
            (Some(404), Some("it answered 404")),
            (Some(204), None),
        ]
    );
    assert_eq!((log[0].status, log[0].attempts), (WebhookDeliveryStatus::Delivered, 5));
    assert_eq!(view(&w, id).await.failing_since, None);
    w.assert_sound("arrived").await;
}

#[tokio::test]
async fn one_that_is_dead_is_tried_by_one_delivery_and_delays_no_other() {
    let (w, id) = world().await;
    hook(&w, &organizer(), "https://alive").await;
    let (e, t) = w.sale(500).await;
    w.hooks.answer_next(URL, down(1_000));
    w.run_jobs().await;
    let before = w.hooks.sent().iter().filter(|r| r.url == URL).count();
    for n in 0..50 {
        w.buy(&someone(n), e, t, 1).await;
    }
    w.run_jobs().await;
    assert_eq!(told(&w, "https://alive").len(), 1 + 2 * 50, "all at once");
    let tried = || w.hooks.sent().iter().filter(|r| r.url == URL).count();
    assert_eq!(tried(), before, "held back: it was tried a moment ago");
    for _ in 0..60 {
        w.pass(Duration::from_secs(60)).await;
    }
    assert!(tried() < 20, "{} attempts in an hour for a hundred that wait", tried());
    let waiting = log_of(&w, id).await;
    assert!(statuses(&waiting).iter().all(|status| *status == WebhookDeliveryStatus::Waiting));
    w.assert_sound("waiting").await;
}

#[tokio::test]
async fn one_that_is_down_for_hours_is_told_everything_once_it_is_back() {
    let (w, id) = world().await;
    let (e, t) = w.sale(500).await;
    w.hooks.answer_next(URL, down(12));
    for n in 0..20 {
        w.buy(&someone(n), e, t, 1).await;
        w.pass(Duration::from_secs(600)).await;
    }
    for _ in 0..20 {
        w.pass(HOUR).await;
    }
    let log = log_of(&w, id).await;
    assert_eq!(log.len(), 1 + 2 * 20);
    assert!(statuses(&log).iter().all(|status| *status == WebhookDeliveryStatus::Delivered), "{log:#?}");
    assert_eq!(view(&w, id).await.failing_since, None);
    assert!(w.jobs("deliver_webhook").await.is_empty());
}

#[tokio::test]
async fn what_never_arrives_is_given_up_and_in_the_end_the_webhook_is_disabled() {
    let (w, id) = world().await;
    w.hooks.answer_next(URL, down(10_000));
    w.published().await;
    w.run_jobs().await;
    for _ in 0..(4 * 24) {
        w.pass(HOUR).await;
    }
    let log = log_of(&w, id).await;
    assert_eq!(statuses(&log), [WebhookDeliveryStatus::Failed]);
    assert!(log[0].ended_at.unwrap() >= log[0].created_at.plus(3 * DAY), "not before three days");
    assert_eq!(log[0].newest_attempts.len(), 20, "the newest of {}", log[0].attempts);
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap();
    assert!(dead.data.is_empty(), "operators cannot help with an organizer's server");
    assert_eq!(view(&w, id).await.status, WebhookStatus::Active);
    w.pass(DAY).await;
    w.published().await;
    w.run_jobs().await;
    let disabled = view(&w, id).await;
    assert_eq!(
        (disabled.status, disabled.disabled_why),
        (WebhookStatus::Disabled, Some(DisabledWhy::Failing))
    );
    assert_eq!(disabled.disabled_at, Some(w.now()));
    let tried = w.hooks.sent().len();
    w.published().await;
    w.pass(DAY).await;
    assert_eq!((w.hooks.sent().len(), log_of(&w, id).await.len()), (tried, 2), "told nothing any more");
    assert_eq!(w.actions("webhook.disabled").await, 1);
    let heard = w.told(&organizer()).await;
    let heard: Vec<_> = heard.iter().filter(|n| n.fact == FactName::WebhookDisabled).collect();
    assert_eq!(heard.len(), 1);
    w.assert_sound("disabled").await;
}

#[tokio::test]
async fn one_that_is_gone_is_disabled_at_once_and_what_waits_ends() {
    let (w, id) = world().await;
    w.hooks.answer_next(URL, [Ok(503), Ok(410)]);
    w.published().await;
    w.published().await;
    w.run_jobs().await;
    w.pass(HOUR).await;
    w.pass(HOUR).await;
    let gone = view(&w, id).await;
    assert_eq!((gone.status, gone.disabled_why), (WebhookStatus::Disabled, Some(DisabledWhy::Gone)));
    let log = log_of(&w, id).await;
    assert_eq!(statuses(&log), [WebhookDeliveryStatus::Failed; 2]);
    assert!(w.jobs("deliver_webhook").await.is_empty());
    // A test says whether it is back; only its owner enables it.
    w.eventify.webhooks().test(&organizer(), id).await.unwrap();
    w.run_jobs().await;
    let log = log_of(&w, id).await;
    let test = log.iter().find(|delivery| delivery.fact == FactName::WebhookTest).unwrap();
    assert_eq!(
        (test.status, view(&w, id).await.status),
        (WebhookDeliveryStatus::Delivered, WebhookStatus::Disabled)
    );
    w.eventify.webhooks().enable(&organizer(), id).await.unwrap();
    assert_eq!(view(&w, id).await.status, WebhookStatus::Active);
    let before = w.hooks.sent().len();
    w.published().await;
    w.run_jobs().await;
    assert_eq!(w.hooks.sent().len(), before + 1);
    let lost = log.iter().find(|delivery| delivery.fact != FactName::WebhookTest).unwrap();
    w.eventify.webhooks().redeliver(&organizer(), id, lost.id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(w.hooks.sent().len(), before + 2);
}

#[tokio::test]
async fn a_refusal_for_ever_ends_one_delivery_and_a_test_is_tried_once() {
    let (w, id) = world().await;
    w.hooks.answer_next(URL, [Err(DeliveryError::Permanent("a private address".to_owned()))]);
    w.published().await;
    w.run_jobs().await;
    w.pass(HOUR).await;
    assert_eq!(statuses(&log_of(&w, id).await), [WebhookDeliveryStatus::Failed]);
    w.published().await;
    w.run_jobs().await;
    assert_eq!(view(&w, id).await.failing_since, None, "the next one arrived");
    w.hooks.answer_next(URL, [Ok(500)]);
    w.eventify.webhooks().test(&organizer(), id).await.unwrap();
    let before = w.hooks.sent().len();
    w.pass(DAY).await;
    assert_eq!(w.hooks.sent().len(), before + 1);
    let log = log_of(&w, id).await;
    let test = log.iter().find(|delivery| delivery.fact == FactName::WebhookTest).unwrap();
    assert_eq!(test.status, WebhookDeliveryStatus::Failed);
    assert_eq!(view(&w, id).await.failing_since, None, "a test says nothing of what is told");
}

#[tokio::test]
async fn a_very_long_error_is_cut() {
    let (w, id) = world().await;
    w.hooks.answer_next(URL, [Err(DeliveryError::Transient("ё".repeat(100_000)))]);
    w.published().await;
    w.run_jobs().await;
    let noted = log_of(&w, id).await.remove(0).newest_attempts.remove(0).error.unwrap();
    assert_eq!(noted.chars().count(), 500);
    assert_eq!(w.jobs("deliver_webhook").await[0].last_error, Some(noted));
}

#[tokio::test]
async fn one_test_waits_at_a_time() {
    let (w, id) = world().await;
    let test = async || w.eventify.webhooks().test(&organizer(), id).await.unwrap().id;
    let first = test().await;
    assert_eq!(test().await, first, "the one that waits");
    assert_eq!((w.jobs("deliver_webhook").await.len(), w.actions("webhook.tested").await), (1, 1));
    w.run_jobs().await;
    let second = test().await;
    assert_ne!(second, first);
    let again = w.eventify.webhooks().redeliver(&organizer(), id, first).await.unwrap_err();
    assert_eq!(again.reason(), Reason::WebhookDeliveryWaiting, "another test waits");
    w.run_jobs().await;
    w.eventify.webhooks().redeliver(&organizer(), id, first).await.unwrap();
    assert_eq!(test().await, first, "it waits again");
    w.run_jobs().await;
    assert_eq!((w.hooks.sent().len(), log_of(&w, id).await.len()), (3, 2));
    w.assert_sound("tested").await;
}

#[tokio::test]
async fn an_event_that_is_somebody_elses_by_then_is_not_told() {
    let (w, id) = world().await;
    w.hooks.answer_next(URL, [Ok(503)]);
    let event = w.published().await;
    w.run_jobs().await;
    let key = Key::Event(event);
    let found = w.store.load(&[key.clone()].into()).await.unwrap().remove(0);
    let Some(Record::Event(before)) = found.record.clone() else { panic!("no event") };
    let sold = Event { organizer_id: UserId::from_bytes([2; 16]), ..(*before).clone() };
    let set = ChangeSet {
        stamp: Version::new(77),
        expectations: vec![Expectation { key: key.clone(), version: found.version }],
        writes: vec![Write { key, before: found.record, after: Some(Record::Event(Arc::new(sold))) }],
    };
    w.store.commit(&set).await.unwrap();
    w.pass(HOUR).await;
    assert_eq!(
        (w.hooks.sent().len(), statuses(&log_of(&w, id).await)),
        (1, vec![WebhookDeliveryStatus::Failed])
    );
}

#[tokio::test]
async fn the_times_are_the_deployments() {
    let mut settings = Settings::default();
    settings.webhook_retry_for = HOUR;
    settings.webhook_disable_after = 3 * HOUR;
    let w = World::hooked_with(settings).await;
    let id = hook(&w, &organizer(), URL).await.webhook.id;
    w.hooks.answer_next(URL, down(1_000));
    w.published().await;
    w.run_jobs().await;
    for _ in 0..4 {
        w.pass(HOUR / 2).await;
    }
    assert_eq!(statuses(&log_of(&w, id).await), [WebhookDeliveryStatus::Failed]);
    w.pass(HOUR).await;
    w.published().await;
    w.run_jobs().await;
    assert_eq!(view(&w, id).await.status, WebhookStatus::Disabled);
    assert_eq!(w.everything().await.of::<Webhook>().count(), 1);
}
