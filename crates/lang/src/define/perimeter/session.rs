//! `session({ … })` and `device({ … })`: logins that the BFF keeps the provider's tokens of.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::CallExpression;

use super::{Method, Setting, because, claims, no_because, provider};
use crate::define::Reader;
use crate::define::written::{Fields, Node};
use crate::model::{AuthMethod, Because, DeviceAuth, ProviderUse, SessionAuth};
use crate::parse::span_of;

const IDLE: Duration = Duration::from_mins(60);
const ABSOLUTE: Duration = Duration::from_hours(12);
const DEVICE_IDLE: Duration = Duration::from_hours(30 * 24);
const DEVICE_ABSOLUTE: Duration = Duration::from_hours(90 * 24);
const DEVICE_ROTATE: Duration = Duration::from_mins(15);
/// The longest lifetime that can be asked for, in days.
const MOST_DAYS: u64 = 365;

const OWN: [&str; 10] = [
    "providers",
    "cookie",
    "idle",
    "absolute",
    "sameUserLimit",
    "rotate",
    "background",
    "afterLogout",
    "claims",
    "because",
];

pub(super) fn session<'a>(
    node: Node<'a>,
    call: &'a CallExpression<'a>,
    setting: Setting<'_>,
    reader: &mut Reader<'_>,
) -> Option<Method> {
    let known: Vec<&'static str> =
        provider::KEYS.into_iter().chain(OWN.into_iter().filter(|key| *key != "because")).collect();
    let fields = node.fields("session", "`session`", &known, &[], reader)?;
    let span = span_of(reader.file, call.span);
    let providers = providers(&fields, setting, reader);
    let (idle, absolute) = lifetimes(&fields, IDLE, ABSOLUTE, reader);
    let cookie = cookie(&fields, setting.folder, reader);
    let rotate = fields.value("rotate").and_then(|node| {
        let rotate = node.lifetime("rotate", MOST_DAYS, reader)?;
        if rotate < Duration::from_mins(1) {
            node.wrong("the id would change with every request", "write at least `\"1m\"`", reader);
            return None;
        }
        Some(rotate)
    });
    let same_user_limit =
        fields.value("sameUserLimit").and_then(|node| node.count("sameUserLimit", 1000, reader));
    let background = fields.value("background").and_then(|node| node.boolean("background", reader));
    let after_logout = fields.value("afterLogout").and_then(|node| path(node, "afterLogout", reader));
    let claims = fields.value("claims").map(|node| claims::read(node, reader)).unwrap_or_default();
    let method = AuthMethod::Session(SessionAuth {
        providers: providers?,
        idle,
        absolute,
        cookie: cookie.name,
        lax: cookie.lax,
        remember: cookie.remember,
        same_user_limit,
        rotate,
        background: background.unwrap_or(false),
        after_logout: after_logout.unwrap_or_else(|| "/".into()),
        span,
    });
    Some(Method { method, claims })
}

pub(super) fn device<'a>(
    node: Node<'a>,
    call: &'a CallExpression<'a>,
    setting: Setting<'_>,
    reader: &mut Reader<'_>,
) -> Option<Method> {
    let own = ["redirects", "idle", "absolute", "rotate", "claims"];
    let known: Vec<&'static str> = provider::KEYS.into_iter().chain(own).collect();
    let fields = node.fields("device", "`device`", &known, &[], reader)?;
    let provider = provider::read(&fields, None, setting, reader);
    let (idle, absolute) = lifetimes(&fields, DEVICE_IDLE, DEVICE_ABSOLUTE, reader);
    let rotate = fields.value("rotate").and_then(|node| node.lifetime("rotate", 1, reader));
    let redirects = fields.require("redirects", "redirects: [\"https://app.example.com/signed-in\"]", reader);
    let redirects = redirects.map(|node| redirects_of(node, reader)).unwrap_or_default();
    let claims = fields.value("claims").map(|node| claims::read(node, reader)).unwrap_or_default();
    let method = AuthMethod::Device(DeviceAuth {
        provider: provider?,
        redirects,
        idle,
        absolute,
        rotate: rotate.unwrap_or(DEVICE_ROTATE),
        span: span_of(reader.file, call.span),
    });
    Some(Method { method, claims })
}

/// One use from `issuer`, `client`, …, or several from `providers`.
fn providers(
    fields: &Fields<'_, '_>,
    setting: Setting<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<ProviderUse>> {
    let Some(several) = fields.get("providers") else {
        return provider::read(fields, None, setting, reader).map(|provider| vec![provider]);
    };
    for name in provider::KEYS {
        let Some(property) = fields.get(name) else { continue };
        reader.found.push(
            Diagnostic::error(
                codes::CONTRADICTION,
                format!("`{name}` stands beside `providers`"),
                property.name_span,
                "of which provider?",
            )
            .label(several.name_span, "each of them has its own")
            .help(format!("move `{name}` into the providers it is of")),
        );
    }
    let entries = several.value.entries("providers", reader);
    let mut all = Vec::new();
    for entry in entries {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if entry.name.is_empty() || !entry.name.bytes().all(is_name) {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_ISSUER,
                    format!("`{}` cannot be the name of a provider", entry.name),
                    entry.name_span,
                    "it stands in `/auth/login?provider=…`",
                )
                .help("use letters, digits, `-` and `_`"),
            );
            continue;
        }
        let read = entry.value.fields("providers", "a provider", &provider::KEYS, &[], reader);
        all.extend(read.and_then(|fields| provider::read(&fields, Some(&entry.name), setting, reader)));
    }
    if entries.is_empty() {
        several.value.wrong(
            "`providers` names none",
            "write `issuer`, `client` and `scopes` instead",
            reader,
        );
    }
    (!all.is_empty()).then_some(all)
}

fn lifetimes(
    fields: &Fields<'_, '_>,
    idle: Duration,
    absolute: Duration,
    reader: &mut Reader<'_>,
) -> (Duration, Duration) {
    let mut read = |name: &str| {
        let node = fields.value(name)?;
        Some((node.lifetime(name, MOST_DAYS, reader)?, node.span))
    };
    let (written_idle, written_absolute) = (read("idle"), read("absolute"));
    let span = |written: Option<(Duration, Span)>| written.map(|(_, span)| span);
    let at = span(written_idle).or(span(written_absolute));
    let absolute_is = written_absolute.map_or(absolute, |(duration, _)| duration);
    let idle_is = written_idle.map_or(idle, |(duration, _)| duration);
    if idle_is > absolute_is
        && let Some(at) = at
    {
        if written_idle.is_none() {
            // A short absolute lifetime alone also says how long idling can last.
            return (absolute_is, absolute_is);
        }
        let diagnostic = Diagnostic::error(
            codes::CONTRADICTION,
            "`idle` is longer than `absolute`",
            at,
            "no session lives that long",
        );
        let diagnostic = match written_absolute {
            Some((_, span)) => diagnostic.label(span, "it ends here in any case"),
            None => diagnostic
                .note(format!("`absolute` is {} hours if it is not written", absolute.as_secs() / 3600)),
        };
        reader.found.push(diagnostic.help("make `idle` shorter, or `absolute` longer"));
    }
    (idle_is, absolute_is)
}

struct Cookie {
    name: Arc<str>,
    lax: Option<Because>,
    remember: bool,
}

fn cookie(fields: &Fields<'_, '_>, folder: &str, reader: &mut Reader<'_>) -> Cookie {
    let mut cookie = Cookie { name: folder.into(), lax: None, remember: false };
    let Some(node) = fields.value("cookie") else { return cookie };
    let known = ["name", "sameSite", "because", "remember"];
    let Some(fields) = node.fields("cookie", "`cookie`", &known, &[], reader) else { return cookie };
    if let Some(node) = fields.value("name")
        && let Some(name) = node.text("name", reader)
    {
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            cookie.name = name;
        } else {
            node.wrong(
                format!("`{name}` cannot be part of a cookie's name"),
                "use letters, digits, `-` and `_`; the cookie is called `__Host-Http-fd-` and this",
                reader,
            );
        }
    }
    cookie.remember =
        fields.value("remember").and_then(|node| node.boolean("remember", reader)).unwrap_or(false);
    match fields.get("sameSite") {
        Some(property) => match property.value.word("sameSite", &["strict", "lax"], reader) {
            Some("lax") => {
                cookie.lax = because(&fields, "`sameSite: \"lax\"`", property.value.span, reader);
            }
            Some(_) => no_because(&fields, reader),
            None => {}
        },
        None => no_because(&fields, reader),
    }
    cookie
}

/// A path of this BFF: what a browser cannot read as another host.
fn path(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text(name, reader)?;
    let is_local = text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|b| (b'!'..=b'~').contains(&b) && b != b'\\' && b != b'#');
    if is_local {
        return Some(text);
    }
    node.wrong(format!("`{text}` is not a path of this BFF"), "write for instance `\"/goodbye\"`", reader);
    None
}

fn redirects_of(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut all = Vec::new();
    for item in node.items("redirects", reader) {
        let Some(text) = item.text("redirects", reader) else { continue };
        match redirect_problem(&text) {
            None => all.push(text),
            Some(help) => item.wrong(format!("`{text}` cannot be returned to"), help, reader),
        }
    }
    all
}

/// RFC 8252 §7: claimed https links, or schemes of the app's own domain.
fn redirect_problem(text: &str) -> Option<&'static str> {
    const LINK: &str = "write a link that the app claims: `\"https://app.example.com/signed-in\"`";
    const SCHEME: &str =
        "write the app's own scheme, its domain backwards: `\"com.example.app:/signed-in\"` (RFC 8252 §7.1)";
    let Some((scheme, rest)) = text.split_once(':') else { return Some(LINK) };
    if rest.contains('#')
        || text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\' || c == '*')
    {
        return Some("write it in full, without a fragment and without placeholders: it is compared exactly");
    }
    match scheme {
        "https" => {
            let host = rest.strip_prefix("//").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
            match host {
                Some(host) if !host.is_empty() && !host.contains('@') => None,
                _ => Some(LINK),
            }
        }
        "http" => Some("write `https://`: anybody could read the code on its way"),
        _ if scheme.contains('.')
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+')) =>
        {
            None
        }
        _ => Some(SCHEME),
    }
}
