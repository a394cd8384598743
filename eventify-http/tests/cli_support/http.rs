//! A client so small that what it says was answered was answered: an answer is complete or it is none.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// One connection, opened again when it broke.
pub struct Client {
    address: String,
    stream: Option<TcpStream>,
    token: Option<String>,
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// A text at a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let found = self.json().pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        found.unwrap_or_else(|| panic!("no {pointer} in {self}"))
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

impl Client {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None, token: None }
    }

    /// Where it connects to.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same person on another connection, perhaps to another process.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), stream: None, token: self.token.clone() }
    }

    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    #[track_caller]
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Makes an account at `example.org`, and logs in.
    #[track_caller]
    pub fn register(mut self, name: &str, password: &str) -> Self {
        let email = format!("{name}@example.org");
        let person = serde_json::json!({ "name": name, "email": email, "password": password });
        self.post("/api/auth/register", &person).is(201);
        self.log_in(&email, password)
    }

    /// Becomes an organizer, whose token is another one.
    #[track_caller]
    pub fn become_organizer(mut self) -> Self {
        let answer = self.post("/api/users/me/become-organizer", &serde_json::json!({})).is(200);
        let token = answer.text("/access_token");
        self.with_token(&token)
    }

    /// Logs in.
    #[track_caller]
    pub fn log_in(self, email: &str, password: &str) -> Self {
        let mut client = Self { token: None, ..self };
        let body = serde_json::json!({ "email": email, "password": password });
        let answer = client.post("/api/auth/login", &body).is(200);
        let token = answer.text("/access_token");
        client.with_token(&token)
    }

    #[track_caller]
    pub fn get(&mut self, path: &str) -> Answer {
        let had_one = self.stream.is_some();
        match self.send("GET", path, None, None) {
            // A connection that nobody used for long is closed, which is seen when it is used.
            Err(_) if had_one => self.send("GET", path, None, None).unwrap(),
            answer => answer.unwrap(),
        }
    }

    #[track_caller]
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, None, Some(body)).unwrap()
    }

    /// As a page's form does.
    #[track_caller]
    pub fn form(&mut self, path: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.exchange(request.as_bytes()).unwrap()
    }

    /// Sends a request and waits for the whole answer.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            request.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(key) = key {
            request.push_str(&format!("idempotency-key: {key}\r\n"));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            request.push_str("content-type: application/json\r\n");
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        let answer = self.exchange(request.as_bytes());
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address)?;
                stream.set_read_timeout(Some(Duration::from_secs(60)))?;
                stream.set_nodelay(true)?;
                self.stream.insert(stream)
            }
        };
        stream.write_all(request)?;
        read_answer(stream)
    }
}

/// Reads one answer; an end before its own is an error.
pub fn read_answer(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let mut more = |bytes: &mut Vec<u8>| match stream.read(&mut chunk)? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        n => {
            bytes.extend_from_slice(&chunk[..n]);
            Ok(())
        }
    };
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        more(&mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.get(9..12).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    let answer = Answer { status, head, body: Vec::new() };
    let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < end + 4 + length {
        more(&mut bytes)?;
    }
    Ok(Answer { body: bytes[end + 4..end + 4 + length].to_vec(), ..answer })
}
