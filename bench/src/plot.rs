//! Plots: throughput above, waiting below, over something that grows by factors. SVG by hand: it is a handful of lines.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::crowd::Outcome;
use crate::figure::Digits;

/// How throughput and waiting depend on something.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plot {
    /// Its name among the figures.
    pub(crate) file: String,
    pub(crate) title: String,
    /// What grows.
    over: String,
    /// What throughput counts.
    unit: String,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    name: String,
    points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Point {
    at: f64,
    per_second: f64,
    p50: f64,
    p99: f64,
}

impl Line {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), points: Vec::new() }
    }

    /// The turn in the middle of several.
    #[allow(clippy::cast_precision_loss, reason = "a few millions")]
    pub(crate) fn add(&mut self, at: usize, mut turns: Vec<Outcome>) {
        turns.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        if let Some(middle) = turns.get(turns.len() / 2) {
            let Outcome { per_second, waits, .. } = *middle;
            self.points.push(Point { at: at as f64, per_second, p50: waits.p50, p99: waits.p99 });
        }
    }
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 60.0;
const PANEL: f64 = 200.0;
const GAP: f64 = 50.0;
const COLOURS: [&str; 4] = ["#0b6e99", "#c4531a", "#4f7d1e", "#7a4fa0"];

impl Plot {
    pub(crate) fn new(file: &str, title: &str, over: &str, unit: &str, lines: Vec<Line>) -> Self {
        let [file, title, over, unit] = [file, title, over, unit].map(str::to_owned);
        Self { file, title, over, unit, lines }
    }

    /// The picture.
    pub(crate) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let along = Axis::of(points().map(|point| point.at), LEFT, WIDTH - RIGHT);
        let most = points().map(|point| point.per_second).fold(0.0, f64::max);
        let height = TOP + 2.0 * PANEL + GAP + 60.0;
        let mut out = String::new();
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
        );
        text(&mut out, (LEFT, 20.0), "start", &format!("<tspan font-size=\"15\">{}</tspan>", self.title));
        for (nth, line) in self.lines.iter().enumerate() {
            let at = LEFT + 230.0 * f64::from(u16::try_from(nth).unwrap_or(0));
            let _ = writeln!(
                out,
                "<rect x=\"{at}\" y=\"31\" width=\"18\" height=\"4\" fill=\"{}\"/>",
                colour(nth)
            );
            text(&mut out, (at + 24.0, 38.0), "start", &line.name);
        }
        let speed = Axis { from: 0.0, to: round_up(most), start: TOP + PANEL, end: TOP, log: false };
        self.panel(&mut out, &along, &speed, &self.unit, &[(|point| point.per_second, "")]);
        let waits = points().flat_map(|point| [point.p50, point.p99]).filter(|wait| *wait > 0.0);
        let below = TOP + PANEL + GAP;
        let waits = Axis::of(waits, below + PANEL, below);
        let both: [(Get, &str); 2] = [(|point| point.p50, ""), (|point| point.p99, "5 4")];
        self.panel(&mut out, &along, &waits, "ms: p50, p99 (dashed)", &both);
        text(&mut out, ((LEFT + WIDTH - RIGHT) / 2.0, height - 12.0), "middle", &self.over);
        out.push_str("</svg>\n");
        out
    }

    fn panel(&self, out: &mut String, along: &Axis, up: &Axis, unit: &str, gets: &[(Get, &str)]) {
        text(out, (LEFT, up.end - 6.0), "start", unit);
        for mark in up.marks() {
            let y = up.place(mark);
            let _ =
                writeln!(out, "<path d=\"M{LEFT} {y:.1}H{}\" stroke=\"#ddd\" fill=\"none\"/>", WIDTH - RIGHT);
            text(out, (LEFT - 8.0, y + 4.0), "end", &short(mark));
        }
        for mark in along.marks() {
            let x = along.place(mark);
            let _ =
                writeln!(out, "<path d=\"M{x:.1} {}V{}\" stroke=\"#eee\" fill=\"none\"/>", up.start, up.end);
            text(out, (x, up.start + 16.0), "middle", &short(mark));
        }
        for (nth, line) in self.lines.iter().enumerate() {
            for (get, dashes) in gets {
                let places = line.points.iter().map(|point| (along.place(point.at), up.place(get(point))));
                let path: Vec<String> = places.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
                let _ = writeln!(
                    out,
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" \
                     stroke-dasharray=\"{dashes}\"/>",
                    path.join(" "),
                    colour(nth)
                );
            }
        }
    }
}

type Get = fn(&Point) -> f64;

/// From values to places.
struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
    log: bool,
}

impl Axis {
    /// Of values that grow by factors.
    fn of(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (from, to) = values.fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let (from, to) = if from < to { (from, to) } else { (1.0, 10.0) };
        Self { from, to, start, end, log: true }
    }

    fn place(&self, value: f64) -> f64 {
        let part = if self.log {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.start + part * (self.end - self.start)
    }

    /// Values to name: powers of ten – or of four, where those would be few – or fifths.
    fn marks(&self) -> Vec<f64> {
        if !self.log {
            return (0..=5).map(|nth| self.from + (self.to - self.from) * f64::from(nth) / 5.0).collect();
        }
        let powers = |base: f64| {
            let first = (self.from.ln() / base.ln() - 1e-9).ceil();
            let marks = (0..40).map(move |nth| base.powf(first + f64::from(nth)));
            marks.take_while(|mark| *mark <= self.to * (1.0 + 1e-9)).collect::<Vec<f64>>()
        };
        Some(powers(10.0)).filter(|marks| marks.len() > 3).unwrap_or_else(|| powers(4.0))
    }
}

/// A round number that is not smaller.
fn round_up(value: f64) -> f64 {
    let unit = 10f64.powf(value.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * unit);
    steps.into_iter().find(|step| *step >= value).unwrap_or(value)
}

fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} M", v / 1e6),
        v if v >= 1e4 => format!("{} k", v / 1e3),
        v if v >= 10.0 || v.fract() == 0.0 => format!("{}", v.round()),
        v => Digits(v).to_string(),
    }
}

fn colour(nth: usize) -> &'static str {
    COLOURS.get(nth % COLOURS.len()).copied().unwrap_or("#000")
}

fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, what: &str) {
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{what}</text>");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::crowd::Waits;

    #[test]
    fn a_plot_has_a_line_for_each_and_marks_that_are_numbers() {
        let mut line = Line::new("one");
        for at in [1, 4, 16, 64, 256, 1_024] {
            let waits = Waits { p50: 0.5, p99: 2.0, ..Waits::default() };
            let per_second = 1_000.0 + f64::from(u16::try_from(at).unwrap());
            line.add(at, vec![Outcome { done: 1, per_second, waits }]);
        }
        let svg = Plot::new("a.svg", "a title", "buyers", "bookings/s", vec![line]).svg();
        assert_eq!(svg.matches("<polyline").count(), 3, "throughput, p50 and p99");
        assert!(svg.contains(">1024<") || svg.contains(">1000<"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn of_several_turns_the_one_in_the_middle_counts() {
        let mut line = Line::new("one");
        let turn = |per_second| Outcome { done: 1, per_second, waits: Waits::default() };
        line.add(8, vec![turn(9.0), turn(1.0), turn(5.0)]);
        assert!((line.points.first().unwrap().per_second - 5.0).abs() < f64::EPSILON);
    }

    #[test]
    fn round_numbers_are_not_smaller() {
        for (value, round) in [(19_012.0, 20_000.0), (20_001.0, 25_000.0), (1.0, 1.0), (999.0, 1_000.0)] {
            assert!((round_up(value) - round).abs() < 1e-6, "{value}");
        }
    }
}
