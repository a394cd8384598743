//! The door: check-ins of one event, and ticket codes verified with no network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Args;
use eventify_core::ticket::{Scan, TicketVerifier};
use eventify_core::{Actor, EventId, Eventify};
use eventify_store_redb::RedbStore;
use tempfile::TempDir;

use crate::crowd::run_counted;
use crate::figure::{Figure, Report};
use crate::sale::Sale;
use crate::{Common, Result, rate};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Tickets that a turn checks in.
    #[arg(long, default_value_t = TICKETS)]
    tickets: usize,
    /// Devices that wait for an answer at any moment.
    #[arg(long, default_value_t = DEVICES)]
    devices: usize,
}

const TICKETS: usize = 20_000;
const DEVICES: usize = 256;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), tickets: TICKETS, devices: DEVICES }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let mut check_in = Figure::in_unit(format!("check-in, {} devices at a time", of.devices), "check-ins/s");
    let mut verify = Figure::in_unit("a code verified without network, one core", "codes/s");
    for _ in 0..of.common.turns {
        let house = House::open(of.tickets).await?;
        verify.add_value(house.verify().await?);
        check_in.add(&house.check_in(of.devices).await?);
        house.eventify.shut_down().await;
    }
    let mut report = Report::new("The door");
    report.at_least("check-ins a second", check_in.median(), 20_000.0);
    report.at_least("codes a second and core", verify.median(), 10_000.0);
    report.figures = vec![check_in, verify];
    Ok(report)
}

/// An event with tickets sold, and their codes.
struct House {
    eventify: Eventify,
    event_id: EventId,
    codes: Arc<Vec<String>>,
    _dir: TempDir,
}

impl House {
    async fn open(tickets: usize) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let sale = Sale::open(Arc::new(RedbStore::open(dir.path().join("door.redb"))?), 1).await?;
        let sale = Arc::new(sale);
        let codes = sale.sell(tickets, 10).await?;
        let event_id = sale.shelves.first().ok_or("nothing on sale")?.event_id;
        Ok(Self { eventify: sale.eventify.clone(), event_id, codes: Arc::new(codes), _dir: dir })
    }

    /// Check-ins a second, each answered after its fsync.
    async fn check_in(&self, devices: usize) -> Result<crate::crowd::Outcome> {
        let shared = (self.eventify.clone(), self.codes.clone(), Arc::new(AtomicUsize::new(0)));
        run_counted(self.codes.len(), devices, move || {
            let (eventify, codes, next) = shared.clone();
            async move {
                let code = codes.get(next.fetch_add(1, Ordering::Relaxed)).ok_or("no ticket is left")?;
                eventify.tickets().check_in(Actor::system(), code, Scan::default()).await?;
                Ok(())
            }
        })
        .await
    }

    /// Codes a second that one core verifies.
    async fn verify(&self) -> Result<f64> {
        let keys = self.eventify.tickets().public_keys(&Actor::system(), self.event_id).await?;
        let verifier = TicketVerifier::new(self.event_id, &keys)?;
        #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
        let start = Instant::now();
        for code in self.codes.iter() {
            verifier.verify(code)?;
        }
        Ok(rate(self.codes.len(), start))
    }
}
