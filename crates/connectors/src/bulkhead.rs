//! How many calls one service may have in flight, so that a slow one cannot take every connection and buffer.

use std::cell::Cell;
use std::rc::Rc;

use frontdesk_adapter::{Deadline, Fault};
use tokio::sync::Semaphore;

/// The bound of one service on one core. As many calls as may be in flight may also wait for their turn: a
/// burst passes, a standing overload is shed at once.
pub(crate) struct Bulkhead {
    places: Semaphore,
    waiting: Cell<u32>,
    most_waiting: u32,
}

/// A place among the calls in flight, given back when dropped.
pub(crate) struct Place(Rc<Bulkhead>);

impl Bulkhead {
    pub(crate) fn new(size: u32) -> Rc<Self> {
        let size = size.max(1);
        Rc::new(Self { places: Semaphore::new(size as usize), waiting: Cell::new(0), most_waiting: size })
    }

    /// # Errors
    /// [`Fault::Shed`] if too many wait already, or the turn did not come before `deadline`.
    pub(crate) async fn enter(self: &Rc<Self>, deadline: Deadline) -> Result<Place, Fault> {
        if let Ok(permit) = self.places.try_acquire() {
            permit.forget();
            return Ok(Place(Rc::clone(self)));
        }
        if self.waiting.get() >= self.most_waiting {
            return Err(Fault::Shed);
        }
        let _turn = Waiting::count(self);
        match tokio::time::timeout_at(deadline.instant(), self.places.acquire()).await {
            Ok(Ok(permit)) => {
                permit.forget();
                Ok(Place(Rc::clone(self)))
            }
            _ => Err(Fault::Shed),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places.add_permits(1);
    }
}

/// Keeps the count right when a waiting call is dropped.
struct Waiting<'a>(&'a Bulkhead);

impl<'a> Waiting<'a> {
    fn count(bulkhead: &'a Bulkhead) -> Self {
        bulkhead.waiting.set(bulkhead.waiting.get() + 1);
        Self(bulkhead)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, Fault, now};

    use super::Bulkhead;

    #[tokio::test(start_paused = true)]
    async fn sheds_when_the_queue_is_full_and_when_the_turn_does_not_come() {
        let bulkhead = Bulkhead::new(1);
        let deadline = Deadline::after(now(), Duration::from_millis(100));
        let place = bulkhead.enter(deadline).await.unwrap();
        let (waits, shed) = tokio::join!(bulkhead.enter(deadline), bulkhead.enter(deadline));
        assert_eq!(waits.err(), Some(Fault::Shed), "the deadline came before the turn");
        assert_eq!(shed.err(), Some(Fault::Shed), "one waits already");
        drop(place);
        assert!(bulkhead.enter(deadline).await.is_ok(), "places and queue are free again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_call_gets_the_place_that_is_given_back() {
        let bulkhead = Bulkhead::new(1);
        let deadline = Deadline::after(now(), Duration::from_secs(1));
        let place = bulkhead.enter(deadline).await.unwrap();
        let (waited, ()) = tokio::join!(bulkhead.enter(deadline), async { drop(place) });
        assert!(waited.is_ok());
    }
}
