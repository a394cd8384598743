//! Reaching people: what the service is told, and what arrives.

use mail_parser::MessageParser;
use serde_json::json;

use crate::cli_support::{Place, value_of};
use crate::mail_server;

const PASSWORD: &str = "a long enough secret";

#[test]
fn mail_of_an_account_arrives_and_its_link_proves_the_address() {
    let mail = mail_server::Server::start(&["--tls=starttls", "--login=box:office"]);
    let place = Place::new();
    let ca = place.file("ca.pem", &mail.authority);
    let password = place.file("password", "office\n");
    let service = place.serve(&[
        "--mail-server",
        &format!("localhost:{}", mail.port),
        "--mail-from",
        "Box office <tickets@example.org>",
        "--mail-user",
        "box",
        "--mail-password-file",
        password.to_str().unwrap(),
        "--people-ca-file",
        ca.to_str().unwrap(),
        "--public-url",
        "https://tickets.example.org",
    ]);
    let mut client = service.client();
    let body = json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD });
    client.post("/api/auth/register", &body).is(201);
    let arrived = mail.next();
    assert_eq!((&arrived.about["tls"], &arrived.about["user"]), (&json!(true), &json!("box")));
    let parsed = MessageParser::default().parse(&arrived.bytes).unwrap();
    let text = parsed.body_text(0).unwrap();
    let link = "https://tickets.example.org/verify-email#token=";
    let token: String = text.split_once(link).unwrap().1.chars().take_while(|c| !c.is_whitespace()).collect();
    client.post("/api/auth/verify-email", &json!({ "token": token })).is(204);
    let (status, log) = service.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("office") && !log.contains(&token), "{log}");
}

#[test]
fn browsers_get_the_key_that_was_made() {
    let place = Place::new();
    let file = place.path("push.key");
    let name = file.to_str().unwrap();
    let made = place.run(&["keys", "vapid", name]).ok();
    let public = made.value("vapid", "public");
    let private = std::fs::read_to_string(&file).unwrap();
    assert!(!made.out().contains(private.trim()));
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777,
        0o600
    );
    place.run(&["keys", "vapid", name]).ends_with(1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), private, "nothing is overwritten");

    let service = place.serve(&["--push-key-file", name, "--push-contact", "mailto:office@example.org"]);
    let answer = service.client().get("/api/notifications/push-key").is(200);
    assert_eq!(answer.text("/public_key"), public);
    service.stop();
    let without = place.serve(&[]);
    without.client().get("/api/notifications/push-key").is(404);
    assert_eq!(value_of(&without.said, "listening", "address"), without.address);
}

#[test]
fn settings_that_make_no_sense_are_named_and_their_secrets_are_not() {
    let place = Place::new();
    let bad = place.file("bad", "s3cret");
    let bad = bad.to_str().unwrap();
    let typo = place.file("typo.json", r#"{"url": "https://sms.example.org", "boddy": 1}"#);
    let typo = typo.to_str().unwrap();
    let keyed = place.file("keyed.json", r#"{"url": "https://sms.example.org/{key}"}"#);
    let keyed = keyed.to_str().unwrap();
    let from = ["--mail-from", "tickets@example.org"];
    let cases: &[(&[&str], &str)] = &[
        (&["--mail-server", "mail.example.org"], "--mail-from"),
        (&["--mail-server", "mail.example.org:x", from[0], from[1]], "EVENTIFY_MAIL_SERVER"),
        (&["--mail-server", "mail.example.org", "--mail-from", "nobody"], "the sender"),
        (&["--mail-server", "mail.example.org", from[0], from[1], "--mail-security", "none"], "unprotected"),
        (&["--mail-server", "a.example", from[0], from[1], "--public-url", "tickets"], "EVENTIFY_PUBLIC_URL"),
        (&["--mail-server", "a.example", from[0], from[1], "--mail-user", "box"], "--mail-password-file"),
        (
            &[
                "--mail-server",
                "a.example",
                from[0],
                from[1],
                "--mail-user",
                "box",
                "--mail-password-file",
                "none",
            ],
            "EVENTIFY_MAIL_PASSWORD_FILE",
        ),
        (&["--sms-gateway-file", bad], "EVENTIFY_SMS_GATEWAY_FILE"),
        (&["--sms-gateway-file", typo], "boddy"),
        (&["--sms-gateway-file", keyed], "{key}"),
        (&["--sms-gateway-file", keyed, "--sms-secret", "key"], "NAME=FILE"),
        (&["--push-key-file", bad], "--push-contact"),
        (&["--push-key-file", bad, "--push-contact", "mailto:a@b.example"], "EVENTIFY_PUSH_KEY_FILE"),
        (&["--fcm-account-file", bad], "EVENTIFY_FCM_ACCOUNT_FILE"),
        (
            &["--mail-server", "a.example", from[0], from[1], "--people-ca-file", "none"],
            "EVENTIFY_PEOPLE_CA_FILE",
        ),
    ];
    for (options, part) in cases {
        let args = [&["serve", "--listen", "127.0.0.1:0"], *options].concat();
        let said = place.run(&args).ends_with(2).err();
        assert!(said.contains(part), "{options:?}: {said}");
        assert!(!said.contains("s3cret"), "{options:?}: {said}");
    }
}
