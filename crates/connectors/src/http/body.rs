//! The body of an HTTP/1.1 answer, taken out of the connection's input piece by piece (RFC 9112 §6 and §7).

use bytes::{Bytes, BytesMut};

use super::head::Framing;

/// Longest line that states a chunk's size, its extensions included.
const MOST_SIZE_LINE: usize = 256;
/// Trailers are read and forgotten, up to this many bytes.
const MOST_TRAILER_BYTES: usize = 8 * 1024;

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Length { left: u64 },
    Chunk(Chunk),
    UntilClose,
}

/// Where in the chunked coding the next byte of input stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Size,
    Data {
        left: u64,
    },
    /// The CR LF behind the data.
    End,
    Trailers {
        read: usize,
    },
}

/// What the input holds at its front.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Piece(Bytes),
    /// The body is complete.
    End,
    /// More input is needed; about this many bytes are known to come.
    More(u64),
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Length(left) => Self::Length { left },
            Framing::Chunked => Self::Chunk(Chunk::Size),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    /// Takes the next piece of the body off `input`.
    pub(super) fn take(&mut self, input: &mut BytesMut) -> Result<Taken, &'static str> {
        match self {
            Self::Length { left: 0 } => Ok(Taken::End),
            Self::Length { left } => Ok(piece(left, input)),
            Self::UntilClose if input.is_empty() => Ok(Taken::More(0)),
            Self::UntilClose => Ok(Taken::Piece(input.split().freeze())),
            Self::Chunk(chunk) => chunk.take(input),
        }
    }

    /// Whether the body is complete if the connection ends here.
    pub(super) fn may_end(self) -> bool {
        self == Self::UntilClose
    }
}

fn piece(left: &mut u64, input: &mut BytesMut) -> Taken {
    if input.is_empty() {
        return Taken::More(*left);
    }
    let here = (*left).min(input.len() as u64);
    *left -= here;
    Taken::Piece(input.split_to(here as usize).freeze())
}

impl Chunk {
    fn take(&mut self, input: &mut BytesMut) -> Result<Taken, &'static str> {
        loop {
            match self {
                Self::Size => {
                    let Some(line) = line(input, MOST_SIZE_LINE)? else {
                        return Ok(Taken::More(0));
                    };
                    *self = match size(&line)? {
                        0 => Self::Trailers { read: 0 },
                        left => Self::Data { left },
                    };
                }
                Self::Data { left } => {
                    let taken = piece(left, input);
                    if *left == 0 {
                        *self = Self::End;
                    }
                    return Ok(taken);
                }
                Self::End => {
                    if input.len() < 2 {
                        return if input.first().is_none_or(|b| *b == b'\r') {
                            Ok(Taken::More(0))
                        } else {
                            Err("a chunk is longer than its size")
                        };
                    }
                    if &*input.split_to(2) != b"\r\n" {
                        return Err("a chunk is longer than its size");
                    }
                    *self = Self::Size;
                }
                Self::Trailers { read } => {
                    let Some(line) = line(input, MOST_TRAILER_BYTES - *read)? else {
                        return Ok(Taken::More(0));
                    };
                    if line.is_empty() {
                        *self = Self::Trailers { read: 0 };
                        return Ok(Taken::End);
                    }
                    *read += line.len() + 2;
                }
            }
        }
    }
}

/// The next line without its CR LF, if all of it is there.
fn line(input: &mut BytesMut, most: usize) -> Result<Option<BytesMut>, &'static str> {
    let window = input.len().min(most);
    match memchr::memchr(b'\n', input.get(..window).unwrap_or_default()) {
        Some(at) => {
            let mut line = input.split_to(at + 1);
            if at == 0 || line.get(at - 1) != Some(&b'\r') {
                return Err("a line between chunks does not end with CR LF");
            }
            line.truncate(at - 1);
            Ok(Some(line))
        }
        None if input.len() >= most => Err("a line between chunks is too long"),
        None => Ok(None),
    }
}

/// Hexadecimal digits only; extensions behind `;` are checked for control characters and forgotten.
fn size(line: &[u8]) -> Result<u64, &'static str> {
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let (number, rest) = line.split_at(digits);
    // Sixteen digits would reach what no sum of lengths can hold.
    if number.is_empty() || number.len() > 15 {
        return Err("a chunk's size is not a hexadecimal number");
    }
    let extension = rest.trim_ascii_start();
    if !(rest.is_empty() || extension.first() == Some(&b';')) {
        return Err("a chunk's size is not a hexadecimal number");
    }
    if rest.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
        return Err("a control character in a chunk's extension");
    }
    Ok(number.iter().fold(0, |n, b| n * 16 + u64::from(hex_digit(*b))))
}

fn hex_digit(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b - b'0',
        b'a'..=b'f' => b - b'a' + 10,
        b'A'..=b'F' => b - b'A' + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::super::head::Framing;
    use super::{Body, Taken};

    /// The body and what stands behind it, once both are there.
    type Decoded = Option<(Vec<u8>, Vec<u8>)>;

    /// Decodes `text` as it arrives, `step` bytes at a time.
    fn decode(text: &[u8], step: usize) -> Result<Decoded, &'static str> {
        let mut body = Body::new(Framing::Chunked);
        let (mut input, mut out) = (BytesMut::new(), Vec::new());
        let mut arriving = text.chunks(step);
        loop {
            match body.take(&mut input)? {
                Taken::Piece(piece) => out.extend_from_slice(&piece),
                Taken::End => {
                    input.extend_from_slice(&arriving.collect::<Vec<_>>().concat());
                    return Ok(Some((out, input.to_vec())));
                }
                Taken::More(_) => match arriving.next() {
                    Some(bytes) => input.extend_from_slice(bytes),
                    None => return Ok(None),
                },
            }
        }
    }

    #[test]
    fn chunks_are_joined_whatever_the_split() {
        let text =
            b"4\r\nWiki\r\n0B;x=\"y\"\r\npedia in \r\n\r\n3 ;z\r\n\r\n!\r\n0\r\nx-trailer: 1\r\n\r\nNEXT";
        for step in 1..text.len() {
            let (body, rest) = decode(text, step).unwrap().unwrap();
            assert_eq!(
                (body.as_slice(), rest.as_slice()),
                (&b"Wikipedia in \r\n\r\n!"[..], &b"NEXT"[..]),
                "{step}"
            );
        }
    }

    #[test]
    fn a_body_without_its_end_is_not_complete() {
        for text in
            ["", "4", "4\r\n", "4\r\nWi", "4\r\nWiki", "4\r\nWiki\r\n", "0\r\n", "0\r\na: b\r\n", "0\r\n\r"]
        {
            assert_eq!(decode(text.as_bytes(), 1), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn odd_chunks_are_refused() {
        let long_line = format!("4;{}\r\nWiki\r\n0\r\n\r\n", "x".repeat(300));
        let long_trailer = format!("0\r\na: {}\r\n\r\n", "x".repeat(9000));
        let many_trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(2000));
        for text in [
            "0x4\r\nWiki\r\n0\r\n\r\n",
            "+4\r\nWiki\r\n0\r\n\r\n",
            "-4\r\nWiki\r\n0\r\n\r\n",
            " 4\r\nWiki\r\n0\r\n\r\n",
            "4 4\r\nWiki\r\n0\r\n\r\n",
            "4_\r\nWiki\r\n0\r\n\r\n",
            "\r\n4\r\nWiki\r\n0\r\n\r\n",
            "4\nWiki\r\n0\r\n\r\n",
            "4;a\nWiki\r\n0\r\n\r\n",
            "4;a\rb\r\nWiki\r\n0\r\n\r\n",
            "4\r\nWiki0\r\n\r\n",
            "4\r\nWikis\r\n0\r\n\r\n",
            "4\r\nWiki\n0\r\n\r\n",
            "10000000000000000\r\nWiki",
            "g\r\n",
            "0\r\n\n",
            long_line.as_str(),
            long_trailer.as_str(),
            many_trailers.as_str(),
        ] {
            assert!(decode(text.as_bytes(), 7).is_err(), "{text:?} gave {:?}", decode(text.as_bytes(), 7));
        }
    }
}
