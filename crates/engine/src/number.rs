//! Numbers as JavaScript prints, reads and converts them.

use bumpalo::Bump;

use crate::text;

/// JSON number text as the nearest double.
pub fn of_digits(digits: &str) -> f64 {
    digits.parse().unwrap_or(f64::NAN)
}

/// The number as `String(x)` prints it, into a buffer that lasts as long as `use_text`.
fn with_text<R>(value: f64, use_text: impl FnOnce(&str) -> R) -> R {
    // `-0` prints as `0` here and in JavaScript.
    if let Some(integer) = small_integer(value) {
        return use_text(itoa::Buffer::new().format(integer));
    }
    use_text(ryu_js::Buffer::new().format(value))
}

/// The number as an integer, if it is one of at most 15 digits.
pub fn small_integer(value: f64) -> Option<i64> {
    let integer = value as i64;
    (integer as f64 == value && integer.unsigned_abs() < 1_000_000_000_000_000).then_some(integer)
}

/// `String(x)`
pub fn to_text(value: f64, arena: &Bump) -> &str {
    with_text(value, |text| &*arena.alloc_str(text))
}

/// `JSON.stringify(x)`: what is not finite becomes `null`.
pub fn write_json(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        with_text(value, |text| out.extend_from_slice(text.as_bytes()));
    } else {
        out.extend_from_slice(b"null");
    }
}

/// `x.toFixed(digits)` with at most 100 digits.
pub fn to_fixed(value: f64, digits: u8, arena: &Bump) -> &str {
    if value.abs() >= 1e21 || !value.is_finite() {
        return to_text(value, arena);
    }
    arena.alloc_str(ryu_js::Buffer::new().format_to_fixed(value, digits))
}

/// `x.toString(radix)` with a radix of 2 to 36.
///
/// The language leaves the digits of fractions in other bases than ten to the implementation; these are the
/// fewest that tell the number from its neighbours.
pub fn to_radix(value: f64, radix: u32, arena: &Bump) -> &str {
    if radix == 10 || !value.is_finite() {
        return to_text(value, arena);
    }
    let base = f64::from(radix);
    let magnitude = value.abs();
    let mut integer = magnitude.floor();
    let fraction_digits = fraction_in(magnitude - integer, magnitude, radix, &mut integer);

    let mut reversed = Vec::new();
    while exponent(integer) > 0 {
        integer /= base;
        reversed.push('0');
    }
    loop {
        let digit = integer % base;
        reversed.push(digit_of(digit as u32, radix));
        integer = (integer - digit) / base;
        if integer <= 0.0 {
            break;
        }
    }
    let mut text = bumpalo::collections::String::new_in(arena);
    if value < 0.0 {
        text.push('-');
    }
    text.extend(reversed.into_iter().rev());
    if !fraction_digits.is_empty() {
        text.push('.');
        text.extend(fraction_digits.into_iter().map(|digit| digit_of(digit, radix)));
    }
    text.into_bump_str()
}

/// The power of two by which the 53-bit significand is multiplied.
fn exponent(value: f64) -> i32 {
    (value.to_bits() >> 52 & 0x7FF) as i32 - 1075
}

fn digit_of(digit: u32, radix: u32) -> char {
    char::from_digit(digit, radix).unwrap_or('0')
}

/// The digits after the point; a carry goes to `integer`.
fn fraction_in(mut fraction: f64, value: f64, radix: u32, integer: &mut f64) -> Vec<u32> {
    let base = f64::from(radix);
    let mut delta = (0.5 * (value.next_up() - value)).max(f64::from_bits(1));
    let mut digits = Vec::new();
    if fraction < delta {
        return digits;
    }
    loop {
        fraction *= base;
        delta *= base;
        let digit = fraction as u32;
        digits.push(digit);
        fraction -= f64::from(digit);
        let round_up = fraction > 0.5 || (fraction == 0.5 && digit & 1 == 1);
        if round_up && fraction + delta > 1.0 {
            loop {
                match digits.pop() {
                    None => {
                        *integer += 1.0;
                        break;
                    }
                    Some(last) if last + 1 < radix => {
                        digits.push(last + 1);
                        break;
                    }
                    Some(_) => {}
                }
            }
            return digits;
        }
        if fraction < delta {
            return digits;
        }
    }
}

// ---- reading

/// `Number(text)`: ECMA-262 §7.1.4.1 StringToNumber.
pub fn of_text(bytes: &[u8]) -> f64 {
    let bytes = &bytes[text::trimmed(bytes, true, true)];
    let radix = match bytes {
        [] => return 0.0,
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => {
            return match decimal_prefix(bytes) {
                Some((value, size)) if size == bytes.len() => value,
                _ => f64::NAN,
            };
        }
    };
    let digits = &bytes[2..];
    if digits.is_empty() || digits.iter().any(|digit| !char::from(*digit).is_digit(radix)) {
        return f64::NAN;
    }
    of_radix_digits(digits, radix)
}

/// `Number.parseFloat(text)`
pub fn parse_float(bytes: &[u8]) -> f64 {
    let bytes = &bytes[text::trimmed(bytes, true, false)];
    decimal_prefix(bytes).map_or(f64::NAN, |(value, _)| value)
}

/// `Number.parseInt(text, radix)`; `radix` is zero if none was given.
pub fn parse_int(bytes: &[u8], radix: i32) -> f64 {
    let mut rest = &bytes[text::trimmed(bytes, true, false)];
    let negative = rest.first() == Some(&b'-');
    if let Some(b'-' | b'+') = rest.first() {
        rest = &rest[1..];
    }
    let (mut base, may_be_hex) = match radix {
        0 => (10, true),
        2..=36 => (radix as u32, radix == 16),
        _ => return f64::NAN,
    };
    if let [b'0', b'x' | b'X', digits @ ..] = rest
        && may_be_hex
    {
        rest = digits;
        base = 16;
    }
    let count = rest.iter().take_while(|byte| char::from(**byte).is_digit(base)).count();
    if count == 0 {
        return f64::NAN;
    }
    let value = of_radix_digits(&rest[..count], base);
    if negative { -value } else { value }
}

fn of_radix_digits(digits: &[u8], radix: u32) -> f64 {
    let digit = |byte: &u8| char::from(*byte).to_digit(radix).unwrap_or(0);
    let mut small = 0u64;
    for (at, byte) in digits.iter().enumerate() {
        match small.checked_mul(u64::from(radix)).and_then(|value| value.checked_add(u64::from(digit(byte))))
        {
            Some(value) => small = value,
            None => return of_large(small, digits[at..].iter().map(digit), radix),
        }
    }
    small as f64
}

/// Goes on where 64 bits end: exact, and rounded once.
fn of_large(start: u64, digits: impl Iterator<Item = u32>, radix: u32) -> f64 {
    // Least significant first.
    let mut limbs = vec![start as u32, (start >> 32) as u32];
    for digit in digits {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            carry += u64::from(*limb) * u64::from(radix);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
        // 2¹⁰²⁴ is out of the range of doubles.
        if limbs.len() > 32 {
            return f64::INFINITY;
        }
    }
    let leading = limbs.last().map_or(0, |limb| limb.leading_zeros());
    let bit = |at: u32| limbs.get((at / 32) as usize).is_some_and(|limb| limb >> (at % 32) & 1 == 1);
    let bits = limbs.len() as u32 * 32 - leading;
    let dropped = bits - 64;
    let top = (0..64).rev().fold(0u64, |top, at| top << 1 | u64::from(bit(dropped + at)));
    // The lowest bit stands for all that is dropped, so that the conversion rounds as if it saw them.
    let sticky = (0..dropped).any(bit);
    ((top | u64::from(sticky)) as f64) * 2f64.powi(dropped as i32)
}

/// The longest start that is a decimal literal, and its size. Signs, `.5`, `5.` and `Infinity` are in.
fn decimal_prefix(bytes: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let unsigned = &bytes[sign..];
    if unsigned.starts_with(b"Infinity") {
        let value = if bytes[0] == b'-' { f64::NEG_INFINITY } else { f64::INFINITY };
        return Some((value, sign + 8));
    }
    let digits = |from: usize| unsigned[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut size = whole;
    let mut any = whole > 0;
    if unsigned.get(size) == Some(&b'.') {
        let fraction = digits(size + 1);
        any |= fraction > 0;
        if any {
            size += 1 + fraction;
        }
    }
    if !any {
        return None;
    }
    if let Some(b'e' | b'E') = unsigned.get(size) {
        let after = size + 1 + usize::from(matches!(unsigned.get(size + 1), Some(b'+' | b'-')));
        let exponent = if after <= unsigned.len() { digits(after) } else { 0 };
        if exponent > 0 {
            size = after + exponent;
        }
    }
    let text = std::str::from_utf8(&bytes[..sign + size]).ok()?;
    Some((text.parse().ok()?, sign + size))
}

// ---- conversions

/// ECMA-262 §7.1.5 ToIntegerOrInfinity: `NaN` becomes zero.
pub fn to_integer(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.trunc() + 0.0 }
}

/// ECMA-262 §7.1.6 ToInt32.
pub fn to_int32(value: f64) -> i32 {
    to_uint32(value) as i32
}

/// ECMA-262 §7.1.7 ToUint32.
pub fn to_uint32(value: f64) -> u32 {
    if !value.is_finite() {
        return 0;
    }
    value.trunc().rem_euclid(4_294_967_296.0) as u32
}

/// A position counted from the start, or from the end if negative, as `slice` takes it; within `0..=length`.
pub fn relative_index(value: f64, length: usize) -> usize {
    let integer = to_integer(value);
    if integer < 0.0 {
        (length as f64 + integer).max(0.0) as usize
    } else {
        integer.min(length as f64) as usize
    }
}

/// `**` and `Math.pow`: unlike IEEE 754, one to the power of anything not finite is `NaN`.
pub fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

/// `Math.round`: halves go up.
pub fn round(value: f64) -> f64 {
    let floor = value.floor();
    let rounded = if value - floor >= 0.5 { floor + 1.0 } else { floor };
    if rounded == 0.0 { rounded.copysign(value) } else { rounded }
}

/// `Math.max` of two; zero is above minus zero.
pub fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_positive() { a } else { b }
    } else {
        a.max(b)
    }
}

/// `Math.min` of two.
pub fn min(a: f64, b: f64) -> f64 {
    -max(-a, -b)
}
