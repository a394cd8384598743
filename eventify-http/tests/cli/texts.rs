//! Text messages of the real service: also what a process that was killed had left, or had handed over and not written down, through a
//! real gateway.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::killed::{Sale, until_all_is_told};
use super::requests::{Asked, take};
use crate::cli_support::{PATIENCE, Place};
use crate::mail_server::Port;

const PHONE: &str = "+77011234567";

/// What came under each id, as often as it came.
#[derive(Default)]
struct Texted(BTreeMap<String, Vec<Value>>);

impl Texted {
    fn wait_for(&mut self, heard: &Receiver<Asked>, count: usize) {
        while self.0.len() < count {
            self.note(&heard.recv_timeout(PATIENCE).unwrap());
        }
    }

    fn note(&mut self, asked: &Asked) {
        let text = asked.json();
        assert_eq!(text["to"], PHONE);
        self.0.entry(text["ref"].as_str().unwrap().to_owned()).or_default().push(text);
    }
}

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
    let silent = Arc::new(AtomicBool::new(false));
    take(TcpListener::bind(port.address()).unwrap(), &silent, tell, ("/nothing", ""));
    let service = place.serve(&options);
    sale.move_to(&service);
    let mut texted = Texted::default();
    texted.wait_for(&heard, 2);
    until_all_is_told(&place);

    // Now one that is handed over, and whose process hears nothing of it any more.
    silent.store(true, Ordering::SeqCst);
    sale.buyers[0].post(&sale.path, &wanted).is(201);
    texted.wait_for(&heard, 3);
    service.kill();
    silent.store(false, Ordering::SeqCst);
    let service = place.serve(&options);
    until_all_is_told(&place);
    heard.try_iter().for_each(|asked| texted.note(&asked));
    assert!(texted.0.values().all(|texts| texts.iter().all(|text| *text == texts[0])), "{:?}", texted.0);
    let mut times: Vec<usize> = texted.0.values().map(Vec::len).collect();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2], "one message for each purchase");
    assert_eq!(service.stop().0.code(), Some(0));
}
