//! Two schemas in the same place of two contracts.
//!
//! The walk goes down both at once. Recursive schemas end it, since a pair of named schemas is looked at once in an
//! operation, and a queue takes the place of the stack wherever a name is followed: a chain of ten thousand names is a
//! long document, not a deep one.

use std::collections::{BTreeSet, VecDeque};

use super::Direction::{self, *};
use super::audience::{Audience, Range};
use super::judge::{At, Judge, Told};
use super::sum::{Form, Sum, Variant, equal};
use super::{Change, Class, Rule, phrase, rules};
use crate::{Kind, Schema};

/// Looking for variants that equal or contain each other means comparing on trial. More than this many pairs in one
/// trial, or trials within trials deeper than this, and they count as different.
const PAIRS_OF_A_TRIAL: u32 = 2_000;
const TRIAL_DEPTH: u32 = 3;

/// Which pair it was, by address: both contracts stay where they are while they are compared.
type Pair = (Level, usize, usize, Range);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Variant,
}

enum Job<'a> {
    Sums(Sum<'a>, Sum<'a>, At),
    Forms(Variant<'a>, Variant<'a>, At),
}

/// A comparison of schemas in one direction.
pub struct Walk<'w, 'a> {
    pub judge: &'w mut Judge<'a>,
    pub direction: Direction,
    seen: BTreeSet<Pair>,
    queue: VecDeque<Job<'a>>,
    /// In a trial: it is over when this little is left of the judge's patience.
    ends_at: Option<u32>,
    depth: u32,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub fn new(judge: &'w mut Judge<'a>, direction: Direction) -> Self {
        Self { judge, direction, seen: BTreeSet::new(), queue: VecDeque::new(), ends_at: None, depth: 0 }
    }

    /// Looks at all that was put off. Call it when the last schema was compared.
    pub fn finish(&mut self) {
        while let Some(job) = self.queue.pop_front() {
            match job {
                Job::Sums(old, new, at) => self.sums(&old, &new, &at),
                Job::Forms(old, new, at) => self.forms(&old, &new, &at),
            }
        }
    }

    pub fn tell(&mut self, rule: &'static Rule, at: &At, message: impl Into<String>) -> Told<'_> {
        self.judge.tell(rule, self.direction, at, message)
    }

    pub fn schema(&mut self, old: &'a Schema, new: &'a Schema, at: &At) {
        if let Some(end) = self.ends_at {
            let left = self.judge.patience.get();
            if left <= end {
                return;
            }
            self.judge.patience.set(left - 1);
        }
        self.words(old, new, at);
        let pointer = |spot: &Option<super::Spot>| spot.as_ref().map(|spot| spot.pointer.clone());
        let one = Sum::of(self.judge.old, old, &pointer(&at.old).unwrap_or_default());
        let two = Sum::of(self.judge.new, new, &pointer(&at.new).unwrap_or_default());
        self.judge.used(&one.names, &two.names);
        self.names(old, new, at);
        match (one.any, two.any) {
            (true, true) => return,
            (true, false) => {
                let message = format!("was anything, is {}", phrase::schema(new));
                self.tell(&rules::TYPE_CLOSED, at, message);
                return;
            }
            (false, true) => {
                let message = format!("was {}, may be anything", phrase::schema(old));
                self.tell(&rules::TYPE_OPENED, at, message);
                return;
            }
            (false, false) => {}
        }
        if one.nullable != two.nullable {
            let (rule, message) = if two.nullable {
                (&rules::BECAME_NULLABLE, "may be null and never was")
            } else {
                (&rules::BECAME_NON_NULL, "was nullable and is no longer")
            };
            self.tell(rule, at, message);
        }
        if one.names.is_empty() && two.names.is_empty() {
            self.sums(&one, &two, at);
        } else if self.seen.insert((
            Level::Sum,
            target(one.names.last(), self.judge.old, old),
            target(two.names.last(), self.judge.new, new),
            at.range,
        )) {
            self.queue.push_back(Job::Sums(one, two, at.clone()));
        }
    }

    fn sums(&mut self, old: &Sum<'a>, new: &Sum<'a>, at: &At) {
        match (old.variants.as_slice(), new.variants.as_slice()) {
            ([one], [two]) => self.pair(one, two, at),
            (olds, news) => self.variants(olds, news, at),
        }
    }

    /// One variant of each; what is found is told at `at`, in the documents where the variants are written.
    pub fn pair(&mut self, old: &Variant<'a>, new: &Variant<'a>, at: &At) {
        let at = at.pointed(&old.pointer, &new.pointer);
        if old.name.is_none() && new.name.is_none() {
            return self.forms(old, new, &at);
        }
        let (one, two) = (std::ptr::from_ref(old.schema), std::ptr::from_ref(new.schema));
        // Lists of values may be put together from several places, and lead nowhere.
        let is_list = matches!((&old.form, &new.form), (Form::Enum(_), _) | (_, Form::Enum(_)));
        if is_list || self.seen.insert((Level::Variant, one.addr(), two.addr(), at.range)) {
            self.queue.push_back(Job::Forms(old.clone(), new.clone(), at));
        }
    }

    fn forms(&mut self, old: &Variant<'a>, new: &Variant<'a>, at: &At) {
        match (&old.form, &new.form) {
            (Form::Boolean, Form::Boolean) => {}
            (Form::Number { .. }, Form::Number { .. }) => self.numbers(&old.form, &new.form, at),
            (Form::Text { .. }, Form::Text { .. }) => self.texts(&old.form, &new.form, at),
            (Form::Enum(one), Form::Enum(two)) => self.enums(one, two, at),
            (Form::Enum(values), Form::Number { .. } | Form::Text { .. } | Form::Boolean) => {
                self.opened(values, old, new, at);
            }
            (Form::Number { .. } | Form::Text { .. } | Form::Boolean, Form::Enum(values)) => {
                self.closed(values, old, new, at);
            }
            (
                Form::Array { items: one, min: old_min, max: old_max },
                Form::Array { items: two, min: new_min, max: new_max },
            ) => {
                self.items(*old_min, *new_min, *old_max, *new_max, at);
                self.schema(one, two, &at.down("[]", "/items"));
            }
            (Form::Tuple(one), Form::Tuple(two)) => self.tuples(one, two, at),
            (Form::Tuple(one), Form::Array { items, min, max }) => {
                let (rule, message) =
                    (&rules::TUPLE_BECAME_ARRAY, format!("had {} items, is a list", one.len()));
                let fits = holds(one.len(), *min, *max);
                self.bounded(rule, Request, fits, at, message);
                for (i, item) in one.iter().enumerate() {
                    self.schema(
                        item,
                        items,
                        &at.down_apart(&format!("[{i}]"), &format!("/prefixItems/{i}"), "/items"),
                    );
                }
            }
            (Form::Array { items, min, max }, Form::Tuple(two)) => {
                let (rule, message) =
                    (&rules::ARRAY_BECAME_TUPLE, format!("was a list, has {} items", two.len()));
                let fits = holds(two.len(), *min, *max);
                self.bounded(rule, Response, fits, at, message);
                for (i, item) in two.iter().enumerate() {
                    self.schema(
                        items,
                        item,
                        &at.down_apart(&format!("[{i}]"), "/items", &format!("/prefixItems/{i}")),
                    );
                }
            }
            (Form::Object(one), Form::Object(two)) => self.objects(one, two, at),
            (Form::Array { items, .. }, _) if self.is_same(items, new.schema) => {
                let message = format!("was a list of {0}, is one {0}", phrase::variant(new));
                self.tell(&rules::ARRAY_BECAME_SINGLE, at, message);
            }
            (_, Form::Array { items, .. }) if self.is_same(old.schema, items) => {
                let message = format!("was one {0}, is a list of {0}", phrase::variant(old));
                self.tell(&rules::SINGLE_BECAME_ARRAY, at, message);
            }
            _ => {
                let message = format!("was {}, is {}", phrase::variant(old), phrase::variant(new));
                self.tell(&rules::TYPE_CHANGED, at, message);
            }
        }
    }

    /// A change that is fine in one direction if the lengths fit.
    fn bounded(&mut self, rule: &'static Rule, fine: Direction, fits: bool, at: &At, message: String) {
        let direction = self.direction;
        let told = self.tell(rule, at, message);
        if direction == fine && !fits {
            told.but(Class::Breaking, "the number of items does not fit the limits of the list");
        }
    }

    fn tuples(&mut self, old: &'a [Schema], new: &'a [Schema], at: &At) {
        if old.len() != new.len() {
            let message = format!("had {} items, has {}", old.len(), new.len());
            self.tell(&rules::TUPLE_LENGTH_CHANGED, at, message);
        }
        for (i, (one, two)) in old.iter().zip(new).enumerate() {
            self.schema(one, two, &at.down(&format!("[{i}]"), &format!("/prefixItems/{i}")));
        }
    }

    /// What is written beside the type.
    fn words(&mut self, old: &'a Schema, new: &'a Schema, at: &At) {
        let (old_target, new_target) = (self.judge.old.resolve(old), self.judge.new.resolve(new));
        // A name on both sides: what its schema says of itself is compared once, with the schema.
        let both = is_reference(old) && is_reference(new);
        let beside = |schema: &'a Schema, target: Option<&'a Schema>| {
            let target = if both { None } else { target };
            (
                schema.doc.as_ref().or_else(|| target?.doc.as_ref()),
                schema.example.as_ref().or_else(|| target?.example.as_ref()),
            )
        };
        let (old_doc, old_example) = beside(old, old_target);
        let (new_doc, new_example) = beside(new, new_target);
        if old_doc != new_doc {
            self.judge.tell(&rules::DOC_CHANGED, Meta, at, "its description is another");
        }
        if old_example != new_example {
            self.judge.tell(&rules::EXAMPLE_CHANGED, Meta, at, "its example is another");
        }
        let default = |schema: &'a Schema, target: Option<&'a Schema>| {
            schema.default.as_ref().or_else(|| target?.default.as_ref())
        };
        let (rule, message) = match (default(old, old_target), default(new, new_target)) {
            (Some(one), Some(two)) if !equal(one, two) => {
                let message = format!("its default was {}, is {}", phrase::value(one), phrase::value(two));
                (&rules::DEFAULT_CHANGED, message)
            }
            (Some(one), None) => {
                (&rules::DEFAULT_REMOVED, format!("had the default {}, has none", phrase::value(one)))
            }
            (None, Some(two)) => {
                (&rules::DEFAULT_ADDED, format!("has the default {} now", phrase::value(two)))
            }
            _ => return,
        };
        self.tell(rule, at, message);
    }

    /// Two names in one place: the schema has another name now, or the place mentions another schema.
    fn names(&mut self, old: &'a Schema, new: &'a Schema, at: &At) {
        let (Kind::Reference(one), Kind::Reference(two)) = (&old.kind, &new.kind) else { return };
        if one == two {
            return;
        }
        let both = |name: &str| {
            self.judge.old.schemas.contains_key(name) && self.judge.new.schemas.contains_key(name)
        };
        if both(one) && both(two) {
            let message = format!("is `{two}` and was `{one}`");
            self.judge.tell(&rules::SCHEMA_RENAMED, Meta, at, message);
        } else {
            self.judge.renamed.entry(one.clone()).or_insert_with(|| two.clone());
        }
    }

    /// No value tells them apart.
    pub fn is_same(&self, old: &'a Schema, new: &'a Schema) -> bool {
        self.trial(Both, |walk, at| walk.schema(old, new, at))
            .is_some_and(|changes| changes.iter().all(|change| change.direction == Meta))
    }

    /// Every value of the one fits the other: clients that know `outer` can do with `inner`.
    pub fn is_within(&self, inner: &Variant<'a>, outer: &Variant<'a>) -> bool {
        let changes = if self.direction == Request {
            self.trial(Request, |walk, at| walk.pair(inner, outer, at))
        } else {
            self.trial(Response, |walk, at| walk.pair(outer, inner, at))
        };
        changes.is_some_and(|changes| changes.iter().all(|change| change.class == Class::Compatible))
    }

    pub fn is_same_variant(&self, old: &Variant<'a>, new: &Variant<'a>) -> bool {
        self.trial(Both, |walk, at| walk.pair(old, new, at))
            .is_some_and(|changes| changes.iter().all(|change| change.direction == Meta))
    }

    /// Compares without telling anybody; `None` if it would take too long.
    fn trial(
        &self,
        direction: Direction,
        compare: impl FnOnce(&mut Walk<'_, 'a>, &At),
    ) -> Option<Vec<Change>> {
        if self.depth >= TRIAL_DEPTH {
            return None;
        }
        let left = self.judge.patience.get();
        let end = self.ends_at.unwrap_or_else(|| left.saturating_sub(PAIRS_OF_A_TRIAL));
        let mut judge = Judge::new(self.judge.old, self.judge.new, None, &Audience::Alike);
        judge.patience = self.judge.patience.clone();
        let mut walk = Walk::new(&mut judge, direction);
        (walk.ends_at, walk.depth) = (Some(end), self.depth + 1);
        compare(&mut walk, &At::new("", ""));
        walk.finish();
        (judge.patience.get() > end).then_some(judge.changes)
    }
}

/// The address of what a schema says in the end.
fn target<'a>(
    name: Option<&&'a std::sync::Arc<str>>,
    contract: &'a crate::Contract,
    schema: &'a Schema,
) -> usize {
    let target = name.and_then(|_| contract.resolve(schema)).unwrap_or(schema);
    std::ptr::from_ref(target).addr()
}

fn is_reference(schema: &Schema) -> bool {
    matches!(schema.kind, Kind::Reference(_))
}

fn holds(len: usize, min: Option<u64>, max: Option<u64>) -> bool {
    let len = len as u64;
    min.is_none_or(|min| len >= min) && max.is_none_or(|max| len <= max)
}
