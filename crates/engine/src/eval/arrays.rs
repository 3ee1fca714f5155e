//! Methods of arrays (ECMA-262 §23.1.3).

use frontdesk_lang::model::Method;
use frontdesk_plan::{LambdaOp, Run};

use super::{Evaluated, Evaluator, Interrupt, Misuse, sort};
use crate::convert;
use crate::number;
use crate::text::Str;
use crate::value::Value;

type Items<'a> = &'a [Value<'a>];

impl<'a> Evaluator<'a> {
    pub(crate) fn array_method(&mut self, method: Method, items: Items<'a>, args: Run) -> Evaluated<'a> {
        match method {
            Method::Length => Ok(Value::Number(items.len() as f64)),
            Method::Map => {
                let function = self.function(args, 0)?;
                self.map(items, function)
            }
            Method::Filter => self.filter(items, args),
            Method::Find | Method::FindIndex | Method::FindLast | Method::FindLastIndex => {
                self.find(method, items, args)
            }
            Method::Some => Ok(Value::Bool(self.position_of(items, args, true, false)?.is_some())),
            Method::Every => Ok(Value::Bool(self.position_of(items, args, false, false)?.is_none())),
            Method::FlatMap => self.flat_map(items, args),
            Method::Flat => {
                let depth = match self.arg(args, 0)? {
                    Value::Undefined => 1.0,
                    depth => number::to_integer(self.number(depth)),
                };
                let mut out = self.new_list(items.len());
                self.flatten(items, depth, &mut out)?;
                Ok(self.list(out))
            }
            Method::Join => {
                let separator = match self.arg(args, 0)? {
                    Value::Undefined => Str::Plain(","),
                    separator => self.text(separator)?,
                };
                self.join_items(items, separator)
            }
            Method::ToString => self.join_items(items, Str::Plain(",")),
            Method::Reduce | Method::ReduceRight => self.reduce(method == Method::ReduceRight, items, args),
            Method::ToSorted => self.sorted(items, args),
            Method::ToReversed => {
                self.spend_items(items.len())?;
                let mut out = self.new_list(items.len());
                out.extend(items.iter().rev().copied());
                Ok(self.list(out))
            }
            Method::With => self.with(items, args),
            Method::At => {
                let at = self.integer_arg(args, 0)?;
                let at = if at < 0.0 { at + items.len() as f64 } else { at };
                Ok(if at < 0.0 { None } else { items.get(at as usize).copied() }.unwrap_or(Value::Undefined))
            }
            Method::Slice => {
                let from = self.position_arg(args, 0, items.len(), 0)?;
                let to = self.position_arg(args, 1, items.len(), items.len())?;
                self.list_of(items.get(from..to).unwrap_or_default())
            }
            Method::Concat => self.concat_items(items, args),
            Method::Includes => {
                let wanted = self.arg(args, 0)?;
                let from = self.position_arg(args, 1, items.len(), 0)?;
                self.spend_items(items.len())?;
                Ok(Value::Bool(items[from..].iter().any(|item| item.same_value_zero(wanted))))
            }
            Method::IndexOf => {
                let wanted = self.arg(args, 0)?;
                let from = self.position_arg(args, 1, items.len(), 0)?;
                self.spend_items(items.len())?;
                let found = items[from..].iter().position(|item| item.strict_equal(wanted));
                Ok(index(found.map(|at| at + from)))
            }
            Method::LastIndexOf => self.last_index_of(items, args),
            Method::Entries => {
                self.spend_items(items.len() * 3)?;
                let mut out = self.new_list(items.len());
                for (at, item) in items.iter().enumerate() {
                    out.push(Value::Array(self.arena.alloc_slice_copy(&[Value::Number(at as f64), *item])));
                }
                Ok(self.list(out))
            }
            Method::Keys => {
                self.spend_items(items.len())?;
                let mut out = self.new_list(items.len());
                out.extend((0..items.len()).map(|at| Value::Number(at as f64)));
                Ok(self.list(out))
            }
            Method::Values => self.list_of(items),
            _ => Err(Misuse::NoSuchMethod.into()),
        }
    }

    pub(crate) fn map(&mut self, items: Items<'a>, function: &LambdaOp) -> Evaluated<'a> {
        self.spend_items(items.len())?;
        let mut out = self.new_list(items.len());
        for at in 0..items.len() {
            out.push(self.apply_element(function, items, at)?);
        }
        Ok(self.list(out))
    }

    fn filter(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let function = self.function(args, 0)?;
        self.spend_items(items.len())?;
        let mut out = self.new_list(0);
        for (at, item) in items.iter().enumerate() {
            if self.apply_element(function, items, at)?.truthy() {
                out.push(*item);
            }
        }
        Ok(self.list(out))
    }

    fn find(&mut self, method: Method, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let from_end = matches!(method, Method::FindLast | Method::FindLastIndex);
        let found = self.position_of(items, args, true, from_end)?;
        Ok(match method {
            Method::Find | Method::FindLast => found.map_or(Value::Undefined, |at| items[at]),
            _ => index(found),
        })
    }

    /// Where the function's truth first is `wanted`.
    fn position_of(
        &mut self,
        items: Items<'a>,
        args: Run,
        wanted: bool,
        from_end: bool,
    ) -> Result<Option<usize>, Interrupt<'a>> {
        let function = self.function(args, 0)?;
        for step in 0..items.len() {
            let at = if from_end { items.len() - 1 - step } else { step };
            if self.apply_element(function, items, at)?.truthy() == wanted {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn flat_map(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let function = self.function(args, 0)?;
        let mut out = self.new_list(items.len());
        for at in 0..items.len() {
            let value = self.apply_element(function, items, at)?;
            match self.settle(value)? {
                Value::Array(inner) => out.extend_from_slice(inner),
                other => out.push(other),
            }
            self.spend_items(1)?;
        }
        self.spend_items(out.len())?;
        Ok(self.list(out))
    }

    fn flatten(
        &mut self,
        items: Items<'a>,
        depth: f64,
        out: &mut bumpalo::collections::Vec<'a, Value<'a>>,
    ) -> Result<(), Interrupt<'a>> {
        self.enter()?;
        self.spend_items(items.len())?;
        for item in items {
            match self.settle(*item)? {
                Value::Array(inner) if depth >= 1.0 => self.flatten(inner, depth - 1.0, out)?,
                other => out.push(other),
            }
        }
        self.leave();
        Ok(())
    }

    fn join_items(&mut self, items: Items<'a>, separator: Str<'a>) -> Evaluated<'a> {
        self.spend_items(items.len())?;
        self.spend_bytes(separator.bytes().len().saturating_mul(items.len()))?;
        let text = convert::join(items, separator, self.arena);
        self.spend_bytes(text.bytes().len())?;
        Ok(text.value())
    }

    fn reduce(&mut self, from_end: bool, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let function = self.function(args, 0)?;
        let mut order = (0..items.len()).map(|step| if from_end { items.len() - 1 - step } else { step });
        let mut result = if args.len > 1 {
            self.arg(args, 1)?
        } else {
            order.next().map(|at| items[at]).ok_or(Misuse::EmptyReduce)?
        };
        for at in order {
            let arguments = [result, items[at], Value::Number(at as f64), Value::Array(items)];
            result = self.apply(function, &arguments)?;
        }
        Ok(result)
    }

    fn sorted(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        self.spend_items(items.len() * 4)?;
        // Undefined elements go to the end, whatever the comparison.
        let mut defined = self.new_list(items.len());
        defined.extend(items.iter().copied().filter(|item| !item.is_undefined()));
        match self.lambda_arg(args, 0) {
            Some(function) => sort::by_function(self, &mut defined, function)?,
            None if self.arg(args, 0)?.is_undefined() => sort::by_text(self, &mut defined)?,
            None => return Err(Misuse::NotAFunction.into()),
        }
        let missing = items.len() - defined.len();
        defined.extend(std::iter::repeat_n(Value::Undefined, missing));
        Ok(self.list(defined))
    }

    fn with(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let at = self.integer_arg(args, 0)?;
        let at = if at < 0.0 { at + items.len() as f64 } else { at };
        if at < 0.0 || at >= items.len() as f64 {
            return Err(Misuse::OutOfRange.into());
        }
        let value = self.arg(args, 1)?;
        self.spend_items(items.len())?;
        let mut out = self.new_list(items.len());
        out.extend_from_slice(items);
        out[at as usize] = value;
        Ok(self.list(out))
    }

    fn concat_items(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let mut out = self.new_list(items.len());
        out.extend_from_slice(items);
        for at in 0..args.len as usize {
            let value = self.arg(args, at)?;
            match self.settle(value)? {
                Value::Array(more) => out.extend_from_slice(more),
                other => out.push(other),
            }
        }
        self.spend_items(out.len())?;
        Ok(self.list(out))
    }

    fn last_index_of(&mut self, items: Items<'a>, args: Run) -> Evaluated<'a> {
        let wanted = self.arg(args, 0)?;
        let end = if args.len > 1 {
            let from = self.integer_arg(args, 1)?;
            let length = items.len() as f64;
            let last = if from < 0.0 { length + from } else { from.min(length - 1.0) };
            (last + 1.0).max(0.0) as usize
        } else {
            items.len()
        };
        self.spend_items(items.len())?;
        Ok(index(items[..end].iter().rposition(|item| item.strict_equal(wanted))))
    }
}

/// A position as a number, `-1` if there is none.
pub(crate) fn index<'a>(found: Option<usize>) -> Value<'a> {
    Value::Number(found.map_or(-1.0, |at| at as f64))
}
