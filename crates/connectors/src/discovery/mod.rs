//! Which endpoints a service has, as that changes: one list a process, which every core follows.
//!
//! Nothing here has a task of its own. Whichever core's sweep comes when a source is due looks at it, and the others
//! find the new list when theirs comes. What was found last stays until something else is: a name server that is
//! away, a name that is gone for a moment, a file that is half written are no reason to stop calling machines that
//! answer (RFC 8767 has the same thought).

mod dns;
mod health;
mod source;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, now, say};
use tokio::sync::watch;
use tokio::time::Instant;

use self::health::Rounds;
use self::source::{Seen, Source, Spot};
use crate::endpoint::{Endpoint, Scheme};
use crate::transport::Dialer;
use crate::{Addresses, Error, HealthCheck, Settings};

/// After a source could not be read: as long as that, then twice, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A list that is longer is cut.
pub(crate) const MOST_ENDPOINTS: usize = 1024;

/// An endpoint that may be called now.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) weight: f32,
    /// Which are asked first: SRV priorities, and within them our own zone before others. The lowest comes first.
    pub(crate) rank: u32,
    pub(crate) vitals: Arc<Vitals>,
}

/// Whether an endpoint says that it is well. Outlives changes of the list.
#[derive(Debug, Default)]
pub(crate) struct Vitals {
    is_ill: AtomicBool,
}

impl Vitals {
    pub(crate) fn is_well(&self) -> bool {
        !self.is_ill.load(Ordering::Relaxed)
    }

    pub(crate) fn fall_ill(&self) {
        self.is_ill.store(true, Ordering::Relaxed);
    }

    fn get_well(&self) {
        self.is_ill.store(false, Ordering::Relaxed);
    }
}

/// All endpoints at one moment, in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) members: Vec<Member>,
    /// Why there are none.
    problem: Option<String>,
}

/// Finds a service's endpoints. Shared by all cores.
pub(crate) struct Discovery {
    sources: Vec<Source>,
    own_zone: Option<Arc<str>>,
    allowed: Addresses,
    server: Option<SocketAddr>,
    patience: Duration,
    roster: watch::Sender<Arc<Roster>>,
    found: Mutex<Vec<Found>>,
    rounds: Option<Rounds>,
}

/// What is known of one source.
struct Found {
    spots: Vec<Spot>,
    next: Instant,
    is_busy: bool,
    failures: u32,
    /// What went wrong last, if it did; told once.
    problem: Option<String>,
}

impl Discovery {
    /// Parses where endpoints are and says whether they speak HTTP/2. Asks nobody, but lists are read.
    pub(crate) fn new(settings: &Settings) -> Result<(Self, bool), Error> {
        if settings.endpoints.is_empty() || settings.endpoints.len() > MOST_ENDPOINTS {
            return Err(Error::EndpointCount);
        }
        let sources: Vec<Source> = settings.endpoints.iter().map(Source::parse).collect::<Result<_, _>>()?;
        let mut protocol = None;
        for source in &sources {
            let http2 = settings.http2 || source.scheme == Scheme::H2c;
            if *protocol.get_or_insert(http2) != http2 {
                return Err(Error::MixedProtocols { url: source.name().to_owned() });
            }
        }
        let start = now();
        let found = |source: &Source| Found {
            spots: source.at_first(),
            next: start,
            is_busy: false,
            failures: 0,
            problem: None,
        };
        let found: Vec<Found> = sources.iter().map(found).collect();
        let own_zone = settings.zone.clone();
        let first = roster(&found, own_zone.as_deref(), &Roster::default());
        let discovery = Self {
            sources,
            own_zone,
            allowed: settings.addresses,
            server: settings.resolver,
            patience: settings.connect_timeout,
            roster: watch::Sender::new(Arc::new(first)),
            found: Mutex::new(found),
            rounds: None,
        };
        Ok((discovery, protocol.unwrap_or(settings.http2)))
    }

    /// Endpoints are asked whether they are well, from now on.
    pub(crate) fn checking(self, health: Option<HealthCheck>, dialer: &Dialer, http2: bool) -> Self {
        Self { rounds: health.map(|health| Rounds::new(health, dialer.clone(), http2)), ..self }
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.sources.iter().any(|source| source.is_secure)
    }

    pub(crate) fn roster(&self) -> watch::Receiver<Arc<Roster>> {
        // What is there at first is as good as new to whoever comes.
        self.roster.subscribe()
    }

    /// Looks at what is due, in tasks of this thread. To be called now and then.
    pub(crate) fn drive(self: &Arc<Self>) {
        let now = now();
        if !self.sources.iter().all(Source::is_fixed) {
            for at in self.due(now) {
                tokio::task::spawn_local(Look { of: Arc::clone(self), at }.run());
            }
        }
        if let Some(rounds) = &self.rounds {
            rounds.drive(&self.roster.borrow(), now);
        }
    }

    /// Waits until an endpoint is known.
    ///
    /// # Errors
    /// [`Fault::Connect`] if none could be found, or not in the time that connecting may take.
    pub(crate) async fn first(self: &Arc<Self>) -> Result<(), Fault> {
        let mut roster = self.roster.subscribe();
        self.drive();
        let limit = Deadline::after(now(), self.patience);
        loop {
            {
                let roster = roster.borrow_and_update();
                if !roster.members.is_empty() {
                    return Ok(());
                }
                if let (Some(problem), false) = (&roster.problem, self.is_looking()) {
                    return Err(Fault::Connect(problem.clone()));
                }
            }
            match tokio::time::timeout_at(limit.instant(), roster.changed()).await {
                Ok(Ok(())) => {}
                _ => {
                    let names: Vec<&str> = self.sources.iter().map(Source::name).collect();
                    let why = format!("{}: no address within {:?}", names.join(", "), self.patience);
                    return Err(Fault::Connect(why));
                }
            }
        }
    }

    fn is_looking(&self) -> bool {
        self.found().iter().any(|found| found.is_busy)
    }

    fn found(&self) -> MutexGuard<'_, Vec<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sources to look at now, which are nobody else's from here on.
    fn due(&self, now: Instant) -> Vec<usize> {
        let mut found = self.found();
        let mut due = Vec::new();
        for (at, (found, source)) in found.iter_mut().zip(&self.sources).enumerate() {
            if !source.is_fixed() && !found.is_busy && found.next <= now {
                found.is_busy = true;
                due.push(at);
            }
        }
        due
    }

    fn saw(&self, at: usize, seen: Result<Seen, String>) {
        let Some(name) = self.sources.get(at).map(Source::name) else { return };
        let mut all = self.found();
        let Some(found) = all.get_mut(at) else { return };
        found.is_busy = false;
        match seen {
            Ok(seen) => {
                if found.problem.take().is_some() {
                    say!("frontdesk: the endpoints of {name} can be found again");
                }
                found.failures = 0;
                found.next = now() + seen.next;
                if let Some(mut spots) = seen.spots {
                    spots.truncate(MOST_ENDPOINTS);
                    found.spots = spots;
                }
            }
            Err(why) => {
                let pause = FIRST_PAUSE * 2u32.saturating_pow(found.failures.min(5));
                found.failures += 1;
                found.next = now() + pause.min(LONGEST_PAUSE);
                if found.problem.as_ref() != Some(&why) {
                    let meanwhile =
                        if found.spots.is_empty() { "" } else { ", so those known last stay in use" };
                    say!("frontdesk: the endpoints of {name} cannot be told{meanwhile}: {why}");
                }
                found.problem = Some(why);
            }
        }
        let before = Arc::clone(&self.roster.borrow());
        let mut after = roster(&all, self.own_zone.as_deref(), &before);
        if after.members.is_empty() {
            after.problem = all.iter().zip(&self.sources).find_map(|(found, source)| {
                found.problem.as_ref().map(|problem| format!("{}: {problem}", source.name()))
            });
        }
        drop(all);
        if after.members.is_empty() || !is_same(&after, &before) {
            self.roster.send_replace(Arc::new(after));
        }
    }
}

/// One source, while it is looked at. Dropped with its thread, it is free for others to look at.
struct Look {
    of: Arc<Discovery>,
    at: usize,
}

impl Look {
    async fn run(self) {
        let Some(source) = self.of.sources.get(self.at) else { return };
        let seen = source.look(self.of.server, self.of.allowed).await;
        self.of.saw(self.at, seen);
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        if let Some(found) = self.of.found().get_mut(self.at) {
            found.is_busy = false;
        }
    }
}

/// What all sources say together; whoever stays keeps its vitals.
fn roster(found: &[Found], own_zone: Option<&str>, before: &Roster) -> Roster {
    let mut priorities: Vec<u16> = found.iter().flat_map(|f| &f.spots).map(|spot| spot.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let mut members: Vec<Member> = Vec::new();
    for spot in found.iter().flat_map(|found| &found.spots) {
        let tier = priorities.binary_search(&spot.priority).unwrap_or_default() as u32;
        let is_far = own_zone.is_some_and(|own| spot.zone.as_deref() != Some(own));
        members.push(Member {
            endpoint: Arc::clone(&spot.endpoint),
            weight: spot.weight,
            rank: tier * 2 + u32::from(is_far),
            vitals: Arc::default(),
        });
    }
    members.sort_by(|a, b| a.endpoint.name.cmp(&b.endpoint.name));
    members.dedup_by(|again, first| {
        let is_same = again.endpoint.name == first.endpoint.name;
        if is_same {
            first.weight += again.weight;
            first.rank = first.rank.min(again.rank);
        }
        is_same
    });
    for member in &mut members {
        let known = before.members.binary_search_by(|known| known.endpoint.name.cmp(&member.endpoint.name));
        if let Some(known) = known.ok().and_then(|at| before.members.get(at)) {
            member.vitals = Arc::clone(&known.vitals);
            member.endpoint = Arc::clone(&known.endpoint);
        }
    }
    Roster { members, problem: None }
}

fn is_same(a: &Roster, b: &Roster) -> bool {
    a.members.len() == b.members.len()
        && a.members
            .iter()
            .zip(&b.members)
            .all(|(a, b)| a.endpoint.name == b.endpoint.name && a.weight == b.weight && a.rank == b.rank)
}
