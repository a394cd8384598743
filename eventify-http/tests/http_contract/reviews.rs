//! Reviews: written, changed, moderated, answered and listed over HTTP.

use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::{Person, Reply, assert_members};

const REVIEW: &str = "id event_id user_id rating comment status reply created_at updated_at";

impl World {
    /// Somebody buys a ticket and is let in.
    async fn let_in(&self, person: &Person) {
        let ticket = self.ticket(person).await;
        let check_in = format!("/api/tickets/{}/checkin", ticket["code"].as_str().unwrap());
        self.service.post(&check_in).by(&self.olga).send().await.ok(200);
    }

    async fn review(&self, person: &Person, rating: i64) -> Reply {
        let body = json!({"event_id": self.event, "rating": rating, "comment": "Encore!"});
        self.service.post("/api/reviews").by(person).json(&body).send().await
    }

    fn reviews(&self, rest: &str) -> String {
        format!("/api/reviews/{}{rest}", self.event)
    }

    async fn set_policy(&self, policy: &str) {
        let body = json!({"review_policy": policy});
        self.service.put(&self.path("")).by(&self.olga).json(&body).send().await.ok(200);
    }
}

#[tokio::test]
async fn a_review_is_written_counted_changed_and_taken_back() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    world.review(bob, 5).await.refused(403, "not_an_attendee");
    world.ticket(bob).await;
    world.review(bob, 5).await.refused(409, "event_not_started");
    world.let_in(bob).await;
    for rating in [0, 6, -1, i64::MAX] {
        let refused = world.review(bob, rating).await.refused(422, "rating_out_of_range");
        assert_eq!(refused["errors"][0]["field"], "rating");
    }
    let made = world.review(bob, 5).await;
    let review = made.ok(201);
    assert_members(&review, REVIEW);
    assert_eq!((&review["status"], &review["reply"]), (&json!("approved"), &Value::Null));
    let place = made.header("location").unwrap().to_owned();
    let shown = service.get(&place).by(bob).send().await;
    assert_eq!(shown.ok(200), review);
    world.review(bob, 4).await.refused(409, "already_reviewed");
    assert_eq!(world.rating().await, json!({"average": 5.0, "count": 1}));
    // Whoever reviews keeps the organizer from no edit, and is seen all the same.
    let event = || service.get(&world.path("")).by(&world.olga);
    let read = event().send().await.header("etag").unwrap().to_owned();
    let eve = service.person("Eve").await;
    world.let_in(&eve).await;
    world.review(&eve, 1).await.ok(201);
    assert_eq!(event().header("if-none-match", &read).send().await.ok(200)["rating"]["count"], 2);
    let edit = || service.put(&world.path("")).by(&world.olga).json(&json!({"title": "Encore"}));
    edit().header("if-match", &read).send().await.ok(200);
    edit().header("if-match", &read).send().await.refused(412, "precondition_failed");
    service.delete(&world.reviews("")).by(&eve).send().await.ok(204);
    let tag = shown.header("etag").unwrap();
    let put = |rating: i64| service.put(&world.reviews("")).by(bob).json(&json!({"rating": rating}));
    assert_eq!(put(3).header("if-match", tag).send().await.ok(200)["rating"], 3);
    put(2).header("if-match", tag).send().await.refused(412, "precondition_failed");
    let rating = service.get(&world.reviews("/rating")).send().await.ok(200);
    assert_eq!(rating, json!({"average": 3.0, "count": 1, "histogram": [0, 0, 1, 0, 0]}));
    let mine = service.get("/api/reviews").by(bob).send().await.ok(200);
    assert_eq!(mine["data"].as_array().unwrap().len(), 1);
    service.delete(&world.reviews("")).by(bob).send().await.ok(204);
    service.delete(&world.reviews("")).by(bob).send().await.refused(404, "review_not_found");
    assert_eq!(world.rating().await, json!({"average": null, "count": 0}));
}

impl World {
    async fn rating(&self) -> Value {
        self.service.get(&self.path("")).send().await.ok(200)["rating"].clone()
    }
}

#[tokio::test]
async fn reviews_are_listed_as_they_are_asked_for() {
    let world = World::new().await;
    for (name, rating) in [("Ann", 2), ("Ben", 5), ("Cid", 4)] {
        let person = world.service.person(name).await;
        world.let_in(&person).await;
        world.review(&person, rating).await.ok(201);
        world.service.clock.advance(std::time::Duration::from_secs(1));
    }
    let list = async |query: &str| {
        let page = world.service.get(&world.reviews(query)).send().await.ok(200);
        page["data"].as_array().unwrap().iter().map(|r| r["rating"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(list("").await, [4, 5, 2]);
    assert_eq!(list("?sort=newest&limit=2").await, [4, 5]);
    assert_eq!(list("?sort=best").await, [5, 4, 2]);
    assert_eq!(list("?sort=worst").await, [2, 4, 5]);
    assert_eq!(world.service.get(&world.reviews("?sort=random")).send().await.fields(), ["sort"]);
    let page = world.service.get(&world.reviews("?sort=best&limit=1")).send().await.ok(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(list(&format!("?sort=best&limit=2&cursor={cursor}")).await, [4, 2]);
    let other = world.service.get(&world.reviews(&format!("?sort=worst&cursor={cursor}"))).send().await;
    other.refused(400, "malformed");
}

#[tokio::test]
async fn moderators_decide_and_say_why() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    world.let_in(bob).await;
    world.set_policy("after_approval").await;
    let review = world.review(bob, 1).await.ok(201);
    assert_eq!(review["status"], "pending");
    assert_eq!(service.get(&world.reviews("")).send().await.ok(200)["data"], json!([]));
    let admin = service.admin("Root").await;
    let queue = "/api/moderation/reviews";
    let one = format!("{queue}/{}", review["id"].as_str().unwrap());
    for who in [bob, olga] {
        service.get(queue).by(who).send().await.refused(403, "not_allowed");
        service.get(&one).by(who).send().await.refused(403, "not_allowed");
        service.post(&format!("{one}/approve")).by(who).send().await.refused(403, "not_allowed");
    }
    assert_eq!(service.get(queue).by(&admin).send().await.ok(200)["data"], json!([review]));
    let read = service.get(&one).by(&admin).send().await;
    let tag = read.header("etag").unwrap();
    service.put(&world.reviews("")).by(bob).json(&json!({"rating": 2})).send().await.ok(200);
    let approve = || service.post(&format!("{one}/approve")).by(&admin);
    approve().header("if-match", tag).send().await.refused(412, "precondition_failed");
    assert_eq!(approve().send().await.ok(200)["status"], "approved");
    assert_eq!(world.rating().await, json!({"average": 2.0, "count": 1}));
    let reject = service.post(&format!("{one}/reject")).by(&admin);
    let rejected = reject.json(&json!({"reason": "Names a person."})).send().await.ok(200);
    assert_eq!(
        (&rejected["status"], &rejected["reject_reason"]),
        (&json!("rejected"), &json!("Names a person."))
    );
    assert_eq!(world.rating().await["count"], 0);
    let told = service.get("/api/notifications").by(bob).send().await.ok(200);
    assert!(told["data"].as_array().unwrap().iter().any(|n| n["kind"] == "review.rejected"), "{told}");
    let empty = service.post(&format!("{one}/reject")).by(&admin).json(&json!({"reason": ""})).send().await;
    assert_eq!(empty.fields(), ["reason"]);
    service.get(&format!("{queue}/x")).by(&admin).send().await.refused(404, "review_not_found");
}

#[tokio::test]
async fn the_organizer_answers_once() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    world.let_in(bob).await;
    let review = world.review(bob, 4).await.ok(201);
    let path = world.reviews(&format!("/{}/reply", review["id"].as_str().unwrap()));
    let body = json!({"text": "See you next spring."});
    service.post(&path).by(bob).json(&body).send().await.refused(403, "not_event_owner");
    let answered = service.post(&path).by(olga).json(&body).send().await.ok(200);
    assert_members(&answered["reply"], "text at");
    assert_eq!(service.get(&world.reviews("")).send().await.ok(200)["data"], json!([answered]));
    service.post(&path).by(olga).json(&body).send().await.refused(409, "already_replied");
}
