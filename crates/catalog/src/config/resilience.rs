//! `retries`, `hedge`, `breaker`, `outliers` and `bulkhead` of a service.

use frontdesk_diagnostics::Diagnostic;

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
    if let Some(entry) = section.take("breaker") {
        policy.breaker = if is_off(&entry) { None } else { Some(read_breaker(&entry, found)) };
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
    let most = units::count(entry, 0, found)?;
    if most <= MOST_RETRIES {
        return Some(most);
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
    if !matches!(entry.value.value, Value::Map(_)) {
        retries.most = read_most(entry, found).unwrap_or_default();
        return retries;
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
    let percent = written.strip_prefix('p').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    match percent.map(str::parse::<u8>) {
        Some(Ok(percent @ 1..=99)) => Some(Hedging::AfterPercentile(percent)),
        Some(_) => {
            let message = format!("`hedge: {written}` is no percentile");
            let help = "write `p50` to `p99`, a duration such as `30ms`, or `off`";
            found.push(text::bad_value(entry.value.span, &message, "not between p1 and p99", help));
            None
        }
        None => units::duration(entry, found).map(Hedging::After),
    }
}

fn read_breaker(entry: &Entry, found: &mut Vec<Diagnostic>) -> Breaker {
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
    breaker.slow = section.take("slow").and_then(|e| units::duration(&e, found));
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
        Value::String(_) => units::one_of(entry, keys::BULKHEAD_WORDS, found).map(|_| Bulkhead::Adaptive),
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
            found.push(wrong_type(&entry.value, entry.key_span, "`bulkhead`", wanted));
            None
        }
    }
}
