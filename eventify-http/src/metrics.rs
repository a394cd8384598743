//! How many requests there were and how long they took, by route: a fixed number of counters, made with the router.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use eventify_core::job::{Backlog, DeliveryCount, Way};

/// Upper bounds of the histogram's buckets, in microseconds.
const BUCKETS_US: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// The statuses that are counted apart; the last one stands for all others.
const STATUSES: [u16; 22] = [
    101, 200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 426, 429, 500, 503,
    0,
];

/// The numbers of all routes. What matches no route is counted together.
#[derive(Debug)]
pub(crate) struct Metrics {
    routes: HashMap<String, Vec<(Method, Counts)>>,
    unmatched: Counts,
}

/// The numbers of one route.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS_US.len()],
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counters for these routes: path template and method.
    pub(crate) fn new(routes: impl IntoIterator<Item = (String, Method)>) -> Self {
        let mut by_path: HashMap<String, Vec<(Method, Counts)>> = HashMap::new();
        for (path, method) in routes {
            by_path.entry(path).or_default().push((method, Counts::default()));
        }
        Self { routes: by_path, unmatched: Counts::default() }
    }

    /// The counters of a route, by its template.
    pub(crate) fn of(&self, template: &str, method: &Method) -> &Counts {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let known = self.routes.get(template);
        known
            .and_then(|methods| methods.iter().find(|(known, _)| known == method))
            .map_or(&self.unmatched, |(_, counts)| counts)
    }

    /// Everything in Prometheus' text format.
    pub(crate) fn render(&self) -> String {
        let mut labelled: Vec<(String, &Counts)> = self
            .routes
            .iter()
            .flat_map(|(path, methods)| {
                let label = move |method: &Method| format!("method=\"{method}\",route=\"{path}\"");
                methods.iter().map(move |(method, counts)| (label(method), counts))
            })
            .collect();
        labelled.sort_by(|a, b| a.0.cmp(&b.0));
        labelled.push(("method=\"\",route=\"unmatched\"".to_owned(), &self.unmatched));
        let mut out = String::from(
            "# HELP eventify_http_requests_total Answered requests.\n# TYPE eventify_http_requests_total counter\n",
        );
        for (label, counts) in &labelled {
            counts.render_statuses(label, &mut out);
        }
        out.push_str(
            "# HELP eventify_http_request_duration_seconds Time to answer.\n\
             # TYPE eventify_http_request_duration_seconds histogram\n",
        );
        for (label, counts) in &labelled {
            counts.render_times(label, &mut out);
        }
        out
    }
}

impl Counts {
    pub(crate) fn note(&self, status: StatusCode, took: Duration) {
        let nth = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(count) = self.statuses.get(nth) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let bucket = BUCKETS_US.partition_point(|bound| *bound < us);
        if let Some(count) = self.buckets.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn total(&self) -> u64 {
        self.statuses.iter().map(|n| n.load(Ordering::Relaxed)).sum()
    }

    fn render_statuses(&self, label: &str, out: &mut String) {
        for (status, count) in STATUSES.iter().zip(&self.statuses) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                // Writing to a string cannot fail.
                let _ = writeln!(out, "eventify_http_requests_total{{{label},status=\"{status}\"}} {count}");
            }
        }
    }

    fn render_times(&self, label: &str, out: &mut String) {
        let total = self.total();
        if total == 0 {
            return;
        }
        let name = "eventify_http_request_duration_seconds";
        let mut so_far = 0;
        for (bound, count) in BUCKETS_US.iter().zip(&self.buckets) {
            so_far += count.load(Ordering::Relaxed);
            let bound = Duration::from_micros(*bound).as_secs_f64();
            let _ = writeln!(out, "{name}_bucket{{{label},le=\"{bound}\"}} {so_far}");
        }
        let sum = Duration::from_micros(self.sum_us.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(out, "{name}_bucket{{{label},le=\"+Inf\"}} {total}");
        let _ = writeln!(out, "{name}_sum{{{label}}} {sum}\n{name}_count{{{label}}} {total}");
    }
}

/// How deliveries went in this process, in the same format; nothing before the first one.
pub(crate) fn render_deliveries(counts: &BTreeMap<Way, DeliveryCount>, out: &mut String) {
    if counts.is_empty() {
        return;
    }
    out.push_str(
        "# HELP eventify_delivery_attempts_total Attempts to bring something to the outside.\n\
         # TYPE eventify_delivery_attempts_total counter\n",
    );
    for (way, count) in counts {
        let label = label(way);
        for (outcome, n) in
            [("delivered", count.delivered), ("failed", count.failed), ("refused", count.refused)]
        {
            let _ = writeln!(out, "eventify_delivery_attempts_total{{{label},outcome=\"{outcome}\"}} {n}");
        }
    }
    out.push_str(
        "# HELP eventify_delivery_dead_total Deliveries that were given up.\n\
         # TYPE eventify_delivery_dead_total counter\n",
    );
    for (way, count) in counts {
        let _ = writeln!(out, "eventify_delivery_dead_total{{{}}} {}", label(way), count.dead);
    }
    out.push_str(
        "# HELP eventify_delivery_duration_seconds Time that an attempt takes.\n\
         # TYPE eventify_delivery_duration_seconds summary\n",
    );
    let name = "eventify_delivery_duration_seconds";
    for (way, count) in counts {
        let (label, sum) = (label(way), count.took.as_secs_f64());
        let _ = writeln!(out, "{name}_sum{{{label}}} {sum}\n{name}_count{{{label}}} {}", count.attempts());
    }
}

/// What is to be done, in the same format.
pub(crate) fn render_backlog(backlog: &Backlog, out: &mut String) {
    out.push_str(
        "# HELP eventify_jobs_due Jobs whose time has come; 1000 stands for more, too.\n\
         # TYPE eventify_jobs_due gauge\n",
    );
    for (class, due) in &backlog.due {
        let _ = writeln!(out, "eventify_jobs_due{{class=\"{}\"}} {}", class.as_str(), due.count);
    }
    out.push_str(
        "# HELP eventify_jobs_oldest_due_seconds For how long the first of them has been due.\n\
         # TYPE eventify_jobs_oldest_due_seconds gauge\n",
    );
    for (class, due) in &backlog.due {
        let (class, seconds) = (class.as_str(), due.oldest.as_secs_f64());
        let _ = writeln!(out, "eventify_jobs_oldest_due_seconds{{class=\"{class}\"}} {seconds}");
    }
    out.push_str(
        "# HELP eventify_jobs_dead Dead letters; 1000 stands for more, too.\n\
         # TYPE eventify_jobs_dead gauge\n",
    );
    let _ = writeln!(out, "eventify_jobs_dead {}", backlog.dead);
}

fn label(way: &Way) -> String {
    let (kind, name) = match way {
        Way::Channel(name) => ("channel", *name),
        Way::Publisher(name) => ("publisher", name.as_str()),
        Way::Webhooks => ("webhooks", ""),
    };
    let name = name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("kind=\"{kind}\",name=\"{name}\"")
}
