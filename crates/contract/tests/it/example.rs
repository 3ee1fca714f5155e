//! Made-up values fit their types, whatever the type; an independent judge says so.

use frontdesk_contract::example::{Knobs, fits, of, with};
use frontdesk_types::{Field, Hints, Literal, Named, Type, Types};
use proptest::prelude::*;
use serde_json::{Value, json};

fn hinted(name: &str, ty: Type, hints: Hints) -> Field {
    Field { hints: Some(hints.into()), ..Field::required(name, ty) }
}

fn pattern(pattern: &str) -> Hints {
    Hints { pattern: Some(pattern.into()), ..Hints::default() }
}

fn format(format: &str) -> Hints {
    Hints { format: Some(format.into()), ..Hints::default() }
}

fn bounds(min: f64, max: f64) -> Hints {
    Hints { min: Some(min), max: Some(max), ..Hints::default() }
}

/// Written apart from the code under test: what it accepts is decided by counting the members that accept.
fn accepts(types: &Types, ty: &Type, value: &Value) -> bool {
    match ty {
        Type::Never => false,
        Type::Unknown => true,
        Type::Undefined | Type::Null => value.is_null(),
        Type::Boolean => value.is_boolean(),
        Type::Number => value.is_number(),
        Type::String => value.is_string(),
        Type::Literal(Literal::Boolean(b)) => value == b,
        Type::Literal(Literal::Number(n)) => value.as_f64() == Some(*n),
        Type::Literal(Literal::String(s)) => value == &**s,
        Type::Array(of) => value.as_array().is_some_and(|all| all.iter().all(|one| accepts(types, of, one))),
        Type::Tuple(of) => value.as_array().is_some_and(|all| {
            all.len() == of.len() && all.iter().zip(of.iter()).all(|(one, ty)| accepts(types, ty, one))
        }),
        Type::Object(object) => value.as_object().is_some_and(|members| {
            let declared = object.fields.iter().all(|field| match members.get(&*field.name) {
                Some(value) => accepts(types, &field.ty, value),
                None => field.optional || field.ty.members().contains(&Type::Undefined),
            });
            let others = members.iter().filter(|(key, _)| object.fields.iter().all(|f| *f.name != ***key));
            let mut others = others.peekable();
            let known = object.index.is_some() || others.peek().is_none();
            declared
                && known
                && others.all(|(_, value)| object.index.as_ref().is_none_or(|ty| accepts(types, ty, value)))
        }),
        Type::Named(named) => types.get(named.id).is_some_and(|d| accepts(types, &d.ty, value)),
        Type::Union(members) => members.iter().any(|ty| accepts(types, ty, value)),
    }
}

/// A table in which `Tree` holds itself, and a type that may mention it.
fn tree() -> (Types, Named) {
    let mut types = Types::default();
    let tree = types.declare("catalog", "Tree");
    let itself = Type::Named(tree.clone());
    let fields = vec![
        Field::required("id", Type::String),
        Field::required("children", Type::array(itself.clone())),
        Field::required("parent", itself.clone().or_null()),
        Field::optional("twin", itself.clone()),
        Field::required("byName", Type::map(itself)),
    ];
    types.define(&tree, Type::object(fields), None, None);
    (types, tree)
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Unknown),
        Just(Type::Null),
        Just(Type::Boolean),
        Just(Type::Number),
        Just(Type::String),
        Just(Type::Named(tree().1)),
        "[a-z]{1,6}".prop_map(|text| Type::string(&text)),
        (-9i32..9).prop_map(|n| Type::Literal(Literal::Number(f64::from(n) / 2.0))),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let name = prop_oneof![
            "[a-z]{1,4}",
            Just("id".to_owned()),
            Just("totalMinor".to_owned()),
            Just("createdAt".to_owned()),
            Just("imageUrl".to_owned())
        ];
        let hints = prop_oneof![
            Just(None),
            (0u8..4, 4u8..9).prop_map(|(min, max)| Some(bounds(f64::from(min), f64::from(max)))),
            prop_oneof!["date-time", "uuid", "int64", "odd"].prop_map(|name| Some(format(&name))),
            Just(Some(Hints { example: Some("\"given\"".into()), integer: true, ..Hints::default() })),
        ];
        let field = (name, inner.clone(), any::<bool>(), hints).prop_map(|(name, ty, optional, hints)| {
            Field { optional, hints: hints.map(Into::into), ..Field::required(name, ty) }
        });
        let object = (prop::collection::vec(field, 0..5), prop::option::of(inner.clone())).prop_map(
            |(mut fields, index)| {
                fields.sort_by(|a, b| a.name.cmp(&b.name));
                fields.dedup_by(|a, b| a.name == b.name);
                Type::Object(frontdesk_types::Object { fields, index }.into())
            },
        );
        prop_oneof![
            inner.clone().prop_map(Type::array),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| Type::Tuple(all.into())),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Type::union),
            inner.prop_map(Type::or_undefined),
            object,
        ]
    })
}

proptest! {
    #[test]
    fn a_made_up_value_fits_its_type(ty in any_type(), seed in "[a-z]{0,4}", list in 0usize..4, optional: bool, variant in 0usize..4, large: bool) {
        let (types, _) = tree();
        let list = if large { 12 } else { list };
        let knobs = Knobs { list, optional, variant, large };
        let value = with(&types, &ty, None, "things", &seed, knobs);
        prop_assert!(accepts(&types, &ty, &value), "{value}");
        prop_assert!(fits(&types, &ty, &value).is_ok(), "{:?}", fits(&types, &ty, &value));
        prop_assert_eq!(&value, &with(&types, &ty, None, "things", &seed, knobs), "the same every time");
    }

    #[test]
    fn what_fits_is_what_the_judge_accepts(ty in any_type(), other in any_type(), variant in 0usize..3) {
        let (types, _) = tree();
        let knobs = Knobs { variant, ..Knobs::default() };
        let value = with(&types, &other, None, "things", "", knobs);
        if accepts(&types, &ty, &value) {
            prop_assert!(fits(&types, &ty, &value).is_ok());
        }
    }

    #[test]
    fn bounds_hold_where_they_can(min in 0u16..40, more in 0u16..40) {
        let (min, max) = (f64::from(min), f64::from(min + more));
        let ty = Type::object(vec![
            hinted("text", Type::String, bounds(min, max)),
            hinted("title", Type::String, bounds(min, max)),
            hinted("many", Type::array(Type::Number), bounds(min, max)),
            hinted("number", Type::Number, bounds(min, max)),
            hinted("whole", Type::Number, Hints { integer: true, ..bounds(min, max) }),
        ]);
        for knobs in [Knobs::default(), Knobs::LARGE] {
            let value = with(&Types::default(), &ty, None, "", "", knobs);
            let within = |n: f64| (min..=max).contains(&n);
            for text in ["text", "title"] {
                prop_assert!(within(value[text].as_str().unwrap().chars().count() as f64), "{}", value);
            }
            prop_assert!(within(value["many"].as_array().unwrap().len() as f64), "{}", value);
            prop_assert!(within(value["number"].as_f64().unwrap()), "{}", value);
            prop_assert!(within(value["whole"].as_f64().unwrap()) && value["whole"].is_i64(), "{}", value);
        }
    }
}

#[test]
fn plain_patterns_are_met() {
    for wanted in [
        "^[A-Z]{2}\\d{3,5}$",
        "^(card|paypal)-[0-9a-f]{8}$",
        "^#?[0-9a-fA-F]{6}$",
        "[^a-z]+",
        "^\\+?[1-9]\\d{1,14}$",
        "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        "^(?:\\d{3}-)?\\w+\\.png$",
        "^(?<year>\\d{4})-\\d{2}$",
        "^$",
        "a|b",
    ] {
        let ty = Type::object(vec![hinted("code", Type::String, pattern(wanted))]);
        let expression = regress::Regex::with_flags(wanted, "u").unwrap();
        for seed in 0..50 {
            let value = of(&Types::default(), &ty, &seed.to_string());
            let text = value["code"].as_str().unwrap();
            assert!(expression.find(text).is_some(), "{wanted} does not match {text:?}");
        }
    }
    // What is beyond it is not met, and says nothing wrong about the type.
    for beyond in ["^(?=x)y$", "(a)\\1", "\\p{L}+", "[b-a]", "(", "x{99999}", "a{2,1}"] {
        let ty = Type::object(vec![hinted("code", Type::String, pattern(beyond))]);
        assert!(of(&Types::default(), &ty, "").get("code").unwrap().is_string(), "{beyond}");
    }
}

#[test]
fn values_are_plausible() {
    let mut types = Types::default();
    let product = types.declare("catalog", "Product");
    let fields = vec![
        Field::required("id", Type::String),
        Field::required("title", Type::String),
        Field::required("priceMinor", Type::Number),
        Field::required("currency", Type::String),
        Field::required("imageUrl", Type::String),
        Field::required("createdAt", Type::String),
        Field::optional("rating", Type::Number.or_null()),
    ];
    types.define(&product, Type::object(fields), None, None);
    let line = Type::object(vec![
        Field::required("productId", Type::String),
        hinted("key", Type::String, format("uuid")),
        hinted("unitMinor", Type::String, format("int64")),
        hinted("sort", Type::String, Hints { example: Some("\"price\"".into()), ..Hints::default() }),
        hinted("sku", Type::String, Hints { example: Some("\"A-1\"".into()), ..Hints::default() }),
    ]);
    let ty = Type::object(vec![
        Field::required("items", Type::array(Type::Named(product))),
        Field::required("lines", Type::array(line)),
        Field::required("prices", Type::map(Type::Number)),
        Field::required("status", Type::union([Type::string("open"), Type::string("done"), Type::Null])),
    ]);
    let value = of(&types, &ty, "cart.getCart");
    let shown = format!("{value:#}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/example.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, &shown).unwrap();
    }
    assert_eq!(shown, std::fs::read_to_string(path).unwrap());
    assert_eq!(value["items"][1]["id"], value["lines"][1]["productId"], "ids find each other");
    assert_eq!(value["lines"][0]["sort"], "price");
    assert_ne!(value["lines"][0]["sku"], value["lines"][1]["sku"]);
    let at = |variant| with(&types, &ty, None, "", "", Knobs { variant, ..Knobs::default() });
    assert_eq!([&at(1)["status"], &at(2)["status"]], [&json!("done"), &Value::Null]);
    assert!(at(0)["items"][0].get("rating").is_some());
    let bare = with(&types, &ty, None, "", "", Knobs { optional: false, ..Knobs::default() });
    assert!(bare["items"][0].get("rating").is_none());
    let large = with(&types, &ty, None, "", "", Knobs::LARGE);
    assert_eq!(large["items"].as_array().unwrap().len(), 50);
    assert!(large["items"][49]["title"].as_str().unwrap().len() >= 120);
}

/// As the schemas of large services are: each of many types has fields of all the others.
#[test]
fn types_that_hold_each_other_in_every_way_come_to_an_end() {
    for (name, required) in [("may be left out", false), ("must be there", true)] {
        let mut types = Types::default();
        let all: Vec<Named> = (0..14).map(|at| types.declare("clinic", format!("T{at}"))).collect();
        for one in &all {
            let fields = all.iter().map(|other| {
                let (name, ty) = (&*other.name, Type::Named(other.clone()));
                if required { Field::required(name, ty) } else { Field::optional(name, ty) }
            });
            types.define(one, Type::object(fields.collect()), None, None);
        }
        let ty = Type::Named(all[0].clone());
        for (knobs, most) in [(Knobs::default(), 4_000_000), (Knobs::LARGE, 40_000_000)] {
            let value = with(&types, &ty, None, "", "", knobs);
            let length = value.to_string().len();
            assert!(length < most, "{name}: {length}");
            assert!(required || accepts(&types, &ty, &value), "{name}");
            assert_eq!(value, with(&types, &ty, None, "", "", knobs), "{name}");
        }
    }
}
