//! What a workspace means: names resolved, types known, impossible states gone.
//!
//! An endpoint's function is a typed expression tree ([`Expr`]). Blocks of `const`s, early returns, destructuring,
//! defaults and optional chains are already lowered to a few forms; helpers and shapes are still separate
//! [`Function`]s, applied by [`ExprKind::Apply`]. Evaluating a tree has JavaScript's semantics exactly.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{Catalog, OperationId, ServiceId};
use frontdesk_diagnostics::Span;
use frontdesk_types::{Deprecation, Type, Types, Version};

pub mod json;
mod perimeter;
mod policy;
mod versions;
mod visit;

pub use perimeter::*;
pub use policy::*;
pub use versions::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub catalog: Arc<Catalog>,
    /// The catalogue's named types and those of shapes.
    pub types: Types,
    pub bffs: Vec<Bff>,
    /// Helpers and shapes of all BFFs.
    pub functions: Vec<Function>,
}

#[derive(Clone, Debug)]
pub struct Bff {
    /// The folder's name below `bffs/`.
    pub name: Arc<str>,
    pub config: BffConfig,
    pub endpoints: Vec<Endpoint>,
}

/// What `bff.ts` says.
#[derive(Clone, Debug)]
pub struct BffConfig {
    pub client: Arc<str>,
    pub owner: Option<Arc<str>>,
    /// BCP 47 tags; the first is the default.
    pub locales: Vec<Arc<str>>,
    /// ISO 4217.
    pub currency: Arc<str>,
    /// The latency budget of endpoints that say none.
    pub latency: Duration,
    /// The largest request body, in bytes.
    pub body_limit: Option<u64>,
    pub errors: Vec<ErrorMapping>,
    pub proxies: Vec<ProxyRoute>,
    pub perimeter: Perimeter,
    pub versions: Versions,
    /// `openapi: true`: anybody may read the contract at `/openapi.json`.
    pub openapi: bool,
    pub span: Span,
}

/// A row of `errors` in `bff.ts`.
#[derive(Clone, Debug)]
pub enum ErrorMapping {
    /// `cart_empty: { status: 409, title: "…" }`: how a problem code is answered.
    Problem(Problem),
    /// `"cart.getCart:404": "cart_not_found"`: what a failed required call becomes. `operation: None` stands for
    /// any operation of the service, `status: None` for any failure.
    Fault { service: ServiceId, operation: Option<OperationId>, status: Option<u16>, code: Arc<str> },
}

/// RFC 9457 problem details with a stable code.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// lower_snake_case.
    pub code: Arc<str>,
    pub status: u16,
    pub title: Option<Arc<str>>,
}

/// `proxy("/legacy/*", { to: service })`: one service passed through under a prefix.
#[derive(Clone, Debug)]
pub struct ProxyRoute {
    /// Without the `*`: `/legacy/`.
    pub prefix: Arc<str>,
    pub service: ServiceId,
    /// Whether the prefix is taken off before the path goes to the service.
    pub strip: bool,
    /// Lower-case names taken off requests, beyond those that never pass.
    pub remove_headers: Vec<Arc<str>>,
    pub add_headers: Vec<(Arc<str>, Arc<str>)>,
    /// Lower-case names of request headers that pass beyond those that always do and those of the BFF.
    pub forward_headers: Vec<Arc<str>>,
    /// Lower-case names of answer headers that pass beyond those that always do and those of the BFF.
    pub answer_headers: Vec<Arc<str>>,
    pub timeout: Option<Duration>,
    /// `cache: "http"`: answers are kept as the service says, for everybody (RFC 9111).
    pub cache: bool,
    pub access: Access,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// Calls run in parallel and only read.
    View,
    /// Writing calls run in program order, reads in parallel.
    Action,
}

#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The file's stem, with folders below `views/` or `actions/`: `checkout-summary`.
    pub name: Arc<str>,
    pub kind: EndpointKind,
    pub method: Arc<str>,
    pub route: Vec<RoutePart>,
    pub summary: Option<Arc<str>>,
    pub inputs: Vec<Input>,
    /// The latency budget; the BFF's if the endpoint says none.
    pub latency: Duration,
    /// The payload budget in bytes.
    pub payload: Option<u64>,
    /// `load` or `run`: at most two parameters, the input object and the context.
    pub function: Lambda,
    /// The type of the input object.
    pub input_type: Type,
    /// The inferred (or annotated) response type.
    pub response: Type,
    /// Every problem the function may throw.
    pub problems: Vec<Problem>,
    pub access: Access,
    pub cache: Option<ViewCache>,
    pub idempotency: Idempotency,
    /// The most requests of it that are served at once, on each core.
    pub bulkhead: Option<u32>,
    /// Nobody waits for it: shed before everything else.
    pub background: bool,
    pub deprecated: Option<Deprecation>,
    /// What it answered on earlier dates, newest first; empty unless the BFF has dated versions.
    pub dated: Vec<DatedEndpoint>,
    /// One past the highest [`LocalId`] of this endpoint's function.
    pub locals: u32,
    pub span: Span,
    /// The `"GET /v2/…"` literal.
    pub route_span: Span,
    /// The literal itself.
    pub route_text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RoutePart {
    /// Text between parameters, beginning with `/` at the start: `/v2/carts/`.
    Literal(Arc<str>),
    /// `{cartId}` (or `:cartId`): one whole path segment.
    Param(Arc<str>),
}

#[derive(Clone, Debug)]
pub struct Input {
    pub name: Arc<str>,
    pub place: InputPlace,
    /// The name on the wire, which differs from `name` for headers: `x-client-version`.
    pub wire: Arc<str>,
    pub schema: Schema,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputPlace {
    Path,
    Query,
    Header,
    /// A property of the JSON body.
    Body,
}

/// What `t.…` describes.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    pub kind: SchemaKind,
    /// `.optional()`: may be missing, then `undefined`.
    pub optional: bool,
    /// `.nullable()`: may be `null`.
    pub nullable: bool,
    /// `.default(value)`: stands in for a missing value.
    pub default: Option<Constant>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SchemaKind {
    /// Lengths in characters (Unicode code points), as JSON Schema counts; `pattern` is an ECMAScript regular expression with `u`.
    String {
        min: Option<u32>,
        max: Option<u32>,
        pattern: Option<Arc<str>>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Integer {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    Enum(Vec<Arc<str>>),
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    DateTime,
    Array {
        of: Box<Schema>,
        min: Option<u32>,
        max: Option<u32>,
    },
    Object(Vec<(Arc<str>, Schema)>),
}

/// A helper or shape.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: Arc<str>,
    /// `Some` if it was declared with `shape("Name", …)`: the name of its result in the contract.
    pub shape: Option<Arc<str>>,
    pub lambda: Lambda,
    pub result: Type,
    /// One past the highest [`LocalId`] of this function.
    pub locals: u32,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionId(pub u32);

/// A parameter or `const`, unique within its endpoint or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

#[derive(Clone, Debug)]
pub struct Lambda {
    pub params: Vec<LocalId>,
    pub body: Box<Expr>,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    /// Of the value, after narrowing.
    pub ty: Type,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Constant(Constant),
    Local(LocalId),
    /// `const`s in order, then a result that may mention them.
    Block {
        lets: Vec<Let>,
        result: Box<Expr>,
    },
    /// `c ? a : b`, and `if (c) return a; b…`.
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    /// `a?.b.c` as a whole: if `value` is null or undefined the result is `undefined`, else `then`, in which
    /// `local` is the value.
    IfPresent {
        local: LocalId,
        value: Box<Expr>,
        then: Box<Expr>,
    },
    /// `a.name` of an object. (`length` is a [`Method`].)
    Get {
        object: Box<Expr>,
        name: Arc<str>,
    },
    /// `a[i]` of an array, string or object.
    Index {
        object: Box<Expr>,
        key: Box<Expr>,
    },
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Alternating text and values.
    Template(Vec<TemplatePart>),
    Object(Vec<Member>),
    Array(Vec<Element>),
    /// A method of a value, or a property that is computed (`length`).
    Method {
        method: Method,
        receiver: Box<Expr>,
        args: Vec<Argument>,
    },
    /// A function of `frontdesk`, `Object`, `Math`, `Number`, `String`, `Array`.
    Builtin {
        builtin: Builtin,
        args: Vec<Argument>,
    },
    /// A helper or shape.
    Apply {
        function: FunctionId,
        args: Vec<Expr>,
    },
    Call(Box<Call>),
    /// Whether the client that asks is of this version or a newer one: the condition of `since` and `until`.
    ClientSince(Version),
    /// `throw problem(code, …)`
    Throw {
        problem: Problem,
        detail: Option<Box<Expr>>,
    },
}

/// `const local = value;`
#[derive(Clone, Debug)]
pub struct Let {
    pub local: LocalId,
    pub name: Arc<str>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub enum TemplatePart {
    Text(Arc<str>),
    Value(Expr),
}

#[derive(Clone, Debug)]
pub enum Member {
    Property {
        name: Arc<str>,
        value: Expr,
    },
    /// `[key]: value`
    Computed {
        key: Expr,
        value: Expr,
    },
    /// `...object`; `null` and `undefined` add nothing.
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum Element {
    Item(Expr),
    /// `...array`
    Spread(Expr),
}

/// An argument of a method or built-in: a value, or a function applied by it.
#[derive(Clone, Debug)]
pub enum Argument {
    Value(Expr),
    Lambda(Lambda),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    String(Arc<str>),
    Array(Vec<Constant>),
    Object(Vec<(Arc<str>, Constant)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `!a`
    Not,
    /// `-a`
    Negate,
    /// `+a`
    ToNumber,
    /// `typeof a`
    TypeOf,
    /// `~a`
    BitNot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    /// `===`
    Equal,
    /// `!==`
    NotEqual,
    /// `== null` and `!= null` only; other loose comparisons are refused.
    LooseEqual,
    LooseNotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// `"key" in object`
    In,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
}

impl BinaryOp {
    /// As JavaScript writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::Equal => "===",
            Self::NotEqual => "!==",
            Self::LooseEqual => "==",
            Self::LooseNotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::ShiftRightUnsigned => ">>>",
        }
    }
}

/// Methods of arrays and strings, by their JavaScript names. Which receiver they take is settled by types, and
/// stays checked at run time because unions may mix both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    // both
    Length,
    At,
    Concat,
    Includes,
    IndexOf,
    LastIndexOf,
    Slice,
    ToString,
    // arrays
    Map,
    Filter,
    Find,
    FindIndex,
    FindLast,
    FindLastIndex,
    Some,
    Every,
    FlatMap,
    Flat,
    Join,
    Reduce,
    ReduceRight,
    ToSorted,
    ToReversed,
    With,
    Entries,
    Keys,
    Values,
    // strings
    CharAt,
    CharCodeAt,
    CodePointAt,
    EndsWith,
    PadEnd,
    PadStart,
    Repeat,
    Replace,
    ReplaceAll,
    Split,
    StartsWith,
    Substring,
    ToLowerCase,
    ToUpperCase,
    Trim,
    TrimEnd,
    TrimStart,
    // numbers
    ToFixed,
}

/// Functions that are not methods of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    // frontdesk
    KeyBy,
    GroupBy,
    Money,
    Number,
    DateTime,
    Plural,
    Image,
    // Object
    ObjectKeys,
    ObjectValues,
    ObjectEntries,
    ObjectFromEntries,
    // Array
    ArrayIsArray,
    ArrayFrom,
    // Number
    ToNumber,
    NumberIsInteger,
    NumberIsFinite,
    NumberIsNaN,
    NumberIsSafeInteger,
    NumberParseFloat,
    NumberParseInt,
    // String, Boolean
    ToStringValue,
    ToBoolean,
    // Math
    MathAbs,
    MathCeil,
    MathFloor,
    MathRound,
    MathTrunc,
    MathSign,
    MathSqrt,
    MathMin,
    MathMax,
    MathPow,
    // encodeURIComponent
    EncodeUriComponent,
}

/// `service.operation(args, options)`
#[derive(Clone, Debug)]
pub struct Call {
    pub service: ServiceId,
    pub operation: OperationId,
    /// The argument object.
    pub args: Expr,
    pub options: CallOptions,
    /// The name the author gave the result, for `explain` and `Frontdesk-Degraded`: the `const`'s name if
    /// there is one.
    pub label: Option<Arc<str>>,
    pub span: Span,
}

#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub within: Option<Duration>,
    pub on_failure: OnFailure,
    pub cache: Option<CallCache>,
    /// How often it may be tried again; as the service has it if the call says nothing.
    pub retries: Option<u32>,
    pub hedge: Option<Hedge>,
}

#[derive(Clone, Debug, Default)]
pub enum OnFailure {
    /// The request fails.
    #[default]
    Fail,
    /// `optional: true`
    Null,
    /// `otherwise: value`
    Otherwise(Box<Expr>),
    /// `otherwise: lastGood(value)`: what the same call last answered; `value`, or `null`, if there is nothing.
    LastGood(Option<Box<Expr>>),
}

impl OnFailure {
    /// What the author wrote for it.
    pub fn value(&self) -> Option<&Expr> {
        match self {
            Self::Fail | Self::Null | Self::LastGood(None) => None,
            Self::Otherwise(value) | Self::LastGood(Some(value)) => Some(value),
        }
    }

    pub fn value_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Self::Fail | Self::Null | Self::LastGood(None) => None,
            Self::Otherwise(value) | Self::LastGood(Some(value)) => Some(value),
        }
    }
}
