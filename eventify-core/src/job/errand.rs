//! What needs the outside: it is handed over, and how that went is written down.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::Jobs;
use super::model::{Job, JobWork};
use super::settle::{Attempt, SettleJob};
use super::tally::{Ending, Way};
use crate::account::{self, Erasure, MailPurpose, MailTokens, User};
use crate::booking::Booking;
use crate::error::Error;
use crate::eventify::of_kind;
use crate::id::{JobId, TicketId, UserId};
use crate::keyring::Secret;
use crate::notification::{
    self, Attached, Channel, Delivered, DeliveryError, Draft, FactName, Message, Notifier, Preferences,
    PushSubscription, PushSubscriptions, PushTarget, Recipient, unsubscribe_token,
};
use crate::payment::{self, After};
use crate::store::Key;
use crate::text::{Argument, Said};
use crate::ticket::{TicketPaper, Tickets};

/// Tickets that one message shows.
const TICKETS_MAX: usize = 10;

impl Jobs<'_> {
    /// Does a job that was reserved, and writes down how it went. Whoever is called outside may hang or panic: that is
    /// this attempt's failure and nobody else's.
    pub(super) async fn run_errand(&self, job: Job) {
        if let &JobWork::DeliverWebhook { owner, webhook_id, delivery_id } = &job.work {
            return self.tell_webhook(job, (owner, webhook_id, delivery_id)).await;
        }
        let patience = self.engine.core().settings.job_lease_for / 2;
        let begun = tokio::time::Instant::now();
        let handed =
            tokio::time::timeout(patience, AssertUnwindSafe(self.attempt(&job)).catch_unwind()).await;
        let failed = |error: String| Attempt::Failed { error, for_ever: false };
        let attempt = match handed {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(_)) => failed("it panicked".to_owned()),
            Err(_) => failed(format!("no answer within {} s", patience.as_secs())),
        };
        let (work, id, way) = (job.work.name(), job.id, Way::of(&job.work));
        // Before it is written down, so that nobody else leaves meanwhile, or waits for no reason.
        if self.engine.absences.learn(&job, &attempt, self.engine.core().clock.now()) {
            self.engine.core().jobs_changed.notify_one();
        }
        self.engine.tally.attempt(way.as_ref(), Ending::from(&attempt), begun.elapsed());
        match self.engine.executor.decide(SettleJob { job, attempt }).await {
            Ok(true) => self.engine.tally.gave_up(way.as_ref()),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(work, %id, %error, "how a job went cannot be written down; it is done again");
            }
        }
    }

    async fn attempt(&self, job: &Job) -> Attempt {
        let failed = |error: String| Attempt::Failed { error, for_ever: false };
        if let Some(moved) = payment::errand(self.engine, job).await {
            return match moved {
                Ok(After::Done) => Attempt::Done { gone: Vec::new(), nobody: false },
                Ok(After::Again(pause, error)) => Attempt::Again { pause, error },
                Ok(After::Failed(error)) => failed(error),
                Ok(After::Unanswered(pause, error)) => Attempt::Unanswered { error, pause },
                Err(error) => failed(error.to_string()),
            };
        }
        match self.hand_over(job).await {
            Ok(Delivered { gone, left, nobody }) if left.is_empty() => Attempt::Done { gone, nobody },
            Ok(Delivered { gone, left, .. }) => Attempt::Partly { gone, left },
            Err(DeliveryError::Transient(error)) => failed(error),
            Err(DeliveryError::Busy { why, pause }) => Attempt::Busy { error: why, pause },
            Err(DeliveryError::Away { why, pause }) => Attempt::Away { error: why, pause },
            Err(DeliveryError::Permanent(error)) => Attempt::Failed { error, for_ever: true },
        }
    }

    async fn hand_over(&self, job: &Job) -> Result<Delivered, DeliveryError> {
        let outlets = &self.engine.core().outlets;
        let nobody = || DeliveryError::Transient("nothing is set up to deliver this".to_owned());
        match &job.work {
            JobWork::Deliver { channel, user_id, address, message, .. } => {
                let notifier = outlets.notifier.as_ref().ok_or_else(nobody)?;
                let Some(mut to) = self.recipient(*user_id).await? else { return Ok(Delivered::to_nobody()) };
                match (channel, address) {
                    (Channel::Push, Some(left)) => {
                        to.push.retain(|target| notification::is_place(left, target.id));
                        if to.push.is_empty() {
                            return Ok(Delivered::to_nobody());
                        }
                    }
                    (_, Some(address)) => to.email.clone_from(address),
                    (_, None) => {}
                }
                let message = self.message(job.id, &to, (*channel, message)).await?;
                notifier.deliver(*channel, &to, &message).await
            }
            JobWork::DeliverDigest { user_id, drafts } => {
                let notifier = outlets.notifier.as_ref().ok_or_else(nobody)?;
                let Some(to) = self.recipient(*user_id).await? else { return Ok(Delivered::to_nobody()) };
                let message = self.digest(job.id, &to, drafts);
                notifier.deliver(Channel::Email, &to, &message).await
            }
            JobWork::DeliverToken { user_id, purpose, seed } => {
                let notifier = outlets.notifier.as_ref().ok_or_else(nobody)?;
                let Some(to) = self.recipient(*user_id).await? else { return Ok(Delivered::to_nobody()) };
                self.deliver_token(&**notifier, &to, *purpose, seed, job.id).await
            }
            JobWork::Publish { publisher, fact } => {
                let publisher = outlets.publisher(publisher).ok_or_else(nobody)?;
                publisher.publish(&fact.envelope()).await.map(|()| Delivered::default())
            }
            _ => Ok(Delivered::to_nobody()),
        }
    }

    /// A draft with its words, and what goes with it.
    async fn message(
        &self,
        id: JobId,
        to: &Recipient,
        (channel, draft): (Channel, &Draft),
    ) -> Result<Message, DeliveryError> {
        let core = self.engine.core();
        let Said { title, body } = core.texts.say(&to.language, &draft.words);
        Ok(Message {
            dedupe_key: id.to_string(),
            fact: draft.fact,
            event_id: draft.event_id,
            title,
            body,
            tickets: self.attached(to.user_id, draft.attached).await.map_err(later)?,
            unsubscribe: unsubscribe_token(&core.keyring(), to.user_id, [draft.fact.notice_kind()], channel),
            token: None,
        })
    }

    /// Several drafts with their words, as one message.
    fn digest(&self, id: JobId, to: &Recipient, drafts: &[Draft]) -> Message {
        let core = self.engine.core();
        let mut said: Vec<Said> =
            drafts.iter().map(|draft| core.texts.say(&to.language, &draft.words)).collect();
        let said = if said.len() == 1 {
            said.remove(0)
        } else {
            let count = [("messages", Argument::Count(u64::try_from(said.len()).unwrap_or(u64::MAX)))];
            let title = core.texts.text(&to.language, "digest", &count).title;
            let parts =
                said.iter().map(|Said { title, body }| format!("{title}\n{body}").trim_end().to_owned());
            Said { title, body: parts.collect::<Vec<_>>().join("\n\n") }
        };
        let kinds = drafts.iter().map(|draft| draft.fact.notice_kind());
        // Where all of it is about one event, the mail leads there.
        let event_id = drafts.first().and_then(|draft| draft.event_id);
        Message {
            dedupe_key: id.to_string(),
            fact: FactName::Digest,
            event_id: event_id.filter(|_| drafts.iter().all(|draft| draft.event_id == event_id)),
            title: said.title,
            body: said.body,
            tickets: Vec::new(),
            unsubscribe: unsubscribe_token(&core.keyring(), to.user_id, kinds, Channel::Email),
            token: None,
        }
    }

    /// The tickets that go with a message: those that are the person's and good now, the first ones of many.
    async fn attached(&self, user_id: UserId, attached: Attached) -> Result<Vec<TicketPaper>, Error> {
        let ids: Vec<TicketId> = match attached {
            Attached::Nothing => return Ok(Vec::new()),
            Attached::Ticket(id) => vec![id],
            Attached::TicketsOf(id) => {
                let booking = self.engine.load::<Booking>(&id).await?;
                booking.map_or_else(Vec::new, |booking| booking.tickets.clone())
            }
        };
        let tickets = Tickets { engine: self.engine };
        tickets.good_papers(user_id, &ids, TICKETS_MAX).await
    }

    /// Makes the token of a seed, and mails it unless it is good for nothing by now.
    async fn deliver_token(
        &self,
        notifier: &dyn Notifier,
        to: &Recipient,
        purpose: MailPurpose,
        seed: &Secret,
        job_id: JobId,
    ) -> Result<Delivered, DeliveryError> {
        let core = self.engine.core();
        let token = account::token_of(&core.keyring(), purpose, to.user_id, seed);
        let Some(tokens) = self.engine.load::<MailTokens>(&to.user_id).await.map_err(later)? else {
            return Ok(Delivered::to_nobody());
        };
        let now = core.clock.now();
        let say = |name: &str, minutes: u64| {
            let parts = [("minutes", Argument::Count(minutes)), ("code", Argument::Text(token.expose()))];
            core.texts.text(&to.language, name, &parts)
        };
        let message = account::token_message(&tokens, purpose, &token, job_id.to_string(), now, say);
        let Some(message) = message.filter(|_| account::is_address_of(&tokens, purpose, &to.email)) else {
            return Ok(Delivered::to_nobody());
        };
        let hidden = |error: String| error.replace(token.expose(), "…");
        notifier.deliver(Channel::Email, to, &message).await.map_err(|error| match error {
            // An adapter may quote what it could not send.
            DeliveryError::Transient(error) => DeliveryError::Transient(hidden(error)),
            DeliveryError::Busy { why, pause } => DeliveryError::Busy { why: hidden(why), pause },
            DeliveryError::Away { why, pause } => DeliveryError::Away { why: hidden(why), pause },
            DeliveryError::Permanent(error) => DeliveryError::Permanent(hidden(error)),
        })
    }

    /// Where a person is reached; `None` when the account was erased, so that nothing is to be told any more.
    async fn recipient(&self, user_id: UserId) -> Result<Option<Recipient>, DeliveryError> {
        let keys = [
            Key::User(user_id),
            Key::Erasure(user_id),
            Key::Preferences(user_id),
            Key::PushSubscriptions(user_id),
        ];
        let loaded = self.engine.load_all(keys).await.map_err(later)?;
        if of_kind::<Erasure>(&loaded).next().is_some() {
            return Ok(None);
        }
        let gone = || DeliveryError::Permanent("the person has no account any more".to_owned());
        let user = of_kind::<User>(&loaded).next().ok_or_else(gone)?;
        let chosen = of_kind::<Preferences>(&loaded).next();
        let push = of_kind::<PushSubscriptions>(&loaded).flat_map(|all| &all.subscriptions);
        let target = |one: &PushSubscription| PushTarget { id: one.id, address: one.address.clone() };
        Ok(Some(Recipient {
            user_id,
            name: user.name.clone(),
            email: user.email.clone(),
            phone: chosen.and_then(|chosen| chosen.phone.as_ref()).map(|phone| phone.as_str().to_owned()),
            language: chosen.and_then(|chosen| chosen.language.clone()).unwrap_or_default(),
            push: push.map(target).collect(),
        }))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
fn later(error: Error) -> DeliveryError {
    DeliveryError::Transient(error.to_string())
}
