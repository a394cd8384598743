//! What a seed comes to: which rounds, and who does what in them.

use std::time::Duration;

use super::oracle::{ROWS, USERS};
use super::plan::{By, Chosen, Op, Round, Size, Step, Wish};
use crate::notification::{Channel, NoticeKind};
use crate::testing::SeededEntropy;

pub(super) struct Dice(SeededEntropy);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    fn small(&self, bound: u8) -> u8 {
        u8::try_from(self.0.below(u64::from(bound))).unwrap_or(0)
    }

    fn upto(&self, max: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(max) + 1)).unwrap_or(0)
    }

    pub(super) fn round(&self, size: Size) -> Round {
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
        let droppable = matches!(
            op,
            Op::Reserve { .. }
                | Op::Confirm { .. }
                | Op::Pass { .. }
                | Op::Reissue { .. }
                | Op::Give { .. }
                | Op::Accept { .. }
        );
        Step {
            engine: self.small(size.engines),
            keyed: droppable && self.0.chance(500),
            dropped_after: (droppable && self.0.chance(120)).then(|| self.small(6) + 1),
            op,
        }
    }

    /// Mostly what moves seats, money and tickets.
    fn op(&self) -> Op {
        match self.small(158) {
            0..=37 => self.reserve(),
            38..=57 => {
                let booking = self.small(250);
                match self.small(8) {
                    0..=4 => Op::Confirm { booking, by_organizer: self.0.chance(600) },
                    _ => Op::Cancel { booking, by_organizer: self.0.chance(300) },
                }
            }
            58..=71 => self.wait(),
            72..=89 => self.at_the_door(),
            90..=117 => self.give(),
            118..=125 => Op::Repeat { request: self.small(250) },
            126..=139 => self.manage(),
            _ => Op::RunJobs,
        }
    }

    fn reserve(&self) -> Op {
        let promo = if self.0.chance(350) { Some(PROMOS[usize::from(self.small(9)) / 4]) } else { None };
        let mut lines = self.lines();
        if let (Some(text), Some((of, _))) = (promo, lines.first_mut()) {
            // What is free needs no code, and not every code is for everything.
            let useful = if text == PROMOS[0] { [2, 3] } else { [2, 4] };
            *of = useful[usize::from(self.small(2))];
        }
        let seats = if self.0.chance(150) { self.seats() } else { Vec::new() };
        let wish = Wish { lines, seats, promo };
        Op::Reserve { user: self.small(USERS), event: self.small(250), wish, at_once: self.0.chance(450) }
    }

    /// Some seats beside each other; the last may be one that is not there.
    fn seats(&self) -> Vec<u16> {
        let row = &ROWS[usize::from(self.small(2))];
        let first = row.start() + u16::from(self.small(4));
        (first..=first + u16::from(self.small(3))).filter(|seat| *seat <= row.end() + 1).collect()
    }

    fn lines(&self) -> Vec<(u8, u32)> {
        // The hidden one now and then.
        let of = || if self.0.chance(950) { self.small(TYPES - 1) } else { TYPES - 1 };
        let line = |_| (of(), 1 + self.upto(2));
        let mut lines: Vec<(u8, u32)> = (0..=self.small(8) / 6).map(line).collect();
        if let [(first, _), (second, _)] = lines.as_mut_slice()
            && self.0.chance(300)
        {
            *second = *first;
        }
        lines
    }

    fn wait(&self) -> Op {
        let (user, event, ticket_type) = (self.small(USERS), self.small(250), self.small(250));
        match self.small(5) {
            0..=3 => Op::Join { user, event, ticket_type, quantity: 1 + self.upto(3) / 2 },
            _ => Op::Leave { waiting: self.small(250), user, event, ticket_type },
        }
    }

    fn chosen(&self) -> Chosen {
        Chosen { ticket: self.small(250), old: self.0.chance(150) }
    }

    /// Mostly whoever should.
    fn by(&self) -> By {
        match self.small(9) {
            0..=6 => By::Right,
            7 => By::Organizer,
            _ => By::User(self.small(USERS)),
        }
    }

    fn at_the_door(&self) -> Op {
        let (by, ticket) = (self.by(), self.chosen());
        match self.small(16) {
            0..=9 => Op::Pass { by, ticket, scan: self.small(4), out: self.0.chance(350) },
            10..=12 => Op::Undo { by, ticket },
            _ => Op::Reissue { by, ticket },
        }
    }

    fn give(&self) -> Op {
        let (by, transfer) = (self.by(), self.small(250));
        match self.small(16) {
            0..=7 => Op::Give { by, ticket: self.chosen(), to: self.to() },
            8..=13 => Op::Accept { by, transfer },
            _ => Op::Withdraw { by, transfer },
        }
    }

    /// Mostly somebody who can accept it.
    fn to(&self) -> u8 {
        match self.small(8) {
            n @ 0..=5 => n % (USERS - 1),
            6 => USERS - 1,
            _ => USERS,
        }
    }

    fn manage(&self) -> Op {
        let (event, ticket_type) = (self.small(250), self.small(TYPES));
        match self.small(32) {
            0..=6 => Op::Resize { event, ticket_type, quantity: 1 + self.upto(9) },
            7..=8 => {
                let per_person_max = self.0.chance(700).then(|| 1 + self.upto(3));
                Op::Limit { event, ticket_type, per_person_max }
            }
            9..=10 => Op::Uses { event, uses_max: self.0.chance(800).then(|| 1 + self.upto(2)) },
            11..=14 => Op::Capacity { event, capacity: self.0.chance(700).then(|| 1 + self.upto(14)) },
            15..=16 => Op::Move { event, venue: self.small(4) },
            17..=19 => Op::Staff { event, user: self.small(USERS), on: self.0.chance(600) },
            20..=22 => Op::Publish { event },
            23..=24 => Op::CancelEvent { event },
            25..=28 => Op::Terms { event, terms: self.small(4) },
            _ => {
                let kinds = [NoticeKind::Purchase, NoticeKind::CheckIn, NoticeKind::EventCancelled];
                let kind = kinds[usize::from(self.small(3))];
                let channel = if self.0.chance(500) { Channel::Email } else { Channel::InApp };
                // The first users never choose: what they are told is known exactly.
                let user = USERS / 2 + self.small(USERS) % 2;
                Op::Choose { user, kind, channel, on: self.0.chance(400) }
            }
        }
    }
}

/// How many ticket types an event has.
const TYPES: u8 = 5;

/// The code that takes something off everything, the one that opens what is hidden for two hours, and none.
const PROMOS: [&str; 3] = ["half", "guest", "nobody's"];
