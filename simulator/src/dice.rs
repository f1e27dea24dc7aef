//! Random numbers from a seed: the same ones in each run.

/// A generator of random numbers, by Steele, Lea and Flood's `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Makes a generator. Each seed gives other numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    /// Returns an index below `length`.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.bits() % length as u64).unwrap_or(0)
    }

    /// Returns whether something happens that happens so many times in a million.
    pub fn chance(&mut self, in_a_million: u64) -> bool {
        self.bits() % 1_000_000 < in_a_million
    }

    /// Returns one of the values.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.index(values.len())]
    }

    /// Returns 32 random hexadecimal digits.
    pub fn id(&mut self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }
}
