//! Chance that is the same each time: a stream of numbers that follows from a name and an id.

/// A splitmix64 stream.
#[derive(Clone)]
pub struct Seed(u64);

impl Seed {
    /// The stream of `topic` for the thing called `id`.
    pub fn of(topic: &str, id: &str) -> Self {
        // FNV-1a spreads short ids well enough; splitmix does the rest.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in topic.bytes().chain([0]).chain(id.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(hash)
    }

    /// The stream of `topic` for the thing with this number.
    pub fn at(topic: &str, number: u32) -> Self {
        Self::of(topic, &number.to_string())
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `bound - 1`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.draw() % u64::from(bound.max(1))).unwrap_or(0)
    }

    /// From `from` to `to`, both included.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `words`; empty if there are none.
    pub fn pick<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words.get(self.below(words.len() as u32) as usize).copied().unwrap_or_default()
    }
}
