//! `.min(1).max(64).pattern("^[a-z]+$").default("a")`: constraints, and whether they can be met.

use std::sync::Arc;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::Expression;

use super::Link;
use crate::define::Reader;
use crate::define::written::{Node, Written};
use crate::model::{Constant, Schema, SchemaKind};

/// What every schema can say of itself.
const EVERYWHERE: [&str; 7] = ["optional", "nullable", "default", "query", "header", "body", "path"];

/// Applies `.min(…)` and the like to a schema.
pub(super) fn apply(link: &Link<'_>, kind: &mut SchemaKind, reader: &mut Reader<'_>) {
    match (kind, link.name) {
        (SchemaKind::String { min, .. } | SchemaKind::Array { min, .. }, "min") => {
            *min = length(link, reader);
        }
        (SchemaKind::String { max, .. } | SchemaKind::Array { max, .. }, "max") => {
            *max = length(link, reader);
        }
        (SchemaKind::Number { min, .. }, "min") => *min = number(link, false, reader),
        (SchemaKind::Number { max, .. }, "max") => *max = number(link, false, reader),
        (SchemaKind::Integer { min, .. }, "min") => *min = number(link, true, reader),
        (SchemaKind::Integer { max, .. }, "max") => *max = number(link, true, reader),
        (SchemaKind::String { pattern, .. }, "pattern") => *pattern = expression(link, reader),
        (kind, unknown) => {
            let own: &[&str] = match kind {
                SchemaKind::String { .. } => &["min", "max", "pattern"],
                SchemaKind::Number { .. } | SchemaKind::Integer { .. } | SchemaKind::Array { .. } => {
                    &["min", "max"]
                }
                _ => &[],
            };
            let known = own.iter().copied().chain(EVERYWHERE);
            let label = match nearest(unknown, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "not a constraint of it".to_owned(),
            };
            let names: Vec<&str> = known.collect();
            let message = format!("{} input has no `{unknown}`", name(kind));
            reader.found.push(
                Diagnostic::error(codes::BAD_INPUT, message, link.name_span, label)
                    .note(format!("it has `{}`", names.join("`, `"))),
            );
        }
    }
}

/// Reports bounds that no value can meet.
pub(super) fn bounds(kind: &SchemaKind, span: Span, reader: &mut Reader<'_>) {
    let (min, max) = match kind {
        SchemaKind::String { min, max, .. } | SchemaKind::Array { min, max, .. } => {
            (min.map(f64::from), max.map(f64::from))
        }
        SchemaKind::Number { min, max } | SchemaKind::Integer { min, max } => (*min, *max),
        _ => (None, None),
    };
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_CONSTRAINT,
                "no value fits these bounds",
                span,
                format!("at least {min} and at most {max}"),
            )
            .help("swap `min` and `max`, or widen one of them"),
        );
    }
}

/// The default's value, if the schema would accept it from a client.
pub(super) fn default(schema: &Schema, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Constant> {
    let Some(constant) = node.constant() else {
        node.unfit("default", "a literal", reader);
        return None;
    };
    match misfit(schema, &constant) {
        None => Some(constant),
        Some(why) => {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_CONSTRAINT,
                    "the default does not fit its own input",
                    node.span,
                    why,
                )
                .help("a client that sends this value would be refused; change the value or the constraint"),
            );
            None
        }
    }
}

/// Why a value is not one of the schema's.
fn misfit(schema: &Schema, value: &Constant) -> Option<String> {
    if *value == Constant::Null && schema.nullable {
        return None;
    }
    match (&schema.kind, value) {
        (SchemaKind::String { min, max, pattern }, Constant::String(text)) => {
            let length = text.chars().count();
            out_of_bounds(length as f64, min.map(f64::from), max.map(f64::from), "its length is ").or_else(
                || {
                    let pattern = pattern.as_ref()?;
                    let regex = regress::Regex::with_flags(pattern, "u").ok()?;
                    regex.find(text).is_none().then(|| format!("it does not match `{pattern}`"))
                },
            )
        }
        (SchemaKind::Number { min, max }, Constant::Number(number)) => {
            out_of_bounds(*number, *min, *max, "it is ")
        }
        (SchemaKind::Integer { min, max }, Constant::Number(number)) => {
            if number.fract() != 0.0 {
                return Some("it is not a whole number".to_owned());
            }
            out_of_bounds(*number, *min, *max, "it is ")
        }
        (SchemaKind::Boolean, Constant::Boolean(_)) => None,
        (SchemaKind::Enum(values), Constant::String(text)) => {
            (!values.contains(text)).then(|| format!("not one of `{}`", values.join("`, `")))
        }
        (SchemaKind::Date, Constant::String(text)) => {
            (!is_date(text)).then(|| "not a day such as `2026-03-01`".to_owned())
        }
        (SchemaKind::DateTime, Constant::String(text)) => {
            let whole = text.split_once('T').is_some_and(|(day, time)| is_date(day) && time.len() >= 9);
            (!whole).then(|| "not a moment such as `2026-03-01T12:00:00Z`".to_owned())
        }
        (SchemaKind::Array { of, min, max }, Constant::Array(items)) => {
            let length = items.len() as f64;
            out_of_bounds(length, min.map(f64::from), max.map(f64::from), "its length is ")
                .or_else(|| items.iter().find_map(|item| misfit(of, item)))
        }
        (SchemaKind::Object(properties), Constant::Object(values)) => {
            let unknown = values.iter().find(|(key, _)| !properties.iter().any(|(name, _)| name == key));
            if let Some((key, _)) = unknown {
                return Some(format!("it has no property `{key}`"));
            }
            properties.iter().find_map(|(name, schema)| match values.iter().find(|(key, _)| key == name) {
                Some((_, value)) => misfit(schema, value),
                None if schema.optional || schema.default.is_some() => None,
                None => Some(format!("`{name}` is missing")),
            })
        }
        (kind, _) => Some(format!("this is not {}", value_name(kind))),
    }
}

fn out_of_bounds(value: f64, min: Option<f64>, max: Option<f64>, what: &str) -> Option<String> {
    if min.is_some_and(|min| value < min) {
        return Some(format!("{what}below `min`"));
    }
    max.is_some_and(|max| value > max).then(|| format!("{what}above `max`"))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
}

/// A number of characters or elements.
fn length(link: &Link<'_>, reader: &mut Reader<'_>) -> Option<u32> {
    let node = super::argument(link, reader)?;
    match node.value {
        Written::Number(n) if n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&n) => Some(n as u32),
        Written::Number(_) => {
            node.wrong("a length is a whole number from 0 up", "write `64`", reader);
            None
        }
        _ => {
            node.unfit(link.name, "a number", reader);
            None
        }
    }
}

fn number(link: &Link<'_>, whole: bool, reader: &mut Reader<'_>) -> Option<f64> {
    let node = super::argument(link, reader)?;
    match node.value {
        Written::Number(n) if whole && n.fract() != 0.0 => {
            node.wrong("a bound of a whole number is a whole number", "write it without a fraction", reader);
            None
        }
        Written::Number(n) => Some(n),
        _ => {
            node.unfit(link.name, "a number", reader);
            None
        }
    }
}

/// `"^[a-z]+$"` or `/^[a-z]+$/`.
fn expression(link: &Link<'_>, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let node = super::argument(link, reader)?;
    let pattern: Arc<str> = match &node.value {
        Written::Text(text) => text.clone(),
        Written::Code(Expression::RegExpLiteral(literal)) => {
            let flags = literal.regex.flags.to_string();
            if !flags.is_empty() && flags != "u" {
                node.wrong(
                    format!("the flags `{flags}` are not known here"),
                    "leave them out: the expression is matched with `u`",
                    reader,
                );
                return None;
            }
            literal.regex.pattern.text.as_str().into()
        }
        _ => {
            node.unfit(link.name, "a regular expression", reader);
            return None;
        }
    };
    match regress::Regex::with_flags(&pattern, "u") {
        Ok(_) => Some(pattern),
        Err(problem) => {
            node.wrong(
                format!("this is not a regular expression: {problem}"),
                "write it as JavaScript does with the flag `u`, without slashes: `\"^[a-z]+$\"`",
                reader,
            );
            None
        }
    }
}

fn name(kind: &SchemaKind) -> &'static str {
    match kind {
        SchemaKind::String { .. } => "a string",
        SchemaKind::Number { .. } => "a number",
        SchemaKind::Integer { .. } => "an integer",
        SchemaKind::Boolean => "a boolean",
        SchemaKind::Enum(_) => "an enum",
        SchemaKind::Date => "a date",
        SchemaKind::DateTime => "a dateTime",
        SchemaKind::Array { .. } => "an array",
        SchemaKind::Object(_) => "an object",
    }
}

fn value_name(kind: &SchemaKind) -> &'static str {
    match kind {
        SchemaKind::Boolean => "`true` or `false`",
        SchemaKind::Number { .. } | SchemaKind::Integer { .. } => "a number",
        SchemaKind::Array { .. } => "a list",
        SchemaKind::Object(_) => "an object",
        _ => "a string",
    }
}
