//! Requests to the provider: sent once, judged strictly, with a proof where one is wanted.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, HttpAnswer, HttpRequest, now};
use serde_json::{Map, Value};

use super::discovery::origin_of;
use super::{OAuthError, Provider, ProviderFault};
use crate::jose::{SigningKey, dpop, object};
use crate::office::Desk;

/// The largest answer that is looked at, in bytes.
const MOST: usize = 256 * 1024;
/// The longest wait that a provider may ask for.
const LONGEST_WAIT: u64 = 3600;

/// Parameters of a form, in order; names may repeat.
pub(super) type Form<'a> = Vec<(&'a str, &'a str)>;

impl Provider {
    pub(super) async fn get(
        &self,
        desk: &Desk,
        url: String,
        deadline: Deadline,
    ) -> Result<HttpAnswer, ProviderFault> {
        let headers = vec![("accept", "application/json".to_owned())];
        let request = HttpRequest { method: "GET", url, headers, body: Bytes::new() };
        self.send(desk, &request, deadline).await
    }

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
            let answer = self.send(desk, &request, deadline).await?;
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
        self.settings.authenticate(self.clock.unix(), &mut body, &mut headers)?;
        if let Some(key) = key {
            let proof = dpop::prove(key, "POST", url, None, nonce, self.clock.unix());
            headers.push(("dpop", proof.map_err(|_| ProviderFault::away("a proof cannot be signed"))?));
        }
        Ok(HttpRequest { method: "POST", url: url.to_owned(), headers, body: body.finish().into() })
    }

    /// Any answer that is not the provider's failure, whatever it says.
    pub(super) async fn send(
        &self,
        desk: &Desk,
        request: &HttpRequest,
        deadline: Deadline,
    ) -> Result<HttpAnswer, ProviderFault> {
        self.breaker.check()?;
        let origin = origin_of(&request.url);
        if origin != self.issuer.origin {
            desk.http.admit(&origin, &self.issuer.origin).map_err(|fault| away(&fault))?;
        }
        let deadline = deadline.tightened(now(), self.settings.timeout);
        let failed = match desk.http.send(request, deadline).await {
            Ok(answer) if answer.body.len() > MOST => away(&Fault::TooLarge { limit: MOST as u64 }),
            Ok(answer) if answer.status == 429 || answer.status >= 500 => ProviderFault::Away {
                why: format!("status {}", answer.status),
                // 429 and 503 are said before work is done; behind the others anything may have happened.
                maybe_done: !matches!(answer.status, 429 | 503),
                retry_after: retry_after(&answer),
            },
            Ok(answer) => {
                self.breaker.answered();
                return Ok(answer);
            }
            Err(fault) => away(&fault),
        };
        self.note_failure(&failed);
        Err(failed)
    }

    fn note_failure(&self, fault: &ProviderFault) {
        if let ProviderFault::Away { retry_after, .. } = fault {
            self.breaker.failed(*retry_after);
        }
    }

    /// The JSON object of an answer with status of success. Anything else with such a status is a page of something
    /// that stands before the provider.
    pub(super) fn object(&self, answer: &HttpAnswer) -> Result<Map<String, Value>, ProviderFault> {
        let body =
            (says_json(answer) && matches!(answer.status, 200..=299)).then(|| object(&answer.body)).flatten();
        body.ok_or_else(|| {
            let why = format!("status {} without a JSON object", answer.status);
            let fault = ProviderFault::Away { why, maybe_done: true, retry_after: None };
            self.note_failure(&fault);
            fault
        })
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
                self.note_failure(&fault);
                Err(fault)
            }
            Some(error) => Ok(error),
            None => {
                let fault =
                    ProviderFault::away(format!("status {} without an error of OAuth", answer.status));
                self.note_failure(&fault);
                Err(fault)
            }
        }
    }
}

fn away(fault: &Fault) -> ProviderFault {
    let maybe_done = match fault {
        Fault::Connect(_) | Fault::Shed | Fault::BreakerOpen | Fault::Unsendable { .. } => false,
        // After a time-out, a dropped connection or half an answer the provider may have acted all the same.
        _ => true,
    };
    ProviderFault::Away { why: fault.to_string(), maybe_done, retry_after: None }
}

fn says_json(answer: &HttpAnswer) -> bool {
    let Some(kind) = answer.header("content-type") else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || kind.rsplit_once('+').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("json"))
}

/// Seconds; the form with a date is not worth a calendar.
fn retry_after(answer: &HttpAnswer) -> Option<Duration> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}
