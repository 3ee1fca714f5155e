//! Schemas as JSON Schema 2020-12, which is what OpenAPI 3.1 has.

use frontdesk_types::Deprecation;
use serde_json::{Map, Value, json};

use crate::contract::{Field, Kind, More, Object, Schema};
use frontdesk_lang::model::json::number;

pub(super) const REFERENCE: &str = "#/components/schemas/";

/// Which way the JSON goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Keys that are not known are refused.
    In,
    /// Clients must expect further keys.
    Out,
}

pub(super) fn schema(schema: &Schema, way: Way) -> Map<String, Value> {
    let mut out = kind(schema, way);
    if let Some(doc) = &schema.doc {
        out.insert("description".to_owned(), json!(&**doc));
    }
    if let Some(default) = &schema.default {
        out.insert("default".to_owned(), default.clone());
    }
    if let Some(example) = &schema.example {
        out.insert("examples".to_owned(), json!([example]));
    }
    out
}

fn kind(schema: &Schema, way: Way) -> Map<String, Value> {
    let mut out = Map::new();
    let null = schema.nullable;
    let put_type = |out: &mut Map<String, Value>, name: &str| {
        let value = if null { json!([name, "null"]) } else { json!(name) };
        out.insert("type".to_owned(), value);
    };
    match &schema.kind {
        Kind::Any => {}
        Kind::Null => put(&mut out, "type", json!("null")),
        Kind::Boolean => put_type(&mut out, "boolean"),
        Kind::Number { integer, min, max } => {
            put_type(&mut out, if *integer { "integer" } else { "number" });
            put_some(&mut out, "minimum", min.map(number));
            put_some(&mut out, "maximum", max.map(number));
        }
        Kind::String { min, max, pattern, format } => {
            put_type(&mut out, "string");
            put_some(&mut out, "format", format.as_deref().map(|text| json!(text)));
            put_some(&mut out, "minLength", min.map(|min| json!(min)));
            put_some(&mut out, "maxLength", max.map(|max| json!(max)));
            put_some(&mut out, "pattern", pattern.as_deref().map(|text| json!(text)));
        }
        Kind::Enum(values) => {
            if let Some(name) = type_of_all(values) {
                put_type(&mut out, name);
            }
            let mut values = values.clone();
            if null {
                values.push(Value::Null);
            }
            put(&mut out, "enum", Value::Array(values));
        }
        Kind::Array { items, min, max } => {
            put_type(&mut out, "array");
            put(&mut out, "items", Value::Object(self::schema(items, way)));
            put_some(&mut out, "minItems", min.map(|min| json!(min)));
            put_some(&mut out, "maxItems", max.map(|max| json!(max)));
        }
        Kind::Tuple(items) => {
            put_type(&mut out, "array");
            let written = items.iter().map(|item| Value::Object(self::schema(item, way))).collect();
            put(&mut out, "prefixItems", Value::Array(written));
            // That there are no further items `maxItems` says: some tools take `items: false` for a missing `items`.
            put(&mut out, "items", json!({}));
            put(&mut out, "minItems", json!(items.len()));
            put(&mut out, "maxItems", json!(items.len()));
        }
        Kind::Object(object) => {
            put_type(&mut out, "object");
            members(object, way, &mut out);
        }
        Kind::Reference(name) if !null => put(&mut out, "$ref", json!(format!("{REFERENCE}{name}"))),
        Kind::Reference(name) => {
            put(&mut out, "anyOf", json!([{ "$ref": format!("{REFERENCE}{name}") }, { "type": "null" }]));
        }
        Kind::AnyOf(variants) => {
            let mut written: Vec<Value> =
                variants.iter().map(|variant| Value::Object(self::schema(variant, way))).collect();
            if null {
                written.push(json!({ "type": "null" }));
            }
            put(&mut out, "anyOf", Value::Array(written));
        }
    }
    out
}

fn members(object: &Object, way: Way, out: &mut Map<String, Value>) {
    if !object.fields.is_empty() {
        let fields = object.fields.iter().map(|of| (of.name.to_string(), Value::Object(field(of, way))));
        put(out, "properties", Value::Object(fields.collect()));
    }
    let required: Vec<&str> =
        object.fields.iter().filter(|field| field.required).map(|field| &*field.name).collect();
    if !required.is_empty() {
        put(out, "required", json!(required));
    }
    match &object.more {
        More::Of(of) => put(out, "additionalProperties", Value::Object(schema(of, way))),
        More::None if way == Way::In => put(out, "additionalProperties", json!(false)),
        More::None => {}
    }
}

fn field(field: &Field, way: Way) -> Map<String, Value> {
    let mut out = schema(&field.schema, way);
    put_some(&mut out, "x-since", field.life.since.map(|version| json!(version.to_string())));
    put_some(&mut out, "x-until", field.life.until.map(|version| json!(version.to_string())));
    if let Some(life) = &field.life.deprecated {
        put(&mut out, "deprecated", json!(true));
        put(&mut out, "x-deprecated", deprecation(life));
    }
    if !field.degraded_by.is_empty() {
        let labels: Vec<&str> = field.degraded_by.iter().map(|label| &**label).collect();
        put(&mut out, "x-degraded-by", json!(labels));
    }
    out
}

pub(super) fn deprecation(of: &Deprecation) -> Value {
    let mut out = Map::new();
    put(&mut out, "since", json!(of.since.to_string()));
    put_some(&mut out, "sunset", of.sunset.map(|date| json!(date.to_string())));
    put_some(&mut out, "use", of.instead.as_deref().map(|text| json!(text)));
    put_some(&mut out, "because", of.because.as_deref().map(|text| json!(text)));
    put_some(&mut out, "enforce", of.enforce.then(|| json!(true)));
    Value::Object(out)
}

/// The name of the type that all of them have.
fn type_of_all(values: &[Value]) -> Option<&'static str> {
    let name = |value: &Value| match value {
        Value::String(_) => Some("string"),
        Value::Number(_) => Some("number"),
        Value::Bool(_) => Some("boolean"),
        _ => None,
    };
    let first = name(values.first()?)?;
    values.iter().all(|value| name(value) == Some(first)).then_some(first)
}

pub(super) fn put(out: &mut Map<String, Value>, key: &str, value: Value) {
    out.insert(key.to_owned(), value);
}

pub(super) fn put_some(out: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        out.insert(key.to_owned(), value);
    }
}
