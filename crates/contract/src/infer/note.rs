//! What is known of a field beyond its type, where its value may come from several places.
//!
//! Two objects of one type are one to the type system, whatever is noted of their fields, and it keeps the notes of one of
//! them. What a contract says must be true of both: `return { total: quote.total }` of a service's whole number, and
//! `return { total: net * rate }`, is no whole number.

use frontdesk_types::{Hints, Life, Object, Type, Types};

/// The life of a field, and what a schema says of its value, as one object literal has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Note {
    pub life: Option<Life>,
    pub hints: Option<Hints>,
}

impl Note {
    /// What holds whichever of two objects it is.
    pub fn or(self, other: Self) -> Self {
        Self { life: either_life(self.life, other.life), hints: both_hints(self.hints, other.hints) }
    }
}

/// For whom a field is there that has one life or another. Without a life it is there for everybody.
pub(super) fn either_life(a: Option<Life>, b: Option<Life>) -> Option<Life> {
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    let life = a.either(b);
    (life != Life::default()).then_some(life)
}

/// What is known of a value that one or the other is known of.
pub(super) fn both_hints(a: Option<Hints>, b: Option<Hints>) -> Option<Hints> {
    Some(a?.both(&b?)).filter(|hints| *hints != Hints::default())
}

/// What the type of an object literal notes of a field: of each of its forms.
pub(super) fn of_field(types: &Types, ty: &Type, name: &str) -> Option<Note> {
    let forms = types.resolve(ty).members().iter();
    let objects = forms.filter_map(|form| match types.resolve(form) {
        Type::Object(object) => Some(object),
        _ => None,
    });
    let note = |object: &std::sync::Arc<Object>| {
        let field = object.field(name).filter(|field| field.ty != Type::Undefined)?;
        Some(Note { life: field.life.as_deref().cloned(), hints: field.hints.as_deref().cloned() })
    };
    objects.filter_map(note).reduce(Note::or)
}
