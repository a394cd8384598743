//! A command on its way through a lane, whatever its type.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use crate::command::{Answer, Command, Idempotency, IdempotentReply, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::{Key, Recorded};
use crate::work::{Decision, Halt, Work};

/// A command that waits for its answer.
pub(super) trait Pending: Send {
    /// Where it queues.
    fn lane(&self) -> LaneKey;

    /// What it will surely read.
    fn reads(&self, keys: &mut BTreeSet<Key>);

    /// How much it writes.
    fn weight(&self) -> u32;

    /// Decides, and remembers the outcome; writes nothing unless it is a yes.
    fn run(&mut self, work: &mut Work, cx: &Context<'_>) -> Ran;

    /// Tells the caller what was decided last.
    fn answer(self: Box<Self>);

    /// Tells the caller that nothing was decided.
    fn fail(self: Box<Self>, error: Error);

    /// For logs.
    fn name(&self) -> &'static str;
}

/// How a run went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// Yes or no: the outcome is there.
    Decided,
    /// More records are needed.
    Missing,
}

type Reply<C> = Result<Answer<<C as Command>::Reply>, Error>;

pub(super) struct Submission<C: Command> {
    command: C,
    idempotency: Option<Idempotency>,
    outcome: Option<Reply<C>>,
    caller: oneshot::Sender<Reply<C>>,
}

impl<C: Command> Submission<C> {
    pub(super) fn new(command: C, idempotency: Option<Idempotency>) -> (Self, oneshot::Receiver<Reply<C>>) {
        let (caller, reply) = oneshot::channel();
        (Self { command, idempotency, outcome: None, caller }, reply)
    }

    fn decide(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Answer<C::Reply>> {
        let Some(idempotency) = &self.idempotency else {
            return self.command.run(work, cx).map(|reply| Answer::new(reply, false));
        };
        if let Some(stored) = work.find::<IdempotentReply>(&idempotency.hash)?
            && cx.now < stored.forget_at
        {
            return Ok(Answer::new(replay::<C>(&stored, idempotency)?, true));
        }
        let reply = self.command.run(work, cx)?;
        let encoded = postcard::to_stdvec(&reply)
            .map_err(|e| Error::internal(format!("a reply is unwritable: {e}")))?;
        work.put(IdempotentReply {
            hash: idempotency.hash,
            fingerprint: idempotency.fingerprint,
            reply: encoded,
            forget_at: cx.now.plus(cx.settings.idempotency_for),
        });
        Ok(Answer::new(reply, false))
    }
}

fn replay<C: Command>(stored: &IdempotentReply, idempotency: &Idempotency) -> Result<C::Reply, Error> {
    if stored.fingerprint != idempotency.fingerprint {
        let sentence = "This idempotency key came with a different request before.";
        return Err(Error::new(Reason::IdempotencyKeyReused, sentence).at_field("idempotency_key"));
    }
    postcard::from_bytes(&stored.reply)
        .map_err(|e| Error::internal(format!("a stored reply is unreadable: {e}")))
}

impl<C: Command> Pending for Submission<C> {
    fn lane(&self) -> LaneKey {
        self.command.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        if let Some(idempotency) = &self.idempotency {
            keys.insert(IdempotentReply::key_of(&idempotency.hash));
        }
        self.command.reads(keys);
    }

    fn weight(&self) -> u32 {
        self.command.weight()
    }

    fn run(&mut self, work: &mut Work, cx: &Context<'_>) -> Ran {
        let mark = work.mark();
        match self.decide(work, cx) {
            Ok(answer) => self.outcome = Some(Ok(answer)),
            Err(Halt::Rejected(error)) => {
                work.roll_back(mark);
                self.outcome = Some(Err(error));
            }
            Err(Halt::Missing) => {
                work.roll_back(mark);
                return Ran::Missing;
            }
        }
        Ran::Decided
    }

    fn answer(self: Box<Self>) {
        let undecided = || Err(Error::internal("a command was answered before it was decided"));
        let outcome = self.outcome.unwrap_or_else(undecided);
        // A caller that went away does not want to know.
        let _ = self.caller.send(outcome);
    }

    fn fail(self: Box<Self>, error: Error) {
        let _ = self.caller.send(Err(error));
    }

    fn name(&self) -> &'static str {
        C::NAME
    }
}
