//! An overload that would last: the real policies between clients that do not give up and a service that is too slow
//! for a while, in virtual time.
//!
//! Overloads outlive what caused them when the load makes itself: what is late is asked for again, and what is asked
//! for again makes everything late (Bronson et al., *Metastable Failures in Distributed Systems*, HotOS '21). The service
//! here has some workers and a queue, and like most it works on what nobody waits for any more. For ten seconds
//! most of its workers are gone. Then it is as good as before, and the question is who notices.
//!
//! `docs/figures/overload.svg` is drawn from this; `UPDATE=1` draws it anew.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Answer, Deadline, Fault, Hedge, ServiceCall, now};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use super::policy::{BoundPolicy, Policy, Retries};
use super::{Course, Exchange, Resilience, Trying};

/// Requests of users in a second: 70 % of what the service can do.
const RATE: u32 = 700;
const WORKERS: u32 = 20;
/// Work on one request: with twenty workers, a thousand requests in a second.
const WORK: Duration = Duration::from_millis(20);
/// Workers while the trigger lasts: 30 %.
const FEW: u32 = 6;
const TRIGGER: (u64, u64) = (10, 20);
const END: u64 = 40;
/// Requests that the service lets wait: two seconds of its work.
const QUEUE: usize = 2000;
const PATIENCE: Duration = Duration::from_millis(300);
/// A user whose request fails asks again, this often and after about so long.
const AGAIN: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// A service with a queue, which does not know who has left.
struct Service {
    workers: Cell<u32>,
    busy: Cell<u32>,
    queue: RefCell<VecDeque<oneshot::Sender<()>>>,
}

impl Service {
    fn start(self: &Rc<Self>) {
        while self.busy.get() < self.workers.get() {
            let Some(waiting) = self.queue.borrow_mut().pop_front() else { return };
            self.busy.set(self.busy.get() + 1);
            let service = Rc::clone(self);
            tokio::task::spawn_local(async move {
                sleep(WORK.mul_f64(0.5 + fastrand::f64())).await;
                let _ = waiting.send(());
                service.busy.set(service.busy.get() - 1);
                service.start();
            });
        }
    }
}

impl Exchange for Rc<Service> {
    async fn exchange(&self, _: &ServiceCall, _: Deadline, _: &Trying<'_>) -> Result<Answer, Fault> {
        if self.queue.borrow().len() >= QUEUE {
            return Err(Fault::Failed { status: 503 });
        }
        let (done, answer) = oneshot::channel();
        self.queue.borrow_mut().push_back(done);
        self.start();
        answer.await.map_err(|_| Fault::Broken("gone".to_owned()))?;
        Ok(Answer::default())
    }
}

/// What users got, and what the service was asked, in each second.
#[derive(Clone, Debug, Default, PartialEq)]
struct Run {
    answered: Vec<u32>,
    asked: Vec<u32>,
}

struct Counted {
    service: Rc<Service>,
    began: Instant,
    run: RefCell<Run>,
}

fn count(seconds: &mut [u32], began: Instant) {
    if let Some(second) = seconds.get_mut(now().duration_since(began).as_secs() as usize) {
        *second += 1;
    }
}

impl Exchange for Counted {
    async fn exchange(
        &self,
        call: &ServiceCall,
        deadline: Deadline,
        trying: &Trying<'_>,
    ) -> Result<Answer, Fault> {
        count(&mut self.run.borrow_mut().asked, self.began);
        self.service.exchange(call, deadline, trying).await
    }
}

fn simulate(policy: Policy) -> Run {
    fastrand::seed(7);
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async {
        let service =
            Rc::new(Service { workers: Cell::new(WORKERS), busy: Cell::new(0), queue: RefCell::default() });
        let seconds = vec![0; END as usize];
        let run = RefCell::new(Run { answered: seconds.clone(), asked: seconds });
        let began = now();
        let protocol = Rc::new(Counted { service: Rc::clone(&service), began, run });
        let resilience = Rc::new(Resilience::new(policy, None));
        let changes = tokio::task::spawn_local(async move {
            sleep_until(began + Duration::from_secs(TRIGGER.0)).await;
            service.workers.set(FEW);
            sleep_until(began + Duration::from_secs(TRIGGER.1)).await;
            service.workers.set(WORKERS);
            service.start();
        });
        let end = began + Duration::from_secs(END);
        let mut next = began;
        while next < end {
            sleep_until(next).await;
            tokio::task::spawn_local(user(Rc::clone(&resilience), Rc::clone(&protocol)));
            // Poisson arrivals: pauses are exponential.
            next += Duration::from_secs_f64(-(1.0 - fastrand::f64()).ln() / f64::from(RATE));
        }
        changes.await.unwrap();
        protocol.run.borrow().clone()
    })
}

/// Somebody who wants an answer, and asks again a few times.
async fn user(resilience: Rc<Resilience>, protocol: Rc<Counted>) {
    let call = ServiceCall { safe: true, ..ServiceCall::default() };
    for _ in 0..=AGAIN {
        let deadline = Deadline::after(now(), PATIENCE);
        if resilience.run(&*protocol, &call, deadline, Course::default()).await.is_ok() {
            count(&mut protocol.run.borrow_mut().answered, protocol.began);
            return;
        }
        sleep(PAUSE.mul_f64(0.5 + fastrand::f64())).await;
    }
}

/// As a client without policies: it tries again as often as it may, whatever else it has tried.
fn naive() -> Policy {
    Policy {
        retries: Retries { most: 3, budget: 100.0, pause: Duration::from_millis(10) },
        hedge: Hedge::Never,
        breaker: None,
        outliers: None,
        bound: BoundPolicy::Fixed { calls: 1_000_000, queue: 0 },
    }
}

fn mean(seconds: &[u32]) -> f64 {
    f64::from(seconds.iter().sum::<u32>()) / seconds.len() as f64
}

#[test]
fn an_overload_ends_with_what_caused_it() {
    let (bare, ours) = (simulate(naive()), simulate(Policy::default().retries(3)));
    let only_budget = simulate(Policy { retries: Retries { most: 3, ..Retries::default() }, ..naive() });
    let before = TRIGGER.0 as usize;
    let recovered = TRIGGER.1 as usize + 5;
    let rate = f64::from(RATE);
    for run in [&bare, &only_budget, &ours] {
        assert!(mean(&run.answered[2..before]) > 0.95 * rate, "all are well before: {:?}", run.answered);
    }
    assert!(
        mean(&bare.answered[recovered..]) < 0.3 * rate,
        "without policies it does not come back: {:?}",
        bare.answered
    );
    let after = &ours.answered[recovered..];
    assert!(mean(after) >= 0.95 * rate, "{:?}", ours.answered);
    assert!(after.iter().all(|second| f64::from(*second) >= 0.85 * rate), "in each second: {after:?}");
    // While it lasts, the service does nothing in vain: what it can do is what users get.
    let during = mean(&ours.answered[before + 3..TRIGGER.1 as usize]);
    assert!(during >= 0.7 * 300.0, "{during} of 300: {:?}", ours.answered);
    assert_eq!(ours, simulate(Policy::default().retries(3)), "the same seed, the same run");

    let drawn = draw(&[
        ("no budget, no breaker, no bound", "#c0392b", &bare),
        ("a budget for retries alone", "#e08e0b", &only_budget),
        ("all policies", "#1a7f4b", &ours),
    ]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/figures/overload.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "docs/figures/overload.svg is not what the simulation gives: run with UPDATE=1");
}

const WIDTH: f64 = 860.0;
const PANEL: f64 = 190.0;
const LEFT: f64 = 64.0;

fn x(second: f64) -> f64 {
    LEFT + second / END as f64 * (WIDTH - LEFT - 20.0)
}

/// Two panels over one time: what users got, and what the service was asked.
fn draw(runs: &[(&str, &str, &Run)]) -> String {
    let mut out = String::new();
    let height = 2.0 * PANEL + 176.0;
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\" font-weight=\"bold\">A service loses 70 % of its workers for ten seconds</text>"
    );
    for (at, (name, colour, _)) in runs.iter().enumerate() {
        let left = LEFT + at as f64 * 255.0;
        let _ = writeln!(
            out,
            "<line x1=\"{left}\" y1=\"46\" x2=\"{}\" y2=\"46\" stroke=\"{colour}\" stroke-width=\"3\"/>\
             <text x=\"{}\" y=\"50\">{name}</text>",
            left + 22.0,
            left + 28.0
        );
    }
    panel(&mut out, 84.0, "answered in time, per second", 1000, runs, |run| &run.answered);
    panel(&mut out, 84.0 + PANEL + 44.0, "asked of the service, per second", 12000, runs, |run| &run.asked);
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">seconds</text>",
        x(END as f64),
        height - 8.0
    );
    out.push_str("</svg>\n");
    out
}

fn panel(
    out: &mut String,
    top: f64,
    title: &str,
    most: u32,
    runs: &[(&str, &str, &Run)],
    of: impl Fn(&Run) -> &Vec<u32>,
) {
    let bottom = top + PANEL;
    let y = |value: f64| bottom - value.min(f64::from(most)) / f64::from(most) * PANEL;
    let (from, to) = (x(TRIGGER.0 as f64), x(TRIGGER.1 as f64));
    let _ = writeln!(
        out,
        "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{PANEL}\" fill=\"#eee\"/>\
         <text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{title}</text>",
        to - from,
        top - 8.0
    );
    for step in 0..=4 {
        let value = f64::from(most / 4 * step);
        let at = y(value);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#ccc\" stroke-width=\"0.5\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            x(END as f64),
            LEFT - 8.0,
            at + 4.0
        );
    }
    for second in (0..=END).step_by(5) {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{second}</text>",
            x(second as f64),
            bottom + 18.0
        );
    }
    for (_, colour, run) in runs {
        let points: Vec<String> = of(run)
            .iter()
            .enumerate()
            .map(|(second, value)| format!("{:.1},{:.1}", x(second as f64 + 0.5), y(f64::from(*value))))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
    }
}
