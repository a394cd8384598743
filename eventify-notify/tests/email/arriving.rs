//! What arrives.

use eventify_core::notification::{FactName, Message, OneTimeToken, Recipient};
use eventify_core::text::Texts;
use eventify_notify::email::{MailSettings, Mailer};
use mail_parser::{MessageParser, MimeHeaders};

use crate::samples::{message, person, purchase, ticket};
use crate::server::{Arrived, Server};
use crate::{plain, send};

/// What a scanner reads from a picture.
pub(crate) fn scanned(png: &[u8]) -> String {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

fn header(mail: &Arrived, name: &str) -> Option<String> {
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    parsed.header_raw(name).map(|value| value.trim().to_owned())
}

#[tokio::test]
async fn a_purchase_arrives_with_codes_that_can_be_scanned() {
    let server = Server::start(&[]);
    let mailer =
        Mailer::new(MailSettings { reply_to: Some("help@example.org".into()), ..plain(&server) }).unwrap();
    let to = Recipient { language: "kk".parse().unwrap(), ..person("ada@example.org") };
    send(&mailer, &to, &purchase(vec![ticket(1), ticket(2)])).await.unwrap();

    let arrived = server.next();
    assert_eq!(arrived.about["from"], "tickets@example.org");
    assert_eq!(arrived.about["to"], serde_json::json!(["ada@example.org"]));
    let mail = MessageParser::default().parse(&arrived.bytes).unwrap();
    assert_eq!(mail.subject(), Some("Your tickets"));
    assert_eq!(mail.message_id(), Some("0190b6d2-7f6c-7a3e-8c1d-2f3a4b5c6d7e@example.org"));
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Касса «Арена»"), Some("tickets@example.org")));
    assert_eq!(mail.reply_to().unwrap().first().unwrap().address(), Some("help@example.org"));
    assert!(mail.date().is_some());
    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "kk"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Unsubscribe", "<https://tickets.example.org/api/notifications/unsubscribe?token=stop-7c1d>"),
    ] {
        assert_eq!(header(&arrived, name).as_deref(), Some(value), "{name}");
    }

    let (html, text) = (mail.body_html(0).unwrap(), mail.body_text(0).unwrap());
    for (body, place) in [(&html, "html"), (&text, "text")] {
        for part in [
            "7KQ2-M4XB-0001",
            "7KQ2-M4XB-0002",
            "Балкон, C-қатар, 1-орын",
            "See you there!",
            "Сәлеметсіз бе, Ada",
        ] {
            assert!(body.contains(part), "{place} without {part}: {body}");
        }
        assert!(
            body.contains("https://tickets.example.org/events/02020202-0202-0202-0202-020202020202"),
            "{place}"
        );
        assert!(!body.contains(&ticket(1).ticket.code), "the long code is in the picture only");
    }
    assert!(
        text.contains("Қазақ джаз түні <live>") && html.contains("Қазақ джаз түні &#60;live&#62;"),
        "{html}"
    );
    assert!(!html.contains("src=\"http") && !html.contains("@import") && !html.contains("url("), "{html}");

    let pictures: Vec<_> = mail.parts.iter().filter(|part| part.content_id().is_some()).collect();
    assert_eq!(pictures.len(), 2);
    for (nth, picture) in pictures.iter().enumerate() {
        let paper = ticket(u8::try_from(nth + 1).unwrap());
        assert_eq!(scanned(picture.contents()), paper.ticket.code);
        assert!(html.contains(&format!("cid:{}", picture.content_id().unwrap())), "{html}");
    }
    let calendar = mail.attachments().find(|part| part.attachment_name() == Some("event.ics")).unwrap();
    let calendar = calendar.text_contents().unwrap().replace("\r\n ", "");
    assert!(
        calendar.contains("DTSTART:20270501T130000Z") && calendar.matches("BEGIN:VEVENT").count() == 1,
        "{calendar}"
    );
    assert!(server.is_empty());
}

#[tokio::test]
async fn a_hosts_language_is_spoken_throughout() {
    let server = Server::start(&[]);
    let german = "mail-hello = Guten Tag, { $name }!\nmail-see-event = Zur Veranstaltung\nmail-reason = Darum.\n\
        mail-unsubscribe = Nichts mehr davon\npaper-when = Wann\npaper-seat = Platz\n\
        paper-seat-at = { $section }, Reihe { $row }, Platz { $number }\npaper-advice = Bitte vorzeigen.\n";
    let texts = Texts::bundled().with("de", "de.ftl", german).unwrap().into();
    let mailer = Mailer::new(MailSettings { texts, ..plain(&server) }).unwrap();
    let to = Recipient { language: "de-AT".parse().unwrap(), ..person("ada@example.org") };
    send(&mailer, &to, &purchase(vec![ticket(1)])).await.unwrap();
    let arrived = server.next();
    let mail = MessageParser::default().parse(&arrived.bytes).unwrap();
    for body in [mail.body_html(0).unwrap(), mail.body_text(0).unwrap()] {
        for part in [
            "Guten Tag, Ada Lovelace!",
            "Zur Veranstaltung",
            "Darum.",
            "Nichts mehr davon",
            "Wann",
            "Балкон, Reihe C, Platz 1",
            "Bitte vorzeigen.",
            // What the host does not say is said in English.
            "Price",
        ] {
            assert!(body.contains(part), "{part} is not in {body}");
        }
        assert!(!body.contains("Hello") && !body.contains("Show the code"), "{body}");
    }
}

#[tokio::test]
async fn words_of_people_stay_words() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    let to = Recipient {
        name: "Ada\r\nBcc: eve@example.org\r\n\r\n\"<b>".to_owned(),
        ..person("ada@example.org")
    };
    let hostile = "Тема 🎷\r\nX-Evil: 1\r\n\r\n<script>alert(1)</script>";
    send(&mailer, &to, &message(hostile, "<img src=x onerror=alert(1)> & \"quoted\"\r\n.\r\nQUIT\r\n"))
        .await
        .unwrap();

    let arrived = server.next();
    assert_eq!(arrived.about["to"], serde_json::json!(["ada@example.org"]));
    let mail = MessageParser::default().parse(&arrived.bytes).unwrap();
    assert_eq!(mail.subject(), Some("Тема 🎷 X-Evil: 1 <script>alert(1)</script>"));
    let names: Vec<&str> = mail.headers_raw().map(|(name, _)| name).collect();
    assert!(!names.iter().any(|name| ["X-Evil", "Bcc"].contains(name)), "{names:?}");
    let shown = mail.to().unwrap().first().unwrap();
    assert_eq!(
        (shown.name(), shown.address()),
        (Some("Ada Bcc: eve@example.org \"<b>"), Some("ada@example.org"))
    );
    let html = mail.body_html(0).unwrap();
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{html}");
    assert!(
        mail.body_text(0).unwrap().replace('\r', "").contains("\n.\nQUIT"),
        "a line with a dot alone ends no mail"
    );
    assert_eq!(mail.parts.iter().filter(|part| part.content_id().is_some()).count(), 0);
    assert!(server.is_empty());
}

#[tokio::test]
async fn a_token_is_in_the_fragment_of_its_link() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    for (fact, link, label) in [
        (
            FactName::EmailVerification,
            "https://tickets.example.org/verify-email#token=s3cret",
            "Подтвердить адрес",
        ),
        (
            FactName::PasswordReset,
            "https://tickets.example.org/reset-password#token=s3cret",
            "Задать новый пароль",
        ),
    ] {
        let token = Some(OneTimeToken::new("s3cret".to_owned()));
        let to = Recipient { language: "ru-RU".parse().unwrap(), ..person("ada@example.org") };
        send(&mailer, &to, &Message { fact, token, ..message("Code", "Use s3cret") }).await.unwrap();
        let arrived = server.next();
        let mail = MessageParser::default().parse(&arrived.bytes).unwrap();
        assert!(mail.body_text(0).unwrap().contains(link));
        let html = mail.body_html(0).unwrap();
        assert!(html.contains(link) && html.contains(label), "{html}");
        assert_eq!(header(&arrived, "List-Unsubscribe"), None, "nobody can refuse these");
    }
    let silent = Mailer::new(MailSettings { public_url: None, ..plain(&server) }).unwrap();
    send(&silent, &person("ada@example.org"), &purchase(Vec::new())).await.unwrap();
    let arrived = server.next();
    assert!(!String::from_utf8_lossy(&arrived.bytes).contains("http"), "no address, no links");
}

#[tokio::test]
async fn addresses_of_all_scripts_are_reached() {
    let server = Server::start(&[]);
    let mailer = Mailer::new(plain(&server)).unwrap();
    send(&mailer, &person("bücher@bücher.example"), &message("Hi", "there")).await.unwrap();
    let arrived = server.next();
    assert_eq!(arrived.about["to"], serde_json::json!(["bücher@xn--bcher-kva.example"]));
    assert!(arrived.about["options"].to_string().contains("SMTPUTF8"), "{:?}", arrived.about);
    send(&mailer, &person("ada@казахстан.example"), &message("Hi", "there")).await.unwrap();
    let arrived = server.next();
    assert_eq!(arrived.about["to"], serde_json::json!(["ada@xn--80aaa0anw0aiz.example"]));
    assert!(!arrived.about["options"].to_string().contains("SMTPUTF8"), "{:?}", arrived.about);
}
