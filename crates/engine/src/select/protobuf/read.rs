//! Follows the tables over a message.

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::Fault;
use smallvec::SmallVec;

use super::wire::{Fields, Flaw, Payload};
use super::{Absent, DEPTH, Field, Kind, MapRead, MessageSelector, Node, Read, scalar, well_known};
use crate::object::ObjectBuilder;
use crate::value::{Object, Record, Value};

pub(super) fn select<'a>(
    selector: &'a MessageSelector,
    body: &'a [u8],
    arena: &'a Bump,
) -> Result<Value<'a>, Fault> {
    let reader = Reader { selector, arena };
    reader.value(&selector.root, body, DEPTH).map_err(Mismatch::fault)
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    selector: &'a MessageSelector,
    arena: &'a Bump,
}

/// The answer does not fit. Its place is put together on the way out, so that it costs nothing when all is well.
struct Mismatch(Box<Misfit>);

struct Misfit {
    /// Innermost first.
    path: Vec<String>,
    why: Flaw,
}

impl From<Flaw> for Mismatch {
    #[cold]
    fn from(why: Flaw) -> Self {
        Self(Box::new(Misfit { path: Vec::new(), why }))
    }
}

impl Mismatch {
    #[cold]
    fn under(mut self, segment: impl ToString) -> Self {
        self.0.path.push(segment.to_string());
        self
    }

    #[cold]
    fn fault(self) -> Fault {
        let mut pointer = String::new();
        for segment in self.0.path.iter().rev() {
            pointer.push('/');
            // RFC 6901 §3
            pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        }
        Fault::Malformed { pointer, why: self.0.why }
    }
}

type Outcome<T> = Result<T, Mismatch>;

/// A list that is being filled. There is room for all that the message holds.
struct Filling<'a> {
    items: &'a mut [Value<'a>],
    filled: usize,
}

impl<'a> Filling<'a> {
    fn push(&mut self, value: Value<'a>) {
        if let Some(place) = self.items.get_mut(self.filled) {
            *place = value;
            self.filled += 1;
        }
    }

    fn finish(self) -> &'a [Value<'a>] {
        self.items.get(..self.filled).unwrap_or_default()
    }
}

/// One message while its fields come.
struct Message<'a> {
    values: &'a mut [Value<'a>],
    lists: SmallVec<[Filling<'a>; 4]>,
    maps: SmallVec<[ObjectBuilder<'a>; 2]>,
    /// The pieces of singular messages that came more than once, by slot: joined, they are the merged message.
    joined: Vec<(u32, Vec<u8>)>,
}

impl<'a> Reader<'a> {
    /// A value that is a message on the wire.
    fn value(self, kind: &'a Kind, bytes: &'a [u8], depth: u32) -> Outcome<Value<'a>> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        match kind {
            Kind::Message(node) => match self.selector.node(*node) {
                Some(node) => self.message(node, bytes, depth),
                None => Ok(Value::Undefined),
            },
            Kind::WellKnown(known) => Ok(well_known::value(*known, bytes, depth, self.arena)?),
            Kind::Scalar(_) => Ok(Value::Undefined),
        }
    }

    fn message(self, node: &'a Node, bytes: &'a [u8], depth: u32) -> Outcome<Value<'a>> {
        let mut message = Message {
            values: self.arena.alloc_slice_fill_copy(node.names.len(), Value::Undefined),
            lists: self.lists(node, bytes)?,
            maps: (0..node.maps).map(|_| ObjectBuilder::new(self.arena, 8)).collect(),
            joined: Vec::new(),
        };
        let mut fields = Fields::of(bytes);
        while let Some((number, payload)) = fields.next()? {
            if let Some(field) = node.field(number) {
                self.field(node, field, payload, &mut message, depth)
                    .map_err(|mismatch| mismatch.under(&field.name))?;
            }
        }
        self.finish(node, message, depth)
    }

    fn field(
        self,
        node: &'a Node,
        field: &'a Field,
        payload: Payload<'a>,
        message: &mut Message<'a>,
        depth: u32,
    ) -> Outcome<()> {
        if let Some(oneof) = field.oneof {
            for slot in node.oneofs.get(oneof as usize).into_iter().flatten() {
                if *slot != field.slot {
                    set(message.values, *slot, Value::Undefined);
                    message.joined.retain(|(joined, _)| joined != slot);
                }
            }
        }
        match &field.read {
            Read::Scalar(scalar) => set(message.values, field.slot, scalar.value(payload, self.arena)?),
            Read::Deferred => {
                let Payload::Bytes(bytes) = payload else { return Err(NO_MESSAGE.into()) };
                defer(message, field.slot, bytes);
            }
            Read::List(kind, at) => {
                if let Some(list) = message.lists.get_mut(*at) {
                    self.items(kind, payload, list, depth).map_err(|mismatch| mismatch.under(list.filled))?;
                }
            }
            Read::Map(map, at) => {
                let Payload::Bytes(entry) = payload else { return Err(NO_MESSAGE.into()) };
                if let Some(entries) = message.maps.get_mut(*at) {
                    self.entry(map, entry, entries, depth)?;
                }
            }
            Read::Clear => {}
        }
        Ok(())
    }

    /// Lists with room for what `bytes` hold of each, so that no list has to move while it grows.
    fn lists(self, node: &Node, bytes: &'a [u8]) -> Outcome<SmallVec<[Filling<'a>; 4]>> {
        if node.lists == 0 {
            return Ok(SmallVec::new());
        }
        let mut counts: SmallVec<[usize; 4]> = smallvec::smallvec![0; node.lists];
        let mut fields = Fields::of(bytes);
        while let Some((number, payload)) = fields.next()? {
            if let Some(Field { read: Read::List(kind, at), .. }) = node.field(number)
                && let Some(count) = counts.get_mut(*at)
            {
                *count += match (kind, payload) {
                    (Kind::Scalar(scalar), Payload::Bytes(packed)) => scalar.count(packed),
                    _ => 1,
                };
            }
        }
        let list =
            |count| Filling { items: self.arena.alloc_slice_fill_copy(count, Value::Undefined), filled: 0 };
        Ok(counts.into_iter().map(list).collect())
    }

    fn items(self, kind: &'a Kind, payload: Payload<'a>, list: &mut Filling<'a>, depth: u32) -> Outcome<()> {
        match (kind, payload) {
            (Kind::Scalar(scalar), Payload::Bytes(mut packed)) if scalar.is_packable() => {
                while !packed.is_empty() {
                    list.push(scalar.unpack(&mut packed, self.arena)?);
                }
            }
            (Kind::Scalar(scalar), payload) => list.push(scalar.value(payload, self.arena)?),
            (kind, Payload::Bytes(bytes)) => list.push(self.value(kind, bytes, depth)?),
            _ => return Err(NO_MESSAGE.into()),
        }
        Ok(())
    }

    fn entry(
        self,
        map: &'a MapRead,
        entry: &'a [u8],
        entries: &mut ObjectBuilder<'a>,
        depth: u32,
    ) -> Outcome<()> {
        let mut key = None;
        let mut value = None;
        let mut joined: Vec<u8> = Vec::new();
        let mut fields = Fields::of(entry);
        while let Some((number, payload)) = fields.next()? {
            match (number, value, payload) {
                (1, ..) => key = Some(payload),
                // A message that comes twice is merged.
                (2, Some(Payload::Bytes(first)), Payload::Bytes(more)) => {
                    if joined.is_empty() {
                        joined.extend_from_slice(first);
                    }
                    joined.extend_from_slice(more);
                    value = Some(payload);
                }
                (2, ..) => value = Some(payload),
                _ => {}
            }
        }
        let key = match key {
            Some(payload) => map.key.value(payload, self.arena)?,
            None => map.key.default(self.arena)?,
        };
        let key = scalar::key(key, self.arena);
        let named = map.named.iter().find(|(name, _)| **name == *key).map(|(_, kind)| kind);
        let Some(kind) = named.or(map.rest.as_ref()) else { return Ok(()) };
        let value = match (kind, value) {
            (Kind::Scalar(scalar), Some(payload)) => scalar.value(payload, self.arena).map_err(Into::into),
            (Kind::Scalar(scalar), None) => scalar.default(self.arena).map_err(Into::into),
            (kind, Some(Payload::Bytes(last))) => {
                let bytes = if joined.is_empty() { last } else { self.arena.alloc_slice_copy(&joined) };
                self.value(kind, bytes, depth)
            }
            (kind, None) => self.value(kind, &[], depth),
            (_, Some(_)) => Err(NO_MESSAGE.into()),
        };
        let value = value.map_err(|mismatch: Mismatch| mismatch.under(String::from_utf8_lossy(key)))?;
        entries.put(key, value);
        Ok(())
    }

    /// Reads the messages that were put off, and fills in what the message did not say.
    fn finish(self, node: &'a Node, message: Message<'a>, depth: u32) -> Outcome<Value<'a>> {
        let Message { values, lists, maps, mut joined } = message;
        for (slot, kind, name) in &node.deferred {
            let Some(place) = values.get_mut(*slot as usize) else { continue };
            let Value::Verbatim(first) = *place else { continue };
            let pieces = joined.iter_mut().find(|(of, _)| of == slot);
            let bytes = match pieces {
                Some((_, pieces)) => self.arena.alloc_slice_copy(&std::mem::take(pieces)),
                None => first,
            };
            *place = self.value(kind, bytes, depth).map_err(|mismatch| mismatch.under(Arc::clone(name)))?;
        }
        let mut lists: SmallVec<[&[Value<'a>]; 4]> = lists.into_iter().map(Filling::finish).collect();
        let mut maps: SmallVec<[&Object<'a>; 2]> = maps.into_iter().map(ObjectBuilder::finish).collect();
        for (value, absent) in values.iter_mut().zip(&node.absent) {
            match absent {
                Absent::Default(scalar) if value.is_undefined() => *value = scalar.default(self.arena)?,
                Absent::Default(_) | Absent::Undefined => {}
                Absent::List(at) => {
                    *value = Value::Array(lists.get_mut(*at).map(std::mem::take).unwrap_or_default());
                }
                Absent::Map(at) => {
                    if let Some(object) = maps.get_mut(*at) {
                        *value = Value::Object(object);
                    }
                }
            }
        }
        Ok(Value::Object(self.arena.alloc(Object::Record(Record {
            names: &node.names,
            values,
            sparse: true,
        }))))
    }
}

const NO_MESSAGE: Flaw = "the wire type is not that of the schema";

fn set<'a>(values: &mut [Value<'a>], slot: u32, value: Value<'a>) {
    if let Some(place) = values.get_mut(slot as usize) {
        *place = value;
    }
}

/// Keeps a piece of a singular message. Until the message is whole, its slot holds the first piece.
fn defer<'a>(message: &mut Message<'a>, slot: u32, bytes: &'a [u8]) {
    let Some(place) = message.values.get_mut(slot as usize) else { return };
    let Value::Verbatim(first) = *place else {
        *place = Value::Verbatim(bytes);
        return;
    };
    match message.joined.iter_mut().find(|(of, _)| *of == slot) {
        Some((_, pieces)) => pieces.extend_from_slice(bytes),
        None => message.joined.push((slot, [first, bytes].concat())),
    }
}
