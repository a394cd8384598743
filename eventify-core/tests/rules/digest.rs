//! Digests: when they are, what goes into them, and that nothing is lost or told twice on the way.

use std::time::Duration;

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::notification::{
    Channel, DailyDigest, DeliveryError, DigestBox, FactName, NoticeKind, PreferencesView, QuietHours,
    SendNotification,
};
use eventify_core::testing::SeededEntropy;
use eventify_core::{Actor, Change, Error, Eventify, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run_in};

pub fn choosing() -> Vec<Row> {
    rows! {
        "a digest in the morning" => [] |w| choose(w, &attendee(), Some(daily("08:00", "Asia/Almaty"))).await;
        "no digest" => [] |w| choose(w, &attendee(), None).await;
        "nobody's digest" => [NotAuthenticated] |w| choose(w, &anonymous(), Some(daily("08:00", "UTC"))).await;
    }
}

fn daily(at: &str, zone: &str) -> DailyDigest {
    DailyDigest { at: at.parse().unwrap(), time_zone: zone.parse().unwrap() }
}

async fn choose(w: &World, who: &Actor, digest: Option<DailyDigest>) -> Result<(), Error> {
    change(w, who, PreferencesView { digest: Some(digest.into()), ..PreferencesView::default() }).await
}

async fn change(w: &World, who: &Actor, change: PreferencesView) -> Result<(), Error> {
    w.eventify.notifications().set_preferences(who, change).await.map(drop)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn digests_have_rules() {
    run_in(choosing(), World::connected).await;
}

#[test]
fn a_digest_comes_once_a_day_by_the_clocks_of_its_zone() {
    let berlin = "Europe/Berlin";
    for (situation, (time, zone), now, next) in [
        ("later today", ("08:00", "UTC"), "2026-12-10T07:59:59.999999Z", "2026-12-10T08:00:00Z"),
        ("just now", ("08:00", "UTC"), "2026-12-10T08:00:00Z", "2026-12-11T08:00:00Z"),
        ("in another zone", ("08:00", "Asia/Almaty"), "2026-12-10T04:00:00Z", "2026-12-11T03:00:00Z"),
        ("at midnight", ("00:00", "UTC"), "2026-12-10T23:59:00Z", "2026-12-11T00:00:00Z"),
        ("a day of 23 hours", ("08:00", berlin), "2027-03-27T07:00:00Z", "2027-03-28T06:00:00Z"),
        ("a day of 25 hours", ("08:00", berlin), "2027-10-30T06:00:00Z", "2027-10-31T07:00:00Z"),
        ("clocks skip it", ("02:30", berlin), "2027-03-27T12:00:00Z", "2027-03-28T01:30:00Z"),
        (
            "behind the one that was skipped",
            ("02:30", berlin),
            "2027-03-28T01:30:00Z",
            "2027-03-29T00:30:00Z",
        ),
        ("the first of two", ("02:30", berlin), "2027-10-30T12:00:00Z", "2027-10-31T00:30:00Z"),
        ("between the two", ("02:30", berlin), "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"),
        ("skipped over midnight", ("23:30", "America/Nuuk"), "2024-03-30T12:00:00Z", "2024-03-31T01:30:00Z"),
        (
            "between midnight and it",
            ("23:30", "America/Nuuk"),
            "2024-03-31T01:15:00Z",
            "2024-03-31T01:30:00Z",
        ),
    ] {
        assert_eq!(daily(time, zone).next(at(now)), Some(at(next)), "{situation}");
    }
}

/// Ada, who wants one mail a day at eight, on the 10th at noon; what she heard until then is delivered.
async fn at_noon() -> (World, Actor) {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    choose(&w, &ada, Some(daily("08:00", "UTC"))).await.unwrap();
    w.clock.set(at("2026-12-10T12:00:00Z"));
    w.run_jobs().await;
    (w, ada)
}

async fn send(w: &World, to: &Actor, title: &str) {
    let words = SendNotification {
        user_id: id_of(to),
        title: title.to_owned(),
        body: format!("About {title}."),
        event_id: None,
    };
    w.eventify.notifications().send(&admin(), words).await.unwrap();
    w.run_jobs().await;
}

/// The mails about anything but purchases and accounts: their facts, titles and words.
fn mails(w: &World) -> Vec<(FactName, String, String)> {
    let mut all = w.mail.delivered();
    all.retain(|d| d.channel == Channel::Email && d.message.fact.may_wait());
    all.into_iter().map(|d| (d.message.fact, d.message.title, d.message.body)).collect()
}

#[tokio::test]
async fn what_can_wait_comes_in_one_mail_and_elsewhere_at_once() {
    let (w, ada) = at_noon().await;
    send(&w, &ada, "one").await;
    send(&w, &ada, "two").await;
    w.pass(3 * HOUR).await;
    send(&w, &ada, "three").await;
    assert_eq!(mails(&w), []);
    assert_eq!(w.told(&ada).await.iter().filter(|n| n.fact == FactName::Announcement).count(), 3);
    let pushed = w.mail.delivered().iter().filter(|d| d.channel == Channel::Push).count();
    assert_eq!(pushed, 3, "only mail is gathered");
    w.assert_sound("gathered").await;
    w.clock.set(at("2026-12-11T07:59:59.999999Z"));
    w.run_jobs().await;
    assert_eq!(mails(&w), []);
    w.pass(Duration::from_micros(1)).await;
    let words = "one\nAbout one.\n\ntwo\nAbout two.\n\nthree\nAbout three.".to_owned();
    assert_eq!(mails(&w), [(FactName::Digest, "3 messages for you".to_owned(), words)]);
    w.pass(3 * DAY).await;
    assert_eq!(mails(&w).len(), 1, "nothing twice, and no empty mail");
    send(&w, &ada, "four").await;
    w.pass(DAY).await;
    let alone = mails(&w).pop().unwrap();
    assert_eq!((alone.1.as_str(), alone.2.as_str()), ("four", "About four."), "one is said as it is");
    w.assert_sound("sent").await;
}

#[tokio::test]
async fn what_cannot_wait_for_a_day_does_not() {
    let (w, ada) = at_noon().await;
    let account_mails = w.mail.of_accounts().len();
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    let bought = w.mail.delivered().into_iter().filter(|d| d.message.fact == FactName::TicketPurchased);
    assert_eq!(bought.count(), 2, "what was bought");
    w.eventify.accounts().request_password_reset(&anonymous(), request_of("Ada")).await.unwrap();
    w.run_jobs().await;
    assert_eq!(w.mail.of_accounts().len(), account_mails + 1, "what is about the account");
    // What begins in less than twelve hours when the digest comes.
    w.clock.set(w.event(e).await.starts_at.unwrap().minus(13 * HOUR));
    w.run_jobs().await;
    let before = mails(&w).len();
    let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
    w.eventify.announcements().make(&organizer(), e, words).await.unwrap();
    w.run_jobs().await;
    assert_eq!(mails(&w)[before..].iter().map(|m| m.0).collect::<Vec<_>>(), [FactName::Announcement]);
}

fn request_of(name: &str) -> eventify_core::account::RequestPasswordReset {
    eventify_core::account::RequestPasswordReset { email: email_of(name) }
}

#[tokio::test]
async fn nothing_is_lost_or_told_twice_when_the_option_changes() {
    for (digest, next) in [
        (None, "2026-12-10T12:00:00Z"),
        (Some(daily("13:00", "UTC")), "2026-12-10T13:00:00Z"),
        (Some(daily("11:00", "UTC")), "2026-12-11T11:00:00Z"),
        (Some(daily("08:00", "Asia/Almaty")), "2026-12-11T03:00:00Z"),
    ] {
        let (w, ada) = at_noon().await;
        send(&w, &ada, "one").await;
        send(&w, &ada, "two").await;
        choose(&w, &ada, digest.clone()).await.unwrap();
        w.run_jobs().await;
        if at(next) > w.now() {
            assert_eq!(mails(&w), [], "{digest:?}");
            w.clock.set(at(next));
            w.run_jobs().await;
        }
        assert_eq!(mails(&w).len(), 1, "{digest:?}");
        w.pass(3 * DAY).await;
        assert_eq!(mails(&w).len(), 1, "{digest:?}");
        w.assert_sound("changed").await;
    }
    // Other choices leave it as it is.
    let (w, ada) = at_noon().await;
    send(&w, &ada, "one").await;
    change(&w, &ada, PreferencesView { language: Some(Change::Clear), ..PreferencesView::default() })
        .await
        .unwrap();
    w.run_jobs().await;
    assert_eq!(mails(&w), []);
    let chosen = w.eventify.notifications().preferences(&ada).await.unwrap();
    assert_eq!(chosen.digest, Some(Change::To(daily("08:00", "UTC"))));
    assert_eq!(serde_json::to_value(&chosen).unwrap()["digest"]["at"], "08:00");
}

#[tokio::test]
async fn quiet_hours_keep_a_digest_until_their_end_and_what_comes_meanwhile_out_of_it() {
    let (w, ada) = at_noon().await;
    let quiet = QuietHours {
        from: "22:00".parse().unwrap(),
        to: "09:30".parse().unwrap(),
        time_zone: "UTC".parse().unwrap(),
    };
    let quiet = PreferencesView { quiet_hours: Some(Change::To(quiet)), ..PreferencesView::default() };
    change(&w, &ada, quiet).await.unwrap();
    send(&w, &ada, "by day").await;
    w.clock.set(at("2026-12-10T23:00:00Z"));
    send(&w, &ada, "at night").await;
    w.clock.set(at("2026-12-11T08:00:00Z"));
    w.run_jobs().await;
    assert_eq!(mails(&w), []);
    send(&w, &ada, "in the morning").await;
    w.clock.set(at("2026-12-11T09:30:00Z"));
    w.run_jobs().await;
    let first = mails(&w).pop().unwrap();
    assert_eq!(first.2, "by day\nAbout by day.\n\nat night\nAbout at night.");
    w.clock.set(at("2026-12-12T09:30:00Z"));
    w.run_jobs().await;
    assert_eq!(mails(&w).len(), 2);
    assert_eq!(mails(&w)[1].1, "in the morning");
}

#[tokio::test]
async fn a_full_box_does_not_wait_and_what_is_refused_is_left_out() {
    let (w, ada) = at_noon().await;
    for nth in 0..=DigestBox::DRAFTS_MAX {
        send(&w, &ada, &format!("number {nth}")).await;
    }
    w.run_jobs().await;
    assert_eq!(mails(&w).len(), 1);
    assert_eq!(mails(&w)[0].1, format!("{} messages for you", DigestBox::DRAFTS_MAX));
    let off = PreferencesView::of([(NoticeKind::Announcement, [(Channel::Email, false)].into())]);
    change(&w, &ada, off).await.unwrap();
    w.pass(DAY).await;
    assert_eq!(mails(&w).len(), 1, "what was refused before it left");
    assert_eq!(w.everything().await.of::<DigestBox>().count(), 0);
    w.assert_sound("refused").await;
}

#[tokio::test]
async fn another_process_goes_on_and_a_failure_repeats_the_same_mail() {
    let (w, ada) = at_noon().await;
    send(&w, &ada, "one").await;
    send(&w, &ada, "two").await;
    w.eventify.shut_down().await;
    let again = Eventify::builder_over(w.store.clone()).clock(w.clock.clone()).entropy(SeededEntropy::new(2));
    let eventify = again.notifier(w.mail.clone()).without_worker().start().await.unwrap();
    let run = async || while eventify.jobs().run_due().await.unwrap() > 0 {};
    w.clock.set(at("2026-12-11T08:00:00Z"));
    w.mail.fail_next([DeliveryError::Transient("busy".to_owned())]);
    run().await;
    assert_eq!(mails(&w), []);
    w.clock.advance(HOUR);
    run().await;
    assert_eq!(mails(&w).len(), 1);
    let mut attempts = w.mail.attempts();
    attempts.retain(|d| d.message.fact == FactName::Digest);
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].message, attempts[1].message, "the same mail, by the same key");
    eventify.shut_down().await;
}

#[tokio::test]
async fn what_waits_is_shown_to_its_person_and_goes_with_the_account() {
    let (w, ada) = at_noon().await;
    send(&w, &ada, "something private").await;
    let accounts = w.eventify.accounts();
    let mut archive = accounts.archive(&ada).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = accounts.read_archive(&mut archive).await.unwrap() {
        text.push_str(&piece);
    }
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["digest"][0]["title"], "something private");
    accounts.erase(&admin(), id_of(&ada)).await.unwrap();
    assert_eq!(w.everything().await.of::<DigestBox>().count(), 0);
    w.pass(2 * DAY).await;
    assert_eq!(mails(&w), []);
    assert_eq!((w.jobs("empty_digest").await.len(), w.jobs("deliver_digest").await.len()), (0, 0));
}

#[tokio::test]
async fn the_link_of_a_digest_ends_the_kinds_that_it_has() {
    let (w, ada) = at_noon().await;
    send(&w, &ada, "one").await;
    w.pass(DAY).await;
    let mut told = w.mail.delivered();
    told.retain(|d| d.message.fact == FactName::Digest);
    let token = told[0].message.unsubscribe.as_ref().unwrap().expose().into();
    let ended = w.eventify.notifications().unsubscribe(&anonymous(), &token).await.unwrap();
    assert_eq!((ended.kinds.as_slice(), ended.channel), (&[NoticeKind::Announcement][..], Channel::Email));
    let chosen = w.eventify.notifications().preferences(&ada).await.unwrap();
    assert!(!chosen.kinds[&NoticeKind::Announcement][&Channel::Email]);
    assert!(chosen.kinds[&NoticeKind::Reminder][&Channel::Email]);
}
