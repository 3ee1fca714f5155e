//! Where the quotes and brackets of JSON text are, as bit masks of 64 bytes each. Bit `i` is byte `i`.
//!
//! The one room of the engine with `unsafe`: calling a function that needs SSE2, which every x86_64 processor has.

/// How many blocks are classified at once.
pub(super) const BLOCKS: usize = 16;

/// What of one block has to be known for the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carry {
    /// Whether the next byte is escaped: 0 or 1.
    escaping: u64,
    /// Whether the next byte is in a string: all bits or none.
    inside: u64,
    /// Bits of what may not be there: control characters in strings, backslashes outside.
    pub flaws: u64,
}

/// What counts in one block. Aligned, so that the place of a block among others is a shift and no multiplication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct Block {
    /// Quotes that are not escaped.
    pub quotes: u64,
    pub backslashes: u64,
    /// `{`, `}`, `[`, `]` outside of strings; and `Y`, `_`, `y`, U+007F, which valid JSON does not have outside of
    /// strings: all the bytes that are 0x7f when the bits of 0x26 are set, so that one comparison finds them.
    pub brackets: u64,
}

/// Consecutive blocks.
pub(super) type Blocks = [Block; BLOCKS];

pub(super) const NOTHING: Blocks = [Block { quotes: 0, backslashes: 0, brackets: 0 }; BLOCKS];

/// What stands where in one block, whatever comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    quotes: u64,
    brackets: u64,
    /// Whether there is anything of [`Rare`].
    rare: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rare {
    backslashes: u64,
    /// Bytes below 0x20.
    controls: u64,
}

/// Classifies the next blocks, of which `text` are the bytes from their beginning on. A last block that is not whole
/// is filled up with spaces; blocks after it are empty.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "functions with target features are called")]
pub(super) fn classify(blocks: &mut Blocks, text: &[u8], carry: &mut Carry) {
    // Both functions take references to initialised memory and use them as any safe function does; all they ask is
    // that the processor has what they are compiled for.
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("pclmulqdq") {
        // SAFETY: the processor has just been found to have AVX2 and PCLMULQDQ.
        unsafe { avx2::classify(blocks, text, carry) }
    } else {
        // SAFETY: SSE2 is part of the x86_64 baseline: Rust has no x86_64 target with `std` that lacks it.
        unsafe { sse2::classify(blocks, text, carry) }
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn classify(blocks: &mut Blocks, text: &[u8], carry: &mut Carry) {
    portable::classify(blocks, text, carry);
}

/// The loop over the blocks, written out for each way of looking at one: what a closure or generic helper calls is
/// compiled without the caller's target features, and intrinsics in it would become calls.
macro_rules! classify_each {
    ($find:path, $rare:path, $prefix_xor:path, $blocks:ident, $text:ident, $carry:ident) => {
        let (whole, rest) = $text.as_chunks::<64>();
        // In registers while it lasts.
        let mut carry = *$carry;
        let mut places = $blocks.iter_mut();
        for bytes in whole {
            match places.next() {
                Some(place) => *place = classify_each!(one $find, $rare, $prefix_xor, bytes, carry),
                None => break,
            }
        }
        if let Some(place) = places.next() {
            let bytes = &padded(rest);
            *place = classify_each!(one $find, $rare, $prefix_xor, bytes, carry);
        }
        for place in places {
            *place = super::NOTHING[0];
        }
        *$carry = carry;
    };
    (one $find:path, $rare:path, $prefix_xor:path, $bytes:expr, $carry:ident) => {{
        let found = $find($bytes);
        // Most blocks of compact JSON have neither a backslash nor a byte below 0x20: written twice, so that nothing
        // is computed of what they have not.
        if found.rare {
            let rare = $rare($bytes);
            let quotes = found.quotes & !$carry.escaped(rare.backslashes);
            $carry.over(quotes, $prefix_xor(quotes), found.brackets, rare)
        } else {
            let quotes = found.quotes & !std::mem::take(&mut $carry.escaping);
            $carry.over(quotes, $prefix_xor(quotes), found.brackets, Rare { backslashes: 0, controls: 0 })
        }
    }};
}

fn padded(rest: &[u8]) -> [u8; 64] {
    let mut padded = [b' '; 64];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    padded
}

impl Carry {
    /// What counts of a block, given its unescaped quotes and [`prefix_xor`] of them.
    #[inline(always)]
    fn over(&mut self, quotes: u64, toggles: u64, brackets: u64, rare: Rare) -> Block {
        // From each opening quote up to before its closing quote.
        let inside = toggles ^ self.inside;
        self.inside = ((inside as i64) >> 63) as u64;
        self.flaws |= rare.controls & inside | rare.backslashes & !inside;
        Block { quotes, backslashes: rare.backslashes, brackets: brackets & !inside }
    }

    /// The bytes that a backslash stands before which is not itself escaped.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        if backslashes == 0 {
            return std::mem::take(&mut self.escaping);
        }
        // In a run of backslashes every other one escapes, beginning with the first. Runs that begin at an odd bit
        // are found by letting an addition carry through them.
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let active = backslashes & !self.escaping;
        let follows = active << 1 | self.escaping;
        let odd_starts = active & !EVEN & !follows;
        let (sums, overflow) = odd_starts.overflowing_add(active);
        self.escaping = u64::from(overflow);
        (EVEN ^ (sums << 1)) & follows
    }
}

/// Bit `i` is the exclusive or of bits `0..=i`.
#[inline(always)]
fn prefix_xor(bits: u64) -> u64 {
    let mut bits = bits;
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    use super::{Blocks, Carry, Found, Rare, padded, prefix_xor};

    #[target_feature(enable = "sse2")]
    pub(super) fn classify(blocks: &mut Blocks, text: &[u8], carry: &mut Carry) {
        classify_each!(find, rare, prefix_xor, blocks, text, carry);
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn find(block: &[u8; 64]) -> Found {
        let all = parts(block);
        let quote = _mm_set1_epi8(b'"' as i8);
        let bracket_bits = _mm_set1_epi8(0x26);
        let bracket = _mm_set1_epi8(0x7f);
        let quotes = all.map(|part| _mm_cmpeq_epi8(part, quote));
        let brackets = all.map(|part| _mm_cmpeq_epi8(_mm_or_si128(part, bracket_bits), bracket));
        let rare = rare_in(all);
        Found {
            quotes: bits(quotes),
            brackets: bits(brackets),
            rare: _mm_movemask_epi8(any(rare.0)) | _mm_movemask_epi8(any(rare.1)) != 0,
        }
    }

    #[target_feature(enable = "sse2")]
    #[inline(never)]
    fn rare(block: &[u8; 64]) -> Rare {
        let (backslashes, controls) = rare_in(parts(block));
        Rare { backslashes: bits(backslashes), controls: bits(controls) }
    }

    /// Backslashes, and bytes below 0x20.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn rare_in(parts: [__m128i; 4]) -> ([__m128i; 4], [__m128i; 4]) {
        let backslash = _mm_set1_epi8(b'\\' as i8);
        let control = _mm_set1_epi8(0x1f);
        (
            parts.map(|part| _mm_cmpeq_epi8(part, backslash)),
            parts.map(|part| _mm_cmpeq_epi8(_mm_min_epu8(part, control), part)),
        )
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn parts(block: &[u8; 64]) -> [__m128i; 4] {
        let (parts, _) = block.as_chunks::<16>();
        match parts.first_chunk::<4>() {
            Some([a, b, c, d]) => [load(*a), load(*b), load(*c), load(*d)],
            None => [_mm_set1_epi8(0); 4],
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
    fn any([a, b, c, d]: [__m128i; 4]) -> __m128i {
        _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn bits(parts: [__m128i; 4]) -> u64 {
        let [a, b, c, d] = parts.map(|part| u64::from(_mm_movemask_epi8(part) as u32));
        a | b << 16 | c << 32 | d << 48
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_m128i,
        _mm256_set1_epi8,
    };

    use super::{Blocks, Carry, Found, Rare, padded};

    #[target_feature(enable = "avx2,pclmulqdq")]
    pub(super) fn classify(blocks: &mut Blocks, text: &[u8], carry: &mut Carry) {
        classify_each!(find, rare, prefix_xor, blocks, text, carry);
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn find(block: &[u8; 64]) -> Found {
        let [a, b] = parts(block);
        let quote = _mm256_set1_epi8(b'"' as i8);
        let bracket_bits = _mm256_set1_epi8(0x26);
        let bracket = _mm256_set1_epi8(0x7f);
        let quotes = bits(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
        let brackets = bits(
            _mm256_cmpeq_epi8(_mm256_or_si256(a, bracket_bits), bracket),
            _mm256_cmpeq_epi8(_mm256_or_si256(b, bracket_bits), bracket),
        );
        let slashes = _mm256_or_si256(backslashes(a), backslashes(b));
        // The lower of two bytes is a control character if one of them is.
        let rare = _mm256_movemask_epi8(_mm256_or_si256(slashes, controls(_mm256_min_epu8(a, b)))) != 0;
        Found { quotes, brackets, rare }
    }

    #[target_feature(enable = "avx2")]
    #[inline(never)]
    fn rare(block: &[u8; 64]) -> Rare {
        let [a, b] = parts(block);
        Rare { backslashes: bits(backslashes(a), backslashes(b)), controls: bits(controls(a), controls(b)) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn backslashes(part: __m256i) -> __m256i {
        _mm256_cmpeq_epi8(part, _mm256_set1_epi8(b'\\' as i8))
    }

    /// Bytes below 0x20.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn controls(part: __m256i) -> __m256i {
        _mm256_cmpeq_epi8(_mm256_min_epu8(part, _mm256_set1_epi8(0x1f)), part)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn parts(block: &[u8; 64]) -> [__m256i; 2] {
        let (parts, _) = block.as_chunks::<32>();
        match parts.first_chunk::<2>() {
            Some([a, b]) => [load(a), load(b)],
            None => [_mm256_set1_epi8(0); 2],
        }
    }

    /// The compiler makes one unaligned 32-byte load of it.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(bytes: &[u8; 32]) -> __m256i {
        let (halves, _) = bytes.as_chunks::<16>();
        match halves.first_chunk::<2>() {
            Some([low, high]) => _mm256_set_m128i(half(*high), half(*low)),
            None => _mm256_set1_epi8(0),
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn half(bytes: [u8; 16]) -> __m128i {
        let both = u128::from_le_bytes(bytes);
        _mm_set_epi64x((both >> 64) as i64, both as i64)
    }

    /// [`super::prefix_xor`]: to multiply without carries by all ones is just that.
    #[target_feature(enable = "pclmulqdq")]
    #[inline]
    fn prefix_xor(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::{Blocks, Carry, Found, Rare, padded, prefix_xor};

    pub(super) fn classify(blocks: &mut Blocks, text: &[u8], carry: &mut Carry) {
        classify_each!(find, rare, prefix_xor, blocks, text, carry);
    }

    /// Eight bytes at a time in an ordinary register.
    fn find(block: &[u8; 64]) -> Found {
        let Rare { backslashes, controls } = rare(block);
        Found {
            quotes: each(block, |word| zeros(word ^ every(b'"'))),
            brackets: each(block, |word| zeros((word | every(0x26)) ^ every(0x7f))),
            rare: backslashes | controls != 0,
        }
    }

    fn rare(block: &[u8; 64]) -> Rare {
        Rare {
            backslashes: each(block, |word| zeros(word ^ every(b'\\'))),
            controls: each(block, |word| zeros(word & every(0xe0))),
        }
    }

    fn each(block: &[u8; 64], found: impl Fn(u64) -> u64) -> u64 {
        let (words, _) = block.as_chunks::<8>();
        (0..)
            .step_by(8)
            .zip(words)
            .fold(0, |bits, (shift, word)| bits | found(u64::from_le_bytes(*word)) << shift)
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

    /// Byte by byte, as JSON says it.
    fn plain(text: &[u8]) -> (Blocks, bool) {
        let (mut blocks, mut flawed) = (NOTHING, false);
        let (mut inside, mut escaped) = (false, false);
        for (at, byte) in text.iter().enumerate().take(BLOCKS * 64) {
            let (block, bit) = (&mut blocks[at / 64], 1u64 << (at % 64));
            if *byte == b'"' && !escaped {
                block.quotes |= bit;
                inside = !inside;
            } else if inside {
                flawed |= *byte < 0x20;
            } else {
                flawed |= *byte == b'\\';
                if b"{}[]Yy_\x7f".contains(byte) {
                    block.brackets |= bit;
                }
            }
            if *byte == b'\\' {
                block.backslashes |= bit;
            }
            escaped = *byte == b'\\' && !escaped;
        }
        (blocks, flawed)
    }

    type Classify = fn(&mut Blocks, &[u8], &mut Carry);

    fn agree(text: &[u8]) {
        let expected = plain(text);
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "a function with a target feature is called")]
        // SAFETY: SSE2 is part of the x86_64 baseline.
        let narrow: Classify = |blocks, text, carry| unsafe { sse2::classify(blocks, text, carry) };
        #[cfg(not(target_arch = "x86_64"))]
        let narrow: Classify = classify;
        for way in [classify, narrow, portable::classify] {
            let (mut blocks, mut carry) = (NOTHING, Carry::default());
            way(&mut blocks, text, &mut carry);
            assert_eq!((blocks, carry.flaws != 0), expected, "{text:?}");
        }
    }

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=255u8 {
            for place in 0..64 {
                let mut text = [b'a'; 70];
                text[place] = byte;
                agree(&text);
            }
        }
    }

    proptest! {
        #[test]
        fn all_ways_of_classifying_agree(
            text in prop::collection::vec(prop::sample::select(b"aaaa\"\\{}[]y_\x7f\n \xff\x00,:".to_vec()), 0..1100)
        ) {
            agree(&text);
        }
    }
}
