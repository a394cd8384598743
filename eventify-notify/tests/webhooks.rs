//! Webhooks through the engine to real servers: what they are told can be verified, and whatever they do is survived.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::store::MemoryStore;
use eventify_core::testing::FakeClock;
use eventify_core::webhook::{
    CreateWebhook, DisabledWhy, RotateWebhookSecret, WebhookDeliveryStatus, WebhookDeliveryView,
    WebhookSecret,
};
use eventify_core::{Actor, Clock as _, Eventify, PageRequest, Reason, WebhookId};
use eventify_notify::outgoing::{Lookup, OutgoingSettings, Reach};
use eventify_notify::webhooks::HttpWebhooks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// What a server does with a request that it has read.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// Answers with this status.
    Answer(u16),
    /// Sends elsewhere.
    Redirect(SocketAddr),
    /// Says nothing for as long as the caller waits.
    Hang,
    /// Goes away without a word.
    Die,
    /// Answers 200 with a body that never ends.
    Flood,
}

/// A request as it came.
#[derive(Debug, Clone)]
struct Heard {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(n, _)| n == name).unwrap().1
    }

    /// Whether it is genuine to whoever verifies it as our documentation says, at an instant.
    fn is_signed_by(&self, secret: &WebhookSecret, now: i64) -> bool {
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let body = String::from_utf8(self.body.clone()).unwrap();
        let asked = serde_json::json!({ "secret": secret.secret.expose(), "headers": headers, "body": body, "now": now });
        let mut python = Command::new("python3")
            .args(["-c", &verifier()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        let said = python.wait_with_output().unwrap();
        assert!(said.status.success());
        match said.stdout.as_slice() {
            b"True\n" => true,
            b"False\n" => false,
            other => panic!("{other:?}"),
        }
    }
}

/// The program of the documentation, in another language and by another library, with a clock of ours.
fn verifier() -> String {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/http-api.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let begin = docs.find("import base64, hashlib, hmac, time").unwrap();
    let program = &docs[begin..];
    let program = &program[..program.find("```").unwrap()];
    format!(
        "{program}\nimport json, sys\nasked = json.load(sys.stdin)\ntime.time = lambda: asked['now']\n\
         print(verify(asked['secret'], asked['headers'], asked['body'].encode()))\n"
    )
}

/// A server on a port of its own, until it is dropped. Does what it is told with one request after another, and 204 with
/// the rest; each request on a connection of its own.
struct Server {
    at: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(script: &[Does]) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), script)
    }

    fn on(listener: TcpListener, script: &[Does]) -> Self {
        let (at, heard) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<Heard>>>::default());
        let (script, seen) = (script.to_vec(), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            let mut script = script.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let does = script.next().unwrap_or(Does::Answer(204));
                tokio::spawn(serve(stream, does, Arc::clone(&seen)));
            }
        });
        Self { at, heard, task }
    }

    fn url(&self) -> String {
        format!("http://{}/hooks", self.at)
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, does: Does, heard: Arc<Mutex<Vec<Heard>>>) {
    let Some(request) = read(&mut stream).await else { return };
    heard.lock().unwrap().push(request);
    let answer = |status: u16, more: &str| {
        format!("HTTP/1.1 {status} It\r\nconnection: close\r\n{more}\r\n").into_bytes()
    };
    // Whoever asked may be gone: that is no business of a server.
    let _ = match does {
        Does::Answer(status) => stream.write_all(&answer(status, "content-length: 0\r\n")).await,
        Does::Redirect(to) => {
            let place = format!("location: http://{to}/hooks\r\ncontent-length: 0\r\n");
            stream.write_all(&answer(302, &place)).await
        }
        Does::Hang => stream.read(&mut [0; 1]).await.map(drop),
        Does::Die => Ok(()),
        Does::Flood => {
            let _ = stream.write_all(&answer(200, "")).await;
            while stream.write_all(&[b'x'; 64 * 1024]).await.is_ok() {}
            Ok(())
        }
    };
}

/// Reads a request with a body of a known length.
async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    let head = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let header = |line: &str| line.split_once(": ").map(|(n, v)| (n.to_lowercase(), v.to_owned()));
    let headers: Vec<_> = text.lines().skip(1).filter_map(header).collect();
    let length = headers.iter().find(|(n, _)| n == "content-length")?.1.parse().ok()?;
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Heard { headers, body })
}

/// An engine whose webhooks reach this machine.
struct World {
    eventify: Eventify,
    clock: FakeClock,
}

impl World {
    async fn new(settings: OutgoingSettings) -> Self {
        let clock = FakeClock::default();
        let builder = Eventify::builder(MemoryStore::new()).clock(clock.clone()).without_worker();
        let eventify = builder.webhooks(HttpWebhooks::new(settings).unwrap()).start().await.unwrap();
        Self { eventify, clock }
    }

    async fn hook(&self, url: &str) -> WebhookSecret {
        let request = CreateWebhook { url: url.to_owned(), deployment: true, ..CreateWebhook::default() };
        self.eventify.webhooks().create(&Actor::system(), request).await.unwrap().into_inner()
    }

    /// Something happens that every webhook hears of.
    async fn happen(&self) {
        let system = Actor::system();
        let organizer = Actor::user(
            "01978c5e-0000-7000-8000-000000000001".parse().unwrap(),
            eventify_core::Role::Organizer,
        );
        let starts_at = self.clock.now().plus(Duration::from_secs(86_400));
        let draft = eventify_core::event::CreateEvent {
            title: Some("Concert – Концерт 🎷".to_owned()),
            starts_at: Some(starts_at),
            ends_at: Some(starts_at.plus(Duration::from_secs(3_600))),
            ..Default::default()
        };
        let id = self.eventify.events().create(&organizer, draft).await.unwrap().id;
        self.eventify.events().publish(&system, id).await.unwrap();
        self.settle().await;
    }

    async fn settle(&self) {
        while self.eventify.jobs().run_due().await.unwrap() > 0 {}
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    async fn log(&self, id: WebhookId) -> Vec<WebhookDeliveryView> {
        let page = PageRequest::default();
        self.eventify.webhooks().deliveries(&Actor::system(), id, &page).await.unwrap().data
    }

    /// The only delivery: whether it arrived, and why its attempts failed.
    async fn outcome(&self, id: WebhookId) -> (WebhookDeliveryStatus, Vec<String>) {
        let [delivery] = <[WebhookDeliveryView; 1]>::try_from(self.log(id).await).unwrap();
        let errors = delivery.newest_attempts.into_iter().filter_map(|attempt| attempt.error);
        (delivery.status, errors.collect())
    }
}

fn loopback() -> OutgoingSettings {
    OutgoingSettings { reach: Reach::PublicAndLoopback, ..OutgoingSettings::default() }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn what_arrives_is_genuine_to_whoever_verifies_it_as_the_documentation_says() {
    let (world, server) = (World::new(loopback()).await, Server::start(&[]).await);
    let first = world.hook(&server.url()).await;
    let now = world.clock.now().as_seconds();
    world.happen().await;
    let request = RotateWebhookSecret { overlap_hours: Some(1) };
    let rotated = world.eventify.webhooks().rotate_secret(&Actor::system(), first.webhook.id, request).await;
    let second = rotated.unwrap().into_inner();
    world.happen().await;
    world.clock.advance(HOUR);
    world.happen().await;
    let heard = server.heard();
    let genuine = |nth: usize, secret: &WebhookSecret, now: i64| heard[nth].is_signed_by(secret, now);
    assert_eq!((genuine(0, &first, now), genuine(0, &second, now)), (true, false));
    assert_eq!((genuine(1, &first, now), genuine(1, &second, now)), (true, true), "both, while they change");
    let later = now + 3_600;
    assert_eq!((genuine(2, &first, later), genuine(2, &second, later)), (false, true));
    let mut forged = heard[0].clone();
    forged.body[10] ^= 1;
    assert!(!forged.is_signed_by(&first, now));
    assert!(
        heard[0].is_signed_by(&first, now + 300) && !heard[0].is_signed_by(&first, now + 301),
        "a replay"
    );
    let told: serde_json::Value = serde_json::from_slice(&heard[0].body).unwrap();
    assert_eq!(
        (&told["event"], &told["data"]["title"]),
        (&"event.published".into(), &"Concert – Концерт 🎷".into())
    );
    assert_eq!(told["id"], heard[0].header("webhook-id"));
    assert_eq!(heard[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn a_server_that_dies_after_it_accepted_is_told_again_under_the_same_id() {
    let world = World::new(loopback()).await;
    let server = Server::start(&[Does::Die, Does::Answer(503)]).await;
    let made = world.hook(&server.url()).await;
    world.happen().await;
    world.pass(HOUR).await;
    world.pass(HOUR).await;
    let heard = server.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|h| h.body == heard[0].body));
    assert!(heard.iter().all(|h| h.header("webhook-id") == heard[0].header("webhook-id")));
    let now = world.clock.now().as_seconds();
    assert!(heard[2].is_signed_by(&made, now), "signed anew");
    let (status, errors) = world.outcome(made.webhook.id).await;
    assert_eq!(
        (status, errors.len(), errors[1].as_str()),
        (WebhookDeliveryStatus::Delivered, 2, "it answered 503")
    );
}

#[tokio::test]
async fn a_server_that_is_down_or_slow_is_told_once_it_is_back() {
    let settings = OutgoingSettings { timeout: Duration::from_secs(3), ..loopback() };
    let world = World::new(settings).await;
    // A port of its own on which nobody listens yet.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let at = reserved.local_addr().unwrap();
    let made = world.hook(&format!("http://{at}/hooks")).await;
    world.happen().await;
    for _ in 0..3 {
        world.pass(HOUR).await;
    }
    let server = Server::on(reserved.listen(16).unwrap(), &[Does::Hang]);
    world.pass(HOUR).await;
    let (status, errors) = world.outcome(made.webhook.id).await;
    assert_eq!((status, errors.len()), (WebhookDeliveryStatus::Waiting, 5));
    assert_eq!(errors[4], "127.0.0.1: no answer in time");
    world.pass(HOUR).await;
    assert_eq!(world.outcome(made.webhook.id).await.0, WebhookDeliveryStatus::Delivered);
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_nobody_elses_request() {
    let (world, elsewhere) = (World::new(loopback()).await, Server::start(&[]).await);
    let server = Server::start(&[Does::Redirect(elsewhere.at)]).await;
    let made = world.hook(&server.url()).await;
    world.happen().await;
    let (status, errors) = world.outcome(made.webhook.id).await;
    assert_eq!((status, errors), (WebhookDeliveryStatus::Waiting, vec!["it answered 302".to_owned()]));
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn an_answer_without_end_is_left_and_counts_by_its_status() {
    let world = World::new(loopback()).await;
    let server = Server::start(&[Does::Flood]).await;
    let made = world.hook(&server.url()).await;
    world.happen().await;
    assert_eq!(world.outcome(made.webhook.id).await, (WebhookDeliveryStatus::Delivered, Vec::new()));
}

#[tokio::test]
async fn one_that_is_gone_is_disabled() {
    let world = World::new(loopback()).await;
    let server = Server::start(&[Does::Answer(410)]).await;
    let made = world.hook(&server.url()).await;
    world.happen().await;
    world.happen().await;
    let shown = world.eventify.webhooks().get(&Actor::system(), made.webhook.id).await.unwrap();
    assert_eq!(shown.disabled_why, Some(DisabledWhy::Gone));
    assert_eq!(server.heard().len(), 1);
}

/// Answers with one address after another, and the last one for ever.
#[derive(Debug)]
struct Changing {
    answers: Vec<IpAddr>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Changing {
    async fn addresses(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        Ok(vec![self.answers[nth]])
    }
}

#[tokio::test]
async fn a_name_that_turns_to_a_private_address_is_not_followed_there() {
    let own: IpAddr = "127.0.0.1".parse().unwrap();
    let answers = vec![own, "10.7.7.7".parse().unwrap(), own];
    let lookup = Arc::new(Changing { answers, asked: AtomicUsize::new(0) });
    let world = World::new(OutgoingSettings { lookup: lookup.clone(), ..loopback() }).await;
    let server = Server::start(&[Does::Answer(500)]).await;
    let made = world.hook(&format!("http://hooks.localhost:{}/hooks", server.at.port())).await;
    world.happen().await;
    assert_eq!(
        (server.heard().len(), lookup.asked.load(Ordering::SeqCst)),
        (1, 1),
        "looked up once, and pinned"
    );
    world.pass(HOUR).await;
    let (_, errors) = world.outcome(made.webhook.id).await;
    assert_eq!(errors[1], "hooks.localhost: is not an address of the public internet");
    assert_eq!(server.heard().len(), 1);
    world.pass(HOUR).await;
    assert_eq!(world.outcome(made.webhook.id).await.0, WebhookDeliveryStatus::Delivered);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_when_they_are_named() {
    let world = World::new(OutgoingSettings::default()).await;
    for url in [
        "http://shop.example.org/hooks",
        "https://localhost/hooks",
        "https://localhost./hooks",
        "https://shop.localhost/hooks",
        "https://127.0.0.1/hooks",
        "https://2130706433/hooks",
        "https://0x7f.1/hooks",
        "https://0177.0.0.1/hooks",
        "https://10.0.0.1/hooks",
        "https://100.64.0.1/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hooks",
        "https://[::ffff:192.168.0.1]/hooks",
        "https://[64:ff9b::a00:1]/hooks",
        "https://ada:secret@shop.example.org/hooks",
        "ftp://shop.example.org/hooks",
        "shop.example.org",
        "",
    ] {
        let request = CreateWebhook { url: url.to_owned(), deployment: true, ..CreateWebhook::default() };
        let refused = world.eventify.webhooks().create(&Actor::system(), request).await.unwrap_err();
        assert_eq!(
            (refused.reason(), refused.fields()[0].field.as_str()),
            (Reason::InvalidValue, "url"),
            "{url}"
        );
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
    let made = world.hook(" https://shop.example.org:8443/hooks?key=1 ").await;
    assert_eq!(made.webhook.url, "https://shop.example.org:8443/hooks?key=1");
}
