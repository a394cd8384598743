//! What nouns keep about somebody who is erased: after it no record says anything of them.

use std::sync::Arc;

use eventify_core::account::{EraseAccount, Throttle};
use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::job::{Job, JobState, JobWork};
use eventify_core::notification::SendNotification;
use eventify_core::review::{Review, ReviewPolicy, SubmitReview};
use eventify_core::staff::{GrantStaff, Staff, StaffRight};
use eventify_core::store::{
    ChangeSet, Commit, EmailKey, Expectation, Key, Record, Version, Write, encode_key, encode_record,
};
use eventify_core::transfer::{OfferTicket, Transfer};
use eventify_core::waitlist::{JoinWaitlist, WaitlistEntry};
use eventify_core::{Actor, EventId, IfMatch, JobId, TicketTypeId};

use crate::common::*;

/// A name that nothing else has in it, in an address too.
const NAME: &str = "Zofka";
const ORIGIN: &str = "198.51.100.23";

async fn erase(w: &World, who: &Actor) {
    let request = EraseAccount { password: PASSWORD.into(), code: None, recovery_code: None };
    w.eventify.accounts().erase_me(who, request).await.unwrap();
    w.clock.advance(HOUR);
    w.run_jobs().await;
}

/// A job that was given up, written past the engine.
async fn dead_reset(w: &World) {
    let id = JobId::from_bytes([7; 16]);
    let job = Job {
        id,
        work: JobWork::MailReset { email: EmailKey::new(&email_of(NAME)), origin: None },
        due_at: w.now(),
        attempts: 12,
        state: JobState::Dead { at: w.now() },
        last_error: None,
        created_at: w.now(),
    };
    let key = Key::Job(id);
    let set = ChangeSet {
        stamp: Version::new(77),
        expectations: vec![Expectation { key: key.clone(), version: Version::ABSENT }],
        writes: vec![Write { key, before: None, after: Some(Record::Job(Arc::new(job))) }],
    };
    assert_eq!(w.store.commit(&set).await.unwrap(), Commit::Applied);
}

async fn offer(w: &World, who: &Actor, code: &str, email: &str) -> eventify_core::TransferId {
    let to = OfferTicket { email: email.to_owned() };
    w.eventify.transfers().offer(&who.with_idempotency_key(code), code, to).await.unwrap().id
}

/// What she offers to others, what others offer to her, open and over, under idempotency keys.
async fn transfers(w: &World, zofka: &Actor, e: EventId, t: TicketTypeId) {
    let own = w.buy(zofka, e, t, 3).await.tickets;
    let taken_back = offer(w, zofka, &own[0].code, "ada@example.org").await;
    w.eventify.transfers().withdraw(zofka, taken_back).await.unwrap();
    offer(w, zofka, &own[1].code, "ada@example.org").await;
    let others = w.buy(&attendee(), e, t, 3).await.tickets;
    let withdrawn = offer(w, &attendee(), &others[0].code, &email_of(NAME)).await;
    w.eventify.transfers().withdraw(&attendee(), withdrawn).await.unwrap();
    let accepted = offer(w, &attendee(), &others[1].code, &email_of(NAME)).await;
    w.eventify.transfers().accept(zofka, accepted).await.unwrap();
    offer(w, &attendee(), &others[2].code, &email_of(NAME)).await;
}

/// A review that everybody sees, signed and answered, and one that waits for approval.
async fn reviews(w: &World, zofka: &Actor) -> EventId {
    let mut reviewed = Vec::new();
    for policy in [ReviewPolicy::AtOnce, ReviewPolicy::AfterApproval] {
        let (e, t) = w.sale(5).await;
        let policy = UpdateEvent { review_policy: Some(policy), ..UpdateEvent::default() };
        w.eventify.events().update(&organizer(), e, policy, IfMatch::Any).await.unwrap();
        let code = w.buy(zofka, e, t, 1).await.tickets[0].code.clone();
        w.eventify.tickets().check_in(&organizer(), &code, Default::default()).await.unwrap();
        let words = SubmitReview { event_id: e, rating: 4, comment: format!("Never again! {NAME}") };
        w.eventify.reviews().submit(zofka, words).await.unwrap();
        reviewed.push(e);
    }
    let shown = w.everything().await.of::<Review>().find(|r| r.event_id == reviewed[0]).unwrap().id;
    let reply = eventify_core::review::ReplyToReview { text: format!("Dear {NAME}, sorry.") };
    w.eventify.reviews().reply(&organizer(), reviewed[0], shown, reply).await.unwrap();
    reviewed[0]
}

#[tokio::test]
async fn no_record_says_anything_of_who_was_erased() {
    let w = World::connected().await;
    let zofka = w.verified(NAME).await.from_origin(ORIGIN);
    let from = anonymous().from_origin(ORIGIN);
    w.eventify.accounts().login(&from, credentials(NAME, PASSWORD)).await.unwrap();
    let (e, t) = w.sale(20).await;
    transfers(&w, &zofka, e, t).await;
    let reviewed = reviews(&w, &zofka).await;
    let (full, only) = w.sale(1).await;
    w.buy(&attendee(), full, only, 1).await;
    for who in [&zofka, &other_attendee()] {
        w.eventify.waitlists().join(who, full, only, JoinWaitlist { quantity: 1 }).await.unwrap();
    }
    let scanner = GrantStaff { user_id: zofka.user_id(), email: None, right: StaffRight::Scanner };
    w.eventify.staff(e).grant(&organizer(), scanner).await.unwrap();
    let words = SendNotification {
        user_id: id_of(&zofka),
        title: format!("Dear {NAME}"),
        body: String::new(),
        event_id: None,
    };
    w.eventify.notifications().send(admin().with_idempotency_key("once"), words).await.unwrap();
    dead_reset(&w).await;
    w.assert_sound("before").await;

    erase(&w, &zofka).await;
    w.assert_sound("after").await;
    let all = w.everything().await;
    for record in all.records() {
        let mut bytes = encode_key(&record.key());
        encode_record(record, &mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for gone in [NAME.to_lowercase(), email_of(NAME), ORIGIN.to_owned()] {
            assert!(!text.contains(&gone), "{gone} is still in {record:?}");
        }
    }
    let review = all.of::<Review>().find(|review| review.event_id == reviewed).unwrap();
    assert_eq!((review.rating, review.comment.as_str(), review.reply.is_none()), (4, "", true));
    assert_eq!(w.event(reviewed).await.rating.count, 1, "it goes on counting");
    assert_eq!(all.of::<Review>().count(), 1, "what nobody saw is gone");
    let waits: Vec<_> = all.of::<WaitlistEntry>().map(|entry| entry.user_id).collect();
    assert_eq!(waits, [id_of(&other_attendee())]);
    assert!(all.of::<Staff>().all(|staff| staff.grants.is_empty()));
    assert!(all.of::<Transfer>().all(|transfer| transfer.to_email.is_none()));
    assert_eq!(all.of::<Throttle>().count(), 0);
}

#[tokio::test]
async fn an_offer_that_is_over_keeps_no_address_and_knows_its_person() {
    let w = World::new().await;
    let ada = w.verified("Ada").await;
    let e = w.draft_of(CreateEvent { capacity: None, ..w.concert() }).await;
    let t = w.free(e, 9).await;
    w.publish(e).await;
    let code = w.buy(&attendee(), e, t, 1).await.tickets[0].code.clone();
    let call = attendee().with_idempotency_key("give");
    let to = || OfferTicket { email: email_of("Ada") };
    let transfers = w.eventify.transfers();
    let offered = transfers.offer(&call, &code, to()).await.unwrap();
    let again = transfers.offer(&call, &code, to()).await.unwrap();
    assert!(again.is_replayed() && *again == *offered, "the stored answer is the same");
    assert_eq!(offered.to_email.as_deref(), Some("ada@example.org"));
    transfers.withdraw(&attendee(), offered.id).await.unwrap();
    assert_eq!(transfers.get(&ada, offered.id).await.unwrap().to_email, None);
    let bob = w.verified("Bob").await;
    let stranger = transfers.get(&bob, offered.id).await.unwrap_err();
    assert_eq!(stranger.reason(), eventify_core::Reason::TransferNotFound);
}
