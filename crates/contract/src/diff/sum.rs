//! A schema as the sum of its variants: references followed, nested `anyOf` flattened, null apart.
//!
//! So `anyOf: [{ $ref: Card }, { type: "null" }]`, a nullable `$ref: Card` and the schema of `Card` written in place
//! compare as what they are: the same values.

use std::sync::Arc;

use serde_json::Value;

use super::judge::escaped;
use crate::{Contract, Kind, Object, Schema};

/// What a value may be.
#[derive(Clone, Debug, Default)]
pub struct Sum<'a> {
    pub nullable: bool,
    /// Anything; the rest then says nothing.
    pub any: bool,
    pub variants: Vec<Variant<'a>>,
    /// Every name that was followed.
    pub names: Vec<&'a Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Variant<'a> {
    pub form: Form<'a>,
    /// What it was made from: the first, for lists of values that stood apart.
    pub schema: &'a Schema,
    /// The name it was last mentioned by.
    pub name: Option<&'a Arc<str>>,
    /// A JSON pointer to where it is written.
    pub pointer: String,
}

/// One type of values, never null.
#[derive(Clone, Debug, PartialEq)]
pub enum Form<'a> {
    Boolean,
    Number { integer: bool, min: Option<f64>, max: Option<f64> },
    Text { min: Option<u64>, max: Option<u64>, pattern: Option<&'a str>, format: Option<&'a str> },
    Enum(Vec<&'a Value>),
    Array { items: &'a Schema, min: Option<u64>, max: Option<u64> },
    Tuple(&'a [Schema]),
    Object(&'a Object),
}

/// Forms that could stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Boolean,
    Number,
    Text,
    Enum,
    Array,
    Tuple,
    Object,
}

impl<'a> Sum<'a> {
    pub fn of(contract: &'a Contract, schema: &'a Schema, pointer: &str) -> Self {
        let mut sum = Self::default();
        sum.add(contract, schema, pointer.to_owned(), 0);
        sum
    }

    fn add(&mut self, contract: &'a Contract, mut schema: &'a Schema, mut pointer: String, depth: usize) {
        let mut name = None;
        self.nullable |= schema.nullable;
        while let Kind::Reference(mentioned) = &schema.kind {
            if self.names.contains(&mentioned) {
                // A name that leads back to itself adds nothing to the sum.
                return;
            }
            self.names.push(mentioned);
            let Some(target) = contract.schemas.get(mentioned) else { return self.any = true };
            pointer = format!("/components/schemas/{}", escaped(mentioned));
            (schema, name) = (target, Some(mentioned));
            self.nullable |= schema.nullable;
        }
        let form = match &schema.kind {
            Kind::Any => return self.any = true,
            Kind::Null => return self.nullable = true,
            Kind::Reference(_) => return,
            Kind::AnyOf(variants) => {
                // Documents nest as deep as their reader lets them; nobody means so many unions in each other.
                if depth > 64 {
                    return self.any = true;
                }
                for (i, variant) in variants.iter().enumerate() {
                    self.add(contract, variant, format!("{pointer}/anyOf/{i}"), depth + 1);
                }
                return;
            }
            Kind::Boolean => Form::Boolean,
            Kind::Number { integer, min, max } => Form::Number { integer: *integer, min: *min, max: *max },
            Kind::String { min, max, pattern, format } => {
                Form::Text { min: *min, max: *max, pattern: pattern.as_deref(), format: format.as_deref() }
            }
            Kind::Enum(values) => {
                self.nullable |= values.contains(&Value::Null);
                let values = values.iter().filter(|value| !value.is_null()).collect();
                let known = self.variants.iter_mut().find_map(|variant| match &mut variant.form {
                    Form::Enum(known) => Some(known),
                    _ => None,
                });
                match known {
                    Some(known) => return add_values(known, values),
                    None => Form::Enum(values),
                }
            }
            Kind::Array { items, min, max } => Form::Array { items, min: *min, max: *max },
            Kind::Tuple(items) => Form::Tuple(items),
            Kind::Object(object) => Form::Object(object),
        };
        self.variants.push(Variant { form, schema, name, pointer });
    }
}

fn add_values<'a>(known: &mut Vec<&'a Value>, values: Vec<&'a Value>) {
    for value in values {
        if !known.iter().any(|one| equal(one, value)) {
            known.push(value);
        }
    }
}

impl Form<'_> {
    pub fn family(&self) -> Family {
        match self {
            Self::Boolean => Family::Boolean,
            Self::Number { .. } => Family::Number,
            Self::Text { .. } => Family::Text,
            Self::Enum(_) => Family::Enum,
            Self::Array { .. } => Family::Array,
            Self::Tuple(_) => Family::Tuple,
            Self::Object(_) => Family::Object,
        }
    }
}

/// JSON's equality: `1` and `1.0` are one number.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(one, other)| equal(one, other))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, one)| b.get(key).is_some_and(|other| equal(one, other)))
        }
        _ => one == other,
    }
}
