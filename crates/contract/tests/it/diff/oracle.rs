//! An oracle that knows nothing of rules: it makes values up and looks whether they fit.
//!
//! If nothing is said to be breaking, every answer of the new contract must fit what clients of the old one know, and
//! everything that they may send must fit the new one.

use frontdesk_contract::diff::{Change, Class, Direction, diff};
use frontdesk_contract::{Contract, Kind, More, Object, Schema, openapi};
use serde_json::{Map, Value, json};

use super::random::{self, Dice};

/// How a value is looked at.
#[derive(Clone, Copy)]
struct Eye {
    /// Keys that have no name are passed over, not refused.
    open: bool,
    /// Limits, patterns and lists of values count; a careful client needs none of them.
    strict: bool,
}

#[test]
fn what_is_said_to_be_compatible_is() {
    let (mut answers, mut inputs) = (0, 0);
    for seed in 0..4_000 {
        let dice = &mut Dice::new(seed);
        let old = random::contract(dice);
        let new = random::edited(dice, &old);
        let changes = diff(&old, &new);
        if let Some(strict) = is_fine(&changes, Direction::Response) {
            let eye = Eye { open: true, strict };
            answers += every(
                dice,
                (&new, &new.operations[0].answer),
                (&old, &old.operations[0].answer),
                eye,
                &changes,
                seed,
            );
        }
        if let Some(strict) = is_fine(&changes, Direction::Request) {
            let body = |contract: &Contract| contract.operations[0].body.as_ref().unwrap().schema.clone();
            let eye = Eye { open: false, strict };
            inputs += every(dice, (&old, &body(&old)), (&new, &body(&new)), eye, &changes, seed);
        }
    }
    assert!(answers > 20_000 && inputs > 20_000, "{answers} answers, {inputs} inputs");
}

/// Whether nothing breaks in this direction, and if so whether nothing is even risky.
fn is_fine(changes: &[Change], direction: Direction) -> Option<bool> {
    let worst =
        changes.iter().filter(|change| change.direction == direction).map(|change| change.class).min();
    match worst {
        Some(Class::Breaking) => None,
        worst => Some(worst != Some(Class::Risky)),
    }
}

fn every(
    dice: &mut Dice,
    (from, schema): (&Contract, &Schema),
    (to, known): (&Contract, &Schema),
    eye: Eye,
    changes: &[Change],
    seed: u64,
) -> usize {
    let mut made = 0;
    for _ in 0..30 {
        let Some(value) = value(dice, from, schema, 4) else { continue };
        if !fits(from, schema, &value, Eye { strict: true, ..eye }) {
            continue;
        }
        made += 1;
        assert!(
            fits(to, known, &value, eye),
            "seed {seed}: {value} does not fit, and diff said {:#?}\n{}\n{}",
            changes
                .iter()
                .map(|c| format!("{} {} {} {}", c.class, c.rule.id, c.at, c.message))
                .collect::<Vec<_>>(),
            openapi::json(from),
            openapi::json(to),
        );
    }
    made
}

/// A value of the schema, or nothing if it does not end or the dice fell badly.
fn value(dice: &mut Dice, contract: &Contract, schema: &Schema, depth: usize) -> Option<Value> {
    if schema.nullable && dice.one_in(3) {
        return Some(Value::Null);
    }
    Some(match &schema.kind {
        Kind::Any => [json!(null), json!("any"), json!(7), json!([true])][dice.below(4)].clone(),
        Kind::Null => Value::Null,
        Kind::Boolean => json!(dice.one_in(2)),
        Kind::Number { integer, .. } => {
            let n = dice.below(12) as i64 - 2;
            if *integer || dice.one_in(2) { json!(n) } else { json!(n as f64 + 0.5) }
        }
        Kind::String { format, pattern, .. } => match (format.as_deref(), pattern.as_deref()) {
            (Some("date"), _) => json!("2026-05-01"),
            (Some("uuid"), _) => json!("00000000-0000-0000-0000-000000000000"),
            (Some(_), _) => json!("a@example.com"),
            (None, Some("^b")) => json!("b".repeat(1 + dice.below(43))),
            (None, _) => json!("a".repeat(dice.below(44))),
        },
        Kind::Enum(values) => values.get(dice.below(values.len()))?.clone(),
        Kind::Array { items, .. } => {
            let count = if depth == 0 { 0 } else { dice.below(6) };
            (0..count).map(|_| value(dice, contract, items, depth - 1)).collect::<Option<Vec<_>>>()?.into()
        }
        Kind::Tuple(items) => {
            let depth = depth.checked_sub(1)?;
            items.iter().map(|item| value(dice, contract, item, depth)).collect::<Option<Vec<_>>>()?.into()
        }
        Kind::Object(object) => self::object(dice, contract, object, depth.checked_sub(1)?)?,
        Kind::Reference(name) => value(dice, contract, contract.schemas.get(name)?, depth.checked_sub(1)?)?,
        Kind::AnyOf(variants) => {
            let variant = variants.get(dice.below(variants.len()))?;
            value(dice, contract, variant, depth)?
        }
    })
}

fn object(dice: &mut Dice, contract: &Contract, object: &Object, depth: usize) -> Option<Value> {
    let mut made = Map::new();
    for field in &object.fields {
        if field.required || dice.one_in(2) {
            match value(dice, contract, &field.schema, depth) {
                Some(value) => drop(made.insert(field.name.to_string(), value)),
                None if field.required => return None,
                None => {}
            }
        }
    }
    if let More::Of(more) = &object.more {
        for name in ["a", "b", "c", "d", "e", "f"] {
            if dice.one_in(3) && !object.fields.iter().any(|field| &*field.name == name) {
                made.insert(name.to_owned(), value(dice, contract, more, depth)?);
            }
        }
    }
    Some(Value::Object(made))
}

fn fits(contract: &Contract, schema: &Schema, value: &Value, eye: Eye) -> bool {
    if value.is_null() && schema.nullable {
        return true;
    }
    let within = |n: f64, min: Option<f64>, max: Option<f64>| {
        !eye.strict || (min.is_none_or(|min| n >= min) && max.is_none_or(|max| n <= max))
    };
    let count = |n: usize, min: &Option<u64>, max: &Option<u64>| {
        within(n as f64, min.map(|min| min as f64), max.map(|max| max as f64))
    };
    match &schema.kind {
        Kind::Any => true,
        Kind::Null => value.is_null(),
        Kind::Boolean => value.is_boolean(),
        Kind::Number { integer, min, max } => {
            value.as_f64().is_some_and(|n| (!integer || n.fract() == 0.0) && within(n, *min, *max))
        }
        Kind::String { min, max, pattern, format } => value.as_str().is_some_and(|text| {
            let is_of_format = match format.as_deref() {
                None => true,
                Some("date") => text.len() == 10 && text.starts_with("2026-"),
                Some("uuid") => text.len() == 36,
                Some(_) => text.contains('@'),
            };
            let matches = pattern.as_deref().is_none_or(|p| text.starts_with(p.trim_start_matches('^')));
            is_of_format && (matches || !eye.strict) && count(text.chars().count(), min, max)
        }),
        Kind::Enum(values) => {
            let alike = |one: &Value| {
                one == value || (!eye.strict && std::mem::discriminant(one) == std::mem::discriminant(value))
            };
            values.iter().any(alike)
        }
        Kind::Array { items, min, max } => value.as_array().is_some_and(|list| {
            count(list.len(), min, max) && list.iter().all(|item| fits(contract, items, item, eye))
        }),
        Kind::Tuple(items) => value.as_array().is_some_and(|list| {
            list.len() == items.len()
                && list.iter().zip(items).all(|(one, item)| fits(contract, item, one, eye))
        }),
        Kind::Object(object) => value.as_object().is_some_and(|map| fits_object(contract, object, map, eye)),
        Kind::Reference(name) => fits(contract, &contract.schemas[name], value, eye),
        Kind::AnyOf(variants) => variants.iter().any(|variant| fits(contract, variant, value, eye)),
    }
}

fn fits_object(contract: &Contract, object: &Object, map: &Map<String, Value>, eye: Eye) -> bool {
    let is_whole = object.fields.iter().all(|field| !field.required || map.contains_key(&*field.name));
    is_whole
        && map.iter().all(|(key, value)| match object.fields.iter().find(|field| *field.name == **key) {
            Some(field) => fits(contract, &field.schema, value, eye),
            None => match &object.more {
                More::Of(more) => fits(contract, more, value, eye),
                More::None => eye.open,
            },
        })
}
