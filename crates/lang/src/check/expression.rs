//! One expression: names, and the way to the file for each other form.

use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{ChainElement, Expression, IdentifierReference, TSType, UnaryOperator};

use super::frame::{Checked, Fact, Place};
use super::report::shown_type;
use super::widen::Want;
use super::widen::union_of;
use super::{Binding, Checker, MAX_DEPTH, poison};
use crate::model::{Constant, Expr, ExprKind};

impl<'a> Checker<'a> {
    /// Checks and lowers an expression. After a mistake the result is poison, which nothing complains about.
    pub(super) fn expr(&mut self, ast: &'a Expression<'a>, want: Want<'_>) -> Checked {
        let span = self.span(ast);
        if self.depth >= MAX_DEPTH {
            return self.too_deep(span);
        }
        if !matches!(ast, Expression::CallExpression(_)) {
            self.label = None;
        }
        self.depth += 1;
        let checked = self.expr_inner(ast, span, want);
        self.depth -= 1;
        checked
    }

    pub(super) fn too_deep(&mut self, span: Span) -> Checked {
        let said = self.found.last().is_some_and(|last| last.code == language::TOO_DEEP);
        if !said {
            let message = "this nests too deeply";
            let diagnostic = Diagnostic::error(language::TOO_DEEP, message, span, "the innermost part");
            self.report(diagnostic.help("give the inner parts names: `const part = …;`"));
        }
        broken(span)
    }

    fn expr_inner(&mut self, ast: &'a Expression<'a>, span: Span, want: Want<'_>) -> Checked {
        match ast {
            Expression::BooleanLiteral(literal) => {
                constant(Constant::Boolean(literal.value), Some(Literal::Boolean(literal.value)), span, want)
            }
            Expression::NullLiteral(_) => Checked::new(ExprKind::Constant(Constant::Null), Type::Null, span),
            Expression::NumericLiteral(literal) => {
                constant(Constant::Number(literal.value), Some(Literal::Number(literal.value)), span, want)
            }
            Expression::StringLiteral(literal) => {
                if literal.lone_surrogates {
                    return self.refused(span, "a lone surrogate", "write whole characters");
                }
                let text: std::sync::Arc<str> = literal.value.as_str().into();
                constant(Constant::String(text.clone()), Some(Literal::String(text)), span, want)
            }
            Expression::TemplateLiteral(template) => self.template(template, span, want),
            Expression::Identifier(identifier) => self.identifier(identifier, span),
            Expression::ArrayExpression(array) => self.array(array, span, want),
            Expression::ObjectExpression(object) => self.object(object, span, want),
            Expression::UnaryExpression(unary) => self.unary(unary, span, want),
            Expression::BinaryExpression(binary) => self.binary(binary, span),
            Expression::LogicalExpression(logical) => self.logical(logical, span, want),
            Expression::ConditionalExpression(conditional) => self.conditional(conditional, span, want),
            Expression::CallExpression(call) => self.call(call, span, want),
            Expression::StaticMemberExpression(member) => self.member(member, span),
            Expression::ComputedMemberExpression(member) => self.element(member, span),
            Expression::ChainExpression(chain) => self.chain(&chain.expression, span, want),
            Expression::ParenthesizedExpression(inner) => self.expr(&inner.expression, want),
            Expression::TSAsExpression(cast) => {
                if is_const(&cast.type_annotation) {
                    if !is_literal(&cast.expression) {
                        let message = "`as const` stands behind a literal";
                        let diagnostic = self.error(codes::TYPE_FORM, message, span, "this is an expression");
                        diagnostic.help = Some(
                            "write it behind the literals inside: `f ? (\"a\" as const) : …`".to_owned(),
                        );
                    }
                    let checked = self.expr(&cast.expression, Want::Const);
                    return Checked { fresh: Vec::new(), ..checked };
                }
                self.cast(&cast.expression, &cast.type_annotation, span)
            }
            Expression::TSSatisfiesExpression(cast) => {
                let wanted = self.annotated(&cast.type_annotation);
                self.expected(&cast.expression, &wanted, "`satisfies`")
            }
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => {
                self.function_as_value(span)
            }
            _ => self.refused_expression(ast, span),
        }
    }

    /// Checks an expression whose type is wanted to be `wanted`, and says so if it is not. `what` names the
    /// place in messages.
    pub(super) fn expected(&mut self, ast: &'a Expression<'a>, wanted: &Type, what: &str) -> Checked {
        let checked = self.expr(ast, Want::Type(wanted));
        self.demand(ast, &checked.expr, wanted, what);
        checked
    }

    fn identifier(&mut self, identifier: &'a IdentifierReference<'a>, span: Span) -> Checked {
        let name = identifier.name.as_str();
        if self.frame.is_later(name) {
            let message = format!("`{name}` is used before it is declared");
            let diagnostic = self.error(codes::USED_EARLY, message, span, "declared further down");
            diagnostic.help =
                Some(format!("move `const {name} = …;` up; the order of calls does not depend on it"));
            return broken(span);
        }
        if let Some(local) = self.frame.find(name) {
            return self.local(local, span);
        }
        match self.binding(self.frame.scope, name).cloned() {
            Some(Binding::Constant(known)) => Checked {
                fresh: known.fresh,
                ..Checked::new(ExprKind::Constant(known.value), known.ty, span)
            },
            Some(Binding::Service(_)) => {
                let diagnostic = self.error(
                    language::LAMBDA_VALUE,
                    format!("`{name}` is a service, not a value"),
                    span,
                    "a service can only be called",
                );
                diagnostic.help = Some(format!("write `{name}.operation({{ … }})`"));
                broken(span)
            }
            Some(Binding::Function(_) | Binding::Frontdesk(_)) => self.function_as_value(span),
            Some(Binding::Type(..)) => {
                let message = format!("`{name}` is a type, not a value");
                self.error(codes::UNKNOWN_NAME, message, span, "types exist only while checking");
                broken(span)
            }
            Some(Binding::Broken) => broken(span),
            None => match name {
                "undefined" => Checked::new(ExprKind::Constant(Constant::Undefined), Type::Undefined, span),
                "NaN" => Checked::new(ExprKind::Constant(Constant::Number(f64::NAN)), Type::Number, span),
                "Infinity" => {
                    Checked::new(ExprKind::Constant(Constant::Number(f64::INFINITY)), Type::Number, span)
                }
                _ => self.unknown_name(name, span),
            },
        }
    }

    /// A local as it is known here.
    pub(super) fn local(&mut self, local: crate::model::LocalId, span: Span) -> Checked {
        let place = Place::local(local);
        let Some(known) = self.frame.get(local) else { return broken(span) };
        let (ty, fresh, source) = match self.frame.fact(&place) {
            Some(ty) => (ty.clone(), Vec::new(), known.source),
            None => (known.ty.clone(), known.fresh.clone(), known.source),
        };
        let note = known.note.clone();
        if matches!(ty, Type::Never) && !matches!(known.ty, Type::Never) {
            return self.impossible(span);
        }
        Checked { place: Some(place), fresh, source, note, ..Checked::new(ExprKind::Local(local), ty, span) }
    }

    /// Something is done with a value that cannot exist.
    pub(super) fn impossible(&mut self, span: Span) -> Checked {
        // After a comparison that is always false nothing is left: that it is always false was told.
        let told =
            |found: &Diagnostic| found.code == codes::NO_OVERLAP && found.primary.span.file == span.file;
        if self.found.iter().any(told) {
            return broken(span);
        }
        let text = self.text(span);
        let message = format!("`{}` cannot exist here", super::report::short(text));
        let diagnostic =
            self.error(codes::EMPTY_TYPE, message, span, "what was checked before leaves no value");
        diagnostic.help = Some("drop this branch, or mend the condition before it".to_owned());
        broken(span)
    }

    pub(super) fn unknown_name(&mut self, name: &str, span: Span) -> Checked {
        if let Some(broken) = self.refused_global(name, span) {
            return broken;
        }
        if let Some(example) = super::builtin::applied(name) {
            let message = format!("`{name}` is a function, not a value");
            let diagnostic = self.error(language::LAMBDA_VALUE, message, span, "it can only be called");
            diagnostic.help = Some(format!("write `{example}`"));
            return broken(span);
        }
        let locals: Vec<String> = self.frame.names.iter().map(|(name, _)| (*name).to_owned()).collect();
        let top: Vec<String> = self
            .scopes
            .get(self.frame.scope.0 as usize)
            .map(|scope| scope.names.keys().map(ToString::to_string).collect())
            .unwrap_or_default();
        let here = locals.iter().chain(&top).map(String::as_str);
        let services = self.catalog.services.iter().map(|service| &*service.name);
        let known = here.chain(services).chain(super::builtin::exported());
        let near = nearest(name, known).map(str::to_owned);
        let meant = near.as_deref().filter(|near| !locals.iter().chain(&top).any(|own| own == near));
        let meant = meant.unwrap_or(name).to_owned();
        let service = self.catalog.service(&meant).is_some();
        let exported = super::builtin::exported().any(|export| export == meant);
        let diagnostic = self.error(codes::UNKNOWN_NAME, format!("there is no `{name}` here"), span, {
            match &near {
                Some(near) if near != name => format!("did you mean `{near}`?"),
                _ => "not declared and not imported".to_owned(),
            }
        });
        if service {
            diagnostic.help = Some(format!("`import {{ {meant} }} from \"frontdesk/services\";`"));
        } else if exported {
            diagnostic.help = Some(format!("`import {{ {meant} }} from \"frontdesk\";`"));
        }
        broken(span)
    }

    /// `value as T`: allowed where it only widens (`[] as string[]`), because then nothing is claimed.
    fn cast(&mut self, inner: &'a Expression<'a>, annotation: &'a TSType<'a>, span: Span) -> Checked {
        let ty = self.annotated(annotation);
        let value = self.expr(inner, Want::Type(&ty));
        if !self.fits(&value.expr.ty, &ty) {
            let (from, to) = (shown_type(&value.expr.ty), shown_type(&ty));
            let diagnostic = self.error(
                language::NON_NULL,
                "this `as` claims what nobody checked",
                span,
                format!("`{from}` is not always `{to}`"),
            );
            diagnostic.help = Some(
                "check the value (`typeof x === \"string\"`, `x !== null`), or say what stands in for it: `x ?? …`"
                    .to_owned(),
            );
        }
        Checked {
            expr: Expr { ty, span, ..value.expr },
            fresh: Vec::new(),
            place: None,
            source: value.source,
            note: value.note,
        }
    }

    /// `a?.b.c`: the links are lowered from the inside; each `?.` whose value may be missing opens an `IfPresent`
    /// around all that follows it.
    fn chain(&mut self, element: &'a ChainElement<'a>, span: Span, want: Want<'_>) -> Checked {
        let base = self.pending.len();
        let facts = self.frame.facts.len();
        let inner = match element {
            ChainElement::CallExpression(call) => self.call(call, span, want),
            ChainElement::StaticMemberExpression(member) => self.member(member, span),
            ChainElement::ComputedMemberExpression(member) => self.element(member, span),
            ChainElement::TSNonNullExpression(inner) => self.non_null(inner, span),
            ChainElement::PrivateFieldExpression(_) => {
                self.refused(span, "a private field", "there are no classes; name the field without `#`")
            }
        };
        self.frame.facts.truncate(facts);
        let links = self.pending.split_off(base.min(self.pending.len()));
        if links.is_empty() {
            return inner;
        }
        let ty = union_of([inner.expr.ty.clone(), Type::Undefined]);
        let mut expr = inner.expr;
        for (local, value) in links.into_iter().rev() {
            let kind = ExprKind::IfPresent { local, value: Box::new(value), then: Box::new(expr) };
            expr = Expr { kind, ty: ty.clone(), span };
        }
        // What was proved of the place before includes whether it is missing.
        if let Some(proved) = inner.place.as_ref().and_then(|place| self.frame.fact(place)) {
            expr.ty = proved.clone();
        }
        Checked { expr, ..inner }
    }

    /// The value of a link `value?.`: if it may be missing, what follows sees it as present.
    pub(super) fn optional_link(&mut self, value: Checked) -> Checked {
        let ty = value.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if !null && !undefined {
            return value;
        }
        let present = self.without_nullish(&ty);
        let span = value.expr.span;
        if matches!(present, Type::Never) {
            let text = super::report::short(self.text(span));
            let what = if null { "null" } else { "undefined" };
            let message = format!("{text} is always {what} here");
            let diagnostic = self.error(codes::MAYBE_NULL, message, span, "`?.` never goes on from here");
            diagnostic.help = Some("it was compared above; take this part out".to_owned());
            return broken(span);
        }
        let local = self.frame.local(present.clone(), value.source);
        if let Some(place) = &value.place {
            self.frame.learn([Fact { place: place.clone(), ty: present.clone() }]);
        }
        self.pending.push((local, value.expr));
        Checked {
            place: value.place,
            source: value.source,
            ..Checked::new(ExprKind::Local(local), present, span)
        }
    }
}

fn constant(value: Constant, literal: Option<Literal>, span: Span, want: Want<'_>) -> Checked {
    let ty = literal.clone().map_or(Type::Null, Type::Literal);
    let fresh = if matches!(want, Want::Const) { Vec::new() } else { literal.into_iter().collect() };
    Checked { fresh, ..Checked::new(ExprKind::Constant(value), ty, span) }
}

/// What stands for an expression that was refused.
pub(super) fn broken(span: Span) -> Checked {
    Checked::new(ExprKind::Constant(Constant::Undefined), poison(), span)
}

/// What TypeScript lets `as const` stand behind.
fn is_literal(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::ParenthesizedExpression(inner) => is_literal(&inner.expression),
        Expression::UnaryExpression(unary) => {
            unary.operator == UnaryOperator::UnaryNegation
                && matches!(unary.argument, Expression::NumericLiteral(_))
        }
        other => matches!(
            other,
            Expression::StringLiteral(_)
                | Expression::NumericLiteral(_)
                | Expression::BooleanLiteral(_)
                | Expression::TemplateLiteral(_)
                | Expression::ArrayExpression(_)
                | Expression::ObjectExpression(_)
        ),
    }
}

fn is_const(annotation: &TSType<'_>) -> bool {
    matches!(annotation, TSType::TSTypeReference(reference)
        if reference.type_name.get_identifier_reference().is_some_and(|name| name.name == "const"))
}
