//! What the services say.

use std::collections::HashSet;

use bytes::Bytes;
use harbor_services::Service;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::world::{World, column, read};

/// Everything the checkout screen asks for, as JSON, in bytes.
async fn checkout_bytes(world: &World, cart: &str) -> usize {
    let basket = world.json(Service::CartHttp, &format!("/v1/carts/{cart}")).await;
    let lines = basket["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 10);
    let ids: Vec<&str> = lines.iter().map(|line| line["productId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 10, "no product twice");
    let wanted: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "{}:{}:{}",
                line["id"].as_str().unwrap(),
                line["productId"].as_str().unwrap(),
                line["quantity"]
            )
        })
        .collect();
    let paths = [
        (Service::CartHttp, format!("/v1/carts/{cart}")),
        (Service::Catalog, format!("/v1/products:batchGet?ids={}", ids.join(","))),
        (Service::PricingHttp, format!("/v1/quote?currency=EUR&lines={}", wanted.join(","))),
        (Service::Tax, format!("/v1/carts/{cart}/tax?currency=EUR")),
        (Service::Shipping, format!("/v1/carts/{cart}/estimate")),
        (Service::Recommendations, format!("/v1/carts/{cart}/similar?limit=8")),
    ];
    let mut bytes = 0;
    for (service, path) in paths {
        let (status, body) = world.get(service, &path).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(body, world.get(service, &path).await.1, "the same question, the same bytes: {path}");
        bytes += body.len();
    }
    bytes
}

#[tokio::test]
async fn a_checkout_is_about_42_kilobytes() {
    let world = World::start();
    for cart in ["c1", "c2", "c77", "slow-c1"] {
        let bytes = checkout_bytes(&world, cart).await;
        assert!((40_000..43_000).contains(&bytes), "{cart}: {bytes}");
    }
}

#[tokio::test]
async fn carts_differ_and_some_do_not_exist() {
    let world = World::start();
    let first = world.json(Service::CartHttp, "/v1/carts/c1").await;
    let second = world.json(Service::CartHttp, "/v1/carts/c2").await;
    assert_ne!(first["lines"][0]["productId"], second["lines"][0]["productId"]);
    assert_eq!(world.json(Service::CartHttp, "/v1/carts/empty-1").await["lines"], json!([]));
    for service in [Service::Tax, Service::Shipping] {
        assert_eq!(world.get(service, "/v1/carts/missing-1/tax").await.0, 404);
    }
}

#[tokio::test]
async fn a_batch_keeps_the_order_and_names_what_is_missing() {
    let world = World::start();
    // A client may escape the commas or not.
    for path in ["/v1/products:batchGet?ids=p30,nope,p2", "/v1/products:batchGet?ids=p30%2Cnope%2Cp2"] {
        let batch = world.json(Service::Catalog, path).await;
        assert_eq!(column(&batch, "id"), ["p30", "p2"]);
        assert_eq!(batch["missing"], json!(["nope"]));
    }
    let single = world.json(Service::Catalog, "/v1/products/p30").await;
    assert_eq!(single, world.json(Service::Catalog, "/v1/products:batchGet?ids=p30").await["items"][0]);
    assert!(single.as_object().unwrap().len() >= 40, "a product is wide");
    let many: Vec<String> = (1..=51).map(|number| format!("p{number}")).collect();
    assert_eq!(
        world.get(Service::Catalog, &format!("/v1/products:batchGet?ids={}", many.join(","))).await.0,
        400
    );
}

#[tokio::test]
async fn pages_of_products_follow_each_other() {
    let world = World::start();
    let (mut seen, mut cursor) = (HashSet::new(), String::new());
    loop {
        let path = format!("/v1/products?category=lamps&limit=17{cursor}");
        let page = world.json(Service::Catalog, &path).await;
        for id in column(&page, "id") {
            assert!(seen.insert(id), "no product twice");
        }
        let Some(next) = page["nextCursor"].as_str() else {
            assert_eq!(page["total"], json!(seen.len()));
            return;
        };
        cursor = format!("&cursor={next}");
    }
}

/// All rows of a table, page by page.
async fn rows(world: &World, table: &str) -> Vec<Value> {
    let (mut rows, mut page) = (Vec::new(), 1);
    loop {
        let answer = world.json(Service::Backoffice, &format!("/v1/{table}?page={page}&pageSize=500")).await;
        rows.extend(answer["items"].as_array().unwrap().iter().cloned());
        let Some(next) = answer["page"]["next"].as_u64() else {
            assert_eq!(answer["page"]["total"], json!(rows.len()));
            return rows;
        };
        page = next;
    }
}

#[tokio::test]
async fn every_foreign_key_of_the_twelve_tables_leads_to_a_row() {
    let keys = [
        ("addresses", "customerId", "customers"),
        ("customers", "defaultAddressId", "addresses"),
        ("orders", "customerId", "customers"),
        ("orders", "shippingAddressId", "addresses"),
        ("orders", "billingAddressId", "addresses"),
        ("orders", "couponCode", "coupons"),
        ("order-lines", "orderId", "orders"),
        ("order-lines", "productId", "products"),
        ("products", "sellerId", "sellers"),
        ("payments", "orderId", "orders"),
        ("refunds", "paymentId", "payments"),
        ("refunds", "returnId", "returns"),
        ("shipments", "orderId", "orders"),
        ("shipments", "addressId", "addresses"),
        ("returns", "orderLineId", "order-lines"),
        ("audit-entries", "orderId", "orders"),
    ];
    let world = World::start();
    for (table, column, target) in keys {
        let ids: HashSet<String> =
            rows(&world, target).await.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        for row in rows(&world, table).await {
            if let Some(key) = row[column].as_str() {
                assert!(ids.contains(key), "{table}.{column} = {key}");
            }
        }
    }
}

#[tokio::test]
async fn tables_are_filtered_by_their_foreign_keys() {
    let world = World::start();
    let lines = world.json(Service::Backoffice, "/v1/order-lines?orderIds=o1,o2&pageSize=500").await;
    assert!(column(&lines, "orderId").iter().all(|order| order == "o1" || order == "o2"));
    assert!(!column(&lines, "id").is_empty());
    let paid = world.json(Service::Backoffice, "/v1/orders?status=paid&pageSize=5").await;
    assert!(column(&paid, "status").iter().all(|status| status == "paid"));
    // No ids asked for is not the same as no filter.
    let none = world.json(Service::Backoffice, "/v1/refunds?paymentIds=").await;
    assert_eq!(none["page"]["total"], json!(0));
}

#[tokio::test]
async fn writes_answer_as_their_schemas_say() {
    let world = World::start();
    let order = json!({ "cartId": "c1", "methodId": "card-cu1", "amount": { "amountMinor": 4900, "currency": "EUR" } });
    let (status, held) = world.post(Service::Payments, "/v1/authorizations", &order).await;
    assert_eq!((status, &held["state"]), (201, &json!("authorized")));
    let declined =
        json!({ "cartId": "c1", "methodId": "declined", "amount": { "amountMinor": 1, "currency": "EUR" } });
    assert_eq!(world.post(Service::Payments, "/v1/authorizations", &declined).await.0, 422);
    let booking = json!({ "cartId": "c1", "optionId": "express" });
    assert_eq!(world.post(Service::Shipping, "/v1/deliveries", &booking).await.0, 201);
    let gone = json!({ "cartId": "c1", "optionId": "balloon" });
    assert_eq!(world.post(Service::Shipping, "/v1/deliveries", &gone).await.0, 409);
}

#[tokio::test]
async fn customers_are_whoever_the_token_speaks_of() {
    let world = World::start();
    let me = world.json(Service::Customers, "/v1/me").await;
    assert_eq!((&me["subject"], &me["calledBy"]), (&json!("ada"), &json!("harbor-web")));
    assert_eq!(me["audience"], json!(["harbor-customers"]));
    let anonymous = Request::get("/v1/me").header("host", "harbor").body(Full::<Bytes>::default()).unwrap();
    let mut connection = world.connect(Service::Customers).await;
    let (status, body) = read(connection.send_request(anonymous).await.unwrap()).await.unwrap();
    assert_eq!(status, 401);
    assert!(String::from_utf8_lossy(&body).contains("token_required"));
}
