//! Contracts over time: what an older date's clients get, and what an edit of a view does to clients of before it.

use frontdesk_contract::diff::{self, Class};
use frontdesk_contract::openapi;
use frontdesk_types::Version;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::canonical::canonical;
use crate::json_schema::Validator;
use crate::oracle::cases;
use crate::pipeline::{Compiled, Pipeline};
use crate::promise;
use crate::quickjs::QuickJs;

thread_local! {
    static SIDES: (Pipeline, QuickJs) = (Pipeline::new(), QuickJs::new());
}

/// What fields may be made of.
const VALUES: [&str; 24] = [
    "data.n",
    "data.s",
    "data.note",
    "data.maybe",
    "data.flag",
    "data.total",
    "data.total ?? 2.5",
    "data.rows[0]?.kind",
    "data.rows[0] ?? null",
    "data.rows[0]",
    "data.rows",
    "data.xs",
    "data.rows.map((r) => r.name)",
    "data.rows.map((r) => ({ id: r.id, kind: r.kind }))",
    "data.rows.map((r) => ({ id: r.id, kind: r.kind, price: r.price }))",
    "data.stock",
    "{ x: data.n }",
    "{ x: data.n, y: data.s }",
    "{ x: data.note, y: data.s }",
    "\"fresh\" as const",
    "(data.flag ? \"fresh\" as const : \"new\" as const)",
    "(data.flag ? { k: \"p\" as const, v: data.n } : { k: \"q\" as const, w: data.s })",
    "[data.n, data.s] as const",
    "source.some({ id: \"k0\" }, { optional: true })?.note",
];

const DATA: [&str; 3] = [
    r#"{"n":1.5,"s":"a","flag":true,"xs":[1],"words":[],"rows":[],"maybe":null,"stock":{"a":1},"nested":{"row":null}}"#,
    r#"{"n":-2,"s":"","flag":false,"xs":[],"words":["w"],"rows":[{"id":"r1","n":0,"tags":[],"price":null,"kind":"fresh"}],"maybe":3,"note":"hm","total":7,"stock":{},"nested":{"row":null}}"#,
    r#"{"n":0,"s":"é","flag":true,"xs":[0.5],"words":[],"rows":[{"id":"r2","n":1,"name":"n","count":2,"tags":["t"],"price":2.5,"parent":null,"kind":"used"},{"id":"r3","n":1,"tags":[],"price":1,"kind":"fresh"}],"maybe":0,"total":8,"stock":{"2":0},"nested":{"row":null}}"#,
];

/// A field of an answer: its name, what it is made of, and for whom.
type Written = (usize, usize, usize);

fn body(fields: &[Written]) -> String {
    let mut seen = Vec::new();
    let mut members = Vec::new();
    for (name, value, life) in fields {
        let name = ["a", "b", "c", "d", "e"][name % 5];
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let value = VALUES[value % VALUES.len()];
        members.push(match life % 8 {
            1 => format!("{name}: since(\"2.0.0\", {value})"),
            2 => format!("{name}: until(\"3.0.0\", {value})"),
            3 => format!("...(data.flag ? {{ {name}: {value} }} : {{}})"),
            _ => format!("{name}: {value}"),
        });
    }
    format!("return {{ {} }};", members.join(", "))
}

/// What `diff` calls risky because careful clients go on: they take values of an enum, and forms of an object, that they
/// do not know. The schema of before does not.
const OPEN: [&str; 3] = ["enum-became-open", "enum-value-added", "variant-added"];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 10, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// If nothing breaks, answers of the new view are answers of the old contract.
    #[test]
    fn what_breaks_no_client_fits_the_contract_of_before(
        before in prop::collection::vec((0..5_usize, 0..24_usize, 0..8_usize), 1..5),
        edits in prop::collection::vec((0..6_usize, 0..5_usize, 0..24_usize, 0..8_usize), 1..3),
    ) {
        let mut after = before.clone();
        for (kind, at, value, life) in edits {
            let at = at % after.len();
            match kind {
                0 if after.len() > 1 => drop(after.remove(at)),
                1 => after[at].0 += 1,
                2 => after[at].2 = life,
                3 => after.push((at + value, value, life)),
                _ => after[at].1 = value,
            }
        }
        let (before, after) = (body(&before), body(&after));
        SIDES.with(|(pipeline, _)| {
            let view = |body: &str| pipeline.compiled(&[(String::new(), body.to_owned())]);
            let (Ok(old), Ok(new)) = (view(&before), view(&after)) else {
                return Err(TestCaseError::fail(format!("refused: {:?} {:?}", view(&before).err(), view(&after).err())));
            };
            let (Some(old), Some(contract)) = (&old.contract, &new.contract) else { return Ok(()) };
            let changes = diff::diff(old, contract);
            let opens = changes.iter().any(|change| OPEN.contains(&change.rule.id));
            if opens || diff::worst(&changes) == Some(Class::Breaking) {
                return Ok(());
            }
            let document = openapi::json(old);
            let schema = &document["paths"]["/v0"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            for (data, client) in DATA.iter().flat_map(|data| (1..=3).map(move |client| (data, client))) {
                let version = Version { major: client, ..Version::default() };
                let said = pipeline.said_for(&new.plans[0], data, Some(version), &[]).unwrap();
                let answer: Json = serde_json::from_str(&said.json).unwrap();
                let fits = Validator { document: &document, has_nan: false }.value(schema, &answer, "");
                prop_assert!(
                    fits.is_ok(),
                    "{}\nclient {client}, before: {before}\nafter: {after}\nanswer: {answer}\nchanges: {:?}",
                    fits.unwrap_err(),
                    changes.iter().map(|change| (change.rule.id, change.class, &change.message)).collect::<Vec<_>>()
                );
            }
            Ok(())
        })?;
    }

    /// An older date's answer is what its conversions make of the newest, and is as that date's contract says.
    #[test]
    fn answers_of_older_dates_are_conversions_of_the_newest(
        order in Just([0_usize, 1, 2, 3, 4, 5]).prop_shuffle(),
        count in 1..4_usize,
        failing in any::<bool>(),
    ) {
        const NEWEST: &str = "const extra = source.some({ id: \"k1\" }, { optional: true });\n\
            return { a: data.n, b: data.s, c: data.rows, d: data.note, e: extra?.note, f: extra && extra.total };";
        const CONVERSIONS: [&str; 6] = [
            "({ a, ...answer }) => ({ ...answer, total: a * 2 })",
            "(answer) => ({ ...answer, c: answer.c.map((r) => ({ id: r.id, price: r.price ?? undefined })) })",
            "(answer) => ({ ...answer, b: answer.b.toUpperCase(), first: answer.c[0]?.id ?? null })",
            "({ e, ...answer }) => answer",
            "({ d, ...answer }) => ({ ...answer, d: d ?? null, list: [d, \"x\"] })",
            "({ f, ...answer }) => ({ ...answer, f: f ? { value: f } : null })",
        ];
        let chosen: Vec<&str> = order[..count].iter().map(|at| CONVERSIONS[*at]).collect();
        let failing: &[&str] = if failing { &["k1"] } else { &[] };
        SIDES.with(|(pipeline, quickjs)| {
            let dates: Vec<Compiled> = pipeline.dated(NEWEST, &chosen).map_err(TestCaseError::fail)?;
            prop_assert_eq!(dates.len(), count + 1);
            for data in DATA {
                let mut javascript = format!(
                    "((data) => {{ const source = {{ some: ({{ id }}) => {failing:?}.includes(id) ? null : data }}; {NEWEST} }})(v0)"
                );
                for (at, date) in dates.iter().enumerate() {
                    if let Some(conversion) = at.checked_sub(1).and_then(|at| chosen.get(at)) {
                        javascript = format!("({conversion})({javascript})");
                    }
                    let said = pipeline.said_for(&date.plans[0], data, None, failing).unwrap();
                    let whole = pipeline.said_for(&date.plans[0], data, None, &[]).unwrap();
                    let theirs = quickjs.json(&javascript, data).map(|json| canonical(&json));
                    prop_assert_eq!(Ok(canonical(&said.json)), theirs, "{} on {}", javascript, data);
                    let kept = promise::kept(date.contract.as_ref(), Version::default(), &said, Some(&whole), false);
                    prop_assert!(date.contract.is_some() && kept.is_ok(), "{:?}: {:?}", &chosen[..at], kept);
                }
            }
            Ok(())
        })?;
    }
}
