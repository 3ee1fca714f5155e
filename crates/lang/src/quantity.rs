//! Lengths of time and numbers of bytes as definitions write them: `"150ms"`, `"8KB"`.

use std::time::Duration;

/// The longest time a definition can ask for.
const MAX_DURATION: Duration = Duration::from_hours(1);

/// `150ms`, `2s`, `1.5s`, `1m`: more than nothing and at most an hour.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "ms" => number / 1e3,
        "s" => number,
        "m" => number * 60.0,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    (!duration.is_zero() && duration <= MAX_DURATION).then_some(duration)
}

/// `30s`, `15m`, `12h`, `30d`: more than nothing and at most `most`.
pub(crate) fn lifetime(text: &str, most: Duration) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86400.0,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    (!duration.is_zero() && duration <= most).then_some(duration)
}

/// For how long an answer may be kept: `500ms`, `30s`, `5m`, `12h`, `7d`; more than nothing and at most 30 days.
pub(crate) fn kept(text: &str) -> Option<Duration> {
    let short = text.strip_suffix("ms").and_then(|_| duration(text));
    short.or_else(|| lifetime(text, Duration::from_hours(24 * 30)))
}

/// `512B`, `8KB`, `4MB`, `1GB` in bytes, by powers of 1024.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let bytes = match unit {
        "B" => number,
        "KB" => number * 1024.0,
        "MB" => number * 1024.0 * 1024.0,
        "GB" => number * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    (bytes >= 1.0 && bytes <= 2_f64.powi(40)).then_some(bytes as u64)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit);
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::{Duration, duration, kept, lifetime, size};

    #[test]
    fn answers_are_kept_from_milliseconds_to_a_month() {
        assert_eq!(kept("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(kept("1.5h"), Some(Duration::from_mins(90)));
        assert_eq!(kept("30d"), Some(Duration::from_hours(720)));
        for wrong in ["", "30", "0s", "0ms", "31d", "forever", "-1s", "5 m"] {
            assert_eq!(kept(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lifetimes_go_up_to_days() {
        let year = Duration::from_hours(365 * 24);
        assert_eq!(lifetime("90s", year), Some(Duration::from_secs(90)));
        assert_eq!(lifetime("12h", year), Some(Duration::from_hours(12)));
        assert_eq!(lifetime("30d", year), Some(Duration::from_hours(720)));
        for wrong in ["", "12", "0h", "1w", "150ms", "366d", "-1d", "1 d"] {
            assert_eq!(lifetime(wrong, year), None, "{wrong}");
        }
    }

    #[test]
    fn durations_have_a_unit_and_bounds() {
        assert_eq!(duration("150ms"), Some(Duration::from_millis(150)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Some(Duration::from_mins(2)));
        for wrong in
            ["", "150", "ms", "0s", "-1s", "61m", "1h", "1e3s", "1 s", "..s", "99999999999999999999m"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        assert_eq!(size("8KB"), Some(8192));
        assert_eq!(size("1B"), Some(1));
        for wrong in ["8", "0B", "8kb", "KB", "-1B", "99999TB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
