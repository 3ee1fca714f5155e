//! The two thousand products, `p1` to `p2000`, each with some forty fields.
//!
//! The JSON of a product is written once and kept, so that a batch is a matter of copying slices.

use std::sync::{LazyLock, OnceLock};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::calendar::{date, days_ago, moment};
use super::price;
use super::seed::Seed;
use super::seller;

/// How many there are.
pub const COUNT: u32 = 2_000;

/// A root of the category tree: id, name, and the same of its children.
type Root = (&'static str, &'static str, [(&'static str, &'static str); 4]);

/// The category tree.
pub const CATEGORIES: [Root; 8] = [
    (
        "kitchen",
        "Kitchen",
        [("pots", "Pots"), ("knives", "Knives"), ("bakeware", "Bakeware"), ("coffee", "Coffee")],
    ),
    (
        "garden",
        "Garden",
        [("tools", "Tools"), ("planters", "Planters"), ("grills", "Grills"), ("lights", "Lights")],
    ),
    ("office", "Office", [("lamps", "Lamps"), ("chairs", "Chairs"), ("paper", "Paper"), ("pens", "Pens")]),
    (
        "sport",
        "Sport",
        [("yoga", "Yoga"), ("cycling", "Cycling"), ("running", "Running"), ("water", "Water sports")],
    ),
    (
        "toys",
        "Toys",
        [("blocks", "Blocks"), ("puzzles", "Puzzles"), ("plush", "Plush"), ("trains", "Trains")],
    ),
    (
        "audio",
        "Audio",
        [("speakers", "Speakers"), ("headphones", "Headphones"), ("vinyl", "Vinyl"), ("radios", "Radios")],
    ),
    ("bath", "Bath", [("towels", "Towels"), ("soap", "Soap"), ("mirrors", "Mirrors"), ("mats", "Mats")]),
    (
        "travel",
        "Travel",
        [("bags", "Bags"), ("trolleys", "Trolleys"), ("maps", "Maps"), ("pillows", "Pillows")],
    ),
];

/// What a product of a category is called, by root and child.
const NOUNS: [[&str; 4]; 8] = [
    ["Pot", "Knife", "Baking Tin", "Coffee Maker"],
    ["Spade", "Planter", "Grill", "Lantern"],
    ["Lamp", "Chair", "Notebook", "Pen"],
    ["Yoga Mat", "Pannier", "Running Vest", "Dry Bag"],
    ["Blocks", "Puzzle", "Bear", "Train"],
    ["Speaker", "Headphones", "Turntable", "Radio"],
    ["Towel", "Soap", "Mirror", "Bath Mat"],
    ["Bag", "Trolley", "Atlas", "Pillow"],
];
const MAKES: [&str; 8] = ["Oak", "Linen", "Steel", "Cork", "Glass", "Wool", "Copper", "Ash"];
const MANNERS: [&str; 10] =
    ["Quiet", "Folding", "Nordic", "Little", "Classic", "Café", "Weekend", "Harbor", "Evening", "Sturdy"];
const BRANDS: [(&str, &str); 8] = [
    ("Fjordhaus", "NO"),
    ("Mole & Reed", "GB"),
    ("Kaiwerk", "DE"),
    ("Ateliers Brume", "FR"),
    ("Studio Dijk", "NL"),
    ("Lanterna", "IT"),
    ("Sjöbod", "SE"),
    ("Três Marés", "PT"),
];
const COLOURS: [&str; 6] = ["sand", "slate", "moss", "brick", "ink", "chalk"];
const SENTENCES: [&str; 8] = [
    "Made in small runs by people who use it themselves.",
    "It ages well, and every part of it can be replaced.",
    "The finish is oiled by hand and needs no care but a damp cloth.",
    "Flat when not in use, it fits behind a door.",
    "Tested for ten years of daily use in our own workshop by the water.",
    "A \"quiet\" design: nothing blinks, nothing beeps.",
    "What is left over from cutting becomes packaging for the next one.",
    "It comes assembled; the tool for everything else is in the box.",
];

/// The number in `p17`, if there is such a product.
pub fn number_of(id: &str) -> Option<u32> {
    let digits = id.strip_prefix('p')?;
    if digits.starts_with('0') || digits.starts_with('+') {
        return None;
    }
    digits.parse().ok().filter(|number| (1..=COUNT).contains(number))
}

/// `p17`
pub fn id_of(number: u32) -> String {
    format!("p{number}")
}

/// Index of the root category and of the child in it.
fn place_of(number: u32) -> (usize, usize) {
    ((number % 8) as usize, (number / 8 % 4) as usize)
}

/// Whether it lies in this category, a root or a child.
pub fn lies_in(number: u32, category: &str) -> bool {
    let (root, child) = place_of(number);
    CATEGORIES.get(root).is_some_and(|(id, _, children)| {
        *id == category || children.get(child).is_some_and(|(id, _)| *id == category)
    })
}

/// What customers see first. Some titles have quotation marks and letters beyond ASCII.
pub fn title(number: u32) -> String {
    let mut seed = Seed::at("title", number);
    let (root, child) = place_of(number);
    let noun = NOUNS.get(root).and_then(|nouns| nouns.get(child)).copied().unwrap_or("Thing");
    let size = if seed.chance(12) { " 12\"" } else { "" };
    format!("{} {} {noun}{size} No. {number}", seed.pick(&MANNERS), seed.pick(&MAKES))
}

/// Its picture; one in twelve has none yet.
pub fn image_url(number: u32) -> Option<String> {
    (!number.is_multiple_of(12)).then(|| format!("https://img.harbor.example/p/{number}/front.jpg"))
}

/// `standard` or `reduced`.
pub fn tax_class(number: u32) -> &'static str {
    if number.is_multiple_of(9) { "reduced" } else { "standard" }
}

/// Average in tenths and count of its reviews.
pub fn rating(number: u32) -> (u32, u32) {
    let mut seed = Seed::at("rating", number);
    (seed.between(28, 50), seed.between(0, 2_400))
}

fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug
}

fn sku(number: u32) -> String {
    format!("HB-{:04}-{}", number, Seed::at("sku", number).between(100, 999))
}

/// The fields that a list shows.
fn summary_fields(number: u32) -> Map<String, Value> {
    let mut seed = Seed::at("summary", number);
    let title = title(number);
    let (brand, brand_country) = BRANDS.get((number % 7) as usize).copied().unwrap_or(("Harbor", "DE"));
    let (root, child) = place_of(number);
    let category =
        CATEGORIES.get(root).and_then(|(_, _, children)| children.get(child)).map_or("", |(id, _)| id);
    let (tenths, count) = rating(number);
    let mut badges = Vec::new();
    if price::list_minor(number).is_some() {
        badges.push("sale");
    }
    if seed.chance(20) {
        badges.push("eco");
    }
    if count > 2_000 {
        badges.push("bestseller");
    }
    let Value::Object(fields) = json!({
        "id": id_of(number),
        "sku": sku(number),
        "title": title,
        "subtitle": format!("{}, by {brand}", seed.pick(&["For every day", "For guests", "For two", "For the small flat"])),
        "brand": {
            "id": slug(brand),
            "name": brand,
            "country": brand_country,
            "logoUrl": format!("https://img.harbor.example/brands/{}.svg", slug(brand)),
        },
        "sellerId": seller::id_of_product(number),
        "categoryId": category,
        "imageUrl": image_url(number),
        "price": {
            "amountMinor": price::unit_minor(number),
            "currency": "EUR",
            "compareAtMinor": price::list_minor(number),
        },
        "rating": { "average": f64::from(tenths) / 10.0, "count": count },
        "badges": badges,
        "status": "active",
    }) else {
        return Map::new();
    };
    fields
}

/// The fields that only a single product, or a batch, has.
fn detail_fields(number: u32) -> Map<String, Value> {
    let mut seed = Seed::at("detail", number);
    let title = title(number);
    let (root, child) = place_of(number);
    let (root_name, child_name) = CATEGORIES
        .get(root)
        .and_then(|(_, name, children)| Some((*name, children.get(child)?.1)))
        .unwrap_or_default();
    let slug = slug(&title);
    let description: Vec<&str> = (0..7).map(|step| SENTENCES[((number + step * 3) % 8) as usize]).collect();
    let images: Vec<Value> = ["front", "back", "detail", "lifestyle"]
        .iter()
        .map(|role| {
            json!({
                "url": format!("https://img.harbor.example/p/{number}/{role}.jpg"),
                "width": 1600,
                "height": 1600,
                "alt": format!("{title}, {role}"),
                "role": role,
            })
        })
        .collect();
    let variants: Vec<Value> = (0..3)
        .map(|index| {
            let colour = COLOURS[((number + index) % 6) as usize];
            json!({
                "id": format!("p{number}-{colour}"),
                "sku": format!("{}-{}", sku(number), index + 1),
                "label": colour,
                "options": { "colour": colour, "size": "one size" },
                "surchargeMinor": index * 250,
            })
        })
        .collect();
    let created = days_ago(seed.between(200, 1_500), number * 61);
    let Value::Object(fields) = json!({
        "gtin": format!("40{:011}", Seed::at("gtin", number).draw() % 100_000_000_000),
        "mpn": format!("M{}-{}", seed.between(10, 99), seed.between(1_000, 9_999)),
        "categoryPath": ["Home", root_name, child_name],
        "description": description.join(" "),
        "bullets": [SENTENCES[((number + 1) % 8) as usize], SENTENCES[((number + 5) % 8) as usize]],
        "images": images,
        "attributes": [
            { "name": "Material", "value": MAKES[((number * 5) % 8) as usize] },
            { "name": "Capacity", "value": f64::from(seed.between(2, 90)) / 10.0, "unit": "l" },
            { "name": "Dishwasher safe", "value": seed.chance(50) },
        ],
        "variants": variants,
        "dimensions": {
            "widthMm": seed.between(80, 900),
            "heightMm": seed.between(40, 1_200),
            "depthMm": seed.between(40, 600),
        },
        "weightGrams": seed.between(120, 14_000),
        "energyLabel": if root == 5 { json!(seed.pick(&["A", "B", "C", "D"])) } else { Value::Null },
        "warranty": { "months": 24, "provider": "Harbor Commerce SE" },
        "countryOfOrigin": seed.pick(&["DE", "PT", "SE", "IT", "NL"]),
        "hsCode": format!("{}.{}", seed.between(4_000, 9_600), seed.between(10, 99)),
        "taxClass": tax_class(number),
        "shippingClass": seed.pick(&["letter", "parcel", "parcel", "bulky"]),
        "hazmat": false,
        "ageRestriction": null,
        "tags": [slug, root_name.to_lowercase(), child_name.to_lowercase(), "gift"],
        "condition": "new",
        "minOrder": 1,
        "maxOrder": 20,
        "returnPolicy": { "days": 30, "free": seed.chance(70), "conditions": "Unused, in its packaging" },
        "sustainability": {
            "score": f64::from(seed.between(40, 99)) / 100.0,
            "labels": ["FSC", "repairable"],
            "packaging": "cardboard",
        },
        "seo": {
            "slug": slug,
            "title": format!("{title} | Harbor"),
            "description": description.first(),
            "canonicalUrl": format!("https://harbor.example/p/{number}/{slug}"),
        },
        "documents": [
            { "kind": "manual", "title": "Manual", "url": format!("https://docs.harbor.example/p/{number}/manual.pdf") },
        ],
        "translations": {
            "de-DE": { "title": format!("{title} (DE)"), "subtitle": "Für jeden Tag" },
            "fr-FR": { "title": format!("{title} (FR)"), "subtitle": "Pour tous les jours" },
        },
        "createdAt": moment(created),
        "updatedAt": moment(days_ago(seed.between(1, 150), number * 97)),
        "releaseDate": date(created),
        "discontinuedAt": null,
    }) else {
        return Map::new();
    };
    fields
}

type Written = LazyLock<Vec<OnceLock<Bytes>>>;
static FULL: Written = LazyLock::new(|| (0..=COUNT).map(|_| OnceLock::new()).collect());
static SUMMARY: Written = LazyLock::new(|| (0..=COUNT).map(|_| OnceLock::new()).collect());

fn written(store: &Written, number: u32, write: impl FnOnce() -> Map<String, Value>) -> Bytes {
    let fresh = || Bytes::from(Value::Object(write()).to_string());
    store.get(number as usize).map_or_else(Bytes::new, |slot| slot.get_or_init(fresh).clone())
}

/// The JSON of a `ProductSummary`.
pub fn summary_json(number: u32) -> Bytes {
    written(&SUMMARY, number, || summary_fields(number))
}

/// The JSON of a `Product`.
pub fn full_json(number: u32) -> Bytes {
    written(&FULL, number, || {
        let mut fields = summary_fields(number);
        fields.extend(detail_fields(number));
        fields
    })
}
