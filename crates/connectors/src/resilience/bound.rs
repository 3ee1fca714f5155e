//! How many calls one service may have in flight, so that a slow one cannot take every connection and buffer.
//!
//! Who finds no place waits, more important calls before others, and not longer than its deadline: a call that could
//! not be answered any more when its turn comes gives way to one that can. A queue that has not been empty for a while
//! is no burst but an overload: then the last to come is served first, because it has the most time left, instead of
//! everybody being answered too late (adaptive LIFO; Maurer, *Fail at Scale*, ACM Queue 13(8), 2015).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, Priority, now};
use tokio::time::Instant;

use super::limit::{Limit, Usual};
use super::policy::BoundPolicy;

/// A queue that is not empty for longer than this is an overload.
const BURST: Duration = Duration::from_millis(100);
/// The shortest queue of an adaptive bound.
const LEAST_QUEUE: u32 = 16;
const PRIORITIES: usize = 3;

/// The bound of one service on one core.
#[derive(Debug)]
pub(crate) struct Bound {
    kind: Kind,
    in_flight: Cell<u32>,
    waiting: Cell<u32>,
    queue: RefCell<Queue>,
}

#[derive(Debug)]
enum Kind {
    Fixed { calls: u32, queue: u32 },
    Adaptive(Limit),
}

/// A place among the calls in flight, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(Rc<Bound>);

#[derive(Debug, Default)]
struct Queue {
    /// By priority, the greatest last; each in the order in which they came.
    lanes: [VecDeque<Rc<Waiter>>; PRIORITIES],
    /// Since when somebody has been waiting without a break.
    since: Option<Instant>,
}

#[derive(Debug)]
struct Waiter {
    state: Cell<State>,
    waker: RefCell<Waker>,
    deadline: Deadline,
    /// The time that an answer takes at the least.
    needs: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// It has a place.
    Called,
    Shed,
}

impl Bound {
    pub(crate) fn new(policy: BoundPolicy, now: Instant) -> Rc<Self> {
        let kind = match policy {
            BoundPolicy::Fixed { calls, queue } => Kind::Fixed { calls: calls.max(1), queue },
            BoundPolicy::Adaptive => Kind::Adaptive(Limit::new(now)),
        };
        Rc::new(Self { kind, in_flight: Cell::new(0), waiting: Cell::new(0), queue: RefCell::default() })
    }

    /// The most calls that may be in flight at this moment.
    pub(crate) fn limit(&self) -> u32 {
        match &self.kind {
            Kind::Fixed { calls, .. } => *calls,
            Kind::Adaptive(limit) => limit.calls(),
        }
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.get()
    }

    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.get()
    }

    fn most_waiting(&self) -> u32 {
        match &self.kind {
            Kind::Fixed { queue, .. } => *queue,
            Kind::Adaptive(limit) => limit.calls().max(LEAST_QUEUE),
        }
    }

    /// A call of an operation, which is still in flight, was answered in `took`.
    pub(crate) fn answered(&self, usual: &Usual, took: Duration, now: Instant) {
        match &self.kind {
            Kind::Fixed { .. } => usual.note_slowly(took, now),
            Kind::Adaptive(limit) => limit.answered(usual, took, self.in_flight.get(), now),
        }
    }

    /// It was not answered in the time it had.
    pub(crate) fn late(&self, usual: &Usual, waited: Duration, now: Instant) {
        if let Kind::Adaptive(limit) = &self.kind {
            limit.late(usual, waited, self.in_flight.get(), now);
        }
    }

    /// The service said that it has too much to do.
    pub(crate) fn refused(&self, now: Instant) {
        if let Kind::Adaptive(limit) = &self.kind {
            limit.refused(self.in_flight.get(), now);
        }
    }

    /// A place, if there is one free and nobody waits for it.
    pub(crate) fn try_enter(self: &Rc<Self>) -> Option<Place> {
        if self.waiting.get() > 0 || self.in_flight.get() >= self.limit() {
            return None;
        }
        self.in_flight.set(self.in_flight.get() + 1);
        Some(Place(Rc::clone(self)))
    }

    /// A place now, or when its turn comes.
    ///
    /// # Errors
    /// [`Fault::Shed`] if too many wait already that are as important, or the turn did not come before `deadline`, or so
    /// late that nothing would come of it. `usual`: how long such a call takes.
    pub(crate) async fn enter(
        self: &Rc<Self>,
        priority: Priority,
        deadline: Deadline,
        usual: Option<&Usual>,
    ) -> Result<Place, Fault> {
        if let Some(place) = self.try_enter() {
            return Ok(place);
        }
        // Half of the usual time: below that it does not take calls by chance.
        let needs = usual.and_then(Usual::get).unwrap_or_default() / 2;
        if deadline.remaining() <= needs || !self.make_room(priority) {
            return Err(Fault::Shed);
        }
        let waiter = Rc::new(Waiter {
            state: Cell::new(State::Waiting),
            waker: RefCell::new(Waker::noop().clone()),
            deadline,
            needs,
        });
        let lane = lane(priority);
        self.push(lane, &waiter);
        let turn = Turn { bound: self, lane, waiter: &waiter };
        // The end of the wait is found out below, whatever ended it.
        let _ = tokio::time::timeout_at(deadline.instant(), poll_fn(|cx| turn.poll(cx))).await;
        turn.take().ok_or(Fault::Shed)
    }

    fn push(&self, lane: usize, waiter: &Rc<Waiter>) {
        let mut queue = self.queue.borrow_mut();
        queue.since.get_or_insert_with(now);
        if let Some(lane) = queue.lanes.get_mut(lane) {
            lane.push_back(Rc::clone(waiter));
            self.waiting.set(self.waiting.get() + 1);
        }
    }

    /// Whether one more of `priority` may wait; if need be, instead of one that matters less.
    fn make_room(&self, priority: Priority) -> bool {
        if self.waiting.get() < self.most_waiting() {
            return true;
        }
        let mut queue = self.queue.borrow_mut();
        let less = queue.lanes.iter_mut().take(lane(priority));
        // Of the least important ones, the last that came.
        let Some(given_up) = less.filter_map(VecDeque::pop_back).next() else {
            return false;
        };
        self.waiting.set(self.waiting.get() - 1);
        drop(queue);
        given_up.end(State::Shed);
        true
    }

    /// A place is free, or the limit has grown: whoever's turn it is gets one.
    fn call_next(self: &Rc<Self>) {
        while self.waiting.get() > 0 && self.in_flight.get() < self.limit() {
            let now = now();
            let Some(waiter) = self.queue.borrow_mut().next(now) else { return };
            self.waiting.set(self.waiting.get() - 1);
            if self.waiting.get() == 0 {
                self.queue.borrow_mut().since = None;
            }
            if waiter.deadline.instant().saturating_duration_since(now) <= waiter.needs {
                waiter.end(State::Shed);
                continue;
            }
            self.in_flight.set(self.in_flight.get() + 1);
            waiter.end(State::Called);
        }
    }

    fn leave(self: &Rc<Self>) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        if self.waiting.get() > 0 {
            self.call_next();
        }
    }
}

fn lane(priority: Priority) -> usize {
    match priority {
        Priority::Background => 0,
        Priority::View => 1,
        Priority::Action => 2,
    }
}

impl Queue {
    fn next(&mut self, now: Instant) -> Option<Rc<Waiter>> {
        let is_overload = self.since.is_some_and(|since| now.saturating_duration_since(since) > BURST);
        let lane = self.lanes.iter_mut().rev().find(|lane| !lane.is_empty())?;
        if is_overload { lane.pop_back() } else { lane.pop_front() }
    }
}

impl Waiter {
    fn end(&self, state: State) {
        self.state.set(state);
        self.waker.replace(Waker::noop().clone()).wake();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// A call that waits. Leaves the queue when dropped, and passes on the place that it may have been given.
struct Turn<'a> {
    bound: &'a Rc<Bound>,
    lane: usize,
    waiter: &'a Rc<Waiter>,
}

impl Turn<'_> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waiter.state.get() != State::Waiting {
            return Poll::Ready(());
        }
        let mut waker = self.waiter.waker.borrow_mut();
        if !waker.will_wake(cx.waker()) {
            waker.clone_from(cx.waker());
        }
        Poll::Pending
    }

    fn take(self) -> Option<Place> {
        let is_called = self.waiter.state.get() == State::Called;
        if is_called {
            // The place is handed on: nothing is left for `drop` to give back.
            self.waiter.state.set(State::Shed);
        }
        is_called.then(|| Place(Rc::clone(self.bound)))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        match self.waiter.state.get() {
            State::Shed => {}
            State::Called => self.bound.leave(),
            State::Waiting => {
                let mut queue = self.bound.queue.borrow_mut();
                if let Some(lane) = queue.lanes.get_mut(self.lane) {
                    lane.retain(|other| !Rc::ptr_eq(other, self.waiter));
                }
                self.bound.waiting.set(self.bound.waiting.get() - 1);
                if self.bound.waiting.get() == 0 {
                    queue.since = None;
                }
            }
        }
    }
}
