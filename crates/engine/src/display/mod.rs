//! Values shown to people: money, numbers, moments, plurals, and pictures in the size of a screen.
//!
//! What a locale does comes from ICU's data (CLDR). An unknown locale reads as English, an unknown currency shows
//! its code: a page with a plain price is better than no page. The oracle is ECMA-402 as Node implements it.

mod date_time;
mod decimal;
mod image;
mod layout;
mod locales;
mod money;
mod number;
mod plural;

pub(crate) use date_time::date_time;
pub(crate) use image::{image, image_with, parameters_of};
pub(crate) use money::{Prices, money};
pub(crate) use number::number;
pub(crate) use plural::plural;

use crate::eval::{Evaluator, Interrupt};
use crate::value::Value;

/// A property of an options object; `undefined` if there is no object.
fn option<'a>(
    evaluator: &mut Evaluator<'a>,
    options: Value<'a>,
    name: &'static str,
) -> Result<Value<'a>, Interrupt<'a>> {
    if options.is_nullish() {
        return Ok(Value::Undefined);
    }
    evaluator.get_index(options, Value::Plain(name))
}

/// Text that is a code: a locale, a currency, an IANA zone. What is not UTF-8 names nothing.
fn code<'a>(evaluator: &mut Evaluator<'a>, value: Value<'a>) -> Result<&'a str, Interrupt<'a>> {
    if let Value::Plain(text) = value {
        return Ok(text);
    }
    Ok(std::str::from_utf8(evaluator.text(value)?.bytes()).unwrap_or_default())
}
