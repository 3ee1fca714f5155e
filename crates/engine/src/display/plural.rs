//! `plural(count, locale, { one: "# item", other: "# items" })`

use icu_plurals::{PluralCategory, PluralOperands};

use super::decimal::Shown;
use super::layout::{Layout, fill_in};
use super::{code, locales, option};
use crate::eval::{Evaluated, Evaluator};
use crate::value::{Kind, Value};

/// The form that fits the number, `other` if it is not given, with the number in place of each `#`.
pub(crate) fn plural<'a>(
    evaluator: &mut Evaluator<'a>,
    count: Value<'a>,
    locale: Value<'a>,
    forms: Value<'a>,
) -> Evaluated<'a> {
    let locale = code(evaluator, locale)?;
    evaluator.spend(8)?;
    let data = locales::of(locale);
    let number = data.number().show(Shown::of(count, evaluator.arena), 0, MOST_FRACTION, evaluator.arena);
    let category = match data.plurals() {
        Some(rules) => rules.category_for(operands(count, evaluator)),
        None => PluralCategory::Other,
    };
    let mut form = option(evaluator, forms, name(category))?;
    if form.is_undefined() {
        form = option(evaluator, forms, "other")?;
    }
    if form.kind() != Kind::String {
        return Ok(Value::EMPTY_STRING);
    }
    let form = evaluator.text(form)?;
    evaluator.spend_bytes(form.bytes().len() * 4)?;
    Ok(fill_in(form, number, evaluator.arena).value())
}

/// As `Intl.PluralRules` and `Intl.NumberFormat` round.
const MOST_FRACTION: usize = 3;

/// What plural rules look at: the digits as they are shown, without grouping and locale.
fn operands<'a>(count: Value<'a>, evaluator: &Evaluator<'a>) -> PluralOperands {
    let plain =
        Layout::ungrouped().show(Shown::of(count, evaluator.arena), 0, MOST_FRACTION, evaluator.arena);
    let digits = std::str::from_utf8(plain.bytes()).unwrap_or_default().trim_start_matches('-');
    match digits.parse::<u64>() {
        Ok(integer) => PluralOperands::from(integer),
        Err(_) => match digits.parse::<fixed_decimal::Decimal>() {
            Ok(decimal) => PluralOperands::from(&decimal),
            // `NaN` and infinity take `other` in every language, as large numbers do.
            Err(_) => PluralOperands::from(u64::MAX),
        },
    }
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}
