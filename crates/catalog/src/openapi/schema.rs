//! One schema object → one type.

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{Field, Literal, Named, Object, Origin, Type};

use super::direction::Direction;
use super::reference::Target;
use super::{MAX_SCHEMA_DEPTH, Place, Reader, Scope, keywords};
use crate::names::upper_camel;
use crate::tree::{Map, Node, Value};

/// A type on its way through `allOf`.
#[derive(Clone)]
pub(super) struct Parts {
    pub ty: Type,
    /// Names that must be there, wherever in the composition they are declared.
    pub required: Vec<Arc<str>>,
    /// Fields that do not travel this way, and so cannot be required.
    pub left_out: Vec<Arc<str>>,
}

impl Parts {
    pub fn of(ty: Type) -> Self {
        Self { ty, required: Vec::new(), left_out: Vec::new() }
    }
}

impl Reader<'_> {
    /// The type of a schema where it is used: a name if it is a reference.
    pub(super) fn schema(&mut self, node: &Arc<Node>, scope: &Scope) -> Type {
        let Some(map) = self.schema_map(node) else { return boolean_schema(node) };
        let is_bare = !map.keys().any(is_assertion);
        if is_bare && let Some(reference) = map.get("$ref").cloned() {
            let ty = match self.target(&reference) {
                Some(target) => Type::Named(self.name(&target, scope.direction)),
                None => Type::Unknown,
            };
            return nullable(map, ty);
        }
        if let Some(only) = only_part(map) {
            let ty = self.nested(node.span, |reader| reader.schema(&only, scope));
            return nullable(map, ty);
        }
        let barrier = std::mem::replace(&mut self.barrier, self.expanding.len());
        let parts = self.structure(node, scope);
        self.barrier = barrier;
        completed(parts)
    }

    /// The type of a schema with its top level written out.
    pub(super) fn structure(&mut self, node: &Arc<Node>, scope: &Scope) -> Parts {
        let place = Place::of(node);
        if self.expanding.contains(&place) {
            self.circle(node.span);
            return Parts::of(Type::Unknown);
        }
        self.expanding.push(place);
        let mut parts = Parts::of(Type::Unknown);
        let depth = self.depth;
        if depth >= MAX_SCHEMA_DEPTH {
            self.too_large(
                node.span,
                &format!("schemas are nested more than {MAX_SCHEMA_DEPTH} levels deep"),
            );
        } else if self.spend(1, node.span) {
            self.depth += 1;
            parts = self.structure_here(node, scope);
        }
        self.depth = depth;
        self.expanding.pop();
        parts
    }

    /// [`Self::structure`] of a schema that was referred to, worked out once.
    pub(super) fn expansion(&mut self, node: &Arc<Node>, scope: &Scope) -> Parts {
        let key = (Place::of(node), scope.direction);
        if let Some(known) = self.expanded.get(&key) {
            return known.clone();
        }
        let before = self.cut_short;
        let parts = self.structure(node, scope);
        if self.cut_short == before {
            self.expanded.insert(key, parts.clone());
        }
        parts
    }

    fn structure_here(&mut self, node: &Arc<Node>, scope: &Scope) -> Parts {
        let Some(map) = self.schema_map(node) else { return Parts::of(boolean_schema(node)) };
        self.check_keywords(node, keywords::SCHEMA, "a schema");
        let mut parts = self.own(node, map, scope);
        if let Some(reference) = map.get("$ref").cloned()
            && let Some(target) = self.target(&reference)
        {
            if self.is_inside_itself(&target.node) {
                let message = "a schema that extends the one it is a field of is not understood";
                let help = "give the extended schema a name under components/schemas";
                self.cut_short += 1;
                let label = "read as the schema itself, without the extension";
                self.warn(codes::catalog::NOT_UNDERSTOOD, message, reference.span, label, help);
                return Parts::of(Type::Named(self.name(&target, scope.direction)));
            }
            let inner = Scope { owner: owner_name(&target), ..scope.clone() };
            let referred = self.expansion(&target.node, &inner);
            parts = self.both(referred, parts, node.span);
        }
        for member in self.list_of_schemas(map, "allOf") {
            let part = self.structure(&member, scope);
            parts = self.both(parts, part, member.span);
        }
        for keyword in ["oneOf", "anyOf"] {
            if map.get(keyword).is_some() {
                let union = self.alternatives(map, keyword, scope);
                parts = self.both(parts, Parts::of(union), node.span);
            }
        }
        parts.ty = nullable(map, parts.ty);
        parts
    }

    /// Whether `node` is being written out, and a field of it is being read: recursion that is no circle.
    fn is_inside_itself(&self, node: &Arc<Node>) -> bool {
        let place = Place::of(node);
        self.expanding.iter().position(|expanding| *expanding == place).is_some_and(|at| at < self.barrier)
    }

    fn nested(&mut self, span: Span, read: impl FnOnce(&mut Self) -> Type) -> Type {
        if self.depth >= MAX_SCHEMA_DEPTH {
            self.too_large(span, &format!("schemas are nested more than {MAX_SCHEMA_DEPTH} levels deep"));
            return Type::Unknown;
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// The map of a schema; `None` for `true`, `false`, and (with a diagnostic) for what is not a schema.
    fn schema_map<'n>(&mut self, node: &'n Arc<Node>) -> Option<&'n Map> {
        match &node.value {
            Value::Map(map) => Some(map),
            Value::Boolean(_) => None,
            _ => {
                self.wrong(node, "a schema must be a mapping");
                None
            }
        }
    }

    pub(super) fn wrong(&mut self, node: &Node, message: &str) {
        let label = format!("this is {}", node.describe());
        self.found.push(Diagnostic::error(codes::catalog::SCHEMA_WRONG, message, node.span, label));
    }

    pub(super) fn list_of_schemas(&mut self, map: &Map, keyword: &str) -> Vec<Arc<Node>> {
        let Some(node) = map.get(keyword) else { return Vec::new() };
        if let Some(items) = node.as_list() {
            return items.to_vec();
        }
        self.wrong(node, &format!("`{keyword}` must be a list of schemas"));
        Vec::new()
    }

    /// What the schema says by itself, without its references and compositions.
    fn own(&mut self, node: &Arc<Node>, map: &Map, scope: &Scope) -> Parts {
        let required = self.required(map);
        if let Some(value) = map.get("const") {
            return Parts { required, ..Parts::of(self.literal(value)) };
        }
        if let Some(values) = map.get("enum") {
            let Some(items) = values.as_list() else {
                self.wrong(values, "`enum` must be a list of values");
                return Parts::of(Type::Unknown);
            };
            let members: Vec<Type> = items.iter().map(|value| self.literal(value)).collect();
            return Parts { required, ..Parts::of(Type::union(members)) };
        }
        let mut left_out = Vec::new();
        let mut types = Vec::new();
        for name in self.type_names(map) {
            types.push(match name.as_str() {
                "string" => Type::String,
                "number" | "integer" => Type::Number,
                "boolean" => Type::Boolean,
                "null" => Type::Null,
                "object" => self.object(map, &required, scope, &mut left_out),
                "array" => self.array(map, scope),
                _ => {
                    let span = map.get("type").map_or(node.span, |ty| ty.span);
                    let message = format!("`{name}` is not a type");
                    let help = "the types are string, number, integer, boolean, object, array and null";
                    self.warn(codes::catalog::SCHEMA_WRONG, message, span, "read as `unknown`", help);
                    Type::Unknown
                }
            });
        }
        let ty = if types.is_empty() { Type::Unknown } else { Type::union(types) };
        Parts { ty, required, left_out }
    }

    /// What `type` says, or what the other keywords speak of.
    fn type_names(&mut self, map: &Map) -> Vec<String> {
        if let Some(node) = map.get("type") {
            match &node.value {
                Value::String(name) => return vec![name.clone()],
                Value::List(items) => {
                    return items.iter().filter_map(type_word).collect();
                }
                Value::Null => return vec!["null".to_owned()],
                _ => self.wrong(node, "`type` must be the name of a type, or a list of names"),
            }
        } else {
            let says = |keys: &[&str]| keys.iter().any(|key| map.get(key).is_some());
            if says(&["properties", "additionalProperties", "patternProperties"]) {
                return vec!["object".to_owned()];
            }
            if says(&["items", "prefixItems"]) {
                return vec!["array".to_owned()];
            }
        }
        Vec::new()
    }

    fn required(&mut self, map: &Map) -> Vec<Arc<str>> {
        let Some(node) = map.get("required") else { return Vec::new() };
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| item.as_str()).map(Arc::from).collect(),
            Value::Boolean(_) => {
                let help = "list the names in the object's own `required: [name]`";
                let message = "`required` of a schema is a list of names, not true or false";
                self.warn(codes::catalog::SCHEMA_WRONG, message, node.span, "passed over", help);
                Vec::new()
            }
            _ => {
                self.wrong(node, "`required` must be a list of names");
                Vec::new()
            }
        }
    }

    fn object(
        &mut self,
        map: &Map,
        required: &[Arc<str>],
        scope: &Scope,
        left_out: &mut Vec<Arc<str>>,
    ) -> Type {
        let mut fields = Vec::new();
        let properties = map.get("properties");
        match properties.map(|node| &node.value) {
            None => {}
            Some(Value::Map(properties)) => {
                for entry in properties {
                    if !self.spend(1, entry.key_span) {
                        break;
                    }
                    if self.is_left_out(&entry.value, scope.direction) {
                        left_out.push(entry.key.clone());
                        continue;
                    }
                    let ty = self.schema(&entry.value, scope);
                    if ty == Type::Never {
                        continue;
                    }
                    let hints = self.hints(&entry.value, &ty);
                    fields.push(Field {
                        name: entry.key.clone(),
                        ty,
                        optional: !required.contains(&entry.key),
                        doc: documentation(&entry.value),
                        origin: Some(Origin { span: entry.key_span, schema: scope.owner.clone() }),
                        written: None,
                        life: None,
                        hints,
                    });
                }
            }
            Some(_) => {
                if let Some(node) = properties {
                    self.wrong(node, "`properties` must be a mapping of names to schemas");
                }
            }
        }
        let index = self.index(map, properties.is_some(), scope);
        Type::Object(Arc::new(Object { fields, index }))
    }

    /// The type of the fields that have no name: nothing said means none, unless there are no named ones either.
    fn index(&mut self, map: &Map, has_properties: bool, scope: &Scope) -> Option<Type> {
        let mut members = Vec::new();
        if let Some(patterns) = map.get("patternProperties") {
            match patterns.as_map() {
                Some(patterns) => {
                    members.extend(patterns.iter().map(|entry| self.schema(&entry.value, scope)));
                }
                None => self.wrong(patterns, "`patternProperties` must be a mapping of patterns to schemas"),
            }
        }
        let rest = map.get("additionalProperties").or_else(|| map.get("unevaluatedProperties"));
        match rest {
            Some(node) => {
                let node = node.clone();
                let ty = self.schema(&node, scope);
                members.push(ty);
            }
            None if !has_properties && members.is_empty() => members.push(Type::Unknown),
            None => {}
        }
        match Type::union(members) {
            Type::Never => None,
            ty => Some(ty),
        }
    }

    fn array(&mut self, map: &Map, scope: &Scope) -> Type {
        let items = map.get("items").cloned();
        // Up to draft 2019-09 a tuple was `items: [...]` with `additionalItems`.
        let (prefix, rest) = match items.as_ref().and_then(|node| node.as_list()) {
            Some(prefix) => (prefix.to_vec(), map.get("additionalItems").cloned()),
            None => (self.list_of_schemas(map, "prefixItems"), items),
        };
        let count = |keyword: &str| map.get(keyword).and_then(|node| node.as_count());
        if prefix.is_empty() {
            return Type::array(rest.map_or(Type::Unknown, |rest| self.schema(&rest, scope)));
        }
        let members: Vec<Type> = prefix.iter().map(|member| self.schema(member, scope)).collect();
        let length = members.len() as u64;
        let is_closed =
            rest.as_ref().and_then(|rest| rest.as_bool()) == Some(false) || count("maxItems") == Some(length);
        if is_closed && count("minItems") == Some(length) {
            return Type::Tuple(members.into());
        }
        let rest = match rest {
            _ if is_closed => Type::Never,
            Some(rest) => self.schema(&rest, scope),
            None => Type::Unknown,
        };
        Type::array(Type::union(members.into_iter().chain([rest])))
    }

    fn literal(&mut self, node: &Arc<Node>) -> Type {
        match &node.value {
            Value::Null => Type::Null,
            Value::Boolean(value) => Type::Literal(Literal::Boolean(*value)),
            Value::String(text) => Type::string(text),
            Value::Number(text) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Type::Literal(Literal::Number(value)),
                _ => Type::Number,
            },
            Value::List(_) | Value::Map(_) => {
                let message = "a value of `enum` or `const` that is a list or a mapping is not understood";
                let help = "the type is `unknown`; describe the value with `properties` or `prefixItems`";
                self.warn(codes::catalog::NOT_UNDERSTOOD, message, node.span, "read as `unknown`", help);
                Type::Unknown
            }
        }
    }

    /// The named type of a schema that was referred to; declared and queued at its first mention.
    pub(super) fn name(&mut self, target: &Target, direction: Direction) -> Named {
        let differs = direction == Direction::Request && self.differs_by_direction(&target.node);
        let direction = if differs { Direction::Request } else { Direction::Response };
        let key = (Place::of(&target.node), direction);
        if let Some(named) = self.named.get(&key) {
            return named.clone();
        }
        let wanted = type_name(&target.name);
        let wanted = if differs { format!("{wanted}Input") } else { wanted };
        let named = self.declare(&wanted);
        self.named.insert(key, named.clone());
        self.behind.insert(named.id, (target.node.clone(), direction, target.span));
        self.queue.push_back(named.clone());
        named
    }

    /// A type under a name that no other type of the service has.
    pub(super) fn declare(&mut self, wanted: &str) -> Named {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        self.types.declare(self.service.clone(), name)
    }

    /// Defines all named schemas that were mentioned, and those that they mention.
    pub(super) fn define_queued(&mut self) {
        while let Some(named) = self.queue.pop_front() {
            let Some((node, direction, declared)) = self.behind.get(&named.id).cloned() else { continue };
            let scope = Scope { direction, owner: named.name.clone() };
            let ty = match self.subtypes(&node, &scope) {
                Some(union) => union,
                None => self.schema(&node, &scope),
            };
            let ty = self.unless_circular(&named, ty, node.span);
            let origin = Origin { span: declared, schema: named.name.clone() };
            let doc = documentation(&node);
            self.types.define(&named, ty, doc, Some(origin));
        }
    }

    /// `A: { $ref: B }`, `B: { $ref: A }` names nothing.
    fn unless_circular(&mut self, named: &Named, ty: Type, span: Span) -> Type {
        let mut next = &ty;
        let mut steps = 0;
        while let Type::Named(other) = next {
            steps += 1;
            if other.id == named.id || steps > 1000 {
                self.circle(span);
                return Type::Unknown;
            }
            match self.types.get(other.id) {
                Some(definition) => next = &definition.ty,
                None => break,
            }
        }
        ty
    }
}

/// What a schema or parameter says about itself.
pub(super) fn documentation(node: &Arc<Node>) -> Option<Arc<str>> {
    let text = ["description", "title", "summary"].iter().find_map(|key| node.get(key)?.as_str());
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let is_deprecated = node.get("deprecated").and_then(|value| value.as_bool()) == Some(true);
    match (text, is_deprecated) {
        (Some(text), false) => Some(text.into()),
        (Some(text), true) => Some(format!("{text}\n@deprecated").into()),
        (None, true) => Some("@deprecated".into()),
        (None, false) => None,
    }
}

/// Whose fields the fields of a referred schema are.
pub(super) fn owner_name(target: &Target) -> Arc<str> {
    type_name(&target.name).into()
}

/// A schema's name as TypeScript can write it.
pub(super) fn type_name(name: &str) -> String {
    let is_keyword = matches!(
        name,
        "string"
            | "number"
            | "boolean"
            | "object"
            | "any"
            | "unknown"
            | "never"
            | "null"
            | "undefined"
            | "void"
            | "symbol"
            | "bigint"
    ) || frontdesk_types::is_reserved(name);
    if frontdesk_types::is_identifier(name) && !is_keyword {
        return name.to_owned();
    }
    let name = upper_camel(name);
    if name.is_empty() { "Schema".to_owned() } else { name }
}

/// Requires what is required, once all parts of a composition are together.
pub(super) fn completed(parts: Parts) -> Type {
    let Parts { ty, required, left_out } = parts;
    if required.is_empty() {
        return ty;
    }
    match ty {
        Type::Object(object) => {
            let mut object = Arc::unwrap_or_clone(object);
            for name in required {
                match object.fields.iter_mut().find(|field| field.name == name) {
                    Some(field) => field.optional = false,
                    None if left_out.contains(&name) => {}
                    None => {
                        let ty = object.index.clone().unwrap_or(Type::Unknown);
                        object.fields.push(Field::required(name, ty));
                    }
                }
            }
            Type::Object(Arc::new(object))
        }
        Type::Union(members) => Type::union(members.iter().map(|member| {
            completed(Parts { ty: member.clone(), required: required.clone(), left_out: left_out.clone() })
        })),
        other => other,
    }
}

fn nullable(map: &Map, ty: Type) -> Type {
    if map.get("nullable").and_then(|value| value.as_bool()) == Some(true) { ty.or_null() } else { ty }
}

fn boolean_schema(node: &Node) -> Type {
    if node.as_bool() == Some(false) { Type::Never } else { Type::Unknown }
}

/// In YAML, `type: [string, null]` without quotes is a null.
fn type_word(node: &Arc<Node>) -> Option<String> {
    match &node.value {
        Value::Null => Some("null".to_owned()),
        _ => node.as_str().map(str::to_owned),
    }
}

/// Keywords that say something about a value.
fn is_assertion(key: &str) -> bool {
    matches!(
        key,
        "type"
            | "properties"
            | "required"
            | "items"
            | "prefixItems"
            | "additionalProperties"
            | "patternProperties"
            | "unevaluatedProperties"
            | "allOf"
            | "oneOf"
            | "anyOf"
            | "enum"
            | "const"
            | "not"
            | "if"
            | "dependentSchemas"
            | "dependentRequired"
            | "dependencies"
            | "$dynamicRef"
            | "$recursiveRef"
    )
}

/// The schema that stands for all of `map`: the one part of an `allOf` that asserts anything, when nothing else
/// does. OpenAPI 3.0 needs this wrapping to put a description beside a reference.
fn only_part(map: &Map) -> Option<Arc<Node>> {
    if map.get("$ref").is_some() || map.keys().any(|key| key != "allOf" && is_assertion(key)) {
        return None;
    }
    let mut asserting = map.get("allOf")?.as_list()?.iter().filter(|part| match part.as_map() {
        Some(part) => part.keys().any(|key| key == "$ref" || key == "nullable" || is_assertion(key)),
        None => true,
    });
    let only = asserting.next()?.clone();
    asserting.next().is_none().then_some(only)
}
