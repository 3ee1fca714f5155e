//! What customers say about a product.

use serde_json::{Value, json};

use super::calendar::{days_ago, moment};
use super::product;
use super::seed::Seed;

const NAMES: [&str; 8] = ["Ada", "Björn", "Chloé", "Dimitri", "Esra", "Fanni", "Giulia", "Henk"];
const VERDICTS: [(&str, &str); 5] = [
    ("Not for me", "It came late, and the lid does not close."),
    ("So so", "Good idea, but the finish could be better."),
    ("Fine", "Does what it says. The box was bigger than needed."),
    ("Very good", "I use it daily & would buy it again."),
    ("Excellent", "Better than the \"big\" brands, and repairable. Thank you!"),
];

/// A `ReviewPage` with at most `limit` reviews.
pub fn page(number: u32, limit: usize) -> Value {
    let (tenths, count) = product::rating(number);
    let mut seed = Seed::at("histogram", number);
    let mut left = count;
    let mut histogram = serde_json::Map::new();
    for star in ["1", "2", "3", "4"] {
        let part = seed.below(left / 4 + 1);
        left -= part;
        histogram.insert(star.to_owned(), json!(part));
    }
    histogram.insert("5".to_owned(), json!(left));
    let items: Vec<Value> = (0..limit.min(count as usize) as u32)
        .map(|index| {
            let mut seed = Seed::of("review", &format!("{number}-{index}"));
            let stars = seed.between(1, 5);
            let (title, body) = VERDICTS.get(stars as usize - 1).copied().unwrap_or_default();
            json!({
                "id": format!("r{number}-{index}"),
                "rating": stars,
                "title": title,
                "body": body,
                "author": {
                    "id": format!("u{}", seed.below(10_000)),
                    "name": seed.pick(&NAMES),
                    "country": seed.pick(&["DE", "FR", "GB", "NL"]),
                },
                "createdAt": moment(days_ago(index * 3 + seed.below(3), index * 977)),
                "helpful": seed.below(40),
                "verified": seed.chance(85),
                "reply": if stars < 3 { json!("We are sorry. Write to us and we make it right.") } else { Value::Null },
            })
        })
        .collect();
    json!({
        "summary": { "average": f64::from(tenths) / 10.0, "count": count, "histogram": histogram },
        "items": items,
    })
}
