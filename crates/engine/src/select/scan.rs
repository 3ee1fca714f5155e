//! Moves over JSON text: to the end of a string, over a whole value, to the next token.
//!
//! Strings and brackets are found 64 bytes at a time (see [`block`](super::block)); everything else is looked at
//! where it stands. Blocks are classified in order and each once, because whether a quote opens or closes depends on
//! all before it; so a scanner only moves forward.

use super::block::{self, BLOCKS, Block, Blocks, Carry, NOTHING};

/// How many objects and arrays may stand in each other.
pub const DEPTH: u32 = 128;

pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    /// Where the next token is looked for.
    pub at: usize,
    /// Which block is the first of `blocks`.
    first: usize,
    blocks: Blocks,
    carry: Carry,
}

/// The quotes of one block that have not been passed. Who goes through an object from quote to quote keeps it in
/// registers; nothing else of a string has to be looked at to pass over it.
#[derive(Clone, Copy, Debug)]
struct Quotes {
    bits: u64,
    /// The backslashes of the same block.
    backslashes: u64,
    /// Where the block begins.
    base: usize,
}

/// A key as it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    pub text: Quoted<'a>,
    /// The first eight bytes, the first lowest; zeros after a shorter key.
    pub head: u64,
}

/// The characters of a string, between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted<'a> {
    pub bytes: &'a [u8],
    /// There is a backslash among them.
    pub escaped: bool,
}

/// What is wrong with the text. The words are for the operator's log.
pub(crate) type Flaw = &'static str;

const OPEN_STRING: Flaw = "a string is not closed";
const OPEN_BRACKET: Flaw = "a bracket is not closed";
const CROSSED_BRACKETS: Flaw = "brackets do not match";
const TOO_DEEP: Flaw = "nested deeper than 128 levels";
const NO_VALUE: Flaw = "no JSON value where one must be";
const BAD_NUMBER: Flaw = "not a JSON number";
const BAD_ESCAPE: Flaw = "not a JSON escape";
const BAD_STRING: Flaw = "a control character in a string, or a backslash outside";
const NOT_UTF8: Flaw = "not UTF-8";
const TRAILING: Flaw = "something after the end of the value";
const NO_COLON: Flaw = "no `:` after a key";
const NO_KEY: Flaw = "no key where one must be";
const NO_COMMA: Flaw = "neither `,` nor a closing bracket after a value";

impl<'a> Quoted<'a> {
    /// The characters as they stand, escapes and all: valid UTF-8 and valid escapes (RFC 8259 §7). A `\u` that is
    /// half of a surrogate pair may stand alone, as `JSON.parse` allows it.
    #[inline(always)]
    pub fn text(self) -> Result<&'a str, Flaw> {
        let text = std::str::from_utf8(self.bytes).map_err(|_| NOT_UTF8)?;
        if self.escaped {
            check_escapes(self.bytes)?;
        }
        Ok(text)
    }
}

/// See [`Key::head`].
#[inline(always)]
fn head(bytes: &[u8], start: usize, end: usize) -> u64 {
    /// By the length of the key.
    const KEPT: [u64; 9] = [
        0,
        0xff,
        0xffff,
        0xff_ffff,
        0xffff_ffff,
        0xff_ffff_ffff,
        0xffff_ffff_ffff,
        0xff_ffff_ffff_ffff,
        u64::MAX,
    ];
    match bytes.get(start..).and_then(<[u8]>::first_chunk::<8>) {
        Some(chunk) => u64::from_le_bytes(*chunk) & KEPT[end.wrapping_sub(start).min(8)],
        None => bytes.get(start..end).map_or(0, short_head),
    }
}

/// Two loads that may overlap, instead of up to seven.
#[inline(always)]
fn short_head(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*high));
        return u64::from(u32::from_le_bytes(*low)) | high << ((len - 4) * 8);
    }
    match *bytes {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, ..] => u64::from(u32::from_le_bytes([a, b, c, 0])),
    }
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut scanner = Self { bytes, at: 0, first: 0, blocks: NOTHING, carry: Carry::default() };
        block::classify(&mut scanner.blocks, bytes, &mut scanner.carry);
        scanner
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        // A zero byte cannot begin anything.
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The first byte from `at` on that is not whitespace, and where it is; 0 at the end.
    #[inline(always)]
    fn token_at(&self, at: usize) -> (u8, usize) {
        let byte = self.byte(at);
        if byte > b' ' { (byte, at) } else { self.token_after_space(at) }
    }

    #[inline(never)]
    fn token_after_space(&self, mut at: usize) -> (u8, usize) {
        loop {
            match self.bytes.get(at) {
                Some(b' ') => {
                    // Indentation.
                    at += 1;
                    while let Some(b"        ") = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
                        at += 8;
                    }
                }
                Some(b'\n' | b'\r' | b'\t') => at += 1,
                Some(&byte) => return (byte, at),
                None => return (0, at),
            }
        }
    }

    /// Where the string ends whose first character is at `start`, and whether a backslash is in it.
    #[inline(always)]
    fn close_string(&mut self, start: usize) -> Result<(usize, bool), Flaw> {
        if let Some(block) = self.blocks.get((start >> 6).wrapping_sub(self.first)) {
            let shift = start & 63;
            let quotes = block.quotes >> shift;
            if quotes != 0 {
                let length = quotes.trailing_zeros();
                let escaped = (block.backslashes >> shift).trailing_zeros() < length;
                return Ok((start + length as usize, escaped));
            }
        }
        self.close_later(start)
    }

    /// The same if the closing quote is not in the block of the first character.
    #[inline(never)]
    fn close_later(&mut self, start: usize) -> Result<(usize, bool), Flaw> {
        let mut live = u64::MAX << (start & 63);
        let mut at = start >> 6;
        let mut escaped = false;
        loop {
            self.reach(at).ok_or(OPEN_STRING)?;
            while let Some(block) = self.blocks.get(at - self.first) {
                let quotes = block.quotes & live;
                // All bits if there is no quote.
                let before = (quotes & quotes.wrapping_neg()).wrapping_sub(1);
                escaped |= block.backslashes & live & before != 0;
                if quotes != 0 {
                    return Ok(((at << 6) + quotes.trailing_zeros() as usize, escaped));
                }
                live = u64::MAX;
                at += 1;
            }
        }
    }

    /// The string whose opening quote is at `at`, and the place after it.
    #[inline(always)]
    fn string_at(&mut self, at: usize) -> Result<(Quoted<'a>, usize), Flaw> {
        let (end, escaped) = self.close_string(at + 1)?;
        let bytes = self.bytes.get(at + 1..end).ok_or(OPEN_STRING)?;
        Ok((Quoted { bytes, escaped }, end + 1))
    }

    /// The quotes from `at` on.
    #[inline(always)]
    fn quotes_from(&mut self, at: usize) -> Quotes {
        let block = at >> 6;
        let found = match self.reach(block) {
            Some(()) => self.blocks.get(block - self.first).copied(),
            None => None,
        };
        let Block { quotes, backslashes, .. } = found.unwrap_or(NOTHING[0]);
        Quotes { bits: quotes & u64::MAX << (at & 63), backslashes, base: at & !63 }
    }

    /// The next quote. There is always one more in a string, and the next quote outside of strings opens one.
    #[inline(always)]
    fn next_quote(&mut self, quotes: &mut Quotes) -> Result<usize, Flaw> {
        if quotes.bits == 0 {
            let base = quotes.base + 64;
            *quotes = match self.blocks.get((base >> 6).wrapping_sub(self.first)) {
                Some(block) if block.quotes != 0 => {
                    Quotes { bits: block.quotes, backslashes: quotes.backslashes | block.backslashes, base }
                }
                _ => self.next_block(*quotes).ok_or(OPEN_STRING)?,
            };
            if quotes.bits == 0 {
                return Err(OPEN_STRING);
            }
        }
        let at = quotes.base | quotes.bits.trailing_zeros() as usize;
        quotes.bits &= quotes.bits.wrapping_sub(1);
        Ok(at)
    }

    /// The quotes of the next block that has some, and the backslashes of all blocks up to it.
    #[inline(never)]
    fn next_block(&mut self, last: Quotes) -> Option<Quotes> {
        let mut block = (last.base >> 6) + 1;
        let mut backslashes = last.backslashes;
        loop {
            self.reach(block)?;
            while let Some(found) = self.blocks.get(block - self.first) {
                backslashes |= found.backslashes;
                if found.quotes != 0 {
                    return Some(Quotes { bits: found.quotes, backslashes, base: block << 6 });
                }
                block += 1;
            }
        }
    }

    /// Goes on from the beginning of a field to the next whose key `may_be` wanted, given the key's first two bytes
    /// (after a shorter key, what follows it) and length, or has an escape; then `at` is after its colon. `None`
    /// after the end of the object.
    #[inline(never)]
    pub fn next_field(
        &mut self,
        depth: u32,
        may_be: impl Fn([u8; 2], usize) -> bool,
    ) -> Result<Option<Key<'a>>, Flaw> {
        let bytes = self.bytes;
        let mut at = self.at;
        let mut quotes = self.quotes_from(at);
        loop {
            let open = self.next_quote(&mut quotes).map_err(|_| NO_KEY)?;
            if open != at && self.token_at(at) != (b'"', open) {
                return Err(NO_KEY);
            }
            let mut backslashes = quotes.backslashes;
            let end = self.next_quote(&mut quotes)?;
            backslashes |= quotes.backslashes;
            let token;
            (token, at) = match bytes.get(end..).and_then(<[u8]>::first_chunk::<3>) {
                Some(&[_, b':', token]) if token > b' ' => (token, end + 2),
                _ => self.after_colon(end + 1)?,
            };
            let Some(&[_, first, second]) = bytes.get(open..).and_then(<[u8]>::first_chunk::<3>) else {
                return Err(NO_VALUE);
            };
            if may_be([first, second], end - open - 1) || backslashes != 0 {
                let text = bytes.get(open + 1..end).ok_or(OPEN_STRING)?;
                let escaped = backslashes != 0 && text.contains(&b'\\');
                if escaped || may_be([first, second], text.len()) {
                    self.at = at;
                    return Ok(Some(Key {
                        text: Quoted { bytes: text, escaped },
                        head: head(bytes, open + 1, end),
                    }));
                }
            }
            at = match token {
                b'"' => {
                    self.next_quote(&mut quotes)?;
                    self.next_quote(&mut quotes)? + 1
                }
                b'{' | b'[' => {
                    let after = self.after_nested(at, depth)?;
                    quotes = self.quotes_from(after);
                    after
                }
                _ => self.after_scalar(at)?,
            };
            if bytes.get(at) == Some(&b',') {
                at += 1;
            } else {
                let more;
                (more, at) = self.another_at(at, b'}')?;
                if !more {
                    self.at = at;
                    return Ok(None);
                }
            }
        }
    }

    /// The token after the colon that is looked for from `at` on.
    #[inline(never)]
    fn after_colon(&self, at: usize) -> Result<(u8, usize), Flaw> {
        match self.token_at(at) {
            (b':', at) => Ok(self.token_at(at + 1)),
            _ => Err(NO_COLON),
        }
    }

    /// Steps over the comma after a value (`true`), or the `close` after the last (`false`).
    #[inline(always)]
    fn another_at(&mut self, at: usize, close: u8) -> Result<(bool, usize), Flaw> {
        let (token, at) = self.token_at(at);
        if token == b',' {
            Ok((true, at + 1))
        } else if token == close {
            Ok((false, at + 1))
        } else {
            Err(NO_COMMA)
        }
    }

    /// The place after the object or array at `at`, of which only brackets outside of strings are looked at.
    #[inline(never)]
    fn after_nested(&mut self, start: usize, depth: u32) -> Result<usize, Flaw> {
        let mut at = start >> 6;
        let mut live = u64::MAX << (start & 63);
        // The brackets that are open. Its size is the limit of the depth.
        let mut open = [0u8; DEPTH as usize];
        let bottom = depth as usize;
        let mut level = bottom;
        loop {
            self.reach(at).ok_or(OPEN_BRACKET)?;
            while let Some(block) = self.blocks.get(at - self.first) {
                let mut bits = block.brackets & live;
                live = u64::MAX;
                while bits != 0 {
                    let place = (at << 6) + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    // Of the bytes that are in `brackets`, those that open have bit 1 and not bit 2, those that
                    // close bit 2 and not bit 1; nothing else tells a bracket from its partner.
                    let byte = self.byte(place);
                    if byte & 4 == 0 {
                        if byte & 2 == 0 {
                            return Err(NO_VALUE);
                        }
                        *open.get_mut(level).ok_or(TOO_DEEP)? = byte;
                        level += 1;
                    } else {
                        level = level.wrapping_sub(1);
                        if open.get(level).is_none_or(|opening| opening ^ byte != 6) {
                            return Err(if byte & 2 == 0 { CROSSED_BRACKETS } else { NO_VALUE });
                        }
                        if level == bottom {
                            return Ok(place + 1);
                        }
                    }
                }
                at += 1;
            }
        }
    }

    // The same for who is less in a hurry.

    /// The next byte that is not whitespace, where `at` then is; 0 at the end.
    #[inline(always)]
    pub fn token(&mut self) -> u8 {
        let (token, at) = self.token_at(self.at);
        self.at = at;
        token
    }

    /// Reads the string whose opening quote `at` is on.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Quoted<'a>, Flaw> {
        let (string, at) = self.string_at(self.at)?;
        self.at = at;
        Ok(string)
    }

    /// Reads a key and the colon after it.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Quoted<'a>, Flaw> {
        if self.token() != b'"' {
            return Err(NO_KEY);
        }
        let key = self.string()?;
        if self.token() != b':' {
            return Err(NO_COLON);
        }
        self.at += 1;
        Ok(key)
    }

    /// Steps over the comma after a value (`true`), or the `close` after the last (`false`).
    #[inline(always)]
    pub fn another(&mut self, close: u8) -> Result<bool, Flaw> {
        let (more, at) = self.another_at(self.at, close)?;
        self.at = at;
        Ok(more)
    }

    /// Passes over one value of which nothing is kept.
    pub fn skip(&mut self, depth: u32) -> Result<(), Flaw> {
        let (token, at) = self.token_at(self.at);
        self.at = match token {
            b'"' => self.close_string(at + 1)?.0 + 1,
            b'{' | b'[' => self.after_nested(at, depth)?,
            _ => self.after_scalar(at)?,
        };
        Ok(())
    }

    /// Steps into the object or array `at` is on; whether anything is in it.
    #[inline(always)]
    pub fn enter(&mut self, close: u8, depth: u32) -> Result<bool, Flaw> {
        if depth >= DEPTH {
            return Err(TOO_DEEP);
        }
        self.at += 1;
        if self.token() == close {
            self.at += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Passes over one value and validates all of it; gives its text.
    pub fn validated(&mut self, depth: u32) -> Result<&'a str, Flaw> {
        self.token();
        let start = self.at;
        self.validate(depth)?;
        let bytes = self.bytes.get(start..self.at).ok_or(NO_VALUE)?;
        simdutf8::basic::from_utf8(bytes).map_err(|_| NOT_UTF8)
    }

    fn validate(&mut self, depth: u32) -> Result<(), Flaw> {
        match self.token() {
            b'"' => self.validate_string(),
            b'{' => {
                let mut more = self.enter(b'}', depth)?;
                while more {
                    let key = self.key()?;
                    if key.escaped {
                        check_escapes(key.bytes)?;
                    }
                    self.validate(depth + 1)?;
                    more = self.another(b'}')?;
                }
                Ok(())
            }
            b'[' => {
                let mut more = self.enter(b']', depth)?;
                while more {
                    self.validate(depth + 1)?;
                    more = self.another(b']')?;
                }
                Ok(())
            }
            _ => {
                self.at = self.after_scalar(self.at)?;
                Ok(())
            }
        }
    }

    fn validate_string(&mut self) -> Result<(), Flaw> {
        let quoted = self.string()?;
        if quoted.escaped { check_escapes(quoted.bytes) } else { Ok(()) }
    }

    /// Reads `true`, `false`, `null` or a number, and gives its text.
    #[inline(always)]
    pub fn scalar(&mut self) -> Result<&'a str, Flaw> {
        self.token();
        let start = self.at;
        self.at = self.after_scalar(start)?;
        let bytes = self.bytes.get(start..self.at).ok_or(NO_VALUE)?;
        std::str::from_utf8(bytes).map_err(|_| NO_VALUE)
    }

    /// The place after `true`, `false`, `null` or a number. What follows is looked at by whoever needs the next
    /// token.
    #[inline(always)]
    fn after_scalar(&self, at: usize) -> Result<usize, Flaw> {
        match self.byte(at) {
            b'-' | b'0'..=b'9' => self.after_number(at),
            b't' | b'n' | b'f' => self.after_word(at),
            _ => Err(NO_VALUE),
        }
    }

    #[inline(always)]
    fn after_word(&self, at: usize) -> Result<usize, Flaw> {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk::<4>) {
            Some(b"true" | b"null") => Ok(at + 4),
            Some(b"fals") if self.byte(at + 4) == b'e' => Ok(at + 5),
            _ => Err(NO_VALUE),
        }
    }

    /// RFC 8259 §6.
    #[inline(always)]
    fn after_number(&self, mut at: usize) -> Result<usize, Flaw> {
        if self.byte(at) == b'-' {
            at += 1;
        }
        match self.byte(at) {
            b'0' => at += 1,
            b'1'..=b'9' => at = self.after_digits(at + 1),
            _ => return Err(BAD_NUMBER),
        }
        if matches!(self.byte(at), b'.' | b'e' | b'E') { self.after_fraction(at) } else { Ok(at) }
    }

    #[inline(never)]
    fn after_fraction(&self, mut at: usize) -> Result<usize, Flaw> {
        if self.byte(at) == b'.' {
            at = self.some_digits(at + 1)?;
        }
        if self.byte(at) | 0x20 == b'e' {
            at += 1;
            if matches!(self.byte(at), b'+' | b'-') {
                at += 1;
            }
            at = self.some_digits(at)?;
        }
        Ok(at)
    }

    #[inline(always)]
    fn after_digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn some_digits(&self, at: usize) -> Result<usize, Flaw> {
        if self.byte(at).is_ascii_digit() { Ok(self.after_digits(at)) } else { Err(BAD_NUMBER) }
    }

    /// To be called after the value: only whitespace may follow, and nothing may have been wrong on the way.
    pub fn finish(&mut self) -> Result<(), Flaw> {
        self.token();
        if self.at < self.bytes.len() {
            return Err(TRAILING);
        }
        if self.carry.flaws != 0 {
            return Err(BAD_STRING);
        }
        Ok(())
    }

    /// Classifies until `block` is among the masks; `None` if it is past the end.
    #[inline(always)]
    fn reach(&mut self, block: usize) -> Option<()> {
        if block - self.first < BLOCKS { Some(()) } else { self.classify_up_to(block) }
    }

    #[inline(never)]
    fn classify_up_to(&mut self, block: usize) -> Option<()> {
        while block - self.first >= BLOCKS {
            let next = self.first + BLOCKS;
            let rest = self.bytes.get(next << 6..).filter(|rest| !rest.is_empty())?;
            block::classify(&mut self.blocks, rest, &mut self.carry);
            self.first = next;
        }
        Some(())
    }
}

fn check_escapes(bytes: &[u8]) -> Result<(), Flaw> {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let escape = rest.get(at + 1..).unwrap_or_default();
        let length = match escape {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 1,
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => 5,
            _ => return Err(BAD_ESCAPE),
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    Ok(())
}
