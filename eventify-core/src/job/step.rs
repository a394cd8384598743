//! The steps of long work over an event's bookings and tickets. Whatever cannot be read or decided is left out, logged and
//! counted: one damaged record must not keep everybody else waiting.

use std::collections::BTreeSet;

use super::Jobs;
use super::model::{Job, Sweep};
use super::run::RunJob;
use super::worker::STEP_RECORDS_MAX;
use crate::booking::Booking;
use crate::error::Error;
use crate::eventify::of_kind;
use crate::id::{BookingId, EventId, TicketId};
use crate::store::{Damaged, Index, Key, Page, Position, Scan, Versioned};
use crate::ticket::Ticket;

/// Bookings that one step of a cancelled event's sweep takes: each is some ten records, and everybody else waits for the commit of all of them.
const STEP_BOOKINGS_MAX: usize = 12;
/// Seats that they have together: one booking may have a thousand.
const STEP_SEATS_MAX: u32 = 500;

/// Part of a step: what one decision is about.
type Part<T> = fn(&Job, Vec<T>) -> RunJob;

impl Jobs<'_> {
    /// Cancels the next bookings of a cancelled event.
    pub(super) async fn cancel_next(
        &self,
        job: &Job,
        event_id: EventId,
        sweep: &Sweep,
    ) -> Result<bool, Error> {
        let page = self.readable(Index::OpenBookingsOfEvent(event_id), sweep, STEP_BOOKINGS_MAX).await?;
        let open: Vec<&Booking> = of_kind::<Booking>(&page.items).map(|booking| &**booking).collect();
        let mut left_out: BTreeSet<BookingId> = BTreeSet::new();
        loop {
            let chunk = first_seats(open.iter().copied().filter(|booking| !left_out.contains(&booking.id)));
            if chunk.is_empty() {
                break;
            }
            let whole = chunk.len();
            let failed = self.parts(job, chunk, |job, bookings| RunJob { bookings, ..part(job) }).await?;
            // What was cancelled is found no more: the rest is found by the next look.
            if failed.len() < whole {
                return Ok(true);
            }
            left_out.extend(failed);
        }
        self.go_on(job, page, left_out.len()).await
    }

    /// Tells the next holders of an event something.
    pub(super) async fn tell_next(&self, job: &Job, event_id: EventId, sweep: &Sweep) -> Result<bool, Error> {
        let page = self.readable(Index::TicketsOfEvent(event_id), sweep, STEP_RECORDS_MAX).await?;
        let tickets: Vec<TicketId> = of_kind::<Ticket>(&page.items).map(|ticket| ticket.id).collect();
        let whole = RunJob { tickets: tickets.clone(), moves: true, ..part(job) };
        let whole = RunJob { next: position(&page), left_out: self.unreadable(job, &page), ..whole };
        match self.run_inside(whole).await {
            Err(error) if !error.is_retryable() => {
                // Telling twice is telling once, so the parts need not know of each other.
                let failed = self.parts(job, tickets, |job, tickets| RunJob { tickets, ..part(job) }).await?;
                self.go_on(job, page, failed.len()).await
            }
            done => done,
        }
    }

    /// Decides what can be decided of these, in halves where something cannot, and answers with what is left. Fails when
    /// nothing could be: the event's own records are what cannot be read.
    async fn parts<T: Copy>(&self, job: &Job, all: Vec<T>, of: Part<T>) -> Result<Vec<T>, Error> {
        let Err(error) = self.run_inside(of(job, all.clone())).await else {
            return Ok(Vec::new());
        };
        if error.is_retryable() {
            return Err(error);
        }
        self.run_inside(of(job, Vec::new())).await?;
        let (mut waiting, mut failed) = (vec![all], Vec::new());
        while let Some(mut some) = waiting.pop() {
            if some.is_empty() {
                continue;
            }
            match self.run_inside(of(job, some.clone())).await {
                Ok(_) => {}
                Err(error) if error.is_retryable() => return Err(error),
                Err(error) if some.len() == 1 => {
                    tracing::error!(job = job.work.name(), id = %job.id, %error, "a job leaves a record out");
                    failed.append(&mut some);
                }
                Err(_) => {
                    let second = some.split_off(some.len() / 2);
                    waiting.extend([second, some]);
                }
            }
        }
        Ok(failed)
    }

    /// Behind a page of which everything is done but what cannot be.
    async fn go_on(&self, job: &Job, page: Page<Versioned>, failed: usize) -> Result<bool, Error> {
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        let left_out = self.unreadable(job, &page).saturating_add(failed);
        self.run_inside(RunJob { next: position(&page), left_out, moves: true, ..part(job) }).await
    }

    fn unreadable(&self, job: &Job, page: &Page<Versioned>) -> u32 {
        let damaged: Vec<&Key> = page.items.iter().filter(|v| v.record.is_none()).map(|v| &v.key).collect();
        for key in &damaged {
            tracing::error!(job = job.work.name(), id = %job.id, ?key, "a job leaves a damaged record out");
        }
        u32::try_from(damaged.len()).unwrap_or(u32::MAX)
    }

    async fn readable(&self, index: Index, sweep: &Sweep, limit: usize) -> Result<Page<Versioned>, Error> {
        let after = sweep.after.clone().map(Position);
        let scan = Scan { after, damaged: Damaged::IsAbsent, ..Scan::first(index, limit) };
        Ok(self.engine.core().store.scan(&scan).await?)
    }
}

/// A part that leaves the job where it is.
fn part(job: &Job) -> RunJob {
    RunJob { moves: false, ..RunJob::new(job.clone()) }
}

fn position(page: &Page<Versioned>) -> Option<Vec<u8>> {
    page.next.as_ref().map(|position| position.0.clone())
}

/// The first bookings that together have no more seats than one step gives back; at least one.
fn first_seats<'b>(bookings: impl Iterator<Item = &'b Booking>) -> Vec<BookingId> {
    let mut seats = 0;
    let fits = |booking: &&Booking| {
        let first = seats == 0;
        seats += booking.seats();
        first || seats <= STEP_SEATS_MAX
    };
    bookings.take_while(fits).map(|booking| booking.id).collect()
}
