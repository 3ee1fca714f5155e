//! Whether values of one type fit another, and where they do not.

use std::sync::Arc;

use frontdesk_types::{Field, Literal, NamedId, Object, Type};

use super::{Checker, is_poison};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// TypeScript's assignability under `strict`, `exactOptionalPropertyTypes` off.
    Assignable,
    /// The stricter one that reduces unions: a field that is wanted must be there even if it is optional, and an
    /// object literal with further fields is another type.
    Subtype,
}

/// The first place where one type does not fit another.
#[derive(Clone, Debug)]
pub(super) struct Mismatch {
    /// Field names and `[]`, from the outside in.
    pub path: Vec<Arc<str>>,
    pub from: Type,
    pub to: Type,
    /// The wanted field there, if the path leads to one.
    pub field: Option<Field>,
    /// `field` is not there at all.
    pub missing: bool,
}

type Seen = Vec<(NamedId, NamedId)>;

impl Checker<'_> {
    pub(super) fn related(&self, from: &Type, to: &Type, relation: Relation) -> bool {
        self.relate(from, to, relation, &mut Vec::new()).is_none()
    }

    /// Why a value of `from` cannot stand where `to` is wanted, or `None` if it can.
    pub(super) fn mismatch(&self, from: &Type, to: &Type) -> Option<Mismatch> {
        self.relate(from, to, Relation::Assignable, &mut Vec::new())
    }

    fn relate(&self, from: &Type, to: &Type, relation: Relation, seen: &mut Seen) -> Option<Mismatch> {
        if is_poison(from) || is_poison(to) {
            return None;
        }
        let mark = seen.len();
        if let (Type::Named(a), Type::Named(b)) = (from, to) {
            if a.id == b.id || seen.contains(&(a.id, b.id)) {
                return None;
            }
            seen.push((a.id, b.id));
        }
        // Types that grow without end (through anonymous objects) cannot be told apart further down.
        if seen.len() > 64 {
            return None;
        }
        let found = self.relate_resolved(from, to, relation, seen);
        seen.truncate(mark);
        found
    }

    fn relate_resolved(
        &self,
        from: &Type,
        to: &Type,
        relation: Relation,
        seen: &mut Seen,
    ) -> Option<Mismatch> {
        let no = || {
            Some(Mismatch {
                path: Vec::new(),
                from: from.clone(),
                to: to.clone(),
                field: None,
                missing: false,
            })
        };
        match (self.types.resolve(from), self.types.resolve(to)) {
            (Type::Never, _) | (_, Type::Unknown) => None,
            (Type::Union(members), _) => {
                members.iter().find_map(|member| self.relate(member, to, relation, seen))
            }
            (Type::Boolean, Type::Union(members)) => {
                let fits = members.iter().any(|m| matches!(self.types.resolve(m), Type::Boolean))
                    || [true, false].iter().all(|value| {
                        let literal = Type::Literal(Literal::Boolean(*value));
                        members.iter().any(|m| self.relate(&literal, m, relation, seen).is_none())
                    });
                if fits { None } else { no() }
            }
            (_, Type::Union(members)) => {
                if members.iter().any(|member| self.relate(from, member, relation, seen).is_none()) {
                    return None;
                }
                // With one object among the members, say what is wrong inside it.
                let mut objects = members
                    .iter()
                    .filter(|m| matches!(self.types.resolve(m), Type::Object(_) | Type::Array(_)));
                match (objects.next(), objects.next()) {
                    (Some(only), None)
                        if self.relate(from, only, relation, seen).is_some_and(|m| !m.path.is_empty()) =>
                    {
                        self.relate(from, only, relation, seen)
                    }
                    _ => no(),
                }
            }
            (Type::Literal(a), Type::Literal(b)) if a == b => None,
            (Type::Literal(Literal::Boolean(_)), Type::Boolean)
            | (Type::Literal(Literal::Number(_)), Type::Number)
            | (Type::Literal(Literal::String(_)), Type::String) => None,
            (Type::Array(a), Type::Array(b)) => self.relate(a, b, relation, seen).map(|m| m.below("[]")),
            (Type::Tuple(items), Type::Array(of)) => items
                .iter()
                .enumerate()
                .find_map(|(i, item)| Some(self.relate(item, of, relation, seen)?.below(&format!("[{i}]")))),
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => a
                .iter()
                .zip(b.iter())
                .enumerate()
                .find_map(|(i, (a, b))| Some(self.relate(a, b, relation, seen)?.below(&format!("[{i}]")))),
            (Type::Object(a), Type::Object(b)) => self.relate_objects(a, b, relation, seen, from, to),
            // `{}` is anything but null and undefined.
            (Type::Null | Type::Undefined | Type::Unknown, _) => {
                if from == to {
                    None
                } else {
                    no()
                }
            }
            (_, Type::Object(b)) if b.fields.is_empty() && b.index.is_none() => None,
            (a, b) if a == b => None,
            _ => no(),
        }
    }

    fn relate_objects(
        &self,
        from: &Arc<Object>,
        to: &Arc<Object>,
        relation: Relation,
        seen: &mut Seen,
        outer_from: &Type,
        outer_to: &Type,
    ) -> Option<Mismatch> {
        if Arc::ptr_eq(from, to) {
            return None;
        }
        let no = |field: Option<&Field>| {
            Some(Mismatch {
                path: field.map(|field| field.name.clone()).into_iter().collect(),
                from: outer_from.clone(),
                to: outer_to.clone(),
                field: field.cloned(),
                missing: field.is_some(),
            })
        };
        let unwanted = |field: &Field| to.field(&field.name).is_none();
        let excess = |field: &Field| unwanted(field) && self.is_written(from, field);
        if relation == Relation::Subtype && to.index.is_none() && from.fields.iter().any(excess) {
            return no(None);
        }
        // An object as it is written is no supertype of what has further fields: `f ? { a, b } : { a }` keeps both.
        let further = |field: &Field| unwanted(field) && field.ty != Type::Undefined;
        if relation == Relation::Subtype && self.is_fresh(to) && from.fields.iter().any(further) {
            return no(None);
        }
        for wanted in &to.fields {
            match from.field(&wanted.name) {
                Some(field) => {
                    if field.optional && !wanted.optional {
                        return Some(Mismatch {
                            path: vec![wanted.name.clone()],
                            from: field.ty.clone().or_undefined(),
                            to: wanted.ty.clone(),
                            field: Some(wanted.clone()),
                            missing: false,
                        });
                    }
                    let target =
                        if wanted.optional { wanted.ty.clone().or_undefined() } else { wanted.ty.clone() };
                    if let Some(mut mismatch) = self.relate(&field.ty, &target, relation, seen) {
                        if mismatch.path.is_empty() {
                            mismatch.field = Some(wanted.clone());
                        }
                        return Some(mismatch.below(&wanted.name));
                    }
                }
                None if !wanted.optional => return no(Some(wanted)),
                None if relation == Relation::Subtype && !self.is_fresh(from) => return no(Some(wanted)),
                None => {}
            }
        }
        // An object that has nothing in common with one of optional fields only is a mistake.
        let weak =
            !to.fields.is_empty() && to.index.is_none() && to.fields.iter().all(|field| field.optional);
        if weak && !from.fields.is_empty() && from.fields.iter().all(unwanted) {
            return no(None);
        }
        let index = to.index.as_ref()?;
        if let Some(own) = &from.index
            && let Some(mismatch) = self.relate(own, index, relation, seen)
        {
            return Some(mismatch.below("[key]"));
        }
        from.fields
            .iter()
            .filter(|field| unwanted(field))
            .find_map(|field| Some(self.relate(&field.ty, index, relation, seen)?.below(&field.name)))
    }

    /// Whether the two types have a value in common, so that `===` can be true.
    pub(super) fn overlap(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.expanded(a), self.expanded(b));
        a.iter().any(|a| b.iter().any(|b| self.member_overlap(a, b)))
    }

    fn member_overlap(&self, a: &Type, b: &Type) -> bool {
        if is_poison(a) || is_poison(b) {
            return true;
        }
        match (self.types.resolve(a), self.types.resolve(b)) {
            (Type::Unknown, _) | (_, Type::Unknown) => true,
            (Type::Literal(a), Type::Literal(b)) => a == b,
            (Type::Literal(l), other) | (other, Type::Literal(l)) => matches!(
                (l, other),
                (Literal::Boolean(_), Type::Boolean)
                    | (Literal::Number(_), Type::Number)
                    | (Literal::String(_), Type::String)
            ),
            (Type::Object(_), Type::Object(_)) => true,
            (Type::Array(_) | Type::Tuple(_), Type::Array(_) | Type::Tuple(_)) => true,
            (a, b) => a == b,
        }
    }
}

impl Mismatch {
    fn below(mut self, step: &str) -> Self {
        self.path.insert(0, step.into());
        self
    }
}
