//! The functions of the module `frontdesk`: text for people, and maps of lists.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::types as codes;
use frontdesk_types::{Field, Literal, Type};
use oxc_ast::ast::CallExpression;

use super::expression::broken;
use super::frame::Checked;
use super::function::counted;
use super::report::shown_type;
use super::widen::Want;
use super::{Checker, is_poison, poison};
use crate::model::{Argument, Builtin, Expr, ExprKind};

/// A parameter of a built-in function.
pub(super) struct Takes {
    pub name: &'static str,
    pub ty: Type,
    pub optional: bool,
}

impl<'a> Checker<'a> {
    /// A function imported from `frontdesk`.
    pub(super) fn frontdesk_call(
        &mut self,
        export: &str,
        call: &'a CallExpression<'a>,
        callee: Span,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let text = || Type::String;
        let takes = |name, ty| Takes { name, ty, optional: false };
        let loose = |ty: Type| Type::union([ty, Type::Null, Type::Undefined]);
        match export {
            "keyBy" | "groupBy" => self.by_key(export, call, span),
            "since" | "until" => self.by_version(export, call, span, want),
            "deprecated" => self.deprecated(call, span, want),
            "money" => {
                let minor = loose(Type::union([Type::Number, Type::String]));
                let takes = [takes("minor", minor), takes("currency", text()), takes("locale", text())];
                self.display(Builtin::Money, "money", &takes, call, span)
            }
            "image" => {
                let size = Type::object(vec![
                    Field::optional("width", Type::Number),
                    Field::optional("height", Type::Number),
                ]);
                let takes = [takes("url", loose(text())), takes("size", size)];
                self.display(Builtin::Image, "image", &takes, call, span)
            }
            "number" => {
                let options = Type::object(vec![
                    Field::optional("minimumFractionDigits", Type::Number),
                    Field::optional("maximumFractionDigits", Type::Number),
                    Field::optional("style", Type::union(["decimal", "percent"].map(Type::string))),
                ]);
                let takes = [
                    takes("value", Type::Number),
                    takes("locale", text()),
                    Takes { name: "options", ty: options, optional: true },
                ];
                self.display(Builtin::Number, "number", &takes, call, span)
            }
            "dateTime" => {
                let style = || Type::union(["full", "long", "medium", "short"].map(Type::string));
                let options = Type::object(vec![
                    Field::optional("date", style()),
                    Field::optional("time", style()),
                    Field::optional("timeZone", Type::String),
                ]);
                let takes = [takes("moment", text()), takes("locale", text()), takes("options", options)];
                self.display(Builtin::DateTime, "dateTime", &takes, call, span)
            }
            "plural" => {
                let mut forms: Vec<Field> = ["zero", "one", "two", "few", "many"]
                    .map(|name| Field::optional(name, Type::String))
                    .into();
                forms.push(Field::required("other", Type::String));
                let takes = [
                    takes("value", Type::Number),
                    takes("locale", text()),
                    takes("forms", Type::object(forms)),
                ];
                self.display(Builtin::Plural, "plural", &takes, call, span)
            }
            "problem" => {
                let diagnostic =
                    self.error(codes::NOT_CALLABLE, "a problem is thrown", callee, "not a value");
                diagnostic.help =
                    Some("write `throw problem(\"cart_empty\");` as a statement of its own".to_owned());
                broken(span)
            }
            "lastGood" => {
                let label = "stands in for the answer of one call";
                let diagnostic = self.error(codes::NOT_CALLABLE, "`lastGood` is an option", callee, label);
                diagnostic.help = Some(
                    "write it where the call is: `service.operation({ … }, { otherwise: lastGood() })`"
                        .to_owned(),
                );
                broken(span)
            }
            _ => {
                let message = format!("`{export}` defines something, it is not a value");
                let diagnostic = self.error(codes::NOT_CALLABLE, message, callee, "not inside a function");
                diagnostic.help = Some("definitions stand at the top of their own file".to_owned());
                broken(span)
            }
        }
    }

    /// `money`, `image`, `number`, `dateTime`, `plural`: text for people.
    fn display(
        &mut self,
        builtin: Builtin,
        name: &'static str,
        takes: &[Takes],
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        let args = self.take(name, takes, call, span);
        if builtin == Builtin::Money {
            self.amount(&args);
        }
        // The first of `money` and `image` may be missing, and then so is the result.
        let first = args.first().map(|arg| arg.ty.clone());
        let passes = matches!(builtin, Builtin::Money | Builtin::Image);
        let ty = match first {
            Some(first) if passes && (is_poison(&first) || self.nullish(&first) == (false, false)) => {
                Type::String
            }
            _ if passes => Type::String.or_null(),
            _ => Type::String,
        };
        let args = args.into_iter().map(Argument::Value).collect();
        Checked::new(ExprKind::Builtin { builtin, args }, ty, span)
    }

    /// Literals of `money` that can only be a slip: they would show, but not what was meant.
    fn amount(&mut self, args: &[Expr]) {
        if let Some(minor) = args.first() {
            let whole = match &minor.ty {
                Type::Literal(Literal::Number(number)) => number.fract() == 0.0,
                Type::Literal(Literal::String(text)) => {
                    let digits = text.strip_prefix('-').unwrap_or(text);
                    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
                }
                _ => true,
            };
            if !whole {
                let message = "an amount of `money` is whole minor units";
                let diagnostic = self.error(codes::BAD_OPTION, message, minor.span, "not a whole number");
                diagnostic.help = Some("write cents: `money(1999, \"EUR\", locale)` is 19.99".to_owned());
            }
        }
        if let Some(currency) = args.get(1)
            && let Type::Literal(Literal::String(code)) = &currency.ty
            && !(code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
        {
            let message = format!("`{code}` is not a currency");
            let diagnostic = self.error(codes::BAD_OPTION, message, currency.span, "not a code of ISO 4217");
            diagnostic.help = Some("write its three letters in upper case: `\"EUR\"`".to_owned());
        }
    }

    pub(super) fn take(
        &mut self,
        name: &str,
        takes: &[Takes],
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Vec<Expr> {
        let mut args = Vec::new();
        for (i, argument) in call.arguments.iter().enumerate() {
            match takes.get(i) {
                Some(taken) => {
                    let ty = if taken.optional { taken.ty.clone().or_undefined() } else { taken.ty.clone() };
                    let what = format!("`{}` of `{name}`", taken.name);
                    match self.value(argument, &ty, &what) {
                        Some(value) => args.push(value),
                        None => args.push(broken(span).expr),
                    }
                }
                None => self.too_many(argument, &format!("`{name}`"), takes.len()),
            }
        }
        if let Some(missing) = takes.iter().skip(call.arguments.len()).find(|taken| !taken.optional) {
            let label = format!("`{}: {}` is missing", missing.name, shown_type(&missing.ty));
            let names: Vec<&str> = takes.iter().map(|taken| taken.name).collect();
            let count = counted(takes.iter().filter(|taken| !taken.optional).count());
            let diagnostic =
                self.error(codes::ARGUMENT_COUNT, format!("`{name}` takes {count}"), span, label);
            diagnostic.help = Some(format!("write `{name}({})`", names.join(", ")));
        }
        args
    }

    /// `keyBy(list, (item) => item.id)`
    fn by_key(&mut self, export: &str, call: &'a CallExpression<'a>, span: Span) -> Checked {
        let (name, builtin) =
            if export == "keyBy" { ("keyBy", Builtin::KeyBy) } else { ("groupBy", Builtin::GroupBy) };
        let [list, function, extra @ ..] = call.arguments.as_slice() else {
            self.arguments_of_broken(call);
            let message = format!("`{name}` takes a list and a function");
            let diagnostic = self.error(codes::ARGUMENT_COUNT, message, span, "too few");
            diagnostic.help = Some(format!("write `{name}(list, (item) => item.id)`"));
            return broken(span);
        };
        for extra in extra {
            self.too_many(extra, &format!("`{name}`"), 2);
        }
        let Some(list) = list.as_expression() else {
            let at = self.span(list);
            return self.refused(at, "`...` in a call", "pass the list itself");
        };
        let list = self.expr(list, Want::Any);
        let item = self.items_of(&list, &format!("`{name}`"));
        let params = [(item.clone(), list.source)];
        let Some(callback) = self.callback(function, name, &params, None, true) else { return broken(span) };
        let key = Type::union([Type::String, Type::Number]);
        let what = format!("the callback of `{name}`");
        self.result_must_be(&callback, &key, &what, Some("a key is text or a number, and always there"));
        let ty = match (is_poison(&item), builtin) {
            (true, _) => poison(),
            (false, Builtin::KeyBy) => Type::map(item),
            (false, _) => Type::map(Type::array(item)),
        };
        let args = vec![Argument::Value(list.expr), Argument::Lambda(callback.lambda)];
        Checked::new(ExprKind::Builtin { builtin, args }, ty, span).from(list.source)
    }
}
