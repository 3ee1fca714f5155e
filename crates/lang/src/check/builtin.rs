//! Functions that are not methods of a value: those of `frontdesk`, and the pure ones of the language.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::types as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{Argument as ArgumentAst, CallExpression, Expression};

use super::display::Takes;
use super::expression::broken;
use super::frame::Checked;
use super::function::counted;
use super::report::shown_type;
use super::widen::Want;
use super::widen::{list_of, union_of};
use super::{Checker, FunctionAst, is_poison, poison};
use crate::model::{Argument, Builtin, Constant, Element, Expr, ExprKind, Lambda, Method};

/// What `frontdesk` exports that stands for a definition, not for a value.
const DEFINITIONS: [&str; 8] = ["view", "action", "shape", "bff", "version", "t", "problem", "proxy"];
const FUNCTIONS: [&str; 11] = [
    "keyBy",
    "groupBy",
    "money",
    "number",
    "dateTime",
    "plural",
    "image",
    "since",
    "until",
    "deprecated",
    "lastGood",
];

const MATH: &[(&str, Builtin, usize)] = &[
    ("abs", Builtin::MathAbs, 1),
    ("ceil", Builtin::MathCeil, 1),
    ("floor", Builtin::MathFloor, 1),
    ("round", Builtin::MathRound, 1),
    ("trunc", Builtin::MathTrunc, 1),
    ("sign", Builtin::MathSign, 1),
    ("sqrt", Builtin::MathSqrt, 1),
    ("pow", Builtin::MathPow, 2),
    ("min", Builtin::MathMin, usize::MAX),
    ("max", Builtin::MathMax, usize::MAX),
];

const MATH_CONSTANTS: &[(&str, f64)] = &[
    ("PI", std::f64::consts::PI),
    ("E", std::f64::consts::E),
    ("LN2", std::f64::consts::LN_2),
    ("LN10", std::f64::consts::LN_10),
    ("LOG2E", std::f64::consts::LOG2_E),
    ("LOG10E", std::f64::consts::LOG10_E),
    ("SQRT2", std::f64::consts::SQRT_2),
    ("SQRT1_2", std::f64::consts::FRAC_1_SQRT_2),
];

const NUMBER_CONSTANTS: &[(&str, f64)] = &[
    ("MAX_SAFE_INTEGER", 9_007_199_254_740_991.0),
    ("MIN_SAFE_INTEGER", -9_007_199_254_740_991.0),
    ("MAX_VALUE", f64::MAX),
    ("MIN_VALUE", 5e-324),
    ("EPSILON", f64::EPSILON),
    ("POSITIVE_INFINITY", f64::INFINITY),
    ("NEGATIVE_INFINITY", f64::NEG_INFINITY),
    ("NaN", f64::NAN),
];

const NUMBER: &[(&str, Builtin)] = &[
    ("isInteger", Builtin::NumberIsInteger),
    ("isFinite", Builtin::NumberIsFinite),
    ("isNaN", Builtin::NumberIsNaN),
    ("isSafeInteger", Builtin::NumberIsSafeInteger),
    ("parseFloat", Builtin::NumberParseFloat),
    ("parseInt", Builtin::NumberParseInt),
];

/// The values that the module `frontdesk` exports.
pub(super) fn exported<'n>() -> impl Iterator<Item = &'n str> {
    DEFINITIONS.into_iter().chain(FUNCTIONS)
}

/// How a function of the language is applied to the elements of a list, for those who pass its name.
pub(super) fn applied(name: &str) -> Option<&'static str> {
    Some(match name {
        // `map(parseInt)` would take the index for the base.
        "parseInt" => "(item) => parseInt(item, 10)",
        "parseFloat" => "(item) => parseFloat(item)",
        "encodeURIComponent" => "(item) => encodeURIComponent(item)",
        "isNaN" => "(item) => Number.isNaN(item)",
        "isFinite" => "(item) => Number.isFinite(item)",
        "Number" => "Number(value)",
        "String" => "String(value)",
        "Boolean" => "Boolean(value)",
        _ => return None,
    })
}

impl<'a> Checker<'a> {
    /// `Number(x)`, `String(x)`, `parseInt(x)`, …
    pub(super) fn global_call(
        &mut self,
        name: &'a str,
        call: &'a CallExpression<'a>,
        callee: Span,
        span: Span,
    ) -> Checked {
        let (builtin, ty) = match name {
            "Number" => (Builtin::ToNumber, Type::Number),
            "String" => (Builtin::ToStringValue, Type::String),
            "Boolean" => (Builtin::ToBoolean, Type::Boolean),
            "encodeURIComponent" => {
                let ty = Type::union([Type::String, Type::Number, Type::Boolean]);
                return self.simple(
                    Builtin::EncodeUriComponent,
                    name,
                    &[("text", ty)],
                    Type::String,
                    call,
                    span,
                );
            }
            "parseInt" | "parseFloat" => return self.number_function(name, call, callee, span),
            "isNaN" | "isFinite" => {
                let message = format!("`{name}` converts before it looks");
                let diagnostic = self.error(codes::NOT_CALLABLE, message, callee, "not part of the language");
                diagnostic.help = Some(format!("write `Number.{name}(…)`"));
                self.arguments_of_broken(call);
                return broken(span);
            }
            _ => {
                self.arguments_of_broken(call);
                return self.unknown_name(name, callee);
            }
        };
        let [argument] = call.arguments.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, format!("`{name}` takes one argument"), span, "not one");
            return broken(span);
        };
        let Some(ast) = argument.as_expression() else { return broken(span) };
        let value = self.expr(ast, Want::Any);
        if builtin == Builtin::ToStringValue {
            self.printable(&value, "`String`");
        }
        let args = vec![Argument::Value(value.expr)];
        Checked::new(ExprKind::Builtin { builtin, args }, ty, span)
    }

    pub(super) fn simple(
        &mut self,
        builtin: Builtin,
        name: &str,
        takes: &[(&'static str, Type)],
        ty: Type,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        let takes: Vec<Takes> =
            takes.iter().map(|(name, ty)| Takes { name, ty: ty.clone(), optional: false }).collect();
        let args = self.take(name, &takes, call, span).into_iter().map(Argument::Value).collect();
        Checked::new(ExprKind::Builtin { builtin, args }, ty, span)
    }

    /// `Object.keys(…)`, `Math.max(…)`, `Number.isInteger(…)`, `Array.isArray(…)`. `None` if `namespace` is none
    /// of these.
    pub(super) fn namespace_call(
        &mut self,
        namespace: &'a str,
        name: &'a str,
        name_span: Span,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Option<Checked> {
        Some(match namespace {
            "Object" => self.object_function(name, name_span, call, span),
            "Math" => self.math(name, name_span, call, span),
            "Number" => self.number_function(name, call, name_span, span),
            "Array" => self.array_function(name, name_span, call, span),
            "String" | "Boolean" => {
                self.arguments_of_broken(call);
                self.no_function(namespace, name, name_span, &[])
            }
            _ => {
                let at = Span::new(span.file, self.span(&call.callee).start, name_span.end);
                let refused = self.refused_global(namespace, at)?;
                self.arguments_of_broken(call);
                refused
            }
        })
    }

    /// `Math.PI`; anything else of a namespace that is not called.
    pub(super) fn global_member(&mut self, namespace: &str, name: &str, span: Span) -> Option<Checked> {
        let constants = match namespace {
            "Math" => MATH_CONSTANTS,
            "Number" => NUMBER_CONSTANTS,
            "Object" | "Array" | "String" | "Boolean" => &[],
            _ => return self.refused_global(namespace, span),
        };
        if let Some((_, value)) = constants.iter().find(|(own, _)| *own == name) {
            return Some(Checked::new(ExprKind::Constant(Constant::Number(*value)), Type::Number, span));
        }
        Some(self.function_as_value(span))
    }

    fn no_function(&mut self, namespace: &str, name: &str, span: Span, known: &[&str]) -> Checked {
        let advice = match (namespace, name) {
            ("Math", "random") => {
                let help = "take the number from a service's answer";
                let diagnostic = self.error(
                    frontdesk_diagnostics::codes::language::IMPURE,
                    "a view has no chance in it",
                    span,
                    "the same input gives the same answer",
                );
                diagnostic.help = Some(help.to_owned());
                return broken(span);
            }
            ("Object", "assign") => Some("write `{ ...a, ...b }`"),
            ("Object", "freeze") => Some("nothing changes here; drop it"),
            ("Object", "groupBy") => Some("use `groupBy(list, (item) => …)` from \"frontdesk\""),
            ("Array", "of") => Some("write `[a, b]`"),
            _ => None,
        };
        let near = nearest(name, known.iter().copied()).map(str::to_owned);
        let label = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not part of the language".to_owned(),
        };
        let message = format!("there is no `{namespace}.{name}` here");
        let diagnostic = self.error(codes::UNKNOWN_METHOD, message, span, label);
        diagnostic.help = advice.map(str::to_owned).or_else(|| {
            let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
            (near.is_none() && !names.is_empty())
                .then(|| format!("there is {}", super::report::listed(&names)))
        });
        broken(span)
    }

    fn object_function(
        &mut self,
        name: &str,
        name_span: Span,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        let builtin = match name {
            "keys" => Builtin::ObjectKeys,
            "values" => Builtin::ObjectValues,
            "entries" => Builtin::ObjectEntries,
            "fromEntries" => Builtin::ObjectFromEntries,
            _ => {
                self.arguments_of_broken(call);
                return self.no_function(
                    "Object",
                    name,
                    name_span,
                    &["keys", "values", "entries", "fromEntries"],
                );
            }
        };
        let full = format!("`Object.{name}`");
        let [argument] = call.arguments.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, format!("{full} takes one argument"), span, "not one");
            return broken(span);
        };
        let Some(ast) = argument.as_expression() else {
            let at = self.span(argument);
            return self.refused(at, "`...` in a call", "pass the value itself");
        };
        if builtin == Builtin::ObjectFromEntries {
            return self.pairs_to_object(ast, span);
        }
        let value = self.expr(ast, Want::Any);
        let ty = value.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if null || undefined {
            let text = self.text(value.expr.span).to_owned();
            let help = format!("write `{} ?? {{}}`", super::report::short(&text));
            self.maybe_missing(&text, &ty, value.expr.span, value.source, help);
        }
        let mut values = Vec::new();
        for member in self.expanded(&self.without_nullish(&ty)) {
            match self.types.resolve(&member).clone() {
                _ if is_poison(&member) => values.push(poison()),
                Type::Object(object) => {
                    // A key that is missing has no value, so `?` adds nothing here.
                    values.extend(object.fields.iter().map(|field| {
                        if field.optional { self.without_undefined(&field.ty) } else { field.ty.clone() }
                    }));
                    values.extend(object.index.clone());
                }
                Type::Array(of) => values.push((*of).clone()),
                Type::Tuple(of) => values.extend(of.iter().cloned()),
                _ => {
                    let shown = shown_type(&member);
                    let message = format!("{full} takes an object, and this is `{shown}`");
                    self.error(codes::NOT_AN_OBJECT, message, value.expr.span, "not an object");
                    values.push(poison());
                }
            }
        }
        let of = if values.is_empty() { Type::Unknown } else { union_of(values) };
        let ty = match builtin {
            Builtin::ObjectKeys => Type::array(Type::String),
            _ if is_poison(&of) => poison(),
            Builtin::ObjectValues => Type::array(of),
            _ => Type::array(Type::Tuple([Type::String, of].into())),
        };
        let source = value.source;
        let args = vec![Argument::Value(value.expr)];
        Checked::new(ExprKind::Builtin { builtin, args }, ty, span).from(source)
    }

    /// `Object.fromEntries(list.map((item) => [item.id, item]))`: pairs are wanted, so array literals are pairs.
    fn pairs_to_object(&mut self, ast: &'a Expression<'a>, span: Span) -> Checked {
        let key = Type::union([Type::String, Type::Number]);
        let wanted = Type::array(Type::Tuple([key.clone(), Type::Unknown].into()));
        let list = self.iterable(ast, Want::Type(&wanted));
        let item = self.items_of(&list, "`Object.fromEntries`");
        let mut values = Vec::new();
        for member in self.expanded(&item) {
            let pair = match self.types.resolve(&member) {
                _ if is_poison(&member) => Some((poison(), poison())),
                Type::Tuple(items) => match &**items {
                    [key, value, ..] => Some((key.clone(), value.clone())),
                    _ => None,
                },
                _ => None,
            };
            match pair {
                Some((own, value)) if self.fits(&own, &key) => values.push(value),
                Some((own, _)) => {
                    let shown = shown_type(&own);
                    let message = format!("a key is text or a number, and this is `{shown}`");
                    self.error(codes::WRONG_TYPE, message, list.expr.span, "these keys");
                    values.push(poison());
                }
                None => {
                    let shown = shown_type(&member);
                    let message = format!("`Object.fromEntries` takes pairs, and these are `{shown}`");
                    let diagnostic = self.error(codes::WRONG_TYPE, message, list.expr.span, "not pairs");
                    diagnostic.help =
                        Some("write `list.map((item) => [item.id, item])`, or `keyBy(list, …)`".to_owned());
                    values.push(poison());
                }
            }
        }
        let of = union_of(values);
        let ty = if is_poison(&of) { poison() } else { Type::map(of) };
        let source = list.source;
        let kind =
            ExprKind::Builtin { builtin: Builtin::ObjectFromEntries, args: vec![Argument::Value(list.expr)] };
        Checked::new(kind, ty, span).from(source)
    }

    fn math(&mut self, name: &str, name_span: Span, call: &'a CallExpression<'a>, span: Span) -> Checked {
        let Some((name, builtin, count)) = MATH.iter().find(|(own, ..)| *own == name).copied() else {
            self.arguments_of_broken(call);
            let known: Vec<&str> = MATH.iter().map(|(own, ..)| *own).collect();
            return self.no_function("Math", name, name_span, &known);
        };
        let full = format!("`Math.{name}`");
        if call.arguments.iter().any(|argument| matches!(argument, ArgumentAst::SpreadElement(_))) {
            return self.extreme_of_list(name, builtin, call, span);
        }
        let mut args = Vec::new();
        for (i, argument) in call.arguments.iter().enumerate() {
            if i >= count {
                self.too_many(argument, &full, count);
                continue;
            }
            args.extend(self.value(argument, &Type::Number, &full).map(Argument::Value));
        }
        if count != usize::MAX && call.arguments.len() < count {
            let count = counted(count);
            self.error(codes::ARGUMENT_COUNT, format!("{full} takes {count}"), span, "too few");
        }
        Checked::new(ExprKind::Builtin { builtin, args }, Type::Number, span)
    }

    /// `Math.max(a, ...list)`: the list reduced by `Math.max`, beginning with what `Math.max()` gives.
    fn extreme_of_list(
        &mut self,
        name: &str,
        builtin: Builtin,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        let full = format!("`Math.{name}`");
        let start = match builtin {
            Builtin::MathMax => f64::NEG_INFINITY,
            Builtin::MathMin => f64::INFINITY,
            _ => {
                self.error(
                    codes::ARGUMENT_COUNT,
                    format!("{full} takes no list"),
                    span,
                    "`...` is not for it",
                );
                return broken(span);
            }
        };
        let mut elements = Vec::new();
        for argument in &call.arguments {
            match argument {
                ArgumentAst::SpreadElement(spread) => {
                    let list = self.expr(&spread.argument, Want::Any);
                    let item = self.items_of(&list, &full);
                    if let Some(mismatch) = self.mismatch(&item, &Type::Number) {
                        self.does_not_fit(&full, &item, &Type::Number, list.expr.span, &mismatch);
                    }
                    elements.push(Element::Spread(list.expr));
                }
                _ => elements.extend(self.value(argument, &Type::Number, &full).map(Element::Item)),
            }
        }
        let bare = |kind, ty| Expr { kind, ty, span };
        let a = self.frame.local(Type::Number, None);
        let b = self.frame.local(Type::Number, None);
        let args = [a, b].map(|local| Argument::Value(bare(ExprKind::Local(local), Type::Number)));
        let body = bare(ExprKind::Builtin { builtin, args: args.into() }, Type::Number);
        let lambda = Lambda { params: vec![a, b], body: Box::new(body) };
        let list = bare(ExprKind::Array(elements), Type::array(Type::Number));
        let start = bare(ExprKind::Constant(Constant::Number(start)), Type::Number);
        let kind = ExprKind::Method {
            method: Method::Reduce,
            receiver: Box::new(list),
            args: vec![Argument::Lambda(lambda), Argument::Value(start)],
        };
        Checked::new(kind, Type::Number, span)
    }

    fn number_function(
        &mut self,
        name: &'a str,
        call: &'a CallExpression<'a>,
        name_span: Span,
        span: Span,
    ) -> Checked {
        let Some((name, builtin)) = NUMBER.iter().find(|(own, _)| *own == name).copied() else {
            self.arguments_of_broken(call);
            let known: Vec<&str> = NUMBER.iter().map(|(own, _)| *own).collect();
            return self.no_function("Number", name, name_span, &known);
        };
        let full = format!("Number.{name}");
        match builtin {
            Builtin::NumberParseFloat => {
                self.simple(builtin, &full, &[("text", Type::String)], Type::Number, call, span)
            }
            Builtin::NumberParseInt => {
                let takes = [
                    Takes { name: "text", ty: Type::String, optional: false },
                    Takes { name: "radix", ty: Type::Number, optional: true },
                ];
                let args = self.take(&full, &takes, call, span).into_iter().map(Argument::Value).collect();
                Checked::new(ExprKind::Builtin { builtin, args }, Type::Number, span)
            }
            _ => self.simple(builtin, &full, &[("value", Type::Unknown)], Type::Boolean, call, span),
        }
    }

    fn array_function(
        &mut self,
        name: &str,
        name_span: Span,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Checked {
        match name {
            "isArray" => self.simple(
                Builtin::ArrayIsArray,
                "Array.isArray",
                &[("value", Type::Unknown)],
                Type::Boolean,
                call,
                span,
            ),
            "from" => self.array_from(call, span),
            _ => {
                self.arguments_of_broken(call);
                self.no_function("Array", name, name_span, &["isArray", "from"])
            }
        }
    }

    /// `Array.from(list)`, `Array.from({ length: 3 }, (_, i) => i)`
    fn array_from(&mut self, call: &'a CallExpression<'a>, span: Span) -> Checked {
        let [list, rest @ ..] = call.arguments.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, "`Array.from` takes a list", span, "nothing is passed");
            return broken(span);
        };
        let Some(ast) = list.as_expression().filter(|ast| FunctionAst::of(ast).is_none()) else {
            let at = self.span(list);
            return self.refused(at, "this argument", "pass a list, or `{ length: 3 }`");
        };
        let list = self.iterable(ast, Want::Any);
        let length = self.expanded(&list.expr.ty).iter().all(|member| {
            matches!(self.types.resolve(member), Type::Object(object)
                if object.field("length").is_some_and(|field| self.fits(&field.ty, &Type::Number)))
        });
        let text = self
            .expanded(&list.expr.ty)
            .iter()
            .all(|member| matches!(member, Type::String | Type::Literal(Literal::String(_))));
        let item = if length && !is_poison(&list.expr.ty) {
            Type::Unknown
        } else if text {
            Type::String
        } else {
            self.items_of(&list, "`Array.from`")
        };
        let source = list.source;
        let mut args = vec![Argument::Value(list.expr)];
        let mut ty = list_of(item.clone());
        if let [function, extra @ ..] = rest {
            for extra in extra {
                self.too_many(extra, "`Array.from`", 2);
            }
            let params = [(item, source), (Type::Number, None)];
            let Some(callback) = self.callback(function, "Array.from", &params, None, true) else {
                return broken(span);
            };
            ty = list_of(callback.result.clone());
            args.push(Argument::Lambda(callback.lambda));
        }
        Checked::new(ExprKind::Builtin { builtin: Builtin::ArrayFrom, args }, ty, span).from(source)
    }
}
