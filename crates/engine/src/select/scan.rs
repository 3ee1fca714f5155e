//! Moves over JSON text: to the end of a string, over a whole value, to the next token.
//!
//! Strings and brackets are found 64 bytes at a time (see [`block`]); everything else is looked at where it stands.
//! Blocks are classified in order and each once, because whether a quote opens or closes depends on all before it.

use super::block;

/// How many objects and arrays may stand in each other.
pub const DEPTH: u32 = 128;

pub(crate) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the next token is looked for. Only moves forward.
    pub at: usize,
    /// Where the classified block begins; the masks are of its 64 bytes.
    block: usize,
    /// Quotes that are not escaped.
    quotes: u64,
    /// Brackets that are not in strings.
    brackets: u64,
    backslashes: u64,
    /// Whether the first byte after the block is escaped: 0 or 1.
    escaping: u64,
    /// Whether the block ends in a string: all bits or none.
    inside: u64,
    /// Bits of what may not be there: control characters in strings, backslashes outside.
    flaws: u64,
}

/// The characters of a string, between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted<'a> {
    pub text: &'a str,
    pub start: usize,
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
const TRAILING: Flaw = "something after the end of the value";
const NO_COLON: Flaw = "no `:` after a key";
const NO_KEY: Flaw = "no key where one must be";
const NO_COMMA: Flaw = "neither `,` nor a closing bracket after a value";

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut scanner = Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            block: 0,
            quotes: 0,
            brackets: 0,
            backslashes: 0,
            escaping: 0,
            inside: 0,
            flaws: 0,
        };
        scanner.classify(0);
        scanner
    }

    /// The next byte that is not whitespace, where `at` then is; 0 at the end.
    #[inline(always)]
    pub fn token(&mut self) -> u8 {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.token_after_space(),
        }
    }

    fn token_after_space(&mut self) -> u8 {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ') => {
                    // Indentation.
                    self.at += 1;
                    while let Some(b"        ") = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>)
                    {
                        self.at += 8;
                    }
                }
                Some(b'\n' | b'\r' | b'\t') => self.at += 1,
                // A zero byte cannot begin anything either.
                Some(&byte) => return byte,
                None => return 0,
            }
        }
    }

    /// Reads the string whose opening quote `at` is on.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Quoted<'a>, Flaw> {
        let start = self.at + 1;
        let escaped = self.close_string()?;
        let text = self.text.get(start..self.at - 1).ok_or(OPEN_STRING)?;
        Ok(Quoted { text, start, escaped })
    }

    /// Passes over the string whose opening quote `at` is on; whether a backslash is in it.
    #[inline(always)]
    fn close_string(&mut self) -> Result<bool, Flaw> {
        let start = self.at + 1;
        if start - self.block < 64 {
            let live = u64::MAX << (start - self.block);
            let quotes = self.quotes & live;
            if quotes != 0 {
                let lowest = quotes & quotes.wrapping_neg();
                self.at = self.block + quotes.trailing_zeros() as usize + 1;
                return Ok(self.backslashes & live & lowest.wrapping_sub(1) != 0);
            }
        }
        self.close_later(start)
    }

    /// The same if the closing quote is not in the classified block.
    #[inline(never)]
    fn close_later(&mut self, start: usize) -> Result<bool, Flaw> {
        if !self.reach(start) {
            return Err(OPEN_STRING);
        }
        let mut live = u64::MAX << ((start - self.block) & 63);
        let mut escaped = false;
        loop {
            let quotes = self.quotes & live;
            // All bits if there is no quote.
            let before = (quotes & quotes.wrapping_neg()).wrapping_sub(1);
            escaped |= self.backslashes & live & before != 0;
            if quotes != 0 {
                self.at = self.block + quotes.trailing_zeros() as usize + 1;
                return Ok(escaped);
            }
            if !self.classify(self.block + 64) {
                return Err(OPEN_STRING);
            }
            live = u64::MAX;
        }
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
        let token = self.token();
        if token != b',' && token != close {
            return Err(NO_COMMA);
        }
        self.at += 1;
        Ok(token == b',')
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

    /// The first eight bytes of `key`, the first lowest; zeros after a shorter key.
    #[inline(always)]
    pub fn head(&self, key: Quoted<'_>) -> u64 {
        let len = key.text.len();
        match self.bytes.get(key.start..).and_then(<[u8]>::first_chunk::<8>) {
            Some(chunk) if len >= 8 => u64::from_le_bytes(*chunk),
            Some(chunk) => u64::from_le_bytes(*chunk) & !(u64::MAX << (8 * len)),
            None => {
                let mut head = [0; 8];
                for (to, from) in head.iter_mut().zip(key.text.bytes()) {
                    *to = from;
                }
                u64::from_le_bytes(head)
            }
        }
    }

    /// Passes over one value of which nothing is kept.
    #[inline(always)]
    pub fn skip(&mut self, depth: u32) -> Result<(), Flaw> {
        match self.token() {
            b'"' => self.close_string().map(|_| ()),
            b'{' | b'[' => self.skip_nested(depth),
            _ => self.scalar().map(|_| ()),
        }
    }

    /// Passes over the object or array `at` is on, looking at brackets outside of strings only.
    fn skip_nested(&mut self, depth: u32) -> Result<(), Flaw> {
        if !self.reach(self.at) {
            return Err(OPEN_BRACKET);
        }
        // One bit a level, the innermost lowest: 1 for an object.
        let mut kinds = 0u128;
        let mut level = 0;
        let mut bits = self.brackets & u64::MAX << ((self.at - self.block) & 63);
        loop {
            while bits != 0 {
                let at = self.block + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // `{` and `}` differ from `[` and `]` by 0x20.
                let byte = self.bytes.get(at).copied().unwrap_or(0);
                let kind = u128::from(byte >> 5 & 1);
                match byte | 0x20 {
                    b'{' => {
                        if depth + level >= DEPTH {
                            return Err(TOO_DEEP);
                        }
                        kinds = kinds << 1 | kind;
                        level += 1;
                    }
                    b'}' => {
                        if kinds & 1 != kind {
                            return Err(CROSSED_BRACKETS);
                        }
                        kinds >>= 1;
                        level -= 1;
                        if level == 0 {
                            self.at = at + 1;
                            return Ok(());
                        }
                    }
                    _ => return Err(NO_VALUE),
                }
            }
            if !self.classify(self.block + 64) {
                return Err(OPEN_BRACKET);
            }
            bits = self.brackets;
        }
    }

    /// Passes over one value and validates all of it; gives its text.
    pub fn validated(&mut self, depth: u32) -> Result<&'a str, Flaw> {
        self.token();
        let start = self.at;
        self.validate(depth)?;
        self.text.get(start..self.at).ok_or(NO_VALUE)
    }

    fn validate(&mut self, depth: u32) -> Result<(), Flaw> {
        match self.token() {
            b'"' => check_escapes(self.string()?),
            b'{' => {
                let mut more = self.enter(b'}', depth)?;
                while more {
                    check_escapes(self.key()?)?;
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
            _ => self.scalar().map(|_| ()),
        }
    }

    /// Reads `true`, `false`, `null` or a number, and gives its text.
    #[inline(always)]
    pub fn scalar(&mut self) -> Result<&'a str, Flaw> {
        match self.token() {
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(NO_VALUE),
        }
    }

    #[inline(always)]
    fn word(&mut self, word: &'static str) -> Result<&'a str, Flaw> {
        let end = self.at + word.len();
        match self.text.get(self.at..end) {
            Some(text) if text == word => {
                self.at = end;
                Ok(text)
            }
            _ => Err(NO_VALUE),
        }
    }

    /// RFC 8259 §6. What follows the number is looked at by whoever needs the next token.
    #[inline(always)]
    fn number(&mut self) -> Result<&'a str, Flaw> {
        let start = self.at;
        let mut at = start;
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or(0);
        if byte(at) == b'-' {
            at += 1;
        }
        match byte(at) {
            b'0' => at += 1,
            b'1'..=b'9' => {
                while byte(at).is_ascii_digit() {
                    at += 1;
                }
            }
            _ => return Err(BAD_NUMBER),
        }
        if byte(at) == b'.' {
            at += 1;
            if !byte(at).is_ascii_digit() {
                return Err(BAD_NUMBER);
            }
            while byte(at).is_ascii_digit() {
                at += 1;
            }
        }
        if byte(at) | 0x20 == b'e' {
            at += 1;
            if matches!(byte(at), b'+' | b'-') {
                at += 1;
            }
            if !byte(at).is_ascii_digit() {
                return Err(BAD_NUMBER);
            }
            while byte(at).is_ascii_digit() {
                at += 1;
            }
        }
        self.at = at;
        self.text.get(start..at).ok_or(BAD_NUMBER)
    }

    /// To be called after the value: only whitespace may follow, and nothing may have been wrong on the way.
    pub fn finish(&mut self) -> Result<(), Flaw> {
        self.token();
        if self.at < self.bytes.len() {
            return Err(TRAILING);
        }
        if self.flaws != 0 {
            return Err(BAD_STRING);
        }
        Ok(())
    }

    /// Makes the classified block the one that `place` is in; `false` if it is past the end.
    #[inline(always)]
    fn reach(&mut self, place: usize) -> bool {
        while place - self.block >= 64 {
            if !self.classify(self.block + 64) {
                return false;
            }
        }
        true
    }

    #[inline(never)]
    fn classify(&mut self, start: usize) -> bool {
        let Some(rest) = self.bytes.get(start..) else { return false };
        let padded;
        let bytes = match rest.first_chunk::<64>() {
            Some(bytes) => bytes,
            None if rest.is_empty() => return false,
            None => {
                padded = pad(rest);
                &padded
            }
        };
        let masks = block::classify(bytes);
        let escaped = self.escaped(masks.backslashes);
        let quotes = masks.quotes & !escaped;
        // From each opening quote up to before its closing quote.
        let inside = prefix_xor(quotes) ^ self.inside;
        self.inside = ((inside as i64) >> 63) as u64;
        self.flaws |= masks.controls & inside | masks.backslashes & !inside;
        self.block = start;
        self.quotes = quotes;
        self.backslashes = masks.backslashes;
        self.brackets = masks.brackets & !inside;
        true
    }

    /// The bytes that a backslash stands before which is not itself escaped.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        if backslashes == 0 {
            return std::mem::take(&mut self.escaping);
        }
        // In a run of backslashes every other one escapes, beginning with the first. Runs that begin at an odd bit
        // are found by letting an addition carry through them.
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let active = backslashes & !self.escaping;
        let follows = active << 1 | self.escaping;
        let odd_starts = active & !EVEN & !follows;
        let (sums, overflow) = odd_starts.overflowing_add(active);
        self.escaping = u64::from(overflow);
        (EVEN ^ (sums << 1)) & follows
    }
}

#[cold]
fn pad(rest: &[u8]) -> [u8; 64] {
    let mut padded = [b' '; 64];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    padded
}

/// Bit `i` is the exclusive or of bits `0..=i`.
#[inline(always)]
fn prefix_xor(bits: u64) -> u64 {
    let mut bits = bits;
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// RFC 8259 §7. A `\u` that is half of a surrogate pair is allowed to stand alone, as `JSON.parse` allows it.
#[inline(always)]
pub(crate) fn check_escapes(quoted: Quoted<'_>) -> Result<(), Flaw> {
    if quoted.escaped { check_each_escape(quoted.text.as_bytes()) } else { Ok(()) }
}

fn check_each_escape(bytes: &[u8]) -> Result<(), Flaw> {
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
