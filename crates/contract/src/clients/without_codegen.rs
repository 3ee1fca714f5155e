//! For clients of the same repository, which need no client written: they `import type` a view and have its types.
//!
//! What a view takes and answers is in its own type. What else it may answer is not, because `throw` has no type in
//! TypeScript and most problems come from elsewhere: it is written here, by route.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use frontdesk_diagnostics::Diagnostics;
use frontdesk_lang::Model;
use frontdesk_lang::declarations::FOLDER;
use frontdesk_plan::Plan;

use crate::infer::infer;

const HEAD: &str = "\
// Written by `frontdesk`: what else than its answer each endpoint may answer. `tsc` reads it; nothing runs it.

import \"frontdesk\";

declare module \"frontdesk\" {
  interface EndpointProblems {
";

/// Path and text of the file that gives `Problems<E>` of the module `frontdesk` its meaning.
///
/// A route that several BFFs have gets the problems of all of them: an import by the file's path cannot tell more.
pub fn problems(model: &Model, plan: &Plan) -> (String, String) {
    let mut routes: BTreeMap<&str, BTreeMap<String, BTreeSet<u16>>> = BTreeMap::new();
    for bff in &model.bffs {
        // What is wrong with the contract is told where the contract is asked for.
        let contract = infer(model, plan, &bff.name, None, &mut Diagnostics::default());
        for operation in &contract.operations {
            let written = bff.endpoints.iter().find(|endpoint| operation.span.0 == Some(endpoint.route_span));
            let Some(endpoint) = written else { continue };
            let codes = routes.entry(&endpoint.route_text).or_default();
            for problem in &operation.problems {
                codes.entry(problem.code.to_string()).or_default().insert(problem.status);
            }
        }
    }
    let mut out = HEAD.to_owned();
    for (route, codes) in routes {
        let _ = writeln!(out, "    {}: {{", serde_json::Value::from(route));
        for (code, statuses) in codes {
            let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
            let _ = writeln!(out, "      {}: {};", super::typescript::key(&code), statuses.join(" | "));
        }
        out.push_str("    };\n");
    }
    out.push_str("  }\n}\n");
    (format!("{FOLDER}/problems.d.ts"), out)
}
