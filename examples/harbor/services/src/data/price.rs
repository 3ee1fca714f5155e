//! What things cost: unit prices, and the quote for a list of lines.

use std::collections::BTreeMap;

use super::product;
use super::seed::Seed;

/// The coupon that two carts in five carry: ten percent.
pub const COUPON: &str = "HARBOR10";

/// Price of one piece in euro cents, tax included.
pub fn unit_minor(product: u32) -> u32 {
    let euros = Seed::at("price", product).between(4, 240);
    euros * 100 + if product.is_multiple_of(3) { 95 } else { 49 }
}

/// What it cost before, if it is reduced (one product in five).
pub fn list_minor(product: u32) -> Option<u32> {
    product.is_multiple_of(5).then(|| unit_minor(product) * 5 / 4)
}

/// What a hundred euro cents are in the minor unit of `currency`; `None` if nobody pays with it here.
fn rate(currency: &str) -> Option<i64> {
    Some(match currency {
        "" | "EUR" => 100,
        "GBP" => 86,
        "USD" => 110,
        "SEK" => 1_120,
        // The yen has no minor unit: 1 euro is 165 yen.
        "JPY" => 165,
        _ => return None,
    })
}

/// One line of what is to be priced.
pub struct Wanted {
    /// Chosen by the asker; the price comes back under it.
    pub id: String,
    /// `p17`; lines with unknown products get no price.
    pub product_id: String,
    /// Pieces; less than one counts as none.
    pub quantity: i32,
}

/// The price of a line.
pub struct LinePrice {
    /// One piece.
    pub unit: i64,
    /// All pieces.
    pub total: i64,
    /// One piece before the reduction.
    pub list: Option<i64>,
    /// The reduction.
    pub percent: u32,
    /// `(from this many pieces on, one costs)`
    pub tiers: [(i32, i64); 2],
}

/// Why a discount was given.
#[derive(Clone, Copy)]
pub enum DiscountKind {
    /// A coupon.
    Coupon,
    /// Fifteen pieces or more.
    Volume,
}

/// A discount on the whole.
pub struct Discount {
    /// `HARBOR10`
    pub code: &'static str,
    /// For people.
    pub label: &'static str,
    /// Minor units, positive.
    pub amount: i64,
    /// Why.
    pub kind: DiscountKind,
}

/// What it all costs, in minor units of `currency`.
pub struct Quote {
    /// ISO 4217.
    pub currency: String,
    /// All lines.
    pub subtotal: i64,
    /// All discounts.
    pub discount: i64,
    /// The difference.
    pub total: i64,
    /// The standard German rate out of the total.
    pub estimated_tax: i64,
    /// By line id.
    pub lines: BTreeMap<String, LinePrice>,
    /// In the order they were taken off.
    pub discounts: Vec<Discount>,
}

/// Prices `lines`. `None` if the currency is not one of ours.
pub fn quote(lines: &[Wanted], currency: &str, coupon: Option<&str>) -> Option<Quote> {
    let rate = rate(currency)?;
    let converted = |cents: u32| i64::from(cents) * rate / 100;
    let mut priced = BTreeMap::new();
    let (mut subtotal, mut pieces) = (0_i64, 0_i64);
    for line in lines {
        let Some(number) = product::number_of(&line.product_id) else { continue };
        let quantity = i64::from(line.quantity.max(0));
        let unit = converted(unit_minor(number));
        let total = unit.saturating_mul(quantity);
        subtotal = subtotal.saturating_add(total);
        pieces += quantity;
        let list = list_minor(number).map(converted);
        let percent = if list.is_some() { 20 } else { 0 };
        let tiers = [(10, unit * 95 / 100), (50, unit * 90 / 100)];
        priced.insert(line.id.clone(), LinePrice { unit, total, list, percent, tiers });
    }
    let mut discounts = Vec::new();
    if coupon == Some(COUPON) && subtotal > 0 {
        let label = "10% off with HARBOR10";
        discounts.push(Discount { code: COUPON, label, amount: subtotal / 10, kind: DiscountKind::Coupon });
    }
    if pieces >= 15 {
        let label = "Fifteen pieces or more";
        discounts.push(Discount {
            code: "VOLUME15",
            label,
            amount: subtotal / 20,
            kind: DiscountKind::Volume,
        });
    }
    let discount = discounts.iter().map(|discount| discount.amount).sum();
    let total = subtotal - discount;
    let currency = if currency.is_empty() { "EUR" } else { currency }.to_owned();
    Some(Quote {
        currency,
        subtotal,
        discount,
        total,
        estimated_tax: total - total * 100 / 119,
        lines: priced,
        discounts,
    })
}
