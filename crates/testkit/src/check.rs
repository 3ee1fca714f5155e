//! What came of a case, compared with what must come of it.

use frontdesk_plan::Plan;
use serde_json::Value;

use crate::case::{Expected, ExpectedCall, ExpectedCalls};
use crate::fake::{Seen, holds};
use crate::stage::Played;

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `status`, `/items/0/title`, `header retry-after`, `calls of cart`.
    pub what: String,
    pub expected: String,
    pub actual: String,
}

impl Difference {
    pub(crate) fn new(
        what: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), expected: expected.into(), actual: actual.into() }
    }
}

/// What of a body is another at each run.
const VOLATILE: &str = "correlationId";
/// More differences than this say no more.
const MOST: usize = 50;

/// The answer's body as a snapshot has it: `"*"` for what is another at each run.
pub fn snapshot(body: &Value) -> Value {
    let mut body = body.clone();
    let is_problem = body.get("code").is_some() && body.get("status").is_some();
    if let Some(id) = body.get_mut(VOLATILE).filter(|_| is_problem) {
        *id = Value::String("*".to_owned());
    }
    body
}

/// Every difference. `saved` is the snapshot, if the case has one and it could be read.
pub fn differences(
    plan: &Plan,
    expected: &Expected,
    played: &Played,
    saved: Option<&Value>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let body = body(played);
    status(expected, played, body.as_ref(), &mut found);
    for (name, value) in &expected.headers {
        let actual = header(played, name);
        let differs = match (value.as_deref(), actual.as_deref()) {
            (Some("*"), Some(_)) | (None, None) => false,
            (wanted, actual) => wanted != actual,
        };
        if differs {
            let shown = |value: Option<&str>| value.unwrap_or("not there").to_owned();
            found.push(Difference::new(
                format!("header {name}"),
                shown(value.as_deref()),
                shown(actual.as_deref()),
            ));
        }
    }
    // Of a problem that was not expected nobody wants to know how it differs from what was.
    let is_other = found.iter().any(|one| one.what == "status");
    if let Some(wanted) = expected.json.as_ref().or(saved).filter(|_| !is_other) {
        match &body {
            Some(body) => compare(wanted, body, "", &mut found),
            None => found.push(Difference::new("body", "JSON", text(played))),
        }
    }
    degraded(expected, played, &mut found);
    if let Some(most) = expected.payload {
        let bytes = played.response.body().len() as u64;
        if bytes > most {
            found.push(Difference::new("payload", format!("at most {most} bytes"), format!("{bytes} bytes")));
        }
    }
    if let Some(most) = expected.latency
        && played.took > most
    {
        found.push(Difference::new("latency", format!("at most {most:?}"), format!("{:?}", played.took)));
    }
    let whole = text(played);
    for word in expected.without.iter().filter(|word| whole.contains(word.as_str())) {
        found.push(Difference::new("body", format!("without {word:?}"), "it stands there"));
    }
    for calls in &expected.calls {
        called(plan, calls, &played.calls, &mut found);
    }
    found.truncate(MOST);
    found
}

/// The body as JSON; `None` if it is none.
pub fn body(played: &Played) -> Option<Value> {
    serde_json::from_slice(played.response.body()).ok()
}

fn text(played: &Played) -> String {
    let whole = String::from_utf8_lossy(played.response.body());
    if whole.is_empty() { "nothing".to_owned() } else { whole.into_owned() }
}

fn header(played: &Played, name: &str) -> Option<String> {
    let all: Vec<String> = played
        .response
        .headers()
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn status(expected: &Expected, played: &Played, body: Option<&Value>, found: &mut Vec<Difference>) {
    let actual = played.response.status().as_u16();
    let code = body.and_then(|body| body.get("code")).and_then(Value::as_str);
    let shown = match code {
        Some(code) if actual >= 400 => format!("{actual} {code}"),
        _ => actual.to_string(),
    };
    if let Some(problem) = &expected.problem {
        let is_problem =
            header(played, "content-type").is_some_and(|kind| kind.starts_with("application/problem"));
        match body {
            Some(body) if is_problem => {
                for (name, wanted) in problem.as_object().into_iter().flatten() {
                    match body.get(name) {
                        Some(actual) => compare(wanted, actual, &format!("/{name}"), found),
                        None => {
                            found.push(Difference::new(format!("/{name}"), wanted.to_string(), "not there"));
                        }
                    }
                }
            }
            _ => {
                let wanted = problem.get("code").and_then(Value::as_str).unwrap_or("a problem");
                found.push(Difference::new("status", wanted, shown.clone()));
            }
        }
    }
    let wanted = match (expected.status, &expected.problem) {
        (Some(status), _) => status,
        (None, Some(_)) => return,
        (None, None) => 200,
    };
    if wanted != actual {
        found.push(Difference::new("status", wanted.to_string(), shown));
    }
}

/// Both as they are, but for `"*"`, which stands for any value.
fn compare(wanted: &Value, actual: &Value, pointer: &str, found: &mut Vec<Difference>) {
    let at = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    let here = || if pointer.is_empty() { "body".to_owned() } else { pointer.to_owned() };
    match (wanted, actual) {
        (Value::String(any), _) if any == "*" => {}
        (Value::Object(wanted), Value::Object(actual)) => {
            for (key, wanted) in wanted {
                match actual.get(key) {
                    Some(actual) => compare(wanted, actual, &at(key), found),
                    None => found.push(Difference::new(at(key), wanted.to_string(), "not there")),
                }
            }
            let is_known = |key: &str| wanted.contains_key(key) || (pointer.is_empty() && key == VOLATILE);
            for (key, actual) in actual.iter().filter(|(key, _)| !is_known(key)) {
                found.push(Difference::new(at(key), "not there", actual.to_string()));
            }
        }
        (Value::Array(wanted), Value::Array(actual)) => {
            for (index, wanted) in wanted.iter().enumerate() {
                match actual.get(index) {
                    Some(actual) => compare(wanted, actual, &at(&index.to_string()), found),
                    None => {
                        found.push(Difference::new(at(&index.to_string()), wanted.to_string(), "not there"));
                    }
                }
            }
            for (index, actual) in actual.iter().enumerate().skip(wanted.len()) {
                found.push(Difference::new(at(&index.to_string()), "not there", actual.to_string()));
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (wanted, actual) if wanted == actual => {}
        (wanted, actual) => found.push(Difference::new(here(), wanted.to_string(), actual.to_string())),
    }
}

/// The members of `Frontdesk-Degraded`, each `label;reason=…`.
pub fn degraded_of(played: &Played) -> Vec<String> {
    let header = header(played, "frontdesk-degraded").unwrap_or_default();
    header.split(',').map(|one| one.trim().replace("; ", ";")).filter(|one| !one.is_empty()).collect()
}

fn degraded(expected: &Expected, played: &Played, found: &mut Vec<Difference>) {
    let actual = degraded_of(played);
    let by_header = expected.headers.iter().any(|(name, _)| name == "frontdesk-degraded");
    let wanted: &[String] = match &expected.degraded {
        Some(wanted) => wanted,
        None if by_header => return,
        None => &[],
    };
    let label = |entry: &str| entry.split(';').next().unwrap_or_default().to_owned();
    let is = |wanted: &String, actual: &String| {
        if wanted.contains(';') { wanted == actual } else { *wanted == label(actual) }
    };
    let missing = wanted.iter().any(|wanted| !actual.iter().any(|actual| is(wanted, actual)));
    let surplus = actual.iter().any(|actual| !wanted.iter().any(|wanted| is(wanted, actual)));
    if missing || surplus {
        let shown = |all: &[String]| if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        found.push(Difference::new("degraded", shown(wanted), shown(&actual)));
    }
}

fn called(plan: &Plan, expected: &ExpectedCalls, seen: &[Seen], found: &mut Vec<Difference>) {
    let service = plan.catalog.services.get(expected.service.0 as usize);
    let actual: Vec<&Seen> = seen.iter().filter(|seen| seen.service == expected.service).collect();
    let is = |wanted: &ExpectedCall, actual: &Seen| match wanted {
        ExpectedCall::Line(line) => *line == actual.line,
        ExpectedCall::Operation { id, args, .. } => {
            Some(*id) == actual.operation && args.as_ref().is_none_or(|args| holds(&actual.args, args))
        }
    };
    let same = expected.calls.len() == actual.len()
        && expected.calls.iter().zip(&actual).all(|(wanted, actual)| is(wanted, actual));
    if same {
        return;
    }
    let wanted = expected.calls.iter().map(|call| match call {
        ExpectedCall::Line(line) => line.clone(),
        ExpectedCall::Operation { name, args: Some(args), .. } => format!("{name}({args})"),
        ExpectedCall::Operation { name, .. } => name.to_string(),
    });
    let with_args =
        expected.calls.iter().any(|call| matches!(call, ExpectedCall::Operation { args: Some(_), .. }));
    let by_line = expected.calls.iter().any(|call| matches!(call, ExpectedCall::Line(_)));
    let made = actual.iter().map(|seen| {
        let operation = seen.operation.and_then(|id| service?.operations.get(id.0 as usize));
        match operation {
            Some(operation) if with_args => format!("{}({})", operation.name, seen.args),
            Some(operation) if !by_line => operation.name.to_string(),
            _ => seen.line.clone(),
        }
    });
    let shown = |all: Vec<String>| if all.is_empty() { "none".to_owned() } else { all.join(", ") };
    found.push(Difference::new(
        format!("calls of {}", expected.name),
        shown(wanted.collect()),
        shown(made.collect()),
    ));
}
