//! A BFF as the provider of pacts: what its consumers expect, verified by the Pact project's own verifier.
//!
//! ```text
//! states.yaml ─ states ─▶ States ─┐
//!                                 ├─ bridge: two ports of loopback ◀─ the verifier, another program
//! fakes ─ stage ─ the real server ┘
//! ```
//!
//! The verifier asks as the consumer would. Before each request it says which provider states hold; what
//! `bffs/<bff>/tests/states.yaml` says of those is what services answer, and who asks.

mod bridge;
mod states;

use std::sync::Arc;

use bytes::Bytes;
use frontdesk_contract::example::Knobs;
use frontdesk_lang::model::RoutePart;
use frontdesk_plan::{BffPlan, EndpointPlan, Plan};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::case::Who;
use crate::identity::{As, made_up};
use crate::stage::{Asking, Stage, StageError};

pub use bridge::{Addresses, Bridge};
pub use states::{Setting, States, check, read};

/// The name of the file below `bffs/<bff>/tests/` that describes provider states.
pub const FILE: &str = "states.yaml";

/// What came of a verification, beside what the verifier says.
#[derive(Debug)]
pub struct Served<T> {
    /// What the work gave.
    pub result: Option<T>,
    /// What services could not answer as `states.yaml` told them.
    pub mistakes: Vec<String>,
}

/// Serves `bff` over fake services, and its provider states, until `work` is done: that is to run the verifier.
pub fn serve<T: Send>(
    plan: &Plan,
    bff: &BffPlan,
    states: &States,
    bridge: Bridge,
    work: impl FnOnce(Addresses) -> T + Send,
) -> Result<Served<T>, StageError> {
    let mut provider =
        Provider { bff, states, stage: Stage::new(plan)?, setting: Setting::default(), mistakes: Vec::new() };
    let result = bridge.serve(
        |door, request| match door {
            bridge::Door::Bff => provider.answer(request),
            bridge::Door::States => provider.bring_about(&request),
        },
        work,
    );
    Ok(Served { result, mistakes: provider.mistakes })
}

struct Provider<'p> {
    bff: &'p BffPlan,
    states: &'p States,
    stage: Stage,
    /// What holds for the next request.
    setting: Setting,
    mistakes: Vec<String>,
}

impl Provider<'_> {
    fn answer(&mut self, request: Request<Bytes>) -> Response<Bytes> {
        let at = self.setting.at;
        let said = match self.setting.who.clone().unwrap_or(Who::Somebody(As::default())) {
            Who::Nobody => None,
            Who::Somebody(said) => Some(said),
        };
        let endpoint = self.endpoint(request.method().as_str(), request.uri().path());
        let access = endpoint.map(|endpoint| &endpoint.access);
        let identity =
            said.map(|said| made_up(&self.bff.name, &self.bff.config, access, &said, self.stage.now(at)));
        let scripts = self.setting.scripts.clone();
        let asking = Asking { request, identity, scripts, knobs: Knobs::default(), at };
        match self.stage.ask(&self.bff.name, asking) {
            Ok(played) => {
                for mistake in played.mistakes {
                    if !self.mistakes.contains(&mistake) {
                        self.mistakes.push(mistake);
                    }
                }
                played.response
            }
            Err(why) => plain(StatusCode::BAD_GATEWAY, why.to_string()),
        }
    }

    /// `{"state": "…", "params": {…}, "action": "setup"}`; what is answered, the verifier may fill into requests.
    fn bring_about(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let Ok(asked) = serde_json::from_slice::<Value>(request.body()) else {
            return plain(StatusCode::BAD_REQUEST, "not a change of state".to_owned());
        };
        if asked["action"] == "teardown" {
            self.setting = Setting::default();
            return answer(&json!({}));
        }
        let name = asked["state"].as_str().unwrap_or_default();
        if name.is_empty() {
            return answer(&json!({}));
        }
        let params = asked["params"].as_object().cloned().unwrap_or_default();
        match self.states.find(name, &params) {
            Some((setting, params)) => {
                self.setting = self.setting.with(setting);
                answer(&Value::Object(params))
            }
            None => plain(StatusCode::NOT_FOUND, format!("states.yaml has no state `{name}`")),
        }
    }

    /// The endpoint that would answer: what it requires, whoever asks has unless it is said otherwise.
    fn endpoint(&self, method: &str, path: &str) -> Option<&Arc<EndpointPlan>> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.bff
            .endpoints
            .iter()
            .filter(|endpoint| &*endpoint.method == method && takes(&endpoint.route, path))
            // Of two that fit, the one with more written out: as the server's router has it.
            .min_by_key(|endpoint| {
                endpoint.route.iter().filter(|part| matches!(part, RoutePart::Param(_))).count()
            })
    }
}

/// Whether a path is of a route; parameters are whole segments.
fn takes(route: &[RoutePart], path: &str) -> bool {
    let mut rest = path;
    for part in route {
        match part {
            RoutePart::Literal(text) => match rest.strip_prefix(&**text) {
                Some(after) => rest = after,
                None => return false,
            },
            RoutePart::Param(_) => {
                let end = rest.find('/').unwrap_or(rest.len());
                if end == 0 {
                    return false;
                }
                rest = rest.get(end..).unwrap_or_default();
            }
        }
    }
    rest.is_empty()
}

fn answer(value: &Value) -> Response<Bytes> {
    let mut response = Response::new(value.to_string().into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response
}

/// A value with each `{name}` of a parameter replaced. A text that is nothing else becomes the parameter itself, number
/// or list as it may be.
fn filled(value: &Value, params: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => filled_text(text, params),
        Value::Array(items) => items.iter().map(|item| filled(item, params)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, params)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn filled_text(text: &str, params: &Map<String, Value>) -> Value {
    let whole = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    if let Some(value) = whole.and_then(|name| params.get(name)) {
        return value.clone();
    }
    // From left to right, once: what a parameter says is nobody's placeholder.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let named = from.split_once('}').and_then(|(name, after)| Some((params.get(name)?, after)));
        match named {
            Some((Value::String(value), after)) => {
                out.push_str(value);
                rest = after;
            }
            Some((value, after)) => {
                out.push_str(&value.to_string());
                rest = after;
            }
            None => {
                out.push('{');
                rest = from;
            }
        }
    }
    out.push_str(rest);
    Value::String(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_of_a_route() {
        let route = [RoutePart::Literal("/carts/".into()), RoutePart::Param("id".into())];
        assert!(takes(&route, "/carts/c1"));
        for other in ["/carts/", "/carts/c1/lines", "/cart/c1", "/carts"] {
            assert!(!takes(&route, other), "{other}");
        }
    }

    #[test]
    fn parameters_are_filled_in() {
        let params = json!({ "id": "p17", "pieces": 3 });
        let value = json!({ "id": "{id}", "pieces": "{pieces}", "text": "{pieces} of {id}, {other}", "list": ["{id}", 1] });
        assert_eq!(
            filled(&value, params.as_object().unwrap()),
            json!({ "id": "p17", "pieces": 3, "text": "3 of p17, {other}", "list": ["p17", 1] })
        );
        // Nothing grows by parameters that name each other.
        let params = json!({ "a": "{b}{b}", "b": "{a}{a}", "c": null });
        assert_eq!(
            filled(&json!("{{a} {b}} {c} {"), params.as_object().unwrap()),
            json!("{{b}{b} {a}{a}} null {")
        );
    }
}
