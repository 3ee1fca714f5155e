//! `number(value, locale, { minimumFractionDigits, maximumFractionDigits, style })`

use super::decimal::Shown;
use super::{code, locales, option};
use crate::eval::{Evaluated, Evaluator, Interrupt, Misuse};
use crate::value::Value;

pub(crate) fn number<'a>(
    evaluator: &mut Evaluator<'a>,
    value: Value<'a>,
    locale: Value<'a>,
    options: Value<'a>,
) -> Evaluated<'a> {
    if value.is_nullish() {
        return Ok(Value::Null);
    }
    let locale = code(evaluator, locale)?;
    let style = option(evaluator, options, "style")?;
    let percent = !style.is_nullish() && code(evaluator, style)? == "percent";
    let (least, most) = fraction_digits(evaluator, options, percent)?;
    evaluator.spend(8)?;
    let data = locales::of(locale);
    let layout = if percent { data.percent() } else { data.number() };
    let mut shown = Shown::of(value, evaluator.arena);
    if percent {
        shown.percent();
    }
    Ok(layout.show(shown, least, most, evaluator.arena).value())
}

/// ECMA-402 §15.1.4 SetNumberFormatDigitOptions: the defaults give way to what is asked for.
fn fraction_digits<'a>(
    evaluator: &mut Evaluator<'a>,
    options: Value<'a>,
    percent: bool,
) -> Result<(usize, usize), Interrupt<'a>> {
    let default = if percent { 0 } else { 3 };
    let least = digits_option(evaluator, options, "minimumFractionDigits")?;
    let most = digits_option(evaluator, options, "maximumFractionDigits")?;
    match (least, most) {
        (None, None) => Ok((0, default)),
        (Some(least), None) => Ok((least, default.max(least))),
        (None, Some(most)) => Ok((0, most)),
        (Some(least), Some(most)) if least <= most => Ok((least, most)),
        _ => Err(Misuse::OutOfRange.into()),
    }
}

fn digits_option<'a>(
    evaluator: &mut Evaluator<'a>,
    options: Value<'a>,
    name: &'static str,
) -> Result<Option<usize>, Interrupt<'a>> {
    let value = option(evaluator, options, name)?;
    if value.is_undefined() {
        return Ok(None);
    }
    let digits = evaluator.number(value);
    if (0.0..=100.0).contains(&digits) { Ok(Some(digits as usize)) } else { Err(Misuse::OutOfRange.into()) }
}
