//! One run: round after round, everything that clients were told has to be explained by the rules.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;

use super::Report;
use super::client::{Request, leave_after};
use super::explain::{Kept, Riddle, Told, Unexplained, refused};
use super::invariants::violations;
use super::oracle::{Answer, Ask, Place, State};
use super::plan::{Op, Plan, Round, Step};
use super::snapshot::Snapshot;
use super::stage::Stage;
use super::truth::{KINDS, codes_of, replies_of, state_of};
use crate::event::EventStatus;

/// What was wrong.
pub(super) type Problem = String;

pub(super) struct Run {
    pub(super) stage: Stage,
    pub(super) state: State,
    kept: Kept,
    /// The codes that people type, in the order in which they were issued.
    pub(super) codes: BTreeMap<Place, Vec<String>>,
    /// Requests under a key, to be repeated.
    pub(super) keyed: Vec<(Ask, String)>,
    pub(super) report: Report,
}

/// How long the engine keeps the answer to a key.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);

/// So many rounds are played between two looks at what should have happened by itself.
const REST_EVERY: usize = 10;

fn store(error: impl std::fmt::Debug) -> Problem {
    format!("the store itself failed: {error:?}")
}

impl Run {
    pub(super) async fn new(stage: Stage) -> Result<Self, Problem> {
        let state = state_of(&Snapshot::of_kinds(&*stage.truth, KINDS).await.map_err(store)?, &stage.outside);
        let (kept, codes, keyed) = (Kept::new(), BTreeMap::new(), Vec::new());
        Ok(Self { stage, state, kept, codes, keyed, report: Report::default() })
    }

    pub(super) async fn play(&mut self, plan: &Plan) -> Result<(), Problem> {
        for (n, round) in plan.rounds.iter().enumerate() {
            let failed = |problem: Problem| format!("round {n}: {problem}");
            self.prepare(round).await.map_err(failed)?;
            self.stage.storm(true);
            let told = self.ask(&round.steps).await;
            self.stage.storm(false);
            let jobs = round.steps.iter().any(|step| step.op == Op::RunJobs);
            self.explain(told, jobs).await.map_err(failed)?;
            if n % REST_EVERY == REST_EVERY - 1 {
                let left = self.come_to_rest().await.map_err(failed)?;
                if !left.is_empty() {
                    return Err(failed(format!("at rest: {left:#?}")));
                }
            }
        }
        self.end().await.map_err(|problem| format!("in the end: {problem}"))
    }

    async fn prepare(&mut self, round: &Round) -> Result<(), Problem> {
        self.stage.clock.advance(round.pass);
        self.stage.clock.turn_back(round.turn_back);
        if round.restart {
            self.stage.start().await.map_err(store)?;
        }
        let alive =
            |e: &&super::oracle::Event| matches!(e.status, EventStatus::Draft | EventStatus::Published);
        if self.state.events.values().filter(alive).count() < 3 {
            self.stage.open(false).await.map_err(store)?;
            self.look().await?;
        }
        Ok(())
    }

    /// Takes the store's word for what is there.
    async fn look(&mut self) -> Result<(), Problem> {
        let all = Snapshot::of_kinds(&*self.stage.truth, KINDS).await.map_err(store)?;
        self.state = state_of(&all, &self.stage.outside);
        Ok(())
    }

    /// Lets every client of a round ask, all at once.
    async fn ask(&mut self, steps: &[Step]) -> Vec<Told> {
        let mut requests = Vec::new();
        let mut workers = Vec::new();
        for step in steps {
            let engine = usize::from(step.engine) % self.stage.engines.len();
            if step.op == Op::RunJobs {
                workers.push(engine);
            } else if let Some(request) = self.request(step) {
                requests.push((request, engine, step.dropped_after));
            }
        }
        let mut asking: Vec<Pin<Box<dyn Future<Output = Option<Answer>> + '_>>> = Vec::new();
        for (request, engine, dropped_after) in &requests {
            let put = request.put(&self.stage.engines[*engine]);
            asking.push(match *dropped_after {
                Some(looks) => Box::pin(async move { leave_after(looks, put).await.flatten() }),
                None => Box::pin(put),
            });
        }
        for engine in workers {
            let engine = &self.stage.engines[engine];
            asking.push(Box::pin(async move { engine.jobs().run_due().await.ok().and(None) }));
        }
        let answers = join_all(asking).await;
        if requests.iter().any(|(_, _, dropped_after)| dropped_after.is_some()) {
            self.stage.catch_up().await;
        }
        self.stage.settle().await;
        requests.into_iter().zip(answers).map(|((request, ..), answer)| request.told(answer)).collect()
    }

    /// Finds an order in which everything can have happened, or says what is wrong.
    pub(super) async fn explain(&mut self, mut told: Vec<Told>, jobs: bool) -> Result<(), Problem> {
        let all = Snapshot::take(&*self.stage.truth).await.map_err(store)?;
        let mut broken = violations(&all);
        broken.extend(self.second_opinion().await?);
        if !broken.is_empty() {
            return Err(format!("{broken:#?}, after {told:#?}"));
        }
        let end = state_of(&all, &self.stage.outside);
        self.name_what_is_new(&mut told, &end);
        let hidden = if jobs { self.hidden(&told, &end) } else { Vec::new() };
        self.report.count(&told);
        let now = self.stage.now();
        let (keep_until, end_kept) = (now.plus(KEPT_FOR), replies_of(&all));
        let refused = refused(&self.state, &told);
        let riddle =
            Riddle { now, keep_until, told: &told, hidden: &hidden, end: &end, end_kept: &end_kept, refused };
        let solved = riddle.solve(&self.state, &self.kept);
        let (state, kept) = solved.map_err(|why| {
            let why = match why {
                Unexplained::No => "no order of events explains",
                Unexplained::TooManyWays => "too many orders of events to explain",
            };
            let ends = super::differences(&self.state, &end);
            format!("at {now}, {why} {told:#?}\nand perhaps {hidden:?}\nwith this outcome:\n{ends}")
        })?;
        (self.state, self.kept, self.codes) = (state, kept, codes_of(&all));
        Ok(())
    }

    /// What the operator's own check finds: it reads the same records and counts in another way.
    pub(super) async fn second_opinion(&self) -> Result<Option<Problem>, Problem> {
        let report = crate::check::check(&*self.stage.truth).await.map_err(store)?;
        Ok((!report.is_clean()).then(|| format!("{report:?}")))
    }

    /// Requests under a key that nobody has a yes for yet.
    pub(super) fn unanswered(&self) -> Vec<Request> {
        let all = self.keyed.iter().map(|(ask, key)| self.fill_in(ask.clone(), Some(key.clone())));
        all.filter(|request| request.kept_under().is_some_and(|key| !self.kept.contains_key(&key))).collect()
    }
}
