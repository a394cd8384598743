//! Many who do the same thing for a while.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::Result;

/// What a crowd came to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) done: usize,
    pub(crate) per_second: f64,
    /// How long one waited, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// Lets so many do something again and again for a while; each answers how often it was done.
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) async fn run_for<F>(seconds: f64, crowd: usize, act: impl Fn() -> F + Clone) -> Result<Outcome>
where
    F: Future<Output = Result<usize>> + Send + 'static,
{
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(seconds);
    let one = |_| {
        let act = act.clone();
        async move {
            let (mut done, mut waits) = (0, Vec::new());
            while Instant::now() < end {
                let begun = Instant::now();
                // A task of its own, as each request of a service has.
                done += tokio::spawn(act()).await??;
                waits.push(begun.elapsed());
            }
            Result::Ok((done, waits))
        }
    };
    let mut done = 0;
    let mut waits = Vec::new();
    for outcome in join_all((0..crowd).map(one)).await {
        let (own, own_waits) = outcome?;
        done += own;
        waits.extend(own_waits);
    }
    let per_second = done as f64 / start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: usize| {
        let nth = (waits.len() * share / 100).min(waits.len().saturating_sub(1));
        waits.get(nth).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1_000.0)
    };
    Ok(Outcome { done, per_second, p50: at(50), p99: at(99), max: at(100) })
}
