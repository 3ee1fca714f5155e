//! Operations: which are new, gone or elsewhere, and each of them in both contracts.

use std::collections::BTreeSet;
use std::sync::Arc;

use frontdesk_lang::model::CacheScope;

use super::Direction::*;
use super::judge::{At, Judge, escaped};
use super::retirement::{self, Announced};
use super::schemas::Walk;
use super::{Hits, inputs, rules, security};
use crate::{Kind, Operation, Schema, Versioning};

/// `GET /v2/home`
fn route(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn pointer(operation: &Operation) -> String {
    format!("/paths/{}/{}", escaped(&operation.path), operation.method.to_ascii_lowercase())
}

fn at(old: &Operation, new: &Operation) -> At {
    let route = route(new);
    let mut at = At::new(route.clone(), "").pointed(&pointer(old), &pointer(new)).written(old.span, new.span);
    at.operation = Some(route.into());
    at
}

/// Names of path parameters are nobody's business but the document's: `/carts/{}` is one place.
fn place(operation: &Operation) -> (Arc<str>, String) {
    let segment = |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    (operation.method.clone(), operation.path.split('/').map(segment).collect::<Vec<_>>().join("/"))
}

pub fn compare(judge: &mut Judge<'_>) {
    let (old, new) = (judge.old, judge.new);
    let mut gone: Vec<&Operation> = Vec::new();
    for one in &old.operations {
        match new.operations.iter().find(|two| place(one) == place(two)) {
            Some(two) => operation(judge, one, two),
            None => gone.push(one),
        }
    }
    let places: BTreeSet<_> = old.operations.iter().map(place).collect();
    let mut added: Vec<&Operation> =
        new.operations.iter().filter(|two| !places.contains(&place(two))).collect();
    for one in gone {
        let announced = retirement::announced(judge.today, one.deprecated.as_ref());
        let moved = added.iter().position(|two| one.id == two.id).or_else(|| {
            let mut alike =
                (0..added.len()).filter(|i| added.get(*i).is_some_and(|two| is_alike(judge, one, two)));
            alike.next().filter(|_| alike.next().is_none())
        });
        match (announced, moved) {
            (Some(Announced { class, note }), _) => {
                let message = format!("`{}` is gone, as announced", route(one));
                let at = at(one, one).only_old();
                judge.tell(&rules::OPERATION_REMOVED_AS_ANNOUNCED, Both, &at, message).but(class, note);
            }
            (None, Some(i)) => {
                let two = added.remove(i);
                let how = if one.id == two.id { "is" } else { "seems to be" };
                let message = format!("`{}` {how} `{}` now", route(one), route(two));
                let mut at = at(one, two).head(route(one));
                at.operation = Some(route(one).into());
                judge.tell(&rules::OPERATION_MOVED, Both, &at, message);
            }
            (None, None) => {
                let message = format!("`{}` is gone", route(one));
                judge.tell(&rules::OPERATION_REMOVED, Both, &at(one, one).only_old(), message);
            }
        }
    }
    for two in added {
        judge.tell(
            &rules::OPERATION_ADDED,
            Both,
            &at(two, two).only_new(),
            format!("`{}` is new", route(two)),
        );
    }
}

/// The same inputs and the same answer, which says enough to be told from others.
fn is_alike<'a>(judge: &mut Judge<'a>, one: &'a Operation, two: &'a Operation) -> bool {
    let names = |operation: &Operation| -> BTreeSet<Arc<str>> {
        operation.parameters.iter().map(|parameter| parameter.input.clone()).collect()
    };
    let says_enough = |schema: &Schema| match &schema.kind {
        Kind::Object(object) => object.fields.len() > 1,
        kind => matches!(kind, Kind::Reference(_)),
    };
    says_enough(&one.answer)
        && names(one) == names(two)
        && Walk::new(judge, Response).is_same(&one.answer, &two.answer)
}

fn operation<'a>(judge: &mut Judge<'a>, old: &'a Operation, new: &'a Operation) {
    let at = at(old, new);
    if old.id != new.id {
        let message = format!("its operationId was `{}`, is `{}`", old.id, new.id);
        judge.tell(&rules::OPERATION_ID_CHANGED, Meta, &at, message);
    }
    if old.summary != new.summary {
        judge.tell(&rules::SUMMARY_CHANGED, Meta, &at, "its summary is another");
    }
    retirement::compare(judge, old.deprecated.as_ref(), new.deprecated.as_ref(), "the operation", &at);
    security::of_operation(judge, old, new, &at);
    inputs::compare(judge, old, new, &at);

    let answer = at.clone().head(format!("{} → 200", route(new)));
    let mut walk = Walk::new(judge, Response);
    walk.schema(
        &old.answer,
        &new.answer,
        &answer.down("", "/responses/200/content/application~1json/schema"),
    );
    walk.finish();
    if old.cache != new.cache {
        let word = |scope: Option<CacheScope>| match scope {
            None => "nobody",
            Some(CacheScope::Public) => "anybody",
            Some(CacheScope::Private) => "the one who asked",
        };
        let message = format!("may be kept by {} (was: {})", word(new.cache), word(old.cache));
        judge.tell(&rules::CACHING_CHANGED, Response, &answer, message);
    }
    problems(judge, old, new, &at);
    degraded(judge, old, new, &answer);
}

/// Whether only clients that say a version get the problem, and none could so far.
fn is_of_versions(judge: &Judge<'_>, code: &str) -> bool {
    matches!(judge.old.versions, Versioning::None)
        && ["client_too_old", "invalid_client_version", "unknown_version"].contains(&code)
}

fn problems(judge: &mut Judge<'_>, old: &Operation, new: &Operation, at: &At) {
    let codes: BTreeSet<&str> =
        old.problems.iter().chain(&new.problems).map(|problem| &*problem.code).collect();
    for code in codes {
        let of = |operation: &Operation| -> BTreeSet<u16> {
            let of_code = operation.problems.iter().filter(|problem| &*problem.code == code);
            of_code.map(|problem| problem.status).collect()
        };
        let (had, has) = (of(old), of(new));
        let lost: Vec<u16> = had.difference(&has).copied().collect();
        let gained: Vec<u16> = has.difference(&had).copied().collect();
        let spot = |status: u16| {
            let pointer = format!("/responses/{status}");
            at.clone().head(format!("{} → {status} {code}", route(new))).down("", &pointer)
        };
        match (lost.as_slice(), gained.as_slice()) {
            ([], []) => {}
            ([was, ..], [is, ..]) => {
                let mut at = spot(*is);
                at.old = spot(*was).old;
                let message = format!("`{code}` had the status {}, has {}", words(&lost), words(&gained));
                judge.tell(&rules::PROBLEM_STATUS_CHANGED, Response, &at, message);
            }
            ([], [is, ..]) => {
                let message = format!("may answer `{code}` with {} now", words(&gained));
                let at = spot(*is).only_new();
                if is_of_versions(judge, code) {
                    judge.tell_those(Hits::Nobody, &rules::PROBLEM_ADDED, Response, &at, message);
                } else {
                    judge.tell(&rules::PROBLEM_ADDED, Response, &at, message);
                }
            }
            ([was, ..], []) => {
                let message = format!("no longer answers `{code}` with {}", words(&lost));
                judge.tell(&rules::PROBLEM_REMOVED, Response, &spot(*was).only_old(), message);
            }
        }
    }
    for one in &old.problems {
        let same = |two: &&crate::Problem| (two.status, &two.code) == (one.status, &one.code);
        if let Some(two) = new.problems.iter().find(same)
            && one.title != two.title
        {
            let head = format!("{} → {} {}", route(new), one.status, one.code);
            let at = at.clone().head(head).down("", &format!("/responses/{}", one.status));
            judge.tell(
                &rules::PROBLEM_TITLE_CHANGED,
                Meta,
                &at,
                format!("the title of `{}` is another", one.code),
            );
        }
    }
}

fn words(statuses: &[u16]) -> String {
    statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// Calls that the answer may have to do without.
fn degraded(judge: &mut Judge<'_>, old: &Operation, new: &Operation, at: &At) {
    for label in new.degradable.iter().filter(|label| !old.degradable.contains(label)) {
        let message = format!("may come without what `{label}` gives");
        judge.tell(&rules::PARTIAL_ANSWER_ADDED, Response, &at.clone().only_new(), message);
    }
    for label in old.degradable.iter().filter(|label| !new.degradable.contains(label)) {
        let message = format!("no longer comes without what `{label}` gives");
        judge.tell(&rules::PARTIAL_ANSWER_REMOVED, Response, &at.clone().only_old(), message);
    }
}
