//! What is read of an answer, with an example of it: the part that a pact asks for.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use frontdesk_catalog::Operation;
use frontdesk_plan::{EndpointPlan, Kinds, Select, SelectId};
use frontdesk_types::{Hints, Type, Types};
use serde_json::{Map, Value, json};

use super::document::{all_of, any_of, member_path};
use super::request::escaped;
use crate::example::{self, Knobs};

/// What endpoints read of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    kinds: Kinds,
    /// Strings are one of these.
    strings: Option<BTreeSet<Arc<str>>>,
    /// Whole numbers only.
    integer: bool,
    /// Whatever it is, somebody wants all of it.
    whole: bool,
    /// Of objects: what must be there and is read, by name, so that the order of code changes nothing.
    fields: BTreeMap<Arc<str>, Reading>,
    /// Of objects that are maps.
    rest: Option<Box<Reading>>,
    items: Option<Box<Reading>>,
    example: Value,
}

/// The most values that one answer is described by: of schemas that hold each other in many ways there is no end.
const MOST: u32 = 20_000;

pub struct Readings<'a> {
    endpoint: &'a EndpointPlan,
    types: &'a Types,
    /// Values described so far.
    count: Cell<u32>,
}

impl<'a> Readings<'a> {
    pub fn new(endpoint: &'a EndpointPlan, types: &'a Types) -> Self {
        Self { endpoint, types, count: Cell::new(0) }
    }

    pub fn of(&self, select: SelectId, operation: &Operation) -> Reading {
        let knobs = Knobs { list: 1, ..Knobs::default() };
        let example = example::with(self.types, &operation.result, None, "", &operation.name, knobs);
        self.reading(select, Some(&operation.result), None, &example, &mut Vec::new()).unwrap_or_else(|| {
            // Only what stands in itself is `None`.
            Reading::new(&Select::default(), Value::Null)
        })
    }

    /// `None` if `id` stands in itself (of a tree, the first node says what all of them are), and beyond [`MOST`].
    fn reading(
        &self,
        id: SelectId,
        ty: Option<&Type>,
        hints: Option<&Hints>,
        example: &Value,
        around: &mut Vec<SelectId>,
    ) -> Option<Reading> {
        self.count.set(self.count.get() + 1);
        if around.contains(&id) || self.count.get() > MOST {
            return None;
        }
        around.push(id);
        let select = self.endpoint.selections.get(id);
        let mut reading = Reading::new(select, example.clone());
        reading.integer = hints.is_some_and(|hints| hints.integer);
        if let Some(record) = &select.record {
            for field in record.fields.iter().filter(|field| field.required) {
                let name = &self.endpoint.program.name(field.name).text;
                let declared = ty.and_then(|ty| self.field(ty, name));
                let (ty, hints) = declared.unzip();
                let example = example.get(&**name).unwrap_or(&Value::Null);
                if let Some(read) = self.reading(field.select, ty, hints.flatten(), example, around) {
                    reading.fields.insert(name.clone(), read);
                }
            }
            if let Some(rest) = record.rest {
                let index = ty.and_then(|ty| self.index(ty));
                let known = |name: &str| reading.fields.contains_key(name);
                let example = example.as_object().and_then(|all| all.iter().find(|(name, _)| !known(name)));
                let example = example.map_or(&Value::Null, |(_, value)| value);
                reading.rest = self.reading(rest, index, None, example, around).map(Box::new);
            }
        }
        if let Some(items) = select.items {
            let item = ty.and_then(|ty| self.item(ty));
            let example = example.get(0).unwrap_or(&Value::Null);
            reading.items = self.reading(items, item, None, example, around).map(Box::new);
        }
        around.pop();
        Some(reading)
    }

    /// The first member of a union that declares the field says what it is.
    fn field<'t>(&'t self, ty: &'t Type, name: &str) -> Option<(&'t Type, Option<&'t Hints>)> {
        self.members(ty).find_map(|member| match member {
            Type::Object(object) => object.field(name).map(|field| (&field.ty, field.hints.as_deref())),
            _ => None,
        })
    }

    fn index<'t>(&'t self, ty: &'t Type) -> Option<&'t Type> {
        self.members(ty).find_map(|member| match member {
            Type::Object(object) => object.index.as_ref(),
            _ => None,
        })
    }

    fn item<'t>(&'t self, ty: &'t Type) -> Option<&'t Type> {
        self.members(ty).find_map(|member| match member {
            Type::Array(item) => Some(&**item),
            _ => None,
        })
    }

    fn members<'t>(&'t self, ty: &'t Type) -> impl Iterator<Item = &'t Type> {
        self.types.resolve(ty).members().iter().map(|member| self.types.resolve(member))
    }
}

impl Reading {
    fn new(select: &Select, example: Value) -> Self {
        Self {
            kinds: select.kinds,
            strings: select.strings.as_ref().map(|strings| strings.iter().cloned().collect()),
            integer: false,
            whole: select.verbatim,
            fields: BTreeMap::new(),
            rest: None,
            items: None,
            example,
        }
    }

    /// What both read.
    pub fn merge(&mut self, other: Self) {
        self.kinds = self.kinds.with(other.kinds);
        self.strings = match (self.strings.take(), other.strings) {
            (Some(one), Some(other)) => Some(&one | &other),
            _ => None,
        };
        self.integer &= other.integer;
        self.whole |= other.whole;
        for (name, reading) in other.fields {
            match self.fields.get_mut(&name) {
                Some(known) => known.merge(reading),
                None => {
                    self.fields.insert(name, reading);
                }
            }
        }
        merge_boxed(&mut self.rest, other.rest);
        merge_boxed(&mut self.items, other.items);
    }

    /// An answer without a body does.
    pub fn is_nothing(&self) -> bool {
        self.kinds == Kinds::NULL || self.kinds == Kinds::default()
    }

    /// The example, and what of it must match, by path below `path`. A list in a list may be empty.
    pub fn write(&self, path: &str, in_list: bool, rules: &mut Map<String, Value>) -> Value {
        let kinds = Kinds(self.kinds.0 & !Kinds::NULL.0);
        let nullable = self.kinds.contains(Kinds::NULL);
        let scalars = Kinds::BOOLEAN.with(Kinds::NUMBER).with(Kinds::STRING);
        match kinds {
            Kinds::OBJECT if !nullable && !self.whole => self.object(path, in_list, rules),
            Kinds::ARRAY if !nullable && !self.whole => self.array(path, in_list, rules),
            kinds if kinds != Kinds::default() && scalars.contains(kinds) => {
                let (value, mut matchers) = self.scalar(kinds);
                if nullable {
                    matchers.push(json!({ "match": "null" }));
                }
                rules.insert(path.to_owned(), any_of(&matchers));
                value
            }
            Kinds(0) if nullable => {
                rules.insert(path.to_owned(), all_of(&[json!({ "match": "null" })]));
                Value::Null
            }
            // An object or list that may be null as well, or anything at all: it has to be there. Pact has no words for
            // "null, or this": of an example that is an object it refuses null whatever the rule says.
            _ => {
                let anything = [json!({ "match": "null" }), json!({ "match": "include", "value": "" })];
                rules.insert(path.to_owned(), any_of(&anything));
                Value::Null
            }
        }
    }

    fn object(&self, path: &str, in_list: bool, rules: &mut Map<String, Value>) -> Value {
        let mut object = Map::new();
        for (name, field) in &self.fields {
            object.insert(name.to_string(), field.write(&member_path(path, name), in_list, rules));
        }
        // A rule for values of any key would take the named ones for optional.
        if let Some(rest) = &self.rest
            && self.fields.is_empty()
        {
            rules.insert(path.to_owned(), all_of(&[json!({ "match": "values" })]));
            let key = self.example.as_object().and_then(|all| all.keys().next());
            let key = key.map_or("key", String::as_str);
            object.insert(key.to_owned(), rest.write(&format!("{path}.*"), true, rules));
        }
        Value::Object(object)
    }

    fn array(&self, path: &str, in_list: bool, rules: &mut Map<String, Value>) -> Value {
        let least = u8::from(!in_list);
        rules.insert(path.to_owned(), all_of(&[json!({ "match": "type", "min": least })]));
        match &self.items {
            Some(items) => json!([items.write(&format!("{path}[*]"), true, rules)]),
            None => json!([]),
        }
    }

    fn scalar(&self, kinds: Kinds) -> (Value, Vec<Value>) {
        let mut example = None;
        let mut matchers = Vec::new();
        if kinds.contains(Kinds::STRING) {
            let own = self.example.as_str();
            let (text, matcher) = match &self.strings {
                Some(strings) => {
                    let first = strings.iter().next().map_or("", |text| text);
                    let text = own.filter(|own| strings.contains(*own)).unwrap_or(first);
                    let all: Vec<String> = strings.iter().map(|text| escaped(text)).collect();
                    (text, json!({ "match": "regex", "regex": format!("^(?:{})$", all.join("|")) }))
                }
                None => (own.unwrap_or("text"), json!({ "match": "type" })),
            };
            example = Some(json!(text));
            matchers.push(matcher);
        }
        if kinds.contains(Kinds::NUMBER) {
            let whole = self.integer && !matches!(&self.example, Value::Number(one) if one.is_f64());
            let own = Some(&self.example).filter(|own| own.is_number());
            example.get_or_insert_with(|| own.cloned().unwrap_or(json!(1)));
            matchers.push(json!({ "match": if whole { "integer" } else { "number" } }));
        }
        if kinds.contains(Kinds::BOOLEAN) {
            let own = self.example.as_bool().unwrap_or(true);
            let alone = example.is_none();
            example.get_or_insert(json!(own));
            // The verifier's `boolean` takes "true" for one.
            matchers.push(json!({ "match": if alone { "type" } else { "boolean" } }));
        }
        (example.unwrap_or(Value::Null), matchers)
    }
}

fn merge_boxed(into: &mut Option<Box<Reading>>, other: Option<Box<Reading>>) {
    match (into.as_mut(), other) {
        (Some(known), Some(other)) => known.merge(*other),
        (None, Some(other)) => *into = Some(other),
        (_, None) => {}
    }
}
