//! How a locale lays out a number, learned from a few samples that ICU formats.
//!
//! ICU's formatters are general and take about a microsecond a number; a page has a hundred prices. What a locale
//! decides is little: signs and symbols around the digits, separators, where they stand, which digits. All of
//! it shows in four samples, after which a number is a copy of a few pieces.

use std::rc::Rc;

use bumpalo::Bump;
use bumpalo::collections::String as BumpString;

use super::decimal::{Decimal, Shown};
use crate::text::{Str, TextBuilder, classified};

#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The digit zero; the others follow it.
    zero: char,
    /// `None` if the samples showed nothing behind the point.
    decimal_separator: Option<Rc<str>>,
    /// Empty if digits are not grouped.
    group_separator: Rc<str>,
    /// How many digits stand in the last group, and in those before it.
    last_group: usize,
    other_groups: usize,
    /// The fewest digits before the first separator: `1234` is not grouped where this is two.
    least: usize,
    /// What stands before and after the digits.
    positive: Affixes,
    negative: Affixes,
}

#[derive(Clone, Debug, PartialEq)]
struct Affixes {
    before: Rc<str>,
    after: Rc<str>,
}

impl Layout {
    /// Learns from `sample`, which formats decimal text.
    pub fn learn(sample: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let long = Sample::read(&sample("1234567.5")?)?;
        let negative = Sample::read(&sample("-1234567.5")?)?;
        let short = Sample::read(&sample("1234.5")?)?;
        let groups: Vec<usize> = long.separators.iter().map(|(at, _)| *at).filter(|at| *at < 7).collect();
        let separator = |wanted: fn(usize) -> bool| {
            let found = long.separators.iter().find(|(at, _)| wanted(*at));
            found.map(|(_, text)| Rc::from(text.as_str()))
        };
        let last_group = groups.last().map_or(0, |at| 7 - at);
        let other_groups = match groups[..] {
            [.., before, last] => last - before,
            _ => last_group,
        };
        let least = if short.separators.iter().any(|(at, _)| *at < 4) { 1 } else { 2 };
        Some(Self {
            zero: long.zero,
            decimal_separator: separator(|at| at == 7),
            group_separator: separator(|at| at < 7).unwrap_or_else(|| Rc::from("")),
            last_group,
            other_groups,
            least,
            positive: long.affixes,
            negative: negative.affixes,
        })
    }

    /// English, for when there is no data.
    pub fn plain(after: &str) -> Self {
        let affixes = |sign: &str| Affixes { before: Rc::from(sign), after: Rc::from(after) };
        Self {
            zero: '0',
            decimal_separator: Some(Rc::from(".")),
            group_separator: Rc::from(","),
            last_group: 3,
            other_groups: 3,
            least: 1,
            positive: affixes(""),
            negative: affixes("-"),
        }
    }

    /// Digits, a point, a minus: as programs read numbers.
    pub fn ungrouped() -> Self {
        Self { last_group: 0, ..Self::plain("") }
    }

    /// The decimal separator of `other`, unless this one's samples showed one.
    pub fn or_separator_of(mut self, other: Option<Self>) -> Self {
        if self.decimal_separator.is_none() {
            self.decimal_separator = other.and_then(|other| other.decimal_separator);
        }
        self
    }

    /// The number, rounded to at most `most` digits behind the point and filled up to `least`.
    pub fn show<'a>(&self, number: Shown<'a>, least: usize, most: usize, arena: &'a Bump) -> Str<'a> {
        let mut out = BumpString::with_capacity_in(32, arena);
        match number {
            Shown::NotANumber => self.wrap(false, &mut out, |out| out.push_str("NaN")),
            Shown::Infinite { negative } => self.wrap(negative, &mut out, |out| out.push('∞')),
            Shown::Integer { negative, units, scale } if scale <= least => {
                self.wrap(negative, &mut out, |out| self.units(units, scale, least, out));
            }
            Shown::Integer { negative, units, scale } => {
                let decimal = Decimal::of_units(negative, units, scale, arena);
                return self.show(Shown::Decimal(decimal), least, most, arena);
            }
            Shown::Decimal(mut decimal) => {
                decimal.round(most);
                self.wrap(decimal.negative, &mut out, |out| self.digits(&decimal, least, out));
            }
        }
        classified(out.into_bump_str())
    }

    fn wrap(&self, negative: bool, out: &mut BumpString<'_>, write: impl FnOnce(&mut BumpString<'_>)) {
        let affixes = if negative { &self.negative } else { &self.positive };
        out.push_str(&affixes.before);
        write(out);
        out.push_str(&affixes.after);
    }

    /// `units / 10^scale` with `least` digits behind the point, which are no fewer than `scale`.
    fn units(&self, units: u64, scale: usize, least: usize, out: &mut BumpString<'_>) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(units);
        let (integer, fraction) = digits.split_at(digits.len().saturating_sub(scale));
        let integer = if integer.is_empty() { "0" } else { integer };
        if self.last_group > 0 && integer.len() >= self.last_group + self.least {
            let (mut groups, last) = integer.split_at(integer.len() - self.last_group);
            // The first group is what the others leave over.
            let mut length = (groups.len() - 1) % self.other_groups + 1;
            while !groups.is_empty() {
                let (group, rest) = groups.split_at(length);
                self.push_digits(group, out);
                out.push_str(&self.group_separator);
                groups = rest;
                length = self.other_groups;
            }
            self.push_digits(last, out);
        } else {
            self.push_digits(integer, out);
        }
        if least > 0 {
            out.push_str(self.decimal_separator.as_deref().unwrap_or("."));
            (fraction.len()..scale).for_each(|_| out.push(self.zero));
            self.push_digits(fraction, out);
            (scale..least).for_each(|_| out.push(self.zero));
        }
    }

    /// ASCII digits in the locale's own.
    fn push_digits(&self, digits: &str, out: &mut BumpString<'_>) {
        if self.zero == '0' {
            out.push_str(digits);
        } else {
            out.extend(digits.bytes().map(|digit| self.digit(digit - b'0')));
        }
    }

    fn digits(&self, decimal: &Decimal<'_>, least: usize, out: &mut BumpString<'_>) {
        let integer = decimal.integer_len();
        let grouped = self.last_group > 0 && integer >= self.last_group + self.least;
        for place in 0..integer {
            let left = integer - place;
            let at_group = left == self.last_group
                || (left > self.last_group && (left - self.last_group).is_multiple_of(self.other_groups));
            if grouped && place > 0 && at_group {
                out.push_str(&self.group_separator);
            }
            out.push(self.digit(decimal.digit(place)));
        }
        let fraction = decimal.fraction_len().max(least);
        if fraction > 0 {
            out.push_str(self.decimal_separator.as_deref().unwrap_or("."));
            for place in integer..integer + fraction {
                out.push(self.digit(decimal.digit(place)));
            }
        }
    }

    fn digit(&self, digit: u8) -> char {
        char::from_u32(self.zero as u32 + u32::from(digit)).unwrap_or('0')
    }
}

/// What a formatted sample, whose digits begin with one, shows.
struct Sample {
    zero: char,
    /// Text between digits, by how many digits stand before it.
    separators: Vec<(usize, String)>,
    affixes: Affixes,
}

impl Sample {
    fn read(text: &str) -> Option<Self> {
        let (first, one) = text.char_indices().find(|(_, character)| character.is_numeric())?;
        let zero = char::from_u32((one as u32).checked_sub(1)?)?;
        let is_digit = |character: char| (zero as u32..zero as u32 + 10).contains(&(character as u32));
        let mut separators: Vec<(usize, String)> = Vec::new();
        let mut count = 0;
        let mut end = first;
        for (at, character) in text[first..].char_indices() {
            if is_digit(character) {
                count += 1;
                end = first + at + character.len_utf8();
            } else {
                match separators.last_mut() {
                    Some((before, separator)) if *before == count => separator.push(character),
                    _ => separators.push((count, character.to_string())),
                }
            }
        }
        // What follows the last digit is no separator.
        separators.retain(|(before, _)| *before < count);
        let affixes = Affixes { before: Rc::from(&text[..first]), after: Rc::from(&text[end..]) };
        Some(Self { zero, separators, affixes })
    }
}

/// Replaces each `#` in a form.
pub fn fill_in<'a>(form: Str<'a>, number: Str<'a>, arena: &'a Bump) -> Str<'a> {
    let mut out = TextBuilder::new(arena, form.bytes().len() + number.bytes().len());
    let mut from = 0;
    for at in memchr::memchr_iter(b'#', form.bytes()) {
        out.push(form.part(from..at));
        out.push(number);
        from = at + 1;
    }
    out.push(form.part(from..form.bytes().len()));
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_shown_as_their_decimals_are() {
        let english = Layout::plain(" kr");
        let indian = Layout { other_groups: 2, ..english.clone() };
        let spanish = Layout { least: 2, group_separator: Rc::from("."), ..english.clone() };
        let arabic = Layout { zero: '٠', decimal_separator: None, ..english.clone() };
        let arena = Bump::new();
        for layout in [english, indian, spanish, arabic, Layout::ungrouped()] {
            for units in
                [0, 7, 10, 99, 100, 999, 1000, 1234, 12_345, 999_999, 1_234_567, 98_765_432_109_876_543]
            {
                for (scale, least) in [(0, 0), (0, 2), (1, 2), (2, 2), (3, 3), (4, 4), (2, 0)] {
                    let negative = units % 2 == 1;
                    let most = least.max(3);
                    let integer = Shown::Integer { negative, units, scale };
                    let decimal = Shown::Decimal(Decimal::of_units(negative, units, scale, &arena));
                    assert_eq!(
                        layout.show(integer, least, most, &arena).bytes(),
                        layout.show(decimal, least, most, &arena).bytes(),
                        "{units} / 10^{scale}"
                    );
                }
            }
        }
    }
}
