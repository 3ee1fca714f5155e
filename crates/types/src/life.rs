//! How long something of a contract lives: since which client it is there, and until when.

use std::fmt;
use std::sync::Arc;

use jiff::civil;

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
    /// Reads `2026-05-01`; `None` for days that are not in the calendar, and for those before 1970.
    pub fn parse(text: &str) -> Option<Self> {
        // Other ways of ISO 8601 to write a day are none of ours.
        let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let civil = text.parse().ok().filter(|_| is_plain)?;
        Some(Self::of(civil)).filter(|date| date.year >= 1970)
    }

    /// The day of a moment.
    pub fn of_unix_seconds(seconds: u64) -> Self {
        let moment = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX));
        Self::of(moment.unwrap_or(jiff::Timestamp::MAX).to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn of(civil: civil::Date) -> Self {
        Self { year: civil.year() as u16, month: civil.month() as u8, day: civil.day() as u8 }
    }

    fn civil(self) -> civil::Date {
        civil::Date::new(self.year as i16, self.month as i8, self.day as i8).unwrap_or(civil::Date::MAX)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> u64 {
        let since = self.civil().duration_since(civil::date(1970, 1, 1));
        u64::try_from(since.as_hours() / 24).unwrap_or_default()
    }

    /// The day's first second, counted from 1970.
    pub fn unix_seconds(self) -> u64 {
        self.days() * 86_400
    }

    /// The day's first second as HTTP writes moments (IMF-fixdate, RFC 9110 §5.6.7): `Fri, 01 May 2026 00:00:00 GMT`.
    pub fn http(self) -> String {
        self.civil().strftime("%a, %d %b %Y 00:00:00 GMT").to_string()
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
        assert_eq!(Date::of_unix_seconds(1_777_593_600 + 86_399).to_string(), "2026-05-01");
        assert_eq!(Date::of_unix_seconds(u64::MAX).year, 9999);
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
