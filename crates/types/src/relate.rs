//! How types relate: union, join, assignability, structural equality.

use std::collections::HashSet;
use std::sync::Arc;

use crate::{Literal, NamedId, Object, Type, Types};

pub(crate) fn union(members: impl IntoIterator<Item = Type>) -> Type {
    let mut flat: Vec<Type> = Vec::new();
    for member in members {
        match member {
            Type::Never => {}
            Type::Unknown => return Type::Unknown,
            Type::Union(inner) => inner.iter().for_each(|ty| push(&mut flat, ty.clone())),
            other => push(&mut flat, other),
        }
    }
    let has_true = flat.contains(&Type::Literal(Literal::Boolean(true)));
    let has_false = flat.contains(&Type::Literal(Literal::Boolean(false)));
    if has_true && has_false {
        let at = flat.iter().position(is_boolean_literal).unwrap_or(0);
        flat.insert(at, Type::Boolean);
    }
    let (boolean, number, string) =
        (flat.contains(&Type::Boolean), flat.contains(&Type::Number), flat.contains(&Type::String));
    flat.retain(|ty| match ty {
        Type::Literal(Literal::Boolean(_)) => !boolean,
        Type::Literal(Literal::Number(_)) => !number,
        Type::Literal(Literal::String(_)) => !string,
        _ => true,
    });
    match flat.len() {
        0 => Type::Never,
        1 => flat.remove(0),
        _ => Type::Union(flat.into()),
    }
}

fn push(flat: &mut Vec<Type>, ty: Type) {
    if !flat.contains(&ty) {
        flat.push(ty);
    }
}

fn is_boolean_literal(ty: &Type) -> bool {
    matches!(ty, Type::Literal(Literal::Boolean(_)))
}

/// The type of `a ?? b`, `c ? a : b`, an array of `a` and `b`: their union.
pub fn join(a: &Type, b: &Type) -> Type {
    Type::union([a.clone(), b.clone()])
}

/// `ty` without `null` and `undefined`, looking through names.
pub fn without_nullish(ty: &Type, types: &Types) -> Type {
    match types.resolve(ty) {
        Type::Null | Type::Undefined => Type::Never,
        Type::Union(members) => Type::union(members.iter().map(|member| without_nullish(member, types))),
        _ => ty.clone(),
    }
}

/// What TypeScript does to a fresh literal where the value can vary: `"a"` becomes `string`.
pub struct Normal;

impl Normal {
    /// Literals become their primitive, in objects and arrays too.
    pub fn widen(ty: &Type) -> Type {
        match ty {
            Type::Literal(Literal::Boolean(_)) => Type::Boolean,
            Type::Literal(Literal::Number(_)) => Type::Number,
            Type::Literal(Literal::String(_)) => Type::String,
            Type::Union(members) => Type::union(members.iter().map(Self::widen)),
            other => other.clone(),
        }
    }
}

impl Types {
    /// Whether every value of `from` is one of `to`, by TypeScript's rules under `strict` with
    /// `exactOptionalPropertyTypes` off: a missing optional key and an `undefined` one are the same.
    pub fn assignable(&self, from: &Type, to: &Type) -> bool {
        self.assignable_in(from, to, &mut HashSet::new())
    }

    /// Mutually assignable.
    pub fn equal(&self, a: &Type, b: &Type) -> bool {
        self.assignable(a, b) && self.assignable(b, a)
    }

    fn assignable_in(&self, from: &Type, to: &Type, seen: &mut HashSet<(NamedId, NamedId)>) -> bool {
        if let (Type::Named(a), Type::Named(b)) = (from, to)
            && (a.id == b.id || !seen.insert((a.id, b.id)))
        {
            return true;
        }
        let (from, to) = (self.resolve(from), self.resolve(to));
        match (from, to) {
            (Type::Never, _) | (_, Type::Unknown) => true,
            (Type::Union(members), _) => {
                let members = members.clone();
                members.iter().all(|member| self.assignable_in(member, to, seen))
            }
            (Type::Boolean, Type::Union(members)) => {
                members.iter().any(|member| self.assignable_in(from, member, seen))
                    || [true, false].iter().all(|b| {
                        let literal = Type::Literal(Literal::Boolean(*b));
                        members.iter().any(|member| self.assignable_in(&literal, member, seen))
                    })
            }
            (_, Type::Union(members)) => members.iter().any(|member| self.assignable_in(from, member, seen)),
            (Type::Literal(a), Type::Literal(b)) => a == b,
            (Type::Literal(Literal::Boolean(_)), Type::Boolean)
            | (Type::Literal(Literal::Number(_)), Type::Number)
            | (Type::Literal(Literal::String(_)), Type::String) => true,
            (Type::Array(a), Type::Array(b)) => self.assignable_in(a, b, seen),
            (Type::Tuple(a), Type::Array(b)) => a.iter().all(|item| self.assignable_in(item, b, seen)),
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| self.assignable_in(a, b, seen))
            }
            (Type::Object(a), Type::Object(b)) => self.object_assignable(a, b, seen),
            (a, b) => a == b,
        }
    }

    fn object_assignable(
        &self,
        from: &Arc<Object>,
        to: &Arc<Object>,
        seen: &mut HashSet<(NamedId, NamedId)>,
    ) -> bool {
        let fields = to.fields.iter().all(|wanted| match from.field(&wanted.name) {
            Some(field) => {
                let optional = wanted.optional;
                if field.optional && !optional {
                    return false;
                }
                let target = if optional { wanted.ty.clone().or_undefined() } else { wanted.ty.clone() };
                self.assignable_in(&field.ty, &target, seen)
            }
            None => wanted.optional,
        });
        let index = match (&from.index, &to.index) {
            (_, None) => true,
            (Some(a), Some(b)) => self.assignable_in(a, b, seen),
            (None, Some(b)) => from.fields.iter().all(|field| self.assignable_in(&field.ty, b, seen)),
        };
        fields && index
    }
}
