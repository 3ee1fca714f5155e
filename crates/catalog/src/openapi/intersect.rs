//! `allOf`: the values that fit both of two types.

use std::sync::Arc;

use frontdesk_diagnostics::{Span, codes};
use frontdesk_types::{Field, Literal, Object, Type};

use super::schema::{Parts, completed};
use super::{MAX_SCHEMA_DEPTH, Reader, Scope};

/// The most combinations of two unions that are written out.
const MAX_COMBINATIONS: usize = 256;

impl Reader<'_> {
    /// What fits both parts of a composition.
    pub(super) fn both(&mut self, a: Parts, b: Parts, span: Span) -> Parts {
        let mut required = a.required;
        required.extend(b.required);
        let mut left_out = a.left_out;
        left_out.extend(b.left_out);
        let ty = self.meet(a.ty, b.ty.clone(), span);
        let ty = if ty == Type::Never && b.ty != Type::Never {
            let message = "parts of a schema exclude each other";
            let help = "the last part is used; check the types of the parts";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, span, "no value fits this and the rest", help);
            b.ty
        } else {
            ty
        };
        Parts { ty, required, left_out }
    }

    fn meet(&mut self, a: Type, b: Type, span: Span) -> Type {
        if a == Type::Unknown || a == b {
            return b;
        }
        if b == Type::Unknown {
            return a;
        }
        match (&a, &b) {
            (Type::Named(_), _) | (_, Type::Named(_)) => {
                if self.depth >= MAX_SCHEMA_DEPTH || !self.spend(1, span) {
                    return b;
                }
                self.depth += 1;
                let (a, b) = (self.written_out(&a), self.written_out(&b));
                let both = match (a, b) {
                    (Type::Named(named), _) | (_, Type::Named(named)) => Type::Named(named),
                    (a, b) => self.meet(a, b, span),
                };
                self.depth -= 1;
                both
            }
            (Type::Union(_), _) | (_, Type::Union(_)) => {
                if a.members().len() * b.members().len() > MAX_COMBINATIONS {
                    let message = "an `allOf` of large unions is not understood";
                    self.warn(codes::catalog::NOT_UNDERSTOOD, message, span, "only this part is used", "");
                    return b;
                }
                let mut members = Vec::new();
                for x in a.members() {
                    for y in b.members() {
                        members.push(self.meet(x.clone(), y.clone(), span));
                    }
                }
                Type::union(members)
            }
            (Type::Object(x), Type::Object(y)) => self.merge(x, y, span),
            (Type::Array(x), Type::Array(y)) => {
                let item = self.meet_fields((**x).clone(), (**y).clone(), span);
                Type::array(item)
            }
            (Type::Literal(literal), primitive) | (primitive, Type::Literal(literal))
                if is_of(literal, primitive) =>
            {
                Type::Literal(literal.clone())
            }
            _ => Type::Never,
        }
    }

    /// A named type's definition, from its schema: [`frontdesk_types::Types`] may not have it yet.
    fn written_out(&mut self, ty: &Type) -> Type {
        let Type::Named(named) = ty else { return ty.clone() };
        match self.behind.get(&named.id).cloned() {
            Some((node, direction, _)) if !self.expanding.contains(&super::Place::of(&node)) => {
                completed(self.expansion(&node, &Scope { direction, owner: named.name.clone() }))
            }
            Some(_) => ty.clone(),
            None => self.types.resolve(ty).clone(),
        }
    }

    fn merge(&mut self, a: &Arc<Object>, b: &Arc<Object>, span: Span) -> Type {
        let mut fields: Vec<Field> = a.fields.clone();
        if !self.spend((a.fields.len() + b.fields.len()) as u32, span) {
            return Type::Object(b.clone());
        }
        let places: std::collections::HashMap<Arc<str>, usize> =
            fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        for field in &b.fields {
            match places.get(&field.name).and_then(|at| fields.get_mut(*at)) {
                None => fields.push(field.clone()),
                Some(first) => {
                    let field_span = field.origin.as_ref().map_or(span, |origin| origin.span);
                    let ty = self.meet_fields(first.ty.clone(), field.ty.clone(), field_span);
                    first.ty = ty;
                    first.optional &= field.optional;
                    first.doc = field.doc.clone().or(first.doc.take());
                    first.origin = field.origin.clone().or(first.origin.take());
                }
            }
        }
        let has_fields = !fields.is_empty();
        let index = match (a.index.clone(), b.index.clone()) {
            (Some(x), Some(y)) => Some(self.meet_fields(x, y, span)),
            // "Any object" says nothing beside one whose fields are known.
            (Some(Type::Unknown), None) | (None, Some(Type::Unknown)) if has_fields => None,
            (x, y) => x.or(y),
        };
        Type::Object(Arc::new(Object { fields, index }))
    }

    /// One field of two parts. Names are not written out here: a type may contain itself through its fields, so
    /// this could go on for ever, and where two names meet, the later one is a refinement of the earlier.
    fn meet_fields(&mut self, a: Type, b: Type, span: Span) -> Type {
        if a == Type::Unknown || a == b {
            return b;
        }
        if b == Type::Unknown {
            return a;
        }
        let mentions_name = |ty: &Type| ty.members().iter().any(|member| matches!(member, Type::Named(_)));
        let is_too_deep = self.depth >= MAX_SCHEMA_DEPTH;
        if mentions_name(&a) || mentions_name(&b) || is_too_deep {
            let message = "a field is declared with different schemas by parts of an `allOf`";
            let help = "the later one is used; declare the field once, or with the same `$ref`";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, span, "this one is used", help);
            return b;
        }
        self.depth += 1;
        let both = self.meet(a, b.clone(), span);
        self.depth -= 1;
        if both == Type::Never { b } else { both }
    }
}

fn is_of(literal: &Literal, primitive: &Type) -> bool {
    matches!(
        (literal, primitive),
        (Literal::Boolean(_), Type::Boolean)
            | (Literal::Number(_), Type::Number)
            | (Literal::String(_), Type::String)
    )
}
