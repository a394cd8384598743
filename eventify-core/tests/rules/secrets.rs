//! Nothing secret is ever shown: not in the trail, not in what a log would print.

use eventify_core::account::{ChangePassword, Login, Password, Refresh, RefreshSecret, Register};
use eventify_core::keyring::Secret;
use eventify_core::notification::{Channel, PreferencesView};
use eventify_core::ticket::Scan;
use eventify_core::{Actor, PageRequest, Role};

use crate::common::*;

/// Everything that must not be found anywhere.
async fn live(w: &World) -> Vec<String> {
    let accounts = w.eventify.accounts();
    let mut secrets = vec![PASSWORD.to_owned(), "another secret".to_owned(), "wrong password".to_owned()];
    let ada = w.register("Ada").await;
    let first = w.login("Ada").await;
    accounts.login(&anonymous(), credentials("Ada", "wrong password")).await.unwrap_err();
    let refresh_token = RefreshSecret::new(first.refresh_token.clone());
    let second = accounts.refresh(&anonymous(), Refresh { refresh_token }).await.unwrap();
    let me = w.session(&second).await;
    let request = ChangePassword { current_password: PASSWORD.into(), new_password: "another secret".into() };
    let third = accounts.change_password(&me, request).await.unwrap().tokens.unwrap();
    let me = w.session(&third).await;
    let fourth = accounts.become_organizer(&me).await.unwrap().tokens.unwrap();
    for tokens in [first, second, third, fourth] {
        secrets.extend([tokens.access_token, tokens.refresh_token]);
    }
    let ada = Actor::user(ada.id, Role::Organizer);
    let (e, t) = w.sale(9).await;
    let key = ada.with_idempotency_key("a key of a client");
    let bought = w.eventify.bookings().buy(key, lines(e, &[(t, 3)])).await.unwrap();
    for ticket in &bought.tickets {
        secrets.extend([ticket.code.clone(), ticket.short_code.clone()]);
    }
    w.eventify.tickets().check_in(&organizer(), &bought.tickets[0].code, Scan::default()).await.unwrap();
    w.eventify.notifications().set_preferences(&ada, PreferencesView::default()).await.unwrap();
    secrets.push("a key of a client".to_owned());
    secrets
}

#[tokio::test]
async fn the_trail_and_the_log_of_every_record_show_no_secret() {
    let w = World::connected().await;
    let secrets = live(&w).await;
    let trail = serde_json::to_string(&w.trail().await).unwrap();
    let logged = w.as_logged().await;
    for secret in &secrets {
        assert!(!trail.contains(secret), "the trail shows {secret}");
        assert!(!logged.contains(secret), "a record shows {secret}");
    }
    assert!(!logged.contains("$argon2id"), "a record shows a password's hash");
    assert!(!trail.contains(&email_of("Ada")) && !logged.contains(&email_of("Ada")), "an address is shown");
    w.run_jobs().await;
    assert!(w.mail.delivered().iter().any(|d| d.channel == Channel::Email));
}

#[tokio::test]
async fn short_codes_are_no_bytes_in_a_log_either() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    w.buy(&attendee(), e, t, 1).await;
    let everything = w.everything().await;
    let claim = everything.of::<eventify_core::ticket::ShortCodeClaim>().next().unwrap();
    let bytes = format!("{:?}", claim.short_code.as_bytes());
    assert!(!w.as_logged().await.contains(bytes.trim_matches(['[', ']'])));
}

#[tokio::test]
async fn requests_and_answers_print_no_secret() {
    let w = World::new().await;
    w.register("Ada").await;
    let tokens = w.login("Ada").await;
    let shown = [
        format!("{:?}", Password::new(PASSWORD)),
        format!("{:?}", credentials("Ada", PASSWORD)),
        format!("{:?}", Login::new("", PASSWORD)),
        format!("{:?}", Register::new(String::new(), String::new(), PASSWORD)),
        format!("{:?}", ChangePassword { current_password: PASSWORD.into(), new_password: PASSWORD.into() }),
        format!("{tokens:?}"),
        format!("{:?}", RefreshSecret::new(tokens.refresh_token.clone())),
        format!("{:?}", Refresh { refresh_token: RefreshSecret::new(tokens.refresh_token.clone()) }),
        format!("{:?}", Secret::new([65; 32])),
        format!("{:?}", w.eventify),
    ];
    for text in shown {
        for secret in [PASSWORD, &tokens.access_token, &tokens.refresh_token, "AAAA", "65"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn tickets_print_no_code() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let bought = w.buy(&attendee(), e, t, 1).await;
    let ticket = &bought.tickets[0];
    let attendees = w.eventify.tickets().attendees(&organizer(), e, &PageRequest::default()).await.unwrap();
    for shown in [format!("{bought:?}"), format!("{attendees:?}")] {
        assert!(!shown.contains(&ticket.code), "{shown}");
        assert!(!shown.contains(&ticket.short_code), "{shown}");
    }
}

#[tokio::test]
async fn an_address_is_for_its_person_and_admins() {
    let w = World::new().await;
    let ada = w.register("Ada").await;
    let profile = async |who: Actor| w.eventify.accounts().profile(&who, ada.id).await.unwrap().into_inner();
    for who in [anonymous(), attendee(), organizer()] {
        assert_eq!(profile(who).await.email, None);
    }
    for who in [Actor::user(ada.id, Role::Attendee), admin(), system()] {
        assert_eq!(profile(who).await.email, Some(email_of("Ada")));
    }
}

#[tokio::test]
async fn addresses_of_transfers_stay_out_of_logs() {
    use crate::transfer::{ADA, offered};
    let w = World::new().await;
    let (ada, id, _) = offered(&w).await;
    let seen = w.eventify.transfers().get(&ada, id).await.unwrap();
    let offer = eventify_core::transfer::OfferTicket { email: ADA.to_owned() };
    for shown in [
        format!("{seen:?}"),
        format!("{offer:?}"),
        w.trail().await.iter().map(|e| format!("{e:?}")).collect(),
    ] {
        assert!(!shown.contains(ADA), "{shown}");
    }
    let all = w.everything().await;
    let transfer = all.of::<eventify_core::transfer::Transfer>().next().unwrap();
    assert!(!format!("{transfer:?}").contains(ADA));
}
