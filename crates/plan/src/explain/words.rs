//! Numbers and lists as people read them.

use std::time::Duration;

/// `150 ms`, `1.5 s`, `no limit`
pub(crate) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if duration == Duration::MAX {
        "no limit".to_owned()
    } else if let Some(long) = long(duration) {
        long
    } else if millis >= 1000 && millis.is_multiple_of(100) {
        let tenths = millis / 100;
        if tenths.is_multiple_of(10) {
            format!("{} s", tenths / 10)
        } else {
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    } else {
        format!("{millis} ms")
    }
}

/// `5 min`, `12 h`, `7 days`
fn long(duration: Duration) -> Option<String> {
    let seconds = duration.as_secs();
    let units = [(86_400, "days"), (3_600, "h"), (60, "min")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| seconds >= 2 * unit && seconds.is_multiple_of(*unit))?;
    (duration.subsec_nanos() == 0).then(|| format!("{} {name}", seconds / unit))
}

/// `1 call`, `2 calls`
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `8 KB`
pub(crate) fn bytes(bytes: u64) -> String {
    if bytes >= 1024 && bytes.is_multiple_of(1024) {
        format!("{} KB", bytes / 1024)
    } else {
        format!("{bytes} B")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn durations_read_well() {
        for (millis, text) in [
            (150, "150 ms"),
            (1000, "1 s"),
            (1500, "1.5 s"),
            (1234, "1234 ms"),
            (60_000, "60 s"),
            (90_000, "90 s"),
            (300_000, "5 min"),
            (43_200_000, "12 h"),
            (90_000_000, "25 h"),
            (604_800_000, "7 days"),
        ] {
            assert_eq!(super::duration(Duration::from_millis(millis)), text);
        }
    }
}
