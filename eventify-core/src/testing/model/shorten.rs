//! Finding a shorter plan that fails, too.

use super::Model;
use super::plan::Plan;
use crate::testing::conformance::StoreBuilder;

/// Plans that are tried at most.
const TRIES_MAX: u32 = 150;

/// Leaves out rounds, then steps, as long as what is left still fails.
pub(super) async fn shorten<B: StoreBuilder>(
    model: &Model,
    builder: &B,
    plan: Plan,
    problem: String,
) -> (Plan, String) {
    let mut best = (plan, problem);
    let mut tries = 0;
    let mut chunk = best.0.rounds.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < best.0.rounds.len() && tries < TRIES_MAX {
            let mut shorter = best.0.clone();
            let end = (at + chunk).min(shorter.rounds.len());
            shorter.rounds.drain(at..end);
            tries += 1;
            match model.play(builder, &shorter).await {
                Err(problem) => best = (shorter, problem),
                Ok(_) => at += chunk,
            }
        }
        chunk /= 2;
    }
    let places: Vec<(usize, usize)> = steps(&best.0).collect();
    for (round, step) in places.into_iter().rev() {
        if tries >= TRIES_MAX {
            break;
        }
        let mut shorter = best.0.clone();
        shorter.rounds[round].steps.remove(step);
        tries += 1;
        if let Err(problem) = model.play(builder, &shorter).await {
            best = (shorter, problem);
        }
    }
    best
}

fn steps(plan: &Plan) -> impl Iterator<Item = (usize, usize)> + '_ {
    plan.rounds.iter().enumerate().flat_map(|(round, r)| (0..r.steps.len()).map(move |step| (round, step)))
}
