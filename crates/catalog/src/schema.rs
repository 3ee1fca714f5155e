//! The JSON Schema of `frontdesk.yaml`, for completion and checking in editors.
//!
//! Made from the very table that the reader refuses unknown keys by, so the two cannot disagree. The committed
//! copy is `frontdesk.schema.json` beside this crate's manifest; a test says when it is stale.

use serde_json::{Map, Value, json};

use crate::config::keys::{self, Key, Kind};

/// The schema as it is published: JSON Schema 2020-12, two spaces deep, with a line break at the end.
pub fn json_schema() -> String {
    let mut root = section(keys::ROOT);
    if let Value::Object(map) = &mut root {
        map.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".into(), json!("frontdesk.yaml"));
        map.insert(
            "description".into(),
            json!("What BFFs call, where they listen, and what clients may use up."),
        );
    }
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    text
}

fn section(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut value = kind(&key.kind);
            if let Value::Object(map) = &mut value {
                map.insert("description".into(), json!(key.doc));
            }
            (key.name.to_owned(), value)
        })
        .collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    if let (false, Value::Object(map)) = (required.is_empty(), &mut schema) {
        map.insert("required".into(), json!(required));
    }
    schema
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Text => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Literal => json!({ "type": "string", "minLength": 1 }),
        Kind::Path => json!({ "type": "string", "pattern": r"^[^/\\][^\\]*$" }),
        Kind::Url => json!({ "type": "string", "pattern": r"^https?://|\$\{" }),
        Kind::EndpointUrl => {
            json!({ "type": "string", "pattern": r"^(https?|dns(\+https)?|dns\+srv(\+https)?)://|\$\{" })
        }
        Kind::Address => json!({ "type": "string", "pattern": r":[0-9]+$|\$\{" }),
        Kind::Origin => json!({ "type": "string", "pattern": r"^https?://[^/?#@]+$|\$\{" }),
        Kind::Cidr => json!({ "type": "string", "pattern": r"^[0-9a-fA-F.:]+(/[0-9]{1,3})?$|\$\{" }),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Duration => json!({ "type": "string", "pattern": "^[1-9][0-9]* ?(ms|s|m|h)$" }),
        Kind::Size => json!({ "type": "string", "pattern": "^[1-9][0-9]* ?([kKmMgG][iI]?)?[bB]$" }),
        Kind::Count { zero } => json!({ "type": "integer", "minimum": i32::from(!zero) }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Section(keys) => section(keys),
        Kind::Named(value) => json!({ "type": "object", "additionalProperties": kind(value) }),
        Kind::List(item) => json!({ "type": "array", "items": kind(item) }),
        Kind::OneOrMany(item) => {
            json!({ "oneOf": [kind(item), { "type": "array", "minItems": 1, "items": kind(item) }] })
        }
        Kind::Either(one, other) => json!({ "oneOf": [kind(one), kind(other)] }),
    }
}
