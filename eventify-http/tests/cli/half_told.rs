//! Messages of a process that is killed: before any of them has left, and while one is handed over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::killed::{Sale, until_all_is_told};
use super::requests::Asked;
use crate::cli_support::http::Client;
use crate::cli_support::{PATIENCE, Place};

/// What came under each mark: whoever brings messages on knows a repeat by it.
struct Came {
    heard: Receiver<Asked>,
    mark_of: fn(&Asked) -> String,
    found: BTreeMap<String, Vec<Asked>>,
}

impl Came {
    /// Waits until so many different ones have come.
    fn wait_for(&mut self, count: usize) {
        while self.found.len() < count {
            let asked = self.heard.recv_timeout(PATIENCE).unwrap();
            self.note(asked);
        }
    }

    fn note(&mut self, asked: Asked) {
        self.found.entry((self.mark_of)(&asked)).or_default().push(asked);
    }
}

/// Kills the service when it has messages that nobody took, as nobody listens yet, and again when it has handed one over and heard
/// nothing of it. Each of the three purchases has a message under a mark of its own then, and only the last one came twice. Answers
/// what came.
pub(crate) fn of_a_service_that_is_killed(
    (place, options): (&Place, &[&str]),
    choose: impl FnOnce(&mut Client),
    listen: impl FnOnce(&Arc<AtomicBool>, Sender<Asked>),
    mark_of: fn(&Asked) -> String,
) -> Vec<Vec<Asked>> {
    let service = place.serve(options);
    let mut sale = Sale::open(&service);
    choose(&mut sale.buyers[0]);
    let wanted = sale.wanted();
    for _ in 0..2 {
        sale.buyers[0].post(&sale.path, &wanted).is(201);
    }
    service.kill();
    let (tell, heard) = channel();
    let silent = Arc::new(AtomicBool::new(false));
    listen(&silent, tell);
    let service = place.serve(options);
    sale.move_to(&service);
    let mut came = Came { heard, mark_of, found: BTreeMap::new() };
    came.wait_for(2);
    until_all_is_told(place);

    // Now one that is handed over, and whose process hears nothing of it any more.
    silent.store(true, Ordering::SeqCst);
    sale.buyers[0].post(&sale.path, &wanted).is(201);
    came.wait_for(3);
    service.kill();
    silent.store(false, Ordering::SeqCst);
    let service = place.serve(options);
    until_all_is_told(place);
    let rest: Vec<Asked> = came.heard.try_iter().collect();
    rest.into_iter().for_each(|asked| came.note(asked));
    let mut times: Vec<usize> = came.found.values().map(Vec::len).collect();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2], "one message for each purchase");
    assert_eq!(service.stop().0.code(), Some(0));
    came.found.into_values().collect()
}
