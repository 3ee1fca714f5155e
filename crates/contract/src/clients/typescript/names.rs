//! What things are called in the module, each by a name of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use frontdesk_types::{is_identifier, is_reserved};

use crate::{Contract, Kind, Operation, Place};

/// What the module, or what it uses of JavaScript, is called already.
const TAKEN: &[&str] = &[
    "AbortController",
    "AbortSignal",
    "Answered",
    "Array",
    "Boolean",
    "CallOptions",
    "ClientOptions",
    "CommonOptions",
    "CommonProblem",
    "DOMException",
    "Date",
    "Degraded",
    "DeprecationNotice",
    "Error",
    "Headers",
    "InputError",
    "JSON",
    "Known",
    "Limit",
    "Math",
    "NoAnswer",
    "Number",
    "Object",
    "Operation",
    "Place",
    "Problem",
    "ProblemError",
    "Promise",
    "RangeError",
    "Readonly",
    "Record",
    "Refused",
    "RequestInit",
    "Response",
    "Result",
    "ReturnType",
    "Set",
    "String",
    "TextEncoder",
    "URL",
    "URLSearchParams",
    "UnknownProblem",
    "Values",
    "WriteOptions",
];

/// Words that are no names of types, beside those that name nothing at all.
const WORDS: &[&str] = &[
    "any", "as", "async", "bigint", "boolean", "eval", "never", "number", "object", "string", "symbol",
    "type", "unknown",
];

/// Methods that would make something else of a class, or of its objects.
const NO_METHODS: &[&str] =
    &["constructor", "prototype", "then", "toJSON", "toString", "valueOf", "__proto__"];

pub struct Names {
    pub class: String,
    schemas: BTreeMap<Arc<str>, String>,
    /// Along with the contract's operations.
    pub operations: Vec<OperationNames>,
}

pub struct OperationNames {
    /// The method, and the key in the table of operations.
    pub method: String,
    /// The type of the input.
    pub input: String,
    /// The type of its own problems.
    pub problem: String,
    /// The type of the answer, if the answer is no named schema.
    pub answer: String,
    /// Members of the input, in the order of parameters, then members of the body.
    pub inputs: Vec<Member>,
}

/// A member of an operation's input.
pub struct Member {
    pub name: String,
    /// `path`, `query`, `header`, `body`.
    pub place: &'static str,
    pub wire: Arc<str>,
}

impl Names {
    pub fn new(contract: &Contract) -> Self {
        let mut taken: BTreeSet<String> = TAKEN.iter().chain(WORDS).map(|name| (*name).to_owned()).collect();
        let class = own_type(&format!("{}Client", pascal(&contract.bff)), &mut taken);
        let schemas = contract
            .schemas
            .keys()
            .map(|name| (name.clone(), own_type(&identifier(name), &mut taken)))
            .collect();
        let mut methods: BTreeSet<String> = NO_METHODS.iter().map(|name| (*name).to_owned()).collect();
        let operations = contract
            .operations
            .iter()
            .map(|operation| {
                let base = pascal(&operation.id);
                OperationNames {
                    method: own(&identifier(&operation.id), &mut methods),
                    input: own_type(&format!("{base}Input"), &mut taken),
                    problem: own_type(&format!("{base}Problem"), &mut taken),
                    answer: own_type(&format!("{base}Answer"), &mut taken),
                    inputs: members(contract, operation),
                }
            })
            .collect();
        Self { class, schemas, operations }
    }

    /// The type of a named schema.
    pub fn schema(&self, name: &str) -> Option<&str> {
        self.schemas.get(name).map(String::as_str)
    }
}

fn members(contract: &Contract, operation: &Operation) -> Vec<Member> {
    let mut taken = BTreeSet::new();
    let mut members: Vec<Member> = operation
        .parameters
        .iter()
        .map(|parameter| Member {
            name: own(&parameter.input, &mut taken),
            place: match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
            },
            wire: parameter.name.clone(),
        })
        .collect();
    let body = operation.body.as_ref().and_then(|body| contract.resolve(&body.schema));
    if let Some(Kind::Object(object)) = body.map(|body| &body.kind) {
        members.extend(object.fields.iter().map(|field| Member {
            name: own(&field.name, &mut taken),
            place: "body",
            wire: field.name.clone(),
        }));
    }
    members
}

/// The name, or what it becomes because another thing has it.
fn own(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

fn own_type(name: &str, taken: &mut BTreeSet<String>) -> String {
    if is_reserved(name) { own(&format!("{name}_"), taken) } else { own(name, taken) }
}

fn identifier(name: &str) -> String {
    let mut out: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !out.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        out.insert(0, '_');
    }
    out
}

fn pascal(name: &str) -> String {
    let mut out = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut rest = word.chars();
        out.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(rest.as_str());
    }
    identifier(&out)
}

/// The key of an object's member: quoted unless it is an identifier.
pub fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { super::literal(name) }
}
