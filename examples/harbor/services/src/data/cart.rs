//! Carts. Every id is a cart of ten lines that follow from it, but for `missing…` (there is none) and `empty…`
//! (no lines). What `AddItem` adds is remembered until the process ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::price::{COUPON, Quote, Wanted, quote};
use super::product;
use super::seed::Seed;

/// Lines of a cart nobody has touched.
const LINES: u32 = 10;
/// Carts with additions that are remembered; more are refused rather than letting memory grow.
const MOST_CHANGED: usize = 10_000;
/// Most lines that one cart takes.
const MOST_LINES: usize = 100;

/// One line.
#[derive(Clone)]
pub struct Line {
    /// `c1-1`
    pub id: String,
    /// Number of the product.
    pub product: u32,
    /// Pieces, at least one.
    pub quantity: i32,
}

/// One cart.
pub struct Cart {
    /// As asked.
    pub id: String,
    /// Number of the customer in the back office.
    pub customer: u32,
    /// ISO 3166.
    pub country: &'static str,
    /// Two carts in five have one.
    pub coupon: Option<&'static str>,
    /// The lines, old ones first.
    pub lines: Vec<Line>,
    /// How often it was changed, plus one.
    pub version: u64,
    /// Whether it is to be picked up instead of sent.
    pub pickup: bool,
}

impl Cart {
    /// What it costs.
    pub fn quote(&self, currency: &str) -> Option<Quote> {
        let wanted: Vec<Wanted> = self
            .lines
            .iter()
            .map(|line| Wanted {
                id: line.id.clone(),
                product_id: product::id_of(line.product),
                quantity: line.quantity,
            })
            .collect();
        quote(&wanted, currency, self.coupon)
    }
}

/// What was added to a cart.
#[derive(Default)]
struct Added {
    times: u64,
    /// Product and pieces.
    lines: Vec<(u32, i32)>,
}

/// What was added, by cart.
#[derive(Default)]
pub struct Carts {
    added: RwLock<HashMap<String, Added>>,
    /// Counts additions: whoever keeps answers about carts drops them when this has moved.
    changes: AtomicU64,
}

/// Why something was not added.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such cart.
    NoCart,
    /// No such product.
    NoProduct,
    /// Not between 1 and 20.
    Quantity,
    /// The cart, or the memory for carts, is full.
    Full,
}

impl Carts {
    /// The cart with this id, with what was added to it.
    pub fn get(&self, id: &str) -> Option<Cart> {
        if id.is_empty() || id.starts_with("missing") {
            return None;
        }
        let mut seed = Seed::of("cart", id);
        let customer = seed.between(1, super::tables::CUSTOMERS);
        let country = seed.pick(&["DE", "DE", "FR", "NL"]);
        let coupon = Seed::of("coupon", id).chance(40).then_some(COUPON);
        let pickup = seed.chance(10);
        // A stride that has no factor in common with the number of products: no product comes twice.
        let (first, stride) = (seed.below(product::COUNT), seed.below(19) * 10 + 7);
        let count = if id.starts_with("empty") { 0 } else { LINES };
        let mut lines: Vec<Line> = (0..count)
            .map(|index| Line {
                id: format!("{id}-{}", index + 1),
                product: (first + index * stride) % product::COUNT + 1,
                quantity: 1 + i32::try_from(seed.below(10) / 7).unwrap_or(0),
            })
            .collect();
        let mut version = 1;
        if self.changes() > 0 {
            let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(added) = added.get(id) {
                version += added.times;
                for (product, quantity) in &added.lines {
                    merge(&mut lines, id, *product, *quantity);
                }
            }
        }
        Some(Cart { id: id.to_owned(), customer, country, coupon, lines, version, pickup })
    }

    /// Adds pieces of a product; gives the cart as it is then, and the index of the line that holds the product.
    pub fn add(&self, id: &str, product_id: &str, quantity: i32) -> Result<(Cart, usize), Refusal> {
        let before = self.get(id).ok_or(Refusal::NoCart)?;
        let product = product::number_of(product_id).ok_or(Refusal::NoProduct)?;
        if !(1..=20).contains(&quantity) {
            return Err(Refusal::Quantity);
        }
        {
            let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
            if added.len() >= MOST_CHANGED && !added.contains_key(id) || before.lines.len() >= MOST_LINES {
                return Err(Refusal::Full);
            }
            let changed = added.entry(id.to_owned()).or_default();
            changed.times += 1;
            match changed.lines.iter_mut().find(|(known, _)| *known == product) {
                Some((_, pieces)) => *pieces = pieces.saturating_add(quantity),
                None => changed.lines.push((product, quantity)),
            }
        }
        self.changes.fetch_add(1, Ordering::Release);
        let cart = self.get(id).ok_or(Refusal::NoCart)?;
        let index = cart.lines.iter().position(|line| line.product == product).ok_or(Refusal::NoProduct)?;
        Ok((cart, index))
    }

    /// How many additions there were.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
}

fn merge(lines: &mut Vec<Line>, id: &str, product: u32, quantity: i32) {
    if let Some(line) = lines.iter_mut().find(|line| line.product == product) {
        line.quantity = line.quantity.saturating_add(quantity);
    } else {
        lines.push(Line { id: format!("{id}-{}", lines.len() + 1), product, quantity });
    }
}
