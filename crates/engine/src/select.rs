//! Reads from a service's answer what the view reads, and nothing else.
//!
//! A [`Selectors`] is made once per endpoint from the plan's selections; [`Selectors::select`] walks a body once,
//! keeps slices of the selected fields as [`Value`]s and passes over the rest. There is never a tree of the body.
//!
//! This room must not know about calls, deadlines or failures of connections.

mod block;
mod json;
pub mod protobuf;
mod scan;

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::Fault;
use frontdesk_plan::{Kinds, NameId, Program, RecordSelect, SelectId, Selections};

use crate::value::Value;

pub use scan::DEPTH;
pub(crate) use scan::Scanner;

/// The selections of one endpoint, made ready to be followed.
#[derive(Debug)]
pub struct Selectors {
    nodes: Vec<Node>,
}

/// What is read of one value.
#[derive(Debug)]
struct Node {
    kinds: Kinds,
    strings: Option<Arc<[Arc<str>]>>,
    record: Option<RecordNode>,
    items: Option<SelectId>,
    verbatim: bool,
}

/// What is read of one object.
#[derive(Debug)]
struct RecordNode {
    /// In JavaScript's key order; the other lists run along.
    names: Box<[NameId]>,
    keys: Box<[Key]>,
    selects: Box<[SelectId]>,
    /// Positions of the fields that may not be missing.
    required: Box<[u32]>,
    rest: Option<SelectId>,
    /// All [`Key::buckets`]: most keys that are not wanted are told by one test.
    buckets: u64,
}

/// A key in the form in which keys of the body are compared with it.
#[derive(Debug)]
struct Key {
    /// The first eight bytes, the first lowest; zeros after a shorter key.
    head: u64,
    bytes: Box<[u8]>,
}

impl Key {
    fn new(text: &str) -> Self {
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self { head: u64::from_le_bytes(head), bytes: text.as_bytes().into() }
    }

    /// A number below 64 that spreads the keys of usual objects well, of a key's length and first two bytes.
    #[inline(always)]
    fn bucket(start: [u8; 2], len: usize) -> usize {
        let start = usize::from(u16::from_le_bytes(start));
        (start ^ start >> 5).wrapping_add(len) & 63
    }

    /// The bits of the buckets in which this key is looked for.
    fn buckets(&self) -> u64 {
        match *self.bytes {
            // What follows it may be a colon or whitespace.
            [] => u64::MAX,
            [only] => 1 << Self::bucket([only, b'"'], 1),
            [first, second, ..] => 1 << Self::bucket([first, second], self.bytes.len()),
        }
    }
}

impl RecordNode {
    fn new(record: &RecordSelect, program: &Program) -> Self {
        let mut fields: Vec<_> =
            record.fields.iter().map(|field| (program.name(field.name), field)).collect();
        // Stable: array indexes ascending, then the others as they are.
        fields.sort_by_key(|(name, _)| name.index.map_or(u64::MAX, u64::from));
        let keys: Box<[Key]> = fields.iter().map(|(name, _)| Key::new(&name.text)).collect();
        Self {
            names: fields.iter().map(|(_, field)| field.name).collect(),
            selects: fields.iter().map(|(_, field)| field.select).collect(),
            required: (0u32..)
                .zip(&fields)
                .filter(|(_, (_, field))| field.required)
                .map(|(at, _)| at)
                .collect(),
            rest: record.rest,
            buckets: keys.iter().fold(0, |bits, key| bits | key.buckets()),
            keys,
        }
    }

    /// Whether a key that begins so may be among the wanted ones.
    #[inline(always)]
    fn may_have(&self, start: [u8; 2], len: usize) -> bool {
        self.buckets & 1 << Key::bucket(start, len) != 0
    }

    /// The position of the field whose key is `key`, of which `head` holds the first eight bytes. Fields mostly
    /// come in the same order again, so the search begins at `hint`.
    #[inline(always)]
    fn find(&self, key: &[u8], head: u64, hint: usize) -> Option<usize> {
        let fits = |wanted: &Key| {
            wanted.head == head
                && wanted.bytes.len() == key.len()
                && (key.len() <= 8 || *wanted.bytes == *key)
        };
        let (before, after) = self.keys.split_at_checked(hint)?;
        match after.iter().position(fits) {
            Some(at) => Some(hint + at),
            None => before.iter().position(fits),
        }
    }

    fn find_decoded(&self, key: &[u8]) -> Option<usize> {
        self.keys.iter().position(|wanted| *wanted.bytes == *key)
    }
}

impl Selectors {
    pub fn new(selections: &Selections, program: &Program) -> Self {
        let nodes = selections
            .nodes
            .iter()
            .map(|select| Node {
                kinds: select.kinds,
                strings: select.strings.clone(),
                record: select.record.as_ref().map(|record| RecordNode::new(record, program)),
                items: select.items,
                verbatim: select.verbatim,
            })
            .collect();
        Self { nodes }
    }

    /// Reads `body`, JSON text (RFC 8259), by the selection `id`.
    ///
    /// What is kept is validated to the last byte. What is passed over is checked to have all its strings closed and
    /// without control characters, its brackets matched in proper nesting no deeper than [`DEPTH`], and to end the
    /// body. Of a key that comes twice the last value counts, as in `JSON.parse`; the
    /// earlier values must fit the schema too.
    pub fn select<'a>(&'a self, id: SelectId, body: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Fault> {
        json::select(self, id, body, arena)
    }

    fn node(&self, id: SelectId) -> &Node {
        const NOTHING: &Node =
            &Node { kinds: Kinds(0), strings: None, record: None, items: None, verbatim: false };
        self.nodes.get(id.0 as usize).unwrap_or(NOTHING)
    }
}
