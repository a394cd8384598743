//! A broker of our own: its files, and a shell that watches over it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Runs `server`, and `beside` next to it if there is one; obeys words on its input, and ends both and removes their files when
/// the input ends – also when the test program was killed and could not. A server that starts another process for its work
/// writes that one's number into `pid`.
const WATCH: &str = r#"
cd "$DIR"
[ ! -f beside ] || { sh ./beside >>log 2>&1 & beside=$!; }
run() { rm -f pid; sh ./server >>log 2>&1 & server=$!; }
worker() { head -n 1 pid 2>/dev/null || echo "$server"; }
tell() { kill -"$1" "$(worker)" 2>/dev/null; }
# A thread that is just running stops a moment later.
stand() { tell STOP; while grep -hqv '^[0-9]* (.*) T ' "/proc/$(worker)/task/"*/stat; do sleep 0.01; done; }
end() { tell CONT; tell "$1"; wait "$server" 2>/dev/null; }
run; echo ready
while read -r word; do
    case "$word" in
        start) run ;;
        stop) end TERM ;;
        kill) end KILL ;;
        pause) stand ;;
        resume) tell CONT ;;
    esac
    echo ready
done
end KILL
[ -z "$beside" ] || { kill "$beside"; wait "$beside"; } 2>/dev/null
cd /
rm -rf "$DIR"
"#;

/// How long a server may take to serve; machines that run tests have other things to do.
const LOOKS_MAX: u32 = 3_600;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running server with its directory. Ends with it, or with the program.
pub struct Server {
    watcher: Mutex<Watcher>,
    dir: PathBuf,
    port: u16,
}

struct Watcher {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts what `files` make: `server` is a script that becomes the server, which serves when it listens on `port`.
    pub fn start(dir: PathBuf, files: &[(&str, String)], port: u16) -> Self {
        for (name, text) in files {
            fs::write(dir.join(name), text).unwrap();
        }
        let mut child = Command::new("/bin/sh")
            .args(["-c", WATCH])
            .env("DIR", &dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Of a group of its own: an interrupt from the keyboard ends the test program, and thereby this.
            .process_group(0)
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let server = Self { watcher: Mutex::new(Watcher { child, orders, answers }), dir, port };
        server.watcher.lock().unwrap().wait();
        server.wait_until_it_serves();
        server
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as an operator does.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Ends it as a power cut does.
    pub fn kill(&self) {
        self.order("kill");
    }

    /// Starts it again after either.
    pub fn start_again(&self) {
        self.order("start");
        self.wait_until_it_serves();
    }

    /// Lets it stand still: its connections stay, and nothing answers.
    pub fn pause(&self) {
        self.order("pause");
    }

    pub fn resume(&self) {
        self.order("resume");
    }

    fn order(&self, word: &str) {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(watcher.orders.as_mut().unwrap(), "{word}").unwrap();
        watcher.wait();
    }

    fn wait_until_it_serves(&self) {
        for _ in 0..LOOKS_MAX {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("the broker does not serve: {}", self.log());
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }
}

impl Watcher {
    fn wait(&mut self) {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "ready", "the watcher is gone");
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.orders.take();
        let _ = self.child.wait();
    }
}

/// A directory that the watcher removes.
pub fn directory(name: &str) -> PathBuf {
    tempfile::Builder::new().prefix(&format!("eventify-{name}-")).tempdir().unwrap().keep()
}

/// Ports that nobody listens on; all different, and none of those that the system gives to whoever wants any: a broker that is
/// started again finds its own free. Each program looks from another one on.
pub fn free_ports<const N: usize>() -> [u16; N] {
    const PORTS: u16 = 22_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    let free = std::iter::repeat_with(|| {
        let nth = first.wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst)) % u32::from(PORTS);
        10_000 + u16::try_from(nth).unwrap()
    });
    let held = free.take(PORTS.into()).filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let held: Vec<TcpListener> = held.take(N).collect();
    std::array::from_fn(|nth| held[nth].local_addr().unwrap().port())
}
