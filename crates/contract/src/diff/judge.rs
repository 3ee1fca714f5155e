//! Where the comparison stands, and how what it finds becomes a [`Change`].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use frontdesk_types::Date;

use super::audience::{Audience, Range};
use super::{Change, Class, Direction, Hits, Rule, Spot};
use crate::{Contract, Written};

/// A place in both contracts, as people read it and as documents point to it.
#[derive(Clone, Debug)]
pub struct At {
    pub operation: Option<Arc<str>>,
    /// `GET /v2/home → 200`
    head: String,
    /// `items[].price`
    path: String,
    pub old: Option<Spot>,
    pub new: Option<Spot>,
    /// The versions of the client that get this far.
    pub range: Range,
}

impl At {
    pub fn new(head: impl Into<String>, pointer: impl Into<String>) -> Self {
        let spot = Spot { pointer: pointer.into(), span: None };
        Self {
            operation: None,
            head: head.into(),
            path: String::new(),
            old: Some(spot.clone()),
            new: Some(spot),
            range: Range::default(),
        }
    }

    /// With other words, in the same place.
    pub fn head(mut self, head: impl Into<String>) -> Self {
        self.head = head.into();
        self
    }

    /// A step down that has the same pointer in both.
    pub fn down(&self, word: &str, pointer: &str) -> Self {
        self.down_apart(word, pointer, pointer)
    }

    pub fn down_apart(&self, word: &str, old: &str, new: &str) -> Self {
        let mut at = self.clone();
        at.path.push_str(word);
        for (spot, pointer) in [(&mut at.old, old), (&mut at.new, new)] {
            if let Some(spot) = spot {
                spot.pointer.push_str(pointer);
            }
        }
        at
    }

    /// Into the property `name` of an object.
    pub fn field(&self, name: &str) -> Self {
        let plain =
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
        let word = match (plain, self.path.is_empty()) {
            (true, true) => name.to_owned(),
            (true, false) => format!(".{name}"),
            (false, _) => format!("[{name:?}]"),
        };
        self.down(&word, &format!("/properties/{}", escaped(name)))
    }

    /// The same place, written elsewhere in each document.
    pub fn pointed(&self, old: &str, new: &str) -> Self {
        let mut at = self.clone();
        for (spot, pointer) in [(&mut at.old, old), (&mut at.new, new)] {
            if let Some(spot) = spot {
                pointer.clone_into(&mut spot.pointer);
            }
        }
        at
    }

    pub fn is_at_root(&self) -> bool {
        self.path.is_empty()
    }

    pub fn only_old(mut self) -> Self {
        self.new = None;
        self
    }

    pub fn only_new(mut self) -> Self {
        self.old = None;
        self
    }

    pub fn written(mut self, old: Written, new: Written) -> Self {
        for (spot, written) in [(&mut self.old, old), (&mut self.new, new)] {
            if let Some(spot) = spot {
                spot.span = written.0.or(spot.span);
            }
        }
        self
    }

    fn words(&self) -> String {
        if self.path.is_empty() { self.head.clone() } else { format!("{} {}", self.head, self.path) }
    }
}

/// A name as a segment of a JSON pointer (RFC 6901 §3).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Collects what is found.
pub struct Judge<'a> {
    pub old: &'a Contract,
    pub new: &'a Contract,
    pub today: Option<Date>,
    pub audience: &'a Audience,
    pub changes: Vec<Change>,
    /// Names that took the place of others, by the others.
    pub renamed: BTreeMap<Arc<str>, Arc<str>>,
    /// Names of schemas that were come across, in the old contract and in the new.
    pub used: (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>),
    /// How many pairs of schemas may still be compared on trial, of all trials together.
    pub patience: Rc<Cell<u32>>,
}

/// What a comparison of two contracts may spend on trials: some tenths of a second at most.
const PATIENCE: u32 = 200_000;

impl<'a> Judge<'a> {
    pub fn new(old: &'a Contract, new: &'a Contract, today: Option<Date>, audience: &'a Audience) -> Self {
        Self {
            old,
            new,
            today,
            audience,
            changes: Vec::new(),
            renamed: BTreeMap::new(),
            used: (BTreeSet::new(), BTreeSet::new()),
            patience: Rc::new(Cell::new(PATIENCE)),
        }
    }

    pub fn used(&mut self, old: &[&Arc<str>], new: &[&Arc<str>]) {
        self.used.0.extend(old.iter().map(|name| (*name).clone()));
        self.used.1.extend(new.iter().map(|name| (*name).clone()));
    }

    /// Adds a change that hits everybody who gets as far as `at`.
    pub fn tell(
        &mut self,
        rule: &'static Rule,
        direction: Direction,
        at: &At,
        message: impl Into<String>,
    ) -> Told<'_> {
        let hits = self.audience.hits(at.range, None);
        self.tell_those(hits, rule, direction, at, message)
    }

    /// Adds a change that hits these clients: none of them, and it is compatible.
    pub fn tell_those(
        &mut self,
        hits: Hits,
        rule: &'static Rule,
        direction: Direction,
        at: &At,
        message: impl Into<String>,
    ) -> Told<'_> {
        let nobody = (hits == Hits::Nobody).then(|| self.audience.nobody());
        self.changes.push(Change {
            rule,
            class: Class::Compatible,
            direction,
            operation: at.operation.clone(),
            at: at.words(),
            old: at.old.clone(),
            new: at.new.clone(),
            message: message.into(),
            note: None,
            hits: Hits::Nobody,
        });
        let mut told = Told { change: self.changes.last_mut(), hits, nobody };
        told.judged(rule.class(direction));
        told
    }
}

/// A change just told, which a special case may judge otherwise than its rule.
pub struct Told<'a> {
    change: Option<&'a mut Change>,
    hits: Hits,
    nobody: Option<String>,
}

impl Told<'_> {
    /// Judges it otherwise than its rule, and says why.
    pub fn but(mut self, class: Class, note: impl Into<String>) {
        self.judged(class);
        if let Some(change) = &mut self.change
            && change.note.is_none()
        {
            change.note = Some(note.into());
        }
    }

    fn judged(&mut self, class: Class) {
        let Some(change) = &mut self.change else { return };
        (change.class, change.hits, change.note) = match (class, &self.nobody) {
            (Class::Compatible, _) => (class, Hits::Nobody, None),
            (_, Some(nobody)) => (Class::Compatible, Hits::Nobody, Some(nobody.clone())),
            (_, None) => (class, self.hits.clone(), None),
        };
    }
}
