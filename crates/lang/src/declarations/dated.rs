//! What the conversions of dated versions are given: the answer of the next newer date, by date and route.
//!
//! The types are those that `tsc` infers for the view, or for the newer date's conversion: they are mentioned, not
//! printed, so that an editor shows them as they are being written.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_types::{Date, Type};

use crate::model::{Bff, Endpoint, EndpointKind};

const HEAD: &str = "
declare module \"frontdesk\" {
  interface NewerAnswers {
";

/// Nothing if no BFF has dated versions.
pub(super) fn module(bffs: &[Bff]) -> String {
    let mut dates: BTreeMap<Date, BTreeMap<Arc<str>, Vec<String>>> = BTreeMap::new();
    for bff in bffs {
        for endpoint in &bff.endpoints {
            let mut newer = Some(newest(&bff.name, endpoint));
            for dated in &endpoint.dated {
                // A line is checked against the newer answer even if it says that there was none.
                if let Some(newer) = &newer {
                    let types = dates.entry(dated.date).or_default();
                    let types = types.entry(endpoint.route_text.clone()).or_default();
                    if !types.contains(newer) {
                        types.push(newer.clone());
                    }
                }
                newer = match &dated.answer {
                    None => None,
                    Some(answer) if answer.is_converted => Some(converted(&bff.name, endpoint, dated.date)),
                    Some(_) => newer,
                };
            }
        }
    }
    if dates.is_empty() {
        return String::new();
    }
    let mut out = HEAD.to_owned();
    for (date, routes) in dates {
        out.push_str(&format!("    \"{date}\": {{\n"));
        for (route, types) in routes {
            out.push_str(&format!("      {}: {};\n", Type::string(&route), types.join(" | ")));
        }
        out.push_str("    };\n");
    }
    out.push_str("  }\n}\n");
    out
}

fn newest(bff: &str, endpoint: &Endpoint) -> String {
    let folder = match endpoint.kind {
        EndpointKind::View => "views",
        EndpointKind::Action => "actions",
    };
    format!("Answer<typeof import(\"../../bffs/{bff}/{folder}/{}.ts\").default>", endpoint.name)
}

fn converted(bff: &str, endpoint: &Endpoint, date: Date) -> String {
    let route = Type::string(&endpoint.route_text);
    format!("(typeof import(\"../../bffs/{bff}/versions/{date}.ts\").default)[\"answers\"][{route}]")
}
