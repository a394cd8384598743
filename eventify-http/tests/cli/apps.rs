//! Push messages to apps by the real service: also what a process that was killed had left, or had handed over and not written down.
//! Google's two services are one of this machine.

use std::net::TcpListener;

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::json;

use super::half_told::of_a_service_that_is_killed;
use super::requests::{Asked, take};
use crate::cli_support::Place;
use crate::mail_server::Port;

/// By this a phone shows a repeat in the first one's place.
fn tag(asked: &Asked) -> String {
    let message = &asked.json()["message"];
    assert_eq!(
        (message["token"].as_str(), asked.header("authorization").as_str()),
        (Some("phone"), "Bearer t")
    );
    let tag = message["android"]["notification"]["tag"].as_str().unwrap().to_owned();
    // And by this Firebase keeps only one that waits.
    assert_eq!(message["android"]["collapse_key"], json!(tag));
    tag
}

/// A service account's key file.
fn account(at: &str) -> String {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let account = json!({
        "type": "service_account", "project_id": "box-office-7", "private_key_id": "k1",
        "private_key": key.serialize_pem(), "client_email": "push@box-office-7.iam.gserviceaccount.com",
        "token_uri": format!("{at}/token"),
    });
    account.to_string()
}

#[test]
fn what_a_killed_process_had_left_is_pushed_to_apps_under_one_tag_each() {
    // On which nobody listens yet.
    let port = Port::hold();
    let at = format!("http://{}", port.address());
    let place = Place::new();
    let account = place.file("account.json", account(&at));
    let options =
        ["--fcm-account-file", account.to_str().unwrap(), "--fcm-url", at.as_str(), "--push-nearby"];
    let phone = json!({ "fcm": { "token": "phone" } });
    of_a_service_that_is_killed(
        (&place, &options),
        |buyer| drop(buyer.post("/api/notifications/push-subscriptions", &phone).is(201)),
        |silent, tell| {
            let token = r#"{"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}"#;
            take(TcpListener::bind(port.address()).unwrap(), silent, tell, ("/token", token));
        },
        tag,
    );
}
