//! Schemas, read back.

use std::sync::Arc;

use frontdesk_catalog::tree::{Map, Node, Value as Tree};
use frontdesk_types::Life;
use serde_json::Value;

use super::Reader;
use crate::contract::{Field, Kind, More, Object, Schema, Written};
use crate::openapi::schema::REFERENCE;

impl Reader {
    pub(super) fn schema(&mut self, node: &Node) -> Schema {
        let Some(map) = node.as_map() else { return self.wrong(node, "a schema").unwrap_or_default() };
        let (kind, nullable) = self.kind(map);
        let example = map.get("examples").and_then(|node| node.as_list()).and_then(<[_]>::first);
        Schema {
            kind,
            nullable,
            doc: map.get("description").and_then(|node| self.text_of(node)),
            default: map.get("default").map(|node| node.to_json()),
            example: example.map(|node| node.to_json()),
        }
    }

    fn kind(&mut self, map: &Map) -> (Kind, bool) {
        if let Some(name) = map.get("$ref") {
            return (self.reference(name), false);
        }
        if map.get("anyOf").is_some() {
            return self.any_of(map);
        }
        let (name, nullable) = match map.get("type").map(|node| &node.value) {
            None => (None, false),
            Some(Tree::List(names)) => (names.first().and_then(|name| name.as_str()), true),
            Some(Tree::String(name)) => (Some(name.as_str()), false),
            Some(_) => {
                let node = map.get("type").cloned();
                let _: Option<()> = node.and_then(|node| self.wrong(&node, "the name of a type"));
                (None, false)
            }
        };
        if map.get("enum").is_some() {
            let mut values: Vec<Value> = self.list(map, "enum").iter().map(|node| node.to_json()).collect();
            let is_last_null = values.last() == Some(&Value::Null);
            if is_last_null {
                values.pop();
            }
            return (Kind::Enum(values), is_last_null);
        }
        let kind = match name {
            None => Kind::Any,
            Some("null") => Kind::Null,
            Some("boolean") => Kind::Boolean,
            Some(name @ ("integer" | "number")) => Kind::Number {
                integer: name == "integer",
                min: map.get("minimum").and_then(|node| self.number(node)),
                max: map.get("maximum").and_then(|node| self.number(node)),
            },
            Some("string") => Kind::String {
                min: self.count(map, "minLength"),
                max: self.count(map, "maxLength"),
                pattern: map.get("pattern").and_then(|node| self.text_of(node)),
                format: map.get("format").and_then(|node| self.text_of(node)),
            },
            Some("array") if map.get("prefixItems").is_some() => {
                let items = self.list(map, "prefixItems").to_vec();
                Kind::Tuple(items.iter().map(|item| self.schema(item)).collect())
            }
            Some("array") => Kind::Array {
                items: Box::new(map.get("items").map(|node| self.schema(node)).unwrap_or_default()),
                min: self.count(map, "minItems"),
                max: self.count(map, "maxItems"),
            },
            Some("object") => Kind::Object(self.object(map)),
            Some(other) => {
                if let Some(node) = map.get("type") {
                    self.edited(node.span, format!("`{other}` is no type of JSON"), "not known");
                }
                Kind::Any
            }
        };
        (kind, nullable)
    }

    fn reference(&mut self, node: &Node) -> Kind {
        let Some(text) = self.text_of(node) else { return Kind::Any };
        let Some(name) = text.strip_prefix(REFERENCE) else {
            let message = format!("`{text}` is no schema of this document");
            self.edited(node.span, message, format!("it begins with `{REFERENCE}`"));
            return Kind::Any;
        };
        let name: Arc<str> = name.into();
        self.references.push((name.clone(), node.span));
        Kind::Reference(name)
    }

    fn any_of(&mut self, map: &Map) -> (Kind, bool) {
        let mut variants: Vec<Schema> = Vec::new();
        for node in self.list(map, "anyOf").to_vec() {
            variants.push(self.schema(&node));
        }
        let is_last_null = variants.last().is_some_and(|last| *last == Schema::of(Kind::Null));
        if is_last_null {
            variants.pop();
        }
        match variants.as_slice() {
            [Schema { kind: Kind::Reference(name), .. }] if is_last_null => {
                (Kind::Reference(name.clone()), true)
            }
            _ => (Kind::AnyOf(variants), is_last_null),
        }
    }

    fn object(&mut self, map: &Map) -> Object {
        let required = self.texts(map, "required");
        let mut fields = Vec::new();
        if let Some(properties) = map.get("properties") {
            let Some(properties) = properties.as_map() else {
                return self.wrong(properties, "a mapping").unwrap_or_default();
            };
            for entry in properties {
                let node = &entry.value;
                let Some(members) = node.as_map() else {
                    let _: Option<()> = self.wrong(node, "a schema");
                    continue;
                };
                fields.push(Field {
                    name: entry.key.clone(),
                    schema: self.schema(node),
                    required: required.contains(&entry.key),
                    life: Life {
                        since: members.get("x-since").and_then(|node| self.version(node)),
                        until: members.get("x-until").and_then(|node| self.version(node)),
                        deprecated: self.deprecation(members.get("x-deprecated")),
                    },
                    degraded_by: self.texts(members, "x-degraded-by"),
                    span: Written(Some(entry.key_span)),
                });
            }
        }
        let more = match map.get("additionalProperties") {
            None => More::None,
            Some(node) if node.as_bool() == Some(false) => More::None,
            Some(node) => More::Of(Box::new(self.schema(node))),
        };
        Object { fields, more }
    }

    fn number(&mut self, node: &Node) -> Option<f64> {
        match &node.value {
            Tree::Number(text) => text.parse().ok(),
            _ => self.wrong(node, "a number"),
        }
    }

    fn count(&mut self, map: &Map, key: &str) -> Option<u64> {
        let node = map.get(key)?;
        node.as_count().or_else(|| self.wrong(node, "a count"))
    }
}
