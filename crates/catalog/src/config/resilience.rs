//! `retries`, `hedge`, `breaker`, `outliers` and `bulkhead` of a service.

use std::time::Duration;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::nearest::nearest;

use super::keys::Key;
use super::section::{Section, wrong_type};
use super::traffic::read_share;
use super::{keys, text, units};
use crate::catalog::ServicePolicy;
use crate::policy::{Breaker, Bulkhead, Hedging, Outliers, Retries};
use crate::traffic::Share;
use crate::tree::{Entry, Value};

/// More would bury a service that is down.
const MOST_RETRIES: u32 = 10;

pub fn read(section: &mut Section<'_>, policy: &mut ServicePolicy, found: &mut Vec<Diagnostic>) {
    if let Some(entry) = section.take("retries") {
        policy.retries = read_retries(&entry, found);
    }
    if let Some(hedge) = section.take("hedge").and_then(|entry| read_hedge(&entry, found)) {
        policy.hedge = hedge;
    }
    if let (Some(entry), Hedging::After(after)) = (section.take("hedge"), policy.hedge) {
        refuse_late(&entry, after, policy.timeout, "no second attempt would ever set out", found);
    }
    if let Some(entry) = section.take("breaker") {
        policy.breaker =
            if is_off(&entry) { None } else { Some(read_breaker(&entry, policy.timeout, found)) };
    }
    if let Some(entry) = section.take("outliers") {
        policy.outliers = if is_off(&entry) { None } else { Some(read_outliers(&entry, found)) };
    }
    if let Some(bulkhead) = section.take("bulkhead").and_then(|entry| read_bulkhead(&entry, found)) {
        policy.bulkhead = bulkhead;
    }
}

/// `off`, which some dialects of YAML read as `false`.
fn is_off(entry: &Entry) -> bool {
    match &entry.value.value {
        Value::String(word) => word == "off",
        Value::Boolean(value) => !value,
        _ => false,
    }
}

fn section<'e>(entry: &'e Entry, keys: &'static [Key], found: &mut Vec<Diagnostic>) -> Option<Section<'e>> {
    let what = format!("`{}` of a service", entry.key);
    Section::open(&entry.value, entry.key_span, what, keys, found)
}

/// A share that is not nothing.
fn share(section: &mut Section<'_>, key: &str, found: &mut Vec<Diagnostic>) -> Option<Share> {
    let entry = section.take(key)?;
    let share = read_share(&entry, found)?;
    if share.0 == 0 {
        let message = format!("`{key}: 0%` is no share");
        found.push(text::bad_value(entry.value.span, &message, "nothing of it", "write more than `0%`"));
        return None;
    }
    Some(share)
}

fn read_most(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let is_more =
        matches!(&entry.value.value, Value::Number(n) if n.parse().is_ok_and(|n: u32| n > MOST_RETRIES));
    if !is_more {
        return units::count_up_to(entry, 0, MOST_RETRIES, found);
    }
    found.push(text::bad_value(
        entry.value.span,
        "more than 10 retries would bury a service that is down",
        "too many",
        "write a number between 0 and 10",
    ));
    None
}

fn read_retries(entry: &Entry, found: &mut Vec<Diagnostic>) -> Retries {
    let mut retries = Retries::default();
    if is_off(entry) {
        return retries;
    }
    match &entry.value.value {
        Value::Map(_) => {}
        Value::Number(_) => {
            retries.most = read_most(entry, found).unwrap_or_default();
            return retries;
        }
        _ => {
            let wanted = "a number of retries, `{ most, budget, pause }` or `off`";
            let help = "write `retries: 1`, or `retries: { most: 2, budget: 20%, pause: 10ms }`";
            found.push(wrong_type(&entry.value, entry.key_span, "`retries`", wanted).help(help));
            return retries;
        }
    }
    let Some(mut section) = section(entry, keys::RETRIES, found) else { return retries };
    retries.most = match section.take("most") {
        Some(most) => read_most(&most, found).unwrap_or_default(),
        None => 1,
    };
    retries.budget = share(&mut section, "budget", found).unwrap_or(retries.budget);
    if let Some(pause) = section.take("pause").and_then(|e| units::duration(&e, found)) {
        retries.pause = pause;
    }
    retries
}

fn read_hedge(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Hedging> {
    if is_off(entry) {
        return Some(Hedging::Never);
    }
    let written = match &entry.value.value {
        Value::String(written) => written.as_str(),
        _ => "",
    };
    let form = "write `p50` to `p99`, a duration such as `30ms`, or `off`";
    let percent = written.strip_prefix('p').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    match percent.map(str::parse::<u8>) {
        Some(Ok(percent @ 1..=99)) => Some(Hedging::AfterPercentile(percent)),
        Some(_) => {
            let message = format!("`hedge: {written}` is no percentile");
            found.push(text::bad_value(entry.value.span, &message, "not between p1 and p99", form));
            None
        }
        None if written.starts_with(|c: char| c.is_ascii_digit())
            || matches!(entry.value.value, Value::Number(_)) =>
        {
            units::duration(entry, found).map(Hedging::After)
        }
        None => {
            let wanted = "a percentile, a duration or `off`";
            found.push(wrong_type(&entry.value, entry.key_span, "`hedge`", wanted).help(form));
            None
        }
    }
}

/// A length that no call comes to, because its `timeout` is over before.
fn refuse_late(entry: &Entry, length: Duration, timeout: Duration, label: &str, found: &mut Vec<Diagnostic>) {
    if length < timeout {
        return;
    }
    let message = format!(
        "`{}: {}ms` is not before the service's `timeout` of {}ms",
        entry.key,
        length.as_millis(),
        timeout.as_millis()
    );
    let help = "write less than `timeout`, or a longer `timeout`";
    found.push(text::bad_value(entry.value.span, &message, label, help));
}

fn read_breaker(entry: &Entry, timeout: Duration, found: &mut Vec<Diagnostic>) -> Breaker {
    let mut breaker = Breaker::default();
    let Some(mut section) = section(entry, keys::BREAKER, found) else { return breaker };
    breaker.failures = share(&mut section, "failures", found).unwrap_or(breaker.failures);
    if let Some(window) = section.take("window").and_then(|e| units::duration(&e, found)) {
        breaker.window = window;
    }
    if let Some(open) = section.take("open").and_then(|e| units::duration(&e, found)) {
        breaker.open = open;
    }
    if let Some(calls) = section.take("calls").and_then(|e| units::count(&e, 1, found)) {
        breaker.calls = calls;
    }
    if let Some(entry) = section.take("slow") {
        breaker.slow = units::duration(&entry, found);
        if let Some(slow) = breaker.slow {
            refuse_late(&entry, slow, timeout, "no success takes so long", found);
        }
    }
    breaker
}

fn read_outliers(entry: &Entry, found: &mut Vec<Diagnostic>) -> Outliers {
    let mut outliers = Outliers::default();
    let Some(mut section) = section(entry, keys::OUTLIERS, found) else { return outliers };
    if let Some(failures) = section.take("failures").and_then(|e| units::count(&e, 1, found)) {
        outliers.failures = failures;
    }
    if let Some(eject) = section.take("eject").and_then(|e| units::duration(&e, found)) {
        outliers.eject = eject;
    }
    outliers.most = share(&mut section, "most", found).unwrap_or(outliers.most);
    outliers
}

fn read_bulkhead(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Bulkhead> {
    match &entry.value.value {
        Value::String(word) if nearest(word, keys::BULKHEAD_WORDS.iter().copied()).is_some() => {
            units::one_of(entry, keys::BULKHEAD_WORDS, found).map(|_| Bulkhead::Adaptive)
        }
        Value::Map(_) => {
            let mut section = section(entry, keys::BULKHEAD, found)?;
            let calls = section.require("calls", "64", found).and_then(|e| units::count(&e, 1, found))?;
            let queue = section.take("queue").and_then(|e| units::count(&e, 0, found)).unwrap_or(calls);
            Some(Bulkhead::Fixed { calls, queue })
        }
        Value::Number(_) => {
            let calls = units::count(entry, 1, found)?;
            Some(Bulkhead::Fixed { calls, queue: calls })
        }
        _ => {
            let wanted = "a number of calls, `{ calls, queue }` or `adaptive`";
            let help = "write `bulkhead: 64`, `bulkhead: { calls: 64, queue: 16 }` or `bulkhead: adaptive`";
            found.push(wrong_type(&entry.value, entry.key_span, "`bulkhead`", wanted).help(help));
            None
        }
    }
}
