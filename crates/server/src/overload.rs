//! What a worker gives up first when it has more to do than it can do.
//!
//! A worker is one thread, so what is too much shows in one place: how long a task that could run waits for its turn. A
//! probe measures that all the time. While the shortest wait of a window stays above [`TARGET`], the queue does not come
//! from a burst but stands (CoDel, Nichols and Jacobson, ACM Queue 2012), and requests are shed from the least important
//! upwards: background, views, actions. Each of the three is cut into levels that requests are drawn into, so that a part of
//! it can be shed; after each window the lowest level that is still served moves by a share of what was served in it
//! (DAGOR, Zhou et al., "Overload Control for Scaling WeChat Microservices", `SoCC` 2018).
//!
//! What is shed is answered at once with 503 and `Retry-After`, before anything was done for it. Health is asked on another
//! thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Priority, now};

/// A turn that came later than this is late: about what a view's budget can bear. Below it, a queue is only a full machine.
const TARGET: Duration = Duration::from_millis(200);
const WINDOW: Duration = Duration::from_millis(100);
/// So many windows in a row have to be late before anything is shed: a machine that is busy with something else for a
/// moment, or a burst, is no overload.
const PATIENCE: u32 = 5;
/// How long a probe waits for the one before: a quarter of a window, or all of it while nothing is served, so that an idle worker
/// sleeps.
const PROBE_EVERY: Duration = Duration::from_millis(25);
/// Into how many levels the requests of one priority are drawn.
const LEVELS: usize = 64;
const ALL_LEVELS: usize = 3 * LEVELS;
/// The share of what was served that is shed in addition after a late window; more if turns came much too late.
const SHED_MORE: f32 = 0.05;
const SHED_MOST: f32 = 0.4;
/// The share that is served in addition after a window that was not late; twice as much after each further one, so that
/// what is over is over soon.
const SERVE_MORE: f32 = 0.02;
const SERVE_MOST: f32 = 0.16;
/// However bad it is, the last levels of actions are served: without them nothing would tell that it has become better.
const HIGHEST_BAR: usize = ALL_LEVELS - LEVELS / 8;

/// How much one worker has to do, and what it sheds of it.
pub(crate) struct Overload {
    running: Cell<u32>,
    most_running: u32,
    /// Requests of levels below this are shed.
    bar: Cell<usize>,
    /// How many came of each level in this window, served or not.
    came: RefCell<[u32; ALL_LEVELS]>,
    /// The shortest wait of this window, if any was measured.
    least: Cell<Option<Duration>>,
    /// The share that the next calm window gives back.
    giving_back: Cell<f32>,
    /// How many windows have been late in a row.
    late: Cell<u32>,
}

/// A request that is served; it counts until dropped.
pub(crate) struct Turn(Rc<Overload>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get().saturating_sub(1));
    }
}

impl Overload {
    /// `most_running`: how many requests this worker serves at once, whatever their number costs.
    pub fn new(most_running: u32) -> Rc<Self> {
        Rc::new(Self {
            running: Cell::new(0),
            most_running: most_running.max(1),
            bar: Cell::new(0),
            came: RefCell::new([0; ALL_LEVELS]),
            least: Cell::new(None),
            giving_back: Cell::new(SERVE_MORE),
            late: Cell::new(0),
        })
    }

    /// `draw` is any byte of the request that is as good as random. `None`: to be shed.
    pub fn admit(self: &Rc<Self>, priority: Priority, draw: u8) -> Option<Turn> {
        let level = class(priority) * LEVELS + usize::from(draw) % LEVELS;
        if let Some(came) = self.came.borrow_mut().get_mut(level) {
            *came = came.saturating_add(1);
        }
        let running = self.running.get();
        if level < self.bar.get() || running >= room(priority, self.most_running) {
            return None;
        }
        self.running.set(running + 1);
        Some(Turn(Rc::clone(self)))
    }

    /// Nothing is being served.
    pub fn is_idle(&self) -> bool {
        self.running.get() == 0
    }

    /// A task that could run has waited this long for its turn.
    pub fn waited(&self, wait: Duration) {
        self.least.set(Some(self.least.get().map_or(wait, |least| least.min(wait))));
    }

    /// The window is over: moves the bar.
    pub fn judge(&self) {
        let least = self.least.take().unwrap_or_default();
        let mut came = self.came.borrow_mut();
        let bar = self.bar.get();
        let served: u32 = came.iter().skip(bar).sum();
        self.late.set(if least > TARGET { self.late.get().saturating_add(1) } else { 0 });
        let moved = if least > TARGET && bar == 0 && self.late.get() < PATIENCE {
            bar
        } else if least > TARGET {
            let late = least.as_secs_f32() / TARGET.as_secs_f32();
            let share = (SHED_MORE * late).min(SHED_MOST);
            self.giving_back.set(SERVE_MORE);
            raised(&*came, bar, (served as f32 * share).ceil() as u32)
        } else if least > TARGET / 3 {
            self.giving_back.set(SERVE_MORE);
            bar
        } else {
            let share = self.giving_back.get();
            self.giving_back.set((share * 2.0).min(SERVE_MOST));
            lowered(&*came, bar, (served as f32 * share).ceil() as u32)
        };
        self.bar.set(moved);
        came.fill(0);
    }

    /// Measures and judges for as long as the worker lives.
    pub async fn watch(self: Rc<Self>) {
        let mut window_ends = now() + WINDOW;
        loop {
            tokio::time::sleep(if self.is_idle() { WINDOW } else { PROBE_EVERY }).await;
            let asked = now();
            // A task of its own goes to the end of the queue, where every request's next step stands too.
            let ran = tokio::task::spawn_local(async { now() }).await;
            let ran = ran.unwrap_or(asked);
            self.waited(ran.saturating_duration_since(asked));
            if ran >= window_ends {
                self.judge();
                window_ends = ran + WINDOW;
            }
        }
    }
}

fn class(priority: Priority) -> usize {
    match priority {
        Priority::Background => 0,
        Priority::View => 1,
        Priority::Action => 2,
    }
}

/// The last places are for what matters more.
fn room(priority: Priority, most: u32) -> u32 {
    let room = match priority {
        Priority::Background => most / 2,
        Priority::View => most - most / 10,
        Priority::Action => most,
    };
    room.max(1)
}

/// The bar above as many more of those that came.
fn raised(came: &[u32], bar: usize, more: u32) -> usize {
    let mut left = more;
    let mut bar = bar;
    while bar < HIGHEST_BAR && left > 0 {
        left = left.saturating_sub(came.get(bar).copied().unwrap_or_default());
        bar += 1;
    }
    bar
}

/// The bar below as many more of those that came; at least a level lower.
fn lowered(came: &[u32], bar: usize, more: u32) -> usize {
    let mut left = more;
    let mut bar = bar;
    while bar > 0 {
        bar -= 1;
        left = left.saturating_sub(came.get(bar).copied().unwrap_or_default());
        if left == 0 {
            break;
        }
    }
    bar
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use frontdesk_adapter::Priority;

    use super::{Overload, WINDOW};

    /// One thread with a queue: requests come, wait for their turn, and take `COST` of it.
    struct Worker {
        overload: std::rc::Rc<Overload>,
        queue: VecDeque<(Priority, super::Turn)>,
        random: fastrand::Rng,
        /// What was served and shed in the last second, by priority.
        served: [u32; 3],
        shed: [u32; 3],
    }

    const COST: Duration = Duration::from_micros(100);
    /// A request that is shed costs this much of one that is served.
    const SHED_COST: f64 = 0.1;

    impl Worker {
        fn new() -> Self {
            Self {
                overload: Overload::new(100_000),
                queue: VecDeque::new(),
                random: fastrand::Rng::with_seed(7),
                served: [0; 3],
                shed: [0; 3],
            }
        }

        /// Runs for a time with so many requests a second of each priority; gives the longest wait.
        fn run(&mut self, time: Duration, background: f64, views: f64, actions: f64) -> Duration {
            let slice = Duration::from_millis(1);
            let (mut longest, mut work) = (Duration::ZERO, 0.0);
            let slices = time.as_millis();
            for at in 0..slices {
                if at % 1000 == 0 {
                    (self.served, self.shed) = ([0; 3], [0; 3]);
                }
                let rates = [
                    (Priority::Background, background),
                    (Priority::View, views),
                    (Priority::Action, actions),
                ];
                // What the thread can do in a slice, less what turning away costs.
                work += slice.as_secs_f64() / COST.as_secs_f64();
                for (priority, rate) in rates {
                    let mean = rate * slice.as_secs_f64();
                    let mut count = mean.floor() as u32;
                    count += u32::from(self.random.f64() < mean.fract());
                    for _ in 0..count {
                        match self.overload.admit(priority, self.random.u8(..)) {
                            Some(turn) => self.queue.push_back((priority, turn)),
                            None => {
                                self.shed[super::class(priority)] += 1;
                                work -= SHED_COST;
                            }
                        }
                    }
                }
                while work >= 1.0 {
                    work -= 1.0;
                    if let Some((priority, _)) = self.queue.pop_front() {
                        self.served[super::class(priority)] += 1;
                    }
                }
                let wait = COST * self.queue.len() as u32;
                longest = longest.max(wait);
                self.overload.waited(wait);
                if (at + 1) % WINDOW.as_millis() == 0 {
                    self.overload.judge();
                }
            }
            longest
        }
    }

    #[test]
    fn nothing_is_shed_while_there_is_time_for_all() {
        let mut worker = Worker::new();
        worker.run(Duration::from_secs(10), 1000.0, 6000.0, 1500.0);
        assert_eq!(worker.shed, [0; 3]);
    }

    #[test]
    fn under_three_times_the_load_actions_are_served_views_in_part_and_turns_come_in_time() {
        let mut worker = Worker::new();
        worker.run(Duration::from_secs(10), 5000.0, 20_000.0, 3000.0);
        let longest = worker.run(Duration::from_secs(10), 5000.0, 20_000.0, 3000.0);
        let [background, views, actions] = worker.served;
        assert!(background < 100, "the cheapest is shed first: {background} served");
        assert!(worker.shed[2] < 300, "{} of 3000 actions a second were shed", worker.shed[2]);
        let done = background + views + actions;
        assert!(
            done > 6400,
            "turning away costs a fifth of the time; of the rest it makes use: {done} of 8000"
        );
        assert!(longest < Duration::from_secs(2), "waited {longest:?}");
    }

    #[test]
    fn when_the_load_is_gone_everything_is_served_again_within_seconds() {
        let mut worker = Worker::new();
        worker.run(Duration::from_secs(10), 5000.0, 40_000.0, 3000.0);
        worker.run(Duration::from_secs(3), 500.0, 4000.0, 1000.0);
        worker.run(Duration::from_secs(1), 500.0, 4000.0, 1000.0);
        assert_eq!(worker.shed, [0; 3], "still shedding");
    }

    #[test]
    fn the_last_places_are_for_actions() {
        let overload = Overload::new(10);
        let running: Vec<_> =
            std::iter::repeat_with(|| overload.admit(Priority::View, 0)).map_while(|turn| turn).collect();
        assert_eq!(running.len(), 9);
        assert!(overload.admit(Priority::Background, 0).is_none());
        let action = overload.admit(Priority::Action, 0);
        assert!(action.is_some(), "a tenth is kept for actions");
        assert!(overload.admit(Priority::Action, 0).is_none());
        drop(running);
        assert!(overload.admit(Priority::View, 0).is_some(), "a place is free once its request is done");
    }
}
