//! Coming to rest: the storm is over, the banks do what they should, and people see to what needs people.

use std::time::Duration;

use super::bank::{Bank, LATE_FOR};
use super::books::disagreements;
use super::run::Run;
use crate::actor::Actor;
use crate::context::Clock;
use crate::error::Error;
use crate::page::PageRequest;

/// Longer than anything waits for: payments, late money, and the pauses of jobs.
const HOURS: u32 = 12;

impl Run {
    /// Lets everything happen that has to, and compares the books.
    pub(super) async fn rest(&mut self) -> Result<(), String> {
        let unavailable = |e: Error| format!("a calm engine fails: {e}");
        self.clock.advance(LATE_FOR);
        self.banks.iter().for_each(Bank::say_again);
        self.end_paying_out().await;
        for hour in 0..HOURS {
            if hour == HOURS / 2 {
                self.ask_the_quiet().await.map_err(unavailable)?;
            }
            for bank in &self.banks {
                // In the end everything is made: else it would never end.
                bank.books().is_final = hour >= HOURS / 2;
                bank.end_refunds(true);
            }
            self.hear_everything().await?;
            self.work_off().await.map_err(unavailable)?;
            // People do not try again so soon that a bank is never asked while nothing is on its way.
            self.clock.advance(Duration::from_secs(60));
            self.work_off().await.map_err(unavailable)?;
            self.see_to_it().await.map_err(unavailable)?;
            self.clock.advance(Duration::from_secs(3_600));
        }
        self.work_off().await.map_err(unavailable)?;
        self.banks.iter().for_each(|bank| bank.books().is_final = false);
        let problems = disagreements(self).await;
        if problems.is_empty() { Ok(()) } else { Err(format!("{problems:#?}")) }
    }

    /// What a bank tells nobody is found out by asking, ever more rarely: after as long as everything before together, and a day.
    async fn ask_the_quiet(&mut self) -> Result<(), Error> {
        let so_far = self.clock.now().since(self.began);
        for _ in 0..4 {
            self.clock.advance(so_far / 4 + Duration::from_secs(6 * 3_600));
            self.work_off().await?;
        }
        Ok(())
    }

    /// Every callback arrives that was not lost.
    async fn hear_everything(&self) -> Result<(), String> {
        for bank in &self.banks {
            for _ in 0..2_000 {
                if !self.arrive(&self.engines[0], bank, 0, 1).await {
                    break;
                }
            }
            if bank.take(0).is_some() {
                return Err(format!("a callback of {bank:?} is never taken in"));
            }
        }
        Ok(())
    }

    async fn work_off(&self) -> Result<(), Error> {
        for _ in 0..500 {
            if self.engines[0].jobs().run_due().await? == 0 {
                return Ok(());
            }
        }
        Err(Error::internal("jobs never end"))
    }

    /// What is left to people: dead letters, and refunds.
    async fn see_to_it(&mut self) -> Result<(), Error> {
        let (engine, system) = (&self.engines[0], Actor::system());
        for job in engine.jobs().dead(&system, &PageRequest::first(100)).await?.data {
            engine.jobs().retry(&system, job.id).await?;
        }
        self.see_to_all().await
    }
}
