//! Schemas as types.

use std::collections::BTreeSet;

use crate::{Contract, Field, Kind, More, Object, Schema};

use super::docs;
use super::names::{Names, key};

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// What the caller gives: lists need not be writable, `undefined` is as good as left out.
    In,
    /// What the server answers.
    Out,
}

/// Every named schema.
pub fn named(contract: &Contract, names: &Names, out: &mut String) {
    let mut answered = BTreeSet::new();
    for operation in &contract.operations {
        used(contract, &operation.answer, &mut answered);
    }
    for (name, schema) in &contract.schemas {
        let Some(own) = names.schema(name) else { continue };
        if is_endless(contract, name) {
            out.push_str(&format!("export type {own} = unknown;\n\n"));
            continue;
        }
        let way = if answered.contains(&**name) { Way::Out } else { Way::In };
        declaration(own, schema, &Types { names, way }, out);
    }
}

/// Whether a schema is one of its own alternatives, which says nothing. Through a list or an object it may be in itself.
fn is_endless(contract: &Contract, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Schema> = contract.schemas.get(name).into_iter().collect();
    while let Some(schema) = open.pop() {
        match &schema.kind {
            Kind::Reference(to) if **to == *name => return true,
            Kind::Reference(to) if seen.insert(to) => open.extend(contract.schemas.get(to)),
            Kind::AnyOf(parts) => open.extend(parts),
            _ => {}
        }
    }
    false
}

/// The names of schemas that `schema` is made of.
fn used<'a>(contract: &'a Contract, schema: &'a Schema, found: &mut BTreeSet<&'a str>) {
    match &schema.kind {
        Kind::Reference(name) => {
            if found.insert(name)
                && let Some(schema) = contract.schemas.get(name)
            {
                used(contract, schema, found);
            }
        }
        Kind::Array { items, .. } => used(contract, items, found),
        Kind::Tuple(parts) | Kind::AnyOf(parts) => {
            for part in parts {
                used(contract, part, found);
            }
        }
        Kind::Object(object) => {
            for field in &object.fields {
                used(contract, &field.schema, found);
            }
            if let More::Of(rest) = &object.more {
                used(contract, rest, found);
            }
        }
        Kind::Any
        | Kind::Null
        | Kind::Boolean
        | Kind::Number { .. }
        | Kind::String { .. }
        | Kind::Enum(_) => {}
    }
}

/// `schema` under a name.
pub fn declaration(name: &str, schema: &Schema, types: &Types<'_>, out: &mut String) {
    docs::comment(&docs::of_schema(schema), 0, out);
    match &schema.kind {
        Kind::Object(object @ Object { more: More::None, fields })
            if !schema.nullable && !fields.is_empty() =>
        {
            out.push_str(&format!("export interface {name} {}\n\n", types.record(object, 0)));
        }
        _ => out.push_str(&format!("export type {name} = {};\n\n", types.text(schema, 0))),
    }
}

/// Prints types.
pub struct Types<'a> {
    pub names: &'a Names,
    pub way: Way,
}

impl Types<'_> {
    pub fn text(&self, schema: &Schema, indent: usize) -> String {
        let mut parts = Vec::new();
        let nullable = self.parts(schema, indent, &mut parts);
        if nullable {
            parts.push("null".to_owned());
        }
        parts.join(" | ")
    }

    /// The alternatives but for `null`, each once; whether `null` is one.
    fn parts(&self, schema: &Schema, indent: usize, parts: &mut Vec<String>) -> bool {
        let mut nullable = schema.nullable;
        match &schema.kind {
            Kind::AnyOf(all) if !all.is_empty() => {
                for part in all {
                    nullable |= self.parts(part, indent, parts);
                }
            }
            kind => {
                let text = self.kind(kind, indent);
                if !parts.contains(&text) {
                    parts.push(text);
                }
            }
        }
        nullable
    }

    fn kind(&self, kind: &Kind, indent: usize) -> String {
        match kind {
            Kind::Any => "unknown".to_owned(),
            Kind::Null => "null".to_owned(),
            Kind::Boolean => "boolean".to_owned(),
            Kind::Number { .. } => "number".to_owned(),
            Kind::String { .. } => "string".to_owned(),
            Kind::Enum(values) if values.is_empty() => "never".to_owned(),
            Kind::Enum(values) => {
                // Lists and objects have no literal types.
                let text = |value: &serde_json::Value| match value {
                    serde_json::Value::Array(_) | serde_json::Value::Object(_) => "unknown".to_owned(),
                    serde_json::Value::String(text) => super::literal(text),
                    plain => plain.to_string(),
                };
                values.iter().map(text).collect::<Vec<_>>().join(" | ")
            }
            Kind::Array { items, .. } => {
                let item = self.text(items, indent);
                let item = if self.is_simple(items) { item } else { format!("({item})") };
                format!("{}{item}[]", self.readonly())
            }
            Kind::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.text(item, indent)).collect();
                format!("{}[{}]", self.readonly(), items.join(", "))
            }
            Kind::Object(object) => match &object.more {
                More::None if object.fields.is_empty() => "Record<string, never>".to_owned(),
                More::None => self.record(object, indent),
                More::Of(rest) if object.fields.is_empty() => self.map(rest, indent),
                // An index signature would have to fit every named field.
                More::Of(rest) => format!("{} & {}", self.record(object, indent), self.map(rest, indent)),
            },
            Kind::Reference(name) => self.names.schema(name).unwrap_or("unknown").to_owned(),
            // Those that are some stand in `parts`.
            Kind::AnyOf(_) => "never".to_owned(),
        }
    }

    fn map(&self, values: &Schema, indent: usize) -> String {
        format!("{{ {}[key: string]: {} }}", self.readonly(), self.text(values, indent))
    }

    fn readonly(&self) -> &'static str {
        match self.way {
            Way::In => "readonly ",
            Way::Out => "",
        }
    }

    /// Whether `[]` after it means all of it.
    fn is_simple(&self, schema: &Schema) -> bool {
        let one = match &schema.kind {
            Kind::Enum(values) => values.len() == 1,
            Kind::AnyOf(parts) => parts.is_empty(),
            Kind::Array { .. } | Kind::Tuple(_) => self.way == Way::Out,
            Kind::Object(object) => object.fields.is_empty() || object.more == More::None,
            _ => true,
        };
        one && !schema.nullable
    }

    /// The fields in braces.
    fn record(&self, object: &Object, indent: usize) -> String {
        let mut out = "{\n".to_owned();
        for field in &object.fields {
            self.field(field, indent + 2, &mut out);
        }
        out.push_str(&" ".repeat(indent));
        out.push('}');
        out
    }

    fn field(&self, field: &Field, indent: usize, out: &mut String) {
        docs::comment(&docs::of_field(field), indent, out);
        self.member(&field.name, field.required, &self.text(&field.schema, indent), indent, out);
    }

    /// `name: type;`
    pub fn member(&self, name: &str, required: bool, text: &str, indent: usize, out: &mut String) {
        let (mark, or_not) = match (required, self.way) {
            (true, _) => ("", ""),
            (false, Way::Out) => ("?", ""),
            (false, Way::In) => ("?", " | undefined"),
        };
        out.push_str(&format!("{}{}{mark}: {text}{or_not};\n", " ".repeat(indent), key(name)));
    }
}
