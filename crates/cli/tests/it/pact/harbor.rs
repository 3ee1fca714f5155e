//! Harbor's services, running, and what their teams would say of their data.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use harbor_services::{Bound, Harbor, Service, bind, serve};
use serde_json::{Map, Value, json};

use super::verifier::States;

/// The BFFs whose pacts are checked in.
pub const BFFS: [&str; 5] = ["admin", "ios", "partner", "tv", "web"];

pub fn pacts_of(bff: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor/bffs").join(bff).join("pacts")
}

/// Where a service is; the services run until the tests are over.
pub fn address(service: &str) -> SocketAddr {
    static BOUND: OnceLock<Bound> = OnceLock::new();
    let bound = BOUND.get_or_init(|| {
        let bound = bind(IpAddr::from([127, 0, 0, 1]), 0).unwrap();
        let listeners = bound.listeners().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listeners, Arc::new(Harbor::default()))).unwrap();
        });
        bound
    });
    let service = Service::ALL.into_iter().find(|known| known.name() == service).unwrap();
    bound.address(service).unwrap()
}

/// What each state's parameters are among Harbor's data.
pub fn states() -> States {
    States::start(|state, params| {
        let asked = params.as_object().cloned().unwrap_or_default();
        let known = |name: &String| value(state, name).map(|value| (name.clone(), json!(value)));
        Value::Object(asked.keys().filter_map(known).collect::<Map<_, _>>())
    })
}

fn value(state: &str, parameter: &str) -> Option<&'static str> {
    Some(match parameter {
        "ids" => match state {
            "backoffice has what listAddresses asks for" => "a2-1,a2-2",
            "backoffice has what listCoupons asks for" => "SPRING5",
            "backoffice has what listCustomers asks for" => "cu2",
            "backoffice has what listProducts asks for" => "p423,p1990",
            "backoffice has what listSellers asks for" => "s39",
            _ => "p1,p17",
        },
        "orderId" => "o34",
        // One with a return, one with a shipment, one with a refund.
        "orderIds" => "o34,o7,o3",
        "paymentIds" => "pay3,pay5",
        "productId" => "p17",
        "sellerId" => "s39",
        "category" => "lamps",
        "cartId" => "cart-1",
        "methodId" => "card-1",
        "optionId" => "standard",
        _ => return None,
    })
}

/// The customers' desk is asked on somebody's behalf, and does not look at signatures: `{"sub":"ada"}`.
pub const ADA: &str = "authorization=Bearer e30.eyJzdWIiOiJhZGEifQ.e30";
