//! From a fact to what people and systems are told of it, all within the decision that made it happen.

use std::sync::Arc;

use serde_json::Value;

use super::model::{Attached, Channel, Draft, FactName, Notification, Preferences};
use super::port::Fact;
use super::quiet::Urgent;
use super::words::Words;
use crate::context::Context;
use crate::id::{EventId, FactId, JobId, NotificationId, UserId, derived_beside};
use crate::job::{self, Job, JobWork};
use crate::store::Key;
use crate::webhook;
use crate::work::{Decision, Work};

/// A fact of this kind about this thing: the same id whenever it is told.
pub(crate) fn fact_id(name: FactName, about: uuid::Uuid, nth: u64) -> FactId {
    FactId::from_uuid(derived_beside(
        about,
        &[name.as_str().as_bytes(), about.as_bytes(), &nth.to_be_bytes()],
    ))
}

fn notification_id(fact_id: FactId, user_id: UserId) -> NotificationId {
    let parts: [&[u8]; 3] = [b"notification", fact_id.as_bytes(), user_id.as_bytes()];
    NotificationId::from_uuid(derived_beside(fact_id.uuid(), &parts))
}

fn delivery_id(fact: &Fact, user_id: UserId, channel: Channel) -> uuid::Uuid {
    let parts: [&[u8]; 4] =
        [b"delivery", fact.id.as_bytes(), user_id.as_bytes(), channel.as_str().as_bytes()];
    derived_beside(fact.id.uuid(), &parts)
}

/// A fact that happens now.
pub(crate) fn fact(
    cx: &Context<'_>,
    name: FactName,
    id: FactId,
    event_id: Option<EventId>,
    data: &Value,
) -> Fact {
    Fact { id, name, at: cx.now, event_id, data: data.to_string() }
}

/// Tells other systems, when there are any: each by a job of its own.
pub(crate) fn publish(work: &mut Work, cx: &Context<'_>, fact: &Fact) {
    publish_all(work, cx, std::slice::from_ref(fact));
}

/// The same for several facts of one decision, which are about one event.
pub(crate) fn publish_all(work: &mut Work, cx: &Context<'_>, facts: &[Fact]) {
    for publisher in &cx.outlets.publishers {
        for fact in facts {
            publish_by(work, cx, publisher.name(), fact);
        }
    }
    webhook::fan_out(work, cx, facts);
}

fn publish_by(work: &mut Work, cx: &Context<'_>, publisher: &str, fact: &Fact) {
    let tell = JobWork::Publish { publisher: publisher.to_owned(), fact: Box::new(fact.clone()) };
    job::schedule(work, cx, publication(publisher, fact), tell, cx.now);
}

/// The same for a fact that may have been told before.
pub(crate) fn publish_once(work: &mut Work, cx: &Context<'_>, fact: &Fact) -> Decision<()> {
    let names = || cx.outlets.publishers.iter().map(|publisher| publisher.name());
    work.need(names().map(|name| Key::Job(publication(name, fact))))?;
    for name in names() {
        if work.find::<Job>(&publication(name, fact))?.is_none() {
            publish_by(work, cx, name, fact);
        }
    }
    webhook::fan_out_once(work, cx, fact)
}

fn publication(publisher: &str, fact: &Fact) -> JobId {
    JobId::from_uuid(derived_beside(fact.id.uuid(), &[b"publish", publisher.as_bytes(), fact.id.as_bytes()]))
}

/// What [`tell`] reads, for loading it beforehand.
pub(crate) fn reads(user_id: UserId) -> Key {
    Key::Preferences(user_id)
}

/// What [`tell_once`] reads.
pub(crate) fn reads_once(fact_id: FactId, user_id: UserId) -> [Key; 2] {
    [Key::Preferences(user_id), Key::Notification(notification_id(fact_id, user_id))]
}

/// Tells a person of a fact that may have been told them before: once per channel, whoever tells it how often.
pub(crate) fn tell_once(work: &mut Work, cx: &Context<'_>, fact: &Fact, notice: &Notice<'_>) -> Decision<()> {
    let id = notification_id(fact.id, notice.user_id);
    work.need(reads_once(fact.id, notice.user_id))?;
    if work.find::<Notification>(&id)?.is_some() {
        return Ok(());
    }
    tell(work, cx, fact, notice).map(drop)
}

/// What one person is told of a fact.
#[derive(Debug)]
pub(crate) struct Notice<'a> {
    pub(crate) user_id: UserId,
    pub(crate) words: &'a Words,
    /// When it can wait no longer.
    pub(crate) urgent: Option<Urgent>,
    pub(crate) attached: Attached,
}

impl<'a> Notice<'a> {
    /// Something that can wait, without anything attached.
    pub(crate) const fn new(user_id: UserId, words: &'a Words) -> Self {
        Self { user_id, words, urgent: None, attached: Attached::Nothing }
    }
}

/// Tells a person of a fact that is new in this decision, by every channel that they allow.
///
/// The in-app history is written here; outside channels get a job each, which waits for the end of
/// quiet hours; text messages only where there is a number.
pub(crate) fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    fact: &Fact,
    notice: &Notice<'_>,
) -> Decision<Notification> {
    let &Notice { user_id, words, urgent, attached } = notice;
    let chosen = work.find::<Preferences>(&user_id)?;
    let chosen = chosen.unwrap_or_else(|| Arc::new(Preferences::everything(user_id)));
    let kind = fact.name.notice_kind();
    for channel in cx.outlets.channels() {
        let is_reached = channel != Channel::Sms || chosen.phone.is_some();
        if is_reached && chosen.allow(kind, channel) {
            let id = delivery_id(fact, user_id, channel);
            let words = words.clone();
            let message =
                Box::new(Draft { fact: fact.name, event_id: fact.event_id, words, attached, urgent });
            let gathered = chosen.gathered_until(channel, &message, cx.now);
            let deliver = JobWork::Deliver { channel, user_id, address: None, message };
            // What goes into the box does so at once: quiet hours are for what comes out of it.
            let at = gathered.map_or_else(|| chosen.sent_at(fact.name, urgent, cx.now), |_| cx.now);
            job::schedule(work, cx, JobId::from_uuid(id), deliver, at);
        }
    }
    let shown = chosen.allow(kind, Channel::InApp);
    let told = Notification {
        id: notification_id(fact.id, user_id),
        user_id,
        fact: fact.name,
        fact_id: fact.id,
        event_id: fact.event_id,
        // What is not shown has no words: it only remembers that the person was told.
        words: shown.then(|| words.clone()),
        shown,
        read_at: None,
        created_at: cx.now,
    };
    work.put(told.clone());
    Ok(told)
}
