//! An answer whose bytes are made: as it is, and in each coding that clients asked for, with the headers that belong to it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use hyper::{Response, StatusCode};

use super::Caching;
use super::etag::{Fingerprint, Form, Held};
use super::status::Whole;
use crate::body::Body;
use crate::compress::{self, Accepted, Coding, Effort};
use crate::pipeline::{X_REQUEST_ID, keep_private};

/// Codings that are made at once, in the whole process.
const AT_ONCE: usize = 2;
/// Larger answers are coded while their clients wait, each time: a coding that takes its time takes too much of it.
const LARGEST: usize = 4 * 1024 * 1024;

static BEING_CODED: AtomicUsize = AtomicUsize::new(0);

/// A good answer of a view with `cache`.
#[derive(Debug)]
pub(crate) struct Finished {
    fingerprint: Fingerprint,
    plain: Coded,
    /// Along with [`Coding::ALL`]; made once, off the way of any request. `None` in it: no smaller than it was.
    thorough: [OnceLock<Option<Coded>>; 3],
    begun: [AtomicBool; 3],
}

/// The answer in one form, with its headers.
#[derive(Debug)]
struct Coded {
    headers: HeaderMap,
    body: Bytes,
    /// What was said of it last, while it was kept and fresh.
    told: ArcSwapOption<Told>,
}

/// Everything that is said of an answer of one age, ready to be copied: it is another only once a second.
#[derive(Debug)]
struct Told {
    seconds: u64,
    headers: HeaderMap,
}

impl Finished {
    /// `tags`: headers for caches in front of us.
    pub fn new(caching: &Caching, body: Bytes, tags: Option<&HeaderMap>) -> Self {
        let fingerprint = Fingerprint::of(&body);
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, caching.control.clone());
        headers.insert(ETAG, fingerprint.tag(None));
        let is_coded = body.len() >= compress::SMALLEST;
        if let Some(vary) = if is_coded { &caching.vary_coded } else { &caching.vary } {
            headers.insert(VARY, vary.clone());
        }
        for (name, value) in tags.into_iter().flatten() {
            headers.insert(name, value.clone());
        }
        let plain = Coded::new(headers, body);
        Self { fingerprint, plain, thorough: Default::default(), begun: Default::default() }
    }

    /// The answer as this client gets it: in the coding that it likes best, or 304 if it has it already. `is_kept`: others
    /// will get it too.
    pub fn answer(self: &Arc<Self>, request: &HeaderMap, is_kept: bool) -> Response<Body> {
        let accepted = self.accepted(request);
        let may_have = |form: Form| form.is_none_or(|(coding, _)| accepted.takes(coding));
        let held = match self.fingerprint.held(request, may_have) {
            Held::Nothing => return self.whole(accepted.best(), is_kept),
            Held::Form(form) => form,
            Held::Anything => accepted.best().map(|coding| (coding, self.effort(coding))),
        };
        // RFC 9110 §15.4.5: what a 200 would have said of caching, and nothing of the content.
        let mut headers = self.plain.headers.clone();
        headers.remove(CONTENT_TYPE);
        headers.insert(ETAG, self.fingerprint.tag(held));
        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = headers;
        response
    }

    /// The answer as it is kept and fresh, to a client that has nothing of it, in a form that is made; `None` if it takes
    /// more to find out or to make. `fresh`: for how long answers of this view are.
    pub fn hit(&self, request: &HeaderMap, age: Duration, fresh: Duration) -> Option<Response<Body>> {
        if request.contains_key(IF_NONE_MATCH) || age >= fresh {
            return None;
        }
        let coded = match self.accepted(request).best() {
            None => &self.plain,
            Some(coding) => self.thorough(coding)?.as_ref().unwrap_or(&self.plain),
        };
        Some(coded.hit(age, fresh))
    }

    fn accepted(&self, request: &HeaderMap) -> Accepted {
        if self.plain.body.len() < compress::SMALLEST {
            return Accepted::default();
        }
        let text = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        text.map(compress::accepted).unwrap_or_default()
    }

    fn whole(self: &Arc<Self>, coding: Option<Coding>, is_kept: bool) -> Response<Body> {
        let Some(coding) = coding else { return self.plain.response() };
        match self.thorough(coding) {
            Some(Some(coded)) => return coded.response(),
            // It cannot be made smaller.
            Some(None) => return self.plain.response(),
            None if is_kept => self.code_thoroughly(coding),
            None => {}
        }
        match compress::encode(coding, Effort::Quick, &self.plain.body) {
            Some(body) => self.coded(coding, Effort::Quick, body.into()).response(),
            None => self.plain.response(),
        }
    }

    fn thorough(&self, coding: Coding) -> Option<&Option<Coded>> {
        self.thorough.get(coding as usize)?.get()
    }

    fn effort(&self, coding: Coding) -> Effort {
        match self.thorough(coding) {
            Some(Some(_)) => Effort::Thorough,
            _ => Effort::Quick,
        }
    }

    fn coded(&self, coding: Coding, effort: Effort, body: Bytes) -> Coded {
        let mut headers = self.plain.headers.clone();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        headers.insert(ETAG, self.fingerprint.tag(Some((coding, effort))));
        Coded::new(headers, body)
    }

    /// Has a coding made at leisure, if nobody began that.
    fn code_thoroughly(self: &Arc<Self>, coding: Coding) {
        let Some(begun) = self.begun.get(coding as usize) else { return };
        if begun.load(Ordering::Relaxed) || self.plain.body.len() > LARGEST {
            return;
        }
        let Some(turn) = Turn::take() else { return };
        if begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let finished = self.clone();
        tokio::task::spawn_blocking(move || {
            let body = compress::encode(coding, Effort::Thorough, &finished.plain.body);
            let coded = body.map(|body| finished.coded(coding, Effort::Thorough, body.into()));
            if let Some(slot) = finished.thorough.get(coding as usize) {
                let _ = slot.set(coded);
            }
            drop(turn);
        });
    }
}

/// One of the few codings that are made at once.
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        let free = |taken| (taken < AT_ONCE).then_some(taken + 1);
        BEING_CODED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).ok().map(|_| Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        BEING_CODED.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Coded {
    fn new(headers: HeaderMap, body: Bytes) -> Self {
        Self { headers, body, told: ArcSwapOption::empty() }
    }

    fn hit(&self, age: Duration, fresh: Duration) -> Response<Body> {
        let told = self.told.load();
        let headers = match &*told {
            Some(told) if told.seconds == age.as_secs() => told.headers.clone(),
            _ => self.tell(age, fresh),
        };
        let mut response = Response::new(Body::whole(self.body.clone()));
        *response.headers_mut() = headers;
        response
    }

    #[cold]
    fn tell(&self, age: Duration, fresh: Duration) -> HeaderMap {
        let mut headers = self.headers.clone();
        Whole::Kept { age, is_shared: false }.tell(fresh, &mut headers);
        // What every answer says is written over these: a copy has no room for more than there is in it.
        keep_private(&mut headers);
        headers.insert(X_REQUEST_ID, HeaderValue::from_static("-"));
        let told = Told { seconds: age.as_secs(), headers: headers.clone() };
        self.told.store(Some(Arc::new(told)));
        headers
    }

    fn response(&self) -> Response<Body> {
        let mut response = Response::new(Body::whole(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}
