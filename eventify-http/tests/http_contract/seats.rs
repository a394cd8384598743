//! Seat maps, and seats by name.

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::World;

/// The path of the first section, drawn with two rows of four of a type, which is answered too.
async fn hall(world: &World) -> (String, String) {
    let stalls = world.ticket_type(&json!({"name": "Stalls", "quantity": 1})).await;
    let section = world.path("/seat-map/sections/1");
    let put = world.service.put(&section).by(&world.olga).json(&rows(&stalls, 4)).send().await;
    assert_eq!(put.ok(200), json!({"section": 1, "name": "Stalls", "rows": 2, "free": 7}));
    (section, stalls)
}

fn rows(stalls: &str, to: u16) -> Value {
    let block = json!([{"ticket_type_id": stalls, "from": 1, "to": to}]);
    json!({"name": "Stalls", "rows": [
        {"label": "A", "blocks": block, "accessible": [1], "blocked": [4]}, {"label": "B", "blocks": block}
    ]})
}

#[tokio::test]
async fn a_seat_map_is_drawn_shown_and_sold_by_seat() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    service.get(&world.path("/seat-map")).send().await.refused(404, "seat_map_not_found");
    let (section, stalls) = hall(&world).await;
    let strict = json!({"no_single_gaps": true});
    service.put(&world.path("/seat-map")).by(bob).json(&strict).send().await.refused(403, "not_event_owner");
    let map = service.put(&world.path("/seat-map")).by(olga).json(&strict).send().await.ok(200);
    assert_members(&map, "event_id no_single_gaps seats sections");
    assert_eq!((&map["seats"], &map["sections"][0]["free"]), (&json!(8), &json!(7)));
    let shown = service.get(&world.path("/seat-map")).send().await;
    assert_eq!(shown.ok(200), map);
    let of_type = service.get(&world.path(&format!("/ticket-types/{stalls}"))).send().await.ok(200);
    assert_eq!((&of_type["quantity"], &of_type["seated"]), (&json!(7), &json!(true)));
    let first = service.get(&format!("{section}?limit=1")).send().await.ok(200);
    assert_members(&first["data"][0], "section row label blocks accessible");
    assert_eq!(first["data"][0]["blocks"][0]["seats"], json!(["free", "free", "free", "blocked"]));
    let next = format!("{section}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(service.get(&next).send().await.ok(200)["data"][0]["label"], "B");

    let hold = async |seats: Value| {
        let body = json!({"event_id": world.event, "seat_ids": seats});
        service.post("/api/bookings").by(bob).json(&body).send().await
    };
    let seat = |row: u16, number: u16| json!({"section": 1, "row": row, "number": number});
    hold(json!([seat(1, 9)])).await.refused(404, "seat_unknown");
    let left = hold(json!([seat(2, 2)])).await.refused(409, "leaves_single_seat");
    assert_eq!(left["seat"], seat(2, 1));
    let left = hold(json!([seat(2, 1), seat(2, 2), seat(1, 1), seat(1, 2)])).await;
    assert_eq!(left.refused(409, "leaves_single_seat")["seat"], seat(1, 3), "beside a blocked one");
    let held = hold(json!([seat(2, 1), seat(2, 2)])).await.ok(201);
    assert_eq!(held["lines"][0]["seats"][1], json!({"seat": seat(2, 2), "section": "Stalls", "row": "B"}));
    assert_eq!(hold(json!([seat(2, 1)])).await.refused(409, "seat_taken")["seat"], seat(2, 1));
    let line = json!({"ticket_type_id": stalls, "quantity": 4});
    let four = service.post(&world.path("/tickets")).by(bob).json(&line).send().await;
    assert_eq!(four.refused(409, "seats_not_together")["together_max"], 50);
    let line = json!({"ticket_type_id": stalls, "quantity": 3});
    let bought = service.post(&world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    assert_eq!(bought["tickets"][2]["seat"]["seat"], seat(1, 3));
    let both = json!({"ticket_type_id": stalls, "seat_ids": [seat(2, 3)]});
    let both = service.post(&world.path("/tickets")).by(bob).json(&both).send().await;
    assert_eq!(both.fields(), ["seat_ids"]);
    let neither = service.post(&world.path("/tickets")).by(bob).json(&json!({})).send().await;
    assert_eq!(neither.fields(), ["ticket_type_id"]);
    let attendees = service.get(&world.path("/attendees")).by(olga).send().await.ok(200);
    assert_eq!(attendees["data"][0]["seat"]["row"], "A");
    let named = json!({"seat_ids": [seat(2, 3), seat(2, 4)]});
    let at_once = async || service.post(&world.path("/tickets")).by(bob).json(&named).send().await;
    assert_eq!(at_once().await.ok(201)["tickets"][1]["seat"]["seat"], seat(2, 4));
    assert_eq!(at_once().await.refused(409, "seat_taken")["seat"], seat(2, 3));

    let longer = service.put(&section).by(olga).json(&rows(&stalls, 5)).send().await;
    assert_eq!(longer.refused(409, "seat_taken")["row"], 1);
    service.delete(&section).by(olga).send().await.refused(409, "seat_taken");
    service.put(&section).by(olga).json(&rows(&stalls, 0)).send().await.refused(422, "invalid_value");
}

#[tokio::test]
async fn a_section_goes_when_nothing_of_it_is_taken() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let (section, _) = hall(&world).await;
    service.delete(&section).by(&world.bob).send().await.refused(403, "not_event_owner");
    service.delete(&section).by(olga).send().await.ok(204);
    service.delete(&section).by(olga).send().await.refused(404, "section_not_found");
    service.get(&world.path("/seat-map/sections/first")).send().await.refused(404, "section_not_found");
    service
        .put(&world.path("/seat-map/sections/0"))
        .by(olga)
        .json(&json!({"name": "x", "rows": []}))
        .send()
        .await
        .refused(422, "invalid_value");
}
