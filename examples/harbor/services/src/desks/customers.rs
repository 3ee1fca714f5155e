//! The one desk that wants to know on whose behalf it is called: `GET /v1/me`, with an access token.
//!
//! It reads who the token speaks of and does not verify its signature, which no shop may copy: Harbor stands on
//! loopback, and what matters here is which token arrives, not whether it is genuine.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::data::seed::Seed;
use crate::data::tables::CUSTOMERS;

pub fn answer(asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "me"]) => me(asked),
        _ => Answer::not_found(),
    }
}

fn me(asked: &Asked<'_>) -> Answer {
    let Some(claims) = asked.authorization.and_then(claims) else {
        return Answer::refused(401, "token_required", "this desk is asked with an access token, a JWT");
    };
    let Some(subject) = claims["sub"].as_str() else {
        return Answer::refused(403, "nobody", "the token speaks of nobody");
    };
    let mut seed = Seed::of("customer", subject);
    let audience = match &claims["aud"] {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    Answer::ok(&json!({
        "id": format!("cu{}", seed.between(1, CUSTOMERS)),
        "subject": subject,
        "points": seed.between(40, 4_000),
        "since": format!("{}", seed.between(2016, 2025)),
        "calledBy": claims["act"]["sub"].as_str().or(claims["client_id"].as_str()),
        "audience": audience,
    }))
}

/// What a JWT says, in `Authorization: Bearer …` or `DPoP …`.
fn claims(authorization: &str) -> Option<Value> {
    let (scheme, token) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("dpop") {
        return None;
    }
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
