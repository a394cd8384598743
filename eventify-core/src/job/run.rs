//! Running jobs that need nobody but the engine: each is one decision.

use std::collections::BTreeSet;

use super::model::{Job, JobState, JobWork, Telling};
use crate::account::{self, Whom};
use crate::booking;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::event;
use crate::id::{BookingId, EventId, PromoCodeId, TicketId, WebhookDeliveryId, WebhookId};
use crate::notification::{self, Fact};
use crate::payment;
use crate::promo_code;
use crate::seat_map;
use crate::store::Key;
use crate::transfer;
use crate::waitlist::{self, Rest};
use crate::webhook;
use crate::work::{Decision, Work};

/// Does a job that only the engine is needed for.
pub(super) struct RunJob {
    pub(super) job: Job,
    /// What a scan found for it to work on; checked again in the decision.
    pub(super) bookings: Vec<BookingId>,
    pub(super) tickets: Vec<TicketId>,
    pub(super) promo_codes: Vec<PromoCodeId>,
    pub(super) next: Option<Vec<u8>>,
    /// Whether the job goes on behind what was seen: not when this is only a part of it.
    pub(super) moves: bool,
    /// How many records had to be left out.
    pub(super) left_out: u32,
    /// What a scan found that waits for a webhook.
    pub(super) deliveries: Vec<WebhookDeliveryId>,
    /// What a scan found of a person.
    pub(super) personal: Vec<Key>,
}

impl RunJob {
    pub(super) const fn new(job: Job) -> Self {
        Self {
            job,
            bookings: Vec::new(),
            tickets: Vec::new(),
            promo_codes: Vec::new(),
            next: None,
            moves: true,
            left_out: 0,
            deliveries: Vec::new(),
            personal: Vec::new(),
        }
    }
}

impl Command for RunJob {
    /// Whether there was anything to do: another worker may have been faster.
    type Reply = bool;
    const NAME: &'static str = "run_job";
    const BY_WORKER: bool = true;

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
        keys.extend(self.bookings.iter().copied().map(Key::Booking));
        keys.extend(self.bookings.iter().copied().map(payment::reads_of_booking));
        keys.extend(self.tickets.iter().copied().map(Key::Ticket));
        match &self.job.work {
            JobWork::ExpireHold(booking_id, event_id) => {
                keys.extend([Key::Booking(*booking_id), Key::Event(*event_id), Key::Inventory(*event_id)]);
            }
            JobWork::ExpireTransfer(transfer_id, _) => {
                keys.insert(Key::Transfer(*transfer_id));
            }
            JobWork::CompleteEvent(id) | JobWork::SweepCancelledEvent { event_id: id, .. } => {
                keys.extend([Key::Event(*id), Key::Inventory(*id)]);
            }
            JobWork::TellHolders { event_id, .. } => {
                keys.insert(Key::Event(*event_id));
            }
            JobWork::ServeWaitlist { event_id, ticket_type_id, .. } => {
                keys.extend(waitlist::reads_of_serving(*event_id, *ticket_type_id));
            }
            JobWork::SweepDeletedEvent(id) => {
                keys.insert(seat_map::reads_of_deletion(*id));
                keys.extend(self.promo_codes.iter().copied().map(Key::PromoCode));
            }
            JobWork::MailReset { email, .. } => {
                keys.insert(Key::EmailClaim(email.clone()));
            }
            JobWork::EraseUser { user_id, .. } => {
                keys.insert(Key::Erasure(*user_id));
                keys.extend(self.personal.iter().cloned());
            }
            JobWork::FanOut { event_id, .. } => {
                keys.insert(Key::WebhookList(webhook::WebhookOwner::Deployment));
                keys.extend(event_id.map(Key::Event));
            }
            JobWork::WatchWebhook { webhook_id, .. } => {
                keys.extend(webhook::watch_reads(*webhook_id, &self.deliveries));
            }
            JobWork::EmptyDigest(user_id) => {
                keys.extend([Key::DigestBox(*user_id), Key::Preferences(*user_id)]);
            }
            JobWork::Deliver { .. }
            | JobWork::Publish { .. }
            | JobWork::DeliverToken { .. }
            | JobWork::DeliverDigest { .. }
            | JobWork::RefundPayment { .. }
            | JobWork::WatchPayment { .. }
            | JobWork::FindDisputed { .. }
            | JobWork::DeliverWebhook { .. } => {}
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(false);
        };
        let is_another = job.work != self.job.work;
        if is_another || job.due_at > cx.now || matches!(job.state, JobState::Dead { .. }) {
            // Gone on by another worker, moved, or given up, since it was found.
            return Ok(false);
        }
        let next = match &job.work {
            JobWork::ExpireHold(booking_id, _) => {
                booking::expire(work, cx, *booking_id)?;
                None
            }
            JobWork::ExpireTransfer(transfer_id, _) => {
                transfer::expire(work, cx, *transfer_id).map(|()| None)?
            }
            JobWork::CompleteEvent(event_id) => {
                let later = event::complete(work, cx, *event_id)?;
                if later.is_none() {
                    waitlist::wake(work, cx, *event_id)?;
                }
                later.map(|at| Job { due_at: at, attempts: 0, ..(*job).clone() })
            }
            JobWork::SweepCancelledEvent { event_id, .. } => self.cancel_some(work, cx, &job, *event_id)?,
            &JobWork::ServeWaitlist { event_id, ticket_type_id, after } => {
                match waitlist::serve(work, cx, event_id, ticket_type_id, after)? {
                    Rest::Nothing => None,
                    Rest::Behind(after, due_at) => {
                        let rest = JobWork::ServeWaitlist { event_id, ticket_type_id, after };
                        Some(Job { work: rest, due_at, attempts: 0, ..(*job).clone() })
                    }
                }
            }
            JobWork::SweepDeletedEvent(event_id) => {
                promo_code::delete_with_event(work, *event_id, &self.promo_codes)?;
                let more = seat_map::delete_with_event(work, *event_id)? || !self.promo_codes.is_empty();
                more.then(|| Job { attempts: 0, ..(*job).clone() })
            }
            JobWork::TellHolders { event_id, telling, sweep } => {
                let is_first = self.moves && sweep.after.is_none();
                self.tell_some(work, cx, &job, (*event_id, telling, is_first))?
            }
            JobWork::MailReset { email, origin } => {
                account::mail_reset(work, cx, email, origin.as_deref())?;
                None
            }
            JobWork::EraseUser { user_id, email, step, .. } => {
                let whom = Whom { user_id: *user_id, email: email.clone() };
                let rest = account::erase_part(work, cx, &whom, *step, &self.personal, self.next.as_deref())?;
                rest.map(|rest| Job { work: rest, attempts: 0, ..(*job).clone() })
            }
            &JobWork::FanOut { event_id, ref facts } => fan_out(work, cx, &job, event_id, facts)?,
            JobWork::WatchWebhook { webhook_id, .. } => self.watch_some(work, cx, &job, *webhook_id)?,
            JobWork::EmptyDigest(user_id) => notification::empty_digest(work, cx, *user_id).map(|()| None)?,
            JobWork::Deliver { .. }
            | JobWork::Publish { .. }
            | JobWork::DeliverToken { .. }
            | JobWork::DeliverDigest { .. }
            | JobWork::RefundPayment { .. }
            | JobWork::WatchPayment { .. }
            | JobWork::FindDisputed { .. }
            | JobWork::DeliverWebhook { .. } => return Ok(false),
        };
        match next {
            Some(next) => work.put(next),
            None => work.delete::<Job>(&job.id),
        }
        Ok(true)
    }
}

impl RunJob {
    fn cancel_some(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        job: &Job,
        event_id: EventId,
    ) -> Decision<Option<Job>> {
        booking::cancel_with_event(work, cx, event_id, &self.bookings)?;
        if !self.moves {
            // What was cancelled is found no more: it goes on where it is until there is nothing.
            return Ok(Some(Job { attempts: 0, ..job.clone() }));
        }
        if self.next.is_none() {
            // Nobody waits for it any more.
            waitlist::wake(work, cx, event_id)?;
        }
        Ok(self.behind(job, cx))
    }

    fn tell_some(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        job: &Job,
        (event_id, telling, is_first): (EventId, &Telling, bool),
    ) -> Decision<Option<Job>> {
        let step = event::Step { event_id, tickets: &self.tickets, is_first };
        Ok(match event::tell_holders(work, cx, &step, telling)? {
            false => None,
            true if self.moves => self.behind(job, cx),
            true => Some(job.clone()),
        })
    }

    fn watch_some(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        job: &Job,
        webhook_id: WebhookId,
    ) -> Decision<Option<Job>> {
        let next = webhook::watch(work, cx, webhook_id, &self.deliveries, self.next.clone())?;
        Ok(next.map(|(behind, due_at)| {
            let mut rest = Job { due_at, attempts: 0, ..job.clone() };
            if let JobWork::WatchWebhook { after, .. } = &mut rest.work {
                *after = behind;
            }
            rest
        }))
    }

    fn behind(&self, job: &Job, cx: &Context<'_>) -> Option<Job> {
        job.behind(self.next.as_ref(), self.left_out, cx.now)
    }
}

/// Writes the next deliveries to webhooks, and answers with what is left to do.
fn fan_out(
    work: &mut Work,
    cx: &Context<'_>,
    job: &Job,
    event_id: Option<EventId>,
    facts: &[Fact],
) -> Decision<Option<Job>> {
    let facts = webhook::fan_out_some(work, cx, event_id, facts)?;
    let more = !facts.is_empty();
    Ok(more.then(|| Job { work: JobWork::FanOut { event_id, facts }, attempts: 0, ..job.clone() }))
}
