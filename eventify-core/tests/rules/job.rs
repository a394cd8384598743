//! Jobs: an operator's view.

use eventify_core::{Actor, JobId, PageRequest};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn jobs() -> Vec<Row> {
    rows! {
        "nobody looks" => [NotAuthenticated] |w| look(w, &anonymous()).await;
        "an attendee looks" => [NotAllowed] |w| look(w, &attendee()).await;
        "an organizer looks" => [NotAllowed] |w| look(w, &organizer()).await;
        "an admin looks" => [] |w| look(w, &admin()).await;
        "the app looks" => [] |w| look(w, &system()).await;
        "an organizer looks at dead letters" => [NotAllowed] |w| {
            w.eventify.jobs().dead(&organizer(), &PageRequest::default()).await
        };
        "an organizer retries" => [NotAllowed] |w| w.eventify.jobs().retry(&organizer(), nothing()).await;
        "nobody retries" => [NotAuthenticated] |w| w.eventify.jobs().retry(&anonymous(), nothing()).await;
        "one that is not there is retried" => [JobNotFound] |w| w.eventify.jobs().retry(&admin(), nothing()).await;
        "one that waits is retried" => [JobNotDead] |w| {
            w.published().await;
            let id = w.jobs("complete_event").await[0].id;
            w.eventify.jobs().retry(&admin(), id).await
        };
    }
}

fn nothing() -> JobId {
    JobId::from_bytes([9; 16])
}

async fn look(
    w: &World,
    who: &Actor,
) -> Result<eventify_core::Listing<eventify_core::job::JobView>, eventify_core::Error> {
    w.eventify.jobs().waiting(who, eventify_core::job::JobClass::Inside, &PageRequest::default()).await
}

#[tokio::test]
async fn jobs_have_rules() {
    run(jobs()).await;
}
