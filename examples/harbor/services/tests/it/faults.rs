//! Each way to misbehave, as a client sees it.

use std::time::Duration;

use harbor_services::Service;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tonic::Code;

use crate::grpc::{connect, get_cart};
use crate::world::{World, get, read};

const PRODUCT: &str = "/v1/products/p17";

#[tokio::test]
async fn fail_answers_with_the_status_until_told_otherwise() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "fail", "status": 500 })).await;
    for _ in 0..2 {
        assert_eq!(world.get(Service::Catalog, PRODUCT).await.0, 500);
    }
    assert_eq!(world.get(Service::Inventory, "/v1/stock/p17").await.0, 200, "the others are well");
    world.order(Service::Catalog, json!({ "mode": "ok" })).await;
    assert_eq!(world.get(Service::Catalog, PRODUCT).await.0, 200);

    world.order(Service::Cart, json!({ "mode": "fail", "status": 503 })).await;
    let mut client = connect(&world, Service::Cart).await;
    assert_eq!(get_cart(&mut client, "c1").await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn times_limits_a_fault_to_so_many_requests() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "fail", "times": 2 })).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.get(Service::Catalog, PRODUCT).await.0);
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
}

#[tokio::test]
async fn flaky_fails_every_so_many_requests() {
    let world = World::start();
    world.order(Service::Tax, json!({ "mode": "flaky", "every": 3 })).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(world.get(Service::Tax, "/v1/carts/c1/tax").await.0);
    }
    assert_eq!(statuses, [200, 200, 503, 200, 200, 503]);
}

#[tokio::test]
async fn slow_answers_in_full_but_late() {
    let world = World::start();
    let usual = world.get(Service::Catalog, PRODUCT).await;
    world.order(Service::Catalog, json!({ "mode": "slow", "ms": 80 })).await;
    let start = Instant::now();
    assert_eq!(world.get(Service::Catalog, PRODUCT).await, usual);
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn hang_never_answers() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "hang" })).await;
    assert!(timeout(Duration::from_millis(100), world.get(Service::Catalog, PRODUCT)).await.is_err());
    world.order(Service::Cart, json!({ "mode": "hang" })).await;
    let mut client = connect(&world, Service::Cart).await;
    assert!(timeout(Duration::from_millis(100), get_cart(&mut client, "c1")).await.is_err());
}

#[tokio::test]
async fn truncate_breaks_off_in_the_body() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "truncate" })).await;
    let response = world.connect(Service::Catalog).await.send_request(get(PRODUCT)).await.unwrap();
    assert_eq!(response.status(), 200, "the head promises a whole answer");
    assert!(read(response).await.is_err());

    world.order(Service::Cart, json!({ "mode": "truncate" })).await;
    let mut client = connect(&world, Service::Cart).await;
    assert!(get_cart(&mut client, "c1").await.is_err());
}

#[tokio::test]
async fn garbage_is_not_what_its_content_type_says() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "garbage" })).await;
    let (status, body) = world.get(Service::Catalog, PRODUCT).await;
    assert_eq!(status, 200);
    assert!(serde_json::from_slice::<Value>(&body).is_err());

    for mode in ["garbage", "misfit"] {
        world.order(Service::Cart, json!({ "mode": mode })).await;
        let mut client = connect(&world, Service::Cart).await;
        assert_eq!(get_cart(&mut client, "c1").await.unwrap_err().code(), Code::Internal, "{mode}");
    }
}

#[tokio::test]
async fn a_misfit_is_json_without_the_promised_members() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "misfit" })).await;
    let product = world.json(Service::Catalog, PRODUCT).await;
    assert!(product.get("title").is_none());
}

#[tokio::test]
async fn recommendations_misbehave_for_ids_that_ask_for_it() {
    let world = World::start();
    let path = |id: &str| format!("/v1/carts/{id}/similar");
    let start = Instant::now();
    for _ in 0..2 {
        // Late each time: what is kept is the answer, not the moment.
        assert_eq!(world.get(Service::Recommendations, &path("slow-c1")).await.0, 200);
    }
    assert!(start.elapsed() >= Duration::from_millis(800));
    let (_, noise) = world.get(Service::Recommendations, &path("broken-c1")).await;
    assert!(serde_json::from_slice::<Value>(&noise).is_err());
    let first = world.get(Service::Recommendations, &path("flaky-c1")).await.0;
    let second = world.get(Service::Recommendations, &path("flaky-c1")).await.0;
    assert_eq!([first.min(second), first.max(second)], [200, 503]);
    assert_eq!(world.get(Service::Recommendations, &path("c1")).await.0, 200);
}

#[tokio::test]
async fn the_control_counts_requests_and_connections_and_refuses_nonsense() {
    let world = World::start();
    world.order(Service::Catalog, json!({ "mode": "ok" })).await;
    let mut connection = world.connect(Service::Catalog).await;
    for _ in 0..3 {
        connection.ready().await.unwrap();
        read(connection.send_request(get(PRODUCT)).await.unwrap()).await.unwrap();
    }
    let state = world.json(Service::Catalog, "/_control").await;
    assert_eq!(state["requests"], 3);
    assert_eq!(state["connections"], 2, "the one kept alive, and the one that asks");
    assert_eq!(world.post(Service::Catalog, "/_control", &json!({ "mode": "sulk" })).await.0, 400);
    assert_eq!(
        world.post(Service::Catalog, "/_control", &json!({ "mode": "fail", "status": 200 })).await.0,
        400
    );
}
