//! What the clients will do: plain data that follows from a seed, so that it can be replayed and shortened.

use std::fmt;
use std::time::Duration;

use crate::notification::{Channel, NoticeKind};
use crate::testing::SeededEntropy;

/// Everything that one run does.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) rounds: Vec<Round>,
}

/// What happens at once: the clients ask side by side, and time stands still.
#[derive(Debug, Clone)]
pub(super) struct Round {
    /// How far the clock moves before it.
    pub(super) pass: Duration,
    /// Or back.
    pub(super) turn_back: Duration,
    /// The engines are started anew before it.
    pub(super) restart: bool,
    pub(super) steps: Vec<Step>,
}

/// What one client does in a round.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) op: Op,
    /// Which engine is asked.
    pub(super) engine: u8,
    /// Under an idempotency key, to be repeated under it.
    pub(super) keyed: bool,
    /// The client goes away after it has looked for the answer so often.
    pub(super) dropped_after: Option<u8>,
}

/// What can be done. Numbers choose among what is there when it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    Hold {
        user: u8,
        event: u8,
        lines: Vec<(u8, u32)>,
    },
    Buy {
        user: u8,
        event: u8,
        lines: Vec<(u8, u32)>,
    },
    Confirm {
        booking: u8,
        by_organizer: bool,
    },
    Cancel {
        booking: u8,
        by_organizer: bool,
    },
    CheckIn {
        booking: u8,
        ticket: u8,
        scan: u8,
    },
    /// An earlier request under its key again.
    Repeat {
        request: u8,
    },
    Resize {
        event: u8,
        ticket_type: u8,
        quantity: u32,
    },
    Capacity {
        event: u8,
        capacity: Option<u32>,
    },
    Move {
        event: u8,
        venue: u8,
    },
    Publish {
        event: u8,
    },
    CancelEvent {
        event: u8,
    },
    Choose {
        user: u8,
        kind: NoticeKind,
        channel: Channel,
        on: bool,
    },
    Register {
        email: u8,
    },
    RunJobs,
}

/// How large a run is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) rounds: u32,
    pub(super) clients: u8,
    pub(super) engines: u8,
}

impl Plan {
    pub(super) fn new(seed: u64, size: Size) -> Self {
        let random = Dice(SeededEntropy::new(seed));
        Self { seed, rounds: (0..size.rounds).map(|_| random.round(size)).collect() }
    }
}

struct Dice(SeededEntropy);

impl Dice {
    fn small(&self, bound: u8) -> u8 {
        u8::try_from(self.0.below(u64::from(bound))).unwrap_or(0)
    }

    fn upto(&self, max: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(max) + 1)).unwrap_or(0)
    }

    fn round(&self, size: Size) -> Round {
        // A password takes longer than anything else and is hashed beside the runtime: alone, to stay repeatable.
        if self.0.chance(15) {
            let op = Op::Register { email: self.small(3) };
            let step = Step { op, engine: self.small(size.engines), keyed: false, dropped_after: None };
            return Round {
                pass: Duration::ZERO,
                turn_back: Duration::ZERO,
                restart: false,
                steps: vec![step],
            };
        }
        let pass = match self.small(10) {
            0..=4 => 0,
            5..=7 => self.upto(240),
            8 => self.upto(1_000),
            _ => self.upto(2_500),
        };
        let turn_back = if self.0.chance(40) { self.upto(90) } else { 0 };
        Round {
            pass: Duration::from_secs(u64::from(pass)),
            turn_back: Duration::from_secs(u64::from(turn_back)),
            restart: self.0.chance(30),
            steps: (0..=self.small(size.clients)).map(|_| self.step(size)).collect(),
        }
    }

    fn step(&self, size: Size) -> Step {
        let op = self.op();
        let droppable =
            matches!(op, Op::Hold { .. } | Op::Buy { .. } | Op::Confirm { .. } | Op::CheckIn { .. });
        Step {
            engine: self.small(size.engines),
            keyed: droppable && self.0.chance(500),
            dropped_after: (droppable && self.0.chance(120)).then(|| self.small(6) + 1),
            op,
        }
    }

    fn op(&self) -> Op {
        let (user, event, booking) = (self.small(USERS), self.small(250), self.small(250));
        match self.small(100) {
            0..=19 => Op::Hold { user, event, lines: self.lines() },
            20..=34 => Op::Buy { user, event, lines: self.lines() },
            35..=49 => Op::Confirm { booking, by_organizer: self.0.chance(400) },
            50..=58 => Op::Cancel { booking, by_organizer: self.0.chance(300) },
            59..=66 => Op::CheckIn { booking, ticket: self.small(4), scan: self.small(3) },
            67..=74 => Op::Repeat { request: self.small(250) },
            75..=78 => Op::Resize { event, ticket_type: self.small(3), quantity: 1 + self.upto(9) },
            79..=80 => Op::Capacity { event, capacity: self.0.chance(700).then(|| 1 + self.upto(14)) },
            81 => Op::Move { event, venue: self.small(4) },
            82..=84 => Op::Publish { event },
            85..=86 => Op::CancelEvent { event },
            87..=88 => {
                let kinds = [NoticeKind::Purchase, NoticeKind::CheckIn, NoticeKind::EventCancelled];
                let kind = kinds[usize::from(self.small(3))];
                let channel = if self.0.chance(500) { Channel::Email } else { Channel::InApp };
                // The first users never choose: what they are told is known exactly.
                Op::Choose { user: USERS / 2 + user % 2, kind, channel, on: self.0.chance(400) }
            }
            _ => Op::RunJobs,
        }
    }

    fn lines(&self) -> Vec<(u8, u32)> {
        let line = |_| (self.small(3), 1 + self.upto(2));
        (0..=self.small(8) / 6).map(line).collect()
    }
}

/// How many people buy.
pub(super) const USERS: u8 = 4;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, round) in self.rounds.iter().enumerate() {
            write!(f, "round {n}")?;
            if !round.pass.is_zero() {
                write!(f, ", {:?} later", round.pass)?;
            }
            if !round.turn_back.is_zero() {
                write!(f, ", clock turned back by {:?}", round.turn_back)?;
            }
            writeln!(f, "{}", if round.restart { ", engines restarted" } else { "" })?;
            for step in &round.steps {
                write!(f, "  engine {}: {:?}", step.engine, step.op)?;
                if step.keyed {
                    write!(f, ", with a key")?;
                }
                match step.dropped_after {
                    Some(looks) => writeln!(f, ", dropped after {looks} looks")?,
                    None => writeln!(f)?,
                }
            }
        }
        Ok(())
    }
}
