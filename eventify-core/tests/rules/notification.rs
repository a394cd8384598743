//! Notifications: whose they are, what was read, and what people want to be told.

use eventify_core::notification::{
    Channel, FactName, NoticeKind, NotificationView, PreferencesView, SendNotification,
};
use eventify_core::{Actor, Answer, Error, NotificationId, PageRequest};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn notifications() -> Vec<Row> {
    rows! {
        "nobody's history" => [NotAuthenticated] |w| {
            w.eventify.notifications().list(&anonymous(), false, &PageRequest::default()).await
        };
        "the app's history" => [NotAuthenticated] |w| {
            w.eventify.notifications().list(&system(), false, &PageRequest::default()).await
        };
        "one that is not there" => [NotificationNotFound] |w| {
            w.eventify.notifications().get(&attendee(), NotificationId::from_bytes([9; 16])).await
        };
        "somebody else's is read" => [NotificationNotFound] |w| {
            let id = told(w).await;
            w.eventify.notifications().get(&other_attendee(), id).await
        };
        "an admin reads somebody else's" => [NotificationNotFound] |w| {
            let id = told(w).await;
            w.eventify.notifications().get(&admin(), id).await
        };
        "somebody else's is marked" => [NotificationNotFound] |w| {
            let id = told(w).await;
            w.eventify.notifications().mark_read(&other_attendee(), id).await
        };
        "nobody marks one" => [NotAuthenticated] |w| {
            let id = told(w).await;
            w.eventify.notifications().mark_read(&anonymous(), id).await
        };
        "one's own is marked twice" => [] |w| {
            let id = told(w).await;
            w.eventify.notifications().mark_read(&attendee(), id).await?;
            w.eventify.notifications().mark_read(&attendee(), id).await
        };
        "nobody marks all" => [NotAuthenticated] |w| w.eventify.notifications().mark_all_read(&anonymous()).await;
        "nobody's preferences" => [NotAuthenticated] |w| w.eventify.notifications().preferences(&anonymous()).await;
        "nobody chooses" => [NotAuthenticated] |w| {
            w.eventify.notifications().set_preferences(&anonymous(), PreferencesView::default()).await
        };
        "one that the person does not want to see" => [NotificationNotFound] |w| {
            off(w, &attendee(), NoticeKind::Purchase, Channel::InApp).await;
            let id = told(w).await;
            w.eventify.notifications().get(&attendee(), id).await
        };
        "nobody sends" => [NotAuthenticated] |w| send(w, &anonymous(), |_| ()).await;
        "an attendee sends" => [NotAllowed] |w| send(w, &attendee(), |_| ()).await;
        "an organizer sends" => [NotAllowed] |w| send(w, &organizer(), |_| ()).await;
        "an admin sends" => [] |w| send(w, &admin(), |_| ()).await;
        "the app sends" => [] |w| send(w, &system(), |_| ()).await;
        "to nobody" => [UserNotFound] |w| send(w, &admin(), |s| s.user_id = id_of(&attendee())).await;
        "a title of 200 characters" => [] |w| send(w, &admin(), |s| s.title = "t".repeat(200)).await;
        "a title of 201 characters" => [InvalidValue] |w| send(w, &admin(), |s| s.title = "t".repeat(201)).await;
        "no title" => [InvalidValue] |w| send(w, &admin(), |s| s.title = String::new()).await;
        "a body of 2,000 characters" => [] |w| send(w, &admin(), |s| s.body = "b".repeat(2_000)).await;
        "a body of 2,001 characters" => [InvalidValue] |w| send(w, &admin(), |s| s.body = "b".repeat(2_001)).await;
    }
}

/// The id of what the attendee is told of a purchase.
async fn told(w: &World) -> NotificationId {
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 1).await;
    w.told(&attendee()).await[0].id
}

async fn off(w: &World, who: &Actor, kind: NoticeKind, channel: Channel) {
    let change = PreferencesView::of([(kind, [(channel, false)].into())]);
    w.eventify.notifications().set_preferences(who, change).await.unwrap();
    w.mark().await;
}

async fn send(
    w: &World,
    who: &Actor,
    change: impl FnOnce(&mut SendNotification),
) -> Result<Answer<NotificationView>, Error> {
    let ada = w.register("Ada").await;
    let mut request = SendNotification {
        user_id: ada.id,
        title: "The trams do not run".to_owned(),
        body: String::new(),
        event_id: None,
    };
    change(&mut request);
    w.eventify.notifications().send(who, request).await
}

#[tokio::test]
async fn notifications_have_rules() {
    run(notifications()).await;
}

#[tokio::test]
async fn read_marks_stay_and_count_once() {
    let w = World::new().await;
    let (e, t) = w.sale(500).await;
    for _ in 0..205 {
        w.eventify.bookings().buy(&attendee(), lines(e, &[(t, 1)])).await.unwrap();
    }
    w.buy(&other_attendee(), e, t, 1).await;
    let notes = w.eventify.notifications();
    let unread = async || notes.list(&attendee(), true, &PageRequest::first(100)).await.unwrap().data;
    let first = unread().await[0].id;
    assert!(notes.mark_read(&attendee(), first).await.unwrap().read);
    assert!(unread().await.iter().all(|n| n.id != first));
    assert_eq!(notes.mark_all_read(&attendee()).await.unwrap(), 204, "more than one chunk");
    assert_eq!(notes.mark_all_read(&attendee()).await.unwrap(), 0);
    assert!(unread().await.is_empty());
    assert_eq!(notes.list(&attendee(), false, &PageRequest::first(100)).await.unwrap().data.len(), 100);
    let other = notes.list(&other_attendee(), true, &PageRequest::default()).await.unwrap();
    assert_eq!(other.data.len(), 1, "nobody reads for others");
}

#[tokio::test]
async fn a_change_of_preferences_names_only_what_changes() {
    let w = World::new().await;
    let notes = w.eventify.notifications();
    let all = notes.preferences(&attendee()).await.unwrap();
    assert_eq!(all.kinds.len(), NoticeKind::ALL.len());
    assert!(all.kinds.values().all(|c| c.len() == Channel::ALL.len() && c.values().all(|on| *on)));
    off(&w, &attendee(), NoticeKind::Purchase, Channel::Email).await;
    off(&w, &attendee(), NoticeKind::Purchase, Channel::Push).await;
    let chosen = notes.preferences(&attendee()).await.unwrap();
    let off_now = |c: &PreferencesView| c.kinds.values().flat_map(|c| c.values()).filter(|on| !**on).count();
    assert_eq!(off_now(&chosen), 2);
    let back = PreferencesView::of([(NoticeKind::Purchase, [(Channel::Email, true)].into())]);
    assert_eq!(off_now(&notes.set_preferences(&attendee(), back).await.unwrap()), 1);
    assert_eq!(off_now(&notes.preferences(&other_attendee()).await.unwrap()), 0);
}

#[tokio::test]
async fn a_person_hears_of_a_booking_that_somebody_else_cancelled() {
    for (who, told) in [(organizer(), 1), (admin(), 1), (attendee(), 0)] {
        let w = World::new().await;
        let (e, t) = w.sale(5).await;
        let bought = w.buy(&attendee(), e, t, 2).await;
        w.eventify.bookings().cancel(&who, bought.booking.id).await.unwrap();
        let history =
            w.eventify.notifications().list(&attendee(), false, &PageRequest::default()).await.unwrap();
        let of_it = history.data.iter().filter(|n| n.kind == FactName::BookingCancelled).count();
        assert_eq!(of_it, told, "{who:?}");
    }
}
