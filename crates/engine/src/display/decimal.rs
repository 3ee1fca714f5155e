//! Exact decimal numbers: what money and numbers are shown from, never by way of binary fractions.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use crate::number;
use crate::value::Value;

/// Numbers as large as this, or with a first digit as far behind the point, are shown as infinite or zero, as
/// doubles would be.
const FARTHEST: i64 = 400;

#[derive(Debug)]
pub enum Shown<'a> {
    /// `units / 10^scale`, not a negative zero: nearly all amounts and counts.
    Integer {
        negative: bool,
        units: u64,
        scale: usize,
    },
    Decimal(Decimal<'a>),
    Infinite {
        negative: bool,
    },
    NotANumber,
}

/// `0.DIGITS × 10^point`
#[derive(Debug)]
pub struct Decimal<'a> {
    pub negative: bool,
    /// ASCII digits; the first and the last are not zero, so that zero has none.
    digits: BumpVec<'a, u8>,
    point: i64,
}

impl<'a> Shown<'a> {
    /// The number that a value stands for. Text is read as decimal text; a double is the shortest decimal that
    /// reads as it.
    pub fn of(value: Value<'a>, arena: &'a Bump) -> Self {
        match value {
            Value::Number(value) => match number::small_integer(value) {
                Some(integer) => {
                    Self::Integer { negative: integer < 0, units: integer.unsigned_abs(), scale: 0 }
                }
                None => Self::of_text(number::to_text(value, arena).as_bytes(), || value, arena),
            },
            Value::Digits(digits) => Self::of_integer_text(digits.as_bytes())
                .unwrap_or_else(|| Self::of_text(digits.as_bytes(), || number::of_digits(digits), arena)),
            other => {
                let text = crate::convert::to_text(other, arena);
                let bytes = &text.bytes()[crate::text::trimmed(text.bytes(), true, true)];
                Self::of_integer_text(bytes).unwrap_or_else(|| {
                    Self::of_text(bytes, || crate::convert::to_number(other, arena), arena)
                })
            }
        }
    }

    /// Up to 17 digits, with a minus before them or not.
    fn of_integer_text(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.is_empty() || digits.len() > 17 {
            return None;
        }
        let units = digits.iter().try_fold(0, |units: u64, digit| {
            digit.is_ascii_digit().then(|| units * 10 + u64::from(digit - b'0'))
        })?;
        (units > 0 || !negative).then_some(Self::Integer { negative, units, scale: 0 })
    }

    /// Divides by a power of ten.
    pub fn divide(&mut self, places: usize) {
        match self {
            Self::Integer { scale, .. } => *scale += places,
            Self::Decimal(decimal) => decimal.shift(-(places as i64)),
            Self::Infinite { .. } | Self::NotANumber => {}
        }
    }

    /// Times a hundred.
    pub fn percent(&mut self) {
        match self {
            // They have 17 digits at most.
            Self::Integer { units, .. } => *units *= 100,
            Self::Decimal(decimal) => decimal.shift(2),
            Self::Infinite { .. } | Self::NotANumber => {}
        }
    }

    /// `double` is what the text means in JavaScript, if it is no decimal.
    fn of_text(text: &[u8], double: impl FnOnce() -> f64, arena: &'a Bump) -> Self {
        if let Some(decimal) = Decimal::parse(text, arena) {
            return Self::of_decimal(decimal);
        }
        let double = double();
        if double.is_infinite() {
            return Self::Infinite { negative: double < 0.0 };
        }
        // Hexadecimal and its like, null and booleans.
        Decimal::parse(number::to_text(double, arena).as_bytes(), arena)
            .map_or(Self::NotANumber, Self::of_decimal)
    }

    fn of_decimal(decimal: Decimal<'a>) -> Self {
        if decimal.point > FARTHEST {
            return Self::Infinite { negative: decimal.negative };
        }
        Self::Decimal(decimal)
    }
}

impl<'a> Decimal<'a> {
    fn parse(text: &[u8], arena: &'a Bump) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (significand, exponent) = match rest.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => {
                let exponent = std::str::from_utf8(&rest[at + 1..]).ok()?;
                (&rest[..at], exponent.parse::<i64>().ok()?.clamp(-1_000_000_000, 1_000_000_000))
            }
            None => (rest, 0),
        };
        let mut digits = BumpVec::with_capacity_in(significand.len(), arena);
        let mut point = None;
        for byte in significand {
            match byte {
                b'0'..=b'9' => digits.push(*byte),
                b'.' if point.is_none() => point = Some(digits.len() as i64),
                _ => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        let point = point.unwrap_or(digits.len() as i64) + exponent;
        let mut decimal = Self { negative, digits, point };
        let leading = decimal.digits.iter().take_while(|digit| **digit == b'0').count();
        decimal.digits.drain(..leading);
        decimal.point -= leading as i64;
        decimal.trim();
        if decimal.point < -FARTHEST {
            decimal.digits.clear();
        }
        Some(decimal)
    }

    /// `units / 10^scale`
    pub fn of_units(negative: bool, units: u64, scale: usize, arena: &'a Bump) -> Self {
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(units);
        let mut digits = BumpVec::with_capacity_in(text.len(), arena);
        digits.extend_from_slice(text.as_bytes());
        let mut decimal = Self { negative, digits, point: text.len() as i64 - scale as i64 };
        decimal.trim();
        decimal
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    /// Multiplies by a power of ten.
    pub fn shift(&mut self, places: i64) {
        if !self.digits.is_empty() {
            self.point += places;
        }
    }

    /// Rounds to so many digits after the point; halves go away from zero, as `Intl` does.
    pub fn round(&mut self, fraction: usize) {
        let keep = self.point + fraction as i64;
        if keep < 0 {
            self.digits.clear();
        } else if let Some(next) = self.digits.get(keep as usize).copied() {
            self.digits.truncate(keep as usize);
            if next >= b'5' {
                self.increment();
            }
        }
        self.trim();
    }

    /// Adds one in the last digit.
    fn increment(&mut self) {
        for at in (0..self.digits.len()).rev() {
            if self.digits[at] < b'9' {
                self.digits[at] += 1;
                return;
            }
            self.digits[at] = b'0';
        }
        self.digits.insert(0, b'1');
        self.point += 1;
    }

    /// How many digits stand before the point, at least one.
    pub fn integer_len(&self) -> usize {
        self.point.max(1) as usize
    }

    /// How many digits stand behind the point.
    pub fn fraction_len(&self) -> usize {
        (self.digits.len() as i64 - self.point).max(0) as usize
    }

    /// The digit that stands `place` places behind the first of [`integer_len`](Self::integer_len).
    pub fn digit(&self, place: usize) -> u8 {
        let at = place as i64 - (self.integer_len() as i64 - self.point);
        usize::try_from(at).ok().and_then(|at| self.digits.get(at)).map_or(0, |digit| digit - b'0')
    }
}
