//! Claims that `bff.ts` declares: taken out of a token if they are of the types it says, for views to read.
//!
//! A claim that is missing or of another type is the provider's mistake, or a token of another kind: the request is
//! refused, because a view must never see a value its author's types rule out.

use std::sync::Arc;

use frontdesk_lang::model::{Claim, Constant, Schema, SchemaKind};
use serde_json::{Map, Value};

/// Patterns backtrack, so texts longer than this (in bytes) do not match any.
const LONGEST_MATCHED: usize = 8 * 1024;
/// The largest integer up to which every integer is a JavaScript number: 2^53 - 1.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A declared claim is missing or of another type. The name is the declaration's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claim `{0}` is missing or not of the declared type")]
pub struct ClaimFault(pub Arc<str>);

/// The declarations of one BFF, made ready.
#[derive(Debug)]
pub struct ClaimRules {
    rules: Vec<(Arc<str>, Rule)>,
}

#[derive(Debug)]
struct Rule {
    kind: Kind,
    optional: bool,
    nullable: bool,
    default: Option<Value>,
}

#[derive(Debug)]
enum Kind {
    String { min: Option<u32>, max: Option<u32>, pattern: Option<regress::Regex> },
    Number { min: Option<f64>, max: Option<f64>, integer: bool },
    Boolean,
    Enum(Vec<Arc<str>>),
    Date,
    DateTime,
    Array { of: Box<Rule>, min: Option<u32>, max: Option<u32> },
    Object(Vec<(Arc<str>, Rule)>),
}

impl ClaimRules {
    /// # Errors
    /// A pattern that is no regular expression; `check` has refused it before.
    pub fn new(claims: &[Claim]) -> Result<Self, String> {
        let rules = claims.iter().map(|claim| Ok((claim.name.clone(), Rule::new(&claim.schema)?)));
        Ok(Self { rules: rules.collect::<Result<_, String>>()? })
    }

    /// The declared claims of a token, and only those.
    ///
    /// # Errors
    /// The first that is missing or of another type.
    pub fn select(&self, claims: &Map<String, Value>) -> Result<Map<String, Value>, ClaimFault> {
        select(&self.rules, claims).map_err(ClaimFault)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|(name, _)| &**name)
    }
}

/// The known members; or the name of the one that is not as it should be.
fn select(rules: &[(Arc<str>, Rule)], members: &Map<String, Value>) -> Result<Map<String, Value>, Arc<str>> {
    let mut chosen = Map::new();
    for (name, rule) in rules {
        match members.get(&**name) {
            Some(value) => {
                let value = rule.checked(value).ok_or_else(|| name.clone())?;
                chosen.insert(name.to_string(), value);
            }
            None => match &rule.default {
                Some(default) => {
                    chosen.insert(name.to_string(), default.clone());
                }
                None if rule.optional => {}
                None => return Err(name.clone()),
            },
        }
    }
    Ok(chosen)
}

impl Rule {
    fn new(schema: &Schema) -> Result<Self, String> {
        let kind = match &schema.kind {
            SchemaKind::String { min, max, pattern } => {
                let pattern = pattern.as_ref().map(|source| {
                    regress::Regex::with_flags(source, "u")
                        .map_err(|error| format!("`{source}` is no regular expression: {error}"))
                });
                Kind::String { min: *min, max: *max, pattern: pattern.transpose()? }
            }
            SchemaKind::Number { min, max } => Kind::Number { min: *min, max: *max, integer: false },
            SchemaKind::Integer { min, max } => Kind::Number { min: *min, max: *max, integer: true },
            SchemaKind::Boolean => Kind::Boolean,
            SchemaKind::Enum(values) => Kind::Enum(values.clone()),
            SchemaKind::Date => Kind::Date,
            SchemaKind::DateTime => Kind::DateTime,
            SchemaKind::Array { of, min, max } => {
                Kind::Array { of: Box::new(Self::new(of)?), min: *min, max: *max }
            }
            SchemaKind::Object(members) => {
                let rules = members.iter().map(|(name, schema)| Ok((name.clone(), Self::new(schema)?)));
                Kind::Object(rules.collect::<Result<_, String>>()?)
            }
        };
        let default = schema.default.as_ref().and_then(Constant::to_json);
        Ok(Self { kind, optional: schema.optional, nullable: schema.nullable, default })
    }

    /// The value as views may see it: objects without the members that are not declared.
    fn checked(&self, value: &Value) -> Option<Value> {
        let fits = match (&self.kind, value) {
            (_, Value::Null) => self.nullable,
            (Kind::String { min, max, pattern }, Value::String(text)) => {
                within(text.chars().count(), *min, *max)
                    && pattern
                        .as_ref()
                        .is_none_or(|pattern| text.len() <= LONGEST_MATCHED && pattern.find(text).is_some())
            }
            (Kind::Number { min, max, integer }, Value::Number(number)) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                number.is_finite()
                    && (!integer || (number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER))
                    && min.is_none_or(|min| number >= min)
                    && max.is_none_or(|max| number <= max)
            }
            (Kind::Boolean, Value::Bool(_)) => true,
            (Kind::Enum(values), Value::String(text)) => values.iter().any(|value| **value == **text),
            (Kind::Date, Value::String(text)) => is_date(text),
            (Kind::DateTime, Value::String(text)) => is_date_time(text),
            (Kind::Array { of, min, max }, Value::Array(items)) => {
                if !within(items.len(), *min, *max) {
                    return None;
                }
                return items.iter().map(|item| of.checked(item)).collect::<Option<_>>().map(Value::Array);
            }
            (Kind::Object(rules), Value::Object(members)) => {
                return select(rules, members).ok().map(Value::Object);
            }
            _ => false,
        };
        fits.then(|| value.clone())
    }
}

fn within(length: usize, min: Option<u32>, max: Option<u32>) -> bool {
    min.is_none_or(|min| length >= min as usize) && max.is_none_or(|max| length <= max as usize)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// RFC 3339 §5.6: a date, `T`, a time and its offset.
fn is_date_time(text: &str) -> bool {
    matches!(text.as_bytes().get(10), Some(b'T' | b't'))
        && text.get(..10).is_some_and(is_date)
        && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use frontdesk_lang::model::{Claim, Constant, Schema, SchemaKind};
    use serde_json::{Value, json};

    use super::ClaimRules;

    fn schema(kind: SchemaKind) -> Schema {
        Schema { kind, optional: false, nullable: false, default: None }
    }

    fn text() -> Schema {
        schema(SchemaKind::String { min: Some(1), max: Some(8), pattern: Some("^[a-zé]+$".into()) })
    }

    fn rules(claims: Vec<(&str, Schema)>) -> ClaimRules {
        let claims: Vec<Claim> = claims
            .into_iter()
            .map(|(name, schema)| Claim {
                name: name.into(),
                schema,
                span: frontdesk_diagnostics::Span {
                    file: frontdesk_diagnostics::FileId(0),
                    start: 0,
                    end: 0,
                },
            })
            .collect();
        ClaimRules::new(&claims).unwrap()
    }

    fn select(rules: &ClaimRules, claims: Value) -> Result<Value, String> {
        let Value::Object(claims) = claims else { panic!("an object") };
        rules.select(&claims).map(Value::Object).map_err(|fault| fault.0.to_string())
    }

    #[test]
    fn only_declared_claims_of_their_types_pass() {
        let cases = [
            (text(), json!("gold"), true),
            (text(), json!("ééééééé"), true),
            (text(), json!(""), false),
            (text(), json!("toolongtext"), false),
            (text(), json!("Gold"), false),
            (text(), json!(7), false),
            (text(), json!(null), false),
            (Schema { nullable: true, ..text() }, json!(null), true),
            (schema(SchemaKind::Integer { min: Some(0.0), max: Some(9.0) }), json!(9), true),
            (schema(SchemaKind::Integer { min: Some(0.0), max: Some(9.0) }), json!(10), false),
            (schema(SchemaKind::Integer { min: None, max: None }), json!(1.5), false),
            (schema(SchemaKind::Integer { min: None, max: None }), json!(9_007_199_254_740_993_u64), false),
            (schema(SchemaKind::Number { min: None, max: None }), json!(1.5), true),
            (schema(SchemaKind::Number { min: None, max: None }), json!("1.5"), false),
            (schema(SchemaKind::Boolean), json!(true), true),
            (schema(SchemaKind::Boolean), json!("true"), false),
            (schema(SchemaKind::Enum(vec!["gold".into(), "basic".into()])), json!("basic"), true),
            (schema(SchemaKind::Enum(vec!["gold".into(), "basic".into()])), json!("root"), false),
            (schema(SchemaKind::Date), json!("2024-02-29"), true),
            (schema(SchemaKind::Date), json!("2023-02-29"), false),
            (schema(SchemaKind::DateTime), json!("2024-02-29T12:30:00Z"), true),
            (schema(SchemaKind::DateTime), json!("2024-02-29T12:30:00"), false),
            (schema(SchemaKind::DateTime), json!("2024-02-29"), false),
            (
                schema(SchemaKind::Array { of: Box::new(text()), min: None, max: Some(2) }),
                json!(["a", "b"]),
                true,
            ),
            (
                schema(SchemaKind::Array { of: Box::new(text()), min: None, max: Some(2) }),
                json!(["a", "b", "c"]),
                false,
            ),
            (schema(SchemaKind::Array { of: Box::new(text()), min: None, max: None }), json!([1]), false),
        ];
        for (schema, value, passes) in cases {
            let rules = rules(vec![("it", schema.clone())]);
            let got = select(&rules, json!({ "it": value, "other": "never shown" }));
            let want = if passes { Ok(json!({ "it": value })) } else { Err("it".to_owned()) };
            assert_eq!(got, want, "{schema:?} {value}");
        }
    }

    #[test]
    fn objects_lose_what_is_not_declared_and_missing_claims_have_defaults() {
        let address = schema(SchemaKind::Object(vec![("country".into(), text())]));
        let tier = Schema { default: Some(Constant::String("basic".into())), ..text() };
        let nick = Schema { optional: true, ..text() };
        let rules = rules(vec![("address", address), ("tier", tier), ("nick", nick)]);
        assert_eq!(
            select(&rules, json!({ "address": { "country": "ch", "street": "secret" } })),
            Ok(json!({ "address": { "country": "ch" }, "tier": "basic" }))
        );
        assert_eq!(select(&rules, json!({ "tier": "gold" })), Err("address".to_owned()));
        assert_eq!(select(&rules, json!({ "address": {} })), Err("address".to_owned()));
    }
}
