//! What acts for a person: their sessions, and API keys with scopes.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::account::{ApiKeys, CreateApiKey, CreatedApiKey, SetRole};
use eventify_core::event::UpdateEvent;
use eventify_core::notification::PreferencesView;
use eventify_core::ticket::Scan;
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{
    Actor, ApiKeyId, Error, EventId, IfMatch, PageRequest, Reason, Role, Scope, SessionId, TicketTypeId,
};

use crate::common::*;
use crate::operation::Asked;
use crate::table::{Row, rows, run};

pub fn sessions() -> Vec<Row> {
    rows! {
        "nobody's sessions" => [NotAuthenticated] |w| {
            w.eventify.accounts().sessions(&anonymous(), &PageRequest::default()).await
        };
        "sessions of a person without an account" => [UserNotFound] |w| {
            w.eventify.accounts().sessions(&attendee(), &PageRequest::default()).await
        };
        "ending a session that is none" => [SessionNotFound] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            w.eventify.accounts().end_session(&ada, SessionId::from_bytes([9; 16])).await
        };
        "ending somebody else's session" => [SessionNotFound] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            w.register("Bob").await;
            let bobs = w.session(&w.login("Bob").await).await.session_id().unwrap();
            w.mark().await;
            w.eventify.accounts().end_session(&ada, bobs).await
        };
        "ending a session twice" => [SessionNotFound] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let phone = w.session(&w.login("Ada").await).await.session_id().unwrap();
            w.eventify.accounts().end_session(&ada, phone).await?;
            w.mark().await;
            w.eventify.accounts().end_session(&ada, phone).await
        };
        "nobody ends the others" => [NotAuthenticated] |w| {
            w.eventify.accounts().end_other_sessions(&anonymous()).await
        };
        "a session that is over ends the others" => [SessionRevoked] |w| {
            w.register("Ada").await;
            let stale = w.session(&w.login("Ada").await).await;
            w.eventify.accounts().logout(&stale).await?;
            w.mark().await;
            w.eventify.accounts().end_other_sessions(&stale).await
        };
    }
}

pub fn keys() -> Vec<Row> {
    making_keys().into_iter().chain(keeping_keys()).collect()
}

fn making_keys() -> Vec<Row> {
    rows! {
        "nobody makes a key" => [NotAuthenticated] |w| make(w, &anonymous(), wanted(&[Scope::AccountRead])).await;
        "a person without an account makes a key" => [UserNotFound] |w| {
            make(w, &attendee(), wanted(&[Scope::AccountRead])).await
        };
        "a key with a wrong password" => [InvalidCredentials] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let guess = CreateApiKey { current_password: "a wrong guess".into(), ..wanted(&[Scope::AccountRead]) };
            make(w, &ada, guess).await
        };
        "a key without scopes" => [InvalidValue] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            make(w, &ada, wanted(&[])).await
        };
        "a key without a name" => [InvalidValue] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            make(w, &ada, CreateApiKey { name: " ".to_owned(), ..wanted(&[Scope::AccountRead]) }).await
        };
        "a key that has expired" => [InvalidValue] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let expires_at = Some(w.now());
            make(w, &ada, CreateApiKey { expires_at, ..wanted(&[Scope::AccountRead]) }).await
        };
        "a key for 366 days" => [] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let expires_at = Some(w.now().plus(366 * DAY));
            make(w, &ada, CreateApiKey { expires_at, ..wanted(&[Scope::AccountRead]) }).await
        };
        "a key for longer" => [InvalidValue] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let expires_at = Some(w.now().plus(366 * DAY + Duration::from_micros(1)));
            make(w, &ada, CreateApiKey { expires_at, ..wanted(&[Scope::AccountRead]) }).await
        };
        "an attendee's key that makes events" => [NotAllowed] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            make(w, &ada, wanted(&[Scope::EventsWrite])).await
        };
        "an organizer's key that makes events" => [] |w| {
            let ada = account(w, "Ada", Role::Organizer).await;
            make(w, &ada, wanted(&[Scope::EventsWrite])).await
        };
        "an organizer's key for what admins do" => [NotAllowed] |w| {
            let ada = account(w, "Ada", Role::Organizer).await;
            make(w, &ada, wanted(&[Scope::Admin])).await
        };
        "an admin's key for what admins do" => [] |w| {
            let ada = account(w, "Ada", Role::Admin).await;
            make(w, &ada, wanted(&[Scope::Admin])).await
        };
        "a role that the actor has and the account has not" => [NotAllowed] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let claimed = Actor::user(id_of(&ada), Role::Admin);
            make(w, &claimed, wanted(&[Scope::Admin])).await
        };
    }
}

fn keeping_keys() -> Vec<Row> {
    rows! {
        "a twentieth key" => [] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            many(w, &ada, 20).await
        };
        "a twenty-first key" => [TooManyApiKeys] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            many(w, &ada, 20).await?;
            w.mark().await;
            many(w, &ada, 1).await
        };
        "a key in the place of one that has expired" => [] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            many(w, &ada, 20).await?;
            w.clock.advance(90 * DAY);
            many(w, &ada, 1).await
        };
        "revoking a key that is none" => [ApiKeyNotFound] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            w.eventify.accounts().revoke_api_key(&ada, ApiKeyId::from_bytes([9; 16])).await
        };
        "revoking somebody else's key" => [ApiKeyNotFound] |w| {
            let ada = account(w, "Ada", Role::Attendee).await;
            let bob = account(w, "Bob", Role::Attendee).await;
            let key = make(w, &bob, wanted(&[Scope::AccountRead])).await?;
            w.mark().await;
            w.eventify.accounts().revoke_api_key(&ada, key.api_key.id).await
        };
        "a key that is none" => [InvalidToken] |w| w.eventify.accounts().authenticate("evk_nonsense").await;
        "a key of the right length" => [InvalidToken] |w| {
            w.eventify.accounts().authenticate(&format!("evk_{}", "A".repeat(86))).await
        };
        "a key of a megabyte" => [InvalidToken] |w| {
            w.eventify.accounts().authenticate(&format!("evk_{}", "A".repeat(1_000_000))).await
        };
    }
}

pub async fn account(w: &World, name: &str, role: Role) -> Actor {
    let user = w.register(name).await;
    w.eventify.accounts().set_role(&system(), user.id, SetRole { role }).await.unwrap();
    w.mark().await;
    Actor::user(user.id, role)
}

pub fn wanted(scopes: &[Scope]) -> CreateApiKey {
    let scopes = scopes.iter().copied().collect();
    CreateApiKey {
        name: "The shop's till".to_owned(),
        scopes,
        expires_at: None,
        current_password: PASSWORD.into(),
        code: None,
        recovery_code: None,
    }
}

pub async fn make(w: &World, who: &Actor, request: CreateApiKey) -> Result<CreatedApiKey, Error> {
    w.eventify.accounts().create_api_key(who, request).await
}

async fn many(w: &World, who: &Actor, count: usize) -> Result<(), Error> {
    for _ in 0..count {
        make(w, who, wanted(&[Scope::AccountRead])).await?;
    }
    Ok(())
}

/// Somebody's program with these scopes.
pub async fn program(w: &World, who: &Actor, scopes: &[Scope]) -> Actor {
    let made = make(w, who, wanted(scopes)).await.unwrap();
    w.eventify.accounts().authenticate(made.key.expose()).await.unwrap()
}

#[tokio::test]
async fn sessions_have_rules() {
    run(sessions()).await;
}

#[tokio::test]
async fn keys_have_rules() {
    run(keys()).await;
}

#[tokio::test]
async fn sessions_are_seen_and_ended_one_by_one_or_all_others_at_once() {
    let w = World::new().await;
    w.register("Ada").await;
    let accounts = w.eventify.accounts();
    let from = |origin: &str| anonymous().from_origin(origin);
    let mut tokens = Vec::new();
    for n in 1..=4 {
        let origin = from(&format!("203.0.113.{n}"));
        tokens.push(accounts.login(&origin, credentials("Ada", PASSWORD)).await.unwrap());
        w.clock.advance(Duration::from_secs(60));
    }
    let me = w.session(&tokens[3]).await;
    let listed = accounts.sessions(&me, &PageRequest::default()).await.unwrap().data;
    let origins: Vec<_> = listed.iter().filter_map(|s| s.origin.as_deref()).collect();
    assert_eq!(origins, ["203.0.113.4", "203.0.113.3", "203.0.113.2", "203.0.113.1"], "newest first");
    assert_eq!(listed.iter().map(|s| s.current).collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(listed[0].created_at, listed[0].used_at);
    let refresh_token = eventify_core::account::RefreshSecret::new(tokens[0].refresh_token.clone());
    accounts.refresh(&anonymous(), eventify_core::account::Refresh { refresh_token }).await.unwrap();
    let listed = accounts.sessions(&me, &PageRequest::default()).await.unwrap().data;
    assert_eq!(listed[3].used_at, w.now(), "as fresh as its last refresh");
    accounts.end_session(&me, listed[1].id).await.unwrap();
    let dead = accounts.authenticate(&tokens[2].access_token).await;
    assert_eq!(dead.unwrap_err().reason(), Reason::SessionRevoked);
    assert_eq!(accounts.sessions(&me, &PageRequest::default()).await.unwrap().data.len(), 3);
    accounts.end_other_sessions(&me).await.unwrap();
    for token in &tokens[..3] {
        assert!(accounts.authenticate(&token.access_token).await.is_err());
    }
    let me = w.session(&tokens[3]).await;
    let left = accounts.sessions(&me, &PageRequest::default()).await.unwrap().data;
    assert_eq!(left.len(), 1);
    assert!(left[0].current);
    assert_eq!((w.actions("session.ended").await, w.actions("sessions.ended").await), (1, 1));
    w.assert_sound("ended sessions").await;
}

#[tokio::test]
async fn a_key_acts_until_it_is_revoked_or_expires_whatever_happens_to_sessions() {
    let w = World::new().await;
    let ada = account(&w, "Ada", Role::Attendee).await;
    let accounts = w.eventify.accounts();
    let made = make(&w, &ada, wanted(&[Scope::AccountRead])).await.unwrap();
    let key = made.key.expose();
    assert!(key.starts_with("evk_") && key.len() == 90, "{}", key.len());
    let program = accounts.authenticate(key).await.unwrap();
    accounts.end_other_sessions(&ada).await.unwrap();
    assert_eq!(accounts.me(&program).await.unwrap().id, id_of(&ada));
    for at in 0..key.len() {
        let mut bytes = key.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let forged = accounts.authenticate(&String::from_utf8(bytes).unwrap()).await;
        // The last character has two bits that are no part of the key; forged, it is not even base 64.
        assert_eq!(forged.unwrap_err().reason(), Reason::InvalidToken, "character {at}");
    }
    w.clock.set(made.api_key.expires_at);
    assert_eq!(accounts.authenticate(key).await.unwrap_err().reason(), Reason::TokenExpired);
    let made = make(&w, &ada, wanted(&[Scope::AccountRead])).await.unwrap();
    accounts.revoke_api_key(&ada, made.api_key.id).await.unwrap();
    assert_eq!(accounts.authenticate(made.key.expose()).await.unwrap_err().reason(), Reason::InvalidToken);
    assert_eq!((w.actions("api_key.created").await, w.actions("api_key.revoked").await), (2, 1));
}

#[tokio::test]
async fn a_key_is_shown_once_and_its_use_is_noted_once_an_hour() {
    let w = World::new().await;
    let ada = account(&w, "Ada", Role::Attendee).await;
    let made = make(&w, &ada, wanted(&[Scope::BookingsRead, Scope::AccountRead])).await.unwrap();
    let used = async || {
        let listed = w.eventify.accounts().api_keys(&ada, &PageRequest::default()).await.unwrap().data;
        assert_eq!(listed.len(), 1);
        listed[0].used_at
    };
    assert_eq!(used().await, None);
    let first = w.now();
    for minutes in 0..60 {
        w.eventify.accounts().authenticate(made.key.expose()).await.unwrap();
        assert_eq!(used().await, Some(first), "{minutes}");
        w.clock.advance(Duration::from_secs(60));
    }
    w.eventify.accounts().authenticate(made.key.expose()).await.unwrap();
    assert_eq!(used().await, Some(w.now()));
    let all = w.everything().await;
    let mut bytes = Vec::new();
    for record in all.records() {
        eventify_core::store::encode_record(record, &mut bytes).unwrap();
    }
    let secret =
        data_encoding::BASE64URL_NOPAD.decode(&made.key.expose().as_bytes()[4..]).unwrap()[32..].to_vec();
    assert!(!bytes.windows(32).any(|w| w == secret), "a key is stored");
    assert_eq!(all.of::<ApiKeys>().count(), 1);
    let shown = format!("{} {:?} {made:?}", w.as_logged().await, w.trail().await);
    assert!(!shown.contains(made.key.expose()));
}

#[tokio::test]
async fn a_key_does_no_more_than_its_person_may_now() {
    let w = World::new().await;
    let ada = account(&w, "Ada", Role::Organizer).await;
    let made = make(&w, &ada, wanted(&[Scope::EventsWrite])).await.unwrap();
    let till = async || w.eventify.accounts().authenticate(made.key.expose()).await.unwrap();
    w.eventify.events().create(&till().await, w.concert()).await.unwrap();
    let role = SetRole { role: Role::Attendee };
    w.eventify.accounts().set_role(&system(), id_of(&ada), role).await.unwrap();
    let error = w.eventify.accounts().authenticate(made.key.expose()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidToken, "another role ends the keys of the one before");
    let entry = w.trail().await.into_iter().find(|e| e.action == "event.created").unwrap();
    assert_eq!((entry.actor, entry.api_key_id), (id_of(&ada).to_string(), Some(made.api_key.id)));
    // An admin's key is no admin's unless it says so.
    let root = account(&w, "Root", Role::Admin).await;
    let event = w.published().await;
    let narrow = program(&w, &root, &[Scope::EventsWrite]).await;
    let refused = w.eventify.events().update(&narrow, event, UpdateEvent::default(), IfMatch::Any).await;
    assert_eq!(refused.unwrap_err().reason(), Reason::NotEventOwner);
    let wide = program(&w, &root, &[Scope::EventsWrite, Scope::Admin]).await;
    w.eventify.events().update(&wide, event, UpdateEvent::default(), IfMatch::Any).await.unwrap();
}

/// A use case that asks for a scope.
struct Use {
    scope: Scope,
    ask: for<'a> fn(&'a World, &'a Props, &'a Actor) -> Asked<'a>,
}

struct Props {
    event: EventId,
    kind: TicketTypeId,
    sold_out: TicketTypeId,
    code: String,
    unpaid: eventify_core::BookingId,
    payment: eventify_core::PaymentId,
}

macro_rules! uses {
    ($($scope:ident |$w:ident, $p:ident, $who:ident| $body:expr;)+) => {
        vec![$(Use { scope: Scope::$scope, ask: |$w, $p, $who| Box::pin(async move { let _ = $p; $body.map(drop) }) },)+]
    };
}

fn uses() -> Vec<Use> {
    uses! {
        AccountRead |w, p, who| w.eventify.accounts().me(who).await;
        EventsRead |w, p, who| w.eventify.audit().of_event(who, p.event, &PageRequest::default()).await;
        EventsRead |w, p, who| w.eventify.stats().of_event(who, p.event, &Default::default()).await;
        EventsRead |w, p, who| w.eventify.stats().of_organizer(who, Default::default()).await;
        EventsWrite |w, p, who| w.eventify.events().create(who, w.concert()).await;
        EventsWrite |w, p, who| w.eventify.ticket_types().create(who, p.event, seats(1)).await;
        BookingsRead |w, p, who| w.eventify.bookings().mine(who, &PageRequest::default()).await;
        BookingsRead |w, p, who| w.eventify.tickets().get(who, &p.code).await;
        BookingsRead |w, p, who| w.eventify.transfers().mine(who, &PageRequest::default()).await;
        BookingsRead |w, p, who| w.eventify.waitlists().mine(who, p.event, p.sold_out).await;
        BookingsWrite |w, p, who| {
            let lists = w.eventify.waitlists();
            lists.leave(who, p.event, p.sold_out).await?;
            lists.join(who, p.event, p.sold_out, JoinWaitlist { quantity: 1 }).await
        };
        BookingsWrite |w, p, who| w.eventify.bookings().buy(who, lines(p.event, &[(p.kind, 1)])).await;
        PaymentsRead |w, p, who| w.eventify.payments().of_event(who, p.event, &PageRequest::default()).await;
        PaymentsRead |w, p, who| w.eventify.payments().report(who, p.event, Default::default()).await;
        PaymentsRead |w, p, who| w.eventify.exports().ledger(who, p.event).await;
        PaymentsRead |w, p, who| w.eventify.payments().get(who, p.payment).await;
        PaymentsWrite |w, p, who| w.eventify.payments().start(who, pay(p.unpaid, "memory")).await;
        PaymentsWrite |w, p, who| w.eventify.payments().settle_by_hand(who, p.payment, Default::default()).await;
        PaymentsWrite |w, p, who| w.eventify.payments().refund(who, p.payment, Default::default()).await;
        AttendeesRead |w, p, who| w.eventify.tickets().attendees(who, p.event, &PageRequest::default()).await;
        AttendeesRead |w, p, who| w.eventify.exports().attendees(who, p.event).await;
        AttendeesRead |w, p, who| w.eventify.exports().bookings(who, p.event).await;
        TicketsCheckIn |w, p, who| w.eventify.tickets().validate(who, &p.code, Scan::default()).await;
        TicketsCheckIn |w, p, who| w.eventify.tickets().check_in(who, &p.code, Scan { scan_id: Some("1".to_owned()), ..Scan::default() }).await;
        NotificationsRead |w, p, who| w.eventify.notifications().list(who, false, &PageRequest::default()).await;
        NotificationsRead |w, p, who| w.eventify.notifications().listen(who, None).await;
        EventsRead |w, p, who| w.eventify.stats().watch(who, p.event).await;
        NotificationsWrite |w, p, who| w.eventify.notifications().set_preferences(who, PreferencesView::default()).await;
        EventsRead |w, p, who| w.eventify.announcements().list(who, p.event, &PageRequest::default()).await;
        AnnouncementsWrite |w, p, who| {
            let body = "Words".to_owned();
            let words = eventify_core::announcement::MakeAnnouncement { body, ..Default::default() };
            w.eventify.announcements().make(who, p.event, words).await
        };
        Admin |w, p, who| w.eventify.audit().all(who, &PageRequest::default()).await;
        Admin |w, p, who| w.eventify.jobs().dead(who, &PageRequest::default()).await;
    }
}

#[tokio::test]
async fn every_scope_opens_what_it_names_and_nothing_else() {
    let w = World::new().await;
    let root = account(&w, "Root", Role::Admin).await;
    let event = w.eventify.events().create(&root, w.concert()).await.unwrap().id;
    w.eventify.events().publish(&root, event).await.unwrap();
    let kind = w.eventify.ticket_types().create(&root, event, seats(9)).await.unwrap().id;
    let bought = w.eventify.bookings().buy(&root, lines(event, &[(kind, 1)])).await.unwrap();
    let sold_out = w.eventify.ticket_types().create(&root, event, seats(1)).await.unwrap().id;
    w.buy(&attendee(), event, sold_out, 1).await;
    w.eventify.waitlists().join(&root, event, sold_out, JoinWaitlist { quantity: 1 }).await.unwrap();
    let price = Some(tenge(PRICE));
    let priced = eventify_core::ticket_type::CreateTicketType { price, ..seats(9) };
    let priced = w.eventify.ticket_types().create(&root, event, priced).await.unwrap().id;
    let unpaid = w.hold(&root, event, priced, 1).await.id;
    let other = w.hold(&root, event, priced, 1).await.id;
    let payment = w.pay(&root, other, "desk").await.id;
    let props = Props { event, kind, sold_out, code: bought.tickets[0].code.clone(), unpaid, payment };
    let covered: BTreeSet<Scope> = uses().iter().map(|each| each.scope).collect();
    assert_eq!(covered, Scope::ALL.iter().copied().collect(), "every scope has a use case here");
    for scope in Scope::ALL {
        let only = program(&w, &root, &[*scope]).await;
        for each in uses() {
            let answer = (each.ask)(&w, &props, &only).await;
            if each.scope == *scope {
                answer.unwrap_or_else(|error| panic!("{scope} does not open its use case: {error}"));
            } else {
                let error = answer.unwrap_err();
                assert_eq!(error.reason(), Reason::InsufficientScope, "{scope} opens {}", each.scope);
                assert_eq!(error.details()["scope"], each.scope.as_str());
            }
        }
    }
}

#[tokio::test]
async fn a_key_never_changes_its_account() {
    let w = World::new().await;
    let root = account(&w, "Root", Role::Admin).await;
    let all = program(&w, &root, Scope::ALL).await;
    let accounts = w.eventify.accounts();
    let page = PageRequest::default();
    let profile = eventify_core::account::UpdateProfile::default;
    let password = || eventify_core::account::ChangePassword {
        current_password: PASSWORD.into(),
        new_password: "another secret".into(),
    };
    let begin = || eventify_core::account::BeginSecondFactor { password: PASSWORD.into() };
    let erase = || eventify_core::account::EraseAccount {
        password: PASSWORD.into(),
        code: None,
        recovery_code: None,
    };
    w.mark().await;
    let answers = [
        accounts.update_me(&all, profile(), IfMatch::Any).await.err(),
        accounts.change_password(&all, password()).await.err(),
        accounts.become_organizer(&all).await.err(),
        accounts.set_role(&all, id_of(&root), SetRole { role: Role::Admin }).await.err(),
        accounts.promote(&all, "root@example.org").await.err(),
        accounts.create_api_key(&all, wanted(&[Scope::AccountRead])).await.err(),
        accounts.api_keys(&all, &page).await.err(),
        accounts.sessions(&all, &page).await.err(),
        accounts.end_other_sessions(&all).await.err(),
        accounts.request_verification(&all).await.err(),
        accounts.begin_second_factor(&all, begin()).await.err(),
        accounts.second_factor(&all).await.err(),
        accounts.remove_second_factor(&all, id_of(&root)).await.err(),
        accounts.archive(&all).await.err(),
        accounts.erase_me(&all, erase()).await.err(),
        accounts.erase(&all, id_of(&root)).await.err(),
        w.eventify.tickets().rotate_keys(&all).await.err(),
    ];
    for (nth, answer) in answers.into_iter().enumerate() {
        let reason = answer.map(|error| error.reason());
        assert_eq!(reason, Some(Reason::InsufficientScope), "answer {nth}");
    }
    w.assert_unchanged("keys and accounts").await;
}

#[tokio::test]
async fn without_a_scope_a_program_is_a_visitor_where_anybody_may_look() {
    let w = World::new().await;
    let ada = account(&w, "Ada", Role::Organizer).await;
    let draft = w.eventify.events().create(&ada, w.concert()).await.unwrap().id;
    let public = w.published().await;
    let blind = program(&w, &ada, &[Scope::AccountRead]).await;
    w.eventify.events().get(&blind, public).await.unwrap();
    assert_eq!(w.eventify.events().get(&blind, draft).await.unwrap_err().reason(), Reason::EventNotFound);
    let seeing = program(&w, &ada, &[Scope::EventsRead]).await;
    w.eventify.events().get(&seeing, draft).await.unwrap();
}
