//! An action with an `Idempotency-Key` is carried out once
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
//!
//! The key is claimed in a store before anything is done; what came of the action is kept there for a day and given again
//! to whoever repeats the request. Claims are per BFF, endpoint and user, whichever session, token or instance a user
//! repeats a request by. A request of another content under a known key is refused, and so is one whose first is still
//! under way.
//!
//! | the store holds | what a repeated request gets |
//! | --- | --- |
//! | nothing | it is carried out |
//! | an answer | the same answer, with `Idempotent-Replayed: true` |
//! | a claim of a moment ago | 409 `idempotency_in_progress` |
//! | a claim whose time is over: its instance died, or could not write down what came of it | 409 `idempotency_outcome_unknown` |
//!
//! An action that failed before it wrote anything is forgotten, so that it may be tried again under the same key. With
//! the store away an action with a key is not carried out: nobody could say later whether it was.
//!
//! The key itself is not kept. Where an entry stands, and what it is sealed with (XChaCha20-Poly1305), are derived from it
//! (HKDF, RFC 5869): an answer can be read only by who knows the key it was asked for with.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use frontdesk_adapter::{Clock, EntryStore};
use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::Idempotency;
use frontdesk_perimeter::Identity;
use frontdesk_plan::EndpointPlan;
use hkdf::Hkdf;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::answered::{Answered, problem};
use crate::body::Body;
use crate::pipeline::Arrival;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

const LONGEST_KEY: usize = 255;
/// For how long an answer is given again.
const KEPT: Duration = Duration::from_hours(24);
/// A claim counts as under way for the action's budget and this long.
const MARGIN: Duration = Duration::from_secs(20);
/// A larger answer is not kept; repeating its request tells that it is not known.
const LARGEST_KEPT: usize = 1024 * 1024;
/// How often, and how far apart, it is tried to write down what came of an action.
const WRITES: u32 = 8;
const BETWEEN_WRITES: Duration = Duration::from_millis(500);

const PENDING: u8 = b'p';
const DONE: u8 = b'd';
const HASH: usize = 32;
const NONCE: usize = 24;

/// What there is to do about a request to an action.
pub(crate) enum Claimed {
    /// It has no key, and needs none.
    Freely,
    /// It is the first with its key.
    First(Claim),
    /// It is answered already.
    Answered(Box<Answered>),
}

/// The request as far as it tells one from another under the same key.
pub(crate) struct Asked<'r> {
    pub headers: &'r HeaderMap,
    /// Who asks, on endpoints where that is known.
    pub user: Option<&'r Identity>,
    pub body: &'r [u8],
}

/// Looks at the key of a request, and claims it.
pub(crate) async fn claim(
    plan: &EndpointPlan,
    store: Option<&Arc<dyn EntryStore>>,
    clock: &Arc<dyn Clock>,
    asked: &Asked<'_>,
    arrival: &Arrival,
) -> Claimed {
    let refuse =
        |status, code| Claimed::Answered(Box::new(problem(&ProblemDetails::new(status, code), arrival)));
    let mut keys = asked.headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (keys.next(), keys.next()) {
        _ if plan.idempotency == Idempotency::Off => return Claimed::Freely,
        (None, _) if plan.idempotency == Idempotency::Optional => return Claimed::Freely,
        (None, _) => return refuse(400, "idempotency_key_required"),
        (Some(_), Some(_)) => return refuse(400, "invalid_idempotency_key"),
        (Some(key), None) => match text(key) {
            Some(key) => key,
            None => return refuse(400, "invalid_idempotency_key"),
        },
    };
    let names = Names::derive(plan, key, asked, arrival);
    let Some(store) = store else { return refuse(503, "idempotency_unavailable") };
    let until = clock.unix() + (plan.latency + MARGIN).as_secs();
    let mut pending = vec![PENDING];
    pending.extend(names.request);
    pending.extend(until.to_be_bytes());
    match store.put_new(&names.place, pending.into(), KEPT).await {
        Ok(true) => {
            return Claimed::First(Claim { store: Arc::clone(store), names });
        }
        Ok(false) => {}
        Err(_) => return refuse(503, "idempotency_unavailable"),
    }
    let Ok(entry) = store.get(&names.place).await else { return refuse(503, "idempotency_unavailable") };
    match entry.as_deref().and_then(|entry| names.read(entry)) {
        // Forgotten between the two looks: the first has failed before it did anything.
        None if entry.is_none() => in_progress(arrival),
        None | Some(Entry::Unreadable) => refuse(409, "idempotency_outcome_unknown"),
        Some(Entry::Other) => refuse(422, "idempotency_key_reused"),
        Some(Entry::Pending { until }) if clock.unix() < until => in_progress(arrival),
        Some(Entry::Pending { .. }) => refuse(409, "idempotency_outcome_unknown"),
        Some(Entry::Done(response)) => Claimed::Answered(Box::new(Answered::new(*response))),
    }
}

fn in_progress(arrival: &Arrival) -> Claimed {
    let retry_after = Some(Duration::from_secs(1));
    let details = ProblemDetails { retry_after, ..ProblemDetails::new(409, "idempotency_in_progress") };
    Claimed::Answered(Box::new(problem(&details, arrival)))
}

/// The key between quotes, as the draft has it (a string of RFC 9651), or bare, as most clients send it.
fn text(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?.trim();
    let bare = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    let fits = !bare.is_empty()
        && bare.len() <= LONGEST_KEY
        && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    fits.then_some(bare)
}

/// What is derived from a key.
struct Names {
    place: String,
    seal: [u8; HASH],
    /// Tells one request under the key from another.
    request: [u8; HASH],
}

enum Entry {
    /// Of a request of another content.
    Other,
    Pending {
        until: u64,
    },
    Done(Box<Response<Body>>),
    Unreadable,
}

impl Names {
    fn derive(plan: &EndpointPlan, key: &str, asked: &Asked<'_>, arrival: &Arrival) -> Self {
        let scope = scope(&plan.bff, &plan.name, asked.user);
        let hkdf = Hkdf::<Sha256>::new(Some(&scope), key.as_bytes());
        let derive = |label: &[u8]| {
            let mut out = [0; HASH];
            // Fails only for lengths beyond 8 KB.
            let _ = hkdf.expand(label, &mut out);
            out
        };
        let place = URL_SAFE_NO_PAD.encode(derive(b"frontdesk idempotency place"));
        let mut request = Sha256::new();
        request.update(derive(b"frontdesk idempotency request"));
        for part in [plan.method.as_bytes(), arrival.target().as_bytes(), asked.body] {
            request.update((part.len() as u64).to_be_bytes());
            request.update(part);
        }
        Self {
            place: format!("idempotency:{place}"),
            seal: derive(b"frontdesk idempotency seal"),
            request: request.finalize().into(),
        }
    }

    fn read(&self, entry: &[u8]) -> Option<Entry> {
        let (kind, rest) = entry.split_first()?;
        let (request, rest) = rest.split_at_checked(HASH)?;
        if request != self.request {
            return Some(Entry::Other);
        }
        match *kind {
            PENDING => Some(Entry::Pending { until: u64::from_be_bytes(rest.try_into().ok()?) }),
            DONE => {
                Some(self.open(rest).map_or(Entry::Unreadable, |response| Entry::Done(Box::new(response))))
            }
            _ => None,
        }
    }

    fn open(&self, sealed: &[u8]) -> Option<Response<Body>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let plain = self.cipher().decrypt(&XNonce::from(nonce), sealed).ok()?;
        let end = plain.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = plain.split_at_checked(end)?;
        let (status, headers): (u16, Vec<(String, String)>) = serde_json::from_slice(head).ok()?;
        let mut response = Response::new(Body::whole(Bytes::copy_from_slice(body.get(1..)?)));
        *response.status_mut() = StatusCode::from_u16(status).ok()?;
        for (name, value) in headers {
            let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
            if let (Ok(name), Ok(value)) = header {
                response.headers_mut().append(name, value);
            }
        }
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        Some(response)
    }

    /// The entry of an answer; `None` if it cannot be kept.
    fn done(&self, response: &Response<Body>) -> Option<Bytes> {
        let body = response.body().content().map_or(&[][..], |body| body);
        if body.len() > LARGEST_KEPT {
            return None;
        }
        let headers: Vec<(&str, &str)> = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        // Written without line breaks: what comes after the first is the body.
        let mut plain = serde_json::to_vec(&(response.status().as_u16(), headers)).ok()?;
        plain.push(b'\n');
        plain.extend(body);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), plain.as_slice()).ok()?;
        let mut entry = vec![DONE];
        entry.extend(self.request);
        entry.extend(nonce);
        entry.extend(sealed);
        Some(entry.into())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.seal))
    }
}

/// Where a key counts. A user is issuer and subject, never the key of a caller: that one tells sessions and tokens apart, and
/// for tokens it is another in each process, while a request may be repeated with a new token and at another instance.
fn scope(bff: &str, endpoint: &str, user: Option<&Identity>) -> Vec<u8> {
    let (kind, issuer, subject) =
        user.map_or(("nobody", "", ""), |user| ("user", &*user.issuer, &*user.subject));
    let mut scope = Vec::with_capacity(128);
    for part in [bff, endpoint, kind, issuer, subject] {
        scope.extend((part.len() as u64).to_be_bytes());
        scope.extend(part.as_bytes());
    }
    scope
}

/// The first request with its key. If it is dropped, nobody will know what came of it.
pub(crate) struct Claim {
    store: Arc<dyn EntryStore>,
    names: Names,
}

impl Claim {
    /// The action is over. `wrote`: it may have changed something, so that it must not be carried out again.
    pub async fn settle(self, answered: &Answered, wrote: bool) {
        let Self { store, names } = self;
        if !wrote && !answered.response.status().is_success() {
            // If this fails, a request that repeats it is told that the outcome is not known: the safe side.
            let _ = store.take(&names.place).await;
            return;
        }
        let Some(entry) = names.done(&answered.response) else { return };
        if store.put(&names.place, entry.clone(), KEPT).await.is_ok() {
            return;
        }
        // The action is done and its client must learn it; that it is done is written down as soon as it can be.
        tokio::task::spawn_local(async move {
            for _ in 1..WRITES {
                tokio::time::sleep(BETWEEN_WRITES).await;
                if store.put(&names.place, entry.clone(), KEPT).await.is_ok() {
                    return;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_adapter::CallerKey;
    use frontdesk_perimeter::{Identity, Kind};
    use hyper::header::HeaderValue;

    use super::{scope, text};

    fn user(issuer: &str, subject: &str, caller: u8) -> Identity {
        Identity {
            kind: Kind::Bearer,
            issuer: issuer.into(),
            subject: subject.into(),
            scopes: Vec::new(),
            acr: None,
            amr: Vec::new(),
            authenticated_at: None,
            client: None,
            claims: serde_json::Map::new(),
            handle: "".into(),
            key: CallerKey([caller; 32]),
            approved: false,
            pinned_version: None,
            own_rate: None,
        }
    }

    #[test]
    fn a_user_repeats_a_request_by_any_token_at_any_instance_and_nobody_else_does() {
        let of = |user: &Identity| scope("shop", "order", Some(user));
        let first = of(&user("https://login.example.com", "ada", 1));
        assert_eq!(first, of(&user("https://login.example.com", "ada", 2)), "ordered once, not once a token");
        let others =
            [user("https://login.example.com", "bob", 1), user("https://other.example.com", "ada", 1)];
        assert!(others.iter().all(|other| of(other) != first));
        assert_ne!(first, scope("shop", "order", None));
        assert_ne!(first, scope("app", "order", Some(&user("https://login.example.com", "ada", 1))));
    }

    #[test]
    fn keys_come_quoted_or_bare() {
        let read = |value: &str| text(&HeaderValue::from_str(value).unwrap()).map(str::to_owned);
        let key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
        assert_eq!(read(key).as_deref(), Some(key));
        assert_eq!(read(&format!("\"{key}\"")).as_deref(), Some(key));
        let long = "k".repeat(256);
        for bad in ["", "\"\"", "\"open", "two words", "quo\"te", "back\\slash", long.as_str()] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(text(&HeaderValue::from_bytes(b"\xc3\xa9").unwrap()).is_none());
    }
}
