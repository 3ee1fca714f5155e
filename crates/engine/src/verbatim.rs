//! Validated JSON text whose schema says nothing: looked into only when an expression does.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use crate::object::ObjectBuilder;
use crate::text;
use crate::value::{Kind, Value};

/// What kind of value the text is.
pub fn kind(json: &[u8]) -> Kind {
    match json.trim_ascii_start().first() {
        Some(b'n') => Kind::Null,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'"') => Kind::String,
        Some(b'[') => Kind::Array,
        Some(b'{') => Kind::Object,
        _ => Kind::Number,
    }
}

/// The value, unless it is an array or object.
pub fn scalar(json: &[u8]) -> Option<Value<'_>> {
    let mut reader = Reader { json, at: 0 };
    reader.skip_space();
    reader.scalar()
}

/// Deeper values than a selection lets through read as `undefined`.
const DEPTH: usize = 512;

/// The value, with arrays and objects in the arena; scalars borrow the text.
pub fn read<'a>(json: &'a [u8], arena: &'a Bump) -> Value<'a> {
    Reader { json, at: 0 }.value(arena, DEPTH).unwrap_or(Value::Undefined)
}

/// Reads text that is known to be valid JSON; were it not, the answer is `None`.
struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.json.get(self.at) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.json.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, arena: &'a Bump, depth: usize) -> Option<Value<'a>> {
        self.skip_space();
        let depth = depth.checked_sub(1)?;
        match self.json.get(self.at)? {
            b'[' => self.array(arena, depth),
            b'{' => self.object(arena, depth),
            _ => self.scalar(),
        }
    }

    fn array(&mut self, arena: &'a Bump, depth: usize) -> Option<Value<'a>> {
        self.at += 1;
        let mut items = BumpVec::new_in(arena);
        if !self.take(b']') {
            loop {
                items.push(self.value(arena, depth)?);
                if !self.take(b',') {
                    break;
                }
            }
            self.take(b']').then_some(())?;
        }
        Some(Value::array(items.into_bump_slice(), arena))
    }

    fn object(&mut self, arena: &'a Bump, depth: usize) -> Option<Value<'a>> {
        self.at += 1;
        let mut object = ObjectBuilder::new(arena, 4);
        if !self.take(b'}') {
            loop {
                self.skip_space();
                let key = match self.string()? {
                    Value::Plain(key) => key.as_bytes(),
                    Value::Escaped(key) => text::decoded(key, arena),
                    _ => return None,
                };
                self.take(b':').then_some(())?;
                let value = self.value(arena, depth)?;
                object.put(key, value);
                if !self.take(b',') {
                    break;
                }
            }
            self.take(b'}').then_some(())?;
        }
        Some(Value::Object(object.finish()))
    }

    fn scalar(&mut self) -> Option<Value<'a>> {
        let rest = self.json.get(self.at..)?;
        let (value, size) = match rest.first()? {
            b'n' => (Value::Null, 4),
            b't' => (Value::Bool(true), 4),
            b'f' => (Value::Bool(false), 5),
            b'"' => return self.string(),
            b'[' | b'{' => return None,
            _ => {
                let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let size = rest.iter().take_while(is_number).count();
                (Value::Digits(std::str::from_utf8(&rest[..size]).ok()?), size)
            }
        };
        self.at += size;
        Some(value)
    }

    fn string(&mut self) -> Option<Value<'a>> {
        let contents = self.json.get(self.at + 1..)?;
        let mut size = 0;
        let mut escaped = false;
        loop {
            size += memchr::memchr2(b'"', b'\\', contents.get(size..)?)?;
            if contents[size] == b'"' {
                break;
            }
            escaped = true;
            size += 2;
        }
        self.at += size + 2;
        let text = std::str::from_utf8(&contents[..size]).ok()?;
        Some(if escaped { Value::Escaped(text) } else { Value::Plain(text) })
    }
}
