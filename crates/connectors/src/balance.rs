//! Which endpoint of a service takes the next call: the less loaded of two drawn at random.
//!
//! Two choices avoid both the herd that "least loaded of all" makes (each core has its own counts) and the
//! blindness of taking turns. An endpoint that could not be reached rests for a moment: refusing at once makes
//! it look idle, and it would draw every call.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::now;
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::resilience::{Outliers, Standing};

const REST: Duration = Duration::from_secs(1);

/// An endpoint as one core sees it, with its connections `P`.
pub(crate) struct Site<P> {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) pool: P,
    in_flight: Cell<u32>,
    rests_until: Cell<Option<Instant>>,
    /// Whether it does worse than the others.
    pub(crate) standing: Rc<Standing>,
}

impl<P> Site<P> {
    /// It could not be reached: for a moment, prefer the others.
    pub(crate) fn rest(&self) {
        self.rests_until.set(Some(now() + REST));
    }

    pub(crate) fn wake(&self) {
        self.rests_until.set(None);
    }

    fn burden(&self) -> (bool, u32) {
        // Mostly there is neither, and no clock is read.
        let is_out = |until: Option<Instant>| until.is_some_and(|until| until > now());
        let rests = is_out(self.rests_until.get()) || is_out(self.standing.ejected_until());
        (rests, self.in_flight.get())
    }
}

/// Counts a call as in flight at its endpoint until dropped.
pub(crate) struct Load<P>(Rc<Site<P>>);

impl<P> Load<P> {
    pub(crate) fn on(site: &Rc<Site<P>>) -> Self {
        site.in_flight.set(site.in_flight.get() + 1);
        Self(Rc::clone(site))
    }

    pub(crate) fn site(&self) -> &Rc<Site<P>> {
        &self.0
    }
}

impl<P> Drop for Load<P> {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get().saturating_sub(1));
    }
}

/// All endpoints of a service.
pub(crate) struct Balance<P> {
    sites: Vec<Rc<Site<P>>>,
}

/// The endpoints that a call has already failed to reach, a bit each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tried(u64);

impl<P> Balance<P> {
    pub(crate) fn new(
        endpoints: &[Arc<Endpoint>],
        outliers: &Rc<Outliers>,
        mut pool: impl FnMut(&Endpoint) -> P,
    ) -> Self {
        outliers.count(endpoints.len());
        let site = |endpoint: &Arc<Endpoint>| {
            Rc::new(Site {
                endpoint: Arc::clone(endpoint),
                pool: pool(endpoint),
                in_flight: Cell::new(0),
                rests_until: Cell::new(None),
                standing: outliers.standing(),
            })
        };
        Self { sites: endpoints.iter().map(site).collect() }
    }

    pub(crate) fn each(&self, visit: impl FnMut(&Rc<Site<P>>)) {
        self.sites.iter().for_each(visit);
    }

    /// Before another attempt: endpoints that failed this call before come last.
    pub(crate) fn again(&self, tried: &mut Tried) {
        if tried.0.count_ones() as usize >= self.sites.len() {
            *tried = Tried::default();
        }
    }

    /// The endpoint for the next attempt, and `tried` with it; `None` once all were tried.
    pub(crate) fn choose(&self, tried: &mut Tried) -> Option<&Rc<Site<P>>> {
        let untried = self.sites.len() - tried.0.count_ones() as usize;
        let index = match untried {
            0 => return None,
            1 => self.nth_untried(*tried, 0)?,
            _ => {
                let first = fastrand::usize(..untried);
                let mut second = fastrand::usize(..untried - 1);
                if second >= first {
                    second += 1;
                }
                let (a, b) = (self.nth_untried(*tried, first)?, self.nth_untried(*tried, second)?);
                if self.sites.get(b)?.burden() < self.sites.get(a)?.burden() { b } else { a }
            }
        };
        tried.0 |= 1 << index;
        self.sites.get(index)
    }

    fn nth_untried(&self, tried: Tried, n: usize) -> Option<usize> {
        if tried.0 == 0 {
            return Some(n);
        }
        (0..self.sites.len()).filter(|i| tried.0 & (1 << i) == 0).nth(n)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Balance, Load, Tried};
    use crate::endpoint;
    use crate::resilience::Outliers;

    fn three() -> Balance<()> {
        let urls = ["http://a", "http://b", "http://c"];
        let endpoints: Vec<_> = urls.iter().map(|u| Arc::new(endpoint::parse(u).unwrap().0)).collect();
        Balance::new(&endpoints, &Outliers::new(None), |_| ())
    }

    #[test]
    fn each_endpoint_is_tried_once() {
        let balance = three();
        let mut tried = Tried::default();
        let mut hosts: Vec<String> = Vec::new();
        while let Some(site) = balance.choose(&mut tried) {
            hosts.push(site.endpoint.host.clone());
        }
        hosts.sort();
        assert_eq!(hosts, ["a", "b", "c"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_most_loaded_and_the_resting_are_never_taken() {
        let balance = three();
        let loads: Vec<_> = (0..3).map(|_| Load::on(&balance.sites[0])).collect();
        for _ in 0..200 {
            let site = balance.choose(&mut Tried::default()).unwrap();
            assert_ne!(site.endpoint.host, "a", "three calls are in flight there");
        }
        drop(loads);
        balance.sites[1].rest();
        for _ in 0..200 {
            let site = balance.choose(&mut Tried::default()).unwrap();
            assert_ne!(site.endpoint.host, "b", "it could not be reached a moment ago");
        }
        tokio::time::advance(super::REST).await;
        let seen = (0..200).any(|_| balance.choose(&mut Tried::default()).unwrap().endpoint.host == "b");
        assert!(seen, "a rest must end");
    }
}
