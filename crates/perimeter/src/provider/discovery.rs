//! A provider's metadata (OpenID Connect Discovery, RFC 8414): read, checked, pinned.
//!
//! Metadata say where secrets are sent, so they are believed only as far as they must be: the issuer is the configured
//! one, every endpoint is https (or on loopback, if the issuer is), and once known, endpoints stay at their hosts until
//! the process is started anew.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use frontdesk_adapter::now;
use serde_json::{Map, Value};
use tokio::time::Instant;
use url::{Host, Url};

use super::ProviderFault;

/// How long metadata are used before they are read again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long a failure to read them anew, or metadata that were refused, stand before another attempt.
const REST: Duration = Duration::from_secs(10);

/// What a provider offers, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Metadata {
    pub authorization_endpoint: Option<String>,
    pub token_endpoint: Option<String>,
    pub jwks_uri: Option<String>,
    /// OpenID Connect Core §5.3
    pub userinfo_endpoint: Option<String>,
    /// RFC 9126
    pub pushed_authorization_request_endpoint: Option<String>,
    pub require_pushed_authorization_requests: bool,
    /// RFC 7009
    pub revocation_endpoint: Option<String>,
    /// RFC 7662
    pub introspection_endpoint: Option<String>,
    /// OpenID Connect RP-Initiated Logout
    pub end_session_endpoint: Option<String>,
    /// Callbacks carry `iss` (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// RFC 9449 §5.1
    pub dpop_signing_alg_values_supported: Vec<String>,
}

impl Metadata {
    /// Checks a metadata document for `issuer`.
    pub(super) fn read(issuer: &Issuer, document: &Map<String, Value>) -> Result<Self, ProviderFault> {
        if document.get("issuer").and_then(Value::as_str) != Some(&issuer.text) {
            return Err(ProviderFault::Untrusted("the metadata are another issuer's"));
        }
        let endpoint = |name| issuer.endpoint(document.get(name));
        let says = |name| document.get(name).and_then(Value::as_bool).unwrap_or(false);
        let list = document.get("dpop_signing_alg_values_supported").and_then(Value::as_array);
        let dpop = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            userinfo_endpoint: endpoint("userinfo_endpoint")?,
            pushed_authorization_request_endpoint: endpoint("pushed_authorization_request_endpoint")?,
            require_pushed_authorization_requests: says("require_pushed_authorization_requests"),
            revocation_endpoint: endpoint("revocation_endpoint")?,
            introspection_endpoint: endpoint("introspection_endpoint")?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            authorization_response_iss_parameter_supported: says(
                "authorization_response_iss_parameter_supported",
            ),
            dpop_signing_alg_values_supported: dpop,
        })
    }

    fn endpoints(&self) -> [Option<&str>; 8] {
        [
            self.authorization_endpoint.as_deref(),
            self.token_endpoint.as_deref(),
            self.jwks_uri.as_deref(),
            self.pushed_authorization_request_endpoint.as_deref(),
            self.revocation_endpoint.as_deref(),
            self.introspection_endpoint.as_deref(),
            self.end_session_endpoint.as_deref(),
            self.userinfo_endpoint.as_deref(),
        ]
    }

    /// Whether `newer` leaves each endpoint where it was. One that was not there before may come at a place that is
    /// already known.
    fn stays_with(&self, newer: &Self) -> bool {
        let known: Vec<String> = self.endpoints().into_iter().flatten().map(origin_of).collect();
        let pairs = self.endpoints().into_iter().zip(newer.endpoints());
        pairs.into_iter().all(|(before, after)| match (before, after) {
            (Some(before), Some(after)) => origin_of(before) == origin_of(after),
            (None, Some(after)) => known.contains(&origin_of(after)),
            (_, None) => true,
        })
    }
}

/// `https://host:port` of an address that was parsed before.
pub(super) fn origin_of(url: &str) -> String {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// A configured issuer identifier.
#[derive(Clone, Debug)]
pub(super) struct Issuer {
    pub(super) text: Arc<str>,
    pub(super) origin: String,
    url: Url,
    /// It is on this machine or in a private network, so its endpoints may be.
    is_private: bool,
}

impl Issuer {
    pub(super) fn parse(text: &Arc<str>) -> Result<Self, ProviderFault> {
        let refuse = |why| Err(ProviderFault::Untrusted(why));
        let Ok(url) = Url::parse(text) else { return refuse("the issuer is not a URL") };
        if url.query().is_some() || url.fragment().is_some() || !has_no_user(&url) {
            return refuse("an issuer has no query, no fragment and no user");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return refuse("an issuer begins with `https://` (or is on loopback)"),
        }
        let is_private = is_private(&url);
        Ok(Self { text: Arc::clone(text), origin: url.origin().ascii_serialization(), url, is_private })
    }

    /// Where metadata may be: that of OpenID Connect first, then that of OAuth (RFC 8414 §3.1).
    pub(super) fn wells(&self) -> [String; 2] {
        let path = self.url.path().trim_end_matches('/');
        let origin = &self.origin;
        [
            format!("{origin}{path}/.well-known/openid-configuration"),
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
        ]
    }

    fn endpoint(&self, said: Option<&Value>) -> Result<Option<String>, ProviderFault> {
        let refuse = |why| Err(ProviderFault::Untrusted(why));
        let text = match said {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text,
            Some(_) => return refuse("the metadata name an endpoint that is not a URL"),
        };
        // Before parsing, which would quietly drop such characters.
        if !text.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\') {
            return refuse("the metadata name an endpoint that is not a URL");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("the metadata name an endpoint that is not a URL");
        };
        let is_fit = match url.scheme() {
            "https" => true,
            "http" => self.url.scheme() == "http" && is_loopback(&url),
            _ => false,
        };
        if !is_fit || url.fragment().is_some() || !has_no_user(&url) {
            return refuse("the metadata name an endpoint that is not https, or has a user or a fragment");
        }
        if is_private(&url) && !self.is_private && url.host() != self.url.host() {
            return refuse("the metadata of a public provider name an endpoint at a private address");
        }
        Ok(Some(url.into()))
    }
}

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(v4)) => {
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()
        }
        Some(Host::Ipv6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
            None => {
                v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
            }
        },
        None => true,
    }
}

/// Metadata that were read, and when to read them again.
#[derive(Debug, Default)]
pub(super) struct Pinned(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: Option<Arc<Metadata>>,
    /// Until then, what is known (or why nothing is) stands.
    until: Option<Instant>,
    refused: Option<ProviderFault>,
}

/// Reading metadata anew failed: what was known before goes on.
pub(super) struct Kept(pub(super) ProviderFault);

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metadata could not be read anew, the known ones are used: {}", self.0)
    }
}

impl Pinned {
    /// What is known, if it need not be read (again).
    pub(super) fn current(&self) -> Option<Result<Arc<Metadata>, ProviderFault>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.until.is_none_or(|until| now() >= until) {
            return None;
        }
        match (&state.known, &state.refused) {
            (Some(known), _) => Some(Ok(Arc::clone(known))),
            (None, Some(refused)) => Some(Err(refused.clone())),
            (None, None) => None,
        }
    }

    /// What is known, however old.
    pub(super) fn known(&self) -> Option<Arc<Metadata>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).known.clone()
    }

    /// Takes note of what reading gave. Metadata that moved an endpoint are not taken.
    pub(super) fn note(
        &self,
        read: Result<Metadata, ProviderFault>,
    ) -> Result<(Arc<Metadata>, Option<Kept>), ProviderFault> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = match (read, &state.known) {
            (Ok(newer), Some(known)) if !known.stays_with(&newer) => Err(ProviderFault::Untrusted(
                "its endpoints moved to other hosts; if that is meant, start the server anew",
            )),
            (read, _) => read,
        };
        match (read, state.known.clone()) {
            (Ok(newer), _) => {
                let newer = Arc::new(newer);
                *state = State { known: Some(Arc::clone(&newer)), until: Some(now() + FRESH), refused: None };
                Ok((newer, None))
            }
            (Err(fault), Some(known)) => {
                state.until = Some(now() + REST);
                Ok((known, Some(Kept(fault))))
            }
            (Err(fault), None) => {
                // What is away may be back at any moment, and the breaker watches over that; a lie stays one a while.
                if !matches!(fault, ProviderFault::Away { .. }) {
                    state.until = Some(now() + REST);
                    state.refused = Some(fault.clone());
                }
                Err(fault)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::{Issuer, Metadata, Pinned};
    use crate::provider::ProviderFault;

    fn issuer(text: &str) -> Result<Issuer, ProviderFault> {
        Issuer::parse(&Arc::from(text))
    }

    fn read(issuer_text: &str, document: Value) -> Result<Metadata, ProviderFault> {
        let Value::Object(document) = document else { panic!("an object") };
        Metadata::read(&issuer(issuer_text).unwrap(), &document)
    }

    #[test]
    fn issuers_are_https_or_here() {
        for good in [
            "https://login.example.com",
            "https://a.example/t/1",
            "http://127.0.0.1:9/",
            "http://localhost:1",
        ] {
            assert!(issuer(good).is_ok(), "{good}");
        }
        for bad in [
            "http://login.example.com",
            "http://10.0.0.1",
            "ftp://a",
            "login.example.com",
            "https://u:p@a.example",
            "https://a.example?x=1",
            "https://a.example#x",
            "http://localhost.evil.example",
            "",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_stand_where_both_specifications_put_them() {
        let [first, second] = issuer("https://a.example/tenant/").unwrap().wells();
        assert_eq!(first, "https://a.example/tenant/.well-known/openid-configuration");
        assert_eq!(second, "https://a.example/.well-known/oauth-authorization-server/tenant");
    }

    #[test]
    fn a_lying_document_is_refused() {
        const ISSUER: &str = "https://login.example.com";
        assert!(read(ISSUER, json!({ "issuer": ISSUER })).is_ok());
        for other in [
            "https://evil.example",
            "https://login.example.com/",
            "https://LOGIN.example.com",
            "http://login.example.com",
        ] {
            assert!(read(ISSUER, json!({ "issuer": other })).is_err(), "{other}");
        }
        assert!(read(ISSUER, json!({})).is_err());
        for endpoint in [
            json!("http://login.example.com/token"),
            json!("https://169.254.169.254/latest/meta-data"),
            json!("https://127.0.0.1/token"),
            json!("https://10.0.0.7/token"),
            json!("https://[::1]/token"),
            json!("https://[::ffff:10.0.0.1]/token"),
            json!("https://[fe80::1]/token"),
            json!("https://localhost/token"),
            json!("https://2130706433/token"),
            json!("https://u:p@login.example.com/token"),
            json!("https://login.example.com/token#x"),
            json!("https://login.example.com\\@evil.example/"),
            json!("https://login.\texample.com/token"),
            json!("file:///etc/passwd"),
            json!("/token"),
            json!(""),
            json!(["https://login.example.com/token"]),
        ] {
            let document = json!({ "issuer": ISSUER, "token_endpoint": endpoint });
            assert!(read(ISSUER, document).is_err(), "{endpoint}");
        }
        // A provider may keep its endpoints at another public host.
        let apart = json!({ "issuer": ISSUER, "token_endpoint": "https://oauth2.example.net/token" });
        assert!(read(ISSUER, apart).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn endpoints_are_pinned_after_the_first_load() {
        const ISSUER: &str = "https://login.example.com";
        let document = |token: &str| read(ISSUER, json!({ "issuer": ISSUER, "token_endpoint": token }));
        let pinned = Pinned::default();
        assert!(pinned.current().is_none());
        pinned.note(document("https://login.example.com/token")).unwrap();
        let (known, kept) = pinned.note(document("https://login.example.com/v2/token")).unwrap();
        assert!(kept.is_none());
        assert_eq!(known.token_endpoint.as_deref(), Some("https://login.example.com/v2/token"));
        for moved in ["https://evil.example/token", "https://login.example.com:8443/token"] {
            let (known, kept) = pinned.note(document(moved)).unwrap();
            assert!(kept.is_some(), "{moved}");
            assert_eq!(known.token_endpoint.as_deref(), Some("https://login.example.com/v2/token"));
        }
        let gone = ProviderFault::away("gone");
        assert!(pinned.note(Err(gone)).unwrap().1.is_some());
        let revocation = json!({ "issuer": ISSUER, "token_endpoint": "https://login.example.com/token",
            "revocation_endpoint": "https://evil.example/revoke" });
        assert!(pinned.note(read(ISSUER, revocation)).unwrap().1.is_some());
    }
}
