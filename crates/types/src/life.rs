//! How long something of a contract lives: since which client it is there, and until when.

use std::fmt;
use std::sync::Arc;

/// The version of a client: up to three numbers, as Semantic Versioning has them.
///
/// What follows a `-` or `+` is left out of account: a beta of 5.1.0 is to have what 5.1.0 has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    /// Reads `5`, `5.1`, `5.1.0`, `5.1.0-beta.2+77`. Signs, blanks, leading zeros, `v` and a fourth number are none.
    pub fn parse(text: &str) -> Option<Self> {
        let (numbers, rest) = match text.find(['-', '+']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let is_label = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if text.len() > 64 || rest.len() == 1 || !rest.chars().all(is_label) {
            return None;
        }
        let mut parts = numbers.split('.');
        let mut next = || parts.next().map_or(Some(0), number);
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        parts.next().is_none().then_some(version)
    }
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A day of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// Reads `2026-05-01`; `None` for days that are not in the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten()
        };
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)? as u8, digits(8..10)? as u8);
        let date = Self { year, month, day };
        (year >= 1970 && (1..=12).contains(&month) && (1..=date.days_of_month()).contains(&day))
            .then_some(date)
    }

    fn days_of_month(self) -> u8 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
    pub fn days(self) -> u64 {
        let (year, month) = (u64::from(self.year), u64::from(self.month));
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year / 400, year % 400);
        let month = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * month + 2) / 5 + u64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The day's first second, counted from 1970.
    pub fn unix_seconds(self) -> u64 {
        self.days() * 86_400
    }

    /// The day's first second as HTTP writes moments (IMF-fixdate, RFC 9110 §5.6.7): `Fri, 01 May 2026 00:00:00 GMT`.
    pub fn http(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let weekday = DAYS.get((self.days() % 7) as usize).copied().unwrap_or_default();
        let month = MONTHS.get(usize::from(self.month) - 1).copied().unwrap_or_default();
        format!("{weekday}, {:02} {month} {:04} 00:00:00 GMT", self.day, self.year)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// `deprecated: { since, sunset, use, because, enforce }`: still there, and not for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// When it was deprecated.
    pub since: Date,
    /// The first day on which it may be gone.
    pub sunset: Option<Date>,
    /// What takes its place: an endpoint's route (`GET /v3/home`), or a field's name.
    pub instead: Option<Arc<str>>,
    pub because: Option<Arc<str>>,
    /// From `sunset` on, it is gone (endpoints only).
    pub enforce: bool,
}

/// Which clients get a field, and whether it is on its way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The first version of the client that gets it.
    pub since: Option<Version>,
    /// The first version of the client that no longer gets it.
    pub until: Option<Version>,
    pub deprecated: Option<Deprecation>,
}

impl Life {
    /// The life of what is one of two things: it is there as soon, and as long, as either of them.
    #[must_use]
    pub fn either(self, other: Self) -> Self {
        Self {
            since: self.since.zip(other.since).map(|(a, b)| a.min(b)),
            until: self.until.zip(other.until).map(|(a, b)| a.max(b)),
            deprecated: self.deprecated.or(other.deprecated),
        }
    }
}

/// What a schema says of a value beyond its type. Nothing is checked by it: contracts and made-up answers use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// `date-time`, `uuid`, `uri`, … as JSON Schema names them.
    pub format: Option<Arc<str>>,
    /// A value as JSON text.
    pub example: Option<Arc<str>>,
    /// An ECMAScript regular expression.
    pub pattern: Option<Arc<str>>,
    /// The smallest number, length or count.
    pub min: Option<f64>,
    /// The greatest number, length or count.
    pub max: Option<f64>,
    /// A whole number.
    pub integer: bool,
}

impl Hints {
    /// What is known of a value that is one of two things.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let same = |a: &Option<Arc<str>>, b: &Option<Arc<str>>| a.clone().filter(|_| a == b);
        Self {
            format: same(&self.format, &other.format),
            example: self.example.clone(),
            pattern: same(&self.pattern, &other.pattern),
            min: self.min.zip(other.min).map(|(a, b)| a.min(b)),
            max: self.max.zip(other.max).map(|(a, b)| a.max(b)),
            integer: self.integer && other.integer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_either_of_two_lives_as_long_as_both() {
        let life = |since, until| Life {
            since: Version::parse(since),
            until: Version::parse(until),
            deprecated: None,
        };
        assert_eq!(life("2", "5").either(life("3", "6")), life("2", "6"));
        assert_eq!(life("2", "5").either(life("", "6")), life("", "6"));
        assert_eq!(life("2", "").either(life("", "6")), Life::default());
    }

    #[test]
    fn what_may_be_either_of_two_is_known_as_far_as_they_agree() {
        let whole = Hints { integer: true, min: Some(1.0), max: Some(9.0), ..Hints::default() };
        let date = Hints { format: Some("date".into()), min: Some(0.0), ..Hints::default() };
        assert_eq!(whole.both(&whole), whole);
        assert_eq!(whole.both(&date), Hints { min: Some(0.0), ..Hints::default() });
    }

    #[test]
    fn versions_are_read_and_ordered_as_numbers() {
        let version = |text| Version::parse(text);
        assert_eq!(version("5.1").unwrap().to_string(), "5.1.0");
        assert!(version("5.10.0") > version("5.9.9"));
        assert_eq!(version("5.1.0-beta.2+77"), version("5.1.0"));
        for none in ["", "v5", "5.", ".5", "5.1.0.1", "05.1", "5 ", "-1", "5.1-", "4294967296", "5.1.0-b?"] {
            assert_eq!(version(none), None, "{none:?}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let date = |text| Date::parse(text);
        assert_eq!(date("1970-01-01").unwrap().days(), 0);
        assert_eq!(date("2000-03-01").unwrap().days(), 11_017);
        assert_eq!(date("2026-05-01").unwrap().unix_seconds(), 1_777_593_600);
        assert_eq!(date("2026-05-01").unwrap().http(), "Fri, 01 May 2026 00:00:00 GMT");
        assert_eq!(date("2024-02-29").unwrap().http(), "Thu, 29 Feb 2024 00:00:00 GMT");
        for none in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "1969-12-31",
            "2026-05-01T00",
            "２026-05-1",
        ] {
            assert_eq!(date(none), None, "{none:?}");
        }
    }
}
