//! Texts of contracts that try to be code: a contract may come from elsewhere (`--from`), and what services' schemas say
//! of patterns, formats and examples comes from those who run the services.

use std::sync::Arc;

use frontdesk_contract::clients::Language;
use frontdesk_contract::{Contract, Kind, Schema};
use frontdesk_types::{Date, Deprecation};
use serde_json::json;

use crate::samples;

/// Ends of lines in any language, of comments and strings; interpolations; what makes editors show another order.
const TEXT: &str = "a\nEVIL()\r\nEVIL()\u{b}EVIL()\u{85}EVIL()\u{2028}EVIL()\u{202e}\u{2066}*/ EVIL() /* \" ${EVIL()} \\(EVIL()) `EVIL`";

fn text() -> Arc<str> {
    TEXT.into()
}

fn said_of(schema: &mut Schema) {
    schema.doc = Some(text());
    schema.example = Some(json!(TEXT));
    match &mut schema.kind {
        Kind::String { pattern, format, .. } => {
            *pattern = Some(text());
            *format = Some(text());
            schema.default = Some(json!(TEXT));
        }
        Kind::Enum(values) if values.iter().all(serde_json::Value::is_string) => values.push(json!(TEXT)),
        Kind::Array { items, .. } => said_of(items),
        Kind::Object(object) => {
            for field in &mut object.fields {
                said_of(&mut field.schema);
                field.degraded_by = vec![text()];
                field.life.deprecated = Some(deprecated());
            }
        }
        _ => {}
    }
}

fn deprecated() -> Deprecation {
    Deprecation {
        since: Date::parse("2026-05-01").unwrap(),
        sunset: None,
        instead: Some(text()),
        because: Some(text()),
        enforce: false,
    }
}

fn deceptive(mut contract: Contract) -> Contract {
    contract.bff = text();
    contract.client = text();
    contract.owner = Some(text());
    contract.schemas.values_mut().for_each(said_of);
    for operation in &mut contract.operations {
        operation.summary = Some(text());
        operation.degradable = vec![text()];
        operation.scopes = vec![text()];
        operation.deprecated = Some(deprecated());
        operation.parameters.iter_mut().for_each(|parameter| said_of(&mut parameter.schema));
        said_of(&mut operation.answer);
        operation.problems.iter_mut().for_each(|problem| problem.title = Some(text()));
    }
    contract
}

/// Of letters alone names are made, which harm nobody. What stands before a call of ours may be a comment that has not ended, or a string.
fn is_harmless(language: &str, line: &str) -> bool {
    let before = line.split("EVIL(").next().unwrap_or_default();
    let code = before.trim_start();
    let in_comment = ["//", "/*", "*"].iter().any(|mark| code.starts_with(mark));
    let in_string = before.contains('"');
    let ended = in_comment && !code.starts_with("//") && line.trim_end_matches("*/").contains("*/");
    let interpolated = |start: &str| {
        in_string && !in_comment && line.match_indices(start).any(|(at, _)| !line[..at].ends_with('\\'))
    };
    let called = match language {
        "kotlin" => interpolated("${EVIL"),
        "swift" => interpolated("\\(EVIL"),
        _ => false,
    };
    (in_comment || in_string) && !ended && !called
}

#[test]
fn what_a_contract_says_is_never_code() {
    for language in ["ts", "kotlin", "swift"] {
        let mut seen = 0;
        for (case, contract) in samples::all() {
            for (path, source) in (Language::named(language).unwrap().files)(&deceptive(contract)) {
                let hidden = source.chars().find(|c| {
                    *c != '\n'
                        && (c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
                });
                assert_eq!(hidden, None, "{case}/{language}/{path}");
                for line in source.lines().filter(|line| line.contains("EVIL(")) {
                    seen += 1;
                    assert!(is_harmless(language, line), "{case}/{language}/{path}: {line}");
                }
            }
        }
        assert!(seen > 50, "{language}: {seen}");
    }
}
