//! Payload budgets: the largest answer of the cases, and one made up as large as services may answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_contract::example::Knobs;
use frontdesk_lang::model::Idempotency;
use frontdesk_plan::{BffPlan, EndpointPlan};
use http::HeaderValue;
use serde_json::Value;

use crate::case;
use crate::fake::Scripts;
use crate::identity::{self, As};
use crate::stage::{Asking, Played, Stage};

/// How large the answers of an endpoint with a payload budget get, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    pub bff: Arc<str>,
    pub endpoint: Arc<str>,
    pub budget: u64,
    /// The largest answer of all cases (p100); `None` if none asks it.
    pub cases: Option<u64>,
    /// Of an answer made up of as much as services may answer; `None` if there was none.
    pub large: Option<u64>,
    /// What takes up most of that answer: a JSON pointer with `*` for elements, and its bytes.
    pub biggest: Option<(String, u64)>,
}

impl Sizes {
    pub fn is_over(&self) -> bool {
        let over = |size: Option<u64>| size.is_some_and(|size| size > self.budget);
        over(self.cases) || over(self.large)
    }
}

/// The largest answer of each endpoint so far.
#[derive(Debug, Default)]
pub(crate) struct Measured(BTreeMap<(Arc<str>, String), u64>);

impl Measured {
    pub fn case(&mut self, bff: &Arc<str>, played: &Played) {
        let endpoint = played.log.get("endpoint").and_then(Value::as_str).unwrap_or_default();
        if played.response.status().is_success() {
            let size = self.0.entry((bff.clone(), endpoint.to_owned())).or_default();
            *size = (*size).max(played.response.body().len() as u64);
        }
    }
}

pub(crate) fn sizes<'b>(
    stage: &Stage,
    bffs: impl Iterator<Item = &'b BffPlan>,
    measured: &Measured,
) -> Vec<Sizes> {
    let mut all = Vec::new();
    for bff in bffs {
        for plan in &bff.endpoints {
            let Some(budget) = plan.payload else { continue };
            let large = large(stage, bff, plan);
            all.push(Sizes {
                bff: bff.name.clone(),
                endpoint: plan.name.clone(),
                budget,
                cases: measured.0.get(&(bff.name.clone(), plan.name.to_string())).copied(),
                large: large.as_ref().map(|body| body.len() as u64),
                biggest: large.and_then(|body| biggest(&serde_json::from_slice(&body).ok()?)),
            });
        }
    }
    all
}

/// The endpoint's answer when services answer as much as they may, and inputs ask for as much as they may.
fn large(stage: &Stage, bff: &BffPlan, plan: &EndpointPlan) -> Option<bytes::Bytes> {
    let inputs = case::largest(&plan.inputs);
    let mut request = case::request(plan, Some(&inputs)).ok()?;
    if plan.idempotency == Idempotency::Required {
        request.headers_mut().entry("idempotency-key").or_insert(HeaderValue::from_static("largest"));
    }
    let said = As::default();
    let identity = identity::made_up(&bff.name, &bff.config, Some(&plan.access), &said, stage.now(None));
    let asking = Asking {
        request,
        identity: Some(identity),
        scripts: Scripts::default(),
        knobs: Knobs::LARGE,
        at: None,
    };
    let played = stage.ask(&bff.name, asking).ok()?;
    played.response.status().is_success().then(|| played.response.into_body())
}

/// The list or text that takes up most, the innermost that still takes up half of what is around it.
fn biggest(body: &Value) -> Option<(String, u64)> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    sum(body, String::new(), &mut sums);
    let mut at = String::new();
    loop {
        let here = sums.get(&at).copied().unwrap_or_default();
        let below = |path: &str| path.strip_prefix(&at).is_some_and(|rest| rest.rfind('/') == Some(0));
        let next = sums.iter().filter(|(path, _)| below(path)).max_by_key(|(_, size)| **size);
        match next {
            Some((path, size)) if *size * 2 > here || at.is_empty() => at.clone_from(path),
            _ => break,
        }
    }
    let size = sums.get(&at).copied()?;
    (!at.is_empty()).then_some((at, size))
}

fn sum(value: &Value, path: String, sums: &mut BTreeMap<String, u64>) {
    *sums.entry(path.clone()).or_default() += value.to_string().len() as u64;
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| sum(value, format!("{path}/{key}"), sums));
        }
        Value::Array(items) => items.iter().for_each(|item| sum(item, format!("{path}/*"), sums)),
        _ => {}
    }
}
