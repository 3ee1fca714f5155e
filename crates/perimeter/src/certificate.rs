//! Partners that prove themselves by a TLS client certificate.
//!
//! The listener has verified the certificate against the authorities of `tls.client-ca`; here its names say who it is.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_adapter::CallerKey;
use frontdesk_lang::model::CertificateAuth;
use rustls_pki_types::CertificateDer;
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

impl ClientCertificate {
    /// What a certificate that TLS has verified says; `None` if it cannot be read.
    ///
    /// Authorities check alternative names with more care than the common name, which counts only where it is all
    /// there is (RFC 9525 §2).
    pub fn read(der: &[u8]) -> Option<Self> {
        let der = CertificateDer::from(der);
        let certificate = webpki::EndEntityCert::try_from(&der).ok()?;
        let names = certificate.valid_dns_names().chain(certificate.valid_uri_names());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        if names.is_empty() {
            names.extend(common_name(certificate.subject()).map(str::to_owned));
        }
        Some(Self { names, thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)) })
    }
}

/// The common name in a subject (RFC 5280 §4.1.2.4), if there is exactly one and it is text of today.
fn common_name(subject: &[u8]) -> Option<&str> {
    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;
    const OBJECT_IDENTIFIER: u8 = 0x06;
    const UTF8_STRING: u8 = 0x0c;
    const PRINTABLE_STRING: u8 = 0x13;
    /// 2.5.4.3
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    let (mut found, mut sets) = (None, subject);
    while !sets.is_empty() {
        let (mut set, rest) = element(sets, &[SET])?;
        sets = rest;
        while !set.is_empty() {
            let (attribute, rest) = element(set, &[SEQUENCE])?;
            set = rest;
            let (kind, value) = element(attribute, &[OBJECT_IDENTIFIER])?;
            if kind == COMMON_NAME {
                let (text, _) = element(value, &[UTF8_STRING, PRINTABLE_STRING])?;
                if found.replace(std::str::from_utf8(text).ok()?).is_some() {
                    return None;
                }
            }
        }
    }
    found
}

/// The content of the DER element at the beginning, which has one of these tags, and what comes after it.
fn element<'d>(der: &'d [u8], tags: &[u8]) -> Option<(&'d [u8], &'d [u8])> {
    let (tag, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => rest.split_first().map(|(&length, rest)| (usize::from(length), rest))?,
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    if tags.contains(tag) { rest.split_at_checked(length) } else { None }
}
