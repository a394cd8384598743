//! Figures, ratios and bars.

use std::fmt;

use serde::Serialize;

use crate::postgres::Outcome;

/// Rates of several turns, and how long one waited in the worst of them, in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: &'static str,
    rates: Vec<f64>,
    p50: f64,
    p99: f64,
}

impl Figure {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, rates: Vec::new(), p50: 0.0, p99: 0.0 }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.add_rate(outcome.per_second);
        self.p50 = self.p50.max(outcome.p50);
        self.p99 = self.p99.max(outcome.p99);
    }

    pub(crate) fn add_rate(&mut self, rate: f64) {
        self.rates.push(rate);
        self.rates.sort_by(f64::total_cmp);
    }

    pub(crate) fn median(&self) -> f64 {
        self.rates.get(self.rates.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A ratio and what it should be.
#[derive(Debug, Serialize)]
struct Bar {
    name: &'static str,
    value: f64,
    bar: f64,
    at_most: bool,
}

impl Bar {
    fn passed(&self) -> bool {
        if self.at_most { self.value <= self.bar } else { self.value >= self.bar }
    }
}

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    entries_per_booking: usize,
    pub(crate) figures: Vec<Figure>,
    bars: Vec<Bar>,
}

impl Report {
    pub(crate) const fn new(entries_per_booking: usize) -> Self {
        Self { entries_per_booking, figures: Vec::new(), bars: Vec::new() }
    }

    pub(crate) fn ratio(&mut self, name: &'static str, value: f64, bar: f64) {
        self.bars.push(Bar { name, value, bar, at_most: false });
    }

    pub(crate) fn at_most(&mut self, name: &'static str, value: f64, bar: f64) {
        self.bars.push(Bar { name, value, bar, at_most: true });
    }

    pub(crate) fn passed(&self) -> bool {
        self.bars.iter().all(Bar::passed)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries_per_booking > 0 {
            writeln!(f, "One booking writes {} rows and index entries.\n", self.entries_per_booking)?;
        }
        writeln!(
            f,
            "| bookings per second | median | min | max | p50 ms | p99 ms |\n|---|---|---|---|---|---|"
        )?;
        for figure in &self.figures {
            let (min, max) = (figure.rates.first(), figure.rates.last());
            let (min, max) = (min.copied().unwrap_or(f64::NAN), max.copied().unwrap_or(f64::NAN));
            write!(f, "| {} | {:.0} | {min:.0} | {max:.0} |", figure.name, figure.median())?;
            // Not everything that is measured measures how long one waits.
            if figure.p99 > 0.0 {
                writeln!(f, " {:.1} | {:.1} |", figure.p50, figure.p99)?;
            } else {
                writeln!(f, " | |")?;
            }
        }
        writeln!(f, "\n| ratio | value | bar | |\n|---|---|---|---|")?;
        for bar in &self.bars {
            let (sign, word) =
                (if bar.at_most { "≤" } else { "≥" }, if bar.passed() { "passed" } else { "MISSED" });
            writeln!(f, "| {} | {:.2} | {sign} {} | {word} |", bar.name, bar.value, bar.bar)?;
        }
        Ok(())
    }
}
