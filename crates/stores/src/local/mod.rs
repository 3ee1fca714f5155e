//! Tables inside the process: what `memory` consists of and what `embedded` reads from.
//!
//! They know no clock: each operation is told the present [`Moment`]. They are bounded by being swept a little at a
//! time, whenever somebody writes.

mod entries;
mod generations;
mod leases;
mod rates;
mod sessions;
mod shards;
#[cfg(test)]
mod tests;

use std::time::Duration;

use frontdesk_adapter::Clock;

pub(crate) use entries::{EntryTable, Full};
pub(crate) use generations::Generations;
pub(crate) use leases::Leases;
pub(crate) use rates::RateTable;
pub(crate) use sessions::{Burial, SessionTable, Swept};
pub(crate) use shards::{SweepPace, lock};

/// A moment in Unix microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub u64);

impl Moment {
    pub fn now(clock: &dyn Clock) -> Self {
        Self(clock.unix_micros())
    }

    pub fn seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)))
    }
}
