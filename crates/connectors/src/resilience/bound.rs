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
pub struct Bound {
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
pub struct Place(Rc<Bound>);

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
    /// At most `calls` at once, and as many that wait.
    pub fn fixed(calls: u32) -> Rc<Self> {
        Self::new(BoundPolicy::fixed(calls), now())
    }

    /// A place now, or when its turn comes; `None` if too many wait already, or it did not come before `deadline`.
    pub async fn place(self: &Rc<Self>, priority: Priority, deadline: Deadline) -> Option<Place> {
        self.enter(priority, deadline, None).await.ok()
    }

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
        let mut less = queue.lanes.iter_mut().take(lane(priority));
        // Of the least important ones, the last that came.
        let Some(given_up) = less.find_map(VecDeque::pop_back) else {
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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, Fault, Priority, now};
    use proptest::prelude::*;
    use tokio::runtime::{Builder, LocalOptions};
    use tokio::time::sleep;

    use super::{Bound, BoundPolicy};

    fn run<T>(test: impl Future<Output = T>) -> T {
        let mut runtime = Builder::new_current_thread();
        runtime.enable_time().start_paused(true);
        runtime.build_local(LocalOptions::default()).unwrap().block_on(test)
    }

    fn bound(calls: u32, queue: u32) -> Rc<Bound> {
        Bound::new(BoundPolicy::Fixed { calls, queue }, now())
    }

    fn within(ms: u64) -> Deadline {
        Deadline::after(now(), Duration::from_millis(ms))
    }

    fn priority(n: u8) -> Priority {
        [Priority::Background, Priority::View, Priority::Action][usize::from(n % 3)]
    }

    #[test]
    fn sheds_when_the_queue_is_full_and_when_the_turn_does_not_come() {
        run(async {
            let bound = bound(1, 1);
            let place = bound.enter(Priority::View, within(100), None).await.unwrap();
            let enter = || bound.enter(Priority::View, within(100), None);
            let (waits, shed) = tokio::join!(enter(), enter());
            assert_eq!(waits.err(), Some(Fault::Shed), "the deadline came before the turn");
            assert_eq!(shed.err(), Some(Fault::Shed), "one waits already");
            drop(place);
            assert!(enter().await.is_ok(), "places and queue are free again");
            assert_eq!((bound.in_flight(), bound.waiting()), (0, 0));
        });
    }

    #[test]
    fn what_matters_more_comes_first_and_in_its_own_order() {
        run(async {
            let bound = bound(1, 4);
            let order = RefCell::new(Vec::new());
            let place = bound.enter(Priority::View, within(1000), None).await.unwrap();
            let one =
                async |priority, name: &'static str| match bound.enter(priority, within(1000), None).await {
                    Ok(_) => order.borrow_mut().push(name),
                    Err(_) => order.borrow_mut().push("shed"),
                };
            tokio::join!(
                one(Priority::Background, "refresh"),
                one(Priority::View, "view 1"),
                one(Priority::View, "view 2"),
                one(Priority::Action, "action 1"),
                one(Priority::Action, "action 2"),
                async { drop(place) },
            );
            // The queue was full when the second action came: the refresh gave way.
            let mut got = order.into_inner();
            let shed = got.iter().position(|name| *name == "shed").map(|at| got.remove(at));
            assert_eq!(shed, Some("shed"));
            assert_eq!(got, ["action 1", "action 2", "view 1", "view 2"]);
        });
    }

    #[test]
    fn a_standing_queue_serves_the_last_to_come() {
        run(async {
            let bound = bound(1, 8);
            let place = bound.enter(Priority::View, within(1000), None).await.unwrap();
            let served = Cell::new("");
            let one = async |name: &'static str, after: u64, ms| {
                sleep(Duration::from_millis(after)).await;
                if bound.enter(Priority::View, within(ms), None).await.is_ok() && served.get().is_empty() {
                    served.set(name);
                }
            };
            tokio::join!(one("old", 0, 900), one("new", 150, 700), async {
                sleep(Duration::from_millis(200)).await;
                drop(place);
            });
            assert_eq!(served.get(), "new");
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// However calls come, wait, work and give up: never more in flight than may be, nobody is forgotten, and in the
        /// end all places and the queue are free.
        #[test]
        fn never_more_than_the_limit_and_nothing_is_lost(
            limit in 1_u32..5,
            queue in 0_u32..6,
            calls in prop::collection::vec((0_u64..100, 1_u64..60, 1_u64..80, any::<u8>(), any::<bool>()), 1..60),
        ) {
            run(async {
                let bound = bound(limit, queue);
                let (flying, ended) = (Rc::new(Cell::new(0_u32)), Rc::new(Cell::new(0)));
                let tasks: Vec<_> = calls.iter().map(|(at, works, patience, kind, gives_up)| {
                    let (bound, flying, ended) = (Rc::clone(&bound), Rc::clone(&flying), Rc::clone(&ended));
                    let (at, works, patience, kind, gives_up) = (*at, *works, *patience, *kind, *gives_up);
                    tokio::task::spawn_local(async move {
                        sleep(Duration::from_millis(at)).await;
                        let entering = bound.enter(priority(kind), within(patience), None);
                        let entered = if gives_up {
                            // The client leaves while the call waits.
                            tokio::time::timeout(Duration::from_millis(patience / 2), entering).await.ok()
                        } else {
                            Some(entering.await)
                        };
                        if let Some(Ok(_place)) = entered {
                            flying.set(flying.get() + 1);
                            assert!(flying.get() <= limit && bound.in_flight() <= limit);
                            sleep(Duration::from_millis(works)).await;
                            flying.set(flying.get() - 1);
                        }
                        ended.set(ended.get() + 1);
                    })
                }).collect();
                for task in tasks {
                    task.await.unwrap();
                }
                assert_eq!(ended.get(), calls.len());
                assert_eq!((bound.in_flight(), bound.waiting()), (0, 0));
            });
        }
    }
}
