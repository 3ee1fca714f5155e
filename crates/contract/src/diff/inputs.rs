//! What an operation takes: parameters of the path, the query and headers, and the body.

use super::Class;
use super::Direction::*;
use super::judge::At;
use super::judge::Judge;
use super::schemas::Walk;
use super::{phrase, rules};
use crate::{Body, Kind, Operation, Parameter, Place};

pub fn compare<'a>(judge: &mut Judge<'a>, old: &'a Operation, new: &'a Operation, at: &At) {
    let mut both = Parameters { old, new, at, pairs: Vec::new() };
    // In the order of what says most: the place on the wire, the name in code, what it looks like.
    both.pair(|one, two| same_on_wire(old, one, new, two));
    both.pair(|one, two| one.input == two.input && one.place == two.place);
    both.pair(|one, two| one.input == two.input);
    let mut walk = Walk::new(judge, Request);
    both.pair_unambiguous(|one, two| {
        one.place == two.place && one.required == two.required && walk.is_same(&one.schema, &two.schema)
    });
    for (i, j) in both.pairs.clone() {
        if let (Some(one), Some(two)) = (old.parameters.get(i), new.parameters.get(j)) {
            let at = both.at(Some((i, one)), Some((j, two)));
            parameter(&mut walk, old, one, new, two, &at);
        }
    }
    let in_new_body = |name: &str| has_key(walk.judge.new, new.body.as_ref(), name);
    let in_old_body = |name: &str| has_key(walk.judge.old, old.body.as_ref(), name);
    let gone = both.unpaired_old().map(|(i, one)| (i, one, in_new_body(&one.input))).collect::<Vec<_>>();
    let added = both.unpaired_new().map(|(j, two)| (j, two, in_old_body(&two.input))).collect::<Vec<_>>();
    for (i, one, moved) in gone {
        let at = both.at(Some((i, one)), None);
        if moved {
            let message = format!("`{}` is expected in the body, not in the {}", one.input, word(one.place));
            walk.tell(&rules::INPUT_MOVED, &at, message);
        } else {
            let message =
                format!("`{}` is not taken any longer (was {})", one.name, phrase::schema(&one.schema));
            walk.tell(&rules::INPUT_REMOVED, &at, message).but(
                Class::Risky,
                "it is passed over, not refused: the answer is not what the client asked for",
            );
        }
    }
    for (j, two, moved) in added {
        let (at, is) = (both.at(None, Some((j, two))), phrase::schema(&two.schema));
        if moved {
            let message = format!("`{}` is expected in the {}, not in the body", two.input, word(two.place));
            walk.tell(&rules::INPUT_MOVED, &at, message);
        } else if two.required {
            walk.tell(&rules::INPUT_ADDED_REQUIRED, &at, format!("`{}` is needed now: {is}", two.name));
        } else {
            walk.tell(&rules::INPUT_ADDED_OPTIONAL, &at, format!("`{}` is taken now: {is}", two.name));
        }
    }
    if both.is_reordered() {
        walk.judge.tell(&rules::ORDER_CHANGED, Meta, at, "its parameters stand in another order");
    }
    body(&mut walk, old.body.as_ref(), new.body.as_ref(), at);
    key(&mut walk, old, new, at);
    walk.finish();
}

/// What an `Idempotency-Key` means.
fn key(walk: &mut Walk<'_, '_>, old: &Operation, new: &Operation, at: &At) {
    use frontdesk_lang::model::Idempotency::{Off, Optional, Required};
    let (rule, message) = match (old.idempotency, new.idempotency) {
        (Off, Off) | (Optional, Optional) | (Required, Required) => return,
        (Off, Optional) => {
            (&rules::KEY_TAKEN, "knows requests that are sent again by their `Idempotency-Key`")
        }
        (Off | Optional, Required) => (&rules::KEY_REQUIRED, "needs an `Idempotency-Key` now"),
        (Required, Optional) => (&rules::KEY_NOT_REQUIRED, "needs no `Idempotency-Key` any longer"),
        (Optional | Required, Off) => (&rules::KEY_IGNORED, "does not heed an `Idempotency-Key` any longer"),
    };
    walk.tell(rule, at, message);
}

fn parameter<'a>(
    walk: &mut Walk<'_, 'a>,
    old_operation: &Operation,
    old: &'a Parameter,
    new_operation: &Operation,
    new: &'a Parameter,
    at: &At,
) {
    if old.place != new.place {
        let message = format!("was in the {}, is in the {}", word(old.place), word(new.place));
        walk.tell(&rules::INPUT_MOVED, at, message);
    } else if !same_on_wire(old_operation, old, new_operation, new) {
        let message = format!("its name on the wire was `{}`, is `{}`", old.name, new.name);
        let rule =
            if old.input == new.input { &rules::INPUT_WIRE_NAME_CHANGED } else { &rules::INPUT_RENAMED };
        walk.tell(rule, at, message);
    }
    if old.input != new.input && same_on_wire(old_operation, old, new_operation, new) {
        let message = format!("its name in code was `{}`, is `{}`", old.input, new.input);
        walk.judge.tell(&rules::INPUT_NAME_CHANGED, Meta, at, message);
    }
    required(walk, old.required, new.required, at);
    walk.schema(&old.schema, &new.schema, &at.down("", "/schema"));
}

fn required(walk: &mut Walk<'_, '_>, old: bool, new: bool, at: &At) {
    match (old, new) {
        (false, true) => {
            walk.tell(&rules::INPUT_BECAME_REQUIRED, at, "could be left out, may not any longer");
        }
        (true, false) => {
            walk.tell(&rules::INPUT_BECAME_OPTIONAL, at, "may be left out now");
        }
        _ => {}
    }
}

fn body<'a>(walk: &mut Walk<'_, 'a>, old: Option<&'a Body>, new: Option<&'a Body>, at: &At) {
    let route = at.operation.as_deref().unwrap_or_default();
    let at = at.clone().head(format!("{route} ← body")).down("", "/requestBody");
    match (old, new) {
        (None, None) => {}
        (None, Some(body)) => {
            let (rule, message) = if body.required {
                (&rules::INPUT_ADDED_REQUIRED, "a body is needed now")
            } else {
                (&rules::INPUT_ADDED_OPTIONAL, "a body is taken now")
            };
            walk.tell(rule, &at.only_new(), message);
        }
        (Some(_), None) => {
            walk.tell(&rules::INPUT_REMOVED, &at.only_old(), "a body is not taken any longer");
        }
        (Some(old), Some(new)) => {
            required(walk, old.required, new.required, &at);
            walk.schema(&old.schema, &new.schema, &at.down("", "/content/application~1json/schema"));
        }
    }
}

fn has_key(contract: &crate::Contract, body: Option<&Body>, name: &str) -> bool {
    let schema = body.and_then(|body| contract.resolve(&body.schema));
    matches!(schema.map(|schema| &schema.kind), Some(Kind::Object(object)) if object.fields.iter().any(|field| &*field.name == name))
}

fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    }
}

/// Clients cannot tell them apart: a path parameter is known by its position, a header by its name in any case.
fn same_on_wire(old: &Operation, one: &Parameter, new: &Operation, two: &Parameter) -> bool {
    one.place == two.place
        && match one.place {
            Place::Path => {
                let position = position(old, &one.name);
                position.is_some() && position == self::position(new, &two.name)
            }
            Place::Query => one.name == two.name,
            Place::Header => one.name.eq_ignore_ascii_case(&two.name),
        }
}

/// Which of the path's parameters it is.
fn position(operation: &Operation, name: &str) -> Option<usize> {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.into_iter().position(|one| one == name)
}

/// The parameters of an operation in both contracts, and which is which.
struct Parameters<'p, 'a> {
    old: &'a Operation,
    new: &'a Operation,
    at: &'p At,
    pairs: Vec<(usize, usize)>,
}

impl<'a> Parameters<'_, 'a> {
    fn unpaired_old(&self) -> impl Iterator<Item = (usize, &'a Parameter)> + '_ {
        let is_free = |i: &usize| !self.pairs.iter().any(|(old, _)| old == i);
        self.old.parameters.iter().enumerate().filter(move |(i, _)| is_free(i))
    }

    fn unpaired_new(&self) -> impl Iterator<Item = (usize, &'a Parameter)> + '_ {
        let is_free = |j: &usize| !self.pairs.iter().any(|(_, new)| new == j);
        self.new.parameters.iter().enumerate().filter(move |(j, _)| is_free(j))
    }

    fn pair(&mut self, belong: impl Fn(&Parameter, &Parameter) -> bool) {
        let free: Vec<usize> = self.unpaired_old().map(|(i, _)| i).collect();
        for i in free {
            let Some(one) = self.old.parameters.get(i) else { continue };
            let found = self.unpaired_new().find(|(_, two)| belong(one, two)).map(|(j, _)| j);
            self.pairs.extend(found.map(|j| (i, j)));
        }
    }

    /// Pairs those that belong to one other only: of two that could be it, neither is.
    fn pair_unambiguous(&mut self, belong: impl Fn(&'a Parameter, &'a Parameter) -> bool) {
        let free: Vec<(usize, &'a Parameter)> = self.unpaired_old().collect();
        for (i, one) in free {
            let alike: Vec<usize> =
                self.unpaired_new().filter(|(_, two)| belong(one, two)).map(|(j, _)| j).collect();
            if let [only] = alike.as_slice() {
                self.pairs.push((i, *only));
            }
        }
    }

    /// What is in both stands in another order.
    fn is_reordered(&self) -> bool {
        let mut pairs = self.pairs.clone();
        pairs.sort_unstable();
        !pairs.is_sorted_by_key(|(_, new)| *new)
    }

    /// `GET /v2/home ← query limit`
    fn at(&self, old: Option<(usize, &Parameter)>, new: Option<(usize, &Parameter)>) -> At {
        // What has another name or place now is looked for under the old one.
        let Some((_, named)) = old.or(new) else { return self.at.clone() };
        let route = self.at.operation.as_deref().unwrap_or_default();
        let index = |one: Option<(usize, &Parameter)>| match one {
            Some((i, _)) => format!("/parameters/{i}"),
            None => String::new(),
        };
        let written =
            |one: Option<(usize, &Parameter)>| one.map(|(_, parameter)| parameter.span).unwrap_or_default();
        let mut at = self
            .at
            .clone()
            .head(format!("{route} ← {}", word(named.place)))
            .down_apart(&named.name, &index(old), &index(new))
            .written(written(old), written(new));
        at.old = at.old.filter(|_| old.is_some());
        at.new = at.new.filter(|_| new.is_some());
        at
    }
}
