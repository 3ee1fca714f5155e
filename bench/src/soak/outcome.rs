//! What came of a soak: counts, how much was available under which fault, what Frontdesk added to the time of services,
//! and memory.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::ensure;
use serde_json::{Value, json};

use super::Settings;

/// So many findings are told word by word.
const TOLD: usize = 40;

/// One request and what it came to.
pub struct Sample {
    /// By the ledger's clock, in microseconds.
    pub begun: u64,
    pub kind: &'static str,
    pub came: Came,
}

pub enum Came {
    Good {
        /// Optional parts that are as they should be, and all of them.
        optional: (u32, u32),
        /// Microseconds beside those of the slowest service.
        added: Option<u64>,
    },
    /// A proper refusal: a problem with this status.
    Refused(u16),
    /// A page that is passed through broke off in the middle, as its service did.
    BrokenOff,
    Wrong,
    Unanswered,
}

/// Everything that was seen.
#[derive(Default)]
pub struct Outcome {
    pub seconds: f64,
    pub seed: u64,
    /// When the load began, by the ledger's clock.
    pub from: u64,
    pub samples: Vec<Sample>,
    /// Wrong answers, of which several may come of one request.
    pub wrong: u64,
    pub orders: u64,
    /// Orders that were answered twice.
    pub replayed: u64,
    pub purges: u64,
    /// Purges that an instance did not say were done.
    pub purges_refused: u64,
    pub panics: usize,
    /// Second, place, MiB.
    pub memory: Vec<(f64, usize, f64)>,
    /// What was wrong from when until when.
    pub bands: Vec<(u64, u64, Vec<String>)>,
    findings: Vec<String>,
}

/// How it went for some of the requests.
#[derive(Clone, Default)]
pub struct Share {
    pub requests: u64,
    pub good: u64,
    /// Proper refusals by their status.
    pub refused: BTreeMap<u16, u64>,
    pub broken_off: u64,
    pub unanswered: u64,
    pub optional: (u64, u64),
    /// Microseconds, ascending.
    pub added: Vec<u64>,
}

impl Share {
    pub fn of<'s>(samples: impl Iterator<Item = &'s Sample>) -> Self {
        let mut share = Self::default();
        for sample in samples {
            share.requests += 1;
            match &sample.came {
                Came::Good { optional, added } => {
                    share.good += 1;
                    share.optional.0 += u64::from(optional.0);
                    share.optional.1 += u64::from(optional.1);
                    share.added.extend(added);
                }
                Came::Refused(status) => *share.refused.entry(*status).or_default() += 1,
                Came::BrokenOff => share.broken_off += 1,
                Came::Unanswered => share.unanswered += 1,
                Came::Wrong => {}
            }
        }
        share.added.sort_unstable();
        share
    }

    /// Answers with all required parts, of all requests, in percent.
    pub fn required(&self) -> Option<f64> {
        percent(self.good, self.requests)
    }

    /// Optional parts that are there and of now, of those of all answers, in percent.
    pub fn optional(&self) -> Option<f64> {
        percent(self.optional.0, self.optional.1)
    }

    pub fn refused(&self) -> u64 {
        self.refused.values().sum()
    }

    pub fn added_ms(&self, share: f64) -> Option<f64> {
        let last = self.added.len().checked_sub(1)?;
        let at = ((self.added.len() as f64 * share) as usize).min(last);
        self.added.get(at).map(|us| *us as f64 / 1000.0)
    }

    fn json(&self) -> Value {
        json!({
            "requests": self.requests,
            "refused": self.refused(),
            "statuses": self.refused,
            "broken_off": self.broken_off,
            "unanswered": self.unanswered,
            "required_percent": self.required(),
            "optional_percent": self.optional(),
            "added_p50_ms": self.added_ms(0.5),
            "added_p99_ms": self.added_ms(0.99),
        })
    }
}

fn percent(some: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| (some as f64 / all as f64 * 1e5).floor() / 1e3)
}

impl Outcome {
    pub fn new(settings: &Settings) -> Self {
        Self { seconds: settings.seconds, seed: settings.seed, ..Self::default() }
    }

    pub fn find(&mut self, what: String) {
        if self.findings.len() < TOLD {
            eprintln!("{what}");
            self.findings.push(what);
        }
    }

    pub fn found_wrong(&mut self, what: String) {
        self.wrong += 1;
        self.find(what);
    }

    /// Seconds from the beginning of the load.
    pub fn second(&self, moment: u64) -> f64 {
        (moment as f64 - self.from as f64) / 1e6
    }

    pub fn all(&self) -> Share {
        Share::of(self.samples.iter())
    }

    /// Requests that began while nothing was wrong, nor had been a moment ago.
    fn calm(&self) -> Share {
        let is_calm = |begun: u64| {
            self.bands.iter().all(|(from, until, _)| begun + 50_000 < *from || begun > *until + 500_000)
        };
        Share::of(self.samples.iter().filter(|sample| is_calm(sample.begun)))
    }

    /// By fault; under two at a time a request counts for both.
    fn by_fault(&self) -> Vec<(String, Share)> {
        let mut names: Vec<&String> = self.bands.iter().flat_map(|(.., names)| names).collect();
        names.sort_unstable();
        names.dedup();
        let under = |name: &String, begun: u64| {
            self.bands
                .iter()
                .any(|(from, until, names)| (*from..=*until).contains(&begun) && names.contains(name))
        };
        names
            .into_iter()
            .map(|name| {
                (name.clone(), Share::of(self.samples.iter().filter(|sample| under(name, sample.begun))))
            })
            .collect()
    }

    fn by_kind(&self) -> Vec<(&'static str, Share)> {
        let of = |kind| Share::of(self.samples.iter().filter(|sample| sample.kind == kind));
        ["home", "product", "page", "order"].map(|kind| (kind, of(kind))).to_vec()
    }

    /// Mean memory of both instances in a part of the soak, from one share of its length to another.
    fn memory_mib(&self, from: f64, until: f64) -> Option<f64> {
        let within = from * self.seconds..until * self.seconds;
        let some: Vec<f64> =
            self.memory.iter().filter(|(at, ..)| within.contains(at)).map(|(.., mib)| *mib).collect();
        (!some.is_empty()).then(|| some.iter().sum::<f64>() / some.len() as f64)
    }

    /// The row of `latest.json`.
    pub fn row(&self) -> Value {
        let all = self.all();
        let peak = self.memory.iter().map(|(.., mib)| *mib).fold(0.0, f64::max);
        let named = |shares: Vec<(String, Share)>| -> Value {
            shares
                .into_iter()
                .map(|(name, share)| (name, share.json()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let kinds = self.by_kind().into_iter().map(|(kind, share)| (kind.to_owned(), share)).collect();
        json!({
            "seconds": self.seconds,
            "seed": self.seed,
            // The instances are built as the harness is.
            "build": if cfg!(debug_assertions) { "debug" } else { "release" },
            "requests": all.requests,
            "unanswered": all.unanswered,
            "wrong_answers": self.wrong,
            "panics": self.panics,
            "refused": all.refused(),
            "statuses": all.refused,
            "broken_off": all.broken_off,
            "orders": self.orders,
            "orders_replayed": self.replayed,
            "purges": self.purges,
            "purges_refused": self.purges_refused,
            "required_percent": all.required(),
            "optional_percent": all.optional(),
            "added_p50_ms": all.added_ms(0.5),
            "added_p99_ms": all.added_ms(0.99),
            "calm": self.calm().json(),
            "peak_mib": peak,
            "first_quarter_mib": self.memory_mib(0.05, 0.25),
            "last_quarter_mib": self.memory_mib(0.75, 1.0),
            "kinds": named(kinds),
            "faults": named(self.by_fault()),
            "findings": self.findings,
        })
    }

    /// For people, at the end.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let all = self.all();
        let _ = writeln!(
            out,
            "{:.0} s, {} requests: {} unanswered, {} wrong, {} refused, {} broken off, {} panics; {} orders, {} answered twice; {} purges",
            self.seconds,
            all.requests,
            all.unanswered,
            self.wrong,
            all.refused(),
            all.broken_off,
            self.panics,
            self.orders,
            self.replayed,
            self.purges
        );
        let mut line = |name: &str, share: &Share| {
            let cell =
                |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
            let _ = writeln!(
                out,
                "  {name:<34} {:>7} requests  required {:>6} %  optional {:>6} %  added p50 {:>6} ms  p99 {:>8} ms",
                share.requests,
                cell(share.required()),
                cell(share.optional()),
                cell(share.added_ms(0.5)),
                cell(share.added_ms(0.99)),
            );
        };
        line("all", &all);
        line("calm", &self.calm());
        for (kind, share) in self.by_kind() {
            line(kind, &share);
        }
        for (name, share) in self.by_fault() {
            line(&name, &share);
        }
        out
    }

    /// An error if an answer was wrong or missing, or something of ours broke.
    pub fn verdict(&self) -> anyhow::Result<()> {
        let all = self.all();
        let told = self.findings.join("\n");
        ensure!(self.wrong == 0, "{} wrong answers\n{told}", self.wrong);
        ensure!(all.unanswered == 0, "{} requests were not answered\n{told}", all.unanswered);
        ensure!(self.panics == 0, "{} panics\n{told}", self.panics);
        ensure!(all.good > 0, "nothing was answered");
        Ok(())
    }
}
