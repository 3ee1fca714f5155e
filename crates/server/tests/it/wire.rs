//! A client for HTTP/1.1 that says exactly what it is told, and takes an answer apart.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than anything takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(40);

pub struct Client {
    stream: TcpStream,
    input: Vec<u8>,
}

/// An answer, with chunks put together.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a header, in the order they came.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem document; fails if it is none.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        assert_eq!(problem["correlationId"], self.header("x-request-id").unwrap(), "{self:?}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A request with a `Host` and the length of its body.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: desk.example\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// A `POST` of JSON.
pub fn post(path: &str, json: &str) -> Vec<u8> {
    request("POST", path, &[("content-type", "application/json")], json.as_bytes())
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, input: Vec::new() }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Sends what the server may no longer want.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send(&request("GET", path, &[], b""));
        self.reply()
    }

    /// The next answer.
    pub fn reply(&mut self) -> Reply {
        self.answer(false)
    }

    /// The next answer, to a `HEAD`.
    pub fn reply_to_head(&mut self) -> Reply {
        self.answer(true)
    }

    fn answer(&mut self, to_head: bool) -> Reply {
        let (status, headers) = self.head();
        let mut reply = Reply { status, headers, body: Vec::new() };
        if to_head || matches!(status, 100..=199 | 204 | 304) {
            return reply;
        }
        if reply.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            while let Some(chunk) = self.chunk() {
                reply.body.extend_from_slice(&chunk);
            }
        } else if let Some(length) = reply.header("content-length") {
            let length: usize = length.parse().unwrap();
            reply.body = self.exactly(length);
        } else {
            while self.fill() {}
            reply.body = std::mem::take(&mut self.input);
        }
        reply
    }

    /// Status and headers of the next answer.
    pub fn head(&mut self) -> (u16, Vec<(String, String)>) {
        let end = loop {
            if let Some(at) = self.input.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            assert!(self.fill(), "closed before an answer; got {:?}", String::from_utf8_lossy(&self.input));
        };
        let head = String::from_utf8(self.exactly(end + 4)).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        (status, lines.map(header).collect())
    }

    /// The next chunk of a chunked body; `None` is its end.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let end = loop {
            if let Some(at) = self.input.windows(2).position(|window| window == b"\r\n") {
                break at;
            }
            assert!(self.fill(), "closed within a chunked body");
        };
        let line = String::from_utf8(self.exactly(end + 2)).unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = self.exactly(size + 2);
        chunk.truncate(size);
        (size > 0).then_some(chunk)
    }

    /// So many bytes, as they stand.
    pub fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.input.len() < length {
            assert!(self.fill(), "closed after {} of {length} bytes", self.input.len());
        }
        self.input.drain(..length).collect()
    }

    /// Whether the server closes, or resets, before it says anything more.
    pub fn is_closed(&mut self) -> bool {
        self.input.is_empty() && !self.fill()
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.fill() {}
        std::mem::take(&mut self.input)
    }

    /// `false` if the connection is over.
    fn fill(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(read) => {
                self.input.extend_from_slice(&buffer[..read]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}; got {:?}", String::from_utf8_lossy(&self.input)),
        }
    }
}
