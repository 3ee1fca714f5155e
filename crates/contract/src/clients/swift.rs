//! The Swift client: async/await and Codable on Foundation alone.
//!
//! Four files of one module: the client with a method an operation, the codes of its problems, its types, and what all
//! of them stand on, which is the same for every contract.

mod codes;
mod spell;
mod types;

use self::spell::{docs, escaped, quoted, ty};
use super::arguments::{self, Spelling};
use super::declared::{Declared, Method, declare};
use super::notes;
use super::text::{self, Text};
use super::words::pascal;
use crate::{Contract, SecurityScheme};

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
    let asks_version = arguments::asks_version(contract);
    let headers = match arguments::version(contract) {
        Some((header, value)) => format!("[{}: {value}]", quoted(header)),
        None => "[:]".to_owned(),
    };
    let doc = [notes::of_client(contract), String::new(), "Cancelling the task ends the request.".to_owned()];
    docs(&mut out, &doc);
    out.block(format!("public struct {name}: Sendable"), |out| {
        out.line("private let exchange: Exchange");
        out.gap();
        let mut doc = vec!["- Parameters:".to_owned(), "  - baseURL: `https://bff.example.com`".to_owned()];
        if asks_version {
            doc.push(
                "  - clientVersion: the version of the app; it decides which fields there are".to_owned(),
            );
        }
        doc.push("  - timeout: seconds that a call may take, all of its tries together".to_owned());
        docs(out, &doc);
        out.line("public init(");
        out.indented(|out| {
            out.line("baseURL: URL,");
            if asks_version {
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

const SPELLING: Spelling = Spelling {
    member: spell::member,
    escaped,
    ty,
    quoted,
    absent: "nil",
    path: "try call.path",
    query: "call.query",
    header: "call.header",
    json: "try call.json",
    taken: &["call"],
};

fn function(out: &mut Text, declared: &Declared<'_>, method: &Method<'_>) {
    let operation = method.operation;
    let arguments = arguments::arguments(declared, method, &SPELLING);
    let mut doc = notes::of_operation(operation);
    let told: Vec<_> = arguments.iter().filter(|argument| !argument.doc.is_empty()).collect();
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
    let listed = arguments::listed(&arguments);
    let body = |out: &mut Text| {
        let binding = if arguments.is_empty() { "let" } else { "var" };
        let (route, path) = (quoted(&operation.method), quoted(&operation.path));
        let secured = !operation.security.is_empty();
        out.line(format!("{binding} call = Call({route}, {path}, secured: {secured})"));
        for argument in &arguments {
            out.line(&argument.used);
        }
        let is_shadowed = arguments::hide_exchange(&arguments);
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
