//! What cases have tried of each endpoint, and what not.

use frontdesk_diagnostics::Sources;
use frontdesk_plan::{BffPlan, Plan};

use crate::stage::Played;

#[derive(Clone, Debug)]
pub struct Coverage {}

pub(crate) struct Ledger {
    plan: Plan,
}

impl Ledger {
    pub fn new(plan: &Plan) -> Self {
        Self { plan: plan.clone() }
    }
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
    pub fn played(&mut self, _bff: &str, _played: &Played) {}
    pub fn coverage<'b>(
        &self,
        _bffs: impl Iterator<Item = &'b BffPlan>,
        _sources: &Sources,
    ) -> Vec<Coverage> {
        Vec::new()
    }
}
pub fn json(_: &Coverage) -> serde_json::Value {
    serde_json::Value::Null
}
pub fn text(_: &[Coverage], _: bool) -> String {
    String::new()
}
