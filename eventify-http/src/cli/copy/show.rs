//! Showing how far a copy is: a bar on a terminal, otherwise lines.

use std::io::{IsTerminal, stderr};

use eventify_core::copy::{Progress, Stage};
use eventify_core::store::Kind;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::out::{Out, Terminal};

/// How many records go by between two lines about one kind.
const RECORDS_PER_LINE: u64 = 100_000;

/// What shows it.
pub(super) enum Shown {
    Bar(ProgressBar),
    Lines { last: Option<(Stage, Kind)>, records: u64 },
}

impl Shown {
    pub(super) fn new() -> Self {
        if stderr().is_terminal() {
            Self::Bar(ProgressBar::new_spinner())
        } else {
            Self::Lines { last: None, records: 0 }
        }
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => draw(bar, progress),
            Self::Lines { last, records } => {
                let at = (progress.stage, progress.kind);
                let is_worth_it = progress.records.saturating_sub(*records) >= RECORDS_PER_LINE;
                // Each stage, and within a stage each so many records.
                if last.is_none_or(|(stage, _)| stage != at.0) || is_worth_it {
                    *records = progress.records;
                    Terminal.note(&line(progress));
                }
                *last = Some(at);
            }
        }
    }

    pub(super) fn end(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    let template = match progress.records_total {
        Some(_) => "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
        None => "{spinner} {msg} {human_pos} {per_sec} {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    if let Some(total) = progress.records_total {
        bar.set_length(total);
    }
    bar.set_message(format!("{} {}", doing(progress.stage), progress.kind.table()));
    bar.set_position(progress.records);
}

fn line(progress: &Progress) -> String {
    let records = match (progress.stage, progress.records_total) {
        (Stage::Check, _) => return "checking the rules between records".to_owned(),
        (_, Some(total)) => format!("{} of {total}", progress.records),
        (_, None) => progress.records.to_string(),
    };
    format!("{} {}: {records} records", doing(progress.stage), progress.kind.table())
}

const fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Copy => "copying",
        Stage::Compare => "comparing",
        Stage::Check => "checking",
    }
}
