//! The cart over HTTP and JSON, for comparisons in which every service speaks the same protocol.
//! It says what the gRPC service says, in the protobuf JSON mapping.

use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::data::calendar::{NOW, moment};
use crate::data::cart::Cart;
use crate::data::product;
use crate::grpc::cart::{added_at, city_of, options_of, street_of};
use crate::server::Harbor;

pub fn answer(harbor: &Harbor, asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "carts", id]) => match harbor.carts.get(id) {
            Some(cart) => Answer::ok(&cart_json(&cart)).kept(),
            None => Answer::not_found(),
        },
        _ => Answer::not_found(),
    }
}

fn cart_json(cart: &Cart) -> Value {
    let lines: Vec<Value> = cart
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let options: Vec<Value> = options_of(line.product)
                .iter()
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect();
            json!({
                "id": line.id,
                "productId": product::id_of(line.product),
                "quantity": line.quantity,
                "variantId": format!("p{}-a", line.product),
                "addedAt": moment(added_at(index)),
                "options": options,
                "reservedUntilMs": ((NOW + 1_800) * 1_000).to_string(),
            })
        })
        .collect();
    let mut body = json!({
        "id": cart.id,
        "customerId": format!("cu{}", cart.customer),
        "currency": "EUR",
        "country": cart.country,
        "channel": "CHANNEL_APP",
        "lines": lines,
        "version": cart.version.to_string(),
        "createdAt": moment(added_at(0)),
        "updatedAt": moment(added_at(cart.lines.len())),
        "attributes": { "app": "8.4.1", "experiment": "checkout-b" },
    });
    if let Some(coupon) = cart.coupon {
        body["couponCode"] = json!(coupon);
    }
    if cart.pickup {
        body["pickupPointId"] = json!(format!("pp{}", cart.customer));
    } else {
        body["address"] = json!({
            "name": format!("Customer {}", cart.customer),
            "street": street_of(cart),
            "city": city_of(cart),
            "postcode": format!("{:05}", cart.customer * 317),
            "country": cart.country,
        });
    }
    body
}
