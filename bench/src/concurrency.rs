//! What a crowd does to a sale: throughput and waiting from one buyer at a time to a thousand.

use clap::Args;

use crate::figure::Report;
use crate::plot::{Line, Plot};
use crate::{Common, Result, postgres, sale};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Buyers at a time, one measurement after another.
    #[arg(long, value_delimiter = ',', default_values_t = BUYERS)]
    buyers: Vec<usize>,
}

const BUYERS: [usize; 6] = [1, 4, 16, 64, 256, 1_024];

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), buyers: BUYERS.to_vec() }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let mut report = Report::new("One event, more and more buyers");
    let mut line = Line::new("Eventify on redb");
    for &buyers in &of.buyers {
        let mut turns = Vec::new();
        for _ in 0..of.common.turns_of_a_plot() {
            turns.push(sale::run((buyers * 80).clamp(1_000, 20_000), buyers).await?);
        }
        line.add(buyers, turns);
    }
    let over = "buyers at a time";
    let title = "Purchases of one event in one redb file";
    report.plots.push(Plot::new("concurrency-redb.svg", title, over, "bookings/s", vec![line]));
    let server = crate::postgres::server().await;
    let lines = postgres::concurrency(&server, &of.common, &of.buyers).await?;
    let title = "Purchases of one event in Postgres";
    report.plots.push(Plot::new("concurrency-postgres.svg", title, over, "bookings/s", lines));
    Ok(report)
}
