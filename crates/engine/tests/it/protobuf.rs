//! Protobuf against an oracle: prost-reflect's dynamic messages and their JSON, for random messages, selections and
//! damage.

mod random;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::LazyLock;

use bumpalo::Bump;
use frontdesk_adapter::{Fault, TraceContext};
use frontdesk_catalog::{
    Binding, Cardinality, Effect, FieldKind, GrpcBinding, Message, MessageId, Service, WellKnown,
};
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_engine::emit::write_json;
use frontdesk_engine::encode::protobuf::MessageEncoder;
use frontdesk_engine::select::protobuf::MessageSelector;
use frontdesk_engine::value::Value;
use frontdesk_plan::{FieldSelect, Kinds, Name, NameId, Program, RecordSelect, Select, SelectId, Selections};
use proptest::prelude::*;
use prost_reflect::prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage,
    SerializeOptions, Value as Reflected,
};
use serde_json::Value as Json;

use random::{Random, message};

struct Schema {
    service: Service,
    pool: DescriptorPool,
    program: Program,
}

static RICH: LazyLock<Schema> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/protobuf");
    let text = std::fs::read_to_string(folder.join("rich.proto")).unwrap();
    let yaml = "services:\n  rich: { grpc: rich.proto, url: http://127.0.0.1:1 }\n";
    let files: BTreeMap<String, String> =
        [("frontdesk.yaml".to_owned(), yaml.to_owned()), ("rich.proto".to_owned(), text)].into();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut catalog = frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics);
    assert!(diagnostics.is_empty());
    let mut compiler = protox::Compiler::new([folder]).unwrap();
    compiler.open_file("rich.proto").unwrap();
    let service = catalog.services.remove(0);
    let mut program = Program::default();
    for name in service.messages.iter().flat_map(|message| &message.fields).map(|field| &field.name) {
        intern(&mut program, name);
    }
    for name in ["1", "a", "true"] {
        intern(&mut program, name);
    }
    Schema { service, pool: compiler.descriptor_pool(), program }
});

fn intern(program: &mut Program, text: &str) {
    if !program.names.iter().any(|name| *name.text == *text) {
        let index = text.parse::<u32>().ok();
        program.names.push(Name {
            text: text.into(),
            json: format!("\"{text}\":").into_bytes().into(),
            index,
        });
    }
}

impl Schema {
    fn binding(&self, operation: usize) -> &GrpcBinding {
        match &self.service.operations[operation].binding {
            Binding::Grpc(binding) => binding,
            Binding::Http(_) => panic!("a gRPC operation"),
        }
    }

    fn all(&self) -> (MessageId, MessageDescriptor) {
        (self.binding(0).response, self.pool.get_message_by_name("rich.All").unwrap())
    }

    fn name(&self, text: &str) -> NameId {
        NameId(self.program.names.iter().position(|name| *name.text == *text).unwrap() as u32)
    }

    fn selector(&self, selections: &Selections) -> MessageSelector {
        MessageSelector::new(&self.service.messages, self.all().0, selections, SelectId(0), &self.program)
    }

    fn encoder(&self) -> MessageEncoder {
        MessageEncoder::new(self.binding(0), &self.service.messages, Effect::Reads, &self.program)
    }

    fn read(&self, selections: &Selections, bytes: &[u8]) -> Result<Json, Fault> {
        let arena = Bump::new();
        let selector = self.selector(selections);
        let value = selector.select(bytes, &arena)?;
        let mut out = Vec::new();
        assert!(write_json(value, &self.program, &mut out));
        Ok(serde_json::from_slice(&out).unwrap())
    }

    fn write(&self, json: &Json) -> Result<Vec<u8>, Fault> {
        let arena = Bump::new();
        let text = json.to_string();
        let args = Value::Verbatim(arena.alloc_slice_copy(text.as_bytes()));
        Ok(self.encoder().encode(args, &self.program, &arena, TraceContext::default())?.body)
    }
}

/// The oracle's JSON with every field that is not absent.
fn json(message: &DynamicMessage) -> Json {
    let options = SerializeOptions::new().skip_default_fields(false);
    let mut out = Vec::new();
    // By way of text, because a float has its own shortest text.
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// What a selection leaves of the oracle's JSON.
fn masked(message: &DynamicMessage, json: &Json, id: SelectId, selections: &Selections) -> Json {
    let fields = selections.get(id).record.as_ref().map_or(&[][..], |record| &record.fields);
    let mut out = serde_json::Map::new();
    for wanted in fields {
        let name = &*RICH.program.name(wanted.name).text;
        let field = message.descriptor().get_field_by_json_name(name).unwrap();
        if field.supports_presence() && !message.has_field(&field) {
            continue;
        }
        let value = message.get_field(&field);
        out.insert(name.to_owned(), masked_field(&field, &value, &json[name], wanted.select, selections));
    }
    out.into()
}

fn masked_field(
    field: &FieldDescriptor,
    value: &Reflected,
    json: &Json,
    id: SelectId,
    selections: &Selections,
) -> Json {
    let select = selections.get(id);
    match value {
        Reflected::List(items) => {
            let of =
                |(item, json)| masked_value(&field.kind(), item, json, select.items.unwrap(), selections);
            items.iter().zip(json.as_array().unwrap()).map(of).collect()
        }
        Reflected::Map(entries) => {
            let Kind::Message(entry) = field.kind() else { panic!("an entry") };
            let kind = entry.map_entry_value_field().kind();
            let record = select.record.as_ref().unwrap();
            let of = |(key, value): (&MapKey, &Reflected)| {
                let key = match key {
                    MapKey::Bool(key) => key.to_string(),
                    MapKey::I32(key) => key.to_string(),
                    MapKey::I64(key) => key.to_string(),
                    MapKey::U32(key) => key.to_string(),
                    MapKey::U64(key) => key.to_string(),
                    MapKey::String(key) => key.clone(),
                };
                let named = record.fields.iter().find(|field| *RICH.program.name(field.name).text == *key);
                let select = named.map(|field| field.select).or(record.rest)?;
                let value = masked_value(&kind, value, &json[&key], select, selections);
                Some((key, value))
            };
            entries.iter().filter_map(of).collect()
        }
        single => masked_value(&field.kind(), single, json, id, selections),
    }
}

fn masked_value(kind: &Kind, value: &Reflected, json: &Json, id: SelectId, selections: &Selections) -> Json {
    match (kind, value) {
        (Kind::Message(descriptor), Reflected::Message(message))
            if !descriptor.full_name().starts_with("google.protobuf.") =>
        {
            masked(message, json, id, selections)
        }
        _ => finite(kind, json),
    }
}

/// Where JSON says `"NaN"`, JavaScript has a number that JSON cannot say.
fn finite(kind: &Kind, json: &Json) -> Json {
    let is_float = match kind {
        Kind::Double | Kind::Float => true,
        Kind::Message(wrapper) => {
            ["google.protobuf.DoubleValue", "google.protobuf.FloatValue"].contains(&wrapper.full_name())
        }
        _ => false,
    };
    if is_float && json.is_string() { Json::Null } else { json.clone() }
}

/// Two shortest ways to write one `float`: where its value lies in the middle of both, printers differ.
fn same_float(a: f64, b: f64) -> bool {
    let is_short = |n: f64| n.to_string().bytes().filter(u8::is_ascii_digit).count() <= 9;
    is_short(a) && is_short(b) && a as f32 == b as f32
}

/// Equal as JavaScript sees it: numbers by value, members in any order.
fn same(read: &Json, wanted: &Json, place: &str) -> Result<(), TestCaseError> {
    match (read, wanted) {
        (Json::Object(read), Json::Object(wanted)) => {
            let (mut keys, mut others): (Vec<_>, Vec<_>) = (read.keys().collect(), wanted.keys().collect());
            keys.sort();
            others.sort();
            prop_assert_eq!(keys, others, "the members of {}", place);
            read.iter().try_for_each(|(key, read)| same(read, &wanted[key], &format!("{place}/{key}")))
        }
        (Json::Array(read), Json::Array(wanted)) => {
            prop_assert_eq!(read.len(), wanted.len(), "the length of {}", place);
            let pairs = read.iter().zip(wanted).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(at, (read, wanted))| same(read, wanted, &format!("{place}/{at}")))
        }
        (Json::Number(read), Json::Number(wanted)) => {
            let (read, wanted) = (read.as_f64().unwrap(), wanted.as_f64().unwrap());
            // serde_json may be one unit off when it reads many digits.
            let close = (read - wanted).abs() <= wanted.abs() * 4e-16;
            prop_assert!(close || same_float(read, wanted), "{}: {} {}", place, read, wanted);
            Ok(())
        }
        _ => {
            prop_assert_eq!(read, wanted, "{}", place);
            Ok(())
        }
    }
}

/// A selection of everything, or of what `keeps` says yes to.
struct Selecting<'s> {
    schema: &'s Schema,
    selections: Selections,
    known: HashMap<MessageId, SelectId>,
    keeps: &'s mut dyn FnMut() -> bool,
}

impl Selecting<'_> {
    fn of(schema: &Schema, keeps: &mut dyn FnMut() -> bool) -> Selections {
        let mut selecting =
            Selecting { schema, selections: Selections::default(), known: HashMap::new(), keeps };
        selecting.message(schema.all().0);
        selecting.selections
    }

    fn push(&mut self, select: Select) -> SelectId {
        self.selections.nodes.push(select);
        SelectId(self.selections.nodes.len() as u32 - 1)
    }

    fn message(&mut self, message: MessageId) -> SelectId {
        if let Some(known) = self.known.get(&message) {
            return *known;
        }
        let id = self.push(Select::default());
        self.known.insert(message, id);
        let declared: &Message = &self.schema.service.messages[message.0 as usize];
        let mut fields = Vec::new();
        for field in &declared.fields {
            if (self.keeps)() {
                let select = self.field(&field.kind, &field.cardinality);
                fields.push(FieldSelect { name: self.schema.name(&field.name), select, required: false });
            }
        }
        let middle = fields.len() / 2;
        fields.rotate_left(middle);
        let record = Some(RecordSelect { fields, rest: None });
        self.selections.nodes[id.0 as usize] = Select { kinds: Kinds::OBJECT, record, ..Select::default() };
        id
    }

    fn field(&mut self, kind: &FieldKind, cardinality: &Cardinality) -> SelectId {
        if let FieldKind::Map { value, .. } = kind {
            let rest = (self.keeps)().then(|| self.value(value));
            let mut fields = Vec::new();
            for name in ["1", "a", "true"] {
                if rest.is_none() || !(self.keeps)() {
                    let select = self.value(value);
                    fields.push(FieldSelect { name: self.schema.name(name), select, required: false });
                }
            }
            let record = Some(RecordSelect { fields, rest });
            return self.push(Select { kinds: Kinds::OBJECT, record, ..Select::default() });
        }
        let value = self.value(kind);
        if *cardinality != Cardinality::Repeated {
            return value;
        }
        self.push(Select { kinds: Kinds::ARRAY, items: Some(value), ..Select::default() })
    }

    fn value(&mut self, kind: &FieldKind) -> SelectId {
        match kind {
            FieldKind::Message(message) => self.message(*message),
            _ => self.push(Select { kinds: Kinds::ALL, ..Select::default() }),
        }
    }
}

fn everything() -> Selections {
    Selecting::of(&RICH, &mut || true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_read_is_the_oracles_json(seed: u64) {
        let selections = everything();
        let message = message(&RICH.all().1, 3, &mut Random(seed));
        let read = RICH.read(&selections, &message.encode_to_vec()).unwrap();
        same(&read, &masked(&message, &json(&message), SelectId(0), &selections), "")?;
    }

    #[test]
    fn a_part_read_is_that_part_of_the_oracles_json(seed: u64, sparse in 2usize..6) {
        let mut random = Random(seed);
        let message = message(&RICH.all().1, 3, &mut random);
        let selections = Selecting::of(&RICH, &mut || random.one_in(sparse));
        let read = RICH.read(&selections, &message.encode_to_vec()).unwrap();
        same(&read, &masked(&message, &json(&message), SelectId(0), &selections), "")?;
    }

    #[test]
    fn messages_one_after_the_other_are_merged(seed: u64, sparse in 1usize..4) {
        let mut random = Random(seed);
        let bytes = (0..3).flat_map(|_| message(&RICH.all().1, 2, &mut random).encode_to_vec()).collect::<Vec<u8>>();
        let merged = DynamicMessage::decode(RICH.all().1, bytes.as_slice()).unwrap();
        let selections = Selecting::of(&RICH, &mut || random.one_in(sparse));
        let selections = if sparse == 1 { everything() } else { selections };
        let read = RICH.read(&selections, &bytes);
        // Seconds of one and nanoseconds of the other may have different signs.
        if matches!(read, Err(Fault::Malformed { why: "a duration that is out of range", .. })) {
            return Ok(());
        }
        same(&read.unwrap(), &masked(&merged, &json(&merged), SelectId(0), &selections), "")?;
    }

    #[test]
    fn damage_is_a_fault_and_never_a_panic(seed: u64) {
        let mut random = Random(seed);
        let mut bytes = message(&RICH.all().1, 2, &mut random).encode_to_vec();
        for _ in 0..=random.below(4) {
            if !bytes.is_empty() {
                let at = random.below(bytes.len());
                bytes[at] = random.of(&[0, 0xff, 0x80, random_byte(seed)]);
            }
        }
        bytes.truncate(bytes.len() - random.below(2) * random.below(bytes.len() + 1));
        let _ = RICH.read(&everything(), &bytes);
        let _ = RICH.read(&Selecting::of(&RICH, &mut || random.one_in(3)), &bytes);
    }

    #[test]
    fn json_written_is_the_message_it_came_from(seed: u64) {
        let message = message(&RICH.all().1, 3, &mut Random(seed));
        let mut out = Vec::new();
        let options = SerializeOptions::new().skip_default_fields(seed % 2 == 0);
        message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options).unwrap();
        let written = RICH.write(&serde_json::from_slice(&out).unwrap()).unwrap();
        let back = DynamicMessage::decode(RICH.all().1, written.as_slice()).unwrap();
        same(&json(&back), &json(&message), "")?;
    }

    #[test]
    fn any_json_is_written_or_refused(seed: u64) {
        let mut random = Random(seed);
        let names: Vec<String> = RICH.program.names.iter().map(|name| name.text.to_string()).collect();
        let json = any_json(&names, 4, &mut random);
        if let Ok(bytes) = RICH.write(&json) {
            prop_assert!(DynamicMessage::decode(RICH.all().1, bytes.as_slice()).is_ok());
        }
    }
}

fn random_byte(seed: u64) -> u8 {
    (seed >> 17) as u8
}

fn any_json(names: &[String], depth: u32, random: &mut Random) -> Json {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => Json::Null,
        1 => Json::Bool(true),
        2 => Json::from(random.float()),
        3 => Json::from(random.bits()),
        4 => {
            Json::from(random.of(&["", "RED", "12", "-1", "2024-02-29T12:00:00.5+01:00", "1.5s", "AA=", "x"]))
        }
        5 => (0..random.below(3)).map(|_| any_json(names, depth - 1, random)).collect(),
        _ => {
            let members =
                (0..random.below(6)).map(|_| (random.of(names), any_json(names, depth - 1, random)));
            Json::Object(members.collect())
        }
    }
}

fn malformed(bytes: &[u8]) -> (String, &'static str) {
    match RICH.read(&everything(), bytes) {
        Err(Fault::Malformed { pointer, why }) => (pointer, why),
        other => panic!("{bytes:?} gave {other:?}"),
    }
}

#[test]
fn what_is_no_message_says_where() {
    let cut = "the message ends within a field";
    let misfit = "the wire type is not that of the schema";
    let rows: &[(&[u8], &str, &str)] = &[
        (b"\x08", "", cut),
        (b"\x80", "", cut),
        (b"\x09\0\0\0", "", cut),
        (b"\x72\x05ab", "", cut),
        (b"\x72\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "", cut),
        (b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "", "a number has more than 64 bits"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "", "a number has more than 64 bits"),
        (b"\x80\x80\x80\x80\x80\x01", "", "a field number is too large"),
        (b"\0\0", "", "a field has the number 0"),
        (b"\x06", "", "a field has the number 0"),
        (b"\x0e", "", "no such wire type"),
        (b"\x0c", "", "a group ends that did not begin"),
        (b"\x9b\x06\x14", "", "a group ends that did not begin"),
        (b"\x9b\x06\x08\x01", "", cut),
        (b"\x0d\0\0\0\0", "/doubleField", misfit),
        (b"\x70\x01", "/stringField", misfit),
        (b"\x72\x02\xc3\x28", "/stringField", "a string is not UTF-8"),
        (b"\x80\x01\x63", "/colour", "a number that the schema's enum does not have"),
        (b"\x8a\x01\x03\x0a\x01\xff", "/leaf/id", "a string is not UTF-8"),
        (b"\x8a\x01\x02\x0a\x05", "/leaf", cut),
        (b"\xda\x01\0\xda\x01\x01\xff", "/names/1", "a string is not UTF-8"),
        (b"\xb2\x01\x02\x01\x80", "/numbers/1", cut),
        (b"\xca\x02\x08\x08\x05\x12\x04\x0a\x02\xc3\x28", "/leavesByNumber/5/id", "a string is not UTF-8"),
        (b"\xb2\x04\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "/timestamp", {
            "a timestamp outside the years 1 to 9999"
        }),
        (b"\xba\x04\x04\x08\x01\x10\x80", "/duration", cut),
        (b"\xc2\x04\x03\x0a\x01A", "/mask", "a path of a field mask that JSON cannot say"),
    ];
    for (bytes, pointer, why) in rows {
        assert_eq!(malformed(bytes), ((*pointer).to_owned(), *why), "{bytes:x?}");
    }
}

#[test]
fn what_the_schema_does_not_know_is_passed_over() {
    // Field 99 in every wire type, with a group in a group.
    let unknown: &[u8] =
        b"\x98\x06\x01\x99\x06\0\0\0\0\0\0\0\0\x9a\x06\x01x\x9b\x06\x0b\x08\x01\x0c\x12\x01y\x9c\x06\x9d\x06\0\0\0\0";
    let mut bytes = unknown.to_vec();
    bytes.extend_from_slice(b"\x72\x02hi");
    bytes.extend_from_slice(unknown);
    let read = RICH.read(&everything(), &bytes).unwrap();
    assert_eq!(read["stringField"], "hi");
}

#[test]
fn nesting_has_an_end() {
    let mut bytes = Vec::new();
    for _ in 0..99 {
        let child = std::mem::take(&mut bytes);
        bytes = b"\x92\x01".to_vec();
        prost_reflect::prost::encoding::encode_varint(child.len() as u64, &mut bytes);
        bytes.extend_from_slice(&child);
    }
    assert!(RICH.read(&everything(), &bytes).is_ok());
    let child = bytes.clone();
    let mut bytes = b"\x92\x01".to_vec();
    prost_reflect::prost::encoding::encode_varint(child.len() as u64, &mut bytes);
    bytes.extend_from_slice(&child);
    assert_eq!(malformed(&bytes).1, "nested too deep");
    // Nobody reads it, so nobody goes down.
    let nothing = Selections { nodes: vec![Select { kinds: Kinds::OBJECT, ..Select::default() }] };
    assert!(RICH.read(&nothing, &bytes).is_ok());
    let mut groups = b"\x9b\x06".repeat(200);
    groups.extend_from_slice(&b"\x9c\x06".repeat(200));
    assert_eq!(malformed(&groups).1, "nested too deep");
}

#[test]
fn arguments_that_a_field_cannot_hold_are_named() {
    let rows = [
        (r#"{"int32Field":2147483648}"#, "int32Field", "an integer out of the field's range"),
        (r#"{"int32Field":1.5}"#, "int32Field", "not an integer"),
        (r#"{"int32Field":true}"#, "int32Field", "not an integer"),
        (r#"{"uint32Field":-1}"#, "uint32Field", "an integer out of the field's range"),
        (r#"{"uint64Field":"18446744073709551616"}"#, "uint64Field", "an integer out of the field's range"),
        (r#"{"int64Field":"x"}"#, "int64Field", "not an integer"),
        (r#"{"floatField":1e300}"#, "floatField", "a number out of the field's range"),
        (r#"{"doubleField":"1,5"}"#, "doubleField", "not a number"),
        (r#"{"boolField":1}"#, "boolField", "not a boolean"),
        (r#"{"stringField":1}"#, "stringField", "not a string"),
        (r#"{"stringField":"\ud800"}"#, "stringField", "a string with a lone surrogate"),
        (r#"{"bytesField":"&"}"#, "bytesField", "not base64"),
        (r#"{"colour":"MAUVE"}"#, "colour", "not a name of the field's enum"),
        (r#"{"leaf":"x"}"#, "leaf", "not an object"),
        (r#"{"child":{"leaves":[{},{"count":"x"}]}}"#, "child.leaves[1].count", "not an integer"),
        (r#"{"numbers":[1,null]}"#, "numbers[1]", "null in a list"),
        (r#"{"numbers":{}}"#, "numbers", "not a list"),
        (r#"{"leavesByNumber":{"x":{}}}"#, "leavesByNumber[\"x\"]", "not an integer"),
        (r#"{"byFlag":{"yes":"RED"}}"#, "byFlag[\"yes\"]", "not a boolean"),
        (r#"{"texts":[]}"#, "texts", "not an object"),
        (r#"{"chosenText":"a","chosenLong":1}"#, "chosenLong", "another member of the same oneof is set"),
        (r#"{"timestamp":"yesterday"}"#, "timestamp", "not a moment in RFC 3339"),
        (r#"{"duration":"1m"}"#, "duration", "not a duration such as `1.5s`"),
        (r#"{"duration":"315576000001s"}"#, "duration", "a duration out of range"),
        (r#"{"mask":"a_b"}"#, "mask", "a path of a field mask is written in lowerCamelCase"),
        (r#"{"int32Value":"x"}"#, "int32Value", "not an integer"),
        ("[]", "", "not an object"),
    ];
    for (json, argument, why) in rows {
        let arena = Bump::new();
        let args = Value::Verbatim(json.as_bytes());
        let refused = RICH.encoder().encode(args, &RICH.program, &arena, TraceContext::default());
        let wanted = Fault::Unsendable { argument: argument.to_owned(), why };
        assert_eq!(refused.map(|call| call.body), Err(wanted), "{json}");
    }
}

#[test]
fn arguments_are_taken_in_every_form_that_json_allows() {
    let rows = [
        (r#"{"int64Field":12,"uint64Field":"18446744073709551615","int32Field":"7","sint32Field":-1e2}"#, {
            r#"{"int64Field":"12","uint64Field":"18446744073709551615","int32Field":7,"sint32Field":-100}"#
        }),
        (r#"{"colour":2,"maybeColour":"COLD","boolField":false,"stringField":null}"#, {
            r#"{"colour":"GREEN","maybeColour":"COLD"}"#
        }),
        (
            r#"{"bytesField":"-_8","blobs":["+/8=","+/8"]}"#,
            r#"{"bytesField":"+/8=","blobs":["+/8=","+/8="]}"#,
        ),
        (r#"{"timestamp":"1969-12-31T23:59:59.25-01:00","duration":"-0.000001s","mask":"a.bC,d"}"#, {
            r#"{"timestamp":"1970-01-01T00:59:59.250Z","duration":"-0.000001s","mask":"a.bC,d"}"#
        }),
        (r#"{"timestamp":"1969-12-31T23:59:59.25Z"}"#, r#"{"timestamp":"1969-12-31T23:59:59.250Z"}"#),
        (r#"{"value":null,"boolValue":null,"maybeNumber":null,"struct":{"a":[1,{"b":null}]}}"#, {
            r#"{"value":null,"struct":{"a":[1,{"b":null}]}}"#
        }),
        (r#"{"unknown":1,"doubleField":"1e2","floatValue":"2.5","empty":{}}"#, {
            r#"{"doubleField":100,"floatValue":2.5,"empty":{}}"#
        }),
    ];
    for (json, wanted) in rows {
        let written = RICH.write(&serde_json::from_str(json).unwrap()).unwrap();
        let back = DynamicMessage::decode(RICH.all().1, written.as_slice()).unwrap();
        same(&serde_json::to_value(&back).unwrap(), &serde_json::from_str(wanted).unwrap(), json).unwrap();
    }
}

#[test]
fn an_any_keeps_its_bytes() {
    let schema = &*RICH;
    let binding = schema.binding(1);
    let encoder = MessageEncoder::new(binding, &schema.service.messages, Effect::Writes, &schema.program);
    let arena = Bump::new();
    let json = br#"{"any":{"@type":"type.googleapis.com/x","value":"AQI="}}"#;
    let call =
        encoder.encode(Value::Verbatim(json), &schema.program, &arena, TraceContext::default()).unwrap();
    assert_eq!((call.safe, call.target), (false, b"/rich.Rich/Wrap".to_vec()));
    let field = &schema.service.messages[binding.response.0 as usize].fields[1];
    assert_eq!(field.kind, FieldKind::WellKnown(WellKnown::Any));
    let any = Select { kinds: Kinds::ALL, verbatim: true, ..Select::default() };
    let fields = vec![FieldSelect { name: schema.name("any"), select: SelectId(1), required: false }];
    let record = Some(RecordSelect { fields, rest: None });
    let selections =
        Selections { nodes: vec![Select { kinds: Kinds::OBJECT, record, ..Select::default() }, any] };
    let selector = MessageSelector::new(
        &schema.service.messages,
        binding.response,
        &selections,
        SelectId(0),
        &schema.program,
    );
    let value = selector.select(&call.body, &arena).unwrap();
    let mut out = Vec::new();
    write_json(value, &schema.program, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(json.to_vec()).unwrap());
}

/// Inputs that once went wrong, or that are built to, and messages that the fuzzer begins with.
#[test]
fn the_corpus_is_read() {
    let (whole, program) = MessageSelector::whole(&RICH.service.messages, RICH.all().0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/protobuf_select");
    if std::env::var_os("UPDATE").is_some() {
        for seed in 0..12 {
            let message = message(&RICH.all().1, 2, &mut Random(seed)).encode_to_vec();
            std::fs::write(folder.join(format!("message-{seed}")), message).unwrap();
        }
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let arena = Bump::new();
        match whole.select(&bytes, &arena) {
            Ok(value) => {
                let mut out = Vec::new();
                write_json(value, &program, &mut out);
                let read = serde_json::from_slice(&out).unwrap();
                same(&RICH.read(&everything(), &bytes).unwrap(), &read, &path.display().to_string()).unwrap();
            }
            Err(fault) => assert_eq!(RICH.read(&everything(), &bytes), Err(fault), "{}", path.display()),
        }
    }
}
