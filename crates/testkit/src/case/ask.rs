//! `{ endpoint, input }` as the request a client would send.

use bytes::Bytes;
use frontdesk_contract::example::Knobs;
use frontdesk_lang::model::{Input, InputPlace, RoutePart};
use frontdesk_plan::EndpointPlan;
use http::Request;
use http::header::CONTENT_TYPE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::schema;

/// RFC 3986 §2.3: what stands for itself.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The input, or what of it cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unaskable(pub String);

/// A request to `plan` with these inputs. Without `inputs`, those that must be there are made up.
pub fn request(
    plan: &EndpointPlan,
    inputs: Option<&Map<String, Value>>,
) -> Result<Request<Bytes>, Unaskable> {
    let made_up;
    let inputs = match inputs {
        Some(inputs) => inputs,
        None => {
            made_up = required(&plan.inputs);
            &made_up
        }
    };
    let mut path = String::new();
    for part in &plan.route {
        match part {
            RoutePart::Literal(text) => path.push_str(text),
            RoutePart::Param(name) => {
                let text = inputs.get(&**name).map(text).unwrap_or_default();
                path.push_str(&utf8_percent_encode(&text, KEPT).to_string());
            }
        }
    }
    let mut separator = '?';
    let mut builder = Request::builder().method(&*plan.method);
    let mut body = Map::new();
    let mut has_body = false;
    for input in &plan.inputs {
        has_body |= input.place == InputPlace::Body;
        let Some(value) = inputs.get(&*input.name) else { continue };
        match input.place {
            InputPlace::Path => {}
            InputPlace::Query => {
                let values = match value {
                    Value::Array(items) => items.as_slice(),
                    other => std::slice::from_ref(other),
                };
                for value in values.iter().filter(|value| !value.is_null()) {
                    let (name, value) = (utf8_percent_encode(&input.wire, KEPT).to_string(), text(value));
                    path.push_str(&format!("{separator}{name}={}", utf8_percent_encode(&value, KEPT)));
                    separator = '&';
                }
            }
            InputPlace::Header => builder = builder.header(&*input.wire, text(value)),
            InputPlace::Body => {
                body.insert(input.wire.to_string(), value.clone());
            }
        }
    }
    let bytes = if has_body { Value::Object(body).to_string().into() } else { Bytes::new() };
    if has_body {
        builder = builder.header(CONTENT_TYPE, "application/json");
    }
    builder.uri(path).body(bytes).map_err(|error| Unaskable(error.to_string()))
}

/// What must be there, made up.
fn required(inputs: &[Input]) -> Map<String, Value> {
    let needed = inputs.iter().filter(|input| !input.schema.optional && input.schema.default.is_none());
    needed
        .map(|input| {
            let value = schema::value(&input.schema, &input.name, &input.name, Knobs::default());
            (input.name.to_string(), value)
        })
        .collect()
}

/// Every input, asking for as much as it may.
pub fn largest(inputs: &[Input]) -> Map<String, Value> {
    let value = |input: &Input| schema::largest(&input.schema, &input.name);
    inputs.iter().map(|input| (input.name.to_string(), value(input))).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
