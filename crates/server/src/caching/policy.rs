//! What a view's `cache` means for its answers: what clients are told, and what tells kept answers apart.

use std::fmt::Write;
use std::sync::Arc;

use frontdesk_cache::{Key, Kind, Times};
use frontdesk_catalog::{Catalog, OperationId, Service};
use frontdesk_lang::model::{BffConfig, CacheScope, InputPlace, ViewCache};
use frontdesk_plan::{EndpointPlan, Op, StepKind};
use frontdesk_types::Version;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

/// How the good answers of one view are cached, by clients and here.
#[derive(Debug)]
pub(crate) struct Caching {
    /// `Cache-Control`.
    pub control: HeaderValue,
    /// What of the request the answer depends on, but for its coding, the version of the client and its origin, which are
    /// said where they are known.
    pub vary: Option<HeaderValue>,
    /// The same for answers that are large enough to be coded.
    pub vary_coded: Option<HeaderValue>,
    /// Its answers carry their tags, for caches in front of us.
    pub is_tagged: bool,
    /// Whole answers are kept here.
    pub store: Option<Store>,
}

/// What tells kept answers of one view apart, and for how long they are good.
#[derive(Debug)]
pub(crate) struct Store {
    pub times: Times,
    /// `view:web/home`: every answer of the view has it.
    pub tag: Arc<str>,
    /// Of the plan and the operations that it calls, with the BFF's and the view's names and the currency: what other code
    /// answered is another answer, and instances with the same code share theirs.
    digest: [u8; 32],
    /// The locale makes a difference.
    by_locale: bool,
    /// Headers that are inputs, or by which the traffic of a service that is called is routed.
    headers: Vec<HeaderName>,
    /// From which versions of the client on the answer is another, ascending.
    versions: Vec<Version>,
}

/// What an answer may depend on beside its URL.
pub(crate) struct Asked<'r> {
    /// As it was sent. Whatever an endpoint accepts is in it, with parameters that are unknown or there twice.
    pub path: &'r str,
    pub query: &'r str,
    pub locale: &'r str,
    pub headers: &'r HeaderMap,
    pub client_version: Option<Version>,
}

impl Caching {
    /// `None` for endpoints whose answers nobody may keep.
    pub fn new(plan: &EndpointPlan, catalog: &Catalog, config: &BffConfig) -> Option<Self> {
        let written = plan.cache.as_ref()?;
        // What only some may ask for is nobody else's, whatever it was made of.
        let is_public = written.scope == CacheScope::Public && plan.access.public;
        let scope = if is_public { CacheScope::Public } else { CacheScope::Private };
        let by_locale = config.locales.len() > 1 && plan.varies.language;
        let names = plan.varies.headers.iter().map(|name| HeaderName::from_bytes(name.as_bytes()));
        let headers: Vec<HeaderName> = names.collect::<Result<_, _>>().ok()?;
        let vary = varies(&headers, by_locale, !plan.access.public);
        let has_body = plan.inputs.iter().any(|input| input.place == InputPlace::Body);
        let store = (is_public && written.store && !has_body).then(|| Store {
            times: Times {
                fresh: written.max_age,
                stale: written.stale,
                stale_if_error: written.stale_if_error,
                ..Times::default()
            },
            tag: format!("view:{}/{}", plan.bff, plan.name).into(),
            digest: digest(plan, catalog, &config.currency),
            by_locale,
            versions: versions(plan),
            headers: headers.clone(),
        });
        let control = ViewCache { scope, ..written.clone() }.cache_control();
        Some(Self {
            control: HeaderValue::try_from(control).ok()?,
            vary: list(vary.iter().copied()),
            vary_coded: list(vary.iter().copied().chain(["accept-encoding"])),
            is_tagged: is_public && !written.tags.is_empty(),
            store,
        })
    }
}

/// The headers of a request on which an answer depends.
///
/// What only some may ask for depends on who asks: without it a browser would show the next who signs in there what it keeps
/// of the one before, and an app the same to the next user.
fn varies(headers: &[HeaderName], by_locale: bool, is_for_some: bool) -> Vec<&str> {
    let locale = by_locale.then_some("accept-language");
    let who = if is_for_some { &["authorization", "cookie"][..] } else { &[] };
    let mut names: Vec<&str> = Vec::new();
    for name in locale.into_iter().chain(headers.iter().map(HeaderName::as_str)).chain(who.iter().copied()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> Option<HeaderValue> {
    let text = names.collect::<Vec<_>>().join(", ");
    if text.is_empty() { None } else { HeaderValue::try_from(text).ok() }
}

/// The versions that `since` and `until` of the plan ask for.
fn versions(plan: &EndpointPlan) -> Vec<Version> {
    let mut versions: Vec<Version> = plan
        .program
        .ops
        .iter()
        .filter_map(|op| match op {
            Op::ClientSince(version) => Some(*version),
            _ => None,
        })
        .collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// SHA-256 of everything that makes the answer what it is: this program, the plan, the operations that it calls and how
/// their services are reached.
fn digest(plan: &EndpointPlan, catalog: &Catalog, currency: &str) -> [u8; 32] {
    struct Hashed(Sha256);
    impl Write for Hashed {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.update(text.as_bytes());
            Ok(())
        }
    }
    let mut out = Hashed(Sha256::new());
    // Answers of other dates are editions of their own.
    let plan = EndpointPlan { dated: Vec::new(), ..plan.clone() };
    let _ = write!(out, "{} {currency} {plan:?}", env!("CARGO_PKG_VERSION"));
    for (service, operation) in called(&plan, catalog) {
        let _ = write!(out, "{} {:?} {:?} {:?}", service.name, service.kind, service.policy, service.traffic);
        let _ = write!(out, "{:?}", service.operations.get(operation.0 as usize));
    }
    out.0.finalize().into()
}

/// The operations that the plan may call, in the order of its steps.
fn called<'p>(
    plan: &'p EndpointPlan,
    catalog: &'p Catalog,
) -> impl Iterator<Item = (&'p Service, OperationId)> {
    let calls = plan.steps.iter().flat_map(|step| match &step.kind {
        StepKind::Call(call) => [Some((call.service, call.operation)), None],
        StepKind::Each(each) => {
            let twin = each.batch.as_ref().map(|batch| (each.call.service, batch.operation));
            [Some((each.call.service, each.call.operation)), twin]
        }
        StepKind::Compute(_) | StepKind::Check { .. } => [None, None],
    });
    calls
        .flatten()
        .filter_map(|(service, operation)| Some((catalog.services.get(service.0 as usize)?, operation)))
}

impl Store {
    pub fn key(&self, asked: &Asked<'_>) -> Key {
        let mut key = Key::build(Kind::View)
            .part(&self.digest)
            .part(asked.path.as_bytes())
            .part(asked.query.as_bytes());
        if self.by_locale {
            key = key.part(asked.locale.as_bytes());
        }
        if !self.versions.is_empty() {
            // Builds are many, differences few. No version at all is as new as can be.
            let known = |version: Version| self.versions.partition_point(|since| *since <= version);
            key = key.number(asked.client_version.map_or(self.versions.len(), known) as u64);
        }
        for name in &self.headers {
            // Only the first is read.
            key = match asked.headers.get(name) {
                Some(value) => key.number(1).part(value.as_bytes()),
                None => key.number(0),
            };
        }
        key.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_some_is_kept_apart_for_each_in_a_browser_that_many_use() {
        let own = [HeaderName::from_static("x-a"), HeaderName::from_static("accept-language")];
        assert_eq!(varies(&own, true, false), ["accept-language", "x-a"]);
        assert_eq!(varies(&own, false, false), ["x-a", "accept-language"]);
        assert_eq!(varies(&[], true, true), ["accept-language", "authorization", "cookie"]);
        assert_eq!(varies(&[HeaderName::from_static("cookie")], false, true), ["cookie", "authorization"]);
        assert_eq!(varies(&[], false, false), [""; 0]);
    }
}
