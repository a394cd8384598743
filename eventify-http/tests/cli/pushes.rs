//! Push messages of the real service: also what a process that was killed had left, or had handed over and not written
//! down. The push service is one of this machine, over TLS: subscriptions name nothing else.

use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::half_told::of_a_service_that_is_killed;
use super::requests::take_over;
use crate::cli_support::Place;
use crate::mail_server::Port;

/// The keys of the example in RFC 8291: what is sent to them is not read here.
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// How this machine's push service shows who it is, and the authority that says so.
fn identity() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let shown =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (Arc::new(config), authority)
}

#[test]
fn what_a_killed_process_had_left_is_pushed_under_one_topic_each() {
    let (config, authority) = identity();
    // On which nobody listens yet.
    let port = Port::hold();
    let place = Place::new();
    let ca = place.file("ca.pem", authority);
    let key = place.path("push.key");
    let (ca, key) = (ca.to_str().unwrap(), key.to_str().unwrap());
    place.run(&["keys", "vapid", key]).ok();
    let contact = "mailto:office@example.org";
    let options =
        ["--push-key-file", key, "--push-contact", contact, "--push-nearby", "--people-ca-file", ca];
    let endpoint = format!("https://localhost:{}/push/a", port.address().port());
    let browser = json!({ "web": { "endpoint": endpoint, "keys": { "p256dh": P256DH, "auth": AUTH } } });
    // A push service shows the second of one topic in the place of the first.
    of_a_service_that_is_killed(
        (&place, &options),
        |buyer| drop(buyer.post("/api/notifications/push-subscriptions", &browser).is(201)),
        |silent, tell| {
            let listener = TcpListener::bind(port.address()).unwrap();
            let open = move |stream| StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
            take_over(listener, open, silent, tell, ("/nothing", ""));
        },
        |asked| asked.header("topic"),
    );
}
