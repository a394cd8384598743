//! Figures, ratios and bars.

use std::fmt;

use serde::Serialize;

/// Rates of several turns.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: &'static str,
    rates: Vec<f64>,
}

impl Figure {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, rates: Vec::new() }
    }

    pub(crate) fn add(&mut self, rate: f64) {
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
        writeln!(f, "One booking writes {} rows and index entries.\n", self.entries_per_booking)?;
        writeln!(f, "| bookings per second | median | min | max |\n|---|---|---|---|")?;
        for figure in &self.figures {
            let (min, max) = (figure.rates.first(), figure.rates.last());
            let (min, max) = (min.copied().unwrap_or(f64::NAN), max.copied().unwrap_or(f64::NAN));
            writeln!(f, "| {} | {:.0} | {min:.0} | {max:.0} |", figure.name, figure.median())?;
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
