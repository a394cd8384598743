//! Categories: named once, and only deleted when nothing is in them.

use eventify_core::event::{CategoryView, CreateCategory, CreateEvent};
use eventify_core::{Actor, CategoryId, Error};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn categories() -> Vec<Row> {
    rows! {
        "nobody makes one" => [NotAuthenticated] |w| make(w, &anonymous(), "Jazz").await;
        "an attendee makes one" => [NotAllowed] |w| make(w, &attendee(), "Jazz").await;
        "an organizer makes one" => [] |w| make(w, &organizer(), "Jazz").await;
        "the app makes one" => [] |w| make(w, &system(), "Jazz").await;
        "a name that is taken" => [CategoryExists] |w| {
            make(w, &organizer(), "Jazz").await?;
            w.mark().await;
            make(w, &other_organizer(), "Jazz").await
        };
        "a name that is taken but for case and diacritics" => [CategoryExists] |w| {
            make(w, &organizer(), "Jazz").await?;
            w.mark().await;
            make(w, &organizer(), " jÁZZ").await
        };
        "a name of 100 characters" => [] |w| make(w, &organizer(), &"c".repeat(100)).await;
        "a name of 101 characters" => [InvalidValue] |w| make(w, &organizer(), &"c".repeat(101)).await;
        "no name" => [InvalidValue] |w| make(w, &organizer(), "").await;
        "nobody deletes one" => [NotAuthenticated] |w| {
            let made = make(w, &organizer(), "Jazz").await?;
            w.mark().await;
            w.eventify.categories().delete(&anonymous(), made.id).await
        };
        "an attendee deletes one" => [NotAllowed] |w| {
            let made = make(w, &organizer(), "Jazz").await?;
            w.mark().await;
            w.eventify.categories().delete(&attendee(), made.id).await
        };
        "one that is not there is deleted" => [CategoryNotFound] |w| {
            w.eventify.categories().delete(&organizer(), CategoryId::from_bytes([9; 16])).await
        };
        "one that is used is deleted" => [CategoryInUse] |w| {
            w.draft_of(CreateEvent { category: Some("Jazz".to_owned()), ..w.concert() }).await;
            let used = first(w).await;
            w.eventify.categories().delete(&organizer(), used).await
        };
        "one that is used by a cancelled event is deleted" => [CategoryInUse] |w| {
            let id = w.draft_of(CreateEvent { category: Some("Jazz".to_owned()), ..w.concert() }).await;
            w.publish(id).await;
            w.cancel_event(id).await;
            let used = first(w).await;
            w.eventify.categories().delete(&admin(), used).await
        };
        "one that is not used any more is deleted" => [] |w| {
            let id = w.draft_of(CreateEvent { category: Some("Jazz".to_owned()), ..w.concert() }).await;
            w.eventify.events().delete(&organizer(), id).await?;
            let unused = first(w).await;
            w.eventify.categories().delete(&organizer(), unused).await?;
            make(w, &organizer(), "jazz").await
        };
    }
}

async fn make(w: &World, who: &Actor, name: &str) -> Result<CategoryView, Error> {
    w.eventify.categories().create(who, CreateCategory { name: name.to_owned() }).await
}

async fn first(w: &World) -> CategoryId {
    w.eventify.categories().list(&eventify_core::PageRequest::default()).await.unwrap().data[0].id
}

#[tokio::test]
async fn categories_have_rules() {
    run(categories()).await;
}
