//! `proxy("/legacy/*", { to: service, cache: "http" })`: a shared cache between clients and the service (RFC 9111).
//!
//! Everything that protects a proxy route has been passed by the time a request comes here, and everything that is done to an answer
//! for one client is done when it leaves: what is kept is the service's own answer. What it decides stands in
//! [`frontdesk_cache::http`]; this is what it does about it.
//!
//! - `GET` and `HEAD` without a body are answered from what is kept. Ranges and conditions that only the service can
//!   judge go past the cache, as do other methods; these put out of date what they change (§4.4).
//! - Requests for the same that come while it is fetched wait for it, but not for long, and not where it has just turned out
//!   that it cannot be kept.
//! - What somebody in particular asks for is kept and taken only if the service says that it is for everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, now};
use frontdesk_cache::http::directives::{Asked, Said};
use frontdesk_cache::http::judge::{self, Lifetime, Question, Reply};
use frontdesk_cache::http::reuse::{self, Reuse};
use frontdesk_cache::http::told::{Forwarded, Told};
use frontdesk_cache::http::{invalidate, validate, vary};
use frontdesk_cache::{Cache, Entry, Kept, Key, Landing, Lead, Times, Turn};
use hyper::header::{
    AGE, AUTHORIZATION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
};
use hyper::http::request::Parts;
use hyper::http::response;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Response, StatusCode};

use super::place::{self, ALTERING, Found, Place};
use super::pour::{ServiceBody, pour};
use super::{Passed, Route, Way, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use crate::answered::Answered;
use crate::body::Body;

/// How long a request waits for another's fetch before it makes its own.
const PATIENCE: Duration = Duration::from_secs(3);
/// A larger body is passed on and not kept.
const LARGEST_BODY: usize = 1024 * 1024;
/// For so long a stale answer is kept to be validated, or for who takes it stale.
const KEPT_STALE: Duration = Duration::from_secs(60 * 60);
/// Once refreshing has been tried, it is not tried again for so long.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);
/// An answer with more tags than this is not kept: who purges one of them expects it to be gone.
const MOST_TAGS: usize = 64;
const LONGEST_TAG: usize = 128;

/// What passes to services, and says nothing about a `GET` without a body: a service that looks at it all the same would
/// answer everybody as one client wished.
const MEANINGLESS: [&str; 12] = [
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "depth",
    "last-event-id",
    "repr-digest",
    "idempotency-key",
];

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

/// One request, and all that it takes to ask the service.
#[derive(Clone)]
pub(super) struct Errand {
    pub cache: Arc<Cache>,
    pub route: Arc<Route>,
    pub way: Way,
    /// As it goes to the service, but for what proves on whose behalf.
    pub parts: Parts,
    pub place: Place,
    pub asked: Asked,
    /// Somebody in particular asks.
    pub for_one_user: bool,
}

/// What there is to be given.
enum Got {
    /// Something that is kept, or was until now.
    Known {
        status: u16,
        headers: HeaderMap,
        body: Bytes,
        age: Duration,
        told: Told,
    },
    /// On its way from the service.
    New {
        head: response::Parts,
        body: Body,
        told: Told,
    },
    Failed(Fault),
    /// Nothing is kept, and the service was not to be asked.
    Nothing,
}

/// Answers a `GET` or `HEAD` without a body.
pub(super) async fn answer(errand: Errand, passed: &Passed<'_>) -> Answered {
    let got = errand.get().await;
    match got {
        Got::Failed(fault) => passed.failed(&fault),
        Got::Nothing => passed.not_cached(),
        Got::Known { status, mut headers, body, age, told } => {
            headers.insert(AGE, HeaderValue::from(age.as_secs()));
            let mut head = Response::new(()).into_parts().0;
            head.status = StatusCode::from_u16(status).unwrap_or_default();
            head.headers = headers;
            let length = body.len();
            passed.given(errand.fitted(head, Body::whole(body), Some(length)), Some(&told))
        }
        Got::New { head, body, told } => passed.given(errand.fitted(head, body, None), Some(&told)),
    }
}

/// Why the cache has no part in a request of a route that has one.
pub(super) fn past(route: &Route, parts: &Parts, has_no_body: bool) -> Option<Told> {
    if !route.written.cache {
        return None;
    }
    let why = match parts.method {
        // What a body says selects nothing here.
        Method::GET | Method::HEAD if has_no_body => return None,
        Method::GET | Method::HEAD => Forwarded::Bypass,
        _ => Forwarded::Method,
    };
    Some(Told::forwarded(why))
}

/// A request that may put out of date what is kept of its service (RFC 9111 §4.4).
pub(super) struct Changing {
    method: Method,
    target: String,
    /// The authority that the client used.
    host: String,
}

impl Changing {
    pub fn new(route: &Route, parts: &Parts) -> Option<Self> {
        let changes = route.invalidates && invalidate::changes(&parts.method, 200);
        changes.then(|| {
            let host =
                parts.headers.get(X_FORWARDED_HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            Self { method: parts.method.clone(), target: asked_target(parts), host: host.to_owned() }
        })
    }

    /// Purges what it changed, before the client hears of it.
    pub fn answered(&self, cache: &Arc<Cache>, route: &Route, status: StatusCode, answer: &HeaderMap) {
        if !invalidate::changes(&self.method, status.as_u16()) {
            return;
        }
        let mut tags = vec![place::target_tag(&route.service, &self.target)];
        for target in invalidate::named(answer, &self.target, &[&self.host]) {
            // A service may name what it knows, or what its clients see.
            if let Some(below) = target.strip_prefix(route.prefix()).filter(|_| route.written.strip) {
                tags.push(place::target_tag(&route.service, &format!("/{below}")));
            }
            tags.push(place::target_tag(&route.service, &target));
        }
        cache.purge(&tags.iter().map(|tag| &**tag).collect::<Vec<_>>());
        let cache = cache.clone();
        // Other instances hear of it, if they share a store; nobody waits for that.
        tokio::task::spawn_local(async move {
            let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
            // A store that is away says so by itself, and gives nothing with a tag until it is back.
            let _ = cache.purge_everywhere(&tags).await;
        });
    }
}

fn asked_target(parts: &Parts) -> String {
    parts.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned()
}

impl Errand {
    pub fn new(
        cache: &Arc<Cache>,
        route: &Arc<Route>,
        way: Way,
        variant: u32,
        mut parts: Parts,
        for_one_user: bool,
    ) -> Self {
        for name in MEANINGLESS {
            parts.headers.remove(name);
        }
        let said = |name| parts.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        let place = Place::new(&place::Asked {
            bff: &route.bff,
            prefix: route.prefix(),
            service: &route.service,
            variant,
            host: said(X_FORWARDED_HOST),
            scheme: said(X_FORWARDED_PROTO),
            target: &asked_target(&parts),
            altering: ALTERING.map(|name| parts.headers.get(name).map(HeaderValue::as_bytes)),
        });
        let asked = Asked::read(&parts.headers);
        let for_one_user = for_one_user || way.caller.is_some();
        Self { cache: cache.clone(), route: route.clone(), way, parts, place, asked, for_one_user }
    }

    async fn get(&self) -> Got {
        if validate::is_for_the_service(&self.parts.headers) {
            return self.pass(Forwarded::Bypass).await;
        }
        let mut has_waited = false;
        for _ in 0..4 {
            let (key, stale, why) = match self.place.find(&self.cache, &self.parts.headers) {
                Found::Nothing => (self.place.key().clone(), None, Forwarded::UriMiss),
                Found::NoVariant(key) => (key, None, Forwarded::VaryMiss),
                Found::Answer(key, kept) if self.suits(&kept) => {
                    let age = self.age(&kept);
                    match reuse::reuse(&self.asked, &known(&kept, age)) {
                        Reuse::Fresh | Reuse::Stale => return hit(&kept, age),
                        Reuse::WhileRefreshing => {
                            self.refresh(&key, &kept);
                            return hit(&kept, age);
                        }
                        Reuse::Validate if age < kept.times.fresh => (key, Some(kept), Forwarded::Request),
                        Reuse::Validate => (key, Some(kept), Forwarded::Stale),
                    }
                }
                Found::Answer(key, _) => (key, None, Forwarded::Request),
            };
            if self.asked.only_if_cached {
                return Got::Nothing;
            }
            if self.parts.method == Method::HEAD {
                return self.head(&key, stale, why).await;
            }
            if self.asked.no_store {
                return self.fetch(None, &key, stale.as_ref(), why).await;
            }
            let flight = match self.cache.begin(&key, &self.place.tags) {
                Turn::Lead(mut lead) => {
                    let newer_than = stale.as_ref().map_or(0, |kept| kept.stored);
                    if !self.asked.no_cache
                        && let Some((kept, _)) = lead.shared(newer_than).await
                    {
                        lead.found(kept);
                        continue;
                    }
                    return self.fetch(Some(lead), &key, stale.as_ref(), why).await;
                }
                Turn::Join(flight) => flight,
            };
            if has_waited || self.asked.no_cache || self.route.unkept.knows(self.place.print, &self.cache) {
                return self.fetch(None, &key, stale.as_ref(), why).await;
            }
            has_waited = true;
            match flight.wait(self.way.deadline.tightened(now(), PATIENCE)).await {
                Landing::Kept(kept) | Landing::Found(kept)
                    if place::is_answer(&kept) && self.suits(&kept) =>
                {
                    let age = self.age(&kept);
                    if reuse::reuse(&self.asked, &known(&kept, age)) == Reuse::Fresh {
                        return given(&kept, age, Told::Collapsed { left: left(&kept, age), age });
                    }
                }
                // Not of this request's making: it would be told the same.
                Landing::Failed(fault @ (Fault::Connect(_) | Fault::Shed | Fault::BreakerOpen)) => {
                    return self.stand_in(stale.as_ref(), None).unwrap_or(Got::Failed(fault));
                }
                Landing::Kept(_)
                | Landing::Found(_)
                | Landing::Failed(_)
                | Landing::Abandoned
                | Landing::TimedOut => {}
            }
        }
        self.fetch(None, self.place.key(), None, Forwarded::UriMiss).await
    }

    /// Asks the service, with a condition if there is something `stale`. Keeps the answer if there is a `lead` and it may
    /// be kept.
    async fn fetch(&self, lead: Option<Lead>, key: &Key, stale: Option<&Arc<Kept>>, why: Forwarded) -> Got {
        let kept_headers = stale.and_then(|kept| kept.headers.as_deref());
        let mut parts = self.parts.clone();
        let mut is_ours = false;
        for (name, value) in kept_headers.into_iter().flat_map(validate::conditions) {
            if !is_ours {
                validate::take_conditions(&mut parts.headers);
                is_ours = true;
            }
            parts.headers.insert(name, value);
        }
        let mut began = self.cache.unix_micros();
        let mut answered = self.way.ask(parts).await;
        if let (Ok(response), Some(kept), Some(headers)) = (&answered, stale, kept_headers)
            && is_ours
            && response.status() == StatusCode::NOT_MODIFIED
        {
            if validate::is_about(headers, response.headers()) {
                let newer = response.headers().clone();
                return self.renew(lead, key, kept, newer, began, why);
            }
            // It speaks of something else than what is kept: that is to be had whole.
            let mut parts = self.parts.clone();
            validate::take_conditions(&mut parts.headers);
            began = self.cache.unix_micros();
            answered = self.way.ask(parts).await;
        }
        match answered {
            Err(fault) => {
                let stands_in = self.stand_in(stale, None);
                if let Some(lead) = lead {
                    lead.fail(fault.clone());
                }
                stands_in.unwrap_or(Got::Failed(fault))
            }
            Ok(response) if reuse::is_failure(response.status().as_u16()) => {
                let status = response.status().as_u16();
                self.stand_in(stale, Some(status)).unwrap_or_else(|| unkept(response, why))
            }
            Ok(response) => self.receive(lead, key, stale, response, began, why),
        }
    }

    /// An answer has come: it is passed on, and kept meanwhile if it may be.
    fn receive(
        &self,
        lead: Option<Lead>,
        key: &Key,
        stale: Option<&Arc<Kept>>,
        response: Response<ServiceBody>,
        began: u64,
        why: Forwarded,
    ) -> Got {
        let (mut head, mut body) = response.into_parts();
        self.dated(&mut head.headers);
        let length = stated_length(&head.headers);
        let keepable = match length {
            Some(length) if length > LARGEST_BODY => None,
            _ => self.judge(head.status, &head.headers, began).zip(self.tags(&head.headers)),
        };
        let is_keepable = keepable.is_some();
        let Some((lead, (lifetime, tags))) = lead.zip(keepable) else {
            if !is_keepable && !is_about_the_request(head.status) {
                if !self.asked.no_store {
                    self.route.unkept.note(self.place.print, &self.cache);
                }
                if let Some(kept) = stale {
                    self.cache.forget(key, kept);
                }
            }
            return Got::New { head, body: whole_or_streamed(body), told: told(why, None) };
        };
        let entry = entry(head.status, validate::keepable(&head.headers), lifetime, tags);
        let age = micros(self.cache.unix_micros(), lifetime.born);
        let told = told(why, Some(seconds(lifetime.fresh) - seconds(age)));
        let (place, cache, headers) = (self.place.clone(), self.cache.clone(), self.parts.headers.clone());
        let keep = move |body: Bytes| drop(place.keep(&cache, lead, &headers, Entry { body, ..entry }));
        let body = match body.take_whole() {
            Some(whole) => {
                // Short of its length it was broken off; that no connector gives, and no cache keeps (§3.3).
                if length.is_none_or(|length| length == whole.len()) {
                    keep(whole.clone());
                }
                Body::whole(whole)
            }
            None => Body::stream(pour(body, LARGEST_BODY, keep)),
        };
        Got::New { head, body, told }
    }

    /// What is kept still stands: it is given with what its 304 says (§4.3.4).
    fn renew(
        &self,
        lead: Option<Lead>,
        key: &Key,
        kept: &Arc<Kept>,
        mut newer: HeaderMap,
        began: u64,
        why: Forwarded,
    ) -> Got {
        self.dated(&mut newer);
        let headers = validate::merged(kept.headers.as_deref().unwrap_or(&HeaderMap::new()), &newer);
        let status = StatusCode::from_u16(kept.status).unwrap_or_default();
        let judged =
            self.judge(status, &headers, began).and_then(|lifetime| Some((lifetime, self.tags(&headers)?)));
        let mut told = told(why, None);
        let mut age = judge::age(&headers);
        if let Told::Forwarded { status, .. } = &mut told {
            *status = Some(304);
        }
        match (lead, judged) {
            (Some(lead), Some((lifetime, tags))) => {
                age = micros(self.cache.unix_micros(), lifetime.born);
                if let Told::Forwarded { stored, left, .. } = &mut told {
                    (*stored, *left) = (true, Some(seconds(lifetime.fresh) - seconds(age)));
                }
                let entry =
                    Entry { body: kept.body.clone(), ..entry(status, headers.clone(), lifetime, tags) };
                self.place.keep(&self.cache, lead, &self.parts.headers, entry);
            }
            (_, None) => self.cache.forget(key, kept),
            (None, Some(_)) => {}
        }
        Got::Known { status: kept.status, headers, body: kept.body.clone(), age, told }
    }

    /// `HEAD` is asked for itself; what it says may renew what is kept for `GET`, or put it out of date (§4.3.5).
    async fn head(&self, key: &Key, stale: Option<Arc<Kept>>, why: Forwarded) -> Got {
        let began = self.cache.unix_micros();
        let mut response = match self.way.ask(self.parts.clone()).await {
            Ok(response) => response,
            Err(fault) => return self.stand_in(stale.as_ref(), None).unwrap_or(Got::Failed(fault)),
        };
        self.dated(response.headers_mut());
        if let Some(kept) = stale.filter(|kept| kept.status == 200 && response.status() == StatusCode::OK) {
            let headers = kept.headers.as_deref().cloned().unwrap_or_default();
            let merged = validate::merged(&headers, response.headers());
            let judged = self.judge(StatusCode::OK, &merged, began).zip(self.tags(&merged));
            match judged.filter(|_| validate::still_describes(&headers, response.headers())) {
                None => self.cache.forget(key, &kept),
                Some((lifetime, tags)) => {
                    if let Turn::Lead(lead) = self.cache.begin(key, &self.place.tags) {
                        let entry = Entry {
                            body: kept.body.clone(),
                            ..entry(StatusCode::OK, merged, lifetime, tags)
                        };
                        self.place.keep(&self.cache, lead, &self.parts.headers, entry);
                    }
                }
            }
        }
        unkept(response, why)
    }

    /// Past the cache.
    async fn pass(&self, why: Forwarded) -> Got {
        match self.way.ask(self.parts.clone()).await {
            Ok(response) => unkept(response, why),
            Err(fault) => Got::Failed(fault),
        }
    }

    /// Fetches what is kept anew, if nobody does, while it is given as it is (RFC 5861 §3).
    fn refresh(&self, key: &Key, kept: &Arc<Kept>) {
        if !kept.try_refresh(now(), REFRESH_PAUSE) {
            return;
        }
        let Turn::Lead(mut lead) = self.cache.begin(key, &self.place.tags) else { return };
        let mut errand = self.clone();
        errand.way.deadline = Deadline::after(now(), self.route.timeout());
        errand.parts.method = Method::GET;
        validate::take_conditions(&mut errand.parts.headers);
        let (key, kept) = (key.clone(), kept.clone());
        tokio::task::spawn_local(async move {
            match lead.shared(kept.stored).await {
                Some((found, _)) => lead.found(found),
                None => drop(errand.fetch(Some(lead), &key, Some(&kept), Forwarded::Stale).await),
            }
        });
    }

    /// What may be given although the service failed (RFC 5861 §4).
    fn stand_in(&self, stale: Option<&Arc<Kept>>, status: Option<u16>) -> Option<Got> {
        let kept = stale?;
        let age = self.age(kept);
        reuse::stands_in(&self.asked, &known(kept, age)).then(|| {
            let left = Some(left(kept, age));
            let told = Told::Forwarded {
                why: Forwarded::Stale,
                status,
                stored: false,
                left,
                is_stale: true,
                age: Some(age),
            };
            given(kept, age, told)
        })
    }

    /// The times of an answer that may be kept.
    fn judge(&self, status: StatusCode, headers: &HeaderMap, began: u64) -> Option<Lifetime> {
        let (asked, for_one_user) = (began, self.for_one_user);
        let question = Question { method: &Method::GET, headers: &self.parts.headers, for_one_user, asked };
        let reply = Reply { status, headers, came: self.cache.unix_micros() };
        // What is written into requests behind our back selects nothing that could be found again.
        let is_ours = |name: &HeaderName| {
            *name == AUTHORIZATION
                || matches!(name.as_str(), "dpop" | "cookie" | "traceparent" | "tracestate" | "host")
        };
        let varies = vary::names(headers)?;
        judge::judge(&question, &reply).ok().filter(|_| !varies.iter().any(is_ours))
    }

    /// The tags of an answer: of its place, and what the service says. `None` if it says too much.
    fn tags(&self, headers: &HeaderMap) -> Option<Box<[Arc<str>]>> {
        let mut tags = self.place.tags.to_vec();
        for (name, between) in [(SURROGATE_KEY, b' '), (CACHE_TAG, b',')] {
            for line in headers.get_all(name) {
                for tag in line.to_str().ok()?.as_bytes().split(|byte| *byte == between) {
                    let tag = std::str::from_utf8(tag.trim_ascii()).ok()?;
                    if tag.len() > LONGEST_TAG || tags.len() > MOST_TAGS {
                        return None;
                    }
                    if !tag.is_empty() {
                        tags.push(tag.into());
                    }
                }
            }
        }
        Some(tags.into())
    }

    /// Whether it may be given to who asks: what is kept for nobody in particular may not be what somebody would be told.
    fn suits(&self, kept: &Kept) -> bool {
        !self.for_one_user
            || kept.headers.as_deref().is_some_and(|headers| Said::read(headers).is_for_everybody())
    }

    fn age(&self, kept: &Kept) -> Duration {
        place::age(&self.cache, kept)
    }

    /// An answer without a date came now (RFC 9110 §6.6.1).
    fn dated(&self, headers: &mut HeaderMap) {
        if !headers.contains_key(DATE) {
            judge::insert_date(headers, DATE, judge::time(self.cache.unix_micros()));
        }
    }

    /// The answer as this request wants it: a 304 if the client has it, no body for a `HEAD`.
    fn fitted(&self, mut head: response::Parts, body: Body, whole: Option<usize>) -> Response<Body> {
        let asks =
            [IF_NONE_MATCH, IF_MODIFIED_SINCE].iter().any(|name| self.parts.headers.contains_key(name));
        let is_judged = head.status == StatusCode::OK && !validate::is_for_the_service(&self.parts.headers);
        if asks && is_judged && validate::has_it(&self.parts.headers, &head.headers, self.cache.unix_micros())
        {
            head.status = StatusCode::NOT_MODIFIED;
            head.headers = validate::of_304(&head.headers);
            return Response::from_parts(head, Body::default());
        }
        if self.parts.method == Method::HEAD {
            if let Some(length) = whole.filter(|_| head.status != StatusCode::NO_CONTENT) {
                head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            return Response::from_parts(head, Body::default());
        }
        Response::from_parts(head, body)
    }
}

fn known(kept: &Kept, age: Duration) -> reuse::Kept<'_> {
    static NONE: std::sync::LazyLock<HeaderMap> = std::sync::LazyLock::new(HeaderMap::new);
    reuse::Kept { headers: kept.headers.as_deref().unwrap_or(&NONE), fresh: kept.times.fresh, age }
}

fn hit(kept: &Kept, age: Duration) -> Got {
    given(kept, age, Told::Hit { left: left(kept, age), age })
}

fn given(kept: &Kept, age: Duration, told: Told) -> Got {
    let headers = kept.headers.as_deref().cloned().unwrap_or_default();
    Got::Known { status: kept.status, headers, body: kept.body.clone(), age, told }
}

fn unkept(response: Response<ServiceBody>, why: Forwarded) -> Got {
    let (head, body) = response.into_parts();
    Got::New { head, body: whole_or_streamed(body), told: told(why, None) }
}

pub(super) fn whole_or_streamed<B>(mut body: frontdesk_connectors::http::ForwardBody<B>) -> Body
where
    B: hyper::body::Body<Data = Bytes> + Unpin + 'static,
{
    use http_body_util::BodyExt;
    match body.take_whole() {
        Some(whole) => Body::whole(whole),
        None => Body::stream(body.map_err(Into::into)),
    }
}

/// `left`: seconds for which what is kept of it is fresh.
fn told(why: Forwarded, left: Option<i64>) -> Told {
    Told::Forwarded { why, status: None, stored: left.is_some(), left, is_stale: false, age: None }
}

fn entry(status: StatusCode, headers: HeaderMap, lifetime: Lifetime, tags: Box<[Arc<str>]>) -> Entry {
    let times = Times {
        fresh: lifetime.fresh,
        stale: lifetime.stale_while_revalidate,
        stale_if_error: lifetime.stale_if_error,
        keep: KEPT_STALE,
    };
    Entry {
        status: status.as_u16(),
        headers: Some(Box::new(headers)),
        is_expected_type: true,
        stored: lifetime.born.max(1),
        times,
        tags,
        ..Entry::default()
    }
}

/// Whether an answer that cannot be kept speaks of the one request: then it is nothing to others, who want the same target
/// otherwise. What they may no longer see at all (401, 403, 404, 410, 451) is not meant.
fn is_about_the_request(status: StatusCode) -> bool {
    let is_gone = matches!(status.as_u16(), 401 | 403 | 404 | 410 | 451);
    status == StatusCode::NOT_MODIFIED || (status.is_client_error() && !is_gone)
}

fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn micros(now: u64, then: u64) -> Duration {
    Duration::from_micros(now.saturating_sub(then))
}

fn left(kept: &Kept, age: Duration) -> i64 {
    seconds(kept.times.fresh) - seconds(age)
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// What was asked for lately and could not be kept: nobody need wait for another to be told that again.
pub(super) struct Unkept(Box<[AtomicU64; 256]>);

impl Unkept {
    /// For so many seconds it is remembered.
    const TIME: u64 = 60;
    /// So many bits of the place go with the second.
    const PLACE: u64 = !0 << 24;

    pub fn new() -> Self {
        Self(Box::new(std::array::from_fn(|_| AtomicU64::new(0))))
    }

    fn slot(&self, print: u64) -> Option<&AtomicU64> {
        self.0.get(print as usize % self.0.len())
    }

    fn note(&self, print: u64, cache: &Cache) {
        let second = (cache.unix_micros() / 1_000_000) & !Self::PLACE;
        if let Some(slot) = self.slot(print) {
            slot.store((print & Self::PLACE) | second, Ordering::Relaxed);
        }
    }

    fn knows(&self, print: u64, cache: &Cache) -> bool {
        let second = (cache.unix_micros() / 1_000_000) & !Self::PLACE;
        self.slot(print).map(|slot| slot.load(Ordering::Relaxed)).is_some_and(|noted| {
            noted != 0
                && (noted ^ print) & Self::PLACE == 0
                && second.wrapping_sub(noted & !Self::PLACE) < Self::TIME
        })
    }
}
