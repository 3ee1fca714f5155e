//! Every expression of a tree, outermost first.

use super::{Argument, Element, Expr, ExprKind, Member, TemplatePart};

impl Expr {
    /// Calls `visit` with this expression and everything in it.
    pub(crate) fn visit_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        visit(self);
        match &mut self.kind {
            ExprKind::Constant(_) | ExprKind::Local(_) | ExprKind::ClientSince(_) => {}
            ExprKind::Block { lets, result } => {
                for one in lets {
                    one.value.visit_mut(visit);
                }
                result.visit_mut(visit);
            }
            ExprKind::If { condition, then, otherwise } => {
                condition.visit_mut(visit);
                then.visit_mut(visit);
                otherwise.visit_mut(visit);
            }
            ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Coalesce(left, right)
            | ExprKind::Binary(_, left, right)
            | ExprKind::Index { object: left, key: right }
            | ExprKind::IfPresent { value: left, then: right, .. } => {
                left.visit_mut(visit);
                right.visit_mut(visit);
            }
            ExprKind::Get { object, .. } => object.visit_mut(visit),
            ExprKind::Unary(_, value) => value.visit_mut(visit),
            ExprKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Value(value) = part {
                        value.visit_mut(visit);
                    }
                }
            }
            ExprKind::Object(members) => {
                for member in members {
                    match member {
                        Member::Property { value, .. } | Member::Spread(value) => value.visit_mut(visit),
                        Member::Computed { key, value } => {
                            key.visit_mut(visit);
                            value.visit_mut(visit);
                        }
                    }
                }
            }
            ExprKind::Array(elements) => {
                for Element::Item(value) | Element::Spread(value) in elements {
                    value.visit_mut(visit);
                }
            }
            ExprKind::Method { receiver, args, .. } => {
                receiver.visit_mut(visit);
                for arg in args {
                    arg.visit_mut(visit);
                }
            }
            ExprKind::Builtin { args, .. } => {
                for arg in args {
                    arg.visit_mut(visit);
                }
            }
            ExprKind::Apply { args, .. } => {
                for arg in args {
                    arg.visit_mut(visit);
                }
            }
            ExprKind::Call(call) => {
                call.args.visit_mut(visit);
                if let Some(value) = call.options.on_failure.value_mut() {
                    value.visit_mut(visit);
                }
                let cache = call.options.cache.as_mut();
                if let Some(tags) = cache.and_then(|cache| cache.tags.as_mut()) {
                    tags.visit_mut(visit);
                }
            }
            ExprKind::Throw { detail, .. } => {
                if let Some(detail) = detail {
                    detail.visit_mut(visit);
                }
            }
        }
    }
}

impl Argument {
    fn visit_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::Value(value) => value.visit_mut(visit),
            Self::Lambda(lambda) => lambda.body.visit_mut(visit),
        }
    }
}
