//! What TypeScript makes of literals, object literals and unions where a value gets a name or leaves a function.
//!
//! Two things are *fresh* until then. A literal (`"a"` is `string` where the value can vary): the list
//! [`Checked::fresh`](super::frame::Checked) travels with the expression. An object literal: when several of them meet in
//! a union, each gets the fields of the others as `field?: undefined`; they are recognised by the address of
//! their type, which the checker keeps alive.

use std::sync::Arc;

use frontdesk_types::{Field, Literal, Normal, Object, Type};

use super::frame::Checked;
use super::relate::Relation;
use super::{Checker, FreshObject, is_poison, poison};

/// What is expected where an expression stands: TypeScript's contextual type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want<'t> {
    Any,
    /// Inside `as const`.
    Const,
    Type(&'t Type),
}

impl Checker<'_> {
    /// A new object type that stems from an object literal. `spread`: it contains `...`; `written`: the fields
    /// that stand in it themselves.
    pub(super) fn fresh_object(&mut self, object: Object, spread: bool, written: Vec<Arc<str>>) -> Type {
        let object = Arc::new(object);
        let address = Arc::as_ptr(&object).addr();
        self.fresh_objects.insert(address, FreshObject { _object: object.clone(), spread, written });
        Type::Object(object)
    }

    pub(super) fn is_fresh(&self, object: &Arc<Object>) -> bool {
        self.fresh_objects.contains_key(&Arc::as_ptr(object).addr())
    }

    fn has_spread(&self, object: &Arc<Object>) -> bool {
        self.fresh_objects.get(&Arc::as_ptr(object).addr()).is_some_and(|fresh| fresh.spread)
    }

    /// Whether the field stands in the object literal that the type stems from.
    pub(super) fn is_written(&self, object: &Arc<Object>, field: &Field) -> bool {
        let fresh = self.fresh_objects.get(&Arc::as_ptr(object).addr());
        fresh.is_some_and(|fresh| fresh.written.contains(&field.name))
    }

    /// The union without members that are subtypes of others: what `? :`, `??`, `||`, array literals and
    /// several `return`s make.
    pub(super) fn best(&self, members: impl IntoIterator<Item = Type>) -> Type {
        let union = union_of(members);
        let Type::Union(members) = &union else { return union };
        let mut kept: Vec<Type> = members.to_vec();
        let mut at = kept.len();
        while at > 0 {
            at -= 1;
            let Some(candidate) = kept.get(at) else { continue };
            let covered = kept
                .iter()
                .enumerate()
                .any(|(other, target)| other != at && self.related(candidate, target, Relation::Subtype));
            if covered {
                kept.remove(at);
            }
        }
        Type::union(kept)
    }

    /// The fresh literals of a union of these.
    pub(super) fn fresh_of<'t>(parts: impl IntoIterator<Item = (&'t Type, &'t [Literal])>) -> Vec<Literal> {
        let parts: Vec<(&Type, &[Literal])> = parts.into_iter().collect();
        let mut fresh: Vec<Literal> = Vec::new();
        for (_, literals) in &parts {
            for literal in *literals {
                let settled = parts.iter().any(|(ty, fresh)| {
                    !fresh.contains(literal)
                        && ty
                            .members()
                            .iter()
                            .any(|member| matches!(member, Type::Literal(l) if l == literal))
                });
                if !settled && !fresh.contains(literal) {
                    fresh.push(literal.clone());
                }
            }
        }
        fresh
    }

    /// Fresh literals become their primitive.
    pub(super) fn widen_literals(ty: &Type, fresh: &[Literal]) -> Type {
        if fresh.is_empty() {
            return ty.clone();
        }
        Type::union(ty.members().iter().map(|member| match member {
            Type::Literal(literal) if fresh.contains(literal) => Normal::widen(member),
            other => other.clone(),
        }))
    }

    /// The type of a value in a place that can vary: a field of an object literal, an element of an array.
    pub(super) fn varying(&self, checked: &Checked, want: Want<'_>) -> Type {
        let ty = &checked.expr.ty;
        if checked.fresh.is_empty() {
            return ty.clone();
        }
        match want {
            Want::Const => ty.clone(),
            Want::Type(want) if self.wants_literal(want, ty) => ty.clone(),
            Want::Any | Want::Type(_) => Self::widen_literals(ty, &checked.fresh),
        }
    }

    /// Whether literals of the kind of `ty` are wanted as they stand.
    pub(super) fn wants_literal(&self, want: &Type, ty: &Type) -> bool {
        let kind = |literal: &Literal| std::mem::discriminant(literal);
        let kinds: Vec<_> = ty
            .members()
            .iter()
            .filter_map(|member| match member {
                Type::Literal(literal) => Some(kind(literal)),
                _ => None,
            })
            .collect();
        self.expanded(want)
            .iter()
            .any(|member| matches!(member, Type::Literal(l) if kinds.contains(&kind(l))))
    }

    /// The members of a union, names of unions and primitives followed.
    pub(super) fn expanded(&self, ty: &Type) -> Vec<Type> {
        let mut out = Vec::new();
        self.expand_into(ty, &mut out, 0);
        out
    }

    fn expand_into(&self, ty: &Type, out: &mut Vec<Type>, depth: u32) {
        if is_poison(ty) || depth > 20 {
            out.push(ty.clone());
            return;
        }
        match ty {
            Type::Union(members) => members.iter().for_each(|m| self.expand_into(m, out, depth + 1)),
            Type::Named(_) => match self.types.resolve(ty) {
                Type::Object(_) => out.push(ty.clone()),
                resolved => self.expand_into(&resolved.clone(), out, depth + 1),
            },
            Type::Never => {}
            other => out.push(other.clone()),
        }
    }

    /// The type a name gets, or that leaves a function: object literals settle, and those that meet in a union
    /// get each other's fields.
    pub(super) fn settled(&self, ty: &Type) -> Type {
        self.settle(ty, None)
    }

    fn settle(&self, ty: &Type, siblings: Option<&[Type]>) -> Type {
        match ty {
            Type::Union(members) => {
                let siblings = siblings.unwrap_or(members);
                Type::union(members.iter().map(|member| self.settle(member, Some(siblings))))
            }
            Type::Object(object) if self.is_fresh(object) => {
                Type::Object(Arc::new(self.settle_object(object, siblings.unwrap_or(&[]))))
            }
            Type::Array(of) => match self.settle(of, None) {
                same if same == **of && !self.mentions_fresh(of) => ty.clone(),
                settled => Type::array(settled),
            },
            Type::Tuple(items) => Type::Tuple(items.iter().map(|item| self.settle(item, None)).collect()),
            other => other.clone(),
        }
    }

    fn mentions_fresh(&self, ty: &Type) -> bool {
        match ty {
            Type::Object(object) => self.is_fresh(object),
            Type::Union(members) => members.iter().any(|member| self.mentions_fresh(member)),
            Type::Array(of) => self.mentions_fresh(of),
            Type::Tuple(items) => items.iter().any(|item| self.mentions_fresh(item)),
            _ => false,
        }
    }

    fn settle_object(&self, object: &Arc<Object>, siblings: &[Type]) -> Object {
        let literals: Vec<&Arc<Object>> = siblings
            .iter()
            .filter_map(|sibling| match sibling {
                Type::Object(sibling) if self.is_fresh(sibling) => Some(sibling),
                _ => None,
            })
            .collect();
        let mut fields: Vec<Field> = object
            .fields
            .iter()
            .map(|field| {
                let beside: Vec<Type> = literals
                    .iter()
                    .filter_map(|sibling| sibling.field(&field.name))
                    .flat_map(|field| field.ty.members().to_vec())
                    .collect();
                let ty = self.settle(&field.ty, (!beside.is_empty()).then_some(&beside));
                Field { ty, ..field.clone() }
            })
            .collect();
        for sibling in literals {
            if self.has_spread(sibling) {
                continue;
            }
            for field in &sibling.fields {
                if !fields.iter().any(|own| own.name == field.name) {
                    fields.push(Field::optional(field.name.clone(), Type::Undefined));
                }
            }
        }
        Object { fields, index: object.index.as_ref().map(|index| self.settle(index, None)) }
    }

    pub(super) fn without_nullish(&self, ty: &Type) -> Type {
        self.keep(ty, |member| !matches!(member, Type::Null | Type::Undefined))
    }

    pub(super) fn without_undefined(&self, ty: &Type) -> Type {
        self.keep(ty, |member| !matches!(member, Type::Undefined))
    }

    /// Whether `null` or `undefined` (first, second) may be among the values.
    pub(super) fn nullish(&self, ty: &Type) -> (bool, bool) {
        let members = self.expanded(ty);
        (members.contains(&Type::Null), members.contains(&Type::Undefined))
    }

    /// The type without the members that `keep` refuses; the very same type if that is none.
    pub(super) fn keep(&self, ty: &Type, keep: impl Fn(&Type) -> bool) -> Type {
        let members = self.expanded(ty);
        if members.iter().all(&keep) {
            return ty.clone();
        }
        union_of(members.into_iter().filter(|member| keep(member)))
    }

    /// What is left when the value is truthy.
    pub(super) fn truthy(&self, ty: &Type) -> Type {
        self.refined(ty, |member| match member {
            Type::Null | Type::Undefined => Type::Never,
            Type::Literal(literal) if !is_truthy(literal) => Type::Never,
            Type::Boolean => Type::Literal(Literal::Boolean(true)),
            other => other.clone(),
        })
    }

    /// What is left when the value is falsy. A `string` stays one: `if (!s)` proves nothing more in TypeScript.
    pub(super) fn falsy(&self, ty: &Type) -> Type {
        self.refined(ty, |member| match member {
            Type::Array(_) | Type::Tuple(_) | Type::Object(_) => Type::Never,
            Type::Named(_) if !is_poison(member) => Type::Never,
            Type::Literal(literal) if is_truthy(literal) => Type::Never,
            Type::Boolean => Type::Literal(Literal::Boolean(false)),
            other => other.clone(),
        })
    }

    /// The values of `a` that `a && b` gives: here a `string` is `""` and a `number` is `0`.
    pub(super) fn definitely_falsy(&self, ty: &Type) -> Type {
        let falsy = self.falsy(ty);
        self.refined(&falsy, |member| match member {
            Type::String => Type::string(""),
            Type::Number => Type::Literal(Literal::Number(0.0)),
            other => other.clone(),
        })
    }

    /// Each member through `f`; the very same type if nothing changes.
    pub(super) fn refined(&self, ty: &Type, f: impl Fn(&Type) -> Type) -> Type {
        let members = self.expanded(ty);
        let refined: Vec<Type> = members.iter().map(f).collect();
        if refined == members { ty.clone() } else { union_of(refined) }
    }
}

pub(super) fn is_truthy(literal: &Literal) -> bool {
    match literal {
        Literal::Boolean(value) => *value,
        Literal::Number(value) => *value != 0.0 && !value.is_nan(),
        Literal::String(text) => !text.is_empty(),
    }
}

/// The union with literals reduced; silent if a part is.
pub(super) fn union_of(members: impl IntoIterator<Item = Type>) -> Type {
    let members: Vec<Type> = members.into_iter().collect();
    if members.iter().any(is_poison) { poison() } else { Type::union(members) }
}

/// An array of these.
pub(super) fn list_of(item: Type) -> Type {
    if is_poison(&item) { poison() } else { Type::array(item) }
}
