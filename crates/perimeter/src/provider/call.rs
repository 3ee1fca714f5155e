//! Forms posted to the provider, as its client: with a proof where one is wanted, and refusals told from failures.

use frontdesk_adapter::{Deadline, HttpAnswer, HttpRequest};
use serde_json::Value;

use super::line::{retry_after, says_json};
use super::{OAuthError, Provider, ProviderFault};
use crate::jose::{SigningKey, dpop, object};
use crate::office::Desk;

/// Parameters of a form, in order; names may repeat.
pub(super) type Form<'a> = Vec<(&'a str, &'a str)>;

impl Provider {
    /// Posts a form with client authentication, and with a proof by `key` (RFC 9449 §5). The answer has a status of
    /// success.
    ///
    /// A request that the provider refused for want of its nonce was not carried out, and is sent once more, with a
    /// fresh proof and a fresh assertion. Nothing else is sent twice.
    pub(super) async fn post(
        &self,
        desk: &Desk,
        url: &str,
        form: &Form<'_>,
        key: Option<&SigningKey>,
        deadline: Deadline,
    ) -> Result<HttpAnswer, ProviderFault> {
        let mut nonce = self.nonces.newest(url);
        let mut has_retried = false;
        loop {
            let request = self.form_request(url, form, key, nonce.as_deref())?;
            let answer = self.line.send(desk, &request, deadline).await?;
            let given = answer.header("dpop-nonce");
            if let Some(given) = given {
                self.nonces.learn(url, given);
            }
            if matches!(answer.status, 200..=299) {
                return Ok(answer);
            }
            let error = self.refusal(&answer)?;
            if error == OAuthError::UseDpopNonce && key.is_some() && given.is_some() && !has_retried {
                has_retried = true;
                nonce = self.nonces.newest(url);
                continue;
            }
            return Err(ProviderFault::Refused { error });
        }
    }

    fn form_request(
        &self,
        url: &str,
        form: &Form<'_>,
        key: Option<&SigningKey>,
        nonce: Option<&str>,
    ) -> Result<HttpRequest, ProviderFault> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value);
        }
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        self.line.settings.authenticate(self.clock.unix(), &mut body, &mut headers)?;
        if let Some(key) = key {
            let proof = dpop::prove(key, "POST", url, None, nonce, self.clock.unix());
            headers.push(("dpop", proof.map_err(|_| ProviderFault::away("a proof cannot be signed"))?));
        }
        Ok(HttpRequest { method: "POST", url: url.to_owned(), headers, body: body.finish().into() })
    }

    /// The error of an answer that is one (RFC 6749 §5.2: status 400 or 401 with JSON).
    fn refusal(&self, answer: &HttpAnswer) -> Result<OAuthError, ProviderFault> {
        let error = (matches!(answer.status, 400 | 401) && says_json(answer))
            .then(|| object(&answer.body))
            .flatten()
            .and_then(|body| body.get("error").and_then(Value::as_str).map(OAuthError::parse));
        match error {
            Some(error @ (OAuthError::ServerError | OAuthError::TemporarilyUnavailable)) => {
                let fault = ProviderFault::Away {
                    why: format!("status {}: {}", answer.status, error.name()),
                    maybe_done: error == OAuthError::ServerError,
                    retry_after: retry_after(answer),
                };
                self.line.note_failure(&fault);
                Err(fault)
            }
            Some(error) => Ok(error),
            None => {
                let fault =
                    ProviderFault::away(format!("status {} without an error of OAuth", answer.status));
                self.line.note_failure(&fault);
                Err(fault)
            }
        }
    }
}
