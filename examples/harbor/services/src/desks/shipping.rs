//! When a cart would arrive, and booking that.

use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::data::calendar::{DAY, NOW, moment};
use crate::data::cart::Cart;
use crate::data::seed::Seed;
use crate::server::Harbor;

const CARRIERS: [(&str, &str); 3] =
    [("tidepost", "Tidepost"), ("bluebarge", "Blue Barge"), ("kurier", "Kurier Nord")];
const OPTIONS: [(&str, &str, u32, i64); 3] =
    [("standard", "Standard", 490, 0), ("express", "Express", 1_290, -1), ("pickup", "Pick-up point", 0, 1)];

pub fn answer(harbor: &Harbor, asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "carts", cart_id, "estimate"]) => match harbor.carts.get(cart_id) {
            Some(cart) => Answer::ok(&estimate(&cart)).kept(),
            None => Answer::not_found(),
        },
        ("POST", ["v1", "deliveries"]) => book(&asked.json()),
        _ => Answer::not_found(),
    }
}

fn estimate(cart: &Cart) -> Value {
    let mut seed = Seed::of("shipping", &cart.id);
    let (carrier, carrier_name) = CARRIERS.get(seed.below(3) as usize).copied().unwrap_or_default();
    let first = NOW + i64::from(seed.between(2, 5)) * DAY - 4 * 3_600;
    let last = first + i64::from(seed.below(4)) * DAY + 10 * 3_600;
    let options: Vec<Value> = OPTIONS
        .iter()
        .map(|(id, label, fee, shift)| {
            json!({
                "id": id,
                "label": label,
                "feeMinor": fee,
                "currency": "EUR",
                "earliest": moment(first + shift * DAY),
                "latest": moment(last + shift * DAY),
                "carbonGrams": seed.between(80, 900),
            })
        })
        .collect();
    let half = cart.lines.len() / 2;
    let (north, west) = cart.lines.split_at(half);
    let ids =
        |lines: &[crate::data::cart::Line]| lines.iter().map(|line| line.id.clone()).collect::<Vec<_>>();
    json!({
        "cartId": cart.id,
        "earliest": moment(first),
        "latest": moment(last),
        "cutoff": moment(NOW + 6 * 3_600),
        "carrier": {
            "id": carrier,
            "name": carrier_name,
            "logoUrl": format!("https://img.harbor.example/carriers/{carrier}.svg"),
            "trackingUrlTemplate": format!("https://{carrier}.example/track/{{number}}"),
        },
        "options": options,
        "warehouses": [
            { "id": "w-ham", "city": "Hamburg", "lineIds": ids(north) },
            { "id": "w-rtm", "city": "Rotterdam", "lineIds": ids(west) },
        ],
    })
}

fn book(order: &Value) -> Answer {
    let (Some(cart_id), Some(option_id)) = (order["cartId"].as_str(), order["optionId"].as_str()) else {
        return Answer::refused(422, "incomplete", "cartId and optionId are needed");
    };
    if !OPTIONS.iter().any(|(id, ..)| *id == option_id) {
        return Answer::refused(409, "option_gone", "this option is no longer offered");
    }
    let mut seed = Seed::of("delivery", cart_id);
    Answer::created(&json!({
        "id": format!("d-{cart_id}"),
        "cartId": cart_id,
        "optionId": option_id,
        "state": "booked",
        "trackingNumber": format!("TP{:010}", seed.draw() % 10_000_000_000),
    }))
}
