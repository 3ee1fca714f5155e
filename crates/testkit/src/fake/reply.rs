//! What a service was told to do with a call.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::Fault;
use serde_json::Value;

/// One answer, or what stands in its way. The default is a made-up answer at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Only for calls with these arguments, among others.
    pub args: Option<Value>,
    /// As HTTP has them, for gRPC too: 404 is NOT_FOUND. 200 unless said otherwise.
    pub status: Option<u16>,
    pub json: Option<Value>,
    /// Merged over `json`, or over what is made up.
    pub patch: Option<Value>,
    /// Bytes as they stand, instead of `json`.
    pub body: Option<Bytes>,
    pub content_type: Option<String>,
    pub delay: Duration,
    pub fault: Option<FaultKind>,
    /// `delay`, `fault` and `status` are for this share of the calls only, in hundredths of a percent.
    pub share: Option<u32>,
}

/// What becomes of a call that gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing comes, for ever.
    Hang,
    /// No connection can be made.
    Refuse,
    /// The connection ends before the answer begins.
    Close,
    Reset,
    /// Bytes that are not the protocol.
    Garbage,
    /// The answer ends in its middle.
    Truncate,
    /// The answer comes whole, and cannot be read.
    Malformed,
}

impl FaultKind {
    pub const WORDS: [(&'static str, Self); 8] = [
        ("hang", Self::Hang),
        ("slow-body", Self::Hang),
        ("refuse", Self::Refuse),
        ("close", Self::Close),
        ("reset", Self::Reset),
        ("garbage", Self::Garbage),
        ("truncate", Self::Truncate),
        ("malformed", Self::Malformed),
    ];

    pub(super) async fn happen(self) -> Result<(), Fault> {
        Err(match self {
            Self::Hang => std::future::pending().await,
            Self::Refuse => Fault::Connect("connection refused".to_owned()),
            Self::Close => Fault::Broken("the connection was closed".to_owned()),
            Self::Reset => Fault::Broken("the connection was reset".to_owned()),
            Self::Garbage => Fault::Broken("what came is not the protocol".to_owned()),
            Self::Truncate => Fault::Broken("the answer ended in its middle".to_owned()),
            Self::Malformed => Fault::Malformed { pointer: String::new(), why: "cannot be read" },
        })
    }
}

impl Reply {
    /// Whether it is for a call with these arguments.
    pub fn is_for(&self, args: &Value) -> bool {
        self.args.as_ref().is_none_or(|wanted| holds(args, wanted))
    }

    /// The reply as it is for its `n`th call, counted from 1: of a share, those calls have it that make it up as evenly
    /// as can be, so that a case says the same each time.
    pub(super) fn for_call(mut self, n: usize) -> Self {
        let hits = |calls: u64| calls.saturating_mul(u64::from(self.share.unwrap_or(10_000))) / 10_000;
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        if hits(n) == hits(n.saturating_sub(1)) {
            (self.delay, self.fault, self.status) = (Duration::ZERO, None, None);
        }
        self
    }

    /// What stands in the way of an answer: the wait, and what the call ends with.
    pub(super) async fn hinder(&self) -> Result<(), Fault> {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if let Some(fault) = self.fault {
            fault.happen().await?;
        }
        match self.status {
            Some(status @ 400..=499) => Err(Fault::Rejected { status }),
            Some(status) if !(200..=299).contains(&status) => Err(Fault::Failed { status }),
            _ => Ok(()),
        }
    }

    pub(super) fn is_json_type(&self) -> bool {
        self.content_type.as_deref().is_none_or(|written| {
            let kind = written.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            kind == "application/json" || kind.ends_with("+json")
        })
    }
}

/// Whether `value` has everything that `wanted` has; `"*"` stands for any value.
pub(crate) fn holds(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (_, Value::String(any)) if any == "*" => true,
        (Value::Object(value), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| value.get(key).is_some_and(|value| holds(value, wanted)))
        }
        (Value::Array(value), Value::Array(wanted)) => {
            value.len() == wanted.len()
                && value.iter().zip(wanted).all(|(value, wanted)| holds(value, wanted))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        // Path and query have no types, and 64-bit integers of protobuf are texts in JSON.
        (Value::String(text), Value::Number(n)) => *text == n.to_string(),
        (value, wanted) => value == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_spread_over_the_calls_and_the_same_each_time() {
        let reply = |share| Reply { share, fault: Some(FaultKind::Reset), ..Reply::default() };
        let hit = |share: Option<u32>, calls: usize| -> Vec<usize> {
            (1..=calls).filter(|n| reply(share).for_call(*n).fault.is_some()).collect()
        };
        assert_eq!(hit(Some(3000), 10), [4, 7, 10]);
        assert_eq!(hit(Some(5000), 6), [2, 4, 6]);
        assert_eq!(hit(Some(1), 10_000), [10_000]);
        assert_eq!(hit(Some(0), 100), [0; 0]);
        assert_eq!(hit(Some(10_000), 3), [1, 2, 3]);
        assert_eq!(hit(None, 3), [1, 2, 3]);
    }
}
