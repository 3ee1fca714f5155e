//! Leases between the tasks of one process.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use super::{Moment, lock};

struct Lease {
    holder: String,
    until: Moment,
}

/// Who holds what, and until when. There are as many as there are refreshes at the moment: one lock will do.
#[derive(Default)]
pub(crate) struct Leases {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    leases: HashMap<String, Lease>,
    /// At this number of leases those that have ended are dropped: most are released, few are left behind.
    sweep_at: usize,
}

impl Leases {
    pub fn take(&self, name: &str, holder: &str, time: Duration, now: Moment) -> bool {
        let mut held = lock(&self.held);
        if held.leases.get(name).is_some_and(|lease| lease.until > now) {
            return false;
        }
        if held.leases.len() >= held.sweep_at {
            held.leases.retain(|_, lease| lease.until > now);
            held.sweep_at = 2 * held.leases.len() + 64;
        }
        held.leases.insert(name.to_owned(), Lease { holder: holder.to_owned(), until: now.after(time) });
        true
    }

    pub fn renew(&self, name: &str, holder: &str, time: Duration, now: Moment) -> bool {
        match lock(&self.held).leases.get_mut(name) {
            Some(lease) if lease.holder == holder && lease.until > now => {
                lease.until = now.after(time);
                true
            }
            _ => false,
        }
    }

    pub fn release(&self, name: &str, holder: &str) {
        let mut held = lock(&self.held);
        if held.leases.get(name).is_some_and(|lease| lease.holder == holder) {
            held.leases.remove(name);
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        lock(&self.held).leases.len()
    }
}
