//! Contracts in a few lines of YAML, for cases. `testdata/diff/README.md` says how they are written.

use std::sync::Arc;

use frontdesk_contract::{
    Body, Contract, Field, Kind, More, Object, Operation, Parameter, Place, Problem, Schema, SecurityScheme,
    Versioning, Written,
};
use frontdesk_lang::model::{CacheScope, Idempotency};
use frontdesk_types::{Date, Deprecation, Life, Version};
use serde_json::{Map, Value};

pub fn contract(value: &Value, route: &str) -> Contract {
    let mut contract = Contract { bff: "ios".into(), client: "Harbor for iOS".into(), ..Contract::default() };
    let mut operations = Vec::new();
    let mut short = Map::new();
    for (key, value) in value.as_object().unwrap() {
        match key.as_str() {
            "bff" => contract.bff = text(value),
            "client" => contract.client = text(value),
            "owner" => contract.owner = Some(text(value)),
            "versions" => contract.versions = versions(value),
            "schemas" => {
                for (name, value) in value.as_object().unwrap() {
                    contract.schemas.insert(name.as_str().into(), schema(value));
                }
            }
            "ways" => {
                for (name, value) in value.as_object().unwrap() {
                    contract.security.insert(name.as_str().into(), way(value));
                }
            }
            route if route.contains(' ') => operations.push(operation(route, value.as_object().unwrap())),
            _ => {
                short.insert(key.clone(), value.clone());
            }
        }
    }
    if !short.is_empty() || operations.is_empty() {
        operations.push(operation(route, &short));
    }
    for name in operations.iter().flat_map(|operation| &operation.security) {
        contract.security.entry(name.clone()).or_insert_with(|| way(&Value::from(&**name)));
    }
    operations.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    contract.operations = operations;
    contract
}

fn text(value: &Value) -> Arc<str> {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).into()
}

fn texts(value: &Value) -> Vec<Arc<str>> {
    value.as_array().unwrap().iter().map(text).collect()
}

fn version(value: &Value) -> Version {
    Version::parse(&text(value)).unwrap_or_else(|| panic!("a version, not {value}"))
}

pub fn date(value: &Value) -> Date {
    Date::parse(&text(value)).unwrap_or_else(|| panic!("a date, not {value}"))
}

fn versions(value: &Value) -> Versioning {
    let header = |other: &str| value.get("header").map_or_else(|| other.into(), text);
    match value.get("date") {
        Some(at) => Versioning::Dated { header: header("Partner-Version"), date: date(at) },
        None => Versioning::Client {
            header: header("X-Client-Version"),
            minimum: value.get("minimum").map(version),
            supported: value
                .get("supported")
                .map(|list| list.as_array().unwrap().iter().map(version).collect())
                .unwrap_or_default(),
        },
    }
}

fn way(value: &Value) -> SecurityScheme {
    if let Some(header) = value.get("apiKeys") {
        return SecurityScheme::ApiKey { header: text(header) };
    }
    match value.as_str().unwrap() {
        "session" => SecurityScheme::Cookie { name: "__Host-session".into(), header: "X-Frontdesk".into() },
        "bearer" => SecurityScheme::Bearer,
        "device" => SecurityScheme::Device,
        "apiKeys" => SecurityScheme::ApiKey { header: "X-Api-Key".into() },
        "certificate" => SecurityScheme::Certificate,
        other => panic!("no way to prove who one is: {other}"),
    }
}

fn operation(route: &str, of: &Map<String, Value>) -> Operation {
    let (method, path) = route.split_once(' ').unwrap();
    let id = || {
        let words = path.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        format!("{}{}", method.to_lowercase(), words.map(capitalized).collect::<String>())
    };
    let mut operation = Operation {
        id: of.get("id").map_or_else(|| id().into(), text),
        method: method.into(),
        path: path.into(),
        summary: None,
        parameters: Vec::new(),
        body: None,
        answer: Schema::of(Kind::Boolean),
        problems: Vec::new(),
        degradable: Vec::new(),
        security: Vec::new(),
        scopes: Vec::new(),
        cache: None,
        idempotency: Idempotency::Off,
        deprecated: None,
        span: Written::default(),
    };
    for (key, value) in of {
        match key.as_str() {
            "id" => {}
            "summary" => operation.summary = Some(text(value)),
            "path" => parameters(&mut operation.parameters, Place::Path, value),
            "query" => parameters(&mut operation.parameters, Place::Query, value),
            "header" => parameters(&mut operation.parameters, Place::Header, value),
            "body" | "body?" => {
                operation.body = Some(Body { required: key == "body", schema: schema(value) });
            }
            "answer" => operation.answer = schema(value),
            "cache" => {
                operation.cache =
                    Some(if value == "public" { CacheScope::Public } else { CacheScope::Private });
            }
            "idempotency" => {
                operation.idempotency =
                    if value == "required" { Idempotency::Required } else { Idempotency::Optional };
            }
            "problems" => {
                for (code, value) in value.as_object().unwrap() {
                    let (status, title) = match value {
                        Value::Array(parts) => (parts[0].as_u64(), Some(text(&parts[1]))),
                        status => (status.as_u64(), None),
                    };
                    let status = u16::try_from(status.unwrap()).unwrap();
                    operation.problems.push(Problem { status, code: code.as_str().into(), title });
                }
                operation.problems.sort_by(|a, b| (a.status, &a.code).cmp(&(b.status, &b.code)));
            }
            "degradable" => operation.degradable = texts(value),
            "security" => operation.security = texts(value),
            "scopes" => operation.scopes = texts(value),
            "deprecated" => operation.deprecated = Some(deprecation(value)),
            other => panic!("an operation has no `{other}`"),
        }
    }
    operation
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn parameters(to: &mut Vec<Parameter>, place: Place, value: &Value) {
    for (key, value) in value.as_object().unwrap() {
        let (name, optional) = key.strip_suffix('?').map_or((key.as_str(), false), |name| (name, true));
        let input = value.get("$input").map_or_else(|| name.into(), text);
        to.push(Parameter {
            place,
            name: name.into(),
            input,
            required: !optional,
            schema: schema(value),
            span: Written::default(),
        });
    }
}

fn deprecation(value: &Value) -> Deprecation {
    Deprecation {
        since: date(&value["since"]),
        sunset: value.get("sunset").map(date),
        instead: value.get("use").map(text),
        because: value.get("because").map(text),
        enforce: value.get("enforce").is_some_and(|enforce| enforce == true),
    }
}

pub fn schema(value: &Value) -> Schema {
    match value {
        Value::String(word) => named(word),
        Value::Array(values) => Schema::of(Kind::Enum(values.clone())),
        Value::Object(map) if map.keys().any(|key| key.starts_with('$')) => written(map),
        Value::Object(map) => Schema::of(Kind::Object(object(map))),
        other => panic!("no schema: {other}"),
    }
}

/// `string`, `integer?`, `date-time`, `Product`.
fn named(word: &str) -> Schema {
    let (word, nullable) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
    let text = |format: Option<Arc<str>>| Kind::String { min: None, max: None, pattern: None, format };
    let kind = match word {
        "any" => Kind::Any,
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "integer" => Kind::Number { integer: true, min: None, max: None },
        "number" => Kind::Number { integer: false, min: None, max: None },
        "string" => text(None),
        "object" => Kind::Object(Object::default()),
        name if name.starts_with(char::is_uppercase) => Kind::Reference(name.into()),
        format => text(Some(format.into())),
    };
    Schema { nullable, ..Schema::of(kind) }
}

fn written(map: &Map<String, Value>) -> Schema {
    let count = |key: &str| map.get(key).and_then(Value::as_u64);
    let number = |key: &str| map.get(key).and_then(Value::as_f64);
    let list = |value: &Value| value.as_array().unwrap().iter().map(schema).collect::<Vec<_>>();
    let mut schema = Schema::default();
    let fields: Map<String, Value> =
        map.iter().filter(|(key, _)| !key.starts_with('$')).map(|(k, v)| (k.clone(), v.clone())).collect();
    if let Some(is) = map.get("$is") {
        schema = self::schema(is);
        match &mut schema.kind {
            Kind::Number { min, max, .. } => (*min, *max) = (number("$min"), number("$max")),
            Kind::String { min, max, pattern, format } => {
                (*min, *max, *pattern) = (count("$min"), count("$max"), map.get("$pattern").map(text));
                *format = map.get("$format").map(text).or(format.take());
            }
            _ => {}
        }
    } else if let Some(items) = map.get("$list") {
        let items = Box::new(self::schema(items));
        schema.kind = Kind::Array { items, min: count("$min"), max: count("$max") };
    } else if let Some(items) = map.get("$tuple") {
        schema.kind = Kind::Tuple(list(items));
    } else if let Some(variants) = map.get("$any") {
        schema.kind = Kind::AnyOf(list(variants));
    } else {
        let mut object = object(&fields);
        if let Some(more) = map.get("$more") {
            object.more = More::Of(Box::new(self::schema(more)));
        }
        schema.kind = Kind::Object(object);
    }
    schema.nullable |= map.get("$nullable").is_some_and(|nullable| nullable == true);
    schema.doc = map.get("$doc").map(text);
    schema.default = map.get("$default").cloned();
    schema.example = map.get("$example").cloned();
    schema
}

fn object(map: &Map<String, Value>) -> Object {
    let fields = map.iter().map(|(key, value)| {
        let (name, optional) = key.strip_suffix('?').map_or((key.as_str(), false), |name| (name, true));
        let life = Life {
            since: value.get("$since").map(version),
            until: value.get("$until").map(version),
            deprecated: value.get("$deprecated").map(deprecation),
        };
        let degraded_by = value.get("$degraded").map(texts).unwrap_or_default();
        let required = !optional && life.since.is_none() && life.until.is_none();
        Field {
            name: name.into(),
            schema: schema(value),
            required,
            life,
            degraded_by,
            span: Written::default(),
        }
    });
    Object { fields: fields.collect(), more: More::None }
}
