//! What clients send, case by case: `testdata/input/*.json`.

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::TraceContext;
use frontdesk_engine::emit::write_json;
use frontdesk_engine::input::InputReader;
use frontdesk_engine::outcome::Cause;
use frontdesk_engine::run::{Request, Session};
use frontdesk_lang::model::{Constant, Input, InputPlace, Schema, SchemaKind};
use frontdesk_plan::{Name, Program};
use serde_json::Value as Json;

use crate::files;

fn schema(json: &Json) -> Schema {
    let limit = |name: &str| json[name].as_u64().map(|limit| limit as u32);
    let bound = |name: &str| json[name].as_f64();
    let kind = match json["kind"].as_str().unwrap() {
        "string" => {
            let pattern = json["pattern"].as_str().map(Arc::from);
            SchemaKind::String { min: limit("min"), max: limit("max"), pattern }
        }
        "number" => SchemaKind::Number { min: bound("min"), max: bound("max") },
        "integer" => SchemaKind::Integer { min: bound("min"), max: bound("max") },
        "boolean" => SchemaKind::Boolean,
        "date" => SchemaKind::Date,
        "dateTime" => SchemaKind::DateTime,
        "enum" => {
            let values = json["values"].as_array().unwrap();
            SchemaKind::Enum(values.iter().map(|value| value.as_str().unwrap().into()).collect())
        }
        "array" => {
            SchemaKind::Array { of: Box::new(schema(&json["of"])), min: limit("min"), max: limit("max") }
        }
        "object" => {
            let members = json["members"].as_object().unwrap();
            SchemaKind::Object(
                members.iter().map(|(name, json)| (name.as_str().into(), schema(json))).collect(),
            )
        }
        other => panic!("{other}"),
    };
    Schema {
        kind,
        optional: json["optional"].as_bool().unwrap_or(false),
        nullable: json["nullable"].as_bool().unwrap_or(false),
        default: json["default"].as_f64().map(Constant::Number),
    }
}

fn inputs(json: &Json) -> Vec<Input> {
    let inputs = json.as_object().unwrap().iter().map(|(name, json)| Input {
        name: name.as_str().into(),
        place: match json["in"].as_str().unwrap() {
            "path" => InputPlace::Path,
            "query" => InputPlace::Query,
            "header" => InputPlace::Header,
            _ => InputPlace::Body,
        },
        wire: json["wire"].as_str().unwrap_or(name).into(),
        schema: schema(json),
        span: frontdesk_diagnostics::Span::new(frontdesk_diagnostics::FileId(0), 0, 0),
    });
    inputs.collect()
}

/// What the reader makes of one case.
fn outcome(reader: &InputReader, case: &Json, program: &Program) -> Json {
    let no_members = serde_json::Map::new();
    let members = |name: &str| case[name].as_object().unwrap_or(&no_members);
    let params: Vec<_> =
        members("params").iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let headers = members("headers");
    let request = Request {
        params: &params,
        query: case["query"].as_str().unwrap_or_default(),
        header: &|name| headers.get(name).and_then(Json::as_str).map(str::as_bytes),
        body: case["body"].as_str().unwrap_or_default().as_bytes(),
        session: Session { locale: "en", currency: "EUR", identity: None },
        caller: None,
        client_headers: None,
        trace: TraceContext::default(),
        client_version: None,
    };
    let arena = Bump::new();
    match reader.read(&request, &arena) {
        Ok(value) => {
            let mut out = Vec::new();
            write_json(value, program, &mut out);
            serde_json::json!({ "expect": serde_json::from_slice::<Json>(&out).unwrap() })
        }
        Err(Cause::Input(problems)) => {
            let rows: Vec<_> =
                problems.iter().map(|row| serde_json::json!([row.pointer, row.code])).collect();
            assert!(problems.iter().all(|problem| !problem.detail.is_empty()));
            serde_json::json!({ "problems": rows })
        }
        Err(Cause::MediaType) => serde_json::json!({ "media_type": true }),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn inputs_are_read_or_refused_with_every_problem() {
    let mut count = 0;
    for (file, text) in files("input", "json") {
        let json: Json = serde_json::from_str(&text).unwrap();
        let inputs = inputs(&json["inputs"]);
        // With the names known to the program inputs are records, without they are maps: both must do.
        let names = inputs.iter().map(|input| Name {
            text: input.name.clone(),
            json: format!("\"{}\":", input.name).into_bytes().into(),
            index: None,
        });
        for program in [Program::default(), Program { names: names.collect(), ..Program::default() }] {
            let reader = InputReader::new(&inputs, &program).unwrap();
            for case in json["cases"].as_array().unwrap() {
                let mut expected = case.clone();
                expected
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| ["expect", "problems", "media_type"].contains(&&**key));
                assert_eq!(outcome(&reader, case, &program), expected, "{file}: {case}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "only {count} cases");
}

#[test]
fn a_pattern_that_is_none_is_told_when_provisioning() {
    let inputs = inputs(&serde_json::json!({ "a": { "in": "query", "kind": "string", "pattern": "(" } }));
    let error = InputReader::new(&inputs, &Program::default()).unwrap_err();
    assert!(error.starts_with("input `a`: `(` is no regular expression"), "{error}");
}
