//! JavaScript values in a request's arena.
//!
//! A [`Value`] is three words, `Copy`, and borrows: from the bodies of service answers, from the plan's constants,
//! or from the request's bump arena. Nothing is freed before the request ends. Text that came from a service
//! stays as it stood, escapes and all, until something needs its characters.

use bumpalo::Bump;
use frontdesk_plan::{NameId, Program};

use crate::object::Positions;
use crate::{number, text, verbatim};

/// A value while a request runs.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    /// A number as the service wrote it: valid JSON number text, kept so that it passes through unchanged.
    Digits(&'a str),
    /// String contents that need no decoding and no escaping: UTF-8 without `"`, `\` and control characters.
    Plain(&'a str),
    /// String contents as JSON text without the quotes: valid UTF-8, at least one escape, all of them valid.
    Escaped(&'a str),
    /// Decoded string contents in WTF-8 (UTF-8 that may hold lone surrogates).
    Text(&'a [u8]),
    Array(&'a [Value<'a>]),
    Object(&'a Object<'a>),
    /// Validated JSON text of a value whose schema says nothing.
    Verbatim(&'a [u8]),
}

/// An object. Keys stand in JavaScript's order: array indexes ascending, then the others as they were added.
#[derive(Debug)]
pub enum Object<'a> {
    /// All keys were known when planning.
    Record(Record<'a>),
    /// Keys that came with the data, each once.
    Map(Map<'a>),
}

#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub names: &'a [NameId],
    /// As many as `names`.
    pub values: &'a [Value<'a>],
    /// It came from a service: a field that is `undefined` was missing, so it is no key of the object.
    pub sparse: bool,
}

#[derive(Debug)]
pub struct Map<'a> {
    /// Keys decoded, in WTF-8.
    pub entries: &'a [(&'a [u8], Value<'a>)],
    /// Position by key, for maps that are not small.
    positions: Option<Positions<'a>>,
}

/// What `typeof` tells apart, with `null` and arrays on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl<'a> Value<'a> {
    pub const EMPTY_STRING: Self = Self::Plain("");

    /// An array that equals no other: identity is the address, and empty slices may share one.
    pub fn array(items: &'a [Value<'a>], arena: &'a Bump) -> Self {
        Self::Array(if items.is_empty() {
            &arena.alloc_slice_fill_copy(1, Self::Undefined)[..0]
        } else {
            items
        })
    }

    pub fn is_nullish(self) -> bool {
        match self {
            Self::Undefined | Self::Null => true,
            Self::Verbatim(_) => self.kind() == Kind::Null,
            _ => false,
        }
    }

    pub fn is_undefined(self) -> bool {
        matches!(self, Self::Undefined)
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Undefined => Kind::Undefined,
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Number(_) | Self::Digits(_) => Kind::Number,
            Self::Plain(_) | Self::Escaped(_) | Self::Text(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
            Self::Verbatim(json) => verbatim::kind(json),
        }
    }

    /// JavaScript's ToBoolean.
    pub fn truthy(self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => value,
            Self::Number(value) => value != 0.0 && !value.is_nan(),
            Self::Digits(digits) => number::of_digits(digits) != 0.0,
            Self::Plain(text) => !text.is_empty(),
            Self::Escaped(_) | Self::Array(_) | Self::Object(_) => true,
            Self::Text(bytes) => !bytes.is_empty(),
            Self::Verbatim(json) => match verbatim::scalar(json) {
                Some(value) => value.truthy(),
                None => true,
            },
        }
    }

    /// JavaScript's `===`. Arrays and objects are equal only to themselves.
    pub fn strict_equal(self, other: Self) -> bool {
        match (self, other) {
            (Self::Undefined, Self::Undefined) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Number(a), Self::Digits(b)) | (Self::Digits(b), Self::Number(a)) => {
                a == number::of_digits(b)
            }
            (Self::Digits(a), Self::Digits(b)) => a == b || number::of_digits(a) == number::of_digits(b),
            (Self::Plain(a), Self::Plain(b)) => a == b,
            (Self::Plain(a), Self::Text(b)) | (Self::Text(b), Self::Plain(a)) => a.as_bytes() == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Escaped(a), Self::Escaped(b)) => {
                a == b || text::escaped_points(a).eq(text::escaped_points(b))
            }
            (Self::Escaped(a), Self::Plain(b)) | (Self::Plain(b), Self::Escaped(a)) => {
                text::escaped_points(a).eq(text::points(b.as_bytes()))
            }
            (Self::Escaped(a), Self::Text(b)) | (Self::Text(b), Self::Escaped(a)) => {
                text::escaped_points(a).eq(text::points(b))
            }
            (Self::Array(a), Self::Array(b)) => a.len() == b.len() && std::ptr::eq(a.as_ptr(), b.as_ptr()),
            (Self::Object(a), Self::Object(b)) => std::ptr::eq(a, b),
            (Self::Verbatim(a), Self::Verbatim(b)) => match (verbatim::scalar(a), verbatim::scalar(b)) {
                (Some(a), Some(b)) => a.strict_equal(b),
                (None, None) => std::ptr::eq(a, b),
                _ => false,
            },
            (Self::Verbatim(a), other) | (other, Self::Verbatim(a)) => {
                verbatim::scalar(a).is_some_and(|a| a.strict_equal(other))
            }
            _ => false,
        }
    }

    /// JavaScript's SameValueZero, by which `includes` compares: `NaN` equals itself.
    pub fn same_value_zero(self, other: Self) -> bool {
        if let (Self::Number(a), Self::Number(b)) = (self, other)
            && a.is_nan()
            && b.is_nan()
        {
            return true;
        }
        self.strict_equal(other)
    }

    /// A value whose structure can be looked into: verbatim JSON is read into the arena.
    #[inline]
    pub fn settled(self, arena: &'a Bump) -> Self {
        match self {
            Self::Verbatim(json) => verbatim::read(json, arena),
            other => other,
        }
    }
}

impl<'a> Object<'a> {
    /// The value of the own property `name`.
    #[inline]
    pub fn get(&self, name: NameId, program: &Program) -> Option<Value<'a>> {
        match self {
            Self::Record(record) => record.get(name),
            Self::Map(map) => map.get(program.name(name).text.as_bytes()),
        }
    }

    /// The value of the own property whose name is `key` in WTF-8.
    pub fn get_key(&self, key: &[u8], program: &Program) -> Option<Value<'a>> {
        match self {
            Self::Record(record) => record.get_key(key, program),
            Self::Map(map) => map.get(key),
        }
    }

    /// Own keys in WTF-8 and their values, in JavaScript's order.
    pub fn entries<'o>(
        &'o self,
        program: &'a Program,
    ) -> impl Iterator<Item = (Key<'a>, Value<'a>)> + use<'o, 'a> {
        let (record, map) = match self {
            Self::Record(record) => (Some(record), None),
            Self::Map(map) => (None, Some(map)),
        };
        let named = record.into_iter().flat_map(move |record| {
            record.names.iter().zip(record.values).filter_map(move |(name, value)| {
                let present = !(record.sparse && value.is_undefined());
                present.then_some((Key::Name(*name, program.name(*name).text.as_bytes()), *value))
            })
        });
        let keyed =
            map.into_iter().flat_map(|map| map.entries.iter().map(|(key, value)| (Key::Text(key), *value)));
        named.chain(keyed)
    }
}

/// A key of an object, with its text in WTF-8.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    Name(NameId, &'a [u8]),
    Text(&'a [u8]),
}

impl<'a> Key<'a> {
    pub fn text(self) -> &'a [u8] {
        match self {
            Self::Name(_, text) | Self::Text(text) => text,
        }
    }
}

impl<'a> Record<'a> {
    #[inline]
    pub fn get(&self, name: NameId) -> Option<Value<'a>> {
        let at = self.names.iter().position(|other| *other == name)?;
        self.present(at)
    }

    fn get_key(&self, key: &[u8], program: &Program) -> Option<Value<'a>> {
        let at = self.names.iter().position(|other| program.name(*other).text.as_bytes() == key)?;
        self.present(at)
    }

    #[inline]
    fn present(&self, at: usize) -> Option<Value<'a>> {
        match self.values.get(at) {
            Some(Value::Undefined) if self.sparse => None,
            found => found.copied(),
        }
    }
}

/// Up to so many entries a map is searched from the front.
pub(crate) const SMALL_MAP: usize = 8;

impl<'a> Map<'a> {
    /// `entries` have distinct keys, in JavaScript's order.
    pub fn new(entries: &'a [(&'a [u8], Value<'a>)], arena: &'a Bump) -> Self {
        let positions = (entries.len() > SMALL_MAP).then(|| Positions::of(entries, arena));
        Self { entries, positions }
    }

    /// `positions`, if there are any, are those of `entries`.
    pub(crate) fn with_positions(
        entries: &'a [(&'a [u8], Value<'a>)],
        positions: Option<Positions<'a>>,
    ) -> Self {
        Self { entries, positions }
    }

    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        match &self.positions {
            Some(positions) => positions.find(key, self.entries).map(|at| self.entries[at].1),
            None => self.entries.iter().find(|(other, _)| *other == key).map(|(_, value)| *value),
        }
    }
}
