//! What a client may rely on.
//!
//! A contract is what its client sees and nothing else: no services, no calls, no source. It says the same as the
//! OpenAPI 3.1 document that it is written as, with names settled and impossible states gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_lang::model::{CacheScope, Idempotency};
use frontdesk_types::{Date, Deprecation, Life, Version};
use serde_json::Value;

/// The contract of one BFF, on one date if it has dated versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// The folder's name below `bffs/`.
    pub bff: Arc<str>,
    /// `client` of `bff.ts`.
    pub client: Arc<str>,
    pub owner: Option<Arc<str>>,
    pub versions: Versioning,
    /// Every way to prove who one is, by its name in the document.
    pub security: BTreeMap<Arc<str>, SecurityScheme>,
    /// In the order of path, then method.
    pub operations: Vec<Operation>,
    /// Named schemas.
    pub schemas: BTreeMap<Arc<str>, Schema>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Versioning {
    #[default]
    None,
    /// The client says which of its versions asks.
    Client {
        /// As `bff.ts` writes it.
        header: Arc<str>,
        minimum: Option<Version>,
        /// Ascending.
        supported: Vec<Version>,
    },
    /// This is the contract as it is on a date, which the client names.
    Dated { header: Arc<str>, date: Date },
}

#[derive(Clone, Debug, PartialEq)]
pub enum SecurityScheme {
    /// `session`: a cookie, and the header that the client's own pages send.
    Cookie {
        name: Arc<str>,
        header: Arc<str>,
    },
    /// `bearer`: an access token in `Authorization`.
    Bearer,
    /// `device`: a token with a proof by the device's key (`Authorization: DPoP`).
    Device,
    ApiKey {
        header: Arc<str>,
    },
    Certificate,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// `checkoutSummary`: unique, an identifier.
    pub id: Arc<str>,
    /// Upper case.
    pub method: Arc<str>,
    /// `/v2/carts/{cartId}`
    pub path: Arc<str>,
    pub summary: Option<Arc<str>>,
    pub parameters: Vec<Parameter>,
    /// The JSON body, always an object; `None` if the operation takes none.
    pub body: Option<Body>,
    /// The JSON of a 200.
    pub answer: Schema,
    /// What else it may answer, in the order of status, then code.
    pub problems: Vec<Problem>,
    /// The calls that the answer may have to do without, as `Frontdesk-Degraded` names them.
    pub degradable: Vec<Arc<str>>,
    /// Names of [`Contract::security`], any one of which does. Empty: anybody may ask.
    pub security: Vec<Arc<str>>,
    /// All of these scopes are needed.
    pub scopes: Vec<Arc<str>>,
    /// For whom answers may be kept; `None`: nobody keeps them.
    pub cache: Option<CacheScope>,
    /// What an `Idempotency-Key` means to it.
    pub idempotency: Idempotency,
    pub deprecated: Option<Deprecation>,
    /// Where it is written, if it was inferred.
    pub span: Written,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub place: Place,
    /// As it stands on the wire.
    pub name: Arc<str>,
    /// What the view, and generated clients, call it.
    pub input: Arc<str>,
    pub required: bool,
    pub schema: Schema,
    pub span: Written,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Path,
    Query,
    Header,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    pub required: bool,
    pub schema: Schema,
}

/// RFC 9457 problem details that an operation may answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    pub code: Arc<str>,
    pub title: Option<Arc<str>>,
}

/// A set of JSON values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub kind: Kind,
    /// `null` is one of its values as well. Never set on [`Kind::Any`], [`Kind::Null`], [`Kind::Reference`] to a nullable.
    pub nullable: bool,
    pub doc: Option<Arc<str>>,
    /// What stands in for a missing input.
    pub default: Option<Value>,
    pub example: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Kind {
    /// Any JSON value.
    #[default]
    Any,
    Null,
    Boolean,
    Number {
        /// Whole numbers only.
        integer: bool,
        min: Option<f64>,
        max: Option<f64>,
    },
    String {
        /// Lengths in characters.
        min: Option<u64>,
        max: Option<u64>,
        pattern: Option<Arc<str>>,
        format: Option<Arc<str>>,
    },
    /// One of these; strings nearly always.
    Enum(Vec<Value>),
    Array {
        items: Box<Schema>,
        min: Option<u64>,
        max: Option<u64>,
    },
    /// Exactly these items.
    Tuple(Vec<Schema>),
    Object(Object),
    /// A name of [`Contract::schemas`].
    Reference(Arc<str>),
    /// One of these or several of them.
    AnyOf(Vec<Schema>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// In the order of the code: documents and clients keep it.
    pub fields: Vec<Field>,
    pub more: More,
}

/// Keys beyond the named ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum More {
    /// Answers: none are sent today; clients must pass over those they do not know. Inputs: not accepted.
    #[default]
    None,
    /// A map: `additionalProperties`.
    Of(Box<Schema>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: Arc<str>,
    pub schema: Schema,
    /// The key is always there, for every client that is served.
    pub required: bool,
    pub life: Life,
    /// Optional calls without which its value is missing, null or a stand-in.
    pub degraded_by: Vec<Arc<str>>,
    pub span: Written,
}

/// Where something is written, for diagnostics. Two things are equal wherever they stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written(pub Option<Span>);

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Schema {
    pub fn of(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    pub fn reference(name: impl Into<Arc<str>>) -> Self {
        Self::of(Kind::Reference(name.into()))
    }

    #[must_use]
    pub fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }
}

impl Operation {
    /// Whether one of its inputs is the `Idempotency-Key` itself, which the view then reads.
    pub fn takes_key(&self) -> bool {
        self.parameters.iter().any(Parameter::is_key)
    }
}

impl Parameter {
    /// Whether it is the header by which a request that is sent again is known.
    pub fn is_key(&self) -> bool {
        self.place == Place::Header && self.name.eq_ignore_ascii_case("Idempotency-Key")
    }
}

impl Contract {
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| &*operation.id == id)
    }

    /// Follows references until something structural comes; `None` for one that leads nowhere.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> Option<&'a Schema> {
        let mut schema = schema;
        for _ in 0..=self.schemas.len() {
            match &schema.kind {
                Kind::Reference(name) => schema = self.schemas.get(name)?,
                _ => return Some(schema),
            }
        }
        None
    }
}
