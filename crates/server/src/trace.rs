//! Correlation id and W3C Trace Context of a request (<https://www.w3.org/TR/trace-context/>).

use frontdesk_adapter::TraceContext;

/// Takes over the client's trace if its `traceparent` is well-formed; else its `x-request-id` if that is 128 bits
/// in hexadecimal (a UUID, with or without dashes); else starts a trace.
///
/// The span id is always new: it is ours, the parent of every call this request makes.
pub fn context(traceparent: Option<&str>, request_id: Option<&str>) -> TraceContext {
    let span_id = fastrand::u64(1..).to_be_bytes();
    let (trace_id, sampled) = traceparent
        .and_then(parse)
        .or_else(|| Some((request_id.and_then(uuid)?, false)))
        .unwrap_or_else(|| (fastrand::u128(1..).to_be_bytes(), false));
    TraceContext { trace_id, span_id, sampled }
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    if text.len() > 36 {
        return None;
    }
    let digits = text.replace('-', "");
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let id = u128::from_str_radix(&digits, 16).ok()?;
    (id != 0).then(|| id.to_be_bytes())
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; a later version may go on after another `-`. Ids of zeros are not valid.
fn parse(header: &str) -> Option<([u8; 16], bool)> {
    let bytes = header.as_bytes();
    let version = bytes.get(..2)?;
    let well_formed = match bytes.len() {
        55 => version != b"ff",
        56.. => version != b"ff" && version != b"00" && bytes[55] == b'-',
        _ => false,
    };
    if !well_formed || bytes[2] != b'-' || bytes[35] != b'-' || bytes[52] != b'-' || !is_hex(version) {
        return None;
    }
    let (trace, span, flags) = (bytes.get(3..35)?, bytes.get(36..52)?, bytes.get(53..55)?);
    if !is_hex(trace) || !is_hex(span) || !is_hex(flags) || span.iter().all(|b| *b == b'0') {
        return None;
    }
    let trace_id = u128::from_str_radix(std::str::from_utf8(trace).ok()?, 16).ok()?;
    let flags = u8::from_str_radix(std::str::from_utf8(flags).ok()?, 16).ok()?;
    (trace_id != 0).then(|| (trace_id.to_be_bytes(), flags & 1 == 1))
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// 32 hexadecimal digits: the correlation id that clients see as `x-request-id`.
pub fn hex(trace_id: [u8; 16]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = [0; 32];
    for (pair, byte) in out.chunks_exact_mut(2).zip(trace_id) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_formed_trace_goes_on() {
        let got = context(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), Some("x"));
        assert_eq!(&hex(got.trace_id), b"4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(got.sampled);
        assert_ne!(got.span_id, [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
    }

    #[test]
    fn anything_else_starts_a_new_one() {
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert_ne!(context(None, None).trace_id, context(None, None).trace_id);
        let id = "0190f5a4-7c2e-7d3a-9b1e-2f3a4b5c6d7e";
        assert_eq!(&hex(context(None, Some(id)).trace_id), b"0190f5a47c2e7d3a9b1e2f3a4b5c6d7e");
        for bad in ["", "abc", "0190f5a4-7c2e-7d3a-9b1e-2f3a4b5c6d7g", "00000000-0000-0000-0000-000000000000"]
        {
            assert!(uuid(bad).is_none(), "{bad}");
        }
    }
}
