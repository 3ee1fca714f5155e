//! Endpoints that are on their way out: what their answers say of it, and from which second on they are gone.
//!
//! `Deprecation` is RFC 9745, `Sunset` RFC 8594, the relation `successor-version` RFC 5829. Everything that can be
//! known before a request is made when the endpoint is provisioned.

use std::sync::Arc;

use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::RoutePart;
use frontdesk_types::{Date, Deprecation};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, LINK};

use crate::answered::{Answered, problem};
use crate::pipeline::Arrival;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");
/// RFC 9652: a link whose target the client completes.
const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

/// `deprecated` of an endpoint, with its headers made.
pub(crate) struct Retirement {
    /// From this second (of Unix time) on nothing is answered any more.
    gone_from: Option<u64>,
    sunset: Option<Date>,
    because: Option<Arc<str>>,
    /// The route that takes its place: `GET /v3/carts/{id}`.
    successor: Option<Arc<str>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The successor's path, if it can be completed by the parameters of this one's.
    link: Option<Vec<Part>>,
}

/// A part of the successor's path.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A parameter of the deprecated route, by its place in there.
    Param(usize),
}

impl Retirement {
    /// `route` is that of the deprecated endpoint.
    pub fn new(written: &Deprecation, route: &[RoutePart]) -> Self {
        let mut headers = Vec::with_capacity(3);
        let since = format!("@{}", written.since.unix_seconds());
        headers.extend(HeaderValue::try_from(since).ok().map(|value| (DEPRECATION, value)));
        let sunset = written.sunset.and_then(|day| HeaderValue::try_from(day.http()).ok());
        headers.extend(sunset.map(|value| (SUNSET, value)));
        let mut link = None;
        if let Some(path) = written.instead.as_deref().and_then(path) {
            match parts(path, route) {
                Some(parts) if parts.iter().all(|part| matches!(part, Part::Text(_))) => {
                    headers.extend(completed(&parts, &[]).map(|value| (LINK, value)));
                }
                Some(parts) => link = Some(parts),
                None => headers.extend(template(path).map(|value| (LINK_TEMPLATE, value))),
            }
        }
        Self {
            gone_from: written.sunset.filter(|_| written.enforce).map(Date::unix_seconds),
            sunset: written.sunset,
            because: written.because.clone(),
            successor: written.instead.clone(),
            headers,
            link,
        }
    }

    /// Says it on an answer, whatever that is. `params` are the raw texts of the path's parameters.
    pub fn write(&self, params: &[&str], answer: &mut HeaderMap) {
        for (name, value) in &self.headers {
            answer.append(name.clone(), value.clone());
        }
        if let Some(link) = self.link.as_ref().and_then(|parts| completed(parts, params)) {
            answer.append(LINK, link);
        }
    }

    /// Whether its time is over, at this second of Unix time.
    pub fn is_over(&self, now: impl FnOnce() -> u64) -> bool {
        self.gone_from.is_some_and(|from| now() >= from)
    }

    /// 410, with the route that takes its place.
    pub fn gone(&self, arrival: &Arrival) -> Answered {
        let mut detail = match self.sunset {
            Some(day) => format!("it was retired on {day}"),
            None => "it was retired".to_owned(),
        };
        if let Some(because) = &self.because {
            detail.push_str(": ");
            detail.push_str(because);
        }
        let details = ProblemDetails {
            detail: Some(detail.into()),
            successor: self.successor.as_deref().map(Into::into),
            ..ProblemDetails::new(410, "gone")
        };
        problem(&details, arrival)
    }
}

/// The path in `GET /v3/home`.
fn path(route: &str) -> Option<&str> {
    let path = route.split_once(' ').map_or(route, |(_, path)| path).trim();
    path.starts_with('/').then_some(path)
}

/// The name in `{id}` or `:id`.
fn param(segment: &str) -> Option<&str> {
    let braced = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    braced.or_else(|| segment.strip_prefix(':'))
}

/// The successor's path in parts; `None` if it has a parameter that the deprecated route does not.
fn parts(path: &str, route: &[RoutePart]) -> Option<Vec<Part>> {
    let known: Vec<&str> = route
        .iter()
        .filter_map(|part| match part {
            RoutePart::Param(name) => Some(&**name),
            RoutePart::Literal(_) => None,
        })
        .collect();
    let mut parts = Vec::new();
    let mut text = String::new();
    for segment in path.split('/').skip(1) {
        text.push('/');
        match param(segment) {
            None => text.push_str(&escaped(segment)),
            Some(name) => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Param(known.iter().position(|other| *other == name)?));
            }
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Some(parts)
}

/// `</v3/carts/7>; rel="successor-version"`
fn completed(parts: &[Part], params: &[&str]) -> Option<HeaderValue> {
    let mut out = String::from("<");
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            // As it was sent; what would end the link early cannot be in a URI, but is not left to chance.
            Part::Param(at) => out.push_str(&escaped(params.get(*at)?)),
        }
    }
    out.push_str(">; rel=\"successor-version\"");
    HeaderValue::try_from(out).ok()
}

/// `"/v3/carts/{id}"; rel="successor-version"`
fn template(path: &str) -> Option<HeaderValue> {
    let segment = |segment: &str| match param(segment) {
        Some(name) => format!("{{{name}}}"),
        None => escaped(segment),
    };
    let path: Vec<String> = path.split('/').map(segment).collect();
    HeaderValue::try_from(format!("\"{}\"; rel=\"successor-version\"", path.join("/"))).ok()
}

/// What a URI cannot hold, percent-encoded. Escapes that are there stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'<' | b'>' | b'"' | b'{' | b'}' | b'\\' | b'^' | b'`' | b'|' | 0..=0x20 | 0x7f.. => {
                out.push_str(&format!("%{byte:02X}"));
            }
            _ => out.push(char::from(byte)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deprecation(instead: Option<&str>, sunset: Option<&str>, enforce: bool) -> Deprecation {
        Deprecation {
            since: Date::parse("2026-05-01").unwrap(),
            sunset: sunset.map(|day| Date::parse(day).unwrap()),
            instead: instead.map(Into::into),
            because: None,
            enforce,
        }
    }

    fn route() -> Vec<RoutePart> {
        vec![RoutePart::Literal("/v2/carts/".into()), RoutePart::Param("id".into())]
    }

    fn headers(instead: Option<&str>) -> Vec<(String, String)> {
        let retirement = Retirement::new(&deprecation(instead, Some("2027-01-01"), false), &route());
        let mut answer = HeaderMap::new();
        retirement.write(&["7%2Fa"], &mut answer);
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        answer.iter().map(text).collect()
    }

    #[test]
    fn the_headers_are_those_of_the_standards() {
        let link = |instead: &str| headers(Some(instead)).split_off(2).remove(0);
        assert_eq!(
            headers(None),
            [
                ("deprecation".to_owned(), "@1777593600".to_owned()),
                ("sunset".to_owned(), "Fri, 01 Jan 2027 00:00:00 GMT".to_owned()),
            ]
        );
        for (instead, header, value) in [
            ("GET /v3/home", "link", "</v3/home>; rel=\"successor-version\""),
            ("GET /", "link", "</>; rel=\"successor-version\""),
            ("GET /v3/carts/{id}/whole", "link", "</v3/carts/7%2Fa/whole>; rel=\"successor-version\""),
            ("GET /v3/carts/:id", "link", "</v3/carts/7%2Fa>; rel=\"successor-version\""),
            ("GET /v3/caf\u{e9}", "link", "</v3/caf%C3%A9>; rel=\"successor-version\""),
            ("GET /v3/{cart}", "link-template", "\"/v3/{cart}\"; rel=\"successor-version\""),
            ("GET /v3/{id}/:line", "link-template", "\"/v3/{id}/{line}\"; rel=\"successor-version\""),
        ] {
            assert_eq!(link(instead), (header.to_owned(), value.to_owned()));
        }
    }

    #[test]
    fn its_time_is_over_from_the_first_second_of_the_day() {
        let first = Date::parse("2027-01-01").unwrap().unix_seconds();
        let is_over = |sunset, enforce, now| {
            Retirement::new(&deprecation(None, sunset, enforce), &route()).is_over(|| now)
        };
        assert!(!is_over(Some("2027-01-01"), true, first - 1));
        assert!(is_over(Some("2027-01-01"), true, first));
        assert!(!is_over(Some("2027-01-01"), false, first + 1));
        assert!(!is_over(None, true, first + 1));
    }
}
