//! Where one HTTP/1.1 message ends and the next begins, read strictly, before anything else reads it.
//!
//! Two servers that disagree about that can be made to see different requests in the same bytes (request smuggling).
//! hyper takes a few messages that others take otherwise: lines that end with a bare LF, `Content-Length` beside
//! `Transfer-Encoding`, several of either, a `#` in the target, white space after a chunk's size. Here the bytes of a
//! connection are followed as they come in, without being copied; at the first that must not be there the message is
//! spoiled, so that hyper answers 400 and closes, and nothing behind that byte is ever read (RFC 9112 §11.2).
//!
//! What hyper refuses itself is left to it. HTTP/2 has frames instead and passes. A connection that stops to be HTTP
//! (WebSocket) must stop being followed.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::Watch;

/// How a connection with HTTP/2 begins (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What stands in place of a byte that must not be there: no part of a message may hold it.
const SPOILT: u8 = 0;

/// hyper looks at a head once its end is there. After that it reads as if the client had said no more.
const EPILOGUE: &[u8] = b"\r\n\r\n";

/// RFC 9112 §2.2 asks us to ignore one before a request; a second does no harm.
const EMPTY_LINES: u8 = 2;
const CHUNK_SIZE_DIGITS: u8 = 16;
const CHUNK_EXTENSION_BYTES: u16 = 1024;
/// Room for a line in pieces that an idle connection keeps.
const KEPT_LINE_BYTES: usize = 1024;

/// A stream whose messages are followed.
#[derive(Debug)]
pub struct Strict<S> {
    stream: S,
    watch: Rc<Watch>,
    framing: Framing,
    /// What is still to be read after a message was spoilt; `None` as long as none was.
    epilogue: Option<&'static [u8]>,
}

impl<S> Strict<S> {
    /// `head_bytes`: longer heads than hyper takes, which then answers 431.
    pub fn new(stream: S, watch: Rc<Watch>, head_bytes: usize) -> Self {
        Self { stream, watch, framing: Framing::new(head_bytes), epilogue: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(epilogue) = &mut self.epilogue {
            let (now, later) = epilogue.split_at(buf.remaining().min(epilogue.len()));
            buf.put_slice(now);
            *epilogue = later;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let Some(fresh) = buf.filled_mut().get_mut(before..) else { return Poll::Ready(Ok(())) };
        if let Err(place) = self.framing.follow(fresh) {
            if let Some(byte) = fresh.get_mut(place) {
                *byte = SPOILT;
            }
            buf.set_filled(before + place + 1);
            self.epilogue = Some(EPILOGUE);
            // What else the client sends is nobody's; it should see our answer all the same.
            self.watch.leave_unread();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper gave up a message before its end.
        if self.framing.is_within_a_message() {
            self.watch.leave_unread();
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Where in its messages a connection is.
#[derive(Debug)]
struct Framing {
    at: At,
    head: Head,
    /// The beginning of a line of a head whose end has not come yet.
    line: Vec<u8>,
    head_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// So many bytes of the connection have come, all of HTTP/2's preface.
    Opening(usize),
    Http2,
    Head,
    /// A body with so many bytes to come.
    Body(u64),
    Chunked(Chunk),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    Size {
        digits: u8,
        size: u64,
    },
    Extension {
        bytes: u16,
        size: u64,
    },
    SizeEnd {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataEnd,
    DataEndLf,
    /// In a line of trailers.
    Trailer {
        is_empty: bool,
        after_cr: bool,
    },
}

impl Chunk {
    const BEGIN: Self = Self::Size { digits: 0, size: 0 };
}

/// What the lines of a head have said so far.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    bytes: usize,
    has_begun: bool,
    empty_lines: u8,
    length: Option<u64>,
    is_chunked: bool,
}

/// The bytes so far are no message; the place of the first that is wrong, or that ends the line that is.
type Followed<T> = Result<T, usize>;

impl Framing {
    fn new(hyper_bytes: usize) -> Self {
        let head_bytes = hyper_bytes.saturating_mul(2);
        Self { at: At::Opening(0), head: Head::default(), line: Vec::new(), head_bytes }
    }

    fn is_within_a_message(&self) -> bool {
        match self.at {
            At::Opening(_) | At::Http2 => false,
            At::Head => self.head.has_begun || !self.line.is_empty(),
            At::Body(_) | At::Chunked(_) => true,
        }
    }

    fn follow(&mut self, bytes: &[u8]) -> Followed<()> {
        let mut place = 0;
        while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
            place += match self.at {
                At::Http2 => return Ok(()),
                At::Head => self.head(rest).map_err(|wrong| place + wrong)?,
                At::Body(left) => self.skip(rest, left, |left| match left {
                    0 => At::Head,
                    left => At::Body(left),
                }),
                At::Chunked(Chunk::Data { left }) => self.skip(rest, left, |left| match left {
                    0 => At::Chunked(Chunk::DataEnd),
                    left => At::Chunked(Chunk::Data { left }),
                }),
                At::Chunked(chunk) => {
                    let &byte = rest.first().ok_or(place)?;
                    self.at = chunk.next(byte).ok_or(place)?;
                    1
                }
                At::Opening(seen) => self.opening(rest, seen),
            };
        }
        Ok(())
    }

    /// Whether this is HTTP/2. If it is not, the bytes that looked like it were the beginning of a head.
    fn opening(&mut self, bytes: &[u8], seen: usize) -> usize {
        let expected = PREFACE.get(seen..).unwrap_or_default();
        let same = expected.iter().zip(bytes).take_while(|(one, other)| one == other).count();
        if same == expected.len() {
            self.at = At::Http2;
        } else if same == bytes.len() {
            self.at = At::Opening(seen + same);
        } else {
            self.at = At::Head;
            // Nothing in it is wrong in itself, so nothing is left to be told.
            let _ = PREFACE.get(..seen).map(|looked_like| self.follow(looked_like));
            return 0;
        }
        same
    }

    fn skip(&mut self, bytes: &[u8], left: u64, then: fn(u64) -> At) -> usize {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        self.at = then(left - here as u64);
        here
    }

    /// A line of a head, as far as it is there.
    fn head(&mut self, bytes: &[u8]) -> Followed<usize> {
        let Some(end) = memchr(b'\n', bytes) else {
            self.line.extend_from_slice(bytes);
            let is_too_long = self.head.bytes + self.line.len() > self.head_bytes;
            return if is_too_long { Err(bytes.len() - 1) } else { Ok(bytes.len()) };
        };
        let line = bytes.get(..end).unwrap_or_default();
        self.head.bytes += self.line.len() + line.len();
        let is_good = if self.line.is_empty() {
            self.line(line)
        } else {
            let mut whole = std::mem::take(&mut self.line);
            whole.extend_from_slice(line);
            let is_good = self.line(&whole);
            if whole.capacity() <= KEPT_LINE_BYTES {
                whole.clear();
                self.line = whole;
            }
            is_good
        };
        if is_good && self.head.bytes <= self.head_bytes { Ok(end + 1) } else { Err(end) }
    }

    /// A whole line of a head, without its LF.
    fn line(&mut self, line: &[u8]) -> bool {
        let Some(line) = line.strip_suffix(b"\r") else { return false };
        let head = &mut self.head;
        match line.first() {
            None if head.has_begun => self.end_head(),
            None => {
                head.empty_lines += 1;
                return head.empty_lines <= EMPTY_LINES;
            }
            Some(_) if !head.has_begun => {
                head.has_begun = true;
                // A fragment is never sent (RFC 9112 §3.2): what follows would be protected as one path and served
                // as another.
                return memchr(b'#', line).is_none();
            }
            // A line folded onto the one before (RFC 9112 §5.2).
            Some(b' ' | b'\t') => return false,
            Some(b'c' | b'C') => {
                if let Some(value) = value(line, b"content-length") {
                    let is_first = head.length.is_none() && !head.is_chunked;
                    head.length = length(value);
                    return is_first && head.length.is_some();
                }
            }
            Some(b't' | b'T') => {
                if let Some(value) = value(line, b"transfer-encoding") {
                    let is_first = head.length.is_none() && !head.is_chunked;
                    head.is_chunked = true;
                    return is_first && value.eq_ignore_ascii_case(b"chunked");
                }
            }
            Some(_) => {}
        }
        true
    }

    fn end_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.at = match head.length {
            _ if head.is_chunked => At::Chunked(Chunk::BEGIN),
            Some(length) if length > 0 => At::Body(length),
            _ => At::Head,
        };
    }
}

/// The header's value, without white space around it, if the line is of that (lower-case) name. White space before
/// the colon is hyper's to refuse.
fn value<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (begin, rest) = line.split_at_checked(name.len())?;
    let mut value = rest.strip_prefix(b":").filter(|_| begin.eq_ignore_ascii_case(name))?;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    Some(value)
}

fn length(value: &[u8]) -> Option<u64> {
    let is_number = (1..=19).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    let digit = |sum: u64, byte: &u8| sum * 10 + u64::from(byte - b'0');
    is_number.then(|| value.iter().fold(0, digit))
}

impl Chunk {
    /// After one more byte that is no data; `None` if it must not come here (RFC 9112 §7.1).
    fn next(self, byte: u8) -> Option<At> {
        Some(At::Chunked(match (self, byte) {
            (Self::Size { digits, size }, _) if byte.is_ascii_hexdigit() && digits < CHUNK_SIZE_DIGITS => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size { digits: digits + 1, size: size << 4 | u64::from(digit) }
            }
            (Self::Size { digits: 1.., size }, b';') => Self::Extension { bytes: 0, size },
            (Self::Size { digits: 1.., size } | Self::Extension { size, .. }, b'\r') => {
                Self::SizeEnd { size }
            }
            (Self::Extension { bytes, size }, b'\t' | b' '..=b'~') if bytes < CHUNK_EXTENSION_BYTES => {
                Self::Extension { bytes: bytes + 1, size }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::Trailer { is_empty: true, after_cr: false },
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataEnd, b'\r') => Self::DataEndLf,
            (Self::DataEndLf, b'\n') => Self::BEGIN,
            (Self::Trailer { is_empty: true, after_cr: true }, b'\n') => return Some(At::Head),
            (Self::Trailer { after_cr: true, .. }, b'\n') => {
                Self::Trailer { is_empty: true, after_cr: false }
            }
            (Self::Trailer { after_cr: true, .. }, _) | (Self::Trailer { .. }, b'\n' | SPOILT) => {
                return None;
            }
            (Self::Trailer { is_empty, .. }, b'\r') => Self::Trailer { is_empty, after_cr: true },
            (Self::Trailer { .. }, _) => Self::Trailer { is_empty: false, after_cr: false },
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the bytes go wrong; the same however they are cut into pieces.
    fn wrong(bytes: &[u8]) -> Option<usize> {
        let by_pieces = |cuts: &[usize]| {
            let mut framing = Framing::new(1024);
            let mut begin = 0;
            for end in cuts.iter().copied().chain([bytes.len()]) {
                if let Err(place) = framing.follow(&bytes[begin..end]) {
                    return Some(begin + place);
                }
                begin = end;
            }
            None
        };
        let whole = by_pieces(&[]);
        for cut in 0..bytes.len() {
            assert_eq!(by_pieces(&[cut]), whole, "cut at {cut}: {}", bytes.escape_ascii());
        }
        let each: Vec<usize> = (0..bytes.len()).collect();
        assert_eq!(by_pieces(&each), whole, "byte by byte: {}", bytes.escape_ascii());
        whole
    }

    const NEXT: &str = "GET /next#here HTTP/1.1\r\n";

    /// Follows the request, and then one that is wrong, which shows that the end was found.
    fn passes(request: &str) {
        assert_eq!(wrong(request.as_bytes()), None, "{request:?}");
        let both = format!("{request}{NEXT}");
        assert_eq!(wrong(both.as_bytes()), Some(both.len() - 1), "{request:?}");
    }

    #[test]
    fn messages_are_followed_to_their_ends() {
        for request in [
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab#\nd",
            "POST / HTTP/1.1\r\ncontent-length:0\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: \t 2 \r\n\r\n##",
            "POST / HTTP/1.1\r\nTRANSFER-ENCODING: Chunked\r\n\r\n5\r\nab#\nd\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nA;x=\"y\"\r\n0123456789\r\n00\r\nx: y\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-lengthy: x\r\nte: trailers\r\n\r\n",
            "PUT / HTTP/1.1\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\n",
        ] {
            passes(request);
        }
    }

    #[test]
    fn http2_is_not_followed() {
        let bytes = [PREFACE, b"#\n\n\0 anything at all"].concat();
        assert_eq!(wrong(&bytes), None);
    }

    #[test]
    fn the_first_wrong_byte_is_found() {
        // `|` stands before it.
        for marked in [
            "GET / HTTP/1.1|\n\r\n",
            "|\nGET / HTTP/1.1\r\n\r\n",
            "\r\n\r\n\r|\n",
            "GET /#x HTTP/1.1\r|\n",
            "GET / HTTP/1.1\r\nhost: a|\n",
            "GET / HTTP/1.1\r\nhost: a\r\n|\n",
            "GET / HTTP/1.1\r\nx: a\r\n b\r|\n",
            "POST / HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 3\r|\n",
            "POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r|\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r|\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r|\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: identity, chunked\r|\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: \x0bchunked\r|\n",
            "POST / HTTP/1.1\r\ntransfer-encoding:\r|\n",
            "POST / HTTP/1.1\r\ncontent-length: +3\r|\n",
            "POST / HTTP/1.1\r\ncontent-length: 3, 3\r|\n",
            "POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r|\n",
            "POST / HTTP/1.1\r\ncontent-length:\r|\n",
        ] {
            check(marked);
        }
        for marked in [
            "|\r\n",
            "0|x5\r\n",
            "|+5\r\n",
            "| 5\r\n",
            "5| \r\n",
            "5|\n",
            "5\r|x",
            "5;a|\n",
            "5;a\r|b",
            "12345678901234567|8\r\n".trim_start_matches('1'),
            "1\r\na|b",
            "1\r\na|\n",
            "1\r\na\r|0",
            "0\r\nx: y|\n",
            "0\r\nx: y\r|z",
            "0\r\n|\n",
        ] {
            check(&format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{marked}"));
        }
    }

    fn check(marked: &str) {
        let place = marked.find('|').unwrap();
        let bytes = marked.replacen('|', "", 1);
        assert_eq!(wrong(bytes.as_bytes()), Some(place), "{marked:?}");
    }

    #[test]
    fn a_head_without_an_end_is_given_up() {
        let long = format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(4096));
        assert!(Framing::new(1024).follow(long.as_bytes()).is_err());
        let many = format!("GET / HTTP/1.1\r\n{}", "x: y\r\n".repeat(1024));
        assert!(Framing::new(1024).follow(many.as_bytes()).is_err());
        let extension =
            format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5;{}", "x".repeat(2000));
        assert!(Framing::new(1024).follow(extension.as_bytes()).is_err());
    }
}
