//! From a message to a mail.

use std::sync::Arc;
use std::time::SystemTime;

use askama::Template;
use eventify_core::notification::{Message, Recipient};
use eventify_core::text::{Phrase, Speaker, Texts};
use eventify_core::ticket::TicketPaper;
use eventify_paper::{Row, booking_ics, rows};
use lettre::Message as Mail;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::settings::ascii_domain;
use crate::links::{PublicUrl, Target};

/// Tickets shown in one mail at most: the engine names no more.
const TICKETS_MAX: usize = 10;
/// Characters of a subject and of a name at most.
const LINE_CHARS_MAX: usize = 200;

/// Who writes, and where links lead.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) texts: Arc<Texts>,
}

/// A mail, ready to be handed over.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

/// Why there is no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CannotCompose {
    #[error("the person's address is none that mail can be sent to")]
    Address,
    #[error("the mail cannot be written: {0}")]
    Other(String),
}

struct Link {
    label: String,
    href: String,
}

struct Shown<'a> {
    title: &'a str,
    rows: Vec<Row>,
    cid: String,
    picture: String,
    code_label: String,
    code: &'a str,
}

/// What both templates say.
struct Said<'a> {
    lang: &'a str,
    title: &'a str,
    hello: String,
    paragraphs: Vec<Vec<&'a str>>,
    button: Option<Link>,
    tickets: Vec<Shown<'a>>,
    advice: Option<String>,
    reason: String,
    unsubscribe: Option<Link>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    said: &'a Said<'a>,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Text<'a> {
    said: &'a Said<'a>,
}

impl Sender {
    /// Writes a mail.
    ///
    /// # Errors
    /// [`CannotCompose`].
    pub(super) fn compose(
        &self,
        to: &Recipient,
        message: &Message,
        now: SystemTime,
    ) -> Result<Composed, CannotCompose> {
        let failed = |error: String| CannotCompose::Other(error);
        let address = ascii_domain(&to.email).ok_or(CannotCompose::Address)?;
        let name = line(&to.name);
        let id = message_id(&message.dedupe_key, self.from.email.domain());
        let tickets = message.tickets.get(..TICKETS_MAX).unwrap_or(&message.tickets);
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address.clone()))
            .subject(line(&message.title))
            .message_id(Some(format!("<{id}>")))
            .date(now)
            .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(raw("Content-Language", to.language.tag().to_owned()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let unsubscribe = self.unsubscribe(message);
        if let Some(href) = &unsubscribe {
            builder = builder
                .raw_header(raw("List-Unsubscribe", format!("<{href}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        let body = self.body(to, message, tickets, &id, unsubscribe)?;
        let envelope =
            Envelope::new(Some(self.from.email.clone()), vec![address]).map_err(|e| failed(e.to_string()))?;
        let mail = builder.multipart(body).map_err(|e| failed(e.to_string()))?;
        Ok(Composed { envelope, bytes: mail.formatted() })
    }

    fn unsubscribe(&self, message: &Message) -> Option<String> {
        Some(self.public_url.as_ref()?.unsubscribe(message.unsubscribe.as_ref()?))
    }

    fn button(&self, message: &Message, speaker: Speaker<'_>) -> Option<Link> {
        let (target, href) = self.public_url.as_ref()?.of(message)?;
        let label = match target {
            Target::Event => Phrase::SeeEvent,
            Target::ConfirmAddress => Phrase::ConfirmAddress,
            Target::SetPassword => Phrase::SetPassword,
        };
        Some(Link { label: speaker.phrase(label), href })
    }

    fn body(
        &self,
        to: &Recipient,
        message: &Message,
        tickets: &[TicketPaper],
        id: &str,
        unsubscribe: Option<String>,
    ) -> Result<MultiPart, CannotCompose> {
        let failed = |error: String| CannotCompose::Other(error);
        let speaker = self.texts.in_language(&to.language);
        let said = Said {
            lang: to.language.tag(),
            title: &message.title,
            hello: speaker.hello(&line(&to.name)),
            paragraphs: paragraphs(&message.body),
            button: self.button(message, speaker),
            tickets: tickets.iter().enumerate().map(|(nth, paper)| shown(paper, nth, id, speaker)).collect(),
            advice: (!tickets.is_empty()).then(|| speaker.phrase(Phrase::Advice)),
            reason: speaker.phrase(Phrase::Reason),
            unsubscribe: unsubscribe.map(|href| Link { label: speaker.phrase(Phrase::Unsubscribe), href }),
        };
        let html = Html { said: &said }.render().map_err(|e| failed(e.to_string()))?;
        let text = Text { said: &said }.render().map_err(|e| failed(e.to_string()))?;
        let mut page = MultiPart::related().singlepart(SinglePart::html(html));
        for (nth, paper) in tickets.iter().enumerate() {
            let png = paper.ticket.qr_png().map_err(|e| failed(e.to_string()))?;
            let picture = Attachment::new_inline_with_name(cid(nth, id), format!("ticket-{}.png", nth + 1));
            page = page.singlepart(picture.body(png, content_type("image/png")?));
        }
        let both = MultiPart::alternative().singlepart(SinglePart::plain(text)).multipart(page);
        let Some(calendar) = booking_ics(tickets, speaker) else { return Ok(both) };
        let calendar = SinglePart::builder()
            .header(content_type("text/calendar; charset=utf-8; method=PUBLISH")?)
            .header(ContentDisposition::attachment("event.ics"))
            .body(calendar);
        Ok(MultiPart::mixed().multipart(both).singlepart(calendar))
    }
}

fn content_type(text: &str) -> Result<ContentType, CannotCompose> {
    ContentType::parse(text).map_err(|e| CannotCompose::Other(e.to_string()))
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn shown<'a>(paper: &'a TicketPaper, nth: usize, id: &str, speaker: Speaker<'_>) -> Shown<'a> {
    Shown {
        title: &paper.title,
        rows: rows(paper, speaker),
        cid: cid(nth, id),
        picture: speaker.phrase(Phrase::Picture),
        code_label: speaker.phrase(Phrase::Code),
        code: &paper.ticket.short_code,
    }
}

fn cid(nth: usize, id: &str) -> String {
    format!("ticket-{}.{id}", nth + 1)
}

/// The same for every attempt at a message, so that mail programs show a repeat once.
fn message_id(dedupe_key: &str, domain: &str) -> String {
    let is_plain = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !dedupe_key.is_empty() && dedupe_key.len() <= 64 && is_plain(dedupe_key) {
        return format!("{dedupe_key}@{domain}");
    }
    let digest = Sha256::digest(dedupe_key.as_bytes());
    format!("{}@{domain}", data_encoding::HEXLOWER.encode(&digest))
}

/// Text for one line: whatever could end it, or hide something in it, is a space.
fn line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= LINE_CHARS_MAX {
        return line;
    }
    line.chars().take(LINE_CHARS_MAX - 1).chain(['…']).collect()
}

/// Text as it is written: an empty line begins a new paragraph.
fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .split(|line| line.trim().is_empty())
        .filter(|lines| !lines.is_empty())
        .map(<[&str]>::to_vec)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line() {
        assert_eq!(line(" a\r\nBcc: b@c.example\u{2028}\0d "), "a Bcc: b@c.example d");
        let long = line(&"щ".repeat(300));
        assert!(long.chars().count() == LINE_CHARS_MAX && long.ends_with('…'));
    }

    #[test]
    fn an_id_is_the_messages_own_and_safe() {
        let key = "0190b6d2-7f6c-7a3e-8c1d-2f3a4b5c6d7e";
        assert_eq!(message_id(key, "example.org"), format!("{key}@example.org"));
        let strange = message_id("a b>\r\nX: y", "example.org");
        assert!(strange.ends_with("@example.org") && strange.len() == 64 + 12, "{strange}");
        assert_eq!(strange, message_id("a b>\r\nX: y", "example.org"));
        assert_ne!(message_id("", "example.org"), "@example.org");
    }

    #[test]
    fn paragraphs_are_kept() {
        assert_eq!(paragraphs("a\nb\n\n\nc\n"), [vec!["a", "b"], vec!["c"]]);
        assert!(paragraphs("\n").is_empty());
    }
}
