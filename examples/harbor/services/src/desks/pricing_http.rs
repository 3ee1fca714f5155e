//! Prices over HTTP and JSON: `GET /v1/quote?currency=EUR&couponCode=…&lines=<line id>:<product id>:<pieces>,…`

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Asked};
use crate::data::calendar::{NOW, moment};
use crate::data::price::{DiscountKind, Quote, Wanted, quote};

pub fn answer(asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    let ("GET", ["v1", "quote"]) = (method, path.as_slice()) else { return Answer::not_found() };
    let lines: Option<Vec<Wanted>> =
        asked.query.list("lines").unwrap_or_default().iter().map(|line| wanted(line)).collect();
    let Some(lines) = lines else {
        return Answer::refused(400, "lines", "a line is written as <id>:<product id>:<pieces>");
    };
    let currency = asked.query.get("currency").unwrap_or_default();
    let coupon = asked.query.get("couponCode");
    match quote(&lines, &currency, coupon.as_deref()) {
        Some(quote) => Answer::ok(&quote_json(&quote)).kept(),
        None => Answer::refused(400, "unknown_currency", "this currency is not one of ours"),
    }
}

fn wanted(line: &str) -> Option<Wanted> {
    let (id, rest) = line.split_once(':')?;
    let (product_id, pieces) = rest.split_once(':')?;
    Some(Wanted { id: id.to_owned(), product_id: product_id.to_owned(), quantity: pieces.parse().ok()? })
}

fn quote_json(quote: &Quote) -> Value {
    let lines: Map<String, Value> = quote
        .lines
        .iter()
        .map(|(id, price)| {
            let tiers =
                price.tiers.map(|(quantity, unit)| json!({ "quantity": quantity, "unitMinor": unit }));
            let mut line = json!({
                "unitMinor": price.unit,
                "totalMinor": price.total,
                "discountPercent": price.percent,
                "tiers": tiers,
            });
            if let Some(list) = price.list {
                line["listMinor"] = json!(list);
            }
            (id.clone(), line)
        })
        .collect();
    let discounts: Vec<Value> = quote
        .discounts
        .iter()
        .map(|discount| {
            let kind = match discount.kind {
                DiscountKind::Coupon => "coupon",
                DiscountKind::Volume => "volume",
            };
            json!({ "code": discount.code, "label": discount.label, "amountMinor": discount.amount, "kind": kind })
        })
        .collect();
    json!({
        "currency": quote.currency,
        "subtotalMinor": quote.subtotal,
        "discountMinor": quote.discount,
        "totalMinor": quote.total,
        "estimatedTaxMinor": quote.estimated_tax,
        "lines": lines,
        "discounts": discounts,
        "priceList": "2026-09",
        "validUntil": moment(NOW + 900),
    })
}
