//! `testdata/diff/*.yaml`: two contracts and what changed between them. `UPDATE=1` rewrites what is expected.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use frontdesk_contract::Contract;
use frontdesk_contract::diff::{Change, Class, Direction, Hits, diff, diff_on, rules};
use serde_json::Value;

use super::short;

pub struct Case {
    pub file: PathBuf,
    pub name: String,
    pub old: Contract,
    pub new: Contract,
    today: Option<frontdesk_types::Date>,
    expected: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/diff")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    files
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let list: Vec<Value> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in list {
            let name = case["case"].as_str().unwrap().to_owned();
            let route = case.get("route").and_then(Value::as_str).unwrap_or("GET /v1/x");
            let side = |key: &str| {
                let mut whole =
                    case.get("both").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
                if let (Some(whole), Some(own)) = (whole.as_object_mut(), case[key].as_object()) {
                    for (key, value) in own {
                        match (whole.get_mut(key).and_then(Value::as_object_mut), value.as_object()) {
                            // Of schemas and operations, those of the case come beside those of both.
                            (Some(both), Some(more)) if matches!(key.as_str(), "schemas" | "versions") => {
                                both.extend(more.clone());
                            }
                            _ => {
                                whole.insert(key.clone(), value.clone());
                            }
                        }
                    }
                }
                short::contract(&whole, route)
            };
            let expected = case.get("expect").and_then(Value::as_array).cloned().unwrap_or_default();
            cases.push(Case {
                file: file.clone(),
                old: side("old"),
                new: side("new"),
                today: case.get("today").map(short::date),
                expected: expected.iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
                name,
            });
        }
    }
    cases
}

/// `breaking response field-removed @ GET /v1/x → 200 price # 4.2.0, 5.0.0`
fn line(change: &Change) -> String {
    let direction = match change.direction {
        Direction::Request => "request ",
        Direction::Response => "response ",
        Direction::Both | Direction::Meta => "",
    };
    let mut line = format!("{} {direction}{} @ {}", change.class, change.rule.id, change.at);
    match &change.hits {
        Hits::Nobody | Hits::Everybody => {}
        hits => write!(line, " # {hits}").unwrap(),
    }
    line
}

#[test]
fn every_case_is_judged_as_expected() {
    let cases = cases();
    assert!(cases.len() >= 130, "only {} cases", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let mut wrong = String::new();
    let mut got: Vec<(PathBuf, String, Vec<String>)> = Vec::new();
    for case in &cases {
        let lines: Vec<String> = diff_on(&case.old, &case.new, case.today).iter().map(line).collect();
        if lines != case.expected {
            writeln!(wrong, "{}\n  expected {:#?}\n  got {lines:#?}", case.name, case.expected).unwrap();
        }
        got.push((case.file.clone(), case.name.clone(), lines));
    }
    if std::env::var_os("UPDATE").is_some() {
        update(&got);
        return;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every case ends with what is expected of it.
fn update(got: &[(PathBuf, String, Vec<String>)]) {
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut blocks = text.split("\n- case: ");
        let mut out = blocks.next().unwrap().trim_end().to_owned();
        let lines = got.iter().filter(|(of, _, _)| *of == file).map(|(_, _, lines)| lines);
        for (block, lines) in blocks.zip(lines) {
            let body = block.split("\n  expect:").next().unwrap().trim_end();
            write!(out, "\n\n- case: {body}\n  expect:").unwrap();
            if lines.is_empty() {
                out.push_str(" []");
            }
            for line in lines {
                let quoted = if line.contains(" # ") || line.contains(": ") {
                    format!("'{line}'")
                } else {
                    line.clone()
                };
                write!(out, "\n    - {quoted}").unwrap();
            }
        }
        out.push('\n');
        std::fs::write(&file, out).unwrap();
    }
}

#[test]
fn nothing_has_changed_between_a_contract_and_itself() {
    for case in cases() {
        assert_eq!(diff(&case.old, &case.old), [], "{}", case.name);
        assert_eq!(diff(&case.new, &case.new), [], "{}", case.name);
    }
}

#[test]
fn every_rule_has_a_case_in_every_direction_it_knows() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        for change in diff_on(&case.old, &case.new, case.today) {
            seen.insert((change.rule.id, change.direction));
        }
    }
    let mut missing = Vec::new();
    for rule in rules::AREAS.iter().flat_map(|(_, rules)| *rules) {
        for (direction, _) in rule.classes {
            // Those of lists of dates are in `report`.
            if !seen.contains(&(rule.id, *direction)) && !matches!(rule.id, "date-added" | "date-removed") {
                missing.push(format!("{} {direction}", rule.id));
            }
        }
    }
    assert!(missing.is_empty(), "no case for {missing:#?}");
}

#[test]
fn what_is_compatible_hits_nobody_and_what_is_not_hits_somebody() {
    for case in cases() {
        for change in diff_on(&case.old, &case.new, case.today) {
            assert_eq!(
                change.class == Class::Compatible,
                change.hits == Hits::Nobody,
                "{}: {change:#?}",
                case.name
            );
            let known = rules::find(change.rule.id);
            assert!(known.is_some_and(|rule| std::ptr::eq(rule, change.rule)));
            let knows = change.rule.classes.iter().any(|(direction, _)| *direction == change.direction);
            assert!(knows, "{}: {} does not know {}", case.name, change.rule.id, change.direction);
        }
    }
}
