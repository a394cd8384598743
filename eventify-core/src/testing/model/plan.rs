//! What the clients will do: plain data that follows from a seed, so that it can be replayed and shortened.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::dice::Dice;
use super::shorten;
use crate::notification::{Channel, NoticeKind};

/// Everything that one run does.
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
    Reserve {
        user: u8,
        event: u8,
        wish: Wish,
        at_once: bool,
    },
    Confirm {
        booking: u8,
        by_organizer: bool,
    },
    Cancel {
        booking: u8,
        by_organizer: bool,
    },
    Join {
        user: u8,
        event: u8,
        ticket_type: u8,
        quantity: u32,
    },
    Leave {
        /// One of those who wait, or, if that is nobody, the user.
        waiting: u8,
        user: u8,
        event: u8,
        ticket_type: u8,
    },
    Pass {
        by: By,
        ticket: Chosen,
        scan: u8,
        out: bool,
    },
    Undo {
        by: By,
        ticket: Chosen,
    },
    Reissue {
        by: By,
        ticket: Chosen,
    },
    Give {
        by: By,
        ticket: Chosen,
        to: u8,
    },
    Accept {
        by: By,
        transfer: u8,
    },
    Withdraw {
        by: By,
        transfer: u8,
    },
    Staff {
        event: u8,
        user: u8,
        on: bool,
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
    Limit {
        event: u8,
        ticket_type: u8,
        per_person_max: Option<u32>,
    },
    Uses {
        event: u8,
        uses_max: Option<u32>,
    },
    Capacity {
        event: u8,
        capacity: Option<u32>,
    },
    Terms {
        event: u8,
        terms: u8,
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

/// Who does it: whom it is for, the organizer, or one of the people, whoever that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Right,
    Organizer,
    User(u8),
}

/// A ticket, by its code or by the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) ticket: u8,
    pub(super) old: bool,
}

/// What somebody wants to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) lines: Vec<(u8, u32)>,
    /// The very seats, instead of lines, when there are any.
    pub(super) seats: Vec<u16>,
    pub(super) promo: Option<&'static str>,
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
        let dice = Dice::new(seed);
        Self { seed, rounds: (0..size.rounds).map(|_| dice.round(size)).collect() }
    }
}

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
