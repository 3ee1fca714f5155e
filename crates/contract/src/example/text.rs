//! Plausible texts and numbers, by format, else by what their field is called.

use frontdesk_types::Hints;

const ADJECTIVES: [&str; 12] = [
    "Amber", "Bright", "Calm", "Deep", "Early", "Fine", "Green", "High", "Inland", "Quiet", "Silver", "Warm",
];
const NOUNS: [&str; 12] = [
    "Anchor", "Bay", "Compass", "Dock", "Ferry", "Gull", "Harbor", "Lantern", "Mast", "Pier", "Sail", "Tide",
];
const SENTENCE: &str = "The ferry leaves the quiet harbor before the tide turns and the lanterns go out. ";
/// How long a text may get where nothing bounds it, in characters.
const LONG: usize = 120;
/// The longest text that is made, whatever its schema allows.
const LONGEST: usize = 4000;

/// FNV-1a, then one round of SplitMix64: the same on every machine, and good in its low bits.
pub(super) fn hash(bytes: &[u8], seed: u64) -> u64 {
    let start = seed ^ 0xcbf2_9ce4_8422_2325;
    let fnv = bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = fnv.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The words of `productId`, `product_id`, `HTTPServer2`: in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            before = ' ';
            continue;
        }
        let starts = before == ' ' || (c.is_uppercase() && !before.is_uppercase());
        match words.last_mut() {
            Some(word) if !starts => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
        before = c;
    }
    words
}

/// What one element of `orderLines` is: `line`; what a `CartLine` is: `line`.
pub(super) fn noun(name: &str) -> String {
    singular(words(name).last().map_or("", String::as_str))
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    let is_plural = word.len() > 2 && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
    if is_plural { word.strip_suffix('s').unwrap_or(word).to_owned() } else { word.to_owned() }
}

/// Whether a field of that name tells things apart.
pub(super) fn identifies(name: &str) -> bool {
    words(name)
        .last()
        .is_some_and(|last| matches!(&**last, "id" | "ids" | "key" | "uuid" | "sku" | "slug" | "ref"))
}

/// `product-1`
pub(super) fn id(noun: &str, index: usize) -> String {
    let noun = if noun.is_empty() || noun == "id" { "id" } else { noun };
    format!("{noun}-{}", index + 1)
}

/// A text for the field `name` of a `noun`, the `index`th of its list.
pub(super) fn text(name: &str, noun: &str, index: usize, hash: u64, hints: &Hints, large: bool) -> String {
    let words = words(name);
    let identified = match words.as_slice() {
        [.., of, last] if matches!(&**last, "id" | "ids" | "key" | "uuid" | "ref") => singular(of),
        _ => noun.to_owned(),
    };
    if let Some(text) = hints.format.as_deref().and_then(|format| formatted(format, &identified, index, hash))
    {
        return text;
    }
    let last = words.last().map_or("", String::as_str);
    let text = if identifies(name) { id(&identified, index) } else { named(last, &words, index, hash) };
    sized(text, last, hints, large)
}

/// Cut or drawn out to the bounds of its schema; drawn out as far as it goes for a large answer.
fn sized(text: String, last: &str, hints: &Hints, large: bool) -> String {
    let bound =
        |bound: Option<f64>| bound.filter(|n| n.is_finite() && *n >= 0.0).map(|n| (n as usize).min(LONGEST));
    let (min, max) = (bound(hints.min).unwrap_or(0), bound(hints.max));
    // Codes and the like have one length, which is nearly always theirs.
    let is_free = !matches!(
        last,
        "id" | "currency" | "locale" | "country" | "language" | "email" | "at" | "date" | "code"
    );
    let wanted = if large && is_free { max.unwrap_or(LONG) } else { min };
    let length = text.chars().count();
    let mut text = text;
    if length < wanted {
        let more = SENTENCE.chars().cycle().take(wanted - length - 1);
        text = text.chars().chain([' ']).chain(more).collect();
    }
    match max {
        Some(max) if text.chars().count() > max => text.chars().take(max).collect(),
        _ => text,
    }
}

/// By a format of JSON Schema or OpenAPI.
fn formatted(format: &str, noun: &str, index: usize, hash: u64) -> Option<String> {
    Some(match format {
        "date-time" => moment(hash),
        "date" => day(hash),
        "time" => format!("{:02}:{:02}:00Z", hash % 24, hash / 24 % 60),
        "duration" => format!("PT{}M", 5 + hash % 50),
        "uuid" | "guid" => uuid(noun, index),
        "uri" | "url" | "iri" => link(noun, hash),
        "uri-reference" | "iri-reference" => format!("/{}", id(noun, index)),
        "email" | "idn-email" => email(hash),
        "hostname" | "idn-hostname" => "shop.example.com".to_owned(),
        "ipv4" => format!("192.0.2.{}", 1 + hash % 250),
        "ipv6" => format!("2001:db8::{:x}", 1 + hash % 0xfffe),
        // The text "frontdesk".
        "byte" | "base64" => "ZnJvbnRkZXNr".to_owned(),
        "int64" | "uint64" | "int32" | "uint32" | "integer" => (10 + hash % 9990).to_string(),
        "decimal" | "double" | "float" => format!("{}.{:02}", 1 + hash % 99, hash / 99 % 100),
        _ => return None,
    })
}

fn named(last: &str, words: &[String], index: usize, hash: u64) -> String {
    let has = |word: &str| words.iter().any(|known| known == word);
    match last {
        "currency" => "EUR".to_owned(),
        "locale" | "language" | "lang" => "en-GB".to_owned(),
        "country" | "region" => "DE".to_owned(),
        "email" | "mail" => email(hash),
        "phone" | "telephone" => format!("+49 30 5550{:03}", hash % 1000),
        "date" | "day" | "birthday" => day(hash),
        "at" | "time" | "timestamp" | "earliest" | "latest" | "expires" | "until" | "since" => moment(hash),
        "timezone" | "tz" => "Europe/Berlin".to_owned(),
        "url" | "uri" | "href" | "link" => link(words.first().map_or("page", String::as_str), hash),
        "image" | "thumbnail" | "picture" | "photo" | "avatar" | "icon" | "logo" => image(last, hash),
        "minor" | "amount" | "count" | "quantity" | "total" | "price" => (10 + hash % 9990).to_string(),
        "name" if has("first") || has("given") => "Ada".to_owned(),
        "name" if has("last") || has("family") => "Harper".to_owned(),
        "street" => format!("{} Quay Street", 1 + hash % 99),
        "city" | "town" => "Hamburg".to_owned(),
        "zip" | "postcode" | "code" if has("postal") || last != "code" => "20457".to_owned(),
        "code" => format!("{}{}", pick(&NOUNS, hash).to_uppercase(), index + 1),
        "description" | "text" | "body" | "summary" | "message" | "comment" => SENTENCE.trim_end().to_owned(),
        "name" | "title" | "label" | "headline" => two_words(hash),
        _ if has("image") || has("thumbnail") || has("photo") => image(last, hash),
        _ => two_words(hash).to_lowercase(),
    }
}

fn pick<'w>(from: &[&'w str], hash: u64) -> &'w str {
    from.get((hash % from.len().max(1) as u64) as usize).copied().unwrap_or_default()
}

fn two_words(hash: u64) -> String {
    format!("{} {}", pick(&ADJECTIVES, hash), pick(&NOUNS, hash / 12))
}

fn email(hash: u64) -> String {
    format!("{}@example.com", pick(&NOUNS, hash).to_lowercase())
}

fn link(what: &str, hash: u64) -> String {
    if matches!(what, "image" | "thumbnail" | "picture" | "photo" | "avatar" | "icon" | "logo") {
        return image(what, hash);
    }
    format!("https://www.example.com/{}/{}", if what.is_empty() { "page" } else { what }, hash % 10_000)
}

fn image(what: &str, hash: u64) -> String {
    format!("https://images.example.com/{what}/{}.jpg", hash % 10_000)
}

/// In 2026, so that it is no surprise beside dates that people write in their cases.
fn day(hash: u64) -> String {
    format!("2026-{:02}-{:02}", 1 + hash % 12, 1 + hash / 12 % 28)
}

fn moment(hash: u64) -> String {
    format!("{}T{:02}:{:02}:00Z", day(hash), hash / 400 % 24, hash / 9600 % 60)
}

/// Version 4 in form; the same for the same thing, so that what mentions it finds it.
fn uuid(noun: &str, index: usize) -> String {
    let (a, b) = (hash(id(noun, index).as_bytes(), 1), hash(id(noun, index).as_bytes(), 2));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        8 + (b >> 60 & 3),
        b >> 48 & 0xfff,
        b & 0xffff_ffff_ffff
    )
}

/// A number for the field `name`, within the bounds of its schema.
pub(super) fn number(name: &str, hash: u64, hints: Option<&Hints>, large: bool) -> f64 {
    let plain = Hints::default();
    let hints = hints.unwrap_or(&plain);
    let words = words(name);
    let (wanted, whole) = match words.last().map_or("", String::as_str) {
        "minor" | "amount" | "cents" | "price" | "total" => (100 + hash % 9900, true),
        "quantity" | "count" | "size" | "position" | "rank" | "index" | "page" => (1 + hash % 9, true),
        "stars" | "rating" | "score" => (1 + hash % 5, true),
        "year" => (2026, true),
        "at" | "timestamp" => (1_780_000_000 + hash % 10_000_000, true),
        _ if large => (100_000_000 + hash % 800_000_000, hints.integer),
        _ => (1 + hash % 99, hints.integer),
    };
    let wanted = wanted as f64 + if whole || hints.integer { 0.0 } else { 0.5 };
    let finite = |bound: Option<f64>| bound.filter(|n| n.is_finite());
    let (min, max) = (finite(hints.min), finite(hints.max));
    let (min, max) = if hints.integer { (min.map(f64::ceil), max.map(f64::floor)) } else { (min, max) };
    let wanted = max.map_or(wanted, |max| wanted.min(max));
    min.map_or(wanted, |min| wanted.max(min))
}
