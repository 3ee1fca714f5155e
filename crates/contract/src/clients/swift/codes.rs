//! The codes that each operation may refuse with, as an enum an operation.

use super::super::declared::{Declared, Method};
use super::super::text::Text;
use super::super::words::Scope;
use super::spell::{self, docs, escaped, quoted};

pub(super) fn file(declared: &Declared<'_>) -> String {
    let mut out = Text::default();
    for method in &declared.methods {
        one(&mut out, method);
    }
    out.finish()
}

fn one(out: &mut Text, method: &Method<'_>) {
    let cases: Vec<(Vec<String>, &str)> = (method.problems.iter())
        .map(|problem| {
            let doc = match &problem.title {
                Some(title) => format!("{} `{}`: {title}", problem.status, problem.code),
                None => format!("{} `{}`", problem.status, problem.code),
            };
            (vec![doc.replace(char::is_control, " ")], &*problem.code)
        })
        .collect();
    out.gap();
    docs(out, &[format!("Why `{}` may be refused.", method.operation.id)]);
    open_enum(
        out,
        &method.problems_name,
        "ProblemCode",
        &cases,
        "A code that this client does not know yet.",
    );
}

/// An enum of texts that may get more of them.
pub(super) fn open_enum(
    out: &mut Text,
    name: &str,
    conforms: &str,
    cases: &[(Vec<String>, &str)],
    unknown: &str,
) {
    let mut scope = Scope::with(&["unknown", "rawValue"]);
    let names: Vec<String> = cases.iter().map(|(_, text)| escaped(scope.take(spell::case(text)))).collect();
    out.block(format!("public enum {name}: {conforms}"), |out| {
        for ((doc, _), case) in cases.iter().zip(&names) {
            docs(out, doc);
            out.line(format!("case {case}"));
        }
        docs(out, &[unknown.to_owned()]);
        out.line("case unknown(String)");
        out.gap();
        out.block("public init(rawValue: String)", |out| {
            if cases.is_empty() {
                out.line("self = .unknown(rawValue)");
                return;
            }
            out.line("switch rawValue {");
            for ((_, text), case) in cases.iter().zip(&names) {
                out.line(format!("case {}: self = .{case}", quoted(text)));
            }
            out.line("default: self = .unknown(rawValue)");
            out.line("}");
        });
        out.gap();
        out.block("public var rawValue: String", |out| {
            out.line("switch self {");
            for ((_, text), case) in cases.iter().zip(&names) {
                out.line(format!("case .{case}: return {}", quoted(text)));
            }
            out.line("case .unknown(let text): return text");
            out.line("}");
        });
    });
}
