//! Moments as RFC 3339 text. In this world it is always noon of 1 September 2026.

/// Seconds since 1970 of the one and only now, 2026-09-01T12:00:00Z.
pub const NOW: i64 = 1_788_264_000;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// Year, month and day of a moment (the inverse of "days from civil", proleptic Gregorian).
fn civil(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-09-01`
pub fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-09-01T12:00:00Z`
pub fn moment(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}Z", date(seconds), of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

/// `days` days and some hours before now; never the same minute for two ids.
pub fn days_ago(days: u32, spread: u32) -> i64 {
    NOW - i64::from(days) * DAY - i64::from(spread % 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_rfc_3339() {
        assert_eq!(moment(NOW), "2026-09-01T12:00:00Z");
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(951_782_400 + 86_399), "2000-02-29T23:59:59Z");
        assert_eq!(date(-1), "1969-12-31");
    }
}
