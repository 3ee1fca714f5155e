//! A contract in which everything meets: what may be missing with what may be null, unions with recursion, names of one
//! language with those of another.

use super::*;

pub fn delivery() -> Contract {
    let schemas = [
        ("Everything", everything()),
        ("Names", names()),
        ("Patch", patch()),
        // Holds itself with nothing between, by way of another.
        ("Depot", object(vec![optional("near", Schema::reference("Region")), field("name", string())])),
        ("Region", object(vec![field("main", Schema::reference("Depot").or_null())])),
        ("Forest", list(Schema::reference("Forest"))),
        ("Step", step()),
        ("Parcel", object(vec![field("type", one_of(&["parcel"])), field("weight", number())])),
        ("Letter", object(vec![field("type", one_of(&["letter"])), optional("registered", boolean())])),
        ("Colour", one_of(&["red", "none", "unknown", "some", "Default", "default", "1st", "*", "self"])),
        ("Point", Schema::of(Kind::Tuple(vec![number(), number().or_null(), Schema::reference("Colour")]))),
        ("PointOrNull", Schema::reference("Point").or_null()),
        ("Type", object(vec![field("Type", Schema::reference("Colour"))])),
        ("List", object(vec![optional("list", list(Schema::reference("List")))])),
        ("Track", object(vec![field("taken", boolean())])),
    ];
    let mut operations = vec![
        Operation {
            summary: Some("Where a delivery is.".into()),
            parameters: vec![
                parameter(Place::Path, "id", true, integer(Some(1.0), None)),
                parameter(Place::Path, "leg.no", true, number()),
                parameter(Place::Query, "in", true, Schema::reference("Colour")),
                parameter(Place::Query, "colours", false, list(Schema::reference("Colour"))),
                Parameter {
                    input: "call".into(),
                    ..parameter(Place::Header, "x-call", false, Schema::of(Kind::Boolean))
                },
                parameter(Place::Query, "exchange", false, one_of(&["a&b", "c d"])),
                parameter(Place::Query, "numbers", false, list(integer(None, None))),
            ],
            answer: Schema::reference("Everything"),
            degradable: vec!["weather".into()],
            ..operation("track", "GET", "/deliveries/{id}/legs/{leg.no}")
        },
        Operation {
            parameters: vec![
                parameter(Place::Path, "id", true, string()),
                Parameter {
                    input: "idempotencyKey".into(),
                    ..parameter(Place::Header, "idempotency-key", true, string())
                },
            ],
            body: Some(Body { required: true, schema: Schema::reference("Patch") }),
            answer: Schema::reference("Patch"),
            ..operation("change", "PATCH", "/deliveries/{id}")
        },
        Operation { answer: Schema::reference("Names"), ..operation("names", "GET", "/names") },
        Operation { answer: Schema::reference("PointOrNull"), ..operation("where", "GET", "/where") },
        Operation { answer: Schema::of(Kind::Null), ..operation("class", "GET", "/class") },
    ];
    for (id, status, code) in
        [("track", 404, "gone_away"), ("change", 409, "gone_away"), ("names", 404, "1st")]
    {
        let operation = operations.iter_mut().find(|operation| &*operation.id == id).unwrap();
        operation.problems.push(Problem {
            status,
            code: code.into(),
            title: Some("*/ It's $gone \\(away)".into()),
        });
    }
    Contract {
        bff: "delivery".into(),
        client: "android".into(),
        owner: Some("team-delivery".into()),
        versions: Versioning::Client {
            header: "X-Client-Version".into(),
            minimum: None,
            supported: vec![Version::parse("2.0").unwrap()],
        },
        security: BTreeMap::from([
            ("bearer".into(), SecurityScheme::Bearer),
            ("device".into(), SecurityScheme::Device),
        ]),
        operations,
        schemas: schemas.into_iter().map(|(name, schema)| (name.into(), schema)).collect(),
    }
}

fn everything() -> Schema {
    let life = Life {
        since: Version::parse("2.1"),
        until: Version::parse("3.0"),
        deprecated: Some(Deprecation {
            since: date("2026-05-01"),
            sunset: Some(date("2027-01-01")),
            instead: Some("both".into()),
            because: Some("It says \"less\"\nthan $both".into()),
            enforce: false,
        }),
    };
    let enum_of = |values| Schema::of(Kind::Enum(values));
    object(vec![
        field("whole", integer(None, None)),
        field("decimal", number()),
        field("flag", boolean()),
        field("text", formatted("date-time")),
        field("numbered", enum_of(vec![json!(1), json!(2)])),
        field("halves", enum_of(vec![json!(0.5), json!(1)])),
        field("yes", enum_of(vec![json!(true)])),
        field("maybe", enum_of(vec![json!("a"), json!("b"), json!(null)])),
        optional("none", enum_of(vec![json!(null)])),
        field("nullable", string().or_null()),
        optional("missing", string()),
        optional("both", string().or_null()),
        Field { life, degraded_by: vec!["weather".into()], ..optional("all", string().or_null()) },
        field("counts", map(integer(None, None).or_null())),
        field("maps", map(map(Schema::reference("Step")))),
        field("open", open(vec![field("id", string()), optional("n", number().or_null())], number())),
        field("empty", object(Vec::new())),
        field("forest", Schema::reference("Forest")),
        field("step", Schema::reference("Step")),
        field("depot", Schema::reference("Depot")),
        field("point", Schema::reference("PointOrNull")),
        field("points", list(Schema::reference("PointOrNull"))),
        field("nothing", Schema::of(Kind::Tuple(Vec::new()))),
        field("twins", any_of(vec![formatted("uuid"), formatted("email"), Schema::of(Kind::Null)])),
        field("one", any_of(vec![Schema::reference("Depot"), Schema::of(Kind::Null)])),
        field(
            "any",
            any_of(vec![
                object(vec![optional("loose", string())]),
                object(vec![field("tight", string()), optional("loose", string())]),
                string(),
                number(),
                integer(None, None),
                boolean(),
                list(string()),
                any_of(vec![map(number()), Schema::reference("Colour")]),
                Schema::reference("Point"),
                Schema::of(Kind::Null),
            ]),
        ),
    ])
}

/// A union that holds itself.
fn step() -> Schema {
    any_of(vec![
        Schema::reference("Letter"),
        Schema::reference("Parcel"),
        object(vec![field("type", one_of(&["both"])), field("then", Schema::reference("Step"))]),
        list(Schema::reference("Step")),
    ])
}

fn patch() -> Schema {
    let limits = Kind::Array { items: Box::new(number().or_null()), min: Some(1), max: None };
    object(vec![
        field("kind", one_of(&["patch"])),
        field("required", string()),
        field("cleared", string().or_null()),
        optional("left", string()),
        optional("either", string().or_null()),
        optional("colour", Schema::reference("Colour").or_null()),
        optional("limits", Schema::of(limits)),
        optional(
            "open",
            open(vec![field("a-b", string().or_null()), optional("c", string().or_null())], string()),
        ),
        optional("step", Schema::reference("Step")),
        optional("point", Schema::reference("Point")),
    ])
}

/// Names that are taken by Kotlin or Swift, or are none there, or become the same.
fn names() -> Schema {
    let names = [
        "class",
        "in",
        "default",
        "self",
        "Type",
        "init",
        "object",
        "fun",
        "val",
        "var",
        "func",
        "let",
        "nil",
        "null",
        "true",
        "when",
        "where",
        "is",
        "as",
        "protocol",
        "extension",
        "typealias",
        "hashValue",
        "hashCode",
        "toString",
        "copy",
        "component1",
        "equals",
        "getClass",
        "encode",
        "rawValue",
        "description",
        "CodingKeys",
        "Companion",
        "serializer",
        "it",
        "value",
        "json",
        "more",
        "_",
        "__",
        "$",
        "x-y",
        "xY",
        "x_y",
        "1st",
        "ünïcode",
        "a.b",
        "任务",
        "Self",
        "Any",
        "any",
        "some",
        "await",
        "throws",
        "inout",
        "operator",
        "repeat",
        "super",
        "this",
        "suspend",
        "open",
        "data",
        "by",
        "get",
        "set",
        "field",
        "String",
        "Int",
        "typeof",
        "actual",
        "async",
        "actor",
    ];
    object(names.into_iter().map(|name| field(name, string())).collect())
}

fn boolean() -> Schema {
    Schema::of(Kind::Boolean)
}

fn map(values: Schema) -> Schema {
    open(Vec::new(), values)
}

fn open(fields: Vec<Field>, values: Schema) -> Schema {
    Schema::of(Kind::Object(Object { fields, more: More::Of(Box::new(values)) }))
}
