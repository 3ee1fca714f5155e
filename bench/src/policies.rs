//! `--policies`: what each policy costs when it is switched on, in user instructions of a request, one by one.
//!
//! The view is that of the workload `checkout-summary`: five calls. What is switched on is written into a copy of the
//! workspace, for each of its services alike, and Frontdesk is started anew for each row.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::contenders::{Folder, Running, frontdesk};
use crate::process::{Server, free_port};
use crate::{Flags, Services, callgrind};

/// One thing that is switched on.
struct Policy {
    name: &'static str,
    about: &'static str,
    /// What each service says beside what it is and where, with `{{url}}` for its address; the rest is [`OFF`].
    settings: &'static [&'static str],
    at: Places,
    /// What is otherwise in the view, or in the action if something is posted.
    view: &'static [(&'static str, &'static str)],
    path: &'static str,
    /// What is posted.
    body: Option<&'static str>,
    /// What the workspace says besides.
    workspace: &'static str,
}

/// Where the services are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Places {
    One,
    Two,
}

/// Of a service with nothing on; each row takes away what it switches on.
const OFF: [(&str, &str); 4] =
    [("breaker", "off"), ("outliers", "off"), ("retries", "0"), ("bulkhead", "2048")];

/// Another cart with each request; services are asked for what nobody has asked for before.
const EACH: &str = "/v2/mobile/checkout-summary?cartId=c{id}";
/// The same cart each time.
const SAME: &str = "/v2/mobile/checkout-summary?cartId=c7";

const KEPT: &[(&str, &str)] = &[
    ("getCart({ cartId })", "getCart({ cartId }, { cache: \"1h\" })"),
    ("within: \"150ms\", optional: true", "within: \"150ms\", optional: true, cache: \"1h\""),
    ("within: \"50ms\", otherwise: []", "within: \"50ms\", otherwise: [], cache: \"1h\""),
    ("(line) => line.productId) });", "(line) => line.productId) }, { cache: \"1h\" });"),
    ("${line.quantity}`),\n    });", "${line.quantity}`),\n    }, { cache: \"1h\" });"),
];

const LAST_GOOD: &[(&str, &str)] = &[
    ("import { image, ", "import { image, lastGood, "),
    ("optional: true", "otherwise: lastGood()"),
    ("otherwise: []", "otherwise: lastGood([])"),
];

/// What books a delivery: a call that writes.
const ACTION: &str = r#"import { action, t } from "frontdesk";
import { shipping } from "frontdesk/services";

export default action("POST /book", {
  summary: "Books a delivery",
  input: { cartId: t.string().max(64) },
  run: ({ cartId }) => ({ id: shipping.bookDelivery({ cartId, optionId: "express" }).id }),
});
"#;

const KEYS: &[(&str, &str)] = &[("  run:", "  idempotency: \"required\",\n  run:")];

const WHOLE: &[(&str, &str)] = &[(
    "input: { cartId: t.string().max(64) },",
    "input: { cartId: t.string().max(64) },\n  cache: { public: \"1h\" },",
)];

const BULKHEAD: &[(&str, &str)] =
    &[("input: { cartId: t.string().max(64) },", "input: { cartId: t.string().max(64) },\n  bulkhead: 64,")];

const POLICIES: &[Policy] = &[
    row("nothing", "every policy off, one endpoint, `bulkhead: 2048`", &[], EACH),
    row(
        "retries",
        "`retries: { most: 2, budget: 20% }`; none is made",
        &["retries: { most: 2, budget: 20% }"],
        EACH,
    ),
    row("hedge", "`hedge: p95`; with those second attempts that are made", &["hedge: p95"], EACH),
    row("breaker", "of the service and of each operation", &["breaker: { failures: 50% }"], EACH),
    row("outliers", "of one endpoint", &["outliers: { failures: 5 }"], EACH),
    row("adaptive", "`bulkhead: adaptive`", &["bulkhead: adaptive"], EACH),
    Policy { at: Places::Two, ..row("two endpoints", "the less loaded one of two", &[], EACH) },
    Policy { at: Places::Two, ..row("hash", "two endpoints, `balance: hash`", &["balance: hash"], EACH) },
    row(
        "canary",
        "`traffic`: 10 % of the calls go to another version",
        &["traffic: { versions: { v2: { url: \"{{url}}\" } }, routes: [ { to: v2, share: 10% } ] }"],
        EACH,
    ),
    row(
        "canary by header",
        "`traffic`: a header decides",
        &["traffic: { versions: { v2: { url: \"{{url}}\" } }, routes: [ { to: v2, header: x-canary } ] }"],
        EACH,
    ),
    row(
        "mirror",
        "10 % of the calls a second time, answers compared",
        &[
            "traffic: { versions: { v2: { url: \"{{url}}\" } }, mirror: { to: v2, share: 10%, compare: true } }",
        ],
        EACH,
    ),
    Policy { view: BULKHEAD, ..row("view bulkhead", "`bulkhead: 64` of the view", &[], EACH) },
    Policy { view: LAST_GOOD, ..row("lastGood", "of two calls, which succeed", &[], EACH) },
    Policy {
        view: KEPT,
        ..row("call cache, miss", "`cache: \"1h\"` of all five calls, another cart each time", &[], EACH)
    },
    Policy { view: KEPT, ..row("call cache, hit", "the same, one cart: no service is asked", &[], SAME) },
    Policy {
        view: WHOLE,
        ..row("view cache, miss", "`cache: { public: \"1h\" }`, another cart each time", &[], EACH)
    },
    Policy { view: WHOLE, ..row("view cache, hit", "the same, one cart: the plan does not run", &[], SAME) },
    row(
        "as delivered",
        "nothing written: breaker, outliers, adaptive bound",
        &["breaker: { failures: 50% }", "outliers: { failures: 5 }", "bulkhead: adaptive"],
        EACH,
    ),
    Policy {
        at: Places::Two,
        ..row(
            "all of a service's",
            "the same with retries, `hedge: p95` and two endpoints",
            &[
                "breaker: { failures: 50% }",
                "outliers: { failures: 5 }",
                "bulkhead: adaptive",
                "retries: { most: 2, budget: 20% }",
                "hedge: p95",
            ],
            EACH,
        )
    },
    booking("an action", "another one: a body read, a call that writes", &[]),
    Policy {
        workspace: "stores: { idempotency: memory }\n",
        ..booking(
            "idempotency",
            "the same with `idempotency: \"required\"`, each time another key, kept in memory",
            KEYS,
        )
    },
    booking("idempotency, on disk", "as delivered: two transactions of the embedded store", KEYS),
];

const fn booking(
    name: &'static str,
    about: &'static str,
    edits: &'static [(&'static str, &'static str)],
) -> Policy {
    Policy { view: edits, body: Some("{\"cartId\":\"c{id}\"}"), ..row(name, about, &[], "/book") }
}

const fn row(
    name: &'static str,
    about: &'static str,
    settings: &'static [&'static str],
    path: &'static str,
) -> Policy {
    Policy { name, about, settings, at: Places::One, view: &[], path, body: None, workspace: "" }
}

/// Counts every row, and writes `policies.json` and `policies.md`.
pub async fn measure(flags: &Flags, services: &Services) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for policy in
        POLICIES.iter().filter(|policy| flags.only.as_deref().is_none_or(|only| only == policy.name))
    {
        let begin = async |wrapper: &[&str]| start(flags, services, policy, wrapper);
        let counted = callgrind::a_request(policy.path, policy.body, begin).await;
        let (instructions, allocations) = counted.with_context(|| policy.name)?;
        eprintln!(
            "{:<18} {instructions:>9} instructions, {allocations:>4} allocations a request",
            policy.name
        );
        rows.push((policy, instructions, allocations));
    }
    if flags.only.is_some() {
        return Ok(());
    }
    let first = |is_post| rows.iter().find(|(policy, ..)| policy.body.is_some() == is_post);
    let (base, of_actions) = (first(false).map(|row| row.1), first(true).map(|row| row.1));
    let mut table = String::from(
        "# What each policy costs\n\n`bench/run --policies` wrote this page: user instructions and allocations of one request of \
         `checkout-summary` (five calls), counted by callgrind, with one policy on at a time, for each of the five services. Runs agree \
         within half a percent; the last rows are an action's.\n\n| on | what | instructions | beside nothing | allocations |\n|---|---|--:|--:|--:|\n",
    );
    let mut all = BTreeMap::new();
    for (policy, instructions, allocations) in rows {
        let base = if policy.body.is_some() { of_actions } else { base }.unwrap_or(instructions);
        let more = instructions.cast_signed() - base.cast_signed();
        let share = more as f64 / base as f64 * 100.0;
        let _ = writeln!(
            table,
            "| {} | {} | {instructions} | {more:+} ({share:+.1} %) | {allocations} |",
            policy.name, policy.about
        );
        let row: Value = json!({ "instructions_per_req": instructions, "allocations_per_req": allocations });
        all.insert(policy.name, row);
    }
    print!("{table}");
    let results = flags.results();
    std::fs::write(results.join("policies.md"), table)?;
    std::fs::write(results.join("policies.json"), format!("{:#}\n", json!({ "policies": all })))?;
    Ok(())
}

fn start(flags: &Flags, services: &Services, policy: &Policy, wrapper: &[&str]) -> anyhow::Result<Running> {
    let port = free_port()?;
    let folder = Folder::copy(&flags.home.join("workspace"), &port.to_string())?;
    write(policy, services, folder.path())?;
    let mut words: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
    let none = Services { _running: Vec::new(), urls: BTreeMap::new() };
    words.extend(frontdesk(&flags.bin, folder.path(), port, &none)?);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let server = Server::start(policy.name, port, None, &words)?;
    Ok(Running::unsigned(server, Some(folder)))
}

/// Writes into a copy of the workspace where its services are, and what is on.
fn write(policy: &Policy, services: &Services, workspace: &Path) -> anyhow::Result<()> {
    let file = workspace.join("frontdesk.yaml");
    let mut yaml = std::fs::read_to_string(&file)?;
    for (name, url) in &services.urls {
        // `  name: { …, url: http://…, …, bulkhead: 2048 }`, on one line or more.
        let Some(at) = yaml.find(&format!("\n  {name}:")) else { continue };
        let (before, rest) = yaml.split_at(at);
        let (before_url, rest) = rest.split_once("url: ").context("a service has an address")?;
        let (_, after) = rest.split_at(rest.find([',', '\n']).unwrap_or(rest.len()));
        let places = match policy.at {
            Places::One => url.clone(),
            Places::Two => format!("[ {url}, {} ]", url.replace("127.0.0.1", "localhost")),
        };
        let after = after.replacen("bulkhead: 2048", &settings(policy, url), 1);
        yaml = format!("{before}{before_url}url: {places}{after}");
    }
    std::fs::write(file, yaml + policy.workspace)?;
    let (file, mut view) = if policy.body.is_some() {
        let folder = workspace.join("bffs/bench/actions");
        std::fs::create_dir_all(&folder)?;
        (folder.join("book.ts"), ACTION.to_owned())
    } else {
        let file = workspace.join("bffs/bench/views/checkout-summary.ts");
        let view = std::fs::read_to_string(&file)?;
        (file, view)
    };
    for (was, is) in policy.view {
        ensure!(view.contains(was), "`{}`: there is no `{was}`", policy.name);
        view = view.replace(was, is);
    }
    Ok(std::fs::write(file, view)?)
}

fn settings(policy: &Policy, url: &str) -> String {
    let is_on = |key: &str| policy.settings.iter().any(|on| on.split(':').next() == Some(key));
    let off = OFF.iter().filter(|(key, _)| !is_on(key)).map(|(key, value)| format!("{key}: {value}"));
    let on = policy.settings.iter().map(|on| on.replace("{{url}}", url));
    on.chain(off).collect::<Vec<_>>().join(", ")
}
