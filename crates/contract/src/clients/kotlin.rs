//! The Kotlin client: coroutines and kotlinx.serialization, HTTP by whatever the app has.
//!
//! Four files of one package: the client with a function an operation, its problems, its types, and what all of them
//! stand on, which is the same for every contract but for the package's name.

mod problems;
mod spell;
mod types;

use self::spell::{docs, escaped, quoted, ty};
use super::arguments::{self, Spelling};
use super::declared::{Declared, Method, declare};
use super::notes;
use super::text::{self, Text};
use super::words::pascal;
use crate::{Contract, SecurityScheme};

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
    let asks_version = arguments::asks_version(contract);
    let headers = match arguments::version(contract) {
        Some((header, value)) => format!("mapOf({} to {value})", quoted(header)),
        None => "emptyMap()".to_owned(),
    };
    let mut doc = vec![notes::of_client(contract)];
    doc.push(String::new());
    doc.push("Cancelling the coroutine ends the request.".to_owned());
    doc.push(String::new());
    doc.push("@param baseUrl `https://bff.example.com`".to_owned());
    if asks_version {
        doc.push("@param clientVersion the version of the app; it decides which fields there are".to_owned());
    }
    doc.push("@param timeout how long a call may take, all of its tries together".to_owned());
    docs(&mut out, &doc);
    out.line(format!("class {name}("));
    out.indented(|out| {
        out.line("baseUrl: String,");
        if asks_version {
            out.line("clientVersion: String,");
        }
        out.line("credentials: Credentials? = null,");
        out.line("http: HttpSender = UrlConnectionSender(),");
        out.line("retries: Retries = Retries(),");
        out.line("timeout: Duration = 10.seconds,");
    });
    out.block(")", |out| {
        out.line(format!(
            "private val exchange = Exchange(baseUrl, {headers}, credentials, http, retries, timeout)"
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

const SPELLING: Spelling = Spelling {
    member: spell::member,
    escaped,
    ty,
    quoted,
    absent: "null",
    path: ".path",
    query: ".query",
    header: ".header",
    json: ".json",
    taken: &["serializer"],
};

fn function(out: &mut Text, declared: &Declared<'_>, method: &Method<'_>) {
    let operation = method.operation;
    let arguments = arguments::arguments(declared, method, &SPELLING);
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
    let listed = arguments::listed(&arguments);
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
        let is_shadowed = arguments::hide_exchange(&arguments);
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
