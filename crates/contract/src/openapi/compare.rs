//! A document, and what would be written of the contract that it holds: they are the same, or somebody edited it.

use frontdesk_catalog::tree::{Node, Value as Tree};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::contract as codes;
use serde_json::Value;

/// Who edits a file much is not helped by a thousand places.
const MOST: usize = 20;

/// Reports where `node` is not `expected`. Order of keys, comments and layout do not matter.
pub(super) fn compare(expected: &Value, node: &Node, found: &mut Vec<Diagnostic>) {
    if found.len() >= MOST {
        return;
    }
    match (expected, &node.value) {
        (Value::Object(members), Tree::Map(map)) => {
            for entry in map {
                match members.get(&*entry.key) {
                    Some(expected) => compare(expected, &entry.value, found),
                    None => found.push(Diagnostic::error(
                        codes::LOCK_EDITED,
                        format!("`{}` is not part of this contract", entry.key),
                        entry.key_span,
                        "Frontdesk does not write this here",
                    )),
                }
            }
            for (key, _) in members.iter().filter(|(key, _)| map.get(key).is_none()) {
                let at = map.iter().next().map_or(node.span, |first| first.key_span);
                found.push(Diagnostic::error(
                    codes::LOCK_EDITED,
                    format!("`{key}` is missing"),
                    at,
                    "Frontdesk writes it beside this",
                ));
            }
        }
        (Value::Array(items), Tree::List(nodes)) if items.len() == nodes.len() => {
            for (expected, node) in items.iter().zip(nodes) {
                compare(expected, node, found);
            }
        }
        (expected, _) => {
            if *expected != node.to_json() {
                found.push(Diagnostic::error(
                    codes::LOCK_EDITED,
                    "this does not follow from the rest of the contract",
                    node.span,
                    format!("Frontdesk writes {} here", short(expected)),
                ));
            }
        }
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "another list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::String(text) if text.chars().count() > 60 => "another text".to_owned(),
        other => format!("`{other}`"),
    }
}
