//! JSON answers: follows a selection over the body.

use bumpalo::Bump;
use frontdesk_adapter::Fault;
use frontdesk_plan::{Kinds, SelectId};

use super::scan::{Flaw, Quoted, Scanner};
use super::{Node, RecordNode, Selectors};
use crate::object::ObjectBuilder;
use crate::text;
use crate::value::{Object, Record, Value};

pub(super) fn select<'a>(
    selectors: &'a Selectors,
    id: SelectId,
    body: &'a [u8],
    arena: &'a Bump,
) -> Result<Value<'a>, Fault> {
    let malformed = |why| Fault::Malformed { pointer: String::new(), why };
    let mut reader = Reader { selectors, arena, scan: Scanner::new(body), items: Vec::new() };
    let value = reader.value(id, 0).map_err(Mismatch::fault)?;
    reader.scan.finish().map_err(malformed)?;
    Ok(value)
}

struct Reader<'a> {
    selectors: &'a Selectors,
    arena: &'a Bump,
    scan: Scanner<'a>,
    /// The elements of the arrays that are being read, innermost last.
    items: Vec<Value<'a>>,
}

/// The answer does not fit. Its place is put together on the way out, so that it costs nothing when all is well.
/// Boxed, so that a `Result<Value, Mismatch>` is as small as a value.
struct Mismatch(Box<Misplaced>);

struct Misplaced {
    /// Innermost first.
    path: Vec<Segment>,
    why: Flaw,
}

enum Segment {
    Key(Box<str>),
    Index(usize),
}

impl From<Flaw> for Mismatch {
    #[cold]
    fn from(why: Flaw) -> Self {
        Self(Box::new(Misplaced { path: Vec::new(), why }))
    }
}

impl Mismatch {
    #[cold]
    fn under(mut self, segment: Segment) -> Self {
        self.0.path.push(segment);
        self
    }

    #[cold]
    fn fault(self) -> Fault {
        let mut pointer = String::new();
        for segment in self.0.path.iter().rev() {
            pointer.push('/');
            match segment {
                // RFC 6901 §3
                Segment::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Segment::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        Fault::Malformed { pointer, why: self.0.why }
    }
}

type Read<'a> = Result<Value<'a>, Mismatch>;

impl<'a> Reader<'a> {
    fn value(&mut self, id: SelectId, depth: u32) -> Read<'a> {
        let node = self.selectors.node(id);
        match self.scan.token() {
            b'"' => {
                let quoted = self.scan.string()?;
                if !node.verbatim && !node.kinds.contains(Kinds::STRING) {
                    return Err("a string where the schema has none".into());
                }
                let value = string(quoted)?;
                match &node.strings {
                    Some(strings) => self.one_of(value, strings),
                    None => Ok(value),
                }
            }
            b'{' | b'[' if node.verbatim => Ok(Value::Verbatim(self.scan.validated(depth)?.as_bytes())),
            b'{' => self.object(node, depth),
            b'[' => self.array(node, depth),
            _ => {
                let text = self.scan.scalar()?;
                let (kind, value, why) = match text {
                    "null" => (Kinds::NULL, Value::Null, "null where the schema has none"),
                    "true" => (Kinds::BOOLEAN, Value::Bool(true), "a boolean where the schema has none"),
                    "false" => (Kinds::BOOLEAN, Value::Bool(false), "a boolean where the schema has none"),
                    digits => (Kinds::NUMBER, Value::Digits(digits), "a number where the schema has none"),
                };
                if node.verbatim || node.kinds.contains(kind) { Ok(value) } else { Err(why.into()) }
            }
        }
    }

    /// A value of a closed `enum`.
    fn one_of(&self, value: Value<'a>, strings: &[std::sync::Arc<str>]) -> Read<'a> {
        let bytes = match value {
            Value::Plain(text) => text.as_bytes(),
            Value::Escaped(text) => text::decoded(text, self.arena),
            _ => return Ok(value),
        };
        if strings.iter().any(|string| string.as_bytes() == bytes) {
            Ok(value)
        } else {
            Err("a string that is not in the schema's `enum`".into())
        }
    }

    fn object(&mut self, node: &'a Node, depth: u32) -> Read<'a> {
        if !node.kinds.contains(Kinds::OBJECT) {
            return Err("an object where the schema has none".into());
        }
        let Some(record) = &node.record else {
            self.scan.skip(depth)?;
            return Ok(self.record(&[], &[]));
        };
        if let Some(rest) = record.rest {
            return self.map(record, rest, depth);
        }
        let values = self.arena.alloc_slice_fill_copy(record.names.len(), Value::Undefined);
        let mut hint = 0;
        let mut more = self.scan.enter(b'}', depth)?;
        while more {
            let Some(key) = self.scan.next_field(depth + 1, |start, len| record.may_have(start, len))? else {
                break;
            };
            let found = if key.text.escaped {
                record.find_decoded(self.decoded_key(key.text)?)
            } else {
                record.find(key.text.bytes, key.head, hint)
            };
            match found.and_then(|at| Some((at, *record.selects.get(at)?, values.get_mut(at)?))) {
                Some((at, select, value)) => {
                    *value =
                        self.value(select, depth + 1).map_err(|mismatch| under_key(mismatch, record, at))?;
                    hint = at + 1;
                }
                None => self.scan.skip(depth + 1)?,
            }
            more = self.scan.another(b'}')?;
        }
        for at in &record.required {
            if matches!(values.get(*at as usize), Some(Value::Undefined)) {
                return Err(missing(record, *at as usize));
            }
        }
        Ok(self.record(&record.names, values))
    }

    fn record(&self, names: &'a [frontdesk_plan::NameId], values: &'a [Value<'a>]) -> Value<'a> {
        Value::Object(self.arena.alloc(Object::Record(Record { names, values, sparse: true })))
    }

    /// An object of which every key is kept.
    fn map(&mut self, record: &'a RecordNode, rest: SelectId, depth: u32) -> Read<'a> {
        let mut entries = ObjectBuilder::new(self.arena, 8);
        let mut more = self.scan.enter(b'}', depth)?;
        while more {
            let quoted = self.scan.key()?;
            let key = self.decoded_key(quoted)?;
            let select =
                record.find_decoded(key).and_then(|at| record.selects.get(at)).copied().unwrap_or(rest);
            let value = self
                .value(select, depth + 1)
                .map_err(|mismatch| mismatch.under(Segment::Key(String::from_utf8_lossy(key).into())))?;
            entries.put(key, value);
            more = self.scan.another(b'}')?;
        }
        let object = entries.finish();
        if let Object::Map(map) = object {
            for at in &record.required {
                let at = *at as usize;
                if record.keys.get(at).is_some_and(|key| map.get(&key.bytes).is_none()) {
                    return Err(missing(record, at));
                }
            }
        }
        Ok(Value::Object(object))
    }

    fn decoded_key(&self, key: Quoted<'a>) -> Result<&'a [u8], Flaw> {
        let text = key.text()?;
        Ok(if key.escaped { text::decoded(text, self.arena) } else { text.as_bytes() })
    }

    fn array(&mut self, node: &'a Node, depth: u32) -> Read<'a> {
        if !node.kinds.contains(Kinds::ARRAY) {
            return Err("an array where the schema has none".into());
        }
        let first = self.items.len();
        let mut more = self.scan.enter(b']', depth)?;
        while more {
            let item = match node.items {
                Some(select) => self
                    .value(select, depth + 1)
                    .map_err(|mismatch| mismatch.under(Segment::Index(self.items.len() - first)))?,
                // Only how many there are is read.
                None => {
                    self.scan.skip(depth + 1)?;
                    Value::Undefined
                }
            };
            self.items.push(item);
            more = self.scan.another(b']')?;
        }
        let items = self.arena.alloc_slice_copy(self.items.get(first..).unwrap_or_default());
        self.items.truncate(first);
        Ok(Value::array(items, self.arena))
    }
}

#[inline(always)]
fn string(quoted: Quoted<'_>) -> Result<Value<'_>, Flaw> {
    let text = quoted.text()?;
    Ok(if quoted.escaped { Value::Escaped(text) } else { Value::Plain(text) })
}

#[cold]
fn under_key(mismatch: Mismatch, record: &RecordNode, at: usize) -> Mismatch {
    let key = record.keys.get(at).map(|key| String::from_utf8_lossy(&key.bytes)).unwrap_or_default();
    mismatch.under(Segment::Key(key.into()))
}

#[cold]
fn missing(record: &RecordNode, at: usize) -> Mismatch {
    under_key("a required field is missing".into(), record, at)
}
