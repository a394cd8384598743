//! Tables of operations with an answer for everybody who may ask, and how somebody is asked for one.

use std::future::Future;
use std::pin::Pin;

use eventify_core::event::PutScheduleItem;
use eventify_core::{Actor, Error, Reason};

use crate::common::{DAY, HOUR, World};

pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// An operation on `Props`, and the answers of six who ask for it, in the order that its table names.
pub struct Operation<Props> {
    pub name: &'static str,
    /// The code that it is refused with; `None` when it is fine.
    pub answers: [Option<Reason>; 6],
    pub ask: for<'a> fn(&'a World, &'a Props, &'a Actor) -> Asked<'a>,
}

/// A table: `"operation" [ok Code …] |w, props, who| …;`
macro_rules! operations {
    ($($name:literal [$($answer:ident)+] |$w:ident, $p:ident, $who:ident| $body:expr;)+) => {
        vec![$(crate::operation::Operation {
            name: $name,
            answers: [$(crate::operation::answer!($answer)),+],
            ask: |$w, $p, $who| Box::pin(async move { let _ = $p; $body.map(drop) }),
        },)+]
    };
}
pub(crate) use operations;

macro_rules! answer {
    (ok) => {
        None
    };
    ($code:ident) => {
        Some(eventify_core::Reason::$code)
    };
}
pub(crate) use answer;

impl<Props> Operation<Props> {
    /// Asks for it in a world of its own, which ends here. A refusal has to change nothing, and the records have to
    /// agree afterwards.
    pub async fn expect(&self, w: World, props: &Props, who: &Actor, answer: Option<Reason>) {
        let found = (self.ask)(&w, props, who).await.err().map(|e| e.reason());
        let situation = format!("{} by {who:?}", self.name);
        assert_eq!(found, answer, "{situation}");
        if answer.is_some() {
            w.assert_unchanged(&situation).await;
        }
        w.assert_sound(&situation).await;
        w.eventify.shut_down().await;
    }
}

/// An entry that fits into any schedule here.
pub fn talk(w: &World) -> PutScheduleItem {
    PutScheduleItem {
        activity_name: "Talk".to_owned(),
        speaker: None,
        starts_at: w.now().plus(10 * DAY),
        ends_at: w.now().plus(10 * DAY + HOUR),
        room: None,
    }
}
