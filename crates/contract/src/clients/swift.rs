//! The Swift client: async/await and Codable on Foundation alone.
//!
//! Four files of one module: the client with a method an operation, the codes of its problems, its types, and what all
//! of them stand on, which is the same for every contract.

mod codes;
mod spell;
mod types;

use std::fmt::Write;

use self::spell::{docs, escaped, quoted, ty};
use super::declared::{Declared, Method, Type, declare};
use super::notes;
use super::text::{self, Text};
use super::words::{Scope, pascal, settle};
use crate::{Contract, Parameter, Place, SecurityScheme, Versioning};

const RUNTIME: &str = include_str!("swift/runtime.swift");
const DEVICE: &str = include_str!("swift/device.swift");

pub(super) fn files(contract: &Contract) -> Vec<(String, String)> {
    let client = format!("{}Client", pascal(&contract.bff, "Bff"));
    let mut reserved = spell::TYPES.to_vec();
    reserved.push(&client);
    let declared = declare(contract, &reserved, "Code");
    let head = format!(
        "// Written by `frontdesk gen client swift` from the contract of `{}`. Changes are lost when it is written again.\n",
        text::plain(&contract.bff)
    );
    let file = |name: &str, text: &str| (format!("{name}.swift"), format!("{head}\n{text}"));
    let mut files = vec![
        file(&client, &client_file(contract, &declared, &client)),
        file("Codes", &codes::file(&declared)),
        file("Types", &types::file(&declared)),
        file("Frontdesk", RUNTIME),
    ];
    if contract.security.values().any(|scheme| *scheme == SecurityScheme::Device) {
        files.push(file("DeviceCredentials", DEVICE));
    }
    files
}

fn client_file(contract: &Contract, declared: &Declared<'_>, name: &str) -> String {
    let mut out = Text::default();
    out.line("import Foundation");
    out.gap();
    let (parameter, headers) = version(contract);
    docs(
        &mut out,
        &[
            match &contract.owner {
                Some(owner) => format!("What `{}` may ask of its BFF. Owner: {owner}.", contract.client),
                None => format!("What `{}` may ask of its BFF.", contract.client),
            },
            String::new(),
            "Cancelling the task ends the request.".to_owned(),
        ],
    );
    out.block(format!("public struct {name}: Sendable"), |out| {
        out.line("private let exchange: Exchange");
        out.gap();
        let mut doc = vec!["- Parameters:".to_owned(), "  - baseURL: `https://bff.example.com`".to_owned()];
        if parameter {
            doc.push(
                "  - clientVersion: the version of the app; it decides which fields there are".to_owned(),
            );
        }
        doc.push("  - timeout: seconds that a call may take, all of its tries together".to_owned());
        docs(out, &doc);
        out.line("public init(");
        out.indented(|out| {
            out.line("baseURL: URL,");
            if parameter {
                out.line("clientVersion: String,");
            }
            out.line("credentials: (any Credentials)? = nil,");
            out.line("sender: any HTTPSender = URLSessionSender(),");
            out.line("retries: Retries = Retries(),");
            out.line("timeout: Double = 10");
        });
        out.block(")", |out| {
            out.line("exchange = Exchange(");
            out.indented(|out| {
                out.line(format!("baseURL, headers: {headers}, credentials: credentials, sender: sender,"));
                out.line("retries: retries, timeout: timeout)");
            });
        });
        for method in &declared.methods {
            function(out, declared, method);
        }
        schemes(out, contract);
    });
    out.finish()
}

/// Whether the app says its version, and the headers that every request has.
fn version(contract: &Contract) -> (bool, String) {
    match &contract.versions {
        Versioning::None => (false, "[:]".to_owned()),
        Versioning::Client { header, .. } => (true, format!("[{}: clientVersion]", quoted(header))),
        Versioning::Dated { header, date } => (false, format!("[{}: \"{date}\"]", quoted(header))),
    }
}

/// An argument of a method: its name here, its type with the default, and what is done with it.
struct Argument {
    name: String,
    ty: String,
    required: bool,
    doc: Vec<String>,
    used: String,
}

fn arguments(declared: &Declared<'_>, method: &Method<'_>) -> Vec<Argument> {
    let is_key = |parameter: &Parameter| {
        parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("Idempotency-Key")
    };
    let has_key = method.parameters.iter().any(|(parameter, _)| is_key(parameter));
    let mut scope = Scope::with(&["call", "body"]);
    if !has_key {
        scope.take("idempotencyKey".to_owned());
    }
    let wire: Vec<&str> = method.parameters.iter().map(|(parameter, _)| &*parameter.input).collect();
    let names = settle(&wire, &mut scope, spell::member);
    let mut arguments = Vec::with_capacity(names.len() + 2);
    for ((parameter, kind), name) in method.parameters.iter().zip(names) {
        let place = match parameter.place {
            Place::Path => "try call.path",
            Place::Query => "call.query",
            Place::Header => "call.header",
        };
        let wire = if is_key(parameter) { "Idempotency-Key" } else { &*parameter.name };
        let name = escaped(name);
        let used = format!("{place}({}, {name})", quoted(wire));
        let doc = notes::of_schema(&parameter.schema);
        arguments.push(argument(declared, name, kind, parameter.required, doc, used));
    }
    if let Some((kind, required)) = &method.body {
        let used = "try call.json(body)".to_owned();
        arguments.push(argument(declared, "body".to_owned(), kind, *required, Vec::new(), used));
    }
    let is_safe = matches!(&*method.operation.method, "GET" | "HEAD");
    if !is_safe && !has_key {
        arguments.push(Argument {
            name: "idempotencyKey".to_owned(),
            ty: "String? = nil".to_owned(),
            required: false,
            doc: vec!["new for each thing to be done; with it, a lost answer is asked for again".to_owned()],
            used: "call.header(\"Idempotency-Key\", idempotencyKey)".to_owned(),
        });
    }
    arguments.sort_by_key(|argument| !argument.required);
    arguments
}

fn argument(
    declared: &Declared<'_>,
    name: String,
    kind: &Type,
    required: bool,
    doc: Vec<String>,
    used: String,
) -> Argument {
    let mut text = ty(declared, kind);
    if !required {
        if !text.ends_with('?') {
            text.push('?');
        }
        text.push_str(" = nil");
    }
    Argument { name, ty: text, required, doc, used }
}

fn function(out: &mut Text, declared: &Declared<'_>, method: &Method<'_>) {
    let operation = method.operation;
    let arguments = arguments(declared, method);
    let mut doc = notes::of_operation(operation);
    let told: Vec<&Argument> = arguments.iter().filter(|argument| !argument.doc.is_empty()).collect();
    if !told.is_empty() {
        doc.push(String::new());
        doc.push("- Parameters:".to_owned());
        doc.extend(
            told.iter().map(|told| format!("  - {}: {}", told.name.trim_matches('`'), told.doc.join(" "))),
        );
    }
    out.gap();
    docs(out, &doc);
    if let Some(deprecation) = &operation.deprecated {
        out.line(spell::deprecated(deprecation));
    }
    let result = format!("Answer<{}, {}>", ty(declared, &method.answer), method.problems_name);
    let name = escaped(spell::member(&operation.id));
    let listed = arguments.iter().fold(String::new(), |mut listed, argument| {
        let separator = if listed.is_empty() { "" } else { ", " };
        let _ = write!(listed, "{separator}{}: {}", argument.name, argument.ty);
        listed
    });
    let body = |out: &mut Text| {
        let binding = if arguments.is_empty() { "let" } else { "var" };
        let (route, path) = (quoted(&operation.method), quoted(&operation.path));
        let secured = !operation.security.is_empty();
        out.line(format!("{binding} call = Call({route}, {path}, secured: {secured})"));
        for argument in &arguments {
            out.line(&argument.used);
        }
        let is_shadowed = arguments.iter().any(|argument| argument.name == "exchange");
        out.line(format!("return try await {}exchange.ask(call)", if is_shadowed { "self." } else { "" }));
    };
    if listed.len() + name.len() + result.len() <= 70 {
        out.block(format!("public func {name}({listed}) async throws -> {result}"), body);
    } else {
        out.line(format!("public func {name}("));
        out.indented(|out| {
            for (at, argument) in arguments.iter().enumerate() {
                let comma = if at + 1 == arguments.len() { "" } else { "," };
                out.line(format!("{}: {}{comma}", argument.name, argument.ty));
            }
        });
        out.block(format!(") async throws -> {result}"), body);
    }
}

/// How one may prove who one is, with the headers that this BFF takes.
fn schemes(out: &mut Text, contract: &Contract) {
    for (name, scheme) in &contract.security {
        let function = escaped(spell::member(name));
        let (doc, head, code) = match scheme {
            SecurityScheme::Bearer => (
                "An access token in `Authorization`: see `BearerCredentials`.",
                "_ token: @escaping @Sendable (_ rejected: String?) async throws -> String?",
                "BearerCredentials(token)".to_owned(),
            ),
            SecurityScheme::ApiKey { header } => (
                "The key of an application; `nil` if there is none.",
                "_ key: @escaping @Sendable () async throws -> String?",
                format!("HeaderCredentials({}, value: key)", quoted(header)),
            ),
            SecurityScheme::Cookie { header, .. } => (
                "A session whose cookie the sender of requests keeps.",
                "",
                format!("HeaderCredentials({}) {{ \"1\" }}", quoted(header)),
            ),
            // The one has a class of its own, the other is the connection's.
            SecurityScheme::Device | SecurityScheme::Certificate => continue,
        };
        out.gap();
        docs(out, &[doc.to_owned()]);
        out.block(format!("public static func {function}({head}) -> some Credentials"), |out| {
            out.line(code);
        });
    }
}
