//! Operators, and the branches that conditions open.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::{Literal, Type};
use oxc_ast::ast::{
    BinaryExpression, BinaryOperator, ConditionalExpression, Expression, LogicalExpression, LogicalOperator,
    UnaryExpression, UnaryOperator,
};

use super::expression::broken;
use super::frame::Checked;
use super::report::shown_type;
use super::widen::Want;
use super::widen::union_of;
use super::{Checker, is_poison, poison};
use crate::model::{BinaryOp, Constant, ExprKind, UnaryOp};

/// What an operand is, as far as operators care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    Number,
    Text,
    Boolean,
    Nothing,
    Other,
    Silent,
}

impl<'a> Checker<'a> {
    pub(super) fn unary(&mut self, unary: &'a UnaryExpression<'a>, span: Span, want: Want<'_>) -> Checked {
        let op = match unary.operator {
            UnaryOperator::LogicalNot => UnaryOp::Not,
            UnaryOperator::UnaryNegation => UnaryOp::Negate,
            UnaryOperator::UnaryPlus => UnaryOp::ToNumber,
            UnaryOperator::Typeof => UnaryOp::TypeOf,
            UnaryOperator::BitwiseNot => UnaryOp::BitNot,
            UnaryOperator::Void => {
                return self.refused(span, "`void`", "write `undefined`");
            }
            UnaryOperator::Delete => {
                return self.refused(
                    span,
                    "`delete`",
                    "take the others: `const { field, ...rest } = object;`",
                );
            }
        };
        // `-1` is a literal, `-(1)` is not.
        if let (UnaryOp::Negate, Expression::NumericLiteral(number)) = (op, &unary.argument)
            && !self.text(span).contains('(')
        {
            let literal = Literal::Number(-number.value);
            let fresh = if matches!(want, Want::Const) { Vec::new() } else { vec![literal.clone()] };
            let kind = ExprKind::Constant(Constant::Number(-number.value));
            return Checked { fresh, ..Checked::new(kind, Type::Literal(literal), span) };
        }
        let value = self.expr(&unary.argument, Want::Any);
        let ty = match op {
            UnaryOp::Not => self.negated(&value.expr.ty),
            UnaryOp::TypeOf => Type::union(
                ["string", "number", "bigint", "boolean", "symbol", "undefined", "object", "function"]
                    .map(Type::string),
            ),
            UnaryOp::ToNumber if self.operand(&value.expr.ty) == Operand::Text => Type::Number,
            UnaryOp::Negate | UnaryOp::ToNumber | UnaryOp::BitNot => {
                self.number_operand(&value, unary.operator.as_str());
                Type::Number
            }
        };
        // `!list` is `false`, and `boolean` where the value can vary.
        let fresh = match &ty {
            Type::Literal(literal) => vec![literal.clone()],
            _ => Vec::new(),
        };
        Checked { fresh, ..Checked::new(ExprKind::Unary(op, Box::new(value.expr)), ty, span) }
    }

    fn negated(&self, ty: &Type) -> Type {
        if is_poison(ty) {
            return Type::Boolean;
        }
        match (self.truthy(ty), self.falsy(ty)) {
            (Type::Never, Type::Never) => Type::Boolean,
            (Type::Never, _) => Type::Literal(Literal::Boolean(true)),
            (_, Type::Never) => Type::Literal(Literal::Boolean(false)),
            _ => Type::Boolean,
        }
    }

    pub(super) fn binary(&mut self, binary: &'a BinaryExpression<'a>, span: Span) -> Checked {
        let Some(op) = self.binary_op(binary, span) else {
            self.expr(&binary.left, Want::Any);
            self.expr(&binary.right, Want::Any);
            return broken(span);
        };
        let left = self.expr(&binary.left, Want::Any);
        let right = self.expr(&binary.right, Want::Any);
        let sign = binary.operator.as_str();
        let ty = match op {
            BinaryOp::Add => self.sum(&left, &right),
            BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder
            | BinaryOp::Power
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight
            | BinaryOp::ShiftRightUnsigned => {
                self.number_operand(&left, sign);
                self.number_operand(&right, sign);
                Type::Number
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                self.ordered(&left, &right, span, sign);
                Type::Boolean
            }
            BinaryOp::Equal | BinaryOp::NotEqual => {
                self.comparable(&left, &right, span, sign);
                Type::Boolean
            }
            BinaryOp::LooseEqual | BinaryOp::LooseNotEqual => Type::Boolean,
            BinaryOp::In => {
                self.look_in(&left, &right);
                Type::Boolean
            }
        };
        Checked::new(ExprKind::Binary(op, Box::new(left.expr), Box::new(right.expr)), ty, span)
    }

    fn binary_op(&mut self, binary: &'a BinaryExpression<'a>, span: Span) -> Option<BinaryOp> {
        Some(match binary.operator {
            BinaryOperator::Addition => BinaryOp::Add,
            BinaryOperator::Subtraction => BinaryOp::Subtract,
            BinaryOperator::Multiplication => BinaryOp::Multiply,
            BinaryOperator::Division => BinaryOp::Divide,
            BinaryOperator::Remainder => BinaryOp::Remainder,
            BinaryOperator::Exponential => BinaryOp::Power,
            BinaryOperator::StrictEquality => BinaryOp::Equal,
            BinaryOperator::StrictInequality => BinaryOp::NotEqual,
            BinaryOperator::LessThan => BinaryOp::Less,
            BinaryOperator::LessEqualThan => BinaryOp::LessEqual,
            BinaryOperator::GreaterThan => BinaryOp::Greater,
            BinaryOperator::GreaterEqualThan => BinaryOp::GreaterEqual,
            BinaryOperator::In => BinaryOp::In,
            BinaryOperator::BitwiseAnd => BinaryOp::BitAnd,
            BinaryOperator::BitwiseOR => BinaryOp::BitOr,
            BinaryOperator::BitwiseXOR => BinaryOp::BitXor,
            BinaryOperator::ShiftLeft => BinaryOp::ShiftLeft,
            BinaryOperator::ShiftRight => BinaryOp::ShiftRight,
            BinaryOperator::ShiftRightZeroFill => BinaryOp::ShiftRightUnsigned,
            BinaryOperator::Equality | BinaryOperator::Inequality => {
                let nothing = |side: &Expression| {
                    matches!(side, Expression::NullLiteral(_))
                        || matches!(side, Expression::Identifier(name) if name.name == "undefined")
                };
                if nothing(&binary.left) || nothing(&binary.right) {
                    return Some(if binary.operator == BinaryOperator::Equality {
                        BinaryOp::LooseEqual
                    } else {
                        BinaryOp::LooseNotEqual
                    });
                }
                let sign = binary.operator.as_str();
                let strict = format!("{sign}=");
                let diagnostic = self.error(
                    language::LOOSE_EQUALITY,
                    format!("`{sign}` converts before it compares"),
                    span,
                    format!("write `{strict}`"),
                );
                diagnostic.help =
                    Some(format!("`{sign}` is for `null` alone, where it means null or undefined"));
                return Some(if strict == "===" { BinaryOp::Equal } else { BinaryOp::NotEqual });
            }
            BinaryOperator::Instanceof => {
                self.refused(
                    span,
                    "`instanceof`",
                    "there are no classes; use `typeof`, `in` or a field that tells",
                );
                return None;
            }
        })
    }

    fn operand(&self, ty: &Type) -> Operand {
        let mut found = None;
        for member in self.expanded(ty) {
            let kind = match &member {
                _ if is_poison(&member) => return Operand::Silent,
                Type::Number | Type::Literal(Literal::Number(_)) => Operand::Number,
                Type::String | Type::Literal(Literal::String(_)) => Operand::Text,
                Type::Boolean | Type::Literal(Literal::Boolean(_)) => Operand::Boolean,
                Type::Null | Type::Undefined => Operand::Nothing,
                _ => Operand::Other,
            };
            match found {
                None => found = Some(kind),
                Some(known) if known == kind => {}
                Some(_) => return Operand::Other,
            }
        }
        found.unwrap_or(Operand::Silent)
    }

    pub(super) fn number_operand(&mut self, value: &Checked, sign: &str) {
        let ty = &value.expr.ty;
        if matches!(self.operand(ty), Operand::Number | Operand::Silent) {
            return;
        }
        if self.missing_operand(value, sign, "0", Operand::Number) {
            return;
        }
        let shown = shown_type(ty);
        let message = format!("`{sign}` takes numbers, and this is `{shown}`");
        let text = self.operand(ty) == Operand::Text;
        let diagnostic = self.error(codes::OPERAND, message, value.expr.span, format!("this is `{shown}`"));
        if text {
            diagnostic.help = Some("convert it: `Number(…)`".to_owned());
        }
    }

    /// Reports an operand that would be right if it were not missing.
    fn missing_operand(&mut self, value: &Checked, sign: &str, instead: &str, wanted: Operand) -> bool {
        let ty = value.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        let present = self.operand(&self.without_nullish(&ty));
        if !(null || undefined) || !(present == wanted || present == Operand::Silent) {
            return false;
        }
        let text = self.text(value.expr.span).to_owned();
        let text = super::report::short(&text);
        let help = format!("say what `{sign}` takes then: `({text} ?? {instead})`");
        self.maybe_missing(text, &ty, value.expr.span, value.source, help);
        true
    }

    fn sum(&mut self, left: &Checked, right: &Checked) -> Type {
        let kinds = (self.operand(&left.expr.ty), self.operand(&right.expr.ty));
        match kinds {
            (Operand::Silent, other) | (other, Operand::Silent) => {
                if other == Operand::Text {
                    Type::String
                } else {
                    poison()
                }
            }
            (Operand::Number, Operand::Number) => Type::Number,
            (Operand::Text, _) | (_, Operand::Text) => {
                self.printable(left, "`+`");
                self.printable(right, "`+`");
                Type::String
            }
            _ => {
                for side in [left, right] {
                    let kind = self.operand(&side.expr.ty);
                    if !matches!(kind, Operand::Number | Operand::Silent) {
                        let text = self.operand(&self.without_nullish(&side.expr.ty)) == Operand::Text;
                        let (instead, wanted) =
                            if text { ("\"\"", Operand::Text) } else { ("0", Operand::Number) };
                        if !self.missing_operand(side, "+", instead, wanted) {
                            let shown = shown_type(&side.expr.ty);
                            let message = format!("`+` takes numbers or text, and this is `{shown}`");
                            let diagnostic = self.error(
                                codes::OPERAND,
                                message,
                                side.expr.span,
                                format!("this is `{shown}`"),
                            );
                            diagnostic.help = Some("to print it, use a template: `${value}`".to_owned());
                        }
                    }
                }
                poison()
            }
        }
    }

    fn ordered(&mut self, left: &Checked, right: &Checked, span: Span, sign: &str) {
        let kinds = (self.operand(&left.expr.ty), self.operand(&right.expr.ty));
        match kinds {
            (Operand::Silent, _) | (_, Operand::Silent) => {}
            (Operand::Number, Operand::Number) | (Operand::Text, Operand::Text) => {}
            _ => {
                let mut told = false;
                for (side, other) in [(left, kinds.1), (right, kinds.0)] {
                    let instead = if other == Operand::Text { "\"\"" } else { "0" };
                    let kind = self.operand(&self.without_nullish(&side.expr.ty));
                    if matches!(kind, Operand::Number | Operand::Text) {
                        told |= self.missing_operand(side, sign, instead, kind);
                    }
                }
                if !told {
                    let (a, b) = (shown_type(&left.expr.ty), shown_type(&right.expr.ty));
                    let message = format!("`{sign}` compares two numbers or two texts");
                    self.error(codes::OPERAND, message, span, format!("this compares `{a}` with `{b}`"));
                }
            }
        }
    }

    fn comparable(&mut self, left: &Checked, right: &Checked, span: Span, sign: &str) {
        let (a, b) = (&left.expr.ty, &right.expr.ty);
        let nothing = |ty: &Type| matches!(ty, Type::Null | Type::Undefined | Type::Never);
        if nothing(a) || nothing(b) || self.overlap(a, b) {
            return;
        }
        let always = if sign == "===" { "false" } else { "true" };
        let (shown_a, shown_b) = (shown_type(a), shown_type(b));
        let near = self.near_literal(b, a);
        let message = format!("this comparison is always {always}");
        let diagnostic =
            self.error(codes::NO_OVERLAP, message, span, format!("`{shown_a}` is never `{shown_b}`"));
        diagnostic.help = near.map(|near| format!("did you mean `\"{near}\"`?"));
    }

    fn look_in(&mut self, left: &Checked, right: &Checked) {
        let ty = right.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if null || undefined {
            let text = self.text(right.expr.span).to_owned();
            let help = "check it before: `x !== null && \"key\" in x`".to_owned();
            self.maybe_missing(&text, &ty, right.expr.span, right.source, help);
            return;
        }
        let fits = self
            .expanded(&ty)
            .iter()
            .all(|member| is_poison(member) || matches!(self.types.resolve(member), Type::Object(_)));
        if !fits {
            let shown = shown_type(&ty);
            let message = format!("`in` looks in an object, and this is `{shown}`");
            let diagnostic = self.error(codes::NOT_AN_OBJECT, message, right.expr.span, "not an object");
            diagnostic.help = Some("for lists: `list.includes(value)`".to_owned());
        }
        if matches!(self.operand(&left.expr.ty), Operand::Text | Operand::Number | Operand::Silent) {
            return;
        }
        self.error(codes::WRONG_TYPE, "`in` looks for a key, which is text", left.expr.span, "not text");
    }

    pub(super) fn conditional(
        &mut self,
        conditional: &'a ConditionalExpression<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let test = self.expr(&conditional.test, Want::Any);
        let mark = self.frame.facts.len();
        self.assume(&conditional.test, true);
        let then = self.expr(&conditional.consequent, want);
        self.frame.facts.truncate(mark);
        self.assume(&conditional.test, false);
        let otherwise = self.expr(&conditional.alternate, want);
        self.frame.facts.truncate(mark);
        let ty = self.best([then.expr.ty.clone(), otherwise.expr.ty.clone()]);
        let fresh =
            Self::fresh_of([(&then.expr.ty, then.fresh.as_slice()), (&otherwise.expr.ty, &otherwise.fresh)]);
        let source = then.source.or(otherwise.source);
        let kind = ExprKind::If {
            condition: Box::new(test.expr),
            then: Box::new(then.expr),
            otherwise: Box::new(otherwise.expr),
        };
        Checked { fresh, source, ..Checked::new(kind, ty, span) }
    }

    pub(super) fn logical(
        &mut self,
        logical: &'a LogicalExpression<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let left_want = if logical.operator == LogicalOperator::And { Want::Any } else { want };
        let left = self.expr(&logical.left, left_want);
        let mark = self.frame.facts.len();
        match logical.operator {
            LogicalOperator::And => self.assume(&logical.left, true),
            // Of the right side of `??` TypeScript knows as much as of that of `||`.
            LogicalOperator::Or | LogicalOperator::Coalesce => self.assume(&logical.left, false),
        }
        let left_ty = &left.expr.ty;
        let remains = match logical.operator {
            LogicalOperator::And => self.definitely_falsy(left_ty),
            LogicalOperator::Or => self.truthy(left_ty),
            LogicalOperator::Coalesce => self.without_nullish(left_ty),
        };
        // The right side is wanted as what the left gives (`list ?? []`), unless more is known.
        let right_want = match want {
            Want::Any if !matches!(remains, Type::Never) && logical.operator != LogicalOperator::And => {
                Want::Type(&remains)
            }
            other => other,
        };
        let right = self.expr(&logical.right, right_want);
        self.frame.facts.truncate(mark);
        let right_ty = &right.expr.ty;
        let fresh = Self::fresh_of([(&remains, left.fresh.as_slice()), (right_ty, &right.fresh)]);
        let (left_box, right_box) = (Box::new(left.expr.clone()), Box::new(right.expr.clone()));
        let (kind, ty) = match logical.operator {
            LogicalOperator::And => {
                let ty = if matches!(self.truthy(left_ty), Type::Never) && !is_poison(left_ty) {
                    left_ty.clone()
                } else {
                    union_of([remains, right_ty.clone()])
                };
                (ExprKind::And(left_box, right_box), ty)
            }
            LogicalOperator::Or => {
                let ty = if matches!(self.falsy(left_ty), Type::Never) {
                    left_ty.clone()
                } else {
                    self.best([remains, right_ty.clone()])
                };
                (ExprKind::Or(left_box, right_box), ty)
            }
            LogicalOperator::Coalesce => {
                let (null, undefined) = self.nullish(left_ty);
                let ty = if null || undefined || is_poison(left_ty) || matches!(left_ty, Type::Unknown) {
                    self.best([remains, right_ty.clone()])
                } else {
                    left_ty.clone()
                };
                (ExprKind::Coalesce(left_box, right_box), ty)
            }
        };
        // `product.subtitle ?? null` is still the subtitle.
        let stands_in = logical.operator == LogicalOperator::Coalesce
            && matches!(right.expr.ty, Type::Null | Type::Undefined);
        let note = left.note.filter(|_| stands_in).map(|note| Arc::new(note.without_life()));
        Checked { fresh, source: left.source.or(right.source), note, ..Checked::new(kind, ty, span) }
    }
}
