//! JavaScript values in a request's arena.
//!
//! A [`Value`] is three words, `Copy`, and borrows: from the bodies of service answers, from the plan's constants,
//! or from the request's bump arena. Nothing is freed before the request ends. Text that came from a service
//! stays as it stood, escapes and all, until something needs its characters.

use std::cell::OnceCell;

use frontdesk_plan::NameId;
use hashbrown::HashMap;

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
    /// Position by key, built when a large map is first looked into.
    pub positions: OnceCell<HashMap<&'a [u8], u32, foldhash::fast::RandomState>>,
}
