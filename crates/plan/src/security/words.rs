//! Facts as people read them.

use std::time::Duration;

use frontdesk_lang::model::RateRule;

/// `90 s`, `15 min`, `12 h`, `30 days`: the largest unit that leaves no rest.
pub(super) fn lifetime(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        _ if duration.subsec_nanos() > 0 => crate::explain::words::duration(duration),
        s if s >= 2 * 86_400 && s.is_multiple_of(86_400) => format!("{} days", s / 86_400),
        s if s >= 3600 && s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s >= 60 && s.is_multiple_of(60) => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// `600 per user in 1 min, 100 at once`
pub(super) fn rate(rule: &RateRule) -> String {
    let burst = if rule.burst == rule.requests { String::new() } else { format!(", {} at once", rule.burst) };
    format!("{} per {} in {}{burst}", rule.requests, rule.per.name(), lifetime(rule.every))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn lifetimes_have_the_largest_unit() {
        for (seconds, text) in [
            (1, "1 s"),
            (90, "90 s"),
            (900, "15 min"),
            (3600, "1 h"),
            (86_400, "24 h"),
            (2_592_000, "30 days"),
        ] {
            assert_eq!(super::lifetime(Duration::from_secs(seconds)), text);
        }
    }
}
