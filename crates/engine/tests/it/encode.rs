//! Requests to services, case by case: `testdata/encode/*.json`.

use bumpalo::Bump;
use frontdesk_adapter::{Fault, TraceContext};
use frontdesk_catalog::{Effect, HttpBinding, HttpBody, HttpParam, ParamPlace, ParamStyle, PathPart};
use frontdesk_engine::encode::http::HttpEncoder;
use frontdesk_engine::select::Selectors;
use frontdesk_plan::{Kinds, Program, RecordSelect, Select, SelectId, Selections};
use serde_json::Value as Json;

use crate::files;

fn binding(json: &Json) -> HttpBinding {
    let mut path = Vec::new();
    for part in json["path"].as_str().unwrap().split_inclusive('}') {
        let (literal, arg) = part.split_once('{').unwrap_or((part, ""));
        path.push(PathPart::Literal(literal.into()));
        if !arg.is_empty() {
            path.push(PathPart::Arg(arg.trim_end_matches('}').into()));
        }
    }
    let no_params = Vec::new();
    let params = json["params"].as_array().unwrap_or(&no_params).iter().map(|param| {
        let arg = param["arg"].as_str().unwrap();
        HttpParam {
            arg: arg.into(),
            wire: param["name"].as_str().unwrap_or(arg).into(),
            place: match param["in"].as_str() {
                Some("header") => ParamPlace::Header,
                Some("cookie") => ParamPlace::Cookie,
                _ => ParamPlace::Query,
            },
            style: match param["style"].as_str() {
                Some("simple") => ParamStyle::Simple,
                Some("spaceDelimited") => ParamStyle::SpaceDelimited,
                Some("pipeDelimited") => ParamStyle::PipeDelimited,
                Some("deepObject") => ParamStyle::DeepObject,
                Some("json") => ParamStyle::Json,
                _ => ParamStyle::Form,
            },
            explode: param["explode"].as_bool().unwrap_or(false),
        }
    });
    HttpBinding {
        method: json["method"].as_str().unwrap().into(),
        path,
        params: params.collect(),
        body: match &json["body"] {
            Json::Array(names) => {
                Some(HttpBody::Fields(names.iter().map(|name| name.as_str().unwrap().into()).collect()))
            }
            Json::String(name) => Some(HttpBody::Whole(name.as_str().into())),
            _ => None,
        },
        fields_param: json["fields"].as_str().map(Into::into),
        empty_statuses: Vec::new(),
    }
}

/// Reads everything, objects as maps.
fn everything() -> Selections {
    let record = RecordSelect { fields: Vec::new(), rest: Some(SelectId(0)) };
    let select =
        Select { kinds: Kinds::ALL, record: Some(record), items: Some(SelectId(0)), ..Select::default() };
    Selections { nodes: vec![select] }
}

#[test]
fn arguments_become_requests_or_are_refused() {
    let program = Program::default();
    let selectors = Selectors::new(&everything(), &program);
    let mut count = 0;
    for (file, text) in files("encode", "json") {
        let json: Json = serde_json::from_str(&text).unwrap();
        let encoder = HttpEncoder::new(&binding(&json), Effect::Reads, &program).unwrap();
        for case in json["cases"].as_array().unwrap() {
            let arena = Bump::new();
            let args = arena.alloc_str(&case["args"].to_string());
            let args = selectors.select(SelectId(0), args.as_bytes(), &arena).unwrap();
            let encoded = encoder.encode(args, &program, &arena, TraceContext::default());
            count += 1;
            if let Some(argument) = case["unsendable"].as_str() {
                match encoded {
                    Err(Fault::Unsendable { argument: got, .. }) => {
                        assert_eq!(got, argument, "{file}: {case}");
                    }
                    other => panic!("{file}: {case}: {other:?}"),
                }
                continue;
            }
            let call = encoded.unwrap_or_else(|fault| panic!("{file}: {case}: {fault}"));
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            assert_eq!(
                format!("{} {}", call.method, text(&call.target)),
                case["expect"].as_str().unwrap(),
                "{file}"
            );
            if let Some(headers) = case["headers"].as_array() {
                let got: Vec<_> = call
                    .headers
                    .iter()
                    .map(|(name, value)| serde_json::json!([text(name), text(value)]))
                    .collect();
                assert_eq!(&got, headers, "{file}: {case}");
            }
            if let Some(body) = case["body"].as_str() {
                assert_eq!(text(&call.body), body, "{file}: {case}");
            }
            assert!(call.safe);
        }
    }
    assert!(count > 45, "only {count} cases");
}
