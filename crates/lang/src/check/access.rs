//! Reading a field, an element, a length.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::{Field, Literal, Type};
use oxc_ast::ast::{ComputedMemberExpression, Expression, StaticMemberExpression, TSNonNullExpression};

use super::expression::broken;
use super::frame::{Checked, Step};
use super::report::short;
use super::report::shown_type;
use super::widen::Want;
use super::widen::union_of;
use super::{Binding, Checker, is_poison, poison};
use crate::model::{Constant, ExprKind, Method};

impl<'a> Checker<'a> {
    pub(super) fn member(&mut self, member: &'a StaticMemberExpression<'a>, span: Span) -> Checked {
        let name = member.property.name.as_str();
        let name_span = self.span(&member.property);
        if let Some(checked) = self.namespace_member(&member.object, name, span) {
            return checked;
        }
        let object = self.expr(&member.object, Want::Any);
        let object = if member.optional { self.optional_link(object) } else { object };
        self.field(object, name, name_span, span)
    }

    /// `Math.PI`, `service.operation` without a call, `Object.keys` without a call.
    fn namespace_member(&mut self, object: &'a Expression<'a>, name: &str, span: Span) -> Option<Checked> {
        let Expression::Identifier(identifier) = object else { return None };
        let namespace = identifier.name.as_str();
        if self.frame.find(namespace).is_some() {
            return None;
        }
        match self.binding(self.frame.scope, namespace) {
            Some(Binding::Service(service)) => {
                let service = *service;
                Some(self.operation_as_value(service, namespace, name, span))
            }
            Some(_) => None,
            None => self.global_member(namespace, name, span),
        }
    }

    /// `object.name`
    pub(super) fn field(&mut self, object: Checked, name: &str, name_span: Span, span: Span) -> Checked {
        let object = self.present(object, &format!(".{name}"));
        let ty = object.expr.ty.clone();
        if is_poison(&ty) {
            return broken(span);
        }
        let members = self.expanded(&ty);
        if name == "length" && members.iter().all(|member| self.has_length(member)) && !members.is_empty() {
            let ty = match members.as_slice() {
                [Type::Tuple(items)] => Type::Literal(Literal::Number(items.len() as f64)),
                _ => Type::Number,
            };
            let kind = ExprKind::Method {
                method: Method::Length,
                receiver: Box::new(object.expr),
                args: Vec::new(),
            };
            return Checked::new(kind, ty, span);
        }
        let Some(found) = self.field_type(&ty, name, name_span, object.source) else { return broken(span) };
        let note = self.note_of_field(&ty, name);
        let place = object.place.map(|place| place.then(Step::Name(name.into())));
        let known = place.as_ref().and_then(|place| self.frame.fact(place)).cloned();
        let ty = known.unwrap_or(found);
        let kind = ExprKind::Get { object: Box::new(object.expr), name: name.into() };
        Checked { place, source: object.source, note, ..Checked::new(kind, ty, span) }
    }

    fn has_length(&self, ty: &Type) -> bool {
        matches!(
            self.types.resolve(ty),
            Type::String | Type::Literal(Literal::String(_)) | Type::Array(_) | Type::Tuple(_)
        )
    }

    /// The value of which something is read: reports that it may be missing, and goes on as if it were not.
    pub(super) fn present(&mut self, object: Checked, rest: &str) -> Checked {
        let ty = object.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if matches!(ty, Type::Never) {
            return self.impossible(object.expr.span);
        }
        if !null && !undefined {
            return object;
        }
        let present = self.without_nullish(&ty);
        let text = self.text(object.expr.span).to_owned();
        let text = short(&text).to_owned();
        if matches!(present, Type::Never) {
            let missing = self.missing_word(&ty);
            let message = format!("`{text}` is always {missing} here");
            self.error(codes::MAYBE_NULL, message, object.expr.span, format!("this is {missing}"));
            return Checked { expr: crate::model::Expr { ty: poison(), ..object.expr }, ..object };
        }
        let link = if rest.starts_with('[') { format!("{text}?.{rest}") } else { format!("{text}?{rest}") };
        let forgotten = object.place.as_ref().is_some_and(|place| self.frame.is_forgotten(place));
        let help = if forgotten {
            format!(
                "what is checked outside of a callback holds inside for names only: `const value = {text};` before it"
            )
        } else {
            format!("write `{link}` (then the result may be undefined), and `?? …` for what stands in for it")
        };
        self.maybe_missing(&text, &ty, object.expr.span, object.source, help);
        Checked { expr: crate::model::Expr { ty: present, ..object.expr }, ..object }
    }

    /// The type of a field of `ty`, which is not null or undefined; anything without it is reported.
    fn field_type(
        &mut self,
        ty: &Type,
        name: &str,
        span: Span,
        source: Option<super::Source>,
    ) -> Option<Type> {
        let mut found = Vec::new();
        let members = self.expanded(ty);
        for member in &members {
            match self.field_of(member, name) {
                Ok(ty) => found.push(ty),
                Err(()) => {
                    self.report_no_field(ty, member, &members, name, span, source);
                    return None;
                }
            }
        }
        Some(union_of(found))
    }

    /// The type of reading a field of one member of a union; `Err` if it has none.
    pub(super) fn field_of(&self, member: &Type, name: &str) -> Result<Type, ()> {
        match self.types.resolve(member) {
            _ if is_poison(member) => Ok(poison()),
            Type::Object(object) => match (object.field(name), &object.index) {
                (Some(Field { ty, optional: true, .. }), _) => Ok(union_of([ty.clone(), Type::Undefined])),
                (Some(field), _) => Ok(field.ty.clone()),
                (None, Some(index)) => Ok(union_of([index.clone(), Type::Undefined])),
                (None, None) => Err(()),
            },
            _ => Err(()),
        }
    }

    pub(super) fn nothing_known(&mut self, name: &str, span: Span, source: Option<super::Source>) {
        let operation = source.and_then(|source| self.operation_name(source));
        let label = format!("so `{name}` may not be there");
        let diagnostic = self.error(codes::UNKNOWN_VALUE, "nothing is known of this value", span, label);
        diagnostic.notes.extend(
            operation.map(|name| format!("`{name}` answers it, and its schema does not say what it is")),
        );
        diagnostic.help =
            Some("pass it through as it stands, or narrow it first: `typeof x === \"string\"`".to_owned());
    }

    fn report_no_field(
        &mut self,
        ty: &Type,
        member: &Type,
        members: &[Type],
        name: &str,
        span: Span,
        source: Option<super::Source>,
    ) {
        match self.types.resolve(member).clone() {
            Type::Unknown => self.nothing_known(name, span, source),
            Type::Object(_) if members.len() > 1 => {
                let has = members.iter().any(|member| self.field_of(member, name).is_ok());
                if !has {
                    self.no_field(member, name, span, source);
                    return;
                }
                let (shown, one) = (shown_type(ty), shown_type(member));
                let message = format!("not every `{shown}` has `{name}`");
                let diagnostic = self.error(codes::UNKNOWN_FIELD, message, span, format!("`{one}` has not"));
                diagnostic.help =
                    Some(format!("check first: `\"{name}\" in value`, or the field that tells them apart"));
            }
            Type::Object(_) => self.no_field(member, name, span, source),
            resolved => {
                if super::method::exists(&resolved, name) {
                    self.function_as_value(span);
                    return;
                }
                let shown = shown_type(member);
                let message = format!("`{shown}` has no field `{name}`");
                let is_list = matches!(resolved, Type::Array(_) | Type::Tuple(_));
                let near = super::method::near(&resolved, name);
                let label = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "not a field of it".to_owned(),
                };
                let diagnostic = self.error(codes::UNKNOWN_FIELD, message, span, label);
                if is_list && near.is_none() {
                    diagnostic.help = Some(format!(
                        "it is a list: read `{name}` of each with `.map((item) => item.{name})`"
                    ));
                }
            }
        }
    }

    pub(super) fn element(&mut self, member: &'a ComputedMemberExpression<'a>, span: Span) -> Checked {
        if let Expression::StringLiteral(name) = &member.expression {
            let name_span = self.span(&member.expression);
            let object = self.expr(&member.object, Want::Any);
            let object = if member.optional { self.optional_link(object) } else { object };
            return self.field(object, name.value.as_str(), name_span, span);
        }
        let object = self.expr(&member.object, Want::Any);
        let object = if member.optional { self.optional_link(object) } else { object };
        let object = self.present(object, "[…]");
        let key = self.expr(&member.expression, Want::Any);
        if is_poison(&object.expr.ty) || is_poison(&key.expr.ty) {
            return broken(span);
        }
        let mut found = Vec::new();
        for one in self.expanded(&object.expr.ty.clone()) {
            match self.element_type(&one, &key) {
                Some(ty) => found.push(ty),
                None => {
                    self.report_no_element(&object, &one, &key);
                    return broken(span);
                }
            }
        }
        let step = match &key.expr.kind {
            ExprKind::Local(local) => Some(Step::Local(*local)),
            ExprKind::Constant(Constant::Number(index)) => Step::index(*index),
            _ => None,
        };
        let place = object.place.clone().zip(step).map(|(place, step)| place.then(step));
        let known = place.as_ref().and_then(|place| self.frame.fact(place)).cloned();
        let ty = known.unwrap_or_else(|| union_of(found));
        let kind = ExprKind::Index { object: Box::new(object.expr), key: Box::new(key.expr) };
        Checked { place, source: object.source, ..Checked::new(kind, ty, span) }
    }

    /// `one[key]`, under `noUncheckedIndexedAccess`.
    fn element_type(&self, one: &Type, key: &Checked) -> Option<Type> {
        let keys = self.expanded(&key.expr.ty);
        let numeric = keys.iter().all(|key| matches!(key, Type::Number | Type::Literal(Literal::Number(_))));
        let textual = keys.iter().all(|key| {
            matches!(
                key,
                Type::String | Type::Number | Type::Literal(Literal::String(_) | Literal::Number(_))
            )
        });
        match self.types.resolve(one) {
            _ if is_poison(one) => Some(poison()),
            Type::String | Type::Literal(Literal::String(_)) if numeric => Some(Type::String.or_undefined()),
            Type::Array(of) if numeric => Some(union_of([(**of).clone(), Type::Undefined])),
            Type::Tuple(items) if numeric => match keys.as_slice() {
                [Type::Literal(Literal::Number(at))] if at.fract() == 0.0 && *at >= 0.0 => {
                    Some(items.get(*at as usize).cloned().unwrap_or(Type::Undefined))
                }
                _ => Some(union_of(items.iter().cloned().chain([Type::Undefined]))),
            },
            Type::Object(object) if textual => {
                let mut found = Vec::new();
                for key in &keys {
                    found.push(match (key, &object.index) {
                        (Type::Literal(Literal::String(name)), _) => self.field_of(one, name).ok()?,
                        (_, Some(index)) => union_of([index.clone(), Type::Undefined]),
                        (_, None) => return None,
                    });
                }
                Some(union_of(found))
            }
            _ => None,
        }
    }

    fn report_no_element(&mut self, object: &Checked, one: &Type, key: &Checked) {
        let shown = shown_type(one);
        let key_shown = shown_type(&key.expr.ty);
        let (null, undefined) = self.nullish(&key.expr.ty);
        let text = self.text(key.expr.span).to_owned();
        if null || undefined {
            let help = format!("check it before: `{0} != null ? …[{0}] : …`", short(&text));
            self.maybe_missing(&text, &key.expr.ty.clone(), key.expr.span, key.source, help);
            return;
        }
        match self.types.resolve(one) {
            Type::Unknown => self.report_no_field(one, one, &[], "[…]", key.expr.span, object.source),
            Type::Object(_) => {
                let message = format!("`{shown}` has no field for every `{key_shown}`");
                let diagnostic = self.error(
                    codes::UNKNOWN_FIELD,
                    message,
                    key.expr.span,
                    format!("this is `{key_shown}`"),
                );
                diagnostic.help =
                    Some("read a field by its name, or make a map of a list with `keyBy(…)`".to_owned());
            }
            _ => {
                let message = format!("`{shown}` has no element `{key_shown}`");
                let diagnostic = self.error(
                    codes::UNKNOWN_FIELD,
                    message,
                    key.expr.span,
                    format!("this is `{key_shown}`"),
                );
                diagnostic.help =
                    Some("elements are read by number; by key, from `keyBy(list, …)`".to_owned());
            }
        }
    }

    pub(super) fn non_null(&mut self, inner: &'a TSNonNullExpression<'a>, span: Span) -> Checked {
        let checked = self.expr(&inner.expression, Want::Any);
        let text = self.text(checked.expr.span).to_owned();
        let text = short(&text);
        let bang = Span::new(span.file, span.end.saturating_sub(1), span.end);
        let diagnostic = self.error(
            language::NON_NULL,
            format!("`{text}!` claims what nobody checked"),
            bang,
            "if the value is missing after all, the answer fails",
        );
        diagnostic.help =
            Some(format!("write `{text}?.…` to read on, `{text} ?? …` for a default, or return before"));
        let ty = self.without_nullish(&checked.expr.ty);
        Checked { expr: crate::model::Expr { ty, span, ..checked.expr }, ..checked }
    }

    /// `object[index]` with a known index, for taking arrays apart.
    pub(super) fn at(&self, object: &Checked, index: usize, span: Span) -> Checked {
        let mut found = Vec::new();
        for one in self.expanded(&object.expr.ty) {
            found.push(match self.types.resolve(&one) {
                Type::Array(of) => union_of([(**of).clone(), Type::Undefined]),
                Type::Tuple(items) => items.get(index).cloned().unwrap_or(Type::Undefined),
                _ => poison(),
            });
        }
        let key = Checked::new(
            ExprKind::Constant(Constant::Number(index as f64)),
            Type::Literal(Literal::Number(index as f64)),
            span,
        );
        let kind = ExprKind::Index { object: Box::new(object.expr.clone()), key: Box::new(key.expr) };
        Checked::new(kind, union_of(found), span).from(object.source)
    }

    /// `object.name` for taking objects apart.
    pub(super) fn taken(&mut self, object: &Checked, name: &Arc<str>, name_span: Span) -> Checked {
        self.field(object.clone(), name, name_span, name_span)
    }
}
