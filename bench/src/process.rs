//! Processes of a measurement, in release builds: the service, and the yardstick of the service.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Result;

/// A process that listens; ended when it is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to the moment at which it listens.
    pub(crate) started_in: Duration,
}

impl Process {
    /// The service over a file, on a port of its own.
    pub(crate) async fn serve(file: &Path) -> Result<Self> {
        Self::serve_with(file, &[]).await
    }

    /// The same with more options.
    pub(crate) async fn serve_with(file: &Path, options: &[String]) -> Result<Self> {
        Self::serve_built("", file, options).await
    }

    /// The same, built with more features.
    pub(crate) async fn serve_built(features: &str, file: &Path, options: &[String]) -> Result<Self> {
        let mut command = Command::new(eventify(features).await?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--auth-rate", "off", "--log", "error", "--store"]);
        command.arg(format!("redb:{}", file.display())).args(options);
        Self::start(command).await
    }

    /// Does something with a file that nobody serves.
    pub(crate) async fn run(features: &str, file: &Path, command: &[&str]) -> Result {
        let mut program = Command::new(eventify(features).await?);
        program
            .args(command)
            .arg("--store")
            .arg(format!("redb:{}", file.display()))
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if program.status().await?.success() { Ok(()) } else { Err("a command failed".into()) }
    }

    /// An axum that answers everybody the same.
    pub(crate) async fn bare() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare");
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Result<Self> {
        #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().ok_or("a process without output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            let Some(rest) = line.strip_prefix("listening address=") else { continue };
            let address = rest.split(' ').next().unwrap_or(rest).parse()?;
            let started_in = start.elapsed();
            // Read on, so that it never waits for somebody to read what it says.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(Self { child, address, started_in });
        }
        Err("a process ended before it listened".into())
    }

    /// Resident memory, in MiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        self.mebibytes("VmRSS:")
    }

    /// The most resident memory since that was forgotten, in MiB.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        self.mebibytes("VmHWM:")
    }

    /// Lets the most memory count from now on.
    pub(crate) fn forget_peak_memory(&self) -> Result {
        let pid = self.child.id().ok_or("a process that ended")?;
        Ok(std::fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
    }

    #[allow(clippy::cast_precision_loss, reason = "a few million KiB")]
    fn mebibytes(&self, name: &str) -> Result<f64> {
        let pid = self.child.id().ok_or("a process that ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib as f64 / 1_024.0)
    }

    /// The processor time that it took so far, in seconds.
    pub(crate) fn processor_time(&self) -> Result<f64> {
        let pid = self.child.id().ok_or("a process that ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The 14th and 15th field, in hundredths; behind the name in brackets, which may have spaces.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no name")?;
        let times = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(times.sum::<std::result::Result<f64, _>>()? / 100.0)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        let pid = pid.and_then(rustix::process::Pid::from_raw).ok_or("a process that ended")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let ended = self.child.wait().await?;
        if ended.success() { Ok(()) } else { Err("a process failed".into()) }
    }

    /// Ends it as a power cut would.
    pub(crate) async fn kill(mut self) -> Result {
        self.child.kill().await?;
        Ok(())
    }
}

/// The service's program, built as this one was, with these features more. There is one: the one that was built last.
pub(crate) async fn eventify(features: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let building = Command::new(cargo)
        .args(["build", "--quiet", "--package", "eventify-http", "--bin", "eventify", "--features", features])
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .process_group(0)
        .spawn()?;
    if !(Building(building).0.wait().await?.success()) {
        return Err("the service cannot be built".into());
    }
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("a program without a folder")?.join("eventify"))
}

/// A build, and the compilers that it starts. They end when it is dropped.
struct Building(Child);

impl Drop for Building {
    fn drop(&mut self) {
        // Once it was waited for it has no number any more.
        let group =
            self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
