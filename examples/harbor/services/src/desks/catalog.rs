//! The catalog: products, reviews, sellers, categories, promotions.

use bytes::Bytes;
use serde_json::{Value, json};

use super::items;
use crate::answer::{Answer, Asked};
use crate::data::calendar::{DAY, NOW, moment};
use crate::data::product::{self, CATEGORIES};
use crate::data::{price, review, seller};

/// Most ids in a batch.
const BATCH: usize = 50;

pub fn answer(asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", "products:batchGet"]) => batch(asked),
        ("GET", ["v1", "products"]) => list(asked),
        ("GET", ["v1", "products", id]) => product::number_of(id)
            .map_or_else(Answer::not_found, |number| Answer::raw(product::full_json(number))),
        ("GET", ["v1", "products", id, "reviews"]) => product::number_of(id)
            .map_or_else(Answer::not_found, |number| {
                Answer::ok(&review::page(number, asked.query.count("limit", 10, 50))).kept()
            }),
        ("GET", ["v1", "sellers"]) => sellers(asked),
        ("GET", ["v1", "sellers", id]) => seller::number_of(id)
            .map_or_else(Answer::not_found, |number| Answer::ok(&seller::json(number)).kept()),
        ("GET", ["v1", "categories"]) => {
            Answer::ok(&categories()).kept().lasting("public, max-age=60, stale-while-revalidate=600")
        }
        ("GET", ["v1", "promotions"]) => Answer::ok(&promotions()).kept(),
        // What `/legacy/ping` of the web BFF reaches: it shows what came through.
        ("GET", ["ping"]) => Answer::ok(&json!({ "catalog": "here" })),
        _ => Answer::not_found(),
    }
}

fn batch(asked: &Asked<'_>) -> Answer {
    let ids = asked.query.list("ids").unwrap_or_default();
    if ids.len() > BATCH {
        return Answer::refused(400, "too_many_ids", "at most 50 ids");
    }
    let mut missing = Vec::new();
    let mut found: Vec<Bytes> = Vec::with_capacity(ids.len());
    for id in &ids {
        match product::number_of(id) {
            Some(number) => found.push(product::full_json(number)),
            None => missing.push(id),
        }
    }
    Answer::raw(items(found.iter(), &format!(",\"missing\":{}}}", json!(missing))))
}

fn list(asked: &Asked<'_>) -> Answer {
    let limit = asked.query.count("limit", 20, 100);
    let from: usize = asked.query.get("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let category = asked.query.get("category");
    let mut numbers: Vec<u32> = (1..=product::COUNT)
        .filter(|number| category.as_deref().is_none_or(|category| product::lies_in(*number, category)))
        .collect();
    match asked.query.get("sort").as_deref() {
        Some("newest") => numbers.reverse(),
        Some("priceAsc") => numbers.sort_by_key(|number| price::unit_minor(*number)),
        Some("priceDesc") => numbers.sort_by_key(|number| std::cmp::Reverse(price::unit_minor(*number))),
        _ => numbers.sort_by_key(|number| std::cmp::Reverse(product::rating(*number).1)),
    }
    let end = from.saturating_add(limit);
    let page: Vec<Bytes> =
        numbers.iter().skip(from).take(limit).map(|number| product::summary_json(*number)).collect();
    let next = if end < numbers.len() { json!(end.to_string()) } else { Value::Null };
    Answer::raw(items(page.iter(), &format!(",\"total\":{},\"nextCursor\":{next}}}", numbers.len()))).kept()
}

fn sellers(asked: &Asked<'_>) -> Answer {
    let ids = asked.query.list("ids").unwrap_or_default();
    let found: Vec<Value> = ids.iter().filter_map(|id| seller::number_of(id)).map(seller::json).collect();
    Answer::ok(&json!({ "items": found })).kept()
}

fn categories() -> Value {
    let count =
        |category: &str| (1..=product::COUNT).filter(|number| product::lies_in(*number, category)).count();
    let image = |id: &str| format!("https://img.harbor.example/categories/{id}.jpg");
    let roots: Vec<Value> = CATEGORIES
        .iter()
        .enumerate()
        .map(|(index, (id, name, children))| {
            let children: Vec<Value> = children
                .iter()
                .map(|(id, name)| {
                    json!({ "id": id, "name": name, "productCount": count(id), "imageUrl": image(id), "children": [] })
                })
                .collect();
            // Products the ERP has not sorted into a child yet, so that the roots differ in size.
            let unsorted = (index * 5) % 8;
            json!({
                "id": id,
                "name": name,
                "productCount": count(id) + unsorted,
                "imageUrl": image(id),
                "children": children,
            })
        })
        .collect();
    json!(roots)
}

fn promotions() -> Value {
    json!([
        {
            "kind": "percent",
            "id": "promo-lamps",
            "headline": "Light for long evenings",
            "percentOff": 20,
            "categoryId": "lamps",
            "endsAt": moment(NOW + 9 * DAY),
        },
        {
            "kind": "bundle",
            "id": "promo-towels",
            "headline": "Towels: the third is free",
            "buy": 3,
            "pay": 2,
            "productIds": ["p6", "p38", "p70"],
        },
        {
            "kind": "shipping",
            "id": "promo-shipping",
            "headline": "Free delivery",
            "minimum": { "amountMinor": 4900, "currency": "EUR" },
        },
    ])
}
