//! What a customer can pay with, and holding money.

use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::data::calendar::{NOW, moment};
use crate::data::seed::Seed;
use crate::server::Harbor;

pub fn answer(harbor: &Harbor, asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "customers", customer, "methods"]) => Answer::ok(&methods(customer)).kept(),
        ("POST", ["v1", "authorizations"]) => authorize(harbor, &asked.json()),
        _ => Answer::not_found(),
    }
}

fn methods(customer: &str) -> Value {
    let mut seed = Seed::of("methods", customer);
    json!({ "items": [
        {
            "id": format!("card-{customer}"),
            "kind": "card",
            "label": "Card",
            "feeMinor": 0,
            "card": {
                "brand": seed.pick(&["Visa", "Mastercard"]),
                "last4": format!("{:04}", seed.below(10_000)),
                "expiryMonth": seed.between(1, 12),
                "expiryYear": 2027 + seed.below(4),
            },
        },
        { "id": format!("paypal-{customer}"), "kind": "paypal", "label": "PayPal", "feeMinor": 0 },
        { "id": format!("invoice-{customer}"), "kind": "invoice", "label": "Invoice, 14 days", "feeMinor": 150 },
    ]})
}

/// Methods that begin with `declined` are declined; `paypal…` has to be confirmed by the customer.
fn authorize(harbor: &Harbor, order: &Value) -> Answer {
    let (Some(cart_id), Some(method_id)) = (order["cartId"].as_str(), order["methodId"].as_str()) else {
        return Answer::refused(422, "incomplete", "cartId, methodId and amount are needed");
    };
    let amount = &order["amount"];
    if harbor.carts.get(cart_id).is_none() || amount["amountMinor"].as_i64().is_none_or(|minor| minor <= 0) {
        return Answer::refused(422, "amount", "there is nothing to pay");
    }
    if method_id.starts_with("declined") {
        return Answer::refused(422, "declined", "the bank declined");
    }
    let pending = method_id.starts_with("paypal");
    let id = format!("auth-{cart_id}-{method_id}");
    Answer::created(&json!({
        "id": id,
        "state": if pending { "pending" } else { "authorized" },
        "amount": amount,
        "redirectUrl": if pending { json!(format!("https://pay.harbor.example/confirm/{id}")) } else { Value::Null },
        "createdAt": moment(NOW),
    }))
}
