//! `claims: { tier: t.enum(["gold", "basic"]) }`: members of `session` that come from the caller's token.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;

use crate::define::Reader;
use crate::define::input;
use crate::define::written::Node;
use crate::model::{Claim, SchemaKind};

/// Members of `session` that a claim of this name stands in for. They are always there, so the claim need not be.
const STANDS_IN: [&str; 2] = ["locale", "currency"];
/// The member of `session` that is the token's `sub`.
const SUBJECT: &str = "subject";

pub(super) fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    for entry in node.entries("claims", reader) {
        let mut wrong = |message: String, label: &str, help: &str| {
            reader.found.push(
                Diagnostic::error(codes::BAD_CLAIM, message, entry.name_span, label.to_owned()).help(help),
            );
        };
        if &*entry.name == SUBJECT {
            wrong(
                "`subject` is a member of `session` already".to_owned(),
                "it is the token's `sub`",
                "take it out: `session.subject` is always there",
            );
            continue;
        }
        if entry.name.is_empty() {
            wrong("a claim has a name".to_owned(), "nothing stands here", "write the claim's name");
            continue;
        }
        let Some(mut schema) = input::nested(&entry.value, reader) else { continue };
        if STANDS_IN.contains(&&*entry.name) {
            let is_text = matches!(schema.kind, SchemaKind::String { .. } | SchemaKind::Enum(_));
            if !is_text || schema.nullable {
                reader.found.push(
                    Diagnostic::error(
                        codes::BAD_CLAIM,
                        format!("`session.{}` is a text", entry.name),
                        entry.value.span,
                        "this claim is not",
                    )
                    .help(format!("write `{}: t.string()`, or give the claim another name", entry.name)),
                );
                continue;
            }
            schema.optional = true;
        }
        claims.push(Claim { name: entry.name.clone(), schema, span: entry.name_span });
    }
    claims
}

/// Whether the claim stands in for a member that is there anyway.
pub(crate) fn stands_in(name: &str) -> bool {
    STANDS_IN.contains(&name)
}
