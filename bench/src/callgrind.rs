//! User instructions and allocations a request, counted by valgrind's callgrind: they do not move with the
//! neighbours. Each server is run twice with different numbers of requests; the difference is the requests'.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::contenders::{Running, start};
use crate::load::{self, Target};
use crate::workloads::{Contender, WORKLOADS};
use crate::{Flags, Services, selected};

const WARM_UP: u64 = 10;
const FEW: u64 = 40;
const MANY: u64 = 140;

/// By workload and row: `instructions_per_req` and `allocations_per_req`.
pub type Counts = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

pub async fn count(flags: &Flags, services: &Services) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for workload in selected(flags) {
        for entry in workload.entries {
            let wanted = match entry.by {
                Contender::Frontdesk | Contender::FrontdeskSession => true,
                Contender::Axum | Contender::AxumCurrentThread => !flags.check,
                // A just-in-time compiler's instructions under an emulator say nothing; what runs in processes of
                // its own is not counted.
                Contender::Fastify | Contender::FastifySession => false,
                Contender::Nginx | Contender::NginxFiles | Contender::Apache | Contender::Envoy => false,
            };
            if !wanted {
                continue;
            }
            let begin = async |wrapper: &[&str]| start(flags, services, entry.by, None, wrapper).await;
            let (instructions, allocations) = a_request(entry.path, None, begin).await?;
            let row = BTreeMap::from([
                ("instructions_per_req".to_owned(), json!(instructions)),
                ("allocations_per_req".to_owned(), json!(allocations)),
            ]);
            eprintln!(
                "{:<17} {:<18} {:>9} instructions, {:>4} allocations a request",
                workload.name, entry.row, row["instructions_per_req"], row["allocations_per_req"]
            );
            counts.entry(workload.name.to_owned()).or_default().insert(entry.row.to_owned(), row);
        }
    }
    Ok(counts)
}

/// Instructions and allocations of a request for `path`, with `body` if one is posted, to what `begin` starts under the
/// words that it is given.
pub async fn a_request(
    path: &str,
    body: Option<&'static str>,
    begin: impl AsyncFn(&[&str]) -> anyhow::Result<Running>,
) -> anyhow::Result<(u64, u64)> {
    let few = totals(path, body, FEW, &begin).await?;
    let many = totals(path, body, MANY, &begin).await?;
    let per = |a: u64, b: u64| b.saturating_sub(a) / (MANY - FEW);
    Ok((per(few.0, many.0), per(few.1, many.1)))
}

/// Instructions and allocations of one whole life with so many requests.
async fn totals(
    path: &str,
    body: Option<&'static str>,
    requests: u64,
    begin: &impl AsyncFn(&[&str]) -> anyhow::Result<Running>,
) -> anyhow::Result<(u64, u64)> {
    let out = std::env::temp_dir().join(format!("frontdesk-bench-{}.callgrind", std::process::id()));
    let file = format!("--callgrind-out-file={}", out.display());
    let running = begin(&["valgrind", "-q", "--tool=callgrind", &file]).await?;
    let target = Target { body, ..running.target(path) };
    // The first requests load what is loaded once, fifty times slower than usual: they may run out of time.
    load::sequential(&target, WARM_UP, 1).await;
    // Under the emulator an optional call may be cut that is not otherwise; ids repeat between the two runs.
    let measured = load::sequential(&target, requests, 1 + WARM_UP).await;
    if measured.failures > 0 {
        bail!("{} of {requests} requests failed under callgrind", measured.failures);
    }
    running.server.stop()?;
    let counted = read(&out);
    let _ = std::fs::remove_file(&out);
    counted
}

/// The file's total, and the calls of allocating functions.
fn read(file: &Path) -> anyhow::Result<(u64, u64)> {
    let text = std::fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut total, mut allocations, mut callee) = (None, 0, "");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")) {
            total = rest.split_whitespace().next().and_then(|n| n.parse().ok()).or(total);
        } else if let Some(function) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            // `(12) name` the first time, `(12)` afterwards.
            let (id, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(id, name);
            }
            if line.starts_with('c') {
                callee = names.get(id).copied().unwrap_or_default();
            }
        } else if let Some(calls) = line.strip_prefix("calls=").filter(|_| is_allocation(callee)) {
            allocations += calls.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok((total.context("callgrind gave no total")?, allocations))
}

/// mimalloc's entry points, as both Rust programs call them.
fn is_allocation(function: &str) -> bool {
    matches!(
        function.split(['\'', '@']).next().unwrap_or_default(),
        "mi_malloc"
            | "mi_malloc_aligned"
            | "mi_zalloc"
            | "mi_zalloc_aligned"
            | "mi_realloc"
            | "mi_realloc_aligned"
    )
}

/// Compares with the gates.
pub fn check(counts: &Counts) -> anyhow::Result<()> {
    let mut over = Vec::new();
    for workload in WORKLOADS {
        for (row, gate) in workload.gates {
            let counted = counts.get(workload.name).and_then(|rows| rows.get(*row));
            let Some(got) = counted.and_then(|row| row["instructions_per_req"].as_u64()) else { continue };
            println!("{:<17} {row:<12} {got:>9} of {gate:>9} instructions a request", workload.name);
            if got > *gate {
                over.push(workload.name);
            }
        }
    }
    if over.is_empty() { Ok(()) } else { bail!("over the gate: {}", over.join(", ")) }
}
