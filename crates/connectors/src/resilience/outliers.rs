//! Endpoints that fail while others of the same service do not are left out for a while.
//!
//! As Envoy has it: so many failures in a row eject an endpoint, for a time that grows with how often it happened,
//! and never more than a share of all at once: when most of them fail, it is not the endpoints.
//! <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier>

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::time::Instant;

use super::policy::OutlierPolicy;

/// An ejection is at most this many times as long as the first.
const MOST_TIMES: u32 = 10;

/// What the endpoints of one service have in common, on one core.
#[derive(Debug)]
pub(crate) struct Outliers {
    policy: Option<OutlierPolicy>,
    endpoints: Cell<usize>,
    /// When those that are out come back.
    out: RefCell<Vec<Instant>>,
    ejections: Cell<u32>,
}

impl Outliers {
    pub(crate) fn new(policy: Option<OutlierPolicy>) -> Rc<Self> {
        Rc::new(Self { policy, endpoints: Cell::new(0), out: RefCell::default(), ejections: Cell::new(0) })
    }

    /// How many endpoints the service has now.
    pub(crate) fn count(&self, endpoints: usize) {
        self.endpoints.set(endpoints);
    }

    /// What is known of a new endpoint: nothing.
    pub(crate) fn standing(self: &Rc<Self>) -> Rc<Standing> {
        Rc::new(Standing {
            of: Rc::clone(self),
            failures: Cell::new(0),
            times: Cell::new(0),
            until: Cell::new(None),
        })
    }

    /// How many there have been, to tell that there is a new one.
    pub(crate) fn ejections(&self) -> u32 {
        self.ejections.get()
    }

    /// Those that are left out at this moment.
    pub(crate) fn ejected(&self, now: Instant) -> usize {
        self.out.borrow().iter().filter(|until| **until > now).count()
    }

    fn may_eject(&self, policy: &OutlierPolicy, now: Instant) -> bool {
        let mut out = self.out.borrow_mut();
        out.retain(|until| *until > now);
        let all = self.endpoints.get();
        // One of one is all of them; of two, half is one.
        all > 1 && (out.len() + 1) as f32 <= (all as f32 * policy.most).max(1.0)
    }
}

/// How one endpoint has done lately.
#[derive(Debug)]
pub(crate) struct Standing {
    of: Rc<Outliers>,
    /// In a row.
    failures: Cell<u32>,
    /// How often it was ejected; forgotten little by little.
    times: Cell<u32>,
    until: Cell<Option<Instant>>,
}

impl Standing {
    /// When its last ejection ends, or ended.
    pub(crate) fn ejected_until(&self) -> Option<Instant> {
        self.until.get()
    }

    fn is_ejected(&self, now: Instant) -> bool {
        self.until.get().is_some_and(|until| until > now)
    }

    /// An attempt there ended: well, or by the endpoint's own fault.
    pub(crate) fn outcome(&self, now: Instant, is_good: bool) {
        if is_good {
            self.failures.set(0);
        } else if let Some(policy) = self.of.policy {
            self.failed(&policy, now);
        }
    }

    fn failed(&self, policy: &OutlierPolicy, now: Instant) {
        let failures = self.failures.get().saturating_add(1);
        self.failures.set(failures);
        if failures < policy.failures || self.is_ejected(now) || !self.of.may_eject(policy, now) {
            return;
        }
        // Each ejection's time without another one makes up for one.
        let quiet = self.until.get().map_or(0, |until| {
            let since = now.saturating_duration_since(until).as_secs_f64();
            (since / policy.eject.as_secs_f64().max(0.001)) as u32
        });
        let times = (self.times.get().saturating_sub(quiet) + 1).min(MOST_TIMES);
        let until = now + policy.eject * times;
        self.times.set(times);
        self.until.set(Some(until));
        // It comes back with a clean sheet, but for how often.
        self.failures.set(0);
        self.of.out.borrow_mut().push(until);
        self.of.ejections.set(self.of.ejections.get().wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::now;

    use super::{OutlierPolicy, Outliers};

    const EJECT: Duration = Duration::from_secs(10);

    fn service(endpoints: usize) -> std::rc::Rc<Outliers> {
        let outliers = Outliers::new(Some(OutlierPolicy { failures: 3, eject: EJECT, most: 0.5 }));
        outliers.count(endpoints);
        outliers
    }

    #[test]
    fn failures_in_a_row_eject_for_longer_each_time_until_it_is_forgotten() {
        let outliers = service(4);
        let (one, mut at) = (outliers.standing(), now());
        for good in [false, false, true, false, false] {
            one.outcome(at, good);
            assert!(!one.is_ejected(at));
        }
        for times in [1, 2, 3] {
            while !one.is_ejected(at) {
                one.outcome(at, false);
            }
            assert_eq!(one.ejected_until(), Some(at + EJECT * times));
            at += EJECT * times;
        }
        at += EJECT * 2;
        (0..3).for_each(|_| one.outcome(at, false));
        assert_eq!(one.ejected_until(), Some(at + EJECT * 2), "two quiet times make up for two");
    }

    #[test]
    fn never_more_than_the_share_of_all_and_never_the_only_one() {
        for (all, most) in [(1, 0), (2, 1), (3, 1), (4, 2), (10, 5)] {
            let outliers = service(all);
            let endpoints: Vec<_> = (0..all).map(|_| outliers.standing()).collect();
            let at = now();
            (0..10).for_each(|_| endpoints.iter().for_each(|one| one.outcome(at, false)));
            assert_eq!(outliers.ejected(at), most, "of {all}");
            assert_eq!(outliers.ejected(at + EJECT), 0);
        }
    }
}
