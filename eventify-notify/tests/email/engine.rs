//! Mail by the engine: what it sends, and what it does while the mail server is away.

use std::collections::BTreeSet;

use eventify_notify::email::Mailer;
use mail_parser::{MessageParser, MimeHeaders};

use crate::arriving::scanned;
use crate::failing::later;
use crate::house::{HOUR, House};
use crate::plain;
use crate::server::Server;

async fn open(server: &Server) -> House {
    let house = House::open(Mailer::new(plain(server)).unwrap()).await;
    // The organizer proves an address.
    server.next();
    house
}

/// Recipient, subject and id of the next mail.
fn next(server: &Server) -> (String, String, String) {
    let arrived = server.next();
    let mail = MessageParser::default().parse(&arrived.bytes).unwrap();
    let to = arrived.about["to"][0].as_str().unwrap().to_owned();
    (to, mail.subject().unwrap().to_owned(), mail.message_id().unwrap().to_owned())
}

#[tokio::test]
async fn an_hour_without_a_mail_server_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start(&[]);
    let house = open(&server).await;
    server.kill();
    let names: Vec<String> = (0..5).map(|nth| format!("buyer{nth}")).collect();
    for name in &names {
        house.sell_to(&house.welcome(name).await).await;
    }
    for _ in 0..60 {
        house.run_jobs().await;
        house.clock.advance(HOUR / 60);
    }
    assert_eq!(house.dead().await, Vec::<String>::new());
    assert_eq!(house.attempts().await, [0; 10], "nobody has tried anything");
    server.start_again();
    tokio::time::pause();
    later().await;
    for _ in 0..5 {
        house.clock.advance(HOUR);
        house.run_jobs().await;
    }
    // One to prove the address and one about the tickets, for each.
    let arrived: Vec<_> = (0..10).map(|_| next(&server)).collect();
    assert!(server.is_empty());
    assert_eq!(arrived.iter().map(|(_, _, id)| id).collect::<BTreeSet<_>>().len(), 10);
    let kinds: BTreeSet<_> = arrived.iter().map(|(to, subject, _)| (to, subject)).collect();
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    house.eventify.shut_down().await;
}

#[tokio::test]
async fn a_lost_answer_is_one_repeat_and_a_refusal_a_dead_letter_of_its_own() {
    let server = Server::start(&[]);
    let house = open(&server).await;
    for name in ["lost", "gone", "ada"] {
        house.sell_to(&house.welcome(name).await).await;
    }
    house.run_jobs().await;
    house.clock.advance(HOUR);
    house.run_jobs().await;
    let arrived: Vec<_> = (0..5).map(|_| next(&server)).collect();
    assert!(server.is_empty());
    let of = |name: &str| arrived.iter().filter(|(to, _, _)| to.starts_with(name)).collect::<Vec<_>>();
    assert_eq!((of("lost").len(), of("ada").len(), of("gone").len()), (3, 2, 0));
    let ids: BTreeSet<_> = of("lost").iter().map(|(_, _, id)| id.clone()).collect();
    assert_eq!(ids.len(), 2, "the repeat has the first one's id");
    let dead = house.dead().await;
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().all(|error| error.contains("5.1.1") && !error.contains("gone@")), "{dead:?}");
    house.eventify.shut_down().await;
}

#[tokio::test]
async fn what_was_bought_can_be_scanned_from_the_mail() {
    let server = Server::start(&[]);
    let house = open(&server).await;
    let ada = house.welcome("ada").await;
    let bought = house.sell_to(&ada).await;
    house.run_jobs().await;
    let mails = [server.next(), server.next()];
    assert!(server.is_empty());
    let pictures: Vec<String> = mails
        .iter()
        .map(|mail| MessageParser::default().parse(&mail.bytes).unwrap())
        .flat_map(|mail| {
            let shown = mail.parts.iter().filter(|part| part.content_id().is_some());
            shown.map(|part| scanned(part.contents())).collect::<Vec<_>>()
        })
        .collect();
    let codes: Vec<String> = bought.into_iter().map(|ticket| ticket.code).collect();
    assert_eq!((pictures.len(), pictures), (2, codes));
    house.eventify.shut_down().await;
}
