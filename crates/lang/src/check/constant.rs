//! Values that are known before anything runs: literals, and arrays and objects of them.

use std::sync::Arc;

use frontdesk_diagnostics::codes::language;
use oxc_ast::ast::{Expression, TSType};

use super::widen::Want;
use super::{Checker, Known, is_poison};
use crate::model::{Constant, Element, Expr, ExprKind, Member, TemplatePart};

impl<'a> Checker<'a> {
    pub(super) fn constant_of(
        &mut self,
        ast: &'a Expression<'a>,
        annotation: Option<&'a TSType<'a>>,
    ) -> Option<Known> {
        let errors = self.found.len();
        let wanted = annotation.map(|annotation| self.annotated(annotation));
        let checked = match &wanted {
            Some(wanted) => self.expected(ast, wanted, "this constant"),
            None => self.expr(ast, Want::Any),
        };
        if self.found.len() > errors || is_poison(&checked.expr.ty) {
            return None;
        }
        match value(&checked.expr) {
            Ok(value) => {
                let (ty, fresh) = match wanted {
                    Some(wanted) => (wanted, Vec::new()),
                    None => (self.settled(&checked.expr.ty), checked.fresh),
                };
                Some(Known { value, ty, fresh })
            }
            Err(span) => {
                let diagnostic = self.error(
                    language::CONSTANT,
                    "this is read before anything runs",
                    span,
                    "not made of literals",
                );
                diagnostic.help = Some(
                    "write the value itself; what depends on something else belongs into a helper: \
                     `const label = (n: number) => …;`"
                        .to_owned(),
                );
                None
            }
        }
    }
}

/// The constant an expression is; the place of the first part that is none.
fn value(expr: &Expr) -> Result<Constant, frontdesk_diagnostics::Span> {
    Ok(match &expr.kind {
        ExprKind::Constant(constant) => constant.clone(),
        ExprKind::Array(elements) => {
            let mut items = Vec::new();
            for element in elements {
                match element {
                    Element::Item(item) => items.push(value(item)?),
                    Element::Spread(list) => match value(list)? {
                        Constant::Array(list) => items.extend(list),
                        _ => return Err(list.span),
                    },
                }
            }
            Constant::Array(items)
        }
        ExprKind::Object(members) => {
            let mut fields: Vec<(Arc<str>, Constant)> = Vec::new();
            for member in members {
                match member {
                    Member::Property { name, value: inner } => set(&mut fields, name, value(inner)?),
                    Member::Computed { key, value: inner } => match value(key)? {
                        Constant::String(name) => set(&mut fields, &name, value(inner)?),
                        _ => return Err(key.span),
                    },
                    Member::Spread(inner) => match value(inner)? {
                        Constant::Object(others) => {
                            for (name, value) in others {
                                set(&mut fields, &name, value);
                            }
                        }
                        _ => return Err(inner.span),
                    },
                }
            }
            Constant::Object(fields)
        }
        ExprKind::Template(parts) => {
            let mut text = String::new();
            for part in parts {
                match part {
                    TemplatePart::Text(part) => text.push_str(part),
                    TemplatePart::Value(inner) => match value(inner)? {
                        Constant::String(part) => text.push_str(&part),
                        _ => return Err(inner.span),
                    },
                }
            }
            Constant::String(text.into())
        }
        _ => return Err(expr.span),
    })
}

fn set(fields: &mut Vec<(Arc<str>, Constant)>, name: &Arc<str>, value: Constant) {
    match fields.iter_mut().find(|(own, _)| own == name) {
        Some((_, own)) => *own = value,
        None => fields.push((name.clone(), value)),
    }
}
