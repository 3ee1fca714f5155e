//! What an HTTP desk is asked and what it answers, without any HTTP library.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::control::Mode;

/// One request to a desk.
pub struct Asked<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The parts of the path between the slashes, percent-decoded.
    pub segments: Vec<Cow<'a, str>>,
    /// Everything behind the question mark.
    pub query: Query<'a>,
    /// The body; empty for `GET`.
    pub body: &'a [u8],
    /// The header of that name. Only desks whose answers are not kept may look at it.
    pub authorization: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Splits `path` and takes the rest as it is.
    pub fn new(method: &'a str, path: &'a str, query: &'a str, body: &'a [u8]) -> Self {
        let segments = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        Self { method, segments, query: Query(query), body, authorization: None }
    }

    /// The same, from somebody with these credentials.
    pub fn by(self, authorization: Option<&'a str>) -> Self {
        Self { authorization, ..self }
    }

    /// Method and path as something to match on.
    pub fn route(&self) -> (&str, Vec<&str>) {
        (self.method, self.segments.iter().map(AsRef::as_ref).collect())
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// The query of a request, read anew by each look-up: desks read one to three parameters.
pub struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Each value of `name`, in order.
    fn values(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.0.split('&').filter_map(move |pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key) == name).then(|| decoded(value))
        })
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.values(name).next()
    }

    /// `name` as a number between 1 and `most`; `default` if it is absent or no number.
    pub fn count(&self, name: &str, default: usize, most: usize) -> usize {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(default).clamp(1, most)
    }

    /// All values of `name`, repeated or separated by commas. `None` if the parameter is absent, which is
    /// not the same as an empty list: a filter by no ids matches nothing.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let mut found = None;
        for value in self.values(name) {
            let list: &mut Vec<String> = found.get_or_insert_default();
            list.extend(value.split(',').filter(|part| !part.is_empty()).map(str::to_owned));
        }
        found
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

/// One answer of a desk.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: Bytes,
    /// Whether the same request will get the same answer, and the answer is small enough to be worth keeping.
    pub keep: bool,
    /// What this one request asked for by its id, besides what the control says.
    pub mode: Mode,
    /// `Cache-Control`: for how long caches may keep it.
    pub lifetime: Option<&'static str>,
}

impl Answer {
    /// 200 with `value`.
    pub fn ok(value: &Value) -> Self {
        Self::raw(Bytes::from(value.to_string()))
    }

    /// 200 with JSON that is already written; not kept.
    pub fn raw(body: Bytes) -> Self {
        Self { status: 200, body, keep: false, mode: Mode::Ok, lifetime: None }
    }

    /// 201 with `value`.
    pub fn created(value: &Value) -> Self {
        Self { status: 201, ..Self::ok(value) }
    }

    /// A refusal, in the form that `shared/money.yaml` calls `Error`.
    pub fn refused(status: u16, code: &str, message: &str) -> Self {
        Self { status, ..Self::ok(&json!({ "error": { "code": code, "message": message } })) }
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::refused(404, "not_found", "there is no such thing")
    }

    /// The same, worth keeping.
    pub fn kept(mut self) -> Self {
        self.keep = true;
        self
    }

    /// The same, with what caches are told.
    pub fn lasting(mut self, cache_control: &'static str) -> Self {
        self.lifetime = Some(cache_control);
        self
    }

    /// The same, `ms` milliseconds later.
    pub fn late(mut self, ms: u64) -> Self {
        self.mode = Mode::Slow(Duration::from_millis(ms));
        self
    }
}
