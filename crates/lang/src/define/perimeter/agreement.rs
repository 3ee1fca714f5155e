//! All methods of a BFF must give views the same `session`.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;

use super::Method;
use crate::define::Reader;
use crate::model::Claim;

/// The members of `session` that all methods agree on.
///
/// A view does not know how its caller proved who they are. So a claim has one type whichever method it comes from,
/// and one that a method does not declare may be missing.
pub(super) fn of(methods: &[Method], reader: &mut Reader<'_>) -> Vec<Claim> {
    let mut agreed: Vec<(Claim, &'static str)> = Vec::new();
    for method in methods {
        for claim in &method.claims {
            match agreed.iter().find(|(first, _)| first.name == claim.name) {
                Some((first, other)) if first.schema != claim.schema => reader.found.push(
                    Diagnostic::error(
                        codes::BAD_CLAIM,
                        format!("`{}` is described in two ways", claim.name),
                        claim.span,
                        format!("by `{}` like this", method.method.name()),
                    )
                    .label(first.span, format!("by `{other}` like this"))
                    .help("describe it the same way: views do not see which of them it comes from"),
                ),
                Some(_) => {}
                None => agreed.push((claim.clone(), method.method.name())),
            }
        }
    }
    for (claim, owner) in &agreed {
        if claim.schema.optional {
            continue;
        }
        let declares = |method: &Method| method.claims.iter().any(|other| other.name == claim.name);
        // Without a token nothing fills in a default either.
        let lacks = |method: &&Method| {
            !declares(method) && (claim.schema.default.is_none() || !method.method.has_token())
        };
        let Some(without) = methods.iter().find(lacks) else { continue };
        let name = without.method.name();
        let has_none = matches!(name, "apiKeys" | "certificate");
        let help = if has_none {
            format!("make it optional: `{}: t.….optional()`", claim.name)
        } else {
            format!("declare it in `{name}` too, or make it optional: `{}: t.….optional()`", claim.name)
        };
        reader.found.push(
            Diagnostic::error(
                codes::BAD_CLAIM,
                format!("`{}` may be missing, since `{name}` does not declare it", claim.name),
                claim.span,
                format!("always there by what `{owner}` says"),
            )
            .label(without.method.span(), "callers may come this way")
            .help(help),
        );
    }
    agreed.into_iter().map(|(claim, _)| claim).collect()
}
