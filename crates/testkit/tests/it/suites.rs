//! `testdata/suites/NAME/*.yaml` are cases of the BFF of `testdata/base`; beside them stands what a run of them says.
//! `UPDATE=1` writes it anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_plan::Plan;
use frontdesk_testkit::report;
use frontdesk_testkit::suite::{self, Report, Wanted};
use serde_json::Value;

use crate::xml;

type Disk = BTreeMap<String, String>;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn read(folder: &Path, prefix: &str, disk: &mut Disk) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{prefix}{name}/"), disk);
        } else {
            disk.insert(format!("{prefix}{name}"), std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The base with the cases of one suite.
fn disk(suite: &str) -> Disk {
    let mut disk = Disk::new();
    read(&testdata().join("base"), "", &mut disk);
    read(&testdata().join("suites").join(suite), "bffs/app/tests/", &mut disk);
    disk
}

fn plan(disk: &Disk, sources: &mut Sources) -> Plan {
    let mut found = Diagnostics::default();
    let catalog = Arc::new(frontdesk_catalog::load(disk, None, sources, &mut found));
    let model = frontdesk_lang::compile(catalog, disk, sources, &mut found);
    let plan = frontdesk_plan::plan(&model, &mut found);
    assert!(!found.has_errors(), "{}", render::text(&found.into_sorted(), sources, false));
    plan
}

struct Run {
    report: Report,
    /// What was wrong with the files.
    found: String,
}

fn run(disk: &Disk, wanted: &Wanted) -> Run {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let plan = plan(disk, &mut sources);
    let cases = suite::cases(&plan, disk, wanted, &mut sources, &mut found);
    let mut seen = 0;
    let report = suite::run(&plan, &cases, disk, &sources, wanted, &mut |done| seen = done).unwrap();
    assert_eq!(seen, cases.len(), "progress is told of each");
    Run { report, found: render::text(&found.into_sorted(), &sources, false) }
}

fn expect(suite: &str, file: &str, text: &str) {
    let path = testdata().join("expected").join(suite).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{} is another (UPDATE=1 writes it):\n{text}", path.display());
}

/// Times are others at each run.
fn without_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(ms) = members.get_mut("ms") {
                assert!(ms.is_number());
                *ms = Value::Null;
            }
            members.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

fn without_xml_times(text: &str) -> String {
    let mut pieces = text.split(" time=\"");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (time, rest) = piece.split_once('"').unwrap();
        assert!(time.parse::<f64>().unwrap() >= 0.0);
        out.push_str(rest);
    }
    out
}

fn text(run: &Run) -> String {
    format!(
        "{}{}{}{}",
        run.found,
        report::updates(&run.report),
        report::failures(&run.report),
        report::summary(&run.report, true)
    )
}

#[test]
fn each_suite_says_what_is_expected() {
    for name in ["passing", "failing", "broken"] {
        let run = run(&disk(name), &Wanted::default());
        expect(name, "report.txt", &text(&run));
        let mut json = report::json(&run.report);
        without_times(&mut json);
        expect(name, "report.json", &format!("{json:#}\n"));
        let junit = report::junit(&run.report);
        let document = xml::parse(&junit).unwrap_or_else(|why| panic!("{why}:\n{junit}"));
        let failed = run.report.outcomes.iter().filter(|outcome| !outcome.passed()).count();
        let over = run.report.sizes.iter().filter(|sizes| sizes.is_over()).count();
        assert_eq!(document.count("failure"), failed + over);
        assert_eq!(document.count("testcase"), run.report.outcomes.len() + run.report.sizes.len());
        assert_eq!(document.attribute("failures"), Some((failed + over).to_string().as_str()));
        expect(name, "junit.xml", &without_xml_times(&junit));
        assert_eq!(run.report.failed(), name == "failing", "{name}");
    }
}

#[test]
fn snapshots_are_written_when_they_are_to_be_and_the_change_is_shown() {
    let disk = disk("failing");
    let update = Wanted { update: true, ..Wanted::default() };
    let run_once = run(&disk, &update);
    expect("failing", "updated.txt", &report::updates(&run_once.report));
    let mut written = String::new();
    for (path, text) in &run_once.report.writes {
        written.push_str(&format!(
            "== {path}
{text}"
        ));
    }
    expect("failing", "written.txt", &written);
    let mut after = disk.clone();
    after.extend(run_once.report.writes);
    let again = run(&after, &update);
    assert!(again.report.writes.is_empty(), "nothing is left to write: {:?}", again.report.writes);
    let checked = run(&after, &Wanted::default());
    let snapshots = checked.report.outcomes.iter().filter(|outcome| outcome.says.contains("snapshot"));
    assert!(snapshots.clone().count() == 2 && snapshots.clone().all(suite::Outcome::passed));
}

#[test]
fn a_filter_runs_what_it_names_and_judges_nothing_else() {
    let wanted = Wanted { filter: Some("FIXTURE".to_owned()), ..Wanted::default() };
    let run = run(&disk("failing"), &wanted);
    assert_eq!(run.report.outcomes.len(), 2);
    assert!(run.report.sizes.is_empty() && run.report.coverage.is_empty());
    let other = Wanted { bff: Some("web".to_owned()), ..Wanted::default() };
    assert!(crate::suites::run(&disk("failing"), &other).report.outcomes.is_empty());
}

#[test]
fn runs_are_the_same_every_time() {
    let disk = disk("passing");
    let shown = |run: &Run| {
        let mut json = report::json(&run.report);
        without_times(&mut json);
        json.to_string()
    };
    assert_eq!(shown(&run(&disk, &Wanted::default())), shown(&run(&disk, &Wanted::default())));
}
