//! A call as an HTTP request of a pact: examples, what must match, and what the provider's state may fill in.

use frontdesk_catalog::{HttpBinding, HttpBody, HttpParam, ParamPlace, ParamStyle, PathPart, Service};
use serde_json::{Map, Value, json};

use super::document::{all_of, member_path};
use super::given::Given;

/// The `request` of an interaction, and the parameters of its provider state.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub json: Value,
    /// Examples by the name of the argument, for the service's team to replace.
    pub parameters: Map<String, Value>,
}

/// What grows while the parts of a request are written.
#[derive(Default)]
struct Parts {
    query: Map<String, Value>,
    headers: Map<String, Value>,
    rules: Map<String, Value>,
    generators: Map<String, Value>,
    parameters: Map<String, Value>,
}

impl Request {
    pub fn new(service: &Service, binding: &HttpBinding, args: &Given) -> Self {
        let mut parts = Parts::default();
        let path = parts.path(&binding.path, args);
        for param in &binding.params {
            if let Some(given) = args.member(&param.arg).filter(|given| !given.value().is_null()) {
                parts.param(param, given);
            }
        }
        if let Some(wire) = &binding.fields_param
            && let Some(given) = args.member(wire)
        {
            parts.query.insert(wire.to_string(), json!([text(&given.value())]));
        }
        for (name, value) in &service.policy.headers {
            // What only the place of running knows is a secret nearly always.
            if let Some(value) = value.literal() {
                parts.headers.insert(name.to_ascii_lowercase(), json!([value]));
            }
        }
        let body = binding.body.as_ref().and_then(|body| parts.body(body, args));

        let mut json = Map::new();
        json.insert("method".to_owned(), json!(&*binding.method));
        json.insert("path".to_owned(), json!(path));
        for (name, part) in [("query", parts.query), ("headers", parts.headers)] {
            if !part.is_empty() {
                json.insert(name.to_owned(), Value::Object(part));
            }
        }
        if let Some(body) = body {
            json.insert(
                "body".to_owned(),
                json!({ "contentType": "application/json", "encoded": false, "content": body }),
            );
        }
        for (name, part) in [("matchingRules", parts.rules), ("generators", parts.generators)] {
            if !part.is_empty() {
                json.insert(name.to_owned(), Value::Object(part));
            }
        }
        Self { json: Value::Object(json), parameters: parts.parameters }
    }
}

impl Parts {
    fn path(&mut self, template: &[PathPart], args: &Given) -> String {
        let (mut path, mut pattern, mut expression) = (String::new(), String::from("^"), String::new());
        let mut varies = false;
        for part in template {
            match part {
                PathPart::Literal(literal) => {
                    path.push_str(literal);
                    pattern.push_str(&escaped(literal));
                    expression.push_str(literal);
                }
                PathPart::Arg(name) => {
                    let given = args.member(name);
                    let value = given.map_or(Value::Null, Given::value);
                    let segment = percent_encoded(&text(&value));
                    path.push_str(&segment);
                    if given.is_some_and(Given::is_exact) {
                        pattern.push_str(&escaped(&segment));
                        expression.push_str(&segment);
                    } else {
                        varies = true;
                        pattern.push_str("[^/]+");
                        expression.push_str(&format!("${{{name}}}"));
                        self.parameters.insert(name.to_string(), value);
                    }
                }
            }
        }
        if varies {
            pattern.push('$');
            self.rules.insert("path".to_owned(), all_of(&[json!({ "match": "regex", "regex": pattern })]));
            self.generators.insert("path".to_owned(), from_state(&expression));
        }
        path
    }

    /// As `engine/src/encode/http.rs` writes it, before percent-encoding, which is the verifier's.
    fn param(&mut self, param: &HttpParam, given: &Given) {
        let value = given.value();
        let pairs: Vec<(String, Vec<String>)> = match (param.place, param.style, &value) {
            (_, ParamStyle::Json, value) => vec![(param.wire.to_string(), vec![value.to_string()])],
            (ParamPlace::Query, ParamStyle::DeepObject, Value::Object(_)) => deep(&param.wire, &value),
            (ParamPlace::Query, _, Value::Array(items)) if param.explode => {
                vec![(param.wire.to_string(), items.iter().map(text).collect())]
            }
            (ParamPlace::Query, _, Value::Object(members)) if param.explode => {
                members.iter().map(|(name, value)| (name.clone(), vec![text(value)])).collect()
            }
            (_, style, value) => {
                let delimiter = match style {
                    ParamStyle::SpaceDelimited => " ",
                    ParamStyle::PipeDelimited => "|",
                    _ => ",",
                };
                vec![(param.wire.to_string(), vec![joined(value, delimiter, param.explode)])]
            }
        };
        let pairs = pairs.into_iter().filter(|(_, values)| !values.is_empty());
        // One text stands for one argument; several cannot be filled in from one parameter.
        let single = !matches!(value, Value::Object(_));
        for (name, values) in pairs {
            let (category, name, written) = match param.place {
                ParamPlace::Query => ("query", name, json!(values)),
                ParamPlace::Header => ("header", name.to_ascii_lowercase(), json!(values)),
                ParamPlace::Cookie => {
                    let cookie = format!("{name}={}", values.concat());
                    self.headers.insert("cookie".to_owned(), json!([cookie]));
                    continue;
                }
            };
            let into = if category == "query" { &mut self.query } else { &mut self.headers };
            into.insert(name.clone(), written);
            if !given.is_exact() {
                insert(&mut self.rules, category, name.clone(), all_of(&[json!({ "match": "type" })]));
                if single && values.len() == 1 {
                    let expression = from_state(&format!("${{{}}}", param.arg));
                    insert(&mut self.generators, category, name, expression);
                    let first = values.first().cloned().unwrap_or_default();
                    self.parameters.insert(param.arg.to_string(), json!(first));
                }
            }
        }
    }

    fn body(&mut self, body: &HttpBody, args: &Given) -> Option<Value> {
        self.headers.insert("content-type".to_owned(), json!(["application/json"]));
        match body {
            HttpBody::Whole(name) => {
                let given = args.member(name)?;
                self.body_part(given, "$", None);
                Some(given.value())
            }
            HttpBody::Fields(names) => {
                let Given::Object(members) = args else { return None };
                let mut content = Map::new();
                for (name, given) in members.iter().filter(|(name, _)| names.contains(name)) {
                    self.body_part(given, &member_path("$", name), Some(name));
                    content.insert(name.to_string(), given.value());
                }
                Some(Value::Object(content))
            }
        }
    }

    /// `name` is that of the argument, if this is the whole of it.
    fn body_part(&mut self, given: &Given, path: &str, name: Option<&str>) {
        match given {
            Given::Exact(_) => {}
            Given::Like(value) => {
                insert(&mut self.rules, "body", path.to_owned(), all_of(&[json!({ "match": "type" })]));
                if let Some(name) = name
                    && !value.is_object()
                    && !value.is_array()
                {
                    let expression = from_state(&format!("${{{name}}}"));
                    insert(&mut self.generators, "body", path.to_owned(), expression);
                    self.parameters.insert(name.to_owned(), value.clone());
                }
            }
            Given::Object(members) => {
                for (name, given) in members {
                    self.body_part(given, &member_path(path, name), None);
                }
            }
            Given::Array(items) if items.iter().any(|item| !item.is_exact()) => {
                let rule = all_of(&[json!({ "match": "type", "min": 1 })]);
                insert(&mut self.rules, "body", path.to_owned(), rule);
                if let Some(item) = items.first() {
                    self.body_part(item, &format!("{path}[*]"), None);
                }
            }
            Given::Array(_) => {}
        }
    }
}

fn insert(map: &mut Map<String, Value>, category: &str, key: String, value: Value) {
    let part = map.entry(category).or_insert_with(|| Value::Object(Map::new()));
    if let Some(part) = part.as_object_mut() {
        part.insert(key, value);
    }
}

/// A generator: what answering the state change gave takes the example's place.
fn from_state(expression: &str) -> Value {
    json!({ "type": "ProviderState", "expression": expression, "dataType": "STRING" })
}

/// `filter[price][from]`, one pair for each scalar.
fn deep(name: &str, value: &Value) -> Vec<(String, Vec<String>)> {
    match value {
        Value::Null => Vec::new(),
        Value::Object(members) => {
            members.iter().flat_map(|(key, value)| deep(&format!("{name}[{key}]"), value)).collect()
        }
        Value::Array(items) => vec![(name.to_owned(), items.iter().map(text).collect())],
        value => vec![(name.to_owned(), vec![text(value)])],
    }
}

fn joined(value: &Value, delimiter: &str, explode: bool) -> String {
    let parts: Vec<String> = match value {
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(text).collect(),
        Value::Object(members) => {
            let between = if explode { "=" } else { delimiter };
            members.iter().map(|(name, value)| format!("{name}{between}{}", text(value))).collect()
        }
        value => return text(value),
    };
    parts.join(delimiter)
}

/// Of a scalar, without quotes.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// RFC 3986 §2.3: everything but unreserved characters becomes `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A text that a regular expression takes literally.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.|?*+()[]{}/-#&~".contains(c) && c != '/' && c != '-' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
