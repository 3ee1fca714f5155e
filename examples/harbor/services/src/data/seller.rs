//! The forty sellers, `s1` to `s40`.

use serde_json::{Value, json};

use super::calendar::{date, days_ago};
use super::seed::Seed;

/// How many there are.
pub const COUNT: u32 = 40;

const CITIES: [(&str, &str); 6] = [
    ("Hamburg", "DE"),
    ("Rotterdam", "NL"),
    ("Le Havre", "FR"),
    ("Gdańsk", "PL"),
    ("Porto", "PT"),
    ("Malmö", "SE"),
];

/// The number in `s7`, if there is such a seller.
pub fn number_of(id: &str) -> Option<u32> {
    id.strip_prefix('s')?.parse().ok().filter(|number| (1..=COUNT).contains(number))
}

/// Who sells a product.
pub fn id_of_product(product: u32) -> String {
    format!("s{}", product % COUNT + 1)
}

/// `Quay Traders 7`
pub fn name(number: u32) -> String {
    let mut seed = Seed::at("seller", number);
    format!(
        "{} {} {number}",
        seed.pick(&["Quay", "Lantern", "Anchor", "Tide"]),
        seed.pick(&["Traders", "Goods", "& Sons"])
    )
}

/// City and country.
pub fn city(number: u32) -> (&'static str, &'static str) {
    CITIES.get((number % 6) as usize).copied().unwrap_or_default()
}

/// A `Seller` of the catalog.
pub fn json(number: u32) -> Value {
    let mut seed = Seed::at("seller-detail", number);
    let (city, country) = city(number);
    json!({
        "id": format!("s{number}"),
        "name": name(number),
        "legalName": format!("{} Ltd.", name(number)),
        "country": country,
        "logoUrl": if number.is_multiple_of(5) { Value::Null } else { json!(format!("https://img.harbor.example/sellers/{number}.svg")) },
        "rating": { "average": f64::from(seed.between(35, 50)) / 10.0, "count": seed.between(20, 9_000) },
        "verified": seed.chance(80),
        "since": date(days_ago(seed.between(300, 4_000), 0)),
        "about": "Sells by the water since before there was a web.",
        "returnAddress": {
            "street": format!("Pier {}", seed.between(1, 60)),
            "city": city,
            "postcode": format!("{:05}", seed.between(1_000, 99_000)),
            "country": country,
        },
    })
}
