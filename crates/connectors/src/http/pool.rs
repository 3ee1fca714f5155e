//! The idle HTTP/1.1 connections of one endpoint on one core.
//!
//! The last one put away is the first one taken: it is the least likely to have been closed meanwhile, and the
//! others grow old enough to go. A connection whose answer nobody waits for any more (its call was late, or its
//! status was all that mattered) is read to the end when one is needed, or swept, and is then idle too: towards a
//! service that is often late, closing would mean a handshake for each call. A call that is cancelled before its
//! time closes its connection: in HTTP/1.1 there is no other way to tell the service that nobody waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Deadline, now};
use tokio::time::Instant;

use super::connection::{Connection, Rest};
use super::request::StaticHead;
use crate::balance::{Load, Site};

/// How long an answer may come after its call was given up.
const LATEST: Duration = Duration::from_secs(5);
/// Connections with late answers, for each call that may be in flight: as many as wait for a service that takes
/// a few times longer than its calls.
const LATE_PER_CALL: usize = 4;
/// Late answers looked at by a call that finds nothing idle: bounded work, as it has nothing to do with them.
const LOOKS: usize = 4;

pub(super) struct Pool {
    /// What each request to this endpoint begins with.
    pub(super) head: StaticHead,
    idle: RefCell<VecDeque<Box<Connection>>>,
    late: RefCell<VecDeque<Box<Connection>>>,
    most: usize,
    keep_alive: Duration,
    lifetime: Duration,
    /// About the size of this endpoint's answers.
    expected: Cell<usize>,
}

impl Pool {
    pub(super) fn new(head: StaticHead, most: u32, keep_alive: Duration, lifetime: Duration) -> Self {
        Self {
            head,
            idle: RefCell::default(),
            late: RefCell::default(),
            most: most as usize,
            keep_alive,
            lifetime,
            expected: Cell::new(8 * 1024),
        }
    }

    pub(super) fn expected(&self) -> usize {
        self.expected.get()
    }

    /// A connection that was idle and still looks alive. Late answers are looked at only when there is none.
    fn take(&self) -> Option<Box<Connection>> {
        let now = now();
        self.take_idle(now).or_else(|| {
            self.look_at_late(LOOKS);
            self.take_idle(now)
        })
    }

    fn take_idle(&self, now: Instant) -> Option<Box<Connection>> {
        let mut idle = self.idle.borrow_mut();
        while let Some(mut connection) = idle.pop_back() {
            if !connection.is_old(now, self.keep_alive) && connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    fn put_back(&self, mut connection: Box<Connection>, cancelled: bool) {
        match connection.discard() {
            Rest::Lost => {}
            Rest::Clean => self.rest(connection),
            Rest::Coming if cancelled => {}
            Rest::Coming => {
                let mut late = self.late.borrow_mut();
                if late.len() < self.most * LATE_PER_CALL {
                    connection.idle_since = now();
                    late.push_back(connection);
                }
            }
        }
    }

    fn rest(&self, mut connection: Box<Connection>) {
        let now = now();
        connection.idle_since = now;
        // From its first rest on, and not all at the same moment.
        let lifetime = || now + self.lifetime.mul_f32(0.9 + 0.2 * fastrand::f32());
        connection.retires.get_or_insert_with(lifetime);
        self.expected.set(connection.expected());
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|oldest| oldest.is_old(now, self.keep_alive)) {
            idle.pop_front();
        }
        if idle.len() >= self.most {
            idle.pop_front();
        }
        idle.push_back(connection);
    }

    /// Closes what has been idle or late for too long, also when no call comes.
    pub(super) fn sweep(&self) {
        let now = now();
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|oldest| oldest.is_old(now, self.keep_alive)) {
            idle.pop_front();
        }
        drop(idle);
        let late = self.late.borrow().len();
        self.look_at_late(late);
    }

    fn look_at_late(&self, most: usize) {
        if self.late.borrow().is_empty() {
            return;
        }
        for _ in 0..most {
            let Some(mut connection) = self.late.borrow_mut().pop_front() else {
                return;
            };
            match connection.discard() {
                Rest::Lost => {}
                Rest::Clean => self.rest(connection),
                Rest::Coming => {
                    if now().duration_since(connection.idle_since) < LATEST {
                        self.late.borrow_mut().push_back(connection);
                    }
                }
            }
        }
    }
}

/// A connection in use by one call, counted as that endpoint's load; goes back to the pool when dropped, in
/// whatever state.
pub(super) struct Lease {
    connection: Option<Box<Connection>>,
    load: Load<Pool>,
    /// It carried other calls before, so the service may have closed it without our knowing yet.
    pub(super) is_reused: bool,
    wanted: Wanted,
}

/// Until when the answer that comes on a leased connection is waited for.
#[derive(Clone, Copy)]
enum Wanted {
    /// Nobody waits: there is no call, or all of the answer that mattered has come.
    No,
    Until(Deadline),
    /// To its last byte.
    ToTheEnd,
}

impl Lease {
    /// An idle connection of `site`, if there is one.
    pub(super) fn idle(site: &Rc<Site<Pool>>) -> Option<Self> {
        let connection = site.pool.take()?;
        Some(Self { connection: Some(connection), load: Load::on(site), is_reused: true, wanted: Wanted::No })
    }

    pub(super) fn fresh(connection: Box<Connection>, load: Load<Pool>) -> Self {
        Self { connection: Some(connection), load, is_reused: false, wanted: Wanted::No }
    }

    pub(super) fn site(&self) -> &Rc<Site<Pool>> {
        self.load.site()
    }

    /// A call begins: dropping the lease before `deadline` cancels it.
    pub(super) fn wait_until(&mut self, deadline: Deadline) {
        self.wanted = Wanted::Until(deadline);
    }

    /// Dropping the lease before the end of the answer cancels the call, however long that takes.
    pub(super) fn wait_to_the_end(&mut self) {
        self.wanted = Wanted::ToTheEnd;
    }

    /// What else comes is of no interest, but the connection is.
    pub(super) fn wait_no_more(&mut self) {
        self.wanted = Wanted::No;
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        // Only `drop` takes it out.
        #[expect(clippy::expect_used, reason = "a lease holds its connection until it is dropped")]
        self.connection.as_mut().expect("a lease holds its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let cancelled = match self.wanted {
                Wanted::No => false,
                Wanted::Until(deadline) => now() < deadline.instant(),
                Wanted::ToTheEnd => true,
            };
            self.load.site().pool.put_back(connection, cancelled);
        }
    }
}
