//! Finding a shorter plan that fails, too.

use std::ops::Range;

/// A plan of rounds with steps, which can do without some of them.
pub(super) trait Plan: Clone {
    /// How many rounds it has.
    fn rounds(&self) -> usize;
    /// Without these rounds.
    fn leave_out(&mut self, rounds: Range<usize>);
    /// How many steps a round has.
    fn steps(&self, round: usize) -> usize;
    /// Without this step of a round.
    fn leave_out_step(&mut self, round: usize, step: usize);
}

/// Leaves out rounds, then steps, as long as what is left still fails when it is played; tries so many plans at most.
pub(super) async fn shorten<P: Plan, R>(
    plan: P,
    problem: String,
    tries_max: u32,
    play: impl AsyncFn(&P) -> Result<R, String>,
) -> (P, String) {
    let mut best = (plan, problem);
    let mut tries = 0;
    let mut chunk = best.0.rounds().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < best.0.rounds() && tries < tries_max {
            let mut shorter = best.0.clone();
            shorter.leave_out(at..(at + chunk).min(best.0.rounds()));
            tries += 1;
            match play(&shorter).await {
                Err(problem) => best = (shorter, problem),
                Ok(_) => at += chunk,
            }
        }
        chunk /= 2;
    }
    for round in (0..best.0.rounds()).rev() {
        for step in (0..best.0.steps(round)).rev() {
            if tries >= tries_max {
                return best;
            }
            let mut shorter = best.0.clone();
            shorter.leave_out_step(round, step);
            tries += 1;
            if let Err(problem) = play(&shorter).await {
                best = (shorter, problem);
            }
        }
    }
    best
}
