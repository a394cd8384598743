//! A Postgres of our own: its files, and a shell that watches over it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Starts the server, obeys words on its input, and tidies up when the input ends – also when the test program was
/// killed and could not.
const WATCH: &str = r#"
start() { "$BIN/pg_ctl" -D "$DIR/data" -s -w -t 60 -l "$DIR/log" start >&2; }
# Sessions outlive a killed server for as long as they do not look, and no other one starts meanwhile.
again() { n=0; until start; do n=$((n + 1)); [ "$n" -lt 120 ] || return 1; sleep 0.25; done; }
stop() { "$BIN/pg_ctl" -D "$DIR/data" -s -w -t 60 -m "$1" stop >&2; }
start && echo ready
while read -r word; do
    case "$word" in
        start) again ;;
        stop) stop fast ;;
        kill) kill -9 "$(head -n 1 "$DIR/data/postmaster.pid")" ;;
    esac && echo ready || echo failed
done
stop immediate
rm -rf "$DIR"
"#;

/// What every server of ours runs with. Everything is synced as in production; only the sizes are small.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 128MB
max_wal_size = 2GB
logging_collector = off
log_min_messages = warning
deadlock_timeout = 200ms
";

/// A running server with its directory. Ends with it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    dir: PathBuf,
    port: u16,
}

impl Process {
    /// Makes a data directory and starts a server on it; `settings` are further lines of its configuration.
    pub(super) fn start(settings: &str) -> Self {
        let init = ["-N", "-U", "eventify", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"];
        Self::make("initdb", &init, &format!("{SETTINGS}{settings}"))
    }

    /// Makes a copy of this server's data and starts another one that follows it.
    pub(super) fn replicate(&self) -> Self {
        let (dir, port) = (self.dir.display().to_string(), self.port.to_string());
        let copy = ["-h", &dir, "-p", &port, "-U", "eventify", "-R", "-X", "stream", "-c", "fast"];
        Self::make("pg_basebackup", &copy, "")
    }

    fn make(program: &str, arguments: &[&str], settings: &str) -> Self {
        let bin = binaries();
        let owner = Owner::choose();
        // The watcher removes it, also when this program cannot.
        let dir =
            tempfile::Builder::new().prefix("eventify-pg-").tempdir().expect("a temporary directory").keep();
        owner.give(&dir);
        let mut making = owner.command(&bin.join(program));
        let made = making.args(arguments).arg("-D").arg(dir.join("data")).current_dir(&dir).output();
        let made = made.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(made.status.success(), "{program}: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let place = format!("port = {port}\nunix_socket_directories = '{}'\n", dir.display());
        let mut config = fs::OpenOptions::new()
            .append(true)
            .open(dir.join("data/postgresql.conf"))
            .expect("the server's configuration");
        config.write_all(format!("{settings}\n{place}").as_bytes()).expect("settings are written");
        let mut child = owner
            .command(Path::new("/bin/sh"))
            .args(["-c", WATCH])
            .env("BIN", &bin)
            .env("DIR", &dir)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Of a group of its own: an interrupt from the keyboard ends the test program, and thereby this.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("the watcher's answers"));
        let mut process = Self { child, orders, answers, dir, port };
        process.wait();
        process
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Says a word to the watcher and waits until it is done.
    pub(super) fn order(&mut self, word: &str) {
        let orders = self.orders.as_mut().expect("the watcher listens");
        writeln!(orders, "{word}").expect("the watcher listens");
        self.wait();
    }

    fn wait(&mut self) {
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer);
        if read.is_err() || answer.trim() != "ready" {
            let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
            panic!("the database server did not do as it was told: {log}");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.orders.take();
        let _ = self.child.wait();
    }
}

/// Where the server's programs are: beside the `postgres` of the path, or the newest that Debian installed.
fn binaries() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = std::env::split_paths(&path)
        // A link leads to where the others are.
        .filter_map(|dir| fs::canonicalize(dir.join("postgres")).ok())
        .filter_map(|binary| binary.parent().map(Path::to_path_buf));
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort();
    let debian = debian.into_iter().rev().map(|(_, dir)| dir);
    let mut found =
        beside.chain(debian).filter(|dir| dir.join("initdb").exists() && dir.join("pg_ctl").exists());
    found.next().expect("Postgres is installed, or DATABASE_URL names one that runs")
}

/// Whom the server runs as: it refuses to be root.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn choose() -> Self {
        let root = fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0);
        if !root {
            return Self(None);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let find = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        Self(find("postgres").or_else(|| find("nobody")))
    }

    fn give(&self, dir: &Path) {
        if let Some((user, group)) = self.0 {
            chown(dir, Some(user), Some(group)).expect("the directory changes hands");
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}

fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
    probe.local_addr().expect("a free port").port()
}
