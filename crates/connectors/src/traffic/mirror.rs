//! Calls that are made a second time, to a version whose answers nobody gets.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Answer, CallPolicy, Connector, Deadline, Fault, Hedge, Priority, ServiceCall, now};

use super::book::{Book, Outcome};
use super::compare::{Comparison, Outline};
use super::routes::Draw;

/// The header by which a version knows that nobody waits for its answer.
const MARKER: (&[u8], &[u8]) = (b"x-frontdesk-mirror", b"1");

/// Bodies up to this size together are compared where they are; larger ones on a thread that may block.
const MOST_COMPARED_HERE: usize = 32 * 1024;

/// What is mirrored.
#[derive(Clone, Copy, Debug)]
pub struct Mirroring {
    /// The version's place among the service's.
    pub to: usize,
    /// Of the calls that only read, in hundredths of a percent.
    pub share: u32,
    /// `None`: answers are not compared.
    pub compare: Option<Comparison>,
    pub timeout: Duration,
    /// The most in flight at once; those beyond are left out.
    pub calls: u32,
}

/// The mirror of one service on one thread.
pub struct Mirror {
    mirroring: Mirroring,
    draw: Draw,
    connector: Rc<dyn Connector>,
    in_flight: Rc<Cell<u32>>,
    book: Arc<Book>,
}

impl Mirror {
    /// `connector` speaks to the version.
    pub fn new(service: &str, mirroring: Mirroring, connector: Rc<dyn Connector>, book: Arc<Book>) -> Self {
        let draw = Draw::new(&[service, "mirror"], mirroring.share, 10_000);
        Self { mirroring, draw, connector, in_flight: Rc::default(), book }
    }

    /// Whether a call that this version answers is to be mirrored. Only what changes nothing may be done twice, and
    /// what nobody waits for need not be.
    pub(super) fn takes(&self, call: &ServiceCall, answered_by: Option<usize>) -> bool {
        call.safe
            && call.policy.priority != Priority::Background
            && answered_by != Some(self.mirroring.to)
            && self.draw.takes_request(&call.trace)
    }

    /// Sends the call again, now that its answer is there, and returns at once.
    pub(super) fn repeat(&self, call: &ServiceCall, answered: &Result<Answer, Fault>) {
        // Without an answer the service may be in trouble, and its versions with it.
        let Some(expected) = Outline::of(answered) else { return };
        let Some(place) = Place::take(&self.in_flight, self.mirroring.calls) else {
            return self.book.note(call.operation, &Outcome::Dropped);
        };
        let mut repeated = ServiceCall {
            policy: CallPolicy {
                priority: Priority::Background,
                retries: Some(0),
                hedge: Some(Hedge::Never),
            },
            wants_headers: false,
            client_headers: None,
            ..call.clone()
        };
        repeated.headers.push((MARKER.0.to_vec(), MARKER.1.to_vec()));
        let (connector, book, mirroring) = (self.connector.clone(), self.book.clone(), self.mirroring);
        tokio::task::spawn_local(async move {
            let deadline = Deadline::after(now(), mirroring.timeout);
            let calling = connector.call(&repeated, deadline);
            let answered = tokio::time::timeout_at(deadline.instant(), calling).await;
            let answered = answered.unwrap_or(Err(Fault::TimedOut));
            drop(place);
            let outcome = match (mirroring.compare, Outline::of(&answered)) {
                (_, None) => Outcome::Failed,
                (None, Some(_)) => Outcome::Answered,
                (Some(by), Some(given)) => compare(expected, given, by).await,
            };
            book.note(repeated.operation, &outcome);
        });
    }
}

async fn compare(expected: Outline, given: Outline, by: Comparison) -> Outcome {
    let is_small = expected.size() + given.size() <= MOST_COMPARED_HERE;
    let difference = if is_small {
        expected.difference(&given, by)
    } else {
        match tokio::task::spawn_blocking(move || expected.difference(&given, by)).await {
            Ok(difference) => difference,
            Err(_) => return Outcome::Failed,
        }
    };
    difference.map_or(Outcome::Same, Outcome::Different)
}

/// One of the places for calls in flight, given back when it is dropped.
struct Place(Rc<Cell<u32>>);

impl Place {
    fn take(in_flight: &Rc<Cell<u32>>, most: u32) -> Option<Self> {
        let taken = in_flight.get();
        if taken >= most {
            return None;
        }
        in_flight.set(taken + 1);
        Some(Self(in_flight.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
