//! One run: round after round, everything that clients were told has to be explained by the rules.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;

use super::Report;
use super::client::{Request, leave_after};
use super::explain::{Hidden, Kept, Riddle, Told, Unexplained};
use super::invariants::violations;
use super::oracle::{Answer, Ask, State};
use super::plan::{Op, Plan, Round, Step};
use super::snapshot::Snapshot;
use super::stage::{Stage, user};
use super::truth::{KINDS, codes_of, replies_of, state_of};
use crate::booking::BookingStatus;
use crate::event::EventStatus;
use crate::id::{BookingId, EventId};
use crate::store::IdempotencyHash;

/// What was wrong.
pub(super) type Problem = String;

pub(super) struct Run {
    pub(super) stage: Stage,
    pub(super) state: State,
    kept: Kept,
    codes: BTreeMap<(BookingId, usize), String>,
    /// Requests under a key, to be repeated.
    keyed: Vec<(Ask, String)>,
    pub(super) report: Report,
}

/// How long the engine keeps the answer to a key.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);

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

    /// What a step means, with what is there now; `None` when there is nothing to do it with.
    fn request(&mut self, step: &Step) -> Option<Request> {
        let (ask, key) = match &step.op {
            Op::Repeat { request } => {
                let (ask, key) = pick(&self.keyed, *request)?;
                (ask.clone(), Some(key.clone()))
            }
            op => {
                let ask = self.resolve(op)?;
                let key = step.keyed.then(|| format!("request {}", self.keyed.len()));
                self.keyed.extend(key.clone().map(|key| (ask.clone(), key)));
                (ask, key)
            }
        };
        Some(self.fill_in(ask, key))
    }

    fn fill_in(&self, ask: Ask, key: Option<String>) -> Request {
        let booking = match &ask {
            Ask::Confirm { booking, .. } | Ask::Cancel { booking, .. } | Ask::CheckIn { booking, .. } => {
                self.state.bookings.get(booking)
            }
            _ => None,
        };
        let event = match &ask {
            Ask::Resize { ticket_type, .. } => self.state.types[ticket_type].event,
            _ => self.stage.events[0],
        };
        let code = match &ask {
            Ask::CheckIn { booking, ticket, .. } => self.codes.get(&(*booking, *ticket)).cloned(),
            _ => None,
        };
        let owner = booking.map_or_else(|| user(0), |booking| booking.user);
        Request { ask, key, owner, event, code: code.unwrap_or_default() }
    }

    fn resolve(&self, op: &Op) -> Option<Ask> {
        // The newest events, and the newest bookings of all.
        let events = &self.stage.events[self.stage.events.len().saturating_sub(4)..];
        let event = |n: u8| pick(events, n).copied();
        let types = |of: EventId| -> Vec<_> {
            self.state.types.iter().filter(|(_, t)| t.event == of).map(|(id, _)| *id).collect()
        };
        let newest: Vec<BookingId> = self.state.bookings.keys().rev().take(10).copied().collect();
        let reserve = |by: u8, n: u8, lines: &[(u8, u32)], at_once| {
            let of = event(n)?;
            let types = types(of);
            let lines =
                lines.iter().filter_map(|(t, quantity)| Some((*pick(&types, *t)?, *quantity))).collect();
            Some(Ask::Reserve { user: user(by), event: of, lines, at_once })
        };
        match op {
            Op::Hold { user, event, lines } => reserve(*user, *event, lines, false),
            Op::Buy { user, event, lines } => reserve(*user, *event, lines, true),
            Op::Confirm { booking, by_organizer } => {
                Some(Ask::Confirm { booking: *pick(&newest, *booking)?, by_organizer: *by_organizer })
            }
            Op::Cancel { booking, by_organizer } => {
                Some(Ask::Cancel { booking: *pick(&newest, *booking)?, by_organizer: *by_organizer })
            }
            Op::CheckIn { booking, ticket, scan } => {
                let sold: Vec<BookingId> =
                    newest.into_iter().filter(|id| !self.state.bookings[id].tickets.is_empty()).collect();
                let booking = *pick(&sold, *booking)?;
                let ticket = usize::from(*ticket) % self.state.bookings[&booking].tickets.len();
                Some(Ask::CheckIn { booking, ticket, scan: format!("scan {scan}") })
            }
            Op::Resize { event: n, ticket_type, quantity } => {
                let types = types(event(*n)?);
                Some(Ask::Resize { ticket_type: *pick(&types, *ticket_type)?, quantity: *quantity })
            }
            Op::Capacity { event: n, capacity } => {
                Some(Ask::Capacity { event: event(*n)?, capacity: *capacity })
            }
            Op::Move { event: n, venue } => {
                Some(Ask::Move { event: event(*n)?, venue: format!("venue {venue}") })
            }
            Op::Publish { event: n } => Some(Ask::Publish { event: event(*n)? }),
            Op::CancelEvent { event: n } => Some(Ask::CancelEvent { event: event(*n)? }),
            Op::Choose { user: n, kind, channel, on } => {
                Some(Ask::Choose { user: user(*n), kind: *kind, channel: *channel, on: *on })
            }
            Op::Register { email } => Some(Ask::Register { email: format!("new{email}@example.org") }),
            Op::Repeat { .. } | Op::RunJobs => None,
        }
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
        self.name_bookings(&mut told, &end);
        let hidden = if jobs { self.hidden(&end) } else { Vec::new() };
        self.report.count(&told);
        let now = self.stage.now();
        let (keep_until, end_kept) = (now.plus(KEPT_FOR), replies_of(&all));
        let riddle = Riddle { now, keep_until, told: &told, hidden: &hidden, end: &end, end_kept: &end_kept };
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

    /// Finds out what bookings are called that nobody was told of.
    fn name_bookings(&self, told: &mut [Told], end: &State) {
        let mut by_key: BTreeMap<IdempotencyHash, BookingId> = BTreeMap::new();
        let mut unknown: Vec<BookingId> =
            end.bookings.keys().filter(|id| !self.state.bookings.contains_key(id)).copied().collect();
        for told in told.iter_mut() {
            if let (Ask::Reserve { .. }, Some(Answer::Booking { id, .. })) = (&told.ask, &told.answer) {
                told.id = Some(*id);
                unknown.retain(|other| other != id);
                by_key.extend(told.key.map(|key| (key, *id)));
            }
        }
        for told in told.iter_mut().filter(|told| told.answer.is_none()) {
            let Ask::Reserve { user, event, lines, at_once } = &told.ask else { continue };
            let named = told.key.as_ref().and_then(|key| by_key.get(key).copied());
            let fits = |id: &BookingId| {
                let made = &end.bookings[id];
                let sold_at_once = *at_once && made.total == 0;
                (made.user, made.event, &made.lines) == (*user, *event, lines)
                    && made.tickets.is_empty() != sold_at_once
            };
            let found = unknown.iter().position(fits);
            told.id = named.or_else(|| found.map(|at| unknown.remove(at)));
            by_key.extend(told.key.zip(told.id));
        }
    }

    /// What jobs may have done.
    fn hidden(&self, end: &State) -> Vec<Hidden> {
        let now = self.stage.now();
        let over = self.state.events.iter().filter(|(_, event)| event.ends_at <= now);
        let mut hidden: Vec<Hidden> = over
            .filter(|(_, event)| event.status == EventStatus::Published)
            .map(|(id, _)| Hidden::Complete(*id))
            .collect();
        // Also one that is confirmed in the end: its seats may have been taken anew.
        let due = self.state.bookings.iter().filter(|(_, b)| b.deadline.is_some_and(|at| at <= now));
        hidden.extend(due.map(|(id, _)| Hidden::Expire(*id)));
        for (id, after) in &end.bookings {
            let called_off = end.events[&after.event].status == EventStatus::Cancelled;
            let before = self.state.bookings.get(id);
            if called_off
                && after.status == BookingStatus::Cancelled
                && before.is_none_or(|b| b.status != BookingStatus::Cancelled)
            {
                hidden.push(Hidden::Sweep(*id));
            }
        }
        hidden
    }

    /// Requests under a key that nobody has a yes for yet.
    pub(super) fn unanswered(&self) -> Vec<Request> {
        let all = self.keyed.iter().map(|(ask, key)| self.fill_in(ask.clone(), Some(key.clone())));
        all.filter(|request| request.kept_under().is_some_and(|key| !self.kept.contains_key(&key))).collect()
    }
}

fn pick<T>(among: &[T], n: u8) -> Option<&T> {
    among.get(usize::from(n).checked_rem(among.len())?)
}
