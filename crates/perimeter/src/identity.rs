//! Who asks: one model for browsers, apps and partners.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::CallerKey;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Session,
    Bearer,
    Device,
    Key,
    Certificate,
}

impl Kind {
    /// `auth.kind` in views, and the word in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Bearer => "bearer",
            Self::Device => "device",
            Self::Key => "key",
            Self::Certificate => "certificate",
        }
    }
}

/// What was proved. A user is known by `issuer` and `subject` together, never by a name or an address.
#[derive(Clone, PartialEq)]
pub struct Identity {
    pub kind: Kind,
    /// The provider's issuer identifier; the BFF's name for keys and certificates.
    pub issuer: Arc<str>,
    pub subject: Arc<str>,
    pub scopes: Vec<Arc<str>>,
    pub acr: Option<Arc<str>>,
    pub amr: Vec<Arc<str>>,
    /// Unix seconds of the last time the user signed in.
    pub authenticated_at: Option<u64>,
    /// The OAuth client or API key that asks on the subject's behalf.
    pub client: Option<Arc<str>>,
    /// Claims that `claims` declares, of the types it declares.
    pub claims: Map<String, Value>,
    /// Stands for this session, device or key in rates and logs. Says nothing.
    pub handle: Arc<str>,
    pub key: CallerKey,
    /// The device's approval key has signed this very request.
    pub approved: bool,
    /// The value of `Partner-Version` that this key is held to.
    pub pinned_version: Option<Arc<str>>,
    /// For `{ per: "key" }`: what this key may do instead of what the BFF says.
    pub own_rate: Option<frontdesk_adapter::Rate>,
}

impl Identity {
    /// Where this user stands among all, for [`Caller::cohort`](frontdesk_adapter::Caller::cohort): made of who they
    /// are alone, and of no key that an instance has for itself or that is rotated.
    pub fn cohort(&self) -> u64 {
        let mut hash = Sha256::new();
        for part in ["cohort", &self.issuer, &self.subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(8).fold(0, |cohort, byte| (cohort << 8) | u64::from(*byte))
    }
}

/// Who it is stays out of logs.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("kind", &self.kind)
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Further members of `session` in views, as JSON: the subject and the declared claims.
    pub fn session_json(&self) -> Bytes {
        let mut members = self.claims.clone();
        members.insert("subject".to_owned(), json!(&*self.subject));
        Value::Object(members).to_string().into()
    }

    /// `auth` in views, as JSON.
    pub fn auth_json(&self) -> Bytes {
        let mut auth = json!({ "kind": self.kind.name(), "scopes": texts(&self.scopes) });
        if let Some(members) = auth.as_object_mut() {
            if let Some(acr) = &self.acr {
                members.insert("acr".to_owned(), json!(&**acr));
            }
            if let Some(client) = &self.client {
                members.insert("client".to_owned(), json!(&**client));
            }
            if let Some(at) = self.authenticated_at {
                members.insert("authenticatedAt".to_owned(), json!(at));
            }
        }
        auth.to_string().into()
    }
}

fn texts(all: &[Arc<str>]) -> Vec<&str> {
    all.iter().map(|text| &**text).collect()
}
