//! Templates, arrays and objects as written, and whether object literals fit where they stand.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::{Field, Literal, Object, Type};
use oxc_ast::ast::{
    ArrayExpression, ArrayExpressionElement, Expression, ObjectExpression, ObjectProperty,
    ObjectPropertyKind, PropertyKey, PropertyKind, TemplateLiteral,
};

use super::frame::Checked;
use super::report::shown_type;
use super::widen::Want;
use super::widen::union_of;
use super::{Checker, is_poison, poison};
use crate::model::{Constant, Element, Expr, ExprKind, Member, TemplatePart};

/// The fields of an object literal as they come together: one object, or several if a spread value is a union.
struct Gathered {
    shapes: Vec<Object>,
    spread: bool,
    poisoned: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn template(
        &mut self,
        template: &'a TemplateLiteral<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let mut parts = Vec::new();
        let mut values = template.expressions.iter();
        for quasi in &template.quasis {
            let Some(text) = quasi.value.cooked.as_ref().filter(|_| !quasi.lone_surrogates) else {
                return self.refused(span, "a lone surrogate or a broken escape", "write whole characters");
            };
            if template.expressions.is_empty() {
                let text: Arc<str> = text.as_str().into();
                let literal = Literal::String(text.clone());
                let fresh = if matches!(want, Want::Const) { Vec::new() } else { vec![literal.clone()] };
                let kind = ExprKind::Constant(Constant::String(text));
                return Checked { fresh, ..Checked::new(kind, Type::Literal(literal), span) };
            }
            if !text.is_empty() {
                parts.push(TemplatePart::Text(text.as_str().into()));
            }
            if let Some(value) = values.next() {
                let value = self.expr(value, Want::Any);
                self.printable(&value, "a template");
                parts.push(TemplatePart::Value(value.expr));
            }
        }
        Checked::new(ExprKind::Template(parts), Type::String, span)
    }

    /// Objects and arrays print as `[object Object]`, which nobody wants on a screen.
    pub(super) fn printable(&mut self, value: &Checked, place: &str) {
        let members = self.expanded(&value.expr.ty);
        let composite = |member: &Type| {
            !is_poison(member)
                && matches!(member, Type::Array(_) | Type::Tuple(_) | Type::Object(_) | Type::Named(_))
        };
        if members.iter().any(composite) {
            let shown = shown_type(&value.expr.ty);
            let diagnostic = self.error(
                codes::OPERAND,
                format!("{place} prints text and numbers, not `{shown}`"),
                value.expr.span,
                if members.iter().any(|member| matches!(member, Type::Object(_) | Type::Named(_))) {
                    "this would print as `[object Object]`"
                } else {
                    "this would print its items with commas"
                },
            );
            diagnostic.help = Some("print one of its fields, or `list.join(\", \")`".to_owned());
        }
    }

    pub(super) fn array(&mut self, array: &'a ArrayExpression<'a>, span: Span, want: Want<'_>) -> Checked {
        let (tuple, item_want) = match want {
            Want::Any | Want::Const => (None, None),
            Want::Type(wanted) => self.array_want(wanted),
        };
        let mut elements = Vec::new();
        let mut types = Vec::new();
        let mut has_spread = false;
        let mut source = None;
        for (i, element) in array.elements.iter().enumerate() {
            match element {
                ArrayExpressionElement::SpreadElement(spread) => {
                    has_spread = true;
                    let list_want = item_want.clone().map(Type::array);
                    let want = list_want.as_ref().map_or(Want::Any, Want::Type);
                    let list = self.iterable(&spread.argument, want);
                    types.push(self.items_of(&list, "`...` in an array"));
                    source = source.or(list.source);
                    elements.push(Element::Spread(list.expr));
                }
                ArrayExpressionElement::Elision(hole) => {
                    let span = self.span(&**hole);
                    self.refused(span, "a hole in an array", "write `undefined`");
                    types.push(poison());
                }
                other => {
                    let Some(item) = other.as_expression() else { continue };
                    let positional = tuple.as_ref().and_then(|tuple| tuple.get(i)).or(item_want.as_ref());
                    let want = match want {
                        Want::Const => Want::Const,
                        _ => positional.map_or(Want::Any, Want::Type),
                    };
                    let item = self.expr(item, want);
                    types.push(self.varying(&item, want));
                    elements.push(Element::Item(item.expr));
                }
            }
        }
        let is_tuple = !has_spread && (matches!(want, Want::Const) || tuple.is_some());
        let ty = if types.iter().any(is_poison) {
            poison()
        } else if is_tuple {
            Type::Tuple(types.into())
        } else {
            Type::array(self.best(types))
        };
        Checked { source, ..Checked::new(ExprKind::Array(elements), ty, span) }
    }

    /// What is wanted of the elements of an array literal: by position, and of each.
    fn array_want(&self, wanted: &Type) -> (Option<Vec<Type>>, Option<Type>) {
        let mut tuple = None;
        let mut of = Vec::new();
        for member in self.expanded(wanted) {
            match self.types.resolve(&member) {
                Type::Tuple(items) => tuple = tuple.or_else(|| Some(items.to_vec())),
                Type::Array(item) => of.push((**item).clone()),
                _ => {}
            }
        }
        let of = (!of.is_empty()).then(|| union_of(of));
        (tuple, of)
    }

    /// The type of the elements of an array; anything else is reported.
    pub(super) fn items_of(&mut self, list: &Checked, what: &str) -> Type {
        let ty = list.expr.ty.clone();
        let span = list.expr.span;
        let (null, undefined) = self.nullish(&ty);
        if null || undefined {
            let text = self.text(span).to_owned();
            let help = format!("write `{} ?? []`", super::report::short(&text));
            self.maybe_missing(&text, &ty, span, list.source, help);
        }
        let mut items = Vec::new();
        for member in self.expanded(&self.without_nullish(&ty)) {
            match self.types.resolve(&member) {
                _ if is_poison(&member) => return poison(),
                Type::Array(of) => items.push((**of).clone()),
                Type::Tuple(of) => items.extend(of.iter().cloned()),
                _ => {
                    let shown = shown_type(&member);
                    let message = format!("{what} takes an array, and this is `{shown}`");
                    self.error(codes::NOT_A_LIST, message, span, "not an array");
                    return poison();
                }
            }
        }
        union_of(items)
    }

    pub(super) fn object(&mut self, object: &'a ObjectExpression<'a>, span: Span, want: Want<'_>) -> Checked {
        let mut members = Vec::new();
        let mut gathered = Gathered { shapes: vec![Object::default()], spread: false, poisoned: false };
        let mut written: Vec<&str> = Vec::new();
        let mut all: Vec<(&str, Span)> = Vec::new();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    written.clear();
                    let inner_want = if matches!(want, Want::Const) { Want::Const } else { Want::Any };
                    let value = self.expr(&spread.argument, inner_want);
                    self.overwritten(&all, &value.expr.ty);
                    self.spread_into(&mut gathered, &value);
                    members.push(Member::Spread(value.expr));
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    if let Some(name) = static_key(&property.key, property.computed) {
                        all.push((name, self.span(&property.key)));
                    }
                    if let Some(member) = self.property(property, want, &mut gathered, &mut written) {
                        members.push(member);
                    }
                }
            }
        }
        let kind = ExprKind::Object(members);
        if gathered.poisoned {
            return Checked::new(kind, poison(), span);
        }
        let spread = gathered.spread;
        let names: Vec<Arc<str>> = all.iter().map(|(name, _)| Arc::from(*name)).collect();
        let shapes: Vec<Type> = gathered
            .shapes
            .into_iter()
            .map(|shape| self.fresh_object(shape, spread, names.clone()))
            .collect();
        Checked::new(kind, union_of(shapes), span)
    }

    /// Reports properties that a `...` after them always replaces.
    fn overwritten(&mut self, written: &[(&str, Span)], spread: &Type) {
        let members = self.expanded(spread);
        for (name, span) in written {
            let replaces = |member: &Type| match self.types.resolve(member) {
                Type::Object(object) => object.field(name).is_some_and(|field| !field.optional),
                _ => false,
            };
            if members.is_empty() || !members.iter().all(replaces) {
                continue;
            }
            let message = format!("`{name}` is replaced by what is spread after it");
            let diagnostic = self.error(codes::DUPLICATE, message, *span, "this value is never seen");
            diagnostic.help = Some("write it after the `...`, or take it out".to_owned());
        }
    }

    fn property(
        &mut self,
        property: &'a ObjectProperty<'a>,
        want: Want<'_>,
        gathered: &mut Gathered,
        written: &mut Vec<&'a str>,
    ) -> Option<Member> {
        let key_span = self.span(&property.key);
        if property.kind != PropertyKind::Init {
            self.refused(key_span, "a getter or setter", "write the value: `name: value`");
            return None;
        }
        if property.method {
            self.function_as_value(self.span(property));
            gathered.poisoned = true;
            return None;
        }
        let Some(name) = static_key(&property.key, property.computed) else {
            return self.computed(property, want, gathered);
        };
        if name == "__proto__" {
            let diagnostic = self.error(
                language::PROTO,
                "`__proto__` is never data",
                key_span,
                "this would change what the object is",
            );
            diagnostic.help = Some("spread the other object instead: `{ ...base }`".to_owned());
            return None;
        }
        if written.contains(&name) {
            let message = format!("`{name}` stands twice in this object");
            self.error(codes::DUPLICATE, message, key_span, "the second one would win");
        }
        written.push(name);
        let wanted = match want {
            Want::Type(wanted) => self.wanted_field(wanted, name),
            _ => None,
        };
        let value_want = match want {
            Want::Const => Want::Const,
            _ => wanted.as_ref().map_or(Want::Any, Want::Type),
        };
        let value = self.expr(&property.value, value_want);
        let ty = self.varying(&value, value_want);
        gathered.poisoned |= is_poison(&ty) && matches!(want, Want::Const);
        let mut field = self.written_field(name, ty, &value, key_span);
        if let Some(doc) = self.comment_before(self.span(property)) {
            field.doc = Some(doc);
        }
        for shape in &mut gathered.shapes {
            set_field(shape, field.clone());
        }
        Some(Member::Property { name: name.into(), value: value.expr })
    }

    fn computed(
        &mut self,
        property: &'a ObjectProperty<'a>,
        want: Want<'_>,
        gathered: &mut Gathered,
    ) -> Option<Member> {
        let key = self.expr(property.key.as_expression()?, Want::Any);
        let value_want = if matches!(want, Want::Const) { Want::Const } else { Want::Any };
        let value = self.expr(&property.value, value_want);
        let ty = self.varying(&value, value_want);
        let keys = self.expanded(&key.expr.ty);
        let fits = |key: &Type| {
            is_poison(key)
                || matches!(
                    key,
                    Type::String | Type::Number | Type::Literal(Literal::String(_) | Literal::Number(_))
                )
        };
        if !keys.iter().all(fits) {
            let shown = shown_type(&key.expr.ty);
            let message = format!("a key is text or a number, and this is `{shown}`");
            self.error(codes::WRONG_TYPE, message, key.expr.span, "not a key");
        }
        match keys.as_slice() {
            [Type::Literal(Literal::String(name))] => {
                let field = self.written_field(name, ty, &value, key.expr.span);
                for shape in &mut gathered.shapes {
                    set_field(shape, field.clone());
                }
            }
            _ => {
                for shape in &mut gathered.shapes {
                    let all = shape.fields.iter().map(|field| field.ty.clone());
                    let index = shape.index.take();
                    shape.index = Some(Type::union(all.chain(index).chain([ty.clone()])));
                }
            }
        }
        Some(Member::Computed { key: key.expr, value: value.expr })
    }

    /// What is wanted of a field: of any object among the members.
    pub(super) fn wanted_field(&self, wanted: &Type, name: &str) -> Option<Type> {
        let mut found = Vec::new();
        for member in self.expanded(wanted) {
            if let Type::Object(object) = self.types.resolve(&member) {
                let field = object.field(name);
                found.extend(field.map(|field| &field.ty).or(object.index.as_ref()).cloned());
            }
        }
        (!found.is_empty()).then(|| union_of(found))
    }

    /// `...value` in an object, by TypeScript's `getSpreadType`.
    fn spread_into(&mut self, gathered: &mut Gathered, value: &Checked) {
        gathered.spread = true;
        let mut objects: Vec<Object> = Vec::new();
        let mut may_be_empty = false;
        for member in self.expanded(&value.expr.ty) {
            match self.types.resolve(&member) {
                _ if is_poison(&member) => gathered.poisoned = true,
                Type::Object(object) if object.fields.is_empty() && object.index.is_none() => {
                    may_be_empty = true;
                }
                Type::Object(object) => objects.push((**object).clone()),
                // What `condition && { … }` leaves; it adds nothing.
                Type::Null | Type::Undefined | Type::Literal(Literal::Boolean(false)) => may_be_empty = true,
                Type::Literal(literal) if !super::widen::is_truthy(literal) => may_be_empty = true,
                _ => {
                    let shown = shown_type(&member);
                    let diagnostic = self.error(
                        codes::NOT_AN_OBJECT,
                        format!("`...` in an object takes an object, and this may be `{shown}`"),
                        value.expr.span,
                        format!("this is `{shown}`"),
                    );
                    diagnostic.help = Some("name the fields to add: `{ field: value.field }`".to_owned());
                    gathered.poisoned = true;
                }
            }
        }
        if let Some(note) = &value.note {
            for object in &mut objects {
                note.of_spread(object);
            }
        }
        match objects.as_mut_slice() {
            [] => return,
            [only] if may_be_empty => only.fields.iter_mut().for_each(|field| field.optional = true),
            _ if may_be_empty => objects.push(Object::default()),
            _ => {}
        }
        let lefts = std::mem::take(&mut gathered.shapes);
        for left in &lefts {
            for right in &objects {
                let mut merged = left.clone();
                if let (Some(a), Some(b)) = (&left.index, &right.index) {
                    merged.index = Some(union_of([a.clone(), b.clone()]));
                } else if left.fields.is_empty() && left.index.is_none() {
                    merged.index.clone_from(&right.index);
                } else {
                    merged.index = None;
                }
                for field in &right.fields {
                    match left.field(&field.name) {
                        Some(under) if field.optional => {
                            let over = self.without_undefined(&field.ty);
                            let ty = self.best([under.ty.clone(), over]);
                            // Where it is not there, the field under it is.
                            let optional = under.optional;
                            let life = under.life.as_deref().zip(field.life.as_deref());
                            let life = life.map(|(under, over)| Arc::new(under.clone().either(over.clone())));
                            let hints = under.hints.as_deref().zip(field.hints.as_deref());
                            let hints = hints.map(|(under, over)| Arc::new(under.both(over)));
                            set_field(&mut merged, Field { ty, optional, life, hints, ..field.clone() });
                        }
                        _ => set_field(&mut merged, field.clone()),
                    }
                }
                gathered.shapes.push(merged);
            }
        }
        if gathered.shapes.len() > 16 {
            gathered.shapes.truncate(1);
            gathered.poisoned = true;
            let message = "too many forms of this object";
            self.error(codes::WRONG_TYPE, message, value.expr.span, "these spreads multiply");
        }
    }

    /// Says why an expression does not fit, at the innermost place: the field of an object literal, the element
    /// of an array literal, the branch of a ternary.
    pub(super) fn demand(&mut self, ast: &'a Expression<'a>, expr: &Expr, wanted: &Type, what: &str) {
        if is_poison(&expr.ty) || is_poison(wanted) {
            // An object literal with a broken field may have other mistakes.
            if !matches!((ast, &expr.kind), (Expression::ObjectExpression(_), ExprKind::Object(_))) {
                return;
            }
        }
        match (ast, &expr.kind) {
            (Expression::ParenthesizedExpression(inner), _) => {
                self.demand(&inner.expression, expr, wanted, what);
            }
            (Expression::TSAsExpression(inner), _) => self.demand(&inner.expression, expr, wanted, what),
            (Expression::TSSatisfiesExpression(inner), _) => {
                self.demand(&inner.expression, expr, wanted, what);
            }
            (Expression::ConditionalExpression(inner), ExprKind::If { then, otherwise, .. }) => {
                self.demand(&inner.consequent, then, wanted, what);
                self.demand(&inner.alternate, otherwise, wanted, what);
            }
            (Expression::ArrayExpression(array), ExprKind::Array(items))
                if self.array_want(wanted).1.is_some() =>
            {
                let Some(of) = self.array_want(wanted).1 else { return };
                for (ast, item) in array.elements.iter().zip(items) {
                    match (ast.as_expression(), item) {
                        (Some(ast), Element::Item(item)) => {
                            self.demand(ast, item, &of, &format!("each of {what}"));
                        }
                        (_, Element::Spread(list)) => self.demand_type(list, &Type::array(of.clone()), what),
                        _ => {}
                    }
                }
            }
            (Expression::ObjectExpression(object), ExprKind::Object(members)) => {
                if !self.demand_object(object, expr, members, wanted, what) {
                    self.demand_type(expr, wanted, what);
                }
            }
            _ => self.demand_type(expr, wanted, what),
        }
    }

    pub(super) fn demand_type(&mut self, expr: &Expr, wanted: &Type, what: &str) {
        if let Some(mismatch) = self.mismatch(&expr.ty, wanted) {
            self.does_not_fit(what, &expr.ty, wanted, expr.span, &mismatch);
        }
    }

    /// `false` if no single object type is wanted, so that fields cannot be told apart.
    fn demand_object(
        &mut self,
        ast: &'a ObjectExpression<'a>,
        expr: &Expr,
        members: &[Member],
        wanted: &Type,
        what: &str,
    ) -> bool {
        let targets: Vec<Type> = self
            .expanded(wanted)
            .into_iter()
            .filter(|member| matches!(self.types.resolve(member), Type::Object(_)))
            .collect();
        let target = match targets.as_slice() {
            [] => return false,
            [only] => only.clone(),
            several => {
                // Excess fields are those that no member has; what else is wrong is told of the whole.
                self.excess_fields(ast, &Type::union(several.to_vec()), what);
                return false;
            }
        };
        let Type::Object(shape) = self.types.resolve(&target).clone() else { return false };
        self.excess_fields(ast, &target, what);
        let errors = self.found.len();
        let has_spread = members.iter().any(|member| !matches!(member, Member::Property { .. }));
        for property in &ast.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = static_key(&property.key, property.computed) else { continue };
            let value = members.iter().find_map(|member| match member {
                Member::Property { name: own, value } if **own == *name => Some(value),
                _ => None,
            });
            let Some(value) = value else { continue };
            let (ty, field) = match (shape.field(name), &shape.index) {
                (Some(field), _) if field.optional => (field.ty.clone().or_undefined(), Some(field)),
                (Some(field), _) => (field.ty.clone(), Some(field)),
                (None, Some(index)) => (index.clone(), None),
                (None, None) => continue,
            };
            let before = self.found.len();
            self.demand(&property.value, value, &ty, &format!("`{name}` of {what}"));
            if let (Some(origin), Some(first)) =
                (field.and_then(|f| f.origin.clone()), self.found.get(before))
            {
                let note = self.declared(&origin);
                if first.notes.is_empty()
                    && let Some(first) = self.found.get_mut(before)
                {
                    first.notes.push(note);
                }
            }
        }
        if is_poison(&expr.ty) {
            return true;
        }
        if has_spread {
            // What is written itself was told of where it stands.
            if self.found.len() == errors {
                self.demand_type(expr, wanted, what);
            }
            return true;
        }
        for field in &shape.fields {
            let given =
                members.iter().any(|m| matches!(m, Member::Property { name, .. } if *name == field.name));
            if !given && !field.optional {
                self.missing_field(what, field, expr.span);
            }
        }
        true
    }

    fn excess_fields(&mut self, ast: &'a ObjectExpression<'a>, wanted: &Type, what: &str) {
        let open = self.expanded(wanted).iter().any(|member| match self.types.resolve(member) {
            Type::Object(object) => object.index.is_some(),
            Type::Unknown => true,
            _ => false,
        });
        if open {
            return;
        }
        for property in &ast.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = static_key(&property.key, property.computed) else { continue };
            if self.wanted_field(wanted, name).is_none() {
                let span = self.span(&property.key);
                self.excess_field(what, name, wanted, span);
            }
        }
    }
}

fn set_field(object: &mut Object, field: Field) {
    match object.fields.iter_mut().find(|own| own.name == field.name) {
        Some(own) => *own = field,
        None => object.fields.push(field),
    }
}

/// The key's text if it is known while checking.
pub(super) fn static_key<'a>(key: &'a PropertyKey<'a>, computed: bool) -> Option<&'a str> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        PropertyKey::NumericLiteral(number) if !computed => number
            .raw
            .as_ref()
            .map(oxc_ast::ast::Str::as_str)
            .filter(|raw| raw.bytes().all(|b| b.is_ascii_digit())),
        _ => None,
    }
}
