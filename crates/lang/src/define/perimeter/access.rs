//! What one endpoint or proxy route says of its callers: `public`, `auth: requires(…)`, `csrf`, `rate`, `cost`.

use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::{Diagnostic, Span};

use super::called::{self, Call};
use super::{because, no_because, rate, scopes, texts};
use crate::define::Reader;
use crate::define::written::{Fields, Node};
use crate::model::{Access, AuthMethod, Because, Perimeter, Requires};

/// The keys that [`read`] reads.
pub(crate) const KEYS: [&str; 5] = ["public", "auth", "csrf", "rate", "cost"];

const MOST_COST: u32 = 1_000_000;

/// Who may ask. `what` it is, for messages: "this endpoint".
pub(crate) fn read(
    fields: &Fields<'_, '_>,
    perimeter: &Perimeter,
    what: &str,
    reader: &mut Reader<'_>,
) -> Access {
    let mut access = Access::public();
    let public = fields.value("public").and_then(|node| node.boolean("public", reader)).unwrap_or(false);
    access.public = public || (perimeter.auth.is_empty() && !perimeter.is_auth_broken);
    if let Some(property) = fields.get("auth") {
        access.requires = requires(&property.value, perimeter, reader).unwrap_or_default();
        let problem = if public {
            let label = "what is `public` does not know who asks";
            Some((format!("{what} is public and requires something"), label, "take one of the two out"))
        } else if perimeter.auth.is_empty() && !perimeter.is_auth_broken {
            let label = "nobody can prove anything here";
            let help = "add `auth: session({ … })`, or another method, to `bff.ts`";
            Some((format!("{what} requires something, but the BFF has no `auth`"), label, help))
        } else {
            None
        };
        if let Some((message, label, help)) = problem {
            reader
                .found
                .push(Diagnostic::error(codes::CONTRADICTION, message, property.name_span, label).help(help));
        }
    }
    if let Some(node) = fields.value("csrf") {
        access.headerless = headerless(node, public, perimeter, reader);
    }
    if let Some(node) = fields.value("rate") {
        access.rates = rate::read(node, perimeter, reader);
    }
    if let Some(node) = fields.value("cost")
        && let Some(cost) = node.count("cost", MOST_COST, reader)
    {
        access.cost = cost;
        affordable(&access, perimeter, node.span, reader);
    }
    access
}

/// Reports a cost that no rate ever lets through.
fn affordable(access: &Access, perimeter: &Perimeter, span: Span, reader: &mut Reader<'_>) {
    let rules = perimeter.rates.iter().chain(&access.rates);
    let Some(tight) = rules.filter(|rule| rule.burst < access.cost).min_by_key(|rule| rule.burst) else {
        return;
    };
    reader.found.push(
        Diagnostic::error(
            codes::BAD_RATE,
            format!("a cost of {} is more than a burst of {}", access.cost, tight.burst),
            span,
            "no request would ever be let in",
        )
        .label(tight.span, "this is the most at once")
        .help("make the cost smaller, or the burst larger"),
    );
}

/// `requires({ scopes: ["orders.write"], acr: "gold", maxAge: "5m", approval: true })`
fn requires(node: &Node<'_>, perimeter: &Perimeter, reader: &mut Reader<'_>) -> Option<Requires> {
    let example = "requires({ scopes: [\"orders.write\"] })";
    let call = match called::call(node, &["requires"], reader) {
        Call::Of(_, call) => call,
        Call::Reported => return None,
        Call::Other => {
            node.unfit("auth", &format!("`{example}`"), reader);
            return None;
        }
    };
    let node = called::object(call, "requires", reader)?;
    let fields =
        node.fields("requires", "`requires`", &["scopes", "acr", "maxAge", "approval"], &[], reader)?;
    let mut requires = Requires {
        scopes: fields.value("scopes").map(|node| scopes(node, "scopes", reader)).unwrap_or_default(),
        acr: fields.value("acr").map(|node| texts(node, "acr", reader)).unwrap_or_default(),
        max_age: fields.value("maxAge").and_then(|node| node.lifetime("maxAge", 365, reader)),
        approval: false,
    };
    requires.approval =
        fields.value("approval").and_then(|node| node.boolean("approval", reader)).unwrap_or(false);
    let has = |fits: fn(&AuthMethod) -> bool| perimeter.is_auth_broken || perimeter.auth.iter().any(fits);
    if let Some(property) = fields.get("approval").filter(|_| requires.approval)
        && !has(|method| matches!(method, AuthMethod::Device(_)))
    {
        never_met(
            property.name_span,
            "`approval` without `device`",
            "only devices have a key to approve with",
            "add `device({ … })` to `auth` in `bff.ts`",
            reader,
        );
    }
    let signs_in =
        has(|m| matches!(m, AuthMethod::Session(_) | AuthMethod::Bearer(_) | AuthMethod::Device(_)));
    for name in ["acr", "maxAge"] {
        if let Some(property) = fields.get(name)
            && !signs_in
            && !perimeter.auth.is_empty()
        {
            let message = format!("`{name}` can never be met here");
            never_met(
                property.name_span,
                &message,
                "keys and certificates do not sign in",
                "take it out, or add `session(…)`, `bearer(…)` or `device(…)` to `auth`",
                reader,
            );
        }
    }
    if requires == Requires::default()
        && fields.value("approval").is_none()
        && fields.value("maxAge").is_none()
    {
        node.wrong(
            "`requires` requires nothing",
            format!("write for instance `{example}`; that somebody has signed in is required anyway"),
            reader,
        );
    }
    Some(requires)
}

fn never_met(span: Span, message: &str, label: &str, help: &str, reader: &mut Reader<'_>) {
    reader.found.push(Diagnostic::error(codes::CONTRADICTION, message, span, label).help(help));
}

/// `csrf: { headerless: true, because: "a link in a mail downloads it" }`
fn headerless(
    node: &Node<'_>,
    public: bool,
    perimeter: &Perimeter,
    reader: &mut Reader<'_>,
) -> Option<Because> {
    let fields = node.fields("csrf", "`csrf` of an endpoint", &["headerless", "because"], &[], reader)?;
    let property = fields.get("headerless");
    if !property.and_then(|property| property.value.boolean("headerless", reader)).unwrap_or(false) {
        no_because(&fields, reader);
        return None;
    }
    let span = property.map_or(node.span, |property| property.name_span);
    let is_session = |method: &AuthMethod| matches!(method, AuthMethod::Session(_));
    let has_session = perimeter.is_auth_broken || perimeter.auth.iter().any(is_session);
    if public || !has_session {
        let (label, message) = if public {
            ("a public endpoint needs no header", "`headerless` on a public endpoint")
        } else {
            ("no header is needed without a session", "`headerless` in a BFF without sessions")
        };
        reader
            .found
            .push(Diagnostic::error(codes::CONTRADICTION, message, span, label).help("take `csrf` out"));
        return None;
    }
    because(&fields, "`headerless`", span, reader)
}
