//! Taking objects and arrays apart: nested patterns, defaults, the rest.
//!
//! A value that is taken apart is bound to a local first, so that it can be mentioned several times.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::types as codes;
use frontdesk_types::{Field, Object, Type};
use oxc_ast::ast::{ArrayPattern, BindingPattern, Expression, ObjectPattern};

use super::expression::broken;
use super::frame::{Checked, Place};
use super::literal::static_key;
use super::report::shown_type;
use super::widen::{Want, union_of};
use super::{Checker, MAX_DEPTH, is_poison, poison};
use crate::model::{Argument, BinaryOp, Builtin, Constant, Expr, ExprKind, Lambda, Let, Member, Method};

impl<'a> Checker<'a> {
    /// Gives the names of a pattern a meaning that nothing complains about.
    pub(super) fn name_all(&mut self, pattern: &'a BindingPattern<'a>) {
        let span = self.span(pattern);
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                let local = self.frame.local(poison(), None);
                let at = self.span(&**name);
                self.declare(name.name.as_str(), local, at);
            }
            _ => {
                let value = broken(span);
                self.take_apart(pattern, value, &mut Vec::new(), false);
            }
        }
    }

    /// Declares a name of something that was refused, so that its uses are silent.
    pub(super) fn name_broken(&mut self, name: &'a str, at: Span) {
        let local = self.frame.local(poison(), None);
        self.declare(name, local, at);
    }

    /// Declares the names of a pattern. `widen`: it is a parameter, so a default's literal is not kept.
    pub(super) fn take_apart(
        &mut self,
        pattern: &'a BindingPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        if self.depth >= MAX_DEPTH {
            self.too_deep(self.span(pattern));
            return;
        }
        self.depth += 1;
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                let local = self.constant_local(name.name.as_str(), value, None, lets);
                let at = self.span(&**name);
                self.declare(name.name.as_str(), local, at);
            }
            BindingPattern::AssignmentPattern(default) => {
                let value = self.with_default(value, &default.right, lets, widen);
                self.take_apart(&default.left, value, lets, widen);
            }
            BindingPattern::ObjectPattern(object) => self.take_object(object, value, lets, widen),
            BindingPattern::ArrayPattern(array) => self.take_array(array, value, lets, widen),
        }
        self.depth -= 1;
    }

    /// `value` bound to a local, so that it can be mentioned several times.
    fn held(&mut self, value: Checked, lets: &mut Vec<Let>) -> Checked {
        if matches!(value.expr.kind, ExprKind::Local(_)) {
            return value;
        }
        let span = value.expr.span;
        let (ty, source) = (self.settled(&value.expr.ty), value.source);
        let local = self.frame.local(ty.clone(), source);
        lets.push(Let { local, name: "".into(), value: value.expr });
        Checked {
            place: Some(Place::local(local)),
            fresh: value.fresh,
            source,
            ..Checked::new(ExprKind::Local(local), ty, span)
        }
    }

    /// `value === undefined ? default : value`
    pub(super) fn with_default(
        &mut self,
        value: Checked,
        default: &'a Expression<'a>,
        lets: &mut Vec<Let>,
        widen: bool,
    ) -> Checked {
        let value = self.held(value, lets);
        let span = self.span(default);
        let present = self.without_undefined(&value.expr.ty);
        let default = self.expr(default, if is_poison(&present) { Want::Any } else { Want::Type(&present) });
        let default_ty = if widen {
            if self.wants_literal(&present, &default.expr.ty) {
                default.expr.ty.clone()
            } else {
                Self::widen_literals(&default.expr.ty, &default.fresh)
            }
        } else {
            default.expr.ty.clone()
        };
        let ty = self.best([present.clone(), default_ty]);
        let fresh = if widen { Vec::new() } else { default.fresh.clone() };
        let undefined = Expr { kind: ExprKind::Constant(Constant::Undefined), ty: Type::Undefined, span };
        let condition = Expr {
            kind: ExprKind::Binary(BinaryOp::Equal, Box::new(value.expr.clone()), Box::new(undefined)),
            ty: Type::Boolean,
            span,
        };
        let otherwise = Expr { ty: present, ..value.expr };
        let kind = ExprKind::If {
            condition: Box::new(condition),
            then: Box::new(default.expr),
            otherwise: Box::new(otherwise),
        };
        Checked { fresh, source: value.source, ..Checked::new(kind, ty, span) }
    }

    fn take_object(
        &mut self,
        pattern: &'a ObjectPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        let span = self.span(pattern);
        let value = self.held(value, lets);
        let value = self.whole(value, span, "{ … }");
        let mut taken: Vec<Arc<str>> = Vec::new();
        for property in &pattern.properties {
            let key_span = self.span(&property.key);
            let Some(name) = static_key(&property.key, property.computed) else {
                self.refused(key_span, "a computed key in a pattern", "read it: `const x = object[key];`");
                self.name_all(&property.value);
                continue;
            };
            let name: Arc<str> = name.into();
            taken.push(name.clone());
            let field = self.taken(&value, &name, key_span);
            self.take_apart(&property.value, field, lets, widen);
        }
        if let Some(rest) = &pattern.rest {
            let others = self.others(&value, &taken, self.span(&**rest));
            self.take_apart(&rest.argument, others, lets, widen);
        }
    }

    /// A value that is taken apart, which must be there.
    fn whole(&mut self, value: Checked, span: Span, form: &str) -> Checked {
        let ty = value.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if !null && !undefined {
            return value;
        }
        let missing = self.missing_word(&ty);
        let operation = value.source.and_then(|source| self.operation_name(source));
        let diagnostic = self.error(
            codes::MAYBE_NULL,
            format!("a value that may be {missing} cannot be taken apart"),
            span,
            format!("what `{form}` takes apart may be {missing}"),
        );
        diagnostic.notes.extend(operation.map(|name| format!("the value comes from `{name}`")));
        diagnostic.help =
            Some("name it first, and read it with `?.`; or return before if it is missing".to_owned());
        let present = self.without_nullish(&ty);
        Checked { expr: Expr { ty: present, ..value.expr }, ..value }
    }

    /// `...rest` of an object pattern.
    fn others(&mut self, value: &Checked, taken: &[Arc<str>], span: Span) -> Checked {
        if is_poison(&value.expr.ty) {
            return broken(span);
        }
        let members = self.expanded(&value.expr.ty);
        let object = match members.as_slice() {
            [one] => match self.types.resolve(one) {
                Type::Object(object) => Some(object.clone()),
                _ => None,
            },
            _ => None,
        };
        let Some(object) = object else {
            let shown = shown_type(&value.expr.ty);
            let message = format!("`...` takes the other fields of an object, and this is `{shown}`");
            let diagnostic =
                self.error(codes::NOT_AN_OBJECT, message, span, "its fields are not known one by one");
            diagnostic.help = Some("take the fields by name".to_owned());
            return broken(span);
        };
        let fields: Vec<Field> =
            object.fields.iter().filter(|field| !taken.contains(&field.name)).cloned().collect();
        let ty = Type::Object(Arc::new(Object { fields, index: object.index.clone() }));
        let kind = match &object.index {
            None => self.other_fields(value, &object, taken, span),
            Some(_) => self.other_entries(value, taken, span),
        };
        Checked::new(kind, ty, span).from(value.source)
    }

    /// The fields that were not taken, one by one.
    fn other_fields(&mut self, value: &Checked, object: &Object, taken: &[Arc<str>], span: Span) -> ExprKind {
        let mut members = Vec::new();
        for field in object.fields.iter().filter(|field| !taken.contains(&field.name)) {
            let read = self.taken(value, &field.name, span).expr;
            let property = Member::Property { name: field.name.clone(), value: read };
            if !field.optional {
                members.push(property);
                continue;
            }
            // A key that is not there stays away: `...(name in value ? { name: value.name } : {})`.
            let bare = |kind, ty| Expr { kind, ty, span };
            let key = bare(ExprKind::Constant(Constant::String(field.name.clone())), Type::String);
            let there = bare(
                ExprKind::Binary(BinaryOp::In, Box::new(key), Box::new(value.expr.clone())),
                Type::Boolean,
            );
            let one = Type::object(vec![field.clone()]);
            let none = Type::object(Vec::new());
            let kind = ExprKind::If {
                condition: Box::new(there),
                then: Box::new(bare(ExprKind::Object(vec![property]), one.clone())),
                otherwise: Box::new(bare(ExprKind::Object(Vec::new()), none.clone())),
            };
            members.push(Member::Spread(bare(kind, Type::union([one, none]))));
        }
        ExprKind::Object(members)
    }

    /// Of a map whose keys are not known: `Object.fromEntries(Object.entries(value).filter(([key]) => …))`.
    fn other_entries(&mut self, value: &Checked, taken: &[Arc<str>], span: Span) -> ExprKind {
        let bare = |kind, ty| Expr { kind, ty, span };
        let pair = Type::Tuple([Type::String, Type::Unknown].into());
        let pairs = Type::array(pair.clone());
        let local = self.frame.local(pair.clone(), None);
        let key = bare(
            ExprKind::Index {
                object: Box::new(bare(ExprKind::Local(local), pair)),
                key: Box::new(bare(ExprKind::Constant(Constant::Number(0.0)), Type::Number)),
            },
            Type::String,
        );
        let keep = taken
            .iter()
            .map(|name| {
                let name = bare(ExprKind::Constant(Constant::String(name.clone())), Type::String);
                let kind = ExprKind::Binary(BinaryOp::NotEqual, Box::new(key.clone()), Box::new(name));
                bare(kind, Type::Boolean)
            })
            .reduce(|a, b| bare(ExprKind::And(Box::new(a), Box::new(b)), Type::Boolean));
        let keep = keep.unwrap_or_else(|| bare(ExprKind::Constant(Constant::Boolean(true)), Type::Boolean));
        let entries = bare(
            ExprKind::Builtin {
                builtin: Builtin::ObjectEntries,
                args: vec![Argument::Value(value.expr.clone())],
            },
            pairs.clone(),
        );
        let lambda = Lambda { params: vec![local], body: Box::new(keep) };
        let kept = ExprKind::Method {
            method: Method::Filter,
            receiver: Box::new(entries),
            args: vec![Argument::Lambda(lambda)],
        };
        let args = vec![Argument::Value(bare(kept, pairs))];
        ExprKind::Builtin { builtin: Builtin::ObjectFromEntries, args }
    }

    fn take_array(
        &mut self,
        pattern: &'a ArrayPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        let span = self.span(pattern);
        let value = self.held(value, lets);
        let value = self.whole(value, span, "[ … ]");
        let list = self.expanded(&value.expr.ty).iter().all(|member| {
            is_poison(member) || matches!(self.types.resolve(member), Type::Array(_) | Type::Tuple(_))
        });
        let value = if list {
            value
        } else {
            let shown = shown_type(&value.expr.ty);
            let message = format!("`[ … ]` takes an array apart, and this is `{shown}`");
            self.error(codes::NOT_A_LIST, message, span, "not an array");
            broken(span)
        };
        for (i, element) in pattern.elements.iter().enumerate() {
            let Some(element) = element else { continue };
            let item = self.at(&value, i, self.span(element));
            self.take_apart(element, item, lets, widen);
        }
        if let Some(rest) = &pattern.rest {
            let count = pattern.elements.len();
            let rest_span = self.span(&**rest);
            let mut items = Vec::new();
            let mut tuple = None;
            for member in self.expanded(&value.expr.ty) {
                match self.types.resolve(&member) {
                    Type::Array(of) => items.push((**of).clone()),
                    Type::Tuple(of) => {
                        let others: Vec<Type> = of.iter().skip(count).cloned().collect();
                        items.extend(others.iter().cloned());
                        tuple = Some(Type::Tuple(others.into()));
                    }
                    _ => items.push(poison()),
                }
            }
            let one = self.expanded(&value.expr.ty).len() == 1;
            let ty = tuple.filter(|_| one).unwrap_or_else(|| Type::array(union_of(items)));
            let from = Expr {
                kind: ExprKind::Constant(Constant::Number(count as f64)),
                ty: Type::Number,
                span: rest_span,
            };
            let kind = ExprKind::Method {
                method: Method::Slice,
                receiver: Box::new(value.expr.clone()),
                args: vec![Argument::Value(from)],
            };
            let others = Checked::new(kind, ty, rest_span).from(value.source);
            self.take_apart(&rest.argument, others, lets, widen);
        }
    }
}

/// The names that a pattern declares.
pub(super) fn names_of<'a>(pattern: &'a BindingPattern<'a>, names: &mut Vec<&'a str>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match pattern {
        BindingPattern::BindingIdentifier(name) => names.push(name.name.as_str()),
        BindingPattern::AssignmentPattern(default) => names_of(&default.left, names, depth + 1),
        BindingPattern::ObjectPattern(object) => {
            object.properties.iter().for_each(|property| names_of(&property.value, names, depth + 1));
            object.rest.iter().for_each(|rest| names_of(&rest.argument, names, depth + 1));
        }
        BindingPattern::ArrayPattern(array) => {
            array.elements.iter().flatten().for_each(|element| names_of(element, names, depth + 1));
            array.rest.iter().for_each(|rest| names_of(&rest.argument, names, depth + 1));
        }
    }
}
