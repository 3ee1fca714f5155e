//! Methods of arrays. Signatures are those of `lib.es2023.d.ts`; unions of arrays are arrays of unions.

use frontdesk_diagnostics::codes::types as codes;
use frontdesk_types::Type;

use super::call::literal_number;
use super::expression::broken;
use super::frame::Checked;
use super::function::{Callback, counted};
use super::method::Called;
use super::report::shown_type;
use super::statement::in_block;
use super::widen::{Want, list_of, union_of};
use super::{Checker, FunctionAst, Source, is_poison};
use crate::model::{Argument, Expr, ExprKind, Let, Method};

/// Methods of arrays that take a function of an element and its index.
pub(super) const EACH: &[(&str, Method)] = &[
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

/// The others.
pub(super) const LIST: &[(&str, Method)] = &[
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

impl<'a> Checker<'a> {
    pub(super) fn list_method(&mut self, receiver: Checked, called: Called<'a>, want: Want<'_>) -> Checked {
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
        let list = receiver.expr.ty.clone();
        let params = [(item.clone(), source), (Type::Number, None), (list, source)];
        let callback = self.one_callback(called, name, &params, context.as_ref(), calls);
        let Some(mut callback) = callback else { return broken(called.span) };
        // `(item, index, list) => …`: the list is the same for all elements, so it is named once outside.
        let whole = (callback.lambda.params.len() > 2).then(|| callback.lambda.params.pop()).flatten();
        let (receiver, outside) = match whole {
            Some(local) => {
                let (ty, span) = (receiver.expr.ty.clone(), receiver.expr.span);
                let named = Let { local, name: "list".into(), value: receiver.expr };
                (Expr { kind: ExprKind::Local(local), ty, span }, vec![named])
            }
            None => (receiver.expr, Vec::new()),
        };
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
        let kind = ExprKind::Method { method, receiver: Box::new(receiver), args };
        let made = in_block(outside, Expr { kind, ty, span: called.span });
        Checked::new(made.kind, made.ty, called.span).from(source)
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
    /// that is said (`reduce<T>(…)`, `(sum: T, item) => …`), else of that of the initial value.
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
        let forced = called.call.type_arguments.as_ref().and_then(|arguments| arguments.params.first());
        let said = match (forced, FunctionAst::of_argument(first)) {
            (Some(forced), _) => Some(self.annotated(forced)),
            (None, Some(function)) => {
                let sum = function.params().items.first().and_then(|sum| sum.type_annotation.as_ref());
                sum.map(|annotation| self.annotated(&annotation.type_annotation))
            }
            (None, None) => None,
        };
        let with = |sum: &Type| [(sum.clone(), source), (item.clone(), source), (Type::Number, None)];
        // As TypeScript's overloads: the type of the elements first.
        let mut callback = None;
        let mut ty = item.clone();
        if forced.is_none() && start.as_ref().is_none_or(|start| self.fits(start, item)) {
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
            ty = said.clone().or_else(|| start.clone()).unwrap_or_else(|| item.clone());
            if let (Some(said), Some(initial)) = (&said, &initial) {
                self.demand_type(&initial.expr, said, &format!("the initial value of `{name}`"));
            }
            let Some(done) = self.callback(first, name, &with(&ty), Some(&ty), false) else {
                return broken(called.span);
            };
            let shown = shown_type(&ty);
            let what = match &said {
                Some(_) => format!("the callback of `{name}`"),
                None => format!("the callback of `{name}`, which starts with `{shown}`,"),
            };
            let empty = matches!(&ty, Type::Array(of) if matches!(**of, Type::Never));
            let help = if said.is_some() {
                "the callback gives the next sum, of the type that is said"
            } else if empty {
                "the list it starts with has no type: say it, `reduce((sum: string[], item) => …, [])`"
            } else {
                "the callback gives the next sum; if that is wider than the initial value, say its type: \
                 `(sum: string | null, item) => …`"
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
}
