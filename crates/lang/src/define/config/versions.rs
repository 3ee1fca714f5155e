//! `versions` of `bff.ts`: which clients are served, or on which dates the contract was another.

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::{perimeter, versions as codes};
use frontdesk_types::{Date, Version};

use crate::define::Reader;
use crate::define::perimeter::header;
use crate::define::written::{Fields, Node};
use crate::header_names::why_not_answered;
use crate::model::{ClientVersions, DatedVersions, Versions};

const CLIENT_HEADER: &str = "X-Client-Version";
const DATED_HEADER: &str = "Partner-Version";
const KEYS: [&str; 5] = ["header", "minimum", "supported", "upgrade", "dates"];

pub(super) fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Versions {
    // Of what is wrong as much is kept as is understood, so that views are not told that there is nothing.
    let Some(fields) = node.fields("versions", "`versions`", &KEYS, &[], reader) else {
        return Versions::Client(ClientVersions {
            header: CLIENT_HEADER.into(),
            minimum: None,
            supported: Vec::new(),
            upgrade: None,
            span: node.span,
        });
    };
    let Some(dates) = fields.get("dates") else { return client(node, &fields, reader) };
    for key in ["minimum", "supported", "upgrade"] {
        let Some(property) = fields.get(key) else { continue };
        reader.found.push(
            Diagnostic::error(
                codes::BAD_VERSIONS,
                "a BFF goes by the version of its client or by dates, not by both",
                property.name_span,
                format!("`{key}` is for versions of a client"),
            )
            .label(dates.name_span, "this is for dated contracts")
            .help("keep `dates` for partners, or `minimum` and `supported` for an app"),
        );
    }
    let dates = read_dates(&dates.value, reader);
    let header = read_header(&fields, DATED_HEADER, reader);
    Versions::Dated(DatedVersions { header, dates, span: node.span })
}

fn client(node: &Node<'_>, fields: &Fields<'_, '_>, reader: &mut Reader<'_>) -> Versions {
    let minimum = fields.value("minimum");
    let supported = fields.value("supported");
    let header = read_header(fields, CLIENT_HEADER, reader);
    if minimum.is_none() && supported.is_none() && fields.lacks("minimum") {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_VERSIONS,
                "`versions` says of no version that it is served",
                node.span,
                "neither `minimum` nor `supported` is here, and no `dates`",
            )
            .help("add `minimum: \"1.0.0\", supported: [\"1.0.0\"]`, or `dates: [\"2026-05-01\"]`"),
        );
    }
    let least = minimum.and_then(|node| Some((version(node, "minimum", reader)?, node)));
    let all = supported.map(|node| read_supported(node, least, reader)).unwrap_or_default();
    let upgrade = fields.value("upgrade").and_then(|node| read_upgrade(node, reader));
    if upgrade.is_some()
        && let Some(property) = fields.get("upgrade").filter(|_| fields.lacks("minimum"))
    {
        reader.found.push(
            Diagnostic::warning(
                codes::BAD_VERSIONS,
                "nobody is ever told to upgrade",
                property.name_span,
                "this is told to clients below `minimum`, and there is none",
            )
            .help("add `minimum`, or take it out"),
        );
    }
    Versions::Client(ClientVersions {
        header,
        minimum: least.map(|(minimum, _)| minimum),
        supported: all,
        upgrade,
        span: node.span,
    })
}

/// Those in the field, ascending.
fn read_supported(
    node: &Node<'_>,
    least: Option<(Version, &Node<'_>)>,
    reader: &mut Reader<'_>,
) -> Vec<Version> {
    let items = node.items("supported", reader);
    if items.is_empty() && matches!(node.value, crate::define::written::Written::List(_)) {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_VERSIONS,
                "no version is supported",
                node.span,
                "this list is empty",
            )
            .help("list the versions in the field: `[\"4.2.0\", \"5.0.0\"]`"),
        );
    }
    let mut all: Vec<(Version, &Node<'_>)> = Vec::new();
    for item in items {
        let Some(one) = version(item, "supported", reader) else { continue };
        if let Some((_, first)) = all.iter().find(|(known, _)| *known == one) {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_VERSIONS,
                    format!("{one} stands in `supported` twice"),
                    item.span,
                    "the second time",
                )
                .label(first.span, "the first time")
                .help("keep one of them"),
            );
            continue;
        }
        if let Some((minimum, at)) = least.filter(|(minimum, _)| one < *minimum) {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_VERSIONS,
                    format!("{one} is supported and refused"),
                    item.span,
                    format!("below the minimum, {minimum}"),
                )
                .label(at.span, "clients below this are told to upgrade")
                .help("take it out of `supported`, or lower `minimum`"),
            );
            continue;
        }
        all.push((one, item));
    }
    all.sort_by_key(|(version, _)| *version);
    all.into_iter().map(|(version, _)| version).collect()
}

fn read_dates(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Date> {
    let items = node.items("dates", reader);
    if items.is_empty() && matches!(node.value, crate::define::written::Written::List(_)) {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_VERSIONS,
                "there is no date a partner could ask for",
                node.span,
                "this list is empty",
            )
            .help("list the dates of the contract, newest first: `[\"2026-11-01\", \"2026-05-01\"]`"),
        );
    }
    let mut dates: Vec<(Date, &Node<'_>)> = Vec::new();
    for item in items {
        let Some(one) = date(item, "dates", reader) else { continue };
        if let Some((_, first)) = dates.iter().find(|(known, _)| *known == one) {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_VERSIONS,
                    format!("{one} stands in `dates` twice"),
                    item.span,
                    "the second time",
                )
                .label(first.span, "the first time")
                .help("keep one of them"),
            );
            continue;
        }
        if let Some((before, at)) = dates.last().filter(|(before, _)| *before < one) {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_VERSIONS,
                    "the dates are not newest first",
                    item.span,
                    format!("newer than {before}, which stands before it"),
                )
                .label(at.span, "older")
                .help("list them newest first: the first is what the endpoints answer"),
            );
        }
        dates.push((one, item));
    }
    dates.sort_by_key(|(date, _)| std::cmp::Reverse(*date));
    dates.into_iter().map(|(date, _)| date).collect()
}

/// Headers of answers, which the date that is answered would take the place of, and of caches on the way to them.
const MEANT_OTHERWISE: [&str; 21] = [
    "age",
    "allow",
    "cache-control",
    "cdn-cache-control",
    "deprecation",
    "etag",
    "expires",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "last-modified",
    "link",
    "link-template",
    "location",
    "pragma",
    "retry-after",
    "sunset",
    "traceparent",
    "vary",
    "www-authenticate",
];

fn read_header(fields: &Fields<'_, '_>, usual: &str, reader: &mut Reader<'_>) -> Arc<str> {
    let Some(node) = fields.value("header") else { return usual.into() };
    let Some(text) = node.text("header", reader) else { return usual.into() };
    let Some(name) = header::name(&text) else {
        node.wrong(format!("`{text}` is not a header's name"), format!("write `\"{usual}\"`"), reader);
        return usual.into();
    };
    let why = header::taken(&name)
        .or((name.as_ref() == "authorization").then_some("it says who asks, not with which version"))
        .or_else(|| why_not_answered(&name))
        .or_else(|| MEANT_OTHERWISE.contains(&&*name).then_some("it has a meaning of its own"));
    if let Some(why) = why {
        reader.found.push(
            Diagnostic::error(
                perimeter::HEADER_NEVER_PASSES,
                format!("a version cannot stand in `{name}`"),
                node.span,
                why,
            )
            .help(format!("write `\"{usual}\"`, or leave it out")),
        );
        return usual.into();
    }
    text
}

/// An absolute URI: a page, or a store's own scheme (`itms-apps://…`, `market:…`). Apps open what they are told, some of them
/// in a view that runs scripts.
fn read_upgrade(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text("upgrade", reader)?;
    let is_absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            && !rest.is_empty()
            && !["javascript", "data", "vbscript", "blob", "file"]
                .iter()
                .any(|script| scheme.eq_ignore_ascii_case(script))
    });
    // It stands between `<` and `>` of a `Link` header.
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\\'));
    if is_absolute && is_plain {
        return Some(text);
    }
    node.wrong(
        format!("`{text}` is not where a newer version is to be had"),
        "write the whole address: `\"https://apps.example.com/harbor\"`",
        reader,
    );
    None
}

/// The version of a client in a definition.
pub(crate) fn version(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Version> {
    let text = node.text(name, reader)?;
    let version = Version::parse(&text);
    // `5.1.0-beta` is read where a client sends it; here it would promise a difference that is not made.
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if version.is_some() && is_plain {
        return version;
    }
    let bare = text.trim().trim_start_matches(['v', 'V', '^', '~', '=', '>']);
    let numbers: String = bare.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let meant = Version::parse(&numbers).map_or_else(|| "5.1.0".to_owned(), |version| version.to_string());
    reader.found.push(
        Diagnostic::error(
            codes::BAD_VERSION,
            format!("`{text}` is not a version of a client"),
            node.span,
            "up to three numbers with dots between them",
        )
        .help(format!("write `\"{meant}\"`")),
    );
    None
}

/// A day in a definition.
pub(crate) fn date(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Date> {
    let text = node.text(name, reader)?;
    let date = Date::parse(&text);
    if date.is_none() {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_VERSION,
                format!("`{text}` is not a day"),
                node.span,
                "not in the calendar, or not written as year, month, day",
            )
            .help("write it as `\"2026-05-01\"`"),
        );
    }
    date
}
