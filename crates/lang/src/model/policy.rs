//! What a call or an endpoint says of caching, repeating and bounds.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::Span;

use super::Expr;

/// `cache` of a call.
#[derive(Clone, Debug)]
pub struct CallCache {
    pub lifetime: Lifetime,
    /// For how long after that an old answer is given while a new one is fetched (RFC 5861 §3).
    pub stale: Duration,
    /// For how long after its lifetime an old answer stands in for a failed call (RFC 5861 §4).
    pub stale_if_error: Duration,
    /// For how long it is remembered that there is nothing (404, 410).
    pub negative: Duration,
    /// An array of strings, evaluated where the arguments are.
    pub tags: Option<Box<Expr>>,
}

/// For how long an answer is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    For(Duration),
    /// As the service says (RFC 9111).
    Http,
}

/// `hedge` of a call: when a second attempt sets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hedge {
    Never,
    After(Duration),
    /// 1 to 99: once that many percent of the operation's calls would have been answered.
    AfterPercentile(u8),
}

/// `cache` of a view: what clients and shared caches are told, and what is kept here.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewCache {
    pub scope: CacheScope,
    pub max_age: Duration,
    /// RFC 5861 §3.
    pub stale: Duration,
    /// RFC 5861 §4.
    pub stale_if_error: Duration,
    /// Whole answers are kept here too, not only by whoever asks. Public ones only.
    pub store: bool,
    /// Surrogate keys of the answer, and the tags by which it is purged here.
    pub tags: Vec<TagTemplate>,
    /// Of `public: "60s"` or `private: "60s"`.
    pub span: Span,
}

impl ViewCache {
    /// `Cache-Control` of a good answer (RFC 9111 §5.2.2, RFC 5861).
    pub fn cache_control(&self) -> String {
        let scope = match self.scope {
            CacheScope::Public => "public",
            CacheScope::Private => "private",
        };
        let mut text = format!("{scope}, max-age={}", self.max_age.as_secs());
        for (name, time) in [("stale-while-revalidate", self.stale), ("stale-if-error", self.stale_if_error)]
        {
            if time.as_secs() > 0 {
                text.push_str(&format!(", {name}={}", time.as_secs()));
            }
        }
        text
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Anybody may have the same answer: nothing in it derives from who asks.
    Public,
    /// It is for the one who asked.
    Private,
}

/// `product:{productId}`: text, and inputs by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagTemplate {
    pub parts: Vec<TagPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagPart {
    Text(Arc<str>),
    /// A path or query input.
    Input(Arc<str>),
}

/// Whether an action wants an `Idempotency-Key`
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Idempotency {
    /// The header means nothing here.
    #[default]
    Off,
    /// With a key the action is carried out once.
    Optional,
    /// Without a key it is refused.
    Required,
}
