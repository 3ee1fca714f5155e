//! Value added tax of a cart. Prices contain it, so it is worked out of the total.

use serde_json::json;

use crate::answer::{Answer, Asked};
use crate::data::calendar::{NOW, moment};
use crate::data::product;
use crate::server::Harbor;

/// Standard and reduced rate of a country, in percent.
fn rates(country: &str) -> (i64, i64) {
    match country {
        "FR" => (20, 10),
        "NL" => (21, 9),
        "GB" => (20, 5),
        "SE" => (25, 12),
        _ => (19, 7),
    }
}

pub fn answer(harbor: &Harbor, asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    let ("GET", ["v1", "carts", cart_id, "tax"]) = (method, path.as_slice()) else {
        return Answer::not_found();
    };
    let Some(cart) = harbor.carts.get(cart_id) else { return Answer::not_found() };
    let currency = asked.query.get("currency").unwrap_or_default();
    let country = asked.query.get("country").unwrap_or(cart.country.into());
    let Some(quote) = cart.quote(&currency) else {
        return Answer::refused(400, "unknown_currency", "this currency is not one of ours");
    };

    let reduced_gross: i64 = cart
        .lines
        .iter()
        .filter(|line| product::tax_class(line.product) == "reduced")
        .filter_map(|line| quote.lines.get(&line.id))
        .map(|price| price.total)
        .sum();
    // Discounts lower both shares alike.
    let reduced = if quote.subtotal == 0 { 0 } else { reduced_gross * quote.total / quote.subtotal };
    let (standard_rate, reduced_rate) = rates(&country);
    let rows: Vec<_> =
        [("standard", standard_rate, quote.total - reduced), ("reduced", reduced_rate, reduced)]
            .iter()
            .filter(|(_, _, gross)| *gross > 0)
            .map(|(class, rate, gross)| {
                let taxable = gross * 100 / (100 + rate);
                (*class, *rate, taxable, gross - taxable)
            })
            .collect();
    let total: i64 = rows.iter().map(|(_, _, _, tax)| tax).sum();
    let rates: Vec<_> = rows
        .iter()
        .map(|(class, rate, taxable, tax)| {
            json!({
                "class": class,
                "rate": *rate as f64 / 100.0,
                "taxableMinor": taxable,
                "taxMinor": tax,
                "jurisdiction": country,
            })
        })
        .collect();
    Answer::ok(&json!({
        "cartId": cart.id,
        "country": country,
        "currency": quote.currency,
        "inclusive": true,
        "totalMinor": total,
        "rates": rates,
        "exemption": null,
        "engine": "harbor-vat",
        "ruleset": "2026-07",
        "computedAt": moment(NOW),
    }))
    .kept()
}
