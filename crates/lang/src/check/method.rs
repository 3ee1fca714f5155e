//! Methods of arrays, strings and numbers: which there are, what they take, what they give.
//!
//! Signatures are those of `lib.es2023.d.ts`.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{Argument as ArgumentAst, CallExpression, Expression};

use super::expression::broken;
use super::frame::Checked;
use super::function::counted;
use super::list::{EACH, LIST};
use super::report::shown_type;
use super::widen::Want;
use super::{Checker, FunctionAst, is_poison};
use crate::model::{Argument, Expr, ExprKind, Method};

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

/// What of a text's or a list's own was probably meant: `lenght`.
pub(super) fn near(ty: &Type, name: &str) -> Option<&'static str> {
    let lists = EACH.iter().chain(LIST).map(|(own, _)| *own);
    let others = TEXT.iter().chain(NUMBER).chain(BOOLEAN).map(|(own, ..)| *own);
    let has_length =
        matches!(ty, Type::Array(_) | Type::Tuple(_) | Type::String | Type::Literal(Literal::String(_)));
    let length = has_length.then_some("length");
    nearest(name, lists.chain(others).filter(|own| exists(ty, own)).chain(length))
}

/// A method that is called: its name as written, and where.
#[derive(Clone, Copy)]
pub(super) struct Called<'a> {
    pub name: &'a str,
    pub name_span: Span,
    pub call: &'a CallExpression<'a>,
    pub span: Span,
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

    pub(super) fn no_method(&mut self, receiver: &Checked, called: Called<'a>) -> Checked {
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

    /// An expression where an iterator will do: `[...list.entries()]`, `Array.from(list.keys())`.
    pub(super) fn iterable(&mut self, ast: &'a Expression<'a>, want: Want<'_>) -> Checked {
        self.iterated = Some(self.span(ast));
        self.expr(ast, want)
    }
}
