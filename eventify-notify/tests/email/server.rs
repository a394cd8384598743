//! A real mail server (`server.py`, of aiosmtpd), with certificates of our own making. The tests of the service use it, too.

#![allow(dead_code, clippy::expect_used, reason = "each test program uses a part, and fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::net::TcpSocket;

/// Longer than a job stays reserved by a process that was killed.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server of one test; ends when it is dropped.
pub(crate) struct Server {
    process: Child,
    /// Closed when this is dropped, which ends the server.
    _input: ChildStdin,
    lines: Receiver<String>,
    /// Mails that were taken from it.
    taken: AtomicUsize,
    options: Vec<String>,
    pub(crate) port: u16,
    _held: Port,
    dir: TempDir,
    /// Who signed its certificate, as PEM.
    pub(crate) authority: Vec<u8>,
}

/// A port that is nobody else's, also while nobody listens on it: bound, so that whoever wants any is given another one.
pub(crate) struct Port(TcpSocket);

impl Port {
    pub(crate) fn hold() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // With this whoever names the port may listen on it.
        socket.set_reuseaddr(true).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

/// A mail that arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) bytes: Vec<u8>,
    pub(crate) about: serde_json::Value,
}

impl Server {
    /// With options of `server.py`.
    pub(crate) fn start(options: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let authority = certify(dir.path());
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let held = Port::hold();
        let (process, input, lines, port) = launch(dir.path(), held.address().port(), &options);
        let taken = AtomicUsize::new(0);
        Self { process, _input: input, lines, taken, options, port, _held: held, dir, authority }
    }

    /// Ends it at once, whatever it is doing.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again after [`Self::kill`], where it was.
    pub(crate) fn start_again(&mut self) {
        let (process, input, lines, port) = launch(self.dir.path(), self.port, &self.options);
        assert_eq!(port, self.port);
        (self.process, self._input, self.lines) = (process, input, lines);
    }

    /// The next mail, in the order in which they arrived.
    pub(crate) fn next(&self) -> Arrived {
        let line = self.lines.recv_timeout(PATIENCE).expect("no mail arrived");
        self.read(&line)
    }

    /// All that arrived by now.
    pub(crate) fn all(&self) -> Vec<Arrived> {
        self.lines.try_iter().map(|line| self.read(&line)).collect()
    }

    fn read(&self, line: &str) -> Arrived {
        self.taken.fetch_add(1, Ordering::SeqCst);
        let number = line.strip_prefix("mail ").unwrap_or_else(|| panic!("the server says {line}"));
        let file = |kind: &str| fs::read(self.dir.path().join(format!("{number}.{kind}"))).unwrap();
        Arrived { bytes: file("eml"), about: serde_json::from_slice(&file("json")).unwrap() }
    }

    /// Nothing more has arrived: each mail is a file before the server says that it has it.
    pub(crate) fn is_empty(&self) -> bool {
        let files = fs::read_dir(self.dir.path()).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|kind| kind == "eml")).count()
            == self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(dir: &Path, port: u16, options: &[String]) -> (Child, ChildStdin, Receiver<String>, u16) {
    let mut process = Command::new(python())
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../eventify-notify/tests/email/server.py"))
        .arg(dir)
        .arg(format!("--port={port}"))
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = process.stdin.take().unwrap();
    let (say, lines) = channel();
    let output = BufReader::new(process.stdout.take().unwrap());
    // Ends with the server's output.
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = say.send(line);
        }
    });
    let line = lines.recv_timeout(PATIENCE).expect("the mail server does not start");
    let port = line.strip_prefix("port ").unwrap_or_else(|| panic!("the server says {line}"));
    (process, input, lines, port.parse().unwrap())
}

/// The Python that has aiosmtpd: Debian's own, or the one on the path.
fn python() -> &'static str {
    let has_it = |python: &&str| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    ["/usr/bin/python3", "python3"].into_iter().find(has_it).expect("scripts/need-aiosmtpd installs aiosmtpd")
}

/// A certificate for `localhost` in the directory, and who signed it.
fn certify(dir: &Path) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    fs::write(dir.join("cert.pem"), certificate.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    authority.into_bytes()
}
