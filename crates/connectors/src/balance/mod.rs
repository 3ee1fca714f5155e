//! Which endpoint of a service takes the next call: the less loaded of two drawn by weight, or the one that always
//! takes what is asked for.
//!
//! Two choices avoid both the herd that "least loaded of all" makes (each core has its own counts) and the
//! blindness of taking turns. An endpoint that could not be reached rests for a moment: refusing at once makes
//! it look idle, and it would draw every call.
//!
//! `levels` says how weights, zones and what is out come together, `affinity` is `balance: hash`. Endpoints come and
//! go while calls are in flight: one that stays keeps its connections, one that went is let go by its last call.

mod affinity;
mod levels;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Fault, ServiceCall, now};
use tokio::sync::watch;
use tokio::time::Instant;

use self::levels::{Candidate, Draw};
use crate::discovery::{Discovery, Member, Roster};
use crate::endpoint::Endpoint;
use crate::resilience::{Outliers, Standing};
use crate::settings::Checked;

const REST: Duration = Duration::from_secs(1);
/// An endpoint that starts slowly begins with this part of its weight.
const LEAST_PART: f32 = 0.1;
/// How often the parts of those that start slowly are reckoned again.
const STEP: Duration = Duration::from_millis(250);

/// An endpoint as one core sees it, with its connections `P`.
pub(crate) struct Site<P> {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) pool: P,
    /// Whether it does worse than the others.
    pub(crate) standing: Rc<Standing>,
    in_flight: Cell<u32>,
    rests_until: Cell<Option<Instant>>,
    /// What calls remember it by; shared with others only where there are more endpoints than bits.
    bit: u64,
    /// The same on every core and instance.
    identity: u64,
    member: RefCell<Member>,
    /// The weight it has now: less than its own while it starts slowly.
    weight: Cell<f32>,
    was_available: Cell<bool>,
    was_well: Cell<bool>,
    /// Since when it has been back, if that is a matter of moments.
    starts: Cell<Option<Instant>>,
}

impl<P> Site<P> {
    /// It could not be reached: for a moment, prefer the others.
    pub(crate) fn rest(&self) {
        self.rests_until.set(Some(now() + REST));
    }

    pub(crate) fn wake(&self) {
        self.rests_until.set(None);
    }

    fn rests(&self) -> bool {
        self.rests_until.get().is_some_and(|until| until > now())
    }

    /// Whether a call is better off here than at `other`.
    fn is_better_than(&self, other: &Self) -> bool {
        match (self.rests(), other.rests()) {
            (false, true) => true,
            (true, false) => false,
            _ => {
                let (own, others) = (self.in_flight.get() as f32, other.in_flight.get() as f32);
                own * other.weight.get() < others * self.weight.get()
            }
        }
    }

    /// The part of its weight that it gets at `now`.
    fn part(&self, now: Instant, slow_start: Duration) -> f32 {
        let Some(start) = self.starts.get() else { return 1.0 };
        let since = now.saturating_duration_since(start);
        if since >= slow_start {
            self.starts.set(None);
            return 1.0;
        }
        (since.as_secs_f32() / slow_start.as_secs_f32()).max(LEAST_PART)
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

/// All endpoints of a service, as one core sees them.
pub(crate) struct Balance<P> {
    discovery: Arc<Discovery>,
    roster: RefCell<watch::Receiver<Arc<Roster>>>,
    pool: Box<dyn Fn(&Endpoint) -> P>,
    outliers: Rc<Outliers>,
    slow_start: Duration,
    is_hashed: bool,
    sites: RefCell<Vec<Rc<Site<P>>>>,
    picture: RefCell<Picture<P>>,
}

/// What calls are drawn from, until something changes.
struct Picture<P> {
    levels: Vec<Shared<P>>,
    /// Everybody: those that get calls first, level by level, then those that are out.
    order: Vec<(u32, Rc<Site<P>>)>,
    /// The bits of all.
    bits: u64,
    /// When an ejection ends or a slow start goes on.
    until: Option<Instant>,
    /// Ejections that it knows of.
    ejections: u32,
    is_stale: bool,
}

struct Shared<P> {
    until: f64,
    draw: Draw,
    sites: Vec<Rc<Site<P>>>,
}

/// The endpoints that a call has already tried, a bit each, and what it asks for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tried {
    bits: u64,
    key: u64,
}

/// What a call asks for: the same question has the same answer.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a>([&'a [u8]; 3]);

impl<'a> Question<'a> {
    pub(crate) fn of(call: &'a ServiceCall) -> Self {
        Self([call.method.as_bytes(), &call.target, &call.body])
    }

    /// Of a request whose body is not here.
    pub(crate) fn without_body(method: &'a str, target: &'a [u8]) -> Self {
        Self([method.as_bytes(), target, &[]])
    }
}

impl<P> Balance<P> {
    pub(crate) fn new(
        checked: &Checked,
        outliers: &Rc<Outliers>,
        pool: impl Fn(&Endpoint) -> P + 'static,
    ) -> Self {
        let settings = &checked.settings;
        let balance = Self {
            discovery: Arc::clone(&checked.discovery),
            roster: RefCell::new(checked.discovery.roster()),
            pool: Box::new(pool),
            outliers: Rc::clone(outliers),
            slow_start: settings.slow_start,
            is_hashed: settings.is_hashed,
            sites: RefCell::default(),
            picture: RefCell::new(Picture {
                levels: Vec::new(),
                order: Vec::new(),
                bits: 0,
                until: None,
                ejections: 0,
                is_stale: true,
            }),
        };
        balance.take_over();
        balance
    }

    pub(crate) fn each(&self, visit: impl FnMut(&Rc<Site<P>>)) {
        self.sites.borrow().iter().for_each(visit);
    }

    /// Looks whether endpoints came, went, fell ill or got well. To be called now and then.
    pub(crate) fn sweep(&self) {
        self.discovery.drive();
        // The sender lives as long as this does.
        if self.roster.borrow().has_changed().unwrap_or_default() {
            self.take_over();
        }
        let has_changed = |site: &Rc<Site<P>>| site.member.borrow().vitals.is_well() != site.was_well.get();
        if self.sites.borrow().iter().any(has_changed) {
            self.picture.borrow_mut().is_stale = true;
        }
    }

    /// Waits, while no endpoint is known at all, for the first answer to where they are.
    ///
    /// # Errors
    /// [`Fault::Connect`] if there is none.
    pub(crate) async fn ready(&self) -> Result<(), Fault> {
        if !self.sites.borrow().is_empty() {
            return Ok(());
        }
        Box::pin(self.discovery.first()).await?;
        self.take_over();
        Ok(())
    }

    /// Before an attempt: endpoints that failed this call before come last.
    pub(crate) fn again(&self, tried: &mut Tried, question: Question<'_>) {
        if self.is_hashed && tried.bits == 0 {
            tried.key = affinity::key(&question.0);
        }
        if self.picture.borrow().bits & !tried.bits == 0 {
            tried.bits = 0;
        }
    }

    /// The endpoint for the next attempt, and `tried` with it; `None` once all were tried.
    pub(crate) fn choose(&self, tried: &mut Tried) -> Option<Rc<Site<P>>> {
        if !self.is_current() {
            self.redraw();
        }
        let picture = self.picture.borrow();
        let site = if self.is_hashed {
            picture.nearest(*tried)?
        } else if tried.bits == 0 {
            picture.draw()?
        } else {
            picture.draw_untried(*tried)?
        };
        tried.bits |= site.bit;
        Some(Rc::clone(site))
    }

    fn is_current(&self) -> bool {
        let picture = self.picture.borrow();
        !picture.is_stale
            && picture.ejections == self.outliers.ejections()
            && picture.until.is_none_or(|until| now() < until)
    }

    /// Makes the sites those of the newest roster; what stays keeps its connections and counts.
    fn take_over(&self) {
        let roster = Arc::clone(&self.roster.borrow_mut().borrow_and_update());
        let mut sites = self.sites.borrow_mut();
        let is_first = sites.is_empty();
        let mut before: HashMap<Arc<str>, Rc<Site<P>>> =
            sites.drain(..).map(|site| (Arc::clone(&site.endpoint.name), site)).collect();
        let stays = |member: &Member, before: &mut HashMap<Arc<str>, Rc<Site<P>>>| {
            let site = before.remove(&member.endpoint.name)?;
            site.member.replace(member.clone());
            Some(site)
        };
        let kept: Vec<Option<Rc<Site<P>>>> =
            roster.members.iter().map(|member| stays(member, &mut before)).collect();
        let mut bits = kept.iter().flatten().fold(0, |bits, site| bits | site.bit);
        for (number, (member, site)) in roster.members.iter().zip(kept).enumerate() {
            let site = site.unwrap_or_else(|| {
                // The first bit that is free; all are taken from the 65th endpoint on.
                let free = (!bits).trailing_zeros();
                let bit = 1u64 << if free < 64 { free } else { number as u32 % 64 };
                bits |= bit;
                self.site(member, bit, is_first)
            });
            sites.push(site);
        }
        self.outliers.count(sites.len());
        self.picture.borrow_mut().is_stale = true;
    }

    fn site(&self, member: &Member, bit: u64, is_first: bool) -> Rc<Site<P>> {
        Rc::new(Site {
            endpoint: Arc::clone(&member.endpoint),
            pool: (self.pool)(&member.endpoint),
            standing: self.outliers.standing(),
            in_flight: Cell::new(0),
            rests_until: Cell::new(None),
            bit,
            identity: affinity::key(&[member.endpoint.name.as_bytes()]),
            member: RefCell::new(member.clone()),
            weight: Cell::new(member.weight),
            was_available: Cell::new(true),
            was_well: Cell::new(true),
            // Where all are new, none is spared.
            starts: Cell::new(if is_first { None } else { Some(now()) }),
        })
    }

    /// Reckons again who gets which share.
    fn redraw(&self) {
        let now = now();
        let sites = self.sites.borrow();
        let mut until: Option<Instant> = None;
        let mut at_latest = |moment: Instant| until = Some(until.map_or(moment, |until| until.min(moment)));
        let candidates: Vec<Candidate> = sites
            .iter()
            .map(|site| {
                let member = site.member.borrow();
                let is_well = member.vitals.is_well();
                let ejected = site.standing.ejected_until().filter(|until| *until > now);
                let is_available = is_well && ejected.is_none();
                if is_available && !site.was_available.get() {
                    site.starts.set(Some(now));
                }
                site.was_available.set(is_available);
                site.was_well.set(is_well);
                let part = site.part(now, self.slow_start);
                site.weight.set(member.weight * part);
                if let Some(ejected) = ejected {
                    at_latest(ejected);
                }
                if part < 1.0 {
                    at_latest(now + STEP);
                }
                Candidate { rank: member.rank, weight: member.weight, part, is_available }
            })
            .collect();
        let (levels, _) = levels::levels(&candidates);
        let mut order: Vec<(u32, Rc<Site<P>>)> = Vec::with_capacity(sites.len());
        for (number, level) in levels.iter().enumerate() {
            let members = level.members.iter().filter_map(|at| sites.get(*at));
            order.extend(members.map(|site| (number as u32, Rc::clone(site))));
        }
        let left = levels.len() as u32;
        let mut gets_calls = vec![false; sites.len()];
        for at in levels.iter().flat_map(|level| &level.members) {
            if let Some(gets) = gets_calls.get_mut(*at) {
                *gets = true;
            }
        }
        let mut others: Vec<(u32, Rc<Site<P>>)> = Vec::new();
        for ((site, candidate), gets_calls) in sites.iter().zip(&candidates).zip(gets_calls) {
            if !gets_calls {
                // Those further away, but well, before those that are out.
                let group = if candidate.is_available { left + candidate.rank } else { u32::MAX };
                others.push((group, Rc::clone(site)));
            }
        }
        others.sort_by_key(|(group, _)| *group);
        order.extend(others);
        let shared = |level: levels::Level| Shared {
            until: level.until,
            draw: level.draw,
            sites: level.members.iter().filter_map(|at| sites.get(*at)).cloned().collect(),
        };
        *self.picture.borrow_mut() = Picture {
            levels: levels.into_iter().map(shared).collect(),
            order,
            bits: sites.iter().fold(0, |bits, site| bits | site.bit),
            until,
            ejections: self.outliers.ejections(),
            is_stale: false,
        };
    }
}

impl<P> Picture<P> {
    /// The better of two drawn from one level.
    fn draw(&self) -> Option<&Rc<Site<P>>> {
        let level = match self.levels.as_slice() {
            [one] => one,
            several => Self::level_at(several, fastrand::f64())?,
        };
        if level.sites.is_empty() {
            return None;
        }
        let (first, second) = level.draw.two();
        let first = level.sites.get(first)?;
        match second.and_then(|second| level.sites.get(second)) {
            Some(second) if second.is_better_than(first) => Some(second),
            _ => Some(first),
        }
    }

    fn level_at(levels: &[Shared<P>], share: f64) -> Option<&Shared<P>> {
        levels.iter().find(|level| share < level.until).or(levels.last())
    }

    /// Those that are left of the first group that has any.
    fn untried(&self, tried: Tried) -> impl Iterator<Item = &Rc<Site<P>>> + Clone {
        let is_untried = move |(_, site): &&(u32, Rc<Site<P>>)| tried.bits & site.bit == 0;
        let first = self.order.iter().find(is_untried).map(|(group, _)| *group);
        let of_group = move |(group, _): &&(u32, Rc<Site<P>>)| Some(*group) == first;
        self.order.iter().filter(of_group).filter(is_untried).map(|(_, site)| site)
    }

    /// The better of two drawn from what is left.
    fn draw_untried(&self, tried: Tried) -> Option<&Rc<Site<P>>> {
        let count = self.untried(tried).count();
        if count < 2 {
            return self.untried(tried).next();
        }
        let first = fastrand::usize(..count);
        let second = (first + 1 + fastrand::usize(..count - 1)) % count;
        let (first, second) = (self.untried(tried).nth(first)?, self.untried(tried).nth(second)?);
        Some(if second.is_better_than(first) { second } else { first })
    }

    /// The endpoint nearest to what is asked for, of those that have room.
    fn nearest(&self, tried: Tried) -> Option<&Rc<Site<P>>> {
        if tried.bits != 0 {
            return nearest_of(self.untried(tried), tried.key);
        }
        let share = affinity::fraction(affinity::mixed(tried.key, 0));
        nearest_of(Self::level_at(&self.levels, share)?.sites.iter(), tried.key)
    }
}

fn nearest_of<'a, P: 'a>(
    sites: impl Iterator<Item = &'a Rc<Site<P>>> + Clone,
    key: u64,
) -> Option<&'a Rc<Site<P>>> {
    let mut in_flight = 0;
    let mut whole = 0.0;
    for site in sites.clone() {
        in_flight += site.in_flight.get();
        whole += site.weight.get();
    }
    let far = |site: &Rc<Site<P>>| {
        let weight = site.weight.get();
        let is_full = site.in_flight.get() >= affinity::bound(in_flight, weight, whole);
        (is_full || site.rests(), affinity::distance(key, site.identity, weight))
    };
    let nearer = |a: &(bool, f64), b: &(bool, f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    sites.map(|site| (far(site), site)).min_by(|a, b| nearer(&a.0, &b.0)).map(|(_, site)| site)
}

#[cfg(test)]
mod tests;
