//! The whole life cycle on a store that lasts, and again after it was closed and opened.

use eventify_http::Config;
use serde_json::json;

use crate::support::Service;
use crate::support::backend::Place;
use crate::support::world::World;

async fn open(place: &Place) -> Service {
    Service::over(place.open().await, Config::default(), |builder| builder).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_registration_to_the_door_and_after_a_restart() {
    let place = Place::new().await;
    let world = World::of(open(&place).await).await;
    let (_, held) = world.held(&world.bob).await;
    let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
    world.service.post(&confirm).by(&world.bob).send().await.refused(409, "payment_required");
    let confirmed = world.service.post(&confirm).by(&world.olga).send().await.ok(200);
    let free = world.ticket(&world.bob).await;
    let World { service, olga, bob, event, .. } = world;
    service.eventify.shut_down().await;
    drop(service);

    // Tokens, codes and keys outlive the process.
    let service = open(&place).await;
    let shown = service.get(&format!("/api/bookings/{}", held["id"].as_str().unwrap())).by(&bob).send().await;
    assert_eq!(shown.ok(200), confirmed);
    let found = service.get("/api/events?q=jazz&city=almaty").send().await.ok(200);
    assert_eq!(found["data"][0]["id"], event.as_str());
    let code = format!("/api/tickets/{}", free["code"].as_str().unwrap());
    let scan = json!({"gate": "North"});
    let used = service.post(&format!("{code}/checkin")).by(&olga).json(&scan).send().await.ok(200);
    assert_eq!(used["status"], "used");
    service.post(&format!("{code}/checkin")).by(&olga).send().await.refused(409, "already_used");
    let told = service.get("/api/notifications").by(&bob).send().await.ok(200);
    let kinds = told["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap());
    let kinds: std::collections::BTreeSet<&str> = kinds.collect();
    assert_eq!(kinds, ["ticket.checkin", "ticket.purchased"].into());
    service.post(&format!("/api/events/{event}/cancel")).by(&olga).send().await.ok(200);
    service.settle().await;
    let mine = service.get("/api/bookings").by(&bob).send().await.ok(200);
    assert!(mine["data"].as_array().unwrap().iter().all(|b| b["status"] == "cancelled"), "{mine}");
    service.eventify.shut_down().await;
}
