//! For tools.

use serde_json::{Value, json};

use super::Report;
use crate::diff::{Change, Class, Hits, Spot};

/// `{ bff, worst, breaking, risky, compatible, changes: [{ rule, class, direction, date, operation, at, message, note,
/// why, instead, hits, old, new }] }`.
///
/// `hits` is `"all"`, a list of versions, a list of `{ from, below }`, or empty; `old` and `new` are
/// `{ pointer, file, line, column }` or null.
pub fn json(report: &Report<'_>) -> Value {
    let changes: Vec<Value> = report
        .sections
        .iter()
        .flat_map(|section| section.changes.iter().map(|change| (section.date, change)))
        .map(|(date, one)| {
            let mut value = change(one, report);
            if let (Some(date), Some(value)) = (date, value.as_object_mut()) {
                value.insert("date".to_owned(), date.to_string().into());
            }
            value
        })
        .collect();
    json!({
        "bff": report.bff,
        "worst": report.worst().map(|class| class.to_string()),
        "breaking": report.count(Class::Breaking),
        "risky": report.count(Class::Risky),
        "compatible": report.count(Class::Compatible),
        "changes": changes,
    })
}

fn change(change: &Change, report: &Report<'_>) -> Value {
    json!({
        "rule": change.rule.id,
        "class": change.class.to_string(),
        "direction": change.direction.to_string(),
        "operation": change.operation,
        "at": change.at,
        "message": change.message,
        "note": change.note,
        "why": change.rule.why,
        "instead": change.rule.instead,
        "hits": hits(&change.hits),
        "old": spot(change.old.as_ref(), report),
        "new": spot(change.new.as_ref(), report),
    })
}

fn hits(hits: &Hits) -> Value {
    match hits {
        Hits::Nobody => json!([]),
        Hits::Everybody => json!("all"),
        Hits::Versions(versions) => versions.iter().map(ToString::to_string).collect(),
        Hits::Between(ranges) => ranges
            .iter()
            .map(|(from, below)| {
                json!({ "from": from.to_string(), "below": below.map(|version| version.to_string()) })
            })
            .collect(),
    }
}

fn spot(spot: Option<&Spot>, report: &Report<'_>) -> Value {
    let Some(spot) = spot else { return Value::Null };
    let mut value = json!({ "pointer": spot.pointer });
    if let (Some(span), Some(members)) = (spot.span, value.as_object_mut()) {
        let (line, column) = report.sources.line_column(span);
        members.insert("file".to_owned(), report.sources.path(span.file).into());
        members.insert("line".to_owned(), line.into());
        members.insert("column".to_owned(), column.into());
    }
    value
}
