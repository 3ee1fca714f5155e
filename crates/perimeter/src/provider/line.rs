//! The line to a provider: one request at a time, its failures counted, its metadata remembered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, HttpAnswer, HttpRequest, now, say};
use serde_json::{Map, Value};

use super::breaker::Breaker;
use super::discovery::{Issuer, Metadata, Pinned, origin_of};
use super::{ProviderFault, ProviderSettings};
use crate::jose::object;
use crate::office::Desk;

/// The largest answer that is looked at, in bytes.
const MOST: usize = 256 * 1024;
/// The longest wait that a provider may ask for.
const LONGEST_WAIT: u64 = 3600;

/// What it takes to ask a provider anything.
pub(super) struct Line {
    pub(super) settings: ProviderSettings,
    pub(super) issuer: Issuer,
    pinned: Pinned,
    /// Metadata are read by one job at a time.
    reading: tokio::sync::Mutex<()>,
    breaker: Breaker,
}

impl Line {
    pub(super) fn new(settings: ProviderSettings) -> Result<Self, ProviderFault> {
        let issuer = Issuer::parse(&settings.issuer)?;
        Ok(Self {
            settings,
            issuer,
            pinned: Pinned::default(),
            reading: tokio::sync::Mutex::default(),
            breaker: Breaker::default(),
        })
    }

    /// See [`Provider::metadata`](super::Provider::metadata).
    pub(super) async fn metadata(
        &self,
        desk: &Desk,
        deadline: Deadline,
    ) -> Result<Arc<Metadata>, ProviderFault> {
        if let Some(known) = self.pinned.current() {
            return known;
        }
        let _reading = match (self.reading.try_lock(), self.pinned.known()) {
            (Ok(reading), _) => reading,
            // Somebody else reads them anew: what is known does until then.
            (Err(_), Some(known)) => return Ok(known),
            (Err(_), None) => tokio::time::timeout_at(deadline.instant(), self.reading.lock())
                .await
                .map_err(|_| ProviderFault::away("its metadata did not come in time"))?,
        };
        if let Some(known) = self.pinned.current() {
            return known;
        }
        let read = self.discover(desk, deadline).await;
        let (metadata, kept) = self.pinned.note(read)?;
        if let Some(kept) = kept {
            say!("frontdesk: provider {}: {kept}", self.issuer.text);
        }
        Ok(metadata)
    }

    async fn discover(&self, desk: &Desk, deadline: Deadline) -> Result<Metadata, ProviderFault> {
        let mut missing = ProviderFault::away("it has no metadata");
        for well in self.issuer.wells() {
            let answer = self.get(desk, well, deadline).await?;
            if answer.status == 404 {
                continue;
            }
            match self.object(&answer) {
                Ok(document) => return Metadata::read(&self.issuer, &document),
                Err(fault) => missing = fault,
            }
            break;
        }
        Err(missing)
    }

    /// The text of the key set.
    pub(super) async fn key_set(&self, desk: &Desk, deadline: Deadline) -> Result<Bytes, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let at = metadata.jwks_uri.clone().ok_or(ProviderFault::Unsupported("keys (`jwks_uri`)"))?;
        let answer = self.get(desk, at, deadline).await?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(ProviderFault::away(format!("status {} for its keys", answer.status)))
        }
    }

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

    pub(super) fn note_failure(&self, fault: &ProviderFault) {
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
}

fn away(fault: &Fault) -> ProviderFault {
    let maybe_done = match fault {
        Fault::Connect(_) | Fault::Shed | Fault::BreakerOpen | Fault::Unsendable { .. } => false,
        // After a time-out, a dropped connection or half an answer the provider may have acted all the same.
        _ => true,
    };
    ProviderFault::Away { why: fault.to_string(), maybe_done, retry_after: None }
}

pub(super) fn says_json(answer: &HttpAnswer) -> bool {
    let Some(kind) = answer.header("content-type") else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || kind.rsplit_once('+').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("json"))
}

/// Seconds; the form with a date is not worth a calendar.
pub(super) fn retry_after(answer: &HttpAnswer) -> Option<Duration> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}
