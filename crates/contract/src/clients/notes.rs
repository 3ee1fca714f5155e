//! What a contract says in words: the lines above a type, a field, an operation.

use serde_json::Value;

use frontdesk_types::Deprecation;

use crate::{Contract, Field, Kind, Operation, Schema};

/// The first line of a client.
pub(super) fn of_client(contract: &Contract) -> String {
    match &contract.owner {
        Some(owner) => format!("What `{}` may ask of its BFF. Owner: {owner}.", contract.client),
        None => format!("What `{}` may ask of its BFF.", contract.client),
    }
}

/// The lines of a field or an input.
pub(super) fn of_field(field: &Field) -> Vec<String> {
    let mut lines = of_schema(&field.schema);
    match (field.life.since, field.life.until) {
        (Some(since), Some(until)) => {
            lines.push(format!(
                "For versions of the client from {since} to before {until}; others do not get it."
            ));
        }
        (Some(since), None) => lines.push(format!("Since {since} of the client; older ones do not get it.")),
        (None, Some(until)) => {
            lines.push(format!("For versions of the client before {until}; newer ones do not get it."));
        }
        (None, None) => {}
    }
    if !field.degraded_by.is_empty() {
        let calls: Vec<String> = field.degraded_by.iter().map(|call| format!("`{call}`")).collect();
        lines.push(format!(
            "Missing, null or a stand-in when the answer does without {}.",
            calls.join(" or ")
        ));
    }
    lines
}

/// The author's words, then what the type does not say.
pub(super) fn of_schema(schema: &Schema) -> Vec<String> {
    let mut lines = paragraphs(schema.doc.as_deref());
    lines.extend(limits(&schema.kind));
    if let Some(default) = &schema.default {
        lines.push(format!("If it is left out: `{default}`."));
    }
    if let Some(example) = &schema.example {
        lines.push(format!("Example: `{example}`"));
    }
    lines
}

/// The lines of an operation, its route first among what is not the author's.
pub(super) fn of_operation(operation: &Operation) -> Vec<String> {
    let mut lines = paragraphs(operation.summary.as_deref());
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("`{} {}`", operation.method, operation.path));
    if !operation.degradable.is_empty() {
        let calls: Vec<String> = operation.degradable.iter().map(|call| format!("`{call}`")).collect();
        lines.push(format!("The answer may have to do without {}.", calls.join(", ")));
    }
    if !operation.scopes.is_empty() {
        let scopes: Vec<String> = operation.scopes.iter().map(|scope| format!("`{scope}`")).collect();
        lines.push(format!("Needs the scope {}.", scopes.join(" and ")));
    }
    lines
}

/// One sentence on what to do, for the compiler to say.
pub(super) fn of_deprecation(deprecation: &Deprecation) -> String {
    let mut text = match &deprecation.instead {
        Some(instead) => format!("Use {instead}. "),
        None => String::new(),
    };
    if let Some(because) = &deprecation.because {
        let because = paragraphs(Some(because)).join(" ");
        text.push_str(&because);
        text.push_str(if because.ends_with(['.', '!', '?']) { " " } else { ". " });
    }
    text.push_str(&format!("Deprecated since {}", deprecation.since));
    match deprecation.sunset {
        Some(sunset) if deprecation.enforce => text.push_str(&format!(", gone from {sunset} on.")),
        Some(sunset) => text.push_str(&format!(", may be gone from {sunset} on.")),
        None => text.push('.'),
    }
    text
}

/// Line by line; what languages take for the end of a comment is theirs to watch.
pub(super) fn paragraphs(doc: Option<&str>) -> Vec<String> {
    let lines = doc.unwrap_or_default().trim().lines();
    lines.map(|line| line.trim_end().replace(|c: char| c.is_control(), " ")).collect()
}

fn limits(kind: &Kind) -> Vec<String> {
    let mut lines = Vec::new();
    match kind {
        Kind::Number { min, max, .. } => lines.extend(range(*min, *max, "")),
        Kind::String { min, max, pattern, format } => {
            if let Some(format) = format {
                lines.push(format!("Format: `{format}`."));
            }
            lines.extend(range(*min, *max, " character"));
            if let Some(pattern) = pattern {
                lines.push(format!("Pattern: `{pattern}`."));
            }
        }
        Kind::Array { min, max, .. } => lines.extend(range(*min, *max, " item")),
        Kind::Enum(values) if values.iter().any(|value| !value.is_string() && !value.is_null()) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            lines.push(format!("One of {}.", values.join(", ")));
        }
        Kind::Enum(values) => {
            let mut texts = values.iter().filter(|value| !value.is_null());
            if let (Some(Value::String(only)), None) = (texts.next(), texts.next()) {
                lines.push(format!("Always `{only}`."));
            }
        }
        _ => {}
    }
    lines
}

/// `what`: of one; numbers alone have none.
fn range<T: std::fmt::Display>(min: Option<T>, max: Option<T>, what: &str) -> Option<String> {
    let counted = |count: &T| {
        let many = if what.is_empty() || count.to_string() == "1" { "" } else { "s" };
        format!("{count}{what}{many}")
    };
    match (&min, &max) {
        (Some(min), Some(max)) => Some(format!("From {min} to {}.", counted(max))),
        (Some(min), None) => Some(format!("At least {}.", counted(min))),
        (None, Some(max)) => Some(format!("At most {}.", counted(max))),
        (None, None) => None,
    }
}
