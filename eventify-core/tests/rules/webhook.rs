//! Webhooks: who may have one, with which address, how many, and whose they are.

use std::collections::BTreeSet;

use eventify_core::account::{EraseAccount, SetRole};
use eventify_core::notification::FactName;
use eventify_core::webhook::{CreateWebhook, RotateWebhookSecret, UpdateWebhook, WebhookSecret};
use eventify_core::{
    Actor, Answer, ApiKeyId, Change, Error, IfMatch, PageRequest, Reason, Role, Scope, WebhookDeliveryId,
    WebhookId,
};

use crate::common::*;
use crate::table::{Row, rows, run, run_in};

pub const URL: &str = "https://shop.example.org/hooks";

/// Every row, whatever its world has.
pub fn all() -> Vec<Row> {
    [making(), owning(), sending(), without()].into_iter().flatten().collect()
}

fn making() -> Vec<Row> {
    rows! {
        "an organizer's" => [] |w| make(w, &organizer()).await;
        "an admin's own" => [] |w| make(w, &admin()).await;
        "nobody's" => [NotAuthenticated] |w| make(w, &anonymous()).await;
        "an attendee's" => [NotAllowed] |w| make(w, &attendee()).await;
        "the app's own" => [NotAuthenticated] |w| make(w, &system()).await;
        "a program's" => [InsufficientScope] |w| make(w, &program()).await;
        "the deployment's by an admin" => [] |w| make_of(w, &admin(), |r| r.deployment = true).await;
        "the deployment's by the app" => [] |w| make_of(w, &system(), |r| r.deployment = true).await;
        "the deployment's by an organizer" => [NotAllowed] |w| {
            make_of(w, &organizer(), |r| r.deployment = true).await
        };
        "the deployment's by nobody" => [NotAuthenticated] |w| {
            make_of(w, &anonymous(), |r| r.deployment = true).await
        };
        "an address that the sender refuses" => [InvalidValue] |w| {
            make_of(w, &organizer(), |r| r.url = "http://shop.example.org".to_owned()).await
        };
        "an address as long as it may be" => [] |w| make_of(w, &organizer(), |r| r.url = long(2_048)).await;
        "an address that is too long" => [InvalidValue] |w| {
            make_of(w, &organizer(), |r| r.url = long(2_049)).await
        };
        "some facts" => [] |w| make_of(w, &organizer(), |r| r.facts = wanted(&[FactName::TicketPurchased])).await;
        "no facts" => [InvalidValue] |w| make_of(w, &organizer(), |r| r.facts = wanted(&[])).await;
        "facts about accounts" => [InvalidValue] |w| {
            make_of(w, &organizer(), |r| r.facts = wanted(&[FactName::PasswordReset])).await
        };
        "tests as facts" => [InvalidValue] |w| {
            make_of(w, &organizer(), |r| r.facts = wanted(&[FactName::WebhookTest])).await
        };
        "the tenth" => [] |w| many(w, 10).await;
        "the eleventh" => [TooManyWebhooks] |w| many(w, 11).await;
        "the eleventh after one was deleted" => [] |w| {
            let first = make(w, &organizer()).await?.webhook.id;
            many(w, 9).await?;
            w.eventify.webhooks().delete(&organizer(), first).await?;
            make(w, &organizer()).await
        };
        "somebody's whose account was erased" => [UserNotFound] |w| {
            let id = w.register("Ada").await.id;
            w.eventify.accounts().set_role(&system(), id, SetRole { role: Role::Organizer }).await?;
            let ada = Actor::user(id, Role::Organizer);
            let goodbye = EraseAccount { password: PASSWORD.into(), code: None, recovery_code: None };
            w.eventify.accounts().erase_me(&ada, goodbye).await?;
            w.mark().await;
            make(w, &ada).await
        };
    }
}

fn owning() -> Vec<Row> {
    rows! {
        "seeing one's own" => [] |w| w.eventify.webhooks().get(&organizer(), own(w).await).await;
        "an admin sees somebody's" => [] |w| w.eventify.webhooks().get(&admin(), own(w).await).await;
        "seeing somebody's" => [WebhookNotFound] |w| {
            w.eventify.webhooks().get(&other_organizer(), own(w).await).await
        };
        "nobody sees one" => [NotAuthenticated] |w| w.eventify.webhooks().get(&anonymous(), own(w).await).await;
        "a program sees its person's" => [InsufficientScope] |w| {
            w.eventify.webhooks().get(&program(), own(w).await).await
        };
        "seeing the deployment's" => [WebhookNotFound] |w| {
            w.eventify.webhooks().get(&organizer(), deployments(w).await).await
        };
        "one that is not there" => [WebhookNotFound] |w| {
            w.eventify.webhooks().get(&admin(), WebhookId::from_bytes([9; 16])).await
        };
        "nobody's list" => [NotAuthenticated] |w| {
            w.eventify.webhooks().list(&anonymous(), &PageRequest::default()).await
        };
        "an organizer who is none any more sees the own" => [] |w| {
            w.eventify.webhooks().get(&person(1, Role::Attendee), own(w).await).await
        };
        "changing somebody's" => [WebhookNotFound] |w| update(w, &other_organizer(), |_| ()).await;
        "nobody changes one" => [NotAuthenticated] |w| update(w, &anonymous(), |_| ()).await;
        "changing the address" => [] |w| update(w, &organizer(), |r| r.url = Some(long(100))).await;
        "changing the address to a bad one" => [InvalidValue] |w| {
            update(w, &organizer(), |r| r.url = Some("nowhere".to_owned())).await
        };
        "changing to no facts" => [InvalidValue] |w| {
            update(w, &organizer(), |r| r.facts = Some(wanted(&[]).into())).await
        };
        "changing to all facts" => [] |w| update(w, &organizer(), |r| r.facts = Some(Change::Clear)).await;
        "changing what was changed meanwhile" => [PreconditionFailed] |w| {
            let id = own(w).await;
            let request = UpdateWebhook::default();
            w.eventify.webhooks().update(&organizer(), id, request, IfMatch::Never).await
        };
        "deleting somebody's" => [WebhookNotFound] |w| {
            w.eventify.webhooks().delete(&other_organizer(), own(w).await).await
        };
        "an admin deletes somebody's" => [] |w| w.eventify.webhooks().delete(&admin(), own(w).await).await;
        "deleting twice" => [WebhookNotFound] |w| {
            let id = own(w).await;
            w.eventify.webhooks().delete(&organizer(), id).await?;
            w.mark().await;
            w.eventify.webhooks().delete(&organizer(), id).await
        };
        "enabling somebody's" => [WebhookNotFound] |w| {
            w.eventify.webhooks().enable(&other_organizer(), own(w).await).await
        };
        "enabling what is not disabled" => [] |w| w.eventify.webhooks().enable(&organizer(), own(w).await).await;
        "rotating somebody's secret" => [WebhookNotFound] |w| rotate(w, &other_organizer(), None).await;
        "nobody rotates a secret" => [NotAuthenticated] |w| rotate(w, &anonymous(), None).await;
        "rotating a secret that leaked" => [] |w| rotate(w, &organizer(), Some(0)).await;
        "rotating with a week of overlap" => [] |w| rotate(w, &organizer(), Some(168)).await;
        "rotating with more" => [InvalidValue] |w| rotate(w, &organizer(), Some(169)).await;
    }
}

fn sending() -> Vec<Row> {
    rows! {
        "testing one's own" => [] |w| w.eventify.webhooks().test(&organizer(), own(w).await).await;
        "testing somebody's" => [WebhookNotFound] |w| {
            w.eventify.webhooks().test(&other_organizer(), own(w).await).await
        };
        "nobody tests one" => [NotAuthenticated] |w| w.eventify.webhooks().test(&anonymous(), own(w).await).await;
        "seeing somebody's log" => [WebhookNotFound] |w| {
            w.eventify.webhooks().deliveries(&other_organizer(), own(w).await, &PageRequest::default()).await
        };
        "nobody sees a log" => [NotAuthenticated] |w| {
            w.eventify.webhooks().deliveries(&anonymous(), own(w).await, &PageRequest::default()).await
        };
        "sending again what was sent" => [] |w| {
            let (id, delivery) = sent(w).await;
            w.eventify.webhooks().redeliver(&organizer(), id, delivery).await
        };
        "sending somebody's again" => [WebhookNotFound] |w| {
            let (id, delivery) = sent(w).await;
            w.eventify.webhooks().redeliver(&other_organizer(), id, delivery).await
        };
        "nobody sends again" => [NotAuthenticated] |w| {
            let (id, delivery) = sent(w).await;
            w.eventify.webhooks().redeliver(&anonymous(), id, delivery).await
        };
        "sending again what is not there" => [WebhookDeliveryNotFound] |w| {
            let none = WebhookDeliveryId::from_bytes([9; 16]);
            w.eventify.webhooks().redeliver(&organizer(), own(w).await, none).await
        };
        "sending again what another webhook was told" => [WebhookDeliveryNotFound] |w| {
            let (_, delivery) = sent(w).await;
            w.eventify.webhooks().redeliver(&organizer(), own(w).await, delivery).await
        };
        "sending again what is on its way" => [WebhookDeliveryWaiting] |w| {
            let id = own(w).await;
            let waits = w.eventify.webhooks().test(&organizer(), id).await?.id;
            w.mark().await;
            w.eventify.webhooks().redeliver(&organizer(), id, waits).await
        };
        "sending again to one that is disabled" => [WebhookDisabled] |w| {
            let id = own(w).await;
            w.hooks.answer_next(URL, [Ok(410)]);
            w.published().await;
            w.run_jobs().await;
            let log = w.eventify.webhooks().deliveries(&organizer(), id, &PageRequest::default()).await?;
            w.mark().await;
            w.eventify.webhooks().redeliver(&organizer(), id, log.data[0].id).await
        };
        "testing one that is disabled" => [] |w| {
            let id = own(w).await;
            w.hooks.answer_next(URL, [Ok(410)]);
            w.published().await;
            w.run_jobs().await;
            w.eventify.webhooks().test(&organizer(), id).await
        };
    }
}

/// Where the deployment has no webhooks.
fn without() -> Vec<Row> {
    rows! {
        "making one" => [WebhooksOff] |w| make(w, &organizer()).await;
        "an attendee makes one" => [NotAllowed] |w| make(w, &attendee()).await;
        "seeing that there are none" => [] |w| {
            w.eventify.webhooks().list(&organizer(), &PageRequest::default()).await
        };
    }
}

/// The organizer's, by a key that may do everything.
fn program() -> Actor {
    let all = Scope::ALL.iter().copied();
    Actor::api_key(id_of(&organizer()), Role::Organizer, ApiKeyId::from_bytes([7; 16]), all)
}

fn long(chars: usize) -> String {
    format!("{URL}/{}", "x".repeat(chars - URL.len() - 1))
}

pub fn wanted(facts: &[FactName]) -> Option<BTreeSet<FactName>> {
    Some(facts.iter().copied().collect())
}

pub async fn make_of(
    w: &World,
    who: &Actor,
    change: impl FnOnce(&mut CreateWebhook),
) -> Result<Answer<WebhookSecret>, Error> {
    let mut request = CreateWebhook { url: URL.to_owned(), ..CreateWebhook::default() };
    change(&mut request);
    let made = w.eventify.webhooks().create(who, request).await;
    if made.is_ok() {
        w.mark().await;
    }
    made
}

async fn make(w: &World, who: &Actor) -> Result<Answer<WebhookSecret>, Error> {
    make_of(w, who, |_| ()).await
}

async fn many(w: &World, count: usize) -> Result<(), Error> {
    for _ in 0..count {
        make(w, &organizer()).await?;
    }
    Ok(())
}

async fn own(w: &World) -> WebhookId {
    make(w, &organizer()).await.unwrap().webhook.id
}

async fn deployments(w: &World) -> WebhookId {
    make_of(w, &admin(), |r| r.deployment = true).await.unwrap().webhook.id
}

/// A webhook, and a test that arrived there.
async fn sent(w: &World) -> (WebhookId, WebhookDeliveryId) {
    let id = own(w).await;
    let test = w.eventify.webhooks().test(&organizer(), id).await.unwrap().id;
    w.run_jobs().await;
    w.mark().await;
    (id, test)
}

async fn update(w: &World, who: &Actor, change: impl FnOnce(&mut UpdateWebhook)) -> Result<(), Error> {
    let id = own(w).await;
    let mut request = UpdateWebhook::default();
    change(&mut request);
    w.eventify.webhooks().update(who, id, request, IfMatch::Any).await.map(drop)
}

async fn rotate(w: &World, who: &Actor, overlap_hours: Option<u32>) -> Result<Answer<WebhookSecret>, Error> {
    w.eventify.webhooks().rotate_secret(who, own(w).await, RotateWebhookSecret { overlap_hours }).await
}

#[tokio::test]
async fn webhooks_are_made_by_the_rules() {
    run_in(making(), World::hooked).await;
}

#[tokio::test]
async fn webhooks_are_their_owners() {
    run_in(owning(), World::hooked).await;
}

#[tokio::test]
async fn webhooks_are_sent_to_by_the_rules() {
    run_in(sending(), World::hooked).await;
}

#[tokio::test]
async fn without_a_sender_there_are_none() {
    run(without()).await;
}

#[tokio::test]
async fn bad_values_name_their_field_and_the_limit() {
    let w = World::hooked().await;
    let problem = async |change: fn(&mut CreateWebhook)| {
        let error = make_of(&w, &organizer(), change).await.unwrap_err();
        let field = &error.fields()[0];
        format!("{} {}", field.field, field.message)
    };
    assert_eq!(problem(|r| r.url = long(3_000)).await, "url must be at most 2048 characters long");
    assert_eq!(problem(|r| r.url = "ftp://x".to_owned()).await, "url must begin with https://");
    let none = problem(|r| r.facts = wanted(&[])).await;
    assert_eq!(none, "facts must not be empty; leave it out to be told of all");
    let untold = problem(|r| r.facts = wanted(&[FactName::AccountChanged])).await;
    assert_eq!(untold, "facts account.changed is told to no webhook");
    many(&w, 10).await.unwrap();
    let full = make(&w, &organizer()).await.unwrap_err();
    assert_eq!((full.reason(), &full.details()["webhooks_max"]), (Reason::TooManyWebhooks, &10.into()));
}

#[tokio::test]
async fn lists_are_ones_own_and_an_admins_everything() {
    let w = World::hooked().await;
    let own = own(&w).await;
    let other = make(&w, &other_organizer()).await.unwrap().webhook.id;
    let shared = deployments(&w).await;
    let listed = async |who: &Actor| {
        let all = w.eventify.webhooks().list(who, &PageRequest::default()).await.unwrap().data;
        all.into_iter().map(|webhook| webhook.id).collect::<BTreeSet<_>>()
    };
    assert_eq!(listed(&organizer()).await, [own].into());
    assert_eq!(listed(&other_organizer()).await, [other].into());
    assert_eq!(listed(&attendee()).await, [].into());
    assert_eq!(listed(&admin()).await, [own, other, shared].into());
}

#[tokio::test]
async fn every_change_is_in_the_trail_once() {
    let w = World::hooked().await;
    let (id, test) = sent(&w).await;
    let webhooks = w.eventify.webhooks();
    webhooks.redeliver(&organizer(), id, test).await.unwrap();
    for _ in 0..2 {
        webhooks.rotate_secret(&organizer(), id, RotateWebhookSecret::default()).await.unwrap();
    }
    webhooks.update(&organizer(), id, UpdateWebhook::default(), IfMatch::Any).await.unwrap();
    webhooks.enable(&organizer(), id).await.unwrap();
    webhooks.delete(&admin(), id).await.unwrap();
    let mut done: Vec<_> = w.trail().await.into_iter().map(|entry| (entry.action, entry.actor)).collect();
    done.sort();
    let by = |action: &str, who: &Actor| (format!("webhook.{action}"), id_of(who).to_string());
    let mut expected = ["created", "tested", "redelivered", "secret_rotated", "updated"]
        .map(|action| by(action, &organizer()))
        .to_vec();
    expected.push(by("deleted", &admin()));
    expected.sort();
    assert_eq!(done, expected, "what changed nothing is in no trail");
}
