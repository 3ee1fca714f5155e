//! Documents that nobody means well with: the comparison ends, and soon.

use std::time::{Duration, Instant};

use frontdesk_contract::diff::{Change, diff};
use frontdesk_contract::{Contract, Kind, Schema};
use serde_json::{Value, json};

use super::short;

fn timely(old: &Contract, new: &Contract) -> Vec<Change> {
    let start = Instant::now();
    let changes = diff(old, new);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    changes
}

/// `S0 → S1 → … → last`
fn chain(length: usize, last: &Value) -> Contract {
    let mut contract = short::contract(&json!({ "answer": "S0" }), "GET /v1/x");
    for i in 0..length {
        let next = format!("S{}", i + 1);
        contract.schemas.insert(format!("S{i}").into(), short::schema(&json!({ "next": next })));
    }
    contract.schemas.insert(format!("S{length}").into(), short::schema(last));
    contract
}

#[test]
fn a_chain_of_many_names_does_not_need_a_deep_stack() {
    let (old, new) = (chain(20_000, &json!("string")), chain(20_000, &json!("integer")));
    assert!(diff(&old, &old).is_empty());
    let changes = timely(&old, &new);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].rule.id, "type-changed");
}

#[test]
fn aliases_of_aliases_are_one_place() {
    let mut old = chain(0, &json!("string"));
    for i in 0..5_000 {
        old.schemas.insert(format!("T{i}").into(), Schema::reference(format!("T{}", i + 1)));
    }
    old.schemas.insert("T5000".into(), short::schema(&json!("string")));
    old.operations[0].answer = Schema::reference("T0");
    let mut new = old.clone();
    new.schemas.insert("T5000".into(), short::schema(&json!("integer")));
    assert_eq!(timely(&old, &new).len(), 1);
}

#[test]
fn unions_of_unions_are_given_up_on_in_time() {
    let nested = |leaf: &str| {
        let mut value = json!({ "leaf": leaf });
        for level in 0..12 {
            let variants: Vec<Value> =
                (0..6).map(|i| json!({ format!("k{level}_{i}"): value, "n": [i] })).collect();
            // The doubling of a document is not what is tested: three levels of six are.
            value = if level % 4 == 0 { json!({ "$any": variants }) } else { json!({ "in": value }) };
        }
        short::contract(&json!({ "answer": { "a": value } }), "GET /v1/x")
    };
    let (old, new) = (nested("string"), nested("integer"));
    assert!(timely(&old, &old.clone()).is_empty());
    assert!(!timely(&old, &new).is_empty());
}

#[test]
fn wide_unions_of_one_another_end() {
    let wide = |leaf: &str| {
        let names: Vec<String> = (0..40).map(|i| format!("V{i}")).collect();
        let mut contract = short::contract(&json!({ "answer": { "$any": names } }), "GET /v1/x");
        for (i, name) in names.iter().enumerate() {
            let schema = json!({ "all": { "$any": names }, format!("f{i}"): leaf });
            contract.schemas.insert(name.as_str().into(), short::schema(&schema));
        }
        contract
    };
    let mut renamed = wide("integer");
    for i in 0..40 {
        let schema = renamed.schemas.remove(&*format!("V{i}")).unwrap();
        renamed.schemas.insert(format!("W{i}").into(), schema);
    }
    let changes = timely(&wide("string"), &wide("integer"));
    assert_eq!(changes.len(), 40);
    assert!(!timely(&wide("string"), &renamed).is_empty());
}

#[test]
fn a_name_that_leads_nowhere_is_anything() {
    let at = |name: &str| short::contract(&json!({ "answer": { "a": name } }), "GET /v1/x");
    let (known, lost) = (at("string"), at("Nobody"));
    assert_eq!(diff(&known, &lost)[0].rule.id, "type-opened");
    assert_eq!(diff(&lost, &known)[0].rule.id, "type-closed");
    assert!(diff(&lost, &lost).is_empty());
}

#[test]
fn what_is_in_a_document_may_be_odd() {
    let odd = |text: &str| {
        let mut contract =
            short::contract(&json!({ "answer": { text: "string", "": "string" } }), "GET /v1/x");
        contract.operations[0].path = text.into();
        contract.operations[0].method = "".into();
        contract.schemas.insert(text.into(), Schema::of(Kind::AnyOf(Vec::new())));
        contract
    };
    for (one, two) in [("", "/"), ("a\u{1b}[2J`|", "}{"), ("/{}/{}", "/{a}/{a"), ("💥", "\u{202e}")] {
        let changes = diff(&odd(one), &odd(two));
        assert!(!changes.is_empty());
    }
}
