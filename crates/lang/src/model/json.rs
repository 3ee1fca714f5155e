//! Values that the code writes down, as JSON.

use frontdesk_types::Literal;
use serde_json::{Number, Value};

use super::Constant;

/// Whole numbers beyond have neighbours that are the same number (ECMAScript `Number.MAX_SAFE_INTEGER`).
pub const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

impl Constant {
    /// As `JSON.stringify` has it: `undefined` is nothing, nor is there a member with it; in a list it is null.
    pub fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Undefined => return None,
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(value) => number(*value),
            Self::String(text) => Value::String(text.to_string()),
            Self::Array(items) => items.iter().map(|item| item.to_json().unwrap_or_default()).collect(),
            Self::Object(members) => {
                let members =
                    members.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_json()?)));
                Value::Object(members.collect())
            }
        })
    }
}

/// The one value of a literal type.
pub fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Boolean(value) => Value::Bool(*value),
        Literal::Number(value) => number(*value),
        Literal::String(text) => Value::String(text.to_string()),
    }
}

/// Whole numbers without a point; what JSON does not have is null.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= MAX_SAFE_INTEGER {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
