//! What the client sent, made into the endpoint's input object, or into a list of everything that is wrong with it.
//!
//! Path parameters, query parameters and headers are text that is read by what the endpoint declares; the body is
//! JSON whose unknown keys are refused. All that reaches a view has passed here.

mod body;
mod dates;
mod rule;
mod texts;

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_lang::model::{Input, InputPlace};
use frontdesk_plan::{NameId, Program};

use crate::object::{ObjectBuilder, array_index};
use crate::outcome::{Cause, InputProblem};
use crate::run::Request;
use crate::value::{Object, Record, Value};

use rule::Rule;

/// Reads the inputs of one endpoint.
#[derive(Debug)]
pub struct InputReader {
    shape: Shape,
    /// Along with the shape's members.
    sources: Vec<Source>,
    pub(crate) has_body: bool,
}

#[derive(Debug)]
struct Source {
    place: InputPlace,
    /// The name on the wire.
    wire: Arc<str>,
}

/// The members of an object.
#[derive(Debug)]
struct Shape {
    members: Vec<(Arc<str>, Rule)>,
    /// Positions of `members` in JavaScript's key order.
    order: Box<[usize]>,
    /// In that order; `None` if the endpoint's program does not mention them all.
    names: Option<Box<[NameId]>>,
}

impl Shape {
    fn new(members: Vec<(Arc<str>, Rule)>, program: &Program) -> Self {
        let mut order: Vec<_> = (0..members.len()).collect();
        let index = |at: &usize| members.get(*at).and_then(|(name, _)| array_index(name.as_bytes()));
        order.sort_by_key(|at| index(at).map_or(u64::MAX, u64::from));
        let id = |at: &usize| {
            let (name, _) = members.get(*at)?;
            program.names.iter().position(|other| other.text == *name).map(|id| NameId(id as u32))
        };
        Self { names: order.iter().map(id).collect(), order: order.into(), members }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|(member, _)| **member == *name)
    }

    /// The object of `values`, which run along with the members; `undefined` members are not in it.
    fn object<'a>(&'a self, values: &[Value<'a>], arena: &'a Bump) -> Value<'a> {
        let value = |at: &usize| values.get(*at).copied().unwrap_or(Value::Undefined);
        match &self.names {
            Some(names) => {
                let values = arena.alloc_slice_fill_iter(self.order.iter().map(value));
                Value::Object(arena.alloc(Object::Record(Record { names, values, sparse: true })))
            }
            None => {
                let mut object = ObjectBuilder::new(arena, values.len());
                for (value, (name, _)) in values.iter().zip(&self.members) {
                    if !value.is_undefined() {
                        object.put(name.as_bytes(), *value);
                    }
                }
                Value::Object(object.finish())
            }
        }
    }
}

/// Everything that is wrong so far.
#[derive(Debug, Default)]
struct Problems(Vec<InputProblem>);

/// A client that sends ten thousand wrong items need not be told of each.
const MOST_PROBLEMS: usize = 100;

impl Problems {
    fn add(&mut self, at: &Place<'_>, code: &'static str, detail: impl Into<String>) {
        if self.0.len() < MOST_PROBLEMS {
            self.0.push(InputProblem { pointer: at.pointer(), code, detail: detail.into() });
        }
    }
}

/// Where in the input object a value is; written out only when something is wrong there.
#[derive(Clone, Copy)]
enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            // RFC 6901 §3
            Self::Key(parent, key) => {
                format!("{}/{}", parent.pointer(), key.replace('~', "~0").replace('/', "~1"))
            }
            Self::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

impl InputReader {
    /// Fails with the name of the input whose `pattern` is no regular expression.
    pub fn new(inputs: &[Input], program: &Program) -> Result<Self, String> {
        let mut members = Vec::with_capacity(inputs.len());
        let mut sources = Vec::with_capacity(inputs.len());
        for input in inputs {
            let rule =
                Rule::new(&input.schema, program).map_err(|why| format!("input `{}`: {why}", input.name))?;
            members.push((input.name.clone(), rule));
            sources.push(Source { place: input.place, wire: input.wire.clone() });
        }
        let has_body = sources.iter().any(|source| source.place == InputPlace::Body);
        Ok(Self { shape: Shape::new(members, program), sources, has_body })
    }

    /// The input object.
    pub fn read<'a, 'r: 'a>(&'a self, request: &'a Request<'r>, arena: &'a Bump) -> Result<Value<'a>, Cause> {
        let mut problems = Problems::default();
        let mut values = vec![Value::Undefined; self.sources.len()];
        if self.has_body {
            self.read_body(request, &mut values, &mut problems, arena)?;
        }
        let members = self.shape.members.iter().zip(&self.sources).zip(&mut values);
        for (((name, rule), source), value) in members {
            let place = Place::Key(&Place::Root, name);
            *value = match source.place {
                InputPlace::Body => continue,
                InputPlace::Path => {
                    let raw = request.params.iter().find(|(param, _)| *param == &*source.wire);
                    texts::one(
                        rule,
                        raw.map(|(_, raw)| *raw),
                        texts::Coding::Path,
                        place,
                        &mut problems,
                        arena,
                    )
                }
                InputPlace::Query => {
                    texts::query(rule, request.query, &source.wire, place, &mut problems, arena)
                }
                InputPlace::Header => {
                    texts::header(rule, (request.header)(&source.wire), place, &mut problems, arena)
                }
            };
        }
        if problems.0.is_empty() {
            return Ok(self.shape.object(&values, arena));
        }
        Err(Cause::Input(problems.0))
    }
}
