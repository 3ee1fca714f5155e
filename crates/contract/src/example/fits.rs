//! Whether a JSON value is one of a type's.

use std::fmt;

use frontdesk_types::{Literal, Type, Types};
use serde_json::Value;

/// Where a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    pub why: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.why)
        } else {
            write!(f, "{} at {}", self.why, self.pointer)
        }
    }
}

/// Whether `value` is one of the type's values. Keys that the type does not know are fine, as everywhere in JSON.
pub fn fits(types: &Types, ty: &Type, value: &Value) -> Result<(), Misfit> {
    check(types, ty, value, String::new())
}

fn check(types: &Types, ty: &Type, value: &Value, pointer: String) -> Result<(), Misfit> {
    let ty = types.resolve(ty);
    let no = |pointer: String, ty: &Type, value: &Value| {
        Err(Misfit { pointer, why: format!("{} where {} belongs", kind(value), wanted(ty)) })
    };
    match (ty, value) {
        (Type::Unknown, _)
        | (Type::Null | Type::Undefined, Value::Null)
        | (Type::Boolean, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => Ok(()),
        (Type::Literal(literal), value) if is(literal, value) => Ok(()),
        (Type::Array(of), Value::Array(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| check(types, of, item, format!("{pointer}/{at}"))),
        (Type::Tuple(of), Value::Array(items)) if of.len() == items.len() => of
            .iter()
            .zip(items)
            .enumerate()
            .try_for_each(|(at, (ty, item))| check(types, ty, item, format!("{pointer}/{at}"))),
        (Type::Object(object), Value::Object(members)) => {
            for field in &object.fields {
                let optional = field.optional || field.ty.members().contains(&Type::Undefined);
                match members.get(&*field.name) {
                    Some(value) => check(types, &field.ty, value, below(&pointer, &field.name))?,
                    None if optional => {}
                    None => return Err(Misfit { pointer, why: format!("`{}` is missing", field.name) }),
                }
            }
            let Some(index) = &object.index else { return Ok(()) };
            members
                .iter()
                .filter(|(key, _)| object.field(key).is_none())
                .try_for_each(|(key, value)| check(types, index, value, below(&pointer, key)))
        }
        (Type::Union(members), value) => {
            let mut nearest: Option<Misfit> = None;
            for member in members.iter() {
                match check(types, member, value, pointer.clone()) {
                    Ok(()) => return Ok(()),
                    // The one that got furthest is the one that was meant.
                    Err(misfit)
                        if misfit.pointer.len()
                            > nearest.as_ref().map_or(pointer.len(), |n| n.pointer.len()) =>
                    {
                        nearest = Some(misfit);
                    }
                    Err(_) => {}
                }
            }
            match nearest {
                Some(misfit) => Err(misfit),
                None => no(pointer, ty, value),
            }
        }
        _ => no(pointer, ty, value),
    }
}

fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn is(literal: &Literal, value: &Value) -> bool {
    match (literal, value) {
        (Literal::Boolean(a), Value::Bool(b)) => a == b,
        (Literal::Number(a), Value::Number(b)) => b.as_f64() == Some(*a),
        (Literal::String(a), Value::String(b)) => **a == *b,
        _ => false,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wanted(ty: &Type) -> String {
    match ty {
        Type::Array(_) => "a list".to_owned(),
        Type::Tuple(items) => format!("a list of {}", items.len()),
        Type::Object(_) => "an object".to_owned(),
        other => format!("`{other}`"),
    }
}
