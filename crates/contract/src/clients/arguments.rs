//! What a function of an operation takes, for languages that pass arguments by name: one list, spelled by each.

use std::fmt::Write;

use frontdesk_lang::model::Idempotency;

use super::declared::{Declared, Method, Type};
use super::notes;
use super::words::{Scope, settle};
use crate::{Contract, Parameter, Place, Versioning};

/// How a language writes what an argument is and what is done with it.
pub(super) struct Spelling {
    /// The name of a parameter, made of its name in the contract.
    pub member: fn(&str) -> String,
    /// A name as it may stand in code.
    pub escaped: fn(String) -> String,
    pub ty: fn(&Declared<'_>, &Type) -> String,
    pub quoted: fn(&str) -> String,
    /// The value of what is left out.
    pub absent: &'static str,
    pub path: &'static str,
    pub query: &'static str,
    pub header: &'static str,
    /// The body as JSON.
    pub json: &'static str,
    /// Names that a function uses itself.
    pub taken: &'static [&'static str],
}

/// An argument: its name, its type with the default, and what is done with it.
pub(super) struct Argument {
    pub name: String,
    pub ty: String,
    required: bool,
    /// What there is to say of it; may be nothing.
    pub doc: Vec<String>,
    pub used: String,
}

/// In the order in which they are written: those with defaults come last.
pub(super) fn arguments(declared: &Declared<'_>, method: &Method<'_>, spell: &Spelling) -> Vec<Argument> {
    let is_key = Parameter::is_key;
    let has_key = method.parameters.iter().any(|(parameter, _)| is_key(parameter));
    let mut scope = Scope::with(spell.taken);
    scope.take("body".to_owned());
    if !has_key {
        scope.take("idempotencyKey".to_owned());
    }
    let wire: Vec<&str> = method.parameters.iter().map(|(parameter, _)| &*parameter.input).collect();
    let names = settle(&wire, &mut scope, spell.member);
    let mut arguments = Vec::with_capacity(names.len() + 2);
    for ((parameter, kind), name) in method.parameters.iter().zip(names) {
        let put = match parameter.place {
            Place::Path => spell.path,
            Place::Query => spell.query,
            Place::Header => spell.header,
        };
        let wire = if is_key(parameter) { "Idempotency-Key" } else { &*parameter.name };
        let name = (spell.escaped)(name);
        arguments.push(Argument {
            ty: spell.argument(declared, kind, parameter.required),
            required: parameter.required,
            doc: notes::of_schema(&parameter.schema),
            used: format!("{put}({}, {name})", (spell.quoted)(wire)),
            name,
        });
    }
    if let Some((kind, required)) = &method.body {
        arguments.push(Argument {
            name: "body".to_owned(),
            ty: spell.argument(declared, kind, *required),
            required: *required,
            doc: Vec::new(),
            used: format!("{}(body)", spell.json),
        });
    }
    let needs_key = method.operation.idempotency == Idempotency::Required;
    let is_safe = matches!(&*method.operation.method, "GET" | "HEAD");
    if !is_safe && !has_key {
        arguments.push(Argument {
            name: "idempotencyKey".to_owned(),
            ty: if needs_key { "String".to_owned() } else { format!("String? = {}", spell.absent) },
            required: needs_key,
            doc: vec!["new for each thing to be done; with it, a lost answer is asked for again".to_owned()],
            used: format!("{}(\"Idempotency-Key\", idempotencyKey)", spell.header),
        });
    }
    arguments.sort_by_key(|argument| !argument.required);
    arguments
}

impl Spelling {
    fn argument(&self, declared: &Declared<'_>, kind: &Type, required: bool) -> String {
        let mut text = (self.ty)(declared, kind);
        if !required {
            if !text.ends_with('?') {
                text.push('?');
            }
            let _ = write!(text, " = {}", self.absent);
        }
        text
    }
}

/// `name: Type, …`, on one line.
pub(super) fn listed(arguments: &[Argument]) -> String {
    let all: Vec<String> =
        arguments.iter().map(|argument| format!("{}: {}", argument.name, argument.ty)).collect();
    all.join(", ")
}

/// Whether an argument hides the client's own `exchange`.
pub(super) fn hide_exchange(arguments: &[Argument]) -> bool {
    arguments.iter().any(|argument| argument.name == "exchange")
}

/// The header that every request has for its version's sake, and its value as code: the client's `clientVersion`, or
/// the date.
pub(super) fn version(contract: &Contract) -> Option<(&str, String)> {
    match &contract.versions {
        Versioning::None => None,
        Versioning::Client { header, .. } => Some((header, "clientVersion".to_owned())),
        Versioning::Dated { header, date } => Some((header, format!("\"{date}\""))),
    }
}

/// Whether the app says its version.
pub(super) fn asks_version(contract: &Contract) -> bool {
    matches!(contract.versions, Versioning::Client { .. })
}
