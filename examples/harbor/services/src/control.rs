//! How a service is told to misbehave: `POST /_control` on its own port.
//!
//! ```text
//! {"mode": "ok"}                        as usual
//! {"mode": "slow", "ms": 300}           answers after 300 ms
//! {"mode": "fail", "status": 503}       answers with this status (gRPC: the code it maps to)
//! {"mode": "flaky", "every": 2}         every second request fails with 503
//! {"mode": "truncate"}                  the right length, half of the body, then the connection ends
//! {"mode": "garbage"}                   200 and the right content type, but not JSON (not protobuf)
//! {"mode": "misfit"}                    well-formed, but nothing of what the schema promises
//! {"mode": "hang"}                      no answer at all
//! ```
//!
//! `"times": 3` limits a mode to the next three requests. `GET /_control` says the mode, and how many requests
//! and connections came since the last `POST`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is answered.
    Ok,
    /// It is answered after this time.
    Slow(Duration),
    /// It is refused with this HTTP status.
    Fail(u16),
    /// Every so many requests, one is refused with 503; the others are answered.
    Flaky(u64),
    /// Half of the answer is sent, then the connection is cut.
    Truncate,
    /// The answer is not what its content type says.
    Garbage,
    /// The answer is well-formed and does not fit the schema.
    Misfit,
    /// Nothing is sent, ever.
    Hang,
}

impl Mode {
    /// Reads the body of a `POST /_control`, with the limit of how many requests it holds for.
    ///
    /// # Errors
    /// A sentence that says what was not understood.
    pub fn read(order: &Value) -> Result<(Self, Option<u64>), String> {
        let number = |key: &str, default: u64| order.get(key).and_then(Value::as_u64).unwrap_or(default);
        let mode = match order.get("mode").and_then(Value::as_str) {
            Some("ok") => Self::Ok,
            Some("slow") => Self::Slow(Duration::from_millis(number("ms", 300))),
            Some("fail") => Self::Fail(
                u16::try_from(number("status", 503))
                    .ok()
                    .filter(|status| (400..600).contains(status))
                    .ok_or("`status` is from 400 to 599")?,
            ),
            Some("flaky") => Self::Flaky(number("every", 2).max(1)),
            Some("truncate") => Self::Truncate,
            Some("garbage") => Self::Garbage,
            Some("misfit") => Self::Misfit,
            Some("hang") => Self::Hang,
            _ => return Err("`mode` is ok, slow, fail, flaky, truncate, garbage, misfit or hang".to_owned()),
        };
        Ok((mode, order.get("times").and_then(Value::as_u64)))
    }

    fn to_json(self) -> Value {
        match self {
            Self::Ok => json!({ "mode": "ok" }),
            Self::Slow(time) => json!({ "mode": "slow", "ms": time.as_millis() as u64 }),
            Self::Fail(status) => json!({ "mode": "fail", "status": status }),
            Self::Flaky(every) => json!({ "mode": "flaky", "every": every }),
            Self::Truncate => json!({ "mode": "truncate" }),
            Self::Garbage => json!({ "mode": "garbage" }),
            Self::Misfit => json!({ "mode": "misfit" }),
            Self::Hang => json!({ "mode": "hang" }),
        }
    }
}

/// The control of one service, shared by all event loops.
#[derive(Default)]
pub struct Control {
    /// Whether `order` says anything but `Ok`: the usual request looks no further.
    ordered: AtomicBool,
    order: Mutex<Option<(Mode, Option<u64>)>>,
    requests: AtomicU64,
    connections: AtomicU64,
}

impl Control {
    /// Counts a request and says what happens to it. `Flaky` is already decided: it never comes out.
    pub fn admit(&self) -> Mode {
        let count = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.ordered.load(Ordering::Acquire) {
            return Mode::Ok;
        }
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((mode, times)) = order.as_mut() else { return Mode::Ok };
        let mode = *mode;
        if let Some(left) = times {
            if *left == 0 {
                *order = None;
                self.ordered.store(false, Ordering::Release);
                return Mode::Ok;
            }
            *left -= 1;
        }
        match mode {
            Mode::Flaky(every) if count.is_multiple_of(every) => Mode::Fail(503),
            Mode::Flaky(_) => Mode::Ok,
            other => other,
        }
    }

    /// Counts a connection.
    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// Holds `mode` for the next `times` requests, or until the next order. The counts begin again.
    pub fn order(&self, mode: Mode, times: Option<u64>) {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some((mode, times));
        self.ordered.store(mode != Mode::Ok, Ordering::Release);
        self.requests.store(0, Ordering::Relaxed);
        self.connections.store(0, Ordering::Relaxed);
    }

    /// What `GET /_control` shows.
    pub fn state(&self, service: &str) -> Value {
        let order = *self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = order.map_or(Mode::Ok, |(mode, _)| mode).to_json();
        state["service"] = json!(service);
        state["requests"] = json!(self.requests.load(Ordering::Relaxed));
        state["connections"] = json!(self.connections.load(Ordering::Relaxed));
        state
    }
}
