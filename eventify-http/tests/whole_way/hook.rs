//! A system that has a webhook, and verifies what it is told by the program of the documentation.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::cli_support::PATIENCE;
use crate::mail::Port;

pub(crate) struct Hook {
    at: SocketAddr,
    _held: Port,
    tell: Sender<Called>,
    heard: Receiver<Called>,
    /// Whether requests are taken; set before the one that wakes the listener.
    open: Arc<Mutex<bool>>,
    listening: Option<std::thread::JoinHandle<()>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    headers: Value,
    pub(crate) body: Vec<u8>,
}

impl Hook {
    pub(crate) fn open() -> Self {
        let held = Port::hold();
        let (tell, heard) = channel();
        let (at, open) = (held.address(), Arc::default());
        let mut hook = Self { at, _held: held, tell, heard, open, listening: None };
        hook.open_again();
        hook
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks", self.at)
    }

    pub(crate) fn next(&self) -> Called {
        self.heard.recv_timeout(PATIENCE).expect("the webhook was not called")
    }

    /// Closes its port.
    pub(crate) fn close(&mut self) {
        *self.open.lock().unwrap() = false;
        let _ = TcpStream::connect(self.at);
        self.listening.take().unwrap().join().unwrap();
    }

    pub(crate) fn open_again(&mut self) {
        let listener = TcpListener::bind(self.at).unwrap();
        *self.open.lock().unwrap() = true;
        let (open, tell) = (Arc::clone(&self.open), self.tell.clone());
        self.listening = Some(std::thread::spawn(move || {
            for stream in listener.incoming() {
                if !*open.lock().unwrap() {
                    return;
                }
                let mut stream = stream.unwrap();
                if let Some(called) = read(&mut stream) {
                    stream.write_all(b"HTTP/1.1 204 It\r\nconnection: close\r\n\r\n").unwrap();
                    // Nobody may listen any more.
                    let _ = tell.send(called);
                }
            }
        }));
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        if self.listening.is_some() {
            self.close();
        }
    }
}

/// A whole request; `None` when its sender went away.
fn read(stream: &mut TcpStream) -> Option<Called> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut bytes, mut more) = (Vec::new(), [0; 4_096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
            let headers: Value = pairs.map(|(name, value)| (name.to_lowercase(), json!(value))).collect();
            let length: usize = headers["content-length"].as_str().unwrap().parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Some(Called { headers, body: bytes[end + 4..end + 4 + length].to_vec() });
            }
        }
        match stream.read(&mut more).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&more[..count]),
        }
    }
}

impl Called {
    /// By which a repeat is known.
    pub(crate) fn id(&self) -> String {
        self.headers["webhook-id"].as_str().unwrap().to_owned()
    }

    /// Whether it is genuine to whoever verifies it as the documentation says: in another language, by another library.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/http-api.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let (_, program) = docs.split_once("import base64, hashlib, hmac, time").unwrap();
        let (program, _) = program.split_once("```").unwrap();
        let program = format!(
            "import base64, hashlib, hmac, time{program}\nimport json, sys\nasked = json.load(sys.stdin)\n\
             print(verify(asked['secret'], asked['headers'], asked['body'].encode()))\n"
        );
        let body = std::str::from_utf8(&self.body).unwrap();
        let asked = json!({ "secret": secret, "headers": self.headers, "body": body });
        let mut python = Command::new("python3");
        python.args(["-c", &program]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut python = python.spawn().unwrap();
        python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        let said = python.wait_with_output().unwrap();
        assert!(said.status.success());
        String::from_utf8(said.stdout).unwrap().trim() == "True"
    }
}
