//! A crowd that buys from the service while mail, a webhook, Kafka, RabbitMQ and NATS are told of it: while all of them listen, and while
//! all of them are away, in turn. Once they are back everybody is told of everything, and it is counted where it arrived.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use tokio::time::sleep;

use crate::crowd::Outcome;
use crate::figure::{Figure, Report};
use crate::http::{Load, Pace, Stage, ask, email, request};
use crate::outside::{FACTS, FEATURES, Outside, PUBLISHERS};
use crate::process::{Process, eventify};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Purchases that are offered in a second.
    #[arg(long, default_value_t = RATE)]
    rate: f64,
    /// For so many seconds of each turn; then, for as long as a turn takes, as many as go.
    #[arg(long, default_value_t = SECONDS)]
    for_seconds: f64,
}

const RATE: f64 = 200.0;
const SECONDS: f64 = 60.0;
/// Those who buy, each over a connection of their own.
const GUESTS: usize = 64;
/// Everything is told before the next turn begins, which takes longer than the turn.
const TURNS_MAX: usize = 2;
/// How long nobody may hear anything more, while something is left to be told: how long all of it takes is the machine's.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked.
const LOOKS: Duration = Duration::from_millis(250);
/// Who is told.
const OUTLETS: [&str; 5] = ["Kafka", "NATS", "RabbitMQ", "mail", "the webhook"];
/// What is told of a purchase: its facts by each publisher, a mail, and a call of the webhook.
const TOLD_EACH: usize = PUBLISHERS.len() * FACTS.len() + 2;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), rate: RATE, for_seconds: SECONDS }
    }
}

/// What is going on, for whoever waits for it: not a part of the report.
#[allow(clippy::print_stderr, reason = "a program for people to read")]
fn say(what: &str) {
    eprintln!("outlets: {what}");
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    say("the service is built with every outlet; the first time that takes minutes");
    eventify(FEATURES).await?;
    let mut box_office = BoxOffice::open().await?;
    let purchases = |name: &str| Figure::in_unit(name, "purchases/s");
    let mut up = purchases("all listen: as many as are offered");
    let mut up_most = purchases("all listen: as many as go");
    let mut away = purchases("all are away: as many as are offered");
    let mut away_most = purchases("all are away: as many as go");
    let mut catching_up = Figure::in_unit("told in a second, from when they were started again", "told/s");
    let mut back_for = OUTLETS
        .map(|name| Figure::in_unit(format!("started again until {name} was told of everything"), "s"));
    #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let now = || Instant::now();
    for _ in 0..of.common.turns.min(TURNS_MAX) {
        say("all of them listen");
        let (offered, most) = box_office.sell(of).await?;
        up.add(&offered);
        up_most.add(&most);
        box_office.until_told(now()).await?;
        say("all of them are away");
        box_office.outside.leave().await?;
        let (offered, most) = box_office.sell_to_nobody(of).await?;
        away.add(&offered);
        away_most.add(&most);
        // From here on: whoever serves first is told while the others still start.
        let back = now();
        box_office.outside.come_back().await?;
        say("all of them are back");
        for (figure, took) in back_for.iter_mut().zip(box_office.until_told(back).await?) {
            figure.add_value(took.as_secs_f64());
        }
        catching_up.add_value(crate::rate(TOLD_EACH * (offered.done + most.done), back));
    }
    say("everything is counted where it arrived");
    let (amiss, repeated) = box_office.count().await?;
    let given_up = box_office.given_up().await?;
    let sold = box_office.sold;
    box_office.service.stop().await?;
    let mut report = Report::new("Purchases while everybody who is told of them is away");
    report.note(format!(
        "{} purchases a second, offered for {} s to {GUESTS} connections, then as many as go for {} s; mail, a webhook, Kafka, RabbitMQ and NATS \
         are told of each, or have ended and are told afterwards. Waits count from the instant at which a request should have been sent. \
         {sold} purchases were told in {} messages; {repeated} of them came more than once.",
        of.rate, of.for_seconds, of.common.seconds, sold * TOLD_EACH
    ));
    report.at_least("away / listening, as many as go", away_most.median() / up_most.median(), 0.9);
    report.at_least("away / listening, as many as are offered", away.median() / up.median(), 0.9);
    report.at_most("away / listening, p99 of those offered", away.p99() / up.p99(), 1.5);
    report.at_most("what somebody was not told in the end, or was told beyond what was sold", amiss, 0.0);
    report.at_most("what was given up", given_up, 0.0);
    report.figures = vec![up, away, up_most, away_most, catching_up];
    report.figures.extend(back_for);
    Ok(report)
}

/// A service that sells, and everybody who is told.
struct BoxOffice {
    outside: Outside,
    service: Process,
    offered: Load,
    /// Purchases so far.
    sold: usize,
    stage: Stage,
}

impl BoxOffice {
    async fn open() -> Result<Self> {
        say("Kafka, RabbitMQ and NATS start");
        let outside = Outside::start().await?;
        let stage = Stage::set(1, GUESTS).await?;
        Process::run(FEATURES, &stage.file, &["admin", "promote", "--email", &email(0)]).await?;
        let service = Process::serve_built(FEATURES, &stage.file, &outside.options()?).await?;
        let tokens = stage.log_in(service.address).await?;
        let bearer = format!("Bearer {}", tokens.first().ok_or("nobody buys")?);
        let hook = json!({ "url": outside.hook_url(), "facts": ["ticket.purchased"], "deployment": true });
        let hook = request("POST", "/api/webhooks", &[("authorization", &bearer)], &hook.to_string());
        let (head, answer) = ask(service.address, &hook).await?;
        if !head.starts_with("HTTP/1.1 201") {
            return Err(format!("no webhook: {answer}").into());
        }
        let offered = stage.purchases(&service, &tokens);
        let mut office = Self { outside, service, offered, sold: 0, stage };
        // Brokers are found, and connections made, by a first purchase of everybody.
        office.buy(1.0, Pace::PerSecond(64.0)).await?;
        #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
        office.until_told(Instant::now()).await?;
        Ok(office)
    }

    async fn buy(&mut self, seconds: f64, pace: Pace) -> Result<Outcome> {
        let made = self.offered.run(GUESTS, seconds, pace).await?;
        self.sold += made.done;
        Ok(made)
    }

    /// As many as are offered, and as many as go, to guests who have just logged in: until everybody was told of what was sold before, their
    /// access tokens may have expired.
    async fn sell(&mut self, of: &Measure) -> Result<(Outcome, Outcome)> {
        let tokens = self.stage.log_in(self.service.address).await?;
        self.offered = self.stage.purchases(&self.service, &tokens);
        let offered = self.buy(of.for_seconds, Pace::PerSecond(of.rate)).await?;
        Ok((offered, self.buy(of.common.seconds, Pace::Closed).await?))
    }

    /// How much each of [`OUTLETS`] was told so far.
    async fn told(&self) -> Result<[usize; OUTLETS.len()]> {
        let (_, metrics) = ask(self.service.address, &request("GET", "/metrics", &[], "")).await?;
        let (mails, calls) = self.outside.taken();
        let [kafka, nats, rabbitmq] = PUBLISHERS.map(|name| delivered(&metrics, name));
        Ok([kafka, nats, rabbitmq, mails, calls])
    }

    /// Sells while all of them are away, which is looked at.
    async fn sell_to_nobody(&mut self, of: &Measure) -> Result<(Outcome, Outcome)> {
        let before = self.told().await?;
        let sold = self.sell(of).await?;
        let told = self.told().await?;
        if told != before {
            return Err(format!(
                "{OUTLETS:?} were told {told:?} while they were away, and {before:?} before"
            )
            .into());
        }
        Ok(sold)
    }

    /// Waits until everybody was told of all that was sold, and says how long each of [`OUTLETS`] took since then.
    async fn until_told(&self, begun: Instant) -> Result<[Duration; OUTLETS.len()]> {
        let mut took = [None; OUTLETS.len()];
        let (mut before, mut left) = ([0; OUTLETS.len()], PATIENCE);
        let facts = FACTS.len() * self.sold;
        let wanted = [facts, facts, facts, self.sold, self.sold];
        loop {
            let told = self.told().await?;
            for ((took, told), wanted) in took.iter_mut().zip(told).zip(wanted) {
                *took = took.or((told >= wanted).then(|| begun.elapsed()));
            }
            if let [Some(kafka), Some(nats), Some(rabbitmq), Some(mail), Some(hook)] = took {
                return Ok([kafka, nats, rabbitmq, mail, hook]);
            }
            if left.is_zero() {
                return Err(format!("{OUTLETS:?} were told {told:?} of {wanted:?}").into());
            }
            left = if told == before { left.saturating_sub(LOOKS) } else { PATIENCE };
            before = told;
            sleep(LOOKS).await;
        }
    }

    /// How much of what was sold somebody was not told of, or was told though it was not sold: what is too much here would hide what is
    /// missing there. And how much came more than once.
    #[allow(clippy::cast_precision_loss, reason = "a few million")]
    async fn count(&self) -> Result<(f64, usize)> {
        let (mails, calls) = self.outside.taken();
        let (mails_again, calls_again) = self.outside.repeated();
        let mut amiss = self.sold.abs_diff(mails) + self.sold.abs_diff(calls);
        let mut repeated = mails_again + calls_again;
        for (name, arrived) in PUBLISHERS.into_iter().zip(self.outside.arrived().await?) {
            let counts = FACTS.map(|fact| arrived.count(fact));
            say(&format!("{name} has {counts:?} of {}, and {} again", self.sold, arrived.repeated));
            amiss += counts.iter().map(|count| self.sold.abs_diff(*count)).sum::<usize>();
            repeated += arrived.repeated;
        }
        Ok((amiss as f64, repeated))
    }

    /// How much the service gave up of what was to be told.
    async fn given_up(&self) -> Result<f64> {
        let (_, metrics) = ask(self.service.address, &request("GET", "/metrics", &[], "")).await?;
        let of_ways = metrics.lines().filter(|line| line.starts_with("eventify_delivery_dead_total{"));
        let counts = of_ways.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(counts.sum())
    }
}

/// How many facts a publisher took.
pub(crate) fn delivered(metrics: &str, name: &str) -> usize {
    let of = format!(
        "eventify_delivery_attempts_total{{kind=\"publisher\",name=\"{name}\",outcome=\"delivered\"}} "
    );
    let count = metrics.lines().find_map(|line| line.strip_prefix(&of));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}
