//! A contract as an OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use frontdesk_lang::model::{CacheScope, Idempotency};
use serde_json::{Map, Value, json};

use super::schema::{Way, deprecation, put, put_some, schema};
use super::{FORMAT, PROBLEM};
use crate::contract::{
    Body, Contract, Kind, More, Operation, Parameter, Place, Problem, Schema, SecurityScheme, Versioning,
};

/// The header that says which version asks, as the components have it.
const VERSION_PARAMETER: &str = "Version";

/// The status of what has not changed, which has no content.
pub(super) const NOT_MODIFIED: &str = "304";

/// What a text in a path can be at all: paths that servers differ in how they read are refused before anybody asks which
/// endpoint they lead to. Without slashes, backslashes and control characters; not `.` or `..`, with or without
/// `;parameters`.
pub(super) const SEGMENT: &str = r"^(?!\.{1,2}(;|$))[^\x00-\x1f/\\\x7f]+$";

/// The document. Its keys stand in a fixed order.
pub fn json(contract: &Contract) -> Value {
    let mut out = Map::new();
    put(&mut out, "openapi", json!("3.1.0"));
    put(&mut out, "info", info(contract));
    put(&mut out, "x-frontdesk", frontdesk(contract));
    put(&mut out, "servers", json!([{ "url": "/" }]));
    put(&mut out, "tags", json!([{ "name": &*contract.bff }]));
    put(&mut out, "paths", paths(contract));
    put(&mut out, "components", components(contract));
    Value::Object(out)
}

fn info(contract: &Contract) -> Value {
    let mut out = Map::new();
    put(&mut out, "title", json!(&*contract.bff));
    put(&mut out, "description", json!(format!("What `{}` may rely on.", contract.client)));
    let version = match &contract.versions {
        Versioning::Dated { date, .. } => date.to_string(),
        Versioning::None | Versioning::Client { .. } => "1".to_owned(),
    };
    put(&mut out, "version", json!(version));
    let contact = contract.owner.as_ref().unwrap_or(&contract.client);
    put(&mut out, "contact", json!({ "name": &**contact }));
    put_some(&mut out, "x-owner", contract.owner.as_deref().map(|owner| json!(owner)));
    Value::Object(out)
}

fn frontdesk(contract: &Contract) -> Value {
    let mut out = Map::new();
    put(&mut out, "format", json!(FORMAT));
    put(&mut out, "bff", json!(&*contract.bff));
    put(&mut out, "client", json!(&*contract.client));
    let versions = match &contract.versions {
        Versioning::None => None,
        Versioning::Client { header, minimum, supported } => {
            let mut versions = Map::new();
            put(&mut versions, "header", json!(&**header));
            put_some(&mut versions, "minimum", minimum.map(|version| json!(version.to_string())));
            let supported: Vec<String> = supported.iter().map(ToString::to_string).collect();
            put(&mut versions, "supported", json!(supported));
            Some(Value::Object(versions))
        }
        Versioning::Dated { header, date } => Some(json!({ "header": &**header, "date": date.to_string() })),
    };
    put_some(&mut out, "versions", versions);
    Value::Object(out)
}

fn paths(contract: &Contract) -> Value {
    let mut paths = Map::new();
    for operation in &contract.operations {
        let path = paths.entry(operation.path.to_string()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            put(methods, &operation.method.to_ascii_lowercase(), self::operation(contract, operation));
        }
    }
    Value::Object(paths)
}

fn operation(contract: &Contract, operation: &Operation) -> Value {
    let mut out = Map::new();
    put(&mut out, "operationId", json!(&*operation.id));
    put_some(&mut out, "summary", operation.summary.as_deref().map(|text| json!(text)));
    put(&mut out, "description", json!(description(operation)));
    put(&mut out, "tags", json!([&*contract.bff]));
    if let Some(life) = &operation.deprecated {
        put(&mut out, "deprecated", json!(true));
        put(&mut out, "x-deprecated", deprecation(life));
    }
    if !operation.degradable.is_empty() {
        put(&mut out, "x-degradable", texts(&operation.degradable));
    }
    if !operation.security.is_empty() {
        // Scopes stand apart: tools take names in these lists for those of OAuth flows, which the document has not.
        let any: Vec<Value> = operation.security.iter().map(|name| json!({ &**name: [] })).collect();
        put(&mut out, "security", Value::Array(any));
    }
    if !operation.scopes.is_empty() {
        put(&mut out, "x-scopes", texts(&operation.scopes));
    }
    put_some(&mut out, "x-cache", operation.cache.map(|scope| json!(cache_word(scope))));
    put_some(&mut out, "x-idempotency", idempotency_word(operation.idempotency).map(|word| json!(word)));
    let mut parameters: Vec<Value> = operation.parameters.iter().map(parameter).collect();
    if !operation.takes_key() && operation.idempotency != Idempotency::Off {
        let name = key_parameter(operation.idempotency).0;
        parameters.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
    }
    if contract.versions != Versioning::None {
        parameters.push(json!({ "$ref": format!("#/components/parameters/{VERSION_PARAMETER}") }));
    }
    if !parameters.is_empty() {
        put(&mut out, "parameters", Value::Array(parameters));
    }
    put_some(&mut out, "requestBody", operation.body.as_ref().map(body));
    put(&mut out, "responses", responses(operation));
    Value::Object(out)
}

/// In words, for readers of the document.
fn description(operation: &Operation) -> String {
    let names: Vec<String> = operation.degradable.iter().map(|label| format!("`{label}`")).collect();
    match names.as_slice() {
        [] => "The answer is whole or a problem.".to_owned(),
        names => format!(
            "The answer may have to do without {}; `Frontdesk-Degraded` then says so.",
            names.join(", ")
        ),
    }
}

fn texts(texts: &[Arc<str>]) -> Value {
    Value::Array(texts.iter().map(|text| json!(&**text)).collect())
}

pub(super) fn cache_word(scope: CacheScope) -> &'static str {
    match scope {
        CacheScope::Public => "public",
        CacheScope::Private => "private",
    }
}

pub(super) fn idempotency_word(idempotency: Idempotency) -> Option<&'static str> {
    match idempotency {
        Idempotency::Off => None,
        Idempotency::Optional => Some("optional"),
        Idempotency::Required => Some("required"),
    }
}

/// A key that is taken: visible ASCII but quotes and backslashes, bare or between quotes.
const KEY: &str = r#"^([!#-\[\]-~]{1,255}|"[!#-\[\]-~]{1,255}")$"#;

/// The `Idempotency-Key` of operations that do not read it themselves, and its name among the components.
fn key_parameter(idempotency: Idempotency) -> (&'static str, Value) {
    let is_required = idempotency == Idempotency::Required;
    let mut out = Map::new();
    put(&mut out, "name", json!("Idempotency-Key"));
    put(&mut out, "in", json!("header"));
    let description = "New for each thing to be done. With the same key it is done once, and answered again.";
    put(&mut out, "description", json!(description));
    put_some(&mut out, "required", is_required.then(|| json!(true)));
    put(&mut out, "schema", json!({ "type": "string", "pattern": KEY }));
    (if is_required { "RequiredKey" } else { "OptionalKey" }, Value::Object(out))
}

fn parameter(parameter: &Parameter) -> Value {
    let mut out = Map::new();
    put(&mut out, "name", json!(&*parameter.name));
    put(&mut out, "in", json!(place(parameter.place)));
    put_some(&mut out, "x-input", (parameter.input != parameter.name).then(|| json!(&*parameter.input)));
    put_some(&mut out, "required", parameter.required.then(|| json!(true)));
    let mut written = schema(&parameter.schema, Way::In);
    match &parameter.schema.kind {
        Kind::String { pattern: None, format: None, .. } if parameter.place == Place::Path => {
            put(&mut written, "pattern", json!(SEGMENT));
        }
        Kind::String { format: None, .. } if parameter.place == Place::Path => {
            put(&mut written, "allOf", json!([{ "pattern": SEGMENT }]));
        }
        _ => {}
    }
    put(&mut out, "schema", Value::Object(written));
    Value::Object(out)
}

pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    }
}

fn body(body: &Body) -> Value {
    let mut out = Map::new();
    put_some(&mut out, "required", body.required.then(|| json!(true)));
    put(&mut out, "content", json!({ "application/json": { "schema": schema(&body.schema, Way::In) } }));
    Value::Object(out)
}

fn responses(operation: &Operation) -> Value {
    let mut out = Map::new();
    let mut headers = vec!["X-Request-Id"];
    if !operation.degradable.is_empty() {
        headers.push("Frontdesk-Degraded");
    }
    if let Some(life) = &operation.deprecated {
        headers.push("Deprecation");
        headers.extend(life.sunset.is_some().then_some("Sunset"));
        headers.extend(life.instead.is_some().then_some("Link"));
    }
    match operation.cache {
        None => {}
        Some(CacheScope::Private) => headers.extend(["Cache-Control", "ETag", "Vary"]),
        Some(CacheScope::Public) => headers.extend(["Age", "Cache-Control", "ETag", "Vary"]),
    }
    let answer = json!({
        "description": "The answer",
        "headers": references(&headers),
        "content": { "application/json": { "schema": schema(&operation.answer, Way::Out) } },
    });
    put(&mut out, "200", answer);
    if operation.cache.is_some() {
        let headers = references(&["Cache-Control", "ETag", "Vary", "X-Request-Id"]);
        let same = "The answer whose `ETag` was sent in `If-None-Match` is still the answer";
        put(&mut out, NOT_MODIFIED, json!({ "description": same, "headers": headers }));
    }
    let mut by_status: BTreeMap<u16, Vec<&Problem>> = BTreeMap::new();
    for problem in &operation.problems {
        by_status.entry(problem.status).or_default().push(problem);
    }
    for (status, problems) in by_status {
        put(&mut out, &status.to_string(), problem_response(operation, status, &problems));
    }
    Value::Object(out)
}

fn problem_response(operation: &Operation, status: u16, problems: &[&Problem]) -> Value {
    let has = |code: &str| problems.iter().any(|problem| &*problem.code == code);
    let mut headers = vec!["X-Request-Id"];
    if matches!(status, 429 | 503) {
        headers.push("Retry-After");
    }
    let shows_credential = operation.security.iter().any(|name| &**name != "session");
    if (status == 401 && (shows_credential || has("step_up_required")))
        || (status == 403 && has("insufficient_scope"))
    {
        headers.push("WWW-Authenticate");
    }
    if has("use_dpop_nonce") {
        headers.push("DPoP-Nonce");
    }
    if has("client_too_old") || (has("gone") && operation.deprecated.is_some()) {
        headers.push("Link");
    }
    let mut code = Map::new();
    put(&mut code, "enum", Value::Array(problems.iter().map(|problem| json!(&*problem.code)).collect()));
    let titles: Map<String, Value> = problems
        .iter()
        .filter_map(|problem| Some((problem.code.to_string(), json!(problem.title.as_deref()?))))
        .collect();
    if !titles.is_empty() {
        put(&mut code, "x-titles", Value::Object(titles));
    }
    let one_of_ours = json!({ "properties": { "code": code } });
    let problem = json!({ "$ref": format!("#/components/schemas/{PROBLEM}") });
    json!({
        "description": phrase(status),
        "headers": references(&headers),
        "content": { "application/problem+json": { "schema": { "allOf": [problem, one_of_ours] } } },
    })
}

fn references(headers: &[&str]) -> Value {
    let one = |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    Value::Object(headers.iter().map(one).collect())
}

fn components(contract: &Contract) -> Value {
    let mut out = Map::new();
    let taken = names_taken_in(contract);
    let mut schemas = Map::new();
    for (name, named) in &contract.schemas {
        let way = if taken.contains(name) { Way::In } else { Way::Out };
        put(&mut schemas, name, Value::Object(schema(named, way)));
    }
    if contract.operations.iter().any(|operation| !operation.problems.is_empty()) {
        put(&mut schemas, PROBLEM, problem_schema());
    }
    if !schemas.is_empty() {
        put(&mut out, "schemas", Value::Object(schemas));
    }
    let keyed = contract.operations.iter().filter(|operation| !operation.takes_key());
    let mut parameters: BTreeMap<&str, Value> = keyed
        .filter(|operation| operation.idempotency != Idempotency::Off)
        .map(|operation| key_parameter(operation.idempotency))
        .collect();
    parameters.extend(version_parameter(contract));
    if !parameters.is_empty() {
        put(&mut out, "parameters", json!(parameters));
    }
    let headers = headers(&paths(contract));
    if !headers.is_empty() {
        put(&mut out, "headers", Value::Object(headers));
    }
    let schemes: Map<String, Value> =
        contract.security.iter().map(|(name, scheme)| (name.to_string(), security_scheme(scheme))).collect();
    if !schemes.is_empty() {
        put(&mut out, "securitySchemes", Value::Object(schemes));
    }
    Value::Object(out)
}

/// Schemas that are part of a body.
fn names_taken_in(contract: &Contract) -> BTreeSet<Arc<str>> {
    let mut names = BTreeSet::new();
    let mut waiting: Vec<&Schema> = contract
        .operations
        .iter()
        .flat_map(|operation| {
            let body = operation.body.iter().map(|body| &body.schema);
            body.chain(operation.parameters.iter().map(|parameter| &parameter.schema))
        })
        .collect();
    while let Some(schema) = waiting.pop() {
        match &schema.kind {
            Kind::Reference(name) if names.insert(name.clone()) => waiting.extend(contract.schemas.get(name)),
            Kind::Array { items, .. } => waiting.push(items),
            Kind::Tuple(items) | Kind::AnyOf(items) => waiting.extend(items),
            Kind::Object(object) => {
                waiting.extend(object.fields.iter().map(|field| &field.schema));
                if let More::Of(of) = &object.more {
                    waiting.push(of);
                }
            }
            _ => {}
        }
    }
    names
}

fn version_parameter(contract: &Contract) -> Option<(&'static str, Value)> {
    let (header, description, schema) = match &contract.versions {
        Versioning::None => return None,
        Versioning::Client { header, .. } => (
            header,
            "The version of the client that asks. Without it, the oldest that is served.",
            json!({ "type": "string", "pattern": r"^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){0,2}$" }),
        ),
        Versioning::Dated { header, date } => (
            header,
            "The date of the contract that is asked for. Without it, what the API key is held to, else the newest.",
            json!({ "type": "string", "enum": [date.to_string()] }),
        ),
    };
    let value = json!({ "name": &**header, "in": "header", "description": description, "schema": schema });
    Some((VERSION_PARAMETER, value))
}

/// Those that the responses mention.
fn headers(paths: &Value) -> Map<String, Value> {
    let text = paths.to_string();
    let is_mentioned = |name: &str| text.contains(&format!("\"#/components/headers/{name}\""));
    let rows = [
        ("Age", "For how many seconds the answer has been kept (RFC 9111 §5.1)."),
        ("Cache-Control", "For how long the answer may be kept, and by whom (RFC 9111 §5.2)."),
        ("DPoP-Nonce", "A nonce for the next proof (RFC 9449 §8)."),
        ("Deprecation", "Since when the operation is deprecated (RFC 9745)."),
        (
            "ETag",
            "Names the answer: sent in `If-None-Match`, it saves what has not changed (RFC 9110 §8.8.3).",
        ),
        (
            "Frontdesk-Degraded",
            "The calls that the answer does without, each with its reason: `similar;reason=timeout` (RFC 9651).",
        ),
        ("Link", "What to use instead (RFC 8288)."),
        ("Retry-After", "Seconds to wait before the next attempt."),
        ("Sunset", "From when on the operation may be gone (RFC 8594)."),
        ("Vary", "What of the request the answer depends on (RFC 9110 §12.5.5)."),
        ("WWW-Authenticate", "What to prove, and how."),
        ("X-Request-Id", "What to quote when something went wrong."),
    ];
    let row = |(name, description): (&str, &str)| {
        let kind = if matches!(name, "Age" | "Retry-After") { "integer" } else { "string" };
        (name.to_owned(), json!({ "description": description, "schema": { "type": kind } }))
    };
    rows.into_iter().filter(|(name, _)| is_mentioned(name)).map(row).collect()
}

fn security_scheme(scheme: &SecurityScheme) -> Value {
    match scheme {
        SecurityScheme::Cookie { name, header } => json!({
            "type": "apiKey",
            "in": "cookie",
            "name": &**name,
            "description": "Signed in under `/auth/login`. Requests carry the header of `x-header` beside the cookie.",
            "x-method": "session",
            "x-header": &**header,
        }),
        SecurityScheme::Bearer => json!({ "type": "http", "scheme": "bearer", "x-method": "bearer" }),
        SecurityScheme::Device => json!({
            "type": "http",
            "scheme": "DPoP",
            "description": "A token with a proof by the device's key (RFC 9449).",
            "x-method": "device",
        }),
        SecurityScheme::ApiKey { header } => json!({
            "type": "apiKey",
            "in": "header",
            "name": &**header,
            "x-method": "apiKeys",
        }),
        SecurityScheme::Certificate => json!({ "type": "mutualTLS", "x-method": "certificate" }),
    }
}

/// RFC 9457.
fn problem_schema() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457). Clients branch on `code`.",
        "properties": {
            "title": text("What went wrong, for developers."),
            "status": { "type": "integer", "description": "The status of the response." },
            "code": text("Stable. Which ones an operation may answer stands there."),
            "detail": text("More of this one occurrence, for developers."),
            "instance": text("The path that was asked for."),
            "correlationId": text("What to quote when asking for help: also in `X-Request-Id`."),
            "login_url": text("Where a page sends its user to sign in."),
            "upgrade_url": text("Where a newer version of the client is to be had."),
            "successor": text("The route that takes the place of one that is gone."),
            "errors": {
                "type": "array",
                "description": "What does not fit, of `invalid_input`.",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": text("A JSON pointer (RFC 6901) into the inputs."),
                        "code": text("Stable: `required`, `type`, `too_long`, …"),
                        "detail": text("For developers."),
                    },
                    "required": ["pointer", "code", "detail"],
                },
            },
        },
        "required": ["title", "status", "code"],
    })
}

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "The request does not fit",
        401 => "Nobody is signed in, or the credential is not good",
        403 => "Not allowed",
        404 => "Not found",
        408 => "The body came too slowly",
        409 => "Not in this state",
        410 => "Gone",
        413 => "The body is too large",
        415 => "The body is not JSON",
        422 => "Cannot be done",
        426 => "The client is too old",
        429 => "Too many requests",
        500 => "A bug of ours",
        502 => "A service failed",
        503 => "Not at the moment",
        504 => "Not in time",
        status if status < 500 => "Refused",
        _ => "Failed",
    }
}
