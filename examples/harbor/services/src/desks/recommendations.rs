//! What else a customer may like. A best-effort service, and for some ids a bad one:
//! `slow-…` is answered after 400 ms, `flaky-…` fails every second time, `broken-…` gets something that is no JSON.
//! Its next version finds other neighbours of a product, and the same as ever for carts and the front page.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::control::Mode;
use crate::data::price;
use crate::data::product;
use crate::data::seed::Seed;
use crate::server::Harbor;

/// How late `slow-…` is, in milliseconds: later than any view waits.
const LATE_MS: u64 = 400;

/// What the two models say of themselves.
const SETTLED: &str = "2026.08.3";
const NEXT: &str = "2026.11.0";

/// Which version answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Model {
    Settled,
    Next,
}

pub fn answer(harbor: &Harbor, asked: &Asked<'_>, model: Model) -> Answer {
    let (method, path) = asked.route();
    let limit = asked.query.count("limit", 8, 24);
    match (method, path.as_slice()) {
        ("GET", ["v1", "carts", id, "similar"]) => match harbor.carts.get(id) {
            Some(_) => on_demand(id, Answer::ok(&similar("cart", id, limit, SETTLED))),
            None => Answer::not_found(),
        },
        ("GET", ["v1", "products", id, "similar"]) => {
            let (topic, version) =
                if model == Model::Next { ("product by its use", NEXT) } else { ("product", SETTLED) };
            on_demand(id, Answer::ok(&similar(topic, id, limit, version)))
        }
        ("GET", ["v1", "home"]) => {
            let customer = asked.query.get("customerId").unwrap_or_default();
            on_demand(&customer, Answer::ok(&similar("home", &customer, limit, SETTLED)))
        }
        _ => Answer::not_found(),
    }
}

fn on_demand(id: &str, answer: Answer) -> Answer {
    static FLAKY: AtomicU64 = AtomicU64::new(0);
    if id.starts_with("slow-") {
        return answer.kept().late(LATE_MS);
    }
    if id.starts_with("broken-") {
        return Answer { mode: Mode::Garbage, ..answer };
    }
    if id.starts_with("flaky-") {
        let count = FLAKY.fetch_add(1, Ordering::Relaxed);
        let mode = if count.is_multiple_of(2) { Mode::Fail(503) } else { Mode::Ok };
        return Answer { mode, ..answer };
    }
    answer.kept()
}

fn similar(topic: &str, id: &str, limit: usize, version: &str) -> Value {
    let mut seed = Seed::of(topic, id);
    let (first, stride) = (seed.below(product::COUNT), seed.below(19) * 10 + 3);
    let rows: Vec<Value> = (0..limit as u32)
        .map(|index| {
            let number = (first + index * stride) % product::COUNT + 1;
            json!({
                "id": product::id_of(number),
                "title": product::title(number),
                "imageUrl": product::image_url(number),
                "score": f64::from(990 - index * 31) / 1000.0,
                "reason": if index % 3 == 2 { Value::Null } else { json!(seed.pick(&["Bought together", "Others looked at it"])) },
                "priceMinor": price::unit_minor(number),
                "currency": "EUR",
                "model": { "name": "harbor-two-tower", "version": version, "experiment": null },
            })
        })
        .collect();
    json!(rows)
}
