//! What people are told, in whose language, and what goes with it.

use eventify_core::account::Register;
use eventify_core::event::CancelEvent;
use eventify_core::notification::{Channel, FactName, Message, PreferencesView, SendNotification};
use eventify_core::text::Texts;
use eventify_core::{Actor, Change, Language, PageRequest, Role};

use crate::common::*;

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

async fn in_language(w: &World, name: &str, tag: &str) -> Actor {
    let register =
        Register { language: Some(language(tag)), ..Register::new(name, email_of(name), PASSWORD) };
    Actor::user(w.eventify.accounts().register(&anonymous(), register).await.unwrap().id, Role::Attendee)
}

async fn speak(w: &World, who: &Actor, tag: &str) {
    let change = PreferencesView { language: Some(Change::To(language(tag))), ..PreferencesView::default() };
    w.eventify.notifications().set_preferences(who, change).await.unwrap();
}

async fn titles(w: &World, who: &Actor) -> Vec<String> {
    let listed = w.eventify.notifications().list(who, false, &PageRequest::default()).await.unwrap();
    listed.data.into_iter().map(|told| told.title).collect()
}

/// The newest message about something by e-mail.
fn mailed(w: &World, fact: FactName) -> Message {
    let all = w.mail.delivered();
    let mut of = all.into_iter().filter(|d| d.message.fact == fact && d.channel == Channel::Email);
    of.next_back().unwrap().message
}

#[tokio::test]
async fn history_and_messages_speak_the_language_that_their_person_has_now() {
    let w = World::connected().await;
    let ada = in_language(&w, "Ada", "ru").await;
    let (e, t) = w.sale(9).await;
    w.buy(&ada, e, t, 1).await;
    assert_eq!(titles(&w, &ada).await, ["Ваш билет на «Concert»"]);
    // What waits to be sent is said in the language of the moment in which it leaves.
    speak(&w, &ada, "kk-KZ").await;
    w.run_jobs().await;
    let message = mailed(&w, FactName::TicketPurchased);
    assert_eq!(message.title, "«Concert»: билетіңіз");
    assert!(message.body.starts_with("Күтеміз: 2026 жылғы "), "{}", message.body);
    assert_eq!(titles(&w, &ada).await, ["«Concert»: билетіңіз"], "the history too");
    speak(&w, &ada, "tlh").await;
    assert_eq!(titles(&w, &ada).await, ["Your ticket for Concert"], "there are no words in Klingon");
    let feed = w.eventify.notifications().listen(&ada, None).await.unwrap();
    speak(&w, &ada, "ru").await;
    w.buy(&ada, e, t, 2).await;
    let mut feed = feed;
    let told = futures_util::StreamExt::next(&mut feed).await.unwrap().unwrap();
    assert_eq!(told.title, "2 билета на «Concert» – ваши");
}

#[tokio::test]
async fn what_people_wrote_is_passed_on_as_they_wrote_it() {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    speak(&w, &ada, "ru").await;
    let odd = "{ $event } <b>Sonderzug</b>";
    let words =
        SendNotification { user_id: id_of(&ada), title: odd.into(), body: odd.into(), event_id: None };
    w.eventify.notifications().send(&admin(), words).await.unwrap();
    let (e, t) = w.sale(9).await;
    w.buy(&ada, e, t, 1).await;
    w.eventify.events().cancel(&organizer(), e, CancelEvent { reason: odd.into() }).await.unwrap();
    w.run_jobs().await;
    let (own, cancelled) = (mailed(&w, FactName::Announcement), mailed(&w, FactName::EventCancelled));
    assert_eq!((own.title.as_str(), own.body.as_str()), (odd, odd));
    assert_eq!((cancelled.title.as_str(), cancelled.body.as_str()), ("«Concert»: событие отменено", odd));
}

#[tokio::test]
async fn mailed_codes_speak_the_language_of_the_account() {
    let w = World::connected().await;
    in_language(&w, "Ada", "ru").await;
    w.run_jobs().await;
    let mailed = w.mail.of_accounts().pop().unwrap().message;
    let token = w.mail.token(&email_of("Ada"), "account.email_verification").unwrap();
    assert_eq!(mailed.title, "Подтвердите адрес почты");
    assert!(
        mailed.body.contains("в течение 1440 минут: ") && mailed.body.contains(&token),
        "{}",
        mailed.body
    );
}

#[tokio::test]
async fn a_host_has_words_of_its_own() {
    let texts = "-shop = Konzertkasse\ntickets-bought = { -shop }: { $tickets }\n    .body = { $event }, { $start }\n";
    let texts = Texts::bundled().with("de", "de.ftl", texts).unwrap();
    let mail = Mail::default();
    let notifier = mail.clone();
    let w = World::build(|builder| builder.texts(texts).notifier(notifier)).await;
    let ada = in_language(&w, "Ada", "de-AT").await;
    let (e, t) = w.sale(9).await;
    w.buy(&ada, e, t, 2).await;
    assert_eq!(titles(&w, &ada).await, ["Konzertkasse: 2"]);
    w.run_jobs().await;
    let bought = mail.delivered().into_iter().find(|d| d.message.fact == FactName::TicketPurchased).unwrap();
    assert_eq!(bought.message.title, "Konzertkasse: 2");
    assert_eq!(bought.recipient.language, language("de-at"));
}

#[tokio::test]
async fn tickets_go_with_a_purchase_while_they_are_the_persons_and_good() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(30).await;
    let bought = w.buy(&ada, e, t, 12).await;
    let stored = serde_json::to_string(&w.jobs("deliver").await).unwrap();
    let code = &bought.tickets[0].code;
    assert!(!stored.contains(code.as_str()) && !stored.contains(&bought.tickets[0].short_code));
    w.run_jobs().await;
    let papers = mailed(&w, FactName::TicketPurchased).tickets;
    let codes: Vec<_> = papers.iter().map(|paper| paper.ticket.code.clone()).collect();
    let first: Vec<_> = bought.tickets.iter().take(10).map(|ticket| ticket.code.clone()).collect();
    assert_eq!(codes, first, "the first ten of many");
    assert_eq!((papers[0].title.as_str(), papers[0].holder.as_deref()), ("Concert", Some("Ada")));
    // A booking that is cancelled before its message leaves has no ticket to show any more.
    let void = w.buy(&ada, e, t, 2).await;
    w.eventify.bookings().cancel(&ada, void.booking.id).await.unwrap();
    w.run_jobs().await;
    assert!(mailed(&w, FactName::TicketPurchased).tickets.is_empty());
    // Neither has one of an event that is called off, or somebody else's.
    w.buy(&ada, e, t, 1).await;
    w.cancel_event(e).await;
    w.run_jobs().await;
    assert!(mailed(&w, FactName::TicketPurchased).tickets.is_empty());
    assert!(mailed(&w, FactName::EventCancelled).tickets.is_empty(), "only what is good to have");
}

#[tokio::test]
async fn a_new_code_goes_with_its_message() {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(9).await;
    let bought = w.buy(&ada, e, t, 2).await;
    let anew = w.eventify.tickets().reissue(&organizer(), &bought.tickets[1].code).await.unwrap();
    w.run_jobs().await;
    let papers = mailed(&w, FactName::TicketReissued).tickets;
    assert_eq!(papers.iter().map(|paper| &paper.ticket.code).collect::<Vec<_>>(), [&anew.code]);
}
