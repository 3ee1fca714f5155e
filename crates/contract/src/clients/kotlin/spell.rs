//! How Kotlin is spelled: types, names that are free to use, texts, comments.

use super::super::declared::{Declared, Type, TypeKind};
use super::super::text::{self, Text, is_deceptive};
use super::super::words::camel;

/// Names that no generated type may have: those that generated code says, of the language or of its own ground.
pub(super) const TYPES: &[&str] = &[
    "Answer",
    "Any",
    "Array",
    "BearerCredentials",
    "Boolean",
    "ByteArray",
    "Call",
    "CancellationException",
    "Companion",
    "Credentials",
    "Decoder",
    "Degraded",
    "Deprecated",
    "DeserializationStrategy",
    "DeviceCredentials",
    "Dispatchers",
    "Double",
    "Duration",
    "ElementSerializer",
    "EncodeDefault",
    "Encoder",
    "Enum",
    "Exception",
    "Exchange",
    "ExperimentalSerializationApi",
    "Given",
    "HttpAnswer",
    "HttpRequest",
    "HttpSender",
    "HttpURLConnection",
    "IOException",
    "IllegalArgumentException",
    "InputProblem",
    "Int",
    "Iterable",
    "Json",
    "JsonArray",
    "JsonDecoder",
    "JsonElement",
    "JsonEncoder",
    "JsonNull",
    "JsonObject",
    "JsonPrimitive",
    "JvmInline",
    "KSerializer",
    "List",
    "Long",
    "Map",
    "Nothing",
    "Number",
    "OptIn",
    "Other",
    "Pair",
    "PrimitiveKind",
    "Problem",
    "ProblemDetails",
    "ProblemException",
    "Random",
    "Result",
    "Retries",
    "SerialDescriptor",
    "SerialName",
    "Serializable",
    "SerializationException",
    "Set",
    "SocketTimeoutException",
    "String",
    "Suppress",
    "TimeMark",
    "TimeSource",
    "TimeoutCancellationException",
    "URL",
    "URLEncoder",
    "Unit",
    "Unknown",
    "UrlConnectionSender",
    "Wire",
    "WireSerializer",
];

const KEYWORDS: &[&str] = &[
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
];

/// A property, a parameter, a function.
pub(super) fn member(wire: &str) -> String {
    camel(wire, "field")
}

pub(super) fn escaped(name: String) -> String {
    if KEYWORDS.contains(&&*name) || name.chars().all(|c| c == '_') { format!("`{name}`") } else { name }
}

pub(super) fn ty(declared: &Declared<'_>, ty: &Type) -> String {
    let mut text = match &ty.kind {
        TypeKind::Any => "JsonElement".to_owned(),
        TypeKind::Boolean => "Boolean".to_owned(),
        TypeKind::Integer => "Long".to_owned(),
        TypeKind::Number => "Double".to_owned(),
        TypeKind::Text | TypeKind::Constant(_) => "String".to_owned(),
        TypeKind::List(items) => format!("List<{}>", self::ty(declared, items)),
        TypeKind::Map(values) => format!("Map<String, {}>", self::ty(declared, values)),
        TypeKind::Named(at) => declared.name(*at).to_owned(),
    };
    if ty.nullable {
        text.push('?');
    }
    text
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_deceptive(c) => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `/** … */`, or nothing if there is nothing to say. Comments nest in Kotlin, so neither end may be in the text.
pub(super) fn docs(out: &mut Text, lines: &[String]) {
    let safe = |line: &str| text::plain(line).replace("*/", "*&#47;").replace("/*", "/&#42;");
    match lines {
        [] => {}
        [only] if only.len() <= 100 => out.line(format!("/** {} */", safe(only))),
        lines => {
            out.line("/**");
            for line in lines {
                let line = safe(line);
                out.line(if line.is_empty() { " *".to_owned() } else { format!(" * {line}") });
            }
            out.line(" */");
        }
    }
}
