//! Messages and enums → types for views, and tables for the runtime.
//!
//! A message is two types, because presence differs by direction: an answer always shows a proto3 scalar (absent
//! on the wire means its default), while in a request whatever is left out has its default. Both are named, so
//! recursion in a schema is never recursion here: what is mentioned is queued.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{Field, Named, Object, Origin, Type, Types};
use prost_reflect::{
    Cardinality as Label, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
};

use super::place::{Opened, Places};
use super::scalar::{hints, is_nullable, scalar, well_known};
use crate::names::upper_camel;
use crate::{Cardinality, FieldKind, Message, MessageField, MessageId, WellKnown};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

/// An enum's table for the runtime, and its type.
type EnumForms = (Arc<[(i32, Arc<str>)]>, Type);

pub(super) struct Messages<'a> {
    service: Arc<str>,
    places: &'a Places,
    types: &'a mut Types,
    found: &'a mut Vec<Diagnostic>,
    /// Full names of the messages that answers hold. What is only ever sent keeps its plain name.
    answered: HashSet<String>,
    named: HashMap<(String, Direction), Named>,
    taken: HashSet<String>,
    enums: HashMap<String, EnumForms>,
    waiting_types: VecDeque<(MessageDescriptor, Direction, Named)>,
    ids: HashMap<String, MessageId>,
    table: Vec<Message>,
    waiting_tables: VecDeque<(MessageDescriptor, MessageId)>,
}

impl<'a> Messages<'a> {
    pub(super) fn new(
        service: &str,
        opened: &'a Opened,
        types: &'a mut Types,
        found: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            service: service.into(),
            places: &opened.places,
            types,
            found,
            answered: answered(&opened.files),
            named: HashMap::new(),
            taken: HashSet::new(),
            enums: HashMap::new(),
            waiting_types: VecDeque::new(),
            ids: HashMap::new(),
            table: Vec::new(),
            waiting_tables: VecDeque::new(),
        }
    }

    pub(super) fn say(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub(super) fn doc(&self, file: &FileDescriptor, path: &[i32]) -> Option<Arc<str>> {
        self.places.doc(file, path)
    }

    /// Where the name at `path` of `file` is written, or where the schema is mentioned.
    pub(super) fn span(&self, file: &FileDescriptor, path: &[i32]) -> Span {
        self.places.name(file, path).unwrap_or(self.places.mention)
    }

    /// The arguments of a call: the fields of its request, but for `left_out`.
    pub(super) fn args(&mut self, request: &MessageDescriptor, left_out: Option<&str>) -> Type {
        let mut object = self.object(request, Direction::Request);
        object.fields.retain(|field| Some(&*field.name) != left_out);
        Type::Object(Arc::new(object))
    }

    /// The type of an answer.
    pub(super) fn result(&mut self, response: &MessageDescriptor) -> Type {
        if response.fields().len() == 0 {
            return Type::object(Vec::new());
        }
        Type::Named(self.name(response, Direction::Response))
    }

    /// The message in the runtime's table.
    pub(super) fn id(&mut self, message: &MessageDescriptor) -> MessageId {
        if let Some(id) = self.ids.get(message.full_name()) {
            return *id;
        }
        let id = MessageId(self.table.len() as u32);
        self.table.push(Message { name: message.full_name().into(), fields: Vec::new() });
        self.ids.insert(message.full_name().to_owned(), id);
        self.waiting_tables.push_back((message.clone(), id));
        id
    }

    /// Works off what was mentioned, and gives the runtime's table.
    pub(super) fn finish(mut self) -> Vec<Message> {
        while let Some((message, direction, named)) = self.waiting_types.pop_front() {
            let object = self.object(&message, direction);
            let file = message.parent_file();
            let doc = self.places.doc(&file, message.path());
            let origin = self.places.name(&file, message.path());
            let origin = origin.map(|span| Origin { span, schema: message.name().into() });
            self.types.define(&named, Type::Object(Arc::new(object)), doc, origin);
        }
        while let Some((message, id)) = self.waiting_tables.pop_front() {
            let fields = message.fields().filter_map(|field| self.table_field(&field)).collect();
            if let Some(entry) = self.table.get_mut(id.0 as usize) {
                entry.fields = fields;
            }
        }
        self.table
    }

    fn name(&mut self, message: &MessageDescriptor, direction: Direction) -> Named {
        let key = (message.full_name().to_owned(), direction);
        if let Some(named) = self.named.get(&key) {
            return named.clone();
        }
        let is_both = direction == Direction::Request && self.answered.contains(message.full_name());
        let suffix = if is_both { "Input" } else { "" };
        let name = self.free_name(message.full_name(), message.package_name(), suffix);
        let named = self.types.declare(self.service.clone(), name);
        self.named.insert(key, named.clone());
        self.waiting_types.push_back((message.clone(), direction, named.clone()));
        named
    }

    /// `harbor.cart.v1.Cart.Line` → `CartLine`; with its package if that is taken.
    fn free_name(&mut self, full: &str, package: &str, suffix: &str) -> String {
        let short = full.strip_prefix(package).unwrap_or(full);
        let mut name = upper_camel(short) + suffix;
        if self.taken.contains(&name) {
            name = upper_camel(full) + suffix;
        }
        let wanted = name.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}{count}");
        }
        name
    }

    fn object(&mut self, message: &MessageDescriptor, direction: Direction) -> Object {
        let fields =
            message.fields().filter(|field| self.is_understood(field, direction)).collect::<Vec<_>>();
        let fields = fields.iter().map(|field| self.field(field, direction)).collect();
        Object { fields, index: None }
    }

    /// Groups are messages in a form of their own on the wire, given up since proto3; they are not read.
    fn is_understood(&mut self, field: &FieldDescriptor, direction: Direction) -> bool {
        if field.is_group() && direction == Direction::Response {
            let span = self.span(&field.parent_message().parent_file(), field.path());
            self.found.push(
                Diagnostic::warning(
                    codes::catalog::NOT_UNDERSTOOD,
                    format!("the group `{}` is not understood", field.name()),
                    span,
                    "left out of the message's type",
                )
                .help("declare a message, and a field of that type"),
            );
        }
        !field.is_group()
    }

    fn field(&mut self, field: &FieldDescriptor, direction: Direction) -> Field {
        let file = field.parent_message().parent_file();
        let (ty, kind) = self.field_type(field, direction);
        let is_optional = match direction {
            Direction::Request => field.cardinality() != Label::Required,
            Direction::Response => cardinality(field) == Cardinality::Optional,
        };
        let accepts_null =
            direction == Direction::Request && kind.is_some_and(is_nullable) && !field.is_list();
        let deprecated = says(&field.options(), "deprecated");
        let doc = match (self.places.doc(&file, field.path()), deprecated) {
            (Some(text), true) => Some(format!("{text}\n@deprecated").into()),
            (None, true) => Some("@deprecated".into()),
            (text, false) => text,
        };
        let schema: Arc<str> = field.parent_message().name().into();
        let origin = self.places.name(&file, field.path()).map(|span| Origin { span, schema });
        Field {
            name: field.json_name().into(),
            ty: if accepts_null { ty.or_null() } else { ty },
            optional: is_optional,
            doc,
            origin,
            written: None,
            life: None,
            hints: (!field.is_list() && !field.is_map()).then(|| hints(&field.kind(), kind)).flatten(),
        }
    }

    /// The type of a whole field, and the well-known type that a single one of it is.
    fn field_type(&mut self, field: &FieldDescriptor, direction: Direction) -> (Type, Option<WellKnown>) {
        if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
            let (value, _) = self.value_type(&entry.map_entry_value_field().kind(), direction);
            return (Type::map(value), None);
        }
        let (ty, kind) = self.value_type(&field.kind(), direction);
        if field.is_list() { (Type::array(ty), kind) } else { (ty, kind) }
    }

    fn value_type(&mut self, kind: &Kind, direction: Direction) -> (Type, Option<WellKnown>) {
        match kind {
            Kind::Enum(declared) if declared.full_name() == NULL_VALUE => {
                (Type::Null, Some(WellKnown::NullValue))
            }
            Kind::Enum(declared) => (self.enum_forms(declared).1, None),
            Kind::Message(message) => match well_known(message.full_name(), direction) {
                Some((kind, ty)) => (ty, Some(kind)),
                None => (Type::Named(self.name(message, direction)), None),
            },
            other => (scalar(other, direction).map_or(Type::Unknown, |(_, ty)| ty), None),
        }
    }

    /// A closed union of the values' names. An enum is the same in both directions.
    fn enum_forms(&mut self, declared: &EnumDescriptor) -> EnumForms {
        if let Some(forms) = self.enums.get(declared.full_name()) {
            return forms.clone();
        }
        // In the order of declaration: of several names for a number, answers show the first.
        let written = declared.enum_descriptor_proto();
        let values: Vec<(i32, Arc<str>)> =
            written.value.iter().map(|value| (value.number(), value.name().into())).collect();
        let file = declared.parent_file();
        let name = self.free_name(declared.full_name(), declared.package_name(), "");
        let named = self.types.declare(self.service.clone(), name);
        let doc = self.places.doc(&file, declared.path());
        let origin = self.places.name(&file, declared.path());
        let origin = origin.map(|span| Origin { span, schema: declared.name().into() });
        let union = Type::union(values.iter().map(|(_, name)| Type::string(name)));
        self.types.define(&named, union, doc, origin);
        let forms = (Arc::from(values), Type::Named(named));
        self.enums.insert(declared.full_name().to_owned(), forms.clone());
        forms
    }

    fn table_field(&mut self, field: &FieldDescriptor) -> Option<MessageField> {
        if field.is_group() {
            return None;
        }
        let kind = match field.kind() {
            Kind::Message(entry) if field.is_map() => FieldKind::Map {
                key: Box::new(self.table_kind(&entry.map_entry_key_field().kind())),
                value: Box::new(self.table_kind(&entry.map_entry_value_field().kind())),
            },
            other => self.table_kind(&other),
        };
        Some(MessageField {
            number: field.number(),
            name: field.json_name().into(),
            kind,
            cardinality: cardinality(field),
            oneof: oneof(field),
        })
    }

    fn table_kind(&mut self, kind: &Kind) -> FieldKind {
        match kind {
            Kind::Enum(declared) if declared.full_name() == NULL_VALUE => {
                FieldKind::WellKnown(WellKnown::NullValue)
            }
            Kind::Enum(declared) => FieldKind::Enum(self.enum_forms(declared).0),
            Kind::Message(message) => match well_known(message.full_name(), Direction::Response) {
                Some((kind, _)) => FieldKind::WellKnown(kind),
                None => FieldKind::Message(self.id(message)),
            },
            other => scalar(other, Direction::Response).map_or(FieldKind::Bytes, |(kind, _)| kind),
        }
    }
}

const NULL_VALUE: &str = "google.protobuf.NullValue";

/// Whether absence on the wire is seen.
fn cardinality(field: &FieldDescriptor) -> Cardinality {
    if field.is_list() || field.is_map() {
        return Cardinality::Repeated;
    }
    let is_message = matches!(field.kind(), Kind::Message(_));
    // A proto2 enum may have no value 0, so that there is nothing to show for an absent one.
    let has_default = match field.kind() {
        Kind::Enum(declared) => declared.values().any(|value| value.number() == 0),
        _ => true,
    };
    let is_required = field.cardinality() == Label::Required && !is_message && has_default;
    if field.supports_presence() && !is_required { Cardinality::Optional } else { Cardinality::Implicit }
}

/// Which oneof of its message a field is in. What `optional` makes of a field on paper is none.
fn oneof(field: &FieldDescriptor) -> Option<u32> {
    let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic())?;
    let position = field.parent_message().oneofs().position(|other| other == oneof)?;
    u32::try_from(position).ok()
}

/// Whether the boolean option `name` is set.
pub(super) fn says(options: &prost_reflect::DynamicMessage, name: &str) -> bool {
    options.get_field_by_name(name).is_some_and(|value| value.as_bool() == Some(true))
}

/// Every message that can be reached from an answer.
fn answered(files: &[FileDescriptor]) -> HashSet<String> {
    let services = files.iter().flat_map(|file| file.services().collect::<Vec<_>>());
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let mut waiting: Vec<MessageDescriptor> = methods.map(|method| method.output()).collect();
    let mut reached = HashSet::new();
    while let Some(message) = waiting.pop() {
        if reached.insert(message.full_name().to_owned()) {
            let kinds = message.fields().map(|field| field.kind());
            waiting.extend(kinds.filter_map(|kind| kind.as_message().cloned()));
        }
    }
    reached
}
