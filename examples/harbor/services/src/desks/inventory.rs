//! What is on the shelves.

use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::data::calendar::{DAY, NOW, moment};
use crate::data::product;
use crate::data::seed::Seed;

pub fn answer(asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "stock"]) => {
            let ids = asked.query.list("ids").unwrap_or_default();
            let items: Vec<Value> = ids.iter().filter_map(|id| product::number_of(id)).map(stock).collect();
            Answer::ok(&json!({ "items": items })).kept()
        }
        ("GET", ["v1", "stock", id]) => {
            product::number_of(id).map_or_else(Answer::not_found, |number| Answer::ok(&stock(number)).kept())
        }
        _ => Answer::not_found(),
    }
}

/// One product in seven is sold out, and comes back.
fn stock(number: u32) -> Value {
    let mut seed = Seed::at("stock", number);
    let sold_out = number.is_multiple_of(7);
    let (north, west) = if sold_out { (0, 0) } else { (seed.between(1, 30), seed.between(0, 20)) };
    let reserved = if sold_out { 0 } else { seed.below(north) };
    json!({
        "productId": product::id_of(number),
        "available": north + west - reserved,
        "onHand": north + west,
        "reserved": reserved,
        "restockAt": if sold_out { json!(moment(NOW + i64::from(seed.between(3, 30)) * DAY)) } else { Value::Null },
        "warehouses": [
            { "id": "w-ham", "city": "Hamburg", "onHand": north, "bin": format!("H{}-{}", seed.below(40), seed.below(90)) },
            { "id": "w-rtm", "city": "Rotterdam", "onHand": west, "bin": format!("R{}-{}", seed.below(40), seed.below(90)) },
        ],
    })
}
