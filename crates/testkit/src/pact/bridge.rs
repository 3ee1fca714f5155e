//! Two ports of loopback, for as long as a verifier runs: one is the BFF, at the other provider states are brought about.
//!
//! Requests are handed to the thread that [serves](Bridge::serve), one after the other: the stage stands on it, and what
//! a state says holds for the request that follows.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Request, Response};

/// How long a verifier may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const HEADERS: usize = 128;

/// Listens already; answers nobody yet.
#[derive(Debug)]
pub struct Bridge {
    bff: TcpListener,
    states: TcpListener,
    addresses: Addresses,
}

#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    pub bff: SocketAddr,
    pub states: SocketAddr,
}

/// Which port was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Bff,
    States,
}

enum Event<T> {
    Asked { door: Door, request: Box<Request<Bytes>>, answer: Sender<Response<Bytes>> },
    Done(T),
}

impl Bridge {
    pub fn open() -> io::Result<Self> {
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (bff, states) = (bind()?, bind()?);
        let addresses = Addresses { bff: bff.local_addr()?, states: states.local_addr()? };
        Ok(Self { bff, states, addresses })
    }

    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Answers every request with what `respond` gives, until `work`, which runs beside it, is done.
    pub fn serve<T: Send>(
        self,
        mut respond: impl FnMut(Door, Request<Bytes>) -> Response<Bytes>,
        work: impl FnOnce(Addresses) -> T + Send,
    ) -> Option<T> {
        let (events, happened) = channel();
        let stopped = AtomicBool::new(false);
        let addresses = self.addresses;
        std::thread::scope(|scope| {
            for (door, listener) in [(Door::Bff, &self.bff), (Door::States, &self.states)] {
                let (events, stopped) = (events.clone(), &stopped);
                scope.spawn(move || accept(door, listener, &events, stopped));
            }
            let done = events;
            scope.spawn(move || {
                let result = work(addresses);
                // Nobody listens only if serving has ended already.
                let _ = done.send(Event::Done(result));
            });
            let mut result = None;
            for event in &happened {
                match event {
                    Event::Asked { door, request, answer } => {
                        // Who asked may have gone.
                        let _ = answer.send(respond(door, *request));
                    }
                    Event::Done(value) => {
                        result = Some(value);
                        break;
                    }
                }
            }
            stopped.store(true, Ordering::Release);
            for address in [addresses.bff, addresses.states] {
                // Wakes who waits for a connection.
                let _ = TcpStream::connect_timeout(&address, PATIENCE);
            }
            result
        })
    }
}

fn accept<T: Send>(door: Door, listener: &TcpListener, events: &Sender<Event<T>>, stopped: &AtomicBool) {
    for stream in listener.incoming() {
        if stopped.load(Ordering::Acquire) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        // A verifier that says something else than HTTP, or goes away, gets no answer and says so itself.
        let _ = converse(door, &mut stream, events);
    }
}

fn converse<T>(door: Door, stream: &mut TcpStream, events: &Sender<Event<T>>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(request) = read(stream)? else { return Ok(()) };
    let (answer, answered) = channel();
    let gone = |_| io::Error::from(ErrorKind::BrokenPipe);
    events
        .send(Event::Asked { door, request: Box::new(request), answer })
        .map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
    let response = answered.recv().map_err(gone)?;
    stream.write_all(&written(&response))?;
    stream.flush()
}

/// One request; `None` if the connection ends without one.
fn read(stream: &mut impl Read) -> io::Result<Option<Request<Bytes>>> {
    let mut all = Vec::new();
    let mut piece = [0; 8192];
    let mut more = |all: &mut Vec<u8>| -> io::Result<bool> {
        let n = stream.read(&mut piece)?;
        all.extend_from_slice(piece.get(..n).unwrap_or_default());
        Ok(n > 0)
    };
    loop {
        if let Some((head, length, body_at)) = head(&all)? {
            while all.len() < body_at + length {
                if !more(&mut all)? {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            let body = all.get(body_at..body_at + length).unwrap_or_default();
            return Ok(Some(head.map(|()| Bytes::copy_from_slice(body))));
        }
        if all.len() > HEAD_LIMIT {
            return Err(invalid("the head of the request is too large"));
        }
        if !more(&mut all)? {
            return Ok(None);
        }
    }
}

/// A whole head, the length of the body, and where that begins. `None`: more is to come.
fn head(bytes: &[u8]) -> io::Result<Option<(Request<()>, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let at = match parsed.parse(bytes).map_err(|error| invalid(&error.to_string()))? {
        httparse::Status::Complete(at) => at,
        httparse::Status::Partial => return Ok(None),
    };
    let mut request =
        Request::builder().method(parsed.method.unwrap_or_default()).uri(parsed.path.unwrap_or_default());
    let mut length = 0;
    for header in parsed.headers.iter() {
        let name =
            HeaderName::from_bytes(header.name.as_bytes()).map_err(|error| invalid(&error.to_string()))?;
        if name == TRANSFER_ENCODING {
            return Err(invalid("a body in chunks"));
        }
        if name == CONTENT_LENGTH {
            let text = std::str::from_utf8(header.value).unwrap_or_default();
            length = text.trim().parse().map_err(|_| invalid("not a content-length"))?;
        }
        if name == CONNECTION {
            continue;
        }
        let value = HeaderValue::from_bytes(header.value).map_err(|error| invalid(&error.to_string()))?;
        request = request.header(name, value);
    }
    if length > BODY_LIMIT {
        return Err(invalid("the body is too large"));
    }
    let request = request.body(()).map_err(|error| invalid(&error.to_string()))?;
    Ok(Some((request, length, at)))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why.to_owned())
}

fn written(response: &Response<Bytes>) -> Vec<u8> {
    let status = response.status();
    let mut out =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or("-")).into_bytes();
    for (name, value) in response.headers() {
        if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
            continue;
        }
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"connection: close\r\n");
    // RFC 9110 §8.6: a 204 has no length.
    if status != http::StatusCode::NO_CONTENT && status != http::StatusCode::NOT_MODIFIED {
        out.extend_from_slice(format!("content-length: {}\r\n", response.body().len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(response.body());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came back of these bytes; the bridge answers with what it was asked.
    fn sent(bytes: &[u8]) -> String {
        let bridge = Bridge::open().unwrap();
        let echo = |door, request: Request<Bytes>| {
            let text = format!("{door:?} {} {} {}", request.method(), request.uri(), request.body().len());
            Response::builder().header("content-length", "9999").body(Bytes::from(text)).unwrap()
        };
        let answer = bridge.serve(echo, |at| {
            let mut stream = TcpStream::connect(at.bff).unwrap();
            stream.write_all(bytes).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        answer.unwrap()
    }

    #[test]
    fn a_request_is_answered_once() {
        let answer = sent(
            b"POST /a?b=c HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabcGET /more HTTP/1.1\r\n\r\n",
        );
        assert!(answer.ends_with("\r\n\r\nBff POST /a?b=c 3"), "{answer}");
        assert!(answer.contains("content-length: 17\r\n") && !answer.contains("9999"), "{answer}");
    }

    #[test]
    fn what_is_no_request_gets_no_answer() {
        for bytes in [
            &b"\x16\x03\x01"[..],
            b"GET / HTTP/1.1\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nabc",
            b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
            b"",
        ] {
            assert_eq!(sent(bytes), "", "{}", String::from_utf8_lossy(bytes));
        }
    }
}
