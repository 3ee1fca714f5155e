//! How a BFF proves to the provider which client it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, json};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{ClientCredential, ProviderFault, ProviderSettings};
use crate::jose::{SigningKey, random};

/// Seconds that an assertion is good for. Each is used once, at once.
const LIFE: u64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl ProviderSettings {
    /// Adds the client's credential to a request: to its form, or to its headers.
    pub(super) fn authenticate(
        &self,
        now: u64,
        form: &mut Serializer<'_, String>,
        headers: &mut Vec<(&'static str, String)>,
    ) -> Result<(), ProviderFault> {
        match &self.client_auth {
            ClientCredential::PrivateKeyJwt(key) => {
                let assertion = self.assertion(key, now)?;
                form.append_pair("client_id", &self.client_id)
                    .append_pair("client_assertion_type", ASSERTION_TYPE)
                    .append_pair("client_assertion", &assertion);
            }
            ClientCredential::SecretBasic(secret) => {
                // RFC 6749 §2.3.1: both are form-encoded before they are joined by a colon.
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret));
                headers.push(("authorization", format!("Basic {}", STANDARD.encode(pair))));
            }
            ClientCredential::SecretPost(secret) => {
                form.append_pair("client_id", &self.client_id).append_pair("client_secret", secret);
            }
            ClientCredential::NotAClient => {
                return Err(ProviderFault::Unsupported("a client for this BFF: none is configured"));
            }
        }
        Ok(())
    }

    /// RFC 7523 §2.2, as draft-ietf-oauth-rfc7523bis has tightened it: the issuer identifier is the only audience,
    /// written as a string, and the type is said. An endpoint named by metadata is never an audience: a provider that
    /// lies about its endpoints could use the assertion elsewhere (CVE-2025-27370).
    fn assertion(&self, key: &SigningKey, now: u64) -> Result<String, ProviderFault> {
        let unsigned = |_| ProviderFault::away("a client assertion cannot be signed");
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(&*self.client_id));
        claims.insert("sub".to_owned(), json!(&*self.client_id));
        claims.insert("aud".to_owned(), json!(&*self.issuer));
        claims.insert("jti".to_owned(), json!(random::<16>().map_err(unsigned)?));
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now + LIFE));
        let header = [("typ", json!("client-authentication+jwt")), ("kid", json!(key.kid()))];
        key.sign(&header, &claims).map_err(unsigned)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;
    use url::form_urlencoded::{self, Serializer};

    use crate::jose::{Expectations, PublicKey, PublicKeys, SigningKey, verify};
    use crate::provider::{ClientCredential, ProviderSettings};

    type Sent = (Vec<(String, String)>, Vec<(&'static str, String)>);

    fn authenticated(auth: ClientCredential) -> Option<Sent> {
        let settings = ProviderSettings::new("https://login.example.com").client("web bff", auth);
        let mut form = Serializer::new(String::new());
        let mut headers = Vec::new();
        settings.authenticate(1_000, &mut form, &mut headers).ok()?;
        let form = form_urlencoded::parse(form.finish().as_bytes()).into_owned().collect();
        Some((form, headers))
    }

    #[test]
    fn an_assertion_is_for_the_issuer_alone_and_short_lived() {
        let key = Arc::new(SigningKey::generate_es256().unwrap());
        let auth = || ClientCredential::PrivateKeyJwt(Arc::clone(&key));
        let (form, headers) = authenticated(auth()).unwrap();
        assert!(headers.is_empty());
        let assertion = form.iter().find(|(name, _)| name == "client_assertion").unwrap().1.clone();
        let jwk = key.published_jwk();
        let keys = PublicKeys::one(PublicKey::from_jwk(jwk.as_object().unwrap()).unwrap());
        let expect = Expectations {
            issuer: "web bff".into(),
            audiences: vec!["https://login.example.com".into()],
            types: vec!["client-authentication+jwt".into()],
            untyped: false,
            algorithms: vec![key.algorithm()],
            leeway: 0,
            require: vec!["jti", "sub"],
            max_age: Some(60),
        };
        let verified = verify(&assertion, &keys, &expect, 1_000).unwrap();
        assert_eq!(verified.claims.get("aud"), Some(&json!("https://login.example.com")));
        assert!(verified.date("exp").unwrap() <= 1_060);
        let again = authenticated(auth()).unwrap().0;
        assert_ne!(again, form, "each request has its own");
    }

    #[test]
    fn secrets_are_encoded_before_they_are_joined() {
        let (form, headers) = authenticated(ClientCredential::SecretBasic("a:b+c%ü".into())).unwrap();
        assert!(form.is_empty());
        let (name, value) = &headers[0];
        let pair = STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
        let pair = (*name, String::from_utf8(pair).unwrap());
        assert_eq!(pair, ("authorization", "web+bff:a%3Ab%2Bc%25%C3%BC".to_owned()));
        let (form, headers) = authenticated(ClientCredential::SecretPost("s&c".into())).unwrap();
        assert!(headers.is_empty());
        assert!(form.contains(&("client_secret".to_owned(), "s&c".to_owned())));
        assert!(authenticated(ClientCredential::NotAClient).is_none());
    }

    #[test]
    fn debug_shows_no_secret() {
        let settings = ProviderSettings::new("https://login.example.com")
            .client("web", ClientCredential::SecretPost("planted".into()));
        assert!(!format!("{settings:?}").contains("planted"));
    }
}
