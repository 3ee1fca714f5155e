//! Ways to prove who one is, as the contract names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_lang::model::{Access, AuthMethod, Perimeter};

use crate::contract::SecurityScheme;

/// What the cookie of a session is called before the part that `bff.ts` may name.
const COOKIE: &str = "__Host-Http-fd-";

/// The name in the document: that of the function in `bff.ts`. Of two bearers either does, and both are `bearer`.
fn name(method: &AuthMethod) -> &'static str {
    match method {
        AuthMethod::ApiKeys(_) => "apiKey",
        other => other.name(),
    }
}

/// Each once, in the order of `bff.ts`.
pub(super) fn names(perimeter: &Perimeter) -> impl Iterator<Item = &'static str> {
    let all: Vec<&str> = perimeter.auth.iter().map(name).collect();
    let is_first = |at: usize| !all.iter().take(at).any(|before| all.get(at) == Some(before));
    let kept: Vec<&'static str> = perimeter
        .auth
        .iter()
        .enumerate()
        .filter(|(at, _)| is_first(*at))
        .map(|(_, method)| name(method))
        .collect();
    kept.into_iter()
}

pub(super) fn schemes(perimeter: &Perimeter) -> BTreeMap<Arc<str>, SecurityScheme> {
    let scheme = |method: &AuthMethod| match method {
        AuthMethod::Session(session) => SecurityScheme::Cookie {
            name: format!("{COOKIE}{}", session.cookie).into(),
            header: perimeter.csrf.header.clone(),
        },
        AuthMethod::Bearer(_) => SecurityScheme::Bearer,
        AuthMethod::Device(_) => SecurityScheme::Device,
        AuthMethod::ApiKeys(keys) => SecurityScheme::ApiKey { header: keys.header.clone() },
        AuthMethod::Certificate(_) => SecurityScheme::Certificate,
    };
    perimeter.auth.iter().map(|method| (name(method).into(), scheme(method))).collect()
}

/// What the endpoint requires, and what every token must have if tokens are the only way in.
pub(super) fn scopes(perimeter: &Perimeter, access: &Access) -> Vec<Arc<str>> {
    if access.public {
        return Vec::new();
    }
    let mut scopes = access.requires.scopes.clone();
    if let [AuthMethod::Bearer(bearer)] = perimeter.auth.as_slice() {
        scopes.extend(bearer.scopes.iter().cloned());
    }
    scopes.sort();
    scopes.dedup();
    scopes
}
