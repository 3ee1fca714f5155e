//! Functions: an endpoint's, helpers and shapes on demand, callbacks.

use frontdesk_diagnostics::Span;
use frontdesk_types::Type;
use oxc_ast::ast::{Expression, TSType};

use super::*;

impl<'a> Checker<'a> {
    pub(super) fn endpoint_function(
        &mut self,
        scope: ScopeId,
        ast: FunctionAst<'a>,
        _params: &[Type],
        _kind: EndpointKind,
        _problems: &[Problem],
    ) -> CheckedLambda {
        self.enter_scope(scope);
        let expr = crate::model::Expr {
            kind: crate::model::ExprKind::Constant(Constant::Null),
            ty: Type::Null,
            span: span_of(self.frame.file, ast.span()),
        };
        CheckedLambda {
            lambda: Lambda { params: vec![], body: Box::new(expr) },
            result: Type::Null,
            locals: 0,
            problems: vec![],
        }
    }
    pub(super) fn helper(&mut self, _id: FunctionId, _at: Option<Span>) {}
    pub(super) fn constant_of(&mut self, ast: &'a Expression<'a>) -> Option<(Constant, Type)> {
        Some(match ast {
            Expression::StringLiteral(s) => (Constant::String(s.value.as_str().into()), Type::String),
            Expression::NumericLiteral(n) => (Constant::Number(n.value), Type::Number),
            Expression::BooleanLiteral(n) => (Constant::Boolean(n.value), Type::Boolean),
            Expression::NullLiteral(_) => (Constant::Null, Type::Null),
            Expression::ObjectExpression(o) => {
                let mut out = vec![];
                for p in &o.properties {
                    let oxc_ast::ast::ObjectPropertyKind::ObjectProperty(p) = p else { return None };
                    out.push((p.key.static_name()?.as_ref().into(), self.constant_of(&p.value)?.0));
                }
                (Constant::Object(out), Type::Unknown)
            }
            Expression::ArrayExpression(o) => {
                let mut out = vec![];
                for e in &o.elements {
                    out.push(self.constant_of(e.as_expression()?)?.0);
                }
                (Constant::Array(out), Type::Unknown)
            }
            _ => return None,
        })
    }
    pub(super) fn annotated(&mut self, _ast: &'a TSType<'a>) -> Type {
        poison()
    }
    pub(super) fn mismatch(&self, from: &Type, to: &Type) -> Option<()> {
        (!self.types.assignable(from, to)).then_some(())
    }
}
