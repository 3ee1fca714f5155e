//! What people and tools see of changes, and BFFs with dates.

use std::path::{Path, PathBuf};

use frontdesk_contract::diff::{Class, Report, Section, diff, diff_all, json, markdown, text};
use frontdesk_contract::{Contract, openapi};
use frontdesk_diagnostics::Sources;
use serde_json::json;

use super::corpus::cases;
use super::short;

fn expect(name: &str, got: &str) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/diff/report").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, got).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(got == wanted, "{} is stale: run with UPDATE=1, and read it\n{got}", file.display());
}

fn shop(product: &serde_json::Value, more: &serde_json::Value) -> Contract {
    let mut whole = json!({
        "versions": { "minimum": "4.2.0", "supported": ["4.2.0", "5.0.0"] },
        "schemas": { "Product": product },
        "GET /v1/products/{id}": { "path": { "id": "string" }, "answer": "Product", "problems": { "not_found": 404 } },
    });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    short::contract(&whole, "GET /v1/x")
}

#[test]
fn people_and_tools_are_told_the_same() {
    let old = shop(
        &json!({ "id": "string", "price": "integer", "stock": { "$is": "integer", "$since": "5.0.0" }, "state": ["new", "used"] }),
        &json!({ "GET /v1/home": { "answer": { "best": { "$list": "Product" } } }, "GET /v1/gone": { "answer": "string" } }),
    );
    let new = shop(
        &json!({ "id": "string", "price": "number", "state": ["new", "used", "as | new"], "title": "string" }),
        &json!({ "GET /v1/home": { "answer": { "best": { "$list": "Product" } }, "query": { "limit": "integer" } } }),
    );
    let (mut sources, mut diagnostics) = (Sources::default(), frontdesk_diagnostics::Diagnostics::default());
    let mut read = |contract: &Contract, path: &str| {
        let text = openapi::write(contract);
        openapi::read(&text, path, &mut sources, &mut diagnostics).unwrap()
    };
    let (old, new) = (read(&old, "old.yaml"), read(&new, "new.yaml"));
    let sections = [Section { date: None, changes: diff(&old, &new) }];
    let report = Report { bff: "ios", sections: &sections, sources: &sources };
    assert_eq!(report.worst(), Some(Class::Breaking));
    expect("shop.txt", &text(&report, false));
    expect("shop.md", &markdown(&report));
    expect("shop.json", &format!("{:#}\n", json(&report)));
    let coloured = text(&report, true);
    assert!(coloured.contains("\x1b[1;31mbreaking\x1b[0m"));
}

#[test]
fn nothing_is_told_of_nothing() {
    let sections = [Section { date: None, changes: Vec::new() }];
    let report = Report { bff: "ios", sections: &sections, sources: &Sources::default() };
    assert_eq!(text(&report, false), "ios: no changes\n");
    assert_eq!(markdown(&report), "### ✅ Contract of `ios`: no changes\n");
    assert_eq!(json(&report)["worst"], serde_json::Value::Null);
}

#[test]
fn names_steer_no_terminal_and_no_page() {
    let with =
        |name: &str| short::contract(&json!({ "answer": { name: "string", "b": "integer" } }), "GET /v1/x");
    let sections = [Section { date: None, changes: diff(&with("a\u{1b}[2J\n`|<b>@all"), &with("c")) }];
    let report = Report { bff: "ios", sections: &sections, sources: &Sources::default() };
    assert!(!text(&report, false).contains('\u{1b}'));
    let page = markdown(&report);
    assert!(!page.contains("<b>`") && !page.contains('\u{1b}'), "{page}");
    assert_eq!(page.lines().filter(|line| line.starts_with("| **breaking**")).count(), 1, "{page}");
}

fn dated(date: &str, answer: &serde_json::Value) -> Contract {
    short::contract(
        &json!({ "bff": "partner", "versions": { "date": date }, "answer": answer }),
        "GET /v1/stock",
    )
}

#[test]
fn contracts_are_compared_with_those_of_their_date() {
    let (one, two) = (json!({ "count": "integer" }), json!({ "stock": { "count": "integer" } }));
    // What was the newest is an older date now, and answers what it answered.
    let old = [dated("2026-05-01", &one)];
    let new = [dated("2026-11-01", &two), dated("2026-05-01", &one)];
    let sections = diff_all(&old, &new, None);
    assert_eq!(sections.len(), 2);
    assert_eq!((sections[0].date, sections[0].changes[0].rule.id), (None, "date-added"));
    assert_eq!(sections[0].changes[0].class, Class::Risky);
    assert!(sections[1].changes.is_empty(), "{sections:#?}");
    // An older date that is new surprises nobody.
    let older = diff_all(&[dated("2026-11-01", &two)], &new, None);
    assert_eq!((older[0].changes[0].rule.id, older[0].changes[0].class), ("date-added", Class::Compatible));
    // A date that goes, and a date whose answer changes.
    let sections = diff_all(&new, &[dated("2026-11-01", &one)], None);
    assert_eq!(
        (sections[0].changes[0].rule.id, sections[0].changes[0].class),
        ("date-removed", Class::Breaking)
    );
    assert_eq!(sections[1].date.map(|date| date.to_string()).as_deref(), Some("2026-11-01"));
    assert!(sections[1].changes.iter().any(|change| change.rule.id == "field-removed"));
    let shown = Report { bff: "partner", sections: &sections, sources: &Sources::default() };
    expect("partner.txt", &text(&shown, false));
    expect("partner.md", &markdown(&shown));
    // Without dates on one side there is one comparison.
    let plain = [short::contract(&json!({ "answer": one }), "GET /v1/stock")];
    let sections = diff_all(&plain, &new, None);
    assert_eq!(sections.len(), 1);
    assert!(sections[0].changes.iter().any(|change| change.rule.id == "versions-introduced"));
    assert!(diff_all(&[], &new, None).is_empty());
}

/// Where a change is told, there is something in the document.
#[test]
fn pointers_lead_into_the_documents() {
    for case in cases() {
        let (old, new) = (openapi::json(&case.old), openapi::json(&case.new));
        for change in diff(&case.old, &case.new) {
            for (document, spot) in [(&old, &change.old), (&new, &change.new)] {
                let Some(spot) = spot else { continue };
                // Of a limit, a list or a word that is not there, its owner's place is told.
                let owner = spot.pointer.strip_suffix("/security").unwrap_or(&spot.pointer);
                assert!(
                    document.pointer(&spot.pointer).or_else(|| document.pointer(owner)).is_some(),
                    "{}: {} leads nowhere: {change:#?}",
                    case.name,
                    spot.pointer
                );
            }
        }
    }
}
