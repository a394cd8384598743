//! Ending messages of a kind from a link in one of them.

use eventify_core::account::SecretText;
use eventify_core::notification::{Channel, FactName, NoticeKind, PreferencesView, Unsubscription};
use eventify_core::{Actor, Change, Error, Role};

use crate::common::*;
use crate::table::{Row, rows, run_in};

pub fn unsubscribing() -> Vec<Row> {
    rows! {
        "who has the link looks" => [] |w| {
            let token = token(w).await;
            w.eventify.notifications().unsubscription(&token).await
        };
        "who has the link uses it" => [] |w| {
            let token = token(w).await;
            end(w, &token).await
        };
        "no token" => [InvalidToken] |w| end(w, &"".into()).await;
        "a token of nobody" => [InvalidToken] |w| end(w, &format!("{}.reminder.email", "A".repeat(64)).as_str().into()).await;
        "a token for another kind" => [InvalidToken] |w| changed(w, |t| t.replace(".purchase.", ".reminder.")).await;
        "a token for what nobody can refuse" => [InvalidToken] |w| changed(w, |t| t.replace(".purchase.", ".security.")).await;
        "a token for more kinds" => [InvalidToken] |w| changed(w, |t| t.replace(".purchase.", ".purchase+reminder.")).await;
        "a token for another channel" => [InvalidToken] |w| changed(w, |t| t.replace(".email", ".push")).await;
        "a token for another person" => [InvalidToken] |w| changed(w, |t| format!("AAAA{}", &t[4..])).await;
        "a token with another proof" => [InvalidToken] |w| changed(w, |t| t.replacen(&t[40..44], "AAAA", 1)).await;
        "a token with more behind it" => [InvalidToken] |w| changed(w, |t| format!("{t}.x")).await;
        "a token that is cut" => [InvalidToken] |w| changed(w, |t| t[1..].to_owned()).await;
        "a very long token" => [InvalidToken] |w| changed(w, |t| format!("{}{t}", "A".repeat(100_000))).await;
        "a look with a wrong token" => [InvalidToken] |w| {
            w.eventify.notifications().unsubscription(&"x.purchase.email".into()).await
        };
        "of somebody who is gone" => [InvalidToken] |w| {
            let token = token(w).await;
            let id = w.mail.delivered()[0].to;
            w.eventify.accounts().erase(&admin(), id).await.unwrap();
            w.mark().await;
            end(w, &token).await
        };
    }
}

async fn end(w: &World, token: &SecretText) -> Result<Unsubscription, Error> {
    w.eventify.notifications().unsubscribe(&anonymous(), token).await
}

/// What the mail about a purchase has.
async fn token(w: &World) -> SecretText {
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    w.mark().await;
    let mails = w.mail.delivered();
    let mail = mails.iter().find(|d| d.channel == Channel::Email).unwrap();
    mail.message.unsubscribe.as_ref().unwrap().expose().into()
}

async fn changed(w: &World, change: impl FnOnce(&str) -> String) -> Result<Unsubscription, Error> {
    let token = token(w).await;
    end(w, &change(token.expose()).as_str().into()).await
}

#[tokio::test]
async fn unsubscribing_has_rules() {
    run_in(unsubscribing(), World::connected).await;
}

#[tokio::test]
async fn a_link_ends_its_kind_by_its_channel_and_nothing_else() {
    let w = World::connected().await;
    let token = token(&w).await;
    let ada = Actor::user(w.mail.delivered()[0].to, Role::Attendee);
    let notes = w.eventify.notifications();
    let russian =
        PreferencesView { language: Some(Change::To("ru".parse().unwrap())), ..PreferencesView::default() };
    notes.set_preferences(&ada, russian).await.unwrap();
    let before = notes.preferences(&ada).await.unwrap();
    let asked = notes.unsubscription(&token).await.unwrap();
    assert_eq!(
        (asked.kinds.as_slice(), asked.channel, asked.language.as_str()),
        (&[NoticeKind::Purchase][..], Channel::Email, "ru")
    );
    assert_eq!(
        (asked.body.as_str(), asked.button.as_str()),
        ("Электронная почта: покупки и билеты.", "Отписаться")
    );
    assert_eq!(notes.preferences(&ada).await.unwrap(), before, "looking changes nothing");
    assert_eq!(end(&w, &token).await.unwrap().title, "Таких сообщений больше не будет");
    let mut expected = before.clone();
    *expected.kinds.get_mut(&NoticeKind::Purchase).unwrap().get_mut(&Channel::Email).unwrap() = false;
    assert_eq!(notes.preferences(&ada).await.unwrap(), expected);
    let entries = w.trail().await.len();
    end(&w, &token).await.unwrap();
    assert_eq!((w.actions("preferences.unsubscribed").await, w.trail().await.len()), (1, entries), "once");
    // Who turned it on again may end it again: the link does not wear out.
    let on = PreferencesView::of([(NoticeKind::Purchase, [(Channel::Email, true)].into())]);
    notes.set_preferences(&ada, on).await.unwrap();
    end(&w, &token).await.unwrap();
    assert_eq!(notes.preferences(&ada).await.unwrap(), expected);
    assert!(!format!("{token:?}").contains(token.expose()));
    let (trail, logged) = (serde_json::to_string(&w.trail().await).unwrap(), w.as_logged().await);
    assert!(!trail.contains(token.expose()) && !logged.contains(token.expose()));
}

#[tokio::test]
async fn what_nobody_can_refuse_has_no_link() {
    let w = World::connected().await;
    token(&w).await;
    assert!(w.mail.of_accounts().iter().all(|d| d.message.unsubscribe.is_none()));
    let mut told = w.mail.delivered();
    told.retain(|d| d.message.fact == FactName::TicketPurchased);
    assert!(told.len() == 2 && told.iter().all(|d| d.message.unsubscribe.is_some()), "by every channel");
}
