//! Source text through the whole of our pipeline: compiled, planned, run against one service that says `data`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, ServiceCall, TraceContext, now};
use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_engine::outcome::Cause;
use frontdesk_engine::run::{Connectors, Endpoint, Request, Session, run};
use frontdesk_types::Version;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/eval")
}

pub struct Pipeline {
    catalog: Arc<Catalog>,
    runtime: tokio::runtime::Runtime,
}

/// Says the same to every call.
struct Says(Bytes);

impl Connector for Says {
    fn call<'a>(&'a self, _: &'a ServiceCall, _: Deadline) -> CallFuture<'a> {
        let body = self.0.clone();
        Box::pin(async move { Ok(Answer { status: 200, body, is_expected_type: true }) })
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

    /// Makes views ready to run, each a module's helpers and the body of its `load`, in which the data is `data`.
    /// Where one is refused, what the compiler says.
    pub fn views(&self, views: &[(String, String)]) -> Result<Vec<Endpoint>, String> {
        let mut files = BTreeMap::from([("bffs/app/bff.ts".to_owned(), BFF.to_owned())]);
        for (at, (helpers, body)) in views.iter().enumerate() {
            files.insert(format!("bffs/app/views/v{at:04}.ts"), module(at, helpers, body));
        }
        let mut sources = Sources::default();
        let mut found = Diagnostics::default();
        let model = frontdesk_lang::compile(self.catalog.clone(), &files, &mut sources, &mut found);
        if found.has_errors() {
            return Err(render::text(&found.into_sorted(), &sources, false));
        }
        let plan = frontdesk_plan::plan(&model, &mut found);
        if found.has_errors() {
            return Err(render::text(&found.into_sorted(), &sources, false));
        }
        let mut endpoints = plan.bffs[0].endpoints.clone();
        endpoints.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(endpoints
            .into_iter()
            .map(|endpoint| Endpoint::provision(endpoint, &self.catalog).unwrap())
            .collect())
    }

    /// The answer's JSON, or why there is none.
    pub fn answer(&self, endpoint: &Endpoint, data: &str) -> Result<String, Cause> {
        self.answer_for(endpoint, data, None)
    }

    /// The same for a version of the client.
    pub fn answer_for(
        &self,
        endpoint: &Endpoint,
        data: &str,
        client_version: Option<Version>,
    ) -> Result<String, Cause> {
        let connector: Rc<dyn Connector> = Rc::new(Says(Bytes::copy_from_slice(data.as_bytes())));
        let connectors = Connectors::new(vec![connector]);
        let request = Request {
            params: &[],
            query: "",
            header: &|_| None,
            body: b"",
            session: Session { locale: "en-GB", currency: "EUR", identity: None },
            caller: None,
            trace: TraceContext::default(),
            client_version,
        };
        let mut out = Vec::new();
        let deadline = Deadline::after(now(), Duration::from_secs(10));
        let result = self.runtime.block_on(run(endpoint, &request, &connectors, deadline, &mut out));
        match result {
            Ok(_) => Ok(String::from_utf8(out).unwrap()),
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
