//! Strings as JavaScript has them: sequences of UTF-16 code units, kept as WTF-8.
//!
//! WTF-8 is UTF-8 in which a surrogate that has no partner is encoded like any other code point. A pair is always
//! one four-byte sequence, so equal strings have equal bytes. Positions and lengths in the language are in
//! UTF-16 units; for ASCII they are positions of bytes, which is the fast path everywhere. The rare operations on
//! other text that name positions go through an array of units, where JavaScript's rules are literal.

use std::cmp::Ordering;
use std::ops::Range;

use bumpalo::Bump;
use bumpalo::collections::{String as BumpString, Vec as BumpVec};

use crate::value::Value;

/// Decoded string contents.
#[derive(Clone, Copy, Debug)]
pub enum Str<'a> {
    /// As [`Value::Plain`].
    Plain(&'a str),
    /// As [`Value::Text`].
    Wtf8(&'a [u8]),
}

impl<'a> Str<'a> {
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Plain(text) => text.as_bytes(),
            Self::Wtf8(bytes) => bytes,
        }
    }

    pub fn value(self) -> Value<'a> {
        match self {
            Self::Plain(text) => Value::Plain(text),
            Self::Wtf8(bytes) => Value::Text(bytes),
        }
    }

    /// The part between two byte positions that are boundaries of code points.
    pub fn part(self, range: Range<usize>) -> Self {
        match self {
            Self::Plain(text) => match text.get(range) {
                Some(part) => Self::Plain(part),
                None => Self::Plain(""),
            },
            Self::Wtf8(bytes) => Self::Wtf8(bytes.get(range).unwrap_or_default()),
        }
    }

    /// The part between two positions in units; a pair that is cut leaves a lone surrogate.
    pub fn slice(self, from: usize, to: usize, arena: &'a Bump) -> Self {
        if from >= to {
            return Self::Plain("");
        }
        let bytes = self.bytes();
        if bytes.is_ascii() {
            return self.part(from.min(bytes.len())..to.min(bytes.len()));
        }
        let (start, cut_start) = byte_of_unit(bytes, from);
        let (end, cut_end) = byte_of_unit(bytes, to);
        if !cut_start && !cut_end {
            return self.part(start..end);
        }
        let units = to_units(bytes, arena);
        let to = to.min(units.len());
        Self::Wtf8(from_units(units.get(from..to).unwrap_or_default(), arena))
    }

    /// Length in UTF-16 units.
    pub fn len(self) -> usize {
        unit_length(self.bytes())
    }

    pub fn is_empty(self) -> bool {
        self.bytes().is_empty()
    }
}

/// Whether `bytes` are as [`Value::Plain`] must be, apart from being UTF-8.
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are looked at at once")]
pub fn needs_no_escape(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (*byte >= 0x20) & (*byte != b'"') & (*byte != b'\\'))
}

/// The text as a string value that is as cheap to write as can be.
pub fn classified(text: &str) -> Str<'_> {
    if needs_no_escape(text.as_bytes()) { Str::Plain(text) } else { Str::Wtf8(text.as_bytes()) }
}

/// The same for WTF-8.
pub fn classified_bytes(bytes: &[u8]) -> Str<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => classified(text),
        Err(_) => Str::Wtf8(bytes),
    }
}

/// Length in UTF-16 units of WTF-8.
pub fn unit_length(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.iter().map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0)).sum()
}

/// The byte at which the unit starts (the end if there is none), and whether that would cut a surrogate pair; then
/// it is the byte at which the pair starts.
fn byte_of_unit(bytes: &[u8], unit: usize) -> (usize, bool) {
    let mut units = 0;
    let mut at = 0;
    while at < bytes.len() {
        if units == unit {
            return (at, false);
        }
        let (_, size) = point_at(bytes, at);
        if size == 4 && units + 1 == unit {
            return (at, true);
        }
        units += 1 + usize::from(size == 4);
        at += size;
    }
    (bytes.len(), false)
}

/// The code point that starts at byte `at`, which is in range, and how many bytes it takes.
#[inline]
pub fn point_at(bytes: &[u8], at: usize) -> (u32, usize) {
    let byte = |offset: usize| u32::from(bytes.get(at + offset).copied().unwrap_or(0x80));
    let tail = |offset: usize| byte(offset) & 0x3F;
    let lead = byte(0);
    match lead {
        0..0x80 => (lead, 1),
        0x80..0xE0 => ((lead & 0x1F) << 6 | tail(1), 2),
        0xE0..0xF0 => ((lead & 0x0F) << 12 | tail(1) << 6 | tail(2), 3),
        _ => ((lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4),
    }
}

/// Code points of WTF-8; a lone surrogate is one.
pub fn points(bytes: &[u8]) -> impl Iterator<Item = u32> + Clone + '_ {
    spans(bytes).map(|(_, point)| point)
}

/// Byte ranges of code points, with the code points.
pub fn spans(bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, u32)> + Clone + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= bytes.len() {
            return None;
        }
        let (point, size) = point_at(bytes, at);
        let range = at..(at + size).min(bytes.len());
        at += size;
        Some((range, point))
    })
}

/// UTF-16 units of WTF-8.
pub fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    points(bytes).flat_map(|point| {
        let (first, second) = match point.checked_sub(0x1_0000) {
            None => (point as u16, None),
            Some(above) => (0xD800 | (above >> 10) as u16, Some(0xDC00 | (above & 0x3FF) as u16)),
        };
        std::iter::once(first).chain(second)
    })
}

pub fn to_units<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u16] {
    let mut list = BumpVec::with_capacity_in(bytes.len(), arena);
    list.extend(units(bytes));
    list.into_bump_slice()
}

pub fn from_units<'a>(units: &[u16], arena: &'a Bump) -> &'a [u8] {
    let mut out = BumpVec::with_capacity_in(units.len() * 3, arena);
    for decoded in char::decode_utf16(units.iter().copied()) {
        match decoded {
            Ok(character) => push_point(&mut out, character as u32),
            Err(lone) => push_point(&mut out, u32::from(lone.unpaired_surrogate())),
        }
    }
    out.into_bump_slice()
}

/// Appends one code point, without joining it to a surrogate before it.
fn push_point(out: &mut BumpVec<'_, u8>, point: u32) {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3F) as u8;
    match point {
        0..0x80 => out.push(point as u8),
        0x80..0x800 => out.extend_from_slice(&[0xC0 | (point >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend_from_slice(&[0xE0 | (point >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend_from_slice(&[0xF0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// One code point as WTF-8.
pub fn of_point(point: u32, arena: &Bump) -> &[u8] {
    let mut out = BumpVec::with_capacity_in(4, arena);
    push_point(&mut out, point);
    out.into_bump_slice()
}

/// The high surrogate (`0xD800..0xDC00`) that ends `bytes`, if one does.
fn high_at_end(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [.., 0xED, middle @ 0xA0..=0xAF, last] => {
            Some(0xD000 | u32::from(middle & 0x3F) << 6 | u32::from(last & 0x3F))
        }
        _ => None,
    }
}

/// The low surrogate (`0xDC00..0xE000`) that starts `bytes`, if one does.
fn low_at_start(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [0xED, middle @ 0xB0..=0xBF, last, ..] => {
            Some(0xD000 | u32::from(middle & 0x3F) << 6 | u32::from(last & 0x3F))
        }
        _ => None,
    }
}

/// Whether `needle` may match a part of a surrogate pair, so that a search must go by units.
pub fn splits_pairs(needle: &[u8]) -> bool {
    low_at_start(needle).is_some() || high_at_end(needle).is_some()
}

/// JavaScript's order of strings: by UTF-16 units.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let mut at = match a.iter().zip(b).position(|(a, b)| a != b) {
        Some(at) => at,
        None if a.is_ascii() || a.len() == b.len() => return a.len().cmp(&b.len()),
        None => a.len().min(b.len()),
    };
    if a.get(at).is_some_and(u8::is_ascii) && b.get(at).is_some_and(u8::is_ascii) {
        return a[at].cmp(&b[at]);
    }
    // Back to where the code points that differ start.
    while at > 0 && (is_tail(a, at) || is_tail(b, at)) {
        at -= 1;
    }
    units(&a[at..]).cmp(units(&b[at..]))
}

fn is_tail(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80)
}

// ---- JSON text

/// The code points that JSON string contents stand for; `escaped` has only valid escapes.
pub fn escaped_points(escaped: &str) -> impl Iterator<Item = u32> + '_ {
    let bytes = escaped.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let (point, size) = match bytes.get(at)? {
            b'\\' => escape_at(bytes, at),
            _ => point_at(bytes, at),
        };
        at += size;
        Some(point)
    })
}

/// The code point of the escape at byte `at`, and how many bytes it takes. Two escapes that are a surrogate pair
/// are one.
fn escape_at(bytes: &[u8], at: usize) -> (u32, usize) {
    let unit = match bytes.get(at + 1).copied().unwrap_or(b'\\') {
        b'b' => return (0x08, 2),
        b'f' => return (0x0C, 2),
        b'n' => return (0x0A, 2),
        b'r' => return (0x0D, 2),
        b't' => return (0x09, 2),
        b'u' => hex_at(bytes, at + 2),
        other => return (u32::from(other), 2),
    };
    if (0xD800..0xDC00).contains(&unit) && bytes.get(at + 6..at + 8) == Some(b"\\u") {
        let low = hex_at(bytes, at + 8);
        if (0xDC00..0xE000).contains(&low) {
            return (0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12);
        }
    }
    (unit, 6)
}

fn hex_at(bytes: &[u8], at: usize) -> u32 {
    let digits = bytes.get(at..at + 4).unwrap_or_default();
    digits.iter().fold(0, |unit, digit| unit << 4 | char::from(*digit).to_digit(16).unwrap_or(0))
}

/// JSON string contents decoded.
pub fn decoded<'a>(escaped: &str, arena: &'a Bump) -> &'a [u8] {
    let bytes = escaped.as_bytes();
    let mut out = BumpVec::with_capacity_in(bytes.len(), arena);
    let mut rest = 0;
    while let Some(run) = memchr::memchr(b'\\', bytes.get(rest..).unwrap_or_default()) {
        out.extend_from_slice(&bytes[rest..rest + run]);
        let (point, size) = escape_at(bytes, rest + run);
        push_point(&mut out, point);
        rest += run + size;
    }
    out.extend_from_slice(bytes.get(rest..).unwrap_or_default());
    out.into_bump_slice()
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends WTF-8 as JSON string contents, as `JSON.stringify` does: lone surrogates become escapes.
pub fn write_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    loop {
        let special = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\' | 0xED));
        let Some(at) = special else {
            out.extend_from_slice(rest);
            return;
        };
        out.extend_from_slice(&rest[..at]);
        let size = match rest[at] {
            b'"' => push_all(out, b"\\\""),
            b'\\' => push_all(out, b"\\\\"),
            0x08 => push_all(out, b"\\b"),
            0x09 => push_all(out, b"\\t"),
            0x0A => push_all(out, b"\\n"),
            0x0C => push_all(out, b"\\f"),
            0x0D => push_all(out, b"\\r"),
            0xED => {
                let (point, size) = point_at(rest, at);
                if (0xD800..0xE000).contains(&point) {
                    let digit = |shift: u32| HEX[(point >> shift & 0xF) as usize];
                    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
                } else {
                    out.extend_from_slice(&rest[at..(at + size).min(rest.len())]);
                }
                size
            }
            control => {
                let digits = [HEX[usize::from(control >> 4)], HEX[usize::from(control & 0xF)]];
                out.extend_from_slice(b"\\u00");
                push_all(out, &digits)
            }
        };
        rest = rest.get(at + size..).unwrap_or_default();
    }
}

fn push_all(out: &mut Vec<u8>, bytes: &[u8]) -> usize {
    out.extend_from_slice(bytes);
    1
}

// ---- building

/// Joins pieces into one string; a high surrogate and a low one that meet become their pair.
#[derive(Debug)]
pub enum TextBuilder<'a> {
    /// Every piece so far was plain.
    Plain(BumpString<'a>),
    Wtf8(BumpVec<'a, u8>),
}

impl<'a> TextBuilder<'a> {
    pub fn new(arena: &'a Bump, room: usize) -> Self {
        Self::Plain(BumpString::with_capacity_in(room, arena))
    }

    #[inline]
    pub fn push(&mut self, piece: Str<'_>) {
        match (&mut *self, piece) {
            (Self::Plain(text), Str::Plain(piece)) => text.push_str(piece),
            (_, piece) => self.push_bytes(piece.bytes()),
        }
    }

    fn push_bytes(&mut self, piece: &[u8]) {
        match self {
            Self::Plain(text) => {
                let arena = text.bump();
                let mut bytes = std::mem::replace(text, BumpString::new_in(arena)).into_bytes();
                bytes.extend_from_slice(piece);
                *self = Self::Wtf8(bytes);
            }
            Self::Wtf8(bytes) => append(bytes, piece),
        }
    }

    /// Appends text that is known to be plain.
    pub fn push_plain(&mut self, piece: &str) {
        self.push(Str::Plain(piece));
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Wtf8(bytes) => bytes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn finish(self) -> Str<'a> {
        match self {
            Self::Plain(text) => Str::Plain(text.into_bump_str()),
            Self::Wtf8(bytes) => Str::Wtf8(bytes.into_bump_slice()),
        }
    }
}

fn append(out: &mut BumpVec<'_, u8>, piece: &[u8]) {
    match (high_at_end(out), low_at_start(piece)) {
        (Some(high), Some(low)) => {
            out.truncate(out.len() - 3);
            push_point(out, 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            out.extend_from_slice(&piece[3..]);
        }
        _ => out.extend_from_slice(piece),
    }
}

pub fn concat<'a>(a: Str<'a>, b: Str<'a>, arena: &'a Bump) -> Str<'a> {
    if a.is_empty() {
        return b;
    }
    if b.is_empty() {
        return a;
    }
    let mut out = TextBuilder::new(arena, a.bytes().len() + b.bytes().len());
    out.push(a);
    out.push(b);
    out.finish()
}

// ---- white space and case

/// ECMA-262 §12.2 WhiteSpace and §12.3 LineTerminator.
pub fn is_space(point: u32) -> bool {
    matches!(
        point,
        0x09..=0x0D | 0x20 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 | 0xFEFF
    )
}

/// The bytes left when white space is taken off the start and the end.
pub fn trimmed(bytes: &[u8], start: bool, end: bool) -> Range<usize> {
    let mut words = spans(bytes).filter(|(_, point)| !is_space(*point)).map(|(range, _)| range);
    let Some(first) = words.next() else {
        return 0..0;
    };
    let last = match bytes.last() {
        // The usual case, without a walk to the end.
        Some(byte) if byte.is_ascii() && !is_space(u32::from(*byte)) => bytes.len(),
        _ => words.last().map_or(first.end, |range| range.end),
    };
    let from = if start { first.start } else { 0 };
    let to = if end { last } else { bytes.len() };
    from..to
}

/// Full Unicode case mapping, without a locale.
pub fn to_case<'a>(text: Str<'a>, upper: bool, arena: &'a Bump) -> Str<'a> {
    let bytes = text.bytes();
    let unchanged = |byte: &u8| {
        byte.is_ascii() && if upper { !byte.is_ascii_lowercase() } else { !byte.is_ascii_uppercase() }
    };
    if bytes.iter().all(unchanged) {
        return text;
    }
    let map = |text: &str| if upper { text.to_uppercase() } else { text.to_lowercase() };
    match text {
        // Case mapping makes no character that JSON must escape.
        Str::Plain(text) if text.is_ascii() => {
            let mut copy = BumpString::from_str_in(text, arena);
            if upper {
                copy.make_ascii_uppercase();
            } else {
                copy.make_ascii_lowercase();
            }
            Str::Plain(copy.into_bump_str())
        }
        Str::Plain(text) => Str::Plain(arena.alloc_str(&map(text))),
        Str::Wtf8(bytes) => {
            let mut out = BumpVec::with_capacity_in(bytes.len(), arena);
            // Lone surrogates have no case, and the final sigma does not look past them.
            for chunk in bytes.utf8_chunks() {
                out.extend_from_slice(map(chunk.valid()).as_bytes());
                out.extend_from_slice(chunk.invalid());
            }
            Str::Wtf8(out.into_bump_slice())
        }
    }
}
