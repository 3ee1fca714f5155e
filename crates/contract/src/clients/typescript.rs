//! The TypeScript client: one ES module on `fetch`, with no dependencies.
//!
//! It begins with what is the contract's own (the class, inputs, problems, named types) and ends with `runtime.ts`, which
//! is the same in every client: what a call comes to, and how calls are made. All of it is erasable syntax, so that
//! Node.js runs the file as it is.

mod credentials;
mod docs;
mod names;
mod operations;
mod schemas;

use std::fmt::Write;

use super::text::is_deceptive;
use crate::{Contract, Versioning};
use names::Names;

pub(super) use names::key;

const RUNTIME: &str = include_str!("typescript/runtime.ts");

pub fn files(contract: &Contract) -> Vec<(String, String)> {
    let names = Names::new(contract);
    let mut out = head(contract);
    credentials::options(contract, &names, &mut out);
    operations::class(contract, &names, &mut out);
    operations::types(contract, &names, &mut out);
    schemas::named(contract, &names, &mut out);
    operations::table(contract, &names, &mut out);
    credentials::function(contract, &names, &mut out);
    out.push_str(RUNTIME);
    vec![("client.ts".to_owned(), out)]
}

fn head(contract: &Contract) -> String {
    let mut out = format!(
        "// Written by `frontdesk gen client ts` from the contract of the BFF `{}`",
        docs::plain(&contract.bff)
    );
    if let Versioning::Dated { date, .. } = &contract.versions {
        let _ = write!(out, " as it is on {date}");
    }
    out.push_str(".\n// What is changed here is lost when it is written again.\n\n");
    out
}

/// Text as a literal of TypeScript.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in serde_json::Value::from(text).to_string().chars() {
        if is_deceptive(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}
