//! Whole requests: a workspace, what its services say, requests, and what clients get.
//!
//! Each folder of `testdata/run` is a case: `case.yaml` (the services' answers and the requests), one or more views
//! and actions as `*.ts`, `expected.txt`. `bff.ts` may stand beside them; the services are those of
//! `testdata/shop`. `UPDATE=1` writes `expected.txt`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Caller, Connector, Deadline, Fault, TraceContext, now};
use frontdesk_cache::Cache;
use frontdesk_contract::Contract;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_engine::outcome::{Occurrence, ProblemDetails, degraded_header};
use frontdesk_engine::run::{Connectors, Endpoint, Identity, Request, Session, run};
use frontdesk_lang::model::RoutePart;
use frontdesk_plan::{EndpointPlan, Plan, StepId, StepKind};
use frontdesk_types::{Date, Version};
use serde_json::Value as Json;
use tokio::runtime::LocalOptions;

use crate::scripted::{Answers, Called, Log, Scripted};

const BFF: &str = r#"import { bff } from "frontdesk";
export default bff({ client: "app", locales: ["en-GB", "de-DE"], currency: "EUR", limits: { latency: "200ms" } });
"#;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The shop, with the case's BFF.
fn workspace(case: &Path) -> BTreeMap<String, String> {
    let shop = testdata().join("shop");
    let mut files = BTreeMap::from([
        ("frontdesk.yaml".to_owned(), read(&shop.join("frontdesk.yaml"))),
        ("services/shop.openapi.yaml".to_owned(), read(&shop.join("shop.openapi.yaml"))),
        ("bffs/app/bff.ts".to_owned(), BFF.to_owned()),
    ]);
    for entry in std::fs::read_dir(case).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "bff.ts" {
            files.insert("bffs/app/bff.ts".to_owned(), read(&path));
        } else if Date::parse(name.trim_end_matches(".ts")).is_some() {
            files.insert(format!("bffs/app/versions/{name}"), read(&path));
        } else if path.extension().is_some_and(|extension| extension == "ts") {
            let text = read(&path);
            let folder = if text.contains("export default action(") { "actions" } else { "views" };
            files.insert(format!("bffs/app/{folder}/{name}"), text);
        }
    }
    files
}

fn compile(case: &Path) -> (Plan, Contract) {
    let files = workspace(case);
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let catalog = Arc::new(frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics));
    let model = frontdesk_lang::compile(catalog, &files, &mut sources, &mut diagnostics);
    let plan = frontdesk_plan::plan(&model, &mut diagnostics);
    let contract = frontdesk_contract::infer(&model, &plan, "app", None, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", render::text(&diagnostics.into_sorted(), &sources, false));
    (plan, contract)
}

/// The values of the route's parameters, if the path fits.
fn matched<'p>(plan: &'p EndpointPlan, path: &'p str) -> Option<Vec<(&'p str, &'p str)>> {
    let mut rest = path;
    let mut params = Vec::new();
    for part in &plan.route {
        match part {
            RoutePart::Literal(text) => rest = rest.strip_prefix(&**text)?,
            RoutePart::Param(name) => {
                let (value, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                params.push((&**name, value));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(params)
}

fn label(plan: &EndpointPlan, step: StepId) -> String {
    match &plan.steps[step.0 as usize].kind {
        StepKind::Call(call) => call.label.to_string(),
        StepKind::Each(each) => each.call.label.to_string(),
        _ => panic!("{step:?} is no call"),
    }
}

/// Answers one request of a case; what the client and the services saw.
async fn answered(
    plan: &Plan,
    contract: &Contract,
    written: &Json,
    common: &Answers,
    cache: &Arc<Cache>,
) -> String {
    // Of everything that was begun before: a refresh that nobody waits for ends in it.
    let later = Duration::from_millis(written["later"].as_u64().unwrap_or(0));
    tokio::time::sleep(later).await;
    let purged = written["purge"].as_array().into_iter().flatten();
    cache.purge(&purged.filter_map(Json::as_str).collect::<Vec<_>>());
    let line = written.as_str().or(written["request"].as_str()).unwrap();
    let mut out = String::new();
    if let Some(why) = written["why"].as_str() {
        writeln!(out, "# {why}").unwrap();
    }
    writeln!(out, "{line}").unwrap();
    for key in ["client", "date"] {
        if let Some(version) = written[key].as_str() {
            writeln!(out, "{key}: {version}").unwrap();
        }
    }
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (endpoint, params) = plan.bffs[0]
        .endpoints
        .iter()
        .filter(|endpoint| &*endpoint.method == method)
        .find_map(|endpoint| Some((endpoint, matched(endpoint, path)?)))
        .unwrap_or_else(|| panic!("no endpoint for {line}"));
    let date = written["date"].as_str().and_then(Date::parse);
    let dated = endpoint.dated.iter().find(|(of, _)| Some(*of) == date);
    let endpoint = match dated {
        Some((_, Some(dated))) => dated,
        Some((_, None)) => return out + "not there on that date\n",
        None => endpoint,
    };

    let mut answers = common.clone();
    for (key, answer) in written["answers"].as_object().into_iter().flatten() {
        answers.insert(key.clone(), answer.clone());
    }
    let (answers, log) = (Rc::new(answers), Rc::new(Log::new()));
    let connectors = plan.catalog.services.iter().map(|service| {
        let scripted =
            Scripted { service: service.name.to_string(), answers: answers.clone(), log: log.clone() };
        Rc::new(scripted) as Rc<dyn Connector>
    });
    let connectors = Connectors::new(connectors.collect(), cache.clone());
    let ready = Endpoint::provision(endpoint.clone(), &plan.catalog).unwrap();

    let headers = &written["headers"];
    let text = |key: &str| written["identity"][key].is_object().then(|| written["identity"][key].to_string());
    let identity = text("session").zip(text("auth"));
    let caller = written["caller"].as_str().map(|name| Rc::new(Called(name.to_owned())) as Rc<dyn Caller>);
    let request = Request {
        params: &params,
        query,
        header: &|name| headers[name].as_str().map(str::as_bytes),
        body: written["body"].as_str().unwrap_or_default().as_bytes(),
        session: Session {
            locale: written["locale"].as_str().unwrap_or("en-GB"),
            currency: "EUR",
            identity: identity
                .as_ref()
                .map(|(session, auth)| Identity { session: session.as_bytes(), auth: auth.as_bytes() }),
        },
        caller: caller.as_ref(),
        client_headers: None,
        trace: TraceContext::default(),
        client_version: written["client"].as_str().and_then(Version::parse),
    };
    let deadline = Deadline::after(now(), endpoint.latency);
    let mut body = Vec::new();
    let patience = Duration::from_millis(written["client-leaves-after"].as_u64().unwrap_or(60_000));
    let result = {
        let running = run(&ready, &request, &connectors, deadline, &mut body);
        tokio::time::timeout(patience, running).await
    };
    let took = log.took();
    let records = match &result {
        Ok(Ok(outcome)) => outcome.calls.clone(),
        Ok(Err(failure)) => failure.calls.clone(),
        Err(_) => Vec::new(),
    };
    match result {
        Err(_) => writeln!(out, "the client left after {took} ms").unwrap(),
        Ok(Ok(outcome)) => {
            writeln!(out, "200 after {took} ms").unwrap();
            let entries: Vec<_> = outcome
                .degraded
                .iter()
                .map(|entry| (label(endpoint, entry.step), entry.reason, entry.age))
                .collect();
            if let Some(header) =
                degraded_header(entries.iter().map(|(label, reason, age)| (&**label, *reason, *age)))
            {
                writeln!(out, "frontdesk-degraded: {header}").unwrap();
            }
        }
        Ok(Err(failure)) => {
            assert!(body.is_empty(), "a failure leaves no half answer");
            let problem = failure.problem();
            writeln!(out, "{} after {took} ms", problem.status).unwrap();
            // An older date may throw what today's contract does not know.
            if date.is_none() {
                assert!(
                    is_declared(contract, method, endpoint, &problem),
                    "{line}: {problem:?} is not in the contract"
                );
            }
            if let Some(after) = problem.retry_after {
                writeln!(out, "retry-after: {}", after.as_secs()).unwrap();
            }
            problem.write(Occurrence::default(), &mut body);
            if let frontdesk_engine::outcome::Cause::Internal(why) = &failure.cause {
                writeln!(out, "internal: {why}").unwrap();
            }
        }
    }
    if !body.is_empty() {
        // Short answers on one line, as they were sent.
        let text = match String::from_utf8(body).unwrap() {
            text if text.len() <= 100 => text,
            text => serde_json::to_string_pretty(&serde_json::from_str::<Json>(&text).unwrap()).unwrap(),
        };
        writeln!(out, "{text}").unwrap();
    }
    let calls = log.text();
    if !calls.is_empty() {
        writeln!(out, "calls:\n{}", calls.trim_end()).unwrap();
    }
    for record in &records {
        if let Some(used) = record.cache {
            let (label, age) = (label(endpoint, record.step), used.age.as_millis());
            let detail = used.detail.map(|detail| format!(" {detail:?}")).unwrap_or_default();
            writeln!(out, "cache: {label}: {}{detail}, {age} ms old", used.state).unwrap();
        }
    }
    // What services cannot know: that their answer was of no use.
    for record in records {
        if let Some(fault @ Fault::Malformed { .. }) = &record.fault {
            writeln!(out, "log: {}: {fault}", label(endpoint, record.step)).unwrap();
        }
    }
    out
}

fn is_declared(contract: &Contract, method: &str, plan: &EndpointPlan, problem: &ProblemDetails<'_>) -> bool {
    let path: String = plan
        .route
        .iter()
        .map(|part| match part {
            RoutePart::Literal(text) => text.to_string(),
            RoutePart::Param(name) => format!("{{{name}}}"),
        })
        .collect();
    let operation = contract.operations.iter().find(|of| *of.method == *method && *of.path == *path).unwrap();
    operation.problems.iter().any(|known| known.status == problem.status && *known.code == *problem.code)
}

/// What stands still while anything runs.
fn paused() -> tokio::runtime::LocalRuntime {
    let mut clock = tokio::runtime::Builder::new_current_thread();
    clock.enable_time().start_paused(true).build_local(LocalOptions::default()).unwrap()
}

/// Every way in which a service can fail, as a case writes it.
fn failures() -> Vec<Json> {
    let faults = ["connect", "broken", "too-large", "shed", "open"];
    let statuses = [400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 501, 502, 503, 504, 599];
    let garbled = ["", "[]", "null", "{", "{}", "7", "\"x\""];
    let faults = faults.iter().map(|fault| serde_json::json!({ "fault": fault }));
    let statuses = statuses.iter().map(|status| serde_json::json!({ "status": status }));
    let garbled = garbled.iter().map(|raw| serde_json::json!({ "raw": raw }));
    let late = serde_json::json!({ "never": true });
    faults.chain(statuses).chain(garbled).chain([late]).collect()
}

/// Whatever a service does, the client gets a problem that the contract names, or an answer.
#[test]
fn every_failure_of_a_service_is_a_problem_of_the_contract() {
    let mut count = 0;
    for case in std::fs::read_dir(testdata().join("run")).unwrap().map(|entry| entry.unwrap().path()) {
        let written: Json = serde_saphyr::from_str(&read(&case.join("case.yaml"))).unwrap();
        let common: Answers =
            written["answers"].as_object().cloned().unwrap_or_default().into_iter().collect();
        let (plan, contract) = compile(&case);
        for request in written["requests"].as_array().unwrap() {
            let own = request["answers"].as_object().cloned().unwrap_or_default();
            for key in common.keys().chain(own.keys()) {
                for failure in failures() {
                    let mut request = request.clone();
                    if !request.is_object() {
                        request = serde_json::json!({ "request": request });
                    }
                    request["answers"] = Json::Object(own.clone());
                    request["answers"][key] = failure;
                    let cache = crate::pipeline::empty_cache();
                    paused().block_on(answered(&plan, &contract, &request, &common, &cache));
                    count += 1;
                }
            }
        }
    }
    assert!(count > 2000, "only {count} failures");
}

#[test]
fn requests_are_answered_as_expected() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut cases: Vec<_> =
        std::fs::read_dir(testdata().join("run")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut count = 0;
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.to_string_lossy().contains(&wanted)) {
        let written: Json = serde_saphyr::from_str(&read(&case.join("case.yaml")))
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let answers: Answers =
            written["answers"].as_object().cloned().unwrap_or_default().into_iter().collect();
        let (plan, contract) = compile(case);
        let mut got = Vec::new();
        let (runtime, cache) = (paused(), crate::pipeline::empty_cache());
        for request in written["requests"].as_array().unwrap() {
            got.push(runtime.block_on(answered(&plan, &contract, request, &answers, &cache)));
            count += 1;
        }
        let (path, got) = (case.join("expected.txt"), got.join("\n"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &got).unwrap();
        } else if read(&path) != got {
            wrong.push(format!("{}:\n{got}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 writes the files):\n{}", wrong.join("\n"));
    assert!(!wanted.is_empty() || count >= 50, "only {count} requests");
}
