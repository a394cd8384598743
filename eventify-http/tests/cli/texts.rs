//! Text messages of the real service: also what a process that was killed had left, or had handed over and not written down, through a
//! real gateway.

use std::net::TcpListener;

use serde_json::json;

use super::half_told::of_a_service_that_is_killed;
use super::requests::{Asked, take};
use crate::cli_support::Place;
use crate::mail_server::Port;

const PHONE: &str = "+77011234567";

/// By this a gateway knows a repeat.
fn reference(asked: &Asked) -> String {
    let text = asked.json();
    assert_eq!(text["to"], PHONE);
    text["ref"].as_str().unwrap().to_owned()
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
    let chosen = json!({ "phone": PHONE });
    let came = of_a_service_that_is_killed(
        (&place, &options),
        |buyer| {
            buyer.send("PUT", "/api/notifications/preferences", None, Some(&chosen)).unwrap().is(200);
        },
        |silent, tell| take(TcpListener::bind(port.address()).unwrap(), silent, tell, ("/nothing", "")),
        reference,
    );
    assert!(came.iter().all(|texts| texts.iter().all(|text| text.body == texts[0].body)), "{came:?}");
}
