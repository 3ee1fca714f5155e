//! JSON text (RFC 8259) → tree.
//!
//! Not read as YAML although nearly all JSON is: tabs between tokens and keys of more than 1024 characters are
//! JSON and not YAML, and a syntax error should speak of commas, not of block mappings.

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostic;

use super::{Entry, MAX_DEPTH, MAX_NODES, Map, Node, Reading, Taken, Value};

pub fn read(text: &str, reading: Reading, found: &mut Vec<Diagnostic>) -> Option<Arc<Node>> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, nodes: 0, reading, found };
    match parser.document() {
        Ok(node) => Some(Arc::new(node)),
        Err(problem) => {
            found.push(*problem);
            None
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    nodes: u64,
    reading: Reading,
    found: &'a mut Vec<Diagnostic>,
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Node> {
        let node = self.value(1)?;
        self.space();
        if self.at < self.bytes.len() {
            return Err(self.unexpected("the end of the document"));
        }
        Ok(node)
    }

    fn value(&mut self, depth: u32) -> Parsed<Node> {
        self.space();
        let start = self.at;
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(Box::new(Reading::too_deep(self.reading.span(start, start + 1))));
        }
        if self.nodes > MAX_NODES {
            return Err(Box::new(Reading::too_large(self.reading.span(start, start + 1))));
        }
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b't') => self.word("true", Value::Boolean(true))?,
            Some(b'f') => self.word("false", Value::Boolean(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node::new(value, self.reading.span(start, self.at)))
    }

    fn object(&mut self, depth: u32) -> Parsed<Value> {
        self.at += 1;
        let mut entries = Vec::new();
        let mut taken = Taken::new();
        self.space();
        if self.accept(b'}') {
            return Ok(Value::Map(Map { entries }));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key: Arc<str> = self.string()?.into();
            let key_span = self.reading.span(start, self.at);
            self.space();
            if !self.accept(b':') {
                return Err(self.unexpected("`:`"));
            }
            let value = Arc::new(self.value(depth + 1)?);
            Reading::insert(&mut entries, &mut taken, Entry { key, key_span, value }, self.found);
            self.space();
            if self.accept(b'}') {
                return Ok(Value::Map(Map { entries }));
            }
            if !self.accept(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: u32) -> Parsed<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.accept(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(Arc::new(self.value(depth + 1)?));
            self.space();
            if self.accept(b']') {
                return Ok(Value::List(items));
            }
            if !self.accept(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    /// Escapes are decoded; a lone surrogate becomes U+FFFD, which no name of a schema needs.
    fn string(&mut self) -> Parsed<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let run = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            out.push_str(self.text.get(run..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(_) => return Err(self.unexpected("no control character inside a string")),
                None => {
                    let span = self.reading.span(start, start + 1);
                    return Err(Box::new(self.reading.error(
                        span,
                        "a string is not closed",
                        "this quote has no partner",
                    )));
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Parsed<()> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let mut unit = self.hex4()?;
                if (0xD800..0xDC00).contains(&unit) && self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
                    let after_high = self.at;
                    self.at += 2;
                    let low = self.hex4()?;
                    if (0xDC00..0xE000).contains(&low) {
                        unit = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    } else {
                        self.at = after_high;
                    }
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
            _ => return Err(self.unexpected("one of \" \\ / b f n r t u after a backslash")),
        };
        self.at += 1;
        out.push(plain);
        Ok(())
    }

    fn hex4(&mut self) -> Parsed<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.unexpected("four hexadecimal digits"));
        };
        self.at += 4;
        Ok(unit)
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.accept(b'-');
        if !self.accept(b'0') && self.digits() == 0 {
            return Err(self.unexpected("a digit"));
        }
        if self.accept(b'.') && self.digits() == 0 {
            return Err(self.unexpected("a digit after the point"));
        }
        if self.accept(b'e') || self.accept(b'E') {
            let _ = self.accept(b'+') || self.accept(b'-');
            if self.digits() == 0 {
                return Err(self.unexpected("a digit of the exponent"));
            }
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &str, value: Value) -> Parsed<Value> {
        if self.bytes.get(self.at..self.at + word.len()) == Some(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected("a value"))
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn unexpected(&self, wanted: &str) -> Box<Diagnostic> {
        let span = self.reading.span(self.at, (self.at + 1).min(self.bytes.len()));
        Box::new(self.reading.error(span, "the file is not JSON", format!("expected {wanted} here")))
    }
}
