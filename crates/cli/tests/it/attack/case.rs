//! One case of `scenarios/perimeter`, as its README describes it: what is sent, and what must and must not happen.

use std::collections::BTreeMap;

use frontdesk_testserver::Received;
use serde::Deserialize;
use serde_json::Value;

use super::house::{COOKIE, House, NAVIGATION, PAGE};
use super::wire::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub says: String,
    #[serde(default = "web")]
    pub bff: String,
    /// Whose session cookie it carries.
    #[serde(rename = "as")]
    whose: Option<String>,
    from: Option<String>,
    request: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMore<String>>,
    body: Option<String>,
    json: Option<Value>,
    raw: Option<String>,
    /// The case is tried with each of these in place of `{it}`.
    each: Option<Vec<String>>,
    #[serde(default)]
    times: Option<usize>,
    status: OneOrMore<u16>,
    code: Option<OneOrMore<String>>,
    #[serde(default)]
    answer: Expected,
    /// What services must have got, in order; nothing, if it says nothing.
    #[serde(default)]
    calls: BTreeMap<String, Vec<String>>,
    /// Of the last request that each service got.
    #[serde(default)]
    received: BTreeMap<String, Carried>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// `null`: not there. `*`: there. `^…`: begins so. Else the value.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    json: Option<Value>,
    #[serde(default)]
    without: Vec<String>,
    /// It may be kept by caches: files of a site, what a service said through a proxy.
    #[serde(default)]
    cacheable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Carried {
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    body: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(all) => all,
        }
    }
}

fn web() -> String {
    "web".to_owned()
}

impl Case {
    /// What is wrong, a line each.
    pub fn findings(&self, house: &House) -> Vec<String> {
        let once = [String::new()];
        let variants = self.each.as_deref().unwrap_or(&once);
        variants.iter().flat_map(|it| self.try_with(house, it)).collect()
    }

    fn try_with(&self, house: &House, it: &str) -> Vec<String> {
        let request = self.bytes(house, it);
        let marks = house.marks();
        let from = house.somewhere();
        let mut answer = house.ask_from(from, &self.bff, &request);
        for _ in 1..self.times.unwrap_or(1) {
            answer = house.ask_from(from, &self.bff, &request);
        }
        let mut found = self.answer.findings(house, it, &answer);
        if !self.status.all().contains(&answer.status) {
            found.push(format!("status {} instead of {:?}", answer.status, self.status.all()));
        }
        if let Some(codes) = &self.code {
            let got = answer.code();
            if !got.as_ref().is_some_and(|got| codes.all().contains(got)) {
                found.push(format!("code {got:?} instead of {:?}", codes.all()));
            }
        }
        let calls = house.since(&marks);
        if self.times.is_none() {
            found.extend(self.misdirected(house, it, &calls));
        }
        found.extend(self.miscarried(house, it, &calls));
        if !found.is_empty() {
            found.push(format!("sent {:?}", String::from_utf8_lossy(&request)));
            found.push(format!("got {} {:?}\n      {}", answer.status, answer.headers, answer.body));
        }
        found
    }

    fn misdirected(
        &self,
        house: &House,
        it: &str,
        calls: &BTreeMap<&'static str, Vec<Received>>,
    ) -> Vec<String> {
        let line = |call: &Received| format!("{} {}", call.method, call.target);
        let got: BTreeMap<String, Vec<String>> = calls
            .iter()
            .map(|(name, calls)| ((*name).to_owned(), calls.iter().map(line).collect()))
            .collect();
        let wanted: BTreeMap<String, Vec<String>> = self
            .calls
            .iter()
            .map(|(name, lines)| {
                (name.clone(), lines.iter().map(|line| filled_text(house, line, it)).collect())
            })
            .collect();
        if got == wanted { Vec::new() } else { vec![format!("services got {got:?} instead of {wanted:?}")] }
    }

    fn miscarried(
        &self,
        house: &House,
        it: &str,
        calls: &BTreeMap<&'static str, Vec<Received>>,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for (service, wanted) in &self.received {
            let Some(call) = calls.get(service.as_str()).and_then(|calls| calls.last()) else {
                found.push(format!("{service} got nothing"));
                continue;
            };
            for (name, value) in &wanted.headers {
                let got: Vec<&str> =
                    call.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| &**v).collect();
                let value = value.as_ref().map(|value| filled_text(house, value, it));
                if got.len() > 1 || !fits(value.as_deref(), got.first().copied()) {
                    found.push(format!("{service} got {name}: {got:?} instead of {value:?}"));
                }
            }
            let body = String::from_utf8_lossy(&call.body);
            if wanted.body.as_ref().is_some_and(|wanted| filled_text(house, wanted, it) != body) {
                found.push(format!("{service} got {body:?}"));
            }
        }
        found
    }

    fn bytes(&self, house: &House, it: &str) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return filled(house, raw, it);
        }
        let body = match (&self.json, &self.body) {
            (Some(json), None) => filled(house, &json.to_string(), it),
            (None, body) => filled(house, body.as_deref().unwrap_or_default(), it),
            _ => panic!("{}: one of `json` and `body`", self.says),
        };
        let line = self.request.as_deref().expect("`request` or `raw`");
        let mut bytes = filled(house, line, it);
        bytes.extend_from_slice(b" HTTP/1.1\r\n");
        let mut add = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        };
        if !self.headers.contains_key("host") {
            let host = house.origin.strip_prefix("http://").unwrap();
            add("host", if self.bff == "web" { host } else { house.address(&self.bff) }.as_bytes());
        }
        if !self.headers.contains_key("connection") {
            add("connection", b"close");
        }
        for (name, value) in place(self.from.as_deref()) {
            if !self.headers.contains_key(*name) {
                add(name, value.as_bytes());
            }
        }
        if let Some(whose) = &self.whose {
            let value = house.cookies.get(whose).unwrap_or_else(|| panic!("nobody is called {whose}"));
            add("cookie", format!("{COOKIE}={value}").as_bytes());
        }
        if self.json.is_some() && !self.headers.contains_key("content-type") {
            add("content-type", b"application/json");
        }
        for (name, values) in &self.headers {
            for value in values.all() {
                add(name, &filled(house, value, it));
            }
        }
        let reads = ["GET ", "HEAD ", "OPTIONS "].iter().any(|method| line.starts_with(method));
        if !(reads && body.is_empty()) {
            add("content-length", body.len().to_string().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        bytes
    }
}

impl Expected {
    fn findings(&self, house: &House, it: &str, answer: &Answer) -> Vec<String> {
        let mut found = Vec::new();
        for (name, wanted) in &self.headers {
            let wanted = wanted.as_ref().map(|wanted| filled_text(house, wanted, it));
            let got = answer.header(name);
            if !fits(wanted.as_deref(), got) {
                found.push(format!("{name}: {got:?} instead of {wanted:?}"));
            }
        }
        // Nothing is set, and nobody sent anywhere, unless the case says so.
        for name in ["set-cookie", "location", "clear-site-data", "refresh"] {
            if !self.headers.contains_key(name) && answer.header(name).is_some() {
                found.push(format!("there is {name}: {:?}", answer.header(name)));
            }
        }
        if !self.headers.contains_key("access-control-allow-origin")
            && answer.header("access-control-allow-origin").is_some()
        {
            found.push("it may be read from another origin".to_owned());
        }
        if answer.status == 401 && answer.header("content-type") != Some("application/problem+json") {
            found.push("a 401 that is no problem".to_owned());
        }
        let is_kept = !answer.all("cache-control").any(|said| said.contains("no-store"));
        let may_be_kept =
            self.cacheable || matches!(answer.status, 0 | 204 | 400 | 408 | 413 | 415 | 431 | 501);
        if is_kept && !may_be_kept {
            found.push(format!("caches may keep it: {:?}", answer.header("cache-control")));
        }
        if let Some(wanted) = &self.json
            && serde_json::from_str::<Value>(&answer.body).ok().as_ref() != Some(wanted)
        {
            found.push(format!("the body is not {wanted}"));
        }
        let told: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "set-cookie").collect();
        let everything = format!("{told:?} {}", answer.body);
        for word in &self.without {
            if everything.contains(&filled_text(house, word, it)) {
                found.push(format!("it says `{word}`"));
            }
        }
        for (what, secret) in &house.secrets {
            if everything.contains(secret) {
                found.push(format!("it says {what}"));
            }
        }
        found
    }
}

fn fits(wanted: Option<&str>, got: Option<&str>) -> bool {
    match (wanted, got) {
        (Some("*"), got) => got.is_some(),
        (Some(wanted), Some(got)) => match wanted.strip_prefix('^') {
            Some(begin) => got.starts_with(begin),
            None => wanted == got,
        },
        (wanted, got) => wanted == got,
    }
}

/// What a browser says of where a request comes from.
fn place(name: Option<&str>) -> &'static [(&'static str, &'static str)] {
    match name {
        None => &[],
        Some("page") => PAGE,
        Some("navigation") => NAVIGATION,
        Some("address-bar") => {
            &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
        }
        Some("image") => {
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]
        }
        Some("sibling-form") => &[
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("origin", "http://localhost:1"),
            ("content-type", "application/x-www-form-urlencoded"),
        ],
        Some("sibling-image") => {
            &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]
        }
        Some("foreign-form") => &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("origin", "https://evil.example"),
            ("content-type", "application/x-www-form-urlencoded"),
        ],
        Some("foreign-fetch") => &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("origin", "https://evil.example"),
        ],
        Some("foreign-frame") => {
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]
        }
        Some("sibling-frame") => {
            &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]
        }
        Some("listed-fetch") => &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("origin", "https://app.example.com"),
            ("x-frontdesk", "1"),
        ],
        Some(other) => panic!("nothing comes from `{other}`"),
    }
}

fn filled_text(house: &House, text: &str, it: &str) -> String {
    String::from_utf8(filled(house, text, it)).unwrap()
}

/// The text with what stands for something replaced. Braces around anything else are braces.
fn filled(house: &House, text: &str, it: &str) -> Vec<u8> {
    let text = text.replace("{it}", it);
    let mut bytes = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        bytes.extend_from_slice(before.as_bytes());
        let replaced = after.split_once('}').and_then(|(name, after)| Some((value(house, name)?, after)));
        rest = if let Some((value, after)) = replaced {
            bytes.extend_from_slice(&value);
            after
        } else {
            bytes.push(b'{');
            after
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn value(house: &House, name: &str) -> Option<Vec<u8>> {
    let of = |all: &BTreeMap<String, String>, name: &str| {
        all.get(name).unwrap_or_else(|| panic!("there is no `{name}`")).clone()
    };
    Some(match name.split_once(':') {
        None => match name {
            "origin" => house.origin.clone().into_bytes(),
            "host" => house.origin.strip_prefix("http://")?.as_bytes().to_vec(),
            "issuer" => house.provider.issuer.clone().into_bytes(),
            "name" => COOKIE.as_bytes().to_vec(),
            _ => return None,
        },
        Some(("cookie", whose)) => format!("{COOKIE}={}", of(&house.cookies, whose)).into_bytes(),
        Some(("value", whose)) => of(&house.cookies, whose).into_bytes(),
        Some(("id", whose)) => of(&house.cookies, whose).split('.').next()?.as_bytes().to_vec(),
        Some(("opener", whose)) => of(&house.cookies, whose).split('.').nth(1)?.as_bytes().to_vec(),
        Some(("token", which)) => of(&house.tokens, which).into_bytes(),
        // The same signature to a decoder that does not look at the last bits.
        Some(("loose", which)) => loosened(&of(&house.tokens, which)),
        Some(("key", which)) => of(&house.keys, which).into_bytes(),
        Some(("byte", hex)) => vec![u8::from_str_radix(hex, 16).unwrap()],
        Some(("long", length)) => vec![b'a'; length.parse().unwrap()],
        Some(("cookies", number)) => {
            let pairs: Vec<String> =
                (0..number.parse::<usize>().unwrap()).map(|n| format!("c{n}=1")).collect();
            pairs.join("; ").into_bytes()
        }
        Some(_) => return None,
    })
}

fn loosened(token: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = token.as_bytes().to_vec();
    let last = bytes.last_mut().unwrap();
    let at = DIGITS.iter().position(|digit| digit == last).unwrap();
    *last = DIGITS[at ^ 1];
    bytes
}
