//! What each call tells a service about the request it serves: W3C Trace Context, the correlation id, the time
//! that is left.

use frontdesk_adapter::{Deadline, TraceContext};

/// `traceparent` of one call; the correlation id is the trace id in it.
pub(crate) struct TraceHeaders {
    pub(crate) parent: [u8; 55],
}

impl TraceHeaders {
    /// `None` without a trace: an id of zeros is not valid.
    pub(crate) fn new(trace: TraceContext) -> Option<Self> {
        if trace.trace_id == [0; 16] {
            return None;
        }
        let mut parent = *b"00-00000000000000000000000000000000-0000000000000000-00";
        hex(&trace.trace_id, parent.get_mut(3..35)?);
        hex(&fastrand::u64(1..).to_be_bytes(), parent.get_mut(36..52)?);
        if trace.sampled {
            parent[54] = b'1';
        }
        Some(Self { parent })
    }

    pub(crate) fn request_id(&self) -> &[u8] {
        self.parent.get(3..35).unwrap_or_default()
    }
}

fn hex(bytes: &[u8], out: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(out.as_chunks_mut().0) {
        *pair = PAIRS[usize::from(*byte)];
    }
}

/// Each byte in hexadecimal.
const PAIRS: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

/// What `frontdesk-deadline-ms` says.
pub(crate) fn milliseconds_left(deadline: Deadline) -> u64 {
    u64::try_from(deadline.remaining().as_millis()).unwrap_or(u64::MAX)
}
