//! How much of a value is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_types::{Literal, Type, Types};

/// What of a value is read by everything that can see it. Grows, never shrinks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Use {
    /// Something wants to know at least what kind of value it is.
    pub touched: bool,
    /// All of it, as far as its type goes.
    pub whole: bool,
    pub fields: BTreeMap<Arc<str>, Use>,
    /// Every key of an object.
    pub rest: Option<Box<Use>>,
    /// Every element of an array or tuple.
    pub items: Option<Box<Use>>,
}

impl Use {
    pub fn nothing() -> Self {
        Self::default()
    }

    pub fn kind() -> Self {
        Self { touched: true, ..Self::default() }
    }

    pub fn whole() -> Self {
        Self { touched: true, whole: true, ..Self::default() }
    }

    pub fn field(name: Arc<str>, of: Use) -> Self {
        Self { fields: BTreeMap::from([(name, of)]), ..Self::kind() }
    }

    pub fn items(of: Use) -> Self {
        Self { items: of.boxed(), ..Self::kind() }
    }

    pub fn every_key(of: Use) -> Self {
        Self { rest: of.boxed(), ..Self::kind() }
    }

    pub fn is_nothing(&self) -> bool {
        !self.touched
    }

    fn boxed(self) -> Option<Box<Use>> {
        self.touched.then(|| Box::new(self))
    }

    pub fn add(&mut self, other: &Use) {
        self.touched |= other.touched;
        self.whole |= other.whole;
        for (name, of) in &other.fields {
            self.fields.entry(name.clone()).or_default().add(of);
        }
        add_boxed(&mut self.rest, other.rest.as_deref());
        add_boxed(&mut self.items, other.items.as_deref());
    }

    #[must_use]
    pub fn with(mut self, other: &Use) -> Self {
        self.add(other);
        self
    }

    /// What is read of one field.
    pub fn of_field(&self, name: &str) -> Use {
        let mut of = self.of_unknown_key();
        if let Some(field) = self.fields.get(name) {
            of.add(field);
        }
        of
    }

    /// What is read of a field that nobody names.
    pub fn of_unknown_key(&self) -> Use {
        let mut of = if self.whole { Use::whole() } else { Use::nothing() };
        if let Some(rest) = &self.rest {
            of.add(rest);
        }
        of
    }

    /// What is read of a field whose name is not known.
    pub fn of_any_key(&self) -> Use {
        let mut of = self.of_unknown_key();
        for field in self.fields.values() {
            of.add(field);
        }
        of
    }

    pub fn of_items(&self) -> Use {
        let mut of = if self.whole { Use::whole() } else { Use::nothing() };
        if let Some(items) = &self.items {
            of.add(items);
        }
        of
    }

    /// All that a value of type `ty` declares: what goes to a service that takes a `ty`.
    pub fn declared(ty: &Type, types: &Types) -> Self {
        declared(ty, types, 0)
    }
}

fn add_boxed(to: &mut Option<Box<Use>>, other: Option<&Use>) {
    if let Some(other) = other {
        to.get_or_insert_default().add(other);
    }
}

/// Deeper than this, or of open types, everything is sent.
const DECLARED_DEPTH: usize = 8;

fn declared(ty: &Type, types: &Types, depth: usize) -> Use {
    if depth > DECLARED_DEPTH {
        return Use::whole();
    }
    match types.resolve(ty) {
        Type::Unknown => Use::whole(),
        Type::Array(of) => Use::items(declared(of, types, depth + 1)),
        Type::Tuple(items) => {
            let mut of = Use::nothing();
            items.iter().for_each(|item| of.add(&declared(item, types, depth + 1)));
            Use::items(of)
        }
        Type::Object(object) => {
            let mut all = Use::kind();
            for field in &object.fields {
                let of = declared(&field.ty, types, depth + 1);
                all.fields.entry(field.name.clone()).or_default().add(&of);
            }
            if let Some(index) = &object.index {
                all.rest = declared(index, types, depth + 1).boxed();
            }
            all
        }
        Type::Union(members) => {
            let mut all = Use::kind();
            members.iter().for_each(|member| all.add(&declared(member, types, depth + 1)));
            all
        }
        _ => Use::kind(),
    }
}

pub(crate) fn asked_kind(asked: bool) -> Use {
    if asked { Use::kind() } else { Use::nothing() }
}

/// At most what kind of value it is.
pub(crate) fn same_kind(of: &Use) -> Use {
    asked_kind(!of.is_nothing())
}

/// A list of which the elements are read like `item`, if the list is read at all.
pub(crate) fn list_of(item: &Use, of: &Use) -> Use {
    if of.is_nothing() { Use::nothing() } else { Use::items(item.clone()) }
}

pub(crate) fn keys_of(value: &Use, of: &Use) -> Use {
    if of.is_nothing() { Use::nothing() } else { Use::every_key(value.clone()) }
}

/// `Array.from({ length: n })`
pub(crate) fn length_of(of: &Use) -> Use {
    if of.is_nothing() { Use::nothing() } else { Use::field("length".into(), Use::kind()) }
}

/// Whether every value of the type is a string, number, boolean, null or undefined.
pub(crate) fn is_primitive(ty: &Type, types: &Types) -> bool {
    match types.resolve(ty) {
        Type::Undefined | Type::Null | Type::Boolean | Type::Number | Type::String | Type::Literal(_) => true,
        Type::Union(members) => members.iter().all(|member| is_primitive(member, types)),
        _ => false,
    }
}

/// The strings a key can be, if it can only be one of a few.
pub(crate) fn literal_keys(ty: &Type, types: &Types) -> Option<Vec<Arc<str>>> {
    match types.resolve(ty) {
        Type::Literal(Literal::String(text)) => Some(vec![text.clone()]),
        Type::Union(members) => {
            let mut keys = Vec::new();
            for member in members.iter() {
                keys.extend(literal_keys(member, types)?);
            }
            Some(keys)
        }
        _ => None,
    }
}

/// Calls `f` with each structural member of the type: names and unions opened.
pub(crate) fn each_member<'a>(ty: &'a Type, types: &'a Types, f: &mut dyn FnMut(&'a Type)) {
    match types.resolve(ty) {
        Type::Union(members) => members.iter().for_each(|member| each_member(member, types, f)),
        other => f(other),
    }
}
