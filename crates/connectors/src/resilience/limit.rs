//! How many calls at once a service answers without delay: found out by looking at its latency.
//!
//! A gradient, as in Netflix's *concurrency-limits* (<https://github.com/Netflix/concurrency-limits>): as long as calls
//! take no longer than usual there is room for a few more; when they take longer, they wait somewhere, and the limit
//! goes down until they do not. Three things are different from there:
//!
//! - Latency is measured in units of **what is usual for the operation**, so that a service with quick and slow
//!   operations looks the same whatever the mix of the moment is.
//! - What is usual follows the service up only as long as our own limit is not what holds calls back. Under an
//!   overload that stays it would otherwise follow the queue up, and the limit with it. Then it is measured now and
//!   then instead, with half of the calls in flight (BBR's ProbeRTT; Cardwell et al., ACM Queue 14(5), 2016).
//! - Nothing is learnt while few calls are in flight: a service that is slow, but idle, keeps its limit.
//!
//! A call that comes to nothing in time has taken at least so long, and an answer that says "too much" counts as one
//! that took several times as long as is usual.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) const LEAST: u32 = 4;
pub(crate) const MOST: u32 = 1024;
const FIRST: f32 = 64.0;
/// How much longer than usual calls may take without meaning anything.
const TOLERANCE: f32 = 2.0;
/// What a refusal counts as, in usual latencies; and the most that one call can count.
const REFUSAL: f32 = 4.0;
const WORST: f32 = 8.0;
/// A limit is judged by the calls of at least this time, and at least so many.
const WINDOW: Duration = Duration::from_millis(100);
const SAMPLES: u32 = 10;
/// How much of the way towards the new limit is gone at once.
const SMOOTHING: f32 = 0.2;
/// How often what is usual is measured anew while calls are held back.
const PROBE: Duration = Duration::from_secs(30);
/// How long what is usual takes to follow a service that has become slower.
const SLOWLY: Duration = Duration::from_secs(15);
/// How often an operation's idea of what is usual is looked at.
const GLANCE: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Normal,
    /// Half the calls; the queue that there may be runs dry.
    Draining,
    /// Half the calls: what they take is what is usual.
    Measuring,
}

/// The limit of one service on one core.
#[derive(Debug)]
pub(crate) struct Limit {
    calls: Cell<f32>,
    phase: Cell<Phase>,
    ends: Cell<Instant>,
    next_probe: Cell<Instant>,
    /// Of the present window: how long calls took in units of what is usual, how many, and how many at once.
    ratios: Cell<f32>,
    samples: Cell<u32>,
    peak: Cell<u32>,
    /// In the last whole window calls came close to the limit.
    was_needed: Cell<bool>,
}

impl Limit {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            calls: Cell::new(FIRST),
            phase: Cell::new(Phase::Normal),
            ends: Cell::new(now + WINDOW),
            next_probe: Cell::new(now + PROBE),
            ratios: Cell::new(0.0),
            samples: Cell::new(0),
            peak: Cell::new(0),
            was_needed: Cell::new(false),
        }
    }

    pub(crate) fn calls(&self) -> u32 {
        let limit = self.calls.get();
        let limit = if self.phase.get() == Phase::Normal { limit } else { limit / 2.0 };
        (limit as u32).clamp(LEAST, MOST)
    }

    /// A call was answered in `took`, or had not been when that time was over; `in_flight` counts it.
    pub(crate) fn answered(&self, usual: &Usual, took: Duration, in_flight: u32, now: Instant) {
        let ratio = usual.ratio(took);
        usual.note(took, self.learning(), now);
        self.sample(ratio, in_flight, now);
    }

    /// A call was not answered in the time it had: it says nothing of what is usual, but that it takes longer.
    pub(crate) fn late(&self, usual: &Usual, waited: Duration, in_flight: u32, now: Instant) {
        self.sample(usual.ratio(waited).max(REFUSAL), in_flight, now);
    }

    /// The service said that it has too much to do, or that it cannot.
    pub(crate) fn refused(&self, in_flight: u32, now: Instant) {
        self.sample(REFUSAL, in_flight, now);
    }

    fn learning(&self) -> Learning {
        match self.phase.get() {
            Phase::Measuring => Learning::Both,
            Phase::Draining => Learning::Down,
            Phase::Normal if self.was_needed.get() => Learning::Down,
            Phase::Normal => Learning::Slowly,
        }
    }

    fn sample(&self, ratio: f32, in_flight: u32, now: Instant) {
        self.ratios.set(self.ratios.get() + ratio.min(WORST));
        self.samples.set(self.samples.get() + 1);
        self.peak.set(self.peak.get().max(in_flight));
        if now >= self.ends.get() && self.samples.get() >= SAMPLES {
            self.judge(now);
        }
    }

    #[cold]
    fn judge(&self, now: Instant) {
        let ratio = self.ratios.replace(0.0) / self.samples.replace(0) as f32;
        let peak = self.peak.replace(0) as f32;
        self.ends.set(now + WINDOW);
        match self.phase.get() {
            Phase::Draining => return self.phase.set(Phase::Measuring),
            Phase::Measuring => return self.phase.set(Phase::Normal),
            Phase::Normal => {}
        }
        let limit = self.calls.get();
        self.was_needed.set(peak >= limit / 2.0);
        if peak < limit / 2.0 {
            return;
        }
        if now >= self.next_probe.get() {
            // Cores and instances take turns by chance.
            self.next_probe.set(now + PROBE.mul_f32(0.75 + 0.5 * fastrand::f32()));
            if peak + 1.0 >= limit {
                return self.phase.set(Phase::Draining);
            }
        }
        let gradient = (TOLERANCE / ratio.max(0.001)).clamp(0.5, 1.0);
        let wanted = limit * gradient + limit.sqrt();
        let next = limit + (wanted - limit) * SMOOTHING;
        self.calls.set(next.clamp(LEAST as f32, MOST as f32));
    }
}

/// What may be learnt from a call of what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learning {
    /// That it is less.
    Down,
    /// Also that it is more, a little at a time.
    Slowly,
    Both,
}

/// How long one operation's calls usually take when nothing holds them up, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Usual {
    micros: Cell<f32>,
    sum: Cell<f32>,
    count: Cell<u32>,
    since: Cell<Option<Instant>>,
}

impl Usual {
    /// `None` before anything is known.
    pub(crate) fn get(&self) -> Option<Duration> {
        let usual = self.micros.get();
        (usual > 0.0).then(|| Duration::from_micros(usual as u64))
    }

    /// A call took this long, under a bound that does not change.
    pub(crate) fn note_slowly(&self, took: Duration, now: Instant) {
        self.note(took, Learning::Slowly, now);
    }

    fn ratio(&self, took: Duration) -> f32 {
        let usual = self.micros.get();
        if usual > 0.0 { micros(took) / usual } else { 1.0 }
    }

    fn note(&self, took: Duration, learning: Learning, now: Instant) {
        self.sum.set(self.sum.get() + micros(took));
        self.count.set(self.count.get() + 1);
        let Some(since) = self.since.get() else {
            self.since.set(Some(now));
            self.micros.set(micros(took).max(1.0));
            return;
        };
        let passed = now.saturating_duration_since(since);
        if passed >= GLANCE {
            self.since.set(Some(now));
            let mean = self.sum.replace(0.0) / self.count.replace(0) as f32;
            self.follow(mean, learning, passed);
        }
    }

    #[cold]
    fn follow(&self, mean: f32, learning: Learning, passed: Duration) {
        let usual = self.micros.get();
        let share = match learning {
            _ if mean < usual => 0.3,
            Learning::Both => 0.5,
            Learning::Slowly => (passed.as_secs_f32() / SLOWLY.as_secs_f32()).min(0.3),
            Learning::Down => 0.0,
        };
        self.micros.set((usual + (mean - usual) * share).max(1.0));
    }
}

/// Without a detour by 128-bit integers, which no processor makes a float of.
fn micros(took: Duration) -> f32 {
    took.as_secs_f32() * 1e6
}
