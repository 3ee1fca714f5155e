//! What is called: an operation of a service, a helper, a function of `frontdesk` or of the language, a method.

use std::sync::Arc;

use frontdesk_catalog::{Effect, ServiceId};
use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{Argument as ArgumentAst, CallExpression, Expression, ObjectPropertyKind};

use super::expression::broken;
use super::frame::Checked;
use super::literal::static_key;
use super::options::Called;
use super::report::listed;
use super::report::shown_type;
use super::widen::Want;
use super::{Binding, Checker, FunctionAst, Source, is_poison};
use crate::model::{Call, CallOptions, Constant, EndpointKind, Expr, ExprKind, Problem};

/// The one method whose type does not always follow from its arguments: `reduce<string[]>(…, [])`.
fn is_reduce(callee: &Expression<'_>) -> bool {
    matches!(callee, Expression::StaticMemberExpression(member)
        if matches!(member.property.name.as_str(), "reduce" | "reduceRight"))
}

impl<'a> Checker<'a> {
    pub(super) fn call(&mut self, call: &'a CallExpression<'a>, span: Span, want: Want<'_>) -> Checked {
        let label = self.label.take();
        if call.optional {
            self.refused(span, "`?.()`", "methods, operations and helpers are always there: write `f(…)`");
        }
        if let Some(arguments) = call.type_arguments.as_ref().filter(|_| !is_reduce(&call.callee)) {
            let span = self.span(&**arguments);
            let diagnostic = self.error(
                language::GENERIC,
                "calls take no type arguments",
                span,
                "the types follow by themselves",
            );
            diagnostic.help =
                Some("drop them; to say a type, annotate the constant: `const x: T = …`".to_owned());
        }
        match &call.callee {
            Expression::Identifier(name) => {
                let name = name.name.as_str();
                if self.passes_on(name) {
                    self.label = label;
                }
                self.call_name(name, call, span, want)
            }
            Expression::StaticMemberExpression(member) => {
                let name = member.property.name.as_str();
                let name_span = self.span(&member.property);
                if let Expression::Identifier(namespace) = &member.object
                    && self.frame.find(namespace.name.as_str()).is_none()
                {
                    let namespace = namespace.name.as_str();
                    match self.binding(self.frame.scope, namespace) {
                        Some(Binding::Service(service)) => {
                            let service = *service;
                            return self.service_call(service, name, name_span, call, label, span);
                        }
                        Some(_) => {}
                        None => {
                            if let Some(checked) = self.namespace_call(namespace, name, name_span, call, span)
                            {
                                return checked;
                            }
                        }
                    }
                }
                let receiver = self.expr(&member.object, Want::Any);
                let receiver = if member.optional { self.optional_link(receiver) } else { receiver };
                self.method(receiver, name, name_span, call, span, want)
            }
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => {
                self.function_as_value(self.span(&call.callee))
            }
            Expression::Super(_) => self.refused(span, "`super`", "there are no classes"),
            other => {
                let callee = self.expr(other, Want::Any);
                self.arguments_of_broken(call);
                if !is_poison(&callee.expr.ty) {
                    self.not_callable(&callee, span);
                }
                broken(span)
            }
        }
    }

    /// Whether a call of this name gives its last argument, so that the name of a `const` is that one's.
    fn passes_on(&self, name: &str) -> bool {
        self.frame.find(name).is_none()
            && matches!(self.binding(self.frame.scope, name), Some(Binding::Frontdesk(export))
                if matches!(&**export, "since" | "until" | "deprecated"))
    }

    fn call_name(
        &mut self,
        name: &'a str,
        call: &'a CallExpression<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let callee_span = self.span(&call.callee);
        if let Some(local) = self.frame.find(name) {
            let callee = self.local(local, callee_span);
            self.arguments_of_broken(call);
            if !is_poison(&callee.expr.ty) {
                self.not_callable(&callee, callee_span);
            }
            return broken(span);
        }
        match self.binding(self.frame.scope, name).cloned() {
            Some(Binding::Function(id)) => self.apply(id, name, call, span),
            Some(Binding::Frontdesk(export)) => self.frontdesk_call(&export, call, callee_span, span, want),
            Some(Binding::Broken) => {
                self.arguments_of_broken(call);
                broken(span)
            }
            Some(Binding::Service(_) | Binding::Constant(..) | Binding::Type(..)) => {
                let service = matches!(self.binding(self.frame.scope, name), Some(Binding::Service(_)));
                self.arguments_of_broken(call);
                let message = format!("`{name}` cannot be called");
                let diagnostic = self.error(codes::NOT_CALLABLE, message, callee_span, "not a function");
                if service {
                    diagnostic.help =
                        Some(format!("call one of its operations: `{name}.operation({{ … }})`"));
                }
                broken(span)
            }
            None => self.global_call(name, call, callee_span, span),
        }
    }

    fn not_callable(&mut self, callee: &Checked, span: Span) {
        let shown = shown_type(&callee.expr.ty);
        let diagnostic =
            self.error(codes::NOT_CALLABLE, "this is not a function", span, format!("this is `{shown}`"));
        diagnostic.help =
            Some("called are operations (`service.operation(…)`), methods, and helpers declared at the top of a file".to_owned());
    }

    /// Finds the mistakes in the arguments of a call that is one itself.
    pub(super) fn arguments_of_broken(&mut self, call: &'a CallExpression<'a>) {
        for argument in &call.arguments {
            if let Some(argument) = argument.as_expression().filter(|a| FunctionAst::of(a).is_none()) {
                self.expr(argument, Want::Any);
            }
        }
    }

    /// `service.operation` that is not called.
    pub(super) fn operation_as_value(
        &mut self,
        service: ServiceId,
        namespace: &str,
        name: &str,
        span: Span,
    ) -> Checked {
        let exists = self
            .catalog
            .services
            .get(service.0 as usize)
            .is_some_and(|service| service.operation(name).is_some());
        let message = if exists {
            format!("`{namespace}.{name}` is an operation, not a value")
        } else {
            format!("`{namespace}` is a service, not a value")
        };
        let diagnostic = self.error(language::LAMBDA_VALUE, message, span, "an operation can only be called");
        diagnostic.help = Some(format!("write `{namespace}.{name}({{ … }})`"));
        broken(span)
    }

    fn service_call(
        &mut self,
        service_id: ServiceId,
        name: &str,
        name_span: Span,
        call: &'a CallExpression<'a>,
        label: Option<Arc<str>>,
        span: Span,
    ) -> Checked {
        let catalog = self.catalog;
        let Some(service) = catalog.services.get(service_id.0 as usize) else { return broken(span) };
        let Some((operation_id, operation)) = service.operation(name) else {
            self.arguments_of_broken(call);
            let names: Vec<String> = service.operations.iter().map(|o| o.name.to_string()).collect();
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            let message = format!("`{}` has no operation `{name}`", service.name);
            let label = match &near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "not in its schema".to_owned(),
            };
            let schema = service.schema_path.as_ref().map(|path| format!("its schema is {path}"));
            let diagnostic = self.error(codes::UNKNOWN_OPERATION, message, name_span, label);
            diagnostic.notes.extend(schema);
            if near.is_none() && !names.is_empty() {
                diagnostic.help = Some(format!("it has {}", listed(&names)));
            }
            return broken(span);
        };
        let source = Source { service: service_id, operation: operation_id };
        let full = format!("`{}.{name}`", service.name);
        self.frame.calls = self.frame.calls.or(Some(span));
        if let Some(method) = self.frame.no_calls {
            self.call_in_callback(method, span, None);
        }
        if operation.effect == Effect::Writes {
            self.frame.writes = self.frame.writes.or(Some(span));
            if self.frame.kind == Some(EndpointKind::View) {
                self.write_in_view(&full, name_span, None);
            }
        }
        let args = match call.arguments.first() {
            None => {
                let empty = self.fresh_object(frontdesk_types::Object::default(), false, Vec::new());
                let expr = Expr { kind: ExprKind::Object(Vec::new()), ty: empty, span };
                let required = match self.types.resolve(&operation.args) {
                    Type::Object(object) => object.fields.iter().find(|field| !field.optional).cloned(),
                    _ => None,
                };
                if let Some(field) = required {
                    self.missing_field(&full, &field, span);
                    if let Some(last) = self.found.last_mut() {
                        last.help = Some(format!("write `{}.{name}({{ {}: … }})`", service.name, field.name));
                    }
                }
                expr
            }
            Some(argument) => match argument.as_expression() {
                Some(ast) => self.expected(ast, &operation.args, &full).expr,
                None => {
                    let at = self.span(argument);
                    self.refused(at, "`...` in a call", "write the argument object: `{ … }`").expr
                }
            },
        };
        let (options, ty) = match call.arguments.get(1) {
            Some(options) => {
                self.call_options(options, Called { service, operation, args: &args, full: &full })
            }
            None => (CallOptions::default(), operation.result.clone()),
        };
        if let Some(third) = call.arguments.get(2) {
            let at = self.span(third);
            self.error(
                codes::ARGUMENT_COUNT,
                format!("{full} takes its arguments and options"),
                at,
                "one too many",
            );
        }
        let call = Call { service: service_id, operation: operation_id, args, options, label, span };
        Checked::new(ExprKind::Call(Box::new(call)), ty, span).from(Some(source))
    }

    pub(super) fn write_in_view(&mut self, what: &str, span: Span, at: Option<Span>) {
        let diagnostic = self.error(
            codes::WRITE_IN_VIEW,
            format!("{what} writes, and a view only reads"),
            span,
            "this changes something",
        );
        if let Some(at) = at {
            diagnostic
                .secondary
                .push(frontdesk_diagnostics::Label { span: at, text: "the writing call".to_owned() });
        }
        diagnostic.help =
            Some("make it an action: `action(\"POST /…\", { run: … })` in the folder `actions/`".to_owned());
    }

    pub(super) fn call_in_callback(&mut self, method: &str, span: Span, at: Option<Span>) {
        let message = format!("no calls inside `{method}`");
        let diagnostic = self.error(codes::CALL_PLACE, message, span, "these calls could not run together");
        if let Some(at) = at.filter(|at| *at != span) {
            diagnostic.secondary.push(frontdesk_diagnostics::Label { span: at, text: "the call".to_owned() });
        }
        diagnostic.help = Some(format!(
            "make them before, with `map`: `const all = list.map((item) => …);`, and then `all.{method}(…)`"
        ));
    }

    pub(super) fn unknown_option(
        &mut self,
        name: &str,
        at: Span,
        full: &str,
        known: &[&str],
        later: &[&str],
    ) {
        if later.contains(&name) {
            let message = format!("`{name}` is not available yet");
            let diagnostic = self.error(codes::NOT_AVAILABLE, message, at, "a later version will have it");
            diagnostic.help = Some("drop it for now".to_owned());
            return;
        }
        let near = nearest(name, known.iter().copied()).map(str::to_owned);
        let label = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "it means nothing here".to_owned(),
        };
        let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let diagnostic =
            self.error(codes::UNKNOWN_OPTION, format!("{full} takes no option `{name}`"), at, label);
        if near.is_none() {
            diagnostic.help = Some(format!("it takes {}", listed(&names)));
        }
    }

    /// `problem(code, { status, title, detail })`, which is thrown.
    pub(super) fn problem(&mut self, call: &'a CallExpression<'a>) -> Option<(Problem, Option<Expr>)> {
        let span = self.span(call);
        let code_ast = call.arguments.first().and_then(ArgumentAst::as_expression);
        let code = match code_ast {
            Some(Expression::StringLiteral(code)) => code.value.as_str(),
            other => {
                let at = other.map_or(span, |other| self.span(other));
                let diagnostic = self.error(
                    codes::BAD_PROBLEM,
                    "a problem begins with its code",
                    at,
                    "not a literal text",
                );
                diagnostic.help = Some("write `problem(\"cart_empty\")`".to_owned());
                return None;
            }
        };
        if !is_code(code) {
            let at = code_ast.map_or(span, |ast| self.span(ast));
            let better: String = code
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
                .collect();
            let diagnostic = self.error(
                codes::BAD_PROBLEM,
                "a problem's code is lower_snake_case",
                at,
                "clients act on this text",
            );
            if is_code(&better) {
                diagnostic.help = Some(format!("write `\"{better}\"`"));
            }
        }
        let declared = self.frame.declared_problems.iter().find(|problem| *problem.code == *code).cloned();
        let mut problem = declared.unwrap_or(Problem { code: code.into(), status: 400, title: None });
        let mut detail = None;
        if let Some(options) = call.arguments.get(1) {
            let Some(Expression::ObjectExpression(object)) = options.as_expression() else {
                let at = self.span(options);
                self.error(
                    codes::BAD_PROBLEM,
                    "a problem's options are written here",
                    at,
                    "not an object literal",
                );
                return None;
            };
            for property in &object.properties {
                let ObjectPropertyKind::ObjectProperty(property) = property else {
                    let at = self.span(property);
                    self.error(codes::BAD_PROBLEM, "options are written one by one", at, "no `...` here");
                    continue;
                };
                let at = self.span(&property.key);
                let Some(name) = static_key(&property.key, property.computed) else { continue };
                match (name, &property.value) {
                    ("status", Expression::NumericLiteral(status))
                        if (400.0..600.0).contains(&status.value) && status.value.fract() == 0.0 =>
                    {
                        problem.status = status.value as u16;
                    }
                    ("status", other) => {
                        let at = self.span(other);
                        let message = "a problem's status is 400 to 599";
                        self.error(codes::BAD_PROBLEM, message, at, "not such a number");
                    }
                    ("title", Expression::StringLiteral(title)) => {
                        problem.title = Some(title.value.as_str().into());
                    }
                    ("title", other) => {
                        let at = self.span(other);
                        let message = "a problem's title is always the same text";
                        let diagnostic = self.error(codes::BAD_PROBLEM, message, at, "not a literal text");
                        diagnostic.help = Some("what differs goes into `detail`".to_owned());
                    }
                    ("detail", value) => {
                        detail = Some(self.expected(value, &Type::String, "`detail` of `problem`").expr);
                    }
                    _ => self.unknown_option(name, at, "`problem`", &["status", "title", "detail"], &[]),
                }
            }
        }
        Some((problem, detail))
    }
}

fn is_code(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The constant a literal argument is, for functions whose options must be known.
pub(super) fn literal_number(expr: &Expr) -> Option<f64> {
    match (&expr.kind, &expr.ty) {
        (ExprKind::Constant(Constant::Number(value)), _) => Some(*value),
        (_, Type::Literal(Literal::Number(value))) => Some(*value),
        _ => None,
    }
}
