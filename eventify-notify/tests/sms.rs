//! Text messages through a real HTTP gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod house;
mod samples;
mod web;

use std::collections::BTreeMap;
use std::time::Duration;

use eventify_core::Actor;
use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};
use eventify_notify::sms::{SmsAnswer, SmsBody, SmsGateway, SmsMethod, SmsSettings};
use house::{HOUR, House};
use samples::{message, person, purchase, ticket};
use serde_json::json;
use web::{Reply, Server, say};

fn phoned() -> Recipient {
    Recipient { phone: Some("+77011234567".to_owned()), ..person("ada@example.org") }
}

fn json_settings(server: &Server) -> SmsSettings {
    SmsSettings {
        headers: BTreeMap::from([("authorization".into(), "Bearer {key}".into())]),
        body: SmsBody::Json(
            json!({"to": ["{phone}"], "text": "{text}", "ref": "{id}", "flash": false, "n": 1}),
        ),
        secrets: BTreeMap::from([("key".into(), "s3cret".into())]),
        ..SmsSettings::new(server.url("/v1/messages"))
    }
}

async fn send(gateway: &SmsGateway, to: &Recipient, message: &Message) -> Result<Delivered, DeliveryError> {
    gateway.deliver(Channel::Sms, to, message).await
}

#[tokio::test]
async fn a_gateway_is_asked_as_it_wants_to_be() {
    let server = Server::recording().await;
    let hello = message("Hi \"there\"", "100% & <more>\r\nж");
    let gateway = SmsGateway::new(json_settings(&server)).unwrap();
    send(&gateway, &phoned(), &hello).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v1/messages"));
    assert_eq!(
        (seen.header("authorization"), seen.header("content-type")),
        ("Bearer s3cret", "application/json")
    );
    let text = "Hi \"there\"\n100% & <more>\nж";
    let id = "0190b6d2-7f6c-7a3e-8c1d-2f3a4b5c6d7e";
    assert_eq!(seen.json(), json!({"to": ["+77011234567"], "text": text, "ref": id, "flash": false, "n": 1}));

    let form = SmsSettings {
        body: SmsBody::Form(BTreeMap::from([
            ("mes".into(), "{text}".into()),
            ("phones".into(), "{digits}".into()),
        ])),
        ..SmsSettings::new(server.url("/send"))
    };
    send(&SmsGateway::new(form).unwrap(), &phoned(), &hello).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(
        String::from_utf8(seen.body).unwrap(),
        "mes=Hi+%22there%22%0A100%25+%26+%3Cmore%3E%0A%D0%B6&phones=77011234567"
    );

    let address = SmsSettings {
        method: SmsMethod::Get,
        secrets: BTreeMap::from([("key".into(), "a&b".into())]),
        ..SmsSettings::new(server.url("/send/{digits}?psw={key}&mes={text}"))
    };
    send(&SmsGateway::new(address).unwrap(), &phoned(), &message("a&b", "c=d")).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("GET", "/send/77011234567?psw=a%26b&mes=a%26b%0Ac%3Dd")
    );
    assert!(seen.body.is_empty());
}

#[tokio::test]
async fn a_message_has_the_codes_and_is_cut_to_its_length() {
    let server = Server::recording().await;
    let gateway = SmsGateway::new(SmsSettings { segments_max: 1, ..json_settings(&server) }).unwrap();
    let said = async |message: &Message| {
        send(&gateway, &phoned(), message).await.unwrap();
        server.seen().remove(0).json()["text"].as_str().unwrap().to_owned()
    };
    let bought = said(&Message { body: "Show it at the door.".into(), ..purchase(vec![ticket(1)]) }).await;
    assert_eq!(bought, "Your tickets\nShow it at the door.\n7KQ2-M4XB-0001");
    let long = said(&message("Long", &"a".repeat(200))).await;
    assert!(long.len() == 160 && long.ends_with("a..."), "{long}");
    let wide = said(&message("Длинно", &"ж".repeat(200))).await;
    assert!(wide.encode_utf16().count() == 70 && wide.ends_with("ж..."), "{wide}");
}

#[tokio::test]
async fn who_has_no_number_is_left_alone() {
    let server = Server::recording().await;
    let gateway = SmsGateway::new(json_settings(&server)).unwrap();
    let hello = message("Hi", "there");
    assert_eq!(send(&gateway, &person("ada@example.org"), &hello).await, Ok(Delivered::to_nobody()));
    for wrong in
        ["", "77011234567", "+07011234567", "+770112", "+7701123456789012", "+7701 123 45 67", "+7701123456x"]
    {
        let to = Recipient { phone: Some(wrong.to_owned()), ..phoned() };
        assert!(matches!(send(&gateway, &to, &hello).await, Err(DeliveryError::Permanent(_))), "{wrong}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let server = Server::recording().await;
    let gateway = SmsGateway::new(json_settings(&server)).unwrap();
    for (status, is_final) in [
        (400, true),
        (422, true),
        (402, false),
        (403, false),
        (404, false),
        (429, false),
        (500, false),
        (503, false),
        (302, false),
    ] {
        server.replies([say(status)]);
        let error = send(&gateway, &phoned(), &message("Hi", "there")).await.unwrap_err();
        assert_eq!(matches!(error, DeliveryError::Permanent(_)), is_final, "{status}");
        assert!(error.to_string().contains(&status.to_string()));
    }
    let answer = Some(SmsAnswer {
        pointer: "/messages/0/status".into(),
        taken: ["0".into(), "ok".into()].into(),
        refused: ["bad_number".into()].into(),
    });
    let gateway = SmsGateway::new(SmsSettings { answer, ..json_settings(&server) }).unwrap();
    for (body, expected) in [
        (r#"{"messages": [{"status": 0}]}"#, None),
        (r#"{"messages": [{"status": "ok"}]}"#, None),
        (r#"{"messages": [{"status": "bad_number"}]}"#, Some(true)),
        (r#"{"messages": [{"status": 9}]}"#, Some(false)),
        (r#"{"messages": []}"#, Some(false)),
        ("not JSON", Some(false)),
    ] {
        server.replies([Reply::Say(200, body.to_owned())]);
        let outcome = send(&gateway, &phoned(), &message("Hi", "there")).await;
        let is_final = outcome.err().map(|error| matches!(error, DeliveryError::Permanent(_)));
        assert_eq!(is_final, expected, "{body}");
    }
}

#[tokio::test]
async fn a_lost_answer_gives_the_same_message_again() {
    let server = Server::recording().await;
    let settings = SmsSettings { timeout: Duration::from_millis(300), ..json_settings(&server) };
    let impatient = SmsGateway::new(settings).unwrap();
    let gateway = SmsGateway::new(json_settings(&server)).unwrap();
    server.replies([Reply::Die, Reply::Hang]);
    let fails = async |gateway: &SmsGateway| {
        let error = send(gateway, &phoned(), &message("Hi", "there")).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, DeliveryError::Transient(_)), "{text}");
        assert!(!text.contains("s3cret") && !text.contains("7701") && !text.contains("/v1"), "{text}");
    };
    fails(&gateway).await;
    // On a busy machine the time may be over before it was called.
    while server.count() < 2 {
        fails(&impatient).await;
    }
    send(&gateway, &phoned(), &message("Hi", "there")).await.unwrap();
    let bodies: Vec<_> = server.seen().iter().map(web::Seen::json).collect();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert!(!format!("{gateway:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_gateway_that_is_away_or_refuses_our_key_is_asked_by_one_now_and_then() {
    let server = Server::recording().await;
    let gateway = SmsGateway::new(json_settings(&server)).unwrap();
    let (to, hello) = (phoned(), message("Hi", "there"));
    let refused = async |gateway: &SmsGateway| {
        let error = send(gateway, &to, &hello).await.unwrap_err();
        let DeliveryError::Away { why, pause } = error else { panic!("{error:?}") };
        assert!(pause <= Duration::from_secs(60) && !why.contains("s3cret") && !why.contains("/v1"), "{why}");
        why
    };
    server.otherwise(say(401));
    refused(&gateway).await;
    tokio::time::pause();
    for _ in 0..4 {
        assert!(refused(&gateway).await.contains("401"));
    }
    assert_eq!(server.seen().len(), 1, "one asked for all");
    server.otherwise(say(200));
    later().await;
    for _ in 0..2 {
        send(&gateway, &to, &hello).await.unwrap();
    }
    assert_eq!(server.seen().len(), 2);
    let gone = SmsGateway::new(SmsSettings::new("http://127.0.0.1:1/send")).unwrap();
    assert!(refused(&gone).await.contains("127.0.0.1"));
    refused(&gone).await;
}

#[tokio::test]
async fn a_text_that_does_not_fit_into_an_address_is_refused_and_holds_up_no_other() {
    let server = Server::recording().await;
    let address = server.url("/send/{digits}?mes={text}");
    let gateway = SmsGateway::new(SmsSettings {
        method: SmsMethod::Get,
        segments_max: 10,
        ..SmsSettings::new(address.clone())
    });
    let gateway = gateway.unwrap();
    // Letters of six characters, and one more than an address has room for.
    let taken = address.len() - "{digits}{text}".len() + "77011234567Hi%0A".len();
    let long = |over: usize| {
        let rest = 2_048 + over - taken - 6 * 300;
        message("Hi", &format!("{}{}", "ж".repeat(300), "a".repeat(rest)))
    };
    for _ in 0..2 {
        let refused = send(&gateway, &phoned(), &long(1)).await.unwrap_err();
        let DeliveryError::Permanent(why) = refused else { panic!("{refused:?}") };
        assert!(why.contains("does not fit"), "{why}");
        send(&gateway, &phoned(), &long(0)).await.unwrap();
    }
    assert_eq!(server.seen().len(), 2);
}

/// The time stood still (`tokio::time::pause`): no pause was over, however slow the machine. Now one is.
async fn later() {
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
}

/// Somebody who can be reached by telephone.
async fn welcome(house: &House, name: &str, phone: &str) -> Actor {
    let who = house.welcome(name).await;
    let chosen = serde_json::from_value(json!({ "phone": phone })).unwrap();
    house.eventify.notifications().set_preferences(&who, chosen).await.unwrap();
    who
}

#[tokio::test]
async fn an_hour_without_a_gateway_loses_nothing_and_a_refusal_is_a_dead_letter_of_its_own() {
    let server = Server::recording().await;
    let house = House::open(SmsGateway::new(json_settings(&server)).unwrap()).await;
    server.otherwise(Reply::Die);
    for nth in 0..5 {
        let who = welcome(&house, &format!("buyer{nth}"), &format!("+7701123450{nth}")).await;
        house.sell_to(&who).await;
    }
    for _ in 0..60 {
        house.run_jobs().await;
        house.clock.advance(HOUR / 60);
    }
    assert_eq!(house.dead().await, Vec::<String>::new());
    let tried = server.seen();
    assert!(tried.len() > 10, "{}", tried.len());
    server.otherwise(say(200));
    house.clock.advance(HOUR);
    house.run_jobs().await;
    let seen = server.seen();
    let to: std::collections::BTreeSet<_> = seen.iter().map(|seen| seen.json()["to"].to_string()).collect();
    assert_eq!((seen.len(), to.len()), (5, 5), "each of them once");
    let is_repeat = |seen: &web::Seen| tried.iter().any(|tried| tried.json()["ref"] == seen.json()["ref"]);
    assert!(seen.iter().all(is_repeat), "under the id that they had");

    // The gateway does not know this number, and the next one's message goes all the same.
    server.replies([say(422)]);
    for phone in ["+77010000000", "+77010000001"] {
        house.sell_to(&welcome(&house, &format!("after{phone}"), phone).await).await;
        house.run_jobs().await;
    }
    assert_eq!((server.seen().len(), house.dead().await.len()), (2, 1));
    house.eventify.shut_down().await;
}

#[test]
fn settings_are_looked_at() {
    let good = || SmsSettings::new("https://sms.example.org/send");
    let header = |name: &str, value: &str| SmsSettings {
        headers: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..good()
    };
    assert!(SmsGateway::new(good()).is_ok());
    for (settings, part) in [
        (SmsSettings::new("http://sms.example.org/send"), "https:"),
        (SmsSettings::new("sms.example.org"), "not a URL"),
        (SmsSettings::new("https://{digits}.example.org/"), "before its path"),
        (SmsSettings::new("https://a:b@sms.example.org/"), "user or password"),
        (SmsSettings::new("https://sms.example.org/{nobody}"), "{nobody}"),
        (header("a b", "c"), "no header's name"),
        (header("x", "{text}"), "not for headers"),
        (header("x", "{"), "opening brace"),
        (SmsSettings { body: SmsBody::Json(json!({"a": ["{b}"]})), ..good() }, "{b}"),
        (SmsSettings { segments_max: 0, ..good() }, "1 to 10"),
        (
            SmsSettings {
                answer: Some(SmsAnswer { pointer: "a".into(), taken: [].into(), refused: [].into() }),
                ..good()
            },
            "begin with /",
        ),
    ] {
        let error = SmsGateway::new(settings).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(
        SmsGateway::new(SmsSettings { allow_plain: true, ..SmsSettings::new("http://10.0.0.1/send") })
            .is_ok()
    );
}

#[test]
fn a_file_says_all_that_is_no_secret() {
    let file = json!({
        "url": "https://sms.example.org/send",
        "method": "POST",
        "headers": {"authorization": "Bearer x"},
        "body": {"form": {"to": "{phone}"}},
        "answer": {"pointer": "/ok", "taken": ["true"]},
        "segments_max": 2,
    });
    let settings: SmsSettings = serde_json::from_value(file).unwrap();
    assert_eq!((settings.segments_max, settings.timeout), (2, Duration::from_secs(15)));
    assert_eq!(settings.refused_statuses, [400, 422].into());
    assert!(SmsGateway::new(settings).is_ok());
    let wrong = serde_json::from_value::<SmsSettings>(json!({"url": "https://a.example", "boddy": {}}));
    assert!(wrong.unwrap_err().to_string().contains("boddy"));
}
