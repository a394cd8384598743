//! Clients of feeds, so small that what they say was heard was on the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::PATIENCE;

/// An event of a feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: Value,
}

/// A connection that bytes come over for as long as it is open.
struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Wire {
    /// Asks for something, and answers the head of what comes.
    fn ask(address: &str, path: &str, headers: &[(&str, &str)]) -> (Self, String) {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut wire = Self { stream, bytes: Vec::new() };
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n");
        headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        wire.stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        let head = wire.until(b"\r\n\r\n").expect("an answer");
        (wire, String::from_utf8(head).unwrap())
    }

    /// Everything to the end of this; `None` when the other end closed before.
    fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.bytes.windows(end.len()).position(|window| window == end) {
                return Some(self.bytes.drain(..at + end.len()).collect());
            }
            self.more().ok()?;
        }
    }

    fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.bytes.len() < count {
            self.more().ok()?;
        }
        Some(self.bytes.drain(..count).collect())
    }

    fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                self.bytes.extend_from_slice(&chunk[..n]);
                Ok(())
            }
        }
    }
}

/// Server-Sent Events.
pub struct Sse {
    wire: Wire,
    pub head: String,
    text: String,
}

impl Sse {
    /// Opens a feed; its status is for the caller to look at.
    pub fn open(address: &str, path: &str, token: &str, last: Option<&str>) -> Self {
        let token = format!("Bearer {token}");
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(last.map(|last| ("last-event-id", last)));
        let (wire, head) = Wire::ask(address, path, &headers);
        Self { wire, head, text: String::new() }
    }

    #[track_caller]
    pub fn is(self, status: &str) -> Self {
        assert!(self.head.starts_with(&format!("HTTP/1.1 {status} ")), "{}", self.head);
        self
    }

    /// The next event that is not a heartbeat; `None` when the body ended as it should.
    #[track_caller]
    pub fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(at) = self.text.find("\n\n") {
                let lines: String = self.text.drain(..at + 2).collect();
                let event = read(&lines);
                if !event.name.is_empty() {
                    return Some(event);
                }
            }
            let size = self.wire.until(b"\r\n").expect("a chunk, or the last one");
            let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim(), 16).unwrap();
            let chunk = self.wire.exactly(size + 2).expect("the whole chunk");
            if size == 0 {
                return None;
            }
            self.text.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
        }
    }
}

fn read(lines: &str) -> Event {
    let mut event = Event::default();
    for line in lines.lines() {
        match line.split_once(": ") {
            Some(("event", name)) => name.clone_into(&mut event.name),
            Some(("id", id)) => id.clone_into(&mut event.id),
            Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
            _ => {}
        }
    }
    event
}

/// A WebSocket.
pub struct Socket {
    wire: Wire,
    pub head: String,
}

/// A frame's kind: its opcode.
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;
const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    Json(Value),
    Closed(u16, String),
    Pong,
    /// The other end closed the connection.
    End,
}

impl Socket {
    pub fn open(address: &str, path: &str, token: Option<&str>) -> Self {
        let token = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        let (wire, head) = Wire::ask(address, path, &headers);
        Self { wire, head }
    }

    #[track_caller]
    pub fn agreed(self) -> Self {
        assert!(self.head.starts_with("HTTP/1.1 101 "), "{}", self.head);
        // RFC 6455 §1.3 has the answer to this key.
        assert!(self.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{}", self.head);
        self
    }

    pub fn say(&mut self, what: &Value) {
        self.frame(FIN | TEXT, what.to_string().as_bytes());
    }

    /// A masked frame, as clients send them: opcode, perhaps with FIN.
    pub fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = vec![first];
        match u16::try_from(payload.len()) {
            Ok(short @ 0..=125) => bytes.push(MASKED | u8::try_from(short).unwrap()),
            Ok(long) => {
                bytes.push(MASKED | 126);
                bytes.extend_from_slice(&long.to_be_bytes());
            }
            Err(_) => {
                bytes.push(MASKED | 127);
                bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
            }
        }
        let mask = [7, 11, 13, 17];
        bytes.extend_from_slice(&mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.raw(&bytes);
    }

    pub fn whole(&mut self, opcode: u8, payload: &[u8]) {
        self.frame(FIN | opcode, payload);
    }

    /// Whatever; who is cut off meanwhile does not mind.
    pub fn raw(&mut self, bytes: &[u8]) {
        let _ = self.wire.stream.write_all(bytes);
    }

    /// The next thing that is not a ping; pings are answered.
    #[track_caller]
    pub fn next(&mut self) -> Came {
        self.came(true)
    }

    /// The same, and pings are not answered.
    #[track_caller]
    pub fn next_without_pong(&mut self) -> Came {
        self.came(false)
    }

    #[track_caller]
    fn came(&mut self, answers: bool) -> Came {
        loop {
            let Some(head) = self.wire.exactly(2) else { return Came::End };
            assert_eq!(head[1] & MASKED, 0, "servers do not mask");
            let length = match head[1] {
                126 => {
                    let Some(bytes) = self.wire.exactly(2) else { return Came::End };
                    usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))
                }
                short => usize::from(short),
            };
            let Some(payload) = self.wire.exactly(length) else { return Came::End };
            match head[0] & !FIN {
                TEXT => return Came::Json(serde_json::from_slice(&payload).unwrap()),
                CLOSE => {
                    let code = u16::from_be_bytes([payload[0], payload[1]]);
                    return Came::Closed(code, String::from_utf8(payload[2..].to_vec()).unwrap());
                }
                PING if answers => self.whole(PONG, &payload),
                PING => {}
                PONG => return Came::Pong,
                other => panic!("opcode {other}"),
            }
        }
    }

    #[track_caller]
    pub fn json(&mut self) -> Value {
        match self.next() {
            Came::Json(value) => value,
            other => panic!("{other:?}"),
        }
    }
}
