//! What will happen: plain data that follows from a seed, so that it can be replayed and shortened.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::super::shorten;
use crate::testing::SeededEntropy;

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) rounds: Vec<Round>,
}

impl shorten::Plan for Plan {
    fn rounds(&self) -> usize {
        self.rounds.len()
    }

    fn leave_out(&mut self, rounds: Range<usize>) {
        self.rounds.drain(rounds);
    }

    fn steps(&self, round: usize) -> usize {
        self.rounds[round].steps.len()
    }

    fn leave_out_step(&mut self, round: usize, step: usize) {
        self.rounds[round].steps.remove(step);
    }
}

/// What happens at once.
#[derive(Debug, Clone)]
pub(super) struct Round {
    /// How far the clock moves before it.
    pub(super) pass: Duration,
    /// Or back: somebody set it right.
    pub(super) back: Duration,
    /// The engines are started anew before it.
    pub(super) restart: bool,
    /// This bank goes away before it, or comes back.
    pub(super) outage: Option<(u8, bool)>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) op: Op,
    pub(super) engine: u8,
    /// Whoever does it is gone after it was looked after so often.
    pub(super) left_after: Option<u8>,
}

/// Numbers choose among what is there when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Hold {
        user: u8,
        event: u8,
        seats: u8,
    },
    Start {
        booking: u8,
        bank: u8,
    },
    Pay {
        charge: u8,
        how: How,
        asked_first: bool,
    },
    /// A callback arrives, so often.
    Arrive {
        callback: u8,
        copies: u8,
    },
    /// One that arrived long ago arrives again.
    Again {
        callback: u8,
    },
    /// One that nobody signed.
    Forged {
        callback: u8,
    },
    /// It never arrives.
    Lose {
        callback: u8,
    },
    Cancel {
        booking: u8,
        by_organizer: bool,
    },
    Refund {
        charge: u8,
        part: bool,
    },
    Cash {
        booking: u8,
    },
    /// The box office sells all that is left of an event.
    SellOut {
        event: u8,
    },
    CancelEvent {
        event: u8,
    },
    /// An organizer mends the title.
    Rename {
        event: u8,
    },
    /// A payer's bank takes the money of a charge back; when it did so already, it decides.
    Dispute {
        charge: u8,
        won: bool,
    },
    /// A bank charges once more what was paid.
    PayAgain {
        charge: u8,
    },
    /// A bank makes what it accepted to give back, or cannot.
    EndRefunds {
        bank: u8,
    },
    /// Somebody gives money back on a bank's own pages.
    GiveBack {
        charge: u8,
        part: bool,
    },
    /// Somebody has a refund that failed tried again.
    Retry {
        refund: u8,
    },
    /// Or pays it out.
    PayOut {
        refund: u8,
    },
    Work,
}

/// What a payer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Whole,
    Less,
    More,
    Foreign,
    Decline,
    GiveUp,
}

impl Plan {
    pub(super) fn new(seed: u64, rounds: u32, clients: u8, engines: u8) -> Self {
        let dice = Dice(SeededEntropy::new(seed ^ 0x7111));
        Self { seed, rounds: (0..rounds).map(|_| dice.round(clients, engines)).collect() }
    }
}

struct Dice(SeededEntropy);

impl Dice {
    fn small(&self, bound: u8) -> u8 {
        u8::try_from(self.0.below(u64::from(bound))).unwrap_or(0)
    }

    fn round(&self, clients: u8, engines: u8) -> Round {
        let pass = match self.small(10) {
            0..=3 => Duration::ZERO,
            4..=7 => Duration::from_secs(u64::from(self.small(60))),
            8 => Duration::from_secs(60 * (1 + u64::from(self.small(12)))),
            // Longer than late money is looked for.
            _ if self.0.chance(100) => Duration::from_secs(4 * 3_600),
            _ => Duration::from_secs(60 * (1 + u64::from(self.small(45)))),
        };
        let back = if self.0.chance(70) {
            Duration::from_secs(20 * u64::from(self.small(60)))
        } else {
            Duration::ZERO
        };
        if self.0.chance(60) {
            return self.too_late();
        }
        Round {
            pass,
            back,
            restart: self.0.chance(60),
            outage: self.0.chance(120).then(|| (self.small(2), self.0.chance(500))),
            steps: (0..=self.small(clients)).map(|_| self.step(engines)).collect(),
        }
    }

    /// Holds end, and what they held is gone, while their money is on its way.
    fn too_late(&self) -> Round {
        let ops = [Op::Work, Op::SellOut { event: 0 }, Op::SellOut { event: 1 }];
        let step = |op| Step { op, engine: 0, left_after: None };
        Round {
            pass: Duration::from_secs(60 * (11 + u64::from(self.small(30)))),
            back: Duration::ZERO,
            restart: false,
            outage: None,
            steps: ops.map(step).into(),
        }
    }

    fn step(&self, engines: u8) -> Step {
        let op = self.op();
        Step { op, engine: self.small(engines), left_after: self.0.chance(120).then(|| 1 + self.small(12)) }
    }

    fn op(&self) -> Op {
        let any = || self.small(250);
        match self.small(106) {
            0..=15 => Op::Hold { user: self.small(5), event: any(), seats: 1 + self.small(3) },
            16..=34 => Op::Start { booking: any(), bank: self.small(2) },
            35..=54 => Op::Pay { charge: any(), how: self.how(), asked_first: self.0.chance(200) },
            55..=66 => Op::Arrive { callback: any(), copies: 1 + self.small(6) / 4 },
            67..=69 => Op::Again { callback: any() },
            70 => Op::Forged { callback: any() },
            71..=74 => Op::Lose { callback: any() },
            75..=79 => Op::Cancel { booking: any(), by_organizer: self.0.chance(400) },
            80..=82 => Op::Refund { charge: any(), part: self.0.chance(600) },
            83 => Op::Cash { booking: any() },
            84 => Op::CancelEvent { event: any() },
            85..=87 => Op::Dispute { charge: any(), won: self.0.chance(500) },
            88 => Op::PayAgain { charge: any() },
            89..=90 => Op::EndRefunds { bank: self.small(2) },
            91 => Op::SellOut { event: any() },
            92..=93 => Op::GiveBack { charge: any(), part: self.0.chance(700) },
            94 => Op::Rename { event: any() },
            95..=97 => Op::Retry { refund: any() },
            98..=100 => Op::PayOut { refund: any() },
            _ => Op::Work,
        }
    }

    fn how(&self) -> How {
        match self.small(40) {
            0 => How::Less,
            1 => How::More,
            2 => How::Foreign,
            3..=5 => How::Decline,
            6 => How::GiveUp,
            _ => How::Whole,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, round) in self.rounds.iter().enumerate() {
            write!(f, "round {n}")?;
            if !round.pass.is_zero() {
                write!(f, ", {:?} later", round.pass)?;
            }
            if !round.back.is_zero() {
                write!(f, ", the clock {:?} back", round.back)?;
            }
            if let Some((bank, away)) = round.outage {
                write!(f, ", bank {bank} {}", if away { "goes away" } else { "is back" })?;
            }
            writeln!(f, "{}", if round.restart { ", engines restarted" } else { "" })?;
            for step in &round.steps {
                write!(f, "  engine {}: {:?}", step.engine, step.op)?;
                match step.left_after {
                    Some(looks) => writeln!(f, ", left after {looks} looks")?,
                    None => writeln!(f)?,
                }
            }
        }
        Ok(())
    }
}
