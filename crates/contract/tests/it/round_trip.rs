//! Whatever a contract says, reading what was written of it gives it back, and writing that gives the same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_contract::{
    Body, Contract, Field, Kind, More, Object, Operation, Parameter, Place, Problem, Schema, SecurityScheme,
    Versioning, Written, openapi,
};
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_lang::model::{CacheScope, Idempotency};
use frontdesk_types::{Date, Deprecation, Life, Version};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Texts that YAML may take for something else.
fn text() -> impl Strategy<Value = Arc<str>> {
    let odd = select(vec![
        "",
        " ",
        "yes",
        "null",
        "~",
        "1.0",
        "0x1F",
        "1e3",
        ".inf",
        "2026-05-01",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "| a",
        "a:",
        "[a]",
        "{a}",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "\"a\"",
        "'a'",
        "a\nb",
        "a\n\n  b\n",
        "\n",
        " a\n b",
        "a\n\tb",
        "a \nb",
        "\t",
        "\r\n",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{fffe}",
        "🦀",
        "e\u{301}",
        "---",
        "...",
        "<<",
        "=",
        "#",
        "\\",
        "\\n",
        "/v2/{id}",
        "a\\\nb",
        "a,b",
        "a\n# b",
        "a\n--- b",
        "a\n...",
        "true\nfalse",
        "a\n  b\n c",
    ]);
    prop_oneof![
        3 => "[a-z][a-zA-Z0-9]{0,8}".prop_map(String::into),
        2 => odd.prop_map(Into::into),
        2 => any::<String>().prop_map(String::into),
        1 => proptest::collection::vec("[ -~]{0,12}", 1..5).prop_map(|lines| lines.join("\n").into()),
    ]
}

fn name() -> impl Strategy<Value = Arc<str>> {
    "[A-Z][a-zA-Z0-9]{0,6}".prop_filter("reserved", |name| name != openapi::PROBLEM).prop_map(String::into)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-1000i32..1000).prop_map(f64::from),
        select(vec![0.0, 0.1, -1.5, 1e21, 1e-7, 1e300, -9_007_199_254_740_991.0, 9_007_199_254_740_991.0]),
        any::<f64>().prop_filter("finite", |number| number.is_finite() && *number != 0.0),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        number().prop_map(Value::from),
        text().prop_map(|text| json!(&*text)),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(text(), inner, 0..3)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_string(), value)).collect()),
        ]
    })
}

fn count() -> impl Strategy<Value = Option<u64>> {
    proptest::option::of(prop_oneof![0..100u64, Just(u64::MAX)])
}

fn version() -> impl Strategy<Value = Version> {
    (0..20u32, 0..20u32, 0..20u32).prop_map(|(major, minor, patch)| Version { major, minor, patch })
}

fn date() -> impl Strategy<Value = Date> {
    (2020..2030u16, 1..=12u8, 1..=28u8).prop_map(|(year, month, day)| Date { year, month, day })
}

fn deprecation() -> impl Strategy<Value = Deprecation> {
    (
        date(),
        proptest::option::of(date()),
        proptest::option::of(text()),
        proptest::option::of(text()),
        any::<bool>(),
    )
        .prop_map(|(since, sunset, instead, because, enforce)| Deprecation {
            since,
            sunset,
            instead,
            because,
            enforce,
        })
}

fn life() -> impl Strategy<Value = Life> {
    let rarely = proptest::option::weighted(0.2, deprecation());
    (proptest::option::weighted(0.2, version()), proptest::option::weighted(0.2, version()), rarely)
        .prop_map(|(since, until, deprecated)| Life { since, until, deprecated })
}

fn labels() -> impl Strategy<Value = Vec<Arc<str>>> {
    proptest::collection::vec(text(), 0..3)
}

/// Schemas in the one form that inference gives them.
fn schema(names: &Arc<[Arc<str>]>) -> BoxedStrategy<Schema> {
    let options =
        || (proptest::option::of(text()), proptest::option::of(value()), proptest::option::of(value()));
    let reference = if names.is_empty() {
        Just(Kind::Boolean).boxed()
    } else {
        select(names.to_vec()).prop_map(Kind::Reference).boxed()
    };
    let leaf = prop_oneof![
        Just(Kind::Any),
        Just(Kind::Null),
        Just(Kind::Boolean),
        (any::<bool>(), proptest::option::of(number()), proptest::option::of(number()))
            .prop_map(|(integer, min, max)| Kind::Number { integer, min, max }),
        (count(), count(), proptest::option::of(text()), proptest::option::of(text()))
            .prop_map(|(min, max, pattern, format)| Kind::String { min, max, pattern, format }),
        proptest::collection::vec(value().prop_filter("null is apart", |value| !value.is_null()), 1..4)
            .prop_map(Kind::Enum),
        reference,
    ];
    let dressed = move |kind: BoxedStrategy<Kind>| {
        (kind, any::<bool>(), options()).prop_map(|(kind, nullable, (doc, default, example))| {
            let nullable = nullable && !matches!(kind, Kind::Any | Kind::Null);
            Schema { kind, nullable, doc, default, example }
        })
    };
    let dressed_again = dressed;
    dressed(leaf.boxed())
        .prop_recursive(3, 12, 3, move |inner| {
            let variant = inner.clone().prop_filter("null is apart", |schema| schema.kind != Kind::Null);
            let kind = prop_oneof![
                (inner.clone(), count(), count()).prop_map(|(items, min, max)| Kind::Array {
                    items: Box::new(items),
                    min,
                    max
                }),
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Kind::Tuple),
                object(inner).prop_map(Kind::Object),
                proptest::collection::vec(variant, 2..4).prop_map(Kind::AnyOf),
            ];
            dressed_again(kind.boxed())
        })
        .boxed()
}

fn object(schema: impl Strategy<Value = Schema> + Clone) -> impl Strategy<Value = Object> {
    let field = (schema.clone(), any::<bool>(), life(), labels());
    let more = proptest::option::of(schema);
    (proptest::collection::btree_map(text(), field, 0..4), more).prop_map(|(fields, more)| Object {
        fields: fields
            .into_iter()
            .map(|(name, (schema, required, life, degraded_by))| Field {
                name,
                schema,
                required,
                life,
                degraded_by,
                span: Written::default(),
            })
            .collect(),
        more: more.map_or(More::None, |of| More::Of(Box::new(of))),
    })
}

fn security() -> impl Strategy<Value = SecurityScheme> {
    prop_oneof![
        (text(), text()).prop_map(|(name, header)| SecurityScheme::Cookie { name, header }),
        Just(SecurityScheme::Bearer),
        Just(SecurityScheme::Device),
        text().prop_map(|header| SecurityScheme::ApiKey { header }),
        Just(SecurityScheme::Certificate),
    ]
}

fn parameter(names: &Arc<[Arc<str>]>) -> impl Strategy<Value = Parameter> + use<> {
    let place = select(vec![Place::Path, Place::Query, Place::Header]);
    (place, text(), text(), any::<bool>(), schema(names)).prop_map(
        |(place, name, input, required, schema)| Parameter {
            place,
            name,
            input,
            required,
            schema,
            span: Written::default(),
        },
    )
}

fn problems() -> impl Strategy<Value = Vec<Problem>> {
    proptest::collection::btree_map((400..600u16, text()), proptest::option::of(text()), 0..5).prop_map(
        |problems| {
            problems.into_iter().map(|((status, code), title)| Problem { status, code, title }).collect()
        },
    )
}

fn operation(names: &Arc<[Arc<str>]>) -> impl Strategy<Value = Operation> + use<> {
    let body = proptest::option::of((any::<bool>(), object(schema(names)))).prop_map(|body| {
        body.map(|(required, object)| Body { required, schema: Schema::of(Kind::Object(object)) })
    });
    let who = (proptest::collection::vec(text(), 0..3), labels());
    let scopes = [None, Some(CacheScope::Public), Some(CacheScope::Private)];
    let kept = (
        proptest::sample::select(scopes.to_vec()),
        proptest::sample::select(vec![Idempotency::Off, Idempotency::Optional, Idempotency::Required]),
    );
    let told = (text(), proptest::option::of(text()), labels(), proptest::option::of(deprecation()));
    let parameters = proptest::collection::vec(parameter(names), 0..3);
    (told, parameters, body, schema(names), problems(), who, kept).prop_map(
        |(
            (id, summary, degradable, deprecated),
            parameters,
            body,
            answer,
            problems,
            (security, scopes),
            (cache, idempotency),
        )| {
            Operation {
                id,
                method: "GET".into(),
                path: "/".into(),
                summary,
                parameters,
                body,
                answer,
                problems,
                degradable,
                // Who is nobody has no scopes.
                scopes: if security.is_empty() { Vec::new() } else { scopes },
                security,
                cache,
                idempotency,
                deprecated,
                span: Written::default(),
            }
        },
    )
}

fn versioning() -> impl Strategy<Value = Versioning> {
    prop_oneof![
        Just(Versioning::None),
        (text(), proptest::option::of(version()), proptest::collection::vec(version(), 0..3))
            .prop_map(|(header, minimum, supported)| Versioning::Client { header, minimum, supported }),
        (text(), date()).prop_map(|(header, date)| Versioning::Dated { header, date }),
    ]
}

/// Contracts of every kind, most of which no code would give.
pub fn contract() -> impl Strategy<Value = Contract> {
    let names = proptest::collection::btree_set(name(), 0..4);
    names.prop_flat_map(|names| {
        let names: Arc<[Arc<str>]> = names.into_iter().collect();
        let schemas: Vec<_> = names.iter().map(|name| (Just(name.clone()), schema(&names))).collect();
        let methods = select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]);
        let operations = proptest::collection::btree_map((text(), methods), operation(&names), 0..3);
        let head = (text(), text(), proptest::option::of(text()), versioning());
        let security = proptest::collection::btree_map(text(), security(), 0..3);
        (head, security, operations, schemas).prop_map(
            |((bff, client, owner, versions), security, operations, schemas)| {
                let operations = operations
                    .into_iter()
                    .map(|((path, method), operation)| Operation { path, method: method.into(), ..operation })
                    .collect();
                let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
                Contract { bff, client, owner, versions, security, operations, schemas }
            },
        )
    })
}

fn read(document: &str, path: &str) -> Contract {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let contract = openapi::read(document, path, &mut sources, &mut found);
    assert!(found.is_empty(), "{}", render::text(&found.into_sorted(), &sources, false));
    contract.unwrap()
}

/// On a stack that holds what proptest needs to make deep things in an unoptimised build.
pub fn on_a_large_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 * 1024 * 1024).spawn(run).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn reading_what_was_written_gives_the_same_contract() {
    on_a_large_stack(|| {
        proptest!(ProptestConfig { cases: 192, ..ProptestConfig::default() }, |(contract in contract())| {
            let document = openapi::write(&contract);
            let again = read(&document, "contract.yaml");
            prop_assert_eq!(&again, &contract, "{}", document);
            prop_assert_eq!(openapi::write(&again), document);
            let json = format!("{:#}", openapi::json(&contract));
            prop_assert_eq!(&read(&json, "contract.json"), &contract);
        });
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd_to_be_refused_politely(document in any::<String>()) {
        let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
        let contract = openapi::read(&document, "contract.yaml", &mut sources, &mut found);
        prop_assert_eq!(contract.is_none(), found.has_errors());
    }
}
