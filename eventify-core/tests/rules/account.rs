//! Accounts: registering, logging in, profiles and roles.

use eventify_core::account::{ChangePassword, Refresh, RefreshSecret, Register, SetRole, UpdateProfile};
use eventify_core::{Actor, IfMatch, Role};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn registration() -> Vec<Row> {
    rows! {
        "a new account" => [] |w| w.eventify.accounts().register(&anonymous(), ada()).await;
        "an address that is taken" => [EmailTaken] |w| {
            w.register("Ada").await;
            w.eventify.accounts().register(&anonymous(), ada()).await
        };
        "an address that is taken, in capitals and with spaces" => [EmailTaken] |w| {
            w.register("Ada").await;
            let email = "  ADA@Example.ORG ".to_owned();
            w.eventify.accounts().register(&anonymous(), Register { email, ..ada() }).await
        };
        "a password of 7 characters" => [WeakPassword] |w| {
            let password = "ungues1".into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of 8 characters" => [] |w| {
            let password = "ungues12".into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of 8 characters of four bytes each" => [] |w| {
            let password = "🎷🎺🥁🎻🎸🪕🎹🪗".into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of 128 characters" => [] |w| {
            let password = "é1".repeat(64).as_str().into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of 129 characters" => [WeakPassword] |w| {
            let password = format!("{}x", "é1".repeat(64)).as_str().into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of a megabyte" => [WeakPassword] |w| {
            let password = "long".repeat(250_000).as_str().into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password that is guessed first" => [WeakPassword] |w| {
            let password = "PassWord1".into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a password of one character only" => [WeakPassword] |w| {
            let password = "zzzzzzzzzzzz".into();
            w.eventify.accounts().register(&anonymous(), Register { password, ..ada() }).await
        };
        "a name of 100 characters" => [] |w| {
            let name = "ё".repeat(100);
            w.eventify.accounts().register(&anonymous(), Register { name, ..ada() }).await
        };
        "a name of 101 characters" => [InvalidValue] |w| {
            let name = "ё".repeat(101);
            w.eventify.accounts().register(&anonymous(), Register { name, ..ada() }).await
        };
        "a name of spaces" => [InvalidValue] |w| {
            let name = " \t ".to_owned();
            w.eventify.accounts().register(&anonymous(), Register { name, ..ada() }).await
        };
    }
}

pub fn sessions() -> Vec<Row> {
    passwords_and_tokens().into_iter().chain(sessions_over_time()).collect()
}

fn passwords_and_tokens() -> Vec<Row> {
    rows! {
        "the right password" => [] |w| {
            w.register("Ada").await;
            w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await
        };
        "a wrong password" => [InvalidCredentials] |w| {
            w.register("Ada").await;
            w.eventify.accounts().login(&anonymous(), credentials("Ada", "wrong password")).await
        };
        "an address that nobody has" => [InvalidCredentials] |w| {
            w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await
        };
        "a password of a megabyte at login" => [InvalidCredentials] |w| {
            w.register("Ada").await;
            let request = credentials("Ada", &"long".repeat(250_000));
            w.eventify.accounts().login(&anonymous(), request).await
        };
        "a token that is none" => [InvalidToken] |w| w.eventify.accounts().authenticate("not.a.token").await;
        "no token" => [InvalidToken] |w| w.eventify.accounts().authenticate("").await;
        "a token of a megabyte" => [InvalidToken] |w| {
            w.eventify.accounts().authenticate(&"a.".repeat(500_000)).await
        };
        "an access token a microsecond before its end" => [] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.clock.advance(HOUR / 4 - std::time::Duration::from_micros(1));
            w.eventify.accounts().authenticate(&tokens.access_token).await
        };
        "an access token at its end" => [InvalidToken] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.clock.advance(HOUR / 4);
            w.eventify.accounts().authenticate(&tokens.access_token).await
        };
        "a refresh token that is none" => [InvalidToken] |w| refresh(w, "nonsense").await;
    }
}

fn sessions_over_time() -> Vec<Row> {
    rows! {
        "a refresh token before its session ends" => [] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.clock.advance(30 * DAY - std::time::Duration::from_micros(1));
            refresh(w, &tokens.refresh_token).await
        };
        "a refresh token when its session is over" => [TokenExpired] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.clock.advance(30 * DAY);
            refresh(w, &tokens.refresh_token).await
        };
        "a refresh token after logout" => [SessionRevoked] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.eventify.accounts().logout(&w.session(&tokens).await).await?;
            w.mark().await;
            refresh(w, &tokens.refresh_token).await
        };
        "an access token after logout" => [SessionRevoked] |w| {
            w.register("Ada").await;
            let tokens = w.login("Ada").await;
            w.eventify.accounts().logout(&w.session(&tokens).await).await?;
            w.mark().await;
            w.eventify.accounts().authenticate(&tokens.access_token).await
        };
        "a logout of nobody" => [NotAuthenticated] |w| w.eventify.accounts().logout(&anonymous()).await;
        "a logout without a session" => [NotAuthenticated] |w| w.eventify.accounts().logout(&attendee()).await;
        "a second logout" => [] |w| {
            w.register("Ada").await;
            let ada = w.session(&w.login("Ada").await).await;
            w.eventify.accounts().logout(&ada).await?;
            w.eventify.accounts().logout(&ada).await
        };
    }
}

pub fn passwords() -> Vec<Row> {
    rows! {
        "nobody changes a password" => [NotAuthenticated] |w| {
            w.eventify.accounts().change_password(&anonymous(), change(PASSWORD, "another secret")).await
        };
        "the current password is wrong" => [InvalidCredentials] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().change_password(&ada, change("wrong password", "another secret")).await
        };
        "the new password is weak" => [WeakPassword] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().change_password(&ada, change(PASSWORD, "short")).await
        };
        "a person without an account of ours" => [UserNotFound] |w| {
            w.eventify.accounts().change_password(&attendee(), change(PASSWORD, "another secret")).await
        };
        "a password is changed" => [] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().change_password(&ada, change(PASSWORD, "another secret")).await
        };
    }
}

pub fn profiles() -> Vec<Row> {
    rows! {
        "nobody's account" => [NotAuthenticated] |w| w.eventify.accounts().me(&anonymous()).await;
        "a person without an account of ours" => [UserNotFound] |w| w.eventify.accounts().me(&attendee()).await;
        "a profile of nobody" => [UserNotFound] |w| {
            w.eventify.accounts().profile(&anonymous(), id_of(&attendee())).await
        };
        "nobody changes a profile" => [NotAuthenticated] |w| {
            w.eventify.accounts().update_me(&anonymous(), UpdateProfile::default(), IfMatch::Any).await
        };
        "a profile without an account" => [UserNotFound] |w| {
            w.eventify.accounts().update_me(&attendee(), UpdateProfile::default(), IfMatch::Any).await
        };
        "an empty name" => [InvalidValue] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let request = UpdateProfile { name: Some(String::new()), ..UpdateProfile::default() };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "somebody else's address" => [EmailTaken] |w| {
            w.register("Bob").await;
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().update_me(&ada, new_email("BOB@example.org"), IfMatch::Any).await
        };
        "another address without the password" => [PasswordRequired] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let request = UpdateProfile { current_password: None, ..new_email("a@example.org") };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "somebody else's address without the password" => [PasswordRequired] |w| {
            w.register("Bob").await;
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let request = UpdateProfile { current_password: None, ..new_email("bob@example.org") };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "another address with a wrong password" => [InvalidCredentials] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let current_password = Some("a wrong guess".into());
            let request = UpdateProfile { current_password, ..new_email("a@example.org") };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "another name without the password" => [] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let request = UpdateProfile { name: Some("Countess".to_owned()), ..UpdateProfile::default() };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "one's own address in capitals, without the password" => [] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let request = UpdateProfile { current_password: None, ..new_email("ADA@EXAMPLE.ORG") };
            w.eventify.accounts().update_me(&ada, request, IfMatch::Any).await
        };
        "an address that somebody gave up" => [] |w| {
            let bob = actor(&w.register("Bob").await, Role::Attendee);
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().update_me(&bob, new_email("robert@example.org"), IfMatch::Any).await?;
            w.eventify.accounts().update_me(&ada, new_email("bob@example.org"), IfMatch::Any).await
        };
        "a profile that changed since it was read" => [PreconditionFailed] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            let seen = w.eventify.accounts().me(&ada).await?.version();
            w.eventify.accounts().update_me(&ada, new_email("a@example.org"), IfMatch::Version(seen)).await?;
            w.mark().await;
            w.eventify.accounts().update_me(&ada, new_email("b@example.org"), IfMatch::Version(seen)).await
        };
        "a version that was never given out" => [PreconditionFailed] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().update_me(&ada, new_email("b@example.org"), IfMatch::Never).await
        };
    }
}

pub fn roles() -> Vec<Row> {
    rows! {
        "nobody becomes an organizer" => [NotAuthenticated] |w| {
            w.eventify.accounts().become_organizer(&anonymous()).await
        };
        "the app becomes an organizer" => [NotAuthenticated] |w| {
            w.eventify.accounts().become_organizer(&system()).await
        };
        "a person without an account becomes an organizer" => [UserNotFound] |w| {
            w.eventify.accounts().become_organizer(&attendee()).await
        };
        "a person becomes an organizer twice" => [] |w| {
            let ada = actor(&w.register("Ada").await, Role::Attendee);
            w.eventify.accounts().become_organizer(&ada).await?;
            w.eventify.accounts().become_organizer(&ada).await
        };
        "a role for nobody" => [UserNotFound] |w| {
            w.eventify.accounts().set_role(&admin(), id_of(&attendee()), role(Role::Organizer)).await
        };
        "an admin gives a role" => [] |w| {
            let ada = w.register("Ada").await;
            w.eventify.accounts().set_role(&admin(), ada.id, role(Role::Admin)).await
        };
        "an admin gives up the own role" => [LastAdmin] |w| {
            let ada = w.register("Ada").await;
            w.eventify.accounts().set_role(&system(), ada.id, role(Role::Admin)).await?;
            w.mark().await;
            w.eventify.accounts().set_role(&actor(&ada, Role::Admin), ada.id, role(Role::Organizer)).await
        };
        "another admin takes the role" => [] |w| {
            let ada = w.register("Ada").await;
            w.eventify.accounts().set_role(&system(), ada.id, role(Role::Admin)).await?;
            w.eventify.accounts().set_role(&admin(), ada.id, role(Role::Attendee)).await
        };
        "nobody has the address to promote" => [UserNotFound] |w| {
            w.eventify.accounts().promote(&system(), "ada@example.org").await
        };
        "the operator promotes an address" => [] |w| {
            w.register("Ada").await;
            w.eventify.accounts().promote(&system(), " Ada@Example.org").await
        };
    }
}

fn ada() -> Register {
    Register::new("Ada", email_of("Ada"), PASSWORD)
}

fn actor(user: &eventify_core::account::UserView, role: Role) -> Actor {
    Actor::user(user.id, role)
}

fn role(role: Role) -> SetRole {
    SetRole { role }
}

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current_password: current.into(), new_password: new.into() }
}

fn new_email(email: &str) -> UpdateProfile {
    let current_password = Some(PASSWORD.into());
    UpdateProfile { email: Some(email.to_owned()), current_password, ..UpdateProfile::default() }
}

async fn refresh(w: &World, token: &str) -> Result<eventify_core::account::Tokens, eventify_core::Error> {
    let refresh_token = RefreshSecret::new(token);
    w.eventify.accounts().refresh(&anonymous(), Refresh { refresh_token }).await
}

#[tokio::test]
async fn registration_has_rules() {
    run(registration()).await;
}

#[tokio::test]
async fn sessions_have_rules() {
    run(sessions()).await;
}

#[tokio::test]
async fn passwords_have_rules() {
    run(passwords()).await;
}

#[tokio::test]
async fn profiles_have_rules() {
    run(profiles()).await;
}

#[tokio::test]
async fn roles_have_rules() {
    run(roles()).await;
}

#[tokio::test]
async fn an_address_has_one_at_and_a_domain() {
    let good = ["a@b.kz", "a+b@sub.example.org", "ünï@пример.рф", "root@localhost", "  padded@example.org\n"];
    let long = format!("{}@b.kz", "a".repeat(250));
    let bad = [
        "",
        " ",
        "a",
        "@b.kz",
        "a@",
        "a@b",
        "a@b..kz",
        "a@.kz",
        "a@b.",
        "a b@c.kz",
        "a@b@c.kz",
        "a@b.kz\0",
        "a\n@b.kz",
        "a\u{202e}\u{0007}@b.kz",
        long.as_str(),
    ];
    let w = World::new().await;
    for (n, email) in good.iter().enumerate() {
        let request = Register::new(format!("P{n}"), *email, PASSWORD);
        let made = w.eventify.accounts().register(&anonymous(), request).await.unwrap();
        assert_eq!(made.email, email.trim());
    }
    w.mark().await;
    for email in bad {
        let request = Register { email: email.to_owned(), ..ada() };
        let error = w.eventify.accounts().register(&anonymous(), request).await.unwrap_err();
        assert_eq!(error.reason(), eventify_core::Reason::InvalidValue, "{email:?}");
        assert_eq!(error.fields()[0].field, "email");
    }
    w.assert_unchanged("bad addresses").await;
}
