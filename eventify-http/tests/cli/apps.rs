//! Push messages to apps by the real service: also what a process that was killed had left, or had handed over and not written down.
//! Google's two services are one of this machine.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::json;

use super::killed::{Sale, until_all_is_told};
use super::requests::{Asked, take};
use crate::cli_support::{PATIENCE, Place};
use crate::mail_server::Port;

/// How often each message came.
#[derive(Default)]
struct Pushed(BTreeMap<String, u32>);

impl Pushed {
    fn wait_for(&mut self, heard: &Receiver<Asked>, count: usize) {
        while self.0.len() < count {
            self.note(&heard.recv_timeout(PATIENCE).unwrap());
        }
    }

    fn note(&mut self, asked: &Asked) {
        let message = &asked.json()["message"];
        assert_eq!(
            (message["token"].as_str(), asked.header("authorization").as_str()),
            (Some("phone"), "Bearer t")
        );
        // By this a phone shows a repeat in the first one's place, and by the other one Firebase keeps only one that waits.
        let tag = message["android"]["notification"]["tag"].as_str().unwrap().to_owned();
        assert_eq!(message["android"]["collapse_key"], json!(tag));
        *self.0.entry(tag).or_default() += 1;
    }
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
    let service = place.serve(&options);
    let mut sale = Sale::open(&service);
    let phone = json!({ "fcm": { "token": "phone" } });
    sale.buyers[0].post("/api/notifications/push-subscriptions", &phone).is(201);
    let wanted = sale.wanted();
    for _ in 0..2 {
        sale.buyers[0].post(&sale.path, &wanted).is(201);
    }
    service.kill();
    let (tell, heard) = channel();
    let silent = Arc::new(AtomicBool::new(false));
    let token = r#"{"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}"#;
    take(TcpListener::bind(port.address()).unwrap(), &silent, tell, ("/token", token));
    let service = place.serve(&options);
    sale.move_to(&service);
    let mut pushed = Pushed::default();
    pushed.wait_for(&heard, 2);
    until_all_is_told(&place);

    // Now one that is handed over, and whose process hears nothing of it any more.
    silent.store(true, Ordering::SeqCst);
    sale.buyers[0].post(&sale.path, &wanted).is(201);
    pushed.wait_for(&heard, 3);
    service.kill();
    silent.store(false, Ordering::SeqCst);
    let service = place.serve(&options);
    until_all_is_told(&place);
    heard.try_iter().for_each(|asked| pushed.note(&asked));
    let mut times: Vec<u32> = pushed.0.into_values().collect();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2], "one message for each purchase");
    assert_eq!(service.stop().0.code(), Some(0));
}
