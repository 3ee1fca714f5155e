//! `traffic` of a service: its versions, the routes to them, and what is mirrored.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Severity, Span, codes};

use super::section::{Section, entries, wrong_type};
use super::service::read_headers;
use super::{balance, keys};
use super::{text, units};
use crate::catalog::{ServiceAuth, ServicePolicy};
use crate::openapi::is_token;
use crate::traffic::{Cohort, Mirror, ServiceVersion, Share, Traffic, TrafficRoute, VersionId};
use crate::tree::{Entry, Node, Value};

/// What clients prove themselves with: no such value is compared with one of a file that everybody reads.
const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "dpop", "proxy-authorization", "x-api-key"];

/// `policy` is the service's own, from which its versions start.
pub fn read(entry: &Entry, policy: &ServicePolicy, found: &mut Vec<Diagnostic>) -> Traffic {
    let what = "`traffic` of a service";
    let Some(mut section) = Section::open(&entry.value, entry.key_span, what, keys::TRAFFIC, found) else {
        return Traffic::default();
    };
    let versions = section.take("versions").map(|e| read_versions(&e, policy, found)).unwrap_or_default();
    let named: Vec<Arc<str>> = match section.take("versions").map(|entry| entry.value) {
        Some(node) => match &node.value {
            Value::Map(map) => map.iter().map(|entry| entry.key.clone()).collect(),
            _ => Vec::new(),
        },
        None => Vec::new(),
    };
    let errors = |found: &[Diagnostic]| found.iter().filter(|d| d.severity == Severity::Error).count();
    let errors_before = errors(found);
    let mut reading = Reading { versions: &versions, named: &named, sent: Vec::new(), found };
    let routes = section.take("routes").map(|e| reading.routes(&e)).unwrap_or_default();
    let mirror = section.take("mirror").and_then(|e| reading.mirror(&e, policy));
    let sent = reading.sent;
    if errors(found) > errors_before {
        // What a route with a slip of the pen in it was to send somewhere is not known.
        return Traffic { versions, routes, mirror };
    }
    refuse_too_much(&routes, found);
    for (at, version) in versions.iter().enumerate() {
        if !sent.contains(&VersionId(at as u32)) {
            found.push(unused(version));
        }
    }
    Traffic { versions, routes, mirror }
}

fn read_versions(entry: &Entry, policy: &ServicePolicy, found: &mut Vec<Diagnostic>) -> Vec<ServiceVersion> {
    let all: Vec<&Entry> = entries(entry, found).collect();
    all.into_iter().filter_map(|entry| read_version(entry, policy, found)).collect()
}

fn read_version(
    entry: &Entry,
    policy: &ServicePolicy,
    found: &mut Vec<Diagnostic>,
) -> Option<ServiceVersion> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if entry.key.is_empty() || !entry.key.chars().all(is_name) {
        let message = format!("`{}` cannot be the name of a version", entry.key);
        let label = "versions stand in logs and rules by this name";
        found.push(
            Diagnostic::error(codes::catalog::BAD_NAME, message, entry.key_span, label)
                .help("use letters, digits, `-`, `_` and `.`"),
        );
    }
    let what = format!("version `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::VERSION, found)?;
    let mut own = policy.clone();
    if let Some(entry) = section.require("url", "http://127.0.0.1:9202", found) {
        own.endpoints = balance::read_url(&entry, found);
    }
    if let Some(entry) = section.take("headers") {
        let given = read_headers(&entry, found);
        own.headers.retain(|(name, _)| !given.iter().any(|(other, _)| other == name));
        own.headers.extend(given);
    }
    Some(ServiceVersion { name: entry.key.clone(), policy: own, span: entry.key_span })
}

/// Reads what sends calls to versions, and notes to which.
struct Reading<'a> {
    versions: &'a [ServiceVersion],
    /// All names that `versions` has, of versions that are wrong as well.
    named: &'a [Arc<str>],
    sent: Vec<VersionId>,
    found: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn routes(&mut self, entry: &Entry) -> Vec<TrafficRoute> {
        let Value::List(items) = &entry.value.value else {
            let wanted = "a list such as `[{ to: v2, share: 5% }]`";
            let help = "begin each route with `- `, or put brackets around them: `[{ … }]`";
            self.found.push(wrong_type(&entry.value, entry.key_span, "`routes`", wanted).help(help));
            return Vec::new();
        };
        items.iter().filter_map(|node| self.route(node, entry.key_span)).collect()
    }

    fn route(&mut self, node: &Node, key: Span) -> Option<TrafficRoute> {
        let span = if node.span.start < node.span.end { node.span } else { key };
        let mut section = Section::open(node, span, "a route", keys::TRAFFIC_ROUTE, self.found)?;
        let to = self.to(&mut section);
        let (header, share) = (section.take("header"), section.take("share"));
        let (is, sticky) = (section.take("is"), section.take("sticky"));
        let who = match (header, share) {
            (Some(header), None) => {
                self.alone(sticky.as_ref(), "share", "that a share is one of users");
                let name = self.header(&header)?;
                let is = match is {
                    Some(is) => Some(text::word(&is.value, is.key_span, "is", self.found)?.value.into()),
                    None => None,
                };
                Cohort::Header { name, is }
            }
            (None, Some(share)) => {
                self.alone(is.as_ref(), "header", "what the header must be");
                let sticky = match sticky {
                    Some(sticky) => units::one_of(&sticky, &["user"], self.found).is_some(),
                    None => false,
                };
                Cohort::Share { share: read_share(&share, self.found)?, sticky }
            }
            (None, None) => {
                let help = "add `share: 5%`, or `header: x-version`";
                self.found.push(
                    Diagnostic::error(
                        codes::catalog::MISSING_KEY,
                        "a route does not say which calls take it",
                        span,
                        "neither `header` nor `share` stands here",
                    )
                    .help(help),
                );
                return None;
            }
            (Some(header), Some(share)) => {
                self.found.push(
                    Diagnostic::error(
                        codes::catalog::BAD_VALUE,
                        "a route goes by one thing",
                        share.key_span,
                        "`share` and `header` exclude each other",
                    )
                    .label(header.key_span, "the other")
                    .help("write two routes; the first that fits decides"),
                );
                return None;
            }
        };
        Some(TrafficRoute { to: to?, who, span })
    }

    fn mirror(&mut self, entry: &Entry, policy: &ServicePolicy) -> Option<Mirror> {
        let mut section =
            Section::open(&entry.value, entry.key_span, "`mirror`", keys::TRAFFIC_MIRROR, self.found)?;
        let to = self.to(&mut section);
        let share = section.take("share").map_or(Some(Share::ALL), |e| read_share(&e, self.found));
        let compare = section.take("compare").and_then(|e| units::boolean(&e, self.found)).unwrap_or(false);
        let timeout = section.take("timeout").and_then(|e| units::duration(&e, self.found));
        let calls = section.take("calls").and_then(|e| units::count(&e, 1, self.found)).unwrap_or(16);
        let credentials = section.take("credentials");
        if credentials.is_none() && !matches!(policy.auth, ServiceAuth::None | ServiceAuth::Mtls) {
            self.found.push(
                Diagnostic::new(
                    Severity::Warning,
                    codes::catalog::MIRROR_CREDENTIALS,
                    "mirrored calls carry no credentials, although the service wants some",
                    entry.key_span,
                    "the version may refuse them all",
                )
                .help("write `credentials: true` if the version may see them, else `credentials: false`"),
            );
        }
        let credentials = credentials.and_then(|e| units::boolean(&e, self.found)).unwrap_or(false);
        Some(Mirror {
            to: to?,
            share: share?,
            compare,
            credentials,
            timeout: timeout.unwrap_or(policy.timeout.max(Duration::from_millis(1))),
            calls,
            span: entry.key_span,
        })
    }

    fn to(&mut self, section: &mut Section<'_>) -> Option<VersionId> {
        let names = || self.versions.iter().map(|version| &*version.name);
        let example = names().next().unwrap_or("v2").to_owned();
        let entry = section.require("to", &example, self.found)?;
        let name = text::word(&entry.value, entry.key_span, "to", self.found)?;
        if let Some(at) = self.versions.iter().position(|version| *version.name == *name.value) {
            let id = VersionId(at as u32);
            self.sent.push(id);
            return Some(id);
        }
        if self.named.iter().any(|named| **named == *name.value) {
            return None;
        }
        let help = match nearest(&name.value, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.versions.is_empty() => {
                format!("add `versions: {{ {}: {{ url: http://127.0.0.1:9202 }} }}`", name.value)
            }
            None => format!("the versions are {}", names().collect::<Vec<_>>().join(", ")),
        };
        self.found.push(
            Diagnostic::error(
                codes::catalog::UNKNOWN_VERSION,
                format!("there is no version `{}`", name.value),
                name.span,
                "`versions` does not list it",
            )
            .help(help),
        );
        None
    }

    fn header(&mut self, entry: &Entry) -> Option<Arc<str>> {
        let name = text::word(&entry.value, entry.key_span, "header", self.found)?;
        let lower = name.value.to_ascii_lowercase();
        let (message, label, help) = if !is_token(&name.value) {
            let message = format!("`{}` is not the name of a header", name.value);
            (message, "not a header name", "use letters, digits and `-` (RFC 9110 §5.1)")
        } else if SECRET_HEADERS.contains(&&*lower) {
            let message = format!("`{lower}` proves who asks: it is not there to choose a version by");
            (
                message,
                "would stand here for everybody to read",
                "use a header of its own; for the same users always, `share` with `sticky: user`",
            )
        } else {
            return Some(lower.into());
        };
        self.found.push(text::bad_value(name.span, &message, label, help));
        None
    }

    /// A key that means something only beside another.
    fn alone(&mut self, entry: Option<&Entry>, with: &str, means: &str) {
        let Some(entry) = entry else { return };
        let message = format!("`{}` means nothing without `{with}`", entry.key);
        let help = format!("take it out; it says {means}");
        self.found.push(text::bad_value(entry.key_span, &message, "of no use here", &help));
    }
}

/// `5%`, `0.25%`: hundredths of a percent are the finest.
pub fn read_share(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Share> {
    let written = text::literal(&entry.value, entry.key_span, &entry.key, found)?;
    if let Some(share) = parse_share(&written) {
        return Some(share);
    }
    let bare = written.trim().parse::<f64>().ok();
    let help = if let Some(fraction) = bare.filter(|bare| *bare > 0.0 && *bare < 1.0) {
        let percent = (fraction * 10_000.0).round() / 100.0;
        format!("write it in percent: `{percent}%`")
    } else if bare.is_some() {
        format!("say of what: `{}%`", written.trim())
    } else {
        "write a share between `0%` and `100%`, such as `5%` or `0.25%`".to_owned()
    };
    let message = format!("`{}: {written}` is not a share", entry.key);
    found.push(text::bad_value(entry.value.span, &message, "not a share", &help));
    None
}

/// `5%` is 500 hundredths of a percent. `None` above 100 %, and for what is finer or no share at all.
pub fn parse_share(written: &str) -> Option<Share> {
    let number = written.trim().strip_suffix('%')?.trim_end();
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(rest) || rest.len() > 2 {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let rest: u32 = format!("{rest:0<2}").parse().ok()?;
    let share = Share(whole.checked_mul(100)?.checked_add(rest)?);
    (share <= Share::ALL).then_some(share)
}

/// Shares beyond the whole, and routes behind one that leaves nothing.
fn refuse_too_much(routes: &[TrafficRoute], found: &mut Vec<Diagnostic>) {
    let mut taken = Share::default();
    let mut all_taken_by: Option<Span> = None;
    for (at, route) in routes.iter().enumerate() {
        if let Cohort::Share { share, .. } = &route.who
            && taken.0 + share.0 > Share::ALL.0
        {
            let sum = Share(taken.0 + share.0);
            let mut diagnostic = Diagnostic::error(
                codes::catalog::TRAFFIC_SHARES,
                "the shares of a service's routes are more than all of its calls",
                route.span,
                format!("with this one they are {sum}"),
            );
            if let Some(span) = all_taken_by {
                diagnostic = diagnostic.label(span, "here they are 100 %");
            }
            found.push(diagnostic.help("each `share` is of all calls; the service itself gets the rest"));
            return;
        }
        let same = routes.iter().take(at).find(|other| covers(&other.who, &route.who));
        if let Some(span) = same.map(|other| other.span).or(all_taken_by) {
            found.push(
                Diagnostic::error(
                    codes::catalog::ROUTE_UNREACHED,
                    "no call ever takes this route",
                    route.span,
                    "nothing is left for it",
                )
                .label(span, "this one takes them all")
                .help("the first route that fits decides: put the narrower one first, or take it out"),
            );
        }
        if let Cohort::Share { share, .. } = &route.who {
            taken = Share(taken.0 + share.0);
            if taken == Share::ALL {
                all_taken_by = all_taken_by.or(Some(route.span));
            }
        }
    }
}

/// Whether each client that has the one header has the other.
fn covers(wide: &Cohort, narrow: &Cohort) -> bool {
    match (wide, narrow) {
        (Cohort::Header { name: a, is: wide }, Cohort::Header { name: b, is: narrow }) => {
            a == b && (wide.is_none() || wide == narrow)
        }
        _ => false,
    }
}

fn unused(version: &ServiceVersion) -> Diagnostic {
    Diagnostic::new(
        Severity::Warning,
        codes::catalog::VERSION_UNUSED,
        format!("nothing goes to version `{}`", version.name),
        version.span,
        "no route and no mirror names it",
    )
    .help(format!("add a route such as `{{ to: {}, share: 5% }}`, or take the version out", version.name))
}
