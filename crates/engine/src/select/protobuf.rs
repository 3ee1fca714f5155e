//! Protobuf answers: follows a selection over the encoded message, and gives what the message would be in JSON.
//!
//! <https://protobuf.dev/programming-guides/encoding/>, <https://protobuf.dev/programming-guides/json/>
//!
//! A [`MessageSelector`] is made per call site from the plan's selection and the service's messages: tables by
//! field number in which each field already knows its slot. `wire` takes fields apart, `scalar` and `well_known`
//! make values of them, `read` follows the tables. Fields that nobody reads are passed over by their wire type.
//!
//! In two places a view sees what JavaScript has rather than what JSON can say: numbers that are not finite are
//! numbers, and an `Any` is `{ "@type": …, "value": … }` with its bytes in base64, since its type is not known here.

mod read;
mod scalar;
mod well_known;
mod whole;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::Fault;
use frontdesk_catalog::{Cardinality, FieldKind, Message, MessageField, MessageId, WellKnown};
use frontdesk_plan::{NameId, Program, SelectId, Selections};

use crate::value::Value;

/// The deepest nesting of messages that is read, as in other implementations.
pub const DEPTH: u32 = 100;

/// What one call site reads of one method's answer.
#[derive(Debug)]
pub struct MessageSelector {
    nodes: Vec<Node>,
    root: Kind,
}

/// What is read of one message.
#[derive(Debug, Default)]
struct Node {
    /// In JavaScript's key order; `absent` runs along.
    names: Box<[NameId]>,
    /// What each slot is when the message says nothing of it.
    absent: Box<[Absent]>,
    /// By number, ascending.
    fields: Box<[Field]>,
    /// Position in `fields` plus one, by number; for numbers that are not small `fields` is searched.
    small: Box<[u8]>,
    lists: usize,
    maps: usize,
    /// The slots of singular messages, which are read when all their pieces are together.
    deferred: Box<[(u32, Kind, Arc<str>)]>,
    /// For each oneof that is read, the slots of its members.
    oneofs: Box<[Box<[u32]>]>,
}

#[derive(Debug)]
struct Field {
    number: u32,
    name: Arc<str>,
    slot: u32,
    read: Read,
    /// A position in [`Node::oneofs`].
    oneof: Option<u32>,
}

#[derive(Debug)]
enum Read {
    Scalar(Scalar),
    Deferred,
    /// With its position among the lists.
    List(Kind, usize),
    /// With its position among the maps.
    Map(MapRead, usize),
    /// Nobody reads it, but that it is there says that another member of its oneof is not.
    Clear,
}

#[derive(Debug)]
struct MapRead {
    key: Scalar,
    /// The entries that are read by name.
    named: Box<[(Box<[u8]>, Kind)]>,
    /// How the other entries are read, if they are.
    rest: Option<Kind>,
}

/// What a value is.
#[derive(Clone, Debug)]
enum Kind {
    Scalar(Scalar),
    /// A position in [`MessageSelector::nodes`].
    Message(u32),
    WellKnown(WellKnown),
}

/// A field type that is no message.
#[derive(Clone, Debug)]
enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(Arc<[(i32, Arc<str>)]>),
    Null,
}

#[derive(Clone, Debug)]
enum Absent {
    Undefined,
    Default(Scalar),
    /// A place in the lists or maps, which are there even when empty.
    List(usize),
    Map(usize),
}

impl MessageSelector {
    /// What `select` reads of the message `message`.
    pub fn new(
        messages: &[Message],
        message: MessageId,
        selections: &Selections,
        select: SelectId,
        program: &Program,
    ) -> Self {
        let mut compiler =
            Compiler { messages, selections, program, nodes: Vec::new(), known: HashMap::new() };
        let root = Kind::Message(compiler.message(message, select));
        Self { nodes: compiler.nodes, root }
    }

    /// Reads `body`, an encoded message.
    ///
    /// What is kept is validated to the last byte. What is passed over is checked to end within the message.
    pub fn select<'a>(&'a self, body: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Fault> {
        read::select(self, body, arena)
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }
}

struct Compiler<'c> {
    messages: &'c [Message],
    selections: &'c Selections,
    program: &'c Program,
    nodes: Vec<Node>,
    known: HashMap<(MessageId, SelectId), u32>,
}

/// Fields up to this number are found by one look.
const SMALL: u32 = 128;

impl Compiler<'_> {
    fn message(&mut self, message: MessageId, select: SelectId) -> u32 {
        if let Some(known) = self.known.get(&(message, select)) {
            return *known;
        }
        let at = self.nodes.len() as u32;
        self.known.insert((message, select), at);
        self.nodes.push(Node::default());
        let node = self.compile(message, select);
        if let Some(place) = self.nodes.get_mut(at as usize) {
            *place = node;
        }
        at
    }

    fn compile(&mut self, message: MessageId, select: SelectId) -> Node {
        let empty = Vec::new();
        let declared = self.messages.get(message.0 as usize).map_or(&empty, |message| &message.fields);
        let select = self.selections.nodes.get(select.0 as usize);
        let mut wanted: Vec<_> = select
            .and_then(|select| select.record.as_ref())
            .into_iter()
            .flat_map(|record| &record.fields)
            .filter_map(|field| {
                let name = self.program.name(field.name);
                let declared = declared.iter().find(|declared| declared.name == name.text)?;
                Some((name.index, field, declared))
            })
            .collect();
        // Stable: array indexes ascending, then the others as they are.
        wanted.sort_by_key(|(index, ..)| index.map_or(u64::MAX, u64::from));
        let mut node =
            Node { names: wanted.iter().map(|(_, field, _)| field.name).collect(), ..Node::default() };
        let (mut fields, mut absent, mut deferred) = (Vec::new(), Vec::new(), Vec::new());
        for (slot, (_, field, declared)) in (0u32..).zip(&wanted) {
            let read = self.read(declared, field.select, &mut node);
            absent.push(match &read {
                Read::Scalar(scalar) if declared.cardinality == Cardinality::Implicit => {
                    Absent::Default(scalar.clone())
                }
                Read::Scalar(_) | Read::Deferred | Read::Clear => Absent::Undefined,
                Read::List(_, at) => Absent::List(*at),
                Read::Map(_, at) => Absent::Map(*at),
            });
            if matches!(read, Read::Deferred) {
                deferred.push((slot, self.kind(&declared.kind, field.select), declared.name.clone()));
            }
            fields.push(Field {
                number: declared.number,
                name: declared.name.clone(),
                slot,
                read,
                oneof: declared.oneof,
            });
        }
        node.oneofs = number_oneofs(&mut fields, declared);
        fields.sort_by_key(|field| field.number);
        let most = fields.iter().map(|field| field.number).filter(|number| *number < SMALL).max();
        let mut small = vec![0; most.map_or(0, |most| most as usize + 1)];
        for (at, field) in (1..SMALL as u8).zip(&fields) {
            if let Some(place) = small.get_mut(field.number as usize) {
                *place = at;
            }
        }
        node.small = small.into();
        node.fields = fields.into();
        node.absent = absent.into();
        node.deferred = deferred.into();
        node
    }

    fn read(&mut self, field: &MessageField, select: SelectId, node: &mut Node) -> Read {
        if let FieldKind::Map { key, value } = &field.kind {
            node.maps += 1;
            return Read::Map(self.map(key, value, select), node.maps - 1);
        }
        if field.cardinality == Cardinality::Repeated {
            let items = self.selections.nodes.get(select.0 as usize).and_then(|select| select.items);
            node.lists += 1;
            return Read::List(self.kind(&field.kind, items.unwrap_or(NOTHING)), node.lists - 1);
        }
        match Scalar::of(&field.kind) {
            Some(scalar) => Read::Scalar(scalar),
            None => Read::Deferred,
        }
    }

    fn map(&mut self, key: &FieldKind, value: &FieldKind, select: SelectId) -> MapRead {
        let record = self.selections.nodes.get(select.0 as usize).and_then(|select| select.record.as_ref());
        let named = record.into_iter().flat_map(|record| &record.fields);
        MapRead {
            key: Scalar::of(key).unwrap_or(Scalar::String),
            named: named
                .map(|field| {
                    let text = self.program.name(field.name).text.as_bytes().into();
                    (text, self.kind(value, field.select))
                })
                .collect(),
            rest: record.and_then(|record| record.rest).map(|rest| self.kind(value, rest)),
        }
    }

    fn kind(&mut self, kind: &FieldKind, select: SelectId) -> Kind {
        match kind {
            FieldKind::Message(message) => Kind::Message(self.message(*message, select)),
            FieldKind::WellKnown(known) if *known != WellKnown::NullValue => Kind::WellKnown(*known),
            other => Kind::Scalar(Scalar::of(other).unwrap_or(Scalar::Null)),
        }
    }
}

/// No selection has this id: nothing is read.
const NOTHING: SelectId = SelectId(u32::MAX);

/// Gives the oneofs of which something is read new numbers, adds their other members to `fields`, and says which
/// slots each has.
fn number_oneofs(fields: &mut Vec<Field>, declared: &[MessageField]) -> Box<[Box<[u32]>]> {
    let mut numbers: Vec<u32> = fields.iter().filter_map(|field| field.oneof).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for other in declared.iter().filter(|other| other.oneof.is_some_and(|oneof| numbers.contains(&oneof))) {
        if !fields.iter().any(|field| field.number == other.number) {
            fields.push(Field {
                number: other.number,
                name: other.name.clone(),
                slot: u32::MAX,
                read: Read::Clear,
                oneof: other.oneof,
            });
        }
    }
    for field in fields.iter_mut() {
        field.oneof = field.oneof.and_then(|oneof| numbers.binary_search(&oneof).ok()).map(|at| at as u32);
    }
    (0..numbers.len() as u32)
        .map(|oneof| {
            let members = fields.iter().filter(|field| field.oneof == Some(oneof) && field.slot != u32::MAX);
            members.map(|field| field.slot).collect()
        })
        .collect()
}

impl Node {
    #[inline]
    fn field(&self, number: u32) -> Option<&Field> {
        if number < SMALL {
            let at = self.small.get(number as usize)?;
            return self.fields.get(usize::from(*at).checked_sub(1)?);
        }
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(at)
    }
}

impl Scalar {
    /// `None` for messages and maps.
    fn of(kind: &FieldKind) -> Option<Self> {
        Some(match kind {
            FieldKind::Double => Self::Double,
            FieldKind::Float => Self::Float,
            FieldKind::Int32 => Self::Int32,
            FieldKind::Int64 => Self::Int64,
            FieldKind::Uint32 => Self::Uint32,
            FieldKind::Uint64 => Self::Uint64,
            FieldKind::Sint32 => Self::Sint32,
            FieldKind::Sint64 => Self::Sint64,
            FieldKind::Fixed32 => Self::Fixed32,
            FieldKind::Fixed64 => Self::Fixed64,
            FieldKind::Sfixed32 => Self::Sfixed32,
            FieldKind::Sfixed64 => Self::Sfixed64,
            FieldKind::Bool => Self::Bool,
            FieldKind::String => Self::String,
            FieldKind::Bytes => Self::Bytes,
            FieldKind::Enum(values) => Self::Enum(values.clone()),
            FieldKind::WellKnown(WellKnown::NullValue) => Self::Null,
            FieldKind::Message(_) | FieldKind::WellKnown(_) | FieldKind::Map { .. } => return None,
        })
    }
}
