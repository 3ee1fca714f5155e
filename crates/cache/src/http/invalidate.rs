//! What an unsafe request puts out of date (RFC 9111 §4.4).

use http::Method;
use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, LOCATION};

/// Whether an answer of this status to a request of this method says that something changed.
pub fn changes(method: &Method, status: u16) -> bool {
    // RFC 9110 §9.2.1; methods that nobody knows are not safe.
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
        || matches!(method.as_str(), "PROPFIND" | "REPORT" | "SEARCH" | "QUERY");
    !is_safe && (200..400).contains(&status)
}

/// The targets, path and query, that the answer names beside the one that was asked for: those of the same origin only.
/// `authorities` are the names under which that is known.
pub fn named(headers: &HeaderMap, asked: &str, authorities: &[&str]) -> Vec<String> {
    [LOCATION, CONTENT_LOCATION].iter().filter_map(|name| target(headers, name, asked, authorities)).collect()
}

fn target(headers: &HeaderMap, name: &HeaderName, asked: &str, authorities: &[&str]) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let text = text.split('#').next().unwrap_or_default();
    if text.is_empty() {
        return None;
    }
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let behind_scheme = if lower.starts_with("https://") {
        text.get(8..)
    } else if lower.starts_with("http://") {
        text.get(7..)
    } else {
        text.strip_prefix("//")
    };
    if let Some(rest) = behind_scheme {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let is_own = authorities.iter().any(|own| own.eq_ignore_ascii_case(authority));
        return is_own.then(|| if path.starts_with('/') { path.to_owned() } else { format!("/{path}") });
    }
    if text.starts_with('/') {
        return Some(without_dots(text));
    }
    let path = asked.split('?').next().unwrap_or("/");
    if text.starts_with('?') {
        return Some(format!("{path}{text}"));
    }
    if text.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        // Some other scheme.
        return None;
    }
    let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
    Some(without_dots(&format!("{folder}{text}")))
}

/// RFC 3986 §5.2.4, of an absolute path with its query.
fn without_dots(text: &str) -> String {
    let (path, query) = match text.find('?') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            ".." => {
                out.pop();
                if is_last {
                    out.push("");
                }
            }
            "." if is_last => out.push(""),
            "." => {}
            segment => out.push(segment),
        }
    }
    format!("/{}{query}", out.join("/"))
}
