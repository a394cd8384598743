//! Enough file handles: every connection is one.

/// Besides connections: the store, the log, signals, connections to a database.
#[cfg(unix)]
const OTHERS: u64 = 128;

/// Raises the process's own limit as far as the system lets it, and says so when that is not enough.
#[cfg(unix)]
pub(super) fn allow(connections_max: u32) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let wanted = u64::from(connections_max) + OTHERS;
    let Rlimit { current: Some(current), maximum } = getrlimit(Resource::Nofile) else { return };
    if current >= wanted {
        return;
    }
    let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let set = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum });
    let allowed = if set.is_ok() { raised } else { current };
    if allowed < wanted {
        tracing::warn!(allowed, wanted, "too few file handles for --connections-max: later connections wait");
    }
}

/// Other systems have no such limit, or none that a process may raise.
#[cfg(not(unix))]
pub(super) fn allow(_connections_max: u32) {}
