//! Being told to stop.

use tokio::sync::watch;

use super::StopSignal;
use super::listen::Stop;
use crate::cli::exit::{Exit, Failure};

/// Listens for SIGTERM and SIGINT (Ctrl-C) from now on. The first one stops the service; the second one ends the
/// process where it stands, which loses nothing that was answered.
pub(crate) fn stop() -> Result<StopSignal, Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::refused(format!("the process cannot listen for signals: {error}")))?;
    let (tell, told) = watch::channel(Stop::NotYet);
    tokio::spawn(async move {
        let signal = signals.next().await;
        tracing::info!(signal, "stopping: no new requests, those under way are finished");
        let _ = tell.send(Stop::Now);
        let signal = signals.next().await;
        tracing::warn!(signal, "told twice: ending at once");
        std::process::exit(i32::from(Exit::Refused as u8));
    });
    Ok(told)
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "the signature of the other systems")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        let _ = tokio::signal::ctrl_c().await;
        "Ctrl-C"
    }
}
