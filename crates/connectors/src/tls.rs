//! TLS towards services: which roots are trusted, which name is expected, which protocol is asked for.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::TlsConnector;

use crate::{ClientIdentity, Error, Settings};

/// What a TLS handshake needs beside the host.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) connector: TlsConnector,
    /// Expected instead of the endpoint's host.
    pub(crate) server_name: Option<ServerName<'static>>,
    /// The handshake must end with HTTP/2 chosen.
    pub(crate) needs_http2: bool,
}

pub(crate) fn client(settings: &Settings, http2: bool) -> Result<Tls, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Tls { why: e.to_string() })?
        .with_root_certificates(roots(settings.roots_pem.as_deref())?);
    let mut config = match &settings.identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = parsed(identity)?;
            let unfit = |_| Error::Identity { why: "they do not belong together" };
            config.with_client_auth_cert(chain, key).map_err(unfit)?
        }
    };
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    let server_name = match &settings.server_name {
        None => None,
        Some(name) => match ServerName::try_from(name.clone()) {
            Ok(parsed) => Some(parsed),
            Err(_) => return Err(Error::ServerName { name: name.clone() }),
        },
    };
    Ok(Tls { connector: TlsConnector::from(Arc::new(config)), server_name, needs_http2: http2 })
}

/// The texts may be secret: nothing of them is in the errors.
fn parsed(
    identity: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let refuse = |why| Error::Identity { why };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(identity.certificates_pem.as_bytes()).collect();
    let chain = chain.map_err(|_| refuse("the certificate is not PEM"))?;
    if chain.is_empty() {
        return Err(refuse("there is no certificate in the PEM text"));
    }
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes())
        .map_err(|_| refuse("there is no private key in the PEM text"))?;
    Ok((chain, key))
}

/// The service's own roots *instead of* the public ones: a private service must not become reachable by
/// anyone who can obtain a public certificate.
fn roots(pem: Option<&str>) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    let Some(pem) = pem else {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(store);
    };
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|e| Error::Roots { why: e.to_string() })?;
        store.add(certificate).map_err(|e| Error::Roots { why: e.to_string() })?;
    }
    if store.is_empty() {
        return Err(Error::Roots { why: "no certificate in the PEM text".to_owned() });
    }
    Ok(store)
}
