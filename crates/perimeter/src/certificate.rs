//! Partners that prove themselves by a TLS client certificate.
//!
//! The listener has verified the certificate against the authorities of `tls.client-ca`; here its names say who it is.

use std::sync::Arc;

use frontdesk_adapter::CallerKey;
use frontdesk_lang::model::CertificateAuth;
use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::{ClientCertificate, Identity, Kind};

/// The certificates of `certificate({ clients })` of one BFF.
#[derive(Clone, Debug)]
pub struct Certificates {
    bff: Arc<str>,
    clients: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    name: Arc<str>,
    subject: Arc<str>,
    scopes: Vec<Arc<str>>,
}

impl Certificates {
    pub fn new(bff: Arc<str>, auth: &CertificateAuth) -> Self {
        let known = |client: &frontdesk_lang::model::CertificateClient| Known {
            name: client.name.clone(),
            subject: client.subject.clone(),
            scopes: client.scopes.clone(),
        };
        Self { bff, clients: auth.clients.iter().map(known).collect() }
    }

    /// Who the certificate's owner is here; `None` if no client is known by any of its names.
    pub fn identity(&self, certificate: &ClientCertificate) -> Option<Identity> {
        let known = self
            .clients
            .iter()
            .find(|client| certificate.names.iter().any(|name| is_same(name, &client.name)))?;
        Some(Identity {
            kind: Kind::Certificate,
            issuer: self.bff.clone(),
            subject: known.subject.clone(),
            scopes: known.scopes.clone(),
            acr: None,
            amr: Vec::new(),
            authenticated_at: None,
            client: Some(known.subject.clone()),
            claims: Map::new(),
            handle: certificate.thumbprint.as_str().into(),
            key: self.key(&known.subject, &certificate.thumbprint),
            approved: false,
            pinned_version: None,
            own_rate: None,
        })
    }

    fn key(&self, subject: &str, thumbprint: &str) -> CallerKey {
        let mut hash = Sha256::new();
        for part in ["certificate", &self.bff, subject, thumbprint] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        CallerKey(hash.finalize().into())
    }
}

/// Host names are the same in any case (RFC 9525 §6.2); URIs and common names are not.
fn is_same(presented: &str, known: &str) -> bool {
    let is_host = !known.contains(['/', ':', ' ']) && known.contains('.');
    if is_host { presented.eq_ignore_ascii_case(known) } else { presented == known }
}
