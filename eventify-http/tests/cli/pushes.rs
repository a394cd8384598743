//! Push messages of the real service: also what a process that was killed had left, or had handed over and not written
//! down. The push service is one of this machine, over TLS: subscriptions name nothing else.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::killed::{Sale, until_all_is_told};
use crate::cli_support::{PATIENCE, Place};
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

/// Takes messages and tells their topics; says nothing to who brings them while it is silent.
fn take(listener: TcpListener, config: Arc<ServerConfig>, silent: Arc<AtomicBool>, tell: Sender<String>) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream =
                StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream.unwrap());
            let (silent, tell) = (silent.clone(), tell.clone());
            std::thread::spawn(move || {
                // Whoever calls may be killed in the middle of it.
                while let Some(topic) = next_topic(&mut stream) {
                    let answers = !silent.load(Ordering::SeqCst);
                    let gone = tell.send(topic).is_err();
                    if gone
                        || answers
                            && stream.write_all(b"HTTP/1.1 201 It\r\ncontent-length: 0\r\n\r\n").is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
}

/// Reads a whole message.
fn next_topic(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 4_096];
        let count = stream.read(&mut more).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        if bytes.len() >= end + 4 + value("content-length: ").parse::<usize>().unwrap() {
            return Some(value("topic: "));
        }
    }
}

/// How often each message came.
#[derive(Default)]
struct Pushed(BTreeMap<String, u32>);

impl Pushed {
    /// Waits until so many different ones have come.
    fn wait_for(&mut self, heard: &Receiver<String>, count: usize) {
        while self.0.len() < count {
            self.note(heard.recv_timeout(PATIENCE).unwrap());
        }
    }

    fn note(&mut self, topic: String) {
        *self.0.entry(topic).or_default() += 1;
    }
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
    let service = place.serve(&options);
    let mut sale = Sale::open(&service);
    let endpoint = format!("https://localhost:{}/push/a", port.address().port());
    let browser = json!({ "web": { "endpoint": endpoint, "keys": { "p256dh": P256DH, "auth": AUTH } } });
    sale.buyers[0].post("/api/notifications/push-subscriptions", &browser).is(201);
    let wanted = sale.wanted();
    for _ in 0..2 {
        sale.buyers[0].post(&sale.path, &wanted).is(201);
    }
    service.kill();
    let (tell, heard) = channel();
    let silent = Arc::new(AtomicBool::new(false));
    take(TcpListener::bind(port.address()).unwrap(), config, silent.clone(), tell);
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
    heard.try_iter().for_each(|topic| pushed.note(topic));
    let mut times: Vec<u32> = pushed.0.into_values().collect();
    times.sort_unstable();
    // A push service shows the second of one topic in the place of the first.
    assert_eq!(times, [1, 1, 2], "one message for each purchase");
    assert_eq!(service.stop().0.code(), Some(0));
}
