//! Writing the answer: `JSON.stringify`, straight into the output buffer.
//!
//! An object, array or `map` in result position is written while it is evaluated and never becomes a value. A
//! member that turns out to be `undefined` takes its key back out of the buffer.

use frontdesk_lang::model::Method;
use frontdesk_plan::{ElementOp, ExprId, LambdaOp, MemberOp, Op, PartOp, Program, Run};

use crate::eval::{Evaluator, Interrupt};
use crate::marks;
use crate::number;
use crate::text::write_escaped;
use crate::value::{Object, Value};

/// Whether anything was written: `undefined` is no JSON.
type Emitted<'a> = Result<bool, Interrupt<'a>>;

/// Writes a value as `JSON.stringify` does. Says whether it wrote anything: `undefined` has no text, and neither
/// has a value that was built to exhaust the stack or the memory.
pub fn write_json(value: Value<'_>, program: &Program, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let mut writer = Writer { program, most: start + MOST, out, depth: DEPTH };
    writer.value(value).unwrap_or_else(|TooMuch| {
        out.truncate(start);
        false
    })
}

/// Values nested deeper than any selection lets through are not written.
const DEPTH: u32 = 600;

/// The most bytes one value may take: arrays that hold one array many times can be longer than all memory.
const MOST: usize = 64 << 20;

/// A value was nested too deeply or too long; what was written of it is no JSON.
#[derive(Debug)]
struct TooMuch;

struct Writer<'o, 'p> {
    program: &'p Program,
    out: &'o mut Vec<u8>,
    /// The most bytes of `out`, which one string may exceed.
    most: usize,
    depth: u32,
}

impl Writer<'_, '_> {
    fn value(&mut self, value: Value<'_>) -> Result<bool, TooMuch> {
        let out = &mut *self.out;
        match value {
            Value::Undefined => return Ok(false),
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Number(value) => number::write_json(value, out),
            Value::Digits(digits) => out.extend_from_slice(digits.as_bytes()),
            Value::Plain(text) | Value::Escaped(text) => write_plain(text, out),
            Value::Text(bytes) => {
                out.push(b'"');
                write_escaped(bytes, out);
                out.push(b'"');
            }
            Value::Array(items) => self.nested(|this| this.array(items))?,
            Value::Object(object) => self.nested(|this| this.object(object))?,
            Value::Verbatim(json) => out.extend_from_slice(json),
        }
        Ok(true)
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), TooMuch>) -> Result<(), TooMuch> {
        self.depth = self.depth.checked_sub(1).ok_or(TooMuch)?;
        write(self)?;
        self.depth += 1;
        Ok(())
    }

    fn bounded(&self) -> Result<(), TooMuch> {
        if self.out.len() > self.most { Err(TooMuch) } else { Ok(()) }
    }

    fn array(&mut self, items: &[Value<'_>]) -> Result<(), TooMuch> {
        self.out.push(b'[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            if !self.value(*item)? {
                self.out.extend_from_slice(b"null");
            }
            self.bounded()?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, object: &Object<'_>) -> Result<(), TooMuch> {
        let mut separator = b'{';
        match object {
            Object::Record(record) => {
                for (name, value) in record.names.iter().zip(record.values) {
                    if !value.is_undefined() {
                        self.out.push(separator);
                        self.out.extend_from_slice(&self.program.name(*name).json);
                        self.value(*value)?;
                        self.bounded()?;
                        separator = b',';
                    }
                }
            }
            Object::Map(map) => {
                for (key, value) in map.entries {
                    if !value.is_undefined() {
                        self.out.extend_from_slice(&[separator, b'"']);
                        write_escaped(key, self.out);
                        self.out.extend_from_slice(b"\":");
                        self.value(*value)?;
                        self.bounded()?;
                        separator = b',';
                    }
                }
            }
        }
        if separator == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
        Ok(())
    }
}

/// Text that is JSON string contents already.
fn write_plain(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

impl<'a> Evaluator<'a> {
    /// Writes the JSON of an expression's value; `null` if it is `undefined`. On an interrupt `out` is as before.
    pub fn emit(&mut self, id: ExprId, out: &mut Vec<u8>) -> Result<(), Interrupt<'a>> {
        let start = out.len();
        match self.emit_value(id, out) {
            Ok(true) => Ok(()),
            Ok(false) => {
                out.extend_from_slice(b"null");
                Ok(())
            }
            Err(interrupt) => {
                out.truncate(start);
                Err(interrupt)
            }
        }
    }

    fn emit_value(&mut self, id: ExprId, out: &mut Vec<u8>) -> Emitted<'a> {
        match *self.program.op(id) {
            Op::Slot(_)
            | Op::Constant(_)
            | Op::ClientSince(_)
            | Op::Get { .. }
            | Op::Index { .. }
            | Op::Builtin { .. }
            | Op::Once { .. }
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Join { .. } => {
                let value = self.eval(id)?;
                self.write(value, out)
            }
            _ => {
                self.enter()?;
                let written = self.emit_tail(id, out);
                self.leave();
                written
            }
        }
    }

    fn emit_tail(&mut self, mut id: ExprId, out: &mut Vec<u8>) -> Emitted<'a> {
        loop {
            self.spend(1)?;
            id = match *self.program.op(id) {
                Op::Let { slot, value, then } => {
                    let value = self.eval(value)?;
                    self.set(slot, value);
                    then
                }
                Op::If { condition, then, otherwise } => {
                    if self.eval(condition)?.truthy() {
                        then
                    } else {
                        otherwise
                    }
                }
                Op::And(left, right) => match self.eval(left)? {
                    value if value.truthy() => right,
                    value => return self.write(value, out),
                },
                Op::Or(left, right) => match self.eval(left)? {
                    value if value.truthy() => return self.write(value, out),
                    _ => right,
                },
                Op::Coalesce(left, right) => match self.eval(left)? {
                    value if value.is_nullish() => right,
                    value => return self.write(value, out),
                },
                Op::IfPresent { slot, value, then } => {
                    let value = self.eval(value)?;
                    if value.is_nullish() {
                        return Ok(false);
                    }
                    self.set(slot, value);
                    then
                }
                Op::Mark { mark, then } => {
                    marks::note(mark);
                    then
                }
                Op::Object(run) if self.prepared.record(run).is_some() => return self.emit_record(run, out),
                Op::Array(run) => return self.emit_array(run, out),
                Op::Template(run) => return self.emit_template(run, out),
                Op::Method { method: method @ (Method::Map | Method::Filter), receiver, args } => {
                    let receiver = self.eval(receiver)?;
                    let receiver = self.settle(receiver)?;
                    let (Value::Array(items), Some(function)) = (receiver, self.lambda_arg(args, 0)) else {
                        let value = self.method(method, receiver, args)?;
                        return self.write(value, out);
                    };
                    return match method {
                        Method::Map => self.emit_map(items, function, out),
                        _ => self.emit_filter(items, function, out),
                    };
                }
                _ => {
                    let value = self.eval_tail(id)?;
                    return self.write(value, out);
                }
            };
        }
    }

    fn write(&mut self, value: Value<'a>, out: &mut Vec<u8>) -> Emitted<'a> {
        let start = out.len();
        if let Value::Plain(text) = value {
            write_plain(text, out);
            self.spend_bytes(text.len())?;
            return Ok(true);
        }
        let most = start.saturating_add(self.bytes_left());
        let mut writer = Writer { program: self.program, out, most, depth: DEPTH };
        let written = writer.value(value).map_err(|TooMuch| Interrupt::OutOfBudget)?;
        // One array may be written many times over.
        self.spend_bytes(out.len() - start)?;
        Ok(written)
    }

    fn write_item(&mut self, item: Value<'a>, out: &mut Vec<u8>) -> Result<(), Interrupt<'a>> {
        self.spend(1)?;
        if !self.write(item, out)? {
            out.extend_from_slice(b"null");
        }
        Ok(())
    }

    fn emit_record(&mut self, run: Run, out: &mut Vec<u8>) -> Emitted<'a> {
        let program = self.program;
        let mut separator = b'{';
        for member in program.members(run) {
            let MemberOp::Property { name, value } = member else {
                continue;
            };
            let start = out.len();
            let name = &program.name(*name).json;
            out.reserve(name.len() + 1);
            out.push(separator);
            out.extend_from_slice(name);
            if self.emit_value(*value, out)? {
                separator = b',';
            } else {
                out.truncate(start);
            }
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
        Ok(true)
    }

    fn emit_array(&mut self, run: Run, out: &mut Vec<u8>) -> Emitted<'a> {
        let program = self.program;
        let mut separator = b'[';
        for element in program.elements(run) {
            match element {
                ElementOp::Item(id) => {
                    out.push(std::mem::replace(&mut separator, b','));
                    self.emit_item(*id, out)?;
                }
                ElementOp::Spread(id) => {
                    let value = self.eval(*id)?;
                    for item in self.iterated(value)? {
                        out.push(std::mem::replace(&mut separator, b','));
                        self.write_item(*item, out)?;
                    }
                }
            }
        }
        close_array(separator, out);
        Ok(true)
    }

    fn emit_item(&mut self, id: ExprId, out: &mut Vec<u8>) -> Result<(), Interrupt<'a>> {
        if !self.emit_value(id, out)? {
            out.extend_from_slice(b"null");
        }
        Ok(())
    }

    fn emit_map(&mut self, items: &'a [Value<'a>], function: &LambdaOp, out: &mut Vec<u8>) -> Emitted<'a> {
        let mut separator = b'[';
        for at in 0..items.len() {
            out.push(std::mem::replace(&mut separator, b','));
            self.bind_element(function, items, at);
            self.emit_item(function.body, out)?;
        }
        close_array(separator, out);
        Ok(true)
    }

    fn emit_filter(&mut self, items: &'a [Value<'a>], function: &LambdaOp, out: &mut Vec<u8>) -> Emitted<'a> {
        let mut separator = b'[';
        for (at, item) in items.iter().enumerate() {
            if self.apply_element(function, items, at)?.truthy() {
                out.push(std::mem::replace(&mut separator, b','));
                self.write_item(*item, out)?;
            }
        }
        close_array(separator, out);
        Ok(true)
    }

    /// A template whose parts are all plain goes out part by part; else it is built, because surrogates that meet
    /// at a seam become a pair.
    fn emit_template(&mut self, run: Run, out: &mut Vec<u8>) -> Emitted<'a> {
        let start = out.len();
        let program = self.program;
        out.push(b'"');
        for part in program.parts(run) {
            let value = match part {
                PartOp::Text(constant) => self.constant(*constant),
                PartOp::Value(id) => self.eval(*id)?,
            };
            match value {
                Value::Plain(text) => out.extend_from_slice(text.as_bytes()),
                Value::Number(value) if value.is_finite() => number::write_json(value, out),
                other => match self.text(other)? {
                    crate::text::Str::Plain(text) => out.extend_from_slice(text.as_bytes()),
                    crate::text::Str::Wtf8(_) => {
                        out.truncate(start);
                        let value = self.template(run)?;
                        return self.write(value, out);
                    }
                },
            }
        }
        out.push(b'"');
        self.spend_bytes(out.len() - start)?;
        Ok(true)
    }
}

fn close_array(separator: u8, out: &mut Vec<u8>) {
    if separator == b'[' {
        out.push(b'[');
    }
    out.push(b']');
}
