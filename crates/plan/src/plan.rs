//! The Plan: what the engine runs.
//!
//! An endpoint is a list of [`Step`]s in an order that respects every need, and a flat [`Program`] of which the
//! steps' arguments and the answer are parts. Helpers and shapes are inlined and nothing recurses, so each
//! parameter, `const` and step result has one place in one frame ([`Slot`]); evaluation allocates no scopes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{Catalog, OperationId, ServiceId};
use frontdesk_diagnostics::Span;
use frontdesk_lang::model::{
    Access, BffConfig, BinaryOp, Builtin, Constant, EndpointKind, Hedge, Idempotency, Input, Lifetime,
    Method, Problem, RoutePart, UnaryOp, ViewCache,
};
use frontdesk_types::{Date, Deprecation, Type, Version};

#[derive(Clone, Debug)]
pub struct Plan {
    pub catalog: Arc<Catalog>,
    pub bffs: Vec<BffPlan>,
}

#[derive(Clone, Debug)]
pub struct BffPlan {
    pub name: Arc<str>,
    pub config: BffConfig,
    pub endpoints: Vec<Arc<EndpointPlan>>,
}

#[derive(Clone, Debug)]
pub struct EndpointPlan {
    pub bff: Arc<str>,
    pub name: Arc<str>,
    pub kind: EndpointKind,
    pub method: Arc<str>,
    pub route: Vec<RoutePart>,
    pub summary: Option<Arc<str>>,
    pub inputs: Vec<Input>,
    pub latency: Duration,
    pub payload: Option<u64>,
    pub response: Type,
    /// How many slots a frame has.
    pub frame: u32,
    /// What the author calls each slot, for `explain`; as many as `frame`.
    pub slot_names: Vec<Option<Arc<str>>>,
    /// Set by the engine before anything runs: the object of validated inputs, and `{ session, client, auth }`.
    pub input: Option<Slot>,
    pub context: Option<Slot>,
    pub context_use: ContextUse,
    /// `client.name`
    pub client: Arc<str>,
    /// Every step's needs come before it.
    pub steps: Vec<Step>,
    pub program: Program,
    pub selections: Selections,
    /// The response, to be written straight to the output.
    pub answer: ExprId,
    /// The steps whose slots the answer may read.
    pub answer_needs: Vec<StepId>,
    pub faults: Vec<FaultMapping>,
    pub access: Access,
    pub cache: Option<ViewCache>,
    pub idempotency: Idempotency,
    /// The most requests of it that are served at once, on each core.
    pub bulkhead: Option<u32>,
    /// Nobody waits for it: shed before everything else.
    pub background: bool,
    pub deprecated: Option<Deprecation>,
    /// Whoever asks gets them.
    pub deprecated_fields: Vec<DeprecatedField>,
    /// The answer depends on the version of the client.
    pub by_client_version: bool,
    /// What of the request's headers the answer depends on, whoever asks.
    pub varies: Varies,
    /// What of the caller the answer derives from; nothing, and it is the same whoever asks.
    pub of_caller: Vec<CallerPart>,
    /// What it answered on earlier dates, newest first. `None`: there was no such endpoint yet.
    pub dated: Vec<(Date, Option<Arc<EndpointPlan>>)>,
}

/// What of a request beside its path and query an answer depends on: what a cache must tell apart (`Vary`, RFC 9110
/// §12.5.5). What says who asks is not here: see [`ContextUse`] and `Access`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Varies {
    /// `Accept-Language`: `session.locale` is read, in which the best of the BFF's locales stands.
    pub language: bool,
    /// The header that says the client's version or the date of its contract, by the BFF's `versions`.
    pub version: bool,
    /// Lower-case names of headers that are inputs and are read, or by which a called service's traffic is routed;
    /// sorted. An input whose value decides whether the request is refused (a required one) is one of them even if
    /// nobody reads it.
    pub headers: Vec<Arc<str>>,
}

/// A part of what is known of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerPart {
    /// A member of `session`: the subject, a claim.
    Session(Arc<str>),
    /// `auth`
    Auth,
    /// A header that says who asks, by its lower-case name.
    Header(Arc<str>),
    /// A call (`service.operation`) that carries the caller's token, or that goes to a version by who asks.
    Call(Arc<str>),
}

impl fmt::Display for CallerPart {
    /// As an author knows it: `` `session.tier` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(member) => write!(f, "`session.{member}`"),
            Self::Auth => f.write_str("`auth`"),
            Self::Header(name) => write!(f, "the header `{name}`"),
            Self::Call(called) => write!(f, "`{called}`"),
        }
    }
}

/// A field of an answer that is on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeprecatedField {
    /// `items[].oldPrice`, `prices.*.old`
    pub path: Arc<str>,
    pub deprecation: Deprecation,
}

/// What of the context is read, so that nobody decodes what nobody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextUse {
    /// Members of `session` that say who asks: the subject and claims.
    pub identity: bool,
    pub auth: bool,
}

/// A row of `errors` in `bff.ts` that applies to this endpoint's calls, most specific first.
#[derive(Clone, Debug)]
pub struct FaultMapping {
    pub service: ServiceId,
    pub operation: Option<OperationId>,
    pub status: Option<u16>,
    pub problem: Problem,
}

/// A place in the frame: a parameter, a `const`, the result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(pub u32);

#[derive(Clone, Debug)]
pub struct Step {
    /// Where the result goes. A [`StepKind::Check`] sets it to `undefined`.
    pub slot: Slot,
    /// Steps that must be done before this one starts: data, guards, and in actions the order of writes.
    pub needs: Vec<StepId>,
    pub kind: StepKind,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    /// A `const` that more than one later part reads.
    Compute(ExprId),
    /// `if (condition) throw problem(…)`, as soon as the condition can be known.
    Check {
        condition: ExprId,
        problem: ProblemId,
        detail: Option<ExprId>,
    },
    Call(Box<CallStep>),
    /// A call inside `.map(…)`: once per element.
    Each(Box<EachStep>),
}

#[derive(Clone, Debug)]
pub struct CallStep {
    pub service: ServiceId,
    pub operation: OperationId,
    /// The name in `explain`, `Frontdesk-Degraded` and metrics: the `const`'s name, else `service.operation`.
    pub label: Arc<str>,
    /// Not made, and `undefined`, if this is falsy.
    pub guard: Option<ExprId>,
    /// The argument object. What a selection adds (`fields=`, a field mask) is already in it.
    pub args: ExprId,
    /// The shorter of the call's `within` and the service's timeout; the endpoint's deadline may cut it further.
    pub timeout: Duration,
    pub on_failure: OnFailure,
    /// What to read of the answer.
    pub select: SelectId,
    pub effect: frontdesk_catalog::Effect,
    /// Another call site of this endpoint may make the same call with the same arguments.
    pub may_repeat: bool,
    pub cache: Option<CallCache>,
    /// The service gets credentials of whoever asks: nothing of the answer may be shared between callers.
    pub by_caller: bool,
    pub retries: Option<u32>,
    pub hedge: Option<Hedge>,
}

#[derive(Clone, Debug)]
pub enum OnFailure {
    Fail,
    Null,
    Otherwise(ExprId),
    /// What the same call last answered, however old; if there is nothing, this, or `null`.
    LastGood(Option<ExprId>),
}

impl OnFailure {
    /// What the author wrote for it.
    pub fn value(&self) -> Option<ExprId> {
        match self {
            Self::Fail | Self::Null => None,
            Self::Otherwise(value) => Some(*value),
            Self::LastGood(value) => *value,
        }
    }
}

/// How the answers of a call are kept. The key is operation, arguments, and the identity if `by_caller`.
#[derive(Clone, Debug)]
pub struct CallCache {
    pub lifetime: Lifetime,
    pub stale: Duration,
    pub stale_if_error: Duration,
    pub negative: Duration,
    /// Evaluates to an array of strings, with the same slots as `args`.
    pub tags: Option<ExprId>,
}

/// A call made once for each element of one list, or of lists in lists.
///
/// The loops' slots must be set again before each evaluation of `guard`, `args`, `id` or `otherwise`: other steps
/// over the same list use the same slots.
///
/// The result is an array in the shape of the loops: with two loops, an array of arrays. The body reads it by
/// the loops' index slots.
#[derive(Clone, Debug)]
pub struct EachStep {
    /// Outermost first; a later list may depend on earlier elements.
    pub loops: Vec<Loop>,
    /// `guard`, `args` and `otherwise` may read the loops' slots. `select` is of one answer of the single call.
    pub call: CallStep,
    pub batch: Option<BatchStep>,
    /// The most calls of this step in flight at once.
    pub concurrency: u32,
}

#[derive(Clone, Debug)]
pub struct Loop {
    pub list: ExprId,
    pub element: Slot,
    pub index: Slot,
}

/// The calls of an [`EachStep`] made as few calls of the batch twin.
#[derive(Clone, Debug)]
pub struct BatchStep {
    pub operation: OperationId,
    /// The id of one element: a string or number, read with the loops' slots set.
    pub id: ExprId,
    /// Holds the array of ids while `args` is evaluated.
    pub ids: Slot,
    /// The twin's argument object.
    pub args: ExprId,
    /// Of the twin's answer.
    pub select: SelectId,
    /// The field that holds the list, or `None` if the answer is the list.
    pub items: Option<NameId>,
    /// The field of an item that holds its id.
    pub key: NameId,
    /// The most ids of one call.
    pub limit: u32,
}

// ---- what is read of an answer

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SelectId(pub u32);

/// Selections by id, so that recursive schemas can be read whole.
#[derive(Clone, Debug, Default)]
pub struct Selections {
    pub nodes: Vec<Select>,
}

/// What is read of one value of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    /// Which kinds of JSON value fit the schema here. A value of another kind makes the call fail as malformed.
    pub kinds: Kinds,
    /// If strings fit only when they are one of these (a closed `enum`).
    pub strings: Option<Arc<[Arc<str>]>>,
    /// For objects; without fields and rest if only the object's presence matters.
    pub record: Option<RecordSelect>,
    /// For arrays; set whenever `kinds` holds arrays, because a length counts elements.
    pub items: Option<SelectId>,
    /// The schema says nothing: the value is validated and kept as text, whatever it is.
    pub verbatim: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordSelect {
    /// The fields that are read, in the order their slots have in the run-time record.
    pub fields: Vec<FieldSelect>,
    /// Every other key, for `additionalProperties`, `map<…>`; `None` skips other keys.
    pub rest: Option<SelectId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldSelect {
    pub name: NameId,
    pub select: SelectId,
    /// Missing makes the call fail as malformed.
    pub required: bool,
}

/// A set of JSON kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub u8);

impl Kinds {
    pub const NULL: Self = Self(1);
    pub const BOOLEAN: Self = Self(2);
    pub const NUMBER: Self = Self(4);
    pub const STRING: Self = Self(8);
    pub const ARRAY: Self = Self(16);
    pub const OBJECT: Self = Self(32);
    pub const ALL: Self = Self(63);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

// ---- the program

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExprId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConstantId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LambdaId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProblemId(pub u32);

/// A hash index built at run time, kept for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JoinId(pub u32);

/// A run of one of [`Program`]'s pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub start: u32,
    pub len: u32,
}

/// Expressions in flat pools; ids index them. Every id that occurs is in range.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub ops: Vec<Op>,
    pub args: Vec<Arg>,
    pub members: Vec<MemberOp>,
    pub elements: Vec<ElementOp>,
    pub parts: Vec<PartOp>,
    pub names: Vec<Name>,
    pub constants: Vec<Constant>,
    pub lambdas: Vec<LambdaOp>,
    pub problems: Vec<Problem>,
    /// How many [`JoinId`]s there are.
    pub joins: u32,
    /// Where each op that chooses stands in the source: ternaries, `if`, `&&`, `||`, `??`, `?.`. Of those that the
    /// planner made itself there is no source.
    pub choices: Vec<(ExprId, Span)>,
}

/// An object key known when planning; equal texts have equal ids within an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: Arc<str>,
    /// `"text":` with JSON escapes, as it is written to the answer.
    pub json: Arc<[u8]>,
    /// The key as an array index (`"0"` to `"4294967294"`, canonical), which JavaScript lists first.
    pub index: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct LambdaOp {
    /// As many of the arguments JavaScript would pass as are read: `(element, index, array)`, for `reduce`
    /// `(accumulator, element, index, array)`, for `toSorted` `(a, b)`, for `keyBy` and `groupBy`
    /// `(element, index)`. All up to the last one that is read are listed.
    pub params: Vec<Slot>,
    pub body: ExprId,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Constant(ConstantId),
    Slot(Slot),
    /// `const slot = value; then`
    Let {
        slot: Slot,
        value: ExprId,
        then: ExprId,
    },
    /// Evaluated at most once a request, when first needed: a value that does not depend on the lambda it stands in.
    Once {
        slot: Slot,
        value: ExprId,
    },
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    And(ExprId, ExprId),
    Or(ExprId, ExprId),
    Coalesce(ExprId, ExprId),
    IfPresent {
        slot: Slot,
        value: ExprId,
        then: ExprId,
    },
    Get {
        object: ExprId,
        name: NameId,
    },
    Index {
        object: ExprId,
        key: ExprId,
    },
    Unary(UnaryOp, ExprId),
    Binary(BinaryOp, ExprId, ExprId),
    /// A run of [`Program::parts`].
    Template(Run),
    /// A run of [`Program::members`].
    Object(Run),
    /// A run of [`Program::elements`].
    Array(Run),
    /// `args` is a run of [`Program::args`].
    Method {
        method: Method,
        receiver: ExprId,
        args: Run,
    },
    Builtin {
        builtin: Builtin,
        args: Run,
    },
    /// Whether the client is of this version or a newer one.
    ClientSince(Version),
    /// `list.find(element => key === probe)` and its like, by a hash index over `list` that is kept while the
    /// list stays the same. `probe` does not read `element`; both are strings, numbers, booleans, null or undefined.
    Join {
        kind: JoinKind,
        list: ExprId,
        element: Slot,
        key: ExprId,
        probe: ExprId,
        join: JoinId,
    },
    Throw {
        problem: ProblemId,
        detail: Option<ExprId>,
    },
    /// `then`, and a note that it was evaluated. The planner writes none: whoever measures what tests have tried puts
    /// them in, so that others pay nothing for it.
    Mark {
        mark: u32,
        then: ExprId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    Find,
    FindIndex,
    FindLast,
    Filter,
    Some,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    Value(ExprId),
    Lambda(LambdaId),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MemberOp {
    Property { name: NameId, value: ExprId },
    Computed { key: ExprId, value: ExprId },
    Spread(ExprId),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ElementOp {
    Item(ExprId),
    Spread(ExprId),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartOp {
    /// A string constant.
    Text(ConstantId),
    Value(ExprId),
}

impl Program {
    pub fn op(&self, id: ExprId) -> &Op {
        &self.ops[id.0 as usize]
    }

    pub fn name(&self, id: NameId) -> &Name {
        &self.names[id.0 as usize]
    }

    pub fn lambda(&self, id: LambdaId) -> &LambdaOp {
        &self.lambdas[id.0 as usize]
    }

    pub fn args(&self, run: Run) -> &[Arg] {
        &self.args[run.start as usize..(run.start + run.len) as usize]
    }

    pub fn members(&self, run: Run) -> &[MemberOp] {
        &self.members[run.start as usize..(run.start + run.len) as usize]
    }

    pub fn elements(&self, run: Run) -> &[ElementOp] {
        &self.elements[run.start as usize..(run.start + run.len) as usize]
    }

    pub fn parts(&self, run: Run) -> &[PartOp] {
        &self.parts[run.start as usize..(run.start + run.len) as usize]
    }
}

impl Selections {
    pub fn get(&self, id: SelectId) -> &Select {
        &self.nodes[id.0 as usize]
    }
}

/// The name of a call in `Frontdesk-Degraded`: `label` as an RFC 9651 §3.3.4 token. Characters it cannot have become `_`,
/// and it begins with a letter or `*`.
pub fn degraded_token(label: &str) -> String {
    let mut out = String::with_capacity(label.len() + 1);
    if !label.starts_with(|first: char| first.is_ascii_alphabetic() || first == '*') {
        out.push('*');
    }
    for character in label.chars() {
        let fits = character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(character);
        out.push(if fits { character } else { '_' });
    }
    out
}
