//! Functions that are not methods: of `Object`, `Array`, `Number`, `Math`, and those of `frontdesk`.

use frontdesk_lang::model::Builtin;
use frontdesk_plan::Run;

use super::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::object::ObjectBuilder;
use crate::text::{self, TextBuilder};
use crate::value::{Key, Value};
use crate::{convert, display, number};

impl<'a> Evaluator<'a> {
    pub(crate) fn builtin(&mut self, builtin: Builtin, args: Run) -> Evaluated<'a> {
        match builtin {
            Builtin::KeyBy => self.key_by(args),
            Builtin::GroupBy => self.group_by(args),
            Builtin::Money => self.with_three(args, display::money),
            Builtin::Number => self.with_three(args, display::number),
            Builtin::DateTime => self.with_three(args, display::date_time),
            Builtin::Plural => self.with_three(args, display::plural),
            Builtin::Image if let Some(parameters) = self.prepared.image_parameters(args) => {
                let url = self.arg(args, 0)?;
                display::image_with(self, url, parameters)
            }
            Builtin::Image => {
                let (url, options) = (self.arg(args, 0)?, self.arg(args, 1)?);
                display::image(self, url, options)
            }
            Builtin::ObjectKeys => self.own(args, |key, _| key),
            Builtin::ObjectValues => self.own(args, |_, value| value),
            Builtin::ObjectEntries => {
                let arena = self.arena;
                self.own(args, |key, value| Value::Array(arena.alloc_slice_copy(&[key, value])))
            }
            Builtin::ObjectFromEntries => self.object_of_entries(args),
            Builtin::ArrayIsArray => Ok(Value::Bool(self.arg(args, 0)?.kind() == crate::value::Kind::Array)),
            Builtin::ArrayFrom => self.array_from(args),
            Builtin::ToNumber if args.len == 0 => Ok(Value::Number(0.0)),
            Builtin::ToStringValue if args.len == 0 => Ok(Value::EMPTY_STRING),
            Builtin::ToStringValue => Ok(self.text_arg(args, 0)?.value()),
            Builtin::ToBoolean => Ok(Value::Bool(self.arg(args, 0)?.truthy())),
            Builtin::NumberIsInteger
            | Builtin::NumberIsFinite
            | Builtin::NumberIsNaN
            | Builtin::NumberIsSafeInteger => {
                let value = self.arg(args, 0)?;
                let is_number = value.kind() == crate::value::Kind::Number;
                Ok(Value::Bool(is_number && number_is(builtin, self.number(value))))
            }
            Builtin::NumberParseFloat => {
                Ok(Value::Number(number::parse_float(self.text_arg(args, 0)?.bytes())))
            }
            Builtin::NumberParseInt => {
                let text = self.text_arg(args, 0)?;
                let radix = self.arg(args, 1)?;
                let radix = number::to_int32(self.number(radix));
                Ok(Value::Number(number::parse_int(text.bytes(), radix)))
            }
            Builtin::MathMin => self.fold_numbers(args, f64::INFINITY, number::min),
            Builtin::MathMax => self.fold_numbers(args, f64::NEG_INFINITY, number::max),
            Builtin::MathPow => {
                let (base, exponent) = (self.arg(args, 0)?, self.arg(args, 1)?);
                Ok(Value::Number(number::power(self.number(base), self.number(exponent))))
            }
            Builtin::ToNumber
            | Builtin::MathAbs
            | Builtin::MathCeil
            | Builtin::MathFloor
            | Builtin::MathRound
            | Builtin::MathTrunc
            | Builtin::MathSign
            | Builtin::MathSqrt => {
                let value = self.arg(args, 0)?;
                Ok(Value::Number(of_one_number(builtin, self.number(value))))
            }
            Builtin::EncodeUriComponent => {
                let text = self.text_arg(args, 0)?;
                self.encode_uri_component(text.bytes())
            }
        }
    }

    fn with_three(
        &mut self,
        args: Run,
        function: fn(&mut Self, Value<'a>, Value<'a>, Value<'a>) -> Evaluated<'a>,
    ) -> Evaluated<'a> {
        let (first, second, third) = (self.arg(args, 0)?, self.arg(args, 1)?, self.arg(args, 2)?);
        function(self, first, second, third)
    }

    fn fold_numbers(&mut self, args: Run, start: f64, fold: fn(f64, f64) -> f64) -> Evaluated<'a> {
        let mut result = start;
        for at in 0..args.len as usize {
            let value = self.arg(args, at)?;
            result = fold(result, self.number(value));
        }
        Ok(Value::Number(result))
    }

    // ---- lists to objects

    fn key_by(&mut self, args: Run) -> Evaluated<'a> {
        let list = self.arg(args, 0)?;
        let items = self.iterated(list)?;
        let function = self.function(args, 1)?;
        self.spend_items(items.len() * 2)?;
        let mut object = ObjectBuilder::new(self.arena, items.len());
        for (at, item) in items.iter().enumerate() {
            let key = self.apply_element(function, items, at)?;
            let key = self.text(key)?.bytes();
            object.put(key, *item);
        }
        Ok(Value::Object(object.finish()))
    }

    fn group_by(&mut self, args: Run) -> Evaluated<'a> {
        let list = self.arg(args, 0)?;
        let items = self.iterated(list)?;
        let function = self.function(args, 1)?;
        self.spend_items(items.len() * 3)?;
        let mut object = ObjectBuilder::new(self.arena, 8);
        let mut groups = bumpalo::collections::Vec::new_in(self.arena);
        for (at, item) in items.iter().enumerate() {
            let key = self.apply_element(function, items, at)?;
            let key = self.text(key)?.bytes();
            let place = object.place(key, Value::Undefined);
            if place == groups.len() {
                groups.push(self.new_list(1));
            }
            groups[place].push(*item);
        }
        for (place, group) in groups.into_iter().enumerate() {
            object.replace(place, Value::Array(group.into_bump_slice()));
        }
        Ok(Value::Object(object.finish()))
    }

    fn object_of_entries(&mut self, args: Run) -> Evaluated<'a> {
        let list = self.arg(args, 0)?;
        let entries = self.iterated(list)?;
        self.spend_items(entries.len())?;
        let mut object = ObjectBuilder::new(self.arena, entries.len());
        for entry in entries {
            let entry = self.settle(*entry)?;
            let (Value::Array(_) | Value::Object(_)) = entry else {
                return Err(Misuse::NotIterable.into());
            };
            let key = self.get_index(entry, Value::Number(0.0))?;
            let value = self.get_index(entry, Value::Number(1.0))?;
            object.put(self.text(key)?.bytes(), value);
        }
        Ok(Value::Object(object.finish()))
    }

    /// A list with one value for each own property of the argument.
    fn own(&mut self, args: Run, make: impl Fn(Value<'a>, Value<'a>) -> Value<'a>) -> Evaluated<'a> {
        let value = self.arg(args, 0)?;
        let items = match self.settle(value)? {
            Value::Undefined | Value::Null => return Err(Misuse::PropertyOfNothing.into()),
            Value::Object(object) => {
                let mut out = self.new_list(4);
                for (key, value) in object.entries(self.program) {
                    out.push(make(convert::key_value(key, self.program), value));
                }
                self.spend_items(out.len() * 2)?;
                return Ok(self.list(out));
            }
            Value::Array(items) => items,
            text @ (Value::Plain(_) | Value::Escaped(_) | Value::Text(_)) => self.units_of(text)?,
            _ => &[],
        };
        self.spend_items(items.len() * 2)?;
        let mut out = self.new_list(items.len());
        for (at, item) in items.iter().enumerate() {
            let key = Key::Text(number::to_text(at as f64, self.arena).as_bytes());
            out.push(make(convert::key_value(key, self.program), *item));
        }
        Ok(self.list(out))
    }

    fn array_from(&mut self, args: Run) -> Evaluated<'a> {
        let source = self.arg(args, 0)?;
        let items = match self.settle(source)? {
            Value::Undefined | Value::Null => return Err(Misuse::NotIterable.into()),
            Value::Object(_) => self.array_like(source)?,
            Value::Number(_) | Value::Digits(_) | Value::Bool(_) => &[],
            iterable => self.iterated(iterable)?,
        };
        let Some(function) = self.lambda_arg(args, 1) else {
            return self.list_of(items);
        };
        self.spend_items(items.len())?;
        let mut out = self.new_list(items.len());
        for (at, item) in items.iter().enumerate() {
            // Unlike that of `map`, this function does not get the list.
            out.push(self.apply(function, &[*item, Value::Number(at as f64)])?);
        }
        Ok(self.list(out))
    }

    /// The elements of `{ length: n }`.
    fn array_like(&mut self, object: Value<'a>) -> Result<&'a [Value<'a>], Interrupt<'a>> {
        let length = self.get_index(object, Value::Plain("length"))?;
        let length = number::to_integer(self.number(length)).max(0.0);
        self.spend_items(length as usize)?;
        let mut items = self.new_list(length as usize);
        for at in 0..length as usize {
            items.push(self.get_index(object, Value::Number(at as f64))?);
        }
        Ok(items.into_bump_slice())
    }

    fn encode_uri_component(&mut self, bytes: &[u8]) -> Evaluated<'a> {
        let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
        if text::points(bytes).any(|point| (0xD800..0xE000).contains(&point)) {
            return Err(Misuse::LoneSurrogateInUri.into());
        }
        self.spend_bytes(bytes.len() * 3)?;
        let mut out = TextBuilder::new(self.arena, bytes.len() * 3);
        for byte in bytes {
            if kept(*byte) {
                out.push_plain(char::from(*byte).encode_utf8(&mut [0; 4]));
            } else {
                let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
                out.push_plain("%");
                out.push_plain(digit(byte >> 4).encode_utf8(&mut [0; 4]));
                out.push_plain(digit(*byte).encode_utf8(&mut [0; 4]));
            }
        }
        Ok(out.finish().value())
    }
}

fn number_is(builtin: Builtin, value: f64) -> bool {
    let integer = value.is_finite() && value.trunc() == value;
    match builtin {
        Builtin::NumberIsInteger => integer,
        Builtin::NumberIsSafeInteger => integer && value.abs() <= 9_007_199_254_740_991.0,
        Builtin::NumberIsFinite => value.is_finite(),
        _ => value.is_nan(),
    }
}

fn of_one_number(builtin: Builtin, value: f64) -> f64 {
    match builtin {
        Builtin::MathAbs => value.abs(),
        Builtin::MathCeil => value.ceil(),
        Builtin::MathFloor => value.floor(),
        Builtin::MathRound => number::round(value),
        Builtin::MathTrunc => value.trunc(),
        Builtin::MathSign if value == 0.0 || value.is_nan() => value,
        Builtin::MathSign => value.signum(),
        Builtin::MathSqrt => value.sqrt(),
        _ => value,
    }
}
