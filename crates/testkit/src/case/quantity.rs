//! Lengths of time, sizes and days as people write them.

use std::time::Duration;

use frontdesk_types::Date;

/// `150ms`, `2s`, `1m`, `1h`, `30d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(millis)?))
}

/// `512B`, `8KB`, `4MB`; one KB is 1024 bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text);
    let bytes = match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" | "kib" => 1024,
        "mb" | "mib" => 1024 * 1024,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(bytes)
}

/// `2026-05-01` or `2026-05-01T09:30:00Z`, as Unix seconds.
pub(crate) fn moment(text: &str) -> Option<u64> {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, time.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let mut parts = time.split(':').map(|part| if part.len() == 2 { part.parse::<u64>().ok() } else { None });
    let mut next = |below: u64| parts.next()?.filter(|n| *n < below);
    let (hours, minutes, seconds) = (next(24)?, next(60)?, next(60)?);
    Some(Date::parse(day)?.unix_seconds() + hours * 3600 + minutes * 60 + seconds)
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        assert_eq!(duration("150ms"), Some(Duration::from_millis(150)));
        assert_eq!(duration("2 s"), Some(Duration::from_secs(2)));
        assert_eq!(size("8KB"), Some(8192));
        assert_eq!(moment("1970-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(moment("2026-05-01"), Some(1_777_593_600));
        for none in ["150", "ms", "-1s", "1.5s", ""] {
            assert_eq!((duration(none), size(none), moment(none)), (None, None, None), "{none}");
        }
    }
}
