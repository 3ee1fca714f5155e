//! What is to be done to which calls, and until when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use frontdesk_adapter::now;
use tokio::time::Instant;

use super::Place;

/// Tells rules apart; never given twice by one process.
pub type RuleId = u64;

/// Faults for a share of the calls to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub service: Arc<str>,
    /// `None`: all of them, and what passes through proxy routes.
    pub operation: Option<Arc<str>>,
    /// `None`: the service itself and all of its versions.
    pub version: Option<Arc<str>>,
    /// Of the calls that it says of, in hundredths of a percent.
    pub share: u32,
    pub harm: Harm,
    pub until: Instant,
}

/// What is done to a call. At least one of the three is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Harm {
    /// Before anything else.
    pub delay: Option<Duration>,
    pub abort: Option<Abort>,
    /// What becomes of its answer.
    pub spoil: Option<Spoil>,
}

/// How a call ends that is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abort {
    /// The service answers with this status, 400 to 599; for gRPC, with the code that means the same.
    Status(u16),
    /// No connection can be made.
    Refuse,
    Reset,
    /// Nothing comes, until the call's deadline.
    Timeout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// It ends in its middle.
    Truncate,
    /// It comes whole, and cannot be read.
    Malformed,
}

/// The rules that are in force in this process, shared by all cores.
#[derive(Debug, Default)]
pub struct Rules {
    list: ArcSwap<Vec<(RuleId, Rule)>>,
    last: AtomicU64,
}

impl Rules {
    /// Puts a rule in force until its time is over.
    pub fn add(&self, rule: Rule) -> RuleId {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.change(|rules| rules.push((id, rule.clone())));
        id
    }

    /// Whether there was such a rule.
    pub fn remove(&self, id: RuleId) -> bool {
        let there = self.in_force().iter().any(|(known, _)| *known == id);
        self.change(|rules| rules.retain(|(known, _)| *known != id));
        there
    }

    pub fn clear(&self) {
        self.list.store(Arc::default());
    }

    /// Those whose time is not over.
    pub fn in_force(&self) -> Vec<(RuleId, Rule)> {
        let now = now();
        self.list.load().iter().filter(|(_, rule)| rule.until > now).cloned().collect()
    }

    fn change(&self, change: impl Fn(&mut Vec<(RuleId, Rule)>)) {
        let now = now();
        self.list.rcu(|rules| {
            let mut rules = Vec::clone(rules);
            rules.retain(|(_, rule)| rule.until > now);
            change(&mut rules);
            rules
        });
    }

    /// The first rule that says something of a call and takes it. The operation's name is only asked for if a rule
    /// says one.
    pub(super) fn draw<'o>(
        &self,
        place: &Place,
        operation: impl Fn() -> Option<&'o Arc<str>>,
    ) -> Option<(RuleId, Harm)> {
        let rules = self.list.load();
        if rules.is_empty() {
            return None;
        }
        let now = now();
        let fits = |rule: &Rule| {
            rule.service == place.service
                && rule.until > now
                && (rule.version.is_none() || rule.version == place.version)
                && rule.operation.as_ref().is_none_or(|wanted| operation() == Some(wanted))
                && fastrand::u32(..10_000) < rule.share
        };
        rules.iter().find(|(_, rule)| fits(rule)).map(|(id, rule)| (*id, rule.harm))
    }
}
