//! Objects: the fields of what clients get, the keys of what they send, and the keys that nobody named.

use super::Class;
use super::Direction::{Meta, Request};
use super::audience::Range;
use super::judge::At;
use super::retirement::{self, Announced};
use super::schemas::Walk;
use super::{Hits, phrase, rules};
use crate::{Field, More, Object};

impl<'a> Walk<'_, 'a> {
    pub(super) fn objects(&mut self, old: &'a Object, new: &'a Object, at: &At) {
        let mut gone: Vec<&'a Field> = Vec::new();
        for one in &old.fields {
            match new.fields.iter().find(|two| two.name == one.name) {
                Some(two) => {
                    self.field(one, two, at);
                    self.named_for_more(one, two, old, at);
                }
                None => gone.push(one),
            }
        }
        let is_new = |two: &&Field| !old.fields.iter().any(|one| one.name == two.name);
        let mut added: Vec<&'a Field> = new.fields.iter().filter(is_new).collect();
        for (one, two) in self.renamed(&mut gone, &mut added) {
            let mut place = at.field(&one.name).written(one.span, one.span);
            place.new = at.field(&two.name).written(two.span, two.span).new;
            let at = place;
            let message = format!("`{}` is gone, and `{}` of equal schema is new", one.name, two.name);
            if self.direction == Request {
                self.tell(&rules::INPUT_RENAMED, &at, message);
            } else {
                let hits = self.judge.audience.hits(at.range.and(Range::of(&one.life)), None);
                self.judge.tell_those(hits, &rules::FIELD_RENAMED, self.direction, &at, message);
            }
        }
        for field in gone {
            if self.direction == Request {
                self.key_gone(field, new, at);
            } else {
                self.field_gone(field, &at.field(&field.name).written(field.span, field.span));
            }
        }
        for field in added {
            self.added(field, old, at);
        }
        self.more(old, new, at);
        if is_reordered(&old.fields, &new.fields) {
            self.judge.tell(&rules::ORDER_CHANGED, Meta, at, "its fields stand in another order");
        }
    }

    fn field(&mut self, old: &'a Field, new: &'a Field, at: &At) {
        let mut at = at.field(&old.name).written(old.span, new.span);
        if self.direction == Request {
            match (old.required, new.required) {
                (false, true) => {
                    self.tell(&rules::INPUT_BECAME_REQUIRED, &at, "could be left out, may not any longer");
                }
                (true, false) => {
                    self.tell(&rules::INPUT_BECAME_OPTIONAL, &at, "may be left out now");
                }
                _ => {}
            }
        } else {
            self.life(old, new, &at);
            self.presence(old, new, &at);
            let what = format!("`{}`", old.name);
            let (one, two) = (&old.life.deprecated, &new.life.deprecated);
            retirement::compare(self.judge, one.as_ref(), two.as_ref(), &what, &at);
            at.range = at.range.and(Range::of(&old.life)).and(Range::of(&new.life));
        }
        self.schema(&old.schema, &new.schema, &at);
    }

    /// Versions that did not get the field by its name may have known the key as one of those without a name.
    fn named_for_more(&mut self, old: &'a Field, new: &'a Field, object: &'a Object, parent: &At) {
        let More::Of(schema) = &object.more else { return };
        if self.direction == Request {
            return;
        }
        for range in Range::of(&new.life).without(Range::of(&old.life)) {
            let mut at = parent.field(&new.name).written(old.span, new.span);
            at.old = parent.down("", "/additionalProperties").old;
            at.range = at.range.and(range);
            self.schema(schema, &new.schema, &at);
        }
    }

    /// Which versions of the client get it.
    fn life(&mut self, old: &Field, new: &Field, at: &At) {
        let had = at.range.and(Range::of(&old.life));
        let version = |version: Option<frontdesk_types::Version>| {
            version.map_or_else(|| "none".to_owned(), |version| version.to_string())
        };
        if old.life.since != new.life.since {
            let message =
                format!("its `since` was {}, is {}", version(old.life.since), version(new.life.since));
            // No `since` is less than any.
            let (rule, hits) = if old.life.since < new.life.since {
                let hits = self.judge.audience.hits(had, Some(Range::from(new.life.since)));
                (&rules::FIELD_SINCE_RAISED, hits)
            } else {
                (&rules::FIELD_SINCE_LOWERED, Hits::Nobody)
            };
            self.judge.tell_those(hits, rule, self.direction, at, message);
        }
        if old.life.until != new.life.until {
            let message =
                format!("its `until` was {}, is {}", version(old.life.until), version(new.life.until));
            let lowered = match (old.life.until, new.life.until) {
                (None, _) => true,
                (Some(one), Some(two)) => two < one,
                (Some(_), None) => false,
            };
            let (rule, hits) = if lowered {
                let hits = self.judge.audience.hits(had, Some(Range::below(new.life.until)));
                (&rules::FIELD_UNTIL_LOWERED, hits)
            } else {
                (&rules::FIELD_UNTIL_RAISED, Hits::Nobody)
            };
            self.judge.tell_those(hits, rule, self.direction, at, message);
        }
    }

    /// Whether it is always there, and whole.
    fn presence(&mut self, old: &Field, new: &Field, at: &At) {
        // A field that only some versions get is optional for that reason, and its life was told already.
        let explained = Range::of(&old.life) != Range::of(&new.life)
            && (Range::of(&new.life).is_limited() || Range::of(&old.life).is_limited());
        match (old.required, new.required) {
            (true, false) if !explained => {
                self.tell(&rules::FIELD_BECAME_OPTIONAL, at, "was always there, may be missing");
            }
            (false, true) if !explained => {
                self.tell(&rules::FIELD_BECAME_REQUIRED, at, "could be missing, is always there");
            }
            _ => {}
        }
        let is_in = |list: &[std::sync::Arc<str>], label: &str| list.iter().any(|one| &**one == label);
        let (one, two) = (&old.degraded_by, &new.degraded_by);
        if one.is_empty() && !two.is_empty() {
            let message = format!("may be missing or a stand-in when {} fails", two.join(" or "));
            self.tell(&rules::FIELD_MAY_DEGRADE, at, message);
        } else if !one.iter().all(|label| is_in(two, label)) || !two.iter().all(|label| is_in(one, label)) {
            let now = if two.is_empty() { "nothing".to_owned() } else { two.join(", ") };
            let message = format!("depended on {}, depends on {now}", one.join(", "));
            self.tell(&rules::FIELD_DEGRADES_OTHERWISE, at, message);
        }
    }

    fn field_gone(&mut self, field: &'a Field, at: &At) {
        let (at, was) = (at.clone().only_old(), phrase::schema(&field.schema));
        let hits = self.judge.audience.hits(at.range.and(Range::of(&field.life)), None);
        let announced = retirement::announced(self.judge.today, field.life.deprecated.as_ref());
        let direction = self.direction;
        match announced {
            None => {
                let message = format!("`{}` is gone (was {was})", field.name);
                self.judge.tell_those(hits, &rules::FIELD_REMOVED, direction, &at, message);
            }
            Some(Announced { class, note }) => {
                let message = format!("`{}` is gone, as announced (was {was})", field.name);
                let rule = &rules::FIELD_REMOVED_AS_ANNOUNCED;
                self.judge.tell_those(hits, rule, direction, &at, message).but(class, note);
            }
        }
    }

    fn key_gone(&mut self, field: &'a Field, new: &'a Object, parent: &At) {
        let at = &parent.field(&field.name).written(field.span, field.span);
        let message =
            format!("`{}` is not taken any longer (was {})", field.name, phrase::schema(&field.schema));
        match &new.more {
            More::None => drop(self.tell(&rules::INPUT_REMOVED, &at.clone().only_old(), message)),
            More::Of(schema) => {
                self.tell(&rules::INPUT_REMOVED, &at.clone().only_old(), message)
                    .but(Class::Risky, "it is still taken, as one of the keys that have no name");
                let mut below = at.clone();
                below.new = parent.down("", "/additionalProperties").new;
                self.schema(&field.schema, schema, &below);
            }
        }
    }

    fn added(&mut self, field: &'a Field, old: &'a Object, parent: &At) {
        let at = parent.field(&field.name).written(field.span, field.span);
        let is = phrase::schema(&field.schema);
        let fresh = at.clone().only_new();
        if self.direction != Request {
            let mut message = format!("`{}` is new: {is}", field.name);
            if let Some(since) = field.life.since {
                message.push_str(&format!(", since {since}"));
            }
            if let Some(until) = field.life.until {
                message.push_str(&format!(", until {until}"));
            }
            self.tell(&rules::FIELD_ADDED, &fresh, message);
        } else if field.required {
            self.tell(&rules::INPUT_ADDED_REQUIRED, &fresh, format!("`{}` is needed now: {is}", field.name));
        } else {
            self.tell(&rules::INPUT_ADDED_OPTIONAL, &fresh, format!("`{}` is taken now: {is}", field.name));
        }
        // The key was one of those without a name: whoever knew it as such meets it with its own schema.
        if let More::Of(schema) = &old.more {
            let mut at = at;
            at.old = parent.down("", "/additionalProperties").old;
            at.range = at.range.and(Range::of(&field.life));
            self.schema(schema, &field.schema, &at);
        }
    }

    fn more(&mut self, old: &'a Object, new: &'a Object, at: &At) {
        let dot = if at.is_at_root() { "*" } else { ".*" };
        let below = at.down(dot, "/additionalProperties");
        match (&old.more, &new.more) {
            (More::None, More::None) => {}
            (More::None, More::Of(schema)) => {
                let message = format!("may have further keys: {}", phrase::schema(schema));
                self.tell(&rules::MORE_KEYS_ADDED, &below.only_new(), message);
            }
            (More::Of(schema), More::None) => {
                let message = format!("has no further keys (had {})", phrase::schema(schema));
                self.tell(&rules::MORE_KEYS_REMOVED, &below.only_old(), message);
            }
            (More::Of(one), More::Of(two)) => self.schema(one, two, &below),
        }
    }

    /// Takes those out of both lists that seem to be one field under two names.
    fn renamed(&self, gone: &mut Vec<&'a Field>, added: &mut Vec<&'a Field>) -> Vec<(&'a Field, &'a Field)> {
        let mut pairs = Vec::new();
        if gone.len() > 8 || added.len() > 8 {
            return pairs;
        }
        gone.retain(|one| {
            let alike =
                |two: &&'a Field| one.required == two.required && self.is_same(&one.schema, &two.schema);
            let candidates: Vec<usize> =
                added.iter().enumerate().filter(|(_, two)| alike(two)).map(|(i, _)| i).collect();
            // Of two that could be it, neither is.
            let [only] = candidates.as_slice() else { return true };
            pairs.push((*one, added.remove(*only)));
            false
        });
        pairs
    }
}

fn is_reordered(old: &[Field], new: &[Field]) -> bool {
    let common = |these: &'_ [Field], those: &'_ [Field]| -> Vec<std::sync::Arc<str>> {
        let is_there = |one: &&Field| those.iter().any(|two| two.name == one.name);
        these.iter().filter(is_there).map(|field| field.name.clone()).collect()
    };
    common(old, new) != common(new, old)
}
