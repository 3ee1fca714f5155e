//! The Kotlin client: coroutines and kotlinx.serialization, HTTP by whatever the app has.
//!
//! Four files of one package: the client with a function an operation, its problems, its types, and what all of them
//! stand on, which is the same for every contract but for the package's name.

mod problems;
mod spell;
mod types;

use std::fmt::Write;

use self::spell::{docs, escaped, quoted, ty};
use super::declared::{Declared, Method, declare};
use super::notes;
use super::text::{self, Text};
use super::words::{Scope, pascal};
use crate::{Contract, Parameter, Place, SecurityScheme, Versioning};

const RUNTIME: &str = include_str!("kotlin/runtime.kt");
const DEVICE: &str = include_str!("kotlin/device.kt");

pub(super) fn files(contract: &Contract) -> Vec<(String, String)> {
    let client = format!("{}Client", pascal(&contract.bff, "Bff"));
    let mut reserved = spell::TYPES.to_vec();
    reserved.push(&client);
    let declared = declare(contract, &reserved, "Problem");
    let head = head(contract);
    let file = |name: &str, text: &str| (format!("{name}.kt"), format!("{head}\n{text}"));
    let mut files = vec![
        file(&client, &client_file(contract, &declared, &client)),
        file("Problems", &problems::file(&declared)),
        file("Types", &types::file(&declared)),
        file("Frontdesk", RUNTIME),
    ];
    if contract.security.values().any(|scheme| *scheme == SecurityScheme::Device) {
        files.push(file("DeviceCredentials", DEVICE));
    }
    files
}

fn head(contract: &Contract) -> String {
    let name: String = (contract.bff.chars())
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name };
    let package = if name.is_empty() { "bff".to_owned() } else { escaped(name) };
    format!(
        "// Written by `frontdesk gen client kotlin` from the contract of `{}`. Changes are lost when it is written again.\n\n\
         package frontdesk.{package}\n",
        text::plain(&contract.bff)
    )
}

fn client_file(contract: &Contract, declared: &Declared<'_>, name: &str) -> String {
    let mut out = Text::default();
    let (parameter, header) = version(contract);
    let mut doc = vec![match &contract.owner {
        Some(owner) => format!("What `{}` may ask of its BFF. Owner: {owner}.", contract.client),
        None => format!("What `{}` may ask of its BFF.", contract.client),
    }];
    doc.push(String::new());
    doc.push("Cancelling the coroutine ends the request.".to_owned());
    doc.push(String::new());
    doc.push("@param baseUrl `https://bff.example.com`".to_owned());
    if parameter.is_some() {
        doc.push("@param clientVersion the version of the app; it decides which fields there are".to_owned());
    }
    doc.push("@param timeout how long a call may take, all of its tries together".to_owned());
    docs(&mut out, &doc);
    out.line(format!("class {name}("));
    out.indented(|out| {
        out.line("baseUrl: String,");
        if let Some(parameter) = parameter {
            out.line(parameter);
        }
        out.line("credentials: Credentials? = null,");
        out.line("http: HttpSender = UrlConnectionSender(),");
        out.line("retries: Retries = Retries(),");
        out.line("timeout: Duration = 10.seconds,");
    });
    out.block(")", |out| {
        out.line(format!(
            "private val exchange = Exchange(baseUrl, {header}, credentials, http, retries, timeout)"
        ));
        for method in &declared.methods {
            function(out, declared, method);
        }
        companion(out, contract);
    });
    let code = out.finish();
    // Nothing is imported that is not used: linters of apps look at generated code as well.
    let mut imports =
        "import kotlin.time.Duration\nimport kotlin.time.Duration.Companion.seconds\n".to_owned();
    if code.contains("serializer<") {
        imports.push_str("import kotlinx.serialization.serializer\n");
    }
    if code.contains("JsonElement") {
        imports.push_str("import kotlinx.serialization.json.JsonElement\n");
    }
    format!("{imports}\n{code}")
}

/// The parameter that says which version asks, and the headers that every request has.
fn version(contract: &Contract) -> (Option<String>, String) {
    match &contract.versions {
        Versioning::None => (None, "emptyMap()".to_owned()),
        Versioning::Client { header, .. } => {
            (Some("clientVersion: String,".to_owned()), format!("mapOf({} to clientVersion)", quoted(header)))
        }
        Versioning::Dated { header, date } => (None, format!("mapOf({} to \"{date}\")", quoted(header))),
    }
}

/// An argument of a function: its name here, its type with the default, and what is done with it.
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
    let mut scope = Scope::with(&["serializer", "body"]);
    if !has_key {
        scope.take("idempotencyKey".to_owned());
    }
    let wire: Vec<&str> = method.parameters.iter().map(|(parameter, _)| &*parameter.input).collect();
    let names = super::words::settle(&wire, &mut scope, spell::member);
    let mut arguments = Vec::with_capacity(names.len() + 2);
    for ((parameter, kind), name) in method.parameters.iter().zip(names) {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        };
        let wire = if is_key(parameter) { "Idempotency-Key" } else { &*parameter.name };
        let name = escaped(name);
        let used = format!(".{place}({}, {name})", quoted(wire));
        let doc = notes::of_schema(&parameter.schema);
        arguments.push(argument(declared, name, kind, parameter.required, doc, used));
    }
    if let Some((kind, required)) = &method.body {
        let used = ".json(body)".to_owned();
        arguments.push(argument(declared, "body".to_owned(), kind, *required, Vec::new(), used));
    }
    let is_safe = matches!(&*method.operation.method, "GET" | "HEAD");
    if !is_safe && !has_key {
        arguments.push(Argument {
            name: "idempotencyKey".to_owned(),
            ty: "String? = null".to_owned(),
            required: false,
            doc: vec!["new for each thing to be done; with it, a lost answer is asked for again".to_owned()],
            used: ".header(\"Idempotency-Key\", idempotencyKey)".to_owned(),
        });
    }
    // Those with defaults come last, as callers expect.
    arguments.sort_by_key(|argument| !argument.required);
    arguments
}

fn argument(
    declared: &Declared<'_>,
    name: String,
    kind: &super::declared::Type,
    required: bool,
    doc: Vec<String>,
    used: String,
) -> Argument {
    let mut text = ty(declared, kind);
    if !required {
        if !text.ends_with('?') {
            text.push('?');
        }
        text.push_str(" = null");
    }
    Argument { name, ty: text, required, doc, used }
}

fn function(out: &mut Text, declared: &Declared<'_>, method: &Method<'_>) {
    let operation = method.operation;
    let arguments = arguments(declared, method);
    let mut doc = notes::of_operation(operation);
    for argument in arguments.iter().filter(|argument| !argument.doc.is_empty()) {
        doc.push(format!("@param {} {}", argument.name.trim_matches('`'), argument.doc.join(" ")));
    }
    out.gap();
    docs(out, &doc);
    if let Some(deprecation) = &operation.deprecated {
        out.line(format!("@Deprecated({})", quoted(&notes::of_deprecation(deprecation))));
    }
    let answer = ty(declared, &method.answer);
    let result = format!("Answer<{answer}, {}>", method.problems_name);
    let name = escaped(spell::member(&operation.id));
    let listed = arguments.iter().fold(String::new(), |mut listed, argument| {
        let separator = if listed.is_empty() { "" } else { ", " };
        let _ = write!(listed, "{separator}{}: {}", argument.name, argument.ty);
        listed
    });
    if listed.len() + name.len() + result.len() <= 90 {
        out.line(format!("suspend fun {name}({listed}): {result} ="));
    } else {
        out.line(format!("suspend fun {name}("));
        out.indented(|out| {
            for argument in &arguments {
                out.line(format!("{}: {},", argument.name, argument.ty));
            }
        });
        out.line(format!("): {result} ="));
    }
    out.indented(|out| {
        let is_shadowed = arguments.iter().any(|argument| argument.name == "exchange");
        out.line(if is_shadowed { "this.exchange.ask(" } else { "exchange.ask(" });
        out.indented(|out| {
            let secured = !operation.security.is_empty();
            let call = format!(
                "Call({}, {}, secured = {secured})",
                quoted(&operation.method),
                quoted(&operation.path)
            );
            if arguments.is_empty() {
                out.line(format!("{call},"));
            } else {
                out.line(call);
                out.indented(|out| {
                    for (at, argument) in arguments.iter().enumerate() {
                        let comma = if at + 1 == arguments.len() { "," } else { "" };
                        out.line(format!("{}{comma}", argument.used));
                    }
                });
            }
            out.line(format!("serializer<{answer}>(),"));
            out.line(format!("{}::of,", method.problems_name));
        });
        out.line(")");
    });
}

/// How one may prove who one is, with the headers that this BFF takes.
fn companion(out: &mut Text, contract: &Contract) {
    let mut made: Vec<(Vec<String>, String)> = Vec::new();
    for (name, scheme) in &contract.security {
        let function = escaped(spell::member(name));
        let (doc, code) = match scheme {
            SecurityScheme::Bearer => (
                "An access token in `Authorization`: see [BearerCredentials].",
                format!(
                    "fun {function}(token: suspend (rejected: String?) -> String?): Credentials = BearerCredentials(token)"
                ),
            ),
            SecurityScheme::ApiKey { header } => (
                "The key of an application; `null` if there is none.",
                format!(
                    "fun {function}(key: suspend () -> String?): Credentials = Credentials {{\n    \
                     key()?.let {{ mapOf({} to it) }}.orEmpty()\n}}",
                    quoted(header)
                ),
            ),
            SecurityScheme::Cookie { header, .. } => (
                "A session whose cookie the sender of requests keeps.",
                format!(
                    "fun {function}(): Credentials = Credentials {{ mapOf({} to \"1\") }}",
                    quoted(header)
                ),
            ),
            // The one has a class of its own, the other is the connection's.
            SecurityScheme::Device | SecurityScheme::Certificate => continue,
        };
        made.push((vec![doc.to_owned()], code));
    }
    if made.is_empty() {
        return;
    }
    out.gap();
    out.block("companion object", |out| {
        for (doc, code) in made {
            out.gap();
            docs(out, &doc);
            for line in code.lines() {
                out.line(line);
            }
        }
    });
}
