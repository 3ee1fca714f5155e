//! Which receiver a method meets. Types settle it, and it stays checked because unions may mix receivers.

use frontdesk_lang::model::Method;
use frontdesk_plan::Run;

use super::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::number;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    pub(crate) fn method(&mut self, method: Method, receiver: Value<'a>, args: Run) -> Evaluated<'a> {
        match self.settle(receiver)? {
            Value::Array(items) => self.array_method(method, items, args),
            text @ (Value::Plain(_) | Value::Escaped(_) | Value::Text(_)) => {
                self.string_method(method, text, args)
            }
            value @ (Value::Number(_) | Value::Digits(_)) => self.number_method(method, value, args),
            Value::Undefined | Value::Null => Err(Misuse::PropertyOfNothing.into()),
            value @ Value::Bool(_) if method == Method::ToString => Ok(self.text(value)?.value()),
            value @ Value::Object(_) if method == Method::ToString => Ok(self.text(value)?.value()),
            value if method == Method::Length => self.get_index(value, Value::Plain("length")),
            _ => Err(Misuse::NoSuchMethod.into()),
        }
    }

    fn number_method(&mut self, method: Method, value: Value<'a>, args: Run) -> Evaluated<'a> {
        match method {
            Method::ToFixed => {
                let digits = self.integer_arg(args, 0)?;
                if !(0.0..=100.0).contains(&digits) {
                    return Err(Misuse::OutOfRange.into());
                }
                Ok(Value::Plain(number::to_fixed(self.number(value), digits as u8, self.arena)))
            }
            Method::ToString => {
                let radix = match self.arg(args, 0)? {
                    Value::Undefined => 10.0,
                    radix => number::to_integer(self.number(radix)),
                };
                if !(2.0..=36.0).contains(&radix) {
                    return Err(Misuse::OutOfRange.into());
                }
                Ok(Value::Plain(number::to_radix(self.number(value), radix as u32, self.arena)))
            }
            Method::Length => Ok(Value::Undefined),
            _ => Err(Misuse::NoSuchMethod.into()),
        }
    }

    /// ToIntegerOrInfinity of an argument; zero if it is not there.
    pub(crate) fn integer_arg(&mut self, args: Run, at: usize) -> Result<f64, Interrupt<'a>> {
        let value = self.arg(args, at)?;
        Ok(number::to_integer(self.number(value)))
    }

    /// A position as `slice` takes it, `missing` if the argument is undefined.
    pub(crate) fn position_arg(
        &mut self,
        args: Run,
        at: usize,
        length: usize,
        missing: usize,
    ) -> Result<usize, Interrupt<'a>> {
        Ok(match self.arg(args, at)? {
            Value::Undefined => missing,
            value => number::relative_index(self.number(value), length),
        })
    }

    /// A position as `substring` and `startsWith` take it: negative is zero.
    pub(crate) fn clamped_arg(
        &mut self,
        args: Run,
        at: usize,
        length: usize,
        missing: usize,
    ) -> Result<usize, Interrupt<'a>> {
        Ok(match self.arg(args, at)? {
            Value::Undefined => missing,
            value => number::to_integer(self.number(value)).clamp(0.0, length as f64) as usize,
        })
    }
}
