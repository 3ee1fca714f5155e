//! `make bench`: Frontdesk side by side with hand-written servers and other proxies, in one run.
//!
//! The contender under measurement has core 0 to itself; services and the load generator share core 1. Rounds are
//! interleaved, so that a busy neighbour hits everyone; medians are reported. `--check` counts instructions only,
//! `--policies` what each policy adds to them. `--only soak` compares nobody: see [`soak`].

mod callgrind;
mod contenders;
mod growth;
mod load;
mod login;
mod policies;
mod process;
mod report;
mod soak;
mod workloads;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::runtime::LocalOptions;

use contenders::{Running, start};
use load::Target;
use process::{Server, free_port, word};
use workloads::{Contender, Entry, WORKLOADS, Workload};

/// The core of the contender, and of everything else.
const CONTENDER_CORE: usize = 0;
const OTHER_CORE: usize = 1;

struct Flags {
    /// Where the built programs are.
    bin: PathBuf,
    /// The folder of this crate.
    home: PathBuf,
    rounds: usize,
    seconds: f64,
    only: Option<String>,
    check: bool,
    policies: bool,
    growth: bool,
    /// How long `--only soak` is, and how many requests a second it makes.
    soak_seconds: f64,
    rate: f64,
    /// Contenders have a core of their own.
    pinned: bool,
    /// Where results go, if not to those that are kept.
    results: Option<PathBuf>,
}

impl Flags {
    fn results(&self) -> PathBuf {
        self.results.clone().unwrap_or_else(|| self.home.join("results"))
    }
}

fn flags() -> anyhow::Result<Flags> {
    let mut flags = Flags {
        bin: PathBuf::new(),
        home: PathBuf::from("bench"),
        rounds: 5,
        seconds: 3.0,
        only: None,
        check: false,
        policies: false,
        growth: true,
        soak_seconds: soak::seconds_asked_for()?,
        rate: soak::RATE,
        pinned: true,
        results: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let mut value = || words.next().with_context(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--bin" => flags.bin = value()?.into(),
            "--home" => flags.home = value()?.into(),
            "--rounds" => flags.rounds = value()?.parse()?,
            "--seconds" => flags.seconds = value()?.parse()?,
            "--only" => flags.only = Some(value()?),
            "--check" => flags.check = true,
            "--policies" => flags.policies = true,
            "--rate" => flags.rate = value()?.parse()?,
            "--unpinned" => flags.pinned = false,
            "--results" => flags.results = Some(value()?.into()),
            "--no-growth" => flags.growth = false,
            _ => bail!("unknown flag {flag}"),
        }
    }
    Ok(flags)
}

fn main() -> anyhow::Result<()> {
    let flags = flags()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    runtime.block_on(run(&flags))
}

async fn run(flags: &Flags) -> anyhow::Result<()> {
    if flags.only.as_deref() == Some("soak") {
        return soak::run(flags).await;
    }
    let services = Services::start(flags)?;
    if flags.policies {
        return policies::measure(flags, &services).await;
    }
    let instructions = callgrind::count(flags, &services).await?;
    if flags.check {
        return callgrind::check(&instructions);
    }
    let mut results = measure(flags, &services).await?;
    for (workload, rows) in instructions {
        for (row, counts) in rows {
            results.row(&workload, &row).extend(counts);
        }
    }
    let growth = if flags.growth { growth::measure(flags, &services).await? } else { Value::Null };
    report::write(&flags.results(), results.0, growth)
}

/// The services all contenders call, on the core that is not measured.
struct Services {
    _running: Vec<Server>,
    /// Base URLs by name.
    urls: BTreeMap<String, String>,
}

impl Services {
    fn start(flags: &Flags) -> anyhow::Result<Self> {
        let (harbor, mut urls) = harbor(flags)?;
        let port = free_port()?;
        let program = flags.bin.join("things");
        let things = Server::start("things", port, Some(OTHER_CORE), &[word(&program)?, &port.to_string()])?;
        for name in ["things", "batched"] {
            urls.insert(name.to_owned(), format!("http://127.0.0.1:{port}"));
        }
        Ok(Self { _running: vec![harbor, things], urls })
    }
}

/// Harbor's services say on their first line where they are.
fn harbor(flags: &Flags) -> anyhow::Result<(Server, BTreeMap<String, String>)> {
    let program = flags.bin.join("harbor-services");
    let mut child = Command::new("taskset")
        .args(["-c", &OTHER_CORE.to_string(), word(&program)?, "--port-base", "0", "--until-stdin-ends"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start harbor-services")?;
    let stdout: ChildStdout = child.stdout.take().context("harbor-services has no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let said: Value = serde_json::from_str(&line)?;
    let urls: BTreeMap<String, String> = serde_json::from_value(said["services"].clone())?;
    Ok((Server::adopt("harbor-services", child), urls))
}

/// Measured values by workload and row.
struct Results(BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>);

impl Results {
    fn row(&mut self, workload: &str, row: &str) -> &mut BTreeMap<String, Value> {
        self.0.entry(workload.to_owned()).or_default().entry(row.to_owned()).or_default()
    }
}

async fn measure(flags: &Flags, services: &Services) -> anyhow::Result<Results> {
    let mut results = Results(BTreeMap::new());
    let mut next_id = 1;
    for workload in selected(flags) {
        // Fresh processes for each workload: memory is that of the workload alone.
        let mut contenders: BTreeMap<Contender, Running> = BTreeMap::new();
        for Entry { by, .. } in workload.entries {
            if !contenders.contains_key(by) {
                contenders.insert(*by, start(flags, services, *by, Some(CONTENDER_CORE), &[]).await?);
            }
        }
        compare(workload, &contenders).await?;
        let mut samples: BTreeMap<&str, Vec<BTreeMap<&str, f64>>> = BTreeMap::new();
        for round in 0..=flags.rounds {
            for entry in workload.entries {
                let running = &contenders[&entry.by];
                let target = running.target(entry.path);
                let time = Duration::from_secs_f64(flags.seconds);
                let sample = sample(&running.server, &target, workload.rate, time, &mut next_id).await?;
                // The first round warms everyone up.
                if round > 0 {
                    eprintln!(
                        "{} {round}/{}  {:<18} {:7.1} us/request  {:7.0} requests/s",
                        workload.name, flags.rounds, entry.row, sample["cpu_us_per_req"], sample["req_per_s"]
                    );
                    samples.entry(entry.row).or_default().push(sample);
                }
            }
        }
        for (row, samples) in samples {
            let medians = medians(&samples);
            results
                .row(workload.name, row)
                .extend(medians.into_iter().map(|(k, v)| (k.to_owned(), json!(v))));
        }
        for entry in workload.entries {
            let peak = contenders[&entry.by].server.peak_mib()?;
            results.row(workload.name, entry.row).insert("peak_mib".into(), json!(peak));
        }
    }
    Ok(results)
}

fn selected(flags: &Flags) -> impl Iterator<Item = &'static Workload> {
    WORKLOADS.iter().filter(|workload| flags.only.as_deref().is_none_or(|only| only == workload.name))
}

/// Every contender must answer the same before anything is measured.
async fn compare(workload: &Workload, contenders: &BTreeMap<Contender, Running>) -> anyhow::Result<()> {
    for id in [1, 7, 1234] {
        let mut first: Option<(&str, Value)> = None;
        for Entry { row, by, path } in workload.entries {
            let target = contenders[by].target(path);
            let answer = load::once(&target, id).await.with_context(|| format!("{row} does not answer"))?;
            if answer.status != 200 {
                bail!("{row} answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            }
            let value: Value = serde_json::from_slice(&answer.body)?;
            match &first {
                Some((other, expected)) if *expected != value => {
                    bail!("{}: {row} and {other} differ for id {id}:\n{value}\n{expected}", workload.name)
                }
                Some(_) => {}
                None => first = Some((row, value)),
            }
        }
    }
    Ok(())
}

async fn sample(
    server: &Server,
    target: &Target,
    rate: u32,
    time: Duration,
    next_id: &mut u64,
) -> anyhow::Result<BTreeMap<&'static str, f64>> {
    let before = server.cpu()?;
    let closed = load::closed(target, 64, time, *next_id).await;
    let busy = server.cpu()?.since(before);
    *next_id += closed.requests + 1000;
    let before = server.cpu()?;
    let steady = load::fixed_rate(target, rate, time, *next_id).await;
    let calm = server.cpu()?.since(before);
    *next_id += steady.requests + 1000;
    if closed.failures + steady.failures > 0 {
        bail!("{}: {} failed requests", server.name, closed.failures + steady.failures);
    }
    let requests = closed.requests as f64;
    Ok(BTreeMap::from([
        ("cpu_us_per_req", busy.total_us() / requests),
        ("user_us_per_req", busy.user_us / requests),
        ("kernel_us_per_req", busy.kernel_us / requests),
        ("req_per_s", closed.per_second()),
        ("closed_p50_ms", closed.percentile(0.5)),
        ("closed_p99_ms", closed.percentile(0.99)),
        ("rate", f64::from(rate)),
        ("rate_cpu_us_per_req", calm.total_us() / steady.requests as f64),
        ("rate_p50_ms", steady.percentile(0.5)),
        ("rate_p99_ms", steady.percentile(0.99)),
        ("rate_p999_ms", steady.percentile(0.999)),
    ]))
}

fn medians(samples: &[BTreeMap<&'static str, f64>]) -> BTreeMap<&'static str, f64> {
    let Some(first) = samples.first() else { return BTreeMap::new() };
    first
        .keys()
        .map(|key| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[key]).collect();
            values.sort_by(f64::total_cmp);
            (*key, values[values.len() / 2])
        })
        .collect()
}
