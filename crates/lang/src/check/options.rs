//! The options of a call: how long it may take, what stands in for its answer, how the answer is kept and how often
//! it is asked for again.

use std::time::Duration;

use frontdesk_catalog::{Binding as Carried, Effect, Operation, ParamPlace, Service};
use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::types as codes;
use frontdesk_types::Type;
use oxc_ast::ast::{
    Argument as ArgumentAst, CallExpression, Expression, ObjectExpression, ObjectProperty, ObjectPropertyKind,
};

use super::literal::static_key;
use super::widen::{Want, union_of};
use super::{Binding, Checker};
use crate::model::{CallCache, CallOptions, Expr, Hedge, Lifetime, OnFailure};
use crate::quantity;

const OPTIONS: [&str; 6] = ["within", "optional", "otherwise", "cache", "retries", "hedge"];
/// Those that the language will have.
const LATER: [&str; 1] = ["undo"];
const OF_CACHE: [&str; 5] = ["ttl", "stale", "staleIfError", "negative", "tags"];
/// A call that is tried more often than this is not retried but hammered.
const MOST_RETRIES: f64 = 10.0;

/// The operation that options are written for.
#[derive(Clone, Copy)]
pub(super) struct Called<'c> {
    pub service: &'c Service,
    pub operation: &'c Operation,
    /// What is passed to it.
    pub args: &'c Expr,
    /// "`cart.getCart`"
    pub full: &'c str,
}

impl Called<'_> {
    fn writes(&self) -> bool {
        self.operation.effect == Effect::Writes
    }

    /// The argument by which the service recognises a write that it has carried out already.
    fn key(&self) -> Option<&str> {
        let Carried::Http(http) = &self.operation.binding else { return None };
        http.params
            .iter()
            .find(|param| {
                param.place == ParamPlace::Header && param.wire.eq_ignore_ascii_case("idempotency-key")
            })
            .map(|param| &*param.arg)
    }
}

impl<'a> Checker<'a> {
    /// What the options say, and the type of the call with them.
    pub(super) fn call_options(
        &mut self,
        argument: &'a ArgumentAst<'a>,
        of: Called<'_>,
    ) -> (CallOptions, Type) {
        let mut options = CallOptions::default();
        let result = &of.operation.result;
        let mut ty = result.clone();
        let span = self.span(argument);
        let Some(Expression::ObjectExpression(object)) = argument.as_expression() else {
            let message = format!("the options of {} are written where it is called", of.full);
            let diagnostic = self.error(codes::BAD_OPTION, message, span, "not an object literal");
            diagnostic.help = Some("write `{ within: \"150ms\", optional: true }`".to_owned());
            return (options, super::poison());
        };
        for (name, property) in self.options(object) {
            let at = self.span(&property.key);
            match name {
                "within" => options.within = self.within(&property.value),
                "optional" => match &property.value {
                    Expression::BooleanLiteral(value) if value.value => {
                        ty = self.set_failure(&mut options, OnFailure::Null, &ty, Type::Null, at);
                    }
                    Expression::BooleanLiteral(_) => {}
                    other => {
                        let at = self.span(other);
                        let message = "`optional` is `true` or `false`";
                        self.error(codes::BAD_OPTION, message, at, "not a literal");
                    }
                },
                "otherwise" => {
                    let (failure, other) = self.otherwise(&property.value, of);
                    ty = self.set_failure(&mut options, failure, &ty, other, at);
                }
                "cache" => {
                    options.cache = self.cache(&property.value, of);
                    if of.writes() {
                        let label = "an answer that is kept would mean a write that is not made";
                        let help = format!(
                            "drop `cache`; what {} changes is read by other operations: cache those",
                            of.full
                        );
                        self.not_of_writes("`cache`", at, label, &help, of);
                    }
                }
                "retries" => {
                    options.retries = self.retries(&property.value);
                    if of.writes() && options.retries.is_some_and(|most| most > 0) {
                        self.retries_of_write(at, of);
                    }
                }
                "hedge" => {
                    options.hedge = self.hedge(&property.value);
                    if of.writes() && options.hedge.is_some_and(|hedge| hedge != Hedge::Never) {
                        let label = "a second attempt beside the first would write twice";
                        let help = "drop `hedge`; `within` says how long the call may take";
                        self.not_of_writes("`hedge`", at, label, help, of);
                    }
                }
                _ => self.unknown_option(name, at, of.full, &OPTIONS, &LATER),
            }
        }
        (options, ty)
    }

    /// The properties of an object of options that have names.
    fn options(&mut self, object: &'a ObjectExpression<'a>) -> Vec<(&'a str, &'a ObjectProperty<'a>)> {
        let mut found: Vec<(&str, &ObjectProperty<'_>)> = Vec::new();
        for property in &object.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                let at = self.span(property);
                self.error(codes::BAD_OPTION, "options are written one by one", at, "no `...` here");
                continue;
            };
            let at = self.span(&property.key);
            match static_key(&property.key, property.computed) {
                Some(name) if found.iter().any(|(other, _)| *other == name) => {
                    let message = format!("`{name}` stands here twice");
                    self.error(codes::BAD_OPTION, message, at, "the second time");
                }
                Some(name) => found.push((name, property)),
                None => {
                    self.error(codes::BAD_OPTION, "an option's name is written as it is", at, "not a name");
                }
            }
        }
        found
    }

    // ---- what stands in for an answer

    /// What stands in for the answer, and what its type adds to that of the answer.
    fn otherwise(&mut self, ast: &'a Expression<'a>, of: Called<'_>) -> (OnFailure, Type) {
        if let Expression::Identifier(name) = ast.get_inner_expression()
            && self.is_last_good(name.name.as_str())
        {
            let span = self.span(ast);
            let message = "`lastGood` is applied";
            let diagnostic = self.error(codes::BAD_OPTION, message, span, "the parentheses are missing");
            diagnostic.help = Some("write `lastGood()`, or `lastGood(value)`".to_owned());
            return (OnFailure::LastGood(None), Type::Null);
        }
        let Some(call) = self.last_good(ast) else {
            let (value, other) = self.stand_in(ast, &of.operation.result);
            return (OnFailure::Otherwise(Box::new(value)), other);
        };
        let span = self.span(call);
        if of.writes() {
            let label = "what an earlier write was answered says nothing of this one";
            let help = "write `optional: true`, or `otherwise: value`, if the action can go on without it";
            self.not_of_writes("`lastGood`", span, label, help, of);
        }
        if let Some(second) = call.arguments.get(1) {
            self.too_many(second, "`lastGood`", 1);
        }
        match call.arguments.first() {
            None => (OnFailure::LastGood(None), Type::Null),
            Some(argument) => match argument.as_expression() {
                Some(value) => {
                    let (value, other) = self.stand_in(value, &of.operation.result);
                    (OnFailure::LastGood(Some(Box::new(value))), other)
                }
                None => {
                    let at = self.span(argument);
                    self.refused(at, "`...` in a call", "write the value itself: `lastGood([])`");
                    (OnFailure::LastGood(None), super::poison())
                }
            },
        }
    }

    fn stand_in(&mut self, ast: &'a Expression<'a>, result: &Type) -> (Expr, Type) {
        let value = self.expr(ast, Want::Type(result));
        let other = if self.fits(&value.expr.ty, result) {
            Type::Never
        } else {
            let widened = Self::widen_literals(&value.expr.ty, &value.fresh);
            self.settled(&widened)
        };
        (value.expr, other)
    }

    /// `lastGood(…)`, imported from `frontdesk`.
    fn last_good(&self, ast: &'a Expression<'a>) -> Option<&'a CallExpression<'a>> {
        let Expression::CallExpression(call) = ast.get_inner_expression() else { return None };
        let Expression::Identifier(callee) = &call.callee else { return None };
        self.is_last_good(callee.name.as_str()).then_some(&**call)
    }

    fn is_last_good(&self, name: &str) -> bool {
        self.frame.find(name).is_none()
            && matches!(self.binding(self.frame.scope, name), Some(Binding::Frontdesk(export)) if **export == *"lastGood")
    }

    fn set_failure(
        &mut self,
        options: &mut CallOptions,
        failure: OnFailure,
        ty: &Type,
        other: Type,
        at: Span,
    ) -> Type {
        if !matches!(options.on_failure, OnFailure::Fail) {
            let message = "`optional` and `otherwise` say the same thing twice";
            let diagnostic = self.error(codes::BAD_OPTION, message, at, "which of them?");
            diagnostic.help =
                Some("`optional: true` gives `null`, `otherwise: value` gives the value".to_owned());
        }
        options.on_failure = failure;
        union_of([ty.clone(), other])
    }

    // ---- how answers are kept

    /// `"30s"`, `"http"`, or `{ ttl, stale, staleIfError, negative, tags }`
    fn cache(&mut self, ast: &'a Expression<'a>, of: Called<'_>) -> Option<CallCache> {
        let Expression::ObjectExpression(object) = ast.get_inner_expression() else {
            return Some(CallCache {
                lifetime: self.call_lifetime(ast, "`cache`", of)?,
                stale: Duration::ZERO,
                stale_if_error: Duration::ZERO,
                negative: Duration::ZERO,
                tags: None,
            });
        };
        let before = self.found.len();
        let mut lifetime = None;
        let mut has_ttl = false;
        let (mut stale, mut stale_if_error, mut negative) = (None, None, None);
        let mut tags = None;
        for (name, property) in self.options(object) {
            let value = &property.value;
            match name {
                "ttl" => {
                    has_ttl = true;
                    lifetime = self.call_lifetime(value, "`ttl`", of);
                }
                "stale" => stale = self.kept_for(value, "`stale`"),
                "staleIfError" => stale_if_error = self.kept_for(value, "`staleIfError`"),
                "negative" => negative = self.kept_for(value, "`negative`"),
                "tags" => {
                    let list = Type::Array(Type::String.into());
                    let what = format!("`tags` of {}", of.full);
                    let checked = self.expected(value, &list, &what).expr;
                    self.empty_tags(value);
                    tags = Some(Box::new(checked));
                }
                _ => {
                    let at = self.span(&property.key);
                    self.unknown_option(name, at, "`cache`", &OF_CACHE, &[]);
                }
            }
        }
        if !has_ttl && self.found.len() == before {
            let span = self.span(&**object);
            let message = "`cache` needs to know for how long an answer is fresh";
            let diagnostic = self.error(codes::BAD_OPTION, message, span, "`ttl` is missing");
            diagnostic.help =
                Some("add `ttl: \"30s\"`, or `ttl: \"http\"` to go by what the service says".to_owned());
        }
        Some(CallCache {
            lifetime: lifetime?,
            stale: stale.unwrap_or_default(),
            stale_if_error: stale_if_error.unwrap_or_default(),
            negative: negative.unwrap_or_default(),
            tags,
        })
    }

    fn call_lifetime(&mut self, ast: &'a Expression<'a>, name: &str, of: Called<'_>) -> Option<Lifetime> {
        if !matches!(ast.get_inner_expression(), Expression::StringLiteral(text) if text.value == "http") {
            return self.kept_for(ast, name).map(Lifetime::For);
        }
        if matches!(of.operation.binding, Carried::Http(_)) {
            return Some(Lifetime::Http);
        }
        let span = self.span(ast);
        let message = format!("{} is not called over HTTP", of.full);
        let label = "only answers over HTTP say for how long they are fresh";
        let diagnostic = self.error(codes::BAD_OPTION, message, span, label);
        diagnostic.help = Some("write for how long: `cache: \"30s\"`".to_owned());
        diagnostic
            .secondary
            .push(frontdesk_diagnostics::Label { span: of.service.span, text: "the service".to_owned() });
        None
    }

    fn kept_for(&mut self, ast: &'a Expression<'a>, name: &str) -> Option<Duration> {
        let span = self.span(ast);
        let text = match ast.get_inner_expression() {
            Expression::StringLiteral(text) => Some(text.value.as_str()),
            _ => None,
        };
        let parsed = text.and_then(quantity::kept);
        if parsed.is_none() {
            let message = format!("{name} is a length of time, of at most 30 days");
            let diagnostic = self.error(codes::BAD_OPTION, message, span, "not such a length of time");
            diagnostic.help =
                Some("write `\"500ms\"`, `\"30s\"`, `\"5m\"`, `\"12h\"` or `\"7d\"`".to_owned());
        }
        parsed
    }

    /// A tag is what a purge names, and nobody can name nothing.
    fn empty_tags(&mut self, ast: &'a Expression<'a>) {
        let Expression::ArrayExpression(list) = ast.get_inner_expression() else { return };
        for element in &list.elements {
            if let Some(Expression::StringLiteral(text)) = element.as_expression()
                && text.value.trim().is_empty()
            {
                let at = self.span(&**text);
                let diagnostic = self.error(codes::BAD_OPTION, "a tag has a name", at, "nothing is in it");
                diagnostic.help = Some("write what a purge will name: `\"catalog\"`".to_owned());
            }
        }
    }

    // ---- how often a call is made

    fn retries(&mut self, ast: &'a Expression<'a>) -> Option<u32> {
        match ast.get_inner_expression() {
            Expression::NumericLiteral(number)
                if number.value.fract() == 0.0 && (0.0..=MOST_RETRIES).contains(&number.value) =>
            {
                Some(number.value as u32)
            }
            other => {
                let span = self.span(other);
                let message = "`retries` is how often the call may be made again";
                let label = "not a whole number from 0 to 10";
                let diagnostic = self.error(codes::BAD_OPTION, message, span, label);
                diagnostic.help = Some(
                    "write `retries: 2`; how many of all calls may be repeated is the platform's `retries` in \
                     frontdesk.yaml"
                        .to_owned(),
                );
                None
            }
        }
    }

    fn retries_of_write(&mut self, at: Span, of: Called<'_>) {
        let Some(key) = of.key() else {
            let label = "if its answer is lost, nobody knows whether it has written";
            let help =
                format!("drop `retries`; {} takes no `Idempotency-Key` that would make it safe", of.full);
            return self.not_of_writes("`retries`", at, label, &help, of);
        };
        let given = match self.types.resolve(&of.args.ty) {
            Type::Object(object) => object
                .field(key)
                .is_some_and(|field| !field.optional && !self.fits(&Type::Undefined, &field.ty)),
            _ => false,
        };
        if !given {
            let label = "without a key the service would write again";
            let help =
                format!("pass `{key}`, by which the service knows the attempts for one: `{{ {key}: … }}`");
            self.not_of_writes("`retries`", at, label, &help, of);
        }
    }

    /// `"20ms"`, `"p95"` or `false`
    fn hedge(&mut self, ast: &'a Expression<'a>) -> Option<Hedge> {
        let text = match ast.get_inner_expression() {
            Expression::BooleanLiteral(value) if !value.value => return Some(Hedge::Never),
            Expression::StringLiteral(text) => text.value.as_str(),
            _ => "",
        };
        let percentile = text.strip_prefix('p').and_then(|digits| digits.parse::<u8>().ok());
        let hedge = match percentile {
            Some(percent) => (1..=99).contains(&percent).then_some(Hedge::AfterPercentile(percent)),
            None => quantity::duration(text).map(Hedge::After),
        };
        if hedge.is_none() {
            let span = self.span(ast);
            let message = "`hedge` is when a second attempt sets out beside the first";
            let diagnostic = self.error(codes::BAD_OPTION, message, span, "no such moment");
            diagnostic.help = Some(
                "write `\"p95\"` (once 95 % of the calls would have been answered), `\"20ms\"`, or `false`"
                    .to_owned(),
            );
        }
        hedge
    }

    /// `"150ms"`, `"2s"`, `"1m"`
    fn within(&mut self, ast: &'a Expression<'a>) -> Option<Duration> {
        let span = self.span(ast);
        let parsed = match ast.get_inner_expression() {
            Expression::StringLiteral(text) => quantity::duration(text.value.as_str()),
            _ => None,
        };
        if parsed.is_none() {
            let diagnostic =
                self.error(codes::BAD_OPTION, "`within` is a length of time", span, "not a length of time");
            diagnostic.help = Some("write `\"150ms\"`, `\"2s\"` or `\"1m\"`".to_owned());
        }
        parsed
    }

    fn not_of_writes(&mut self, option: &str, at: Span, label: &str, help: &str, of: Called<'_>) {
        let message = format!("{option} is for calls that read, and {} writes", of.full);
        let diagnostic = self.error(codes::OPTION_OF_WRITE, message, at, label);
        diagnostic.help = Some(help.to_owned());
    }
}
