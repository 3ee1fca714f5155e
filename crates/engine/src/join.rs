//! `list.find(element => key === probe)` and its like, by a hash index over the list.
//!
//! A short list is searched, and so is a long one that is asked for the first time. The second question builds an
//! index, which stays while the list is the same slice: time grows with n + m, not n × m.

use std::hash::{BuildHasher, Hasher};

use bumpalo::collections::Vec as BumpVec;
use frontdesk_plan::{ExprId, JoinId, JoinKind, Slot};

use crate::eval::{Evaluated, Evaluator, Interrupt};
use crate::number;
use crate::text;
use crate::value::Value;

/// Lists up to this length are searched: for so few, comparing is cheaper than hashing.
const SHORT: usize = 8;

/// What a request knows of one join.
#[derive(Debug, Default)]
pub struct JoinIndex<'a> {
    /// The list that was last asked.
    list: &'a [Value<'a>],
    state: State<'a>,
}

#[derive(Debug, Default)]
enum State<'a> {
    #[default]
    New,
    Asked,
    Built(Table<'a>),
    /// A key could not be had for every element, or is not a primitive: search, as JavaScript does.
    Refused,
}

/// Positions by key hash, in chains that keep the list's order.
#[derive(Debug)]
struct Table<'a> {
    /// A power of two; position plus one of the first element with this hash, zero if none.
    heads: BumpVec<'a, u32>,
    /// By position: position plus one of the next in the chain.
    next: BumpVec<'a, u32>,
    keys: BumpVec<'a, Value<'a>>,
    seed: foldhash::fast::RandomState,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn join(
        &mut self,
        kind: JoinKind,
        list: ExprId,
        element: Slot,
        key: ExprId,
        probe: ExprId,
        join: JoinId,
    ) -> Evaluated<'a> {
        let list = self.eval(list)?;
        let items = match self.settle(list)? {
            Value::Array(items) => items,
            Value::Undefined | Value::Null => return Err(crate::eval::Misuse::PropertyOfNothing.into()),
            _ => return Err(crate::eval::Misuse::NoSuchMethod.into()),
        };
        if items.is_empty() {
            return Ok(self.joined(kind, items, &[]));
        }
        let probe = self.eval(probe)?;
        let mut found = Found::new(kind, self);
        if self.is_indexed(items, element, key, join)? {
            self.look_up(probe, join, &mut found);
        } else {
            self.search(items, element, key, probe, &mut found)?;
        }
        Ok(self.joined(kind, items, &found.positions))
    }

    /// Whether there is an index over `items`, building it if it is time to.
    fn is_indexed(
        &mut self,
        items: &'a [Value<'a>],
        element: Slot,
        key: ExprId,
        join: JoinId,
    ) -> Result<bool, Interrupt<'a>> {
        if items.len() <= SHORT {
            return Ok(false);
        }
        let index = &mut self.joins[join.0 as usize];
        if !std::ptr::eq(index.list, items) {
            *index = JoinIndex { list: items, state: State::Asked };
            return Ok(false);
        }
        match index.state {
            State::Built(_) => return Ok(true),
            State::Refused => return Ok(false),
            State::New | State::Asked => {}
        }
        let state = match self.build(items, element, key) {
            Ok(Some(table)) => State::Built(table),
            // An element after the match may make the key fail; the search would not have looked at it.
            Ok(None) | Err(Interrupt::TypeError(_) | Interrupt::Problem { .. }) => State::Refused,
            Err(Interrupt::OutOfBudget) => return Err(Interrupt::OutOfBudget),
        };
        let built = matches!(state, State::Built(_));
        self.joins[join.0 as usize].state = state;
        Ok(built)
    }

    fn build(
        &mut self,
        items: &'a [Value<'a>],
        element: Slot,
        key: ExprId,
    ) -> Result<Option<Table<'a>>, Interrupt<'a>> {
        self.spend_items(items.len() * 3)?;
        let size = (items.len() * 2).next_power_of_two();
        let mut table = Table {
            heads: bumpalo::vec![in self.arena; 0; size],
            next: bumpalo::vec![in self.arena; 0; items.len()],
            keys: BumpVec::with_capacity_in(items.len(), self.arena),
            seed: foldhash::fast::RandomState::default(),
        };
        for item in items {
            self.set(element, *item);
            let key = self.eval(key)?;
            let Some(key) = hashable(key, self.arena) else {
                return Ok(None);
            };
            table.keys.push(key);
        }
        // From the back, so that each chain is in the list's order.
        for at in (0..items.len()).rev() {
            let slot = table.hash(table.keys[at]) & (size - 1);
            table.next[at] = table.heads[slot];
            table.heads[slot] = at as u32 + 1;
        }
        Ok(Some(table))
    }

    fn look_up(&mut self, probe: Value<'a>, join: JoinId, found: &mut Found<'a>) {
        let State::Built(table) = &self.joins[join.0 as usize].state else {
            return;
        };
        let Some(probe) = hashable(probe, self.arena) else {
            return;
        };
        let slot = table.hash(probe) & (table.heads.len() - 1);
        let mut next = table.heads[slot];
        while let Some(at) = next.checked_sub(1) {
            if table.keys[at as usize].strict_equal(probe) && found.add(at as usize) {
                return;
            }
            next = table.next[at as usize];
        }
    }

    fn search(
        &mut self,
        items: &'a [Value<'a>],
        element: Slot,
        key: ExprId,
        probe: Value<'a>,
        found: &mut Found<'a>,
    ) -> Result<(), Interrupt<'a>> {
        for step in 0..items.len() {
            // From the end, so that an element before the match is not looked at, as in JavaScript.
            let at = if found.kind == JoinKind::FindLast { items.len() - 1 - step } else { step };
            self.set(element, items[at]);
            if self.eval(key)?.strict_equal(probe) && (found.add(at) || found.kind == JoinKind::FindLast) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn joined(&self, kind: JoinKind, items: &'a [Value<'a>], positions: &[u32]) -> Value<'a> {
        let first = positions.first().map(|at| *at as usize);
        match kind {
            JoinKind::Find | JoinKind::FindLast => first.map_or(Value::Undefined, |at| items[at]),
            JoinKind::FindIndex => Value::Number(first.map_or(-1.0, |at| at as f64)),
            JoinKind::Some => Value::Bool(first.is_some()),
            JoinKind::Filter => {
                let mut list = self.new_list(positions.len());
                list.extend(positions.iter().map(|at| items[*at as usize]));
                self.list(list)
            }
        }
    }
}

/// The positions that matched: all for a filter, else one.
struct Found<'a> {
    kind: JoinKind,
    positions: BumpVec<'a, u32>,
}

impl<'a> Found<'a> {
    fn new(kind: JoinKind, evaluator: &Evaluator<'a>) -> Self {
        Self { kind, positions: BumpVec::new_in(evaluator.arena()) }
    }

    /// Says whether that is enough.
    fn add(&mut self, at: usize) -> bool {
        if self.kind == JoinKind::FindLast {
            self.positions.clear();
        }
        self.positions.push(at as u32);
        matches!(self.kind, JoinKind::Find | JoinKind::FindIndex | JoinKind::Some)
    }
}

impl Table<'_> {
    fn hash(&self, key: Value<'_>) -> usize {
        let mut hasher = self.seed.build_hasher();
        match key {
            Value::Number(value) => {
                // Zero equals minus zero.
                hasher.write_u64((value + 0.0).to_bits());
            }
            Value::Plain(text) => hasher.write(text.as_bytes()),
            Value::Text(bytes) => hasher.write(bytes),
            Value::Bool(value) => hasher.write_u8(1 + u8::from(value)),
            Value::Null => hasher.write_u8(3),
            _ => hasher.write_u8(4),
        }
        hasher.finish() as usize
    }
}

/// A primitive in the one form by which equal ones hash equally.
fn hashable<'a>(value: Value<'a>, arena: &'a bumpalo::Bump) -> Option<Value<'a>> {
    match value {
        Value::Digits(digits) => Some(Value::Number(number::of_digits(digits))),
        Value::Escaped(escaped) => Some(Value::Text(text::decoded(escaped, arena))),
        Value::Verbatim(json) => hashable(crate::verbatim::scalar(json)?, arena),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other),
    }
}
