//! What stands where in 64 bytes of JSON text, as bit masks. Bit `i` is byte `i`.
//!
//! The one room of the engine with `unsafe`: calling a function that needs SSE2, which every x86_64 processor has.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    pub quotes: u64,
    pub backslashes: u64,
    /// `{`, `}`, `[`, `]`, and `Y`, `_`, `y`, U+007F, which valid JSON does not have outside of strings: all the
    /// bytes that are 0x7f when the bits of 0x26 are set, so that one comparison finds the brackets.
    pub brackets: u64,
    /// Bytes below 0x20.
    pub controls: u64,
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(unsafe_code, reason = "a function with a target feature is called")]
pub(super) fn classify(block: &[u8; 64]) -> Masks {
    // SAFETY: `sse2::classify` takes a reference and returns numbers; all it asks is that the processor has SSE2.
    // SSE2 is part of the x86_64 baseline: Rust has no x86_64 target with `std` that lacks it.
    unsafe { sse2::classify(block) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn classify(block: &[u8; 64]) -> Masks {
    portable::classify(block)
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    use super::Masks;

    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn classify(block: &[u8; 64]) -> Masks {
        let (parts, _) = block.as_chunks::<16>();
        let parts: &[[u8; 16]; 4] = match parts.first_chunk() {
            Some(parts) => parts,
            None => return Masks { quotes: 0, backslashes: 0, brackets: 0, controls: 0 },
        };
        let [a, b, c, d] = [load(parts[0]), load(parts[1]), load(parts[2]), load(parts[3])];
        let quote = _mm_set1_epi8(b'"' as i8);
        let backslash = _mm_set1_epi8(b'\\' as i8);
        let bracket_bits = _mm_set1_epi8(0x26);
        let bracket = _mm_set1_epi8(0x7f);
        let control = _mm_set1_epi8(0x1f);
        let [ka, kb, kc, kd] = [
            _mm_cmpeq_epi8(_mm_min_epu8(a, control), a),
            _mm_cmpeq_epi8(_mm_min_epu8(b, control), b),
            _mm_cmpeq_epi8(_mm_min_epu8(c, control), c),
            _mm_cmpeq_epi8(_mm_min_epu8(d, control), d),
        ];
        // Compact JSON has no byte below 0x20 at all.
        let any = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(ka, kb), _mm_or_si128(kc, kd)));
        Masks {
            quotes: bits(
                _mm_cmpeq_epi8(a, quote),
                _mm_cmpeq_epi8(b, quote),
                _mm_cmpeq_epi8(c, quote),
                _mm_cmpeq_epi8(d, quote),
            ),
            backslashes: bits(
                _mm_cmpeq_epi8(a, backslash),
                _mm_cmpeq_epi8(b, backslash),
                _mm_cmpeq_epi8(c, backslash),
                _mm_cmpeq_epi8(d, backslash),
            ),
            brackets: bits(
                _mm_cmpeq_epi8(_mm_or_si128(a, bracket_bits), bracket),
                _mm_cmpeq_epi8(_mm_or_si128(b, bracket_bits), bracket),
                _mm_cmpeq_epi8(_mm_or_si128(c, bracket_bits), bracket),
                _mm_cmpeq_epi8(_mm_or_si128(d, bracket_bits), bracket),
            ),
            controls: if any == 0 { 0 } else { bits(ka, kb, kc, kd) },
        }
    }

    /// The compiler makes one unaligned 16-byte load of it.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn load(bytes: [u8; 16]) -> __m128i {
        let both = u128::from_le_bytes(bytes);
        _mm_set_epi64x((both >> 64) as i64, both as i64)
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn bits(a: __m128i, b: __m128i, c: __m128i, d: __m128i) -> u64 {
        let part = |mask: i32| u64::from(mask as u32);
        part(_mm_movemask_epi8(a))
            | part(_mm_movemask_epi8(b)) << 16
            | part(_mm_movemask_epi8(c)) << 32
            | part(_mm_movemask_epi8(d)) << 48
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::Masks;

    /// Eight bytes at a time in an ordinary register.
    pub(super) fn classify(block: &[u8; 64]) -> Masks {
        let mut masks = Masks { quotes: 0, backslashes: 0, brackets: 0, controls: 0 };
        let (words, _) = block.as_chunks::<8>();
        for (i, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let shift = i * 8;
            masks.quotes |= zeros(word ^ every(b'"')) << shift;
            masks.backslashes |= zeros(word ^ every(b'\\')) << shift;
            masks.brackets |= zeros((word | every(0x26)) ^ every(0x7f)) << shift;
            masks.controls |= zeros(word & every(0xe0)) << shift;
        }
        masks
    }

    fn every(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }

    /// Bit `i` is set if byte `i` is zero.
    fn zeros(word: u64) -> u64 {
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        // The top bit of a byte is clear only if the byte is zero; no carry leaves a byte.
        let tops = !(((word & LOW) + LOW) | word | LOW);
        // Gathers the eight top bits into the highest byte.
        (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(block: &[u8; 64]) -> Masks {
        let mask = |fits: &dyn Fn(u8) -> bool| {
            (0..64).fold(0u64, |bits, i| if fits(block[i]) { bits | 1 << i } else { bits })
        };
        Masks {
            quotes: mask(&|byte| byte == b'"'),
            backslashes: mask(&|byte| byte == b'\\'),
            brackets: mask(&|byte| b"{}[]Yy_\x7f".contains(&byte)),
            controls: mask(&|byte| byte < 0x20),
        }
    }

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=255u8 {
            for place in 0..64 {
                let mut block = [b'a'; 64];
                block[place] = byte;
                assert_eq!(classify(&block), plain(&block), "{byte:#x} at {place}");
                assert_eq!(portable::classify(&block), plain(&block), "{byte:#x} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_of_classifying_agree(block in prop::array::uniform32(any::<[u8; 2]>())) {
            let mut bytes = [0; 64];
            bytes.copy_from_slice(block.as_flattened());
            prop_assert_eq!(classify(&bytes), plain(&bytes));
            prop_assert_eq!(portable::classify(&bytes), plain(&bytes));
        }
    }
}
