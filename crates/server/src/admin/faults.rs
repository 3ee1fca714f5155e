//! `/-/faults`: faults that an administrator orders, each for a time, and `/-/mirrors`: what came of mirrored calls.
//!
//! A rule names what the workspace has: a misspelt one would be thought to be in force.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::now;
use frontdesk_catalog::Share;
use frontdesk_catalog::config::parse_share;
use frontdesk_connectors::faults::{Abort, Harm, Rule, RuleId, Rules, Spoil};
use frontdesk_diagnostics::nearest::nearest;
use serde_json::{Map, Value, json};

use crate::snapshot::Snapshot;
use crate::traffic::{Mirrored, Offered};

/// A fault that nobody remembers ends by itself.
const LONGEST: Duration = Duration::from_hours(1);
const LONGEST_DELAY: Duration = Duration::from_mins(5);
const MOST_RULES: usize = 100;

const KEYS: [&str; 8] = ["service", "operation", "version", "share", "delay", "abort", "answer", "for"];
const ABORTS: [(&str, Abort); 3] =
    [("refuse", Abort::Refuse), ("reset", Abort::Reset), ("timeout", Abort::Timeout)];
const SPOILS: [(&str, Spoil); 2] = [("truncate", Spoil::Truncate), ("malformed", Spoil::Malformed)];

/// What is wrong with a rule: a JSON pointer into what was sent, and what to write instead.
#[derive(Debug)]
pub struct Wrong {
    pointer: String,
    detail: String,
}

/// Puts one rule or a list of them in force, all or none.
///
/// # Errors
/// Everything that is wrong with them.
pub fn order(body: &[u8], snapshot: &Snapshot, rules: &Rules) -> Result<Vec<RuleId>, Vec<Wrong>> {
    let Ok(written) = serde_json::from_slice::<Value>(body) else {
        return Err(vec![Wrong { pointer: String::new(), detail: "this is not JSON".to_owned() }]);
    };
    let mut reading = Reading { snapshot, pointer: String::new(), wrong: Vec::new() };
    let read: Vec<Option<Rule>> = match &written {
        Value::Array(list) => std::iter::zip(0.., list)
            .map(|(at, one): (usize, _)| {
                reading.pointer = format!("/{at}");
                reading.rule(one)
            })
            .collect(),
        one => vec![reading.rule(one)],
    };
    reading.pointer.clear();
    if rules.in_force().len() + read.len() > MOST_RULES {
        reading.say("", format!("no more than {MOST_RULES} rules are in force at once"));
    }
    if read.is_empty() {
        reading.say("", "no rule stands here".to_owned());
    }
    if !reading.wrong.is_empty() {
        return Err(reading.wrong);
    }
    Ok(read.into_iter().flatten().map(|rule| rules.add(rule)).collect())
}

/// What was wrong, as it is answered.
pub fn refusal(wrong: &[Wrong]) -> Value {
    let problems = wrong.iter().map(|one| json!({ "pointer": one.pointer, "detail": one.detail }));
    json!({ "status": "bad_rule", "problems": problems.collect::<Vec<_>>() })
}

/// The rules in force.
pub fn list(rules: &Rules) -> Value {
    let now = now();
    let written = rules.in_force().into_iter().map(|(id, rule)| {
        let mut out = Map::new();
        out.insert("id".to_owned(), json!(id));
        out.insert("service".to_owned(), json!(&*rule.service));
        for (key, name) in [("operation", &rule.operation), ("version", &rule.version)] {
            if let Some(name) = name {
                out.insert(key.to_owned(), json!(&**name));
            }
        }
        out.insert("share".to_owned(), json!(Share(rule.share).to_string().replace(' ', "")));
        if let Some(delay) = rule.harm.delay {
            out.insert("delay".to_owned(), json!(format!("{}ms", delay.as_millis())));
        }
        if let Some(abort) = rule.harm.abort {
            let word = ABORTS.iter().find(|(_, known)| *known == abort).map(|(word, _)| *word);
            let status = if let Abort::Status(status) = abort { status } else { 0 };
            out.insert("abort".to_owned(), word.map_or(json!(status), |word| json!(word)));
        }
        if let Some((word, _)) = SPOILS.iter().find(|(_, known)| Some(*known) == rule.harm.spoil) {
            out.insert("answer".to_owned(), json!(word));
        }
        out.insert("ends_in".to_owned(), json!(rule.until.saturating_duration_since(now).as_secs()));
        Value::Object(out)
    });
    json!({ "faults": written.collect::<Vec<_>>() })
}

/// What came of mirrored calls since the configuration was loaded.
pub fn mirrors(snapshot: &Snapshot) -> Value {
    let of = |mirrored: Mirrored| {
        let operations = mirrored.counts.into_iter().map(|(name, counts)| {
            let mut out = json!({ "sent": counts.sent, "failed": counts.failed, "dropped": counts.dropped });
            if mirrored.compared {
                out["same"] = counts.same.into();
                out["different"] = counts.different.into();
            }
            if let Some(pointer) = counts.differs_at {
                out["differs_at"] = pointer.into();
            }
            (name.to_string(), out)
        });
        let operations: Map<String, Value> = operations.collect();
        json!({ "service": &*mirrored.service, "to": &*mirrored.to, "operations": operations })
    };
    json!({ "mirrors": snapshot.mirrored().map(of).collect::<Vec<_>>() })
}

struct Reading<'s> {
    snapshot: &'s Snapshot,
    /// Of the rule that is read.
    pointer: String,
    wrong: Vec<Wrong>,
}

impl Reading<'_> {
    fn say(&mut self, key: &str, detail: String) {
        let pointer = if key.is_empty() { self.pointer.clone() } else { format!("{}/{key}", self.pointer) };
        self.wrong.push(Wrong { pointer, detail });
    }

    fn rule(&mut self, written: &Value) -> Option<Rule> {
        let Some(written) = written.as_object() else {
            self.say(
                "",
                "a rule is an object such as {\"service\":\"catalog\",\"delay\":\"200ms\",\"for\":\"5m\"}"
                    .to_owned(),
            );
            return None;
        };
        for key in written.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            self.say(key, unknown("a rule has no key", key, KEYS));
        }
        let offered = self.service(written)?;
        let operation = self.named(written, "operation", &offered.service, &offered.operations);
        let version = self.named(written, "version", &offered.service, &offered.versions);
        let share = match self.text(written, "share") {
            None => Some(Share::ALL),
            Some(text) => {
                let share = parse_share(text).filter(|share| share.0 > 0);
                if share.is_none() {
                    self.say("share", "write a share above 0% and up to 100%, such as \"30%\"".to_owned());
                }
                share
            }
        };
        let delay = self.length(written, "delay", LONGEST_DELAY);
        let harm = Harm { delay, abort: self.abort(written), spoil: self.spoil(written) };
        let is_said = ["delay", "abort", "answer"].iter().any(|key| written.contains_key(*key));
        if !is_said {
            self.say("", "say what is to happen: `delay`, `abort` or `answer`".to_owned());
        }
        if harm.abort.is_some() && harm.spoil.is_some() {
            self.say("answer", "a call that is aborted has no answer: leave one of the two out".to_owned());
        }
        if !written.contains_key("for") {
            self.say("for", "say for how long, at most an hour: \"5m\"".to_owned());
        }
        let until = now() + self.length(written, "for", LONGEST)?;
        Some(Rule { service: offered.service.clone(), operation, version, share: share?.0, harm, until })
    }

    fn service(&mut self, written: &Map<String, Value>) -> Option<Offered> {
        let names = || self.snapshot.offered().iter().map(|offered| &*offered.service);
        let Some(name) = written.get("service").and_then(Value::as_str) else {
            let names: Vec<&str> = names().collect();
            let detail = format!("name a service: {}", names.join(", "));
            self.say("service", detail);
            return None;
        };
        let found = self.snapshot.offered().iter().find(|offered| *offered.service == *name).cloned();
        if found.is_none() {
            let detail = unknown("there is no service", name, names());
            self.say("service", detail);
        }
        found
    }

    fn named(
        &mut self,
        written: &Map<String, Value>,
        key: &str,
        service: &str,
        known: &[Arc<str>],
    ) -> Option<Arc<str>> {
        let name = self.text(written, key)?;
        let found = known.iter().find(|known| ***known == *name).cloned();
        if found.is_none() {
            let known = known.iter().map(|known| &**known);
            self.say(key, unknown(&format!("{service} has no {key}"), name, known));
        }
        found
    }

    fn abort(&mut self, written: &Map<String, Value>) -> Option<Abort> {
        let status = |n: u64| u16::try_from(n).ok().filter(|status| (400..600).contains(status));
        let abort = match written.get("abort")? {
            Value::Number(number) => number.as_u64().and_then(status).map(Abort::Status),
            Value::String(word) => {
                ABORTS.iter().find(|(known, _)| *known == word.as_str()).map(|(_, abort)| *abort)
            }
            _ => None,
        };
        if abort.is_none() {
            self.say(
                "abort",
                "write a status from 400 to 599, \"refuse\", \"reset\" or \"timeout\"".to_owned(),
            );
        }
        abort
    }

    fn spoil(&mut self, written: &Map<String, Value>) -> Option<Spoil> {
        let word = self.text(written, "answer")?;
        let spoil = SPOILS.iter().find(|(known, _)| *known == word).map(|(_, spoil)| *spoil);
        if spoil.is_none() {
            self.say("answer", "write \"truncate\" or \"malformed\"".to_owned());
        }
        spoil
    }

    fn length(&mut self, written: &Map<String, Value>, key: &str, longest: Duration) -> Option<Duration> {
        let text = self.text(written, key)?;
        let length = length(text).filter(|length| !length.is_zero() && *length <= longest);
        if length.is_none() {
            let detail = format!(
                "write a length of time up to {}m, such as \"200ms\" or \"5m\"",
                longest.as_secs() / 60
            );
            self.say(key, detail);
        }
        length
    }

    fn text<'w>(&mut self, written: &'w Map<String, Value>, key: &str) -> Option<&'w str> {
        let value = written.get(key)?;
        if value.as_str().is_none() {
            self.say(key, format!("`{key}` is text"));
        }
        value.as_str()
    }
}

fn unknown<'k>(message: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("{message} `{name}`: did you mean `{meant}`?"),
        None if known.is_empty() => format!("{message} `{name}`: it has none"),
        None => format!("{message} `{name}`: there are {}", known.join(", ")),
    }
}

/// `200ms`, `5s`, `5m`, `1h`.
fn length(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(millis)?))
}
