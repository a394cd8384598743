//! Money as it should be, beside money as it is.
//!
//! People hold seats and pay, at two banks at once, too late, too little, in another currency, or not at all; organizers cancel,
//! give money back, here and on the banks' own pages – from where it may come back, and of which some banks tell nobody –, and take cash; who cancels gets half back, or all; payers have their own banks take the money. The banks hang up after
//! they charged, charge once more what was paid, lose and repeat their callbacks, say them out of order, make refunds later or not at all
//! after they accepted them, are away for longer than late money is looked for, and refuse what they did before, and to say how it
//! stands. People try refunds again that failed, and pay them out, beside the jobs. Clocks are set back. The store storms, the engines are started anew and left in the middle of what they
//! do. When all that has ended and everything has come to rest, the banks' own books say what has to be: for every charge that was
//! captured there is a confirmed booking or all of it went back, never more than came; for every ticket somebody paid; and the ledger
//! is what the banks wrote. No rule of the engine is asked for that.
//!
//! A failure names the seed and the shortest plan found that fails.

mod account;
mod bank;
mod books;
mod calls;
mod hands;
mod plan;
mod rest;
mod run;

use std::fmt;

use self::plan::Plan;
use self::run::Run;
use super::shorten::shorten;
use crate::testing::FaultPlan;
use crate::testing::conformance::StoreBuilder;

/// How a run is made up.
#[derive(Debug, Clone, Copy)]
pub struct Till {
    /// Rounds of a run.
    pub rounds: u32,
    /// Things that happen at once in a round, at most; 1 to 8.
    pub clients: u8,
    /// Engines over the one store.
    pub engines: u8,
    /// What goes wrong in the store.
    pub faults: FaultPlan,
    /// Whether the banks misbehave.
    pub bad_banks: bool,
    /// Whether they are silent, too, when they do: only where time passes by itself.
    pub bank_hangs: bool,
}

impl Default for Till {
    fn default() -> Self {
        Self {
            rounds: 24,
            clients: 6,
            engines: 2,
            faults: FaultPlan::STORM,
            bad_banks: true,
            bank_hangs: true,
        }
    }
}

/// What a run consisted of: to see that it was worth something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TillReport {
    /// Charges that banks made.
    pub charges: u32,
    /// Those whose money was captured.
    pub captured: u32,
    /// Those that paid for tickets in the end.
    pub kept: u32,
    /// Those that went back wholly.
    pub returned: u32,
    /// Money that came when its time was over.
    pub late: u32,
    /// Another amount or currency than was asked for.
    pub odd: u32,
    /// Refunds that banks made.
    pub refunds: u32,
    /// Callbacks that arrived twice or more, or were said again.
    pub repeated: u32,
    /// Callbacks that never arrived.
    pub lost: u32,
    /// Calls that banks did not answer, or refused.
    pub failed_calls: u32,
    /// Of them those that did what they should.
    pub done_unsaid: u32,
    /// Bookings that were paid in cash.
    pub cash: u32,
    /// Times that a payer's own bank took money back, or decided about it.
    pub disputes: u32,
    /// Charges that banks made once more.
    pub doubles: u32,
    /// Bookings that were cancelled for a part of their price.
    pub halves: u32,
    /// Refunds that banks accepted and did not make at once.
    pub accepted_only: u32,
    /// Refunds that failed after they were accepted.
    pub failed_late: u32,
    /// Times that money was given back on a bank's own pages.
    pub outside: u32,
    /// Times that such money came back.
    pub outside_failed: u32,
    /// Times that nobody heard of either.
    pub outside_unsaid: u32,
    /// Charges whose fee was told when they were asked about.
    pub fees: u32,
    /// Charges that came when their seats were gone.
    pub too_late: u32,
    /// Disputes that were told before their money was known.
    pub told_early: u32,
    /// Refunds that failed and that people had tried again while everything else went on.
    pub retried: u32,
    /// Refunds that people paid out.
    pub paid_out: u32,
}

impl TillReport {
    /// The sum of two.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            charges: self.charges + other.charges,
            captured: self.captured + other.captured,
            kept: self.kept + other.kept,
            returned: self.returned + other.returned,
            late: self.late + other.late,
            odd: self.odd + other.odd,
            refunds: self.refunds + other.refunds,
            repeated: self.repeated + other.repeated,
            lost: self.lost + other.lost,
            failed_calls: self.failed_calls + other.failed_calls,
            done_unsaid: self.done_unsaid + other.done_unsaid,
            cash: self.cash + other.cash,
            disputes: self.disputes + other.disputes,
            doubles: self.doubles + other.doubles,
            halves: self.halves + other.halves,
            accepted_only: self.accepted_only + other.accepted_only,
            failed_late: self.failed_late + other.failed_late,
            outside: self.outside + other.outside,
            outside_failed: self.outside_failed + other.outside_failed,
            outside_unsaid: self.outside_unsaid + other.outside_unsaid,
            fees: self.fees + other.fees,
            too_late: self.too_late + other.too_late,
            told_early: self.told_early + other.told_early,
            retried: self.retried + other.retried,
            paid_out: self.paid_out + other.paid_out,
        }
    }
}

/// A run after which the books do not agree.
#[derive(Debug)]
pub struct TillFailure {
    seed: u64,
    problem: String,
    plan: Plan,
}

impl TillFailure {
    /// The seed to run again with.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Display for TillFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} (run it again with EVENTIFY_MODEL_SEED={}):", self.seed, self.seed)?;
        writeln!(f, "{}", self.problem)?;
        writeln!(f, "the shortest plan found that fails:\n{}", self.plan)
    }
}

impl std::error::Error for TillFailure {}

/// Plans that are tried at most while a shorter one is looked for.
const TRIES_MAX: u32 = 200;

impl Till {
    /// One run over a store of its own. Repeats exactly on a current-thread runtime whose time is paused, over a store that
    /// answers without waiting for other threads.
    ///
    /// # Errors
    /// [`TillFailure`].
    pub async fn run<B: StoreBuilder>(&self, builder: &B, seed: u64) -> Result<TillReport, TillFailure> {
        let plan = Plan::new(seed, self.rounds, self.clients.clamp(1, 8), self.engines.max(1));
        match self.play(builder, &plan).await {
            Ok(report) => Ok(report),
            Err(problem) => {
                let play = async |plan: &Plan| self.play(builder, plan).await;
                let (plan, problem) = shorten(plan, problem, TRIES_MAX, play).await;
                Err(TillFailure { seed, problem, plan })
            }
        }
    }

    async fn play<B: StoreBuilder>(&self, builder: &B, plan: &Plan) -> Result<TillReport, String> {
        let (guard, store) = builder.build().await;
        let mut run = Run::new(*self, store, plan.seed).await.map_err(|e| format!("it cannot begin: {e}"))?;
        let played = run.play(plan).await;
        run.end().await;
        let report = run.report();
        drop(run);
        drop(guard);
        played.map(|()| report)
    }
}
