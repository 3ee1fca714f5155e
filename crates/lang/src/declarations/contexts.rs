//! What endpoints know of whoever asks: `session`, `client` and `auth`, as each BFF's `auth` makes them.
//!
//! A view imports `view` from `frontdesk` whichever BFF it belongs to, so an editor cannot tell BFFs apart by the
//! import. It can by the route: the interface `Contexts` has a member for each route whose context is not the usual
//! one, and `"*"` for all others (also for those that are being written). The usual one has the members of `session`
//! of all BFFs together; a workspace in which all BFFs declare the same claims needs nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_catalog::Catalog;
use frontdesk_types::{Field, Type};

use super::print::Printer;
use crate::define::context::{self, SUBJECT};
use crate::model::{Bff, Perimeter};

const HEAD: &str = "\
// Written by `frontdesk` from what stands in `bffs/`. Editors and `tsc` read it; nothing runs it.

import \"frontdesk\";

declare module \"frontdesk\" {
";

/// `session` of endpoints that know who asks, as fields beyond those of `Session`.
type Members = Vec<(Arc<str>, Type)>;

pub(super) fn module(catalog: &Catalog, bffs: &[Bff]) -> String {
    let printer = Printer::new(&catalog.types, "");
    let mut out = HEAD.to_owned();
    let Some(usual) = usual(bffs) else {
        out.push_str("  // No BFF has `auth`: nobody is known.\n}\n");
        return out;
    };
    out.push_str("  interface Contexts {\n");
    out.push_str("    /** Endpoints that know who asks. */\n");
    out.push_str(&format!("    \"*\": {};\n", signed_in(&usual, &printer)));
    for (route, text) in routes(bffs, &usual, &printer) {
        out.push_str(&format!("    {}: {text};\n", Type::string(&route)));
    }
    out.push_str("  }\n}\n");
    out
}

/// The members of all BFFs together, each with the types it has anywhere. `None` if no BFF has `auth`.
fn usual(bffs: &[Bff]) -> Option<Members> {
    let mut all: Members = Vec::new();
    for (name, ty) in bffs.iter().filter_map(|bff| members(&bff.config.perimeter)).flatten() {
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some((_, known)) => *known = Type::union([known.clone(), ty]),
            None => all.push((name, ty)),
        }
    }
    (!all.is_empty()).then_some(all)
}

fn members(perimeter: &Perimeter) -> Option<Members> {
    if perimeter.auth.is_empty() {
        return None;
    }
    let Type::Object(session) = context::signed_in(perimeter) else { return None };
    let from = session.fields.iter().position(|field| &*field.name == SUBJECT)?;
    Some(session.fields.iter().skip(from).map(|Field { name, ty, .. }| (name.clone(), ty.clone())).collect())
}

/// Routes whose context is not the usual one. A route that two BFFs have in different ways is left to the usual one:
/// `frontdesk check` knows better than an editor there.
fn routes(bffs: &[Bff], usual: &Members, printer: &Printer<'_>) -> BTreeMap<Arc<str>, String> {
    let mut routes: BTreeMap<Arc<str>, Option<String>> = BTreeMap::new();
    for bff in bffs {
        let own = members(&bff.config.perimeter);
        let text = match &own {
            None => "Context".to_owned(),
            Some(own) => signed_in(own, printer),
        };
        for endpoint in &bff.endpoints {
            routes
                .entry(endpoint.route_text.clone())
                .and_modify(|known| {
                    if known.as_ref() != Some(&text) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(text.clone()));
        }
    }
    let usual = signed_in(usual, printer);
    routes
        .into_iter()
        .filter_map(|(route, text)| Some((route, text.filter(|text| *text != usual)?)))
        .collect()
}

fn signed_in(members: &Members, printer: &Printer<'_>) -> String {
    let fields: Vec<String> = members
        .iter()
        .map(|(name, ty)| {
            let field = Type::object(vec![Field::required(name.clone(), ty.clone())]);
            let printed = printer.ty(&field, 0);
            let inner = printed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(&printed);
            let inner = inner.trim().trim_end_matches(';');
            format!("readonly {inner}")
        })
        .collect();
    format!("SignedIn<{{ {} }}>", fields.join("; "))
}
