//! `testdata/expr/<case>/home.ts`: one view → the type of its answer, or what is said of it.
//!
//! The file stands at `bffs/ios/views/home.ts` of a workspace with the services of `testdata/base`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use frontdesk_types::{Hints, Type, Types};

use crate::case::{Compiled, testdata};
use crate::workspace::expect;

/// The view of a case in a workspace of its own.
pub fn files(home: &str) -> BTreeMap<String, String> {
    let base = testdata().join("base");
    let mut files = BTreeMap::new();
    for path in
        ["frontdesk.yaml", "services/shop.openapi.yaml", "services/basket.proto", "services/thing.json"]
    {
        files.insert(path.to_owned(), std::fs::read_to_string(base.join(path)).unwrap());
    }
    let bff = "import { bff } from \"frontdesk\";\n\nexport default bff({ client: \"ios\", owner: \"team-ios\", \
               versions: { minimum: \"4.2.0\" } });\n";
    files.insert("bffs/ios/bff.ts".to_owned(), bff.to_owned());
    files.insert("bffs/ios/views/home.ts".to_owned(), home.to_owned());
    files
}

/// Name and text of each case.
pub fn cases() -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = std::fs::read_dir(testdata().join("expr"))
        .unwrap()
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path().join("home.ts")).unwrap();
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    cases.sort();
    cases
}

#[test]
fn expressions_have_their_types() {
    let mut differences = String::new();
    for (name, text) in cases() {
        let compiled = Compiled::new(&files(&text));
        let mut got = compiled.text();
        if compiled.is_accepted() {
            for endpoint in compiled.model.bffs.iter().flat_map(|bff| &bff.endpoints) {
                writeln!(got, "{}", endpoint.response).unwrap();
                if name.starts_with("life-") {
                    for (_, definition) in compiled.model.types.iter() {
                        if let (Some(doc), "ios") = (&definition.doc, &*definition.owner) {
                            writeln!(got, "  {} is {doc:?}", definition.name).unwrap();
                        }
                    }
                    fields("", &endpoint.response, &compiled.model.types, &mut got);
                }
                for problem in &endpoint.problems {
                    writeln!(got, "throws {} {}", problem.code, problem.status).unwrap();
                }
            }
        }
        if compiled.is_accepted() == name.starts_with("bad-") {
            writeln!(differences, "{name} is judged wrongly:\n{got}").unwrap();
        }
        differences.extend(expect(&testdata().join("expr").join(name).join("expected.txt"), &got));
    }
    assert!(differences.is_empty(), "{differences}run with UPDATE=1 to accept");
}

/// What is known of each field beyond its type, a line each.
pub fn fields(path: &str, ty: &Type, types: &Types, out: &mut String) {
    match types.resolve(ty) {
        Type::Object(object) => {
            for field in &object.fields {
                let path = format!("{path}{}", field.name);
                let mut known = Vec::new();
                if let Some(life) = &field.life {
                    known.extend(life.since.map(|since| format!("since {since}")));
                    known.extend(life.until.map(|until| format!("until {until}")));
                    known.extend(
                        life.deprecated
                            .as_ref()
                            .map(|d| format!("deprecated {}", crate::summary::deprecation(d))),
                    );
                }
                known.extend(field.doc.as_ref().map(|doc| format!("{doc:?}")));
                if let Some(hints) = field.hints.as_ref().filter(|hints| ***hints != Hints::default()) {
                    known.push(format!("{hints:?}"));
                }
                known.extend(field.written.is_none().then(|| "not written here".to_owned()));
                if !known.is_empty() {
                    writeln!(out, "  {path}: {}", known.join(", ")).unwrap();
                }
                if !matches!(field.ty, Type::Named(_)) {
                    fields(&format!("{path}."), &field.ty, types, out);
                }
            }
        }
        Type::Array(of) => fields(&format!("{}[].", path.trim_end_matches('.')), of, types, out),
        Type::Union(members) => members.iter().for_each(|member| fields(path, member, types, out)),
        _ => {}
    }
}
