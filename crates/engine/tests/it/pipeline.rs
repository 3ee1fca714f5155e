//! Source text through the whole of our pipeline: compiled, planned, run against one service that says `data`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, Fault, ServiceCall, TraceContext, now};
use frontdesk_catalog::Catalog;
use frontdesk_contract::Contract;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_engine::outcome::{Cause, Degraded, Outcome};
use frontdesk_engine::run::{Connectors, Endpoint, Request, Session, run};
use frontdesk_plan::{EndpointPlan, StepKind, degraded_token};
use frontdesk_types::Version;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/eval")
}

pub struct Pipeline {
    catalog: Arc<Catalog>,
    runtime: tokio::runtime::Runtime,
}

/// Views that are ready to run, and what is promised of them.
pub struct Compiled {
    pub plans: Vec<Arc<EndpointPlan>>,
    /// `None` if it cannot be expressed: two types would have one name.
    pub contract: Option<Contract>,
}

/// `None` for one that cannot be expressed.
type Contracts = Vec<Option<Contract>>;

/// An answer, and what it had to do without.
pub struct Said {
    pub json: String,
    /// As `Frontdesk-Degraded` names the calls.
    pub degraded: Vec<String>,
}

/// Says the same to every call, but those for some ids fail.
struct Says {
    body: Bytes,
    failing: Vec<String>,
}

impl Connector for Says {
    fn call<'a>(&'a self, call: &'a ServiceCall, _: Deadline) -> CallFuture<'a> {
        let target = String::from_utf8_lossy(&call.target);
        let id = target.split_once("id=").map(|(_, id)| id);
        let result = if id.is_some_and(|id| self.failing.iter().any(|failing| failing == id)) {
            Err(Fault::Failed { status: 500 })
        } else {
            Ok(Answer { status: 200, body: self.body.clone(), is_expected_type: true, ..Answer::default() })
        };
        Box::pin(async move { result })
    }
}

const PLATFORM: &str = "services:
  source: { openapi: data.openapi.yaml, url: \"http://127.0.0.1:1\", timeout: 10s }
bffs:
  app: { listen: \"127.0.0.1:2\" }
";

const BFF: &str = r#"import { bff } from "frontdesk";
export default bff({ client: "app", versions: { minimum: "1.0.0" }, locales: ["en-GB"], currency: "EUR", limits: { latency: "10s" } });
"#;

impl Pipeline {
    pub fn new() -> Self {
        let schema = std::fs::read(folder().join("data.openapi.yaml")).unwrap();
        let files = BTreeMap::from([
            ("frontdesk.yaml".to_owned(), PLATFORM.as_bytes().to_vec()),
            ("data.openapi.yaml".to_owned(), schema),
        ]);
        let mut diagnostics = Diagnostics::default();
        let catalog = frontdesk_catalog::load(&files, None, &mut Sources::default(), &mut diagnostics);
        assert!(!diagnostics.has_errors());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { catalog: Arc::new(catalog), runtime }
    }

    /// Compiles views, each a module's helpers and the body of its `load`, in which the data is `data`. Where one is
    /// refused, what the compiler says.
    pub fn compiled(&self, views: &[(String, String)]) -> Result<Compiled, String> {
        let mut files = BTreeMap::from([("bffs/app/bff.ts".to_owned(), BFF.to_owned())]);
        for (at, (helpers, body)) in views.iter().enumerate() {
            files.insert(format!("bffs/app/views/v{at:04}.ts"), module(at, helpers, body));
        }
        let (mut plans, mut contracts) = self.compile(&files)?;
        plans.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Compiled { plans, contract: contracts.remove(0) })
    }

    /// The plans of a BFF's endpoints, and its contracts: today's, and those of older dates, newest first.
    fn compile(
        &self,
        files: &BTreeMap<String, String>,
    ) -> Result<(Vec<Arc<EndpointPlan>>, Contracts), String> {
        let mut sources = Sources::default();
        let mut found = Diagnostics::default();
        let model = frontdesk_lang::compile(self.catalog.clone(), files, &mut sources, &mut found);
        let mut plan = frontdesk_plan::plan(&model, &mut found);
        if found.has_errors() {
            return Err(render::text(&found.into_sorted(), &sources, false));
        }
        let older = frontdesk_contract::dates(&model, "app").into_iter().skip(1).map(Some);
        let contract = |date| {
            let mut found = Diagnostics::default();
            let contract = frontdesk_contract::infer(&model, &plan, "app", date, &mut found);
            (!found.has_errors()).then_some(contract)
        };
        let contracts = std::iter::once(None).chain(older).map(contract).collect();
        Ok((plan.bffs.swap_remove(0).endpoints, contracts))
    }

    /// One view on several dates, newest first: `conversions` makes each older one's answer of the next newer one's.
    pub fn dated(&self, body: &str, conversions: &[&str]) -> Result<Vec<Compiled>, String> {
        let dates: Vec<String> = (0..=conversions.len()).map(|at| format!("{}-01-01", 2026 - at)).collect();
        let bff =
            BFF.replace("versions: { minimum: \"1.0.0\" }", &format!("versions: {{ dates: {dates:?} }}"));
        let mut files = BTreeMap::from([
            ("bffs/app/bff.ts".to_owned(), bff),
            ("bffs/app/views/v0000.ts".to_owned(), module(0, "", body)),
        ]);
        for (date, conversion) in dates.iter().skip(1).zip(conversions) {
            let text = format!(
                "import {{ version }} from \"frontdesk\";\nexport default version(\"{date}\", {{ \"GET /v0\": {conversion} }});\n"
            );
            files.insert(format!("bffs/app/versions/{date}.ts"), text);
        }
        let (plans, contracts) = self.compile(&files)?;
        let older = plans[0].dated.iter().map(|(_, plan)| plan.clone().unwrap());
        let plans = std::iter::once(plans[0].clone()).chain(older);
        Ok(plans.zip(contracts).map(|(plan, contract)| Compiled { plans: vec![plan], contract }).collect())
    }

    /// Makes views ready to run.
    pub fn views(&self, views: &[(String, String)]) -> Result<Vec<Endpoint>, String> {
        let plans = self.compiled(views)?.plans.into_iter();
        Ok(plans.map(|plan| Endpoint::provision(plan, &self.catalog).unwrap()).collect())
    }

    /// The answer's JSON, or why there is none.
    pub fn answer(&self, endpoint: &Endpoint, data: &str) -> Result<String, Cause> {
        self.run(endpoint, data, None, &[]).map(|(json, _)| json)
    }

    /// The answer for a version of the client, where calls for some ids fail.
    pub fn said_for(
        &self,
        plan: &Arc<EndpointPlan>,
        data: &str,
        client_version: Option<Version>,
        failing: &[&str],
    ) -> Result<Said, Cause> {
        let endpoint = Endpoint::provision(plan.clone(), &self.catalog).unwrap();
        let (json, outcome) = self.run(&endpoint, data, client_version, failing)?;
        let label = |entry: &Degraded| match &plan.steps[entry.step.0 as usize].kind {
            StepKind::Call(call) => degraded_token(&call.label),
            StepKind::Each(each) => degraded_token(&each.call.label),
            _ => panic!("no call"),
        };
        Ok(Said { json, degraded: outcome.degraded.iter().map(label).collect() })
    }

    fn run(
        &self,
        endpoint: &Endpoint,
        data: &str,
        client_version: Option<Version>,
        failing: &[&str],
    ) -> Result<(String, Outcome), Cause> {
        let failing = failing.iter().map(|id| (*id).to_owned()).collect();
        let body = Bytes::copy_from_slice(data.as_bytes());
        let connector: Rc<dyn Connector> = Rc::new(Says { body, failing });
        let connectors = Connectors::new(vec![connector], empty_cache());
        let request = Request {
            params: &[],
            query: "",
            header: &|_| None,
            body: b"",
            session: Session { locale: "en-GB", currency: "EUR", identity: None },
            caller: None,
            client_headers: None,
            trace: TraceContext::default(),
            client_version,
        };
        let mut out = Vec::new();
        let deadline = Deadline::after(now(), Duration::from_secs(10));
        let result = self.runtime.block_on(run(endpoint, &request, &connectors, deadline, &mut out));
        match result {
            Ok(outcome) => Ok((String::from_utf8(out).unwrap(), outcome)),
            Err(failure) => Err(failure.cause),
        }
    }
}

fn module(at: usize, helpers: &str, body: &str) -> String {
    let mut used = vec!["view"];
    used.extend(["keyBy", "groupBy", "problem", "since", "until"].into_iter().filter(|name| {
        let call = format!("{name}(");
        helpers.contains(&call) || body.contains(&call)
    }));
    format!(
        "import {{ {} }} from \"frontdesk\";\nimport {{ source }} from \"frontdesk/services\";\n{helpers}\n\
         export default view(\"GET /v{at}\", {{\n  load: () => {{\n    const data = source.read({{}});\n{body}\n  }},\n}});\n",
        used.join(", ")
    )
}

/// A cache that has nothing yet.
pub fn empty_cache() -> Arc<frontdesk_cache::Cache> {
    let settings = frontdesk_cache::Settings::without_chance();
    frontdesk_cache::Cache::new(settings, Arc::new(frontdesk_adapter::SystemClock), None)
}
