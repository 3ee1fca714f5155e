//! Who still uses what is deprecated: counted by client and version, so that a retirement can be planned.
//!
//! Each worker counts for itself, behind a lock that only it and a reader take, and only for requests to which
//! something deprecated was answered. What a client says of itself cannot make the counts grow without bounds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_perimeter::api_key::date;
use frontdesk_plan::{DeprecatedField, EndpointPlan};
use frontdesk_types::Deprecation;
use serde_json::{Value, json};

use crate::snapshot::Snapshot;

/// The most rows of one worker; what comes after is counted as `other`.
const ROWS: usize = 4096;
/// The most versions of one worker that no BFF knows.
const ODD_VERSIONS: usize = 64;

const OTHER: &str = "other";

/// What a request says of versions, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    /// One of a list that is in `bff.ts`.
    Known(Arc<str>),
    /// The client's own word.
    Odd(String),
}

/// That something deprecated was answered, or asked for.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub plan: Arc<EndpointPlan>,
    /// The OAuth client or API key, or else the BFF's client.
    pub client: Arc<str>,
    pub version: Option<Arc<str>>,
    /// The answer has the plan's deprecated fields.
    pub with_fields: bool,
}

impl Note {
    /// The endpoint itself is deprecated.
    pub fn is_endpoint(&self) -> bool {
        self.plan.deprecated.is_some()
    }

    /// The deprecated fields that the client got.
    pub fn fields(&self) -> &[DeprecatedField] {
        if self.with_fields { &self.plan.deprecated_fields } else { &[] }
    }
}

/// What one worker has seen.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    rows: HashMap<Row, Count>,
    /// Versions that no BFF knows, as far as they are told apart.
    odd: HashSet<Arc<str>>,
}

/// What is deprecated, and who uses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Row {
    what: Subject,
    client: Arc<str>,
    version: Option<Arc<str>>,
}

/// An endpoint, or a field of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Subject {
    bff: Arc<str>,
    endpoint: Arc<str>,
    field: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    requests: u64,
    /// Unix seconds.
    last: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.last = self.last.max(other.last);
    }
}

impl Usage {
    /// Counts one request, made now, and gives what the log says of it.
    pub fn count(
        &self,
        plan: &Arc<EndpointPlan>,
        client: Arc<str>,
        said: Said,
        with_fields: bool,
        now: u64,
    ) -> Note {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let version = seen.version(said);
        let note = Note { plan: plan.clone(), client, version, with_fields };
        if note.is_endpoint() {
            seen.count(&note, None, now);
        }
        for field in note.fields() {
            seen.count(&note, Some(field.path.clone()), now);
        }
        note
    }
}

impl Seen {
    fn version(&mut self, said: Said) -> Option<Arc<str>> {
        let odd = match said {
            Said::Nothing => return None,
            Said::Known(text) => return Some(text),
            Said::Odd(text) => text,
        };
        if let Some(known) = self.odd.get(odd.as_str()) {
            return Some(known.clone());
        }
        if self.odd.len() >= ODD_VERSIONS {
            return Some(OTHER.into());
        }
        let text: Arc<str> = odd.into();
        self.odd.insert(text.clone());
        Some(text)
    }

    fn count(&mut self, note: &Note, field: Option<Arc<str>>, now: u64) {
        let what = Subject { bff: note.plan.bff.clone(), endpoint: note.plan.name.clone(), field };
        self.add(Row { what, client: note.client.clone(), version: note.version.clone() }, now);
    }

    fn add(&mut self, mut row: Row, now: u64) {
        // Beyond the bound there is one row more for each thing that is deprecated, and these are few.
        if self.rows.len() >= ROWS && !self.rows.contains_key(&row) {
            row = Row { client: OTHER.into(), version: Some(OTHER.into()), ..row };
        }
        self.rows.entry(row).or_default().add(Count { requests: 1, last: now });
    }
}

/// Everything that is deprecated now, and who has used it since the process began: the body of `/-/deprecated`. What
/// nobody uses is listed too; what was used and is no longer deprecated, or no longer there, comes without its dates.
pub(crate) fn report<'u>(
    snapshot: &Snapshot,
    workers: impl IntoIterator<Item = &'u Arc<Usage>>,
    started: u64,
) -> Value {
    let mut subjects: BTreeMap<Subject, (Value, BTreeMap<Row, Count>)> = BTreeMap::new();
    for plan in snapshot.plans() {
        let subject = |field| Subject { bff: plan.bff.clone(), endpoint: plan.name.clone(), field };
        if let Some(deprecated) = &plan.deprecated {
            subjects.entry(subject(None)).or_default().0 = dates(deprecated);
        }
        for field in &plan.deprecated_fields {
            subjects.entry(subject(Some(field.path.clone()))).or_default().0 = dates(&field.deprecation);
        }
    }
    for usage in workers {
        let seen = usage.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sorted: BTreeMap<&Row, &Count> = seen.rows.iter().collect();
        for (row, count) in sorted {
            let known = subjects.entry(row.what.clone()).or_default();
            known.1.entry(row.clone()).or_default().add(*count);
        }
    }
    let rows: Vec<Value> =
        subjects.into_iter().map(|(what, (dates, rows))| line(&what, dates, &rows)).collect();
    json!({ "since": date(started), "deprecated": rows })
}

fn line(what: &Subject, dates: Value, rows: &BTreeMap<Row, Count>) -> Value {
    let mut total = Count::default();
    let mut by = Vec::with_capacity(rows.len());
    for (row, count) in rows {
        total.add(*count);
        by.push(json!({
            "client": &*row.client,
            "version": row.version.as_deref(),
            "requests": count.requests,
            "last": date(count.last),
        }));
    }
    json!({
        "bff": &*what.bff,
        "endpoint": &*what.endpoint,
        "field": what.field.as_deref(),
        "deprecated": dates,
        "requests": total.requests,
        "last": (total.requests > 0).then(|| date(total.last)),
        "by": by,
    })
}

fn dates(deprecated: &Deprecation) -> Value {
    json!({
        "since": deprecated.since.to_string(),
        "sunset": deprecated.sunset.map(|day| day.to_string()),
        "use": deprecated.instead.as_deref(),
        "because": deprecated.because.as_deref(),
        "enforce": deprecated.enforce,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_versions_and_clients_do_not_make_it_grow() {
        let mut seen = Seen::default();
        assert_eq!(seen.version(Said::Nothing), None);
        for i in 0..10 * ODD_VERSIONS {
            seen.version(Said::Odd(format!("9.{i}")));
        }
        assert_eq!(seen.odd.len(), ODD_VERSIONS);
        assert_eq!(seen.version(Said::Odd("9.3".to_owned())).as_deref(), Some("9.3"));
        assert_eq!(seen.version(Said::Odd("8.8".to_owned())).as_deref(), Some(OTHER));
        assert_eq!(seen.version(Said::Known("5.0.0".into())).as_deref(), Some("5.0.0"));

        let what = Subject { bff: "app".into(), endpoint: "home".into(), field: None };
        for i in 0..ROWS + 50 {
            seen.add(Row { what: what.clone(), client: format!("client-{i}").into(), version: None }, 7);
        }
        assert_eq!(seen.rows.len(), ROWS + 1);
        let other = Row { what, client: OTHER.into(), version: Some(OTHER.into()) };
        assert_eq!((seen.rows[&other].requests, seen.rows[&other].last), (50, 7));
    }
}
