//! Feeds at one process of what happens at another.

use serde_json::json;

use crate::cli_support::Place;
use crate::cli_support::live::Sse;
use crate::stage::{Stage, person};

#[test]
fn what_happens_at_one_process_is_heard_at_the_others() {
    let place = Place::new();
    let mut here = place.serve(&["--migrate"]);
    let there = place.serve(&[]);
    let stage = Stage::set(&here.address, 100);
    let mut bob = person(&here.address, "bob");
    let mut stream = Sse::open(&there.address, "/api/notifications/stream", bob.token(), None).is("200");
    let open = stream.next().unwrap();
    let live = format!("/api/events/{}/live", stage.event);
    let mut live = Sse::open(&there.address, &live, stage.organizer_token(), None).is("200");
    assert_eq!(live.next().unwrap().data["sales"]["sold"], 0);
    let line = json!({"ticket_type_id": stage.ticket_type, "quantity": 1});
    let path = format!("/api/events/{}/tickets", stage.event);
    bob.post(&path, &line).is(201);
    let told = stream.next().unwrap();
    assert_eq!(told.name, "ticket.purchased");
    assert_eq!(live.next().unwrap().data["sales"]["sold"], 1);
    // Killed, it hears nothing more of it; the other one goes on where the client was.
    there.kill();
    bob.post(&path, &line).is(201);
    let mut stream =
        Sse::open(&here.address, "/api/notifications/stream", bob.token(), Some(&open.id)).is("200");
    assert_eq!(stream.next().unwrap().name, "open");
    assert_eq!(stream.next().unwrap(), told);
    assert_eq!(stream.next().unwrap().name, "ticket.purchased");
    here.signal(rustix::process::Signal::TERM);
    assert_eq!(stream.next().unwrap().data["reason"], "shutting_down");
    assert!(here.wait().success());
}
