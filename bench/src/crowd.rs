//! Many who do the same thing for a while.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    pub(crate) waits: Waits,
}

/// How long one waited, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Waits {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Waits {
    pub(crate) fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |per_mille: usize| {
            let nth = (waits.len() * per_mille / 1_000).min(waits.len().saturating_sub(1));
            waits.get(nth).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1_000.0)
        };
        Self { p50: at(500), p99: at(990), p999: at(999), max: at(1_000) }
    }

    /// The worse of the two, each of its own.
    pub(crate) const fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p99: self.p99.max(other.p99),
            p999: self.p999.max(other.p999),
            max: self.max.max(other.max),
        }
    }
}

/// Lets so many do something again and again for a while; each answers how often it was done.
#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) async fn run_for<F>(
    seconds: f64,
    crowd: usize,
    act: impl Fn() -> F + Clone + Send + 'static,
) -> Result<Outcome>
where
    F: Future<Output = Result<usize>> + Send + 'static,
{
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    together(crowd, act, move || Instant::now() < end).await
}

/// Lets so many do something until it was done so often.
pub(crate) async fn run_counted<F>(
    count: usize,
    crowd: usize,
    act: impl Fn() -> F + Clone + Send + 'static,
) -> Result<Outcome>
where
    F: Future<Output = Result> + Send + 'static,
{
    let left = Arc::new(AtomicUsize::new(count));
    let once = move || {
        let done = act();
        async move { done.await.map(|()| 1) }
    };
    let is_left =
        move || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
    together(crowd, once, is_left).await
}

/// Each of them is a task, as each connection of a service is, and does one thing after another.
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
async fn together<F>(
    crowd: usize,
    act: impl Fn() -> F + Clone + Send + 'static,
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<Outcome>
where
    F: Future<Output = Result<usize>> + Send + 'static,
{
    let start = Instant::now();
    let one = |_| {
        let (act, goes_on) = (act.clone(), goes_on.clone());
        tokio::spawn(async move {
            let (mut done, mut waits) = (0, Vec::new());
            while goes_on() {
                let begun = Instant::now();
                done += act().await?;
                waits.push(begun.elapsed());
            }
            Result::Ok((done, waits))
        })
    };
    let (mut done, mut waits) = (0, Vec::new());
    for outcome in join_all((0..crowd).map(one)).await {
        let (own, own_waits) = outcome??;
        done += own;
        waits.extend(own_waits);
    }
    let per_second = done as f64 / start.elapsed().as_secs_f64();
    Ok(Outcome { done, per_second, waits: Waits::of(waits) })
}
