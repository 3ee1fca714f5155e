//! `docs/diff.md` has every rule, as the table has it.

use std::fmt::Write;
use std::path::Path;

use frontdesk_contract::diff::{Class, Direction, Rule, rules};

const BEGIN: &str = "<!-- Written from crates/contract/src/diff/rules.rs by `UPDATE=1 cargo test -p frontdesk-contract`. -->\n";
const END: &str = "<!-- End of what is written. -->";

fn class(rule: &Rule, directions: &[Direction]) -> String {
    let found = rule.classes.iter().find(|(known, _)| directions.contains(known));
    match found {
        Some((_, Class::Breaking)) => "**breaking**".to_owned(),
        Some((_, class)) => class.to_string(),
        None => String::new(),
    }
}

fn table() -> String {
    let mut out = String::new();
    for (area, rules) in rules::AREAS {
        write!(out, "\n### {area}\n\n").unwrap();
        let split = rules.iter().any(|rule| {
            rule.classes
                .iter()
                .any(|(direction, _)| matches!(direction, Direction::Request | Direction::Response))
        });
        if split {
            out.push_str("| rule | what happened | in requests | in answers | what it means | instead |\n|---|---|---|---|---|---|\n");
        } else {
            out.push_str("| rule | what happened | | what it means | instead |\n|---|---|---|---|---|\n");
        }
        for rule in *rules {
            let Rule { id, what, why, instead, .. } = rule;
            if split {
                let whole = class(rule, &[Direction::Both, Direction::Meta]);
                let request = format!("{}{whole}", class(rule, &[Direction::Request]));
                let response = format!("{}{whole}", class(rule, &[Direction::Response]));
                writeln!(out, "| `{id}` | {what} | {request} | {response} | {why} | {instead} |").unwrap();
            } else {
                let class = class(rule, &[Direction::Both, Direction::Meta]);
                writeln!(out, "| `{id}` | {what} | {class} | {why} | {instead} |").unwrap();
            }
        }
    }
    out
}

#[test]
fn the_page_has_every_rule() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diff.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (_, tail) = rest.split_once(END).expect("where the table ends");
    let wanted = format!("{head}{BEGIN}{}\n{END}{tail}", table());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &wanted).unwrap();
        return;
    }
    assert!(page == wanted, "docs/diff.md is stale: run with UPDATE=1");
}

#[test]
fn rules_say_what_they_mean() {
    let mut ids: Vec<&str> = Vec::new();
    for rule in rules::AREAS.iter().flat_map(|(_, rules)| *rules) {
        assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
        assert!(!rule.classes.is_empty(), "{}", rule.id);
        for text in [rule.what, rule.why, rule.instead] {
            assert!(text.is_empty() || text.ends_with(['.', '?']), "{}: {text}", rule.id);
            assert!(!text.contains('|'), "{}: a bar ends a cell", rule.id);
        }
        assert!(!rule.what.is_empty() && !rule.why.is_empty(), "{}", rule.id);
        // What breaks has a way out.
        let breaks = rule.classes.iter().any(|(_, class)| *class != Class::Compatible);
        assert_eq!(breaks, !rule.instead.is_empty() && breaks, "{}", rule.id);
        ids.push(rule.id);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two rules have one name");
}
