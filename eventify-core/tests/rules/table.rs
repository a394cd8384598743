//! Tables of situations, and how they are run.

use std::future::Future;
use std::pin::Pin;

use eventify_core::{Error, Reason};

use crate::common::World;

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// One situation and what it comes to.
pub struct Row {
    pub situation: &'static str,
    /// The code that it is refused with; `None` when it is fine.
    pub code: Option<Reason>,
    pub run: fn(&World) -> Outcome<'_>,
}

/// A table: `"situation" => [Code] |w| { … }`, with an empty bracket for what is fine.
macro_rules! rows {
    ($($situation:literal => [$($code:ident)?] |$w:ident| $body:expr;)+) => {
        vec![$(crate::table::Row {
            situation: $situation,
            code: [$(Some(eventify_core::Reason::$code),)? None][0],
            run: |$w| Box::pin(async move { $body.map(drop) }),
        },)+]
    };
}
pub(crate) use rows;

/// Runs every row in a world of its own. A refusal has to change nothing, and the records have to agree afterwards.
pub async fn run(rows: Vec<Row>) {
    run_in(rows, World::new).await;
}

/// The same in worlds of another make.
pub async fn run_in(rows: Vec<Row>, make: impl AsyncFn() -> World) {
    for row in rows {
        let world = make().await;
        let found = (row.run)(&world).await;
        let code = found.as_ref().err().map(Error::reason);
        assert_eq!(code, row.code, "{}: {found:?}", row.situation);
        if row.code.is_some() {
            world.assert_unchanged(row.situation).await;
        }
        world.assert_sound(row.situation).await;
        world.eventify.shut_down().await;
    }
}
