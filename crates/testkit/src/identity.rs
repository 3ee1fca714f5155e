//! Somebody made up, who may do what an endpoint asks for.

use std::sync::Arc;

use frontdesk_adapter::CallerKey;
use frontdesk_contract::example::Knobs;
use frontdesk_lang::model::{Access, AuthMethod, BffConfig, Claim, Requires};
use frontdesk_perimeter::{Identity, Kind};
use serde_json::{Map, Value};

use crate::schema;

/// What a case says of who asks; what it does not say is made up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct As {
    pub subject: Option<Arc<str>>,
    /// Instead of those that the endpoint and tokens of the BFF require.
    pub scopes: Option<Vec<Arc<str>>>,
    /// Beside those that are made up.
    pub claims: Map<String, Value>,
    pub kind: Option<Kind>,
    pub acr: Option<Arc<str>>,
    pub client: Option<Arc<str>>,
    /// How long ago they signed in, in seconds.
    pub age: u64,
    /// The version of the contract that their key is held to.
    pub version_pin: Option<Arc<str>>,
}

/// An identity that satisfies `access`, but for what `said` says otherwise. `now` is Unix time in seconds.
pub fn made_up(bff: &Arc<str>, config: &BffConfig, access: Option<&Access>, said: &As, now: u64) -> Identity {
    let kind = said.kind.or_else(|| config.perimeter.auth.first().map(kind_of)).unwrap_or(Kind::Bearer);
    let requires = access.map(|access| &access.requires);
    let subject: Arc<str> = said.subject.clone().unwrap_or_else(|| "ada".into());
    let mut claims = claims(&config.perimeter.claims);
    claims.extend(said.claims.clone());
    Identity {
        kind,
        issuer: match kind {
            Kind::Key | Kind::Certificate => bff.clone(),
            Kind::Session | Kind::Bearer | Kind::Device => "https://id.example.com".into(),
        },
        scopes: said.scopes.clone().unwrap_or_else(|| scopes(config, kind, requires)),
        acr: said.acr.clone().or_else(|| requires.and_then(|requires| requires.acr.first().cloned())),
        amr: Vec::new(),
        authenticated_at: Some(now.saturating_sub(said.age)),
        client: said.client.clone(),
        claims,
        handle: format!("rehearsal:{subject}").into(),
        key: key(&subject),
        subject,
        approved: requires.is_some_and(|requires| requires.approval),
        pinned_version: said.version_pin.clone(),
        own_rate: None,
    }
}

/// Those that every token must have, and those of the endpoint.
fn scopes(config: &BffConfig, kind: Kind, requires: Option<&Requires>) -> Vec<Arc<str>> {
    let of_tokens = config.perimeter.auth.iter().find_map(|method| match method {
        AuthMethod::Bearer(bearer) if kind == Kind::Bearer => Some(bearer.scopes.clone()),
        _ => None,
    });
    let mut all = of_tokens.unwrap_or_default();
    for scope in requires.iter().flat_map(|requires| &requires.scopes) {
        if !all.contains(scope) {
            all.push(scope.clone());
        }
    }
    all
}

fn kind_of(method: &AuthMethod) -> Kind {
    match method {
        AuthMethod::Session(_) => Kind::Session,
        AuthMethod::Bearer(_) => Kind::Bearer,
        AuthMethod::Device(_) => Kind::Device,
        AuthMethod::ApiKeys(_) => Kind::Key,
        AuthMethod::Certificate(_) => Kind::Certificate,
    }
}

/// Those that every caller has. `locale` and `currency` are left out unless a case says them: they are the BFF's then.
fn claims(declared: &[Claim]) -> Map<String, Value> {
    let mut made = Map::new();
    for claim in declared.iter().filter(|claim| !claim.schema.optional) {
        if matches!(&*claim.name, "locale" | "currency") {
            continue;
        }
        let value = match &claim.schema.default {
            Some(default) => default.to_json().unwrap_or_default(),
            None => schema::value(&claim.schema, &claim.name, &claim.name, Knobs::default()),
        };
        made.insert(claim.name.to_string(), value);
    }
    made
}

/// Different subjects never share a call.
fn key(subject: &str) -> CallerKey {
    let mut key = [0x7f_u8; 32];
    for (at, byte) in subject.bytes().enumerate() {
        let at = at % key.len();
        if let Some(place) = key.get_mut(at) {
            *place = place.rotate_left(3) ^ byte;
        }
    }
    CallerKey(key)
}
