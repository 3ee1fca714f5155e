//! What a believed access token says: RFC 9068 claims, or an introspection answer (RFC 7662 §2.2).

use std::sync::Arc;

use aws_lc_rs::hmac;
use frontdesk_adapter::CallerKey;
use serde_json::{Map, Value};

use super::remembered::Key;
use crate::claims::ClaimRules;
use crate::jose::encode;
use crate::{Identity, Kind};

/// A token whose signature (or provider) was good and whose claims were understood. What the request adds (a proof, a
/// certificate) is checked each time.
#[derive(Debug)]
pub(super) struct KnownToken {
    pub identity: Arc<Identity>,
    /// Unix seconds.
    pub expires: u64,
    pub binding: Binding,
}

/// `cnf`: whose the token is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Binding {
    /// RFC 9449 §6.1
    pub jkt: Option<Arc<str>>,
    /// RFC 8705 §3.1
    pub x5t: Option<Arc<str>>,
}

impl Binding {
    pub(super) fn is_free(&self) -> bool {
        self.jkt.is_none() && self.x5t.is_none()
    }

    /// A token that is bound in a way that cannot be checked is bound to somebody else.
    fn read(claims: &Map<String, Value>) -> Result<Self, &'static str> {
        const WHY: &str = "the token is bound in a way that is not supported";
        let Some(cnf) = claims.get("cnf") else { return Ok(Self::default()) };
        let cnf = cnf.as_object().ok_or(WHY)?;
        let text = |name: &str| match cnf.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Arc::from(text.as_str()))),
            Some(_) => Err(WHY),
        };
        let binding = Self { jkt: text("jkt")?, x5t: text("x5t#S256")? };
        if binding.is_free() { Err(WHY) } else { Ok(binding) }
    }
}

/// Reads the claims of a token that is to be believed. `expires` bounds its use.
pub(super) fn read(
    claims: &Map<String, Value>,
    issuer: &Arc<str>,
    expires: u64,
    rules: &ClaimRules,
    token: &Key,
    secret: &hmac::Key,
) -> Result<KnownToken, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let subject = text("sub").ok_or("the token has no subject")?;
    let client = text("client_id").or_else(|| text("azp"));
    let declared = rules.select(claims).map_err(|_| "the token lacks a claim, or it is of the wrong kind")?;
    let key = keyed(secret, &[b"caller", issuer.as_bytes(), subject.as_bytes(), token]);
    // The same for all tokens of one login, if the provider says which that is.
    let login = text("sid").unwrap_or_default();
    let stands_for = [
        b"handle",
        issuer.as_bytes(),
        subject.as_bytes(),
        client.unwrap_or_default().as_bytes(),
        login.as_bytes(),
    ];
    let handle = keyed(secret, &stands_for);
    let handle = encode(handle.get(..12).unwrap_or_default());
    let identity = Identity {
        kind: Kind::Bearer,
        issuer: issuer.clone(),
        subject: subject.into(),
        scopes: scopes(claims),
        acr: text("acr").map(Arc::from),
        amr: texts(claims.get("amr")),
        authenticated_at: claims.get("auth_time").and_then(Value::as_u64),
        client: client.map(Arc::from),
        claims: declared,
        handle: handle.into(),
        key: CallerKey(key),
        approved: false,
        pinned_version: None,
        own_rate: None,
    };
    Ok(KnownToken { identity: Arc::new(identity), expires, binding: Binding::read(claims)? })
}

/// A keyed hash over parts, each with its length, so that no two lists of parts make one text.
pub(super) fn keyed(secret: &hmac::Key, parts: &[&[u8]]) -> Key {
    let mut context = hmac::Context::with_key(secret);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    key
}

/// `scope` is one text (RFC 8693 §4.2); other providers say `scp` or `scopes`, as a text or a list.
fn scopes(claims: &Map<String, Value>) -> Vec<Arc<str>> {
    let mut all: Vec<Arc<str>> = ["scope", "scp", "scopes"]
        .into_iter()
        .find_map(|name| claims.get(name))
        .map(|value| match value {
            Value::String(text) => text.split_ascii_whitespace().map(Arc::from).collect(),
            other => texts(Some(other)),
        })
        .unwrap_or_default();
    all.sort();
    all.dedup();
    all
}

fn texts(value: Option<&Value>) -> Vec<Arc<str>> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(Arc::from).collect()
}
