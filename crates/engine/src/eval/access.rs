//! Reading properties: `a.name`, `a[key]`, `"key" in a`.

use frontdesk_plan::NameId;

use super::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::convert;
use crate::object::array_index;
use crate::text::Str;
use crate::value::{Object, Value};

impl<'a> Evaluator<'a> {
    #[inline]
    pub(crate) fn get_property(&mut self, object: Value<'a>, name: NameId) -> Evaluated<'a> {
        match object {
            Value::Object(Object::Record(record)) => Ok(record.get(name).unwrap_or(Value::Undefined)),
            other => self.get_other_property(other, name),
        }
    }

    #[inline(never)]
    fn get_other_property(&mut self, value: Value<'a>, name: NameId) -> Evaluated<'a> {
        match self.settle(value)? {
            Value::Undefined | Value::Null => Err(Misuse::PropertyOfNothing.into()),
            Value::Object(object) => Ok(object.get(name, self.program).unwrap_or(Value::Undefined)),
            other => Ok(self.get_by_text(other, self.program.name(name).text.as_bytes())),
        }
    }

    /// `object[key]`
    pub(crate) fn get_index(&mut self, object: Value<'a>, key: Value<'a>) -> Evaluated<'a> {
        match (self.settle(object)?, key) {
            (Value::Undefined | Value::Null, _) => Err(Misuse::PropertyOfNothing.into()),
            (Value::Array(items), Value::Number(index)) => Ok(element(items, index)),
            (Value::Object(object), Value::Plain(key)) => {
                Ok(object.get_key(key.as_bytes(), self.program).unwrap_or(Value::Undefined))
            }
            (object, key) => {
                let key = self.text(key)?.bytes();
                Ok(self.get_by_text(object, key))
            }
        }
    }

    fn get_by_text(&self, object: Value<'a>, key: &[u8]) -> Value<'a> {
        match object {
            Value::Object(object) => object.get_key(key, self.program).unwrap_or(Value::Undefined),
            Value::Array(items) if key == b"length" => Value::Number(items.len() as f64),
            Value::Array(items) => match array_index(key) {
                Some(index) => element(items, f64::from(index)),
                None => Value::Undefined,
            },
            Value::Plain(_) | Value::Escaped(_) | Value::Text(_) => {
                let text = convert::to_text(object, self.arena);
                if key == b"length" {
                    return Value::Number(text.len() as f64);
                }
                match array_index(key) {
                    Some(index) => self.unit_at(text, index as usize).unwrap_or(Value::Undefined),
                    None => Value::Undefined,
                }
            }
            _ => Value::Undefined,
        }
    }

    /// The one-unit string at a position.
    pub(crate) fn unit_at(&self, text: Str<'a>, at: usize) -> Option<Value<'a>> {
        let part = text.slice(at, at.checked_add(1)?, self.arena);
        (!part.is_empty()).then(|| part.value())
    }

    /// `key in object`
    pub(crate) fn has_property(&mut self, key: Value<'a>, object: Value<'a>) -> Result<bool, Interrupt<'a>> {
        let key = self.text(key)?.bytes();
        match self.settle(object)? {
            Value::Object(object) => Ok(object.get_key(key, self.program).is_some()),
            Value::Array(items) => {
                Ok(key == b"length" || array_index(key).is_some_and(|index| (index as usize) < items.len()))
            }
            _ => Err(Misuse::NotAnObject.into()),
        }
    }

    /// Verbatim JSON read into the arena, paid for.
    #[inline]
    pub(crate) fn settle(&mut self, value: Value<'a>) -> Evaluated<'a> {
        if let Value::Verbatim(json) = value {
            self.spend_bytes(json.len() * 8)?;
            return Ok(value.settled(self.arena));
        }
        Ok(value)
    }
}

fn element<'a>(items: &[Value<'a>], index: f64) -> Value<'a> {
    if index >= 0.0 && index.trunc() == index {
        return items.get(index as usize).copied().unwrap_or(Value::Undefined);
    }
    Value::Undefined
}
