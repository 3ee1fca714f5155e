//! Functions: an endpoint's, helpers and shapes when they are needed, callbacks.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{Argument as ArgumentAst, CallExpression, Expression, FormalParameter};

use super::expression::broken;
use super::frame::{Checked, Frame, Returned};
use super::report::shown_type;
use super::statement::{Wanted, in_block};
use super::widen::Want;
use super::{
    Binding, CheckedLambda, Checker, Helper, HelperMeaning, HelperState, MAX_DEPTH, Param, ScopeId, Source,
    is_poison, poison,
};
use crate::model::{
    Argument, Builtin, EndpointKind, Expr, ExprKind, Function, FunctionId, Lambda, LocalId, Problem,
};
use crate::parse::{Body, FunctionAst};

/// A callback, checked.
#[derive(Debug)]
pub(super) struct Callback {
    pub lambda: Lambda,
    pub result: Type,
    /// `(x) => x !== null` proves this of `x`.
    pub predicate: Option<Type>,
    pub source: Option<Source>,
    pub span: Span,
}

/// What a function is checked with.
struct Written<'t> {
    /// The types of the parameters where the place tells them, with the call their values come from.
    params: Option<&'t [(Type, Option<Source>)]>,
    wanted: Wanted,
    /// "the callback of `map`", "`format`".
    what: &'t str,
}

/// What is passed for a parameter.
#[derive(Clone, Copy)]
enum Given<'t> {
    /// Only the declaration tells: it is a helper's.
    Unknown,
    /// The place passes fewer values.
    Nothing,
    Value(&'t Type, Option<Source>),
}

/// A function's parts once checked.
struct Meaning {
    lambda: Lambda,
    result: Type,
    /// The literals of `result` that are still fresh.
    fresh: Vec<Literal>,
    params: Vec<Param>,
    /// The first parameter if it is a plain name.
    first: Option<LocalId>,
    source: Option<Source>,
}

impl<'a> Checker<'a> {
    pub(super) fn endpoint_function(
        &mut self,
        scope: ScopeId,
        ast: FunctionAst<'a>,
        params: &[Type],
        kind: EndpointKind,
        problems: &[Problem],
    ) -> CheckedLambda {
        let what = match kind {
            EndpointKind::View => "`load`",
            EndpointKind::Action => "`run`",
        };
        self.whole_function(scope, ast, params, what, kind, problems)
    }

    pub(super) fn conversion(&mut self, scope: ScopeId, ast: FunctionAst<'a>, newer: &Type) -> CheckedLambda {
        let newer = std::slice::from_ref(newer);
        self.whole_function(scope, ast, newer, "a conversion", EndpointKind::View, &[])
    }

    /// A function that is no helper's and no callback's.
    fn whole_function(
        &mut self,
        scope: ScopeId,
        ast: FunctionAst<'a>,
        params: &[Type],
        what: &str,
        kind: EndpointKind,
        problems: &[Problem],
    ) -> CheckedLambda {
        let file = self.file_of(scope);
        self.frame = Frame::new(scope, file, kind);
        self.fresh_objects.clear();
        self.frame.declared_problems = problems.to_vec();
        let params: Vec<(Type, Option<Source>)> = params.iter().map(|ty| (ty.clone(), None)).collect();
        let meaning = self.function(ast, &Written { params: Some(&params), wanted: Wanted::Inferred, what });
        let result = if is_poison(&meaning.result) { Type::Unknown } else { meaning.result };
        CheckedLambda {
            lambda: meaning.lambda,
            result,
            locals: self.frame.locals.len() as u32,
            problems: std::mem::take(&mut self.frame.problems),
            versions: std::mem::take(&mut self.frame.versions),
            calls: self.frame.calls,
        }
    }

    /// What a helper means; checks it if nobody needed it before. `None` if it cannot be known, which was reported.
    pub(super) fn helper(&mut self, id: FunctionId, at: Option<Span>) -> Option<Arc<HelperMeaning>> {
        let Helper { scope, name, shape, ast, state } = self.functions.get(id.0 as usize)?;
        match state {
            HelperState::Done(meaning) => return Some(meaning.clone()),
            HelperState::Busy => {
                let name = name.clone();
                if let Some(at) = at {
                    let message = format!("`{name}` applies itself");
                    let diagnostic =
                        self.error(language::RECURSION, message, at, "recursion is not available");
                    diagnostic.help = Some(
                        "use the methods of arrays (`map`, `flatMap`, `reduce`), or have the service answer a flat list"
                            .to_owned(),
                    );
                }
                return None;
            }
            HelperState::Waiting => {}
        }
        let (scope, name, shape, ast) = (*scope, name.clone(), shape.clone(), *ast);
        self.set_state(id, HelperState::Busy);
        let file = self.file_of(scope);
        let mut inner = Frame::new(scope, file, EndpointKind::View);
        inner.kind = None;
        inner.declared_problems.clone_from(&self.frame.declared_problems);
        let outer = std::mem::replace(&mut self.frame, inner);
        let pending = std::mem::take(&mut self.pending);
        let label = self.label.take();
        let what = format!("`{name}`");
        let meaning = self.function(ast, &Written { params: None, wanted: Wanted::Inferred, what: &what });
        let predicate = self.proved_by(&meaning, ast);
        self.label = label;
        self.pending = pending;
        let inner = std::mem::replace(&mut self.frame, outer);
        let result = match &shape {
            Some(shape) => self.shape_type(shape, meaning.result, ast, file),
            None => meaning.result,
        };
        let fresh = meaning.fresh;
        let span = crate::parse::span_of(file, ast.span());
        let meaning = Arc::new(HelperMeaning {
            function: Function {
                name,
                shape: shape.map(|shape| shape.name),
                lambda: meaning.lambda,
                result,
                locals: inner.locals.len() as u32,
                span,
            },
            fresh,
            params: meaning.params,
            predicate,
            problems: inner.problems,
            writes: inner.writes,
            calls: inner.calls,
            versions: inner.versions,
        });
        self.set_state(id, HelperState::Done(meaning.clone()));
        Some(meaning)
    }

    /// A helper that was checked already.
    pub(super) fn known_helper(&self, id: FunctionId) -> Option<&HelperMeaning> {
        match &self.functions.get(id.0 as usize)?.state {
            HelperState::Done(meaning) => Some(meaning),
            HelperState::Waiting | HelperState::Busy => None,
        }
    }

    fn set_state(&mut self, id: FunctionId, state: HelperState) {
        if let Some(helper) = self.functions.get_mut(id.0 as usize) {
            helper.state = state;
        }
    }

    fn function(&mut self, ast: FunctionAst<'a>, written: &Written<'_>) -> Meaning {
        let span = crate::parse::span_of(self.frame.file, ast.span());
        self.refuse_function_forms(ast, span);
        let outer_block = std::mem::replace(&mut self.frame.block, self.frame.names.len());
        let mut lets = Vec::new();
        let mut locals = Vec::new();
        let mut params = Vec::new();
        let mut first = None;
        let declared = ast.params();
        if let Some(rest) = &declared.rest {
            let span = self.span(&**rest);
            self.refused(span, "a rest parameter", "take an array: `(items: Item[]) => …`");
            self.name_all(&rest.rest.argument);
        }
        for (i, param) in declared.items.iter().enumerate() {
            let given = match written.params.map(|given| given.get(i)) {
                None => Given::Unknown,
                Some(None) => Given::Nothing,
                Some(Some((ty, source))) => Given::Value(ty, *source),
            };
            let (local, declared) = self.parameter(param, given, written.what, &mut lets);
            if i == 0
                && matches!(param.pattern, oxc_ast::ast::BindingPattern::BindingIdentifier(_))
                && param.initializer.is_none()
            {
                first = Some(local);
            }
            locals.push(local);
            params.push(declared);
        }
        let wanted = match ast.return_type() {
            Some(annotation) => Wanted::Annotated(self.annotated(annotation)),
            None => written.wanted.clone(),
        };
        let outer_returns = std::mem::take(&mut self.frame.returns);
        let (body, source) = match ast.body() {
            Body::Expression(expression) => {
                let span = self.span(expression);
                let body = self.returned(Some(expression), span, &wanted);
                (body, None)
            }
            Body::Block(statements) => {
                let end = Span::new(span.file, span.end.saturating_sub(1), span.end);
                (self.body(statements, end, &wanted), None)
            }
        };
        self.frame.block = outer_block;
        let returns = std::mem::replace(&mut self.frame.returns, outer_returns);
        let (result, fresh) = match wanted {
            Wanted::Annotated(ty) => {
                let given: Vec<Type> = returns.iter().map(|returned| returned.ty.clone()).collect();
                (self.adopting(&ty, &given), Vec::new())
            }
            Wanted::Inferred => self.result_type(&returns, None),
            Wanted::Context(context) => self.result_type(&returns, Some(&context)),
        };
        let lambda = Lambda { params: locals, body: Box::new(in_block(lets, body)) };
        Meaning { lambda, result, fresh, params, first, source }
    }

    /// The type that a function's `return`s make, widened as TypeScript does, and its literals that are still
    /// fresh.
    fn result_type(&self, returns: &[Returned], context: Option<&Type>) -> (Type, Vec<Literal>) {
        let best = self.best(returns.iter().map(|returned| returned.ty.clone()));
        let fresh: Vec<Literal> =
            Self::fresh_of(returns.iter().map(|returned| (&returned.ty, returned.fresh.as_slice())));
        // One literal alone is widened, a union of literals is not.
        let unit = matches!(best, Type::Literal(_));
        let kept = context.is_some_and(|context| self.wants_literal(context, &best));
        if unit && !kept {
            return (self.settled(&Self::widen_literals(&best, &fresh)), Vec::new());
        }
        (self.settled(&best), fresh)
    }

    fn parameter(
        &mut self,
        param: &'a FormalParameter<'a>,
        given: Given<'_>,
        what: &str,
        lets: &mut Vec<crate::model::Let>,
    ) -> (LocalId, Param) {
        let span = self.span(&param.pattern);
        let name = match &param.pattern {
            oxc_ast::ast::BindingPattern::BindingIdentifier(name) => name.name.as_str(),
            _ => "",
        };
        let optional = param.optional || param.initializer.is_some();
        let annotation = param.type_annotation.as_ref().map(|annotation| {
            let ty = self.annotated(&annotation.type_annotation);
            (ty, self.span(&**annotation))
        });
        let (ty, source) = match (annotation, given) {
            (Some((ty, at)), Given::Value(given, source)) => {
                if let Some(mismatch) = self.mismatch(given, &ty) {
                    let place = format!("this parameter of {what}");
                    let shown = shown_type(given);
                    self.does_not_fit(&place, given, &ty, at, &mismatch);
                    if let Some(last) = self.found.last_mut() {
                        last.help = Some(format!("it is given `{shown}`; drop the annotation to take that"));
                    }
                }
                (ty, source)
            }
            (Some((ty, _)), _) => (ty, None),
            (None, Given::Value(ty, source)) => (ty.clone(), source),
            (None, Given::Nothing) => {
                let message = format!("{what} is given fewer values");
                let diagnostic = self.error(codes::ARGUMENT_COUNT, message, span, "nothing is passed here");
                diagnostic.help = Some(if what == "a conversion" {
                    "drop the parameter; a conversion is given the newer answer, and nothing else".to_owned()
                } else {
                    "drop the parameter; the list itself has a name outside".to_owned()
                });
                (poison(), None)
            }
            (None, Given::Unknown) if param.initializer.is_some() => (Type::Never, None),
            (None, Given::Unknown) => {
                let message = format!("a parameter of {what} does not say its type");
                let diagnostic = self.error(codes::PARAMETER_TYPE, message, span, "of which type?");
                diagnostic.help = Some(if name.is_empty() {
                    "write `{ … }: catalog.Product` or `{ id }: { id: string }`".to_owned()
                } else {
                    format!("write `{name}: string`, `{name}: catalog.Product` or `{name}: {{ id: string }}`")
                });
                (poison(), None)
            }
        };
        // `(n = 3)` has the type of its default.
        let inferred = matches!(ty, Type::Never) && param.initializer.is_some();
        let inside = if param.optional && !inferred { ty.clone().or_undefined() } else { ty.clone() };
        let seen = if param.initializer.is_some() && matches!(given, Given::Unknown) {
            ty.clone().or_undefined()
        } else {
            inside
        };
        let local = self.frame.local(seen.clone(), source);
        let value = Checked {
            source,
            place: Some(super::frame::Place::local(local)),
            ..Checked::new(ExprKind::Local(local), seen, span)
        };
        let value = match &param.initializer {
            Some(default) => self.with_default(value, default, lets, true),
            None => value,
        };
        let declared = if inferred { value.expr.ty.clone() } else { ty };
        if matches!(value.expr.kind, ExprKind::Local(_)) && !name.is_empty() {
            self.declare(name_of(param), local, span);
        } else {
            self.take_apart(&param.pattern, value, lets, true);
        }
        (local, Param { name: name.into(), ty: declared, optional })
    }

    fn refuse_function_forms(&mut self, ast: FunctionAst<'a>, span: Span) {
        let word = Span::new(span.file, span.start, span.start + 5);
        if ast.is_async() {
            let diagnostic = self.error(language::ASYNC, "functions are not `async`", word, "drop `async`");
            diagnostic.help = Some(
                "calls start by themselves as soon as their inputs are there; there is nothing to await"
                    .to_owned(),
            );
        }
        if ast.is_generator() {
            self.refused(word, "a generator", "return an array");
        }
        if let Some(params) = ast.type_parameters() {
            let span = self.span(params);
            self.frame.generics.extend(params.params.iter().map(|param| param.name.name.as_str()));
            let diagnostic = self.error(
                language::GENERIC,
                "helpers have no type parameters",
                span,
                "a helper is checked for the types it says",
            );
            diagnostic.help = Some("name the type: `(items: catalog.Product[]) => …`".to_owned());
        }
    }

    /// A callback argument: a function written here, or the name of a helper. `calls`: whether it may make calls.
    pub(super) fn callback(
        &mut self,
        argument: &'a ArgumentAst<'a>,
        method: &'static str,
        params: &[(Type, Option<Source>)],
        context: Option<&Type>,
        calls: bool,
    ) -> Option<Callback> {
        let expression = argument.as_expression()?;
        let span = self.span(expression);
        let Some(ast) = FunctionAst::of(expression) else {
            return self.named_callback(expression, method, params, calls, span);
        };
        if self.depth >= MAX_DEPTH {
            self.too_deep(span);
            return None;
        }
        self.depth += 1;
        let marks = (self.frame.facts.len(), self.frame.names.len());
        let floor = std::mem::replace(&mut self.frame.path_floor, marks.0);
        let outer_calls = self.frame.no_calls;
        if !calls && self.frame.no_calls.is_none() {
            self.frame.no_calls = Some(method);
        }
        let pending = std::mem::take(&mut self.pending);
        let wanted = match context {
            Some(context) => Wanted::Context(context.clone()),
            None => Wanted::Inferred,
        };
        let what = format!("the callback of `{method}`");
        let meaning = self.function(ast, &Written { params: Some(params), wanted, what: &what });
        let predicate = self.proved_by(&meaning, ast);
        self.pending = pending;
        self.frame.no_calls = outer_calls;
        self.frame.path_floor = floor;
        self.frame.facts.truncate(marks.0);
        self.frame.names.truncate(marks.1);
        self.depth -= 1;
        Some(Callback {
            lambda: meaning.lambda,
            result: meaning.result,
            predicate,
            source: meaning.source,
            span,
        })
    }

    /// What a function that is one condition proves of its first parameter by being true.
    fn proved_by(&mut self, meaning: &Meaning, ast: FunctionAst<'a>) -> Option<Type> {
        if !matches!(meaning.result, Type::Boolean) || ast.return_type().is_some() {
            return None;
        }
        self.predicate(single_return(ast)?, meaning.first?)
    }

    /// `list.map(format)`, `list.filter(Boolean)`
    fn named_callback(
        &mut self,
        expression: &'a Expression<'a>,
        method: &'static str,
        params: &[(Type, Option<Source>)],
        calls: bool,
        span: Span,
    ) -> Option<Callback> {
        let name = match expression {
            Expression::Identifier(name) if self.frame.find(name.name.as_str()).is_none() => {
                name.name.as_str()
            }
            _ => {
                let errors = self.found.len();
                let value = self.expr(expression, Want::Any);
                if self.found.len() == errors && !is_poison(&value.expr.ty) {
                    let shown = shown_type(&value.expr.ty);
                    let message = format!("`{method}` takes a function, and this is `{shown}`");
                    let diagnostic = self.error(codes::WRONG_TYPE, message, span, "not a function");
                    diagnostic.help = Some(format!("write `{method}((item) => …)`"));
                }
                return None;
            }
        };
        match self.binding(self.frame.scope, name).cloned() {
            Some(Binding::Function(id)) => {
                let meaning = self.helper(id, Some(span))?;
                let count = meaning.params.len().min(params.len());
                let locals: Vec<LocalId> = params
                    .iter()
                    .take(count)
                    .map(|(ty, source)| self.frame.local(ty.clone(), *source))
                    .collect();
                let args: Vec<Checked> = locals.iter().map(|local| self.local(*local, span)).collect();
                let outer_calls = self.frame.no_calls;
                if !calls && self.frame.no_calls.is_none() {
                    self.frame.no_calls = Some(method);
                }
                let applied = self.apply_checked(id, &meaning, args, span);
                self.frame.no_calls = outer_calls;
                let result = applied.expr.ty.clone();
                let lambda = Lambda { params: locals, body: Box::new(applied.expr) };
                let item = params.first().map(|(ty, _)| ty);
                let proves = meaning.predicate.clone();
                let predicate = proves.filter(|proved| item.is_some_and(|item| self.fits(proved, item)));
                Some(Callback { lambda, result, predicate, source: None, span })
            }
            None if matches!(name, "Boolean" | "String" | "Number") => {
                let (builtin, result) = match name {
                    "Boolean" => (Builtin::ToBoolean, Type::Boolean),
                    "String" => (Builtin::ToStringValue, Type::String),
                    _ => (Builtin::ToNumber, Type::Number),
                };
                let (ty, source) = params.first()?.clone();
                let local = self.frame.local(ty, source);
                let value = self.local(local, span).expr;
                let kind = ExprKind::Builtin { builtin, args: vec![Argument::Value(value)] };
                let body = Expr { kind, ty: result.clone(), span };
                let lambda = Lambda { params: vec![local], body: Box::new(body) };
                Some(Callback { lambda, result, predicate: None, source: None, span })
            }
            _ => {
                self.expr(expression, Want::Any);
                None
            }
        }
    }

    /// `helper(a, b)`
    pub(super) fn apply(
        &mut self,
        id: FunctionId,
        name: &str,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        let meaning = self.helper(id, Some(self.span(&call.callee)));
        let Some(meaning) = meaning else {
            for argument in &call.arguments {
                if let Some(argument) = argument.as_expression().filter(|a| FunctionAst::of(a).is_none()) {
                    self.expr(argument, Want::Any);
                }
            }
            return broken(span);
        };
        let mut args = Vec::new();
        for (i, argument) in call.arguments.iter().enumerate() {
            let Some(ast) = argument.as_expression() else {
                let at = self.span(argument);
                self.refused(at, "`...` in a call", "pass the array itself");
                return broken(span);
            };
            match meaning.params.get(i) {
                Some(param) => {
                    let ty = if param.optional { param.ty.clone().or_undefined() } else { param.ty.clone() };
                    let what = if param.name.is_empty() {
                        format!("the argument of `{name}`")
                    } else {
                        format!("`{}` of `{name}`", param.name)
                    };
                    args.push(self.expected(ast, &ty, &what));
                }
                None => {
                    let at = self.span(ast);
                    let count = counted(meaning.params.len());
                    let message = format!("`{name}` takes {count}");
                    self.error(codes::ARGUMENT_COUNT, message, at, "one too many");
                    self.expr(ast, Want::Any);
                }
            }
        }
        if let Some(missing) = meaning.params.iter().skip(args.len()).find(|param| !param.optional) {
            let (label, count) = (
                format!("`{}: {}` is missing", missing.name, shown_type(&missing.ty)),
                counted(meaning.params.len()),
            );
            self.error(codes::ARGUMENT_COUNT, format!("`{name}` takes {count}"), span, label);
        }
        self.apply_checked(id, &meaning, args, span)
    }

    fn apply_checked(
        &mut self,
        id: FunctionId,
        meaning: &Arc<HelperMeaning>,
        args: Vec<Checked>,
        span: Span,
    ) -> Checked {
        let name = meaning.function.name.clone();
        for (i, (arg, param)) in args.iter().zip(&meaning.params).enumerate() {
            let ty = if param.optional { param.ty.clone().or_undefined() } else { param.ty.clone() };
            // Written arguments were checked where they stand; those of `list.map(helper)` are checked here.
            if matches!(arg.expr.kind, ExprKind::Local(_)) && arg.expr.span == span {
                let errors = self.found.len();
                self.demand_type(&arg.expr, &ty, &format!("`{}` of `{name}`", param.name));
                if i > 0
                    && let Some(told) = self.found.get_mut(errors)
                {
                    told.help =
                        Some(format!("the method also passes the index; write `(item) => {name}(item)`"));
                }
            }
        }
        for problem in &meaning.problems {
            self.frame.problem(problem);
        }
        for applied in &meaning.versions {
            self.frame.version(*applied);
        }
        if let Some(writes) = meaning.writes {
            self.frame.writes = self.frame.writes.or(Some(writes));
            if self.frame.kind == Some(EndpointKind::View) {
                self.write_in_view(&format!("`{name}`"), span, Some(writes));
            }
        }
        if let Some(calls) = meaning.calls {
            self.frame.calls = self.frame.calls.or(Some(calls));
            if let Some(method) = self.frame.no_calls {
                self.call_in_callback(method, span, Some(calls));
            }
        }
        let ty = meaning.function.result.clone();
        let args = args.into_iter().map(|arg| arg.expr).collect();
        let fresh = meaning.fresh.clone();
        Checked { fresh, ..Checked::new(ExprKind::Apply { function: id, args }, ty, span) }
    }
}

fn name_of<'a>(param: &'a FormalParameter<'a>) -> &'a str {
    match &param.pattern {
        oxc_ast::ast::BindingPattern::BindingIdentifier(name) => name.name.as_str(),
        _ => "",
    }
}

pub(super) fn counted(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// The expression of a function that consists of one `return`.
fn single_return(ast: FunctionAst<'_>) -> Option<&Expression<'_>> {
    match ast.body() {
        Body::Expression(expression) => Some(expression),
        Body::Block([oxc_ast::ast::Statement::ReturnStatement(returned)]) => returned.argument.as_ref(),
        Body::Block(_) => None,
    }
}
