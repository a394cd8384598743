//! Driving the real binary: started with what a person would type, and always stopped again.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several test programs, which fail by panicking"
)]

pub mod backend;
pub mod http;
pub mod live;
pub mod samples;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use self::backend::Backend;

/// Nothing here takes as long, whatever else the machine does; a test that waits longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A directory with a store in it, or beside it a database, gone with the value.
pub struct Place {
    dir: tempfile::TempDir,
    backend: Backend,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), backend: Backend::new() }
    }

    /// The URL of another store.
    pub fn store(&self, name: &str) -> String {
        self.backend.store(name)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file with these contents.
    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// The binary, in this directory, with nothing of the test's own environment that it would heed.
    pub fn command(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eventify"));
        let heeded = std::env::vars_os().map(|(name, _)| name);
        for name in heeded.filter(|name| name.to_string_lossy().starts_with("EVENTIFY_")) {
            command.env_remove(name);
        }
        command.env_remove("PORT").current_dir(self.dir.path()).args(args).stdin(Stdio::null());
        if let Some(url) = self.backend.default_store() {
            command.env("EVENTIFY_STORE", url);
        }
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, args: &[impl AsRef<OsStr>]) -> Done {
        Done(self.command(args).output().unwrap())
    }

    /// Runs it with something on its standard input.
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Done {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Done(child.wait_with_output().unwrap())
    }

    /// Starts the service on a free port and waits until it says that it listens.
    pub fn serve(&self, args: &[&str]) -> Service {
        Service::start(self, args)
    }
}

/// How a run of the binary ended.
pub struct Done(Output);

impl Done {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        self.ends_with(0)
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "stdout:\n{}\nstderr:\n{}", self.out(), self.err());
        self
    }

    /// A value of the line for programs: `added` of `imported event=… added=5 …`.
    #[track_caller]
    pub fn value(&self, line: &str, name: &str) -> String {
        value_of(&self.out(), line, name)
    }
}

/// A value of a line for programs.
#[track_caller]
pub fn value_of(text: &str, line: &str, name: &str) -> String {
    let prefix = format!("{line} ");
    let found =
        text.lines().find(|l| l.starts_with(&prefix)).unwrap_or_else(|| panic!("no “{line}” in:\n{text}"));
    let start = format!("{name}=");
    let value = found.split(' ').find_map(|word| word.strip_prefix(&start));
    value.unwrap_or_else(|| panic!("no {name} in {found}")).to_owned()
}

/// A running service. Killed when dropped.
pub struct Service {
    child: Child,
    lines: Receiver<String>,
    errors: PathBuf,
    /// `127.0.0.1:41234`.
    pub address: String,
    /// Everything that it said on stdout before it listened, and the line with which it did.
    pub said: String,
}

impl Service {
    fn start(place: &Place, args: &[&str]) -> Self {
        let errors =
            tempfile::NamedTempFile::new_in(place.dir.path()).unwrap().into_temp_path().keep().unwrap();
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(args).stdout(Stdio::piped()).stderr(File::create(&errors).unwrap());
        Self::wait_for(command, errors)
    }

    /// Starts a prepared command and waits until it listens.
    pub fn wait_for(mut command: Command, errors: PathBuf) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let mut service = Self { child, lines, errors, address: String::new(), said: String::new() };
        while service.address.is_empty() {
            let line = service.next_line();
            if line.starts_with("listening ") {
                service.address = value_of(&line, "listening", "address");
            }
        }
        service
    }

    fn next_line(&mut self) -> String {
        let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
            panic!("it never listened; stdout:\n{}\nstderr:\n{}", self.said, self.errors());
        };
        self.said.push_str(&line);
        self.said.push('\n');
        line
    }

    pub fn errors(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap()
    }

    pub fn client(&self) -> http::Client {
        http::Client::new(&self.address)
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.signal(rustix::process::Signal::TERM);
        (self.wait(), self.errors())
    }

    /// Ends it where it stands: SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The redb store's file, as a URL.
pub fn url(file: &Path) -> String {
    format!("redb:{}", file.display())
}
