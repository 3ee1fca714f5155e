//! What is said above things: JSDoc, as editors show it.

use frontdesk_types::{Deprecation, Life};

use super::super::text;
use crate::{Field, Kind, Schema};

/// Lines as one comment; nothing if there are none.
pub fn comment(lines: &[String], indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    let lines: Vec<String> =
        lines.iter().flat_map(|line| line.lines()).map(|line| plain(line).trim_end().to_owned()).collect();
    match lines.as_slice() {
        [] => {}
        [one] => out.push_str(&format!("{pad}/** {one} */\n")),
        all => {
            out.push_str(&format!("{pad}/**\n"));
            for line in all {
                let line = format!("{pad} * {line}");
                out.push_str(line.trim_end());
                out.push('\n');
            }
            out.push_str(&format!("{pad} */\n"));
        }
    }
}

/// Text that ends no comment and has nothing invisible in it.
pub fn plain(text: &str) -> String {
    text::plain(text).replace("*/", "*\\/")
}

/// What a schema says beyond its type.
pub fn of_schema(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = schema.doc.iter().map(ToString::to_string).collect();
    let mut said = Vec::new();
    match &schema.kind {
        Kind::Number { integer, min, max } => {
            if *integer {
                said.push("A whole number".to_owned());
            }
            said.extend(numbers(*min, *max));
        }
        Kind::String { min, max, pattern, format } => {
            said.extend(counts(*min, *max, "character"));
            said.extend(format.as_deref().map(format_name));
            said.extend(pattern.as_ref().map(|pattern| format!("matches `{pattern}`")));
        }
        Kind::Array { min, max, .. } => {
            said.extend(counts(*min, *max, "item"));
        }
        _ => {}
    }
    said.extend(schema.default.as_ref().map(|value| format!("`{value}` if left out")));
    if !said.is_empty() {
        lines.push(sentence(&said.join(", ")));
    }
    if let Some(example) = &schema.example {
        lines.push(format!("@example {example}"));
    }
    lines
}

/// The largest whole number that JavaScript tells from its neighbours: as a bound it says nothing.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

fn numbers(min: Option<f64>, max: Option<f64>) -> Option<String> {
    let min = min.filter(|min| *min > -MAX_SAFE_INTEGER);
    let max = max.filter(|max| *max < MAX_SAFE_INTEGER);
    range(min.map(|min| min.to_string()), max.map(|max| max.to_string()))
}

fn counts(min: Option<u64>, max: Option<u64>, of: &str) -> Option<String> {
    let last = max.or(min)?;
    let said = range(min.map(|min| min.to_string()), max.map(|max| max.to_string()))?;
    Some(format!("{said} {of}{}", if last == 1 { "" } else { "s" }))
}

fn range(min: Option<String>, max: Option<String>) -> Option<String> {
    match (min, max) {
        (None, None) => None,
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (Some(min), Some(max)) if min == max => Some(format!("exactly {min}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
    }
}

fn format_name(format: &str) -> String {
    match format {
        "date" => "a day such as `2026-03-01`".to_owned(),
        "date-time" => "a moment such as `2026-03-01T12:00:00Z`".to_owned(),
        other => format!("format `{other}`"),
    }
}

fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().map(|first| first.to_ascii_uppercase()).into_iter().collect();
    format!("{first}{}.", rest.as_str())
}

/// What a field of an answer says: of its values, its life, and what it depends on.
pub fn of_field(field: &Field) -> Vec<String> {
    let (mut lines, tags): (Vec<String>, Vec<String>) =
        of_schema(&field.schema).into_iter().partition(|line| !line.starts_with('@'));
    lines.extend(of_life(&field.life));
    if !field.degraded_by.is_empty() {
        let calls: Vec<String> = field.degraded_by.iter().map(|call| format!("`{call}`")).collect();
        lines.push(format!(
            "Missing, null or a stand-in when the answer is degraded by {}.",
            calls.join(" or ")
        ));
    }
    lines.extend(tags);
    lines.extend(
        field.life.deprecated.as_ref().map(|deprecated| deprecation(deprecated, |name| format!("`{name}`"))),
    );
    lines
}

fn of_life(life: &Life) -> Option<String> {
    match (life.since, life.until) {
        (None, None) => None,
        (Some(since), None) => Some(format!("For clients of version {since} and newer.")),
        (None, Some(until)) => Some(format!("For clients older than version {until}.")),
        (Some(since), Some(until)) => {
            Some(format!("For clients of version {since} and newer, but older than {until}."))
        }
    }
}

/// `link` makes of what takes its place how comments refer to it.
pub fn deprecation(deprecated: &Deprecation, link: impl Fn(&str) -> String) -> String {
    let mut out = format!("@deprecated since {}", deprecated.since);
    if let Some(sunset) = deprecated.sunset {
        let gone = if deprecated.enforce { "gone" } else { "may be gone" };
        out.push_str(&format!(", {gone} from {sunset} on"));
    }
    if let Some(because) = &deprecated.because {
        out.push_str(&format!(": {}", because.trim_end_matches('.')));
    }
    out.push('.');
    if let Some(instead) = &deprecated.instead {
        out.push_str(&format!(" Use {}.", link(instead)));
    }
    out
}
