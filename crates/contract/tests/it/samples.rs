//! Contracts that clients are written from: between them, everything that a contract can say.

mod delivery;

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_contract::{
    Body, Contract, Field, Kind, More, Object, Operation, Parameter, Place, Problem, Schema, SecurityScheme,
    Versioning, Written,
};
use frontdesk_lang::model::Idempotency;
use frontdesk_types::{Date, Deprecation, Life, Version};
use serde_json::json;

/// By the folders of `testdata/clients`.
pub fn all() -> Vec<(&'static str, Contract)> {
    vec![
        ("shop", shop()),
        ("partner", partner()),
        ("pages", pages()),
        ("odd", odd()),
        ("delivery", delivery::delivery()),
    ]
}

/// An app with versions, tokens, and everything that answers can be.
fn shop() -> Contract {
    let schemas = [
        ("Home", home()),
        ("Product", product()),
        ("Money", object(vec![field("amount", string()), field("currency", formatted("iso-4217"))])),
        (
            "Banner",
            any_of(vec![
                object(vec![
                    field("kind", one_of(&["offer"])),
                    field("percent", integer(Some(1.0), Some(100.0))),
                ]),
                object(vec![
                    field("kind", one_of(&["bundle"])),
                    field("take", number()),
                    field("pay", number()),
                ]),
            ]),
        ),
        (
            "Category",
            object(vec![field("name", string()), field("children", list(Schema::reference("Category")))]),
        ),
        (
            "Order",
            object(vec![
                field("state", one_of(&["placed", "confirm"])),
                field("confirmAt", string().or_null()),
            ]),
        ),
    ];
    let oldest = Deprecation {
        since: date("2026-05-01"),
        sunset: Some(date("2027-01-01")),
        instead: Some("GET /v3/home".into()),
        because: Some("The first screen has been made anew.".into()),
        enforce: true,
    };
    let place = Body {
        required: true,
        schema: object(vec![
            field("methodId", Schema { doc: Some("How it is paid.".into()), ..text(Some(1), Some(64)) }),
            optional("note", string().or_null()),
            field(
                "lines",
                list(object(vec![
                    field("productId", string()),
                    optional("quantity", integer(Some(1.0), None)),
                ])),
            ),
        ]),
    };
    let mut operations = vec![
        Operation {
            summary: Some("The first screen.".into()),
            parameters: vec![
                parameter(
                    Place::Query,
                    "rows",
                    false,
                    Schema { default: Some(json!(6)), ..integer(Some(1.0), Some(12.0)) },
                ),
                parameter(Place::Query, "tags", false, list(string())),
                parameter(Place::Query, "onlyNew", false, Schema::of(Kind::Boolean)),
                Parameter {
                    input: "device".into(),
                    ..parameter(Place::Header, "x-device", false, string().or_null())
                },
                parameter(Place::Query, "since", false, formatted("date")),
            ],
            answer: Schema::reference("Home"),
            degradable: vec!["similar".into(), "promotions".into()],
            security: Vec::new(),
            ..operation("home", "GET", "/v3/home")
        },
        Operation {
            deprecated: Some(oldest),
            answer: Schema::reference("Home").or_null(),
            ..operation("oldHome", "GET", "/v2/home")
        },
        Operation {
            parameters: vec![parameter(Place::Path, "productId", true, text(Some(1), Some(32)))],
            answer: Schema::reference("Product"),
            scopes: vec!["catalogue".into(), "shop".into()],
            ..operation("product", "GET", "/v3/products/{productId}")
        },
        Operation {
            summary: Some("Holds the money, then books the delivery.".into()),
            parameters: vec![parameter(Place::Path, "cartId", true, string())],
            body: Some(place),
            answer: Schema::reference("Order"),
            ..operation("placeOrder", "POST", "/v3/carts/{cartId}/order")
        },
        Operation {
            summary: Some("Asked twice with one key, pays once.".into()),
            parameters: vec![parameter(Place::Path, "orderId", true, string())],
            answer: Schema::reference("Order"),
            idempotency: Idempotency::Required,
            ..operation("payOrder", "POST", "/v3/orders/{orderId}/payments")
        },
        Operation { answer: object(Vec::new()), ..operation("signOut", "DELETE", "/v3/devices") },
    ];
    let more = [
        ("placeOrder", 409, "cart_empty", Some("The cart is empty")),
        ("placeOrder", 422, "payment_declined", None),
        ("placeOrder", 402, "payment_declined", None),
        ("product", 404, "product_not_found", Some("There is no such product")),
    ];
    for (id, status, code, title) in more {
        let operation = operations.iter_mut().find(|operation| &*operation.id == id).unwrap();
        operation.problems.push(Problem { status, code: code.into(), title: title.map(Arc::from) });
    }
    Contract {
        bff: "shop".into(),
        client: "ios".into(),
        owner: Some("team-ios".into()),
        versions: Versioning::Client {
            header: "X-Client-Version".into(),
            minimum: Version::parse("4.2.0"),
            supported: ["4.2.0", "5.0.0", "5.1.0"].into_iter().filter_map(Version::parse).collect(),
        },
        security: BTreeMap::from([("bearer".into(), SecurityScheme::Bearer)]),
        operations,
        schemas: schemas.into_iter().map(|(name, schema)| (name.into(), schema)).collect(),
    }
}

fn home() -> Schema {
    let since = Life { since: Version::parse("5.1.0"), ..Life::default() };
    let until = Life { until: Version::parse("6.0.0"), ..Life::default() };
    let between = Life { since: Version::parse("5.0"), until: Version::parse("5.1"), deprecated: None };
    let leaving = Deprecation {
        since: date("2026-05-01"),
        sunset: None,
        instead: Some("title".into()),
        because: None,
        enforce: false,
    };
    let schema = object(vec![
        field("title", string()),
        Field { life: Life { deprecated: Some(leaving), ..Life::default() }, ..field("headline", string()) },
        Field { life: since, ..optional("greeting", string()) },
        Field { life: until, ..optional("hello", string()) },
        Field { life: between, ..optional("tip", string()) },
        Field {
            degraded_by: vec!["similar".into()],
            ..field("similar", list(Schema::reference("Product")).or_null())
        },
        Field {
            degraded_by: vec!["promotions".into(), "similar".into()],
            ..field("banners", list(Schema::reference("Banner")))
        },
        field("tree", Schema::reference("Category")),
        field(
            "pages",
            Schema::of(Kind::Object(Object {
                fields: Vec::new(),
                more: More::Of(Box::new(list(Schema::reference("Product").or_null()))),
            })),
        ),
        field("at", Schema::of(Kind::Tuple(vec![number(), number()]))),
        field("hero", object(vec![field("image", formatted("uri")), optional("alt", string())]).or_null()),
        field("matrix", list(list(number().or_null()))),
        field("anything", Schema::default()),
        field("nothing", Schema::of(Kind::Null)),
        field("size", any_of(vec![number(), one_of(&["small", "large"])]).or_null()),
    ]);
    Schema { doc: Some("What the first screen shows.\nIt is the same for all.".into()), ..schema }
}

fn product() -> Schema {
    let title = Schema { doc: Some("As it stands on the box. */ alert(1)".into()), ..string() };
    let rating = Schema { example: Some(json!(4.5)), ..range(Some(0.0), Some(5.0), false) };
    let pattern =
        Kind::String { min: None, max: None, pattern: Some("^[A-Z]{2}-[0-9]+$".into()), format: None };
    object(vec![
        field("id", Schema::of(pattern)),
        field("title", title),
        field("price", Schema::reference("Money")),
        field("rating", rating),
        optional(
            "tags",
            Schema::of(Kind::Array { items: Box::new(one_of(&["new", "sale"])), min: None, max: Some(4) }),
        ),
        field("size-chart", Schema::of(Kind::Boolean)),
    ])
}

/// A partner with dated versions and a key.
fn partner() -> Contract {
    let stock =
        object(vec![field("available", Schema::of(Kind::Boolean)), field("pieces", integer(None, None))]);
    Contract {
        bff: "partner".into(),
        client: "partner".into(),
        versions: Versioning::Dated { header: "Partner-Version".into(), date: date("2026-05-01") },
        security: BTreeMap::from([("apiKey".into(), SecurityScheme::ApiKey { header: "x-api-key".into() })]),
        operations: vec![Operation {
            parameters: vec![parameter(Place::Path, "productId", true, string())],
            answer: stock,
            scopes: vec!["stock".into()],
            security: vec!["apiKey".into()],
            ..operation("stock", "GET", "/partner/v1/stock/{productId}")
        }],
        ..Contract::default()
    }
}

/// A browser with a session, and every other way to prove who one is.
fn pages() -> Contract {
    let security = [
        (
            "session",
            SecurityScheme::Cookie { name: "__Host-Http-fd-web".into(), header: "x-frontdesk".into() },
        ),
        ("bearer", SecurityScheme::Bearer),
        ("device", SecurityScheme::Device),
        ("apiKey", SecurityScheme::ApiKey { header: "authorization".into() }),
        ("certificate", SecurityScheme::Certificate),
    ];
    let names: Vec<Arc<str>> = security.iter().map(|(name, _)| Arc::from(*name)).collect();
    Contract {
        bff: "web".into(),
        client: "web".into(),
        security: security.into_iter().map(|(name, scheme)| (name.into(), scheme)).collect(),
        operations: vec![Operation {
            answer: list(string()),
            security: names,
            ..operation("orders", "GET", "/orders")
        }],
        ..Contract::default()
    }
}

/// Names that mean something else where clients are written, and values that need care.
fn odd() -> Contract {
    let body = object(vec![field("id", string()), field("class", string()), optional("2nd", number())]);
    let mut operations = vec![
        Operation {
            summary: Some("Ends the comment: */ and goes on.".into()),
            parameters: vec![
                parameter(Place::Path, "id", true, string()),
                parameter(Place::Query, "in", false, one_of(&["a b", "c\"d", ""])),
                parameter(Place::Header, "x-list", false, list(string())),
                parameter(Place::Query, "filter", false, object(vec![field("deep", list(number()))])),
            ],
            body: Some(Body { required: false, schema: Schema::reference("Promise") }),
            answer: Schema::reference("Problem"),
            degradable: vec!["*_gr__e".into()],
            ..operation("constructor", "PUT", "/odd/{id}")
        },
        Operation { answer: Schema::reference("class"), ..operation("then", "GET", "/odd/then") },
        Operation { answer: Schema::reference("Missing"), ..operation("default", "GET", "/odd/default") },
        Operation { answer: Schema::reference("Loop"), ..operation("delete", "DELETE", "/odd/delete") },
    ];
    for operation in &mut operations {
        operation.problems = vec![Problem { status: 404, code: "unknown".into(), title: None }];
    }
    let values = Kind::Enum(vec![json!("1st"), json!(2), json!(true), json!(null), json!("new-ish")]);
    let schemas = [
        (
            "Problem",
            object(vec![
                field("when", Schema::of(values)),
                field("with space", string()),
                field("type", string()),
            ]),
        ),
        ("Promise", body),
        (
            "class",
            Schema::of(Kind::Object(Object {
                fields: vec![field("id", string()), optional("self", Schema::reference("class"))],
                more: More::Of(Box::new(number())),
            })),
        ),
        ("thenInput", object(vec![field("__proto__", string())])),
        ("ThenInput", object(vec![field("$value", string()), field("ünïcode", string())])),
        ("Loop", Schema::reference("Loop")),
        ("Data", list(any_of(vec![string(), list(number())]).or_null())),
        ("String", string().or_null()),
    ];
    Contract {
        bff: "odd-one.2".into(),
        client: "odd".into(),
        operations,
        schemas: schemas.into_iter().map(|(name, schema)| (name.into(), schema)).collect(),
        ..Contract::default()
    }
}

fn operation(id: &str, method: &str, path: &str) -> Operation {
    let problem = |status, code: &str| Problem { status, code: code.into(), title: None };
    Operation {
        id: id.into(),
        method: method.into(),
        path: path.into(),
        summary: None,
        parameters: Vec::new(),
        body: None,
        answer: Schema::default(),
        problems: vec![
            problem(400, "invalid_input"),
            problem(401, "login_required"),
            problem(503, "service_unavailable"),
            problem(504, "deadline_exceeded"),
        ],
        degradable: Vec::new(),
        security: vec!["bearer".into()],
        scopes: Vec::new(),
        cache: None,
        idempotency: Idempotency::Off,
        deprecated: None,
        span: Written::default(),
    }
}

fn parameter(place: Place, name: &str, required: bool, schema: Schema) -> Parameter {
    Parameter { place, name: name.into(), input: name.into(), required, schema, span: Written::default() }
}

fn field(name: &str, schema: Schema) -> Field {
    Field {
        name: name.into(),
        schema,
        required: true,
        life: Life::default(),
        degraded_by: Vec::new(),
        span: Written::default(),
    }
}

fn optional(name: &str, schema: Schema) -> Field {
    Field { required: false, ..field(name, schema) }
}

fn object(fields: Vec<Field>) -> Schema {
    Schema::of(Kind::Object(Object { fields, more: More::None }))
}

fn list(items: Schema) -> Schema {
    Schema::of(Kind::Array { items: Box::new(items), min: None, max: None })
}

fn any_of(parts: Vec<Schema>) -> Schema {
    Schema::of(Kind::AnyOf(parts))
}

fn one_of(values: &[&str]) -> Schema {
    Schema::of(Kind::Enum(values.iter().map(|value| json!(value)).collect()))
}

fn text(min: Option<u64>, max: Option<u64>) -> Schema {
    Schema::of(Kind::String { min, max, pattern: None, format: None })
}

fn string() -> Schema {
    text(None, None)
}

fn formatted(format: &str) -> Schema {
    Schema::of(Kind::String { min: None, max: None, pattern: None, format: Some(format.into()) })
}

fn range(min: Option<f64>, max: Option<f64>, integer: bool) -> Schema {
    Schema::of(Kind::Number { integer, min, max })
}

fn number() -> Schema {
    range(None, None, false)
}

fn integer(min: Option<f64>, max: Option<f64>) -> Schema {
    range(min, max, true)
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}
