//! Why an evaluation stopped before it had a value.

use std::fmt;

use frontdesk_plan::ProblemId;

use crate::value::Value;

/// Sixteen bytes, so that a `Result<Value, Interrupt>` is as small as a value.
#[derive(Clone, Copy, Debug)]
pub enum Interrupt<'a> {
    /// `throw problem(…)`. The detail is a string.
    Problem { problem: ProblemId, detail: Option<&'a Value<'a>> },
    /// JavaScript would have thrown a TypeError, RangeError or URIError.
    TypeError(Misuse),
    /// The expression took more steps or memory than a request may.
    OutOfBudget,
}

/// What JavaScript throws an error for. Types rule most of these out before anything runs; what is left are
/// answers that do not fit their schema in a way that selections let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    PropertyOfNothing,
    NoSuchMethod,
    NotIterable,
    NotAnObject,
    NotAFunction,
    EmptyReduce,
    /// RangeError: digits, radix, count or index.
    OutOfRange,
    /// URIError
    LoneSurrogateInUri,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PropertyOfNothing => "a property of null or undefined was read",
            Self::NoSuchMethod => "the value has no such method",
            Self::NotIterable => "the value cannot be spread or iterated",
            Self::NotAnObject => "`in` needs an object on its right side",
            Self::NotAFunction => "an argument is not a function",
            Self::EmptyReduce => "reduce of an empty array without an initial value",
            Self::OutOfRange => "a count, index, radix or number of digits is out of range",
            Self::LoneSurrogateInUri => "a lone surrogate cannot be part of a URI",
        })
    }
}

impl From<Misuse> for Interrupt<'_> {
    fn from(misuse: Misuse) -> Self {
        Self::TypeError(misuse)
    }
}
