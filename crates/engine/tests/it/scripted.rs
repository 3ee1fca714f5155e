//! Services that say what a case's file says, after the time it says, under a paused clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    AccessToken, Answer, CallFuture, Caller, CallerKey, Connector, Deadline, Exchange, Fault, ServiceCall,
    TokenFuture, now,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;
use tokio::time::Instant;

/// Answers by `service METHOD target`, or that and the body.
pub type Answers = BTreeMap<String, Json>;

/// One service.
pub struct Scripted {
    pub service: String,
    pub answers: Rc<Answers>,
    pub log: Rc<Log>,
}

/// What services were asked, and how it ended.
pub struct Log {
    start: Instant,
    lines: RefCell<Vec<Line>>,
}

struct Line {
    since: Duration,
    what: String,
    end: Option<(Duration, String)>,
}

/// Notes in the log that a call was dropped, if nothing else became of it.
struct Open<'l> {
    log: &'l Log,
    at: usize,
}

impl Log {
    pub fn new() -> Self {
        Self { start: now(), lines: RefCell::default() }
    }

    fn elapsed(&self) -> Duration {
        now() - self.start
    }

    pub fn took(&self) -> u128 {
        self.elapsed().as_millis()
    }

    fn open(&self, what: String) -> Open<'_> {
        let mut lines = self.lines.borrow_mut();
        lines.push(Line { since: self.elapsed(), what, end: None });
        Open { log: self, at: lines.len() - 1 }
    }

    fn close(&self, at: usize, how: &str) {
        if let Some(line) = self.lines.borrow_mut().get_mut(at) {
            line.end.get_or_insert((self.elapsed(), how.to_owned()));
        }
    }

    pub fn text(&self) -> String {
        let lines = self.lines.borrow();
        let text = lines.iter().map(|line| {
            let (end, how) =
                line.end.as_ref().map_or((self.elapsed(), "still open"), |(end, how)| (*end, how));
            format!("  {:>4} - {:>4} ms  {}  {how}\n", line.since.as_millis(), end.as_millis(), line.what)
        });
        text.collect()
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.log.close(self.at, "cancelled");
    }
}

impl Connector for Scripted {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(async move {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let mut what = format!("{} {} {}", self.service, call.method, text(&call.target));
            let with_body = format!("{what} {}", text(&call.body));
            let answer = self.answers.get(&with_body).or_else(|| self.answers.get(&what));
            for (name, value) in &call.headers {
                what = format!("{what} {}={}", text(name), text(value));
            }
            if !call.body.is_empty() {
                what = format!("{what} {}", text(&call.body));
            }
            let open = self.log.open(what);
            let result = match answer {
                Some(answer) => said(call, answer, deadline).await,
                None => Err(Fault::Rejected { status: 404 }),
            };
            let how = match &result {
                Ok(answer) => answer.status.to_string(),
                Err(fault) => fault.to_string(),
            };
            self.log.close(open.at, &how);
            result
        })
    }
}

async fn said(call: &ServiceCall, answer: &Json, deadline: Deadline) -> Result<Answer, Fault> {
    let after = Duration::from_millis(answer["after"].as_u64().unwrap_or(0));
    // A connector that does not keep the deadline, to see that the engine does not depend on it.
    if answer["never"] == true {
        std::future::pending::<()>().await;
    }
    if after > deadline.remaining() {
        tokio::time::sleep_until(deadline.instant()).await;
        return Err(Fault::TimedOut);
    }
    if !after.is_zero() {
        tokio::time::sleep(after).await;
    }
    match answer["fault"].as_str() {
        Some("connect") => return Err(Fault::Connect("refused by shop.internal".to_owned())),
        Some("broken") => return Err(Fault::Broken("reset".to_owned())),
        Some("too-large") => return Err(Fault::TooLarge { limit: 10 }),
        Some("shed") => return Err(Fault::Shed),
        Some("open") => return Err(Fault::BreakerOpen),
        Some(other) => panic!("no fault is called {other}"),
        None => {}
    }
    let status = answer["status"].as_u64().unwrap_or(200) as u16;
    match status {
        400..=499 => return Err(Fault::Rejected { status }),
        500.. => return Err(Fault::Failed { status }),
        _ => {}
    }
    let body = match (&answer["json"], answer["raw"].as_str()) {
        (_, Some(raw)) => raw.to_owned(),
        (Json::Null, None) => String::new(),
        (json, None) => json.to_string(),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        headers.insert(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
        );
    }
    let headers = call.wants_headers.then(|| Box::new(headers));
    let has = |value: &[u8]| answer["headers"]["etag"].as_str().is_some_and(|tag| tag.as_bytes() == value);
    if call.headers.iter().any(|(name, value)| name == b"if-none-match" && has(value)) {
        return Ok(Answer { status: 304, headers, ..Answer::default() });
    }
    let is_expected_type = answer["type"].as_str().is_none_or(|kind| kind == "application/json");
    Ok(Answer { status, body: Bytes::from(body), is_expected_type, headers })
}

/// Somebody, by name.
#[derive(Debug)]
pub struct Called(pub String);

impl Caller for Called {
    fn key(&self) -> CallerKey {
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().zip(self.0.bytes()) {
            *place = byte;
        }
        CallerKey(key)
    }

    fn access_token(&self, _deadline: Deadline) -> TokenFuture<'_> {
        Box::pin(async { Err(Fault::LoginRequired) })
    }

    fn exchanged<'a>(&'a self, _wanted: &'a Exchange, _deadline: Deadline) -> TokenFuture<'a> {
        Box::pin(async { Err(Fault::LoginRequired) })
    }

    fn proof(&self, _: &str, _: &str, _: &AccessToken, _: Option<&str>) -> Option<String> {
        None
    }
}
