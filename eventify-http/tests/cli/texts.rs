//! Text messages of the real service: also what a process that was killed had left, through a real gateway.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::mpsc::channel;

use serde_json::json;

use super::killed::{Sale, until_all_is_told};
use super::webhooks::receive;
use crate::cli_support::{PATIENCE, Place};
use crate::mail_server::Port;

const PHONE: &str = "+77011234567";

#[test]
fn what_a_killed_process_had_left_is_texted_under_one_id_each() {
    // On which nobody listens yet.
    let port = Port::hold();
    let place = Place::new();
    let gateway = json!({
        "url": format!("http://{}/send", port.address()),
        "body": { "json": { "to": "{phone}", "text": "{text}", "ref": "{id}" } },
    });
    let gateway = place.file("sms.json", gateway.to_string());
    let options = ["--sms-gateway-file", gateway.to_str().unwrap()];
    let service = place.serve(&options);
    let mut sale = Sale::open(&service);
    let wanted = sale.wanted();
    let buyer = &mut sale.buyers[0];
    let chosen = json!({ "phone": PHONE });
    buyer.send("PUT", "/api/notifications/preferences", None, Some(&chosen)).unwrap().is(200);
    for _ in 0..2 {
        buyer.post(&sale.path, &wanted).is(201);
    }
    service.kill();
    let (tell, heard) = channel();
    receive(TcpListener::bind(port.address()).unwrap(), tell);
    let service = place.serve(&options);
    let mut texts = BTreeMap::new();
    while texts.len() < 2 {
        let (_, text) = heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(text["to"], PHONE);
        texts.insert(text["ref"].as_str().unwrap().to_owned(), text["text"].clone());
    }
    until_all_is_told(&place);
    for (_, text) in heard.try_iter() {
        texts.insert(text["ref"].as_str().unwrap().to_owned(), text["text"].clone());
    }
    assert_eq!(texts.len(), 2, "one message for each purchase: {texts:?}");
    assert_eq!(service.stop().0.code(), Some(0));
}
