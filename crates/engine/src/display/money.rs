//! `money(minor, currency, locale)`: amounts in minor units, exact to the last digit.

use std::rc::Rc;

use super::decimal::Shown;
use super::layout::Layout;
use super::{code, locales};
use crate::eval::{Evaluated, Evaluator};
use crate::value::Value;

/// Null and undefined give null.
pub(crate) fn money<'a>(
    evaluator: &mut Evaluator<'a>,
    minor: Value<'a>,
    currency: Value<'a>,
    locale: Value<'a>,
) -> Evaluated<'a> {
    if minor.is_nullish() {
        return Ok(Value::Null);
    }
    let currency = code(evaluator, currency)?;
    let locale = code(evaluator, locale)?;
    evaluator.spend(8)?;
    let mut amount = Shown::of(minor, evaluator.arena);
    let arena = evaluator.arena;
    let prices = match &mut evaluator.prices {
        Some(prices) if prices.are_in(currency, locale) => prices,
        other => other.insert(Prices::new(currency, locale)),
    };
    amount.divide(prices.digits);
    Ok(prices.layout.show(amount, prices.digits, prices.digits, arena).value())
}

/// How prices are shown in one currency and language. An answer's prices mostly are in the same, so the last ones
/// are kept.
#[derive(Debug)]
pub(crate) struct Prices<'a> {
    currency: &'a str,
    locale: &'a str,
    layout: Rc<Layout>,
    /// Minor units.
    digits: usize,
}

impl<'a> Prices<'a> {
    fn new(currency: &'a str, locale: &'a str) -> Self {
        let layout = locales::of(locale).money(currency);
        Self { currency, locale, layout, digits: fraction_digits(currency) }
    }

    fn are_in(&self, currency: &str, locale: &str) -> bool {
        std::ptr::eq(self.currency, currency) && std::ptr::eq(self.locale, locale)
    }
}

/// The exponent of ISO 4217: how many digits of the amount are minor units. Two unless the standard says
/// otherwise.
fn fraction_digits(currency: &str) -> usize {
    let mut upper = [0; 3];
    let Some(code) = currency.as_bytes().first_chunk::<3>().filter(|_| currency.len() == 3) else {
        return 2;
    };
    upper.copy_from_slice(code);
    upper.make_ascii_uppercase();
    match &upper {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
        | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        b"CLF" | b"UYW" => 4,
        _ => 2,
    }
}
