//! Garbage to every route of the generated contract, from a seed: never a fault of ours, always a proper refusal.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use eventify_core::Builder;
use eventify_http::Config;
use eventify_pay::offline::Offline;
use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::{Person, Service};

/// A small generator, so that a failure repeats.
struct Chance(u64);

impl Chance {
    /// The same for the same name.
    fn of(name: &str) -> Self {
        let mixed = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Self(name.bytes().fold(0xCBF2_9CE4_8422_2325, mixed) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A value that somebody might send who wishes us ill.
    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth > 3 { 13 } else { 16 }) {
            0 => Value::Null,
            1 => json!(self.next().is_multiple_of(2)),
            2 => json!(-1),
            3 => json!(u64::MAX),
            4 => json!(i64::MIN),
            5 => json!(1e308),
            6 => json!(0.1),
            7 => json!(""),
            8 => json!("\u{0}\u{1b}[2J"),
            9 => json!("x".repeat(self.below(30_000))),
            10 => json!("'; DROP TABLE events; --"),
            11 => json!("9999-12-31T23:59:59.999999999Z"),
            12 => json!("01920000-0000-7000-8000-000000000000"),
            13 => Value::Array((0..self.below(30)).map(|_| self.value(depth + 1)).collect()),
            14 => json!({"amount_minor": self.value(depth + 1), "currency": self.value(depth + 1)}),
            _ => {
                let names = ["", "id", "title", "event_id", "\u{202e}", "__proto__", "$ref"];
                (0..self.below(6)).map(|_| ((*self.pick(&names)).to_owned(), self.value(depth + 1))).collect()
            }
        }
    }

    /// The example of a body with something wrong in it.
    fn body(&mut self, example: &Value) -> Vec<u8> {
        let mut body = if example.is_object() { example.clone() } else { self.value(0) };
        if let Some(members) = body.as_object_mut() {
            let names: Vec<String> = members.keys().cloned().collect();
            match self.below(5) {
                4 => {}
                0 if !names.is_empty() => drop(members.remove(self.pick(&names).as_str())),
                1 => drop(members.insert("surprise".to_owned(), self.value(0))),
                _ if !names.is_empty() => drop(members.insert(self.pick(&names).clone(), self.value(0))),
                _ => {}
            }
        }
        let mut bytes = body.to_string().into_bytes();
        match self.below(6) {
            0 => bytes.truncate(self.below(bytes.len() + 1)),
            1 => {
                let at = self.below(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(self.below(256)).unwrap();
                }
            }
            2 => bytes = "[".repeat(self.below(20_000)).into_bytes(),
            _ => {}
        }
        bytes
    }

    /// Mostly what is there, where it belongs.
    fn path(&mut self, template: &str, known: &Known) -> String {
        let odd = [
            "0",
            "-1",
            "%00",
            "%F0%9F%8E%B7",
            "%FF%FE",
            "..%2f..%2fetc%2fpasswd",
            "{id}",
            "null",
            "me",
            "%25s%25n",
            "01920000-0000-7000-8000-000000000000",
            "{01920000-0000-7000-8000-000000000000}",
        ];
        let mut parts: Vec<String> = Vec::new();
        for part in template.split('/') {
            let of = parts.last().and_then(|before| known.0.get(before.as_str()));
            parts.push(match part.starts_with('{') {
                true if self.below(4) == 0 => (*self.pick(&odd)).to_owned(),
                true if self.below(20) == 0 => "A".repeat(self.below(4_000) + 1),
                true if self.below(8) == 0 => self.pick(&known.all()).clone(),
                true => self.pick(of.unwrap_or(&known.all())).clone(),
                false => part.to_owned(),
            });
        }
        parts.join("/")
    }

    /// What the route takes, and what it does not.
    fn query(&mut self, parameters: &Value) -> String {
        let of_query = parameters.as_array().into_iter().flatten().filter(|p| p["in"] == "query");
        let mut names: Vec<&str> = of_query.filter_map(|p| p["name"].as_str()).collect();
        names.extend(["limit", "cursor", "event_id", "%00", "a[b]"]);
        let values = [
            "",
            "1",
            "-1",
            "1e9",
            "%FF",
            "%00",
            "%E2%80%AE",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "a&b=c",
            "%zz",
        ];
        let pair = |chance: &mut Self| format!("{}={}", chance.pick(&names), chance.pick(&values));
        (0..self.below(4)).map(|_| pair(self)).collect::<Vec<_>>().join("&")
    }
}

/// What is there, by the word before it in a path.
struct Known(BTreeMap<&'static str, Vec<String>>);

impl Known {
    async fn of(world: &World) -> Self {
        let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
        let text = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
        let post = |path: String, by, body: Value| async move {
            service.post(&path).by(by).json(&body).send().await.ok(201)
        };
        let (ticket, given) = (world.ticket(bob).await, world.ticket(bob).await);
        let stalls = world.ticket_type(&json!({"name": "Stalls", "quantity": 1})).await;
        let section = json!({"name": "Stalls", "rows": [
            {"label": "A", "blocks": [{"ticket_type_id": stalls.clone(), "from": 1, "to": 9}]},
        ]});
        service.put(&world.path("/seat-map/sections/1")).by(olga).json(&section).send().await;
        let half = json!({"code": "HALF", "percent_off": 50});
        let half = post(world.path("/promo-codes"), olga, half).await;
        let device = post(world.path("/devices"), olga, json!({"name": "North"})).await;
        let place = format!("/api/tickets/{}/transfer", text(&given, "code"));
        let transfer = post(place, bob, json!({"email": "ada@example.org"})).await;
        let (_, held) = world.held(bob).await;
        let payment = post("/api/payments".to_owned(), bob, json!({"booking_id": held["id"]})).await;
        let told = service.get("/api/notifications").by(bob).send().await.ok(200);
        let categories = service.get("/api/categories").send().await.ok(200);
        Self(BTreeMap::from([
            ("events", vec![world.event.clone()]),
            ("reviews", vec![world.event.clone()]),
            ("ticket-types", vec![world.free.clone(), stalls]),
            ("sections", vec!["1".to_owned()]),
            ("promo-codes", vec![text(&half, "id")]),
            ("devices", vec![text(&device, "id")]),
            ("staff", vec![bob.id.clone()]),
            ("users", vec![bob.id.clone()]),
            ("bookings", vec![text(&ticket, "booking_id")]),
            ("payments", vec![text(&payment, "id")]),
            ("webhooks", vec!["stripe".to_owned()]),
            ("tickets", vec![text(&ticket, "code"), text(&given, "short_code")]),
            ("transfers", vec![text(&transfer, "id")]),
            ("notifications", vec![text(&told["data"][0], "id")]),
            ("categories", vec![text(&categories["data"][0], "id")]),
        ]))
    }

    fn all(&self) -> Vec<String> {
        self.0.values().flatten().cloned().collect()
    }
}

/// What a request may say besides its body.
const HEADERS: [&str; 7] =
    ["if-match", "if-none-match", "idempotency-key", "x-request-id", "x-forwarded-for", "accept", "range"];

#[tokio::test]
async fn garbage_is_refused_on_every_route() {
    let by_hand = |builder: Builder| builder.payment_provider(Offline);
    let world = World::of(Service::built(Config::default(), by_hand).await).await;
    let admin = world.service.admin("Root").await;
    let known = Known::of(&world).await;
    let document = world.service.get("/openapi.json").send().await.ok(200);
    let people: [Option<&Person>; 4] = [None, Some(&world.bob), Some(&world.olga), Some(&admin)];
    let kinds = ["application/json", "application/json", "application/json; charset=utf-16", "text/html", ""];
    let values = ["", "*", "\"", "W/\"\"", "\"0123456789abcdef\"", "bytes=0-", "\u{7f}x", "a,b,c,d", "-1"];
    let mut statuses = [0_u32; 600];
    let (mut routes, mut reached) = (0_usize, BTreeSet::new());
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // A session or an account that ended would make the rest of the sweep easy.
            let ends = template.ends_with("logout") || (template == "/api/users/{id}" && method == "delete");
            if ends || template == "/docs" {
                continue;
            }
            routes += 1;
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            // Of its own for each route, so that a new one does not change what the others meet.
            let route = format!("{method} {template}");
            let mut chance = Chance::of(&route);
            let method: Method = method.to_uppercase().parse().unwrap();
            for _ in 0..100 {
                let path =
                    format!("{}?{}", chance.path(template, &known), chance.query(&operation["parameters"]));
                let path = path.trim_end_matches('?').replace(['{', '}'], "%7B");
                let body = if chance.below(5) == 0 { Vec::new() } else { chance.body(example) };
                let mut call = world.service.call(method.clone(), &path).maybe_by(*chance.pick(&people));
                let stale = method == Method::PUT && chance.below(2) == 0;
                let (name, value) = match stale {
                    true => ("if-match", "\"0123456789abcdef\""),
                    false => (*chance.pick(&HEADERS), *chance.pick(&values)),
                };
                if axum::http::HeaderValue::from_str(value).is_ok() {
                    call = call.header(name, value);
                }
                let said = String::from_utf8_lossy(&body).chars().take(200).collect::<String>();
                let reply = call.raw(chance.pick::<&str>(&kinds), body).send().await;
                let status = reply.status.as_u16();
                assert!(status < 500, "{} {said}: {}", reply.asked, reply.text());
                statuses[usize::from(status)] += 1;
                if reply.status.is_success() {
                    reached.insert(route.clone());
                }
            }
        }
    }
    // The sweep reaches every kind of refusal, and some of it gets through.
    for status in [200, 400, 401, 403, 404, 409, 412, 415, 422] {
        assert!(statuses[status] > 0, "{status} was never answered");
    }
    assert!(reached.len() * 2 > routes, "{} of {routes} routes were got through to", reached.len());
    // Nothing of it harmed what was there.
    world.service.get(&world.path("")).send().await.ok(200);
    let types = world.service.get(&world.path("/ticket-types")).send().await.ok(200);
    for of in types["data"].as_array().unwrap() {
        let taken = of["sold"].as_u64().unwrap() + of["held"].as_u64().unwrap();
        assert!(taken <= of["quantity"].as_u64().unwrap(), "{of}");
    }
}
