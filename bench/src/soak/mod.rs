//! `make soak`: two instances of Frontdesk, sharing a Redis, under steady load while faults come and go; every answer is
//! checked by the [`judge`].
//!
//! The load comes as from a load balancer: instances take turns, those that are not ready get nothing, and only a refused
//! connection is tried at the other. Whatever else gets neither an answer nor a proper refusal counts as unanswered.

mod faults;
mod instances;
mod judge;
mod outcome;
mod picture;
mod services;
mod stage;

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;

use instances::{Asked, Instance, Unanswered};
use judge::{Moments, Question, Verdict};
use outcome::{Came, Outcome, Sample};
use stage::Stage;

use crate::Flags;

/// Requests a second while nothing is wrong with the load.
pub const RATE: f64 = 120.0;
const USERS: u64 = 40;
const PRODUCTS: u64 = 20;
const PAGES: u64 = 20;
/// How often something is purged when purges are nobody's fault.
const BETWEEN_PURGES: Duration = Duration::from_millis(700);

/// How a soak is run.
pub struct Settings {
    /// Where the built programs are.
    pub bin: PathBuf,
    /// The folder of this crate.
    pub home: PathBuf,
    pub seconds: f64,
    pub seed: u64,
    /// Requests a second.
    pub rate: f64,
    /// The core of the instances.
    pub core: Option<usize>,
}

/// Runs the soak, writes what came of it to `results`, and fails if an answer was wrong or missing.
pub async fn run(flags: &Flags) -> anyhow::Result<()> {
    let settings = Settings {
        bin: flags.bin.clone(),
        home: flags.home.clone(),
        seconds: flags.soak_seconds,
        seed: 5,
        rate: flags.rate,
        core: flags.pinned.then_some(crate::CONTENDER_CORE),
    };
    let outcome = soak(&settings).await?;
    print!("{}", outcome.text());
    let results = flags.results();
    std::fs::create_dir_all(&results)?;
    std::fs::write(results.join("soak.svg"), picture::draw(&outcome))?;
    crate::report::write_soak(&results, outcome.row())?;
    outcome.verdict()
}

async fn soak(settings: &Settings) -> anyhow::Result<Outcome> {
    let stage = Stage::set(settings).await?;
    let turns = faults::schedule(settings.seed, settings.seconds, stage.has_redis());
    let soak = Rc::new(Soak {
        stage,
        outcome: RefCell::new(Outcome::new(settings)),
        random: RefCell::new(fastrand::Rng::with_seed(settings.seed)),
        load: Cell::new(1.0),
        many_purges: Cell::new(false),
        orders: Cell::new(0),
    });
    soak.outcome.borrow_mut().from = soak.stage.ledger.now();
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(settings.seconds);
    let beside = [
        tokio::task::spawn_local(soak.clone().watch(begin)),
        tokio::task::spawn_local(soak.clone().purge(end)),
    ];
    let trouble = tokio::task::spawn_local(soak.clone().trouble(turns, begin));
    soak.clone().load(settings.rate, end).await?;
    trouble.await??;
    for task in beside {
        task.abort();
    }
    soak.close().await
}

struct Soak {
    stage: Stage,
    outcome: RefCell<Outcome>,
    random: RefCell<fastrand::Rng>,
    /// How many times the usual load.
    load: Cell<f64>,
    many_purges: Cell<bool>,
    orders: Cell<u64>,
}

impl Soak {
    /// Asks at a fixed rate, whether earlier requests were answered or not; then waits for what is outstanding.
    async fn load(self: Rc<Self>, rate: f64, end: Instant) -> anyhow::Result<()> {
        let mut tasks = tokio::task::JoinSet::new();
        let mut due = Instant::now();
        while due < end {
            tokio::time::sleep_until(due.into()).await;
            tasks.spawn_local(self.clone().one());
            due += Duration::from_secs_f64(1.0 / (rate * self.load.get()));
            while tasks.try_join_next().is_some() {}
        }
        while let Some(done) = tasks.join_next().await {
            done?;
        }
        Ok(())
    }

    /// One client's wish; an order may be repeated.
    async fn one(self: Rc<Self>) {
        let question = self.question();
        let Question::Order { .. } = question else {
            let mut fleet = self.stage.fleet.in_turn();
            self.ask(&question, &mut fleet).await;
            return;
        };
        let (repeats, at_once) = {
            let mut random = self.random.borrow_mut();
            (random.u8(..4) > 0, random.u8(..5) == 0)
        };
        let mut here = self.stage.fleet.in_turn();
        let mut there = here.clone();
        // Without a store that they share, each instance knows only its own keys.
        if self.stage.has_redis() {
            there.reverse();
        } else {
            here.truncate(1);
            there.truncate(1);
        }
        let numbers = if at_once {
            let both = tokio::join!(self.ask(&question, &mut here), self.ask(&question, &mut there));
            [both.0, both.1]
        } else {
            let first = self.ask(&question, &mut here).await;
            let second = if repeats { self.ask(&question, &mut there).await } else { None };
            [first, second]
        };
        if let [Some(first), Some(second)] = numbers {
            self.outcome.borrow_mut().replayed += 1;
            if first != second {
                self.wrong(&question, &format!("order {first} became order {second} when it was repeated"));
            }
        }
    }

    fn question(&self) -> Question {
        let mut random = self.random.borrow_mut();
        let user = format!("u{}", random.u64(..USERS));
        let cart = format!("{user}-c{}", random.u64(..3));
        match random.u8(..100) {
            0..50 => Question::Home { user, cart, product: format!("p{}", random.u64(..PRODUCTS)) },
            50..75 => Question::Product { product: format!("p{}", random.u64(..PRODUCTS)) },
            75..88 => Question::Page { page: format!("g{}", random.u64(..PAGES)) },
            _ => {
                let number = self.orders.get();
                self.orders.set(number + 1);
                Question::Order { user, cart, reference: format!("order-{number}") }
            }
        }
    }

    /// One request; `fleet` is where it may go, in this order. Gives the number of an order.
    async fn ask(&self, question: &Question, fleet: &mut Vec<Rc<Instance>>) -> Option<u64> {
        let asked = self.stage.asked(question);
        let begun = self.stage.ledger.now();
        let mut came = Err("no instance takes connections".to_owned());
        let mut number = None;
        for instance in &*fleet {
            match instance.ask(&asked).await {
                Ok(reply) => {
                    let when = Moments { begun, ended: self.stage.ledger.now() };
                    let verdict = self.stage.judge.judge(question, instance.number, when, &reply);
                    came = Ok(match verdict {
                        Ok(Verdict::Good { optional, added, number: of_order }) => {
                            number = of_order;
                            Came::Good { optional, added }
                        }
                        Ok(Verdict::Refused(status)) => Came::Refused(status),
                        Err(wrong) => {
                            let headers = ["frontdesk-cache", "frontdesk-degraded", "cache-status", "age"]
                                .map(|name| format!("{name}: {}", reply.header(name)));
                            self.wrong(question, &format!("{wrong} ({})", headers.join(", ")));
                            Came::Wrong
                        }
                    });
                    break;
                }
                // Nothing was sent: a load balancer tries the next.
                Err(Unanswered::Refused) => {}
                // The head of a page that is passed through was sent when its service broke off: all that can be done then is to
                // break off, too, so that nobody takes the part for the whole.
                Err(Unanswered::BrokenOff(_)) if matches!(question, Question::Page { .. }) => {
                    came = Ok(Came::BrokenOff);
                    break;
                }
                Err(Unanswered::Lost(why) | Unanswered::BrokenOff(why)) => {
                    came = Err(format!("instance {}: {why}", instance.number));
                    break;
                }
            }
        }
        let came = came.unwrap_or_else(|why| {
            self.outcome.borrow_mut().find(format!("unanswered {} at {begun}: {why}", asked.target));
            Came::Unanswered
        });
        self.outcome.borrow_mut().samples.push(Sample { begun, kind: question.kind(), came });
        number
    }

    fn wrong(&self, question: &Question, what: &str) {
        let at = self.stage.ledger.now() as f64 / 1e6;
        self.outcome.borrow_mut().found_wrong(format!("wrong at {at:.2} s: {question:?}: {what}"));
    }

    /// Changes something at its service and purges what was kept of it, again and again.
    async fn purge(self: Rc<Self>, end: Instant) {
        while Instant::now() < end {
            let pause = if self.many_purges.get() { BETWEEN_PURGES / 10 } else { BETWEEN_PURGES };
            tokio::time::sleep(pause).await;
            let tag = {
                let mut random = self.random.borrow_mut();
                match random.u8(..3) {
                    0 => format!("product:p{}", random.u64(..PRODUCTS)),
                    1 => format!("account:u{}", random.u64(..USERS)),
                    _ => format!("page:g{}", random.u64(..PAGES)),
                }
            };
            let version = self.stage.ledger.change(&tag);
            let mut asked = self.stage.fleet.in_turn();
            // With a store that they share, one tells the others.
            asked.truncate(if self.stage.has_redis() { 1 } else { usize::MAX });
            for instance in asked {
                let done = instance.purge(&tag).await.is_ok_and(|status| status == 200);
                let mut outcome = self.outcome.borrow_mut();
                if done {
                    outcome.purges += 1;
                    self.stage.judge.purged(&tag, instance.number, version);
                } else {
                    outcome.purges_refused += 1;
                }
            }
        }
    }

    /// Looks at the instances: readiness often, memory once a second.
    async fn watch(self: Rc<Self>, begin: Instant) {
        let mut next = 0.0;
        loop {
            for instance in self.stage.fleet.all() {
                instance.look().await;
            }
            let at = begin.elapsed().as_secs_f64();
            if at >= next {
                next = at.floor() + 1.0;
                let mut outcome = self.outcome.borrow_mut();
                for instance in self.stage.fleet.all() {
                    if let Some(mib) = instance.resident_mib() {
                        outcome.memory.push((at, instance.place, mib));
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything is well again; looks at what can only be seen at the end.
    async fn close(self: Rc<Self>) -> anyhow::Result<Outcome> {
        for instance in self.stage.fleet.all() {
            instance.signal("TERM")?;
        }
        for instance in self.stage.fleet.all() {
            if let Err(error) = instance.ends(Duration::from_secs(60)).await {
                self.outcome.borrow_mut().find(error.to_string());
                self.outcome.borrow_mut().panics += 1;
            }
        }
        let mut outcome = self.outcome.take();
        for said in self.stage.said() {
            let panics = said.matches("panicked at").count();
            outcome.panics += panics;
            if panics > 0 {
                outcome.find(said);
            }
        }
        outcome.orders = self.orders.get();
        for (reference, times) in self.stage.ledger.orders() {
            if times > 1 {
                outcome.found_wrong(format!("{reference} was placed {times} times"));
            }
        }
        Ok(outcome)
    }
}

impl Stage {
    fn asked(&self, question: &Question) -> Asked {
        let plain = |target| Asked { method: "GET", target, token: None, idempotency_key: None, body: None };
        match question {
            Question::Home { user, cart, product } => {
                Asked { token: self.tokens.get(user).cloned(), ..plain(format!("/home/{cart}/{product}")) }
            }
            Question::Product { product } => plain(format!("/products/{product}")),
            Question::Page { page } => plain(format!("/pages/{page}")),
            Question::Order { user, cart, reference } => Asked {
                method: "POST",
                token: self.tokens.get(user).cloned(),
                idempotency_key: Some(reference.clone()),
                body: Some(format!("{{\"reference\":\"{reference}\"}}")),
                ..plain(format!("/orders/{cart}"))
            },
        }
    }
}

/// How long a soak is: what the environment says (`SOAK_SECONDS`), or ten minutes.
pub fn seconds_asked_for() -> anyhow::Result<f64> {
    match std::env::var("SOAK_SECONDS") {
        Ok(text) if !text.is_empty() => text.parse().context("SOAK_SECONDS is a number of seconds"),
        _ => Ok(600.0),
    }
}
