//! Nobody gets what was fetched for somebody else: random views with random `cache`, `lastGood()` and batches, asked by
//! several callers at once, over services that fail, are slow, and say in each answer whom it is for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    Answer, CallFuture, Caller, Connector, Deadline, Fault, ServiceCall, TraceContext, now,
};
use frontdesk_cache::State;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_engine::run::{Connectors, Endpoint, Identity, Request, Session, run};
use frontdesk_plan::Plan;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, LocalOptions};

use crate::scripted::Called;

const NAMES: [&str; 3] = ["alice", "bob", "carol"];

const BFF: &str = r#"import { bff, clientSecret, secret, session } from "frontdesk";
export default bff({
  client: "app", locales: ["en-GB"], currency: "EUR", limits: { latency: "200ms" },
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("S")) } }),
});
"#;

/// One call of a view.
#[derive(Clone, Debug)]
struct Call {
    /// To the service that is told who asks.
    mine: bool,
    shape: Shape,
    cache: Option<&'static str>,
    last_good: bool,
    literal: bool,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    One,
    List,
    Each,
}

#[derive(Clone, Debug)]
struct Asking {
    caller: usize,
    id: usize,
    /// After the one before, in milliseconds.
    later: u64,
}

fn call() -> impl Strategy<Value = Call> {
    let shape = prop_oneof![Just(Shape::One), Just(Shape::List), Just(Shape::Each)];
    let cache = prop::option::weighted(
        0.8,
        prop_oneof![
            Just(r#""100ms""#),
            Just(r#"{ ttl: "50ms", stale: "100ms", staleIfError: "1s" }"#),
            Just(r#"{ ttl: "20ms", stale: "1s", negative: "50ms", tags: ["t", `t:${id}`] }"#),
        ],
    );
    (any::<bool>(), shape, cache, any::<bool>(), any::<bool>())
        .prop_map(|(mine, shape, cache, last_good, literal)| Call { mine, shape, cache, last_good, literal })
}

fn asking() -> impl Strategy<Value = Asking> {
    let later = prop_oneof![4 => Just(0), 2 => 1..30_u64, 1 => 50..200_u64];
    (0..NAMES.len(), 0..2_usize, later).prop_map(|(caller, id, later)| Asking { caller, id, later })
}

fn view(calls: &[Call]) -> String {
    let mut out = String::from(
        "import { view, t, lastGood } from \"frontdesk\";\nimport { mine, shop } from \"frontdesk/services\";\n\
         export default view(\"GET /v/{id}\", { input: { id: t.string() }, load: ({ id }) => {\n",
    );
    let (mut own, mut others) = (String::new(), String::new());
    for (at, call) in calls.iter().enumerate() {
        let service = if call.mine { "mine" } else { "shop" };
        let cache = call.cache.map(|cache| format!(", cache: {cache}")).unwrap_or_default();
        let instead = if call.last_good { "otherwise: lastGood()" } else { "optional: true" };
        let options = format!("{{ {instead}{cache} }}");
        let id = if call.literal { "\"x\"" } else { "id" };
        let value = match call.shape {
            Shape::One => format!("[{service}.getProduct({{ productId: {id} }}, {options})?.title]"),
            Shape::List => {
                format!("({service}.similar({{ id: {id} }}, {options}) ?? []).map((p) => p.title)")
            }
            Shape::Each => format!(
                "[\"x\", \"y\", {id}, \"z\"].map((one) => {service}.getProduct({{ productId: one }}, {options})?.title)"
            ),
        };
        writeln!(out, "  const c{at} = {value};").unwrap();
        let list = if call.mine { &mut own } else { &mut others };
        write!(list, "c{at}, ").unwrap();
    }
    write!(out, "  return {{ mine: [{own}], shop: [{others}] }};\n}} }});\n").unwrap();
    out
}

fn compile(view: String) -> Plan {
    let shop = include_str!("../../testdata/shop/shop.openapi.yaml").to_owned();
    let batch =
        "batch: { getProduct: { with: batchGetProducts, ids: ids, items: items, key: id, limit: 3 } }";
    let config = format!(
        "services:\n  shop: {{ openapi: services/shop.openapi.yaml, url: \"http://shop.internal\", {batch} }}\n  \
         mine: {{ openapi: services/shop.openapi.yaml, url: \"http://mine.internal\", auth: user, {batch} }}\n\
         bffs:\n  app: {{ listen: \"127.0.0.1:7001\" }}\n"
    );
    let files = BTreeMap::from([
        ("frontdesk.yaml".to_owned(), config),
        ("services/shop.openapi.yaml".to_owned(), shop),
        ("bffs/app/bff.ts".to_owned(), BFF.to_owned()),
        ("bffs/app/views/v.ts".to_owned(), view),
    ]);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let catalog = Arc::new(frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics));
    let model = frontdesk_lang::compile(catalog, &files, &mut sources, &mut diagnostics);
    let plan = frontdesk_plan::plan(&model, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", render::text(&diagnostics.into_sorted(), &sources, false));
    plan
}

/// A service that says whom it answers, or `all`.
struct Says {
    mine: bool,
    rng: Rc<RefCell<fastrand::Rng>>,
}

impl Connector for Says {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(async move {
            let whom = call.caller.as_ref().filter(|_| self.mine).map_or_else(
                || "all".to_owned(),
                |caller| {
                    let known = NAMES.iter().find(|name| Called((**name).to_owned()).key() == caller.key());
                    (*known.unwrap()).to_owned()
                },
            );
            let (wait, end) = {
                let mut rng = self.rng.borrow_mut();
                (Duration::from_millis(rng.u64(0..60)), rng.u8(0..10))
            };
            if wait > deadline.remaining() {
                tokio::time::sleep_until(deadline.instant()).await;
                return Err(Fault::TimedOut);
            }
            tokio::time::sleep(wait).await;
            match end {
                0 => return Err(Fault::Failed { status: 503 }),
                1 => return Err(Fault::Rejected { status: 404 }),
                2 => return Err(Fault::Connect("refused".to_owned())),
                _ => {}
            }
            let product = |id: &str| json!({ "id": id, "title": whom });
            let target = String::from_utf8(call.target.clone()).unwrap();
            let json = match target.split_once("?ids=") {
                Some((_, ids)) => json!({ "items": ids.split([',']).map(product).collect::<Vec<_>>() }),
                None if target.starts_with("/similar/") => json!([product("p")]),
                None => product("p"),
            };
            Ok(Answer {
                status: 200,
                body: Bytes::from(json.to_string()),
                is_expected_type: true,
                headers: None,
            })
        })
    }
}

#[derive(Default)]
struct Seen {
    wrong: Vec<String>,
    own: usize,
    /// Answers that were not fetched for whoever got them.
    reused: usize,
}

fn play(calls: &[Call], askings: &[Asking], seed: u64) -> Seen {
    let text = view(calls);
    let plan = compile(text.clone());
    fastrand::seed(seed);
    let rng = Rc::new(RefCell::new(fastrand::Rng::with_seed(seed)));
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build_local(LocalOptions::default())
        .unwrap();
    runtime.block_on(async {
        let endpoint =
            Rc::new(Endpoint::provision(plan.bffs[0].endpoints[0].clone(), &plan.catalog).unwrap());
        let services = plan.catalog.services.iter();
        let connectors = services
            .map(|one| Rc::new(Says { mine: &*one.name == "mine", rng: rng.clone() }) as Rc<dyn Connector>);
        let connectors = Rc::new(Connectors::new(connectors.collect(), crate::pipeline::empty_cache()));
        let mut running = Vec::new();
        for Asking { caller, id, later } in askings.iter().cloned() {
            tokio::time::sleep(Duration::from_millis(later)).await;
            let (endpoint, connectors) = (endpoint.clone(), connectors.clone());
            running.push(tokio::task::spawn_local(async move {
                let who: Rc<dyn Caller> = Rc::new(Called(NAMES[caller].to_owned()));
                let session = format!("{{\"subject\":\"{}\"}}", NAMES[caller]);
                let request = Request {
                    params: &[("id", ["1", "2"][id])],
                    query: "",
                    header: &|_| None,
                    body: b"",
                    session: Session {
                        locale: "en-GB",
                        currency: "EUR",
                        identity: Some(Identity { session: session.as_bytes(), auth: b"{}" }),
                    },
                    caller: Some(&who),
                    client_headers: None,
                    trace: TraceContext::default(),
                    client_version: None,
                };
                let deadline = Deadline::after(now(), Duration::from_millis(150));
                let mut body = Vec::new();
                let outcome = run(&endpoint, &request, &connectors, deadline, &mut body).await;
                let outcome = outcome.map_err(|failure| format!("{:?}", failure.cause)).unwrap();
                (caller, serde_json::from_slice::<Json>(&body).unwrap(), outcome)
            }));
        }
        let mut seen = Seen::default();
        for one in running {
            let (caller, answer, outcome) = one.await.unwrap();
            let texts = |key: &str| {
                let lists = answer[key].as_array().unwrap().iter().flat_map(|list| list.as_array().unwrap());
                lists.filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>()
            };
            for whom in texts("mine") {
                seen.own += 1;
                if whom != NAMES[caller] {
                    seen.wrong.push(format!("{} got what is {whom}'s, of\n{text}", NAMES[caller]));
                }
            }
            if texts("shop").iter().any(|whom| whom != "all") {
                seen.wrong.push(format!("{answer}"));
            }
            let kept = outcome.calls.iter().filter_map(|record| record.cache);
            seen.reused += kept.filter(|used| used.state != State::Miss).count();
        }
        seen
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn nobody_gets_what_was_fetched_for_somebody_else(
        calls in prop::collection::vec(call(), 1..6),
        askings in prop::collection::vec(asking(), 2..30),
        seed: u64,
    ) {
        let seen = play(&calls, &askings, seed);
        prop_assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
    }
}

#[test]
fn answers_are_reused_in_that_play_at_all() {
    let call = |mine, last_good| Call {
        mine,
        shape: Shape::Each,
        cache: Some(r#""100ms""#),
        last_good,
        literal: true,
    };
    let asking = |at: usize| Asking { caller: at % 2, id: 0, later: (at as u64 % 3) * 10 };
    let seen = play(&[call(true, true), call(false, false)], &(0..40).map(asking).collect::<Vec<_>>(), 1);
    assert_eq!(seen.wrong, Vec::<String>::new());
    assert!(seen.own > 100 && seen.reused > 40, "{} of their own, {} reused", seen.own, seen.reused);
}
