//! gRPC requests: the argument object as an encoded message, by the protobuf JSON mapping read backwards.
//!
//! Members that are `null` or `undefined` are absent, members that the message does not have are not sent. A value
//! that its field cannot hold is a [`Fault::Unsendable`] that names the argument.
//!
//! <https://protobuf.dev/programming-guides/json/>

mod scalar;
mod well_known;

use bumpalo::Bump;
use frontdesk_adapter::{Fault, ServiceCall, TraceContext};
use frontdesk_catalog::{Cardinality, Effect, FieldKind, GrpcBinding, Message, MessageId, WellKnown};
use frontdesk_plan::Program;

use super::ArgName;
use crate::value::{Object, Value};

/// Writes the calls of one method.
#[derive(Debug)]
pub struct MessageEncoder {
    path: Box<[u8]>,
    /// Along with the service's messages.
    messages: Box<[Box<[Field]>]>,
    request: MessageId,
    safe: bool,
}

#[derive(Debug)]
struct Field {
    name: ArgName,
    number: u32,
    kind: FieldKind,
    cardinality: Cardinality,
    oneof: Option<u32>,
}

/// Why a value cannot be sent, and where it is; its place is put together on the way out.
struct Unsendable(Box<Misfit>);

struct Misfit {
    /// Innermost first: `quantity`, `[0]`, `lines`.
    path: Vec<String>,
    why: &'static str,
}

type Written = Result<(), Unsendable>;

impl From<&'static str> for Unsendable {
    #[cold]
    fn from(why: &'static str) -> Self {
        Self(Box::new(Misfit { path: Vec::new(), why }))
    }
}

impl Unsendable {
    #[cold]
    fn under(mut self, segment: impl Into<String>) -> Self {
        self.0.path.push(segment.into());
        self
    }

    fn fault(self) -> Fault {
        let mut argument = String::new();
        for segment in self.0.path.iter().rev() {
            if !argument.is_empty() && !segment.starts_with('[') {
                argument.push('.');
            }
            argument.push_str(segment);
        }
        Fault::Unsendable { argument, why: self.0.why }
    }
}

/// The deepest nesting of messages that is written: services read no deeper.
const DEPTH: u32 = 100;

impl MessageEncoder {
    pub fn new(binding: &GrpcBinding, messages: &[Message], effect: Effect, program: &Program) -> Self {
        let fields = |message: &Message| {
            let fields = message.fields.iter().map(|field| Field {
                name: ArgName::new(&field.name, program),
                number: field.number,
                kind: field.kind.clone(),
                cardinality: field.cardinality.clone(),
                oneof: field.oneof,
            });
            fields.collect()
        };
        Self {
            path: binding.path.as_bytes().into(),
            messages: messages.iter().map(fields).collect(),
            request: binding.request,
            safe: effect == Effect::Reads,
        }
    }

    /// The call for `args`, an object with the fields of the request.
    pub fn encode<'a>(
        &self,
        args: Value<'a>,
        program: &'a Program,
        arena: &'a Bump,
        trace: TraceContext,
    ) -> Result<ServiceCall, Fault> {
        let mut body = Vec::new();
        let writer = Writer { encoder: self, program, arena };
        writer.message(self.request, args, DEPTH, &mut body).map_err(Unsendable::fault)?;
        Ok(ServiceCall {
            method: "POST",
            target: self.path.to_vec(),
            headers: Vec::new(),
            body,
            safe: self.safe,
            trace,
            ..ServiceCall::default()
        })
    }
}

#[derive(Clone, Copy)]
struct Writer<'e, 'a> {
    encoder: &'e MessageEncoder,
    program: &'a Program,
    arena: &'a Bump,
}

impl<'a> Writer<'_, 'a> {
    fn message(self, message: MessageId, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Written {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        let value = value.settled(self.arena);
        if !matches!(value, Value::Object(_)) {
            return Err("not an object".into());
        }
        let mut taken: Vec<u32> = Vec::new();
        for field in self.encoder.messages.get(message.0 as usize).into_iter().flatten() {
            let value = field.name.of(value, self.program).settled(self.arena);
            if value.is_undefined() || (value.is_nullish() && !holds_null(&field.kind)) {
                continue;
            }
            if let Some(oneof) = field.oneof {
                if taken.contains(&oneof) {
                    let why = "another member of the same oneof is set";
                    return Err(Unsendable::from(why).under(field.name.text()));
                }
                taken.push(oneof);
            }
            self.field(field, value, depth, out).map_err(|unsendable| unsendable.under(field.name.text()))?;
        }
        Ok(())
    }

    fn field(self, field: &Field, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Written {
        match (&field.kind, &field.cardinality) {
            (FieldKind::Map { key, value: kind }, _) => self.map(field.number, key, kind, value, depth, out),
            (kind, Cardinality::Repeated) => self.list(field.number, kind, value, depth, out),
            (kind, cardinality) => {
                let start = out.len();
                let payload = self.single(field.number, kind, value, depth, out)?;
                // A default needs no saying where its absence says the same.
                let says_default =
                    out.get(payload..).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
                if *cardinality == Cardinality::Implicit && says_default {
                    out.truncate(start);
                }
                Ok(())
            }
        }
    }

    /// Writes a field that is there once; where its payload begins.
    fn single(
        self,
        number: u32,
        kind: &FieldKind,
        value: Value<'a>,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<usize, Unsendable> {
        push_tag(number, wire_type(kind), out);
        let payload = out.len();
        match kind {
            FieldKind::Message(message) => {
                self.message(*message, value, depth, out)?;
                prefix_length(payload, out);
            }
            FieldKind::WellKnown(known) if *known != WellKnown::NullValue => {
                well_known::write(*known, value, self.program, self.arena, depth, out)?;
                prefix_length(payload, out);
            }
            scalar => scalar::write(scalar, value, self.arena, out)?,
        }
        Ok(payload)
    }

    /// Numbers are packed: one payload holds them all.
    fn list(self, number: u32, kind: &FieldKind, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Written {
        let Value::Array(items) = value else { return Err("not a list".into()) };
        let is_packed = wire_type(kind) != DELIMITED;
        let start = out.len();
        if is_packed && !items.is_empty() {
            push_tag(number, DELIMITED, out);
        }
        let payload = out.len();
        for (at, item) in items.iter().enumerate() {
            let item = item.settled(self.arena);
            let written = if item.is_nullish() && !holds_null(kind) {
                Err("null in a list".into())
            } else if is_packed {
                scalar::write(kind, item, self.arena, out).map_err(Into::into)
            } else {
                self.single(number, kind, item, depth, out).map(|_| ())
            };
            written.map_err(|unsendable: Unsendable| unsendable.under(format!("[{at}]")))?;
        }
        if is_packed && out.len() > start {
            prefix_length(payload, out);
        }
        Ok(())
    }

    fn map(
        self,
        number: u32,
        key_kind: &FieldKind,
        kind: &FieldKind,
        value: Value<'a>,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Written {
        let Value::Object(object) = value else { return Err("not an object".into()) };
        for (key, value) in entries(object, self.program) {
            let value = value.settled(self.arena);
            if value.is_undefined() || (value.is_nullish() && !holds_null(kind)) {
                continue;
            }
            push_tag(number, DELIMITED, out);
            let entry = out.len();
            push_tag(1, wire_type(key_kind), out);
            let written = scalar::write_key(key_kind, key, self.arena, out)
                .map_err(Into::into)
                .and_then(|()| self.single(2, kind, value, depth, out));
            written.map_err(|unsendable: Unsendable| {
                unsendable.under(format!("[{:?}]", String::from_utf8_lossy(key)))
            })?;
            prefix_length(entry, out);
        }
        Ok(())
    }
}

fn entries<'a>(object: &'a Object<'a>, program: &'a Program) -> impl Iterator<Item = (&'a [u8], Value<'a>)> {
    object.entries(program).map(|(key, value)| (key.text(), value))
}

/// Whether `null` is a value of the field rather than its absence.
fn holds_null(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::WellKnown(WellKnown::Value | WellKnown::NullValue))
}

const DELIMITED: u32 = 2;

fn wire_type(kind: &FieldKind) -> u32 {
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => 1,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => 5,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Map { .. } => DELIMITED,
        FieldKind::WellKnown(known) if *known != WellKnown::NullValue => DELIMITED,
        _ => 0,
    }
}

fn push_tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    push_varint(u64::from(number << 3 | wire_type), out);
}

fn push_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Puts the length of everything from `start` on before it.
fn prefix_length(start: usize, out: &mut Vec<u8>) {
    let length = out.len() - start;
    let mut prefix = Vec::with_capacity(5);
    push_varint(length as u64, &mut prefix);
    out.splice(start..start, prefix);
}
