//! When everything has ended: nothing is held, everything was told, nothing was told twice.

use std::collections::BTreeMap;
use std::time::Duration;

use super::invariants::violations;
use super::oracle::{USERS, user};
use super::run::{Problem, Run};
use super::snapshot::Snapshot;
use crate::booking::{Booking, BookingState, BookingStatus};
use crate::event::{Event, EventState, EventStatus};
use crate::id::UserId;
use crate::job::{Job, JobState, JobWork, Telling};
use crate::notification::{Channel, FactName, Notification};
use crate::ticket::Ticket;
use crate::transfer::{Transfer, TransferState};
use crate::waitlist::WaitlistEntry;

impl Run {
    /// Calms everything down, repeats what is still open, and lets all jobs run until none is due.
    pub(super) async fn end(&mut self) -> Result<(), Problem> {
        for request in self.unanswered() {
            let answer = request.put(&self.stage.engines[0]).await;
            if answer.is_none() {
                return Err("a store without faults is unavailable".to_owned());
            }
            self.explain(vec![request.told(answer)], false).await?;
        }
        // First everything that is due already …
        let mut broken = self.come_to_rest().await?;
        // … then deliveries that failed, which pause up to an hour; every hold is over long before.
        for _ in 0..24 {
            self.stage.clock.advance(Duration::from_secs(3_600));
            self.work_off().await?;
        }
        let all = Snapshot::take(&*self.stage.truth).await.map_err(|e| format!("{e}"))?;
        broken.extend(violations(&all));
        broken.extend(self.second_opinion().await?);
        broken.extend(open(&all));
        broken.extend(jobs(&all));
        broken.extend(Self::histories(&all));
        broken.extend(self.messages(&all));
        broken.extend(self.facts(&all));
        self.report.finish(&self.stage.front.counts(), &all);
        for engine in self.stage.engines.drain(..) {
            engine.shut_down().await;
        }
        if broken.is_empty() { Ok(()) } else { Err(format!("{broken:#?}")) }
    }

    /// Lets everything happen that is due, also when the clock was turned back since; what did not happen is wrong.
    pub(super) async fn come_to_rest(&mut self) -> Result<Vec<Problem>, Problem> {
        self.stage.clock.advance(Duration::from_secs(90));
        self.work_off().await?;
        self.explain(Vec::new(), true).await?;
        Ok(self.left_behind())
    }

    /// Runs jobs until none is due.
    async fn work_off(&self) -> Result<(), Problem> {
        for _ in 0..200 {
            let done = self.stage.engines[0].jobs().run_due().await;
            if done.map_err(|e| format!("jobs cannot be looked up: {e}"))? == 0 {
                return Ok(());
            }
        }
        Err("jobs never end".to_owned())
    }

    /// What should have ended by itself by now.
    fn left_behind(&self) -> Vec<Problem> {
        let (now, state) = (self.stage.now(), &self.state);
        let ended = |b: &super::oracle::Booking| {
            let called_off = state.events[&b.event].status == EventStatus::Cancelled;
            let open = matches!(b.status, BookingStatus::Held | BookingStatus::Confirmed);
            open && (called_off || b.deadline.is_some_and(|at| at <= now))
        };
        let bookings = state.bookings.iter().filter(|(_, b)| ended(b));
        let over = |e: &super::oracle::Event| e.status == EventStatus::Published && e.ends_at <= now;
        let events = state.events.iter().filter(|(_, e)| over(e));
        let stuck = state.stuck(now).into_iter();
        bookings
            .map(|(id, _)| format!("{id:?} goes on"))
            .chain(events.map(|(id, _)| format!("{id:?} goes on")))
            .chain(stuck.map(|(of, who)| format!("{who:?} waits for {of:?} although it is their turn")))
            .collect()
    }

    /// Everyone's history has one notification per purchase and per offer to somebody who waited.
    fn histories(all: &Snapshot) -> Vec<Problem> {
        let mut expected: BTreeMap<(UserId, FactName), usize> = BTreeMap::new();
        for booking in all.of::<Booking>() {
            let bought = (!booking.tickets.is_empty()).then_some(FactName::TicketPurchased);
            let offered = booking.from_waitlist.then_some(FactName::WaitlistOffered);
            for fact in bought.into_iter().chain(offered) {
                *expected.entry((booking.user_id, fact)).or_default() += 1;
            }
        }
        let mut told: BTreeMap<(UserId, FactName), usize> = BTreeMap::new();
        for note in all.of::<Notification>() {
            if matches!(note.fact, FactName::TicketPurchased | FactName::WaitlistOffered) {
                *told.entry((note.user_id, note.fact)).or_default() += 1;
            }
        }
        if told == expected { Vec::new() } else { vec![format!("told {told:?} of {expected:?}")] }
    }

    /// Nobody gets a message twice; who never chose gets all of them that are still so.
    fn messages(&self, all: &Snapshot) -> Vec<Problem> {
        let seen = self.stage.outside.seen();
        let mut notes: BTreeMap<(UserId, FactName), usize> = BTreeMap::new();
        for note in all.of::<Notification>() {
            *notes.entry((note.user_id, note.fact)).or_default() += 1;
        }
        let mut broken = seen.wrong.clone();
        let counts = self.stage.front.counts();
        let calm = counts.unavailable + counts.lost_applied + counts.lost_not_applied + counts.lost_and_late;
        if seen.repeated > 0 && calm + counts.reads_unavailable + counts.conflicts == 0 {
            broken.push(format!("{} messages were sent again after they were taken", seen.repeated));
        }
        for ((who, _, fact), keys) in &seen.messages {
            // Mailed tokens are in no history; everybody registers once.
            let of_account = usize::from(*fact == FactName::EmailVerification);
            let notes = notes.get(&(*who, *fact)).copied().unwrap_or(of_account);
            if keys.len() > notes {
                broken.push(format!("{who:?} got {} messages of {notes} {fact:?}", keys.len()));
            }
        }
        for ((who, fact), notes) in notes {
            let faithful = (0..USERS / 2).any(|n| user(n) == who);
            let got = seen.messages.get(&(who, Channel::Email, fact)).map_or(0, |keys| keys.len());
            // What an event was to be is not told once it has begun or was called off, nor an offer that is over.
            let may_lapse =
                matches!(fact, FactName::EventReminder | FactName::EventUpdated | FactName::WaitlistOffered);
            if faithful && got != notes && !may_lapse {
                broken.push(format!("{who:?} got {got} messages of {notes} {fact:?}"));
            }
        }
        broken
    }

    /// Other systems know of every ticket that was ever sold.
    fn facts(&self, all: &Snapshot) -> Vec<Problem> {
        let seen = self.stage.outside.seen();
        let of = |name: FactName| seen.facts.values().filter(|fact| fact.event == name).count();
        let sold = all.of::<Ticket>().count();
        let confirmed = all.of::<Booking>().filter(|b| !b.tickets.is_empty()).count();
        let mut broken = Vec::new();
        let offered = all.of::<Booking>().filter(|b| b.from_waitlist).count();
        let given = all.of::<Transfer>().count();
        let ended = all.of::<Notification>().filter(|note| note.fact == FactName::WaitlistEnded).count();
        let taken =
            all.of::<Transfer>().filter(|t| matches!(t.state, TransferState::Accepted { .. })).count();
        for (name, count) in [
            (FactName::TicketPurchased, sold),
            (FactName::BookingConfirmed, confirmed),
            (FactName::WaitlistOffered, offered),
            (FactName::WaitlistEnded, ended),
            (FactName::TicketOffered, given),
            (FactName::TicketTransferred, taken),
        ] {
            if of(name) != count {
                broken.push(format!("{} facts of {count} {name:?}", of(name)));
            }
        }
        broken
    }
}

/// Nothing is held or offered any more, nothing of a cancelled event is sold, and nobody waits for what is over.
fn open(all: &Snapshot) -> Vec<Problem> {
    let called_off =
        |id| all.of::<Event>().any(|e| e.id == id && matches!(e.state, EventState::Cancelled { .. }));
    let on_sale =
        |id| all.of::<Event>().any(|e| e.id == id && matches!(e.state, EventState::Published { .. }));
    let open = all.of::<Booking>().filter(|b| match b.state {
        BookingState::Held { .. } => true,
        BookingState::Confirmed { .. } => called_off(b.event_id),
        BookingState::Cancelled { .. } | BookingState::Expired { .. } => false,
    });
    let open = open.map(|booking| format!("{:?} is open for ever", booking.id));
    let offered = all.of::<Transfer>().filter(|t| matches!(t.state, TransferState::Offered { .. }));
    let offered = offered.map(|transfer| format!("{:?} is on offer for ever", transfer.id));
    let waiting = all.of::<WaitlistEntry>().filter(|entry| !on_sale(entry.event_id));
    let waiting = waiting.map(|entry| format!("{entry:?} waits for what is over"));
    open.chain(offered).chain(waiting).collect()
}

/// Nothing is left to do but to complete what is not over yet, and to remind of it.
fn jobs(all: &Snapshot) -> Vec<Problem> {
    let open = |id| all.of::<Event>().any(|e| e.id == id && matches!(e.state, EventState::Published { .. }));
    let left = all.of::<Job>().filter(|job| match &job.work {
        JobWork::CompleteEvent(id)
        | JobWork::TellHolders { event_id: id, telling: Telling::Reminder { .. }, .. } => {
            !open(*id) || matches!(job.state, JobState::Dead { .. })
        }
        _ => true,
    });
    left.map(|job| format!("left behind: {job:?}")).collect()
}
