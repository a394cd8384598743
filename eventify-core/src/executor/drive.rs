//! Who moves a lane on: the runtime, or a caller who finds it idle.
//!
//! A lane is one future, and the runtime has a task that polls it. To wake that task for a lone caller takes a hop
//! between threads, and the answer another one back: longer than most decisions. So whoever finds a lane idle polls it
//! once, in their own thread: it takes their command in, reads and decides, and hands the commit in; with a store that
//! need not wait for a disk, it is committed and answered. Whatever then waits for something wakes the task, as
//! everything does that comes while somebody polls. So nobody depends on a caller who is not polled again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;
use tokio::sync::Notify;

type Lane = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Says whether a lane waits for its first command.
pub(super) type Idle = Arc<AtomicBool>;

/// A lane, and who is at it.
pub(super) struct Drive {
    /// `None` once it has ended. Only who set `is_polled` locks it, and who takes it away for good.
    lane: Mutex<Option<Lane>>,
    is_polled: AtomicBool,
    /// Whether something happened that the lane has not seen.
    is_woken: AtomicBool,
    is_idle: Idle,
    /// Calls the task.
    called: Notify,
}

impl std::fmt::Debug for Drive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drive").finish_non_exhaustive()
    }
}

impl Wake for Drive {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // In this order, and the other way round in `poll`: either the task is called here, or who polls sees to it.
        self.is_woken.store(true, SeqCst);
        if !self.is_polled.load(SeqCst) {
            self.called.notify_one();
        }
    }
}

impl Drive {
    pub(super) fn new(lane: impl Future<Output = ()> + Send + 'static, is_idle: Idle) -> Arc<Self> {
        Arc::new(Self {
            lane: Mutex::new(Some(Box::pin(lane))),
            is_polled: AtomicBool::new(false),
            is_woken: AtomicBool::new(false),
            is_idle,
            called: Notify::new(),
        })
    }

    /// The task: polls the lane whenever something happened, to its end. A lane does not outlive it, polled or not.
    pub(super) fn run(self: Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let task = Task(self);
        async move {
            while !task.0.turn() {
                task.0.called.notified().await;
            }
        }
    }

    /// Sends something to the lane by `send`, and polls it when it has nothing else to do.
    pub(super) fn hand_in<T>(self: &Arc<Self>, runtime: &Handle, send: impl FnOnce() -> T) -> T {
        if !self.is_idle.load(SeqCst) || self.is_polled.swap(true, SeqCst) {
            return send();
        }
        // The task is not called for this: whoever polls hears of it.
        let sent = send();
        // What the lane waits for belongs to the runtime, wherever the caller is.
        let _inside = runtime.enter();
        self.poll();
        sent
    }

    /// Whether the lane has ended; nothing is done while somebody else polls it, who hears of whatever happened.
    fn turn(self: &Arc<Self>) -> bool {
        if self.is_polled.swap(true, SeqCst) {
            return false;
        }
        self.poll()
    }

    /// For who set `is_polled`.
    fn poll(self: &Arc<Self>) -> bool {
        let mut lane = self.lane();
        self.is_woken.swap(false, SeqCst);
        let waker = Waker::from(self.clone());
        let has_ended = lane.as_mut().is_none_or(|running| {
            let polled =
                catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut Context::from_waker(&waker))));
            if polled.is_err() {
                tracing::error!("a write lane failed; its callers are told");
            }
            !matches!(polled, Ok(Poll::Pending))
        });
        let ended = if has_ended { lane.take() } else { None };
        drop(lane);
        // Outside of the lock: whoever waits for what goes with it is woken.
        drop(ended);
        self.is_polled.store(false, SeqCst);
        if has_ended || self.is_woken.load(SeqCst) {
            self.called.notify_one();
        }
        has_ended
    }

    fn lane(&self) -> MutexGuard<'_, Option<Lane>> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the runtime drops when it ends before the lane does: nobody would answer what is sent to it.
struct Task(Arc<Drive>);

impl Drop for Task {
    fn drop(&mut self) {
        let lane = self.0.lane().take();
        drop(lane);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::thread::{self, ThreadId};

    use tokio::sync::mpsc;

    use super::*;

    /// Strikes the lane that takes it in.
    const FAULT: u32 = 1_000_000;

    /// A lane that says for each number which thread took it in, and waits for `slow` before it takes the next one
    /// behind an odd one.
    struct Rig {
        runtime: tokio::runtime::Runtime,
        sender: mpsc::Sender<u32>,
        drive: Arc<Drive>,
        taken: std::sync::mpsc::Receiver<(u32, ThreadId)>,
        slow: Arc<Notify>,
    }

    fn rig() -> Rig {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (sender, mut queue) = mpsc::channel(64);
        let (told, taken) = std::sync::mpsc::channel();
        let (is_idle, slow) = (Idle::default(), Arc::new(Notify::new()));
        let (idle, waits) = (is_idle.clone(), slow.clone());
        let drive = Drive::new(
            async move {
                loop {
                    idle.store(true, SeqCst);
                    let Some(number) = queue.recv().await else { return };
                    idle.store(false, SeqCst);
                    told.send((number, thread::current().id())).unwrap();
                    if number % 2 == 1 {
                        waits.notified().await;
                    }
                    assert!(number != FAULT, "a fault");
                }
            },
            is_idle,
        );
        drop(runtime.spawn(drive.clone().run()));
        let rig = Rig { runtime, sender, drive, taken, slow };
        rig.until_idle();
        rig
    }

    impl Rig {
        fn until_idle(&self) {
            while !self.drive.is_idle.load(SeqCst) || self.drive.is_polled.load(SeqCst) {
                thread::yield_now();
            }
        }

        fn send(&self, number: u32) -> bool {
            self.drive.hand_in(self.runtime.handle(), || self.sender.try_send(number)).is_ok()
        }
    }

    #[test]
    fn who_finds_a_lane_idle_moves_it_on() {
        let rig = rig();
        assert!(rig.send(2));
        assert_eq!(
            rig.taken.try_recv().unwrap(),
            (2, thread::current().id()),
            "taken before `send` returned"
        );
        assert!(rig.send(4));
        assert_eq!(rig.taken.try_recv().unwrap(), (4, thread::current().id()));
    }

    #[test]
    fn what_waits_is_gone_on_with_by_the_task() {
        let rig = rig();
        assert!(rig.send(1) && rig.send(2));
        assert_eq!(rig.taken.try_recv().unwrap(), (1, thread::current().id()));
        assert!(rig.taken.try_recv().is_err(), "the lane waits, and is not idle");
        rig.slow.notify_one();
        let (number, by) = rig.taken.recv().unwrap();
        assert_eq!(number, 2);
        assert_ne!(by, thread::current().id(), "nobody here polls any more");
    }

    #[test]
    fn nothing_is_lost_between_many_who_send_at_once() {
        const EACH: u32 = 20_000;
        let Rig { runtime, sender, drive, taken, .. } = rig();
        thread::scope(|scope| {
            for nth in 0..4 {
                let (runtime, sender, drive) = (runtime.handle(), &sender, &drive);
                scope.spawn(move || {
                    for number in nth * EACH..(nth + 1) * EACH {
                        while drive.hand_in(runtime, || sender.try_send(number * 2)).is_err() {
                            thread::yield_now();
                        }
                    }
                });
            }
            let mut seen: Vec<u32> = (0..4 * EACH).map(|_| taken.recv().unwrap().0).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq((0..4 * EACH).map(|number| number * 2)));
        });
    }

    #[test]
    fn a_lane_ends_with_its_senders_and_not_later_than_its_runtime() {
        let Rig { runtime, sender, drive, .. } = rig();
        drop(sender);
        while drive.lane().is_some() {
            thread::yield_now();
        }
        drop(runtime);

        let rig = rig();
        assert!(rig.send(1));
        let Rig { runtime, sender, drive, .. } = rig;
        let handle = runtime.handle().clone();
        drop(runtime);
        let sent = drive.hand_in(&handle, || sender.try_send(2));
        assert!(matches!(sent, Err(mpsc::error::TrySendError::Closed(2))));
    }

    #[test]
    fn a_lane_that_is_never_polled_ends_with_its_runtime_too() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (sender, queue) = mpsc::channel::<u32>(1);
        let lane = async move {
            let mut queue = queue;
            let _ = queue.recv().await;
        };
        let drive = Drive::new(lane, Idle::default());
        drop(runtime.spawn(drive.clone().run()));
        let handle = runtime.handle().clone();
        drop(runtime);
        assert!(drive.hand_in(&handle, || sender.try_send(1)).is_err(), "nobody would ever answer it");
    }

    #[test]
    fn a_fault_ends_the_lane_and_nobody_else() {
        let rig = rig();
        assert!(rig.send(FAULT), "whoever moves it on is not struck by it");
        assert!(!rig.send(2));
        assert!(rig.drive.lane().is_none());
    }
}
