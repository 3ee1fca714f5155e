//! Adding a service to a `frontdesk.yaml` that people wrote.

use frontdesk_catalog::import::{Import, ImportKind, ImportProblem, add_service, service_name};

const CART: Import<'static> = Import {
    name: "cart",
    kind: ImportKind::Grpc,
    schema_path: "services/cart.proto",
    url: "http://127.0.0.1:9101",
};

#[test]
fn a_service_goes_to_the_end_of_services() {
    let before = "# ours\nservices:\n    a: # first\n        openapi: a.yaml  # why\n        url: http://a\n\n# listeners\nbffs: {}\n";
    let after = "# ours\nservices:\n    a: # first\n        openapi: a.yaml  # why\n        url: http://a\n    cart:\n        \
                 grpc: services/cart.proto\n        url: http://127.0.0.1:9101\n\n# listeners\nbffs: {}\n";
    assert_eq!(add_service(before, &CART).unwrap(), after);
}

#[test]
fn every_layout_of_services_is_added_to() {
    let added = "  cart:\n    grpc: services/cart.proto\n    url: http://127.0.0.1:9101\n";
    let cases = [
        ("", format!("services:\n{added}")),
        ("# nothing yet\n", format!("# nothing yet\nservices:\n{added}")),
        (
            "services: {} # none\nadmin: { listen: a:1 }\n",
            format!("services: # none\n{added}admin: {{ listen: a:1 }}\n"),
        ),
        ("services:\nadmin: { listen: a:1 }\n", format!("services:\n{added}admin: {{ listen: a:1 }}\n")),
        ("admin: { listen: a:1 }", format!("admin: {{ listen: a:1 }}\nservices:\n{added}")),
        (
            "services:\n  a: { openapi: a.yaml, url: http://a }",
            format!("services:\n  a: {{ openapi: a.yaml, url: http://a }}\n{added}"),
        ),
    ];
    for (before, after) in cases {
        assert_eq!(add_service(before, &CART).unwrap(), after, "{before}");
    }
    let windows = add_service("services:\r\n  a:\r\n    url: http://a\r\n", &CART).unwrap();
    assert!(windows.ends_with(
        "url: http://a\r\n  cart:\r\n    grpc: services/cart.proto\r\n    url: http://127.0.0.1:9101\r\n"
    ));
}

#[test]
fn what_cannot_be_added_is_refused() {
    let taken = add_service("services:\n  a: {}\n  cart: {}\n", &CART);
    assert_eq!(taken, Err(ImportProblem::NameTaken { name: "cart".into(), line: 3 }));
    let named = |name| add_service("", &Import { name, ..CART });
    let instead =
        |name: &str, instead: &str| ImportProblem::BadName { name: name.into(), instead: instead.into() };
    assert_eq!(named("order-history"), Err(instead("order-history", "orderHistory")));
    assert_eq!(named("class"), Err(instead("class", "service")));
    for text in ["{ services: { a: {} } }", "services: [a]", "services: 'x", "- a\n", "{ admin: {} }"] {
        let refused = add_service(text, &CART);
        assert!(matches!(refused, Err(ImportProblem::Unreadable(_))), "{text}: {refused:?}");
    }
}

#[test]
fn values_are_quoted_when_yaml_would_read_something_else() {
    let odd = Import { schema_path: "services/#1 & more.yaml", url: "${env:CART}", ..CART };
    let text = add_service("", &odd).unwrap();
    assert!(text.contains("grpc: \"services/#1 & more.yaml\"\n    url: \"${env:CART}\"\n"), "{text}");
}

#[test]
fn a_service_is_named_by_its_file() {
    assert_eq!(service_name("services/order-history.openapi.yaml"), "orderHistory");
    assert_eq!(service_name("https://x.example/v1/Pets.json"), "pets");
    assert_eq!(service_name("new.proto"), "service");
}
