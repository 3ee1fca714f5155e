//! Inputs that are JSON: the properties of the body, and objects in query parameters.
//!
//! Unlike a service's answer, what a client sends is validated to the last byte: unknown and repeated keys and
//! characters that are not Unicode are refused.

use bumpalo::Bump;
use frontdesk_lang::model::InputPlace;

use super::rule::{Kind, Rule};
use super::{InputReader, Place, Problems, Shape};
use crate::outcome::{Cause, InputProblem};
use crate::run::Request;
use crate::select::Scanner;
use crate::text;
use crate::value::Value;

/// What is wrong with the JSON text itself; it ends the reading.
type Flaw = &'static str;

struct Reader<'a, 'p> {
    scan: Scanner<'a>,
    problems: &'p mut Problems,
    arena: &'a Bump,
}

impl InputReader {
    /// Reads the inputs that are properties of the body into their places of `values`.
    pub(super) fn read_body<'a, 'r: 'a>(
        &'a self,
        request: &'a Request<'r>,
        values: &mut [Value<'a>],
        problems: &mut Problems,
        arena: &'a Bump,
    ) -> Result<(), Cause> {
        let malformed = |why: Flaw| {
            let detail = format!("the body is not JSON: {why}");
            Cause::Input(vec![InputProblem { pointer: String::new(), code: "malformed", detail }])
        };
        // No body at all is an object without members, so that the client is told what is missing.
        let text = match request.body {
            [] => b"{}",
            body => {
                check_media_type(request)?;
                body
            }
        };
        let mut reader = Reader { scan: Scanner::new(text), problems, arena };
        if reader.scan.token() != b'{' {
            reader.scan.validated(0).and_then(|_| reader.scan.finish()).map_err(malformed)?;
            reader.problems.add(&Place::Root, "type", "the body must be an object");
            return Err(Cause::Input(std::mem::take(&mut reader.problems.0)));
        }
        let by_wire = |key: &str| {
            let named = |source: &super::Source| source.place == InputPlace::Body && *source.wire == *key;
            self.sources.iter().position(named)
        };
        let body = |at: usize| self.sources.get(at).is_some_and(|source| source.place == InputPlace::Body);
        reader
            .members(&self.shape, &by_wire, &body, values, Place::Root, 0)
            .and_then(|()| reader.scan.finish())
            .map_err(malformed)
    }
}

/// A request that says nothing of its body's type is given the benefit of the doubt.
fn check_media_type(request: &Request<'_>) -> Result<(), Cause> {
    let Some(value) = (request.header)("content-type") else { return Ok(()) };
    let media_type =
        value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    if media_type == b"application/json" || (media_type.contains(&b'/') && media_type.ends_with(b"+json")) {
        Ok(())
    } else {
        Err(Cause::MediaType)
    }
}

/// A whole JSON text.
pub(super) fn document<'a>(
    rule: &'a Rule,
    text: &'a str,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    let mut reader = Reader { scan: Scanner::new(text.as_bytes()), problems, arena };
    match reader.value(rule, place, 0).and_then(|value| reader.scan.finish().map(|()| value)) {
        Ok(value) => value,
        Err(why) => {
            problems.add(&place, "malformed", format!("is not JSON: {why}"));
            Value::Undefined
        }
    }
}

impl<'a> Reader<'a, '_> {
    fn value(&mut self, rule: &'a Rule, place: Place<'_>, depth: u32) -> Result<Value<'a>, Flaw> {
        match (self.scan.token(), &rule.kind) {
            (b'"', Kind::String { .. } | Kind::Enum(_) | Kind::Date | Kind::DateTime) => {
                Ok(match self.string()? {
                    Some(text) => rule.check_text(text, place, self.problems),
                    None => {
                        self.problems.add(&place, "malformed", "has half of a surrogate pair");
                        Value::Undefined
                    }
                })
            }
            (b'{', Kind::Object(shape)) => {
                let mut values = vec![Value::Undefined; shape.members.len()];
                self.members(shape, &|key| shape.position(key), &|_| true, &mut values, place, depth)?;
                Ok(shape.object(&values, self.arena))
            }
            (b'[', Kind::Array { of, .. }) => {
                let mut items = Vec::new();
                let mut more = self.scan.enter(b']', depth)?;
                while more {
                    items.push(self.value(of, Place::Index(&place, items.len()), depth + 1)?);
                    more = self.scan.another(b']')?;
                }
                rule.check_count(items.len(), place, self.problems);
                Ok(Value::Array(self.arena.alloc_slice_copy(&items)))
            }
            (b'"' | b'{' | b'[', _) => {
                self.scan.validated(depth)?;
                self.problems.add(&place, "type", rule.expected());
                Ok(Value::Undefined)
            }
            _ => Ok(match (self.scan.scalar()?, &rule.kind) {
                ("null", _) if rule.nullable => Value::Null,
                ("true", Kind::Boolean) => Value::Bool(true),
                ("false", Kind::Boolean) => Value::Bool(false),
                (digits, Kind::Number { .. }) if !matches!(digits, "true" | "false" | "null") => {
                    rule.check_number(digits, place, self.problems)
                }
                _ => {
                    self.problems.add(&place, "type", rule.expected());
                    Value::Undefined
                }
            }),
        }
    }

    /// Reads the object `scan` is on; `ours` says which of the shape's members can be in it, `find` knows them by
    /// their keys.
    fn members(
        &mut self,
        shape: &'a Shape,
        find: &dyn Fn(&str) -> Option<usize>,
        ours: &dyn Fn(usize) -> bool,
        values: &mut [Value<'a>],
        place: Place<'_>,
        depth: u32,
    ) -> Result<(), Flaw> {
        let mut seen = vec![false; values.len()];
        let mut more = self.scan.enter(b'}', depth)?;
        while more {
            let key = self.scan.key()?;
            let text = key.text()?;
            let name = if key.escaped {
                String::from_utf8_lossy(text::decoded(text, self.arena))
            } else {
                text.into()
            };
            let at = find(&name);
            let place = Place::Key(&place, &name);
            match at.and_then(|at| Some((shape.members.get(at)?, values.get_mut(at)?, seen.get_mut(at)?))) {
                Some(((_, rule), value, seen)) if !*seen => {
                    *seen = true;
                    *value = self.value(rule, place, depth + 1)?;
                }
                Some(_) => {
                    self.scan.validated(depth + 1)?;
                    self.problems.add(&place, "malformed", "may be given only once");
                }
                None => {
                    self.scan.validated(depth + 1)?;
                    self.problems.add(&place, "unknown_field", "is not known here");
                }
            }
            more = self.scan.another(b'}')?;
        }
        for (at, ((name, rule), value)) in shape.members.iter().zip(values).enumerate() {
            if ours(at) && seen.get(at) == Some(&false) {
                *value = rule.missing(Place::Key(&place, name), self.problems, self.arena);
            }
        }
        Ok(())
    }

    /// `None` if the text is not Unicode.
    fn string(&mut self) -> Result<Option<&'a str>, Flaw> {
        let quoted = self.scan.string()?;
        let text = quoted.text()?;
        if quoted.escaped {
            Ok(std::str::from_utf8(text::decoded(text, self.arena)).ok())
        } else {
            Ok(Some(text))
        }
    }
}
