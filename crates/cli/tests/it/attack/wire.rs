//! Requests as bytes, from an address of one's own, and answers as they come.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// Longer than anything takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// One answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// 0 if the connection closed without one.
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// All values of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The problem's code, if it is one.
    pub fn code(&self) -> Option<String> {
        let is_problem = self.header("content-type")?.starts_with("application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        (is_problem && problem["status"] == self.status)
            .then(|| problem["code"].as_str().map(str::to_owned))?
    }
}

/// An address of the loopback network that nobody used yet, so that rates and counted guesses of one case are not
/// those of another. Where there is only one such address (not on Linux), it is that one.
pub fn connect(to: &str, from: u32) -> TcpStream {
    let to: SocketAddr = to.parse().unwrap();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let [_, high, middle, low] = from.to_be_bytes();
    let own: SocketAddr = ([127, 1 + high, middle, low.max(1)], 0).into();
    let _ = socket.bind(&own.into());
    socket.connect(&to.into()).unwrap();
    let stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends these bytes and reads one answer.
pub fn converse(stream: &mut TcpStream, request: &[u8]) -> Answer {
    // Whoever is refused early may have hung up before it has sent everything.
    let _ = stream.write_all(request);
    let is_head = request.starts_with(b"HEAD ");
    let mut all = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        if let Some(answer) = parse(&all, is_head, false) {
            return answer;
        }
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => all.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("no answer to {}: {error}", String::from_utf8_lossy(request)),
        }
    }
    parse(&all, is_head, true).unwrap_or_else(|| Answer {
        status: 0,
        headers: Vec::new(),
        body: String::new(),
    })
}

/// The answer, if all of it is there. `is_over`: nothing more comes.
fn parse(all: &[u8], is_head: bool, is_over: bool) -> Option<Answer> {
    let end = all.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: String::new() };
    let rest = &all[end + 4..];
    let body = if is_head || status == 204 || status == 304 {
        Vec::new()
    } else if answer.header("transfer-encoding").is_some() {
        unchunked(rest)?
    } else {
        match answer.header("content-length").map(|length| length.parse::<usize>().unwrap()) {
            Some(length) if rest.len() < length => return None,
            Some(length) => rest[..length].to_vec(),
            None if is_over => rest.to_vec(),
            None => return None,
        }
    };
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Some(answer)
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}
