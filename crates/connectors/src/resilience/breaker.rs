//! Calls that would fail are not made: they would only wait, and keep a service down that is trying to come back.
//!
//! Closed, it counts the calls of a rolling window. When the share of failures is too high it opens and lets nothing
//! through; then, half open, a few probes; a streak of good ones closes it, one bad one opens it again, for longer.
//! (Nygard, *Release It!*; the window and slow calls as in resilience4j.)

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::time::Instant;

use super::policy::BreakerPolicy;

/// The window is counted in so many parts, and moves on by one of them at a time.
pub(crate) const PARTS: usize = 10;
/// Probes at once, and the streak that closes it.
pub(crate) const PROBES: u32 = 3;
/// The longest it stays open, in first times.
const LONGEST: u32 = 10;

/// Whether calls pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    /// Calls fail at once.
    Open,
    /// Some calls are let through, to see whether it works again.
    HalfOpen,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { probing: u32, good: u32 },
}

/// How a call got through; handed back with what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Free,
    /// One of the few that find out. `round` tells the times apart at which it was open.
    Probe {
        round: u32,
    },
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    calls: u32,
    failures: u32,
}

/// What happened in the window, by parts of it.
#[derive(Debug)]
struct Window {
    parts: [Count; PARTS],
    sum: Count,
    /// The part that is being counted in, as parts since the beginning.
    at: u64,
}

/// The breaker of one service, or of one of its operations, on one core.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    began: Instant,
    state: Cell<State>,
    /// Times it opened since it last was well.
    times: Cell<u32>,
    round: Cell<u32>,
    window: RefCell<Window>,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy, now: Instant) -> Self {
        let window = Window { parts: [Count::default(); PARTS], sum: Count::default(), at: 0 };
        Self {
            policy,
            began: now,
            state: Cell::new(State::Closed),
            times: Cell::new(0),
            round: Cell::new(0),
            window: RefCell::new(window),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state.get(), State::Closed)
    }

    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.state.get() {
            State::Closed => BreakerState::Closed,
            State::Open { until } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether a call may be made. The pass is handed back to [`settle`](Self::settle).
    pub(crate) fn admit(&self, now: Instant) -> Option<Pass> {
        match self.state.get() {
            State::Closed => Some(Pass::Free),
            State::Open { until } if now < until => None,
            State::Open { .. } => {
                self.state.set(State::HalfOpen { probing: 1, good: 0 });
                Some(Pass::Probe { round: self.round.get() })
            }
            State::HalfOpen { probing, good } => {
                // No more than the streak still needs.
                if probing + good >= PROBES {
                    return None;
                }
                self.state.set(State::HalfOpen { probing: probing + 1, good });
                Some(Pass::Probe { round: self.round.get() })
            }
        }
    }

    /// What the call says of the service: `None` if it was not made, or given up.
    pub(crate) fn settle(&self, pass: Pass, now: Instant, is_good: Option<bool>) {
        match (pass, self.state.get()) {
            (Pass::Free, State::Closed) => {
                if let Some(is_good) = is_good {
                    self.count(now, is_good);
                }
            }
            (Pass::Probe { round }, State::HalfOpen { probing, good }) if round == self.round.get() => {
                let probing = probing.saturating_sub(1);
                match is_good {
                    None => self.state.set(State::HalfOpen { probing, good }),
                    Some(false) => self.open(now),
                    Some(true) if good + 1 >= PROBES => self.close(now),
                    Some(true) => self.state.set(State::HalfOpen { probing, good: good + 1 }),
                }
            }
            // A call from before it opened, or of an earlier round, says nothing of now.
            _ => {}
        }
    }

    /// Whether a success that took so long is none.
    pub(crate) fn is_slow(&self, took: Duration) -> bool {
        self.policy.slow.is_some_and(|slow| took >= slow)
    }

    fn count(&self, now: Instant, is_good: bool) {
        let mut window = self.window.borrow_mut();
        window.count(self.part(now), is_good);
        let sum = window.sum;
        drop(window);
        let proves = !is_good && sum.calls >= self.policy.calls.max(1);
        if proves && sum.failures as f32 >= self.policy.failures * sum.calls as f32 {
            self.open(now);
        }
    }

    /// Parts of the window since the beginning.
    fn part(&self, now: Instant) -> u64 {
        let width = (self.policy.window.as_micros() as u64 / PARTS as u64).max(1);
        now.saturating_duration_since(self.began).as_micros() as u64 / width
    }

    fn open(&self, now: Instant) {
        let times = (self.times.get() + 1).min(LONGEST);
        self.times.set(times);
        self.round.set(self.round.get().wrapping_add(1));
        // A little more or less: cores and instances must not all probe in the same moment.
        let open = (self.policy.open * times).mul_f32(0.9 + 0.2 * fastrand::f32());
        self.state.set(State::Open { until: now + open });
    }

    fn close(&self, now: Instant) {
        let at = self.part(now);
        *self.window.borrow_mut() = Window { parts: [Count::default(); PARTS], sum: Count::default(), at };
        self.state.set(State::Closed);
        self.times.set(0);
    }
}

impl Window {
    fn count(&mut self, at: u64, is_good: bool) {
        if at > self.at {
            self.forget(at);
        }
        let failed = u32::from(!is_good);
        if let Some(part) = self.parts.get_mut((self.at % PARTS as u64) as usize) {
            part.calls += 1;
            part.failures += failed;
            self.sum.calls += 1;
            self.sum.failures += failed;
        }
    }

    /// Empties the parts that have become too old by the time of `at`.
    fn forget(&mut self, at: u64) {
        for passed in 1..=(at - self.at).min(PARTS as u64) {
            if let Some(part) = self.parts.get_mut(((self.at + passed) % PARTS as u64) as usize) {
                self.sum.calls -= part.calls;
                self.sum.failures -= part.failures;
                *part = Count::default();
            }
        }
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::now;
    use proptest::prelude::*;

    use super::{Breaker, BreakerPolicy, BreakerState, PARTS, PROBES, Pass};

    const POLICY: BreakerPolicy = BreakerPolicy {
        failures: 0.5,
        window: Duration::from_secs(10),
        open: Duration::from_secs(5),
        calls: 5,
        slow: None,
    };

    proptest! {
        /// The rolling counts are those of a log that is counted anew at each call.
        #[test]
        fn it_opens_when_a_recount_of_the_log_says_so(
            calls in prop::collection::vec((0_u64..2500, any::<bool>()), 1..200),
        ) {
            let began = now();
            let breaker = Breaker::new(POLICY, began);
            let (mut log, mut at) = (Vec::new(), 0);
            for (pause, is_good) in calls {
                at += pause;
                let moment = began + Duration::from_millis(at);
                prop_assert_eq!(breaker.admit(moment), Some(Pass::Free));
                breaker.settle(Pass::Free, moment, Some(is_good));
                log.push((at / 1000, is_good));
                let recent = log.iter().filter(|(second, _)| at / 1000 - second < PARTS as u64);
                let (all, bad) = recent.fold((0, 0), |(all, bad), (_, good)| (all + 1, bad + u32::from(!good)));
                let opens = !is_good && all >= 5 && bad * 2 >= all;
                prop_assert_eq!(breaker.state(moment) == BreakerState::Open, opens);
                if opens {
                    break;
                }
            }
        }
    }

    fn opened() -> (Breaker, tokio::time::Instant) {
        let at = now();
        let breaker = Breaker::new(POLICY, at);
        (0..5).for_each(|_| breaker.settle(Pass::Free, at, Some(false)));
        assert_eq!((breaker.state(at), breaker.admit(at)), (BreakerState::Open, None));
        (breaker, at)
    }

    /// Longer than any jitter.
    const OPEN: Duration = Duration::from_secs(6);

    #[test]
    fn a_few_probes_find_out_and_a_streak_of_good_ones_closes_it() {
        let (breaker, at) = opened();
        let at = at + OPEN;
        let probes: Vec<Pass> = (0..PROBES).map(|_| breaker.admit(at).unwrap()).collect();
        assert_eq!(breaker.admit(at), None, "no more at once");
        breaker.settle(probes[0], at, None);
        let again = breaker.admit(at).unwrap();
        assert_eq!(breaker.admit(at), None, "one that was given up leaves room for one");
        for probe in [again, probes[1]] {
            breaker.settle(probe, at, Some(true));
            assert_eq!(breaker.state(at), BreakerState::HalfOpen);
        }
        breaker.settle(probes[2], at, Some(true));
        assert_eq!((breaker.state(at), breaker.admit(at)), (BreakerState::Closed, Some(Pass::Free)));
        breaker.settle(Pass::Free, at, Some(false));
        assert_eq!(breaker.state(at), BreakerState::Closed, "what was before is forgotten");
    }

    #[test]
    fn a_bad_probe_opens_it_again_for_longer_and_late_news_say_nothing() {
        let (breaker, at) = opened();
        let at = at + OPEN;
        let (first, second) = (breaker.admit(at).unwrap(), breaker.admit(at).unwrap());
        breaker.settle(first, at, Some(false));
        breaker.settle(second, at, Some(true));
        breaker.settle(Pass::Free, at, Some(true));
        assert_eq!(breaker.state(at + OPEN), BreakerState::Open, "twice as long");
        let at = at + 2 * OPEN;
        let probe = breaker.admit(at).unwrap();
        assert_ne!(probe, first, "another round");
        breaker.settle(second, at, Some(false));
        assert_eq!(breaker.state(at), BreakerState::HalfOpen);
    }
}
