//! What does not arrive, and what happens then.

use std::time::Duration;

use eventify_core::notification::{DeliveryError, FactName, Message};
use eventify_notify::email::{Login, MailSettings, Mailer, Security};
use mail_parser::MessageParser;

use crate::samples::{message, person};
use crate::server::Server;
use crate::{guarded, plain, send};

fn transient(error: DeliveryError) -> String {
    match error {
        DeliveryError::Transient(text) => text,
        other => panic!("{other:?}"),
    }
}

/// Nobody has tried anything.
fn away(error: DeliveryError) -> String {
    match error {
        DeliveryError::Away { why, pause } => {
            assert!(pause <= Duration::from_secs(60), "{pause:?}");
            why
        }
        other => panic!("{other:?}"),
    }
}

fn permanent(error: DeliveryError) -> String {
    match error {
        DeliveryError::Permanent(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn login_and_tls_are_as_they_are_set() {
    for (option, security) in [("--tls=starttls", Security::StartTls), ("--tls=wrapper", Security::Tls)] {
        let server = Server::start(&[option, "--login=box:office"]);
        let with = |password: &str| MailSettings {
            login: Some(Login { user: "box".into(), password: password.into() }),
            ..guarded(&server, security)
        };
        let (to, hello) = (person("ada@example.org"), message("Hi", "there"));
        send(&Mailer::new(with("office")).unwrap(), &to, &hello).await.unwrap();
        let about = server.next().about;
        assert_eq!((&about["tls"], &about["user"]), (&true.into(), &"box".into()), "{option}");

        // A wrong password is for the operator to mend: no mail is given up for it.
        let wrong = Mailer::new(with("secret")).unwrap();
        let text = away(send(&wrong, &to, &hello).await.unwrap_err());
        assert!(text.contains("535") && !text.contains("secret"), "{text}");
        assert!(!format!("{wrong:?}").contains("secret"));
        // Nobody whom we trust has signed its certificate.
        let stranger = MailSettings { authorities: Vec::new(), ..with("office") };
        let text = away(send(&Mailer::new(stranger).unwrap(), &to, &hello).await.unwrap_err());
        assert!(text.to_lowercase().contains("certificate"), "{text}");
        // Signed, for another name.
        let elsewhere = MailSettings { host: "127.0.0.1".into(), ..with("office") };
        let text = away(send(&Mailer::new(elsewhere).unwrap(), &to, &hello).await.unwrap_err());
        assert!(text.to_lowercase().contains("certificate"), "{text}");
        assert!(server.is_empty());
    }
}

#[tokio::test]
async fn nothing_is_said_unprotected() {
    let server = Server::start(&["--login=box:office"]);
    let login = Some(Login { user: "box".into(), password: "office".into() });
    let settings = MailSettings { login, ..guarded(&server, Security::StartTls) };
    let error =
        send(&Mailer::new(settings).unwrap(), &person("ada@example.org"), &message("Hi", "there")).await;
    assert!(away(error.unwrap_err()).contains("STARTTLS"));
    assert!(server.is_empty());
    for (host, allow_plain, is_good) in [
        ("localhost", false, true),
        ("127.0.0.1", false, true),
        ("::1", false, true),
        ("mail.example.org", false, false),
        ("10.0.0.1", false, false),
        ("mail.example.org", true, true),
        ("", true, false),
    ] {
        let settings = MailSettings {
            security: Security::None,
            allow_plain,
            ..MailSettings::new(host, "tickets@example.org")
        };
        assert_eq!(Mailer::new(settings).is_ok(), is_good, "{host}");
    }
}

#[test]
fn settings_are_looked_at() {
    let good = || MailSettings::new("mail.example.org", "tickets@example.org");
    assert!(Mailer::new(good()).is_ok());
    for (settings, part) in [
        (MailSettings { from: "nobody".into(), ..good() }, "the sender must be"),
        (MailSettings { reply_to: Some("a@b@".into()), ..good() }, "the address for answers must be"),
        (MailSettings { connections_max: 0, ..good() }, "at least one"),
        (MailSettings { authorities: vec![b"-----BEGIN CERTIFICATE-----\nx\n".to_vec()], ..good() }, "TLS"),
    ] {
        let error = Mailer::new(settings).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_is_the_one_mails_own() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    let hello = message("Hi", "there");
    let to = |name: &str| person(&format!("{name}@example.org"));
    let text = permanent(send(&mailer, &to("gone"), &hello).await.unwrap_err());
    assert!(text.contains("550") && text.contains("5.1.1 <…>") && !text.contains("gone@"), "{text}");
    permanent(send(&mailer, &to("large"), &hello).await.unwrap_err());
    for name in ["full", "denied", "spam"] {
        transient(send(&mailer, &to(name), &hello).await.unwrap_err());
    }
    permanent(send(&mailer, &person("not an address"), &hello).await.unwrap_err());
    send(&mailer, &to("ada"), &hello).await.unwrap();
    send(&mailer, &to("bob"), &hello).await.unwrap();
    let (ada, bob) = (server.next().about, server.next().about);
    assert_eq!(ada["peer"], bob["peer"], "one connection for all of them");
}

#[tokio::test]
async fn a_server_without_international_addresses_is_told_none() {
    let server = Server::start(&["--no-utf8"]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    let text =
        permanent(send(&mailer, &person("bücher@example.org"), &message("Hi", "there")).await.unwrap_err());
    assert!(text.contains("SMTPUTF8") && !text.contains("bücher"), "{text}");
    send(&mailer, &person("ada@bücher.example"), &message("Hi", "there")).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_gives_the_same_mail_again() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    let (to, hello) = (person("lost@example.org"), message("Hi", "there"));
    transient(send(&mailer, &to, &hello).await.unwrap_err());
    send(&mailer, &to, &hello).await.unwrap();
    let ids = [server.next(), server.next()]
        .map(|mail| MessageParser::default().parse(&mail.bytes).unwrap().message_id().unwrap().to_owned());
    assert_eq!(ids[0], ids[1]);
    assert!(server.is_empty());
}

#[tokio::test]
async fn a_silent_server_is_left_and_its_connection_with_it() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(MailSettings { timeout: Duration::from_millis(500), ..plain(&server) }).unwrap();
    let text =
        transient(send(&mailer, &person("slow@example.org"), &message("Hi", "there")).await.unwrap_err());
    assert!(text.contains("did not answer"), "{text}");
    let patient = Mailer::new(plain(&server)).unwrap();
    send(&patient, &person("ada@example.org"), &message("Hi", "there")).await.unwrap();
    assert_eq!(server.next().about["to"][0], "ada@example.org");
}

#[tokio::test]
async fn mail_that_can_wait_leaves_a_connection_and_who_gets_none_has_not_tried() {
    let server = Server::start(&[]);
    let settings = MailSettings { timeout: Duration::from_secs(4), connections_max: 2, ..plain(&server) };
    let mailer = Mailer::new(settings).unwrap();
    let announced = |name: &str| {
        let (mailer, words, to) = (&mailer, message("Hi", "there"), person(&format!("{name}@example.org")));
        async move { send(mailer, &to, &words).await }
    };
    let rest = async {
        // Somebody waits for this one, and the other connection is for such mail.
        let bought = Message { fact: FactName::TicketPurchased, ..message("Your ticket", "For the door") };
        send(&mailer, &person("bob@example.org"), &bought).await.unwrap();
        assert_eq!(server.next().about["to"][0], "bob@example.org");
        announced("ada").await
    };
    let (silent, busy) = tokio::join!(announced("slow"), rest);
    assert!(transient(silent.unwrap_err()).contains("did not answer"));
    let busy = busy.unwrap_err();
    assert!(matches!(&busy, DeliveryError::Busy { why, .. } if why.contains("connections")), "{busy:?}");
    announced("ada").await.unwrap();
    assert_eq!(server.next().about["to"][0], "ada@example.org");
}

#[tokio::test]
async fn a_server_that_allows_fewer_connections_than_ours_is_not_away() {
    let server = Server::start(&["--connections-max=1"]);
    let mailer = Mailer::new(MailSettings { connections_max: 3, ..plain(&server) }).unwrap();
    let bought = Message { fact: FactName::TicketPurchased, ..message("Your ticket", "For the door") };
    let (ada, bob, slow) = (person("ada@example.org"), person("bob@example.org"), person("slow@example.org"));
    send(&mailer, &ada, &bought).await.unwrap();
    assert_eq!(server.next().about["to"][0], "ada@example.org");
    // The one connection is in use from here on.
    let others = async {
        for _ in 0..3 {
            let busy = send(&mailer, &bob, &bought).await.unwrap_err();
            let DeliveryError::Busy { why, .. } = busy else { panic!("{busy:?}") };
            assert!(why.contains("421"), "{why}");
        }
    };
    tokio::select! {
        biased;
        outcome = send(&mailer, &slow, &bought) => panic!("{outcome:?}"),
        () = others => {}
    }
    // Where nobody has one it is away.
    let other = Server::start(&["--connections-max=0"]);
    let mailer = Mailer::new(plain(&other)).unwrap();
    assert!(away(send(&mailer, &ada, &bought).await.unwrap_err()).contains("421"));
}

#[tokio::test]
async fn a_server_that_was_away_is_found_again() {
    let mut server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    let (to, hello) = (person("ada@example.org"), message("Hi", "there"));
    send(&mailer, &to, &hello).await.unwrap();
    server.next();
    server.kill();
    let text = away(send(&mailer, &to, &hello).await.unwrap_err());
    tokio::time::pause();
    server.start_again();
    assert_eq!(
        away(send(&mailer, &to, &hello).await.unwrap_err()),
        text,
        "nobody asks before the pause is over"
    );
    later().await;
    send(&mailer, &to, &hello).await.unwrap();
    server.next();
}

#[tokio::test]
async fn a_login_that_is_refused_is_tried_by_one_now_and_then() {
    let server = Server::start(&["--tls=starttls", "--login=box:office"]);
    let login = Some(Login { user: "box".into(), password: "secret".into() });
    let mailer = Mailer::new(MailSettings { login, ..guarded(&server, Security::StartTls) }).unwrap();
    let (to, hello) = (person("ada@example.org"), message("Hi", "there"));
    assert!(away(send(&mailer, &to, &hello).await.unwrap_err()).contains("535"));
    tokio::time::pause();
    drop(server);
    assert!(away(send(&mailer, &to, &hello).await.unwrap_err()).contains("535"), "not asked again");
    later().await;
    let text = away(send(&mailer, &to, &hello).await.unwrap_err());
    assert!(!text.contains("535"), "now it was: {text}");
}

/// The time stood still (`tokio::time::pause`): no pause was over, however slow the machine. Now one is.
pub(crate) async fn later() {
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
}
