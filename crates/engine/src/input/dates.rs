//! Dates as clients send them: RFC 3339, and only that.

/// `YYYY-MM-DD`, a day there is.
pub(super) fn is_date(text: &str) -> bool {
    has_form(text, "0000-00-00") && text.parse::<jiff::civil::Date>().is_ok()
}

/// RFC 3339 §5.6 `date-time`.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let Some((time, rest)) = rest.split_at_checked(9) else { return false };
    if !is_date(date) || !(has_form(time, "T00:00:00") || has_form(time, "t00:00:00")) {
        return false;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    let number = |text: &str, at: usize| text.get(at..at + 2).and_then(|text| text.parse::<u8>().ok());
    let within = |text: &str, at: usize, most: u8| number(text, at).is_some_and(|number| number <= most);
    // A leap second is 60 (§5.7).
    let time_fits = within(time, 1, 23) && within(time, 4, 59) && within(time, 7, 60);
    let zone_fits = match zone {
        "Z" | "z" => true,
        _ => {
            (has_form(zone, "+00:00") || has_form(zone, "-00:00"))
                && within(zone, 1, 23)
                && within(zone, 4, 59)
        }
    };
    time_fits && zone_fits
}

/// Whether `text` is like `form`, in which `0` stands for any digit.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_there_are_are_dates() {
        for text in ["2024-02-29", "1970-01-01", "9999-12-31"] {
            assert!(is_date(text), "{text}");
        }
        for text in
            ["2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "20240101", "2024-01-01 ", "", "+2024-1-1"]
        {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn date_times_are_rfc_3339() {
        let good = ["2024-02-29T12:30:00Z", "2024-02-29t12:30:00.123456789+05:30", "1990-12-31T23:59:60Z"];
        for text in good {
            assert!(is_date_time(text), "{text}");
        }
        let bad = [
            "2024-02-29",
            "2024-02-29T12:30:00",
            "2024-02-29 12:30:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29T12:60:00Z",
            "2024-02-29T12:30:00.Z",
            "2024-02-29T12:30:00+0530",
            "2024-02-30T12:30:00Z",
            "2024-02-29T12:30:00Zx",
            "2024-02-2éT12:30:00Z",
        ];
        for text in bad {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
