//! What a call is given: values that the code fixes, and examples for those that only a request knows.

use std::sync::Arc;

use frontdesk_lang::model::{Constant, Method};
use frontdesk_plan::{Arg, ElementOp, EndpointPlan, ExprId, MemberOp, Op, Slot, StepKind};
use frontdesk_types::{Field, Hints, Object, Type, Types};
use serde_json::{Map, Value};

use crate::example::{self, Knobs};

/// How deep expressions are followed; beyond that, an example from the type does.
const DEEP: u32 = 64;

/// One value that is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Always this.
    Exact(Value),
    /// One of this kind.
    Like(Value),
    /// In the order in which it is sent.
    Object(Vec<(Arc<str>, Given)>),
    Array(Vec<Given>),
}

/// How many objects in objects an example is written out, with a parameter for each part. Types that hold themselves
/// have no end, and those that hold many have very many parts.
const DEEP_EXAMPLE: u32 = 4;

/// What is known of an expression.
enum Known {
    Given(Given),
    /// Only the request knows it.
    Outside,
    /// Not there for some requests, and only those know.
    Perhaps,
    Absent,
}

struct Reader<'a> {
    endpoint: &'a EndpointPlan,
    types: &'a Types,
    /// Sets examples of different operations apart.
    seed: &'a str,
}

impl Given {
    /// What `args` of a call gives; `ty` is what the operation takes.
    pub fn of(endpoint: &EndpointPlan, args: ExprId, ty: &Type, types: &Types, seed: &str) -> Self {
        let reader = Reader { endpoint, types, seed };
        let place = Place { ty: Some(ty), hints: None, name: "" };
        match reader.known(args, &place, 0) {
            Known::Given(given) => given,
            Known::Outside | Known::Perhaps | Known::Absent => reader.made_up(&place, 0),
        }
    }

    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(known, _)| &**known == name).map(|(_, given)| given)
            }
            _ => None,
        }
    }

    /// As one JSON value.
    pub fn value(&self) -> Value {
        match self {
            Self::Exact(value) | Self::Like(value) => value.clone(),
            Self::Object(members) => members
                .iter()
                .map(|(name, given)| (name.to_string(), given.value()))
                .collect::<Map<_, _>>()
                .into(),
            Self::Array(items) => items.iter().map(Self::value).collect(),
        }
    }

    /// Whether the code fixes all of it.
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Exact(_) => true,
            Self::Like(_) => false,
            Self::Object(members) => members.iter().all(|(_, given)| given.is_exact()),
            Self::Array(items) => items.iter().all(Self::is_exact),
        }
    }
}

/// What the operation says of a value.
struct Place<'t> {
    ty: Option<&'t Type>,
    hints: Option<&'t Hints>,
    name: &'t str,
}

impl<'t> Place<'t> {
    fn field(field: &'t Field) -> Self {
        Self { ty: Some(&field.ty), hints: field.hints.as_deref(), name: &field.name }
    }
}

impl Reader<'_> {
    /// What `id` gives. `known` of an object leaves out what may be missing unless it is always there.
    fn known(&self, id: ExprId, place: &Place<'_>, depth: u32) -> Known {
        if depth > DEEP {
            return Known::Outside;
        }
        let program = &self.endpoint.program;
        let deeper = |id: ExprId| self.known(id, place, depth + 1);
        match program.op(id) {
            Op::Constant(constant) => constant_of(&program.constants[constant.0 as usize]),
            Op::Slot(slot) => match self.set_by(*slot) {
                Some(value) => deeper(value),
                None => Known::Outside,
            },
            Op::Let { then, .. } => deeper(*then),
            Op::Once { value, .. } => deeper(*value),
            Op::If { then, otherwise, .. } => either(deeper(*then), deeper(*otherwise)),
            Op::Coalesce(_, otherwise) => match deeper(*otherwise) {
                Known::Absent | Known::Perhaps => Known::Perhaps,
                _ => Known::Outside,
            },
            Op::IfPresent { .. } => Known::Perhaps,
            Op::Get { object, name } => {
                let text = &program.name(*name).text;
                if self.is_optional_input(*object, text) { Known::Perhaps } else { Known::Outside }
            }
            Op::Object(run) => self.object(program.members(*run), place, depth),
            Op::Array(run) => self.array(program.elements(*run), place, depth),
            Op::Method { method: Method::Map, args, .. } => match program.args(*args) {
                [Arg::Lambda(lambda)] => {
                    let item = Place { ty: self.item_type(place), hints: None, name: place.name };
                    let body = program.lambda(*lambda).body;
                    Known::Given(Given::Array(vec![self.settled(body, &item, depth + 1)]))
                }
                _ => Known::Outside,
            },
            _ => Known::Outside,
        }
    }

    /// What `id` gives if it is there.
    fn settled(&self, id: ExprId, place: &Place<'_>, depth: u32) -> Given {
        match self.known(id, place, depth) {
            Known::Given(given) => given,
            Known::Outside | Known::Perhaps | Known::Absent => self.made_up(place, 0),
        }
    }

    fn object(&self, members: &[MemberOp], place: &Place<'_>, depth: u32) -> Known {
        let object = self.object_type(place);
        let mut given: Vec<(Arc<str>, Given)> = Vec::new();
        for member in members {
            match member {
                MemberOp::Property { name, value } => {
                    let name = &self.endpoint.program.name(*name).text;
                    let field = object.and_then(|object| object.field(name));
                    let place = field.map_or(Place { ty: None, hints: None, name }, Place::field);
                    let may_miss = field.is_none_or(|field| field.optional);
                    let value = match self.known(*value, &place, depth + 1) {
                        Known::Given(value) => value,
                        Known::Absent => continue,
                        Known::Perhaps if may_miss => continue,
                        Known::Perhaps | Known::Outside => self.made_up(&place, 0),
                    };
                    set(&mut given, name, value);
                }
                MemberOp::Spread(value) => match self.known(*value, place, depth + 1) {
                    Known::Given(Given::Object(members)) => {
                        for (name, value) in members {
                            set(&mut given, &name, value);
                        }
                    }
                    Known::Absent | Known::Perhaps => {}
                    Known::Given(_) | Known::Outside => match self.made_up(place, 0) {
                        Given::Object(members) => {
                            for (name, value) in members {
                                set(&mut given, &name, value);
                            }
                        }
                        _ => return Known::Outside,
                    },
                },
                MemberOp::Computed { .. } => return Known::Outside,
            }
        }
        Known::Given(Given::Object(given))
    }

    fn array(&self, elements: &[ElementOp], place: &Place<'_>, depth: u32) -> Known {
        let item = Place { ty: self.item_type(place), hints: None, name: place.name };
        let mut items = Vec::new();
        for element in elements {
            match element {
                ElementOp::Item(value) => items.push(self.settled(*value, &item, depth + 1)),
                ElementOp::Spread(value) => match self.known(*value, place, depth + 1) {
                    Known::Given(Given::Array(more)) => items.extend(more),
                    _ => items.push(self.made_up(&item, 0)),
                },
            }
        }
        Known::Given(Given::Array(items))
    }

    /// An example: an object of what must be there, a list of one.
    fn made_up(&self, place: &Place<'_>, depth: u32) -> Given {
        if let Some(object) = self.object_type(place)
            && object.index.is_none()
            && depth < DEEP_EXAMPLE
        {
            let required = object.fields.iter().filter(|field| !field.optional);
            let members =
                required.map(|field| (field.name.clone(), self.made_up(&Place::field(field), depth + 1)));
            return Given::Object(members.collect());
        }
        let knobs = Knobs { list: 1, optional: false, ..Knobs::default() };
        let ty = place.ty.unwrap_or(&Type::Unknown);
        Given::Like(example::with(self.types, ty, place.hints, place.name, self.seed, knobs))
    }

    /// The type of an object, if it is one (or null).
    fn object_type<'t>(&'t self, place: &Place<'t>) -> Option<&'t Object> {
        let resolved = self.types.resolve(place.ty?);
        resolved.members().iter().find_map(|member| match self.types.resolve(member) {
            Type::Object(object) => Some(&**object),
            _ => None,
        })
    }

    fn item_type<'t>(&'t self, place: &Place<'t>) -> Option<&'t Type> {
        let resolved = self.types.resolve(place.ty?);
        resolved.members().iter().find_map(|member| match self.types.resolve(member) {
            Type::Array(item) => Some(&**item),
            _ => None,
        })
    }

    /// The expression whose value a slot holds, if it is a `const`.
    fn set_by(&self, slot: Slot) -> Option<ExprId> {
        let computed = self.endpoint.steps.iter().find_map(|step| match step.kind {
            StepKind::Compute(value) if step.slot == slot => Some(value),
            _ => None,
        });
        computed.or_else(|| {
            self.endpoint.program.ops.iter().find_map(|op| match op {
                Op::Let { slot: set, value, .. } | Op::Once { slot: set, value } if *set == slot => {
                    Some(*value)
                }
                _ => None,
            })
        })
    }

    fn is_optional_input(&self, object: ExprId, name: &str) -> bool {
        let is_input =
            matches!(self.endpoint.program.op(object), Op::Slot(slot) if Some(*slot) == self.endpoint.input);
        is_input
            && self
                .endpoint
                .inputs
                .iter()
                .any(|input| &*input.name == name && input.schema.optional && input.schema.default.is_none())
    }
}

fn set(given: &mut Vec<(Arc<str>, Given)>, name: &Arc<str>, value: Given) {
    match given.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => given.push((name.clone(), value)),
    }
}

/// Of two branches.
fn either(one: Known, other: Known) -> Known {
    match (one, other) {
        (Known::Absent, Known::Absent) => Known::Absent,
        (Known::Absent | Known::Perhaps, _) | (_, Known::Absent | Known::Perhaps) => Known::Perhaps,
        (Known::Given(one), Known::Given(other)) if one == other => Known::Given(one),
        _ => Known::Outside,
    }
}

fn constant_of(constant: &Constant) -> Known {
    match constant.to_json() {
        Some(value) => Known::Given(exact(value)),
        None => Known::Absent,
    }
}

/// Containers stay containers, so that what is spread of them can be told apart.
fn exact(value: Value) -> Given {
    match value {
        Value::Object(members) => {
            Given::Object(members.into_iter().map(|(name, value)| (name.into(), exact(value))).collect())
        }
        Value::Array(items) => Given::Array(items.into_iter().map(exact).collect()),
        value => Given::Exact(value),
    }
}
