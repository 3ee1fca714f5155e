//! `rate: [{ per: "user", requests: 600, every: "1m", burst: 100 }]`: how often one may ask.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;

use crate::define::Reader;
use crate::define::written::Node;
use crate::model::{AuthMethod, Perimeter, RatePer, RateRule};

const MOST: u32 = 1_000_000_000;

pub(super) fn read(node: &Node<'_>, perimeter: &Perimeter, reader: &mut Reader<'_>) -> Vec<RateRule> {
    let items = node.one_or_many();
    let mut rules: Vec<RateRule> = Vec::new();
    for item in items {
        let Some(rule) = rule(item, perimeter, reader) else { continue };
        let first = rules.iter().find(|other| other.per == rule.per && other.every == rule.every);
        if let Some(first) = first {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_RATE,
                    format!("two rates per `{}` over the same time", rule.per.name()),
                    rule.span,
                    "the tighter one always wins",
                )
                .label(first.span, "the other one")
                .help("keep one of them"),
            );
            continue;
        }
        rules.push(rule);
    }
    rules
}

fn rule(node: &Node<'_>, perimeter: &Perimeter, reader: &mut Reader<'_>) -> Option<RateRule> {
    let fields = node.fields("rate", "a rate", &["per", "requests", "every", "burst"], &[], reader)?;
    let per_node = fields.require("per", "per: \"user\"", reader);
    let per = per_node.and_then(|node| {
        let word = node.word("per", &["user", "session", "key", "ip", "endpoint"], reader)?;
        let per = match word {
            "user" => RatePer::User,
            "session" => RatePer::Session,
            "key" => RatePer::Key,
            "ip" => RatePer::Ip,
            _ => RatePer::Endpoint,
        };
        fits(per, node, perimeter, reader).then_some(per)
    });
    let requests = fields.require("requests", "requests: 600", reader);
    let requests = requests.and_then(|node| node.count("requests", MOST, reader));
    let every = fields.require("every", "every: \"1m\"", reader);
    let every = every.and_then(|node| node.lifetime("every", 1, reader));
    let burst = match fields.value("burst") {
        Some(node) => Some(node.count("burst", MOST, reader)?),
        None => None,
    };
    let requests = requests?;
    Some(RateRule { per: per?, requests, every: every?, burst: burst.unwrap_or(requests), span: node.span })
}

/// Whether some caller has what is counted by.
fn fits(per: RatePer, node: &Node<'_>, perimeter: &Perimeter, reader: &mut Reader<'_>) -> bool {
    if perimeter.is_auth_broken {
        return true;
    }
    let has = |fits: fn(&AuthMethod) -> bool| perimeter.auth.iter().any(fits);
    let (nobody, missing) = match per {
        RatePer::Key if !has(|m| matches!(m, AuthMethod::ApiKeys(_) | AuthMethod::Certificate(_))) => {
            ("has a key", "add `apiKeys()` or `certificate(…)` to `auth`, or count `per: \"user\"`")
        }
        RatePer::Session if !has(|m| matches!(m, AuthMethod::Session(_) | AuthMethod::Device(_))) => {
            ("has a session", "add `session(…)` or `device(…)` to `auth`, or count `per: \"ip\"`")
        }
        RatePer::User if perimeter.auth.is_empty() => ("is known", "add `auth`, or count `per: \"ip\"`"),
        _ => return true,
    };
    reader.found.push(
        Diagnostic::error(
            codes::BAD_RATE,
            format!("nobody {nobody} here"),
            node.span,
            "so nothing would be counted",
        )
        .help(missing),
    );
    false
}
