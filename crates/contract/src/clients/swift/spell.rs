//! How Swift is spelled: types, names that are free to use, texts, comments.

use super::super::declared::{Declared, Type, TypeKind};
use super::super::notes;
use super::super::text::{self, Text, is_deceptive};
use super::super::words::camel;
use frontdesk_types::Deprecation;

/// Names that no generated type may have: those that generated code says, of the language or of its own ground.
pub(super) const TYPES: &[&str] = &[
    "Answer",
    "AnswerInfo",
    "Any",
    "AnyKey",
    "Array",
    "BearerCredentials",
    "Bool",
    "Call",
    "CancellationError",
    "CharacterSet",
    "Codable",
    "CodingKey",
    "CodingKeys",
    "Credentials",
    "Data",
    "Decodable",
    "Decoder",
    "DecodingError",
    "Degraded",
    "DeviceCredentials",
    "Dictionary",
    "Double",
    "Encodable",
    "Encoder",
    "Error",
    "Exchange",
    "Foundation",
    "HTTPAnswer",
    "HTTPRequest",
    "HTTPSender",
    "HTTPURLResponse",
    "Hashable",
    "HeaderCredentials",
    "Indirect",
    "InputProblem",
    "InputProblems",
    "Int",
    "Int64",
    "JSONDecoder",
    "JSONEncoder",
    "JSONValue",
    "Nullable",
    "Optional",
    "Problem",
    "ProblemCode",
    "Protocol",
    "RawRepresentable",
    "Result",
    "Retries",
    "Self",
    "Sendable",
    "String",
    "Task",
    "Type",
    "UInt32",
    "UInt64",
    "URL",
    "URLError",
    "URLRequest",
    "URLSession",
    "URLSessionSender",
    "UTF8",
    "Void",
    "WireText",
];

/// Words that can be names between backticks.
const KEYWORDS: &[&str] = &[
    "as",
    "associatedtype",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "default",
    "defer",
    "deinit",
    "do",
    "else",
    "enum",
    "extension",
    "fallthrough",
    "false",
    "fileprivate",
    "for",
    "func",
    "guard",
    "if",
    "import",
    "in",
    "inout",
    "internal",
    "is",
    "let",
    "nil",
    "operator",
    "precedencegroup",
    "private",
    "protocol",
    "public",
    "repeat",
    "rethrows",
    "return",
    "static",
    "struct",
    "subscript",
    "super",
    "switch",
    "throw",
    "throws",
    "true",
    "try",
    "typealias",
    "var",
    "where",
    "while",
];

/// Names that mean something else wherever they stand, backticks or none.
const TAKEN: &[&str] = &["self", "init", "hashValue", "rawValue", "none", "some", "_"];

/// A property, a parameter, a method.
pub(super) fn member(wire: &str) -> String {
    free(camel(wire, "field"))
}

/// A case of an enum, by its text.
pub(super) fn case(text: &str) -> String {
    free(camel(text, "empty"))
}

fn free(name: String) -> String {
    if TAKEN.contains(&&*name) { format!("{name}_") } else { name }
}

pub(super) fn escaped(name: String) -> String {
    if KEYWORDS.contains(&&*name) { format!("`{name}`") } else { name }
}

pub(super) fn ty(declared: &Declared<'_>, ty: &Type) -> String {
    let mut text = bare(declared, &ty.kind);
    if ty.nullable {
        text.push('?');
    }
    text
}

/// Without regard to `null`.
pub(super) fn bare(declared: &Declared<'_>, kind: &TypeKind) -> String {
    match kind {
        TypeKind::Any => "JSONValue".to_owned(),
        TypeKind::Boolean => "Bool".to_owned(),
        TypeKind::Integer => "Int64".to_owned(),
        TypeKind::Number => "Double".to_owned(),
        TypeKind::Text | TypeKind::Constant(_) => "String".to_owned(),
        TypeKind::List(items) => format!("[{}]", ty(declared, items)),
        TypeKind::Map(values) => format!("[String: {}]", ty(declared, values)),
        TypeKind::Named(at) => declared.name(*at).to_owned(),
    }
}

pub(super) fn deprecated(deprecation: &Deprecation) -> String {
    format!("@available(*, deprecated, message: {})", quoted(&notes::of_deprecation(deprecation)))
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_deceptive(c) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `/// …`, line by line.
pub(super) fn docs(out: &mut Text, lines: &[String]) {
    for line in lines {
        let line = text::plain(line);
        out.line(if line.is_empty() { "///".to_owned() } else { format!("/// {line}") });
    }
}
