//! `dateTime(moment, locale, { date, time, timeZone })`

use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu_datetime::fieldsets::enums::{CompositeDateTimeFieldSet, CompositeFieldSet};
use icu_datetime::input::{Date, DateTime, Time, TimeZone as ZoneId, UtcOffset, ZonedDateTime};
use icu_datetime::options::{Length, TimePrecision};
use icu_locale_core::Locale;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};

use super::{code, locales, option};
use crate::eval::{Evaluated, Evaluator, Interrupt};
use crate::text::classified;
use crate::value::Value;

/// As `dateStyle` and `timeStyle` of `Intl.DateTimeFormat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Short,
    Medium,
    Long,
    Full,
}

/// What of a moment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub date: Option<Width>,
    pub time: Option<Width>,
}

/// A moment in a time zone, or a day that is the same everywhere.
struct Moment {
    local: civil::DateTime,
    offset: Offset,
    /// Whether it has a time of day.
    timed: bool,
}

/// Null and undefined give null; text that is no moment stays as it is.
pub(crate) fn date_time<'a>(
    evaluator: &mut Evaluator<'a>,
    value: Value<'a>,
    locale: Value<'a>,
    options: Value<'a>,
) -> Evaluated<'a> {
    if value.is_nullish() {
        return Ok(Value::Null);
    }
    let locale = code(evaluator, locale)?;
    let date = width(evaluator, options, "date")?;
    let time = width(evaluator, options, "time")?;
    let zone_name = match option(evaluator, options, "timeZone")? {
        Value::Undefined | Value::Null => "UTC",
        name => code(evaluator, name)?,
    };
    evaluator.spend(64)?;
    let text = evaluator.text(value)?;
    let zone = TimeZone::get(zone_name).unwrap_or(TimeZone::UTC);
    let Some(moment) = std::str::from_utf8(text.bytes()).ok().and_then(|text| read(text, &zone)) else {
        return Ok(text.value());
    };
    let style = Style {
        // With nothing asked for, the day: as `Intl.DateTimeFormat` does.
        date: if date.is_none() && time.is_none() { Some(Width::Short) } else { date },
        time: time.filter(|_| moment.timed),
    };
    let style = if style.date.is_none() && style.time.is_none() {
        // The time of a day that has none.
        Style { date: Some(Width::Short), time: None }
    } else {
        style
    };
    let shown = locales::of(locale).moments(style).and_then(|formatter| formatter.show(&moment, zone_name));
    Ok(match shown {
        Some(shown) => classified(evaluator.arena.alloc_str(&shown)).value(),
        None => text.value(),
    })
}

fn width<'a>(
    evaluator: &mut Evaluator<'a>,
    options: Value<'a>,
    name: &'static str,
) -> Result<Option<Width>, Interrupt<'a>> {
    let value = option(evaluator, options, name)?;
    if value.is_nullish() {
        return Ok(None);
    }
    Ok(match code(evaluator, value)? {
        "short" => Some(Width::Short),
        "medium" => Some(Width::Medium),
        "long" => Some(Width::Long),
        "full" => Some(Width::Full),
        _ => None,
    })
}

/// RFC 3339 with an offset is a moment; without one it is local to the zone already; a day alone has no zone.
fn read(text: &str, zone: &TimeZone) -> Option<Moment> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        let zoned = timestamp.to_zoned(zone.clone());
        return Some(Moment { local: zoned.datetime(), offset: zoned.offset(), timed: true });
    }
    let timed = text.len() > 10;
    let local = if timed {
        text.parse::<civil::DateTime>().ok()?
    } else {
        text.parse::<civil::Date>().ok()?.to_datetime(civil::Time::midnight())
    };
    let offset = zone.to_zoned(local).map_or(Offset::UTC, |zoned| zoned.offset());
    Some(Moment { local, offset, timed })
}

/// ICU's formatter for one locale and style.
#[derive(Debug)]
pub enum MomentFormatter {
    Local(Box<DateTimeFormatter<CompositeDateTimeFieldSet>>),
    /// Long times name their zone.
    Zoned(Box<DateTimeFormatter<CompositeFieldSet>>),
}

impl MomentFormatter {
    pub fn new(locale: &Locale, style: Style) -> Option<Self> {
        let mut fields = FieldSetBuilder::new();
        fields.length = Some(match style.date.or(style.time)? {
            Width::Short => Length::Short,
            Width::Medium => Length::Medium,
            Width::Long | Width::Full => Length::Long,
        });
        fields.date_fields = style.date.map(|width| match width {
            Width::Full => DateFields::YMDE,
            _ => DateFields::YMD,
        });
        fields.time_precision = style.time.map(|width| match width {
            Width::Short => TimePrecision::Minute,
            _ => TimePrecision::Second,
        });
        fields.zone_style = match style.time {
            Some(Width::Long) => Some(ZoneStyle::SpecificShort),
            Some(Width::Full) => Some(ZoneStyle::SpecificLong),
            _ => None,
        };
        if fields.zone_style.is_some() {
            let fields = fields.build_composite().ok()?;
            let formatter = DateTimeFormatter::try_new(locale.into(), fields).ok()?;
            return Some(Self::Zoned(Box::new(formatter)));
        }
        let fields = fields.build_composite_datetime().ok()?;
        let formatter = DateTimeFormatter::try_new(locale.into(), fields).ok()?;
        Some(Self::Local(Box::new(formatter)))
    }

    fn show(&self, moment: &Moment, zone: &str) -> Option<String> {
        let local = moment.local;
        let date = Date::try_new_iso(local.year().into(), local.month() as u8, local.day() as u8).ok()?;
        let time = Time::try_new(local.hour() as u8, local.minute() as u8, local.second() as u8, 0).ok()?;
        Some(match self {
            Self::Local(formatter) => formatter.format(&DateTime { date, time }).to_string(),
            Self::Zoned(formatter) => {
                let offset = UtcOffset::try_from_seconds(moment.offset.seconds()).ok();
                let zone =
                    ZoneId::from_iana_id(zone).with_offset(offset).at_date_time(DateTime { date, time });
                formatter.format(&ZonedDateTime { date, time, zone }).to_string()
            }
        })
    }
}
