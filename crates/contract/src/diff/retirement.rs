//! What is on its way out: deprecations of operations and fields, and whether a removal was announced.

use frontdesk_types::{Date, Deprecation};

use super::Class::{self, *};
use super::Direction::Meta;
use super::judge::{At, Judge};
use super::rules;

/// A removal that was announced, and what follows from the day.
pub struct Announced {
    pub class: Class,
    pub note: String,
}

/// `None` if nobody was told when it would go.
pub fn announced(today: Option<Date>, deprecation: Option<&Deprecation>) -> Option<Announced> {
    let sunset = deprecation?.sunset?;
    let (class, note) = match today {
        None => (Risky, format!("its sunset was announced for {sunset}")),
        Some(today) if today >= sunset => (Compatible, format!("its sunset, {sunset}, has passed")),
        Some(today) => (Breaking, format!("its sunset, {sunset}, is {} ahead", days(sunset, today))),
    };
    Some(Announced { class, note })
}

fn days(later: Date, earlier: Date) -> String {
    match later.days().saturating_sub(earlier.days()) {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

pub fn compare(
    judge: &mut Judge<'_>,
    old: Option<&Deprecation>,
    new: Option<&Deprecation>,
    what: &str,
    at: &At,
) {
    let is_gone = |one: &Deprecation| {
        one.enforce && judge.today.zip(one.sunset).is_some_and(|(today, day)| today >= day)
    };
    if let Some(new) = new
        && is_gone(new)
        && !old.is_some_and(is_gone)
    {
        // Those who were told in time could prepare.
        let told = old.is_some_and(|old| old.sunset.is_some() && old.sunset <= new.sunset);
        let message = format!("{what} answers 410 from now on");
        let change = judge.tell(&rules::OPERATION_GONE, super::Direction::Both, at, message);
        if told {
            change.but(Compatible, "its sunset was announced, and has passed");
        }
        return;
    }
    let (old, new) = match (old, new) {
        (None, None) => return,
        (None, Some(new)) => {
            let sunset = new.sunset.map_or_else(String::new, |day| format!(", sunset {day}"));
            let instead = new.instead.as_ref().map_or_else(String::new, |name| format!("; use `{name}`"));
            let message = format!("{what} is deprecated since {}{sunset}{instead}", new.since);
            judge.tell(&rules::DEPRECATED, Meta, at, message);
            return;
        }
        (Some(_), None) => {
            judge.tell(&rules::DEPRECATION_WITHDRAWN, Meta, at, format!("{what} is no longer deprecated"));
            return;
        }
        (Some(old), Some(new)) => (old, new),
    };
    match (old.sunset, new.sunset) {
        (None, Some(day)) => {
            judge.tell(&rules::SUNSET_ADDED, Meta, at, format!("{what} has the sunset {day} now"));
        }
        (Some(day), None) => {
            judge.tell(&rules::SUNSET_LATER, Meta, at, format!("{what} had the sunset {day}, has none"));
        }
        (Some(one), Some(two)) if two > one => {
            judge.tell(&rules::SUNSET_LATER, Meta, at, format!("the sunset of {what} was {one}, is {two}"));
        }
        (Some(one), Some(two)) if two < one => {
            let message = format!("the sunset of {what} was {one}, is {two}");
            let told = judge.tell(&rules::SUNSET_EARLIER, Meta, at, message);
            if new.enforce {
                told.but(Breaking, "it is enforced: from that day on the answer is 410");
            }
        }
        _ => {}
    }
    match (old.enforce, new.enforce) {
        (false, true) => {
            judge.tell(&rules::SUNSET_ENFORCED, Meta, at, format!("the sunset of {what} is enforced now"));
        }
        (true, false) => {
            let message = format!("the sunset of {what} is no longer enforced");
            judge.tell(&rules::SUNSET_NOT_ENFORCED, Meta, at, message);
        }
        _ => {}
    }
    if (old.since, &old.instead, &old.because) != (new.since, &new.instead, &new.because) {
        let message = format!("{what} is deprecated with other words");
        judge.tell(&rules::DEPRECATION_REWORDED, Meta, at, message);
    }
}
