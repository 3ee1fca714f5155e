//! The generic cell rate algorithm (ITU-T I.371 §A.1, virtual scheduling) in whole microseconds.
//!
//! One number is kept for a key: the *theoretical arrival time*, by which everything admitted so far would have come
//! at the steady rate. How far it lies ahead of now is how much of the burst is used. A key that has not been seen,
//! or whose time has passed, has its whole burst; so a number may be forgotten once it has passed.
//!
//! Pure, because it is the truth for two adapters: memory calls it, and the script of Redis is compared with it.

use std::time::Duration;

use frontdesk_adapter::{Rate, Verdict};

/// The longest time a burst may stand for: about 142 years. Redis computes in doubles, which are exact for whole
/// numbers only up to 2^53; the present time and this together stay below.
pub const LONGEST_MICROS: u64 = 1 << 52;

/// What one request asks of a rate, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What a cost of one takes: the rate's interval, unless its burst were longer than [`LONGEST_MICROS`].
    pub interval: u64,
    /// How far the theoretical arrival time may lie ahead of now: the whole burst.
    pub capacity: u64,
    /// How far this request moves it.
    pub increment: u64,
    /// More than the burst at once: never allowed, however long one waits.
    pub is_excessive: bool,
}

impl Demand {
    pub fn new(rate: Rate, cost: u32) -> Self {
        let burst = u64::from(rate.burst);
        let interval = rate.interval_micros.min(LONGEST_MICROS / burst.max(1));
        Self {
            interval,
            capacity: interval * burst,
            increment: interval.saturating_mul(u64::from(cost)),
            is_excessive: cost > rate.burst,
        }
    }

    /// Whether it fits when the theoretical arrival time lies `ahead` of now.
    pub fn fits(self, ahead: u64) -> bool {
        !self.is_excessive && ahead.saturating_add(self.increment) <= self.capacity
    }
}

/// Decides about a request at `now` (Unix microseconds) for a key whose theoretical arrival time is `arrival`, zero
/// for one not seen before. Gives the verdict and the new arrival time; a refused request moves it no further
/// ahead.
pub fn gcra(arrival: u64, now: u64, rate: Rate, cost: u32) -> (Verdict, u64) {
    let demand = Demand::new(rate, cost);
    // Never more than the burst: a clock that was set back, or a rate made smaller, must not lock anybody out. It is written
    // back, or it would be as far ahead at the next request, however much later that comes.
    let ahead = arrival.saturating_sub(now).min(demand.capacity);
    let allowed = demand.fits(ahead);
    let next = if allowed {
        now.saturating_add(ahead).saturating_add(demand.increment)
    } else {
        arrival.min(now.saturating_add(demand.capacity))
    };
    (verdict(allowed, ahead, rate, cost), next)
}

/// What is said of a request that was decided when the theoretical arrival time lay `ahead` of now.
pub fn verdict(allowed: bool, ahead: u64, rate: Rate, cost: u32) -> Verdict {
    let demand = Demand::new(rate, cost);
    let ahead = ahead.min(demand.capacity);
    let used = if allowed { ahead.saturating_add(demand.increment).min(demand.capacity) } else { ahead };
    let remaining = (demand.capacity - used)
        .checked_div(demand.interval)
        .map_or(rate.burst, |count| u32::try_from(count).unwrap_or(u32::MAX).min(rate.burst));
    let retry = if allowed {
        0
    } else if demand.is_excessive {
        // There is no such time. The least misleading finite one: the burst is whole then, and it is never zero.
        used.max(demand.interval).max(1)
    } else {
        ahead.saturating_add(demand.increment).saturating_sub(demand.capacity)
    };
    Verdict {
        allowed,
        remaining,
        retry_after: Duration::from_micros(retry),
        reset_after: Duration::from_micros(used),
    }
}
