//! A small world to test in: an organizer with an event on sale, and others.

use serde_json::{Value, json};

use super::{Person, Service};

/// People, and a published event of Olga's with one free ticket type.
pub struct World {
    pub service: Service,
    pub olga: Person,
    pub bob: Person,
    pub event: String,
    pub free: String,
}

impl World {
    pub async fn new() -> Self {
        Self::of(Service::new().await).await
    }

    pub async fn of(service: Service) -> Self {
        let olga = service.organizer("Olga").await;
        let bob = service.person("Bob").await;
        let event = draft(&service, &olga, &event_body()).await;
        let free = ticket_type(&service, &olga, &event, &json!({"name": "Free", "quantity": 10})).await;
        service.post(&format!("/api/events/{event}/publish")).by(&olga).send().await.ok(200);
        Self { service, olga, bob, event, free }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/events/{}{rest}", self.event)
    }

    /// Another ticket type of the event.
    pub async fn ticket_type(&self, body: &Value) -> String {
        ticket_type(&self.service, &self.olga, &self.event, body).await
    }

    /// A ticket of somebody's.
    pub async fn ticket(&self, person: &Person) -> Value {
        let line = json!({"ticket_type_id": self.free, "quantity": 1});
        let bought = self.service.post(&self.path("/tickets")).by(person).json(&line).send().await.ok(201);
        bought["tickets"][0].clone()
    }

    /// A paid ticket type, and a held booking of it.
    pub async fn held(&self, person: &Person) -> (String, Value) {
        let price = json!({"amount_minor": 150_000, "currency": "KZT"});
        let paid = self.ticket_type(&json!({"name": "Paid", "price": price, "quantity": 5})).await;
        let body =
            json!({"event_id": self.event, "lines": [{"ticket_type_id": paid.clone(), "quantity": 2}]});
        let held = self.service.post("/api/bookings").by(person).json(&body).send().await.ok(201);
        (paid, held)
    }
}

/// A believable event, a month from the test clock's now.
pub fn event_body() -> Value {
    json!({
        "title": "Kazakh Jazz Night", "description": "Three bands, one night.", "category": "Music",
        "tags": ["jazz", "live"], "venue": "Palace of the Republic", "city": "Almaty",
        "starts_at": "2026-12-21T13:00:00Z", "ends_at": "2026-12-21T18:00:00Z", "time_zone": "Asia/Almaty",
        "capacity": 500
    })
}

pub async fn draft(service: &Service, organizer: &Person, body: &Value) -> String {
    let made = service.post("/api/events").by(organizer).json(body).send().await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

pub async fn ticket_type(service: &Service, organizer: &Person, event: &str, body: &Value) -> String {
    let path = format!("/api/events/{event}/ticket-types");
    let made = service.post(&path).by(organizer).json(body).send().await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}
