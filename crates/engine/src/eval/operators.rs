//! Unary and binary operators (ECMA-262 §13.5 to §13.12).

use std::cmp::Ordering;

use frontdesk_lang::model::{BinaryOp, UnaryOp};

use super::{Evaluated, Evaluator, Interrupt};
use crate::value::{Kind, Value};
use crate::{convert, number, text};

impl<'a> Evaluator<'a> {
    pub(crate) fn unary(&mut self, op: UnaryOp, operand: Value<'a>) -> Value<'a> {
        match op {
            UnaryOp::Not => Value::Bool(!operand.truthy()),
            UnaryOp::Negate => Value::Number(-self.number(operand)),
            UnaryOp::ToNumber => Value::Number(self.number(operand)),
            UnaryOp::TypeOf => Value::Plain(match operand.kind() {
                Kind::Undefined => "undefined",
                Kind::Boolean => "boolean",
                Kind::Number => "number",
                Kind::String => "string",
                Kind::Null | Kind::Array | Kind::Object => "object",
            }),
            UnaryOp::BitNot => Value::Number(f64::from(!number::to_int32(self.number(operand)))),
        }
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, left: Value<'a>, right: Value<'a>) -> Evaluated<'a> {
        let number = |value: Value<'a>| convert::to_number(value, self.arena);
        let int32 = |value: Value<'a>| number::to_int32(number(value));
        // Shifts take the low five bits of the right side.
        let shift = |value: Value<'a>| number::to_uint32(number(value)) & 31;
        let result = match op {
            BinaryOp::Add => return self.add(left, right),
            BinaryOp::Equal => Value::Bool(left.strict_equal(right)),
            BinaryOp::NotEqual => Value::Bool(!left.strict_equal(right)),
            BinaryOp::LooseEqual => Value::Bool(loose_equal(left, right)),
            BinaryOp::LooseNotEqual => Value::Bool(!loose_equal(left, right)),
            BinaryOp::Less => Value::Bool(self.order(left, right)? == Some(Ordering::Less)),
            BinaryOp::Greater => Value::Bool(self.order(left, right)? == Some(Ordering::Greater)),
            BinaryOp::LessEqual => Value::Bool(self.order(left, right)?.is_some_and(Ordering::is_le)),
            BinaryOp::GreaterEqual => Value::Bool(self.order(left, right)?.is_some_and(Ordering::is_ge)),
            BinaryOp::In => Value::Bool(self.has_property(left, right)?),
            BinaryOp::Subtract => Value::Number(number(left) - number(right)),
            BinaryOp::Multiply => Value::Number(number(left) * number(right)),
            BinaryOp::Divide => Value::Number(number(left) / number(right)),
            BinaryOp::Remainder => Value::Number(number(left) % number(right)),
            BinaryOp::Power => Value::Number(number::power(number(left), number(right))),
            BinaryOp::BitAnd => Value::Number(f64::from(int32(left) & int32(right))),
            BinaryOp::BitOr => Value::Number(f64::from(int32(left) | int32(right))),
            BinaryOp::BitXor => Value::Number(f64::from(int32(left) ^ int32(right))),
            BinaryOp::ShiftLeft => Value::Number(f64::from(int32(left) << shift(right))),
            BinaryOp::ShiftRight => Value::Number(f64::from(int32(left) >> shift(right))),
            BinaryOp::ShiftRightUnsigned => {
                Value::Number(f64::from(number::to_uint32(number(left)) >> shift(right)))
            }
        };
        Ok(result)
    }

    fn add(&mut self, left: Value<'a>, right: Value<'a>) -> Evaluated<'a> {
        if let (Value::Number(left), Value::Number(right)) = (left, right) {
            return Ok(Value::Number(left + right));
        }
        let left = convert::to_primitive(left, self.arena);
        let right = convert::to_primitive(right, self.arena);
        if left.kind() != Kind::String && right.kind() != Kind::String {
            return Ok(Value::Number(self.number(left) + self.number(right)));
        }
        let left = self.text(left)?;
        let right = self.text(right)?;
        self.spend_bytes(left.bytes().len() + right.bytes().len())?;
        Ok(text::concat(left, right, self.arena).value())
    }

    /// Strings compare by UTF-16 units, everything else as numbers; `None` if a side is `NaN`.
    fn order(&mut self, left: Value<'a>, right: Value<'a>) -> Result<Option<Ordering>, Interrupt<'a>> {
        if let (Value::Number(left), Value::Number(right)) = (left, right) {
            return Ok(left.partial_cmp(&right));
        }
        let left = convert::to_primitive(left, self.arena);
        let right = convert::to_primitive(right, self.arena);
        if left.kind() == Kind::String && right.kind() == Kind::String {
            let (left, right) = (self.text(left)?, self.text(right)?);
            return Ok(Some(text::compare(left.bytes(), right.bytes())));
        }
        Ok(self.number(left).partial_cmp(&self.number(right)))
    }
}

/// `==`, of which the language lets through only comparisons with null.
fn loose_equal(left: Value<'_>, right: Value<'_>) -> bool {
    (left.is_nullish() && right.is_nullish()) || left.strict_equal(right)
}
