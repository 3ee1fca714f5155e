//! Made-up values: what a service, or a view, might answer, from its type alone.
//!
//! The same type, seed and [`Knobs`] give the same value, on every machine. Values fit their type; they are plausible by
//! what the schema hints at (formats, patterns, bounds, examples), else by what a field is called. Ids are named for
//! what they identify and count up in lists (`product-1`, `product-2`), whatever the seed: so `line.productId` of one
//! service finds the product of another.

mod fits;
mod pattern;
mod text;

use std::cell::Cell;

use frontdesk_lang::model::json;
use frontdesk_types::{Hints, NamedId, Object, Type, Types};
use serde_json::{Map, Value};

pub use fits::{Misfit, fits};

/// How a value is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knobs {
    /// How many elements a list has, and entries a map, where its schema does not bound it.
    pub list: usize,
    /// Fields that may be missing are there.
    pub optional: bool,
    /// Which member of a union or enum is taken, counted from 0 and round and round. `null` is the last.
    pub variant: usize,
    /// As much as may come: lists up to their bounds (50 if there are none, fewer for lists in lists), texts as long as
    /// they may be (120 characters if nothing is said).
    pub large: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { list: 2, optional: true, variant: 0, large: false }
    }
}

impl Knobs {
    /// For budgets: as much as may come.
    pub const LARGE: Self = Self { list: 50, optional: true, variant: 0, large: true };
}

/// The most elements that all lists around a value multiply to: a list in a list in a list grows fast.
const MOST: usize = 5000;
/// The longest list that is made, whatever its schema allows.
const LONGEST_LIST: usize = 1000;
/// How deep a value may go before everything that can be left out is.
const DEEP: usize = 24;
/// How deep a type that has no finite value is followed.
const BOTTOM: usize = 120;
/// The most values that one is made of before everything that can be left out is: types that hold each other in many
/// ways, of which none comes again for long, have no end otherwise. [`Knobs::large`] may be ten times as many.
const MANY: usize = 20_000;
/// How many times as many there may be of what cannot be left out. Beyond it is `null`, whether that fits or not.
const OBSTINATE: usize = 5;

/// A value of type `ty`. `undefined`, which JSON does not have, becomes `null`.
pub fn of(types: &Types, ty: &Type, seed: &str) -> Value {
    with(types, ty, None, "", seed, Knobs::default())
}

/// As [`of`]: `name` is what the value is called and `hints` what its schema says, if it stands in a field.
pub fn with(types: &Types, ty: &Type, hints: Option<&Hints>, name: &str, seed: &str, knobs: Knobs) -> Value {
    let maker = Maker { types, knobs, made: Cell::new(0) };
    let place = Place {
        name,
        noun: text::noun(name),
        index: 0,
        hash: text::hash(seed.as_bytes(), 0),
        around: 1,
        depth: 0,
    };
    maker.value(ty, hints, &place, &mut Vec::new())
}

struct Maker<'t> {
    types: &'t Types,
    knobs: Knobs,
    /// Values so far, of all places.
    made: Cell<usize>,
}

/// Where a value stands.
#[derive(Clone)]
struct Place<'p> {
    /// What it is called: its field's name, or that of the list it is in.
    name: &'p str,
    /// What the object around it is, in lower case: `product`.
    noun: String,
    /// Its position in the innermost list.
    index: usize,
    /// Of the seed and the way here.
    hash: u64,
    /// How many values of this place there are: the product of the lists around it.
    around: usize,
    depth: usize,
}

impl<'p> Place<'p> {
    fn below(&self, name: &'p str) -> Self {
        Self { name, hash: text::hash(name.as_bytes(), self.hash), depth: self.depth + 1, ..self.clone() }
    }

    fn element(&self, index: usize, count: usize) -> Self {
        Self {
            index,
            hash: text::hash(&index.to_le_bytes(), self.hash),
            noun: text::noun(self.name),
            around: self.around.saturating_mul(count.max(1)),
            depth: self.depth + 1,
            ..self.clone()
        }
    }
}

impl Maker<'_> {
    fn value(&self, ty: &Type, hints: Option<&Hints>, place: &Place<'_>, open: &mut Vec<NamedId>) -> Value {
        self.made.set(self.made.get() + 1);
        if place.depth > BOTTOM || self.made.get() / OBSTINATE > self.many() {
            return Value::Null;
        }
        if let Some(given) = self.given(ty, hints, place) {
            return given;
        }
        match ty {
            Type::Never | Type::Undefined | Type::Null => Value::Null,
            Type::Unknown | Type::String => Value::String(self.text(hints, place)),
            Type::Boolean => Value::Bool(true),
            Type::Number => json::number(text::number(place.name, place.hash, hints, self.knobs.large)),
            Type::Literal(literal) => json::literal(literal),
            Type::Array(of) => {
                let count = self.count(hints, place, open);
                let hints = hints.map(|hints| Hints { min: None, max: None, example: None, ..hints.clone() });
                let element = |index| {
                    let place = place.element(index, count);
                    self.value(of, hints.as_ref(), &place, open)
                };
                Value::Array((0..count).map(element).collect())
            }
            Type::Tuple(items) => {
                let item =
                    |(index, item): (usize, &Type)| self.value(item, None, &place.element(index, 1), open);
                Value::Array(items.iter().enumerate().map(item).collect())
            }
            Type::Object(object) => self.object(object, hints, place, open),
            Type::Named(named) => {
                open.push(named.id);
                let named_place =
                    Place { noun: text::noun(&named.name), depth: place.depth + 1, ..place.clone() };
                let value = match self.types.get(named.id) {
                    Some(definition) => self.value(&definition.ty, hints, &named_place, open),
                    None => Value::Null,
                };
                open.pop();
                value
            }
            Type::Union(members) => {
                let taken = self.member(members, place, open);
                self.value(taken, hints, place, open)
            }
        }
    }

    /// The schema's own example. In lists it serves for everything but what tells the elements apart.
    fn given(&self, ty: &Type, hints: Option<&Hints>, place: &Place<'_>) -> Option<Value> {
        if self.knobs.large || self.knobs.variant > 0 || (place.around > 1 && text::identifies(place.name)) {
            return None;
        }
        let example = serde_json::from_str(hints?.example.as_deref()?).ok()?;
        fits(self.types, ty, &example).is_ok().then_some(example)
    }

    fn object(
        &self,
        object: &Object,
        hints: Option<&Hints>,
        place: &Place<'_>,
        open: &mut Vec<NamedId>,
    ) -> Value {
        let mut made = Map::new();
        let noun = if place.name.is_empty() || !place.noun.is_empty() {
            place.noun.clone()
        } else {
            text::noun(place.name)
        };
        let around = Place { noun, ..place.clone() };
        for field in &object.fields {
            let optional = field.optional || field.ty.members().contains(&Type::Undefined);
            if optional && (!self.knobs.optional || self.is_deep(place, open)) {
                continue;
            }
            let ty = Type::union(field.ty.members().iter().filter(|ty| **ty != Type::Undefined).cloned());
            // A field that can only be undefined is a field that is not there.
            if ty == Type::Never {
                continue;
            }
            let below = around.below(&field.name);
            let below = match ty {
                Type::Object(_) => Place { noun: text::noun(&field.name), ..below },
                _ => below,
            };
            made.insert(field.name.to_string(), self.value(&ty, field.hints.as_deref(), &below, open));
        }
        if let Some(index) = &object.index {
            let ty = Type::union(index.members().iter().filter(|ty| **ty != Type::Undefined).cloned());
            let count = if ty == Type::Never { 0 } else { self.count(hints, place, open) };
            for at in 0..count {
                let key = text::id(&text::noun(place.name), at);
                if object.field(&key).is_none() {
                    made.insert(key, self.value(&ty, None, &place.element(at, count), open));
                }
            }
        }
        Value::Object(made)
    }

    fn member<'m>(&self, members: &'m [Type], place: &Place<'_>, open: &[NamedId]) -> &'m Type {
        if self.is_deep(place, open) {
            let simplest = members.iter().min_by_key(|ty| weight(ty));
            return simplest.unwrap_or(&Type::Null);
        }
        let is_nothing = |ty: &&Type| matches!(ty, Type::Null | Type::Undefined);
        let mut taken: Vec<&Type> = members.iter().filter(|ty| !is_nothing(ty)).collect();
        taken.extend(members.iter().find(|ty| is_nothing(ty)));
        let count = taken.len().max(1);
        taken.get(self.knobs.variant % count).copied().unwrap_or(&Type::Null)
    }

    /// How many elements a list has.
    fn count(&self, hints: Option<&Hints>, place: &Place<'_>, open: &[NamedId]) -> usize {
        let bound = |bound: Option<f64>| {
            bound.filter(|n| n.is_finite() && *n >= 0.0).map(|n| (n as usize).min(LONGEST_LIST))
        };
        let (min, max) = (bound(hints.and_then(|h| h.min)).unwrap_or(0), bound(hints.and_then(|h| h.max)));
        if self.is_deep(place, open) {
            return 0;
        }
        let wanted = match max {
            Some(max) if self.knobs.large => max,
            // Of a list in a list nobody expects as many.
            None if self.knobs.large && place.around > 1 => (self.knobs.list / 5).max(1),
            _ => self.knobs.list,
        };
        wanted.min(max.unwrap_or(LONGEST_LIST)).max(min).min(MOST / place.around.clamp(1, MOST))
    }

    /// Whether it is time to come to an end: a type is in itself for the second time, everything lies very deep, or there
    /// is much of it already.
    fn is_deep(&self, place: &Place<'_>, open: &[NamedId]) -> bool {
        let again = open.last().is_some_and(|last| open.iter().filter(|id| *id == last).count() > 1);
        again || place.depth > DEEP || self.made.get() > self.many()
    }

    fn many(&self) -> usize {
        if self.knobs.large { 10 * MANY } else { MANY }
    }

    fn text(&self, hints: Option<&Hints>, place: &Place<'_>) -> String {
        let plain = Hints::default();
        let hints = hints.unwrap_or(&plain);
        if let Some(pattern) = &hints.pattern
            && let Some(text) = pattern::matching(pattern, place.hash)
        {
            return text;
        }
        text::text(place.name, &place.noun, place.index, place.hash, hints, self.knobs.large)
    }
}

/// How soon a value of this type comes to an end.
fn weight(ty: &Type) -> u8 {
    match ty {
        Type::Null | Type::Undefined => 0,
        Type::Literal(_) | Type::Boolean | Type::Number | Type::String | Type::Unknown => 1,
        Type::Array(_) => 2,
        Type::Tuple(_) | Type::Object(_) => 3,
        Type::Union(members) => members.iter().map(weight).min().unwrap_or(5),
        Type::Named(_) => 4,
        Type::Never => 6,
    }
}
