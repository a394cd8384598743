//! A crowd that buys, in one redb file, against the raw engine writing the same rows.

use clap::Args;

use crate::figure::{Figure, Report};
use crate::{Common, Result, rows, sale, yardstick};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Bookings that a turn of the product makes.
    #[arg(long, default_value_t = BOOKINGS)]
    bookings: usize,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = BUYERS)]
    buyers: usize,
}

const BOOKINGS: usize = 20_000;
const BUYERS: usize = 256;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), bookings: BOOKINGS, buyers: BUYERS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    // What one booking writes, as bytes: captured from the product, written by the yardstick without it.
    let rows = rows::capture(2_048).await?;
    let single_bookings = (of.bookings / 20).max(100);
    let mut raw_single = Figure::new("raw redb, one booking a commit");
    let mut raw_64 = Figure::new("raw redb, 64 bookings a commit");
    let mut crowd = Figure::new(format!("Eventify, {} buyers at a time", of.buyers));
    let mut alone = Figure::new("Eventify, one buyer at a time");
    for _ in 0..of.common.turns {
        raw_single.add_value(yardstick::run(&rows, single_bookings, 1)?);
        crowd.add(&sale::run(of.bookings, of.buyers).await?);
        raw_64.add_value(yardstick::run(&rows, of.bookings, 64)?);
        alone.add(&sale::run(single_bookings, 1).await?);
    }
    let mut report = Report::new("Purchases in one redb file");
    let entries = rows.first().map_or(0, rows::Booking::entries);
    report.note(format!(
        "One booking writes {entries} rows and index entries. Every answer comes after its fsync."
    ));
    report.at_least("crowd / raw single", crowd.median() / raw_single.median(), 8.0);
    report.at_least("crowd / raw 64 a commit", crowd.median() / raw_64.median(), 0.6);
    report.at_most("latency alone / one raw commit", raw_single.median() / alone.median(), 1.5);
    report.figures = vec![raw_single, raw_64, crowd, alone];
    Ok(report)
}
