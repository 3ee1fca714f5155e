//! What `t.…` says of a value, made ready to be checked.

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_lang::model::{Constant, Schema, SchemaKind};
use frontdesk_plan::Program;

use super::{Place, Problems, Shape, dates};
use crate::eval::of_constant;
use crate::text::classified;
use crate::value::Value;

#[derive(Debug)]
pub(super) struct Rule {
    pub kind: Kind,
    pub optional: bool,
    pub nullable: bool,
    pub default: Option<Constant>,
}

#[derive(Debug)]
pub(super) enum Kind {
    String { min: Option<u32>, max: Option<u32>, pattern: Option<Pattern> },
    Number { min: Option<f64>, max: Option<f64>, integer: bool },
    Boolean,
    Enum(Vec<Arc<str>>),
    Date,
    DateTime,
    Array { of: Box<Rule>, min: Option<u32>, max: Option<u32> },
    Object(Shape),
}

/// An ECMAScript regular expression with the flag `u`.
#[derive(Debug)]
pub(super) struct Pattern {
    source: Arc<str>,
    regex: regress::Regex,
}

/// Patterns backtrack, so texts longer than this (in characters) do not match any. The contract says so.
const LONGEST_MATCHED: usize = 8 * 1024;

/// The largest integer up to which every integer is a JavaScript number: 2^53 - 1.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

impl Rule {
    pub fn new(schema: &Schema, program: &Program) -> Result<Self, String> {
        let kind = match &schema.kind {
            SchemaKind::String { min, max, pattern } => {
                let pattern = pattern.as_ref().map(Pattern::new).transpose()?;
                Kind::String { min: *min, max: *max, pattern }
            }
            SchemaKind::Number { min, max } => Kind::Number { min: *min, max: *max, integer: false },
            SchemaKind::Integer { min, max } => Kind::Number { min: *min, max: *max, integer: true },
            SchemaKind::Boolean => Kind::Boolean,
            SchemaKind::Enum(values) => Kind::Enum(values.clone()),
            SchemaKind::Date => Kind::Date,
            SchemaKind::DateTime => Kind::DateTime,
            SchemaKind::Array { of, min, max } => {
                Kind::Array { of: Box::new(Self::new(of, program)?), min: *min, max: *max }
            }
            SchemaKind::Object(members) => {
                let members: Result<_, String> = members
                    .iter()
                    .map(|(name, schema)| Ok((name.clone(), Self::new(schema, program)?)))
                    .collect();
                Kind::Object(Shape::new(members?, program))
            }
        };
        Ok(Self {
            kind,
            optional: schema.optional,
            nullable: schema.nullable,
            default: schema.default.clone(),
        })
    }

    /// What stands in for a value that was not sent.
    pub fn missing<'a>(&'a self, place: Place<'_>, problems: &mut Problems, arena: &'a Bump) -> Value<'a> {
        match &self.default {
            Some(default) => of_constant(default, arena),
            None => {
                if !self.optional {
                    problems.add(&place, "required", "must be given");
                }
                Value::Undefined
            }
        }
    }

    /// Checks decoded text of a string, enum or date.
    pub fn check_text<'a>(&self, text: &'a str, place: Place<'_>, problems: &mut Problems) -> Value<'a> {
        match &self.kind {
            Kind::String { min, max, pattern } => {
                // As JSON Schema counts, which is what the contract says.
                let length = text.chars().count();
                if let Some(max) = max.filter(|max| length > *max as usize) {
                    problems.add(&place, "too_long", format!("must be at most {max} characters long"));
                } else if let Some(min) = min.filter(|min| length < *min as usize) {
                    let detail = match min {
                        1 => "must not be empty".to_owned(),
                        _ => format!("must be at least {min} characters long"),
                    };
                    problems.add(&place, "too_short", detail);
                } else if let Some(pattern) = pattern
                    && !pattern.matches(text)
                {
                    problems.add(&place, "pattern", format!("must match /{}/u", pattern.source));
                }
            }
            Kind::Enum(values) if !values.iter().any(|value| **value == *text) => {
                let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
                problems.add(&place, "enum", format!("must be one of {}", values.join(", ")));
            }
            Kind::Date if !dates::is_date(text) => {
                problems.add(&place, "type", "must be a date such as 2024-02-29");
            }
            Kind::DateTime if !dates::is_date_time(text) => {
                problems.add(
                    &place,
                    "type",
                    "must be a date and time such as 2024-02-29T12:30:00Z (RFC 3339)",
                );
            }
            _ => {}
        }
        classified(text).value()
    }

    /// Checks a number, given as JSON writes numbers.
    pub fn check_number(&self, text: &str, place: Place<'_>, problems: &mut Problems) -> Value<'static> {
        let Kind::Number { min, max, integer } = &self.kind else { return Value::Undefined };
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        // `-0` is 0 to everyone who sends it.
        let number = number + 0.0;
        if *integer && number.is_finite() && number.fract() != 0.0 {
            problems.add(&place, "type", "must be a whole number");
        } else if *integer && number.abs() > MAX_SAFE_INTEGER {
            problems.add(&place, "range", "must be between -(2^53 - 1) and 2^53 - 1");
        } else if !number.is_finite() {
            problems.add(&place, "range", "must be a number of ordinary size");
        } else if let Some(min) = min.filter(|min| number < *min) {
            problems.add(&place, "range", format!("must be at least {min}"));
        } else if let Some(max) = max.filter(|max| number > *max) {
            problems.add(&place, "range", format!("must be at most {max}"));
        }
        Value::Number(number)
    }

    pub fn check_count(&self, count: usize, place: Place<'_>, problems: &mut Problems) {
        let Kind::Array { min, max, .. } = &self.kind else { return };
        if let Some(max) = max.filter(|max| count > *max as usize) {
            problems.add(&place, "too_long", format!("must have at most {max} items"));
        } else if let Some(min) = min.filter(|min| count < *min as usize) {
            let detail = match min {
                1 => "must not be empty".to_owned(),
                _ => format!("must have at least {min} items"),
            };
            problems.add(&place, "too_short", detail);
        }
    }

    /// What a value of the wrong kind should have been.
    pub fn expected(&self) -> &'static str {
        match self.kind {
            Kind::String { .. } | Kind::Enum(_) => "must be a string",
            Kind::Number { integer: false, .. } => "must be a number",
            Kind::Number { integer: true, .. } => "must be a whole number",
            Kind::Boolean => "must be true or false",
            Kind::Date => "must be a date such as 2024-02-29",
            Kind::DateTime => "must be a date and time such as 2024-02-29T12:30:00Z (RFC 3339)",
            Kind::Array { .. } => "must be a list",
            Kind::Object(_) => "must be an object",
        }
    }
}

impl Pattern {
    fn new(source: &Arc<str>) -> Result<Self, String> {
        let regex = regress::Regex::with_flags(source, "u")
            .map_err(|error| format!("`{source}` is no regular expression: {error}"))?;
        Ok(Self { source: source.clone(), regex })
    }

    fn matches(&self, text: &str) -> bool {
        text.chars().nth(LONGEST_MATCHED).is_none() && self.regex.find(text).is_some()
    }
}
