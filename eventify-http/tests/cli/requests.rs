//! Somebody on this machine who is called over HTTP, and may say nothing to that.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use serde_json::Value;

/// A whole request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> String {
        let name = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&name)).unwrap().to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }
}

/// Hands out what is asked at other paths than this, and answers while it is not silent; at this one it always says the same, and tells
/// nobody. Whoever asks may be killed in the middle of it.
pub(crate) fn take(
    listener: TcpListener,
    silent: &Arc<AtomicBool>,
    tell: Sender<Asked>,
    always: (&'static str, &'static str),
) {
    take_over(listener, |stream| stream, silent, tell, always);
}

/// The same over what is made of each connection, such as TLS.
pub(crate) fn take_over<S: Read + Write + Send + 'static>(
    listener: TcpListener,
    open: impl Fn(TcpStream) -> S + Send + 'static,
    silent: &Arc<AtomicBool>,
    tell: Sender<Asked>,
    (path, says): (&'static str, &'static str),
) {
    let silent = silent.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, silent, tell) = (open(stream.unwrap()), silent.clone(), tell.clone());
            std::thread::spawn(move || {
                while let Some(asked) = next(&mut stream) {
                    let said = if asked.path() == path { says } else { "{}" };
                    let answers = asked.path() == path || !silent.load(Ordering::SeqCst);
                    let is_told = asked.path() == path || tell.send(asked).is_ok();
                    let answer = format!(
                        "HTTP/1.1 200 It\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{said}",
                        said.len()
                    );
                    if !is_told || answers && stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

fn next(stream: &mut impl Read) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 4_096];
        let count = stream.read(&mut more).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut asked = Asked { head, body: Vec::new() };
        let length: usize = asked.header("content-length").parse().unwrap();
        if bytes.len() >= end + 4 + length {
            asked.body = bytes[end + 4..end + 4 + length].to_vec();
            return Some(asked);
        }
    }
}
