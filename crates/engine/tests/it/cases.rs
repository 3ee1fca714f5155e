//! `testdata/eval/*.txt`: lines `expression => JSON`, evaluated by the whole pipeline on `data.json`, and by
//! QuickJS. `refused` stands for what the language does not let through.

use crate::canonical::canonical;
use crate::pipeline::{Pipeline, folder};
use crate::quickjs::QuickJs;

#[test]
fn expressions_are_what_the_files_say() {
    let pipeline = Pipeline::new();
    let quickjs = QuickJs::new();
    let data = std::fs::read_to_string(folder().join("data.json")).unwrap();
    let mut wrong = Vec::new();
    for (file, text) in crate::files("eval", "txt") {
        let cases: Vec<_> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.rsplit_once(" => ").unwrap_or_else(|| panic!("{file}: no ` => ` in {line}")))
            .collect();
        for (expression, expected) in &cases {
            let got = match pipeline.views(&[(String::new(), format!("return [{expression}];"))]) {
                Ok(endpoints) => match pipeline.answer(&endpoints[0], &data) {
                    // In an array, `undefined` is `null`.
                    Ok(json) => json[1..json.len() - 1].to_owned(),
                    Err(cause) => format!("{cause:?}"),
                },
                Err(_) if *expected == "refused" => continue,
                Err(said) => said,
            };
            if got != *expected {
                wrong.push(format!("{expression}\n  expected {expected}\n  got      {got}"));
            }
            let theirs = quickjs.json(&format!("((data) => ({expression}))(v0)"), &data);
            if theirs.as_deref().map(canonical) != Ok(canonical(expected)) {
                wrong.push(format!("{expression}\n  expected {expected}\n  QuickJS  {theirs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
