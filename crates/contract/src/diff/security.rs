//! Who may ask: the ways to prove who one is, which of them an operation takes, and the scopes it needs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Class;
use super::Direction::*;
use super::judge::{At, Judge, escaped};
use super::rules;
use crate::{Operation, SecurityScheme};

/// The ways themselves, whoever takes them.
pub fn of_contract(judge: &mut Judge<'_>) {
    let (old, new) = (judge.old, judge.new);
    let at = |name: &str| {
        At::new(format!("security {name}"), format!("/components/securitySchemes/{}", escaped(name)))
    };
    for (name, one) in &old.security {
        match new.security.get(name) {
            Some(two) if one != two => {
                let message = format!("was {}, is {}", words(one), words(two));
                judge.tell(&rules::SECURITY_WAY_CHANGED, Both, &at(name), message);
            }
            Some(_) => {}
            None => {
                let message = format!("`{name}` ({}) is not described any longer", words(one));
                judge.tell(&rules::SECURITY_WAY_RENAMED, Meta, &at(name).only_old(), message);
            }
        }
    }
    for (name, two) in new.security.iter().filter(|(name, _)| !old.security.contains_key(*name)) {
        let message = format!("`{name}` ({}) is described now", words(two));
        judge.tell(&rules::SECURITY_WAY_RENAMED, Meta, &at(name).only_new(), message);
    }
}

fn words(scheme: &SecurityScheme) -> String {
    match scheme {
        SecurityScheme::Cookie { name, header } => format!("the cookie `{name}` with the header `{header}`"),
        SecurityScheme::Bearer => "a bearer token".to_owned(),
        SecurityScheme::Device => "a token bound to the device's key (DPoP)".to_owned(),
        SecurityScheme::ApiKey { header } => format!("an API key in the header `{header}`"),
        SecurityScheme::Certificate => "a client certificate".to_owned(),
    }
}

pub fn of_operation(judge: &mut Judge<'_>, old: &Operation, new: &Operation, at: &At) {
    let at = at.down("", "/security");
    match (old.security.is_empty(), new.security.is_empty()) {
        (true, true) => {}
        (true, false) => {
            let message = format!("anybody could ask; needs {} now", list(&new.security));
            judge.tell(&rules::SECURITY_DEMANDED, Both, &at, message);
        }
        (false, true) => {
            let message = format!("needed {}; anybody may ask now", list(&old.security));
            judge.tell(&rules::SECURITY_DROPPED, Both, &at, message);
        }
        (false, false) => ways(judge, old, new, &at),
    }
    let (had, has): (BTreeSet<_>, BTreeSet<_>) = (old.scopes.iter().collect(), new.scopes.iter().collect());
    for scope in has.difference(&had) {
        // Who could ask without credentials is told that they are needed; the scope is part of them.
        let told = judge.tell(
            &rules::SCOPE_ADDED,
            Both,
            &at.clone().only_new(),
            format!("needs the scope `{scope}` now"),
        );
        if new.security.is_empty() {
            told.but(Class::Compatible, "no credentials are asked for, so no scope is");
        }
    }
    for scope in had.difference(&has) {
        let message = format!("no longer needs the scope `{scope}`");
        judge.tell(&rules::SCOPE_REMOVED, Both, &at.clone().only_old(), message);
    }
}

/// Under a name that both know, or another name for the same.
fn ways(judge: &mut Judge<'_>, old: &Operation, new: &Operation, at: &At) {
    let (olds, news) = (judge.old, judge.new);
    let is_same = |one: &Arc<str>, two: &Arc<str>| {
        let (scheme, other) = (olds.security.get(one), news.security.get(two));
        one == two || (scheme.is_some() && scheme == other)
    };
    for one in old.security.iter().filter(|one| !new.security.iter().any(|two| is_same(one, two))) {
        let message = format!("`{one}` does not do any longer; {} does", list(&new.security));
        judge.tell(&rules::SECURITY_WAY_REMOVED, Both, &at.clone().only_old(), message);
    }
    for two in new.security.iter().filter(|two| !old.security.iter().any(|one| is_same(one, two))) {
        judge.tell(
            &rules::SECURITY_WAY_ADDED,
            Both,
            &at.clone().only_new(),
            format!("`{two}` does as well now"),
        );
    }
}

fn list(names: &[Arc<str>]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}
