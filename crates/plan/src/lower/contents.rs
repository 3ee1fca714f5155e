//! What is in an expression that must be taken out of it: calls, and problems that are thrown.

use frontdesk_lang::model::{Argument, Element, Expr, ExprKind, Member, TemplatePart};

use super::inline::{DEEPEST, Inliner};

/// What an expression has in it that must be taken out.
#[derive(Clone, Copy, Default)]
pub(super) struct Contents {
    pub calls: bool,
    pub throws: bool,
}

impl<'a> Inliner<'a> {
    /// Whether steps will be made from parts of the expression.
    pub(super) fn taken_out(&mut self, expr: &'a Expr) -> bool {
        let contents = self.contents(expr);
        contents.calls || (contents.throws && self.callbacks == 0)
    }

    pub(super) fn callbacks_of(&mut self, args: &'a [Argument]) -> Contents {
        let mut all = Contents::default();
        for arg in args {
            if let Argument::Lambda(lambda) = arg {
                let one = self.contents(&lambda.body);
                all.calls |= one.calls;
                all.throws |= one.throws;
            }
        }
        all
    }

    pub(super) fn always_throws(&self, expr: &Expr, depth: usize) -> bool {
        match &expr.kind {
            ExprKind::Throw { .. } => true,
            ExprKind::Block { result, .. } => self.always_throws(result, depth),
            ExprKind::If { then, otherwise, .. } => {
                self.always_throws(then, depth) && self.always_throws(otherwise, depth)
            }
            ExprKind::Apply { function, .. } if depth < DEEPEST => self
                .model
                .functions
                .get(function.0 as usize)
                .is_some_and(|function| self.always_throws(&function.lambda.body, depth + 1)),
            _ => false,
        }
    }

    pub(super) fn contents(&mut self, expr: &'a Expr) -> Contents {
        let key = std::ptr::from_ref(expr).addr();
        if let Some(known) = self.contents.get(&key) {
            return *known;
        }
        // Helpers cannot recurse; if one did, this ends the search.
        self.contents.insert(key, Contents::default());
        let mut all = Contents::default();
        let mut add = |part: Contents| {
            all.calls |= part.calls;
            all.throws |= part.throws;
        };
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Local(_) | ExprKind::ClientSince(_) => {}
            ExprKind::Block { lets, result } => {
                for binding in lets {
                    add(self.contents(&binding.value));
                }
                add(self.contents(result));
            }
            ExprKind::If { condition, then, otherwise } => {
                for part in [condition, then, otherwise] {
                    add(self.contents(part));
                }
            }
            ExprKind::And(a, b)
            | ExprKind::Or(a, b)
            | ExprKind::Coalesce(a, b)
            | ExprKind::Binary(_, a, b) => {
                add(self.contents(a));
                add(self.contents(b));
            }
            ExprKind::IfPresent { value, then, .. } => {
                add(self.contents(value));
                add(self.contents(then));
            }
            ExprKind::Get { object, .. } => add(self.contents(object)),
            ExprKind::Index { object, key } => {
                add(self.contents(object));
                add(self.contents(key));
            }
            ExprKind::Unary(_, value) => add(self.contents(value)),
            ExprKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Value(value) = part {
                        add(self.contents(value));
                    }
                }
            }
            ExprKind::Object(members) => {
                for member in members {
                    match member {
                        Member::Property { value, .. } | Member::Spread(value) => add(self.contents(value)),
                        Member::Computed { key, value } => {
                            add(self.contents(key));
                            add(self.contents(value));
                        }
                    }
                }
            }
            ExprKind::Array(elements) => {
                for Element::Item(value) | Element::Spread(value) in elements {
                    add(self.contents(value));
                }
            }
            ExprKind::Method { receiver, args, .. } => {
                add(self.contents(receiver));
                for arg in args {
                    add(self.argument_contents(arg));
                }
            }
            ExprKind::Builtin { args, .. } => args.iter().for_each(|arg| add(self.argument_contents(arg))),
            ExprKind::Apply { function, args } => {
                for arg in args {
                    add(self.contents(arg));
                }
                let model = self.model;
                if let Some(callee) = model.functions.get(function.0 as usize) {
                    add(self.contents(&callee.lambda.body));
                }
            }
            ExprKind::Call(_) => add(Contents { calls: true, throws: false }),
            ExprKind::Throw { .. } => add(Contents { calls: false, throws: true }),
        }
        self.contents.insert(key, all);
        all
    }

    fn argument_contents(&mut self, arg: &'a Argument) -> Contents {
        match arg {
            Argument::Value(value) => self.contents(value),
            Argument::Lambda(lambda) => self.contents(&lambda.body),
        }
    }
}
