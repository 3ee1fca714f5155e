//! Answers calls to services with what is kept, or by one fetch for everybody who asks.
//!
//! [`at_once`] gives what there is without waiting; [`answer`] fetches or waits for whoever does; [`stand_in`] is for when
//! that failed. A fetch is a task of its own on the thread that leads it: it ends even if whoever asked first has gone.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use frontdesk_adapter::{Answer, CallerKey, Deadline, Fault, ServiceCall, now};

use crate::http::directives::Said;
use crate::http::{judge, validate};
use crate::{Cache, Detail, Entry, Kept, Key, Kind, Landing, Lead, Look, Times, Turn, Use};

/// How the answers of one call are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallPolicy {
    pub lifetime: Lifetime,
    pub stale: Duration,
    pub stale_if_error: Duration,
    /// For how long it is remembered that there is nothing (404, 410).
    pub negative: Duration,
    /// The last good answer stands in for one that cannot be had, for [`LAST_GOOD`].
    pub last_good: bool,
}

/// For how long an answer is fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// Never: it is kept for its age only, if as the last good one.
    #[default]
    None,
    For(Duration),
    /// As the service says (RFC 9111): [`Asked::question`] is what it was asked.
    Http,
}

/// How old the last good answer may be.
pub const LAST_GOOD: Duration = Duration::from_secs(24 * 60 * 60);

/// For so long nobody tries again to fetch what could not be fetched in the background.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

/// A call as the cache sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub key: Key,
    pub policy: CallPolicy,
    pub tags: Box<[Arc<str>]>,
    /// For [`Lifetime::Http`].
    pub question: Option<Box<Question>>,
}

/// What is sent, as far as it decides whether the answer may be kept. `Debug` does not show the headers, which may hold what
/// a client said.
#[derive(Clone)]
pub struct Question {
    method: Method,
    headers: HeaderMap,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .finish()
    }
}

impl Question {
    /// `None` for what HTTP cannot say.
    pub fn of(call: &ServiceCall) -> Option<Box<Self>> {
        let mut headers = HeaderMap::new();
        for (name, value) in &call.headers {
            headers.append(HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
        }
        Some(Box::new(Self { method: Method::from_bytes(call.method.as_bytes()).ok()?, headers }))
    }
}

/// What a fetch is for.
#[derive(Clone, Debug, Default)]
pub struct Purpose {
    /// Nobody waits for it yet.
    pub is_refresh: bool,
    /// Headers that ask whether what is kept still stands (RFC 9111 §4.3): 304 is an answer to them.
    pub conditions: Vec<(HeaderName, HeaderValue)>,
}

/// A call on its way. Whether the answer is what whoever asks can read has been looked at.
pub type Fetch = Pin<Box<dyn Future<Output = Result<Answer, Fault>>>>;

pub type Given = (Result<Answer, Fault>, Use);

/// The key of a call: the service's name, which version of it answers, and what is sent, byte by byte. `caller` if the
/// service is told who asks.
///
/// How the answer is kept is part of it: a call that wants answers of the last 5 seconds never gets what another keeps for
/// an hour, nor what another did not tag.
pub fn key(
    service: &str,
    variant: u32,
    call: &ServiceCall,
    caller: Option<CallerKey>,
    policy: &CallPolicy,
    tags: &[Arc<str>],
) -> Key {
    let (kind, fresh) = match policy.lifetime {
        Lifetime::None => (0, Duration::ZERO),
        Lifetime::For(fresh) => (1, fresh),
        Lifetime::Http => (2, Duration::ZERO),
    };
    let mut key = Key::build(Kind::Call)
        .part(service.as_bytes())
        .number(variant.into())
        .part(call.method.as_bytes())
        .part(&call.target)
        .part(&call.body)
        .number(u64::from(call.wants_headers))
        .number(call.headers.len() as u64);
    for (name, value) in &call.headers {
        key = key.part(name).part(value);
    }
    key = key.number(kind).number(u64::from(policy.last_good));
    for time in [fresh, policy.stale, policy.stale_if_error, policy.negative] {
        key = key.number(time.as_micros() as u64);
    }
    for tag in tags {
        key = key.part(tag.as_bytes());
    }
    match caller {
        Some(caller) => key.caller(caller).finish(),
        None => key.finish(),
    }
}

/// What is kept, if it may be given. If it is about to end, or has ended, `fetch` gets a new one in the background.
pub fn at_once(cache: &Arc<Cache>, asked: &Asked, fetch: impl FnOnce(Purpose) -> Fetch) -> Option<Given> {
    match cache.look(&asked.key) {
        Look::Fresh(kept, age) => {
            if kept.wants_early_refresh(age) {
                refresh(cache, asked, &kept, fetch);
            }
            Some((given(&kept), Use::hit(age)))
        }
        Look::Stale(kept, age) => {
            refresh(cache, asked, &kept, fetch);
            Some((given(&kept), Use::stale(age)))
        }
        Look::Expired(..) | Look::Miss => None,
    }
}

/// An answer that is fetched now, for everybody who wants the same. To be asked when there is nothing [`at_once`].
///
/// `instead_of` is what was given and turned out to be of no use: it is not taken from anywhere again.
///
/// # Errors
/// The fetch's fault, or [`Fault::TimedOut`] when the deadline has passed; see [`stand_in`].
pub async fn answer(
    cache: &Arc<Cache>,
    asked: &Asked,
    instead_of: bool,
    deadline: Deadline,
    fetch: impl FnOnce(Purpose) -> Fetch,
) -> Given {
    let mut fetch = Some(fetch);
    loop {
        let (flight, leads) = match cache.begin(&asked.key, &asked.tags) {
            Turn::Join(flight) => (flight, false),
            Turn::Lead(lead) => {
                let Some(fetch) = fetch.take() else {
                    // Its own fetch was dropped in flight: the thread is on its way out.
                    return (Err(Fault::Broken("the fetch was given up".to_owned())), Use::MISS);
                };
                let flight = lead.flight();
                let old = if instead_of { None } else { validatable(cache, asked) };
                let purpose = Purpose { is_refresh: false, conditions: conditions(old.as_deref()) };
                let newer_than = if instead_of { u64::MAX } else { 0 };
                tokio::task::spawn_local(fly(lead, asked.clone(), newer_than, old, fetch(purpose)));
                (flight, true)
            }
        };
        let joined = if leads { Use::MISS } else { Use::shared(Detail::Flight, Duration::ZERO) };
        return match flight.wait(deadline).await {
            // RFC 9111 §4: what must not be kept answers the one request it was made for.
            Landing::Kept(kept) if !leads && asked.question.is_some() && kept.times.total().is_zero() => {
                let Some(fetch) = fetch.take() else { return (Err(Fault::TimedOut), joined) };
                let alone = tokio::time::timeout_at(deadline.instant(), fetch(Purpose::default()));
                return (alone.await.unwrap_or(Err(Fault::TimedOut)), Use::MISS);
            }
            Landing::Kept(kept) => (given(&kept), joined),
            Landing::Found(kept) => (given(&kept), Use::shared(Detail::Store, kept.age(now()))),
            // It began before, and was given up before this one would have.
            Landing::Failed(Fault::TimedOut) | Landing::Abandoned if !leads && !deadline.passed() => continue,
            Landing::Failed(fault) => (Err(fault), joined),
            Landing::Abandoned => (Err(Fault::Broken("the fetch was given up".to_owned())), joined),
            Landing::TimedOut => (Err(Fault::TimedOut), joined),
        };
    }
}

/// What stands in for a call that failed with `fault`: an answer that may be given in an error's place, or the last good
/// one, which is degraded. Nothing if the service has said that there is nothing to be seen.
pub fn stand_in(cache: &Cache, asked: &Asked, fault: &Fault) -> Option<(Answer, Use)> {
    if is_refusal(fault) {
        return None;
    }
    let (kept, age) = match cache.look(&asked.key) {
        Look::Fresh(kept, age) | Look::Stale(kept, age) | Look::Expired(kept, age) => (kept, age),
        Look::Miss => return None,
    };
    if age >= kept.times.fresh
        && kept.headers.as_ref().is_some_and(|headers| Said::read(headers).forbids_stale())
    {
        return None;
    }
    let detail = if kept.may_stand_in(age) {
        Detail::Error
    } else if asked.policy.last_good && age < LAST_GOOD {
        Detail::LastGood
    } else {
        return None;
    };
    let used = Use { detail: Some(detail), ..Use::stale(age) };
    given(&kept).ok().map(|answer| (answer, used))
}

/// The fetch before which it was begun: for calls that are made by each for itself, and whose last good answer is kept.
#[derive(Clone, Copy, Debug)]
pub struct Beginning(crate::flight::Began);

pub fn beginning(cache: &Cache) -> Beginning {
    Beginning(cache.beginning())
}

/// Keeps an answer that nobody but its caller waited for, as the last good one.
pub fn remember(
    cache: &Cache,
    asked: &Asked,
    began: Beginning,
    status: u16,
    body: &[u8],
    is_expected_type: bool,
) {
    let answer = Answer { status, body: Bytes::copy_from_slice(body), is_expected_type, headers: None };
    cache.keep(&asked.key, began.0, entry(cache, asked, began.0.unix, answer));
}

/// The last good answer is none any more if the service has refused.
pub fn failed(cache: &Cache, asked: &Asked, fault: &Fault) {
    if is_refusal(fault) {
        cache.remove(&asked.key);
    }
}

fn refresh(cache: &Arc<Cache>, asked: &Asked, kept: &Arc<Kept>, fetch: impl FnOnce(Purpose) -> Fetch) {
    if !kept.try_refresh(now(), REFRESH_PAUSE) {
        return;
    }
    if let Turn::Lead(lead) = cache.begin(&asked.key, &asked.tags) {
        let old = asked.question.as_ref().map(|_| kept.clone());
        let purpose = Purpose { is_refresh: true, conditions: conditions(old.as_deref()) };
        tokio::task::spawn_local(fly(lead, asked.clone(), kept.stored, old, fetch(purpose)));
    }
}

/// What is kept and may be asked about, although it must not be given.
fn validatable(cache: &Cache, asked: &Asked) -> Option<Arc<Kept>> {
    asked.question.as_ref()?;
    match cache.look(&asked.key) {
        Look::Fresh(kept, _) | Look::Stale(kept, _) | Look::Expired(kept, _) => Some(kept),
        Look::Miss => None,
    }
}

fn conditions(old: Option<&Kept>) -> Vec<(HeaderName, HeaderValue)> {
    old.and_then(|old| old.headers.as_ref())
        .map_or_else(Vec::new, |headers| validate::conditions(headers).collect())
}

/// One flight, from the store that instances share or from the service. `old` is what the fetch asks about.
async fn fly(mut lead: Lead, asked: Asked, newer_than: u64, old: Option<Arc<Kept>>, fetch: Fetch) {
    if let Some((kept, _)) = lead.shared(newer_than).await {
        lead.found(kept);
        return;
    }
    match fetch.await.and_then(|answer| {
        let validated = validated(answer, old.as_deref());
        if let (Err(_), Some(old)) = (&validated, &old) {
            // It speaks of something that is not here: whoever asks next asks without a condition.
            lead.cache.forget(&lead.key, old);
        }
        validated
    }) {
        Ok(answer) => {
            let entry = entry(&lead.cache, &asked, lead.began(), answer);
            if entry.times.total().is_zero() {
                // The service has something else now, which is not to be kept.
                lead.cache.remove(&lead.key);
            }
            lead.finish(entry);
        }
        Err(Fault::Rejected { status: status @ (404 | 410) }) if !asked.policy.negative.is_zero() => {
            let times = Times { fresh: lead.cache.jittered(asked.policy.negative), ..Times::default() };
            let tags = lead.tags.clone();
            lead.finish(Entry { status, is_expected_type: true, times, tags, ..Entry::default() });
        }
        Err(fault) => {
            if is_refusal(&fault) {
                lead.cache.remove(&lead.key);
            }
            lead.fail(fault);
        }
    }
}

/// The answer itself, where the service only said that it is the same as before (RFC 9111 §4.3.4).
fn validated(answer: Answer, old: Option<&Kept>) -> Result<Answer, Fault> {
    if answer.status != 304 {
        return Ok(answer);
    }
    let stranger = || Fault::Broken("304 to what was not asked".to_owned());
    let old = old.ok_or_else(stranger)?;
    let (Some(before), Some(now)) = (&old.headers, &answer.headers) else { return Err(stranger()) };
    if !validate::is_about(before, now) {
        return Err(stranger());
    }
    Ok(Answer {
        status: old.status,
        body: old.body.clone(),
        is_expected_type: old.is_expected_type,
        headers: Some(Box::new(validate::merged(before, now))),
    })
}

/// `began`: when the fetch did, in Unix microseconds.
fn entry(cache: &Cache, asked: &Asked, began: u64, answer: Answer) -> Entry {
    let policy = asked.policy;
    let mut times = Times { stale: policy.stale, stale_if_error: policy.stale_if_error, ..Times::default() };
    let (mut stored, mut headers) = (0, None);
    match (policy.lifetime, &asked.question) {
        (Lifetime::None, _) => {}
        (Lifetime::For(fresh), _) => times.fresh = cache.jittered(fresh),
        (Lifetime::Http, question) => {
            let said = answer.headers.as_ref().zip(question.as_ref());
            match said.and_then(|(said, question)| judged(cache, asked, question, began, answer.status, said))
            {
                Some(lifetime) => {
                    stored = lifetime.born;
                    headers = answer.headers.map(|said| Box::new(validate::keepable(&said)));
                    let strict = headers.as_ref().is_some_and(|headers| Said::read(headers).forbids_stale());
                    let limit =
                        |own: Duration, said: Duration| if strict { Duration::ZERO } else { own.max(said) };
                    times = Times {
                        fresh: lifetime.fresh,
                        stale: limit(policy.stale, lifetime.stale_while_revalidate),
                        stale_if_error: limit(policy.stale_if_error, lifetime.stale_if_error),
                        // Whoever has it can ask whether it has changed.
                        keep: LAST_GOOD,
                    };
                }
                None => times = Times::default(),
            }
        }
    }
    if policy.last_good && policy.lifetime != Lifetime::Http {
        times.keep = LAST_GOOD.saturating_sub(times.fresh);
    }
    Entry {
        status: answer.status,
        headers,
        body: answer.body,
        is_expected_type: answer.is_expected_type,
        stored,
        times,
        tags: asked.tags.clone(),
    }
}

fn judged(
    cache: &Cache,
    asked: &Asked,
    question: &Question,
    began: u64,
    status: u16,
    said: &HeaderMap,
) -> Option<judge::Lifetime> {
    let question = judge::Question {
        method: &question.method,
        headers: &question.headers,
        for_one_user: asked.key.is_private(),
        asked: began,
    };
    let status = StatusCode::from_u16(status).ok()?;
    judge::judge(&question, &judge::Reply { status, headers: said, came: cache.unix_micros() }).ok()
}

/// What is kept, as the service said it: that there is nothing is a refusal.
fn given(kept: &Kept) -> Result<Answer, Fault> {
    if kept.status >= 400 {
        return Err(Fault::Rejected { status: kept.status });
    }
    Ok(Answer {
        status: kept.status,
        body: kept.body.clone(),
        is_expected_type: kept.is_expected_type,
        headers: None,
    })
}

/// The service has answered, and the answer is no: nothing older may be shown in its place. A service that is asked too
/// often or too slowly has only not answered.
fn is_refusal(fault: &Fault) -> bool {
    match fault {
        Fault::Rejected { status } => !matches!(status, 408 | 425 | 429),
        Fault::LoginRequired | Fault::Credential(_) | Fault::Unsendable { .. } => true,
        Fault::Connect(_)
        | Fault::Broken(_)
        | Fault::TimedOut
        | Fault::Failed { .. }
        | Fault::Malformed { .. }
        | Fault::TooLarge { .. }
        | Fault::Shed
        | Fault::BreakerOpen => false,
    }
}
