//! The type system: what service answers, view inputs and view answers are made of.
//!
//! Structural, like TypeScript's. Schemas with a name (and therefore possibly recursive ones) live in a
//! [`Types`] table and are mentioned as [`Type::Named`]. A [`Field`] remembers where its owner declared it, so
//! that a type error in a view can point into the service's schema.
//!
//! This crate must not know about files, protocols or syntax.

mod display;
mod identifier;
mod life;
mod relate;

use std::collections::BTreeSet;
use std::sync::Arc;

use frontdesk_diagnostics::Span;

pub use identifier::{is_identifier, is_reserved};
pub use life::{Date, Deprecation, Hints, Life, Version};
pub use relate::{Normal, join, without_nullish};

/// A set of JavaScript values.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// No value at all: the type of a `throw`.
    Never,
    /// Any JSON value, of which nothing is known.
    Unknown,
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    /// `"card"`, `3`, `true`.
    Literal(Literal),
    Array(Arc<Type>),
    Tuple(Arc<[Type]>),
    Object(Arc<Object>),
    /// A named schema or shape; its definition is in [`Types`].
    Named(Named),
    /// Two or more members, flattened, none of them `Never` or `Unknown`. Make it with [`Type::union`].
    Union(Arc<[Type]>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Boolean(bool),
    Number(f64),
    String(Arc<str>),
}

/// An object: known fields, and possibly further ones of one type.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Object {
    /// In the order of declaration.
    pub fields: Vec<Field>,
    /// The type of every key that is not in `fields` (`additionalProperties`, `map<string, T>`, `keyBy`).
    /// Reading one gives `T | undefined`.
    pub index: Option<Type>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: Arc<str>,
    pub ty: Type,
    /// The key may be missing. Reading it then gives `undefined`.
    pub optional: bool,
    pub doc: Option<Arc<str>>,
    pub origin: Option<Origin>,
    /// Where it is written, if that is in a BFF: its name in an object literal, or in a type that a file declares.
    pub written: Option<Span>,
    /// Set where a view says `since`, `until` or `deprecated` of it.
    pub life: Option<Arc<Life>>,
    /// What the schema that declares it says beyond its type.
    pub hints: Option<Arc<Hints>>,
}

/// Fields are equal if they have the same name and type, wherever they were declared.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.ty == other.ty && self.optional == other.optional
    }
}

/// Where a field, operation or schema was declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub span: Span,
    /// The name of the schema or message it stands in: `Product`.
    pub schema: Arc<str>,
}

/// A mention of a definition in [`Types`].
#[derive(Clone, Debug)]
pub struct Named {
    pub id: NamedId,
    pub name: Arc<str>,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamedId(pub u32);

/// The definitions of all named types of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Types {
    definitions: Vec<Definition>,
}

#[derive(Clone, Debug)]
pub struct Definition {
    pub name: Arc<str>,
    /// Which service, or which BFF's shape, it belongs to: `catalog`, `ios`.
    pub owner: Arc<str>,
    pub ty: Type,
    pub doc: Option<Arc<str>>,
    pub origin: Option<Origin>,
}

impl Types {
    /// Reserves a name, so that a recursive definition can mention itself; fill it with [`Types::define`].
    pub fn declare(&mut self, owner: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Named {
        let name = name.into();
        let id = NamedId(self.definitions.len() as u32);
        self.definitions.push(Definition {
            name: name.clone(),
            owner: owner.into(),
            ty: Type::Unknown,
            doc: None,
            origin: None,
        });
        Named { id, name }
    }

    pub fn define(&mut self, named: &Named, ty: Type, doc: Option<Arc<str>>, origin: Option<Origin>) {
        if let Some(definition) = self.definitions.get_mut(named.id.0 as usize) {
            definition.ty = ty;
            definition.doc = doc;
            definition.origin = origin;
        }
    }

    pub fn get(&self, id: NamedId) -> Option<&Definition> {
        self.definitions.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (NamedId, &Definition)> {
        self.definitions.iter().enumerate().map(|(i, d)| (NamedId(i as u32), d))
    }

    /// Gives every union that is a member of itself, by whatever names, its members that are not: `A = B | string`,
    /// `B = A | number` are both of text and numbers. Whoever opens unions comes to an end then.
    pub fn end_unions(&mut self) {
        let endless: Vec<(usize, Type)> = (0..self.definitions.len())
            .filter_map(|at| {
                let own = NamedId(u32::try_from(at).ok()?);
                let (mut seen, mut members, mut is_endless) = (BTreeSet::new(), Vec::new(), false);
                let mut open = vec![&self.get(own)?.ty];
                while let Some(ty) = open.pop() {
                    match ty {
                        Type::Union(of) => open.extend(of.iter().rev()),
                        Type::Named(named) => {
                            is_endless |= named.id == own;
                            if seen.insert(named.id) {
                                open.extend(self.get(named.id).map(|definition| &definition.ty));
                            }
                        }
                        other => members.push(other.clone()),
                    }
                }
                let left = if members.is_empty() { Type::Unknown } else { Type::union(members) };
                is_endless.then_some((at, left))
            })
            .collect();
        for (at, ty) in endless {
            if let Some(definition) = self.definitions.get_mut(at) {
                definition.ty = ty;
            }
        }
    }

    /// Follows names until something structural comes. A name that only names itself is `Unknown`.
    pub fn resolve<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        for _ in 0..=self.definitions.len() {
            match ty {
                Type::Named(named) => match self.get(named.id) {
                    Some(definition) => ty = &definition.ty,
                    None => return &Type::Unknown,
                },
                other => return other,
            }
        }
        &Type::Unknown
    }
}

impl Type {
    pub fn string(text: &str) -> Self {
        Self::Literal(Literal::String(text.into()))
    }

    pub fn array(of: Type) -> Self {
        Self::Array(Arc::new(of))
    }

    pub fn object(fields: Vec<Field>) -> Self {
        Self::Object(Arc::new(Object { fields, index: None }))
    }

    /// `{ [key: string]: T }`.
    pub fn map(of: Type) -> Self {
        Self::Object(Arc::new(Object { fields: Vec::new(), index: Some(of) }))
    }

    pub fn or_null(self) -> Self {
        Self::union([self, Self::Null])
    }

    pub fn or_undefined(self) -> Self {
        Self::union([self, Self::Undefined])
    }

    /// The union of `members`: flattened, without repetitions, `Never` dropped, `Unknown` absorbing, literals
    /// absorbed by their own primitive. Order of first mention is kept.
    pub fn union(members: impl IntoIterator<Item = Type>) -> Self {
        relate::union(members)
    }

    /// The members of a union, or the type itself.
    pub fn members(&self) -> &[Type] {
        match self {
            Self::Union(members) => members,
            Self::Never => &[],
            other => std::slice::from_ref(other),
        }
    }
}

impl Field {
    pub fn required(name: impl Into<Arc<str>>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            optional: false,
            doc: None,
            origin: None,
            written: None,
            life: None,
            hints: None,
        }
    }

    pub fn optional(name: impl Into<Arc<str>>, ty: Type) -> Self {
        Self { optional: true, ..Self::required(name, ty) }
    }
}

impl Object {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unions_that_hold_themselves_come_to_an_end() {
        let mut types = Types::default();
        let [a, b, c, list] = ["A", "B", "C", "List"].map(|name| types.declare("odd", name));
        let name = |named: &Named| Type::Named(named.clone());
        types.define(&a, Type::Union(vec![name(&b), Type::String].into()), None, None);
        types.define(&b, Type::Union(vec![name(&a), Type::Number].into()), None, None);
        types.define(&c, name(&c), None, None);
        // What comes between makes it finite.
        let items = Type::Union(vec![Type::array(name(&list)), Type::Null].into());
        types.define(&list, items.clone(), None, None);
        types.end_unions();
        let ty = |named: &Named| types.get(named.id).unwrap().ty.clone();
        assert_eq!(ty(&a), Type::union([Type::String, Type::Number]));
        assert_eq!(ty(&b), Type::union([Type::Number, Type::String]));
        assert_eq!(ty(&c), Type::Unknown);
        assert_eq!(ty(&list), items);
    }
}
