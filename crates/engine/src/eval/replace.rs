//! `replace` and `replaceAll` with string patterns (ECMA-262 §22.1.3.19 to §22.1.3.20).

use bumpalo::Bump;
use frontdesk_plan::Run;
use memchr::memmem;

use super::{Evaluated, Evaluator};
use crate::text::{self, Str, TextBuilder};
use crate::value::Value;

/// The text that is searched, by bytes if no match can split a surrogate pair, else by units.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Bytes(Str<'a>),
    Units(&'a [u16]),
}

impl<'a> Subject<'a> {
    fn part(self, from: usize, to: usize, arena: &'a Bump) -> Str<'a> {
        match self {
            Self::Bytes(text) => text.part(from..to),
            Self::Units(units) => Str::Wtf8(text::from_units(units.get(from..to).unwrap_or_default(), arena)),
        }
    }

    fn end(self) -> usize {
        match self {
            Self::Bytes(text) => text.bytes().len(),
            Self::Units(units) => units.len(),
        }
    }

    /// A position as the language counts it.
    fn unit_position(self, at: usize) -> usize {
        match self {
            Self::Bytes(text) => text::unit_length(text.bytes().get(..at).unwrap_or_default()),
            Self::Units(_) => at,
        }
    }
}

impl<'a> Evaluator<'a> {
    pub(crate) fn replace(&mut self, text: Str<'a>, args: Run, all: bool) -> Evaluated<'a> {
        let arena = self.arena;
        let pattern = self.text_arg(args, 0)?;
        let function = self.lambda_arg(args, 1);
        let template = match function {
            Some(_) => Str::Plain(""),
            None => self.text_arg(args, 1)?,
        };
        let wanted = pattern.bytes();
        let by_bytes = text.bytes().is_ascii() || (!wanted.is_empty() && !text::splits_pairs(wanted));
        let (subject, size) = if by_bytes {
            (Subject::Bytes(text), wanted.len())
        } else {
            (Subject::Units(text::to_units(text.bytes(), arena)), pattern.len())
        };

        let mut out = TextBuilder::new(arena, text.bytes().len() + template.bytes().len());
        let mut done = 0;
        let mut next = 0;
        while let Some(at) = find(subject, pattern, next, arena) {
            let before = out.len();
            out.push(subject.part(done, at, arena));
            match function {
                Some(function) => {
                    let position = Value::Number(subject.unit_position(at) as f64);
                    let value = self.apply(function, &[pattern.value(), position, text.value()])?;
                    let piece = self.text(value)?;
                    self.spend_bytes(piece.bytes().len())?;
                    out.push(piece);
                }
                None => substitute(template, pattern, subject, at..at + size, arena, &mut out),
            }
            self.spend_bytes(out.len().saturating_sub(before) + 8)?;
            done = at + size;
            next = at + size.max(1);
            if !all {
                break;
            }
        }
        if done == 0 && next == 0 {
            return Ok(text.value());
        }
        out.push(subject.part(done, subject.end(), arena));
        self.spend_bytes(out.len())?;
        Ok(out.finish().value())
    }
}

fn find(subject: Subject<'_>, pattern: Str<'_>, from: usize, arena: &Bump) -> Option<usize> {
    if from > subject.end() {
        return None;
    }
    if pattern.is_empty() {
        return Some(from);
    }
    match subject {
        Subject::Bytes(text) => memmem::find(text.bytes().get(from..)?, pattern.bytes()).map(|at| at + from),
        Subject::Units(units) => {
            let wanted = text::to_units(pattern.bytes(), arena);
            units.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
        }
    }
}

/// ECMA-262 §22.1.3.19.1 GetSubstitution without captures: `$$`, `$&`, `` $` `` and `$'`.
fn substitute<'a>(
    template: Str<'a>,
    pattern: Str<'a>,
    subject: Subject<'a>,
    found: std::ops::Range<usize>,
    arena: &'a Bump,
    out: &mut TextBuilder<'a>,
) {
    let bytes = template.bytes();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'$', &bytes[from..]).map(|at| at + from) {
        let piece = match bytes.get(at + 1) {
            Some(b'$') => Str::Plain("$"),
            Some(b'&') => pattern,
            Some(b'`') => subject.part(0, found.start, arena),
            Some(b'\'') => subject.part(found.end, subject.end(), arena),
            _ => {
                out.push(template.part(from..at + 1));
                from = at + 1;
                continue;
            }
        };
        out.push(template.part(from..at));
        out.push(piece);
        from = at + 2;
    }
    out.push(template.part(from..bytes.len()));
}
