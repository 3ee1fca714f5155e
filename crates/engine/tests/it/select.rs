//! Selection against an oracle: the whole document parsed by serde_json, then masked by the selection.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bumpalo::Bump;
use frontdesk_adapter::Fault;
use frontdesk_engine::select::Selectors;
use frontdesk_engine::value::{Object, Value};
use frontdesk_plan::{FieldSelect, Kinds, Name, NameId, Program, RecordSelect, Select, SelectId, Selections};
use proptest::prelude::*;
use serde_json::Value as Json;

const KEYS: &[&str] = &[
    "id",
    "title",
    "priceMinor",
    "a",
    "7",
    "0",
    "10",
    "descriptionLong",
    "descriptionLang",
    "a\"b",
    "größe",
    "",
];

fn program(keys: &[&str]) -> Program {
    let names = keys
        .iter()
        .map(|key| Name {
            text: (*key).into(),
            json: format!("{}:", Json::from(*key)).into_bytes().into(),
            index: key.parse::<u32>().ok().filter(|index| index.to_string() == **key),
        })
        .collect();
    Program { names, ..Program::default() }
}

fn json_of(value: Value<'_>, program: &Program) -> Json {
    let arena = Bump::new();
    match value {
        Value::Undefined | Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Number(value) => value.into(),
        Value::Digits(text) => serde_json::from_str(text).unwrap(),
        Value::Plain(text) => text.into(),
        Value::Escaped(text) => {
            let decoded = frontdesk_engine::text::decoded(text, &arena);
            String::from_utf8_lossy(decoded).into_owned().into()
        }
        Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        Value::Array(items) => items.iter().map(|item| json_of(*item, program)).collect(),
        Value::Object(Object::Record(record)) => record
            .names
            .iter()
            .zip(record.values)
            .filter(|(_, value)| !matches!(value, Value::Undefined))
            .map(|(name, value)| (program.name(*name).text.to_string(), json_of(*value, program)))
            .collect(),
        Value::Object(Object::Map(map)) => map
            .entries
            .iter()
            .map(|(key, value)| (String::from_utf8_lossy(key).into_owned(), json_of(*value, program)))
            .collect(),
        Value::Verbatim(json) => serde_json::from_slice(json).unwrap(),
    }
}

/// What the selection keeps of a parsed document.
fn masked(json: &Json, id: SelectId, selections: &Selections, program: &Program) -> Json {
    let select = selections.get(id);
    match json {
        json if select.verbatim => json.clone(),
        Json::Object(members) => {
            let Some(record) = &select.record else { return Json::Object(serde_json::Map::new()) };
            let field = |key: &str| record.fields.iter().find(|field| &*program.name(field.name).text == key);
            members
                .iter()
                .filter_map(|(key, value)| {
                    let select = field(key).map(|field| field.select).or(record.rest)?;
                    Some((key.clone(), masked(value, select, selections, program)))
                })
                .collect()
        }
        Json::Array(items) => items
            .iter()
            .map(|item| select.items.map_or(Json::Null, |select| masked(item, select, selections, program)))
            .collect(),
        scalar => scalar.clone(),
    }
}

fn document() -> impl Strategy<Value = String> {
    let space =
        || prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\n\t"), 1 => Just("\r\n                  ")];
    let string = prop_oneof![
        Just(r#""""#.to_owned()),
        "[a-z {}:,\\[\\]]{0,20}".prop_map(|text| format!("\"{text}\"")),
        any::<String>().prop_map(|text| Json::from(text).to_string()),
        prop::collection::vec(
            prop_oneof![
                Just("\\\\"),
                Just("\\\""),
                Just("\\u00e9"),
                Just("\\ud83d\\ude00"),
                Just("x"),
                Just("\\/"),
                Just("ö"),
            ],
            0..50
        )
        .prop_map(|parts| format!("\"{}\"", parts.concat())),
    ];
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("-0.5e-3".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        string,
    ];
    let key = prop_oneof![
        6 => prop::sample::select(KEYS).prop_map(|key| Json::from(key).to_string()),
        1 => Just("\"\\u0069d\"".to_owned()),
        1 => "[a-z]{0,12}".prop_map(|key| format!("\"{key}\"")),
    ];
    let document = scalar.prop_recursive(6, 160, 12, move |inner| {
        let items = prop::collection::vec((space(), inner.clone(), space()), 0..10).prop_map(|items| {
            let items: Vec<_> =
                items.iter().map(|(before, item, after)| format!("{before}{item}{after}")).collect();
            format!("[{}]", items.join(","))
        });
        let members = prop::collection::vec((space(), key.clone(), space(), inner, space()), 0..12);
        let members = members.prop_map(|members| {
            let members: Vec<_> =
                members.iter().map(|(a, key, b, value, c)| format!("{a}{key}{b}:{b}{value}{c}")).collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![1 => items, 2 => members]
    });
    (space(), document, space()).prop_map(|(before, document, after)| format!("{before}{document}{after}"))
}

fn selections() -> impl Strategy<Value = Selections> {
    let field = (0..KEYS.len() as u32, 0..6u32);
    let record = (prop::collection::vec(field, 0..8), prop::option::weighted(0.2, 0..6u32)).prop_map(
        |(fields, rest)| {
            let mut kept: Vec<FieldSelect> = Vec::new();
            for (name, select) in fields {
                if kept.iter().all(|field| field.name != NameId(name)) {
                    kept.push(FieldSelect { name: NameId(name), select: SelectId(select), required: false });
                }
            }
            RecordSelect { fields: kept, rest: rest.map(SelectId) }
        },
    );
    let select = (
        prop::option::weighted(0.9, record),
        prop::option::weighted(0.8, 0..6u32),
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(select, 6).prop_map(|nodes| Selections {
        nodes: nodes
            .into_iter()
            .map(|(record, items, verbatim)| Select {
                kinds: Kinds::ALL,
                strings: None,
                record,
                items: items.map(SelectId),
                verbatim,
            })
            .collect(),
    })
}

/// Strings nested in strings, one selection that validates everything, and so on.
fn everything() -> Selections {
    Selections { nodes: vec![Select { kinds: Kinds::ALL, verbatim: true, ..Select::default() }] }
}

/// Selects, and holds the result to what serde_json says of the same bytes.
fn compare(body: &[u8], selections: &Selections) -> Result<(), TestCaseError> {
    let program = program(KEYS);
    let selectors = Selectors::new(selections, &program);
    let arena = Bump::new();
    let got = selectors.select(SelectId(0), body, &arena);
    match (serde_json::from_slice::<Json>(body), got) {
        (Ok(json), Ok(value)) => {
            prop_assert_eq!(json_of(value, &program), masked(&json, SelectId(0), selections, &program));
        }
        (Ok(_), Err(fault)) => return Err(TestCaseError::fail(format!("refused: {fault}"))),
        // Skipped parts are checked for structure only, so more is let through than serde_json lets through; not
        // so when all is kept.
        (Err(error), Ok(_)) if selections.nodes[0].verbatim => {
            let text = String::from_utf8_lossy(body);
            let known = error.to_string().contains("number out of range") || text.contains("\\u");
            prop_assert!(known, "let through: {}", error);
        }
        (Err(_), _) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn selecting_equals_parsing_and_masking(document in document(), selections in selections()) {
        compare(document.as_bytes(), &selections)?;
    }

    #[test]
    fn damaged_bodies_are_refused_or_read_but_never_panic(
        document in document(),
        selections in selections(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
    ) {
        let mut body = document.into_bytes();
        for (place, byte, how) in damage {
            if body.is_empty() {
                break;
            }
            let at = place.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, b"\"\\{}[],: \x00\x7fY"[usize::from(byte) % 12]),
                2 => drop(body.remove(at)),
                _ => body.truncate(at),
            }
        }
        compare(&body, &selections)?;
        compare(&body, &everything())?;
    }
}

/// Every file that once was a problem, or is of a kind that could be one.
#[test]
fn the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/json_select");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20, "the corpus is there");
    let id = FieldSelect { name: NameId(0), select: SelectId(0), required: false };
    let sparse = Selections {
        nodes: vec![Select {
            kinds: Kinds::ALL,
            record: Some(RecordSelect { fields: vec![id], rest: None }),
            items: Some(SelectId(0)),
            ..Select::default()
        }],
    };
    for file in files {
        let body = std::fs::read(&file).unwrap();
        let program = program(KEYS);
        for selections in [&everything(), &sparse] {
            let selectors = Selectors::new(selections, &program);
            let arena = Bump::new();
            let got = selectors.select(SelectId(0), &body, &arena);
            // `y` must be read, `n` refused; `s` is refused only where it is kept. What the fuzzer has found has no
            // such name, and serde_json judges it.
            let name = file.file_name().unwrap().to_string_lossy();
            let refused = match name.as_bytes() {
                [b'y', b'-', ..] => false,
                [b'n', b'-', ..] => true,
                [b's', b'-', ..] => selections.nodes[0].verbatim,
                _ => {
                    compare(&body, selections).unwrap_or_else(|error| panic!("{name}: {error}"));
                    continue;
                }
            };
            assert_eq!(got.is_err(), refused, "{name}: {got:?}");
        }
    }
}

fn product(fields: Vec<FieldSelect>) -> Select {
    Select { kinds: Kinds::OBJECT, record: Some(RecordSelect { fields, rest: None }), ..Select::default() }
}

/// What one answer is refused for: the pointer, and why.
fn fault(selections: &Selections, body: &str) -> (String, &'static str) {
    let program = program(KEYS);
    let selectors = Selectors::new(selections, &program);
    match selectors.select(SelectId(0), body.as_bytes(), &Bump::new()) {
        Err(Fault::Malformed { pointer, why }) => (pointer, why),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn what_does_not_fit_is_told_by_a_pointer() {
    let field =
        |name, select, required| FieldSelect { name: NameId(name), select: SelectId(select), required };
    let string = Select { kinds: Kinds::STRING, ..Select::default() };
    let closed: Arc<[Arc<str>]> = [Arc::from("new"), Arc::from("a/b")].into();
    let selections = Selections {
        nodes: vec![
            Select { kinds: Kinds::ARRAY, items: Some(SelectId(1)), ..Select::default() },
            product(vec![field(0, 2, true), field(9, 2, false), field(3, 3, false)]),
            string.clone(),
            Select { strings: Some(closed), ..string },
        ],
    };
    let rows = [
        ("{}", "", "an object where the schema has none"),
        ("[null]", "/0", "null where the schema has none"),
        (r#"[{"id":"x"},{"id":1}]"#, "/1/id", "a number where the schema has none"),
        (r#"[{"id":"x"},{"title":"y"}]"#, "/1/id", "a required field is missing"),
        (r#"[{"id":"x","a\"b":true}]"#, "/0/a\"b", "a boolean where the schema has none"),
        (r#"[{"id":"x","a":"old"}]"#, "/0/a", "a string that is not in the schema's `enum`"),
        ("\u{feff}[]", "", "no JSON value where one must be"),
        ("", "", "no JSON value where one must be"),
        ("[] []", "", "something after the end of the value"),
    ];
    for (body, pointer, why) in rows {
        assert_eq!(fault(&selections, body), (pointer.to_owned(), why), "{body}");
    }
    let (program, arena) = (program(KEYS), Bump::new());
    let selectors = Selectors::new(&selections, &program);
    let body = br#"[{"id":"x","a":"\u0061\/b"}]"#;
    assert!(selectors.select(SelectId(0), body, &arena).is_ok(), "an enum value may be written with escapes");
}

#[test]
fn keys_stand_in_javascript_order() {
    let field = |name, select| FieldSelect { name: NameId(name), select: SelectId(select), required: false };
    let any = Select { kinds: Kinds::ALL, ..Select::default() };
    let record = product(vec![field(0, 2), field(6, 2), field(4, 2)]);
    let map = Select {
        kinds: Kinds::OBJECT,
        record: Some(RecordSelect { fields: vec![field(0, 2)], rest: Some(SelectId(2)) }),
        ..Select::default()
    };
    let selections = Selections { nodes: vec![record, map, any] };
    let program = program(KEYS);
    let selectors = Selectors::new(&selections, &program);
    let arena = Bump::new();
    let keys = |id, body: &'static str| match selectors.select(SelectId(id), body.as_bytes(), &arena).unwrap()
    {
        Value::Object(Object::Record(record)) => {
            record.names.iter().map(|name| program.name(*name).text.to_string()).collect::<Vec<_>>()
        }
        Value::Object(Object::Map(map)) => {
            map.entries.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(keys(0, r#"{"id":1}"#), ["7", "10", "id"]);
    assert_eq!(keys(1, r#"{"b":1,"id":2,"10":3,"07":4,"7":5,"b":6}"#), ["7", "10", "b", "id", "07"]);
}

/// A catalogue's answer as Harbor gives it: about forty fields a product, of which three are read.
fn catalogue(products: usize) -> String {
    let product = |i: usize| {
        let text =
            "A sturdy thing for long days at sea, with \\\"rope\\\" included and room for more of it. ";
        let fields: Vec<_> = (0..24).map(|n| format!("\"field{n}\":\"value {n} of {i}\"")).collect();
        format!(
            "{{\"id\":\"p{i}\",\"sku\":\"SKU-{i:08}\",\"title\":\"Product number {i}\",{},\"imageUrl\":\"https://img.example/{i}.jpg\",\
             \"price\":{{\"amountMinor\":{},\"currency\":\"EUR\"}},\"dimensions\":{{\"w\":12.5,\"h\":3,\"d\":40}},\
             \"tags\":[\"new\",\"sale\",\"sea\"],\"description\":\"{}\",\"active\":true,\"rating\":4.5,\"seller\":null,\
             \"attributes\":[{{\"name\":\"colour\",\"value\":\"blue\"}},{{\"name\":\"size\",\"value\":\"L\"}}]}}",
            fields.join(","),
            i * 100,
            text.repeat(6)
        )
    };
    let items: Vec<_> = (0..products).map(product).collect();
    format!("{{\"items\":[{}],\"total\":{products}}}", items.join(","))
}

/// `cargo test -p frontdesk-engine --release -- --ignored --nocapture selection_speed`
#[test]
#[ignore = "prints speeds; says nothing in a debug build"]
fn selection_speed() {
    let keys = ["items", "id", "title", "imageUrl", "none"];
    let program = program(&keys);
    let any = Select { kinds: Kinds::ALL, ..Select::default() };
    let field = |name, select| FieldSelect { name: NameId(name), select: SelectId(select), required: true };
    let selections = Selections {
        nodes: vec![
            product(vec![field(0, 1)]),
            Select { kinds: Kinds::ARRAY, items: Some(SelectId(2)), ..Select::default() },
            product(vec![field(1, 3), field(2, 3), field(3, 3)]),
            any,
            product(vec![FieldSelect { required: false, ..field(4, 3) }]),
            Select { kinds: Kinds::ALL, verbatim: true, ..Select::default() },
        ],
    };
    let selectors = Selectors::new(&selections, &program);
    let body = catalogue(25);
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Json>(&body).unwrap()).unwrap();
    let umlauts = body.replace("sea", "See über größe");
    let bodies = [("compact", body), ("pretty", pretty), ("not ASCII", umlauts)];
    let views = [("three fields of each product", 0), ("all skipped", 4), ("all validated", 5)];
    for (kind, body) in &bodies {
        for (view, id) in views {
            let mut arena = Bump::new();
            let mut best = f64::MAX;
            for _ in 0..200 {
                let start = Instant::now();
                for _ in 0..20 {
                    arena.reset();
                    let value = selectors.select(SelectId(id), body.as_bytes(), &arena);
                    std::hint::black_box(value.is_ok());
                }
                best = best.min(start.elapsed().as_secs_f64() / 20.0);
            }
            let speed = body.len() as f64 / best / 1e9;
            println!("{kind:10} {view:30} {:6} bytes {:7.2} us {speed:6.2} GB/s", body.len(), best * 1e6);
        }
    }
}
