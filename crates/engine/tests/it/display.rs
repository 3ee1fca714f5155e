//! Money, numbers, moments and plurals, against what Node's `Intl` answers.
//!
//! `testdata/display/*.json` is made by `make.mjs`. Where ICU4X and ICU disagree, `differences.json` has our
//! answer, so that a change in either is noticed; `UPDATE=1` writes it anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bumpalo::Bump;
use frontdesk_engine::eval::Evaluator;
use frontdesk_engine::prepared::Prepared;
use frontdesk_lang::model::{Builtin, Constant};
use serde_json::Value as Json;

use crate::expressions::{Argument, Builder, Expr};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/display")
}

const FILES: [(&str, Builtin); 4] = [
    ("money", Builtin::Money),
    ("number", Builtin::Number),
    ("dateTime", Builtin::DateTime),
    ("plural", Builtin::Plural),
];

#[test]
fn shows_values_as_intl_does() {
    let known =
        std::fs::read_to_string(folder().join("differences.json")).unwrap_or_else(|_| "{}".to_owned());
    let known: BTreeMap<String, Json> = serde_json::from_str(&known).unwrap();
    let mut differences: BTreeMap<String, Json> = BTreeMap::new();
    let mut cases = 0;
    for (file, builtin) in FILES {
        let text = std::fs::read_to_string(folder().join(format!("{file}.json"))).unwrap();
        let data: Json = serde_json::from_str(&text).unwrap();
        for case in data["cases"].as_array().unwrap() {
            let args: Vec<_> = case["args"].as_array().unwrap().iter().map(constant).collect();
            let ours = show(builtin, &args);
            let intl = case["expect"].as_str().unwrap();
            cases += 1;
            if ours != intl {
                let key = format!("{file} {}", serde_json::to_string(&case["args"]).unwrap());
                differences.insert(key, serde_json::json!({ "intl": intl, "ours": ours }));
            }
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        let lines: Vec<_> = differences
            .iter()
            .map(|(key, value)| format!("  {}: {value}", Json::from(key.as_str())))
            .collect();
        std::fs::write(folder().join("differences.json"), format!("{{\n{}\n}}\n", lines.join(",\n")))
            .unwrap();
        return;
    }
    assert!(cases > 4000);
    let news: Vec<_> = differences.iter().filter(|(key, value)| known.get(*key) != Some(value)).collect();
    assert!(news.is_empty(), "{} new differences from Intl: {:#?}", news.len(), &news[..news.len().min(20)]);
    let gone: Vec<_> = known.keys().filter(|key| !differences.contains_key(*key)).collect();
    assert!(gone.is_empty(), "no longer different, run with UPDATE=1: {gone:#?}");
}

/// The files are what the script makes, where there is a Node with the ICU version they were made with.
#[test]
fn the_cases_are_what_node_makes_of_them() {
    let icu = Command::new("node").args(["-p", "process.versions.icu"]).output();
    let Ok(icu) = icu else {
        return;
    };
    let money: Json =
        serde_json::from_str(&std::fs::read_to_string(folder().join("money.json")).unwrap()).unwrap();
    if String::from_utf8_lossy(&icu.stdout).trim() != money["icu"].as_str().unwrap() {
        return;
    }
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("display");
    std::fs::create_dir_all(&made).unwrap();
    let status = Command::new("node").arg(folder().join("make.mjs")).arg(&made).status().unwrap();
    assert!(status.success());
    for (file, _) in FILES {
        let name = format!("{file}.json");
        assert!(
            std::fs::read(made.join(&name)).unwrap() == std::fs::read(folder().join(&name)).unwrap(),
            "{name} is not what make.mjs writes"
        );
    }
}

#[test]
fn what_is_unknown_still_shows() {
    let text = |text: &str| Constant::String(text.into());
    let money = |minor: Constant, currency: &str, locale: &str| {
        show(Builtin::Money, &[minor, text(currency), text(locale)])
    };
    assert_eq!(money(Constant::Number(1999.0), "EUR", "not a locale"), "€19.99");
    assert_eq!(money(Constant::Number(1999.0), "euros", "en-GB"), "19.99\u{a0}euros");
    assert_eq!(money(Constant::Number(-1999.0), "", "en-GB"), "-19.99\u{a0}");
    assert_eq!(money(text("no number"), "EUR", "en-GB"), "€NaN");
    assert_eq!(money(text("1e999999999"), "EUR", "en-GB"), "€∞");
    assert_eq!(money(Constant::Null, "EUR", "en-GB"), "null");
    assert_eq!(money(text("12.5"), "EUR", "en-GB"), "€0.13");
    let moment = |moment: &str, zone: &str| {
        let options = Constant::Object(vec![("date".into(), text("long")), ("timeZone".into(), text(zone))]);
        show(Builtin::DateTime, &[text(moment), text("en-GB"), options])
    };
    assert_eq!(moment("2026-09-05", "America/New_York"), "5 September 2026");
    assert_eq!(moment("2026-09-05T01:00:00Z", "America/New_York"), "4 September 2026");
    assert_eq!(moment("2026-09-05T01:00:00Z", "Middle/Earth"), "5 September 2026");
    assert_eq!(moment("soon", "UTC"), "soon");
}

fn constant(json: &Json) -> Constant {
    match json {
        Json::Null => Constant::Null,
        Json::Bool(value) => Constant::Boolean(*value),
        Json::Number(value) => Constant::Number(value.as_f64().unwrap()),
        Json::String(text) => Constant::String(text.as_str().into()),
        Json::Array(items) => Constant::Array(items.iter().map(constant).collect()),
        Json::Object(members) => Constant::Object(
            members.iter().map(|(key, value)| (key.as_str().into(), constant(value))).collect(),
        ),
    }
}

/// The text that a display function gives; JSON if it is no text.
fn show(builtin: Builtin, args: &[Constant]) -> String {
    let args = args.iter().map(|constant| Argument::Value(Expr::Constant(constant.clone()))).collect();
    let mut builder = Builder::default();
    let id = builder.add(&Expr::Builtin(builtin, args));
    let prepared = Prepared::new(&builder.program);
    let arena = Bump::new();
    let mut out = Vec::new();
    Evaluator::new(&builder.program, &prepared, 0, &arena).emit(id, &mut out).unwrap();
    match serde_json::from_slice(&out).unwrap() {
        Json::String(text) => text,
        other => other.to_string(),
    }
}
