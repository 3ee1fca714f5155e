//! Proofs of possession that come with requests: checked, used once, and answered with the nonce for the next one.

use std::sync::Arc;

use frontdesk_adapter::{Clock, EntryStore};
use http::{HeaderName, HeaderValue};

use crate::bearer::challenge::{Challenger, DPOP_NONCE};
use crate::bearer::credential::{self, Scheme};
use crate::jose::Algorithm;
use crate::jose::dpop::{self, ExpectedProof, ProofFault};
use crate::jose::nonce::Nonces;
use crate::{Inbound, Origins, Refusal};

/// Algorithms of proofs: those that keys of devices have.
pub(crate) const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Ps256];

/// Checks the proofs of one BFF's requests.
pub(crate) struct Proofs {
    entries: Arc<dyn EntryStore>,
    prefix: String,
    origins: Origins,
    nonces: Arc<Nonces>,
    clock: Arc<dyn Clock>,
}

/// Who made a good proof.
pub(crate) struct Proved {
    /// The thumbprint of the key.
    pub jkt: String,
    /// The nonce for the client's next proof, if its own is about to end (RFC 9449 §8.2).
    pub header: Option<(HeaderName, HeaderValue)>,
}

/// Why a request's proof does not count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unproved {
    Fault(ProofFault),
    /// The store cannot say whether it was used before. For the log.
    Away(String),
}

impl From<ProofFault> for Unproved {
    fn from(fault: ProofFault) -> Self {
        Self::Fault(fault)
    }
}

impl Proofs {
    pub(crate) fn new(
        bff: &str,
        entries: Arc<dyn EntryStore>,
        origins: Origins,
        nonces: Arc<Nonces>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { entries, prefix: format!("fd:{bff}:"), origins, nonces, clock }
    }

    /// Checks the one proof that must have come: for this request, with `token` if one came too, by the key `jkt` if
    /// it is known which.
    pub(crate) async fn check(
        &self,
        inbound: &Inbound<'_>,
        token: Option<&str>,
        jkt: Option<&str>,
    ) -> Result<Proved, Unproved> {
        let proof = credential::proof(inbound).map_err(|_| ProofFault::Malformed)?;
        let proof = proof.ok_or(ProofFault::Missing)?;
        let now = self.clock.unix();
        let origin = self.origins.of(inbound).ok_or(ProofFault::Url)?;
        let urls = [format!("{origin}{}", inbound.uri.path())];
        let expected = ExpectedProof {
            method: inbound.method.as_str(),
            urls: &urls,
            token,
            jkt,
            nonces: Some(&self.nonces),
            algorithms: &ALGORITHMS,
        };
        let proof = dpop::check(proof, &expected, now)?;
        let is_new = dpop::use_once(&*self.entries, &self.prefix, &proof).await;
        if !is_new.map_err(|fault| Unproved::Away(fault.to_string()))? {
            return Err(ProofFault::Replayed.into());
        }
        let header = if proof.nonce_is_ending { self.nonce() } else { None };
        Ok(Proved { jkt: proof.jkt, header })
    }

    /// What the client is told: with a nonce, so that it can do better at once.
    pub(crate) fn refusal(&self, unproved: Unproved, challenger: &Challenger) -> Refusal {
        let fault = match unproved {
            Unproved::Fault(fault) => fault,
            Unproved::Away(why) => return Refusal::unavailable().because(why),
        };
        let error = match fault {
            ProofFault::Nonce => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        };
        let refusal = Refusal::new(401, error).detail(fault.text()).because(fault.text());
        let refusal = challenger.with_error(refusal, Scheme::Dpop, error, &[]);
        match self.nonce() {
            Some((name, nonce)) => refusal.header(name, nonce),
            None => refusal,
        }
    }

    fn nonce(&self) -> Option<(HeaderName, HeaderValue)> {
        let nonce = HeaderValue::try_from(self.nonces.issue(self.clock.unix())).ok()?;
        Some((DPOP_NONCE, nonce))
    }
}
