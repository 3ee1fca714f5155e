//! Contracts of chance, and edits of them. The same seed gives the same contract.

use frontdesk_contract::diff::{Class, Direction, diff};
use frontdesk_contract::{Contract, Field, Kind, More, Object, Schema, Written};
use frontdesk_types::Life;
use serde_json::json;

use super::short;

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555)
    }

    /// Below `n` (splitmix64).
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn some<T>(&mut self, value: T) -> Option<T> {
        self.one_in(3).then_some(value)
    }
}

/// What may be made up.
#[derive(Clone, Copy)]
pub struct Palette {
    pub objects: bool,
}

pub fn schema(dice: &mut Dice, depth: usize, palette: Palette) -> Schema {
    let kind = kind(dice, depth, palette);
    let may_be_nullable = !matches!(kind, Kind::Any | Kind::Null | Kind::Reference(_));
    Schema { nullable: may_be_nullable && dice.one_in(5), ..Schema::of(kind) }
}

fn kind(dice: &mut Dice, depth: usize, palette: Palette) -> Kind {
    let n = if depth == 0 { 6 } else { 12 };
    match dice.below(n) {
        0 => Kind::Boolean,
        1 => {
            let (min, max) = (dice.below(3) as f64, 5.0 + dice.below(3) as f64);
            Kind::Number { integer: dice.one_in(2), min: dice.some(min), max: dice.some(max) }
        }
        2 | 3 => {
            let formats = ["date", "uuid", "email"];
            let format = formats.get(dice.below(12)).map(|format| (*format).into());
            let pattern = ["^a", "^b"].get(dice.below(10)).filter(|_| format.is_none()).map(|p| (*p).into());
            let (min, max) = (dice.below(3) as u64, 40 + dice.below(3) as u64);
            Kind::String { min: dice.some(min), max: dice.some(max), pattern, format }
        }
        4 => {
            let all = [json!("x"), json!("y"), json!("z"), json!(1), json!(2), json!("w")];
            let from = dice.below(5);
            Kind::Enum(all[from..(from + 1 + dice.below(3)).min(all.len())].to_vec())
        }
        5 if dice.one_in(4) => Kind::Any,
        5 if palette.objects => Kind::Reference(["A", "B", "C"][dice.below(3)].into()),
        5 => Kind::Boolean,
        6 => Kind::Array {
            items: Box::new(schema(dice, depth - 1, palette)),
            min: dice.some(1),
            max: dice.some(4),
        },
        7 if dice.one_in(2) => {
            Kind::Tuple((0..=dice.below(3)).map(|_| schema(dice, depth - 1, palette)).collect())
        }
        8 | 9 if dice.one_in(2) => {
            Kind::AnyOf((0..2 + dice.below(2)).map(|_| schema(dice, depth - 1, palette)).collect())
        }
        _ if palette.objects => Kind::Object(object(dice, depth - 1, palette)),
        _ => Kind::Boolean,
    }
}

fn object(dice: &mut Dice, depth: usize, palette: Palette) -> Object {
    let mut fields = Vec::new();
    for name in ["a", "b", "c", "d"] {
        if dice.one_in(2) {
            fields.push(field(dice, name, depth, palette));
        }
    }
    let more = if dice.one_in(6) { More::Of(Box::new(schema(dice, depth, palette))) } else { More::None };
    Object { fields, more }
}

fn field(dice: &mut Dice, name: &str, depth: usize, palette: Palette) -> Field {
    Field {
        name: name.into(),
        schema: schema(dice, depth, palette),
        required: dice.one_in(2),
        life: Life::default(),
        degraded_by: Vec::new(),
        span: Written::default(),
    }
}

/// Changes one thing somewhere in it.
pub fn edit(dice: &mut Dice, schema: &mut Schema, palette: Palette) {
    if dice.one_in(5) {
        if !matches!(schema.kind, Kind::Any | Kind::Null | Kind::Reference(_)) {
            schema.nullable = !schema.nullable;
        }
        return;
    }
    if dice.one_in(8) {
        *schema = self::schema(dice, 1, palette);
        return;
    }
    match &mut schema.kind {
        Kind::Number { integer, min, max } => match dice.below(3) {
            0 => *integer = !*integer,
            1 => *min = if min.is_some() { None } else { Some(1.0) },
            _ => *max = if max.is_some() { None } else { Some(6.0) },
        },
        Kind::String { min, max, pattern, format } => match dice.below(4) {
            0 => *min = if min.is_some() { None } else { Some(1) },
            1 => *max = if max.is_some() { None } else { Some(41) },
            2 => *pattern = if pattern.is_some() { None } else { Some("^a".into()) },
            _ => *format = if format.is_some() { None } else { Some("date".into()) },
        },
        Kind::Enum(values) => {
            if values.len() > 1 && dice.one_in(2) {
                values.remove(dice.below(values.len()));
            } else if !values.contains(&json!("new")) {
                values.push(json!("new"));
            }
        }
        Kind::Array { items, min, max } => match dice.below(4) {
            0 => *min = if min.is_some() { None } else { Some(1) },
            1 => *max = if max.is_some() { None } else { Some(3) },
            _ => edit(dice, items, palette),
        },
        Kind::Tuple(items) => {
            if dice.one_in(4) {
                items.push(self::schema(dice, 0, palette));
            } else {
                let i = dice.below(items.len());
                edit(dice, &mut items[i], palette);
            }
        }
        Kind::AnyOf(variants) => match dice.below(4) {
            0 => variants.push(self::schema(dice, 1, palette)),
            1 if variants.len() > 1 => drop(variants.remove(dice.below(variants.len()))),
            _ => {
                let i = dice.below(variants.len());
                edit(dice, &mut variants[i], palette);
            }
        },
        Kind::Object(object) => edit_object(dice, object, palette),
        _ => *schema = self::schema(dice, 1, palette),
    }
}

fn edit_object(dice: &mut Dice, object: &mut Object, palette: Palette) {
    let free =
        ["a", "b", "c", "d", "e"].into_iter().find(|name| !object.fields.iter().any(|f| &*f.name == *name));
    match dice.below(6) {
        0 => {
            if let Some(name) = free {
                object.fields.push(field(dice, name, 1, palette));
            }
        }
        1 => match &object.more {
            More::None => object.more = More::Of(Box::new(schema(dice, 0, palette))),
            More::Of(_) => object.more = More::None,
        },
        _ if object.fields.is_empty() => object.fields.push(field(dice, "a", 1, palette)),
        2 => drop(object.fields.remove(dice.below(object.fields.len()))),
        3 => {
            let i = dice.below(object.fields.len());
            object.fields[i].required = !object.fields[i].required;
        }
        _ => {
            let i = dice.below(object.fields.len());
            edit(dice, &mut object.fields[i].schema, palette);
        }
    }
}

pub const EVERYTHING: Palette = Palette { objects: true };

/// A contract with one operation: `body` in, `answer` out.
pub fn contract(dice: &mut Dice) -> Contract {
    let mut contract = short::contract(&json!({ "body": { "it": "boolean" } }), "POST /v1/x");
    for name in ["A", "B", "C"] {
        let depth = 1 + dice.below(2);
        contract.schemas.insert(name.into(), Schema::of(Kind::Object(object(dice, depth, EVERYTHING))));
    }
    let operation = &mut contract.operations[0];
    operation.answer = schema(dice, 3, EVERYTHING);
    operation.body.as_mut().unwrap().schema = Schema::of(Kind::Object(object(dice, 2, EVERYTHING)));
    contract
}

/// The same contract with one to three changes.
pub fn edited(dice: &mut Dice, contract: &Contract) -> Contract {
    let mut contract = contract.clone();
    for _ in 0..=dice.below(3) {
        match dice.below(4) {
            0 => {
                let name = ["A", "B", "C"][dice.below(3)];
                edit(dice, contract.schemas.get_mut(name).unwrap(), EVERYTHING);
            }
            1 => {
                let body = contract.operations[0].body.as_mut().unwrap();
                if let Kind::Object(object) = &mut body.schema.kind {
                    edit_object(dice, object, EVERYTHING);
                }
            }
            _ => edit(dice, &mut contract.operations[0].answer, EVERYTHING),
        }
    }
    contract
}

#[test]
fn no_change_goes_unnoticed_and_none_is_made_up() {
    for seed in 0..3_000 {
        let dice = &mut Dice::new(seed);
        let old = contract(dice);
        assert_eq!(diff(&old, &old.clone()), [], "seed {seed}");
        let new = edited(dice, &old);
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        assert_eq!(there.is_empty(), old == new, "seed {seed}: {old:#?}\n{new:#?}");
        assert_eq!(back.is_empty(), old == new, "seed {seed}");
    }
}

/// What a rule is called when old and new exchange their places.
fn mirrored(rule: &str) -> &str {
    const PAIRS: [(&str, &str); 12] = [
        ("became-nullable", "became-non-null"),
        ("integer-became-number", "number-became-integer"),
        ("format-added", "format-removed"),
        ("enum-value-added", "enum-value-removed"),
        ("enum-became-open", "became-enum"),
        ("type-opened", "type-closed"),
        ("variant-added", "variant-removed"),
        ("pattern-added", "pattern-removed"),
        ("minimum-tightened", "minimum-loosened"),
        ("maximum-tightened", "maximum-loosened"),
        ("length-tightened", "length-loosened"),
        ("items-tightened", "items-loosened"),
    ];
    const MORE: [(&str, &str); 2] =
        [("array-became-single", "single-became-array"), ("array-became-tuple", "tuple-became-array")];
    let mut pairs = PAIRS.iter().chain(&MORE);
    let other = pairs.find_map(|(one, two)| match rule {
        rule if rule == *one => Some(*two),
        rule if rule == *two => Some(*one),
        _ => None,
    });
    other.unwrap_or(rule)
}

/// What a client may send must go on being accepted: old within new. What it gets must go on being known: new within
/// old. So exchanging both the contracts and the directions leaves the judgement as it was.
#[test]
fn a_request_is_an_answer_the_other_way_round() {
    let palette = Palette { objects: false };
    let mut told = 0;
    for seed in 0..6_000 {
        let dice = &mut Dice::new(seed);
        let one = schema(dice, 3, palette);
        let mut two = one.clone();
        for _ in 0..=dice.below(2) {
            edit(dice, &mut two, palette);
        }
        let with = |body: &Schema, answer: &Schema| {
            let mut contract = short::contract(&json!({ "body": { "it": "boolean" } }), "POST /v1/x");
            contract.operations[0].body.as_mut().unwrap().schema = body.clone();
            contract.operations[0].answer = answer.clone();
            contract
        };
        let asked = diff(&with(&one, &two), &with(&two, &one));
        let of = |direction: Direction| {
            let mut list: Vec<(String, bool)> = asked
                .iter()
                .filter(|change| change.direction == direction)
                .map(|change| {
                    let rule = if direction == Direction::Request {
                        mirrored(change.rule.id)
                    } else {
                        change.rule.id
                    };
                    (rule.to_owned(), change.class == Class::Compatible)
                })
                .collect();
            list.sort();
            list
        };
        told += of(Direction::Request).len();
        assert_eq!(of(Direction::Request), of(Direction::Response), "seed {seed}: {one:#?}\n{two:#?}");
    }
    assert!(told > 3_000, "{told}");
}
