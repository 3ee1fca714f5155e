//! TLS towards clients: certificates from PEM text, HTTP/2 and HTTP/1.1 by ALPN, certificates of clients.

use std::sync::Arc;

use frontdesk_perimeter::ClientCertificate;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why a listener's certificate cannot be used. The texts never contain key material.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the certificate file holds no valid PEM certificate")]
    Certificate,
    #[error("the key file holds no valid PEM private key")]
    Key,
    #[error("certificate and key do not go together: {0}")]
    Pair(rustls::Error),
    #[error("the file of client authorities holds no valid PEM certificate of one")]
    ClientAuthority,
}

/// The configuration of one listener. With `client_ca_pem`, clients are asked for a certificate: they may come without
/// one, but not with one that none of these authorities has signed.
pub fn config(
    cert_pem: &str,
    key_pem: &str,
    client_ca_pem: Option<&str>,
) -> Result<Arc<ServerConfig>, Error> {
    let chain = certificates(cert_pem).ok_or(Error::Certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| Error::Key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(Error::Pair)?;
    let builder = match client_ca_pem {
        None => builder.with_no_client_auth(),
        Some(pem) => builder.with_client_cert_verifier(verifier(pem, provider)?),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(Error::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn verifier(pem: &str, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem).ok_or(Error::ClientAuthority)? {
        roots.add(authority).map_err(|_| Error::ClientAuthority)?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|_| Error::ClientAuthority)
}

/// All certificates of the text; `None` if there is none, or one that is broken.
fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let all = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().ok()?;
    (!all.is_empty()).then_some(all)
}

/// What the client proved in the handshake, if it proved anything.
pub(crate) fn client_certificate(connection: &ServerConnection) -> Option<Arc<ClientCertificate>> {
    let certificate = connection.peer_certificates()?.first()?;
    ClientCertificate::read(certificate).map(Arc::new)
}
