//! Methods of arrays, strings and numbers: which there are, what they take, what they give.
//!
//! Signatures are those of `lib.es2023.d.ts`.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{Argument as ArgumentAst, CallExpression, Expression};

use super::call::literal_number;
use super::expression::broken;
use super::frame::Checked;
use super::function::{Callback, counted};
use super::report::shown_type;
use super::widen::Want;
use super::widen::{list_of, union_of};
use super::{Checker, FunctionAst, Source, is_poison};
use crate::model::{Argument, Expr, ExprKind, Method};

/// Methods of arrays that take a function of an element and its index.
const EACH: &[(&str, Method)] = &[
    ("map", Method::Map),
    ("filter", Method::Filter),
    ("find", Method::Find),
    ("findIndex", Method::FindIndex),
    ("findLast", Method::FindLast),
    ("findLastIndex", Method::FindLastIndex),
    ("some", Method::Some),
    ("every", Method::Every),
    ("flatMap", Method::FlatMap),
];

const LIST: &[(&str, Method)] = &[
    ("at", Method::At),
    ("concat", Method::Concat),
    ("includes", Method::Includes),
    ("indexOf", Method::IndexOf),
    ("lastIndexOf", Method::LastIndexOf),
    ("slice", Method::Slice),
    ("flat", Method::Flat),
    ("join", Method::Join),
    ("reduce", Method::Reduce),
    ("reduceRight", Method::ReduceRight),
    ("toSorted", Method::ToSorted),
    ("toReversed", Method::ToReversed),
    ("with", Method::With),
    ("entries", Method::Entries),
    ("keys", Method::Keys),
    ("values", Method::Values),
];

/// What a method of strings takes and gives: arguments (`s`tring, `n`umber; optional ones after `|`).
const TEXT: &[(&str, Method, &str, Gives)] = &[
    ("at", Method::At, "n", Gives::MaybeText),
    ("charAt", Method::CharAt, "n", Gives::Text),
    ("charCodeAt", Method::CharCodeAt, "n", Gives::Number),
    ("codePointAt", Method::CodePointAt, "n", Gives::MaybeNumber),
    ("concat", Method::Concat, "*", Gives::Text),
    ("endsWith", Method::EndsWith, "s|n", Gives::Boolean),
    ("includes", Method::Includes, "s|n", Gives::Boolean),
    ("indexOf", Method::IndexOf, "s|n", Gives::Number),
    ("lastIndexOf", Method::LastIndexOf, "s|n", Gives::Number),
    ("padEnd", Method::PadEnd, "n|s", Gives::Text),
    ("padStart", Method::PadStart, "n|s", Gives::Text),
    ("repeat", Method::Repeat, "n", Gives::Text),
    ("replace", Method::Replace, "ss", Gives::Text),
    ("replaceAll", Method::ReplaceAll, "ss", Gives::Text),
    ("slice", Method::Slice, "|nn", Gives::Text),
    ("split", Method::Split, "s|n", Gives::Texts),
    ("startsWith", Method::StartsWith, "s|n", Gives::Boolean),
    ("substring", Method::Substring, "n|n", Gives::Text),
    ("toLowerCase", Method::ToLowerCase, "", Gives::Text),
    ("toString", Method::ToString, "", Gives::Text),
    ("toUpperCase", Method::ToUpperCase, "", Gives::Text),
    ("trim", Method::Trim, "", Gives::Text),
    ("trimEnd", Method::TrimEnd, "", Gives::Text),
    ("trimStart", Method::TrimStart, "", Gives::Text),
];

const NUMBER: &[(&str, Method, &str, Gives)] =
    &[("toFixed", Method::ToFixed, "|n", Gives::Text), ("toString", Method::ToString, "|n", Gives::Text)];

const BOOLEAN: &[(&str, Method, &str, Gives)] = &[("toString", Method::ToString, "", Gives::Text)];

#[derive(Clone, Copy)]
enum Gives {
    Text,
    Number,
    Boolean,
    MaybeText,
    MaybeNumber,
    Texts,
}

/// Methods that exist in JavaScript and not here, and what to write.
const REFUSED: &[(&str, &str)] = &[
    ("push", "make a new list: `[...list, item]`"),
    ("unshift", "make a new list: `[item, ...list]`"),
    ("pop", "read the last with `list.at(-1)`, take the others with `list.slice(0, -1)`"),
    ("shift", "read the first with `list[0]`, take the others with `list.slice(1)`"),
    ("splice", "use `list.slice(…)`, `list.with(index, value)` or `filter`"),
    ("sort", "use `list.toSorted(…)`, which gives a new list"),
    ("reverse", "use `list.toReversed()`, which gives a new list"),
    ("fill", "use `list.map(() => value)`"),
    ("copyWithin", "use `list.slice(…)`"),
    ("toSpliced", "use `list.slice(…)` and `[...a, ...b]`"),
    ("forEach", "use `list.map((item) => …)` and return what comes out"),
    ("match", "use `includes`, `startsWith`, `split`"),
    ("matchAll", "use `split`"),
    ("search", "use `indexOf`"),
    ("localeCompare", "compare with `<`: `a < b ? -1 : 1`"),
    ("normalize", "have the service answer normalised text"),
    ("substr", "use `slice`"),
    ("toLocaleString", "use `number(value, locale)` or `dateTime(…)` from \"frontdesk\""),
    ("toPrecision", "use `number(value, locale, { maximumFractionDigits })` from \"frontdesk\""),
    ("toExponential", "use `toFixed`"),
    ("toLocaleLowerCase", "use `toLowerCase`"),
    ("toLocaleUpperCase", "use `toUpperCase`"),
    ("hasOwnProperty", "use `\"key\" in object`"),
    ("then", "there is nothing to await: the value is there where it is used"),
    ("catch", "say what stands in for a failed call: `{ optional: true }` or `{ otherwise: value }`"),
    ("finally", "calls need no tidying up"),
];

/// Whether values of this type have a method of this name.
pub(super) fn exists(ty: &Type, name: &str) -> bool {
    let is = |methods: &[(&str, Method, &str, Gives)]| methods.iter().any(|(own, ..)| *own == name);
    match ty {
        Type::Array(_) | Type::Tuple(_) => EACH.iter().chain(LIST).any(|(own, _)| *own == name),
        Type::String | Type::Literal(Literal::String(_)) => is(TEXT),
        Type::Number | Type::Literal(Literal::Number(_)) => is(NUMBER),
        Type::Boolean | Type::Literal(Literal::Boolean(_)) => is(BOOLEAN),
        _ => false,
    }
}

/// A method that is called: its name as written, and where.
#[derive(Clone, Copy)]
struct Called<'a> {
    name: &'a str,
    name_span: Span,
    call: &'a CallExpression<'a>,
    span: Span,
}

impl<'a> Checker<'a> {
    pub(super) fn method(
        &mut self,
        receiver: Checked,
        name: &'a str,
        name_span: Span,
        call: &'a CallExpression<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let called = Called { name, name_span, call, span };
        let receiver = self.present(receiver, &format!(".{name}(…)"));
        let ty = receiver.expr.ty.clone();
        let members = self.expanded(&ty);
        if is_poison(&ty) || members.iter().any(is_poison) || members.is_empty() {
            self.arguments_of_broken(call);
            return broken(span);
        }
        let all = |f: &dyn Fn(&Type) -> bool| members.iter().all(|member| f(self.types.resolve(member)));
        if all(&|ty| matches!(ty, Type::Array(_) | Type::Tuple(_))) {
            return self.list_method(receiver, called, want);
        }
        let table = if all(&|ty| matches!(ty, Type::String | Type::Literal(Literal::String(_)))) {
            TEXT
        } else if all(&|ty| matches!(ty, Type::Number | Type::Literal(Literal::Number(_)))) {
            NUMBER
        } else if all(&|ty| matches!(ty, Type::Boolean | Type::Literal(Literal::Boolean(_)))) {
            BOOLEAN
        } else {
            &[]
        };
        match table.iter().find(|(own, ..)| *own == name) {
            Some((_, method, takes, gives)) => self.plain_method(receiver, called, *method, takes, *gives),
            None => self.no_method(&receiver, called),
        }
    }

    fn no_method(&mut self, receiver: &Checked, called: Called<'a>) -> Checked {
        let errors = self.found.len();
        self.arguments_of_broken(called.call);
        self.found.truncate(errors);
        let ty = &receiver.expr.ty;
        let shown = shown_type(ty);
        let name = called.name;
        let members = self.expanded(ty);
        if matches!(ty, Type::Unknown) {
            self.nothing_known(name, called.name_span, receiver.source);
            return broken(called.span);
        }
        if let [one] = members.as_slice()
            && let Type::Object(object) = self.types.resolve(one)
        {
            if object.field(name).is_some() {
                let message = format!("`{name}` is a field, not a method");
                let diagnostic = self.error(codes::NOT_CALLABLE, message, called.name_span, "not a function");
                diagnostic.help = Some(format!("read it without the parentheses: `.{name}`"));
                return broken(called.span);
            }
            let list =
                object.fields.iter().find(|field| matches!(self.types.resolve(&field.ty), Type::Array(_)));
            let list = list.map(|field| field.name.clone());
            let known = exists(&Type::array(Type::Unknown), name);
            let message = format!("`{shown}` has no method `{name}`");
            let diagnostic =
                self.error(codes::UNKNOWN_METHOD, message, called.name_span, "objects have fields only");
            if known {
                diagnostic.help = Some(match list {
                    Some(list) => format!("its list is `{list}`: write `.{list}.{name}(…)`"),
                    None => format!("to go over its values: `Object.values(…).{name}(…)`"),
                });
            }
            return broken(called.span);
        }
        let names: Vec<&str> = EACH
            .iter()
            .chain(LIST)
            .map(|(own, _)| *own)
            .chain(TEXT.iter().chain(NUMBER).map(|(own, ..)| *own))
            .filter(|own| members.iter().all(|member| exists(self.types.resolve(member), own)))
            .collect();
        let near = nearest(name, names.iter().copied()).map(str::to_owned);
        let advice = REFUSED.iter().find(|(own, _)| *own == name).map(|(_, advice)| *advice);
        let message = match advice {
            Some(_) => format!("`{name}` is not part of the language"),
            None => format!("`{shown}` has no method `{name}`"),
        };
        let label = match (&near, advice) {
            (Some(near), None) => format!("did you mean `{near}`?"),
            (_, Some(_)) => "it changes something, or needs what is not there".to_owned(),
            (None, None) => "not a method of it".to_owned(),
        };
        let code = if advice.is_some() { language::REFUSED } else { codes::UNKNOWN_METHOD };
        let diagnostic = self.error(code, message, called.name_span, label);
        diagnostic.help = advice.map(str::to_owned);
        broken(called.span)
    }

    fn plain_method(
        &mut self,
        receiver: Checked,
        called: Called<'a>,
        method: Method,
        takes: &str,
        gives: Gives,
    ) -> Checked {
        let full = format!("`{}`", called.name);
        let many = takes == "*";
        let (required, optional) = takes.split_once('|').unwrap_or((takes, ""));
        let kinds: Vec<char> = required.chars().chain(optional.chars()).collect();
        let mut args = Vec::new();
        for (i, argument) in called.call.arguments.iter().enumerate() {
            let wanted = match kinds.get(i) {
                _ if many => Type::String,
                Some('s') => Type::String,
                Some(_) if i >= required.len() => Type::Number.or_undefined(),
                Some(_) => Type::Number,
                None => {
                    self.too_many(argument, &full, kinds.len());
                    continue;
                }
            };
            if let Some(ast) = argument.as_expression()
                && let Some(Expression::RegExpLiteral(regex)) = Some(ast)
            {
                let span = self.span(&**regex);
                self.refused_regex(span, called.name);
                continue;
            }
            args.extend(self.value(argument, &wanted, &full).map(Argument::Value));
        }
        if !many && called.call.arguments.len() < required.len() {
            let count = counted(required.len());
            self.error(codes::ARGUMENT_COUNT, format!("{full} takes {count}"), called.span, "too few");
        }
        let ty = match gives {
            Gives::Text => Type::String,
            Gives::Number => Type::Number,
            Gives::Boolean => Type::Boolean,
            Gives::MaybeText => Type::String.or_undefined(),
            Gives::MaybeNumber => Type::Number.or_undefined(),
            Gives::Texts => Type::array(Type::String),
        };
        let kind = ExprKind::Method { method, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, ty, called.span)
    }

    pub(super) fn too_many(&mut self, argument: &'a ArgumentAst<'a>, full: &str, count: usize) {
        let at = self.span(argument);
        let count = counted(count);
        self.error(codes::ARGUMENT_COUNT, format!("{full} takes {count}"), at, "one too many");
    }

    /// An argument that is a value.
    pub(super) fn value(&mut self, argument: &'a ArgumentAst<'a>, wanted: &Type, full: &str) -> Option<Expr> {
        let Some(ast) = argument.as_expression() else {
            let at = self.span(argument);
            self.refused(at, "`...` in a call", "pass the values one by one, or the array itself");
            return None;
        };
        if FunctionAst::of(ast).is_some() {
            let at = self.span(ast);
            let message = format!("{full} takes a value, not a function");
            self.error(codes::WRONG_TYPE, message, at, "a function");
            return None;
        }
        Some(self.expected(ast, wanted, full).expr)
    }

    fn list_method(&mut self, receiver: Checked, called: Called<'a>, want: Want<'_>) -> Checked {
        let item = self.items_of(&receiver, "a list");
        if let Some((name, method)) = EACH.iter().find(|(own, _)| *own == called.name) {
            return self.each(receiver, called, name, *method, &item, want);
        }
        let Some((name, method)) = LIST.iter().find(|(own, _)| *own == called.name).copied() else {
            return self.no_method(&receiver, called);
        };
        match method {
            Method::Reduce | Method::ReduceRight => self.reduce(receiver, called, name, method, &item),
            Method::ToSorted => self.sorted(receiver, called, &item),
            Method::Entries | Method::Keys | Method::Values => {
                if self.iterated != Some(called.span) {
                    let message = format!("`{name}()` gives an iterator, not an array");
                    let diagnostic = self.error(
                        codes::NOT_A_LIST,
                        message,
                        called.name_span,
                        "iterators have no `map`, `length`, …",
                    );
                    diagnostic.help = Some(format!(
                        "callbacks get the index: `list.map((item, index) => …)`; or spread it: `[...list.{name}()]`"
                    ));
                }
                let of = match method {
                    Method::Entries => Type::Tuple([Type::Number, item].into()),
                    Method::Keys => Type::Number,
                    _ => item,
                };
                self.with_values(receiver, called, method, &[], 0, Type::array(of))
            }
            Method::At => {
                let ty = union_of([item, Type::Undefined]);
                self.with_values(receiver, called, method, &[Type::Number], 1, ty)
            }
            Method::Concat => {
                let wanted = union_of([item.clone(), Type::array(item.clone())]);
                let wanted = vec![wanted; called.call.arguments.len()];
                self.with_values(receiver, called, method, &wanted, 0, Type::array(item))
            }
            Method::Includes => {
                let wanted = [item, Type::Number.or_undefined()];
                self.with_values(receiver, called, method, &wanted, 1, Type::Boolean)
            }
            Method::IndexOf | Method::LastIndexOf => {
                let wanted = [item, Type::Number.or_undefined()];
                self.with_values(receiver, called, method, &wanted, 1, Type::Number)
            }
            Method::Slice => {
                let number = Type::Number.or_undefined();
                self.with_values(receiver, called, method, &[number.clone(), number], 0, Type::array(item))
            }
            Method::Join => {
                let composite = self.expanded(&item).iter().any(|member| {
                    !is_poison(member)
                        && matches!(
                            self.types.resolve(member),
                            Type::Object(_) | Type::Array(_) | Type::Tuple(_)
                        )
                });
                if composite {
                    let shown = shown_type(&item);
                    let message = format!("`join` prints text and numbers, not `{shown}`");
                    let diagnostic = self.error(
                        codes::OPERAND,
                        message,
                        called.name_span,
                        "this would print `[object Object]`",
                    );
                    diagnostic.help =
                        Some("print a field of each: `.map((item) => item.title).join(\", \")`".to_owned());
                }
                self.with_values(receiver, called, method, &[Type::String.or_undefined()], 0, Type::String)
            }
            Method::ToReversed => self.with_values(receiver, called, method, &[], 0, Type::array(item)),
            Method::With => {
                let ty = Type::array(item.clone());
                self.with_values(receiver, called, method, &[Type::Number, item], 2, ty)
            }
            _ => self.flat(receiver, called, &item),
        }
    }

    /// A method whose arguments are values.
    fn with_values(
        &mut self,
        receiver: Checked,
        called: Called<'a>,
        method: Method,
        wanted: &[Type],
        required: usize,
        ty: Type,
    ) -> Checked {
        let full = format!("`{}`", called.name);
        let mut args = Vec::new();
        for (i, argument) in called.call.arguments.iter().enumerate() {
            match wanted.get(i) {
                Some(wanted) => args.extend(self.value(argument, wanted, &full).map(Argument::Value)),
                None => self.too_many(argument, &full, wanted.len()),
            }
        }
        if called.call.arguments.len() < required {
            let count = counted(required);
            self.error(codes::ARGUMENT_COUNT, format!("{full} takes {count}"), called.span, "too few");
        }
        let source = receiver.source;
        let kind = ExprKind::Method { method, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, ty, called.span).from(source)
    }

    fn flat(&mut self, receiver: Checked, called: Called<'a>, item: &Type) -> Checked {
        let mut depth = 1.0;
        let mut args = Vec::new();
        if let Some(argument) = called.call.arguments.first()
            && let Some(value) = self.value(argument, &Type::Number, "`flat`")
        {
            match literal_number(&value) {
                Some(number) => depth = number,
                None => {
                    let diagnostic = self.error(
                        codes::BAD_OPTION,
                        "the depth of `flat` is a literal",
                        value.span,
                        "not a literal",
                    );
                    diagnostic.help = Some("write `flat()` or `flat(2)`".to_owned());
                }
            }
            args.push(Argument::Value(value));
        }
        let ty = Type::array(self.flattened(item, depth, 0));
        let source = receiver.source;
        let kind = ExprKind::Method { method: Method::Flat, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, ty, called.span).from(source)
    }

    fn flattened(&self, item: &Type, depth: f64, level: u32) -> Type {
        if depth < 1.0 || level > 20 {
            return item.clone();
        }
        let mut out = Vec::new();
        for member in self.expanded(item) {
            match self.types.resolve(&member) {
                Type::Array(of) => out.push(self.flattened(of, depth - 1.0, level + 1)),
                Type::Tuple(of) => {
                    out.extend(of.iter().map(|of| self.flattened(of, depth - 1.0, level + 1)));
                }
                _ => out.push(member),
            }
        }
        union_of(out)
    }

    /// Methods that apply a function to each element.
    fn each(
        &mut self,
        receiver: Checked,
        called: Called<'a>,
        name: &'static str,
        method: Method,
        item: &Type,
        want: Want<'_>,
    ) -> Checked {
        let source = receiver.source;
        let calls = matches!(method, Method::Map | Method::Filter | Method::FlatMap);
        let context = match (method, want) {
            (Method::Map | Method::FlatMap, Want::Type(wanted)) => self.wanted_items(wanted),
            _ => None,
        };
        let params = [(item.clone(), source), (Type::Number, None)];
        let callback = self.one_callback(called, name, &params, context.as_ref(), calls);
        let Some(callback) = callback else { return broken(called.span) };
        let predicate = callback.predicate.clone();
        let narrowed = predicate.unwrap_or_else(|| item.clone());
        let ty = match method {
            Method::Map => list_of(callback.result.clone()),
            Method::Filter => list_of(narrowed),
            Method::Find | Method::FindLast => union_of([narrowed, Type::Undefined]),
            Method::FindIndex | Method::FindLastIndex => Type::Number,
            Method::Some | Method::Every => Type::Boolean,
            _ => {
                let flat = self.flattened(&callback.result, 1.0, 0);
                list_of(flat)
            }
        };
        let source = match method {
            Method::Map | Method::FlatMap => callback.source,
            _ => source,
        };
        let args = vec![Argument::Lambda(callback.lambda)];
        let kind = ExprKind::Method { method, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, ty, called.span).from(source)
    }

    /// The type of the elements of the array that is wanted.
    pub(super) fn wanted_items(&self, wanted: &Type) -> Option<Type> {
        let items: Vec<Type> = self
            .expanded(wanted)
            .iter()
            .filter_map(|member| match self.types.resolve(member) {
                Type::Array(of) => Some((**of).clone()),
                _ => None,
            })
            .collect();
        (!items.is_empty()).then(|| union_of(items))
    }

    /// The callback that is the only argument.
    fn one_callback(
        &mut self,
        called: Called<'a>,
        name: &'static str,
        params: &[(Type, Option<Source>)],
        context: Option<&Type>,
        calls: bool,
    ) -> Option<Callback> {
        for extra in called.call.arguments.iter().skip(1) {
            self.too_many(extra, &format!("`{name}`"), 1);
        }
        let Some(argument) = called.call.arguments.first() else {
            let message = format!("`{name}` takes a function");
            let diagnostic = self.error(codes::ARGUMENT_COUNT, message, called.span, "nothing is passed");
            diagnostic.help = Some(format!("write `{name}((item) => …)`"));
            return None;
        };
        self.callback(argument, name, params, context, calls)
    }

    fn sorted(&mut self, receiver: Checked, called: Called<'a>, item: &Type) -> Checked {
        let source = receiver.source;
        let mut args = Vec::new();
        if !called.call.arguments.is_empty() {
            let params = [(item.clone(), source), (item.clone(), source)];
            let Some(callback) = self.one_callback(called, "toSorted", &params, None, false) else {
                return broken(called.span);
            };
            self.result_must_be(
                &callback,
                &Type::Number,
                "the callback of `toSorted`",
                Some("compare numbers with `a.price - b.price`, texts with `a.title < b.title ? -1 : 1`"),
            );
            args.push(Argument::Lambda(callback.lambda));
        }
        let kind = ExprKind::Method { method: Method::ToSorted, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, list_of(item.clone()), called.span).from(source)
    }

    pub(super) fn result_must_be(
        &mut self,
        callback: &Callback,
        wanted: &Type,
        what: &str,
        help: Option<&str>,
    ) {
        if self.fits(&callback.result, wanted) {
            return;
        }
        let (shown, result) = (shown_type(wanted), shown_type(&callback.result));
        let message = format!("{what} gives `{shown}`");
        let diagnostic =
            self.error(codes::WRONG_TYPE, message, callback.span, format!("this gives `{result}`"));
        diagnostic.help = help.map(str::to_owned);
    }

    /// `reduce(f)`, `reduce(f, initial)`: the result is of the elements' type if all fits it, else of the type
    /// of the initial value.
    fn reduce(
        &mut self,
        receiver: Checked,
        called: Called<'a>,
        name: &'static str,
        method: Method,
        item: &Type,
    ) -> Checked {
        let source = receiver.source;
        let [first, rest @ ..] = called.call.arguments.as_slice() else {
            let message = format!("`{name}` takes a function and an initial value");
            let diagnostic = self.error(codes::ARGUMENT_COUNT, message, called.span, "nothing is passed");
            diagnostic.help = Some(format!("write `{name}((sum, item) => sum + item.price, 0)`"));
            return broken(called.span);
        };
        for extra in rest.iter().skip(1) {
            self.too_many(extra, &format!("`{name}`"), 2);
        }
        let initial = match rest.first().map(|argument| (argument, argument.as_expression())) {
            Some((_, Some(ast))) => Some(self.expr(ast, Want::Any)),
            Some((argument, None)) => {
                let at = self.span(argument);
                self.refused(at, "`...` in a call", "pass the initial value");
                return broken(called.span);
            }
            None => {
                let diagnostic = self.error(
                    codes::ARGUMENT_COUNT,
                    format!("`{name}` without an initial value fails on an empty list"),
                    called.span,
                    "what if the list is empty?",
                );
                diagnostic.help = Some(format!("write `{name}((sum, item) => …, 0)`"));
                None
            }
        };
        let start = initial.as_ref().map(|initial| {
            let widened = Self::widen_literals(&initial.expr.ty, &initial.fresh);
            self.settled(&widened)
        });
        let with = |sum: &Type| [(sum.clone(), source), (item.clone(), source), (Type::Number, None)];
        // As TypeScript's overloads: the type of the elements first.
        let mut callback = None;
        let mut ty = item.clone();
        if start.as_ref().is_none_or(|start| self.fits(start, item)) {
            let mark = self.snapshot();
            let tried = self.callback(first, name, &with(item), None, false);
            match tried {
                Some(tried) if self.found.len() == mark.0 && self.fits(&tried.result, item) => {
                    callback = Some(tried);
                }
                _ => self.restore(mark),
            }
        }
        if callback.is_none() {
            ty = start.unwrap_or_else(|| item.clone());
            let Some(done) = self.callback(first, name, &with(&ty), Some(&ty), false) else {
                return broken(called.span);
            };
            let shown = shown_type(&ty);
            let what = format!("the callback of `{name}`, which starts with `{shown}`,");
            let empty = matches!(&ty, Type::Array(of) if matches!(**of, Type::Never));
            let help = if empty {
                "the list it starts with has no type: name it before, `const none: string[] = [];`"
            } else {
                "the callback gives the next sum, of the type of the initial value"
            };
            self.result_must_be(&done, &ty, &what, Some(help));
            callback = Some(done);
        }
        let Some(callback) = callback else { return broken(called.span) };
        let mut args = vec![Argument::Lambda(callback.lambda)];
        args.extend(initial.map(|initial| Argument::Value(initial.expr)));
        let kind = ExprKind::Method { method, receiver: Box::new(receiver.expr), args };
        Checked::new(kind, ty, called.span)
    }

    /// What to go back to when a try of an overload fails.
    fn snapshot(&self) -> (usize, usize, usize, usize) {
        (self.found.len(), self.frame.locals.len(), self.frame.names.len(), self.frame.facts.len())
    }

    fn restore(&mut self, mark: (usize, usize, usize, usize)) {
        self.found.truncate(mark.0);
        self.frame.locals.truncate(mark.1);
        self.frame.names.truncate(mark.2);
        self.frame.facts.truncate(mark.3);
    }

    /// An expression where an iterator will do: `[...list.entries()]`, `Array.from(list.keys())`.
    pub(super) fn iterable(&mut self, ast: &'a Expression<'a>, want: Want<'_>) -> Checked {
        self.iterated = Some(self.span(ast));
        self.expr(ast, want)
    }
}
