//! Protobuf messages from JSON and back, the other way round than the engine does it: its encoder of requests writes
//! answers here, its selection of answers reads requests.

use std::collections::HashMap;

use bumpalo::Bump;
use frontdesk_adapter::{Fault, TraceContext};
use frontdesk_catalog::{
    Cardinality, Effect, FieldKind, GrpcBinding, Message, MessageField, MessageId, WellKnown,
};
use frontdesk_engine::emit::write_json;
use frontdesk_engine::encode::protobuf::MessageEncoder;
use frontdesk_engine::select::protobuf::MessageSelector;
use frontdesk_engine::verbatim;
use frontdesk_plan::{FieldSelect, Kinds, Name, NameId, Program, RecordSelect, Select, SelectId, Selections};
use serde_json::{Map, Value};

/// How deep made-up messages are looked into.
const DEPTH: u32 = 60;

/// Both directions of one method.
pub(crate) struct Codec {
    program: Program,
    encoder: MessageEncoder,
    selector: MessageSelector,
    messages: Vec<Message>,
    response: MessageId,
}

impl Codec {
    pub fn new(binding: &GrpcBinding, messages: &[Message]) -> Self {
        let mut whole = Whole {
            messages,
            program: Program::default(),
            selections: Selections::default(),
            known: HashMap::new(),
        };
        let select = whole.message(binding.request);
        let backwards = GrpcBinding { request: binding.response, ..binding.clone() };
        let Whole { program, selections, .. } = whole;
        Self {
            encoder: MessageEncoder::new(&backwards, messages, Effect::Reads, &program),
            selector: MessageSelector::new(messages, binding.request, &selections, select, &program),
            program,
            messages: messages.to_vec(),
            response: binding.response,
        }
    }

    /// An answer as the service would send it, or why it cannot be one.
    pub fn answer(&self, json: &Value) -> Result<Vec<u8>, String> {
        let text = json.to_string();
        let arena = Bump::new();
        let value = verbatim::read(text.as_bytes(), &arena);
        match self.encoder.encode(value, &self.program, &arena, TraceContext::default()) {
            Ok(call) => Ok(call.body),
            Err(Fault::Unsendable { argument, why }) if argument.is_empty() => Err(why.to_owned()),
            Err(Fault::Unsendable { argument, why }) => Err(format!("`{argument}`: {why}")),
            Err(fault) => Err(fault.to_string()),
        }
    }

    /// The arguments of a request; `None` if it is no such message.
    pub fn args(&self, body: &[u8]) -> Option<Value> {
        let arena = Bump::new();
        let value = self.selector.select(body, &arena).ok()?;
        let mut json = Vec::new();
        write_json(value, &self.program, &mut json);
        serde_json::from_slice(&json).ok()
    }

    /// Makes a made-up answer one that the message can hold: texts that stand for something else, and one member of each
    /// oneof.
    pub fn mend(&self, answer: &mut Value) {
        self.mend_message(answer, self.response, DEPTH);
    }

    fn mend_message(&self, value: &mut Value, message: MessageId, depth: u32) {
        let (Some(depth), Some(members)) = (depth.checked_sub(1), value.as_object_mut()) else { return };
        let Some(message) = self.messages.get(message.0 as usize) else { return };
        let mut taken = Vec::new();
        for field in &message.fields {
            let Some(value) = members.get_mut(&*field.name).filter(|value| !value.is_null()) else {
                continue;
            };
            if let Some(oneof) = field.oneof {
                if taken.contains(&oneof) {
                    members.remove(&*field.name);
                    continue;
                }
                taken.push(oneof);
            }
            self.mend_field(value, field, depth);
        }
    }

    fn mend_field(&self, value: &mut Value, field: &MessageField, depth: u32) {
        match (&field.kind, value) {
            (FieldKind::Map { value: kind, key }, Value::Object(entries)) => {
                if !matches!(**key, FieldKind::String) {
                    let numbered = std::mem::take(entries).into_iter().enumerate();
                    *entries =
                        numbered.map(|(at, (_, value))| (key_of(key, at), value)).collect::<Map<_, _>>();
                }
                entries.values_mut().for_each(|value| self.mend_value(value, kind, depth));
            }
            (kind, Value::Array(items)) if field.cardinality == Cardinality::Repeated => {
                for value in items {
                    self.mend_value(value, kind, depth);
                }
            }
            (kind, value) => self.mend_value(value, kind, depth),
        }
    }

    fn mend_value(&self, value: &mut Value, kind: &FieldKind, depth: u32) {
        use FieldKind::{
            Bytes, Fixed32, Fixed64, Int32, Int64, Message, Sfixed32, Sfixed64, Sint32, Sint64, Uint32,
            Uint64,
        };
        let text = value.as_str().unwrap_or_default();
        match kind {
            Message(message) => self.mend_message(value, *message, depth),
            Int64
            | Uint64
            | Sint64
            | Fixed64
            | Sfixed64
            | FieldKind::WellKnown(WellKnown::Int64Value | WellKnown::Uint64Value)
                if text.parse::<i64>().is_err() =>
            {
                *value = Value::String(number(value).to_string());
            }
            Int32
            | Uint32
            | Sint32
            | Fixed32
            | Sfixed32
            | FieldKind::WellKnown(WellKnown::Int32Value | WellKnown::Uint32Value)
                if !value.as_i64().is_some_and(|n| (0..=i64::from(i32::MAX)).contains(&n)) =>
            {
                *value = Value::from(number(value).abs() % 1_000_000);
            }
            Bytes | FieldKind::WellKnown(WellKnown::BytesValue) => {
                *value = Value::String("ZnJvbnRkZXNr".to_owned());
            }
            FieldKind::WellKnown(WellKnown::Timestamp) if !text.ends_with('Z') => {
                *value = Value::String("2026-05-04T09:30:00Z".to_owned());
            }
            FieldKind::WellKnown(WellKnown::Duration) => *value = Value::String("90s".to_owned()),
            FieldKind::WellKnown(WellKnown::FieldMask) => *value = Value::String(String::new()),
            _ => {}
        }
    }
}

/// A whole number for whatever was made up.
fn number(value: &Value) -> i64 {
    match value {
        Value::Number(n) => n.as_f64().unwrap_or_default() as i64,
        Value::String(text) => 1 + text.len() as i64 * 7,
        _ => 1,
    }
}

fn key_of(kind: &FieldKind, at: usize) -> String {
    match kind {
        FieldKind::Bool => (at == 0).to_string(),
        _ => (at + 1).to_string(),
    }
}

/// Selections that read everything.
struct Whole<'m> {
    messages: &'m [Message],
    program: Program,
    selections: Selections,
    known: HashMap<MessageId, SelectId>,
}

impl Whole<'_> {
    fn message(&mut self, id: MessageId) -> SelectId {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let select = self.add(Select { kinds: Kinds::ALL, ..Select::default() });
        self.known.insert(id, select);
        let fields = self.messages.get(id.0 as usize).map(|message| &message.fields[..]).unwrap_or_default();
        let fields: Vec<FieldSelect> = fields
            .iter()
            .map(|field| FieldSelect {
                name: self.name(&field.name),
                select: self.field(field),
                required: false,
            })
            .collect();
        if let Some(node) = self.selections.nodes.get_mut(select.0 as usize) {
            node.record = Some(RecordSelect { fields, rest: None });
        }
        select
    }

    fn field(&mut self, field: &MessageField) -> SelectId {
        match &field.kind {
            FieldKind::Map { value, .. } => {
                let rest = Some(self.kind(value));
                self.add(Select {
                    record: Some(RecordSelect { fields: Vec::new(), rest }),
                    ..Select::default()
                })
            }
            kind if field.cardinality == Cardinality::Repeated => {
                let items = Some(self.kind(kind));
                self.add(Select { kinds: Kinds::ALL, items, ..Select::default() })
            }
            kind => self.kind(kind),
        }
    }

    fn kind(&mut self, kind: &FieldKind) -> SelectId {
        match kind {
            FieldKind::Message(message) => self.message(*message),
            _ => self.add(Select { kinds: Kinds::ALL, verbatim: true, ..Select::default() }),
        }
    }

    fn add(&mut self, select: Select) -> SelectId {
        self.selections.nodes.push(select);
        SelectId(self.selections.nodes.len() as u32 - 1)
    }

    fn name(&mut self, text: &std::sync::Arc<str>) -> NameId {
        let names = &mut self.program.names;
        if let Some(at) = names.iter().position(|name| name.text == *text) {
            return NameId(at as u32);
        }
        let mut json = Value::String(text.to_string()).to_string().into_bytes();
        json.push(b':');
        names.push(Name { text: text.clone(), json: json.into(), index: None });
        NameId(names.len() as u32 - 1)
    }
}
