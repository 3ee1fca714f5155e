//! Partners' API keys: long random texts, kept as hashes.
//!
//! A key reads `fdk_<bff>_<id>_<secret>`: scanners of leaked secrets know it by its beginning, operators by its id,
//! and 256 random bits make a plain SHA-256 a sufficient hash. A key is looked for in one header and nowhere else,
//! least of all in an address, which ends up in logs.

mod file;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_adapter::{CallerKey, Clock};
use frontdesk_lang::model::ApiKeyAuth;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use serde_json::Map;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::session::{NoRandomness, random};
use crate::{Identity, Inbound, Kind, Refusal};

pub use file::{BadKeyFile, KeyEntry, KeyFile, KeyRate, date, span_of_time};

const ID_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const ID_LENGTH: usize = 8;
/// base64url of 32 bytes.
const SECRET_LENGTH: usize = 43;

/// A key that was just made. Its text is shown once and kept nowhere.
#[derive(Clone)]
pub struct NewKey {
    pub id: String,
    pub text: String,
    pub hash: [u8; 32],
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewKey {
    /// # Errors
    /// Only if the system's source of randomness fails.
    pub fn generate(bff: &str) -> Result<Self, NoRandomness> {
        let bytes = random::<{ ID_LENGTH + 32 }>()?;
        let (id, secret) = bytes.split_at(ID_LENGTH);
        let letter =
            |byte: &u8| ID_LETTERS.get(usize::from(byte % 32)).map_or('a', |letter| char::from(*letter));
        let id: String = id.iter().map(letter).collect();
        let text = format!("fdk_{bff}_{id}_{}", URL_SAFE_NO_PAD.encode(secret));
        let hash = hash(&text);
        Ok(Self { id, text, hash })
    }
}

/// Who has a key, by its id.
#[derive(Clone, Debug)]
struct Holder {
    hash: [u8; 32],
    /// Unix seconds.
    expires: u64,
    identity: Identity,
}

/// The keys of one BFF. The list is replaced while it runs.
pub struct ApiKeys {
    bff: Arc<str>,
    header: HeaderName,
    holders: ArcSwap<HashMap<Box<str>, Holder>>,
    clock: Arc<dyn Clock>,
}

impl ApiKeys {
    /// Without keys. `None` if the header's name cannot be one.
    pub fn new(bff: Arc<str>, auth: &ApiKeyAuth, clock: Arc<dyn Clock>) -> Option<Self> {
        let header = auth.header.to_ascii_lowercase().parse().ok()?;
        Some(Self { bff, header, holders: ArcSwap::default(), clock })
    }

    /// The header that carries the key.
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    /// Puts the keys of `file` in place of those known so far.
    pub fn replace(&self, file: &KeyFile) {
        let holder = |entry: &KeyEntry| Holder {
            hash: entry.hash,
            expires: entry.expires,
            identity: self.identity(entry),
        };
        let holders = file.keys.iter().map(|entry| (entry.id.as_str().into(), holder(entry))).collect();
        self.holders.store(Arc::new(holders));
    }

    /// Who asks, if the request carries a key.
    ///
    /// # Errors
    /// 401 `invalid_api_key`, the same for whatever is wrong with it: unknown, expired, of another BFF, malformed, two
    /// of them.
    pub fn authenticate(&self, request: &Inbound<'_>) -> Result<Option<Identity>, Refusal> {
        let mut values = request.headers.get_all(&self.header).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let text = value.as_bytes();
        let key = if self.header == AUTHORIZATION {
            match text.split_at_checked(7) {
                Some((scheme, key))
                    if scheme.eq_ignore_ascii_case(b"bearer ") && key.starts_with(b"fdk_") =>
                {
                    key
                }
                // Another kind of credential; somebody else looks at it.
                _ => return Ok(None),
            }
        } else {
            text
        };
        let is_alone = values.next().is_none();
        let found = if is_alone { self.known(key) } else { Err("there are two of them".to_owned()) };
        found.map(Some).map_err(|why| self.refusal().because(why))
    }

    /// # Errors
    /// What is wrong with the key, for the log.
    fn known(&self, key: &[u8]) -> Result<Identity, String> {
        let key = std::str::from_utf8(key).map_err(|_| "it is not text".to_owned())?;
        // The id decides where to look, and is no secret. What is hashed and compared is the same whether it is known.
        let presented = hash(key);
        let holders = self.holders.load();
        let holder = id(key, &self.bff).and_then(|id| holders.get(id));
        let stored = holder.map_or([0; 32], |holder| holder.hash);
        let is_same: bool = presented.ct_eq(&stored).into();
        let holder = holder.filter(|_| is_same).ok_or_else(|| "there is no such key".to_owned())?;
        if self.clock.unix() >= holder.expires {
            return Err(format!("key {} of {} has expired", holder.identity.handle, holder.identity.subject));
        }
        Ok(holder.identity.clone())
    }

    fn refusal(&self) -> Refusal {
        let scheme = if self.header == AUTHORIZATION { "Bearer" } else { "ApiKey" };
        Refusal::new(401, "invalid_api_key")
            .guess()
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(scheme))
    }

    fn identity(&self, entry: &KeyEntry) -> Identity {
        Identity {
            kind: Kind::Key,
            issuer: self.bff.clone(),
            subject: entry.name.as_str().into(),
            scopes: entry.scopes.iter().map(|scope| scope.as_str().into()).collect(),
            acr: None,
            amr: Vec::new(),
            authenticated_at: None,
            client: Some(entry.name.as_str().into()),
            claims: Map::new(),
            handle: entry.id.as_str().into(),
            key: self.caller_key(entry),
            approved: false,
            pinned_version: entry.version.as_deref().map(Arc::from),
            own_rate: entry.rate.map(KeyRate::rate),
        }
    }

    /// Keyed by the hash of a secret that only its holder has.
    fn caller_key(&self, entry: &KeyEntry) -> CallerKey {
        let mut hash = Sha256::new();
        for part in [b"api key", self.bff.as_bytes(), entry.id.as_bytes(), &entry.hash] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        CallerKey(hash.finalize().into())
    }
}

/// The id in a key of this BFF.
fn id<'k>(key: &'k str, bff: &str) -> Option<&'k str> {
    let rest = key.strip_prefix("fdk_")?.strip_prefix(bff)?.strip_prefix('_')?;
    let (id, secret) = rest.split_at_checked(ID_LENGTH)?;
    (secret.len() == 1 + SECRET_LENGTH && secret.starts_with('_')).then_some(id)
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}
