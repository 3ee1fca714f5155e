//! Methods of strings (ECMA-262 §22.1.3). Positions are in UTF-16 units.

use frontdesk_lang::model::Method;
use frontdesk_plan::Run;
use memchr::memmem;

use super::arrays::index;
use super::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::number;
use crate::text::{self, Str, TextBuilder};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    pub(crate) fn string_method(&mut self, method: Method, receiver: Value<'a>, args: Run) -> Evaluated<'a> {
        let text = self.text(receiver)?;
        self.spend_bytes(text.bytes().len())?;
        match method {
            Method::Length => Ok(Value::Number(text.len() as f64)),
            Method::ToString => Ok(receiver),
            Method::At => {
                let at = self.integer_arg(args, 0)?;
                let at = if at < 0.0 { at + text.len() as f64 } else { at };
                Ok(self.unit_or_none(text, at).unwrap_or(Value::Undefined))
            }
            Method::CharAt => {
                let at = self.integer_arg(args, 0)?;
                Ok(self.unit_or_none(text, at).unwrap_or(Value::EMPTY_STRING))
            }
            Method::CharCodeAt => {
                let at = self.integer_arg(args, 0)?;
                Ok(Value::Number(unit(text, at).map_or(f64::NAN, f64::from)))
            }
            Method::CodePointAt => {
                let at = self.integer_arg(args, 0)?;
                Ok(code_point(text, at).map_or(Value::Undefined, |point| Value::Number(f64::from(point))))
            }
            Method::Concat => {
                let mut out = TextBuilder::new(self.arena, text.bytes().len() * 2);
                out.push(text);
                for at in 0..args.len as usize {
                    let piece = self.text_arg(args, at)?;
                    self.spend_bytes(piece.bytes().len())?;
                    out.push(piece);
                }
                Ok(out.finish().value())
            }
            Method::Includes | Method::IndexOf => {
                let needle = self.text_arg(args, 0)?;
                let from = self.clamped_arg(args, 1, text.len(), 0)?;
                let found = self.find_text(text, needle, from);
                Ok(if method == Method::IndexOf { index(found) } else { Value::Bool(found.is_some()) })
            }
            Method::LastIndexOf => {
                let needle = self.text_arg(args, 0)?;
                let from = self.arg(args, 1)?;
                let from = self.number(from);
                let from = if from.is_nan() { f64::INFINITY } else { from };
                Ok(index(self.find_last_text(text, needle, from.max(0.0))))
            }
            Method::StartsWith => {
                let needle = self.text_arg(args, 0)?;
                let from = self.clamped_arg(args, 1, text.len(), 0)?;
                Ok(Value::Bool(self.matches_at(text, needle, from)))
            }
            Method::EndsWith => {
                let needle = self.text_arg(args, 0)?;
                let end = self.clamped_arg(args, 1, text.len(), text.len())?;
                let start = end.checked_sub(needle.len());
                Ok(Value::Bool(start.is_some_and(|start| self.matches_at(text, needle, start))))
            }
            Method::Slice => {
                let length = text.len();
                let from = self.position_arg(args, 0, length, 0)?;
                let to = self.position_arg(args, 1, length, length)?;
                Ok(text.slice(from, to, self.arena).value())
            }
            Method::Substring => {
                let length = text.len();
                let a = self.clamped_arg(args, 0, length, 0)?;
                let b = self.clamped_arg(args, 1, length, length)?;
                Ok(text.slice(a.min(b), a.max(b), self.arena).value())
            }
            Method::PadStart | Method::PadEnd => self.pad(method, text, args),
            Method::Repeat => {
                let count = self.integer_arg(args, 0)?;
                if count < 0.0 || count.is_infinite() {
                    return Err(Misuse::OutOfRange.into());
                }
                if text.is_empty() {
                    return Ok(Value::EMPTY_STRING);
                }
                Ok(self.repeated(text, text.len().saturating_mul(count as usize))?.value())
            }
            Method::Replace => self.replace(text, args, false),
            Method::ReplaceAll => self.replace(text, args, true),
            Method::Split => self.split(text, args),
            Method::ToLowerCase => Ok(text::to_case(text, false, self.arena).value()),
            Method::ToUpperCase => Ok(text::to_case(text, true, self.arena).value()),
            Method::Trim => Ok(text.part(text::trimmed(text.bytes(), true, true)).value()),
            Method::TrimStart => Ok(text.part(text::trimmed(text.bytes(), true, false)).value()),
            Method::TrimEnd => Ok(text.part(text::trimmed(text.bytes(), false, true)).value()),
            _ => Err(Misuse::NoSuchMethod.into()),
        }
    }

    pub(crate) fn text_arg(&mut self, args: Run, at: usize) -> Result<Str<'a>, Interrupt<'a>> {
        let value = self.arg(args, at)?;
        self.text(value)
    }

    fn unit_or_none(&self, text: Str<'a>, at: f64) -> Option<Value<'a>> {
        if at >= 0.0 { self.unit_at(text, at as usize) } else { None }
    }

    /// Where `needle` first is at or after `from`, which is at most the length.
    pub(crate) fn find_text(&self, text: Str<'a>, needle: Str<'a>, from: usize) -> Option<usize> {
        let (bytes, wanted) = (text.bytes(), needle.bytes());
        if wanted.is_empty() {
            return Some(from);
        }
        if bytes.is_ascii() {
            return memmem::find(&bytes[from..], wanted).map(|at| at + from);
        }
        if from == 0 && !text::splits_pairs(wanted) {
            return memmem::find(bytes, wanted).map(|at| text::unit_length(&bytes[..at]));
        }
        let units = text::to_units(bytes, self.arena);
        let wanted = text::to_units(wanted, self.arena);
        units.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
    }

    fn find_last_text(&self, text: Str<'a>, needle: Str<'a>, from: f64) -> Option<usize> {
        let units = text::to_units(text.bytes(), self.arena);
        let wanted = text::to_units(needle.bytes(), self.arena);
        let last = units.len().checked_sub(wanted.len())?.min(from as usize);
        (0..=last).rev().find(|at| units[*at..].starts_with(wanted))
    }

    fn matches_at(&self, text: Str<'a>, needle: Str<'a>, at: usize) -> bool {
        let (bytes, wanted) = (text.bytes(), needle.bytes());
        if bytes.is_ascii() {
            return bytes.get(at..).is_some_and(|rest| rest.starts_with(wanted));
        }
        if at == 0 && !text::splits_pairs(wanted) {
            return bytes.starts_with(wanted);
        }
        let units = text::to_units(bytes, self.arena);
        units.get(at..).is_some_and(|rest| rest.starts_with(text::to_units(wanted, self.arena)))
    }

    fn pad(&mut self, method: Method, text: Str<'a>, args: Run) -> Evaluated<'a> {
        let target = self.integer_arg(args, 0)?;
        let fill = match self.arg(args, 1)? {
            Value::Undefined => Str::Plain(" "),
            fill => self.text(fill)?,
        };
        let length = text.len();
        if target <= length as f64 || fill.is_empty() {
            return Ok(text.value());
        }
        let filler = self.repeated(fill, (target - length as f64) as usize)?;
        Ok(match method {
            Method::PadStart => text::concat(filler, text, self.arena),
            _ => text::concat(text, filler, self.arena),
        }
        .value())
    }

    /// `piece`, which is not empty, again and again up to a length in units.
    fn repeated(&mut self, piece: Str<'a>, length: usize) -> Result<Str<'a>, Interrupt<'a>> {
        // Three bytes a unit at most, and twice that if the text is copied once more.
        self.spend_bytes(length.saturating_mul(6))?;
        let unit_length = piece.len();
        let mut out = TextBuilder::new(self.arena, length);
        for _ in 0..length / unit_length {
            out.push(piece);
        }
        out.push(piece.slice(0, length % unit_length, self.arena));
        Ok(out.finish())
    }

    fn split(&mut self, text: Str<'a>, args: Run) -> Evaluated<'a> {
        let separator = self.arg(args, 0)?;
        let limit = match self.arg(args, 1)? {
            Value::Undefined => u32::MAX,
            limit => number::to_uint32(self.number(limit)),
        } as usize;
        if limit == 0 {
            return Ok(self.list(self.new_list(0)));
        }
        if separator.is_undefined() {
            return self.list_of(&[text.value()]);
        }
        let separator = self.text(separator)?;
        if separator.is_empty() {
            let units = self.units_of(text.value())?;
            return self.list_of(&units[..units.len().min(limit)]);
        }
        let mut out = self.new_list(4);
        if text::splits_pairs(separator.bytes()) {
            let units = text::to_units(text.bytes(), self.arena);
            let wanted = text::to_units(separator.bytes(), self.arena);
            let mut from = 0;
            while let Some(at) = units[from..].windows(wanted.len()).position(|window| window == wanted) {
                out.push(Value::Text(text::from_units(&units[from..from + at], self.arena)));
                from += at + wanted.len();
            }
            out.push(Value::Text(text::from_units(&units[from..], self.arena)));
        } else {
            let mut from = 0;
            for at in memmem::find_iter(text.bytes(), separator.bytes()) {
                out.push(text.part(from..at).value());
                from = at + separator.bytes().len();
                if out.len() >= limit {
                    break;
                }
            }
            out.push(text.part(from..text.bytes().len()).value());
        }
        out.truncate(limit);
        self.spend_items(out.len())?;
        Ok(self.list(out))
    }
}

/// The unit at a position.
fn unit(text: Str<'_>, at: f64) -> Option<u16> {
    if at < 0.0 {
        return None;
    }
    let bytes = text.bytes();
    if bytes.is_ascii() {
        return bytes.get(at as usize).map(|byte| u16::from(*byte));
    }
    text::units(bytes).nth(at as usize)
}

/// The code point at a position; in the middle of a pair it is the low surrogate.
fn code_point(text: Str<'_>, at: f64) -> Option<u32> {
    let first = unit(text, at)?;
    if (0xD800..0xDC00).contains(&first)
        && let Some(second @ 0xDC00..0xE000) = unit(text, at + 1.0)
    {
        return Some(0x1_0000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00));
    }
    Some(u32::from(first))
}
