//! Constants, templates, and object and array literals.

use bumpalo::Bump;
use frontdesk_lang::model::Constant;
use frontdesk_plan::{ConstantId, ElementOp, MemberOp, PartOp, Program, Run};

use super::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::convert;
use crate::object::ObjectBuilder;
use crate::prepared::Prepared;
use crate::text::{Str, TextBuilder, classified};
use crate::value::{Object, Record, Value};

#[inline]
pub(crate) fn constant<'a>(
    program: &'a Program,
    prepared: &'a Prepared,
    id: ConstantId,
    arena: &'a Bump,
) -> Value<'a> {
    let at = id.0 as usize;
    match &program.constants[at] {
        Constant::String(text) if prepared.is_plain(at) => Value::Plain(text),
        Constant::String(text) => Value::Text(text.as_bytes()),
        other => of_constant(other, arena),
    }
}

/// A constant as a value.
pub fn of_constant<'a>(constant: &'a Constant, arena: &'a Bump) -> Value<'a> {
    match constant {
        Constant::Undefined => Value::Undefined,
        Constant::Null => Value::Null,
        Constant::Boolean(value) => Value::Bool(*value),
        Constant::Number(value) => Value::Number(*value),
        Constant::String(text) => classified(text).value(),
        Constant::Array(items) => {
            Value::Array(arena.alloc_slice_fill_iter(items.iter().map(|item| of_constant(item, arena))))
        }
        Constant::Object(members) => {
            let mut object = ObjectBuilder::new(arena, members.len());
            for (key, value) in members {
                object.put(key.as_bytes(), of_constant(value, arena));
            }
            Value::Object(object.finish())
        }
    }
}

impl<'a> Evaluator<'a> {
    pub(crate) fn template(&mut self, run: Run) -> Evaluated<'a> {
        let program = self.program;
        let mut out = TextBuilder::new(self.arena, 32);
        for part in program.parts(run) {
            let value = match part {
                PartOp::Text(constant) => self.constant(*constant),
                PartOp::Value(id) => self.eval(*id)?,
            };
            let text = self.text(value)?;
            self.spend_bytes(text.bytes().len())?;
            out.push(text);
        }
        Ok(out.finish().value())
    }

    pub(crate) fn array(&mut self, run: Run) -> Evaluated<'a> {
        let program = self.program;
        let elements = program.elements(run);
        let mut items = self.new_list(elements.len());
        for element in elements {
            match element {
                ElementOp::Item(id) => items.push(self.eval(*id)?),
                ElementOp::Spread(id) => {
                    let value = self.eval(*id)?;
                    items.extend_from_slice(self.iterated(value)?);
                }
            }
        }
        self.spend_items(items.len())?;
        Ok(self.list(items))
    }

    /// What iterating the value gives: elements of an array, code points of a string.
    pub(crate) fn iterated(&mut self, value: Value<'a>) -> Result<&'a [Value<'a>], Interrupt<'a>> {
        match self.settle(value)? {
            Value::Array(items) => Ok(items),
            value @ (Value::Plain(_) | Value::Escaped(_) | Value::Text(_)) => {
                let text = self.text(value)?;
                self.code_points(text)
            }
            _ => Err(Misuse::NotIterable.into()),
        }
    }

    pub(crate) fn code_points(&mut self, text: Str<'a>) -> Result<&'a [Value<'a>], Interrupt<'a>> {
        self.spend_items(text.bytes().len())?;
        let mut items = self.new_list(text.bytes().len());
        items.extend(crate::text::spans(text.bytes()).map(|(range, _)| text.part(range).value()));
        Ok(items.into_bump_slice())
    }

    pub(crate) fn object(&mut self, run: Run) -> Evaluated<'a> {
        let program = self.program;
        let members = program.members(run);
        let Some(names) = self.prepared.record(run) else {
            return self.mixed_object(members);
        };
        let mut values = self.new_list(members.len());
        for member in members {
            if let MemberOp::Property { value, .. } = member {
                values.push(self.eval(*value)?);
            }
        }
        self.spend_items(values.len())?;
        let record = Record { names, values: values.into_bump_slice(), sparse: false };
        Ok(Value::Object(self.arena.alloc(Object::Record(record))))
    }

    fn mixed_object(&mut self, members: &'a [MemberOp]) -> Evaluated<'a> {
        let mut object = ObjectBuilder::new(self.arena, members.len());
        for member in members {
            match member {
                MemberOp::Property { name, value } => {
                    let value = self.eval(*value)?;
                    object.put(self.program.name(*name).text.as_bytes(), value);
                }
                MemberOp::Computed { key, value } => {
                    let key = self.eval(*key)?;
                    let key = self.text(key)?.bytes();
                    let value = self.eval(*value)?;
                    object.put(key, value);
                }
                MemberOp::Spread(id) => {
                    let value = self.eval(*id)?;
                    self.spread_into(&mut object, value)?;
                }
            }
        }
        self.spend_items(object.len())?;
        Ok(Value::Object(object.finish()))
    }

    /// `{ ...value }`: own properties; null, undefined, numbers and booleans have none.
    fn spread_into(&mut self, object: &mut ObjectBuilder<'a>, value: Value<'a>) -> Result<(), Interrupt<'a>> {
        match self.settle(value)? {
            Value::Object(other) => {
                for (key, value) in other.entries(self.program) {
                    object.put(key.text(), value);
                }
            }
            Value::Array(items) => self.spread_items(object, items),
            value @ (Value::Plain(_) | Value::Escaped(_) | Value::Text(_)) => {
                let items = self.units_of(value)?;
                self.spread_items(object, items);
            }
            _ => {}
        }
        self.spend_items(object.len())
    }

    fn spread_items(&mut self, object: &mut ObjectBuilder<'a>, items: &[Value<'a>]) {
        for (at, item) in items.iter().enumerate() {
            object.put(crate::number::to_text(at as f64, self.arena).as_bytes(), *item);
        }
    }

    /// The one-unit strings of a string.
    pub(crate) fn units_of(&mut self, value: Value<'a>) -> Result<&'a [Value<'a>], Interrupt<'a>> {
        let text = convert::to_text(value, self.arena);
        self.spend_items(text.bytes().len() * 2)?;
        let mut items = self.new_list(text.bytes().len());
        if text.bytes().is_ascii() {
            items.extend((0..text.bytes().len()).map(|at| text.part(at..at + 1).value()));
        } else {
            let units = crate::text::units(text.bytes());
            items.extend(units.map(|unit| Value::Text(crate::text::of_point(u32::from(unit), self.arena))));
        }
        Ok(items.into_bump_slice())
    }
}
