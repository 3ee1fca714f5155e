//! How entries are written to the store that instances share.
//!
//! ```text
//! 0xFD 0x01  flags  status:2  stored:8  fresh:8 stale:8 if-error:8 keep:8
//! tags:2    { length:2 text version:8 }*
//! headers:2 { length:2 name length:4 value }*
//! length of the body:4  the body, compressed (RFC 8878) if a flag says so
//! ```
//! Numbers are little-endian, times in microseconds. The reader believes nothing: every length is held against what is
//! there, nothing is made larger than the largest body that would be kept, and no header is taken that is no part of a kept
//! answer: one that frames it otherwise than it is would have two readers see two answers (RFC 9112 §11.2), one that sets a
//! cookie would set it for everybody.

use std::sync::Arc;
use std::time::Duration;

use ::http::header::CONTENT_LENGTH;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::http::validate;
use crate::{Entry, Times};

/// No text in any encoding begins with it.
const MAGIC: u8 = 0xFD;
const VERSION: u8 = 1;

const COMPRESSED: u8 = 1;
const EXPECTED_TYPE: u8 = 2;
const HEADERS: u8 = 4;

/// Smaller bodies are not worth it.
const WORTH_COMPRESSING: usize = 512;
const LEVEL: i32 = 3;

/// It was not written by this version of the program, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// `versions` are those that the entry's tags had before it was fetched.
pub fn encode(entry: &Entry, versions: &[u64]) -> Vec<u8> {
    let compressed = (entry.body.len() >= WORTH_COMPRESSING)
        .then(|| zstd::bulk::compress(&entry.body, LEVEL).ok())
        .flatten()
        .filter(|compressed| compressed.len() < entry.body.len());
    let mut flags = 0;
    for (holds, flag) in [
        (compressed.is_some(), COMPRESSED),
        (entry.is_expected_type, EXPECTED_TYPE),
        (entry.headers.is_some(), HEADERS),
    ] {
        flags |= if holds { flag } else { 0 };
    }
    let mut out = Vec::with_capacity(256 + compressed.as_ref().map_or(entry.body.len(), Vec::len));
    out.extend_from_slice(&[MAGIC, VERSION, flags]);
    out.extend_from_slice(&entry.status.to_le_bytes());
    out.extend_from_slice(&entry.stored.to_le_bytes());
    let Times { fresh, stale, stale_if_error, keep } = entry.times;
    for time in [fresh, stale, stale_if_error, keep] {
        out.extend_from_slice(&u64::try_from(time.as_micros()).unwrap_or(u64::MAX).to_le_bytes());
    }
    out.extend_from_slice(&(entry.tags.len() as u16).to_le_bytes());
    for (tag, version) in entry.tags.iter().zip(versions) {
        out.extend_from_slice(&(tag.len() as u16).to_le_bytes());
        out.extend_from_slice(tag.as_bytes());
        out.extend_from_slice(&version.to_le_bytes());
    }
    if let Some(headers) = &entry.headers {
        out.extend_from_slice(&(headers.len() as u16).to_le_bytes());
        for (name, value) in headers.iter() {
            out.extend_from_slice(&(name.as_str().len() as u16).to_le_bytes());
            out.extend_from_slice(name.as_str().as_bytes());
            out.extend_from_slice(&(value.len() as u32).to_le_bytes());
            out.extend_from_slice(value.as_bytes());
        }
    }
    out.extend_from_slice(&(entry.body.len() as u32).to_le_bytes());
    out.extend_from_slice(compressed.as_deref().unwrap_or(&entry.body));
    out
}

/// The entry, and the versions of its tags. No body is longer than `limit`.
pub fn decode(bytes: &[u8], limit: usize) -> Result<(Entry, Vec<u64>), Malformed> {
    let mut reader = Reader(bytes);
    let [MAGIC, VERSION, flags] = reader.array::<3>()? else { return Err(Malformed) };
    if flags & !(COMPRESSED | EXPECTED_TYPE | HEADERS) != 0 {
        return Err(Malformed);
    }
    let status = u16::from_le_bytes(reader.array()?);
    // 1xx are no answers.
    if !(200..=999).contains(&status) {
        return Err(Malformed);
    }
    let stored = u64::from_le_bytes(reader.array()?);
    let times = Times {
        fresh: reader.time()?,
        stale: reader.time()?,
        stale_if_error: reader.time()?,
        keep: reader.time()?,
    };
    let count = u16::from_le_bytes(reader.array()?);
    let (mut tags, mut versions): (Vec<Arc<str>>, Vec<u64>) = Default::default();
    for _ in 0..count {
        let length = u16::from_le_bytes(reader.array()?);
        let text = std::str::from_utf8(reader.take(length.into())?).map_err(|_| Malformed)?;
        tags.push(text.into());
        versions.push(u64::from_le_bytes(reader.array()?));
    }
    let headers = if flags & HEADERS == 0 { None } else { Some(Box::new(reader.headers()?)) };
    let length = u32::from_le_bytes(reader.array()?) as usize;
    if length > limit {
        return Err(Malformed);
    }
    let body = if flags & COMPRESSED == 0 {
        Bytes::copy_from_slice(reader.0)
    } else {
        Bytes::from(zstd::bulk::decompress(reader.0, length).map_err(|_| Malformed)?)
    };
    if body.len() != length || headers.as_deref().is_some_and(|headers| !may_be_kept(headers, length)) {
        return Err(Malformed);
    }
    let is_expected_type = flags & EXPECTED_TYPE != 0;
    Ok((Entry { status, headers, body, is_expected_type, stored, times, tags: tags.into() }, versions))
}

/// Whether these may be the headers of a kept answer with a body of this length.
fn may_be_kept(headers: &HeaderMap, length: usize) -> bool {
    let is_length =
        |value: &HeaderValue| value.to_str().ok().and_then(|text| text.parse().ok()) == Some(length);
    headers.get_all(CONTENT_LENGTH).iter().all(is_length)
        && headers.get_all(CONTENT_LENGTH).iter().nth(1).is_none()
        && validate::keepable(headers).len() == headers.len()
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    fn time(&mut self) -> Result<Duration, Malformed> {
        self.array().map(|bytes| Duration::from_micros(u64::from_le_bytes(bytes)))
    }

    fn headers(&mut self) -> Result<HeaderMap, Malformed> {
        let mut headers = HeaderMap::new();
        for _ in 0..u16::from_le_bytes(self.array()?) {
            let length = u16::from_le_bytes(self.array()?);
            let name = HeaderName::from_bytes(self.take(length.into())?).map_err(|_| Malformed)?;
            let length = u32::from_le_bytes(self.array()?);
            let value = HeaderValue::from_bytes(self.take(length as usize)?).map_err(|_| Malformed)?;
            headers.try_append(name, value).map_err(|_| Malformed)?;
        }
        Ok(headers)
    }
}
