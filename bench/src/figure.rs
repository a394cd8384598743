//! Figures, ratios and bars.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::crowd::{Outcome, Waits};
use crate::plot::Plot;

/// What was measured in several turns, and how long one waited in the worst of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    name: String,
    unit: String,
    values: Vec<f64>,
    waits_ms: Option<Waits>,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self::in_unit(name, "bookings/s")
    }

    pub(crate) fn in_unit(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), unit: unit.into(), values: Vec::new(), waits_ms: None }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.add_value(outcome.per_second);
        let before = self.waits_ms.unwrap_or_default();
        self.waits_ms = Some(before.worse(outcome.waits));
    }

    pub(crate) fn add_value(&mut self, value: f64) {
        self.values.push(value);
        self.values.sort_by(f64::total_cmp);
    }

    /// How long one waited.
    pub(crate) const fn wait(&mut self, waits: Waits) {
        self.waits_ms = Some(waits);
    }

    pub(crate) fn median(&self) -> f64 {
        self.values.get(self.values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// A figure that was measured once.
    pub(crate) fn once(name: impl Into<String>, unit: impl Into<String>, value: f64) -> Self {
        let mut figure = Self::in_unit(name, unit);
        figure.add_value(value);
        figure
    }

    /// How long one in a hundred waited at least, in the worst turn, in milliseconds.
    pub(crate) fn p99(&self) -> f64 {
        self.waits_ms.map_or(f64::NAN, |waits| waits.p99)
    }
}

/// A figure or a ratio, and what it should be.
#[derive(Debug, Serialize, Deserialize)]
struct Bar {
    name: String,
    value: f64,
    bar: f64,
    at_most: bool,
}

impl Bar {
    fn passed(&self) -> bool {
        if self.at_most { self.value <= self.bar } else { self.value >= self.bar }
    }
}

/// Everything that a measurement found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    name: String,
    note: String,
    pub(crate) figures: Vec<Figure>,
    bars: Vec<Bar>,
    #[serde(default)]
    pub(crate) plots: Vec<Plot>,
}

impl Report {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        let (note, figures, bars, plots) = Default::default();
        Self { name: name.into(), note, figures, bars, plots }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    pub(crate) fn at_least(&mut self, name: impl Into<String>, value: f64, bar: f64) {
        self.bars.push(Bar { name: name.into(), value, bar, at_most: false });
    }

    pub(crate) fn at_most(&mut self, name: impl Into<String>, value: f64, bar: f64) {
        self.bars.push(Bar { name: name.into(), value, bar, at_most: true });
    }

    /// Whether every bar is passed. A bar whose value is no number is missed.
    pub(crate) fn passed(&self) -> bool {
        self.bars.iter().all(Bar::passed)
    }
}

/// With as many digits as mean something.
pub(crate) struct Digits(pub(crate) f64);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            value if value >= 100.0 => write!(f, "{:.0}", self.0),
            value if value >= 10.0 => write!(f, "{:.1}", self.0),
            _ => write!(f, "{:.2}", self.0),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.name)?;
        if !self.note.is_empty() {
            writeln!(f, "{}\n", self.note)?;
        }
        if !self.figures.is_empty() {
            self.write_figures(f)?;
        }
        self.write_bars(f)?;
        for plot in &self.plots {
            writeln!(f, "![{}]({})\n", plot.title, plot.file)?;
        }
        Ok(())
    }
}

impl Report {
    fn write_figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | unit | median | min | max | p50 ms | p99 ms | p99.9 ms |")?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for figure in &self.figures {
            let of = |value: Option<&f64>| Digits(value.copied().unwrap_or(f64::NAN));
            let (min, max) = (of(figure.values.first()), of(figure.values.last()));
            write!(f, "| {} | {} | {} | {min} | {max} |", figure.name, figure.unit, Digits(figure.median()))?;
            // Not everything that is measured measures how long one waits.
            match figure.waits_ms {
                Some(waits) => {
                    writeln!(f, " {} | {} | {} |", Digits(waits.p50), Digits(waits.p99), Digits(waits.p999))?;
                }
                None => writeln!(f, " | | |")?,
            }
        }
        writeln!(f)
    }

    fn write_bars(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bars.is_empty() {
            return Ok(());
        }
        writeln!(f, "| bar | value | | |\n|---|---|---|---|")?;
        for bar in &self.bars {
            let sign = if bar.at_most { "≤" } else { "≥" };
            let word = if bar.passed() { "passed" } else { "MISSED" };
            writeln!(f, "| {} | {} | {sign} {} | {word} |", bar.name, Digits(bar.value), bar.bar)?;
        }
        writeln!(f)
    }
}
