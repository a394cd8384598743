//! The service as a process of its own: purchases and reads over HTTP, on the same cores as those who ask.

mod guests;
mod load;
mod stage;

use clap::Args;

use crate::figure::{Figure, Report};
use crate::process::Process;
use crate::{Common, Result};
pub(crate) use guests::email;
pub(crate) use load::{Load, Pace, ask, request};
pub(crate) use stage::Stage;

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Connections of those who ask.
    #[arg(long, default_value_t = CONNECTIONS)]
    connections: usize,
    /// Events that are there when pages are read.
    #[arg(long, default_value_t = EVENTS)]
    events: usize,
}

const CONNECTIONS: usize = 64;
const EVENTS: usize = 100_000;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), connections: CONNECTIONS, events: EVENTS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let stage = Stage::set(of.events, of.connections).await?;
    let (seconds, connections) = (of.common.seconds, of.connections);
    let mut bare = Figure::in_unit("bare axum, a small JSON", "requests/s");
    let mut detail = Figure::in_unit("an event's page", "requests/s");
    let mut same = Figure::in_unit("an event's page that is known already (304)", "requests/s");
    let mut list = Figure::in_unit("a list of 20 events", "requests/s");
    let mut bought = Figure::in_unit("purchases, as many as go", "purchases/s");
    let mut paced =
        Figure::in_unit("purchases at half that rate, from when they were meant to be sent", "purchases/s");
    for _ in 0..of.common.turns {
        let yardstick = Process::bare().await?;
        let small =
            Load { address: yardstick.address, requests: vec![request("GET", "/", &[], "")], status: 200 };
        bare.add(&small.run(connections, seconds, Pace::Closed).await?);
        yardstick.kill().await?;
        let service = Process::serve(&stage.file).await?;
        let guests = stage.log_in(service.address).await?;
        detail.add(&stage.pages(&service).run(connections, seconds, Pace::Closed).await?);
        same.add(&stage.known_pages(&service).await?.run(connections, seconds, Pace::Closed).await?);
        list.add(&stage.lists(&service).run(connections, seconds, Pace::Closed).await?);
        let purchases = stage.purchases(&service, &guests);
        let most = purchases.run(connections, seconds, Pace::Closed).await?;
        bought.add(&most);
        paced.add(&purchases.run(connections, seconds, Pace::PerSecond(most.per_second / 2.0)).await?);
        service.stop().await?;
    }
    let mut report = Report::new("The service over HTTP");
    report.note(format!("{connections} connections on the same cores; {} events stored.", of.events));
    report.at_least("purchases a second", bought.median(), 10_000.0);
    report.at_most("p99 of purchases, in ms", bought.p99(), 50.0);
    report.at_least("an event's page / bare axum", detail.median() / bare.median(), 0.4);
    report.at_least("a list of 20 / bare axum", list.median() / bare.median(), 0.15);
    report.figures = vec![bare, detail, same, list, bought, paced];
    Ok(report)
}
